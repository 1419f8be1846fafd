/**
 * What netlink told of sockets, found by their inodes: for tables whose files tell what
 * netlink does not, so that the rows are those of the file.
 *
 * @module
 */

import { Answer, type Asking } from "../contract/diag.ts";
import type { Answered } from "../contract/depth.ts";
import type { Long } from "../contract/family.ts";
import { ByInode } from "../contract/inodes.ts";
import { byteString, Line } from "../contract/line.ts";
import { Failure } from "../system/failures.ts";
import type { LineSource } from "../system/scan.ts";

/** So many bytes are kept at first. */
const FIRST = 1 << 16;

/** What it takes to find an answer again, in bytes. */
const PLACE = 128;

/** Asks for one socket; undefined if the kernel does not know it, or not any more. */
export type LookUp = (inode: Long) => Uint8Array | undefined;

/** Answers, one behind the other, each behind its length. */
export class Answers implements Answered {
  /** What messages call where they come from. */
  readonly path: string;
  /** Why there are fewer than there should be. */
  readonly failure: Failure | undefined;
  readonly #asking: Asking;
  readonly #lookUp: LookUp | undefined;
  readonly #keysOf: ((answer: Answer) => readonly string[]) | undefined;
  readonly #answer = new Answer();
  /** Where they are, by their inodes. */
  readonly #places = new ByInode<number>();
  /** Where they are, by their keys; of sockets without an inode, by their ends. */
  readonly #keyed = new Map<string, number>();
  #bytes = new Uint8Array(FIRST);
  #words = new DataView(this.#bytes.buffer);
  #end = 0;
  /** How many bytes may still be kept. */
  #room: number;

  /**
   * Keeps all that comes, of two of one inode the first, up to `most` bytes; asks for
   * what did not come. Where `keysOf` tells the keys of an answer, it is found by them.
   */
  constructor(
    lines: LineSource,
    asking: Asking,
    { lookUp, most = Infinity, keysOf }: {
      readonly lookUp?: LookUp | undefined;
      readonly most?: number;
      readonly keysOf?: ((answer: Answer) => readonly string[]) | undefined;
    } = {},
  ) {
    this.path = lines.path;
    this.#asking = asking;
    this.#lookUp = lookUp;
    this.#keysOf = keysOf;
    this.#room = most;
    const line = new Line();
    while (
      this.#room > 0 && lines.next(line)
    ) this.#add(line.bytes, line.start, line.end);
    lines.close();
    this.failure = this.#room > 0
      ? lines.failure
      : new Failure(lines.path, "ENOMEM", `Only ${most} bytes of it are kept`);
  }

  #add(bytes: Uint8Array, start: number, end: number): void {
    const inode = this.#keysOf === undefined
      ? word(bytes, start + this.#asking.inode!)
      : 0;
    if (inode !== 0) {
      if (this.#places.has(inode)) return;
      const place = this.#keep(bytes, start, end);
      if (place >= 0) this.#places.set(inode, place);
      return;
    }
    const keys = this.#keysIn(bytes, start, end)
      .filter((key) => !this.#keyed.has(key));
    if (keys.length === 0) return;
    const place = this.#keep(bytes, start, end);
    for (const key of keys) if (place >= 0) this.#keyed.set(key, place);
  }

  /** What an answer is found by that is found by no inode. */
  #keysIn(bytes: Uint8Array, start: number, end: number): readonly string[] {
    if (this.#keysOf === undefined) return this.#endsIn(bytes, start);
    this.#answer.set(bytes, start, end, this.#asking.answer);
    return this.#keysOf(this.#answer);
  }

  /** Keeps an answer. Returns where it is; negative if there is no room for it. */
  #keep(bytes: Uint8Array, start: number, end: number): number {
    const size = 4 + end - start;
    if ((this.#room -= size + PLACE) <= 0) return -1;
    if (this.#end + size > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#end + size);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#words = new DataView(larger.buffer);
    }
    const place = this.#end;
    this.#words.setUint32(place, end - start);
    // answers are short: a loop is faster than `set`
    const own = this.#bytes;
    let at = place + 4;
    for (let i = start; i < end; i++) own[at++] = bytes[i]!;
    this.#end += size;
    return place;
  }

  /** Both ends; nothing where answers do not tell them, and nothing tells them apart. */
  #endsIn(bytes: Uint8Array, start: number): readonly string[] {
    const { ends } = this.#asking;
    if (ends === undefined) return [];
    const from = start + ends.at;
    return [byteString(bytes, from, from + ends.bytes)];
  }

  /**
   * The answer of a socket, until the next one is asked for; of one without an inode, by
   * its ends.
   */
  find(inode: Long, ends?: () => string | undefined): Answer | undefined {
    if (inode === 0) {
      const key = ends?.();
      return key === undefined ? undefined : this.findBy([key]);
    }
    let place = this.#places.get(inode);
    if (place === undefined) {
      const bytes = this.#lookUp?.(inode);
      if (bytes === undefined) return undefined;
      this.#add(bytes, 0, bytes.length);
      place = this.#places.get(inode);
    }
    return place === undefined ? undefined : this.#at(place);
  }

  /** The answer that has the first of these keys that any has, likewise. */
  findBy(keys: readonly string[]): Answer | undefined {
    for (const key of keys) {
      const place = this.#keyed.get(key);
      if (place !== undefined) return this.#at(place);
    }
    return undefined;
  }

  #at(place: number): Answer {
    const start = place + 4;
    const end = start + this.#words.getUint32(place);
    this.#answer.set(this.#bytes, start, end, this.#asking.answer);
    return this.#answer;
  }

  /** All of them as they came, for whom they tell something else. */
  lines(): LineSource {
    const { path, failure } = this;
    let place = 0;
    return {
      path,
      messages: true,
      number: 0,
      failure,
      next: (line) => {
        if (place === this.#end) return false;
        const start = place + 4;
        place = start + this.#words.getUint32(place);
        line.set(this.#bytes, start, place);
        return true;
      },
      close() {},
    };
  }

  /** All of them as they came, each until the next one. */
  *all(): Generator<Answer> {
    for (let place = 0; place < this.#end;) {
      const next = place + 4 + this.#words.getUint32(place);
      yield this.#at(place);
      place = next;
    }
  }
}

/** A number of 32 bits in the machine's order. */
function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24) >>> 0;
}

/**
 * Lines that are kept from a file, to be read again: what was shown before it was
 * known who owns it, or what it is called, must be what is shown then.
 *
 * @module
 */

import { Failure } from "./failures.ts";
import { Line } from "../contract/line.ts";
import type { LineSource } from "./scan.ts";

/** The length and the number of each line stand in front of it, 4 bytes each. */
const HEAD = 8;

/** The first chunk has this many bytes, each later one twice those of the one before. */
const CHUNK = 1 << 13;
const CHUNK_MOST = 1 << 24;

/**
 * So many bytes are kept of all tables together, 512 MiB: three million sockets, each
 * of which takes the kernel more memory than that. A saved tree may have any tables.
 */
export const KEPT_MOST: number = 1 << 29;

/** So much is kept of a table even if others have taken all: 50,000 sockets. */
export const KEPT_LEAST: number = 1 << 23;

/** A loop copies so many bytes sooner than `set`. */
const SHORT = 100;

/** Lines that stand one after the other, each behind its head. */
interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  end: number;
}

/** Copies of lines, one after the other. */
export class Arena {
  /** The failure that ended the reading of the file early, if one did. */
  failure: Failure | undefined;
  readonly #from: Pick<LineSource, "path" | "messages">;
  readonly #chunks: Chunk[] = [{ bytes: new Uint8Array(CHUNK), end: 0 }];
  /** How many bytes may still be kept. */
  #room: number;

  /** Nothing yet of these lines, of which at most `room` bytes are kept. */
  constructor(from: Pick<LineSource, "path" | "messages">, room = KEPT_MOST) {
    this.#from = from;
    this.#room = room;
  }

  /** All lines of a file. */
  static of(lines: LineSource, room = KEPT_MOST): Arena {
    const arena = new Arena(lines, room);
    const line = new Line();
    while (lines.next(line) && arena.add(line, lines.number));
    arena.failure ??= lines.failure;
    return arena;
  }

  /** How many bytes may still be kept. */
  get room(): number {
    return this.#room;
  }

  /**
   * Keeps a line with its number. Returns false if there is no room for it; the
   * reading has then failed.
   */
  add(line: Line, number: number): boolean {
    const length = line.end - line.start;
    const size = HEAD + length;
    if ((this.#room -= size) < 0) return this.#fail(TOO_MUCH);
    let chunk = this.#chunks.at(-1)!;
    if (chunk.end + size > chunk.bytes.length) {
      const more = Math.min(2 * chunk.bytes.length, CHUNK_MOST);
      try {
        chunk = { bytes: new Uint8Array(Math.max(more, size)), end: 0 };
      } catch {
        return this.#fail("Cannot allocate memory");
      }
      this.#chunks.push(chunk);
    }
    const { bytes, end } = chunk;
    put(bytes, end, length);
    put(bytes, end + 4, number);
    const from = line.bytes;
    const start = end + HEAD;
    if (length > SHORT) bytes.set(from.subarray(line.start, line.end), start);
    else {
      for (let i = 0; i < length; i++) bytes[start + i] = from[line.start + i]!;
    }
    chunk.end = start + length;
    return true;
  }

  #fail(reason: string): false {
    this.#room = 0;
    this.failure = new Failure(this.#from.path, "ENOMEM", reason);
    return false;
  }

  /**
   * Gives the memory back at once: no line may be looked at any more. What is kept time
   * and again would else be there several times until it is collected.
   */
  release(): void {
    for (const { bytes } of this.#chunks.splice(0)) bytes.buffer.transfer(0);
  }

  /** The lines that were kept, from the first one on. */
  lines(): LineSource {
    const chunks = this.#chunks.values();
    let chunk = chunks.next().value!;
    let at = 0;
    let number = 0;
    return {
      path: this.#from.path,
      messages: this.#from.messages ?? false,
      failure: this.failure,
      get number() {
        return number;
      },
      next(line) {
        if (at === chunk.end) {
          const next = chunks.next();
          if (next.done) return false;
          chunk = next.value;
          at = 0;
        }
        const { bytes } = chunk;
        const start = at + HEAD;
        number = get(bytes, at + 4);
        at = start + get(bytes, at);
        line.set(bytes, start, at);
        return true;
      },
      close() {},
    };
  }
}

/** Why a table is not kept further. */
const TOO_MUCH = `The rest is left out, since names and owners are found for ${
  KEPT_MOST >> 20
} MiB of all tables at most`;

function put(bytes: Uint8Array, at: number, number: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = number >>> 8 * i;
}

function get(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24;
}

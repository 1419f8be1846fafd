/**
 * Sockets that a file of the kernel's has twice: it is read piece by piece, and others
 * that come and go between two pieces move those that stay.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";

/** So many sockets, and up to twice as many, are remembered; none moves further. */
const REMEMBERED: number = 1 << 16;

/**
 * So many of those that the kernel dumps over netlink: only sockets that are about to be
 * told, in one place of its table, move those that were. A small memory is a quick one.
 */
const REMEMBERED_OF_DUMP: number = 1 << 12;

/** 2^32 by the golden ratio: products of numbers that follow each other lie far apart. */
const GOLDEN = 0x9e37_79b1;

/** What the sockets of a file, or of a dump, are remembered in, once it is needed. */
let ofFile: Repeats | undefined;
let ofDump: Repeats | undefined;

/**
 * Remembers the sockets of a file, or of a dump, of which one is read at a time: with
 * `--watch` the memory is the same each time, and need not be collected.
 */
export function repeatsOf({ isDump }: { readonly isDump: boolean }): Repeats {
  const repeats = isDump
    ? ofDump ??= new Repeats(REMEMBERED_OF_DUMP)
    : ofFile ??= new Repeats();
  repeats.clear();
  return repeats;
}

/** The sockets of a file that were shown lately. */
export class Repeats {
  #latest = new Sockets();
  /** Those before them, once there are any, and where the next ones will be. */
  #before: Sockets | undefined;
  #other = new Sockets();
  readonly #most: number;

  /** Remembers so many at least. */
  constructor(most = REMEMBERED) {
    this.#most = most;
  }

  /** Forgets all of them, for the next file. */
  clear(): void {
    this.#latest.clear();
    this.#before = undefined;
  }

  /** Whether the socket was there before; those without an inode are not told apart. */
  seen(inode: Long, ends: number): boolean {
    if (inode === 0) return false;
    // no kernel counts further than a double does
    const number = Number(inode);
    const known = this.#latest.put(number, ends);
    const isRepeated = (known ?? this.#before?.endsOf(number)) === ends;
    if (this.#latest.size === this.#most) {
      this.#before = this.#latest;
      this.#latest = this.#other;
      this.#other = this.#before;
      this.#latest.clear();
    }
    return isRepeated;
  }
}

/** So many numbers there is room for at first: most machines have few sockets. */
const ROOM = 1 << 10;

/** What the ends of sockets come to, by inodes: a map of which nothing is collected. */
class Sockets {
  /** How many there are. */
  size = 0;
  /** An inode and its ends, side by side, at a place that a hash tells; 0 is no inode. */
  #places = new Float64Array(ROOM);

  endsOf(inode: number): number | undefined {
    const at = this.#find(inode);
    return this.#places[at] === 0 ? undefined : this.#places[at + 1];
  }

  /** Remembers an inode with these ends. Returns those that it had; undefined if none. */
  put(inode: number, ends: number): number | undefined {
    const at = this.#find(inode);
    const places = this.#places;
    const known = places[at] === 0 ? undefined : places[at + 1];
    places[at] = inode;
    places[at + 1] = ends;
    // half of the places stay free, so that a free one is near
    if (known === undefined && 4 * ++this.size > places.length) this.#grow();
    return known;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Float64Array(2 * old.length);
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      const at = this.#find(old[i]!);
      this.#places[at] = old[i]!;
      this.#places[at + 1] = old[i + 1]!;
    }
  }

  clear(): void {
    this.#places.fill(0);
    this.size = 0;
  }

  /** Where the inode is, or would be. */
  #find(inode: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    // inodes follow each other; their places, which would be in each other's way, do not
    let at = 2 * (Math.imul(inode, GOLDEN) >>> 8) & mask;
    while (places[at] !== 0 && places[at] !== inode) at = at + 2 & mask;
    return at;
  }
}

/**
 * Sockets that a file of the kernel's has twice: it is read piece by piece, and others
 * that come and go between two pieces move those that stay.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";

/** So many sockets, and up to twice as many, are remembered; none moves further. */
export const REMEMBERED: number = 1 << 16;

/**
 * So many of those that the kernel dumps over netlink: only sockets that are about to be
 * told, in one place of its table, move those that were. A small memory is a quick one.
 */
export const REMEMBERED_OF_DUMP: number = 1 << 12;

/** 2^32 by the golden ratio: products of numbers that follow each other lie far apart. */
const GOLDEN = 0x9e37_79b1;

/** The sockets of a file that were shown lately. */
export class Repeats {
  #latest: Sockets;
  #before: Sockets | undefined;
  readonly #most: number;

  /** Remembers so many at least. */
  constructor(most = REMEMBERED) {
    this.#most = most;
    this.#latest = new Sockets(most);
  }

  /** Whether the socket was there before; those without an inode are not told apart. */
  seen(inode: Long, ends: number): boolean {
    if (inode === 0) return false;
    // no kernel counts further than a double does
    const number = Number(inode);
    const known = this.#latest.endsOf(number) ?? this.#before?.endsOf(number);
    if (known === ends) return true;
    this.#latest.set(number, ends);
    if (this.#latest.size === this.#most) {
      const oldest = this.#before ?? new Sockets(this.#most);
      oldest.clear();
      this.#before = this.#latest;
      this.#latest = oldest;
    }
    return false;
  }
}

/** What the ends of sockets come to, by inodes: a map of which nothing is collected. */
class Sockets {
  /** How many there are. */
  size = 0;
  /** An inode and its ends, side by side, at a place that a hash tells; 0 is no inode. */
  readonly #places: Float64Array;

  /** Has room for so many, a power of two. */
  constructor(most: number) {
    // half of the places stay free, so that a free one is near
    this.#places = new Float64Array(2 * 2 * most);
  }

  endsOf(inode: number): number | undefined {
    const at = this.#find(inode);
    return this.#places[at] === 0 ? undefined : this.#places[at + 1];
  }

  set(inode: number, ends: number): void {
    const at = this.#find(inode);
    if (this.#places[at] === 0) this.size++;
    this.#places[at] = inode;
    this.#places[at + 1] = ends;
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

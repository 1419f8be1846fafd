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

/** The sockets of a file that were shown lately. */
export class Repeats {
  #latest = new Map<Long, number>();
  #before: ReadonlyMap<Long, number> = new Map();
  readonly #most: number;

  /** Remembers so many at least. */
  constructor(most = REMEMBERED) {
    this.#most = most;
  }

  /** Whether the socket was there before; those without an inode are not told apart. */
  seen(inode: Long, ends: number): boolean {
    if (inode === 0) return false;
    const known = this.#latest.get(inode) ?? this.#before.get(inode);
    if (known === ends) return true;
    this.#latest.set(inode, ends);
    if (this.#latest.size === this.#most) {
      this.#before = this.#latest;
      this.#latest = new Map();
    }
    return false;
  }
}

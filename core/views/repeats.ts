/**
 * Sockets that a file of the kernel's has twice: it is read piece by piece, and others
 * that come and go between two pieces move those that stay.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";

/** So many sockets, and up to twice as many, are remembered; none moves further. */
const REMEMBERED = 1 << 16;

/** The sockets of a file that were shown lately. */
export class Repeats {
  #latest = new Map<Long, number>();
  #before: ReadonlyMap<Long, number> = new Map();

  /** Whether the socket was there before; those without an inode are not told apart. */
  seen(inode: Long, ends: number): boolean {
    if (inode === 0) return false;
    const known = this.#latest.get(inode) ?? this.#before.get(inode);
    if (known === ends) return true;
    this.#latest.set(inode, ends);
    if (this.#latest.size === REMEMBERED) {
      this.#before = this.#latest;
      this.#latest = new Map();
    }
    return false;
  }
}

/**
 * Sockets that a file of the kernel's has twice: it is read piece by piece, and others
 * that come and go between two pieces move those that stay.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import { NumberMap } from "../contract/number_map.ts";

/** So many sockets, and up to twice as many, are remembered; none moves further. */
const REMEMBERED: number = 1 << 16;

/**
 * So many of those that the kernel dumps over netlink: only sockets that are about to be
 * told, in one place of its table, move those that were. A small memory is a quick one.
 */
const REMEMBERED_OF_DUMP: number = 1 << 12;

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

/** The sockets of a file that were shown lately: what their ends come to, by inodes. */
export class Repeats {
  #latest = new NumberMap();
  /** Those before them, once there are any, and where the next ones will be. */
  #before: NumberMap | undefined;
  #other = new NumberMap();
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
    const known = this.#latest.get(number) ?? this.#before?.get(number);
    if (known === ends) return true;
    this.#latest.set(number, ends);
    if (this.#latest.size === this.#most) {
      this.#before = this.#latest;
      this.#latest = this.#other;
      this.#other = this.#before;
      this.#latest.clear();
    }
    return false;
  }
}

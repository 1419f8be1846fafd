/**
 * What rows are known by: keys of bytes, each with a number. To look for one makes
 * nothing that would have to be collected.
 *
 * @module
 */

import { Integers, newBytes, NoRoom, release } from "./memory.ts";

/** In front of a key stands its length, in so many bytes. */
const HEAD = 4;

/** Keys are kept in blocks of this size, or of one for a longer key. */
const BLOCK_BITS = 16;
const BLOCK = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK - 1;

/** The number of a block stands above these bits of a place. */
const BLOCKS_MOST = 1 << 32 - BLOCK_BITS;

/** That nothing is kept for a key. */
export const NOTHING: number = -1;

/** Keys, each with a number from 0, and with a number that is kept for it. */
export class Keys {
  /** What is kept for each key, of 32 bits. */
  readonly kept: Integers = new Integers();
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  /** The last block, and where there is room in it. */
  #block: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #end = 0;
  /** Where each key is, and what its bytes come to. */
  readonly #places = new Integers();
  readonly #hashes = new Integers();
  /** The number of a key, plus 1, at a place that its hash tells; 0 where there is none. */
  #table = new Int32Array(1 << 10);

  /** The number of the key that these bytes are up to `length`, which is added if need be. */
  find(bytes: Uint8Array, length: number): number {
    return this.#find(bytes, 0, length);
  }

  #find(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const mask = this.#table.length - 1;
    let at = hash & mask;
    for (let found = this.#table[at]!; found !== 0; found = this.#table[at]!) {
      if (
        this.#hashes.at(found - 1) === hash &&
        this.#is(found - 1, bytes, from, to)
      ) {
        return found - 1;
      }
      at = at + 1 & mask;
    }
    return this.#add(bytes, from, to, hash, at);
  }

  #is(number: number, bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    const place = this.#places.at(number);
    const own = this.#blocks[place >>> BLOCK_BITS]!;
    const at = place & IN_BLOCK;
    for (let i = 0; i < HEAD; i++) {
      if (own[at + i] !== (length >>> 8 * i & 255)) return false;
    }
    for (let i = 0; i < length; i++) {
      if (own[at + HEAD + i] !== bytes[from + i]) return false;
    }
    return true;
  }

  #add(
    bytes: Uint8Array,
    from: number,
    to: number,
    hash: number,
    at: number,
  ): number {
    const length = to - from;
    const size = HEAD + length;
    if (this.#end + size > this.#block.length) {
      if (this.#blocks.length === BLOCKS_MOST) throw new NoRoom();
      this.#block = newBytes(Math.max(BLOCK, size));
      this.#blocks.push(this.#block);
      this.#end = 0;
    }
    const own = this.#block;
    const start = this.#end;
    for (let i = 0; i < HEAD; i++) own[start + i] = length >>> 8 * i;
    for (let i = 0; i < length; i++) own[start + HEAD + i] = bytes[from + i]!;
    this.#end = start + size;
    this.#places.push(this.#blocks.length - 1 << BLOCK_BITS | start);
    this.#hashes.push(hash);
    const number = this.kept.length;
    this.kept.push(NOTHING);
    this.#table[at] = number + 1;
    if (2 * this.kept.length > this.#table.length) this.#grow();
    return number;
  }

  #grow(): void {
    const table = new Int32Array(2 * this.#table.length);
    const mask = table.length - 1;
    const hashes = this.#hashes;
    for (let number = 0; number < hashes.length; number++) {
      let at = hashes.at(number) & mask;
      while (table[at] !== 0) at = at + 1 & mask;
      table[at] = number + 1;
    }
    release(this.#table);
    this.#table = table;
  }

  /**
   * Moves the keys that are `wanted` into another table, with what is kept for them, and
   * gives their memory back meanwhile. Returns that table, and the numbers that keys have
   * there by those that they had.
   */
  moved(
    isWanted: (number: number) => boolean,
  ): { readonly keys: Keys; readonly numbers: Integers } {
    const keys = new Keys();
    const numbers = new Integers();
    let released = 0;
    for (let number = 0; number < this.kept.length; number++) {
      if (!isWanted(number)) {
        numbers.push(NOTHING);
        continue;
      }
      const place = this.#places.at(number);
      const block = place >>> BLOCK_BITS;
      for (; released < block; released++) release(this.#blocks[released]!);
      const own = this.#blocks[block]!;
      const at = place & IN_BLOCK;
      let length = 0;
      for (let i = HEAD - 1; i >= 0; i--) length = length * 256 + own[at + i]!;
      const start = at + HEAD;
      const anew = keys.#find(own, start, start + length);
      numbers.push(anew);
      keys.kept.set(anew, this.kept.at(number));
    }
    for (const block of this.#blocks.slice(released)) release(block);
    for (const all of [this.#places, this.#hashes, this.kept]) all.release();
    release(this.#table);
    return { keys, numbers };
  }
}

/** FNV-1a, of 32 bits, with its upper bits mixed into the lower ones. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  }
  return hash ^ hash >>> 15;
}

/**
 * What rows are known by: keys of bytes, each with a number. To look for one makes
 * nothing that would have to be collected.
 *
 * @module
 */

import { newBytes } from "./memory.ts";

/** In front of a key stands its length, in so many bytes. */
const HEAD = 4;

/** Keys, each with a number from 0, and with what is kept for it. */
export class Keys<Kept> {
  /** What is kept for each key. */
  readonly kept: (Kept | undefined)[] = [];
  #bytes: Uint8Array = new Uint8Array(1 << 12);
  #end = 0;
  /** Where each key is, and what its bytes come to. */
  readonly #places: number[] = [];
  readonly #hashes: number[] = [];
  /** The number of a key, plus 1, at a place that its hash tells; 0 where there is none. */
  #table = new Int32Array(1 << 10);

  /** The number of the key that these bytes are up to `length`, which is added if need be. */
  find(bytes: Uint8Array, length: number): number {
    const hash = hashOf(bytes, length);
    const mask = this.#table.length - 1;
    let at = hash & mask;
    for (let found = this.#table[at]!; found !== 0; found = this.#table[at]!) {
      if (
        this.#hashes[found - 1] === hash && this.#is(found - 1, bytes, length)
      ) {
        return found - 1;
      }
      at = at + 1 & mask;
    }
    return this.#add(bytes, length, hash, at);
  }

  #is(number: number, bytes: Uint8Array, length: number): boolean {
    const own = this.#bytes;
    const place = this.#places[number]!;
    for (let i = 0; i < HEAD; i++) {
      if (own[place + i] !== (length >>> 8 * i & 255)) return false;
    }
    for (let i = 0; i < length; i++) {
      if (own[place + HEAD + i] !== bytes[i]) return false;
    }
    return true;
  }

  #add(
    bytes: Uint8Array,
    length: number,
    hash: number,
    at: number,
  ): number {
    const end = this.#end + HEAD + length;
    if (end > this.#bytes.length) {
      const larger = newBytes(2 * end);
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
    }
    const own = this.#bytes;
    const place = this.#end;
    for (let i = 0; i < HEAD; i++) own[place + i] = length >>> 8 * i;
    for (let i = 0; i < length; i++) own[place + HEAD + i] = bytes[i]!;
    this.#end = end;
    this.#places.push(place);
    this.#hashes.push(hash);
    const number = this.kept.push(undefined) - 1;
    this.#table[at] = number + 1;
    if (2 * this.kept.length > this.#table.length) this.#grow();
    return number;
  }

  #grow(): void {
    const table = new Int32Array(2 * this.#table.length);
    const mask = table.length - 1;
    for (const [number, hash] of this.#hashes.entries()) {
      let at = hash & mask;
      while (table[at] !== 0) at = at + 1 & mask;
      table[at] = number + 1;
    }
    this.#table = table;
  }

  /** Adds a key of another table. Returns its number. */
  copy(from: Keys<Kept>, number: number): number {
    const place = from.#places[number]!;
    const own = from.#bytes;
    let length = 0;
    for (let i = HEAD - 1; i >= 0; i--) length = length * 256 + own[place + i]!;
    const start = place + HEAD;
    return this.find(own.subarray(start, start + length), length);
  }
}

/** FNV-1a, of 32 bits, with its upper bits mixed into the lower ones. */
function hashOf(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  }
  return hash ^ hash >>> 15;
}

/**
 * What is known of sockets, by their inodes. Sockets that were made one after the other
 * have inodes one after the other, and their places here are so, too: a `Map` scatters
 * them, so that each look into one of 20,000 waits for memory.
 *
 * ```ts
 * const names = new ByInode<string>();
 * names.set(4711, "/run/socket");
 * names.get(4711); // "/run/socket"
 * ```
 *
 * @module
 */

import type { Long } from "./family.ts";

/** So many places there are at first, and four times as many each time, up to those. */
const FIRST = 1 << 11;
const QUICKLY = 1 << 15;

/** Where so many places are taken by others, a `Map` takes what is left. */
const TRIES = 32;

/**
 * Inodes that are alike but for so many of their last bits are a block: where one of them
 * must move on, all that stand in its way are passed by at once.
 */
const BLOCK_BITS = 16;

/** Spreads blocks: 2^32 by the golden ratio. */
const GOLDEN = 0x9e37_79b1;

/** What can be read of them, as of a `Map`: each with its value, in any order. */
export type KnownByInode<Value> =
  & Pick<ReadonlyMap<Long, Value>, "size" | "get" | "has">
  & Iterable<[Long, Value]>;

/** Values by inode; a value is anything but undefined. */
export class ByInode<Value> implements KnownByInode<Value> {
  #inodes = new Float64Array(FIRST);
  /** The value of each; undefined where a place is free. */
  #values: (Value | undefined)[] = new Array(FIRST).fill(undefined);
  /** How many of the places are taken. */
  #taken = 0;
  /** What has no place: inodes that no number is, or for which many stand in the way. */
  readonly #others = new Map<Long, Value>();

  /** How many there are. */
  get size(): number {
    return this.#taken + this.#others.size;
  }

  /** The value of an inode; undefined without one. */
  get(inode: Long): Value | undefined {
    if (typeof inode !== "number") return this.#others.get(inode);
    const inodes = this.#inodes;
    const values = this.#values;
    const mask = inodes.length - 1;
    let at = inode & mask;
    for (let tries = 0; tries < TRIES; tries++) {
      const value = values[at];
      if (value === undefined || inodes[at] === inode) return value;
      at = at + stepOf(inode) & mask;
    }
    return this.#others.get(inode);
  }

  /** Whether it has one. */
  has(inode: Long): boolean {
    return this.get(inode) !== undefined;
  }

  /** Gives an inode a value. Returns whether it had none. */
  set(inode: Long, value: Value): boolean {
    if (typeof inode === "number") {
      const inodes = this.#inodes;
      const values = this.#values;
      const mask = inodes.length - 1;
      let at = inode & mask;
      for (let tries = 0; tries < TRIES; tries++) {
        const isFree = values[at] === undefined;
        if (isFree || inodes[at] === inode) {
          inodes[at] = inode;
          values[at] = value;
          if (isFree && 4 * ++this.#taken > 3 * mask) this.#grow();
          return isFree;
        }
        at = at + stepOf(inode) & mask;
      }
    }
    const others = this.#others;
    const { size } = others;
    return others.set(inode, value).size > size;
  }

  /** Makes more places, where some of the others have room, too. */
  #grow(): void {
    const [inodes, values] = [this.#inodes, this.#values];
    const { length } = inodes;
    const more = length < QUICKLY ? 4 * length : 2 * length;
    this.#inodes = new Float64Array(more);
    this.#values = new Array(more).fill(undefined);
    this.#taken = 0;
    const others = [...this.#others];
    this.#others.clear();
    for (let at = 0; at < length; at++) {
      const value = values[at];
      if (value !== undefined) this.set(inodes[at]!, value);
    }
    for (const [inode, value] of others) this.set(inode, value);
  }

  /** All inodes and their values, in any order. */
  *[Symbol.iterator](): Generator<[Long, Value]> {
    const [inodes, values] = [this.#inodes, this.#values];
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (value !== undefined) yield [inodes[at]!, value];
    }
    yield* this.#others;
  }
}

/** How far it is to the next place that an inode may have: alike for all of a block. */
function stepOf(inode: number): number {
  return Math.imul(inode >>> BLOCK_BITS, GOLDEN) | 1;
}

/**
 * Memory that there may be none of: a saved tree can have any number of rows.
 *
 * @module
 */

/** There is no memory for more. */
export class NoRoom extends Error {}

/** So many bytes, all 0. Throws {@linkcode NoRoom}. */
export function newBytes(length: number): Uint8Array<ArrayBuffer> {
  // what takes a function that allocates would cost each caller an object a row
  try {
    return new Uint8Array(length);
  } catch {
    throw new NoRoom();
  }
}

/** So many numbers of 32 bits, all 0. Throws {@linkcode NoRoom}. */
export function newWords(length: number): Uint32Array<ArrayBuffer> {
  try {
    return new Uint32Array(length);
  } catch {
    throw new NoRoom();
  }
}

/** So many numbers, all 0. Throws {@linkcode NoRoom}. */
export function newFloats(length: number): Float64Array<ArrayBuffer> {
  try {
    return new Float64Array(length);
  } catch {
    throw new NoRoom();
  }
}

/**
 * Gives memory back at once: what is in it is gone. Whoever makes much anew, time and
 * again, would else have it several times over until it is collected.
 */
export function release(
  { buffer }: { readonly buffer: ArrayBuffer },
): void {
  buffer.transfer(0);
}

/** A chunk has so many numbers. */
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;
const IN_CHUNK = CHUNK - 1;

/**
 * Whole numbers of 32 bits, one behind the other. There can be many: they take half of
 * what an array takes, and when they become more, nothing is copied and left behind.
 */
export class Integers {
  /** How many there are. */
  length = 0;
  readonly #chunks: Int32Array<ArrayBuffer>[] = [];

  /** The number at a place below `length`. */
  at(i: number): number {
    return this.#chunks[i >> CHUNK_BITS]![i & IN_CHUNK]!;
  }

  /** Puts another number at a place below `length`. */
  set(i: number, value: number): void {
    this.#chunks[i >> CHUNK_BITS]![i & IN_CHUNK] = value;
  }

  /** Adds a number. Throws {@linkcode NoRoom}. */
  push(value: number): void {
    const i = this.length;
    if ((i & IN_CHUNK) === 0) {
      this.#chunks[i >> CHUNK_BITS] = new Int32Array(newWords(CHUNK).buffer);
    }
    this.length++;
    this.set(i, value);
  }

  /**
   * What is there of some places, in ascending order. All memory is given back meanwhile;
   * see {@linkcode release}.
   */
  some(places: readonly number[]): Integers {
    const some = new Integers();
    let released = 0;
    for (const i of places) {
      some.push(this.at(i));
      for (; released < i >> CHUNK_BITS; released++) {
        release(this.#chunks[released]!);
      }
    }
    for (; released < this.#chunks.length; released++) {
      release(this.#chunks[released]!);
    }
    return some;
  }
}

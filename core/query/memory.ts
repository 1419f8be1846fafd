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
  /** So many chunks are given back. */
  #released = 0;

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

  /** What is there of some places, in ascending order. The memory is given back. */
  some(places: Integers): Integers {
    const some = new Integers();
    for (let n = 0; n < places.length; n++) {
      const i = places.at(n);
      some.push(this.at(i));
      this.#release(i >> CHUNK_BITS);
    }
    this.release();
    return some;
  }

  /** Gives the memory back, and has no numbers any more; see {@linkcode release}. */
  release(): void {
    this.#release(this.#chunks.length);
    this.#chunks.length = this.#released = this.length = 0;
  }

  /** Gives so many chunks back. */
  #release(count: number): void {
    for (; this.#released < count; this.#released++) {
      release(this.#chunks[this.#released]!);
    }
  }

  /** All of them. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

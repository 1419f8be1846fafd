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

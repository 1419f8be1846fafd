/**
 * Sorts rows by numbers, byte by byte of what a double is made of: in a time that grows
 * as the number of rows does, where a comparison of two rows at a time takes several
 * times as long.
 *
 * @module
 */

import { newWords } from "./memory.ts";

/** Bytes of a double. */
const BYTES = 8;

/** A byte has so many values. */
const VALUES = 256;

const SIGN = 0x8000_0000;

/**
 * Some rows in the order of their ranks, ascending; those of the same rank stay in the
 * order that they have. The ranks are by the numbers of rows, and none is NaN or -0.
 * Throws `NoRoom`; the rows are as they were, then.
 */
export function byRank(
  rows: Uint32Array<ArrayBuffer>,
  ranks: Float64Array<ArrayBuffer>,
): Uint32Array<ArrayBuffer> {
  const bytes = sortable(ranks);
  const counts = new Uint32Array(BYTES * VALUES);
  for (const row of rows) {
    for (let byte = 0; byte < BYTES; byte++) {
      counts[VALUES * byte + bytes[BYTES * row + byte]!]!++;
    }
  }
  let from = rows;
  let to = newWords(rows.length);
  for (let byte = 0; byte < BYTES; byte++) {
    const count = counts.subarray(VALUES * byte, VALUES * (byte + 1));
    // all of them have the same byte here
    if (count.includes(rows.length)) continue;
    distribute(from, to, byte, { bytes, count });
    [from, to] = [to, from];
  }
  return from;
}

/** Puts rows in the order of one byte of each. */
function distribute(
  from: Uint32Array,
  to: Uint32Array,
  byte: number,
  { bytes, count }: { bytes: Uint8Array; count: Uint32Array },
): void {
  const places = new Uint32Array(VALUES);
  for (let value = 1; value < VALUES; value++) {
    places[value] = places[value - 1]! + count[value - 1]!;
  }
  for (let i = 0; i < from.length; i++) {
    const row = from[i]!;
    to[places[bytes[BYTES * row + byte]!]!++] = row;
  }
}

/**
 * Numbers as bytes, the least one first, that are in order where the numbers are: of
 * negative ones all bits are turned over, of others the sign.
 */
function sortable(ranks: Float64Array<ArrayBuffer>): Uint8Array {
  const words = newWords(2 * ranks.length);
  words.set(new Uint32Array(ranks.buffer, ranks.byteOffset, words.length));
  for (let i = 1; i < words.length; i += 2) {
    if (words[i]! >= SIGN) {
      words[i] = ~words[i]!;
      words[i - 1] = ~words[i - 1]!;
    } else {
      words[i] = words[i]! | SIGN;
    }
  }
  return new Uint8Array(words.buffer);
}

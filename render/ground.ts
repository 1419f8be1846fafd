/**
 * Rows of many columns, of which most have nothing to say or a short number: such a row
 * is put down at once as it is without any value, padded, and values are written over it.
 * To write a hundred cells and pad each of them takes several times as long.
 *
 * @module
 */

import type { Long } from "../core/contract/family.ts";
import type { Bytes } from "../core/contract/out.ts";

const BLANK = 32;
const DASH = 45;

/** Numbers below this are written as 32-bit ones. */
const SHORT = 1e9;

/** A row without values, and where the cell of one column is in it. */
export interface Spot {
  /** The row: `-` in each cell, and blanks. */
  readonly ground: Uint8Array;
  /** Where the cell starts, */
  readonly from: number;
  /** and where it ends. */
  readonly to: number;
  /** Whole numbers from 0 on that are less fit into it. */
  readonly limit: number;
}

/** How wide a cell is, and on which side its text stands. */
export interface Width {
  /** Its bytes. */
  readonly width: number;
  /** Whether its text ends where the cell does. */
  readonly right: boolean;
}

/** Makes the ground of rows whose cells are so wide, `gap` blanks between two of them. */
export function spotsOf(widths: readonly Width[], gap: number): Spot[] {
  const places: { from: number; to: number; dash: number }[] = [];
  let end = 0;
  for (const { width, right } of widths) {
    const from = places.length > 0 ? end + gap : 0;
    end = from + width;
    places.push({ from, to: end, dash: right ? end - 1 : from });
  }
  const ground = new Uint8Array(end).fill(BLANK);
  for (const { dash } of places) ground[dash] = DASH;
  return places.map(({ from, to }) => ({
    ground,
    from,
    to,
    limit: Math.min(SHORT, 10 ** (to - from)),
  }));
}

/**
 * Writes a number into its cell, on the right, if the row's ground is at `base`. Returns
 * where the ground of the cells behind it is: a number that is too long pushes them.
 */
export function writeInto(
  out: Bytes,
  value: Long,
  base: number,
  spot: Spot,
): number {
  if (typeof value !== "number" || !(value >= 0 && value < spot.limit)) {
    out.at = base + spot.from;
    out.integerRight(value, spot.to - spot.from);
    return out.at === base + spot.to ? base : pushed(out, spot);
  }
  const { bytes } = out;
  let at = base + spot.to - 1;
  let rest = value | 0;
  while (rest > 9) {
    const tenth = rest / 10 | 0;
    bytes[at--] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  bytes[at] = 48 + rest;
  return base;
}

/**
 * Moves the text that was written from the cell's start on to its end. Returns where the
 * ground of the cells behind it is.
 */
export function moveRight(out: Bytes, base: number, spot: Spot): number {
  const { bytes, at } = out;
  const start = base + spot.from;
  const end = base + spot.to;
  if (at > end) return pushed(out, spot);
  let to = end;
  for (let from = at; from > start;) bytes[--to] = bytes[--from]!;
  // what is not overwritten
  const last = Math.min(at, to);
  for (let i = start; i < last; i++) bytes[i] = BLANK;
  return base;
}

/** Puts the ground down again behind a cell that ends elsewhere, or in another buffer. */
export function pushed(out: Bytes, { ground, to }: Spot): number {
  const { at } = out;
  out.room(ground.length - to);
  out.bytes.set(ground.subarray(to), at);
  return at - to;
}

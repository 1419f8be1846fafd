/**
 * Where the cells of a table stand: how wide each column is, and how a cell of any bytes
 * is put into it.
 *
 * @module
 */

import { type Bytes, neutralise, sequence } from "../core/contract/out.ts";
import type { Output } from "./out.ts";

/** Blanks between two columns. */
export const GAP: number = 2;

/** A column of the table. */
export interface Place {
  /** What stands above it. */
  readonly header: string;
  /** Whether it has numbers. */
  right: boolean;
  /** How many characters cells are padded to. */
  width: number;
  /** How many characters a cell has at most. */
  most: number;
}

/** A row that waits until the widths of its columns are known. */
export interface Waiting {
  /** Makes columns as wide as its cells. */
  measure(places: readonly Place[]): void;
  /** Writes it, without a newline. */
  write(out: Output, places: readonly Place[]): void;
}

/** Makes a column as wide as a cell, whose control bytes are dots then. */
export function widen(
  place: Place,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  // a cell has no more characters than bytes
  if (to - from <= place.width) return;
  const cell = bytes.subarray(from, to);
  neutralise(cell, 0, cell.length);
  place.width = Math.max(place.width, charactersOf(cell));
}

/**
 * Makes the table fit into a line of the terminal: the widest texts give way, but no
 * header does. If there is room left, a later cell may take it.
 */
export function fit(places: readonly Place[], terminal: number): void {
  const gaps = GAP * (places.length - 1);
  const texts = places.filter(({ right }) => !right);
  let spare = terminal - places.reduce((sum, { width }) => sum + width, gaps);
  for (; spare < 0; spare++) {
    let widest: Place | undefined;
    for (const place of texts) {
      if (place.width <= Math.max(1, place.header.length)) continue;
      if (place.width > (widest?.width ?? 0)) widest = place;
    }
    if (widest === undefined) break;
    widest.width--;
  }
  for (const place of texts) place.most = place.width + Math.max(spare, 0);
}

/** Makes the cell that stands since `start` harmless, cuts it if need be, and pads it. */
export function settle(out: Bytes, start: number, place: Place): void {
  const { bytes, at } = out;
  let plain = at - start <= place.most;
  for (let i = start; plain && i < at; i++) {
    plain = bytes[i]! >= 0x20 && bytes[i]! < 0x7f;
  }
  if (plain) return pad(out, start, place);
  const cell = bytes.slice(start, at);
  out.at = start;
  lay(out, place, cell);
}

/** Pads what stands since `start`. */
export function pad(out: Bytes, start: number, { right, width }: Place): void {
  if (right) out.padLeft(start, width);
  else out.pad(start, width);
}

/** Writes a cell of any bytes, which are changed: without control bytes, cut, padded. */
export function lay(
  out: Bytes,
  place: Omit<Place, "header">,
  cell: Uint8Array,
): void {
  neutralise(cell, 0, cell.length);
  let characters = charactersOf(cell);
  let end = cell.length;
  const cut = characters > place.most;
  if (cut) {
    end = 0;
    for (characters = 1; characters < place.most; characters++) {
      end += sequence(cell, end, cell.length);
    }
  }
  const blanks = place.width - characters;
  out.room(cell.length + place.width);
  if (place.right) out.pad(out.at, blanks);
  out.foreignBytes(cell, 0, end);
  if (cut) { for (const byte of ELLIPSIS) out.byte(byte); }
  if (!place.right) out.pad(out.at, blanks);
}

/** `…` in UTF-8. */
const ELLIPSIS = [0xe2, 0x80, 0xa6];

/** How many characters a cell without control bytes has. */
export function charactersOf(cell: Uint8Array): number {
  let characters = 0;
  for (let at = 0; at < cell.length; characters++) {
    at += cell[at]! < 0x80 ? 1 : sequence(cell, at, cell.length);
  }
  return characters;
}

/**
 * Words between blanks, for tables with so few lines that words may be strings.
 *
 * @module
 */

import type { Long } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";

/** Ends a line at its first NUL, where C's strings end. */
export function untilNul(line: Line): void {
  const nul = line.bytes.subarray(line.start, line.end).indexOf(0);
  if (nul >= 0) line.end = line.start + nul;
}

/** The next word of a line (`%s`); empty if there is none. */
export function nextWord(line: Line): string {
  const length = line.word(Infinity);
  return line.text(line.at - length, line.at);
}

/** The bytes `from` to `to` of a line, without the blanks that fill the column. */
export function column(line: Line, from: number, to: number): string {
  return line.place(from, to).replace(/ +$/, "");
}

/** The text of a line from there up to a NUL, where C's strings end. */
export function textOf(line: Line, from: number = line.start): string {
  const text = line.text(from, line.end);
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

/** The words of a line, up to a NUL. */
export function wordsOf(line: Line, from: number = line.start): string[] {
  return textOf(line, from).split(/[ \t\n\v\f\r]+/)
    .filter((word) => word !== "");
}

const LONG_MAX = 0x7fff_ffff_ffff_ffffn;

/** The decimal number at the start of a word (`%d`), or undefined. */
export function decimal(word: string | undefined): number | undefined {
  const match = /^[ \t\n\v\f\r]*([+-]?)(\d+)/.exec(word ?? "");
  if (match === null) return undefined;
  let value = BigInt(match[2]!);
  const negative = match[1] === "-";
  const most = negative ? LONG_MAX + 1n : LONG_MAX;
  if (value > most) value = most;
  return Number(BigInt.asIntN(32, negative ? -value : value));
}

/** A number in hexadecimal (`%08x`), a negative one as its 32 bits. */
export function hex(value: Long, digits: number): string {
  const bits = typeof value === "number" && value < 0 ? value >>> 0 : value;
  return bits.toString(16).padStart(digits, "0");
}

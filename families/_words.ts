/**
 * Words between blanks, for tables with so few lines that words may be strings.
 *
 * @module
 */

import type { Long } from "../core/contract/family.ts";
import { type Line, untilNul } from "../core/contract/line.ts";

/** Ends a line at its first NUL, where C's strings end. */
export function cutAtNul(line: Line): void {
  const nul = line.bytes.subarray(line.start, line.end).indexOf(0);
  if (nul >= 0) line.end = line.start + nul;
}

/** The next word of a line (`%s`, `%15s`); empty if there is none. */
export function nextWord(line: Line, most = Infinity): string {
  const length = line.word(most);
  return line.text(line.at - length, line.at);
}

/** The bytes `from` to `to` of a line, without the blanks that fill the column. */
export function column(line: Line, from: number, to: number): string {
  return line.place(from, to).replace(/ +$/, "");
}

/** The text of a line from there up to a NUL, where C's strings end. */
export function textOf(line: Line, from: number = line.start): string {
  return untilNul(line.bytes, from, line.end);
}

/** The words of a line, up to a NUL. */
export function wordsOf(line: Line, from: number = line.start): string[] {
  return textOf(line, from).split(/[ \t\n\v\f\r]+/)
    .filter((word) => word !== "");
}

/** A number in hexadecimal (`%08x`), a negative one as its 32 bits. */
export function hex(value: Long, digits: number): string {
  const bits = typeof value === "number" && value < 0 ? value >>> 0 : value;
  return bits.toString(16).padStart(digits, "0");
}

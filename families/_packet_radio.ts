/**
 * What the tables of AX.25, NET/ROM, ROSE and X.25 share: words between blanks,
 * few enough of them to be made strings, and states with names.
 *
 * @module
 */

import type { Long, Out } from "../core/family.ts";
import type { Line } from "../core/line.ts";

/** The longest line that net-tools reads of these tables. */
export const LINE_LIMIT = 255;

/** The words of a line, up to a NUL. */
export function wordsOf(line: Line, from: number = line.start): string[] {
  const text = line.text(from, line.end);
  const nul = text.indexOf("\0");
  return (nul < 0 ? text : text.slice(0, nul)).split(/[ \t\n\v\f\r]+/)
    .filter((word) => word !== "");
}

/** The decimal number at the start of a word (`%d`), or undefined. */
export function decimal(word: string | undefined): number | undefined {
  const match = /^[+-]?\d+/.exec(word ?? "");
  return match ? Number(BigInt.asIntN(32, BigInt(match[0]))) : undefined;
}

/** An inode, or 0 for a control block without a socket (`*`). */
export function inodeWord(word: string | undefined): Long {
  if (!/^\d+$/.test(word ?? "")) return 0;
  const value = BigInt(word!);
  return value < 2 ** 53 ? Number(value) : BigInt.asUintN(64, value);
}

/** A state's name; the kernels have none beyond the table. */
export function stateName(names: readonly string[], state: number): string {
  return names[state] ?? `UNKNOWN(${state})`;
}

/** A call sign or `*`, as a JSON value. */
export function callOrNull(call: string): string | null {
  return call === "*" ? null : call;
}

/** Writes a number in decimal with leading zeros (`%03d`). */
export function writePadded(out: Out, value: number, width: number): void {
  const digits = Math.abs(value).toString();
  out.ascii(
    value < 0
      ? `-${digits.padStart(width - 1, "0")}`
      : digits.padStart(width, "0"),
  );
}

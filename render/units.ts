/**
 * Spans of time and sizes with the unit that fits, for people: `1.24ms`, `3.1MiB/s`.
 * There are three digits at most, and what is behind them is cut off: nothing is
 * shown as more than it is.
 *
 * @module
 */

import type { Column, Long } from "../core/contract/family.ts";
import type { Bytes } from "../core/contract/out.ts";

/** Units, from the one that the number has to the largest. */
export interface Scale {
  /** How many of the first one each is, and what stands behind the number. */
  readonly units: readonly (readonly [size: number, suffix: string])[];
  /** Numbers below this are whole, and have the first unit. */
  readonly exact: number;
}

const MINUS = 45;
const PERCENT = 37;
const POINT = 46;
const ZERO = 48;

/** Units of time as expressions have them, in nanoseconds. */
const TIMES = [
  [1e3, "us"],
  [1e6, "ms"],
  [1e9, "s"],
  [60e9, "m"],
  [3600e9, "h"],
] as const;

/** Sizes below 10 KiB are often known by heart, such as an MTU of 1500. */
const EXACT = 10 * 1024;

/** The units of time from one on. */
function times(first: string): Scale {
  const from = TIMES.findIndex(([, suffix]) => suffix === first);
  const [one] = TIMES[from]!;
  const units = TIMES.slice(from)
    .map(([size, suffix]) => [size / one, suffix] as const);
  return { units, exact: 0 };
}

function sizes(first: string, suffix: string): Scale {
  const larger = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    .map((prefix, i) => [1024 ** (i + 1), `${prefix}B${suffix}`] as const);
  return { units: [[1, first], ...larger], exact: EXACT };
}

/** The units of a number whose unit is told by its key. */
const SCALES: ReadonlyMap<string, Scale> = new Map([
  ["microseconds", times("us")],
  ["milliseconds", times("ms")],
  ["seconds", times("s")],
  ["bytes", sizes("", "")],
  ["bytes per second", sizes("B/s", "/s")],
]);

/** Bytes under a short name, which does not tell the unit. */
const SHORT_BYTES = sizes("B", "");

/** The units of a column's numbers; none if they have no unit that has others. */
export function scaleOf(
  { unit, short }: Pick<Column<unknown>, "unit" | "short">,
): Scale | undefined {
  if (unit === "bytes" && short !== undefined) return SHORT_BYTES;
  return unit && SCALES.get(unit);
}

/** Writes a number with the unit that fits. */
export function writeScaled(
  out: Bytes,
  value: Long,
  { units, exact }: Scale,
): void {
  if (value < 0) {
    out.byte(MINUS);
    value = -value;
  }
  if (value <= 0) return out.byte(ZERO);
  let i = 0;
  if (value >= exact) {
    while (i + 1 < units.length && units[i + 1]![0] <= value) i++;
  }
  const [size, suffix] = units[i]!;
  if (i === 0) out.integer(value);
  else {
    writeThree(
      out,
      typeof value === "bigint"
        ? Number(100n * value / BigInt(size))
        : Math.floor(100 * value / size),
    );
  }
  out.ascii(suffix);
}

/** Writes a ratio as a percentage. */
export function writePercent(out: Bytes, ratio: number): void {
  if (ratio < 0) out.byte(MINUS);
  // what a fraction of base 2 lacks or has too much is far behind these digits
  writeThree(out, Math.floor(1e4 * Math.abs(ratio) * (1 + Number.EPSILON)));
  out.byte(PERCENT);
}

/** Writes three digits of a number of hundredths, without zeros at its end. */
function writeThree(out: Bytes, hundredths: number): void {
  if (hundredths >= 100_00) return out.integer(Math.floor(hundredths / 100));
  // numbers of 32 bits are divided sooner
  const whole = hundredths / 100 | 0;
  out.integer(whole);
  const rest = hundredths - 100 * whole | 0;
  const tenths = rest / 10 | 0;
  const last = whole < 10 ? rest - 10 * tenths : 0;
  if (tenths + last === 0) return;
  out.byte(POINT);
  out.byte(ZERO + tenths);
  if (last > 0) out.byte(ZERO + last);
}

/**
 * Numbers in the lines of AX.25, NET/ROM, ROSE and X.25 that net-tools passes over:
 * timers, and what the protocol has agreed on.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import type { Columns, Unit } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";

/** Numbers as a line has them; null behind its end. */
export type Numbers = (number | null)[];

/** What stands between the two numbers of a pair. */
const SLASH = 47;

/** What a number is. */
export interface Meaning {
  /** One sentence for the documentation. */
  readonly about: string;
  /** What it counts. */
  readonly unit?: Unit;
  /** By what it is multiplied; 1 unless given. */
  readonly by?: number;
}

const SECONDS = { unit: "seconds" } as const;
const MINUTES = { unit: "seconds", by: 60 } as const;

/** The two numbers of a timer. */
function timer<Name extends string>(
  name: Name,
  about: string,
  more: Pick<Meaning, "unit" | "by"> = SECONDS,
): Record<`${Name}_s` | `${Name}_left_s`, Meaning> {
  return {
    [`${name}_s`]: { about: `${about}: how long it runs.`, ...more },
    [`${name}_left_s`]: {
      about: `${about}: what is left of it; 0 if it does not run.`,
      ...more,
    },
  } as Record<`${Name}_s` | `${Name}_left_s`, Meaning>;
}

/** All of these numbers, by key. */
export const NUMBERS = {
  vs: { about: "Send state variable." },
  vr: { about: "Receive state variable." },
  va: { about: "Acknowledge state variable." },
  ...timer("t1", "Timer T1"),
  ...timer("t2", "Timer T2"),
  ...timer("t3", "Timer T3"),
  ...timer("t4", "Timer T4"),
  ...timer("idle", "Timer of a silent connection, in whole minutes", MINUTES),
  t21_s: { about: "Timer T21: how long it runs.", ...SECONDS },
  t22_s: { about: "Timer T22: how long it runs.", ...SECONDS },
  t23_s: { about: "Timer T23: how long it runs.", ...SECONDS },
  holdback_s: {
    about: "Timer of held-back data: how long it runs.",
    ...SECONDS,
  },
  timer_ms: {
    about: "Milliseconds until the timer expires, in whole seconds.",
    unit: "milliseconds",
    by: 1000,
  },
  n2: { about: "Most tries of a frame." },
  n2_count: { about: "Tries of a frame so far." },
  rtt_s: { about: "Time of a round trip, in whole seconds.", ...SECONDS },
  window_frames: { about: "Most frames on the way.", unit: "packets" },
  paclen: { about: "Longest packet.", unit: "bytes" },
} satisfies Record<string, Meaning>;

/** The key of such a number. */
export type NumberKey = keyof typeof NUMBERS;

/** The columns of numbers that stand one after the other in a line. */
export function numberColumns<Row extends { readonly numbers: Numbers }>(
  ...keys: readonly NumberKey[]
): Columns<Row> {
  return Object.fromEntries(keys.map((key, place) => {
    const { about, by = 1, ...more }: Meaning = NUMBERS[key];
    const isTime = more.unit === "seconds" || more.unit === "milliseconds";
    const column = fact<Row, number | null>(
      isTime ? "duration?" : "integer?",
      ({ numbers }) => {
        const value = numbers[place] ?? null;
        return value === null ? null : value * by;
      },
      about,
      more,
    );
    return [key, column];
  }));
}

/** Reads so many decimal numbers into those of a row. */
export function readNumbers(
  line: Line,
  numbers: Numbers,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const value = line.decimal32();
    numbers.push(line.failed ? null : value);
  }
}

/** Reads so many pairs `a/b`, such as what is left of a timer and how long it runs. */
export function readPairs(
  line: Line,
  numbers: Numbers,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    readNumbers(line, numbers, 1);
    line.skip(SLASH);
    readNumbers(line, numbers, 1);
  }
}

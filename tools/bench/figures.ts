/**
 * From samples to figures: medians, ratios, and straight lines.
 *
 * @module
 */

import { type Bound, type Case, type Rival, START } from "./cases.ts";

/** What was measured of a command, round by round, in milliseconds. */
export interface Samples {
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
}

/** A command of a case. */
export interface Measured
  extends Samples, Pick<Rival, "program" | "args" | "through"> {
  /** Whether the program is not on this machine: then there are no samples. */
  readonly absent: boolean;
  /** The most memory that it had, in KiB; undefined if that was not measured. */
  readonly peak?: number;
}

/** A case in a world of one size: our command first, then those beside it. */
export interface Result {
  readonly name: string;
  readonly size: number;
  readonly runs: readonly Measured[];
}

/** The results, of which what is measured in another case's world is filled in. */
export function filledIn(
  results: readonly Result[],
  cases: readonly Case[],
): Result[] {
  return results.map((result) => {
    const rivals = cases.find(({ name }) => name === result.name)?.rivals ?? [];
    const runs = result.runs.map((run, i) => {
      const of = i === 0 ? undefined : rivals[i - 1]?.of;
      if (of === undefined) return run;
      return results.findLast(({ name }) => name === of)?.runs[0] ?? run;
    });
    return { ...result, runs };
  });
}

/** The middle of some numbers; NaN if there are none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How many times as long as another something takes. */
export interface Ratio {
  /** The ratio of the medians. */
  readonly of: number;
  /** The smallest ratio within a round. */
  readonly least: number;
  /** The largest one. */
  readonly most: number;
}

/** Compares what was measured in turn; of another case there may be fewer rounds. */
export function ratioOf(
  ours: readonly number[],
  theirs: readonly number[],
): Ratio {
  const each = ours.slice(0, theirs.length)
    .map((time, round) => time / theirs[round]!);
  return {
    of: median(ours) / median(theirs),
    least: Math.min(...each),
    most: Math.max(...each),
  };
}

/** Whether a bound holds; undefined if it could not be seen. */
export function holds(
  { ratio = 1, plus = 0 }: Bound,
  theirs: Measured,
  runs: readonly Measured[],
): boolean | undefined {
  const ours = runs[0]!;
  const start = runs.find(({ program, args }) =>
    program === "netstat" && args === START
  );
  const more = plus === "start" ? start && median(start.wall) : plus;
  if (ours.absent || theirs.absent || more === undefined) return undefined;
  return median(ours.wall) <= ratio * median(theirs.wall) + more;
}

/** Whether memory stays within the bound; undefined if it was not measured. */
export function fits({ peak }: Case, ours: Measured): boolean | undefined {
  if (peak === undefined || ours.peak === undefined) return undefined;
  return ours.peak <= peak * 1024;
}

/** How time grows with size: `constant + slope * size`. */
export interface Line {
  readonly constant: number;
  readonly slope: number;
  /** The largest deviation of a point from the line, as a part of the line's. */
  readonly deviation: number;
}

/**
 * The line with the least squares of relative deviations, so that small sizes count
 * as much as large ones. Wants at least two points.
 */
export function lineThrough(
  points: readonly { size: number; time: number }[],
): Line {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const { size: x, time: y } of points) {
    const weight = 1 / (y * y);
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  const constant = (wy - slope * wx) / w;
  const deviations = points.map(({ size, time }) => {
    const line = constant + slope * size;
    return Math.abs(time - line) / line;
  });
  return { constant, slope, deviation: Math.max(...deviations) };
}

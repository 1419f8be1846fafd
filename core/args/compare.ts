/**
 * What `--diff`, `--watch`, `--until` and `--for` make of the other options.
 *
 * @module
 */

import type { Asked, Stop } from "./options.ts";

/** As long as a timer of the runtime goes, in milliseconds. */
const MOST = 2_147_483_000;

/** The shortest interval of `--watch`, in milliseconds. */
const LEAST = 100;

/** The interval of `--watch`, unless it is given, in seconds. */
const USUAL = "1";

/** What is compared, and for how long. */
export interface Comparing {
  /** What is compared with, unless it is the round before. */
  readonly before: string | undefined;
  /** Milliseconds from one round to the next; one round is all, unless given. */
  readonly interval: number | undefined;
  /** How long it goes on, in milliseconds; for ever, unless given. */
  readonly duration: number | undefined;
}

/** Milliseconds in the units that a duration can have. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Asks for listings that are compared. */
export function compare(asked: Asked): Comparing | Stop {
  const { question, format, diff } = asked;
  const error = (option: string, reason: string): Stop => ({
    stop: "error",
    error: `netstat: --${option} ${reason}`,
  });
  const isWaiting = question.until !== undefined;
  const watch = asked.watch ?? (isWaiting ? USUAL : undefined);
  if (diff !== undefined && asked.lookup !== undefined && watch === undefined) {
    return error("diff", "compares listings: --for ADDRESS looks up one route");
  }
  const option = watch === undefined ? "diff" : "watch";
  if (asked.save !== undefined) {
    return error(option, "compares listings, and --save keeps one: take one");
  }
  if (asked.continuous) {
    return error(option, "and -c cannot go together: --watch takes its place");
  }
  if (format === "openmetrics") {
    return error(option, "has no OpenMetrics, which tells how it is now");
  }
  if (watch === undefined) {
    if (asked.changesOnly) return error("diff-only", "needs --watch");
    return { before: diff, interval: undefined, duration: undefined };
  }
  if (format === "json") {
    return error("watch", "never ends, and so does a JSON array: use --ndjson");
  }
  const interval = /^(\d+\.?\d*|\.\d+)$/.test(watch)
    ? Math.round(1000 * Number(watch))
    : NaN;
  if (!(interval >= LEAST && interval <= MOST)) {
    return error("watch", `needs seconds, 0.1 at least: '${watch}'`);
  }
  if (asked.lookup === undefined) {
    return { before: diff, interval, duration: undefined };
  }
  const duration = durationOf(asked.lookup);
  return duration !== undefined ? { before: diff, interval, duration } : error(
    "for",
    `needs a time with --watch, such as 30s, 5m or 1.5h: '${asked.lookup}'`,
  );
}

/** A span of time, as `30s`, in milliseconds; undefined if it is none. */
function durationOf(text: string): number | undefined {
  const [, number, unit] = /^(\d+\.?\d*|\.\d+)([a-z]+)$/.exec(text) ?? [];
  const factor = unit !== undefined && Object.hasOwn(UNITS, unit)
    ? UNITS[unit]!
    : NaN;
  const duration = Math.round(Number(number) * factor);
  return Number.isFinite(duration) ? duration : undefined;
}

/**
 * `--diff` and `--watch`: listings that are compared, and what is said of them.
 *
 * @module
 */

import type { Comparing } from "../args/compare.ts";
import type { Differences } from "../query/change.ts";
import { Failure } from "../system/failures.ts";
import { byteString } from "../contract/line.ts";
import { ABOUT_SAVE, type Tree } from "../system/scan.ts";

/** As diff(1) has them. */
const STATUS = { same: 0, different: 1, trouble: 2 } as const;

/** When a tree was saved, in milliseconds since 1970; undefined if it does not say. */
export function timeOf(tree: Tree): number | undefined {
  if (tree.live) return Date.now();
  const found = Date.parse(String(aboutOf(tree).time));
  return Number.isNaN(found) ? undefined : found;
}

/** The number of the user who saved a tree; undefined if it does not say. */
export function userOf(tree: Tree): number | undefined {
  const { euid } = aboutOf(tree);
  return typeof euid === "number" ? euid : undefined;
}

/** What a save says of itself; nothing, if it is none. */
function aboutOf(tree: Tree): Readonly<Record<string, unknown>> {
  const text = tree.read(ABOUT_SAVE);
  if (text instanceof Failure) {
    tree.failures.forget(text);
    return {};
  }
  try {
    return Object(JSON.parse(byteString(text)));
  } catch {
    return {};
  }
}

/** A time as rows have it: in UTC, to the millisecond. */
export function spelled(time: number): string {
  return new Date(time).toISOString();
}

/** A side of what is compared. */
export interface Side {
  /** What it is called. */
  readonly name: string;
  /** When it was listed, in milliseconds since 1970, if that is known. */
  readonly time: number | undefined;
}

/** The two sides of what is compared. */
export interface Sides {
  /** What was before. */
  readonly before: Side;
  /** What came after it. */
  readonly after: Side;
}

/** Says at the end of `--diff` what it came to. Returns the exit status. */
export function concluded(
  status: number,
  differences: Differences,
  sides: Sides,
  warn: (message: string) => void,
): number {
  const left = leftOut(differences);
  if (left !== undefined) warn(left);
  warn(summary(differences, sides));
  if (status !== 0 || left !== undefined) return STATUS.trouble;
  const { added, removed, changed } = differences;
  return added + removed + changed > 0 ? STATUS.different : STATUS.same;
}

/** How much differs. */
function summary(
  { added, removed, changed }: Differences,
  { before, after }: Sides,
): string {
  const [from, to] = [before, after].map(({ name, time }) =>
    time === undefined ? name : spelled(time).replace(/\.\d+Z$/, "Z")
  );
  const span = before.time === undefined || after.time === undefined
    ? ""
    : ` (${spanOf((after.time - before.time) / 1000)})`;
  return `${added} added, ${removed} removed, ${changed} changed ` +
    `between ${from} and ${to}${span}`;
}

/** A span of seconds for people: in the unit of which there are some. */
function spanOf(seconds: number): string {
  for (const [unit, size, most] of SPANS) {
    if (Math.abs(seconds) < most) {
      return `${Math.round(seconds / size)} ${unit}`;
    }
  }
  return `${Math.round(seconds / 86_400)} d`;
}

const SPANS = [
  ["s", 1, 120],
  ["min", 60, 7200],
  ["h", 3600, 172_800],
] as const;

/** What is said of what could not be compared; undefined if all could. */
function leftOut({ left }: Differences): string | undefined {
  if (left.size === 0) return undefined;
  const names = [...left].map((name) => name || "what is counted").join(", ");
  return "netstat: left out, since only one of the two sides could be read: " +
    names;
}

/** What is said if the kernel told of more than could be heard. */
export const MISSED: string =
  "netstat: --watch: too many sockets ended at once, and " +
  "some that came and went between two listings are not shown";

/** What a watch works with. */
export interface Watching extends Pick<Comparing, "interval" | "duration"> {
  /** Shows one more. Returns its status. */
  round(isFirst: boolean): number | Promise<number>;
  /** Whether what is waited for came; undefined if nothing is. */
  met(): boolean | undefined;
  /** Whether the user ended it. */
  over?(): boolean;
  /** Waits so many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
}

/**
 * Shows listings at whole intervals from the first; those that have no time are left out.
 * Ends when what is waited for came or the time is over, and if the first one fails.
 * Returns the exit status.
 */
export async function watch(
  { interval = 0, duration = Infinity, round, met, over, sleep }: Watching,
): Promise<number> {
  const start = performance.now();
  let isFirst = true;
  for (let next = 1;; next++) {
    const status = await round(isFirst);
    if (met()) return 0;
    if (over?.()) break;
    if (isFirst && status !== 0) return status;
    isFirst = false;
    const elapsed = performance.now() - start;
    next = Math.max(next, Math.floor(elapsed / interval) + 1);
    if (Math.min(elapsed, next * interval) >= duration) break;
    const wait = Math.min(next * interval, duration) - elapsed;
    await sleep(Math.max(wait, 0));
    if (next * interval > duration) break;
  }
  return met() === false ? 1 : 0;
}

/** Says what differs from round to round: the same is not said twice in a row. */
export class Once {
  readonly #warn: (message: string) => void;
  #last = new Set<string>();
  #now = new Set<string>();

  /** Nothing was said yet. */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Says it, unless it was said in the round before, or in this one. */
  readonly warn = (message: string): void => {
    if (!this.#last.has(message) && !this.#now.has(message)) {
      this.#warn(message);
    }
    this.#now.add(message);
  };

  /** A round is over. */
  turn(): void {
    this.#last = this.#now;
    this.#now = new Set();
  }
}

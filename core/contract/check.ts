/**
 * What a check is: a question that is asked of one view, what of its rows is wrong, and
 * what is said of them. The checks are in `checks/`, one file each.
 *
 * @module
 */

import type { Unit, Value } from "./family.ts";
import { grouped } from "./grouped.ts";

/** How bad a finding is, the worst first. A note is no trouble. */
export type Severity = "critical" | "warning" | "note";

/** What a check looks at. */
export type CheckedView = "sockets" | "route" | "interfaces" | "statistics";

/** A number that decides, which the user can choose. */
export interface Limit {
  /** What it is, unless it is chosen. */
  readonly value: number;
  /** What it counts. */
  readonly unit?: Unit | "percent" | "seconds" | undefined;
  /** What it means. */
  readonly about: string;
}

/** What the expressions of a check are made of. */
export interface Numbers {
  /** The limits, by name. */
  readonly limits: Readonly<Record<string, number>>;
  /** The numbers that the kernel's settings have, by the names of those. */
  readonly settings: Readonly<Record<string, readonly number[]>>;
}

/** A row that was found: the columns of the check, and what their numbers grew by. */
export type FoundRow = Readonly<Record<string, Value>>;

/** What was found. */
export interface Found extends Numbers {
  /** The rows, the worst first; of very many only some. */
  readonly rows: readonly FoundRow[];
  /** How many there are. */
  readonly count: number;
  /** Seconds between the two looks; undefined if there was one, or if nobody knows. */
  readonly seconds: number | undefined;
}

/** Something that may be wrong, and how that is seen. */
export interface Check {
  /** What it is called: words with hyphens between them. */
  readonly name: string;
  /** What it looks for, in one sentence. */
  readonly about: string;
  /** What it looks at. */
  readonly view: CheckedView;
  /** The families whose tables those are, where a view does not have them by itself. */
  readonly families?: readonly string[];
  /** Which rows it is about, as `--where` has it; all, unless given. */
  where?(numbers: Numbers): string;
  /** What is known of a row, as `--columns` has it. */
  readonly columns?: string;
  /** What rows are counted by, as `--count` has it; then the columns are these, and `count`. */
  readonly count?: string;
  /** Which row is the worst, as `--sort` has it. */
  readonly sort?: string;
  /**
   * Columns whose growth from one look to the next counts: `KEY_growth` is that, and null
   * of a row that the first look did not see. Unless given, one look is enough.
   */
  readonly growth?: readonly string[];
  /** The column without which nothing can be said, as where all rows lack it. */
  readonly decides?: string;
  /**
   * Whether rows count that only one of two looks has, by `change`: the first look is at
   * files, the second one asks netlink.
   */
  readonly bySource?: true;
  /**
   * Whether a row must be found once more, since what comes and goes while it is read
   * looks like it.
   */
  readonly twice?: true;
  /** Settings of the kernel, by name: the files that have them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What decides, by name. */
  readonly limits?: Readonly<Record<string, Limit>>;
  /** Whether it tells little unless the processes of all users are known. */
  readonly owners?: true;
  /** Which rows are how bad: expressions over the columns, and over growth. */
  when(numbers: Numbers): { readonly [Name in Severity]?: string };
  /** Which of the rows count that were found, if that is seen by several of them only. */
  pick?(rows: readonly FoundRow[], numbers: Numbers): readonly FoundRow[];
  /** Whether it tells nothing to anybody but root. */
  readonly root?: true;
  /** Whether it is found when there is no such row. */
  readonly absent?: true;
  /** What is wrong, in one sentence, without a full stop. */
  say(found: Found): string;
  /** What to do next, in one or two sentences: often a command that shows more. */
  advice(found: Found): string;
}

/** `1 socket`, `2 sockets`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** What is said of the rows behind the worst one: `, and 2 more sockets`; or nothing. */
export function andMore(
  { count }: Pick<Found, "count">,
  one: string,
  lead = ", and ",
): string {
  return count > 1 ? `${lead}${counted(count - 1, `more ${one}`)}` : "";
}

/** The limits of what there can be only so much of, in percent of that. */
export function shares(
  of: string,
  { percent = 80, critical = 95 }: {
    readonly percent?: number;
    readonly critical?: number;
  } = {},
): Record<"percent" | "critical", Limit> {
  const limit = (value: number, what: string): Limit => ({
    value,
    unit: "percent",
    about: `of ${of}: ${what}`,
  });
  return {
    percent: limit(percent, "a warning"),
    critical: limit(critical, "critical"),
  };
}

/** How bad a number is of which there can be `most`, by such limits. */
export function againstMost(
  key: string,
  most: number,
  { percent, critical }: Numbers["limits"],
): { readonly critical: string; readonly warning: string } {
  const of = (share: number) => Math.ceil(most * share / 100);
  return {
    critical: `${key} >= ${of(critical!)}`,
    warning: `${key} >= ${of(percent!)}`,
  };
}

/** A value as a sentence has it. */
export function spelt(value: Value | undefined, absent = "unknown"): string {
  if (value === null || value === undefined) return absent;
  if (typeof value === "number" || typeof value === "bigint") {
    return grouped(value);
  }
  return String(value);
}

/** The number of a column; 0 if it is not known. */
export function numberIn(row: FoundRow, key: string): number {
  return Number(row[key] ?? 0);
}

/** The sum of a column. */
export function sumOf(rows: readonly FoundRow[], key: string): number {
  return rows.reduce((sum, row) => sum + numberIn(row, key), 0);
}

/** An address and a port: `10.0.0.1:80`, `[::1]:80`. */
export function endOf(row: FoundRow, side: "local" | "foreign"): string {
  const address = spelt(row[`${side}_address`], "*");
  const port = spelt(row[`${side}_port`], "*").replaceAll(",", "");
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The process of a row: `nginx (pid 612)`. */
export function processOf(row: FoundRow): string {
  const { pid, program_name: name } = row;
  if (pid === null || pid === undefined) return "an unknown process";
  return `${spelt(name, "a process")} (pid ${pid})`;
}

/** The first of the rows. */
export function worstOf({ rows }: Pick<Found, "rows">): FoundRow {
  return rows[0] ?? {};
}

/** ` within 1 s`, or nothing if that is not known. */
export function within({ seconds }: Pick<Found, "seconds">): string {
  if (seconds === undefined) return "";
  const rounded = seconds < 10
    ? Math.round(10 * seconds) / 10
    : Math.round(seconds);
  return ` within ${grouped(rounded)} s`;
}

/**
 * What a view tells its renderer. A view decides what is shown and in which order;
 * a renderer decides how it looks.
 *
 * @module
 */

import type {
  Column,
  Columns,
  Counter,
  CounterFile,
  Family,
  Long,
  Out,
  RouteTable,
  Source,
  Table,
  View,
} from "./family.ts";
import type { Lack } from "./failures.ts";
import type { Tree } from "./scan.ts";
import type { ShownView } from "./view.ts";

/** A source of a table of a family: one file to be read. */
export interface Step {
  /** Whose table it is. */
  readonly family: Family;
  /** The table, which says how to read the file. */
  // deno-lint-ignore no-explicit-any
  readonly table: Table<any>;
  /** The file. */
  readonly source: Source;
}

/** A table of routes of a family. */
export interface RouteStep {
  /** Whose table it is. */
  readonly family: Family;
  /** The table. */
  // deno-lint-ignore no-explicit-any
  readonly table: RouteTable<any>;
  /** The file that is read. */
  readonly source: Pick<Source, "path">;
}

/** Rows that are not a family's sockets. */
export interface Listing<Row> {
  /** The line over all, if it is due. */
  readonly title?: string;
  /** Whether the columns' header line is due. */
  readonly header: boolean;
  /** The columns, by JSON key. */
  readonly columns: Columns<Row>;
  /**
   * Writes a row's text, its newlines included, where that is not made of columns.
   * Returns false if this row's is.
   */
  write?(out: Out, row: Row, view: View): boolean;
}

/** The value of a counter. */
export interface Count {
  /** The kernel's name, as a byte string. */
  readonly name: string;
  /** The kernel's number; null if it has none. */
  readonly value: Long | null;
  /** The number that net-tools reads: an unsigned one, 0 if there is none. */
  readonly printed: Long;
  /** What the text says of it, if net-tools knows it. */
  readonly known: Counter | undefined;
  /** Its sentence, with the number; null if there is none. */
  readonly sentence: string | null;
}

/** Counters that the kernel wrote together. */
export interface CountSection {
  /** The kernel's name, as a byte string. */
  readonly name: string;
  /** Whether net-tools knows the section. */
  readonly known: boolean;
  /** Whether it is shown. */
  readonly shown: boolean;
  /** The counters, in the kernel's order. */
  readonly counts: readonly Count[];
}

/** So much of a malformed line is quoted, in bytes. */
const QUOTED_MOST = 300;

/** What is said of a malformed line where net-tools' words need not be kept. */
export function cannotParse(
  path: string,
  number: number,
  text: string,
): string {
  const quoted = JSON.stringify(text.slice(0, QUOTED_MOST));
  const more = text.length > QUOTED_MOST ? "..." : "";
  return `Cannot parse ${path}: line ${number}: ${quoted}${more}`;
}

/** Says, behind a message about files, that a saved tree lacks them. */
export function warnOfLack(
  missing: readonly Lack[],
  { tree, report }: {
    readonly tree: Tree;
    readonly report: Pick<Report, "warn">;
  },
): void {
  const lines = missing.flatMap((lack) => tree.lack(lack) ?? []);
  new Set(lines).forEach((line) => report.warn(line));
}

/** Receives what a view finds. */
export interface Report {
  /** Whether a socket is shown with all that hold it, and not with one owner only. */
  readonly allHolders: boolean;
  /** Whether a socket that a file of the kernel's has twice is shown once. */
  readonly once: boolean;
  /** A round of a listing starts. */
  begin(view: ShownView): void;
  /** The heading over a table is due; again for each file under it. */
  heading(step: Step): void;
  /** Rows of this file follow. */
  rows(step: Step): void;
  /**
   * Rows of a table of routes follow, under a heading of their own; the text has
   * these columns.
   */
  // deno-lint-ignore no-explicit-any
  routes(step: RouteStep, columns: readonly Column<any>[]): void;
  /** Rows of a listing follow. */
  // deno-lint-ignore no-explicit-any
  listing(listing: Listing<any>): void;
  /**
   * One row; it is valid only during the call. Returns false, and shows nothing, if
   * names in it are still looked up.
   */
  row(row: unknown): boolean;
  /** Asks for the names in a row and shows nothing. */
  ask(row: unknown): void;
  /** Writes out what there is, since a wait follows. */
  flush(): void;
  /** Whether rows of this table are shown with their owners. */
  showsOwners(step: Step): boolean;
  /**
   * A malformed line, `number` counted from 1. Returns the exit status if it ends
   * the program.
   */
  malformed(
    step: Step | RouteStep,
    row: unknown,
    number: number,
    text: string,
  ): number | undefined;
  /** Rows that were rendered elsewhere: lines of text, or of JSON objects. */
  rendered(lines: Uint8Array): void;
  /** A message that the text has in the listing, without its newline. */
  note(message: string): void;
  /** A whole listing of counters; it begins and ends by itself. */
  counters(family: string, sections: readonly CountSection[]): void;
  /** A malformed line of counters. Returns whether to go on with the file. */
  malformedCounters(file: CounterFile, number: number, text: string): boolean;
  /** There are no counters at all, and why. */
  noCounters(message: string): void;
  /** A message for the user, without its newline. */
  warn(message: string): void;
  /** The round is over: everything is written out. */
  end(): void;
}

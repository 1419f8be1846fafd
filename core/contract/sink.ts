/**
 * The middle of the program: a view yields rows of tables, a sink takes them. Every
 * writer is a sink, and so is every stage that keeps rows.
 *
 * @module
 */

import type {
  Column,
  Columns,
  Need,
  Out,
  Printed,
  Said,
  Table,
  Title,
  Value,
  View,
} from "./family.ts";
import { needsOf, shownOf } from "./column.ts";

/** Values that are the same for all rows that follow, such as `family`. */
export type Head = Readonly<Record<string, Value>>;

/** A column that is shown, under its key. */
export interface Shown {
  /** The key. */
  readonly key: string;
  /** The column. */
  // deno-lint-ignore no-explicit-any
  readonly column: Column<any>;
  /** Of rows that are compared with those of another listing, what it was there. */
  readonly earlier?: Earlier;
  /** Whether it says how a row differs: a table shows that by a sign. */
  readonly sign?: true;
}

/** What a column was in the listing that came before. */
export interface Earlier {
  /** The value; undefined if it is the same, or if there is no such row. */
  value(row: unknown): Value | undefined;
  /** Of a number that only grows, what it was when the row came; else undefined. */
  first(row: unknown): Value | undefined;
  /** How many seconds lie between the two listings, if that is known. */
  readonly seconds: () => number | undefined;
  /**
   * Whether listing follows on listing: what only grows is then told by how much it grew,
   * also where it did not.
   */
  readonly lasts?: boolean;
}

/** How net-tools prints the rows that follow. Only its text reads this. */
export interface Layout {
  /** The line over all, if there is one; tables with the same one share it. */
  readonly title?: Title;
  /** The header line's columns; none are printed without any. */
  // deno-lint-ignore no-explicit-any
  readonly header: readonly Printed<any>[];
  /** Whose header that is: tables with the same one share it, too. */
  readonly headed: unknown;
  /** A line that stands under the header line. */
  readonly rule?: string;
  /** The cells of a row. */
  // deno-lint-ignore no-explicit-any
  readonly cells: readonly Printed<any>[];
  /** Writes what stands in front of the cells. */
  lead?(out: Out, row: unknown, view: View): void;
  /** The column whose tone that has. */
  // deno-lint-ignore no-explicit-any
  readonly leads?: Column<any>;
  /** Asks for the names of hosts that it has in it. */
  names?(row: unknown, view: View): unknown;
  /** What stands in place of a row. */
  instead?(row: unknown): Said | undefined;
  /**
   * Writes a row that is not made of cells, its newlines included. Returns false if
   * this one is.
   */
  write?(out: Out, row: unknown, view: View): boolean;
}

/** Why rows are not there. */
export interface Lost {
  /** Whether there is no such file, so that nothing is kept from anybody. */
  readonly gone: boolean;
  /** Of rows that stand for many tables: which one is not there. */
  readonly table?: string;
  /** The path, and the reason in the words of C's `strerror`. */
  toString(): string;
}

/** Takes rows. */
export interface Sink {
  /** Rows of this shape follow. */
  begin(head: Head, shown: readonly Shown[], layout: Layout): void;
  /** One row; it is valid only during the call. Returns false if that is enough. */
  row(row: unknown): boolean;
  /** The rows of the shape that was begun last are not there, or not all of them. */
  unread?(reason?: Lost): void;
  /**
   * The rows that follow are over, as the kernel told; or, if it is false, they are not.
   * Returns whether such rows are wanted; they are not, unless given.
   */
  over?(isOver: boolean): boolean;
  /** All rows were there: everything is written out. */
  end(): void;
}

/** How net-tools prints a table in a view. The row is that of the file's first line. */
export function layoutOf(
  // deno-lint-ignore no-explicit-any
  { frozen, columns }: Pick<Table<any>, "frozen" | "columns">,
  view: View,
  row?: unknown,
): Layout {
  const cells = frozen.layout?.(view, row) ?? shownOf(columns, view);
  const leads = Object.values(columns)
    .find(({ cell, tone }) => cell === undefined && tone !== undefined);
  return {
    ...frozen,
    cells,
    header: frozen.header === undefined ? cells : shownOf(frozen.header, view),
    headed: frozen.header ?? columns,
    ...(leads === undefined ? {} : { leads }),
  };
}

/** The columns that a view has unless others are asked for. */
// deno-lint-ignore no-explicit-any
export function allOf(columns: Columns<any>, view: View): Shown[] {
  return Object.entries(columns)
    .filter(([, column]) =>
      !column.rare && needsOf(column).every((need) => isLoaded(need, view))
    )
    .map(([key, column]) => ({ key, column }));
}

/** Whether a view looks for what a column needs. */
function isLoaded(need: Need, view: View): boolean {
  switch (need) {
    case "owner":
    case "holders":
      return view.programs;
    case "context":
      return view.context;
    case "diag":
    case "peer":
    case "place":
      return false;
    case "names":
      return true;
  }
}

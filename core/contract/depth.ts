/**
 * What the kernel tells of the sockets of a table over netlink, beside its file.
 *
 * @module
 */

import type { Answer, Asking } from "./diag.ts";
import type { Columns, Source, Table, View } from "./family.ts";

/** A row of a socket of which the kernel may have told. */
export interface Told {
  /** What it told; undefined if the row is from a file alone. */
  answer: Answer | undefined;
}

/** How a table's sockets are asked for, and what they have then. */
export interface Depth<Row extends Told> {
  /** All columns: the table's, and behind them those that need `diag`. */
  readonly columns: Columns<Row>;
  /** How the sockets of a file are asked for; undefined if the kernel tells of none. */
  asking(source: Source): Asking | undefined;
  /** The states that the view lists, a bit each; all, unless given. */
  states?(view: View): number;
  /** The bits of each word that `state` can be, if the kernel can choose by states. */
  readonly named?: Readonly<Record<string, number>>;
  /**
   * Fills the row from its answer with all that the columns of the table tell, so that
   * no line is read.
   */
  parse(row: Row): boolean;
}

/** A table that has more to tell, once its depth is loaded. */
export interface DeepTable<Row extends Told> extends Table<Row> {
  /** Loads it. */
  depth(): Promise<Depth<Row>>;
}

/** A table with its depth. */
interface Deepened<Row extends Told> extends Table<Row> {
  readonly deep: Depth<Row>;
}

/** A table with all of its columns. */
// deno-lint-ignore no-explicit-any
export async function deepened(table: Table<any>): Promise<Table<any>> {
  if (!("depth" in table)) return table;
  // deno-lint-ignore no-explicit-any
  const deep = await (table as DeepTable<any>).depth();
  const { columns } = deep;
  // deno-lint-ignore no-explicit-any
  return { ...table, columns, deep } as Deepened<any>;
}

/** The depth of a table, if it was loaded. */
// deno-lint-ignore no-explicit-any
export function depthOf(table: Table<any>): Depth<any> | undefined {
  // deno-lint-ignore no-explicit-any
  return (table as Partial<Deepened<any>>).deep;
}

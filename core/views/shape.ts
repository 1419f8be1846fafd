/**
 * What a view shows of a table: which columns, how net-tools lays them out, and what
 * must be looked for before they are known.
 *
 * @module
 */

import type {
  Column,
  Family,
  Need,
  Source,
  Table,
} from "../contract/family.ts";
import {
  allOf,
  type Head,
  type Layout,
  layoutOf,
  type Shown,
} from "../contract/sink.ts";
import type { Around } from "./around.ts";

/** A table of a family, and the file of it that is read. */
export interface Step {
  /** Whose table it is. */
  readonly family: Family;
  /** The table, which says how to read the file. */
  // deno-lint-ignore no-explicit-any
  readonly table: Table<any>;
  /** The file. */
  readonly source: Source;
}

/** What is shown of a table. */
export interface Shape {
  /** What is the same for all of its rows. */
  readonly head: Head;
  /** The columns. */
  readonly shown: readonly Shown[];
  /** How net-tools prints them. */
  readonly layout: Layout;
  /** What they need. */
  readonly needs: ReadonlySet<Need>;
  /** Asks for the names of hosts and networks that a row shows, if it has any. */
  readonly ask: ((row: unknown) => void) | undefined;
}

/**
 * What a view shows of a table, of a family if it has one; the row is that of the
 * file's first line.
 */
export function shapeOf(
  { family, table }: Partial<Step> & Pick<Step, "table">,
  { view, messages }: Pick<Around, "view" | "messages">,
  row?: unknown,
): Shape {
  const shown = allOf(table.columns, view);
  const layout = layoutOf(table, view, row);
  const columns = messages.frozen
    ? layout.cells
    : shown.map(({ column }) => column);
  const namesIn = ({ needs, value }: Column<unknown>) =>
    needs === "names" ? value : undefined;
  const asks = messages.frozen
    ? [
      layout.names,
      ...layout.cells.map((column) => column.cell.names ?? namesIn(column)),
    ]
    : columns.map(namesIn);
  const asking = view.lookups === undefined
    ? []
    : asks.filter((ask) => ask !== undefined);
  return {
    head: family === undefined ? {} : { family: family.name },
    shown,
    layout,
    needs: new Set(columns.flatMap(({ needs }) => needs ?? [])),
    ask: asking.length === 0
      ? undefined
      : (row) => asking.forEach((ask) => ask(row, view)),
  };
}

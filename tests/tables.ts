/**
 * All tables of the families that are built in, and the rows that they make of files.
 *
 * @module
 */

import type { Family, Source, Table, View } from "../core/contract/family.ts";
import { Failure } from "../core/system/failures.ts";
import { Tree } from "../core/system/scan.ts";
import { Rows } from "../core/views/rows.ts";
import interfaces from "../families/interfaces.ts";

/** A view without names and owners. */
export const VIEW: View = {
  extend: 0,
  numericUsers: true,
  numericHosts: true,
  numericPorts: true,
  names: { interface: (index: number) => `if${index}` },
  owner: () => undefined,
  holders: () => [],
  place: () => undefined,
} as unknown as View;

/** The table of interfaces, and all tables of these families. */
export async function tablesOf(
  families: readonly Family[],
  // deno-lint-ignore no-explicit-any
): Promise<Table<any>[]> {
  const found = await Promise.all(families.map(async (family) => [
    ...family.tables,
    ...family.groups ?? [],
    ...await family.routes?.tables() ?? [],
    ...await family.masquerade?.() ?? [],
  ]));
  return [interfaces, ...found.flat()];
}

/** The rows of a file of a saved tree, one after the other in the same object. */
export function* rowsIn(
  path: string,
  // deno-lint-ignore no-explicit-any
  table: Table<any>,
  source: Source,
): Generator<unknown> {
  const lines = new Tree(path).openEither(source, table.lineLimit);
  if (lines instanceof Failure) return;
  const row = table.row(source, lines.path);
  const rows = new Rows(lines, table, row, () => true);
  // what is wrong with the file as a whole ends the listing
  if (table.frozen.fault?.(row) === undefined) {
    while (rows.next()) yield row;
  }
  lines.close();
}

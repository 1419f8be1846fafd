/**
 * Makes functions that keep what rows have in just these columns. They have no loop over
 * columns: each call in them leads always to the same column and the same store, whose
 * code the engine puts in place of the call.
 *
 * @module
 */

import type { View } from "../contract/family.ts";
import { emptySpan } from "./internet.ts";
import type { AnyColumn } from "./schema.ts";
import { keepsSpan, type Store } from "./store.ts";

/** A column, and what keeps its values. */
export interface Keeper {
  readonly store: Store;
  readonly column: AnyColumn;
}

/** Keeps what a row has under a number that is greater than those before it. */
export type KeepRow = (i: number, row: unknown, view: View) => void;

/**
 * Makes a function that does for each of these what `Store.put` does. Its source is made
 * of the names that stand here: no text of a column is ever read as code.
 */
export function keeperOf(keepers: readonly Keeper[]): KeepRow {
  const source = keepers.map(({ store, column }, k) =>
    keepsSpan(store, column)
      ? `if (column${k}.span(row, span)) store${k}.keepSpan(i, span);`
      : `store${k}.keep(i, column${k}.value(row, view));`
  ).join("\n");
  const make = new Function(
    "span",
    ...keepers.flatMap((_, k) => [`store${k}`, `column${k}`]),
    `return (i, row, view) => {
      ${source}
    };`,
  );
  return make(
    emptySpan(),
    ...keepers.flatMap(({ store, column }) => [store, column]),
  );
}

/**
 * Functions that keep what rows have in some columns.
 *
 * @module
 */

import type { View } from "../contract/family.ts";
import { generated } from "../contract/generated.ts";
import { emptySpan } from "./internet.ts";
import type { AnyColumn } from "./schema.ts";
import { keepsSpan, type Store } from "./store.ts";

/** A column that is kept. */
export interface Kept {
  /** The column. */
  readonly column: AnyColumn;
  /** Where its values are. */
  readonly store: Store;
}

/** Keeps what a row has under a number that is greater than those before it. */
export type KeepRow = (i: number, row: unknown, view: View) => void;

/** Keeps one column after the other, which is fast enough for a few rows. */
export function keepEach(all: readonly Kept[]): KeepRow {
  return (i, row, view) => {
    for (const { store, column } of all) store.put(i, column, row, view);
  };
}

/** Makes a function that does the same for many rows in two thirds of the time. */
export function keepTogether(all: readonly Kept[]): KeepRow {
  return generated("i, row, view", (name) => {
    const span = name(emptySpan());
    const lines = all.map(({ store, column }) => {
      const [to, from] = [name(store), name(column)];
      return keepsSpan(store, column)
        ? `if (${from}.span(row, ${span})) ${to}.keepSpan(i, ${span});`
        : `${to}.keep(i, ${from}.value(row, view));`;
    });
    return lines.join("\n");
  });
}

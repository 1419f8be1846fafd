/**
 * Relations that a test makes up, and what a sink makes of them.
 *
 * @module
 */

import type { Column, Value, View } from "../core/contract/family.ts";
import type { Head, Layout, Shown, Sink } from "../core/contract/sink.ts";
import type { Output } from "../render/out.ts";
import { collector } from "./program.ts";

/** A row, by the keys of its columns. */
export type Row = Readonly<Record<string, Value>>;

/** Rows under some columns. */
export interface Relation {
  readonly head?: Head;
  readonly shown: readonly Shown[];
  readonly rows: readonly Row[];
}

/** A view of which no column asks anything but whether texts are cut. */
export const VIEW = { wide: false } as View;

/** A column of what a row has under this key. */
export function column(
  key: string,
  kind: Column<Row>["kind"],
  more: Partial<Column<Row>> = {},
): Shown {
  return {
    key,
    column: { kind, about: "", value: (row: Row) => row[key]!, ...more },
  };
}

/** net-tools' layout, which only its text looks at. */
const NONE = {} as Layout;

/** Gives relations to a sink, all but the end. */
export function give(sink: Sink, relations: readonly Relation[]): void {
  for (const { head = {}, shown, rows } of relations) {
    sink.begin(head, shown, NONE);
    for (const row of rows) {
      if (!sink.row(row)) throw new Error("the sink has enough");
    }
  }
}

/** What a sink writes of relations, as a byte string. */
export function written(
  make: (out: Output) => Sink,
  relations: readonly Relation[],
): string {
  const { out, text } = collector();
  const sink = make(out);
  give(sink, relations);
  sink.end();
  return text();
}

/**
 * `--columns help`: the columns of the relations that a view has.
 *
 * @module
 */

import { fact } from "../contract/column.ts";
import type { Columns, Kind, Unit } from "../contract/family.ts";
import { labelled, labelsOf } from "./labels.ts";
import {
  type AnyColumn,
  type AnyColumns,
  type Schema,
  Schemas,
} from "./schema.ts";

/** What is said of a column. */
export interface ColumnHelp {
  /** The key; of objects in a column, behind the key of that. */
  readonly key: string;
  /** What its values are, and so how they are compared. */
  readonly kind: Kind;
  /** What a number counts. */
  readonly unit: Unit | null;
  /** The set that it belongs to. */
  readonly set: string | null;
  /** The name that can be typed in place of the key. */
  readonly short: string | null;
  /** What it means, in the words of each table that has it. */
  readonly about: string;
}

/** The columns by which a writer shows this. */
export const HELP_COLUMNS: Columns<ColumnHelp> = {
  key: fact("string", ({ key }) => key, "Key."),
  kind: fact("name", ({ kind }) => kind, "What the values are."),
  unit: fact("name?", ({ unit }) => unit, "What a number counts."),
  set: fact(
    "name?",
    ({ set }) => set && `@${set}`,
    "The set that it belongs to.",
  ),
  short: fact("string?", ({ short }) => short, "A shorter name."),
  meaning: fact("string", ({ about }) => about, "What it means."),
};

/** All columns of all relations behind these labels, in order of first appearance. */
export function columnsHelp(
  schemas: readonly Schema[],
  label: readonly string[] = [],
): ColumnHelp[] {
  const labels = labelsOf(label, schemas);
  const all = new Schemas(schemas.map((schema) => labelled(schema, labels)));
  return all.keys()
    .flatMap((key) => helpOf(key, all.columnsAt([key])));
}

/** What is said of a key that is each of these columns somewhere. */
function helpOf(
  key: string,
  columns: readonly [AnyColumn, ...AnyColumn[]],
): ColumnHelp[] {
  const [{ kind, unit, set, short }] = columns;
  const about = [...new Set(columns.map(({ about }) => about))].join(" ");
  const inner: AnyColumns = Object.assign(
    {},
    ...columns.map(({ each }) => each),
  );
  return [
    {
      key,
      kind,
      unit: unit ?? null,
      set: set ?? null,
      short: short ?? null,
      about,
    },
    ...Object.entries(inner)
      .flatMap(([name, column]) => helpOf(`${key}.${name}`, [column])),
  ];
}

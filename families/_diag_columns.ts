/**
 * Fields as columns of a table: null in rows of which the kernel told nothing.
 *
 * @module
 */

import type { Depth, Told } from "../core/contract/depth.ts";
import type { Asking } from "../core/contract/diag.ts";
import type { Columns, Span } from "../core/contract/family.ts";
import type { Fields } from "./_diag_fields.ts";

const NONE: ReadonlySet<string> = new Set();

/**
 * The columns of a table with those that only these fields have behind them. What a line
 * need not tell, the kernel does if it was asked; of the columns with the keys `ofLines`
 * a row without a line knows nothing else.
 */
export function deepColumns<Row extends Told>(
  columns: Columns<Row>,
  fields: Fields,
  ofLines: ReadonlySet<string> = NONE,
): Columns<Row> {
  const both = Object.entries(columns).flatMap(([key, column]) => {
    const field = fields[key];
    const isLacked = column.nullable && column.cell === undefined;
    if (field === undefined || !isLacked) return [];
    // what is told in both ways is told more exactly over netlink
    const value: typeof column.value = (row, view) =>
      (row.answer === undefined ? null : field.value(row.answer, view)) ??
        column.value(row, view);
    const needs = column.rare ? { needs: "diag" } as const : {};
    const alone = ofLines.has(key) ? { toldAlone: field.value } : {};
    return [[key, { ...column, ...needs, show: field.show, value, ...alone }]];
  });
  const added = Object.entries(fields)
    .filter(([key]) => !Object.hasOwn(columns, key))
    .map(([key, { put: _, span, value, ...said }]) => [key, {
      ...said,
      nullable: true,
      needs: "diag",
      value: ({ answer }: Row, view: Parameters<typeof value>[1]) =>
        answer === undefined ? null : value(answer, view),
      told: value,
      ...(span && {
        span: ({ answer }: Row, into: Span) =>
          answer !== undefined && span(answer, into),
      }),
    }]);
  return { ...columns, ...Object.fromEntries([...both, ...added]) };
}

/** The depth of a table whose rows are those of its file. */
export function joinedDepth<Row extends Told>(
  columns: Columns<Row>,
  fields: Fields,
  asking: Asking,
): Depth<Row> {
  return { columns: deepColumns(columns, fields), asking: () => asking };
}

/**
 * Tables that rtnetlink(7) lists and no file has in whole: a row is an answer.
 *
 * @module
 */

import { left } from "../core/contract/column.ts";
import { type Told, withDepth } from "../core/contract/depth.ts";
import type { Answer, Asking } from "../core/contract/diag.ts";
import type {
  Cell,
  Column,
  Columns,
  Long,
  Out,
  Source,
  Span,
  Table,
  View,
} from "../core/contract/family.ts";
import type { Field, Fields } from "./_diag_fields.ts";

/** A row: its protocol, and what is told of it. */
export interface Row extends Told {
  /** `ip` or `ip6`. */
  readonly proto: string;
}

/** How a field is printed. */
export interface Printing extends Pick<Cell<never>, "header" | "width"> {
  /** Writes it; the value, or `-` for null, unless given. */
  write?(out: Out, answer: Answer, view: View): void;
}

/** What there is to list. */
export interface Listing {
  /** The table's name. */
  readonly name: string;
  /** Which row it is. */
  readonly identity: readonly string[];
  /** The line over the table. */
  readonly title: string;
  /** What a note calls them if the kernel does not tell. */
  readonly support: string;
  /** How those of each protocol are asked for, and a file that its kernel has. */
  readonly askings: Readonly<
    Record<string, { readonly asking: Asking; readonly path: string }>
  >;
  /** What is told of each. */
  readonly fields: Fields;
  /** How text has them, in its order. */
  readonly cells: Readonly<Record<string, Printing>>;
  /** Whether a view lists it; all, unless given. */
  keep?(answer: Answer, view: View): boolean;
}

/** A field as a column. */
function columnOf(field: Field, printing: Printing | undefined): Column<Row> {
  const { value: read, put: _p, span, tone, cell: _c, grows: _g, ...said } =
    field;
  const column: Column<Row> = {
    ...said,
    value: ({ answer }, view) =>
      answer === undefined ? null : read(answer, view),
    ...(span && {
      span: ({ answer }: Row, into: Span) =>
        answer !== undefined && span(answer, into),
    }),
    ...(tone && {
      tone: ({ answer }: Row, view: View) => answer && tone(answer, view),
    }),
  };
  if (printing === undefined) return column;
  const { header, width, write: own } = printing;
  const write: Cell<Row>["write"] = (out, row, view) => {
    if (own !== undefined && row.answer) return own(out, row.answer, view);
    const value = column.value(row, view);
    if (value === null) out.ascii("-");
    else if (Array.isArray(value)) out.ascii(value.join() || "-");
    else if (typeof value === "string") out.foreign(value);
    else out.integer(value as Long);
  };
  return { ...column, cell: { header, width, write } };
}

/** The table of such things. */
export function rtTable(
  { name, identity, title, support, askings, fields, cells, keep }: Listing,
): Table<Row> {
  const keys = new Set([...Object.keys(cells), ...Object.keys(fields)]);
  const columns: Columns<Row> = {
    proto: left(
      "Proto",
      5,
      (row) => row.proto,
      "`ip`, or `ip6` for IPv6.",
      { kind: "name", words: Object.keys(askings) },
    ),
    ...Object.fromEntries(
      Array.from(keys, (key) => [key, columnOf(fields[key]!, cells[key])]),
    ),
  };
  const table: Table<Row> = {
    name,
    identity,
    sources: Object.entries(askings).map(([proto, { path }], i): Source => ({
      path,
      proto,
      // a kernel without IPv6 lacks nothing
      ...(i === 0 ? { support } : {}),
    })),
    columns,
    frozen: { title: { text: () => title, always: false } },
    lineLimit: 0,
    row: ({ proto = "" }) => ({ proto, answer: undefined, peer: undefined }),
    // there are no lines
    parse: () => false,
    ...(keep && {
      keep: ({ answer }: Row, view: View) =>
        answer === undefined || keep(answer, view),
    }),
  };
  return withDepth(table, {
    columns,
    asking: ({ proto }) => askings[proto!]!.asking,
    alone: true,
    parse: ({ answer }) => answer!.isWhole(),
  });
}

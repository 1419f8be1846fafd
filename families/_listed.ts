/**
 * Sockets that only netlink tells of, where procfs has no more than how many there are.
 *
 * @module
 */

import { kept, left, ownerColumns } from "../core/contract/column.ts";
import { type Told, withDepth } from "../core/contract/depth.ts";
import type { Asking } from "../core/contract/diag.ts";
import type {
  Cell,
  Columns,
  Long,
  Span,
  Table,
} from "../core/contract/family.ts";
import type { Field, Fields } from "./_diag_fields.ts";

/** A socket, as netlink tells of it. */
interface Row extends Told {
  readonly proto: string;
}

/** What there is to list. */
export interface Listed {
  /** The family's name. */
  readonly name: string;
  /** Which row it is. */
  readonly identity: readonly string[];
  /** What it is about, in a few words. */
  readonly about: string;
  /** Its place among others. */
  readonly rank: number;
  /** How the sockets of each protocol are asked for. */
  readonly askings: Readonly<Record<string, Asking>>;
  /** What is told of each. */
  readonly fields: Fields;
  /** The columns that text has: their headers and widths, negative left-aligned. */
  readonly cells: Readonly<Record<string, readonly [string, number]>>;
  /** The bits of states that the kernel can choose by. */
  readonly named?: Readonly<Record<string, number>>;
}

/** `TCP_LISTEN`, by which all of these protocols tell that a socket listens. */
const LISTEN = 10;

/** What a field has of a row. */
function valueIn<Row extends Told>({ value }: Field) {
  return ({ answer }: Row, view: Parameters<typeof value>[1]) =>
    answer === undefined ? null : value(answer, view);
}

/**
 * What rows have besides those columns; all else is shown where it is asked for, as in
 * tables that have it over netlink only.
 */
const USUAL: ReadonlySet<string> = new Set([
  "type_num",
  "state_num",
  "uid",
  "inode",
  "timer",
  "timer_num",
  "timer_ms",
  "retransmits",
  "timeout",
]);

/** A field as a column. */
function columnOf(
  key: string,
  field: Field,
  cells: Listed["cells"],
): Columns<Row>[string] {
  const {
    value: _v,
    put: _p,
    span,
    tone: _t,
    cell: _c,
    grows: _g,
    ...said
  } = field;
  const [header, width] = cells[key] ?? [];
  const column: Columns<Row>[string] = {
    ...said,
    nullable: true,
    value: valueIn<Row>(field),
    ...(header === undefined && !USUAL.has(key) && { needs: "diag" as const }),
    ...(span && {
      span: ({ answer }: Row, into: Span) =>
        answer !== undefined && span(answer, into),
    }),
  };
  if (header === undefined) return column;
  const write: Cell<Row>["write"] = (out, row, view) => {
    const value = column.value(row, view);
    if (value === null) out.ascii("-");
    else if (typeof value === "string") out.foreign(value);
    else out.integer(value as Long);
  };
  return { ...column, cell: { header, width: width!, write } };
}

/** The table of these sockets. */
export function listedTable(
  { name, identity, about, rank, askings, fields, cells, named }: Listed,
  // deno-lint-ignore no-explicit-any
): Table<any> {
  const inode = valueIn<Row>(fields.inode!) as (row: Row) => Long | null;
  const state = fields.state_num && valueIn<Row>(fields.state_num);
  const columns: Columns<Row> = {
    proto: left(
      "Proto",
      9,
      (row) => row.proto,
      "Protocol, as the kernel has it.",
      {
        kind: "name",
        words: Object.keys(askings),
      },
    ),
    ...Object.fromEntries(
      // what the text has stands in front, in its order
      [...new Set([...Object.keys(cells), ...Object.keys(fields)])]
        .map((key) => [key, columnOf(key, fields[key]!, cells)]),
    ),
    ...ownerColumns<Row>((row) => inode(row) ?? 0),
  };
  const table: Table<Row> = {
    name,
    identity,
    sources: Object.keys(askings).map((proto, i) => ({
      path: "/proc/net/protocols",
      proto,
      rank,
      ...(i === 0 ? { support: `AF ${name.toUpperCase()} (sock_diag)` } : {}),
    })),
    columns,
    frozen: {
      title: { text: () => `Active ${about} sockets`, always: false },
    },
    lineLimit: 0,
    row: ({ proto = "" }) => ({ proto, answer: undefined, peer: undefined }),
    // there are no lines
    parse: () => false,
    inode: (row) => inode(row) ?? 0,
    ...(state && {
      keep: (row, view) => kept(state(row, view) === LISTEN, view),
    }),
  };
  return withDepth(table, {
    columns,
    asking: ({ proto }) => askings[proto!],
    alone: true,
    ...(named && { named }),
    parse: () => true,
  });
}

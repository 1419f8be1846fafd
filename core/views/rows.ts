/**
 * From the lines of a file to rows: the one loop that every table is read by.
 *
 * @module
 */

import type { Around } from "./around.ts";
import type { RowsOf, Table } from "../contract/family.ts";
import { Line } from "../contract/line.ts";
import type {
  LineFeed,
  Malformed,
  Reads,
  Relation,
} from "../contract/relation.ts";
import { allOf } from "../contract/sink.ts";

/** How the lines of a file become rows. */
type Parser<Row> =
  & Pick<Table<Row>, "first" | "parse">
  & { readonly headings?: number };

/** The rows of a file: `row` is filled from one line after the other. */
export class Rows<Row> implements Relation {
  /** The line that was read last. */
  readonly line: Line = new Line();
  /** Whether the first line, which `line` is at the start, is a header. */
  readonly header: boolean;
  /** Where the lines come from. */
  readonly lines: LineFeed;
  readonly #table: Pick<Table<Row>, "parse">;
  readonly #row: Row;
  readonly #malformed: Malformed;
  /** Whether the line that was read last is still to be parsed. */
  #again: boolean;
  #ended: boolean;

  /** Looks at the first line, or at as many as the headings are. */
  constructor(
    lines: LineFeed,
    table: Parser<Row>,
    row: Row,
    malformed: Malformed,
  ) {
    this.lines = lines;
    this.#table = table;
    this.#row = row;
    this.#malformed = malformed;
    let { headings = 1 } = table;
    do {
      this.#ended = !lines.next(this.line);
      this.header = !this.#ended && (table.first?.(this.line, row) ?? true);
    } while (this.header && --headings > 0);
    this.#again = !this.#ended && !this.header;
    if (this.#again) this.line.rewind();
  }

  /** Fills the row from the next line that is one; false at the end. */
  next(): boolean {
    const line = this.line;
    while (!this.#ended) {
      if (this.#again) {
        this.#again = false;
      } else if (!this.lines.next(line)) {
        break;
      }
      if (this.#table.parse(line, this.#row)) return true;
      this.#ended = !this.#malformed(line, this.lines.number);
    }
    this.#ended = true;
    return false;
  }
}

/** What rows are made by: a table, or a file that its rows refer to. */
export interface Making<Row> extends Pick<Table<Row>, "first" | "parse"> {
  /** Makes them elsewhere. */
  readonly rows?: RowsOf<Row>;
}

/** The rows of a file, by its table. */
export function rowsOf<Row>(
  lines: LineFeed,
  table: Making<Row>,
  row: Row,
  { malformed, reads }: { malformed: Malformed; reads: Reads },
): Relation {
  return table.rows?.(lines, row, malformed, reads) ??
    new Rows(lines, table, row, malformed);
}

/** What is read of the rows of a table that are shown, or of the names in them. */
export function readsOf(
  // deno-lint-ignore no-explicit-any
  { columns }: Pick<Table<any>, "columns">,
  { asked, view, messages }: Pick<Around, "asked" | "view" | "messages">,
  names = false,
): Reads {
  const shown = !names;
  return {
    view,
    names,
    cells: shown && messages.frozen,
    tones: asked.color === "always",
    values: shown && !messages.frozen
      ? allOf(columns, view).map(({ key }) => key)
      : [],
    joins: asked.format !== "text",
  };
}

/** Rows, and which of them are shown by what. */
export interface Showing<Row> extends Pick<Around, "sink" | "view" | "flush"> {
  /** The rows. */
  readonly rows: Relation;
  /** The row that they are read into. */
  readonly row: Row;
  /** Whether the listing has a row; all, unless given. */
  readonly keep: ((row: Row) => boolean) | undefined;
  /** Asks for the names that a row has, if there are any to wait for. */
  readonly ask: ((row: Row) => void) | undefined;
}

/** Shows rows, each when the names in it are there. */
export async function showRows<Row>(showing: Showing<Row>): Promise<void> {
  const { rows, row, keep, ask, sink, view: { lookups }, flush } = showing;
  if (ask === undefined || lookups === undefined) return showAll(showing);
  if (rows.settle !== undefined) {
    await rows.settle(lookups, flush);
    return showAll(showing);
  }
  while (rows.next()) {
    if (keep !== undefined && !keep(row)) continue;
    ask(row);
    while (lookups.missed()) {
      flush();
      await lookups.answer();
      ask(row);
    }
    if (!sink.row(row)) return;
  }
}

function showAll<Row>({ rows, row, keep, sink }: Showing<Row>): void {
  while (rows.next()) {
    if ((keep === undefined || keep(row)) && !sink.row(row)) return;
  }
}

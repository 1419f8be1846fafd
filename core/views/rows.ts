/**
 * From the lines of a file to rows: the one loop that every table is read by.
 *
 * @module
 */

import type { Around } from "./around.ts";
import type { Step } from "./shape.ts";
import type { RowsOf, Table } from "../contract/family.ts";
import { Line } from "../contract/line.ts";
import type {
  LineFeed,
  Malformed,
  Reads,
  Relation,
} from "../contract/relation.ts";
import { allOf } from "../contract/sink.ts";
import type { Ahead, LineSource, More } from "../system/scan.ts";

/** How the lines of a file become rows. */
type Parser<Row> =
  & Pick<Table<Row>, "first" | "parse">
  & { readonly headings?: number };

/** The rows of a file: `row` is filled from one line after the other. */
export class Rows<Row> implements Relation, Ahead {
  /** The line that was read last. */
  readonly line: Line = new Line();
  /** Whether the first line, which `line` is at the start, is a header. */
  readonly header: boolean;
  /** Where the lines come from. */
  readonly lines: LineFeed & Ahead;
  readonly #table: Pick<Table<Row>, "parse">;
  readonly #row: Row;
  readonly #malformed: Malformed;
  /** Whether the line that was read last is still to be parsed. */
  #again: boolean;
  #ended: boolean;
  /** Whether a line ended the listing. */
  #isStopped = false;

  /** Looks at the first line, or at as many as the headings are. */
  constructor(
    lines: LineFeed & Ahead,
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
      this.#ended =
        this.#isStopped =
          !this.#malformed(line, this.lines.number);
    }
    this.#ended = true;
    return false;
  }

  /** Has lines read while rows are shown. None follows what ended the listing. */
  readAhead(): More {
    const more = this.lines.readAhead?.();
    return async () => {
      this.#ended = this.#isStopped || !(await more?.());
      return !this.#ended;
    };
  }
}

/** What rows are made by: a table, or a file that its rows refer to. */
export interface Making<Row> extends Pick<Table<Row>, "first" | "parse"> {
  /** Makes them elsewhere. */
  readonly rows?: RowsOf<Row>;
}

/** How rows are made, and which lines are none although they look so. */
export interface Form extends Making<unknown> {
  /** Whether the row that was made last is one of the listing's; all are, unless given. */
  believes?(): boolean;
}

/** How the rows of a table are made of its file's lines, or of what netlink lists. */
export function plainForm(
  { table }: Pick<Step, "table">,
  { messages }: Pick<LineSource, "messages">,
): Form {
  return messages ? { first: () => false, parse: table.parseDiag! } : table;
}

/** The rows of a file, by its table. */
export function rowsOf<Row>(
  lines: LineFeed,
  table: Making<Row>,
  row: Row,
  { malformed, reads }: { malformed: Malformed; reads: Reads },
): Relation & Ahead {
  return table.rows?.(lines, row, malformed, reads) ??
    new Rows(lines, table, row, malformed);
}

/** What is read of the rows of a table that are shown, or of the names in them. */
export function readsOf(
  { table, plan }: Pick<Step, "table" | "plan">,
  { asked, view, messages }: Pick<Around, "asked" | "view" | "messages">,
  names = false,
): Reads {
  const shown = !names;
  const values = [
    ...(shown && !messages.frozen
      ? plan?.shown ?? allOf(table.columns, view)
      : []),
    ...plan?.used ?? [],
  ].map(({ key }) => key.split(".", 1)[0]!);
  return {
    view,
    names,
    cells: shown && messages.frozen,
    tones: asked.color === "always",
    values: [...new Set(values)],
    joins: !messages.frozen,
  };
}

/** Rows, and which of them are shown by what. */
export interface Showing<Row> extends Pick<Around, "sink" | "view" | "flush"> {
  /** The rows. */
  readonly rows: Relation & Ahead;
  /** The row that they are read into. */
  readonly row: Row;
  /** Whether the listing has a row; all, unless given. */
  readonly keep: ((row: Row) => boolean) | undefined;
  /** Whether it has it, by what is known once its names are there; all, unless given. */
  readonly later?: ((row: Row) => boolean) | undefined;
  /** Asks for the names that a row has, if there are any to wait for. */
  readonly ask: ((row: Row) => void) | undefined;
  /**
   * Whether rows take so long to show that it pays to receive the next ones meanwhile.
   * net-tools' text is written faster than the kernel tells rows.
   */
  readonly ahead?: boolean;
}

/**
 * Shows rows, each when the names in it are there. Returns whether more of them may
 * follow.
 */
export async function showRows<Row>(
  showing: Showing<Row>,
): Promise<boolean> {
  const { rows, row, keep, later, ask, sink, view: { lookups }, flush } =
    showing;
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
    if (later !== undefined && !later(row)) continue;
    if (!sink.row(row)) return false;
  }
  return true;
}

async function showAll<Row>(showing: Showing<Row>): Promise<boolean> {
  const { rows, ahead = false } = showing;
  const more = ahead ? rows.readAhead?.() : undefined;
  do {
    if (!showThose(showing)) return false;
  } while (await more?.());
  return true;
}

/** Shows the rows that are there. Returns whether more of them may be shown. */
function showThose<Row>(
  { rows, row, keep, later, sink }: Showing<Row>,
): boolean {
  while (rows.next()) {
    if (keep !== undefined && !keep(row)) continue;
    if (later !== undefined && !later(row)) continue;
    if (!sink.row(row)) return false;
  }
  return true;
}

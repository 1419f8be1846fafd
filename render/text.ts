/**
 * Writes rows as net-tools' text, from the column specs. What is peculiar to a
 * column is in the column; this file knows of no family.
 *
 * @module
 */

import { shownOf } from "../core/column.ts";
import type {
  Column,
  Columns,
  CounterFile,
  Out,
  Table,
  Title,
  View,
} from "../core/family.ts";
import type {
  CountSection,
  Listing,
  Report,
  RouteStep,
  Step,
} from "../core/report.ts";
import type { Output } from "./out.ts";

const COLON = 58;
const BLANK = 32;

/** A column as rows are written: one shape for all, so that reading it is fast. */
interface Cell {
  // deno-lint-ignore no-explicit-any
  readonly column: Column<any>;
  /** Blanks in front of it. */
  readonly gap: number;
  readonly width: number;
  // deno-lint-ignore no-explicit-any
  readonly write: Column<any>["write"];
}

/** How a row is written where it is not made of cells alone. */
interface Special {
  /** A table's hooks. */
  // deno-lint-ignore no-explicit-any
  readonly table?: Pick<Table<any>, "illegible" | "problem" | "lead">;
  /** A listing's own writer. */
  write?(out: Out, row: unknown, view: View): boolean;
}

/** Prints a listing as text on `out`; `warn` prints a message on stderr. */
export function textReport(
  out: Output,
  warn: (message: string) => void,
): Report {
  return new TextReport(out, warn);
}

class TextReport implements Report {
  readonly #out: Output;
  readonly #warn: (message: string) => void;
  #view!: View;
  #title: Title | undefined;
  // deno-lint-ignore no-explicit-any
  #header: Columns<any> | undefined;
  #cells: readonly Cell[] = [];
  #special: Special | undefined;

  constructor(out: Output, warn: (message: string) => void) {
    this.#out = out;
    this.#warn = warn;
  }

  begin(view: View): void {
    this.#view = view;
    this.#title = this.#header = undefined;
  }

  heading({ table }: Step): void {
    if (this.#title !== table.title) {
      this.#title = table.title;
      this.#line(table.title.text(this.#view));
    }
    const header = table.header ?? table.columns;
    if (this.#header !== header) {
      this.#header = header;
      this.#headerLine(shownOf(header, this.#view));
      if (table.rule !== undefined) this.#line(table.rule);
    }
  }

  #line(text: string): void {
    this.#out.ascii(text);
    this.#out.endRow();
  }

  // deno-lint-ignore no-explicit-any
  #headerLine(columns: readonly Column<any>[]): void {
    writeHeader(this.#out, columns);
    this.#out.endRow();
  }

  rows({ table }: Step): void {
    this.#show(shownOf(table.columns, this.#view), { table });
  }

  // deno-lint-ignore no-explicit-any
  routes({ table }: RouteStep, columns: readonly Column<any>[]): void {
    if (table.title !== undefined) this.#line(table.title);
    if (columns.length > 0) this.#headerLine(columns);
    this.#show(columns, { table });
  }

  listing(listing: Listing<unknown>): void {
    const columns = shownOf(listing.columns, this.#view);
    if (listing.title !== undefined) this.#line(listing.title);
    if (listing.header) this.#headerLine(columns);
    this.#show(
      columns,
      listing.write === undefined ? {} : { write: listing.write },
    );
  }

  /** Decides how rows are written from here on. */
  // deno-lint-ignore no-explicit-any
  #show(columns: readonly Column<any>[], { table, write }: Special): void {
    const leads = table?.lead !== undefined;
    this.#cells = columns.map((column, i) => ({
      column,
      gap: i > 0 || leads ? column.gap ?? 1 : 0,
      width: column.width,
      write: column.write,
    }));
    const plain = !leads && !write && !table?.illegible && columns.length > 0;
    this.#special = plain ? undefined : {
      ...(table === undefined ? {} : { table }),
      ...(write === undefined ? {} : { write }),
    };
  }

  row(row: unknown): void {
    const out = this.#out;
    const view = this.#view;
    if (this.#special && this.#isWritten(row, this.#special)) return;
    const cells = this.#cells;
    for (let i = 0; i < cells.length; i++) {
      const { column, gap, width, write } = cells[i]!;
      if (gap === 1) out.byte(BLANK);
      else if (gap > 1) out.pad(out.at, gap);
      const start = out.at;
      if (write !== undefined) write.call(column, out, row, view);
      else writeValue(out, column.value(row, view), width);
      if (width < 0) out.pad(start, -width);
      else if (width > 0) out.padLeft(start, width);
    }
    out.endRow();
  }

  /** Writes what stands in front of the cells; returns whether that was all. */
  #isWritten(row: unknown, { table, write }: Special): boolean {
    const out = this.#out;
    const view = this.#view;
    if (write?.(out, row, view)) {
      out.yield();
      return true;
    }
    if (this.#cells.length === 0 && table?.lead === undefined) return true;
    if (table?.illegible?.(row)) {
      this.#problem(table.problem!(row));
      return true;
    }
    table?.lead?.(out, row, view);
    return false;
  }

  showsOwners({ table }: Step): boolean {
    return shownOf(table.columns, this.#view).some((c) => c.asked);
  }

  malformed(
    { table }: Step | RouteStep,
    row: unknown,
    number: number,
  ): number | undefined {
    const fatal = table.fatal?.(row);
    if (fatal !== undefined) {
      this.warn(fatal);
      return 255;
    }
    if (table.problem) this.#problem(table.problem(row));
    else if (table.complaint) {
      const complaint = table.complaint(row, number);
      if (complaint !== undefined) this.warn(complaint);
    } else this.warn(`warning, got bogus ${table.name} line.`);
    return undefined;
  }

  /** Prints a message, if there is one, where a row would stand. */
  #problem(message: string | undefined): void {
    if (message !== undefined) this.note(message);
  }

  note(message: string): void {
    this.#out.foreign(message);
    this.#out.endRow();
  }

  rendered(lines: Uint8Array): void {
    const out = this.#out;
    for (let at = 0; at < lines.length;) {
      const newline = lines.indexOf(10, at);
      const end = newline < 0 ? lines.length : newline;
      out.foreignBytes(lines, at, end);
      if (newline >= 0) out.endRow();
      at = end + 1;
    }
  }

  /**
   * Prints counters. A list has a heading and stands further in; net-tools goes
   * by the last counter that it knows, even one that is 0 and not shown, so that
   * what it does not know can stand in a list too.
   */
  counters(_family: string, sections: readonly CountSection[]): void {
    const out = this.#out;
    let list: string | undefined;
    const indent = () => out.pad(out.at, list === undefined ? 4 : 8);
    for (const section of sections) {
      if (section.known) list = undefined;
      if (!section.shown) continue;
      out.foreign(section.name);
      out.byte(COLON);
      out.endRow();
      for (const { name, printed, known, sentence } of section.counts) {
        if (known !== undefined && sentence === null) continue;
        if (known !== undefined && known.list !== list) {
          if (known.list !== undefined) {
            indent();
            out.ascii(`${known.list}:`);
            out.endRow();
          }
          list = known.list;
        }
        if (printed === 0 && !known?.always) continue;
        indent();
        if (sentence === null) {
          out.foreign(name);
          out.ascii(`: ${printed}`);
        } else {
          out.ascii(sentence);
        }
        out.endRow();
      }
    }
    out.flush();
  }

  malformedCounters({ layout, problem }: CounterFile): boolean {
    if (problem !== undefined) this.warn(problem);
    return layout === "list";
  }

  /** net-tools prints this among the rows. */
  noCounters(message: string): void {
    this.#line(message);
    this.#out.flush();
  }

  warn(message: string): void {
    this.#warn(message);
  }

  end(): void {
    this.#out.flush();
  }
}

// deno-lint-ignore no-explicit-any
function writeHeader(out: Output, columns: readonly Column<any>[]): void {
  for (const [i, column] of columns.entries()) {
    if (i > 0) out.pad(out.at, column.gap ?? 1);
    const start = out.at;
    out.ascii(column.header!);
    const { width, headerWidth = Math.abs(width) } = column;
    if (width > 0) out.padLeft(start, headerWidth);
    else out.pad(start, headerWidth);
  }
}

function writeValue(
  out: Output,
  value: ReturnType<Column<unknown>["value"]>,
  width: number,
): void {
  if (typeof value === "string") out.ascii(value);
  else if (typeof value === "number" || typeof value === "bigint") {
    out.integerRight(value, width);
  }
}

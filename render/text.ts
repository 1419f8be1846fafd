/**
 * Writes rows as net-tools' text, from the column specs. What is peculiar to a
 * column is in the column; this file knows of no family. Colours are put around
 * what is written here (`colours.ts`), and only if they were asked for.
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
import type { Lookups } from "../core/lookups.ts";
import type { Colouring } from "../core/options.ts";
import type {
  CountSection,
  Listing,
  Report,
  RouteStep,
  Step,
} from "../core/report.ts";
import type { ShownView } from "../core/view.ts";
import type { Output } from "./out.ts";

const COLON = 58;
const BLANK = 32;

/** A column as rows are written: one shape for all, so that reading it is fast. */
export interface Cell {
  /** Where it comes from. */
  // deno-lint-ignore no-explicit-any
  readonly column: Column<any>;
  /** Blanks in front of it. */
  readonly gap: number;
  /** The column's width. */
  readonly width: number;
  /** The column's own writer. */
  // deno-lint-ignore no-explicit-any
  readonly write: Column<any>["write"];
}

/** A table's hooks, by which its rows are written. */
export type Hooks = Pick<
  // deno-lint-ignore no-explicit-any
  Table<any>,
  "columns" | "illegible" | "problem" | "lead"
>;

/** Writes the cells of a row. */
type RowWriter = (out: Output, row: unknown, view: View) => void;

/**
 * Makes a function that writes just these cells, without a loop: each call in it
 * leads always to the same column, whose code the engine puts in place of the call.
 * That saves a fifth of a row's time. The source is made of numbers only.
 */
function rowWriter(cells: readonly Cell[]): RowWriter {
  const steps = cells.map(({ gap, width, write }, i) => `
    ${gap === 1 ? `out.byte(${BLANK})` : `out.pad(out.at, ${gap})`};
    start = out.at;
    ${
    write === undefined
      ? `writeValue(out, column${i}.value(row, view), ${width});`
      : `write${i}.call(column${i}, out, row, view);`
  }
    out.${width < 0 ? "pad" : "padLeft"}(start, ${Math.abs(width)});`);
  const make = new Function(
    "writeValue",
    ...cells.flatMap((_, i) => [`column${i}`, `write${i}`]),
    `return (out, row, view) => { let start; ${steps.join("")} };`,
  );
  return make(
    writeValue,
    ...cells.flatMap(({ column, write }) => [column, write]),
  );
}

/** How a row is written where it is not made of cells alone. */
interface Special {
  /** A table's hooks. */
  readonly table?: Hooks;
  /** A listing's own writer. */
  write?(out: Out, row: unknown, view: View): boolean;
}

/** What puts colours around text. */
export type Colours = typeof import("./colours.ts");

/** The colours, if they are to be used. */
export async function coloursOf(
  color: Colouring,
): Promise<Colours | undefined> {
  return color === "always" ? await import("./colours.ts") : undefined;
}

/**
 * Prints a listing as text on `out`, in colours if they are given; `warn` prints a
 * message on stderr.
 */
export function textReport(
  out: Output,
  warn: (message: string) => void,
  colours?: Colours,
): Report {
  return new TextReport(out, warn, colours);
}

class TextReport implements Report {
  readonly allHolders = false;
  // net-tools: each line of a file is a row
  readonly once = false;
  readonly #out: Output;
  readonly #warn: (message: string) => void;
  readonly #colours: Colours | undefined;
  #view!: View;
  #lookups: Lookups | undefined;
  #title: Title | undefined;
  // deno-lint-ignore no-explicit-any
  #header: Columns<any> | undefined;
  #cells: readonly Cell[] = [];
  /** Made for the first row. */
  #writeCells: RowWriter | undefined;
  #special: Special | undefined;

  constructor(
    out: Output,
    warn: (message: string) => void,
    colours: Colours | undefined,
  ) {
    this.#out = out;
    this.#warn = warn;
    this.#colours = colours;
  }

  begin(view: ShownView): void {
    this.#view = view;
    this.#lookups = view.lookups;
    this.#title = this.#header = undefined;
  }

  heading({ table }: Step): void {
    if (this.#title !== table.title) {
      this.#title = table.title;
      this.#titleLine(table.title.text(this.#view));
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

  #titleLine(text: string): void {
    const { at } = this.#out;
    this.#out.ascii(text);
    this.#colours?.colourTitle(this.#out, at);
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
    if (table.title !== undefined) this.#titleLine(table.title);
    if (columns.length > 0) this.#headerLine(columns);
    this.#show(columns, { table });
  }

  listing(listing: Listing<unknown>): void {
    const columns = shownOf(listing.columns, this.#view);
    if (listing.title !== undefined) this.#titleLine(listing.title);
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
    const colours = this.#colours;
    const cells = columns.map((column, i): Cell => ({
      column,
      gap: i > 0 || leads ? column.gap ?? 1 : 0,
      width: column.width,
      write: column.write,
    }));
    this.#cells = colours ? cells.map(colours.colouredCell) : cells;
    this.#writeCells = undefined;
    const plain = !leads && !write && !table?.illegible && columns.length > 0;
    this.#special = plain ? undefined : {
      ...(table === undefined
        ? {}
        : { table: colours?.colouredHooks(table) ?? table }),
      ...(write === undefined ? {} : { write }),
    };
  }

  row(row: unknown): boolean {
    const out = this.#out;
    const special = this.#special;
    if (special && this.#isWritten(row, special)) return true;
    const start = out.at;
    this.#write(row);
    if (this.#lookups?.missed()) {
      out.at = start;
      return false;
    }
    out.endRow();
    return true;
  }

  ask(row: unknown): void {
    const out = this.#out;
    if (this.#special?.table?.illegible?.(row)) return;
    const start = out.at;
    this.#write(row);
    out.at = start;
    this.#lookups?.missed();
  }

  /** Writes what a row is made of, without its newline. */
  #write(row: unknown): void {
    const out = this.#out;
    const view = this.#view;
    this.#special?.table?.lead?.(out, row, view);
    this.#writeCells ??= rowWriter(this.#cells);
    this.#writeCells(out, row, view);
  }

  /** Writes a row that is not made of cells; returns whether it was one. */
  #isWritten(row: unknown, { table, write }: Special): boolean {
    const out = this.#out;
    if (write?.(out, row, this.#view)) {
      out.yield();
      return true;
    }
    if (this.#cells.length === 0 && table?.lead === undefined) return true;
    if (table?.illegible?.(row)) {
      this.#problem(table.problem!(row));
      return true;
    }
    return false;
  }

  flush(): void {
    this.#out.flush();
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
      if (this.#colours) this.#colours.writeColoured(out, lines, at, end);
      else out.foreignBytes(lines, at, end);
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
      const start = out.at;
      out.foreign(section.name);
      out.byte(COLON);
      this.#colours?.colourTitle(out, start);
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

/** Writes a cell, padded to its width. */
export function writeCell(
  out: Output,
  { column, width, write }: Cell,
  row: unknown,
  view: View,
): void {
  const start = out.at;
  if (write !== undefined) write.call(column, out, row, view);
  else writeValue(out, column.value(row, view), width);
  if (width < 0) out.pad(start, -width);
  else if (width > 0) out.padLeft(start, width);
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

/**
 * Writes rows as net-tools' text, from the column specs. What is peculiar to a
 * column is in the column; this file knows of no family. Colours are put around
 * what is written here (`colours.ts`), and only if they were asked for.
 *
 * @module
 */

import type { Printed, Title, Value, View } from "../core/contract/family.ts";
import type { Head, Layout, Shown, Sink } from "../core/contract/sink.ts";
import { compile, type RowWriter, type Step } from "./compile.ts";
import type { Output } from "./out.ts";

/** A column as rows are written: one shape for all, so that reading it is fast. */
export interface Placed {
  /** Where it comes from. */
  // deno-lint-ignore no-explicit-any
  readonly column: Printed<any>;
  /** Blanks in front of it. */
  readonly gap: number;
  /** The column's width. */
  readonly width: number;
  /** The column's own writer. */
  // deno-lint-ignore no-explicit-any
  readonly write: Printed<any>["cell"]["write"];
}

/** Makes what writes the cells of a row. */
function rowWriter(cells: readonly Placed[]): RowWriter {
  return compile(cells.flatMap(({ column, gap, width, write }): Step[] => [
    gap === 1 ? { text: " " } : { blanks: gap },
    { since: true },
    write === undefined
      ? { value: column, by: writePlain, extra: width }
      : { write: write as RowWriter },
    { pad: width },
  ]));
}

/** What puts colours around text. */
export type Colours = typeof import("./colours.ts");

/** What net-tools' text is made for. */
export interface FrozenOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether there are titles and headers; there are, unless given. */
  readonly header?: boolean | undefined;
  /** What puts colours around it, if there are any. */
  readonly colours?: Colours | undefined;
}

/** Writes net-tools' text on `out`. */
export function frozenSink(out: Output, options: FrozenOptions): Sink {
  return new FrozenSink(out, options);
}

/**
 * Rows after so many of a layout have a writer that is made for its cells, which takes a
 * quarter of a millisecond; those before are written cell by cell. Both write the same:
 * tests set it to 0.
 */
export const FEW: { rows: number } = { rows: 16 };

/** What rows of a layout are written by. */
interface Made {
  readonly layout: Layout;
  readonly cells: readonly Placed[];
  /** How many rows are still written cell by cell. */
  left: number;
  /** Made for the first row after those. */
  writeCells: RowWriter | undefined;
  /** Whether rows are made of cells alone. */
  readonly isPlain: boolean;
}

class FrozenSink implements Sink {
  readonly #out: Output;
  readonly #view: View;
  readonly #header: boolean;
  readonly #colours: Colours | undefined;
  #title: Title | undefined;
  #headed: unknown;
  #made!: Made;
  /** What was made of each layout, which may come many times. */
  readonly #all = new WeakMap<Layout, Made>();

  constructor(out: Output, { view, header = true, colours }: FrozenOptions) {
    this.#out = out;
    this.#view = view;
    this.#header = header;
    this.#colours = colours;
  }

  begin(_head: Head, _shown: readonly Shown[], layout: Layout): void {
    if (this.#header) this.#heading(layout);
    let made = this.#all.get(layout);
    if (made === undefined) this.#all.set(layout, made = this.#make(layout));
    this.#made = made;
  }

  #make(layout: Layout): Made {
    const leads = layout.lead !== undefined;
    const cells = layout.cells.map((column, i): Placed => ({
      column,
      gap: i > 0 || leads ? column.cell.gap ?? 1 : 0,
      width: column.cell.width,
      write: column.cell.write,
    }));
    const colours = this.#colours;
    return {
      cells: colours ? cells.map(colours.colouredCell) : cells,
      layout: colours?.colouredLayout(layout) ?? layout,
      left: FEW.rows,
      writeCells: undefined,
      isPlain: !leads && layout.write === undefined &&
        layout.instead === undefined && cells.length > 0,
    };
  }

  /** Prints title and header, unless they stand there already. */
  #heading({ title, header, headed, rule }: Layout): void {
    const out = this.#out;
    const each = title?.each ?? title === undefined;
    if (title !== undefined && (each || title !== this.#title)) {
      const { at } = out;
      out.foreign(title.text(this.#view));
      this.#colours?.colourTitle(out, at);
      out.endRow();
    }
    this.#title = title;
    if (!each && headed === this.#headed) return;
    this.#headed = headed;
    if (header.length === 0) return;
    writeHeader(out, header);
    out.endRow();
    if (rule === undefined) return;
    out.ascii(rule);
    out.endRow();
  }

  row(row: unknown): boolean {
    const out = this.#out;
    const made = this.#made;
    if (!made.isPlain && this.#isWritten(row)) return true;
    if (made.left > 0) {
      made.left--;
      for (const cell of made.cells) {
        out.pad(out.at, cell.gap);
        writeCell(out, cell, row, this.#view);
      }
    } else {
      made.writeCells ??= rowWriter(made.cells);
      made.writeCells(out, row, this.#view);
    }
    out.endRow();
    return true;
  }

  /** Writes a row, or what stands in front of its cells; returns whether it is whole. */
  #isWritten(row: unknown): boolean {
    const out = this.#out;
    const { cells, layout: { write, instead, lead } } = this.#made;
    if (write?.(out, row, this.#view)) {
      out.yield();
      return true;
    }
    if (cells.length === 0 && lead === undefined) return true;
    const said = instead?.(row);
    if (said !== undefined) {
      out.foreign(said.text ?? "");
      out.endRow();
      return true;
    }
    lead?.(out, row, this.#view);
    return false;
  }

  end(): void {
    this.#title = this.#headed = undefined;
    this.#out.flush();
  }
}

/** Writes a cell, padded to its width. */
export function writeCell(
  out: Output,
  { column, width, write }: Placed,
  row: unknown,
  view: View,
): void {
  const start = out.at;
  if (write !== undefined) write(out, row, view);
  else writePlain(out, column.value(row, view), view, width);
  if (width < 0) out.pad(start, -width);
  else if (width > 0) out.padLeft(start, width);
}

// deno-lint-ignore no-explicit-any
function writeHeader(out: Output, columns: readonly Printed<any>[]): void {
  for (const [i, { cell }] of columns.entries()) {
    if (i > 0) out.pad(out.at, cell.gap ?? 1);
    const start = out.at;
    out.ascii(cell.header);
    const { width, headerWidth = Math.abs(width) } = cell;
    if (width > 0) out.padLeft(start, headerWidth);
    else out.pad(start, headerWidth);
  }
}

function writePlain(
  out: Output,
  value: Value,
  _view: View,
  width: number,
): void {
  if (typeof value === "string") out.ascii(value);
  else if (typeof value === "number" || typeof value === "bigint") {
    out.integerRight(value, width);
  }
}

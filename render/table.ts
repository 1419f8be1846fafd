/**
 * Writes rows as a table for people: a line of keys, so that what is read can be typed
 * again, and below it the plain spelling of each value. Widths are those of the first
 * rows; whoever needs all of every cell in a fixed form asks for CSV or JSON.
 *
 * @module
 */

import { isNumeric } from "../core/contract/column.ts";
import { toldBy } from "../core/contract/depth.ts";
import type {
  Columns,
  Long,
  Tone,
  Value,
  View,
} from "../core/contract/family.ts";
import type { Bytes } from "../core/contract/out.ts";
import type { Earlier, Head, Shown, Sink } from "../core/contract/sink.ts";
import { Alike } from "./alike.ts";
import {
  compile,
  type RowWriter,
  type Spelling,
  type Step,
} from "./compile.ts";
import type { Colours } from "./frozen.ts";
import { Output } from "./out.ts";
import {
  fit,
  GAP,
  pad,
  type Place,
  settle,
  type Waiting,
  widen,
} from "./place.ts";
import { type Scale, scaleOf, writePercent, writeScaled } from "./units.ts";

/** So many rows wait until the widths of their columns are known. */
const FIRST = 1000;

/** From so many columns that answers tell on, the cells of the row before are kept. */
const MANY = 16;

/**
 * A column is padded to no more characters than this: a longer cell, which a process
 * can make up, pushes its own row and no other.
 */
const PADDED_MOST = 128;

const COMMA = 44;
const DASH = 45;
const SLASH = 47;

/** What a table is made for. */
export interface TableOptions {
  /** What columns see of the command line; with `-W` nothing is cut. */
  readonly view: View;
  /**
   * How many characters fit into a line of the terminal: the longest texts of a wider
   * table are cut with `…`. Without one, as in a pipe, or with 0 nothing ever is.
   */
  readonly terminal?: number | undefined;
  /** Whether there is a header line; there is, unless given. */
  readonly header?: boolean | undefined;
  /** What puts colours around cells that have a tone, if there are any. */
  readonly colours?: Colours | undefined;
  /** Whether listing follows on listing: they stand under one header. */
  readonly lasts?: boolean | undefined;
}

/**
 * Writes a table on `out`. Relations whose columns have the same names stand in one
 * table; where they change, a new header follows an empty line. If there is no row at
 * all, the header of the first relation stands alone.
 *
 * A header is the column's short name if it has one, else its key. Cells are aligned
 * on the right if they are numbers, else on the left; null and an empty list are `-`.
 * Spans of time and sizes have the unit that fits. A list of texts is joined by commas;
 * so is one of objects, each of which is its first number and its first text
 * (`612/sshd` of an owner), once if several in a row look the same. Control bytes are
 * dots.
 *
 * Widths are counted in characters (code points) of UTF-8, and a byte that is not UTF-8
 * is one: where a terminal draws a character two columns wide, or none, a cell is off
 * by that.
 */
export function tableSink(out: Output, options: TableOptions): Sink {
  return new TableSink(out, options);
}

class TableSink implements Sink {
  readonly #out: Output;
  readonly #options: TableOptions;
  /** The columns of the rows that follow. */
  #columns!: ShownColumns;
  /** Those of the table so far, which may follow one another many times. */
  readonly #made = new Map<readonly Shown[], ShownColumns>();
  /** The cells of a row that waits, one after the other: the engine knows one kind of buffer. */
  readonly #cells = new Output(({ length }) => length);
  #grid: Grid | undefined;
  /** What is shown if there is no row. */
  #first: Grid | undefined;

  constructor(out: Output, options: TableOptions) {
    this.#out = out;
    this.#options = options;
  }

  begin(_head: Head, shown: readonly Shown[]): void {
    this.#columns = this.#made.get(shown) ?? this.#make(shown);
    this.#columns.alike?.forget();
  }

  #make(shown: readonly Shown[]): ShownColumns {
    const headers = shown.map(({ key, column, sign }) =>
      sign ? "" : column.short ?? key
    );
    if (!this.#grid?.isOf(headers)) {
      const follows = this.#endGrid();
      this.#grid = new Grid(this.#out, headers, { ...this.#options, follows });
      this.#first ??= this.#grid;
      this.#made.clear();
    }
    this.#grid!.align(shown);
    const columns = { shown, alike: this.#alike(shown) };
    this.#made.set(shown, columns);
    return columns;
  }

  /** What keeps the cells that rows share, if there are many of them. */
  #alike(shown: readonly Shown[]): Alike | undefined {
    const { view, colours } = this.#options;
    const told = shown.filter(({ column }) => toldBy(column) !== undefined);
    return colours === undefined && told.length >= MANY && shown.every(isPlain)
      ? new Alike(shown.map(({ column }) => plainStep(column)), {
        places: this.#grid!.places,
        view,
        scratch: this.#cells,
      })
      : undefined;
  }

  row(row: unknown): boolean {
    const grid = this.#grid!;
    const columns = this.#columns;
    const { alike } = columns;
    if (alike !== undefined) {
      alike.take(row);
      if (grid.waits) grid.keep(alike.kept());
      else {
        alike.write(this.#out);
        this.#out.endRow();
      }
    } else if (grid.waits) {
      grid.keep(this.#cellsOf(row));
    } else {
      columns.writeRow ??= grid.writerOf(columns.shown);
      columns.writeRow(this.#out, row, this.#options.view);
      this.#out.endRow();
    }
    return true;
  }

  #cellsOf(row: unknown): Waiting {
    const columns = this.#columns;
    const { shown } = columns;
    const { view, colours } = this.#options;
    columns.writeCells ??= compile(
      shown.flatMap((one, i) => [...cellSteps(one), { end: i }]),
    );
    const ends = new Int32Array(shown.length);
    this.#cells.at = 0;
    columns.writeCells(this.#cells, row, view, ends);
    return new Cells(this.#cells.bytes.slice(0, this.#cells.at), ends, {
      tones: shown.map(({ column }) => column.tone?.(row, view)),
      colours,
    });
  }

  end(): void {
    if (this.#options.lasts) this.#endGrid();
    else this.#endAll();
    this.#out.flush();
  }

  #endAll(): void {
    if (!this.#endGrid()) this.#first?.begin();
    this.#grid = this.#first = undefined;
    this.#made.clear();
  }

  /** Ends a table. Returns whether anything was printed yet. */
  #endGrid(): boolean {
    this.#grid?.end();
    return this.#grid?.isPrinted ?? false;
  }
}

/** Columns of rows, and what writes them. */
interface ShownColumns {
  readonly shown: readonly Shown[];
  /** Takes rows, if there are many columns. */
  readonly alike: Alike | undefined;
  /** Made for the first row. */
  writeCells?: RowWriter;
  /** Made for the first that need not wait. */
  writeRow?: RowWriter;
}

/** Whether, and behind what, a table is printed. */
interface GridOptions extends TableOptions {
  /** Whether it follows another one. */
  readonly follows: boolean;
}

/** What colours the cells of a row. */
interface Coloured {
  readonly tones: readonly (Tone | undefined)[];
  readonly colours: Colours | undefined;
}

/** The cells of a row, one after the other, where each ends, and what they mean. */
class Cells implements Waiting {
  readonly #bytes: Uint8Array;
  readonly #ends: Int32Array;
  readonly #coloured: Coloured;

  constructor(bytes: Uint8Array, ends: Int32Array, coloured: Coloured) {
    this.#bytes = bytes;
    this.#ends = ends;
    this.#coloured = coloured;
  }

  measure(places: readonly Place[]): void {
    let start = 0;
    // a table has many cells, and this runs once: no iterators
    for (let i = 0; i < places.length; i++) {
      const end = this.#ends[i]!;
      widen(places[i]!, this.#bytes, start, end);
      start = end;
    }
  }

  write(out: Output, places: readonly Place[]): void {
    const { colours, tones } = this.#coloured;
    let from = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (i > 0) out.pad(out.at, GAP);
      const start = out.at;
      const to = this.#ends[i]!;
      out.room(to - from + place.width);
      let { at } = out;
      for (let j = from; j < to; j++) out.bytes[at++] = this.#bytes[j]!;
      out.at = at;
      settle(out, start, place);
      colours?.colourCell(out, start, tones[i]);
      from = to;
    }
  }
}

/** Rows under one header. */
class Grid {
  readonly #out: Output;
  readonly #options: GridOptions;
  /** Its columns. */
  readonly places: readonly Place[];
  /** Rows that wait until the widths are known. */
  #waiting: Waiting[] | undefined = [];

  constructor(out: Output, headers: readonly string[], options: GridOptions) {
    this.#out = out;
    this.#options = options;
    this.places = headers.map((header) => ({
      header,
      right: false,
      width: header.length,
      most: Infinity,
    }));
  }

  /** Whether anything stands on the output, of this table or of one before. */
  get isPrinted(): boolean {
    return this.#options.follows || this.#waiting === undefined;
  }

  /** Whether these are its headers. */
  isOf(headers: readonly string[]): boolean {
    return headers.length === this.places.length &&
      this.places.every(({ header }, i) => header === headers[i]);
  }

  /** Rows with these columns follow; one that has no such value has a null for it. */
  align(shown: readonly Shown[]): void {
    if (this.#waiting === undefined) return;
    for (const [i, { column }] of shown.entries()) {
      this.places[i]!.right ||= isNumeric(column.kind);
    }
  }

  /** Whether the widths are not known yet, so that rows have to be kept. */
  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  /** Keeps a row. */
  keep(row: Waiting): void {
    const waiting = this.#waiting!;
    waiting.push(row);
    if (waiting.length === FIRST) this.begin();
  }

  /** Prints the rows that are still kept, if there are any. */
  end(): void {
    if (this.#waiting !== undefined && this.#waiting.length > 0) this.begin();
  }

  /** Makes what writes rows that need not wait, without their newlines. */
  writerOf(shown: readonly Shown[]): RowWriter {
    const { colours } = this.#options;
    return compile(shown.flatMap((one, i): Step[] => [
      { text: i > 0 ? " ".repeat(GAP) : "" },
      { since: true },
      ...placedSteps(one, this.places[i]!),
      ...(colours === undefined ? [] : [{
        settle(out: Output, start: number, row: unknown, view: View): void {
          colours.colourCell(out, start, one.column.tone?.(row, view));
        },
      }]),
    ]));
  }

  /** Prints what there is: from now on the widths stand. */
  begin(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#measure(waiting);
    this.#header();
    for (const row of waiting) {
      row.write(this.#out, this.places);
      this.#out.endRow();
    }
  }

  #measure(rows: readonly Waiting[]): void {
    const places = this.places;
    for (const row of rows) row.measure(places);
    const { terminal, view } = this.#options;
    if (terminal && !view.wide) fit(places, terminal);
    else {
      for (const place of places) {
        const most = Math.max(place.header.length, PADDED_MOST);
        place.width = Math.min(place.width, most);
      }
    }
    const last = places.at(-1);
    if (last?.right === false) last.width = 0;
  }

  #header(): void {
    const { header = true, follows } = this.#options;
    if (!header) return;
    if (follows) this.#out.endRow();
    const out = this.#out;
    for (const [i, place] of this.places.entries()) {
      if (i > 0) out.pad(out.at, GAP);
      const start = out.at;
      out.ascii(place.header);
      pad(out, start, place);
    }
    out.endRow();
  }
}

/** Whether a column is of rows that are not compared. */
function isPlain({ sign, earlier }: Shown): boolean {
  return (sign ?? earlier) === undefined;
}

/** How a cell is written and padded, behind `since`: mostly without a second look. */
function placedSteps(shown: Shown, place: Place): Step[] {
  const { width, right, most } = place;
  const { column } = shown;
  if (!isPlain(shown)) {
    return [...cellSteps(shown), {
      settle: (out, start) => settle(out, start, place),
    }];
  }
  if (column.put !== undefined && column.each === undefined) {
    if (most === Infinity) {
      return [{ put: column }, { pad: right ? width : -width }];
    }
  } else if (isNumeric(column.kind)) {
    const plain = column.kind !== "ratio" && scaleOf(column) === undefined;
    return right && plain
      ? [{ value: column, by: writeRight, extra: width }]
      : [...cellSteps(shown), { pad: right ? width : -width }];
  } else if (column.each === undefined) {
    return [{ value: column, by: writePlaced, extra: place }];
  }
  return [...cellSteps(shown), {
    settle: (out, start) => settle(out, start, place),
  }];
}

/** Writes a value in its place. */
function writePlaced(
  out: Bytes,
  value: Value,
  _view: View,
  place: Place,
): void {
  const start = out.at;
  if (typeof value !== "string" || place.right || value.length > place.most) {
    writeValue(out, value);
    return settle(out, start, place);
  }
  const { length } = value;
  out.room(length);
  const { bytes } = out;
  let at = start;
  for (let i = 0; i < length; i++) {
    const byte = value.charCodeAt(i);
    bytes[at++] = byte;
    if (byte < 0x20 || byte > 0x7e) {
      writeValue(out, value);
      return settle(out, start, place);
    }
  }
  out.at = at;
  out.pad(start, place.width);
}

function writeRight(
  out: Bytes,
  value: Long | null,
  _view: View,
  width: number,
): void {
  if (value !== null) return out.integerRight(value, width);
  out.pad(out.at, width - 1);
  out.byte(DASH);
}

/** How a cell is written that is not aligned yet. */
function cellSteps({ column, earlier, sign }: Shown): Step[] {
  if (sign) return [{ value: column, by: writeSign }];
  if (earlier === undefined) return plainSteps(column);
  const lasts = earlier.lasts && growing(column);
  const plain = compile(plainSteps(column));
  const kept = { column: { ...column, value: keptValue } };
  const before = compile(plainSteps(kept.column));
  return [{
    write(out, row, view) {
      const value = earlier.value(row);
      const isSame = value === undefined;
      if (isSame && !lasts) return plain(out, row, view);
      if (writeGrowth(out, { column, earlier }, row, view)) return;
      if (isSame) return plain(out, row, view);
      before(out, { value }, view);
      for (const byte of ARROW) out.byte(byte);
      plain(out, row, view);
    },
  }];
}

/**
 * How a cell is written of what is now, not aligned: of what only grows, by how much it
 * grew.
 */
export function presentSteps({ column, earlier, sign }: Shown): Step[] {
  if (sign) return [{ value: column, by: writeSign }];
  if (earlier === undefined || !growing(column)) return plainSteps(column);
  const plain = compile(plainSteps(column));
  return [{
    write(out, row, view) {
      if (!writeGrowth(out, { column, earlier }, row, view)) {
        plain(out, row, view);
      }
    },
  }];
}

/** Whether a column's numbers only grow, be it in some rows only. */
function growing({ counter, grows }: Shown["column"]): boolean {
  return counter ?? grows !== undefined;
}

/** The value of an object that has nothing else. */
function keptValue({ value }: { readonly value: Value }): Value {
  return value;
}

/** ` → ` in UTF-8. */
const ARROW = [0x20, 0xe2, 0x86, 0x92, 0x20];

const SIGNS: Readonly<Record<string, string>> = {
  added: "+",
  removed: "-",
  changed: "~",
};

function writeSign(out: Bytes, value: string | null): void {
  out.ascii(value === null ? " " : SIGNS[value] ?? value);
}

/**
 * Writes by how much a counter grew, and how much that is in a second if the time is
 * known: `+1100 12.4/s`. Returns whether it is one, and grew; it may have begun anew.
 */
function writeGrowth(
  out: Bytes,
  { column, earlier }: { column: Shown["column"]; earlier: Earlier },
  row: unknown,
  view: View,
): boolean {
  const value = column.value(row, view) as Long | null;
  const was = earlier.value(row) as Long | null | undefined;
  const before = was === undefined ? value : was;
  const first = earlier.first(row) as Long | null | undefined;
  if (value === null || before == null || first == null) return false;
  if (value < before || value < first) return false;
  out.byte(PLUS);
  out.integer(BigInt(value) - BigInt(first));
  const seconds = earlier.seconds();
  if (seconds === undefined || seconds <= 0) return true;
  out.byte(SPACE);
  const rate = Number(BigInt(value) - BigInt(before)) / seconds;
  out.ascii(`${spelledRate(rate)}/s`);
  return true;
}

/** A rate in two digits, or in whole numbers. */
function spelledRate(rate: number): string {
  if (rate > 0 && rate < RATE_LEAST) return `<${RATE_LEAST}`;
  return `${rate < 10 ? Number(rate.toPrecision(2)) : Math.round(rate)}`;
}

const RATE_LEAST = 0.001;

const PLUS = 43;
const SPACE = 32;

function plainSteps(column: Shown["column"]): Step[] {
  return [plainStep(column)];
}

function plainStep(column: Shown["column"]): Spelling {
  if (column.each !== undefined) {
    const extra = briefOf(column.each);
    return { value: column, by: writeObjects, extra };
  }
  if (column.put !== undefined) return { put: column };
  if (column.kind === "ratio") return { value: column, by: writeRatio };
  if (!isNumeric(column.kind)) return { value: column, by: writeValue };
  return { value: column, by: writeNumber, extra: scaleOf(column) };
}

function writeNumber(
  out: Bytes,
  value: Long | null,
  _view: View,
  scale: Scale | undefined,
): void {
  if (value === null) out.byte(DASH);
  else if (scale === undefined) out.integer(value);
  else writeScaled(out, value, scale);
}

function writeRatio(out: Bytes, value: number | null): void {
  if (value === null) out.byte(DASH);
  else writePercent(out, value);
}

function writeValue(out: Bytes, value: Value): void {
  if (typeof value === "string") {
    out.room(value.length);
    out.ascii(value);
  } else if (typeof value === "number" || typeof value === "bigint") {
    out.number(value);
  } else if (typeof value === "boolean") {
    out.ascii(`${value}`);
  } else if (value === null || value.length === 0) {
    out.byte(DASH);
  } else {
    const items = value as readonly (string | null)[];
    for (let i = 0; i < items.length; i++) {
      if (i > 0) out.byte(COMMA);
      writeValue(out, items[i]!);
    }
  }
}

/** What is shown of an object: a number that it has, and a text. */
type Brief = readonly Shown["column"][];

/** The first column of numbers, and the first of texts. */
function briefOf(columns: Columns<unknown>): Brief {
  const all = Object.values(columns);
  const text = ["string", "name", "address"];
  return [
    all.find(({ kind }) => isNumeric(kind)),
    all.find(({ kind }) => text.includes(kind)),
  ].filter((column) => column !== undefined);
}

function writeObjects(
  out: Bytes,
  objects: readonly object[] | null,
  view: View,
  brief: Brief,
): void {
  if (objects === null || objects.length === 0) return out.byte(DASH);
  // where the one before stands
  let from = out.at;
  let to = from;
  for (const object of objects) {
    const { at } = out;
    out.room(0);
    if (to > from) out.byte(COMMA);
    const start = out.at;
    for (let i = 0; i < brief.length; i++) {
      if (i > 0) out.byte(SLASH);
      writeValue(out, brief[i]!.value(object, view));
    }
    if (isSame(out.bytes, from, to, start, out.at)) {
      out.at = at;
    } else {
      from = start;
      to = out.at;
    }
  }
}

/** Whether two stretches of bytes are the same. */
function isSame(
  bytes: Uint8Array,
  from: number,
  to: number,
  start: number,
  end: number,
): boolean {
  if (to - from !== end - start) return false;
  for (let i = from; i < to; i++) {
    if (bytes[i] !== bytes[start + i - from]) return false;
  }
  return true;
}

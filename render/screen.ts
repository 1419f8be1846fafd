/**
 * A listing as a frame for a terminal, which is painted over the frame before: a title, a
 * header, those of the rows that there is room for, and what else is to be said. Nothing
 * here knows the terminal, only how many characters it shows.
 *
 * @module
 */

import { isNumeric } from "../core/contract/column.ts";
import type { View } from "../core/contract/family.ts";
import { fromUtf8, toUtf8 } from "../core/contract/line.ts";
import { Bytes, neutralise } from "../core/contract/out.ts";
import type { Head, Shown, Sink } from "../core/contract/sink.ts";
import { compile, type RowWriter } from "./compile.ts";
import type { Colours } from "./frozen.ts";
import type { Output } from "./out.ts";
import { charactersOf, fit, GAP, lay, type Place } from "./place.ts";
import { presentSteps } from "./table.ts";

/** What is shown, and where. */
export interface Scene {
  /** How many characters a line has. */
  readonly columns: number;
  /** How many lines there are. */
  readonly rows: number;
  /** The number of the first row that is wanted. */
  readonly top: number;
  /** The first line. */
  readonly title: string;
  /** What the user is told, on a line below the rows; a byte string. */
  readonly message?: string | undefined;
  /** Where the user writes, if that is so. */
  readonly prompt?: Prompt | undefined;
}

/** A line that the user writes. */
export interface Prompt {
  /** What stands in front of it. */
  readonly label: string;
  /** The line so far, a byte string. */
  readonly text: string;
  /** What is wrong with it: its text, and a mark below it with what is wrong there. */
  readonly error: readonly string[];
}

/** What a terminal is sent. */
export interface Frame {
  /** All of it. */
  readonly bytes: Uint8Array;
  /** The number of the first row that is seen. */
  readonly top: number;
  /** How many rows are seen. */
  readonly seen: number;
}

/** What a screen is made for. */
export interface ScreenOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether there is a header line; there is, unless given. */
  readonly header?: boolean | undefined;
  /** What puts colours around cells; without it there are attributes only. */
  readonly colours?: Colours | undefined;
}

/** No more than one of so many lines says what is wrong with a question. */
const ERROR_PART = 3;

// SGR of ECMA-48
const BOLD = "\x1b[1m";
const PLAIN = "\x1b[0m";
/** Dim, and struck through where the terminal can do that. */
const GONE = "\x1b[2;9m";
const REVERSE = "\x1b[7m";
const REVERSE_GREEN = "\x1b[7;32m";

/** The attributes of a row that came or went, with colours or without. */
const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  added: [REVERSE_GREEN, REVERSE],
  removed: [GONE, GONE],
};

/** Rows that look the same, from the number of the first one on. */
interface Run {
  readonly from: number;
  readonly made: Made;
}

/** A listing. The rows stay what they are until the next one is whole. */
class Listing {
  readonly rows: unknown[] = [];
  readonly runs: Run[] = [];
  /** What rows look like, by their columns. */
  readonly made = new Map<readonly Shown[], Made>();
  /** How many of the rows are there, and did not go. */
  present = 0;
}

/** Columns, and what is made of them once. */
interface Made {
  readonly shown: readonly Shown[];
  /** What says how the row differs. */
  readonly sign: Shown | undefined;
  /** The table that the rows stand in. */
  readonly grid: Grid;
  write?: RowWriter;
}

/** A row that is seen. */
interface Seen {
  readonly made: Made;
  readonly row: unknown;
}

/** The columns of a table, which get wider and never narrower, so that they stand still. */
class Grid {
  readonly headers: readonly string[];
  readonly #right: boolean[];
  readonly #widths: number[];

  constructor(headers: readonly string[]) {
    this.headers = headers;
    this.#right = headers.map(() => false);
    this.#widths = headers.map(({ length }) => length);
  }

  align(shown: readonly Shown[]): void {
    for (const [i, { column }] of shown.entries()) {
      this.#right[i] ||= isNumeric(column.kind);
    }
  }

  measure(cells: readonly Uint8Array[]): void {
    for (const [i, cell] of cells.entries()) {
      this.#widths[i] = Math.max(this.#widths[i]!, charactersOf(cell));
    }
  }

  /** The columns; those of a table that is cut fit into a line if they can. */
  places(columns: number, isCut: boolean): Place[] {
    const places = this.headers.map((header, i): Place => ({
      header,
      right: this.#right[i]!,
      width: this.#widths[i]!,
      most: Infinity,
    }));
    if (isCut) fit(places, columns);
    return places;
  }
}

/**
 * Takes the rows of listings, and makes frames of the last one. Rows must stay what they
 * are until the next listing is whole, as those of `core/query/change.ts` do.
 */
export class Screen implements Sink {
  readonly #options: ScreenOptions;
  #listing = new Listing();
  #next = new Listing();
  readonly #grids = new Map<string, Grid>();
  readonly #cells = new Bytes();

  /** Shows no row yet. */
  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /** Rows with these columns follow. */
  begin(_head: Head, shown: readonly Shown[]): void {
    const { runs, rows, made: all } = this.#next;
    // rows come all at once, so that nobody looks in between: the memory of those before
    // is free by then
    if (rows.length === 0) this.#listing = new Listing();
    if (runs.at(-1)?.from === rows.length) runs.pop();
    let made = all.get(shown);
    if (made === undefined) all.set(shown, made = this.#make(shown));
    runs.push({ from: rows.length, made });
  }

  #make(shown: readonly Shown[]): Made {
    const headers = shown.map(({ key, column, sign }) =>
      sign ? "" : column.short ?? key
    );
    const name = headers.join();
    let grid = this.#grids.get(name);
    if (grid === undefined) this.#grids.set(name, grid = new Grid(headers));
    grid.align(shown);
    return { shown, grid, sign: shown.find(({ sign }) => sign) };
  }

  /** Takes a row. */
  row(row: unknown): boolean {
    const { rows, runs } = this.#next;
    rows.push(row);
    if (this.#kindOf({ row, made: runs.at(-1)!.made }) !== "removed") {
      this.#next.present++;
    }
    return true;
  }

  #kindOf({ made: { sign }, row }: Seen): string | null {
    return sign?.column.value(row, this.#options.view) as string | null ??
      null;
  }

  /** From now on this listing is shown. */
  end(): void {
    this.#listing = this.#next;
    this.#next = new Listing();
  }

  /** How many rows are there. */
  get present(): number {
    return this.#listing.present;
  }

  /** The columns that are shown, as far as rows have been. */
  get shown(): readonly Shown[] {
    return this.#listing.runs[0]?.made.shown ?? [];
  }

  /** What a terminal is sent. */
  frame(scene: Scene): Frame {
    const { columns, rows } = scene;
    const out = new Bytes();
    const foot = footOf(scene);
    const room = Math.max(0, rows - 1 - foot.length);
    const { rows: { length } } = this.#listing;
    const isWhole = this.#seenFrom(0, room) >= length;
    // a line says how many are not seen
    const body = isWhole ? room : Math.max(0, room - 1);
    const top = isWhole
      ? 0
      : Math.min(Math.max(0, scene.top), this.#last(body));
    const seen = this.#seenFrom(top, body);
    const lines = [
      [...marked(BOLD, cut(scene.title, columns))],
      ...this.#body(top, seen, columns),
    ];
    while (lines.length < 1 + body) lines.push([]);
    if (!isWhole && room > 0) {
      lines.push(cut(elsewhere(top, length - top - seen), columns));
    }
    lines.push(...foot);
    // the prompt is the last one
    const painted = lines.slice(-rows);
    out.ascii("\x1b[?25l");
    for (const [i, line] of painted.entries()) {
      out.room(line.length);
      out.ascii(`\x1b[${i + 1};1H\x1b[K`);
      for (const byte of line) out.byte(byte);
    }
    if (scene.prompt !== undefined) {
      const at = charactersOf(Uint8Array.from(painted.at(-1)!));
      out.ascii(`\x1b[${rows};${Math.min(columns, at + 1)}H\x1b[?25h`);
    }
    return { bytes: out.bytes.slice(0, out.at), top, seen };
  }

  /** Of the row with this number, the columns. */
  #madeOf(i: number): Made {
    const { runs } = this.#listing;
    let low = 0;
    let high = runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (runs[middle]!.from <= i) low = middle;
      else high = middle - 1;
    }
    return runs[low]!.made;
  }

  /** How many lines a row takes below another one, which has a table of its own. */
  #linesOf(i: number, above: number | undefined): number {
    const headers = this.#options.header === false ? 0 : 1;
    if (above === undefined) return 1 + headers;
    const isSame = this.#madeOf(i).grid === this.#madeOf(above).grid;
    return isSame ? 1 : 2 + headers;
  }

  /** How many rows from `top` on these lines have room for. */
  #seenFrom(top: number, lines: number): number {
    const { length } = this.#listing.rows;
    let i = top;
    for (let above: number | undefined; i < length; above = i++) {
      lines -= this.#linesOf(i, above);
      if (lines < 0) break;
    }
    return i - top;
  }

  /** The first row that is seen if the last one is. */
  #last(lines: number): number {
    let top = this.#listing.rows.length;
    while (top > 0) {
      const candidate = top - 1;
      if (
        this.#seenFrom(candidate, lines) < this.#listing.rows.length - candidate
      ) {
        break;
      }
      top = candidate;
    }
    return Math.min(top, Math.max(0, this.#listing.rows.length - 1));
  }

  #body(top: number, seen: number, columns: number): number[][] {
    const rows = this.#listing.rows.slice(top, top + seen)
      .map((row, i): Seen => ({ row, made: this.#madeOf(top + i) }));
    const cells = rows.map((row) => this.#cellsOf(row));
    for (const [i, { made }] of rows.entries()) made.grid.measure(cells[i]!);
    const lines: number[][] = [];
    let grid: Grid | undefined;
    let places: readonly Place[] = [];
    for (const [i, row] of rows.entries()) {
      if (row.made.grid !== grid) {
        if (grid !== undefined) lines.push([]);
        grid = row.made.grid;
        places = grid.places(columns, !this.#options.view.wide);
        if (this.#options.header !== false) {
          lines.push(headerLine(places, columns));
        }
      }
      lines.push(this.#line(row, cells[i]!, places, columns));
    }
    return lines;
  }

  #cellsOf({ made, row }: Seen): Uint8Array[] {
    made.write ??= compile(
      made.shown.flatMap((one, i) => [...presentSteps(one), { end: i }]),
    );
    const ends = new Int32Array(made.shown.length);
    const out = this.#cells;
    out.at = 0;
    made.write(out, row, this.#options.view, ends);
    return made.shown.map((_, i) => {
      const cell = out.bytes.slice(i > 0 ? ends[i - 1] : 0, ends[i]);
      neutralise(cell, 0, cell.length);
      return cell;
    });
  }

  #line(
    seen: Seen,
    cells: readonly Uint8Array[],
    places: readonly Place[],
    columns: number,
  ): number[] {
    const { view, colours } = this.#options;
    const { made: { shown }, row } = seen;
    const mark = MARKS[this.#kindOf(seen) ?? ""]?.[colours ? 0 : 1];
    const line = lineOf(places, columns, (out, place, i) => {
      const start = out.at;
      lay(out, place, cells[i]!);
      const { column, earlier } = shown[i]!;
      if (mark !== undefined) return;
      colours?.colourCell(out as Output, start, column.tone?.(row, view));
      if (earlier?.value(row) === undefined) return;
      const cell = out.bytes.slice(start, out.at);
      out.at = start;
      out.room(cell.length);
      for (const byte of marked(BOLD, cell)) out.byte(byte);
    });
    return mark === undefined ? line : marked(mark, line);
  }
}

function headerLine(places: readonly Place[], columns: number): number[] {
  const line = lineOf(places, columns, (out, place) => {
    lay(out, place, new TextEncoder().encode(place.header));
  });
  return marked(BOLD, line);
}

/** Where lines are written before they have their place. */
const SCRATCH = new Bytes();

/** A line of cells, which ends where the terminal's does. */
function lineOf(
  places: readonly Place[],
  columns: number,
  write: (out: Bytes, place: Place, i: number) => void,
): number[] {
  const out = SCRATCH;
  out.at = 0;
  let left = columns;
  for (const [i, place] of places.entries()) {
    if (i > 0) out.pad(out.at, Math.min(GAP, left));
    left -= i > 0 ? GAP : 0;
    if (left <= 0) break;
    const width = Math.min(place.width, left);
    const most = Math.min(place.most, left);
    write(out, { ...place, width, most }, i);
    left -= place.width;
  }
  return [...out.bytes.subarray(0, out.at)];
}

/** A text without control bytes, cut to a line. */
function cut(text: string, columns: number): number[] {
  const out = SCRATCH;
  out.at = 0;
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  lay(out, { right: false, width: 0, most: columns }, bytes);
  return [...out.bytes.subarray(0, out.at)];
}

/** A line between attributes. */
function marked(sequence: string, line: Iterable<number>): number[] {
  const bytes = (text: string) => Array.from(text, (c) => c.charCodeAt(0));
  return [...bytes(sequence), ...line, ...bytes(PLAIN)];
}

/** How many rows are not seen. */
function elsewhere(above: number, below: number): string {
  const rows = (count: number) => `${count} ${count === 1 ? "row" : "rows"}`;
  return [
    above > 0 ? `${rows(above)} above` : "",
    below > 0 ? `${rows(below)} below` : "",
  ].filter((text) => text !== "").join(", ");
}

/** What stands below the rows. */
function footOf({ columns, rows, message, prompt }: Scene): number[][] {
  const lines: number[][] = [];
  if (message !== undefined) lines.push(cut(message, columns));
  if (prompt === undefined) return lines;
  const most = Math.max(2, Math.floor(rows / ERROR_PART));
  for (const line of errorLines(prompt.error, columns).slice(0, most)) {
    lines.push(cut(line, columns));
  }
  // the end of a long text is where it is written
  const room = Math.max(0, columns - prompt.label.length - 1);
  const { text, label } = prompt;
  let from = 0;
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  while (charactersOf(bytes.subarray(from)) > room) from++;
  lines.push(cut(label + text.slice(from), columns));
  return lines;
}

/**
 * What is wrong, for a line of that width: if need be, both lines begin later, and the
 * words behind the mark go on below it.
 */
function errorLines(error: readonly string[], columns: number): string[] {
  const [text, said] = error.map((line) => Array.from(fromUtf8(line)));
  if (text === undefined || said === undefined) return [...error];
  const mark = said.indexOf("^");
  const shift = Math.max(0, mark - (columns >> 1));
  const lines = [text.slice(shift).join("")];
  let line = said.slice(shift, mark + 1).join("");
  for (const word of said.slice(mark + 2).join("").split(" ")) {
    if (line.length + 1 + word.length > columns) {
      lines.push(line);
      line = " ";
    }
    line += ` ${word}`;
  }
  return [...lines, line].map(toUtf8);
}

/** What the title tells of a listing. */
export interface Titled {
  /** When it was listed, in milliseconds since 1970. */
  readonly time: number;
  /** Milliseconds from one to the next. */
  readonly interval: number;
  /** How many rows there are. */
  readonly rows: number;
  /** How many came since the one before. */
  readonly added: number;
  /** How many went. */
  readonly removed: number;
  /** How long that took, in seconds; undefined of the first one. */
  readonly seconds: number | undefined;
  /** What else holds, such as `paused`; byte strings. */
  readonly also: readonly string[];
}

/** The first line: time, interval, how many rows there are, come and go. */
export function titleOf(
  { time, interval, rows, added, removed, seconds, also }: Titled,
): string {
  const rate = (count: number) => {
    const rate = seconds !== undefined && seconds > 0 ? count / seconds : 0;
    return `${rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate)}/s`;
  };
  return [
    new Date(time).toISOString().replace(/\.\d+Z$/, "Z"),
    `every ${interval / 1000} s`,
    `${rows} ${rows === 1 ? "row" : "rows"}`,
    `+${rate(added)} -${rate(removed)}`,
    ...also,
  ].join("  ");
}

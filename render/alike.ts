/**
 * Rows of many columns, of which most say what they said in the row before: of each row
 * only the cells that differ are written, and the others stay where they are. To write a
 * hundred cells and pad each of them takes several times as long.
 *
 * @module
 */

import {
  type Telling,
  type Told,
  toldAloneBy,
  toldBy,
} from "../core/contract/depth.ts";
import {
  type Answer,
  Before,
  clearWords,
  Origins,
} from "../core/contract/diag.ts";
import type { Value, View } from "../core/contract/family.ts";
import type { Bytes } from "../core/contract/out.ts";
import type { Shown } from "../core/contract/sink.ts";
import type { Spelling } from "./compile.ts";
import { GAP, type Place, settle, type Waiting, widen } from "./place.ts";

const BLANK = 32;
const TILDE = 126;

/** What rows are written by. */
export interface AlikeOptions {
  /** Where cells stand; how wide they are is known when the first row is written. */
  readonly places: readonly Place[];
  /** What columns see of the command line. */
  readonly view: View;
  /** Where cells are made. */
  readonly scratch: Bytes;
}

/** A column, and what its cell says. */
class Cell {
  readonly column: Shown["column"];
  /** What tells the value by an answer, if that is all it takes… */
  readonly telling: Telling<Value> | undefined;
  /** …at least where rows have no lines. */
  readonly tellingAlone: Telling<Value> | undefined;
  /** Tells it by the row; looked up once, as columns are of many shapes. */
  readonly valueOf: Shown["column"]["value"];
  /** Writes it; undefined where the column has a spelling of its own. */
  readonly by:
    | ((out: Bytes, value: Value, view: View, extra: unknown) => void)
    | undefined;
  readonly extra: unknown;
  /** What it says, if that is a number. */
  number = NaN;
  /** What it says if not. */
  value: Value | undefined;

  constructor(spelling: Spelling) {
    const isPut = "put" in spelling;
    this.column = isPut ? spelling.put : spelling.value;
    this.telling = isPut ? undefined : toldBy(this.column);
    this.tellingAlone = isPut ? undefined : toldAloneBy(this.column);
    this.valueOf = this.column.value;
    this.by = isPut ? undefined : spelling.by;
    this.extra = isPut ? undefined : spelling.extra;
  }

  /** Says this from now on. Returns whether it did already. */
  says(value: Value): boolean {
    // numbers are compared at once, all else with care
    if (typeof value === "number") {
      if (value === this.number) return true;
      this.number = value;
      this.value = undefined;
      return false;
    }
    if (value === this.value) return true;
    this.value = value;
    this.number = NaN;
    return false;
  }
}

/** Rows, one after the other, by how each differs from the one before. */
export class Alike {
  readonly #cells: readonly Cell[];
  /** Those that are told by more than an answer, even where rows have no lines. */
  readonly #others: readonly number[];
  /** Those of which only lines may tell more. */
  readonly #ofLines: readonly number[];
  readonly #view: View;
  readonly #scratch: Bytes;
  readonly #row: AlikeRow;
  readonly #before = new Before();
  readonly #origins: Origins;
  /** The cells of the row that was taken that differ, and where each ends. */
  readonly #changed: Int32Array;
  readonly #ends: Int32Array;
  #count = 0;

  /** No row was taken yet. */
  constructor(
    spellings: readonly Spelling[],
    { places, view, scratch }: AlikeOptions,
  ) {
    const { length } = spellings;
    this.#cells = spellings.map((one) => new Cell(one));
    const untold = [...spellings.keys()].filter((i) =>
      this.#cells[i]!.telling === undefined
    );
    const isOfLines = (i: number) => this.#cells[i]!.tellingAlone !== undefined;
    this.#others = untold.filter((i) => !isOfLines(i));
    this.#ofLines = untold.filter(isOfLines);
    this.#view = view;
    this.#scratch = scratch;
    this.#row = new AlikeRow(places, scratch);
    this.#origins = new Origins(length);
    this.#changed = new Int32Array(length);
    this.#ends = new Int32Array(length);
  }

  /** Forgets what the kernel told of the row before: names may have changed since. */
  forget(): void {
    this.#before.forget();
  }

  /** Takes a row. What differs is told by `kept` or `write` before the next one. */
  take(row: unknown): void {
    const { answer } = row as Partial<Told>;
    const before = this.#before;
    this.#scratch.at = 0;
    this.#count = 0;
    if (answer !== undefined && answer.isLike(before)) {
      const { found } = this.#origins;
      const count = this.#origins.find(before.changed);
      for (let i = 0; i < count; i++) this.#tell(found[i]!, answer);
      for (const i of this.#others) this.#tellRow(i, row);
      if (!answer.isRow) {
        for (const i of this.#ofLines) this.#tellRow(i, row);
      }
      return;
    }
    if (answer === undefined) before.forget();
    for (let i = 0; i < this.#cells.length; i++) {
      const { telling, tellingAlone } = this.#cells[i]!;
      const isTold = answer?.isRow ? tellingAlone : telling;
      if (answer === undefined || isTold === undefined) this.#tellRow(i, row);
      else this.#tell(i, answer);
    }
  }

  /** Has a cell say what an answer tells. */
  #tell(i: number, answer: Answer): void {
    const cell = this.#cells[i]!;
    clearWords(answer.looked);
    const value = cell.tellingAlone!(answer, this.#view);
    this.#origins.add(i, answer.looked);
    this.#say(i, cell, value);
  }

  /** Has a cell say what a row tells. */
  #tellRow(i: number, row: unknown): void {
    const cell = this.#cells[i]!;
    const { column, valueOf } = cell;
    if (cell.by !== undefined) {
      return this.#say(i, cell, valueOf.call(column, row, this.#view));
    }
    this.#scratch.room(0);
    column.put!(this.#scratch, row, this.#view);
    this.#end(i);
  }

  #say(i: number, cell: Cell, value: Value): void {
    if (cell.says(value)) return;
    this.#scratch.room(0);
    cell.by!(this.#scratch, value, this.#view, cell.extra);
    this.#end(i);
  }

  #end(i: number): void {
    this.#changed[this.#count] = i;
    this.#ends[this.#count++] = this.#scratch.at;
  }

  /** Keeps the row that was taken until the widths of columns are known. */
  kept(): Waiting {
    const bytes = this.#scratch.bytes.slice(0, this.#scratch.at);
    const cells = this.#changed.slice(0, this.#count);
    const ends = this.#ends.slice(0, this.#count);
    const row = this.#row;
    return {
      measure(places) {
        for (let i = 0; i < cells.length; i++) {
          const from = i > 0 ? ends[i - 1]! : 0;
          widen(places[cells[i]!]!, bytes, from, ends[i]!);
        }
      },
      write(out) {
        for (let i = 0; i < cells.length; i++) {
          row.set(cells[i]!, bytes, i > 0 ? ends[i - 1]! : 0, ends[i]!);
        }
        row.write(out);
      },
    };
  }

  /** Writes the row that was taken, without a newline. */
  write(out: Bytes): void {
    const { bytes } = this.#scratch;
    let from = 0;
    for (let i = 0; i < this.#count; i++) {
      const to = this.#ends[i]!;
      this.#row.set(this.#changed[i]!, bytes, from, to);
      from = to;
    }
    this.#row.write(out);
  }
}

/** The text of a cell that does not fit into its column, padded. */
interface Long {
  bytes: Uint8Array;
  length: number;
}

/** The row that was written last. */
class AlikeRow {
  readonly #places: readonly Place[];
  readonly #scratch: Bytes;
  /** Where each cell starts. */
  readonly #starts: Int32Array;
  /** How many bytes of each are not surely blank. */
  readonly #filled: Int32Array;
  /** All cells that fit; made when widths are known. */
  #ground: Uint8Array | undefined;
  /** The others. */
  readonly #long: (Long | undefined)[];
  /** What stands before each of those, and behind the last; undefined if others are long. */
  #between: Uint8Array[] | undefined;

  constructor(places: readonly Place[], scratch: Bytes) {
    this.#places = places;
    this.#scratch = scratch;
    this.#starts = new Int32Array(places.length);
    this.#filled = new Int32Array(places.length);
    this.#long = new Array(places.length).fill(undefined);
  }

  #make(): Uint8Array {
    let end = -GAP;
    for (const [i, { width }] of this.#places.entries()) {
      this.#starts[i] = end + GAP;
      end += GAP + width;
    }
    return this.#ground = new Uint8Array(end).fill(BLANK);
  }

  /** Puts a cell in the place of what it was. */
  set(cell: number, bytes: Uint8Array, from: number, to: number): void {
    const ground = this.#ground ?? this.#make();
    const { width, right } = this.#places[cell]!;
    const length = to - from;
    if (length > width) return this.#settle(cell, bytes, from, to);
    const start = this.#starts[cell]!;
    const before = this.#filled[cell]!;
    this.#filled[cell] = length;
    let at = start;
    if (right) {
      at += width - before;
      for (let i = length; i < before; i++) ground[at++] = BLANK;
      at = start + width - length;
    }
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      if (byte < BLANK || byte > TILDE) {
        return this.#settle(cell, bytes, from, to);
      }
      ground[at++] = byte;
    }
    if (!right) { for (let i = length; i < before; i++) ground[at++] = BLANK; }
    if (this.#long[cell] !== undefined) this.#setLong(cell, undefined);
  }

  /** Puts a cell there that may be too long, or have bytes that no cell has. */
  #settle(cell: number, bytes: Uint8Array, from: number, to: number): void {
    this.#filled[cell] = this.#places[cell]!.width;
    const out = this.#scratch;
    const start = out.at;
    out.foreignBytes(bytes, from, to);
    const place = this.#places[cell]!;
    settle(out, start, place);
    const length = out.at - start;
    out.at = start;
    const text = out.bytes.subarray(start, start + length);
    if (length === place.width) {
      this.#ground!.set(text, this.#starts[cell]!);
      return this.#setLong(cell, undefined);
    }
    const long = this.#long[cell];
    if (long === undefined || long.bytes.length < length) {
      return this.#setLong(cell, { bytes: text.slice(), length });
    }
    long.bytes.set(text);
    long.length = length;
  }

  #setLong(cell: number, long: Long | undefined): void {
    this.#long[cell] = long;
    this.#between = undefined;
  }

  /** Writes it, without a newline. */
  write(out: Bytes): void {
    const between = this.#between ??= this.#pieces();
    out.room(this.#ground!.length);
    let piece = 0;
    if (between.length > 1) {
      for (const long of this.#long) {
        if (long === undefined) continue;
        append(out, between[piece++]!);
        out.room(long.length);
        for (let i = 0; i < long.length; i++) out.byte(long.bytes[i]!);
      }
    }
    append(out, between[piece]!);
  }

  #pieces(): Uint8Array[] {
    const pieces = [];
    let from = 0;
    for (const [i, long] of this.#long.entries()) {
      if (long === undefined) continue;
      const start = this.#starts[i]!;
      pieces.push(this.#ground!.subarray(from, start));
      from = start + this.#places[i]!.width;
    }
    pieces.push(this.#ground!.subarray(from));
    return pieces;
  }
}

function append(out: Bytes, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  out.bytes.set(bytes, out.at);
  out.at += bytes.length;
}

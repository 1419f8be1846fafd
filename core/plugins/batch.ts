/**
 * Rows as bytes: what a family file's thread made of lines, and the program shows.
 * Each row has the same fields; the end of each field is kept, and where a value is
 * null.
 *
 * @module
 */

import type { Column, Long, Value } from "../contract/family.ts";
import { byteString } from "../contract/line.ts";
import { Bytes, THRESHOLD } from "../contract/out.ts";
import { json } from "./channel.ts";

/** Marks the end of a field that is null. */
const NONE = 0x8000_0000;

/** A batch has no more rows. */
const ROWS_MOST = 4096;

/** How many rows there are, and how many fields each of them has, 4 bytes each. */
const HEAD = 8;

/** Makes batches. */
export class BatchWriter {
  /** Where the next field is written. */
  readonly out: Bytes = new Bytes();
  readonly #send: (parts: readonly Uint8Array[]) => void;
  readonly #fields: number;
  #ends = new Uint32Array(1024);
  #count = 0;
  #rows = 0;

  /** Rows of so many fields; `send` is given the parts of each batch. */
  constructor(fields: number, send: (parts: readonly Uint8Array[]) => void) {
    this.#fields = fields;
    this.#send = send;
  }

  /** Ends a field, which was written to `out`. */
  end(): void {
    this.#add(this.out.at);
  }

  /** Writes a field that is null. */
  none(): void {
    this.#add(this.out.at | NONE);
  }

  #add(end: number): void {
    if (this.#count === this.#ends.length) {
      const larger = new Uint32Array(2 * this.#count);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#count++] = end;
  }

  /** Writes a value of a column. */
  value(
    value: Value,
    // deno-lint-ignore no-explicit-any
    column: Pick<Column<any>, "each">,
    view: never,
  ): void {
    const { out } = this;
    if (value === null) return this.none();
    if (typeof value === "string") {
      out.room(value.length);
      out.ascii(value);
    } else if (typeof value === "number" || typeof value === "bigint") {
      out.number(value);
    } else if (typeof value === "boolean") out.ascii(`${value}`);
    else {
      const text = json(plain(value, column, view));
      out.room(text.length);
      out.ascii(text);
    }
    this.end();
  }

  /** Ends a row. */
  endRow(): void {
    this.#rows++;
    if (this.out.at >= THRESHOLD || this.#rows === ROWS_MOST) this.flush();
  }

  /** Sends the rows that there are. */
  flush(): void {
    if (this.#rows === 0) return;
    const head = Uint32Array.of(this.#rows, this.#fields);
    const ends = this.#ends.subarray(0, this.#count);
    const parts = [head, ends].map((words) =>
      new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
    );
    this.#send([...parts, this.out.bytes.subarray(0, this.out.at)]);
    this.out.at = this.#count = this.#rows = 0;
  }
}

/** Objects as lists of the values of their columns. */
function plain(
  value: Value,
  // deno-lint-ignore no-explicit-any
  { each }: Pick<Column<any>, "each">,
  view: never,
): unknown {
  if (each === undefined || !Array.isArray(value)) return value;
  const columns = Object.values(each);
  return value.map((item) =>
    columns.map((column) => plain(column.value(item, view), column, view))
  );
}

/** Rows that came from a thread. */
export class Batch {
  /** How many there are. */
  readonly rows: number;
  /** How many fields each of them has. */
  readonly fields: number;
  /** The bytes of all fields, one behind the other. */
  readonly bytes: Uint8Array;
  readonly #ends: Uint32Array;

  /** Throws a {@linkcode RangeError} if the bytes are no batch. */
  constructor(frame: Uint8Array<ArrayBuffer>) {
    const words = new Uint32Array(
      frame.buffer,
      frame.byteOffset,
      frame.length >> 2,
    );
    const [rows = 0, fields = 0] = words;
    const count = rows * fields;
    if (words.length < 2 + count) throw new RangeError("a batch is cut short");
    this.rows = rows;
    this.fields = fields;
    this.#ends = words.subarray(2, 2 + count);
    this.bytes = frame.subarray(HEAD + 4 * count);
    let before = 0;
    for (let i = 0; i < count; i++) {
      const end = this.end(i);
      if (end < before) throw new RangeError("a batch goes backwards");
      before = end;
    }
    if (before > this.bytes.length) {
      throw new RangeError("a batch is longer than it is");
    }
  }

  /** Where a field starts; fields are counted over all rows. */
  start(field: number): number {
    return field === 0 ? 0 : this.end(field - 1);
  }

  /** Where it ends. */
  end(field: number): number {
    return this.#ends[field]! & ~NONE;
  }

  /** Whether it is null. */
  isNone(field: number): boolean {
    return this.#ends[field]! >= NONE;
  }

  /** A field as a byte string. */
  text(field: number): string {
    return byteString(this.bytes, this.start(field), this.end(field));
  }

  /** A field as a number. */
  integer(field: number): Long {
    const start = this.start(field);
    const end = this.end(field);
    if (end - start > 15) {
      const text = this.text(field);
      if (!/^-?\d+$/.test(text)) return Number(text);
      const value = BigInt(text);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    let value = 0;
    const negative = this.bytes[start] === 45;
    for (let at = negative ? start + 1 : start; at < end; at++) {
      const digit = this.bytes[at]! - 48;
      // one that is not exact any more is written otherwise
      if (digit < 0 || digit > 9) return Number(this.text(field));
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  /** A field as a value of a column. */
  value(
    field: number,
    // deno-lint-ignore no-explicit-any
    column: Pick<Column<any>, "kind" | "each">,
  ): Value {
    if (this.isNone(field)) return null;
    switch (column.kind) {
      case "integer":
      case "ratio":
      case "duration":
      case "port":
        return this.integer(field);
      case "boolean":
        return this.text(field) === "true";
      case "strings":
      case "objects":
        return typed(JSON.parse(this.text(field)), column);
      default:
        return this.text(field);
    }
  }
}

/** What a value of JSON was before. */
// deno-lint-ignore no-explicit-any
function typed(value: any, column: Pick<Column<any>, "kind" | "each">): Value {
  const { kind, each } = column;
  if (each !== undefined && Array.isArray(value)) {
    const columns = Object.values(each);
    return value.map((item: unknown[]) =>
      columns.map((column, i) => typed(item[i], column))
    );
  }
  const isNumber = kind === "integer" || kind === "duration" || kind === "port";
  return isNumber && typeof value === "string" ? BigInt(value) : value;
}

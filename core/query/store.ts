/**
 * Values of one column that are kept, as numbers and bytes, in chunks of rows.
 *
 * @module
 */

import { isNumeric } from "../contract/column.ts";
import type { Long, Out, Span, Value, View } from "../contract/family.ts";
import { Address, spellAddress, writePlainAddress } from "../contract/ip.ts";
import { byteString } from "../contract/line.ts";
import {
  compareInternet,
  compareStretches,
  emptySpan,
  ipv4Of,
  parseInternet,
} from "./internet.ts";
import { allocated } from "./memory.ts";
import type { AnyColumn } from "./schema.ts";

/** The rows of a chunk. */
const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
const IN_CHUNK = CHUNK - 1;

/** What an object costs that is kept, about. */
const OBJECT_BYTES = 128;

/** The values of one column. */
export abstract class Store {
  /** Bytes that it takes. */
  abstract readonly bytes: number;
  /** Keeps what a row has, under a number that is greater than those before it. */
  abstract put(i: number, column: AnyColumn, row: unknown, view: View): void;
  /** Keeps what another store of this class has. */
  abstract copy(i: number, from: Store, j: number): void;
  /** Forgets the last value. */
  abstract drop(i: number): void;
  /** The value. */
  abstract get(i: number): Value;
  /** Whether it is null. */
  abstract isNull(i: number): boolean;
  /** Less than, equal to, or greater than 0, as two values that are not null compare. */
  abstract compare(i: number, j: number): number;
  /**
   * A number that never contradicts `compare`, of a value that is not null; see
   * {@linkcode isExact}.
   */
  abstract rank(i: number): number;
  /** Makes ready for `rank`, once all values are there. */
  arrange(): void {}
  /** Points at the bytes of a value; false for null. Only of texts and addresses. */
  span?(i: number, into: Span): boolean;
  /** Writes an Internet address as it is spelled. */
  write?(out: Out, i: number): void;
}

/** The least rank of which two values can have the same and still differ. */
export const INEXACT: number = 2 ** 32;

/** Whether two values are equal that have this rank. */
export function isExact(rank: number): boolean {
  return (rank < INEXACT && rank > -INEXACT) || rank === Infinity;
}

/** Chunks of a typed array, made when the first value is put into each. */
class Numbers extends Store {
  readonly #chunks: Float64Array[] = [];
  #made = 0;
  /** What a double does not hold exactly. */
  readonly #large = new Map<number, bigint>();

  get bytes(): number {
    return 8 * CHUNK * this.#made + OBJECT_BYTES * this.#large.size;
  }

  put(i: number, column: AnyColumn, row: unknown, view: View): void {
    this.set(i, column.value(row, view) as Long | null);
  }

  set(i: number, value: Long | null): void {
    if (value === null) return;
    let chunk = this.#chunks[i >> CHUNK_BITS];
    if (chunk === undefined) {
      chunk = allocated(() => new Float64Array(CHUNK)).fill(NaN);
      this.#chunks[i >> CHUNK_BITS] = chunk;
      this.#made++;
    }
    if (typeof value === "number") chunk[i & IN_CHUNK] = value;
    else {
      chunk[i & IN_CHUNK] = Number(value);
      this.#large.set(i, value);
    }
  }

  copy(i: number, from: Numbers, j: number): void {
    this.set(i, from.get(j));
  }

  drop(i: number): void {
    const chunk = this.#chunks[i >> CHUNK_BITS];
    if (chunk !== undefined) chunk[i & IN_CHUNK] = NaN;
    this.#large.delete(i);
  }

  #number(i: number): number {
    return this.#chunks[i >> CHUNK_BITS]?.[i & IN_CHUNK] ?? NaN;
  }

  get(i: number): Long | null {
    const value = this.#number(i);
    if (Number.isNaN(value)) return null;
    return Number.isSafeInteger(value) ? value : this.#large.get(i) ?? value;
  }

  isNull(i: number): boolean {
    return Number.isNaN(this.#number(i));
  }

  compare(i: number, j: number): number {
    const difference = this.#number(i) - this.#number(j);
    if (difference !== 0 || this.#large.size === 0) return difference;
    const [a, b] = [this.get(i)!, this.get(j)!];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  rank(i: number): number {
    return this.#number(i);
  }
}

/** Values of which there are few: their texts are kept once. */
class Names extends Store {
  readonly #chunks: Uint32Array[] = [];
  #made = 0;
  /** The values, behind one for null. */
  readonly #values: (string | boolean | null)[] = [null];
  readonly #numbers = new Map<string | boolean, number>();
  /** The last one that was put, which is often the next one. */
  #last: string | boolean | null = null;
  #lastNumber = 0;
  /** The place of each value among all. */
  #ranks = new Uint32Array(0);

  get bytes(): number {
    return 4 * CHUNK * this.#made + OBJECT_BYTES * this.#values.length;
  }

  put(i: number, column: AnyColumn, row: unknown, view: View): void {
    this.set(i, column.value(row, view) as string | boolean | null);
  }

  set(i: number, value: string | boolean | null): void {
    if (value === null) return;
    let chunk = this.#chunks[i >> CHUNK_BITS];
    if (chunk === undefined) {
      chunk = allocated(() => new Uint32Array(CHUNK));
      this.#chunks[i >> CHUNK_BITS] = chunk;
      this.#made++;
    }
    if (value !== this.#last) {
      this.#last = value;
      this.#lastNumber = this.#numberOf(value);
    }
    chunk[i & IN_CHUNK] = this.#lastNumber;
  }

  #numberOf(value: string | boolean): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#values.push(value) - 1;
      this.#numbers.set(value, number);
    }
    return number;
  }

  copy(i: number, from: Names, j: number): void {
    this.set(i, from.get(j));
  }

  drop(i: number): void {
    const chunk = this.#chunks[i >> CHUNK_BITS];
    if (chunk !== undefined) chunk[i & IN_CHUNK] = 0;
  }

  #number(i: number): number {
    return this.#chunks[i >> CHUNK_BITS]?.[i & IN_CHUNK] ?? 0;
  }

  get(i: number): string | boolean | null {
    return this.#values[this.#number(i)]!;
  }

  isNull(i: number): boolean {
    return this.#number(i) === 0;
  }

  compare(i: number, j: number): number {
    const a = this.#values[this.#number(i)]!;
    const b = this.#values[this.#number(j)]!;
    return a < b ? -1 : a > b ? 1 : 0;
  }

  override arrange(): void {
    const values = this.#values;
    const sorted = [...values.keys()].slice(1)
      .sort((i, j) => values[i]! < values[j]! ? -1 : 1);
    this.#ranks = new Uint32Array(values.length);
    for (const [rank, i] of sorted.entries()) this.#ranks[i] = rank;
  }

  rank(i: number): number {
    return this.#ranks[this.#number(i)]!;
  }
}

/** So many bytes at the start of a text make its rank, which a double holds exactly. */
const RANKED = 6;

/** What the bytes of a value are. */
const TEXT = 1;
const IPV4 = 4;
const IPV6 = 16;

/** Bytes of values, one after the other; the first of each says what it is. */
interface TextChunk {
  bytes: Uint8Array;
  /** Where each value ends; one without any bytes is null. */
  readonly ends: Uint32Array;
  /** How many have an end. */
  rows: number;
}

const LEFT = emptySpan();
const RIGHT = emptySpan();

/** Texts and addresses. */
class Texts extends Store {
  readonly #chunks: TextChunk[] = [];
  readonly #isAddress: boolean;
  /** Bytes that it takes. */
  bytes = 0;
  /** The chunk in which there is room. */
  #chunk!: TextChunk;
  readonly #span: Span = emptySpan();
  readonly #address = new Address();

  constructor(isAddress: boolean) {
    super();
    this.#isAddress = isAddress;
  }

  put(i: number, column: AnyColumn, row: unknown, view: View): void {
    if (column.span !== undefined) {
      const span = this.#span;
      if (!column.span(row, span)) return;
      const { bytes, from, to } = span;
      this.#append(i, this.#isAddress ? to - from : TEXT, bytes, from, to);
      return;
    }
    const text = column.value(row, view) as string | null;
    if (text === null) return;
    const address = this.#address;
    if (
      this.#isAddress && parseInternet(text, address) &&
      spellAddress(address) === text
    ) {
      const { bytes, length } = address;
      return this.#append(i, length, bytes, 0, length);
    }
    const at = this.#room(i, text.length + 1);
    const { bytes } = this.#chunk;
    bytes[at] = TEXT;
    for (let k = 0; k < text.length; k++) {
      bytes[at + 1 + k] = text.charCodeAt(k);
    }
  }

  #append(
    i: number,
    what: number,
    from: Uint8Array,
    start: number,
    end: number,
  ): void {
    const at = this.#room(i, end - start + 1);
    const { bytes } = this.#chunk;
    bytes[at] = what;
    const to = at + 1 - start;
    // values are short: a loop is faster than `set`
    for (let k = start; k < end; k++) bytes[to + k] = from[k]!;
  }

  /** Makes room for the bytes of a value in `#chunk`. Returns where. */
  #room(i: number, size: number): number {
    let chunk = this.#chunks[i >> CHUNK_BITS];
    if (chunk === undefined) {
      const ends = allocated(() => new Uint32Array(CHUNK));
      const bytes = allocated(() => new Uint8Array(CHUNK));
      chunk = this.#chunks[i >> CHUNK_BITS] = { bytes, ends, rows: 0 };
      this.bytes += bytes.byteLength + ends.byteLength;
    }
    this.#chunk = chunk;
    const row = i & IN_CHUNK;
    const at = chunk.rows === 0 ? 0 : chunk.ends[chunk.rows - 1]!;
    // the rows in between do not have the column
    chunk.ends.fill(at, chunk.rows, row);
    const end = at + size;
    if (end > chunk.bytes.length) {
      const larger = allocated(() => new Uint8Array(2 * end));
      larger.set(chunk.bytes);
      this.bytes += larger.length - chunk.bytes.length;
      chunk.bytes = larger;
    }
    chunk.ends[row] = end;
    chunk.rows = row + 1;
    return at;
  }

  copy(i: number, from: Texts, j: number): void {
    const span = this.#span;
    if (!from.#find(j, span)) return;
    this.#append(i, span.bytes[span.from]!, span.bytes, span.from + 1, span.to);
  }

  drop(i: number): void {
    const chunk = this.#chunks[i >> CHUNK_BITS];
    if (chunk !== undefined) {
      chunk.rows = Math.min(chunk.rows, i & IN_CHUNK);
    }
  }

  /** Points at what was kept of a value, with what it is; false for null. */
  #find(i: number, into: Span): boolean {
    const chunk = this.#chunks[i >> CHUNK_BITS];
    const row = i & IN_CHUNK;
    if (chunk === undefined || row >= chunk.rows) return false;
    into.bytes = chunk.bytes;
    into.from = row === 0 ? 0 : chunk.ends[row - 1]!;
    into.to = chunk.ends[row]!;
    return into.to > into.from;
  }

  override span(i: number, into: Span): boolean {
    if (!this.#find(i, into)) return false;
    into.from++;
    return true;
  }

  /** The Internet address that a value is, until the next one is asked for. */
  #internet({ bytes, from, to }: Span): Address {
    const address = this.#address;
    address.length = to - from === IPV4 ? IPV4 : IPV6;
    for (let k = from; k < to; k++) address.bytes[k - from] = bytes[k]!;
    return address;
  }

  get(i: number): string | null {
    const span = this.#span;
    if (!this.#find(i, span)) return null;
    const what = span.bytes[span.from++];
    return what === TEXT
      ? byteString(span.bytes, span.from, span.to)
      : spellAddress(this.#internet(span));
  }

  override write(out: Out, i: number): void {
    const span = this.#span;
    if (this.span(i, span)) writePlainAddress(out, this.#internet(span));
  }

  isNull(i: number): boolean {
    return !this.#find(i, this.#span);
  }

  compare(i: number, j: number): number {
    this.#find(i, LEFT);
    this.#find(j, RIGHT);
    const a = LEFT.bytes[LEFT.from++]!;
    const b = RIGHT.bytes[RIGHT.from++]!;
    if (a !== TEXT && b !== TEXT) return compareInternet(LEFT, RIGHT);
    // Internet addresses stand before others
    if (a !== b) return a === TEXT ? 1 : -1;
    const { bytes, from, to } = LEFT;
    return compareStretches(
      bytes,
      from,
      to,
      RIGHT.bytes,
      RIGHT.from,
      RIGHT.to,
    );
  }

  rank(i: number): number {
    const span = this.#span;
    this.#find(i, span);
    const what = span.bytes[span.from++]!;
    const four = what === TEXT ? -1 : ipv4Of(span);
    if (four >= 0) return four;
    // IPv6 addresses stand behind all of IPv4, and texts behind them
    let rank = what === TEXT ? 2 : 1;
    for (let k = 0; k < RANKED; k++) {
      rank = rank * 256 +
        (span.from + k < span.to ? span.bytes[span.from + k]! : 0);
    }
    return rank;
  }
}

/** Lists, which have no order. */
class Lists extends Store {
  readonly #values = new Map<number, Value>();

  get bytes(): number {
    return OBJECT_BYTES * this.#values.size;
  }

  put(i: number, column: AnyColumn, row: unknown, view: View): void {
    const value = column.value(row, view) as readonly unknown[] | null;
    if (value !== null) this.#values.set(i, value.slice() as Value);
  }

  copy(i: number, from: Lists, j: number): void {
    const value = from.get(j);
    if (value !== null) this.#values.set(i, value);
  }

  drop(i: number): void {
    this.#values.delete(i);
  }

  get(i: number): Value {
    return this.#values.get(i) ?? null;
  }

  isNull(i: number): boolean {
    return !this.#values.has(i);
  }

  compare(): number {
    return 0;
  }

  rank(): number {
    return 0;
  }
}

/** What keeps the values of a column. */
export function storeFor(
  { kind }: AnyColumn,
): { name: string; make: () => Store } {
  if (isNumeric(kind)) return { name: "number", make: () => new Numbers() };
  switch (kind) {
    case "name":
    case "boolean":
      return { name: "name", make: () => new Names() };
    case "string":
    case "address":
      return { name: kind, make: () => new Texts(kind === "address") };
    default:
      return { name: "list", make: () => new Lists() };
  }
}

/**
 * Values that are kept of rows. A number stands for each, and those of a row stand side
 * by side: rows are read in an order in which they did not come, and then what a row
 * needs is fetched from memory at once.
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
  word,
} from "./internet.ts";
import { newBytes, newFloats, release } from "./memory.ts";
import type { AnyColumn } from "./schema.ts";

/** The rows of a chunk. */
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;
const IN_CHUNK = CHUNK - 1;

/** What an object costs that is kept, about. */
const OBJECT_BYTES = 128;

/** A cache line has so many numbers. */
const LINE = 8;

/** Numbers of rows, so many for each, in chunks that are made for the first row in each. */
export class Slab {
  /** Bytes that it takes. */
  bytes = 0;
  /** Means nothing: if nobody had what was fetched, nothing would be. */
  fetched = 0;
  readonly #chunks: (Float64Array<ArrayBuffer> | undefined)[] = [];
  #width = 0;
  /** So many chunks are given back. */
  #released = 0;

  /** A place in each row; all must be asked for before the first number is set. */
  place(): number {
    return this.#width++;
  }

  /** A number; NaN if it was not set. */
  at(row: number, place: number): number {
    const chunk = this.#chunks[row >> CHUNK_BITS];
    return chunk === undefined
      ? NaN
      : chunk[(row & IN_CHUNK) * this.#width + place]!;
  }

  /** Sets a number. Throws `NoRoom`. */
  set(row: number, place: number, value: number): void {
    const chunk = this.#chunks[row >> CHUNK_BITS] ?? this.#make(row);
    chunk[(row & IN_CHUNK) * this.#width + place] = value;
  }

  /** Gives the memory of rows below that one back; see {@linkcode release}. */
  release(row: number): void {
    const end = Math.min(row >> CHUNK_BITS, this.#chunks.length);
    for (; this.#released < end; this.#released++) {
      const chunk = this.#chunks[this.#released];
      if (chunk !== undefined) release(chunk);
    }
  }

  #make(row: number): Float64Array {
    const length = CHUNK * this.#width;
    const chunk = newFloats(length).fill(NaN);
    this.#chunks[row >> CHUNK_BITS] = chunk;
    this.bytes += chunk.byteLength;
    return chunk;
  }

  /**
   * Has the processor fetch some rows. It does many at once; each row that is waited for
   * by itself, since it is written in between, takes several times as long.
   */
  fetch(rows: Uint32Array): void {
    const last = this.#width - 1;
    let sum = 0;
    for (let place = 0; place < last; place += LINE) {
      for (const row of rows) sum += this.at(row, place);
    }
    // a row may begin in the middle of a line, so that its end lies in one more
    for (const row of rows) sum += this.at(row, last);
    this.fetched = sum;
  }
}

/** The values of one column. */
export abstract class Store {
  /** Where their numbers are. */
  protected readonly slab: Slab;
  /** At which place in each row. */
  protected readonly place: number;

  /** No values yet. */
  constructor(slab: Slab) {
    this.slab = slab;
    this.place = slab.place();
  }

  /** Bytes that it takes besides. */
  abstract readonly bytes: number;
  /** Keeps a value under a number that is greater than those before it. */
  abstract keep(i: number, value: Value): void;
  /** The same for a value whose bytes are told. Only of texts and addresses. */
  keepSpan?(i: number, span: Span): void;

  /** Keeps what a row has, likewise. */
  put(i: number, column: AnyColumn, row: unknown, view: View): void {
    if (!keepsSpan(this, column)) this.keep(i, column.value(row, view));
    else if (column.span!(row, GIVEN)) this.keepSpan!(i, GIVEN);
  }

  /** Whether the row has another value than the one that is kept. */
  differs(i: number, column: AnyColumn, row: unknown, view: View): boolean {
    return this.get(i) !== column.value(row, view);
  }

  /** Keeps what the row has now under a number that has a value already. */
  renew(i: number, column: AnyColumn, row: unknown, view: View): void {
    if (!this.differs(i, column, row, view)) return;
    this.clear(i);
    this.put(i, column, row, view);
  }

  /** Forgets a value; the room that it took is not used again. */
  protected clear(i: number): void {
    this.slab.set(i, this.place, NaN);
  }

  /** Keeps what another store of this class has. */
  abstract copy(i: number, from: Store, j: number): void;
  /** Forgets the last value. */
  abstract drop(i: number): void;
  /** The value. */
  abstract get(i: number): Value;
  /** Less than, equal to, or greater than 0, as two values that are not null compare. */
  abstract compare(i: number, j: number): number;
  /**
   * A number that never contradicts `compare`, of a value that is not null; see
   * {@linkcode isExact}.
   */
  abstract rank(i: number): number;

  /** Whether the value is null. */
  isNull(i: number): boolean {
    return Number.isNaN(this.slab.at(i, this.place));
  }

  /** Makes ready for `rank`, once all values are there. */
  arrange(): void {}
  /** Points at the bytes of a value; false for null. Only of texts and addresses. */
  span?(i: number, into: Span): boolean;
  /** Writes an Internet address as it is spelled. */
  write?(out: Out, i: number): void;
}

/** Whether the bytes of values are kept as a column tells them. */
export function keepsSpan(store: Store, { span }: AnyColumn): boolean {
  return store.keepSpan !== undefined && span !== undefined;
}

const GIVEN = emptySpan();

/** The least rank of which two values can have the same and still differ. */
export const INEXACT: number = 2 ** 32;

/** Whether two values are equal that have this rank. */
export function isExact(rank: number): boolean {
  return (rank < INEXACT && rank > -INEXACT) || rank === Infinity;
}

/** Numbers, which stand for themselves. */
class Numbers extends Store {
  /** What a double does not hold exactly. */
  readonly #large = new Map<number, bigint>();

  get bytes(): number {
    return OBJECT_BYTES * this.#large.size;
  }

  keep(i: number, value: Value): void {
    if (typeof value === "number") this.slab.set(i, this.place, value);
    else if (value !== null) this.#putLarge(i, value as bigint);
  }

  /** Nothing is made of the number that is kept. */
  override differs(
    i: number,
    column: AnyColumn,
    row: unknown,
    view: View,
  ): boolean {
    const value = column.value(row, view);
    return typeof value === "number"
      ? this.slab.at(i, this.place) !== value || this.#large.has(i)
      : this.get(i) !== value;
  }

  protected override clear(i: number): void {
    this.drop(i);
  }

  #putLarge(i: number, value: bigint): void {
    this.slab.set(i, this.place, Number(value));
    this.#large.set(i, value);
  }

  copy(i: number, from: Numbers, j: number): void {
    this.keep(i, from.get(j));
  }

  drop(i: number): void {
    this.slab.set(i, this.place, NaN);
    if (this.#large.size > 0) this.#large.delete(i);
  }

  get(i: number): Long | null {
    const value = this.slab.at(i, this.place);
    if (Number.isSafeInteger(value)) return value;
    return Number.isNaN(value) ? null : this.#large.get(i) ?? value;
  }

  compare(i: number, j: number): number {
    const difference = this.rank(i) - this.rank(j);
    if (difference !== 0 || this.#large.size === 0) return difference;
    const [a, b] = [this.get(i)!, this.get(j)!];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  rank(i: number): number {
    return this.slab.at(i, this.place);
  }
}

/** Values of which there are few: each has a number. */
class Names extends Store {
  readonly #values: (string | boolean)[] = [];
  readonly #numbers = new Map<string | boolean, number>();
  /** The last one that was put, which is often the next one. */
  #last: string | boolean | undefined;
  #lastNumber = 0;
  /** The place of each value among all. */
  #ranks = new Uint32Array(0);

  get bytes(): number {
    return OBJECT_BYTES * this.#values.length;
  }

  keep(i: number, value: Value): void {
    if (value === null) return;
    if (value !== this.#last) {
      this.#last = value as string | boolean;
      this.#lastNumber = this.#numberOf(this.#last);
    }
    this.slab.set(i, this.place, this.#lastNumber);
  }

  /** Nothing is made of the number that is kept. */
  override differs(
    i: number,
    column: AnyColumn,
    row: unknown,
    view: View,
  ): boolean {
    const number = this.slab.at(i, this.place);
    const kept = number >= 0 ? this.#values[number]! : null;
    return kept !== column.value(row, view);
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
    this.keep(i, from.get(j));
  }

  drop(i: number): void {
    this.slab.set(i, this.place, NaN);
  }

  get(i: number): string | boolean | null {
    const number = this.slab.at(i, this.place);
    return number >= 0 ? this.#values[number]! : null;
  }

  compare(i: number, j: number): number {
    const a = this.get(i)!;
    const b = this.get(j)!;
    return a < b ? -1 : a > b ? 1 : 0;
  }

  override arrange(): void {
    const values = this.#values;
    const sorted = [...values.keys()]
      .sort((i, j) => values[i]! < values[j]! ? -1 : 1);
    this.#ranks = new Uint32Array(values.length);
    for (const [rank, i] of sorted.entries()) this.#ranks[i] = rank;
  }

  rank(i: number): number {
    return this.#ranks[this.slab.at(i, this.place)]!;
  }
}

/** So many bytes at the start of a text make its rank, which a double holds exactly. */
const RANKED = 6;

/** What the bytes of a value are, which the first of them says. */
const TEXT = 1;
const IPV4 = 4;
const IPV6 = 16;

/** In front of bytes stands how many there are, in so many. */
const HEAD = 4;

/** Bytes are kept in blocks of this size, or of one for a longer value. */
const BLOCK = 1 << 16;

/** A place has the number of its block above so many bits. */
const BLOCK_PLACES = 2 ** 32;

/** Stretches of bytes, each with its length in front. */
class Heap {
  /** Bytes that it takes. */
  bytes = 0;
  readonly #blocks: Uint8Array[] = [];
  /** The last block, and where there is room in it. */
  #block = new Uint8Array(0);
  #end = 0;

  /** Makes room for a stretch. Returns its place, at which it must be written. */
  reserve(length: number, into: Span): number {
    const size = HEAD + length;
    if (this.#end + size > this.#block.length) {
      this.#block = newBytes(Math.max(BLOCK, size));
      this.#blocks.push(this.#block);
      this.bytes += this.#block.length;
      this.#end = 0;
    }
    const bytes = this.#block;
    const at = this.#end;
    bytes[at] = length >>> 24;
    bytes[at + 1] = length >>> 16;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
    this.#end = at + size;
    into.bytes = bytes;
    into.from = at + HEAD;
    into.to = at + size;
    return (this.#blocks.length - 1) * BLOCK_PLACES + at;
  }

  /** Forgets the stretch that was made last. */
  release(place: number): void {
    this.#end = place % BLOCK_PLACES;
  }

  /** Points at a stretch. */
  find(place: number, into: Span): void {
    const bytes = this.#blocks[Math.floor(place / BLOCK_PLACES)]!;
    const at = place % BLOCK_PLACES;
    const length = word(bytes, at);
    into.bytes = bytes;
    into.from = at + HEAD;
    into.to = at + HEAD + length;
  }
}

const LEFT = emptySpan();
const RIGHT = emptySpan();

/**
 * Texts and addresses. An IPv4 address is its own number; other values are in a heap,
 * at a place that is told as a number below zero.
 */
class Texts extends Store {
  readonly #isAddress: boolean;
  readonly #heap = new Heap();
  readonly #span: Span = emptySpan();
  readonly #address = new Address();

  constructor(slab: Slab, isAddress: boolean) {
    super(slab);
    this.#isAddress = isAddress;
  }

  get bytes(): number {
    return this.#heap.bytes;
  }

  override keepSpan(i: number, span: Span): void {
    this.#set(i, this.#isAddress ? span.to - span.from : TEXT, span);
  }

  keep(i: number, value: Value): void {
    if (value === null) return;
    const text = value as string;
    const address = this.#address;
    if (
      this.#isAddress && parseInternet(text, address) &&
      spellAddress(address) === text
    ) {
      const { bytes, length } = address;
      return this.#set(i, length, { bytes, from: 0, to: length });
    }
    const span = this.#span;
    this.#reserve(i, text.length + 1, span);
    const { bytes, from } = span;
    bytes[from] = TEXT;
    for (let k = 0; k < text.length; k++) {
      bytes[from + 1 + k] = text.charCodeAt(k);
    }
  }

  /** Nothing is made of a text that is kept. */
  override differs(
    i: number,
    column: AnyColumn,
    row: unknown,
    view: View,
  ): boolean {
    const value = column.value(row, view) as string | null;
    if (value === null || this.isNull(i)) {
      return value !== null || !this.isNull(i);
    }
    const span = this.#span;
    if (this.#find(i, span) !== TEXT) return this.get(i) !== value;
    const { bytes, from, to } = span;
    if (value.length !== to - from) return true;
    for (let k = 0; k < value.length; k++) {
      if (value.charCodeAt(k) !== bytes[from + k]) return true;
    }
    return false;
  }

  #set(i: number, what: number, { bytes, from, to }: Span): void {
    if (what === IPV4) return this.slab.set(i, this.place, word(bytes, from));
    const span = this.#span;
    this.#reserve(i, to - from + 1, span);
    const into = span.bytes;
    into[span.from] = what;
    const at = span.from + 1 - from;
    // values are short: a loop is faster than `set`
    for (let k = from; k < to; k++) into[at + k] = bytes[k]!;
  }

  #reserve(i: number, length: number, into: Span): void {
    this.slab.set(i, this.place, -1 - this.#heap.reserve(length, into));
  }

  copy(i: number, from: Texts, j: number): void {
    const number = from.slab.at(j, from.place);
    if (number >= 0) this.slab.set(i, this.place, number);
    if (!(number < 0)) return;
    const span = LEFT;
    from.#heap.find(-1 - number, span);
    const what = span.bytes[span.from++]!;
    this.#set(i, what, span);
  }

  drop(i: number): void {
    const number = this.slab.at(i, this.place);
    if (number < 0) this.#heap.release(-1 - number);
    this.slab.set(i, this.place, NaN);
  }

  /** Points at the bytes of a value that is not null. Returns what they are. */
  #find(i: number, into: Span): number {
    const number = this.slab.at(i, this.place);
    if (number < 0) {
      this.#heap.find(-1 - number, into);
      return into.bytes[into.from++]!;
    }
    const { bytes } = this.#address;
    bytes[0] = number >>> 24;
    bytes[1] = number >>> 16;
    bytes[2] = number >>> 8;
    bytes[3] = number;
    into.bytes = bytes;
    into.from = 0;
    into.to = IPV4;
    return IPV4;
  }

  override span(i: number, into: Span): boolean {
    if (this.isNull(i)) return false;
    this.#find(i, into);
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
    if (this.isNull(i)) return null;
    const span = this.#span;
    return this.#find(i, span) === TEXT
      ? byteString(span.bytes, span.from, span.to)
      : spellAddress(this.#internet(span));
  }

  override write(out: Out, i: number): void {
    const span = this.#span;
    if (this.span(i, span)) writePlainAddress(out, this.#internet(span));
  }

  compare(i: number, j: number): number {
    const left = this.slab.at(i, this.place);
    const right = this.slab.at(j, this.place);
    if (left >= 0 && right >= 0) return left - right;
    // only one of them can be in the bytes that all IPv4 addresses share
    const a = this.#find(i, LEFT);
    const b = this.#find(j, RIGHT);
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
    const number = this.slab.at(i, this.place);
    if (number >= 0) return number;
    const span = this.#span;
    const what = this.#find(i, span);
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

/** Lists, which have no order: the number says that there is one. */
class Lists extends Store {
  readonly #values = new Map<number, Value>();

  get bytes(): number {
    return OBJECT_BYTES * this.#values.size;
  }

  keep(i: number, value: Value): void {
    if (value === null) return;
    this.#set(i, (value as readonly unknown[]).slice() as Value);
  }

  protected override clear(i: number): void {
    this.drop(i);
  }

  #set(i: number, value: Value): void {
    this.slab.set(i, this.place, 1);
    this.#values.set(i, value);
  }

  copy(i: number, from: Lists, j: number): void {
    const value = from.get(j);
    if (value !== null) this.#set(i, value);
  }

  drop(i: number): void {
    this.slab.set(i, this.place, NaN);
    this.#values.delete(i);
  }

  get(i: number): Value {
    return this.#values.get(i) ?? null;
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
): { name: string; make: (slab: Slab) => Store } {
  if (isNumeric(kind)) {
    return { name: "number", make: (slab) => new Numbers(slab) };
  }
  switch (kind) {
    case "name":
    case "boolean":
      return { name: "name", make: (slab) => new Names(slab) };
    case "string":
    case "address":
      return {
        name: kind,
        make: (slab) => new Texts(slab, kind === "address"),
      };
    default:
      return { name: "list", make: (slab) => new Lists(slab) };
  }
}

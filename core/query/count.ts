/**
 * `--count` and `--sum`: one row for each combination of the values of some keys, over
 * all relations, with how many rows have it and the sums of others. Only the groups
 * are kept.
 *
 * The largest group comes first; those of one size in the order in which they were
 * first seen. Null is a value like any other to group by. A sum leaves nulls out; it
 * is null if nothing in a group is known, and without any row 0.
 *
 * @module
 */

import type { Long, Span, Value, View } from "../contract/family.ts";
import { Address, spellAddress } from "../contract/ip.ts";
import type { Head, Lost, Shown, Sink } from "../contract/sink.ts";
import { Batch, type Carried } from "./batch.ts";
import { emptySpan, parseInternet } from "./internet.ts";
import { labelColumns, type Labels } from "./labels.ts";
import { COUNT } from "./list.ts";
import { newBytes, newFloats, newWords, NoRoom } from "./memory.ts";
import type { AnyColumn } from "./schema.ts";
import { NO_LAYOUT, type Stage } from "./stage.ts";

/** How rows are counted. */
export interface CountOptions extends Stage {
  /** What columns see of the command line. */
  readonly view: View;
  /** The keys that are counted by: the first of what relations show. */
  readonly keys: readonly string[];
  /** The keys that are summed: what relations show behind those. */
  readonly sums: readonly string[];
  /** Labels, which groups have as rows do. */
  readonly labels: Labels;
  /** What goes on of the groups: any of these, and `count`. */
  readonly shown: readonly Pick<Carried, "key" | "hidden">[];
}

/** Counts rows for the next sink, which gets the groups as one relation. */
export class Count implements Sink {
  readonly #next: Sink;
  readonly #options: CountOptions;
  #groups: Groups;
  #rows = new Floats();
  #sums: Sum[] = [];
  /** Whether there was no room for a group. */
  #full = false;
  /** Whether rows of a relation are missing. */
  #unread = false;
  /** The tables that are not there at all. */
  readonly #gone = new Set<string>();
  /** Of the columns of the relation whose rows come. */
  #keys: readonly Shown[] = [];
  #summed: readonly AnyColumn[] = [];
  /** Of all relations so far: what they show of a sum. */
  #about: readonly Shown[] = [];

  /** Counts no rows yet. */
  constructor(next: Sink, options: CountOptions) {
    this.#next = next;
    this.#options = options;
    this.#groups = new Groups(options.view);
    this.#reset();
  }

  #reset(): void {
    this.#groups = new Groups(this.#options.view);
    this.#rows = new Floats();
    this.#sums = this.#options.sums.map(() => new Sum());
    this.#about = [];
    this.#full = this.#unread = false;
    this.#gone.clear();
  }

  /** Rows of a relation follow, of which the keys and what is summed are shown. */
  begin(_head: Head, shown: readonly Shown[]): void {
    const { length } = this.#options.keys;
    this.#keys = shown.slice(0, length);
    const summed = shown.slice(length);
    this.#summed = summed.map(({ column }) => column);
    if (this.#about.length === 0) this.#about = summed;
    this.#groups.begin(this.#keys);
  }

  /** Counts a row. */
  row(row: unknown): boolean {
    if (this.#full) return false;
    try {
      const known = this.#groups.find(row);
      const group = known < 0 ? this.#newGroup(row) : known;
      this.#rows.add(group, 1);
      for (let i = 0; i < this.#summed.length; i++) {
        const value = this.#summed[i]!.value(row, this.#options.view);
        if (value !== null) this.#sums[i]!.add(group, value as Long);
      }
      return true;
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      // rows of groups that are there could still be counted, but who would know
      this.#full = true;
      this.#options.lost("--count", `${this.#groups.length} groups`);
      return false;
    }
  }

  #newGroup(row: unknown): number {
    // a row is counted as a whole or not at all
    this.#rows.reserve(this.#groups.length);
    for (const sum of this.#sums) sum.reserve(this.#groups.length);
    return this.#groups.add(row);
  }

  /**
   * The numbers of all groups are too small. But what is not there at all is missing in
   * none, unless it is elsewhere.
   */
  unread(reason?: Lost): void {
    if (!reason?.gone) this.#unread = true;
    else this.#gone.add(`${reason}`);
  }

  /** Hands on the groups. */
  end(): void {
    const next = this.#next;
    const { keys } = this.#options;
    // sums of all rows are known even if there are none
    if (keys.length === 0 && this.#groups.length === 0) {
      this.#sums.forEach((sum) => sum.add(0, 0));
      this.#groups.find(undefined);
      this.#groups.add(undefined);
    }
    const rows = this.#rows;
    const order = new Uint32Array(this.#groups.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort((a, b) => rows.at(b) - rows.at(a) || a - b);
    next.begin({}, this.#shown(), NO_LAYOUT);
    if (this.#unread) next.unread?.();
    for (const table of this.#gone) {
      next.unread?.({ gone: true, table, toString: () => table });
    }
    for (const group of order) if (!next.row(group)) break;
    this.#reset();
    next.end();
  }

  /** The columns of groups, which take the number of a group in place of a row. */
  #shown(): Carried[] {
    const rows = this.#rows;
    const columns = new Map<string, AnyColumn>(
      Object.entries(labelColumns(this.#options.labels)),
    );
    for (const { key, column } of this.#groups.shown()) {
      columns.set(key, column);
    }
    columns.set(COUNT, {
      kind: "integer",
      about: "How many rows there are of these values.",
      value: (group: number) => rows.at(group),
    });
    for (const [i, key] of this.#options.sums.entries()) {
      const sum = this.#sums[i]!;
      const { kind = "integer", unit } = this.#about[i]?.column ?? {};
      columns.set(key, {
        kind,
        nullable: true,
        ...(unit === undefined ? {} : { unit }),
        about: `The sum of ${key}; null if none is known.`,
        value: (group: number) => sum.of(group),
      });
    }
    return this.#options.shown
      .map((shown) => ({ ...shown, column: columns.get(shown.key)! }))
      // without any relation, no key is known
      .filter(({ column }) => column !== undefined);
  }
}

/** Numbers by their places, 0 unless set. */
class Floats {
  #values = new Float64Array(64);

  at(i: number): number {
    return this.#values[i] ?? 0;
  }

  /** Makes room for a place. */
  reserve(i: number): void {
    if (i < this.#values.length) return;
    const larger = newFloats(2 * (i + 1));
    larger.set(this.#values);
    this.#values = larger;
  }

  add(i: number, value: number): void {
    this.#values[i]! += value;
  }
}

/** Sums by group, exact however large they are. */
class Sum {
  readonly #totals = new Floats();
  readonly #known = new Floats();
  /** Those that a double does not hold exactly. */
  readonly #large = new Map<number, bigint>();

  /** Makes room for a group. */
  reserve(group: number): void {
    this.#totals.reserve(group);
    this.#known.reserve(group);
  }

  add(group: number, value: Long): void {
    this.#known.add(group, 1);
    const large = this.#large.get(group);
    if (large === undefined && typeof value === "number") {
      const total = this.#totals.at(group);
      if (Math.abs(total + value) <= Number.MAX_SAFE_INTEGER) {
        this.#totals.add(group, value);
        return;
      }
    }
    const before = large ?? whole(this.#totals.at(group));
    this.#large.set(group, before + whole(value));
  }

  of(group: number): Long | null {
    if (this.#known.at(group) === 0) return null;
    const large = this.#large.get(group);
    if (large === undefined) return this.#totals.at(group);
    const number = Number(large);
    return Number.isSafeInteger(number) ? number : large;
  }
}

function whole(value: Long): bigint {
  return typeof value === "bigint" ? value : BigInt(Math.round(value));
}

/** So many values of a key are found by themselves: all states, and most ports. */
const FEW = 1 << 12;

/** Whether values of a column are the same exactly if their bytes are. */
function isPlain({ kind }: AnyColumn): boolean {
  return kind !== "address" && kind !== "strings" && kind !== "objects";
}

/** Combinations of values, by the bytes that they are made of. */
class Groups {
  readonly #view: View;
  /** The values, a row for each group. */
  readonly #batch: Batch;
  #keys: readonly Shown[] = [];
  /** The only key, if its values tell groups apart as they are. */
  #only: AnyColumn | undefined;
  /** Groups by the first values of it. */
  readonly #few = new Map<Value, number>();
  /** The last of them that was found, which is often the next one. */
  #last: Value | undefined;
  #lastGroup = 0;
  /** The bytes of the combination that is looked for. */
  readonly #bytes = new KeyBytes();
  #hash = 0;
  /** The bytes of all groups, one after the other, and where each ends. */
  #all = new Uint8Array(1 << 12);
  #ends = new Float64Array(64);
  /** The groups by the hashes of their bytes, from 1; 0 is a free place. */
  #places = new Uint32Array(128);

  constructor(view: View) {
    this.#view = view;
    this.#batch = new Batch({ view });
  }

  /** How many there are. */
  get length(): number {
    return this.#batch.length;
  }

  begin(keys: readonly Shown[]): void {
    this.#keys = keys;
    const [only] = keys;
    this.#only = keys.length === 1 && isPlain(only!.column)
      ? only!.column
      : undefined;
    // one relation, whatever the heads are
    this.#batch.begin({}, keys);
  }

  /** The columns of the keys, which take the number of a group. */
  shown(): readonly Shown[] {
    const batch = this.#batch;
    const [first, ...others] = batch.reads();
    if (first === undefined || others.length === 0) return first?.shown ?? [];
    // a key that is of several kinds
    return first.shown.map((
      { key, column: { put: _p, span: _s, ...column } },
      i,
    ) => ({
      key,
      column: {
        ...column,
        nullable: true,
        value: (group: number, view: View) =>
          batch.read(group).shown[i]!.column.value(group, view),
      },
    }));
  }

  /** The number of a row's group; -1 if it has none yet. */
  find(row: unknown): number {
    const only = this.#only;
    if (only === undefined) return this.#lookUp(row);
    const value = only.value(row, this.#view);
    if (value === this.#last) return this.#lastGroup;
    const known = this.#few.get(value);
    if (known === undefined) return this.#lookUp(row);
    this.#last = value;
    this.#lastGroup = known;
    return known;
  }

  #lookUp(row: unknown): number {
    const bytes = this.#bytes;
    bytes.length = 0;
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i++) {
      bytes.add(keys[i]!.column, row, this.#view);
    }
    const hash = bytes.hash();
    const mask = this.#places.length - 1;
    this.#hash = hash;
    for (let at = hash & mask;; at = at + 1 & mask) {
      const group = this.#places[at]! - 1;
      if (group < 0 || this.#isAt(group)) return group;
    }
  }

  #isAt(group: number): boolean {
    const { bytes, length } = this.#bytes;
    const from = group === 0 ? 0 : this.#ends[group - 1]!;
    if (this.#ends[group]! - from !== length) return false;
    for (let i = 0; i < length; i++) {
      if (this.#all[from + i] !== bytes[i]) return false;
    }
    return true;
  }

  /** Makes a group of a row that `find` has just found to have none. Throws `NoRoom`. */
  add(row: unknown): number {
    const hash = this.#hash;
    const group = this.#batch.length;
    const { bytes, length } = this.#bytes;
    const from = group === 0 ? 0 : this.#ends[group - 1]!;
    const end = from + length;
    // what can fail comes first
    if (2 * (group + 1) > this.#places.length) this.#spread();
    if (end > this.#all.length) {
      const larger = newBytes(2 * end);
      larger.set(this.#all);
      this.#all = larger;
    }
    if (group >= this.#ends.length) {
      const larger = newFloats(2 * group);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    if (!this.#batch.add(row)) throw new NoRoom();
    this.#all.set(bytes.subarray(0, length), from);
    this.#ends[group] = end;
    this.#places[freeAt(this.#places, hash)] = group + 1;
    if (this.#only !== undefined && this.#few.size < FEW) {
      this.#few.set(this.#only.value(row, this.#view), group);
    }
    return group;
  }

  /** Gives the groups more places. */
  #spread(): void {
    const places = newWords(2 * this.#places.length);
    for (let group = 0; group < this.#batch.length; group++) {
      const from = group === 0 ? 0 : this.#ends[group - 1]!;
      const hash = hashOf(this.#all, from, this.#ends[group]!);
      places[freeAt(places, hash)] = group + 1;
    }
    this.#places = places;
  }
}

/** A free place for a hash. */
function freeAt(places: Uint32Array, hash: number): number {
  const mask = places.length - 1;
  let at = hash & mask;
  while (places[at] !== 0) at = at + 1 & mask;
  return at;
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  }
  // the low bits of FNV are its worst
  return (hash ^ hash >>> 15) >>> 0;
}

/** What the bytes of a value are. */
const NULL = 0;
const NUMBER = 1;
const BIGINT = 2;
const TRUTH = 3;
const TEXT = 4;
const LIST = 5;
const INTERNET = 6;

/** Values as bytes, so that two are the same if and only if their bytes are. */
class KeyBytes {
  bytes = new Uint8Array(1 << 10);
  length = 0;
  readonly #double = new Float64Array(1);
  readonly #doubleBytes = new Uint8Array(this.#double.buffer);
  readonly #span: Span = emptySpan();
  readonly #address = new Address();

  add(column: AnyColumn, row: unknown, view: View): void {
    if (column.kind === "address" && column.span !== undefined) {
      const span = this.#span;
      if (!column.span(row, span)) return this.#byte(NULL);
      return this.#stretch(INTERNET, span.bytes, span.from, span.to);
    }
    const value = column.value(row, view);
    if (column.kind === "address" && typeof value === "string") {
      // a table that tells the bytes and one that does not have one group
      const address = this.#address;
      if (parseInternet(value, address) && spellAddress(address) === value) {
        return this.#stretch(INTERNET, address.bytes, 0, address.length);
      }
    }
    this.#value(value);
  }

  #value(value: Value | object): void {
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "bigint": {
        // a column can have small numbers as bigints, too
        const number = Number(value);
        return Number.isSafeInteger(number)
          ? this.#number(number)
          : this.#text(BIGINT, value.toString());
      }
      case "boolean":
        this.#byte(TRUTH);
        return this.#byte(value ? 1 : 0);
      case "string":
        return this.#text(TEXT, value);
    }
    if (value === null) return this.#byte(NULL);
    const items = value as readonly Value[];
    this.#text(LIST, `${items.length}`);
    for (const item of items) this.#value(item);
  }

  #number(value: number): void {
    this.#double[0] = value + 0;
    this.#stretch(NUMBER, this.#doubleBytes, 0, 8);
  }

  #byte(byte: number): void {
    this.#room(1);
    this.bytes[this.length++] = byte;
  }

  #stretch(what: number, from: Uint8Array, start: number, end: number): void {
    this.#room(end - start + 5);
    const { bytes } = this;
    let at = this.#head(what, end - start);
    for (let i = start; i < end; i++) bytes[at++] = from[i]!;
    this.length = at;
  }

  #text(what: number, text: string): void {
    this.#room(text.length + 5);
    const { bytes } = this;
    let at = this.#head(what, text.length);
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** What follows, and how long it is; returns where it begins. */
  #head(what: number, length: number): number {
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = what;
    for (let shift = 0; shift < 32; shift += 8) bytes[at++] = length >>> shift;
    return at;
  }

  #room(length: number): void {
    if (this.length + length <= this.bytes.length) return;
    const larger = newBytes(2 * (this.length + length));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  hash(): number {
    return hashOf(this.bytes, 0, this.length);
  }
}

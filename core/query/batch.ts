/**
 * Rows that are kept, as numbers and bytes: column by column, in chunks, and a value
 * is made again when it is asked for. What was kept is a relation again: its rows are
 * their numbers, from 0.
 *
 * @module
 */

import type { Out, Span, Tone, Value, View } from "../contract/family.ts";
import type { Head, Shown } from "../contract/sink.ts";
import { NoRoom } from "./memory.ts";
import type { AnyColumn } from "./schema.ts";
import { keepEach, type KeepRow, keepTogether, type Kept } from "./keep.ts";
import { Slab, type Store, storeFor } from "./store.ts";

/** A column of rows that go through a question. */
export interface Carried extends Shown {
  /** Whether it is only sorted by: the stage that keeps the rows leaves it out. */
  readonly hidden?: true;
}

/**
 * So many bytes are kept, 1 GiB: of ten million sockets what is usually shown of them.
 * A saved tree may have any tables.
 */
const BYTES_MOST = 1 << 30;

/** A column of one shape. */
interface Field {
  readonly key: string;
  readonly hidden: boolean;
  readonly store: Store;
  /** What the values mean, if that is kept and any of them means something. */
  tones: Store | undefined;
  /** What they were in the listing before, if that is kept. */
  earlier: Store | undefined;
  /** What is read now. */
  column: AnyColumn;
  /** Its tone, as a column. */
  tone: AnyColumn;
  /** What it was, as a column. */
  before: AnyColumn | undefined;
  readonly shown: Pick<Shown, "earlier" | "sign">;
  nullable: boolean;
  /** Whether all values are Internet addresses whose bytes are told. */
  spanned: boolean;
}

/** Rows with one head and the same columns. */
interface Shape {
  readonly head: Head;
  readonly fields: readonly Field[];
  /** What reads the columns back. */
  shown?: readonly Shown[];
}

/** What rows of a batch look like. */
export interface Read {
  /** What is the same for all of these rows. */
  readonly head: Head;
  /** Their columns, which take the number of a row in place of the row. */
  readonly shown: readonly Shown[];
}

/** How rows are kept. */
export interface BatchOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether the tones of columns are kept as well, for text in colours. */
  readonly tones?: boolean | undefined;
  /** Keys whose values are kept first, so that a row can be refused by them. */
  readonly first?: ReadonlySet<string> | undefined;
}

/** Tells by what is kept first of a row, whose number is given, whether all of it is. */
export type IsWanted = (i: number) => boolean;

/** Rows of any relations, kept one after the other. */
export class Batch {
  /** How many rows there are. */
  length = 0;
  /** Whether there is no room for more. */
  full = false;
  readonly #options: BatchOptions;
  readonly #stores = new Map<string, Store>();
  readonly #slabs: Slab[] = [];
  readonly #shapes: Shape[] = [];
  /** The shapes of rows, each with the number of the first one. */
  readonly #runs: { readonly from: number; readonly shape: Shape }[] = [];
  /** The columns of the rows that follow: those that are kept first, and the others. */
  #first: readonly Kept[] = [];
  #others: readonly Kept[] = [];
  /** What keeps those. */
  #keepFirst: KeepRow = keepEach([]);
  #keepOthers: KeepRow = keepEach([]);
  #shape: Shape | undefined;
  /** Whether what keeps them was made for just these columns. */
  #isMade = false;

  /** No rows yet. */
  constructor(options: BatchOptions) {
    this.#options = options;
  }

  /** Rows of this shape follow. */
  begin(head: Head, shown: readonly Carried[]): void {
    const shape = this.#shapes.find((shape) => isLike(shape, head, shown)) ??
      this.#newShape(head, shown);
    for (const [i, { column, earlier }] of shown.entries()) {
      const field = shape.fields[i]!;
      field.column = column;
      field.tone = toneOf(column);
      field.before = earlierOf(earlier);
      field.nullable ||= column.nullable ?? false;
      if (this.#options.tones && column.tone) {
        field.tones ??= storeFor(field.tone).make(this.#newSlab());
      }
      if (field.before !== undefined) {
        field.earlier ??= storeFor(field.before).make(this.#newSlab());
      }
      field.spanned &&= column.span !== undefined && column.put !== undefined;
    }
    this.#begin(shape);
  }

  #begin(shape: Shape): void {
    this.#shape = shape;
    const { first } = this.#options;
    this.#first = shape.fields.filter(({ key }) => first?.has(key))
      .flatMap(keptOf);
    this.#others = shape.fields.filter(({ key }) => !first?.has(key))
      .flatMap(keptOf);
    this.#keepFirst = keepEach(this.#first);
    this.#keepOthers = keepEach(this.#others);
    this.#isMade = false;
    if (this.#runs.at(-1)?.from === this.length) this.#runs.pop();
    this.#runs.push({ from: this.length, shape });
  }

  #newShape(head: Head, shown: readonly Carried[]): Shape {
    const slab = this.#newSlab();
    const fields = shown.map((one): Field => {
      const { key, column, hidden = false, earlier, sign } = one;
      return {
        key,
        hidden,
        column,
        shown: { ...(earlier && { earlier }), ...(sign && { sign }) },
        before: earlierOf(earlier),
        earlier: undefined,
        tone: toneOf(column),
        nullable: false,
        spanned: column.kind === "address",
        store: this.#store(key, column, slab),
        tones: undefined,
      };
    });
    const shape: Shape = { head, fields };
    this.#shapes.push(shape);
    return shape;
  }

  #newSlab(): Slab {
    const slab = new Slab();
    this.#slabs.push(slab);
    return slab;
  }

  #store(key: string, column: AnyColumn, slab: Slab): Store {
    const { name, make } = storeFor(column);
    const found = this.#stores.get(`${key} ${name}`);
    if (found !== undefined) return found;
    const store = make(slab);
    this.#stores.set(`${key} ${name}`, store);
    return store;
  }

  /**
   * Keeps a row, unless it is not wanted. Returns false, and does not keep it, if there
   * is no room.
   */
  add(
    row: unknown,
    isWanted?: IsWanted,
    view: View = this.#options.view,
  ): boolean {
    const i = this.length;
    // from time to time is enough
    if ((i & 1023) === 0) {
      this.full ||= this.bytes > BYTES_MOST;
      if (i > 0) this.#make();
    }
    if (this.full) return false;
    try {
      this.#keepFirst(i, row, view);
      if (isWanted !== undefined && !isWanted(i)) {
        for (const { store } of this.#first) store.drop(i);
        return true;
      }
      this.#keepOthers(i, row, view);
      this.length++;
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      this.full = true;
    }
    return !this.full;
  }

  /** Makes what keeps many rows faster. */
  #make(): void {
    if (this.#isMade) return;
    this.#isMade = true;
    this.#keepFirst = keepTogether(this.#first);
    this.#keepOthers = keepTogether(this.#others);
  }

  /** Whether a row has another value in a column of the relation that was begun last. */
  differs(i: number, place: number, row: unknown, view: View): boolean {
    const { store, column } = this.#shape!.fields[place]!;
    return store.differs(i, column, row, view);
  }

  /**
   * Keeps other values of a row, in the columns of these places; those of the relation
   * that was begun last. Texts that differ take room once more.
   */
  renew(i: number, row: unknown, places: readonly number[], view: View): void {
    const { fields } = this.#shape!;
    // an iterator would be made for each row
    for (let n = 0; n < places.length; n++) {
      const { store, column, tones, tone } = fields[places[n]!]!;
      store.renew(i, column, row, view);
      tones?.renew(i, tone, row, view);
    }
  }

  /** Bytes that the rows take. */
  get bytes(): number {
    let bytes = 0;
    for (const store of this.#stores.values()) bytes += store.bytes;
    for (const slab of this.#slabs) bytes += slab.bytes;
    return bytes;
  }

  /** Has the processor fetch some rows; see {@linkcode Slab.fetch}. */
  fetch(rows: Uint32Array): void {
    for (const slab of this.#slabs) slab.fetch(rows);
  }

  /**
   * A batch of some of the rows, whose numbers are given in ascending order. If they are
   * moved, none of this batch may be asked for any more: its memory is given back
   * meanwhile.
   */
  some(
    rows: Iterable<number>,
    { moved = false }: { readonly moved?: boolean } = {},
  ): Batch {
    const batch = new Batch(this.#options);
    let last: Shape | undefined;
    let copy: Shape | undefined;
    for (const i of rows) {
      if (moved) { for (const slab of this.#slabs) slab.release(i); }
      const shape = this.#shapeOf(i);
      if (shape !== last) {
        last = shape;
        batch.begin(
          shape.head,
          shape.fields.map(({ key, column, hidden, shown }): Carried => ({
            key,
            column,
            ...shown,
            ...(hidden ? { hidden } : {}),
          })),
        );
        copy = batch.#runs.at(-1)!.shape;
        for (const [k, { nullable, spanned }] of shape.fields.entries()) {
          const field = copy.fields[k]!;
          field.nullable ||= nullable;
          field.spanned &&= spanned;
        }
      }
      for (const [k, { store, tones, earlier }] of shape.fields.entries()) {
        const field = copy!.fields[k]!;
        field.store.copy(batch.length, store, i);
        if (tones !== undefined) {
          field.tones ??= storeFor(field.tone).make(batch.#newSlab());
          field.tones.copy(batch.length, tones, i);
        }
        if (earlier !== undefined) {
          field.earlier!.copy(batch.length, earlier, i);
        }
      }
      batch.length++;
    }
    return batch;
  }

  #shapeOf(i: number): Shape {
    const runs = this.#runs;
    let low = 0;
    let high = runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (runs[middle]!.from <= i) low = middle;
      else high = middle - 1;
    }
    return runs[low]!.shape;
  }

  /**
   * What a row looks like: the same object for all rows that look the same, once
   * all rows are there.
   */
  read(i: number): Read {
    return read(this.#shapeOf(i));
  }

  /** What rows could look like, even if there are none. */
  reads(): Read[] {
    return this.#shapes.map(read);
  }

  /** What keeps the values of a key; several if relations differ in its kind. */
  storesOf(key: string): Store[] {
    const fields = this.#shapes.flatMap(({ fields }) => fields);
    const stores = fields.filter((field) => field.key === key)
      .map(({ store }) => store);
    return [...new Set(stores)];
  }
}

/** What a field keeps of a row. */
function keptOf(
  { store, column, tones, tone, earlier, before }: Field,
): Kept[] {
  return [
    { store, column },
    ...(tones === undefined ? [] : [{ store: tones, column: tone }]),
    ...(earlier === undefined ? [] : [{ store: earlier, column: before! }]),
  ];
}

function isLike(
  shape: Shape,
  head: Head,
  shown: readonly Carried[],
): boolean {
  const keys = Object.keys(head);
  return keys.length === Object.keys(shape.head).length &&
    keys.every((key) => shape.head[key] === head[key]) &&
    shown.length === shape.fields.length &&
    shown.every(({ key, column, hidden = false, earlier }, i) => {
      const field = shape.fields[i]!;
      return field.key === key && field.hidden === hidden &&
        field.column.kind === column.kind &&
        (field.shown.earlier === undefined) === (earlier === undefined);
    });
}

/** The same object each time. */
function read(shape: Shape): Read {
  shape.shown ??= shape.fields.filter(({ hidden }) => !hidden).map(readBack);
  return shape as Read;
}

/** What the values of a column mean, as a column. */
function toneOf({ tone }: AnyColumn): AnyColumn {
  return {
    kind: "name",
    nullable: true,
    about: "What the value means.",
    value: (row, view) => tone?.(row, view) ?? null,
  };
}

/** What a column was, and what it was at first, as a column; null if it is the same. */
function earlierOf(earlier: Shown["earlier"]): AnyColumn | undefined {
  return earlier && {
    kind: "objects",
    nullable: true,
    about: "What it was, and what it was at first.",
    value(row) {
      const value = earlier.value(row);
      const first = earlier.first(row);
      // what only grows is shown from the first on, though it is the same
      return value === undefined && first === undefined
        ? null
        : [{ value, first }];
    },
  };
}

/** What a store keeps of a column that was something else, or that only grows. */
type KeptEarlier =
  | readonly [{ readonly value?: Value; readonly first?: Value }]
  | null;

/** A column that reads the values back. */
function readBack(
  { key, column, nullable, store, tones, spanned, earlier, shown }: Field,
): Shown {
  const {
    value: _,
    put: _p,
    span: _s,
    tone: _t,
    cell: _c,
    needs: _n,
    ...said
  } = column;
  const kept = (i: unknown) => (earlier!.get(i as number) as KeptEarlier)?.[0];
  return {
    key,
    ...shown,
    ...(earlier !== undefined && {
      earlier: {
        ...shown.earlier!,
        value: (i) => kept(i)?.value,
        first: (i) => kept(i)?.first,
      },
    }),
    column: {
      ...said,
      nullable,
      value: (i: number) => store.get(i),
      ...(spanned && !nullable
        ? {
          put: (out: Out, i: number) => store.write!(out, i),
          span: (i: number, into: Span) => store.span!(i, into),
        }
        : {}),
      ...(tones === undefined ? {} : {
        tone: (i: number) => (tones.get(i) ?? undefined) as Tone | undefined,
      }),
    },
  };
}

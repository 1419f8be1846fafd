/**
 * `--sort`: rows in another order. All of them must have come before the first one
 * goes on; of `--limit N` only N are kept.
 *
 * Rows that are equal by all keys stay in the order in which they came. Null stands
 * behind all values, ascending and descending. Numbers are in numeric order; texts and
 * names by their bytes; false is before true; of addresses those of IPv4, mapped ones
 * among them, stand before IPv6, and both before those of other families.
 *
 * @module
 */

import type { Head, Sink } from "../contract/sink.ts";
import { Batch, type BatchOptions, type Carried } from "./batch.ts";
import { allocated, NoRoom } from "./memory.ts";
import { INEXACT, isExact, type Store } from "./store.ts";
import { NO_LAYOUT, type Stage } from "./stage.ts";

/** A key that rows are sorted by. */
export interface SortKey {
  /** The key. */
  readonly key: string;
  /** Whether the greatest value comes first. */
  readonly descending: boolean;
}

/** How rows are sorted. */
export interface SortOptions extends BatchOptions, Stage {
  /** The keys; each one decides where those before it do not. */
  readonly keys: readonly SortKey[];
  /** How many rows go on at most; all, unless given. */
  readonly limit?: number | undefined;
}

/** So many rows more than needed are kept, so that they are rarely sorted. */
const SPARE = 1024;

/** Sorts rows for the next sink. The keys must be among what is shown, hidden or not. */
export class Sort implements Sink {
  readonly #next: Sink;
  readonly #options: SortOptions;
  readonly #limit: number;
  #batch: Batch;
  /** Whether there was no room for a row. */
  #full = false;
  /** Of the rows that are kept, the last one that could still go on. */
  #worst: number | undefined;
  /** Compares two rows by their keys; made when the rows of a relation begin. */
  #compare: Compare | undefined;
  #head: Head = {};
  #shown: readonly Carried[] = [];

  /** Sorts no rows yet. */
  constructor(next: Sink, options: SortOptions) {
    this.#next = next;
    this.#options = options;
    this.#limit = options.limit ?? Infinity;
    this.#batch = new Batch(options);
  }

  /** Rows of a relation follow. */
  begin(head: Head, shown: readonly Carried[]): void {
    this.#head = head;
    this.#shown = shown;
    this.#batch.begin(head, shown);
    this.#compare = undefined;
  }

  /** Keeps a row, if it can be one of those that go on. */
  row(row: unknown): boolean {
    if (this.#limit === 0 || this.#full) return false;
    try {
      this.#full = !this.#batch.add(row);
      if (!this.#full) this.#choose();
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      this.#full = true;
    }
    if (this.#full) {
      this.#options.lost("--sort", `${this.#batch.length} rows`);
    }
    return !this.#full;
  }

  /** Takes rows out that cannot go on. */
  #choose(): void {
    const batch = this.#batch;
    if (this.#worst !== undefined) {
      this.#compare ??= comparing(batch, this.#options.keys);
      // a row that is as good came before
      if (this.#compare(batch.length - 1, this.#worst) >= 0) batch.drop();
    }
    if (batch.length >= 2 * this.#limit + SPARE) this.#prune();
  }

  /** Keeps only the rows that can go on. */
  #prune(): void {
    const order = this.#order();
    const rows = order.subarray(0, this.#limit);
    const worst = rows.at(-1)!;
    rows.sort();
    this.#worst = rows.indexOf(worst);
    this.#batch = this.#batch.some(rows);
    this.#batch.begin(this.#head, this.#shown);
    this.#compare = undefined;
  }

  #order(): Uint32Array {
    return orderOf(this.#batch, this.#options.keys);
  }

  /** Hands on the rows in their order. */
  end(): void {
    const batch = this.#batch;
    const next = this.#next;
    const order = this.#order().subarray(0, this.#limit);
    let last: unknown;
    for (const i of order) {
      const read = batch.read(i);
      if (read !== last) next.begin(read.head, read.shown, NO_LAYOUT);
      last = read;
      if (!next.row(i)) break;
    }
    // without any row, whoever shows columns shows those there would be
    const [first] = batch.reads();
    if (last === undefined && first !== undefined) {
      next.begin(first.head, first.shown, NO_LAYOUT);
    }
    this.#batch = new Batch(this.#options);
    this.#worst = this.#compare = undefined;
    this.#full = false;
    next.end();
  }
}

/** The numbers of all rows, in their order. */
function orderOf(batch: Batch, keys: readonly SortKey[]): Uint32Array {
  const order = new Uint32Array(batch.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  const ranks = ranksOf(batch, keys);
  if (ranks === undefined) {
    const compare = comparing(batch, keys);
    return order.sort((a, b) => compare(a, b) || a - b);
  }
  const compares = keys.map((key) => comparingBy(batch, key));
  return order.sort((a, b) => {
    for (let k = 0; k < ranks.length; k++) {
      const x = ranks[k]![a]!;
      const y = ranks[k]![b]!;
      if (x < y) return -1;
      if (x > y) return 1;
      if (isExact(x)) continue;
      const difference = compares[k]!(a, b);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}

/** Numbers by which most rows are in order, if there is memory for them. */
function ranksOf(
  batch: Batch,
  keys: readonly SortKey[],
): Float64Array[] | undefined {
  try {
    return keys.map((key) => ranksBy(batch, key));
  } catch (error) {
    if (!(error instanceof NoRoom)) throw error;
    return undefined;
  }
}

/** A number for each row, by which most of them are in order. Throws `NoRoom`. */
function ranksBy(batch: Batch, { key, descending }: SortKey): Float64Array {
  const ranks = allocated(() => new Float64Array(batch.length));
  const stores = batch.storesOf(key);
  // kinds that differ have no common rank
  if (stores.length !== 1) return ranks.fill(INEXACT);
  const [store] = stores;
  store!.arrange();
  for (let i = 0; i < ranks.length; i++) {
    if (store!.isNull(i)) ranks[i] = Infinity;
    else ranks[i] = descending ? -store!.rank(i) : store!.rank(i);
  }
  return ranks;
}

/** Compares two rows by their numbers. */
type Compare = (a: number, b: number) => number;

function comparing(batch: Batch, keys: readonly SortKey[]): Compare {
  const compares = keys.map((key) => comparingBy(batch, key));
  return (a, b) => {
    for (const compare of compares) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function comparingBy(batch: Batch, { key, descending }: SortKey): Compare {
  const stores = batch.storesOf(key);
  const sign = descending ? -1 : 1;
  if (stores.length !== 1) return comparingAmong(stores, sign);
  const [store] = stores;
  return (a, b) => {
    const isNull = store!.isNull(a);
    if (isNull || store!.isNull(b)) {
      return isNull === store!.isNull(b) ? 0 : isNull ? 1 : -1;
    }
    return sign * store!.compare(a, b);
  };
}

/** Compares values of a key that has several kinds: those of a kind stand together. */
function comparingAmong(stores: readonly Store[], sign: number): Compare {
  const storeOf = (i: number) => {
    const found = stores.findIndex((store) => !store.isNull(i));
    return found < 0 ? stores.length : found;
  };
  return (a, b) => {
    const left = storeOf(a);
    const right = storeOf(b);
    if (left !== right) return left - right;
    return left === stores.length ? 0 : sign * stores[left]!.compare(a, b);
  };
}

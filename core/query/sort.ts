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
import {
  Batch,
  type BatchOptions,
  type Carried,
  type IsWanted,
} from "./batch.ts";
import { newFloats, NoRoom } from "./memory.ts";
import { byRank } from "./radix.ts";
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

/** So many rows are fetched together: as many as stay near the processor. */
const FETCHED = 512;

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
  /** Whether a row can go on; made when the rows of a relation begin. */
  #isWanted: IsWanted | undefined;
  #head: Head = {};
  #shown: readonly Carried[] = [];

  /** Sorts no rows yet. */
  constructor(next: Sink, options: SortOptions) {
    this.#next = next;
    const first = new Set(options.keys.map(({ key }) => key));
    this.#options = { ...options, first };
    this.#limit = options.limit ?? Infinity;
    this.#batch = new Batch(this.#options);
  }

  /** Rows of a relation follow. */
  begin(head: Head, shown: readonly Carried[]): void {
    this.#head = head;
    this.#shown = shown;
    this.#batch.begin(head, shown);
    this.#choose();
  }

  /** Keeps a row, if it can be one of those that go on. */
  row(row: unknown): boolean {
    if (this.#limit === 0 || this.#full) return false;
    try {
      this.#full = !this.#batch.add(row, this.#isWanted);
      if (this.#batch.length >= 2 * this.#limit + SPARE) this.#prune();
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      this.#full = true;
    }
    if (this.#full) {
      this.#options.lost("--sort", `${this.#batch.length} rows`);
    }
    return !this.#full;
  }

  /** Keeps only the rows that can go on. */
  #prune(): void {
    const order = this.#order();
    const rows = order.subarray(0, this.#limit);
    const worst = rows.at(-1)!;
    rows.sort();
    const place = rows.indexOf(worst);
    const batch = this.#batch.some(rows);
    batch.begin(this.#head, this.#shown);
    this.#batch = batch;
    this.#worst = place;
    this.#choose();
  }

  /** From now on a row that is no better than the worst one cannot go on. */
  #choose(): void {
    const worst = this.#worst;
    if (worst === undefined) return;
    const compare = comparing(this.#batch, this.#options.keys);
    // a row that is as good came before
    this.#isWanted = (i) => compare(i, worst) < 0;
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
    for (let place = 0; place < order.length; place++) {
      const i = order[place]!;
      if (place % FETCHED === 0) {
        batch.fetch(order.subarray(place, place + FETCHED));
      }
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
    this.#worst = this.#isWanted = undefined;
    this.#full = false;
    next.end();
  }
}

/**
 * The numbers of all rows, in their order: sorted by the last key first, each time so
 * that rows which are equal stay as they are.
 */
function orderOf(batch: Batch, keys: readonly SortKey[]): Uint32Array {
  let order = new Uint32Array(batch.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  try {
    for (const key of keys.toReversed()) {
      const ranks = ranksBy(batch, key);
      order = byRank(order, ranks);
      settleTies(order, ranks, comparingBy(batch, key));
    }
    return order;
  } catch (error) {
    if (!(error instanceof NoRoom)) throw error;
    // slower, and it needs no memory
    const compare = comparing(batch, keys);
    return order.sort((a, b) => compare(a, b) || a - b);
  }
}

/** Puts rows in order that have the same rank, and differ all the same. */
function settleTies(
  order: Uint32Array,
  ranks: Float64Array,
  compare: Compare,
): void {
  let from = 0;
  for (let to = 1; to <= order.length; to++) {
    const rank = ranks[order[from]!]!;
    if (to < order.length && ranks[order[to]!] === rank) continue;
    if (to > from + 1 && !isExact(rank)) order.subarray(from, to).sort(compare);
    from = to;
  }
}

/** A number for each row, by which most of them are in order. Throws `NoRoom`. */
function ranksBy(
  batch: Batch,
  { key, descending }: SortKey,
): Float64Array<ArrayBuffer> {
  const ranks = newFloats(batch.length);
  const stores = batch.storesOf(key);
  // kinds that differ have no common rank
  if (stores.length !== 1) return ranks.fill(INEXACT);
  const [store] = stores;
  store!.arrange();
  for (let i = 0; i < ranks.length; i++) {
    if (store!.isNull(i)) ranks[i] = Infinity;
    else ranks[i] = descending ? 0 - store!.rank(i) : store!.rank(i);
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

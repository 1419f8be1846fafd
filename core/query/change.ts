/**
 * `--diff` and `--watch`: what came, what went and what changed from one listing to the
 * next. A row is known again by what its table says that it is (`identity`), not by
 * where it stands.
 *
 * ```ts
 * const changes = new Changes(options);
 * changes.keep(); // a sink: its rows are the listing that is compared with
 * changes.compare(writer); // a sink: the writer gets what differs from that listing
 * ```
 *
 * Several rows can have one identity, such as listeners that share a port. Those with the
 * same inode are then the same; of the others as many are, and what is left came or went.
 *
 * @module
 */

import { needsOf } from "../contract/column.ts";
import { canBeUnknown, moves } from "../contract/moving.ts";
import type { Column, Value, View } from "../contract/family.ts";
import type { Earlier, Head, Lost, Shown, Sink } from "../contract/sink.ts";
import { Bytes } from "../contract/out.ts";
import { Batch, type Carried } from "./batch.ts";
import { emptySpan } from "./internet.ts";
import { Keys, NOTHING } from "./keys.ts";
import { Integers, NoRoom, release } from "./memory.ts";
import { NO_LAYOUT, type Stage } from "./stage.ts";

/** How a row differs. */
export type Difference = "added" | "removed" | "changed";

/** The key of the column that says how. */
const CHANGE = "change";

/** The key of the column that says when. */
const TIME = "time";

/** A column of rows that are compared. */
export interface Compared extends Carried {
  /**
   * Whether it tells which row it is, and as which part of that: of several columns that
   * are the same part, the one of the lowest rank counts that is not null.
   */
  readonly part?: number | undefined;
  /** Its rank in that part, from 0. */
  readonly rank?: number | undefined;
  /** Whether it is asked for by its name, so that each difference counts. */
  readonly named?: boolean | undefined;
  /** Whether it is sorted by, so that the next stage gets it though it is hidden. */
  readonly sorted?: boolean | undefined;
}

/** How listings are compared. */
export interface ChangesOptions extends Stage {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether the tones of columns are kept, for text in colours. */
  readonly tones?: boolean | undefined;
  /** The time of the listing, as it is shown; rows have none, unless given. */
  readonly clock?: (() => string) | undefined;
  /**
   * For so many listings a row is new, and one that is gone stays: all rows go on then,
   * also those that are the same. Only differences do, unless given. Of the first
   * listing no row is new.
   */
  readonly rounds?: number | undefined;
  /** Whether rows say how it is known that they differ. */
  readonly source?: boolean | undefined;
  /** Whether nothing goes on of a listing that is the first one. */
  readonly quiet?: boolean | undefined;
}

/** How many rows differ, and what could not be compared. */
export interface Differences {
  /** Rows that came. */
  added: number;
  /** Rows that went. */
  removed: number;
  /** Rows that are not what they were. */
  changed: number;
  /** What one of the two listings could not read, and so is left out of both. */
  readonly left: ReadonlySet<string>;
}

/** Values by the places of their columns. */
type Values = ReadonlyMap<number, Value>;

/** A relation: what it is called, and what its rows look like now. */
interface Relation {
  readonly name: string;
  form: Form;
}

/** A row that differs, or is the same. */
interface Row {
  readonly kind: Difference | null;
  /** Its number in the batch. */
  readonly i: number;
  /** What it was, where that is something else. */
  readonly before: Values | undefined;
  /** Whether the kernel told that it went. */
  readonly ended: boolean;
  /** Whether it came and went between two listings, so that little is known of it. */
  readonly brief: boolean;
}

/** What the rows of a relation look like; places are those of their columns. */
interface Form {
  readonly columns: readonly Compared[];
  readonly kept: readonly Carried[];
  /** What tells which row it is: of each part, the columns that can tell it. */
  readonly identity: readonly (readonly number[])[];
  /** What is compared. */
  readonly compared: readonly number[];
  /** What moves, and what is compared: all that can be another value the next time. */
  readonly loose: readonly number[];
  /** The inode, by which rows of one identity are told apart; -1 if there is none. */
  readonly inode: number;
  /** What only grows. */
  readonly counters: readonly number[];
  /** What the kernel tells of a socket that ended, besides which one it is. */
  readonly last: readonly number[];
}

/** Listings that are compared, one with the next. */
export class Changes {
  /** What the last listing differed by from the one before. */
  differences: Differences = none();
  readonly #options: ChangesOptions;
  readonly #rows: Rows;
  #times: { last: number | undefined; now: number | undefined } = {
    last: undefined,
    now: undefined,
  };

  /** Has no listing yet. */
  constructor(options: ChangesOptions) {
    this.#options = options;
    this.#rows = new Rows(options);
  }

  /** Whether no row was ever listed. */
  get isEmpty(): boolean {
    return this.#rows.batch.length === 0;
  }

  /** Seconds between the last two listings; undefined unless both times are known. */
  readonly seconds = (): number | undefined => {
    const { last, now } = this.#times;
    return last === undefined || now === undefined
      ? undefined
      : (now - last) / 1000;
  };

  /**
   * What keeps a listing, for the next one: of another tree, with a view of its own. It
   * is of this time, if that is known.
   */
  keep(
    names: Names,
    { view, time }: {
      readonly view: View;
      readonly time: number | undefined;
    },
  ): Sink {
    const { lost } = this.#options;
    return new Keeper(this.#rows, { view, names, lost }, () => {
      this.#times = { last: undefined, now: time };
      this.differences = this.#rows.turn();
    });
  }

  /** What compares a listing with the last one, and then is the last one. */
  compare(
    next: Sink,
    names: Names,
    time: () => number | undefined,
  ): Sink {
    const { view, lost } = this.#options;
    const writing = new Writing(next, this.#rows, {
      ...this.#options,
      seconds: this.seconds,
    });
    return new Keeper(this.#rows, { view, names, lost }, () => {
      this.#times = { last: this.#times.now, now: time() };
      writing.turn();
      const tells = !this.#options.quiet || this.#rows.round > 0;
      this.differences = this.#rows.turn(
        tells ? (row) => writing.row(row) : undefined,
      );
      next.end();
    });
  }
}

/** That there are several rows of a key. */
const SEVERAL = -2;

/** That a row is forgotten. */
const FORGOTTEN = -1;

/** Tables that are not there, by the relation whose rows would tell of them. */
type Gone = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The rows of the last listing, which become those of the next one. Of a hundred thousand
 * nearly all are the same again: such a row is found, compared, and nothing is made.
 */
class Rows {
  batch: Batch;
  /** The number of the listing, from 0. */
  round = 0;
  readonly #options: ChangesOptions;
  /** The relations, and the number of each by its name. */
  readonly #relations: Relation[] = [];
  readonly #numbers = new Map<string, number>();
  /** Of each row of the batch, in which round it was seen last. */
  #seen = new Integers();
  /** In which round it came. */
  #births = new Integers();
  /** Which relation it is of. */
  #of = new Integers();
  /** The number of the key that it is known by. */
  #keyOf = new Integers();
  /** The counters of rows as they were when they came. */
  #bases = new Map<number, Values>();
  /** The row that is there of each key by which rows are known, or {@linkcode SEVERAL}. */
  #keys = new Keys();
  /** The rows of keys of which there are several. */
  readonly #several = new Map<number, readonly number[]>();
  /** Rows that came of which others have the identity, too, by the number of the key. */
  readonly #alike = new Map<number, number[]>();
  /** The rows that differ in this listing, and what those were that were there. */
  #found: number[] = [];
  #before = new Map<number, Values>();
  /** The rows of which the kernel told that they went. */
  readonly #ended = new Set<number>();
  /** The relations of which the last listing has not all rows, and this one. */
  #lastUnread: ReadonlySet<string> = new Set();
  #unread = new Set<string>();
  /** The tables that are not there, of which rows of a relation would tell, likewise. */
  #lastGone: Gone = new Map();
  #gone = new Map<string, Set<string>>();
  /** How many rows of the batch are forgotten, and what it took when it was made anew. */
  #forgotten = 0;
  #bytes = 0;
  /** Whether no relation of this listing was begun yet. */
  #isFresh = true;
  readonly #key = new Bytes();

  constructor(options: ChangesOptions) {
    this.#options = options;
    this.batch = new Batch(options);
  }

  /** The number of a relation, whose rows look like that from now on. */
  relation(name: string, form: Form): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) {
      this.#relations[known]!.form = form;
      return known;
    }
    const number = this.#relations.push({ name, form }) - 1;
    this.#numbers.set(name, number);
    return number;
  }

  /** The relation of a row. */
  of(i: number): Relation {
    return this.#relations[this.#of.at(i)]!;
  }

  /** A value of a row. */
  value(i: number, place: number): Value {
    const { column } = this.batch.read(i).shown[place]!;
    return column.value(i, this.#options.view);
  }

  /** A counter of a row as it was when that came. */
  base(i: number, place: number): Value | undefined {
    return this.#bases.get(i)?.get(place);
  }

  /** Rows of a relation could not be read; or there are none of a table in its rows. */
  unread(name: string, table?: string): void {
    if (table === undefined) this.#unread.add(name);
    else {
      const tables = this.#gone.get(name) ?? new Set();
      this.#gone.set(name, tables.add(table));
    }
  }

  /** The relations of which one of the two listings has rows that the other one lacks. */
  #left(): Set<string> {
    if (this.round === 0) return new Set();
    const [last, now] = [this.#lastGone, this.#gone];
    const none: ReadonlySet<string> = new Set();
    const others = [...last.keys(), ...now.keys()].filter((name) =>
      (last.get(name) ?? none)
        .symmetricDifference(now.get(name) ?? none).size > 0
    );
    const left = this.#lastUnread.symmetricDifference(this.#unread);
    return left.union(new Set(others));
  }

  /** Takes a row of this listing. Returns false if there is no room. */
  take(row: unknown, relation: number, view: View): boolean {
    const { form } = this.#relations[relation]!;
    const key = this.#find(row, relation, view);
    const old = this.#keys.kept.at(key);
    if (
      old >= 0 && this.#seen.at(old) !== this.round &&
      this.#hasInodeOf(old, row, form, view)
    ) {
      this.#meet(old, row, form, view);
      return true;
    }
    const i = this.#add(row, relation, key, view);
    if (i === undefined) return false;
    if (form.counters.length > 0) this.#count(i, row, form);
    if (old === NOTHING) {
      this.#keys.kept.set(key, i);
      this.#found.push(i);
    } else {
      const alike = this.#alike.get(key);
      if (alike === undefined) this.#alike.set(key, [i]);
      else alike.push(i);
    }
    return true;
  }

  /** Keeps a row. Returns its number; undefined if there is no room. */
  #add(
    row: unknown,
    relation: number,
    key: number,
    view: View,
  ): number | undefined {
    const i = this.batch.length;
    if (i >= ROWS_MOST || !this.batch.add(row, undefined, view)) {
      return undefined;
    }
    this.#seen.push(this.round);
    this.#births.push(this.round);
    this.#of.push(relation);
    this.#keyOf.push(key);
    return i;
  }

  /**
   * Takes a row that is over, as the kernel told: its last numbers, or all there is of
   * one that no listing had. One that is listed all the same is left alone.
   */
  takeEnded(row: unknown, relation: number, view: View): void {
    const { form } = this.#relations[relation]!;
    const key = this.#find(row, relation, view);
    const { kept } = this.#keys;
    const old = kept.at(key);
    if (this.round === 0 || old === SEVERAL) return;
    // one of the same ends that came after one that ended is another one
    if (old !== NOTHING && !this.#ended.has(old)) {
      if (this.#seen.at(old) === this.round) return;
      this.batch.renew(old, row, form.last, view);
      this.#ended.add(old);
      return;
    }
    const i = this.#add(row, relation, key, view);
    if (i === undefined) return;
    if (old === NOTHING) kept.set(key, i);
    // as if the last listing had had it
    this.#seen.set(i, this.round - 1);
    this.#ended.add(i);
  }

  /** Keeps what the counters of a row are when it comes. */
  #count(i: number, row: unknown, { columns, counters }: Form): void {
    const grown = counters.filter((k) => {
      const { column } = columns[k]!;
      return column.grows?.(row) ?? true;
    });
    const base = grown.map((k) => [k, this.value(i, k)] as const);
    if (base.length > 0) this.#bases.set(i, new Map(base));
  }

  /** The number of the key that a row is known by. */
  #find(row: unknown, relation: number, view: View): number {
    const { columns, identity } = this.#relations[relation]!.form;
    const out = this.#key;
    out.at = 0;
    writeNumber(out, relation);
    for (let k = 0; k < identity.length; k++) {
      const places = identity[k]!;
      for (let n = 0; n < places.length; n++) {
        if (writePart(out, columns[places[n]!]!.column, row, view)) break;
      }
    }
    return this.#keys.find(out.bytes, out.at);
  }

  #hasInodeOf(i: number, row: unknown, form: Form, view: View): boolean {
    const { columns, inode } = form;
    if (inode < 0 || !this.batch.differs(i, inode, row, view)) return true;
    return !columns[inode]!.column.value(row, view);
  }

  /** A row is there again. */
  #meet(i: number, row: unknown, form: Form, view: View): void {
    this.#seen.set(i, this.round);
    const { columns, compared, loose } = form;
    let before: Map<number, Value> | undefined;
    for (let n = 0; n < compared.length; n++) {
      const k = compared[n]!;
      // nearly all are the same, of which nothing must be made
      if (!this.batch.differs(i, k, row, view)) continue;
      const { column } = columns[k]!;
      const was = this.value(i, k);
      if (isDifferent(was, column.value(row, view), column, view)) {
        (before ??= new Map()).set(k, was);
      }
    }
    this.batch.renew(i, row, loose, view);
    if (before === undefined) return;
    this.#change(i, before);
    // a counter that is less than it was has begun anew
    const isLess = form.counters.some((k) => {
      const [was, now] = [before.get(k) ?? null, this.value(i, k)];
      return was !== null && now !== null && now < was;
    });
    if (isLess) this.#count(i, row, form);
  }

  #change(i: number, before: Values): void {
    this.#found.push(i);
    this.#before.set(i, before);
  }

  /** A row, kept anew, is one that is known. */
  #join(i: number, old: number): void {
    this.#births.set(i, this.#births.at(old));
    const base = this.#bases.get(old);
    if (base !== undefined) this.#bases.set(i, base);
    const { columns, compared } = this.of(i).form;
    const { view } = this.#options;
    const before = new Map<number, Value>();
    for (const k of compared) {
      const was = this.value(old, k);
      if (isDifferent(was, this.value(i, k), columns[k]!.column, view)) {
        before.set(k, was);
      }
    }
    if (before.size > 0) this.#change(i, before);
    this.#forget(old);
  }

  /** Rows of one identity: those of one inode are the same, and as many others. */
  #settle(key: number, came: readonly number[]): void {
    const all = this.#rowsOf(key);
    const isSeen = (i: number) => this.#seen.at(i) === this.round;
    const seen = all.filter(isSeen);
    const old = all.filter((i) => !isSeen(i));
    const rest = new Set(old);
    const byInode = Map.groupBy(old, (i) => this.#inodeOf(i));
    const others: number[] = [];
    for (const i of came) {
      const inode = this.#inodeOf(i);
      const same = inode ? byInode.get(inode)?.shift() : undefined;
      if (same === undefined) others.push(i);
      else {
        rest.delete(same);
        this.#join(i, same);
      }
    }
    for (const i of others) {
      const [other] = rest;
      if (other === undefined) this.#found.push(i);
      else {
        rest.delete(other);
        this.#join(i, other);
      }
    }
    this.#keep(key, [...seen, ...came, ...rest]);
  }

  /** The rows that are there of a key. */
  #rowsOf(key: number): readonly number[] {
    const row = this.#keys.kept.at(key);
    if (row === SEVERAL) return this.#several.get(key)!;
    return row === NOTHING ? [] : [row];
  }

  /** These rows are there of a key. */
  #keep(key: number, rows: readonly number[]): void {
    if (rows.length > 1) this.#several.set(key, rows);
    else this.#several.delete(key);
    const [row = NOTHING] = rows;
    this.#keys.kept.set(key, rows.length > 1 ? SEVERAL : row);
  }

  #inodeOf(i: number): Value {
    const { inode } = this.of(i).form;
    return inode < 0 ? null : this.value(i, inode);
  }

  /** Ends a listing. Tells what differs; or, if rows stay for some rounds, all of them. */
  turn(tell?: (row: Row) => boolean): Differences {
    const { round } = this;
    for (const [key, came] of this.#alike) this.#settle(key, came);
    this.#alike.clear();
    const left = this.#left();
    const differences = { ...none(), left };
    const found = left.size === 0
      ? this.#found
      : this.#found.filter((i) => !left.has(this.of(i).name));
    const changed = found.reduce((n, i) => n + Number(this.#before.has(i)), 0);
    differences.changed = changed;
    // where all rows go on, the first ones are not new
    const isFirst = round === 0 && this.#options.rounds !== undefined;
    differences.added = isFirst ? 0 : found.length - changed;
    const removed = this.#removed(left);
    differences.removed = removed.length;
    if (tell !== undefined) {
      if (this.#options.rounds !== undefined) this.#tellAll(tell);
      else {
        const more = found.every((i) => tell(this.#row(i, round)));
        if (more) removed.every((i) => tell(this.#row(i, round)));
      }
    }
    this.#end();
    return differences;
  }

  /** The rows that went. */
  #removed(left: ReadonlySet<string>): number[] {
    const removed: number[] = [];
    const keys = new Set<number>();
    const last = this.round - 1;
    for (let i = 0; i < this.#seen.length; i++) {
      if (this.#seen.at(i) !== last) continue;
      const { name } = this.of(i);
      // nobody knows whether it is still there
      if (this.#unread.has(name)) this.#seen.set(i, this.round);
      else {
        keys.add(this.#keyOf.at(i));
        if (left.has(name)) this.#forget(i);
        else removed.push(i);
      }
    }
    for (const key of keys) this.#leave(key);
    return removed;
  }

  /** A row, and how it differs, if it counts as new for so many rounds. */
  #row(i: number, round: number, rounds = 1): Row {
    const before = this.#before.get(i);
    const birth = this.#births.at(i);
    // what was there at first is not new where all rows are told
    const isNew = round - birth < rounds && (birth > 0 || rounds === 1);
    // new for as long as that is said, though it changed meanwhile
    const kind = this.#seen.at(i) !== round
      ? "removed"
      : isNew
      ? "added"
      : before !== undefined
      ? "changed"
      : null;
    const ended = this.#ended.has(i);
    return { kind, i, before, ended, brief: birth > this.#seen.at(i) };
  }

  #tellAll(tell: (row: Row) => boolean): void {
    const { rounds } = this.#options;
    // relations stay together, whenever their rows came
    for (const relation of this.#relations.keys()) {
      for (let i = 0; i < this.#seen.length; i++) {
        if (this.#seen.at(i) === FORGOTTEN) continue;
        if (this.#of.at(i) !== relation) continue;
        if (!tell(this.#row(i, this.round, rounds))) return;
      }
    }
  }

  /** Forgets what is over, and begins the next listing. */
  #end(): void {
    const { rounds = 1 } = this.#options;
    for (let i = 0; i < this.#seen.length; i++) {
      const seen = this.#seen.at(i);
      if (seen !== FORGOTTEN && this.round - seen >= rounds) this.#forget(i);
    }
    this.#found = [];
    this.#ended.clear();
    if (this.#before.size > 0) this.#before = new Map();
    [this.#lastUnread, this.#lastGone] = [this.#unread, this.#gone];
    this.#unread = new Set();
    this.#gone = new Map();
    this.round++;
    this.#isFresh = true;
  }

  /** Rows of a relation follow, of this listing. */
  begin(head: Head, { kept }: Form): void {
    // not before: who shows the last listing looks at its rows until then
    const live = this.batch.length - this.#forgotten;
    const isLoose = this.#forgotten > live / 4 + SPARE ||
      this.batch.bytes > 2 * this.#bytes + ROOM;
    if (isLoose && this.#isFresh) this.#compact();
    this.#isFresh = false;
    this.batch.begin(head, kept);
  }

  /** Some rows of a key are not there any more: all at once, since there can be many. */
  #leave(key: number): void {
    const all = this.#rowsOf(key);
    this.#keep(key, all.filter((i) => this.#seen.at(i) === this.round));
  }

  #forget(i: number): void {
    this.#seen.set(i, FORGOTTEN);
    this.#bases.delete(i);
    this.#forgotten++;
  }

  /** Keeps the rows anew that are not forgotten, and leaves nothing to be collected. */
  #compact(): void {
    const live = new Integers();
    const places = new Integers();
    const wanted = new Uint8Array(this.#keys.kept.length);
    for (let i = 0; i < this.#seen.length; i++) {
      const isLive = this.#seen.at(i) !== FORGOTTEN;
      places.push(isLive ? live.length : FORGOTTEN);
      if (!isLive) continue;
      live.push(i);
      wanted[this.#keyOf.at(i)] = 1;
    }
    this.batch = this.batch.some(live, { moved: true });
    this.#seen = this.#seen.some(live);
    this.#births = this.#births.some(live);
    this.#of = this.#of.some(live);
    this.#keyOf = this.#keyOf.some(live);
    live.release();
    const { keys, numbers } = this.#keys.moved((key) => wanted[key] === 1);
    release(wanted);
    this.#keys = keys;
    for (let i = 0; i < this.#keyOf.length; i++) {
      this.#keyOf.set(i, numbers.at(this.#keyOf.at(i)));
    }
    for (let key = 0; key < keys.kept.length; key++) {
      const row = keys.kept.at(key);
      if (row >= 0) keys.kept.set(key, places.at(row));
    }
    const several = [...this.#several].map(([key, rows]) =>
      [numbers.at(key), rows.map((i) => places.at(i))] as const
    );
    this.#several.clear();
    for (const [key, rows] of several) this.#several.set(key, rows);
    const bases = [...this.#bases]
      .map(([i, base]) => [places.at(i), base] as const);
    this.#bases = new Map(bases);
    numbers.release();
    places.release();
    this.#forgotten = 0;
    this.#bytes = this.batch.bytes;
  }
}

/** So many rows are forgotten, and so many bytes taken, before rows are kept anew. */
const SPARE = 4096;
const ROOM = 1 << 22;

/** No more rows are kept: a Map has no room for many more. */
const ROWS_MOST = 8_000_000;

const SPAN = emptySpan();

/** What a part of a key is, which the first byte of it says. */
const NULL = 0;
const NUMBER = 1;
const BYTES = 2;
const TEXT = 3;

/** Writes a value, so that no two look alike. Returns false if it is null. */
function writePart(
  out: Bytes,
  column: Shown["column"],
  row: unknown,
  view: View,
): boolean {
  if (column.span !== undefined) {
    if (!column.span(row, SPAN)) return writeNull(out);
    const { bytes, from, to } = SPAN;
    out.room(to - from);
    out.byte(BYTES);
    writeNumber(out, to - from);
    for (let i = from; i < to; i++) out.byte(bytes[i]!);
    return true;
  }
  const value = column.value(row, view);
  if (value === null) return writeNull(out);
  if (typeof value === "number" && value >>> 0 === value) {
    out.byte(NUMBER);
    writeNumber(out, value);
    return true;
  }
  const text = String(value);
  out.room(text.length);
  out.byte(TEXT);
  writeNumber(out, text.length);
  out.ascii(text);
  return true;
}

function writeNull(out: Bytes): false {
  out.byte(NULL);
  return false;
}

function writeNumber(out: Bytes, value: number): void {
  out.byte(value);
  out.byte(value >>> 8);
  out.byte(value >>> 16);
  out.byte(value >>> 24);
}

function none(): Differences {
  return { added: 0, removed: 0, changed: 0, left: new Set() };
}

/** What relations are called, by the columns that a sink is given for them. */
export type Names = ReadonlyMap<readonly Shown[], string>;

/** What the rows of a listing are read with. */
interface Keeping extends Stage {
  readonly view: View;
  readonly names: Names;
}

/** Takes the rows of a listing. */
class Keeper implements Sink {
  readonly #rows: Rows;
  readonly #keeping: Keeping;
  readonly #done: () => void;
  readonly #forms = new WeakMap<readonly Compared[], Form>();
  #relation = 0;
  #name = "";
  #full = false;
  #isOver = false;

  constructor(rows: Rows, keeping: Keeping, done: () => void) {
    this.#rows = rows;
    this.#keeping = keeping;
    this.#done = done;
  }

  begin(head: Head, columns: readonly Compared[]): void {
    let form = this.#forms.get(columns);
    if (form === undefined) this.#forms.set(columns, form = formOf(columns));
    this.#name = (this.#keeping.names.get(columns) ?? "") +
      this.#scopeOf(form);
    this.#relation = this.#rows.relation(this.#name, form);
    this.#rows.begin(head, form);
    if (this.#full) this.unread();
  }

  /** Of several network namespaces, which one the rows are of; no row is needed. */
  #scopeOf({ columns }: Form): string {
    const scope = columns.find(({ key, part }) =>
      key === "netns" && part !== undefined
    );
    return scope === undefined
      ? ""
      : ` in ${scope.column.value(undefined, this.#keeping.view)}`;
  }

  row(row: unknown): boolean {
    const { view, lost } = this.#keeping;
    if (this.#full) return false;
    try {
      if (this.#isOver) {
        this.#rows.takeEnded(row, this.#relation, view);
        return true;
      }
      this.#full = !this.#rows.take(row, this.#relation, view);
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      this.#full = true;
    }
    if (this.#full) {
      lost("--diff", `${this.#rows.batch.length} rows`);
      this.unread();
    }
    return !this.#full;
  }

  over(isOver: boolean): boolean {
    this.#isOver = isOver;
    return true;
  }

  unread(reason?: Lost): void {
    this.#rows.unread(this.#name, reason?.table);
  }

  end(): void {
    this.#full = false;
    this.#done();
  }
}

function formOf(columns: readonly Compared[]): Form {
  const parts = new Map<number, number[]>();
  const compared: number[] = [];
  const rankOf = (k: number) => columns[k]!.rank ?? 0;
  for (const [k, { key, column, part, named, hidden }] of columns.entries()) {
    if (part !== undefined) {
      const all = [...parts.get(part) ?? [], k];
      parts.set(part, all.sort((a, b) => rankOf(a) - rankOf(b)));
      // one that counts only in place of another one
      if (named && rankOf(k) > 0) compared.push(k);
    } else if (!hidden && (named || !moves(key, column))) compared.push(k);
  }
  const loose = [...columns.keys()].filter((k) =>
    columns[k]!.part === undefined
  );
  const last = loose.filter((k) =>
    needsOf(columns[k]!.column).includes("diag")
  );
  return {
    columns,
    last,
    // what is hidden is kept as well
    kept: columns.map(({ key, column }) => ({ key, column })),
    loose,
    identity: [...parts].sort(([a], [b]) => a - b).map(([, all]) => all),
    compared,
    inode: columns.findIndex(({ key }) => key === INODE),
    counters: compared.filter((k) => {
      const { column } = columns[k]!;
      return column.counter || column.grows !== undefined;
    }),
  };
}

/** The key of the column that tells rows of one identity apart. */
export const INODE = "inode";

/** Whether two values differ; what could not be known is no difference. */
function isDifferent(
  a: Value,
  b: Value,
  column: Column<never>,
  view: View,
): boolean {
  if (a === b) return false;
  if (a === null || b === null) return !canBeUnknown(column);
  if (!Array.isArray(a) || !Array.isArray(b)) return true;
  if (a.length !== b.length) return true;
  const { each } = column;
  if (each === undefined) return a.some((value, k) => value !== b[k]);
  return a.some((one, k) =>
    Object.entries(each).some(([key, inner]) =>
      !moves(key, inner) &&
      isDifferent(
        inner.value(one, view),
        inner.value(b[k], view),
        inner as Column<never>,
        view,
      )
    )
  );
}

/** How rows are handed on. */
interface WritingOptions
  extends Pick<ChangesOptions, "clock" | "source" | "rounds"> {
  readonly seconds: () => number | undefined;
}

/** Hands rows on, in columns that read them from where they are. */
class Writing {
  readonly #next: Sink;
  readonly #rows: Rows;
  readonly #options: WritingOptions;
  readonly #first: readonly Carried[];
  /**
   * The columns of rows that look like that, by what they are called: the same for each
   * listing, so that a writer knows them again.
   */
  readonly #made = new Map<string, readonly Carried[]>();
  #begun: Form | undefined;
  /** The time of the listing. */
  #time = "";

  constructor(next: Sink, rows: Rows, options: WritingOptions) {
    this.#next = next;
    this.#rows = rows;
    this.#options = options;
    const { clock, source } = options;
    const times = clock === undefined ? [] : [timeColumn(() => this.#time)];
    const sources = source ? [SOURCE_COLUMN] : [];
    this.#first = [...times, CHANGE_COLUMN, ...sources];
  }

  /** The rows of the next listing follow. */
  turn(): void {
    this.#begun = undefined;
    this.#time = this.#options.clock?.() ?? "";
  }

  row(row: Row): boolean {
    const { form, name } = this.#rows.of(row.i);
    if (form !== this.#begun) {
      // what comes first stands in front of what the head has
      const { head } = this.#rows.batch.read(row.i);
      const called = [name, ...form.columns.map(({ key }) => key)].join();
      let made = this.#made.get(called);
      if (made === undefined) {
        const heads = Object.entries(head).map(headColumn);
        made = [...this.#first, ...heads, ...this.#columns(form)];
        this.#made.set(called, made);
      }
      this.#begun = form;
      this.#next.begin({}, made, NO_LAYOUT);
    }
    return this.#next.row(row);
  }

  #columns({ columns, compared, last }: Form): readonly Carried[] {
    return columns.flatMap((one, k): Carried[] => {
      const { key, column, hidden, sorted } = one;
      if (hidden && !sorted) return [];
      return [{
        key,
        column: this.#column(
          column,
          k,
          one.part !== undefined || last.includes(k),
        ),
        ...(compared.includes(k) && { earlier: this.#earlier(k) }),
        ...(hidden && { hidden }),
      }];
    });
  }

  /** The column, of rows that are kept. */
  #column(
    column: Shown["column"],
    k: number,
    isTold: boolean,
  ): Shown["column"] {
    const { put: _p, span: _s, tone, cell: _c, needs: _n, ...said } = column;
    const rows = this.#rows;
    return {
      ...said,
      nullable: true,
      value: ({ i, brief }: Row) => brief && !isTold ? null : rows.value(i, k),
      ...(tone && {
        tone: ({ i }: Row, view: View) =>
          rows.batch.read(i).shown[k]!.column.tone?.(i, view),
      }),
    };
  }

  #earlier(k: number): Earlier {
    const { seconds, clock, rounds } = this.#options;
    return {
      seconds,
      lasts: (clock ?? rounds) !== undefined,
      value: (row) => (row as Row).before?.get(k),
      first: (row) => this.#rows.base((row as Row).i, k),
    };
  }
}

const TONES = {
  added: "connected",
  removed: "trouble",
  changed: "pending",
} as const;

const CHANGE_COLUMN: Carried = {
  key: CHANGE,
  sign: true,
  column: {
    kind: "name",
    nullable: true,
    words: Object.keys(TONES),
    about: "How the row differs; null if it is the same.",
    value: ({ kind }: Row) => kind,
    tone: ({ kind }: Row) => kind === null ? undefined : TONES[kind],
  },
};

const SOURCE_COLUMN: Carried = {
  key: "source",
  column: {
    kind: "name",
    words: ["listing", "event"],
    about:
      "How it is known: two listings differ, or the kernel told (`event`).",
    value: ({ ended }: Row) => ended ? "event" : "listing",
  },
};

/** What is the same for all rows of a relation, as a column. */
function headColumn([key, value]: [string, Value]): Carried {
  const kind = typeof value === "string" ? "name" : "integer";
  const about = "The same for all rows of a table.";
  return { key, column: { kind, about, value: () => value } };
}

function timeColumn(time: () => string): Shown {
  return {
    key: TIME,
    column: {
      kind: "string",
      about: "When it was seen, in UTC (RFC 3339).",
      value: time,
    },
  };
}

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

import { canBeUnknown, moves } from "../contract/moving.ts";
import type { Column, Long, Value, View } from "../contract/family.ts";
import type { Earlier, Head, Shown, Sink } from "../contract/sink.ts";
import { Batch, type Carried } from "./batch.ts";
import { NoRoom } from "./memory.ts";
import { NO_LAYOUT, type Stage } from "./stage.ts";

/** How a row differs. */
export type Difference = "added" | "removed" | "changed";

/** The key of the column that says how. */
export const CHANGE = "change";

/** The key of the column that says when. */
export const TIME = "time";

/** A column of rows that are compared. */
export interface Compared extends Carried {
  /**
   * Whether it tells which row it is, and as which part of that: of several columns that
   * are the same part, the first one counts that is not null.
   */
  readonly part?: number | undefined;
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
   * also those that are the same. Only differences do, unless given.
   */
  readonly rounds?: number | undefined;
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

/** Rows of one relation in a listing: their numbers are at least `from` and below `to`. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly form: Form;
}

/** Rows that were listed together. */
class Listing {
  readonly batch: Batch;
  /** The rows of each identity. */
  readonly rows = new Map<string, number | number[]>();
  /** Where rows of a relation begin. */
  readonly starts: Omit<Run, "to">[] = [];
  /** The relations of which not all rows could be read. */
  readonly unread = new Set<string>();
  /** In which round each row came, if that is kept. */
  readonly births: number[] = [];
  /** The counters of rows as they were then. */
  readonly bases = new Map<number, Bases>();

  constructor(options: ChangesOptions) {
    this.batch = new Batch(options);
  }

  /** Relations, one after the other. */
  *runs(): Generator<Run> {
    for (const [k, start] of this.starts.entries()) {
      yield { ...start, to: this.starts[k + 1]?.from ?? this.batch.length };
    }
  }

  /** A value of a row. */
  value(i: number, place: number, view: View): Value {
    return this.batch.read(i).shown[place]!.column.value(i, view);
  }
}

/** Values by the places of their columns. */
type Bases = ReadonlyMap<number, Value>;

/** Where a row is. */
interface Place {
  readonly at: Listing;
  readonly i: number;
  readonly form: Form;
}

/** A row that differs, or is the same. */
interface Row extends Place {
  readonly kind: Difference | null;
  /** Where it was, if it was there before. */
  readonly was: Listing | undefined;
  readonly wasAt: number;
}

/** A row that went, and is still shown. */
interface Gone extends Place {
  readonly round: number;
}

/** What the rows of a relation look like; places are those of their columns. */
interface Form {
  readonly columns: readonly Compared[];
  /** What tells which row it is: of each part, the columns that can tell it. */
  readonly identity: readonly (readonly number[])[];
  /** What is compared. */
  readonly compared: ReadonlySet<number>;
  /** The inode, by which rows of one identity are told apart; -1 if there is none. */
  readonly inode: number;
  /** What only grows. */
  readonly counters: readonly number[];
}

/** Listings that are compared, one with the next. */
export class Changes {
  readonly #options: ChangesOptions;
  #last: Listing | undefined;
  #round = 0;
  #times: { last: number | undefined; now: number | undefined } = {
    last: undefined,
    now: undefined,
  };
  #gone: Gone[] = [];

  /** Has no listing yet. */
  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** What the last listing differed by from the one before. */
  differences: Differences = none();

  /** Whether there was a listing. */
  get begun(): boolean {
    return this.#last !== undefined;
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
    return new Keeper({ ...this.#options, view }, names, (listing) => {
      this.#times = { last: undefined, now: time };
      this.#last = listing;
    });
  }

  /** What compares a listing with the last one, and then is the last one. */
  compare(next: Sink, names: Names, time: () => number): Sink {
    return new Keeper(this.#options, names, (listing) => {
      this.#times = { last: this.#times.now, now: time() };
      this.#compare(listing, next);
      this.#last = listing;
      next.end();
    });
  }

  #compare(now: Listing, next: Sink): void {
    const round = this.#round++;
    const { rounds } = this.#options;
    const isFirst = this.#last === undefined;
    const last = this.#last ?? new Listing(this.#options);
    const { before, met } = this.#match(last, now);
    const left = new Set(
      [...last.unread].filter((name) => !now.unread.has(name)),
    );
    if (!isFirst) {
      for (const name of now.unread) if (!last.unread.has(name)) left.add(name);
    }
    const found = { ...none(), left };
    this.differences = found;
    const writing = new Writing(next, this.#options, this.seconds);
    let more = true;
    for (const { name, from, to, form } of now.runs()) {
      for (let i = from; i < to; i++) {
        const wasAt = before[i]!;
        const was = wasAt < 0 ? undefined : last;
        this.#inherit(now, i, form, { was, wasAt, isFirst, round });
        if (left.has(name)) continue;
        let kind: Difference | null = null;
        if (was === undefined) kind = "added";
        else if (this.#differs(was, wasAt, now, i, form)) kind = "changed";
        if (kind !== null) found[kind]++;
        else if (rounds === undefined) continue;
        else if (round - now.births[i]! < rounds) kind = "added";
        more &&= writing.row({ kind, at: now, i, form, was, wasAt });
      }
    }
    const gone: Gone[] = [];
    for (const { name, from, to, form } of last.runs()) {
      if (left.has(name)) continue;
      for (let i = from; i < to; i++) {
        if (met[i] === 1) continue;
        found.removed++;
        const row = { at: last, i, form, round };
        if (rounds === undefined) more &&= writing.removed(row);
        else gone.push(row);
      }
    }
    if (rounds !== undefined) {
      const stays = this.#gone.filter((row) => round - row.round < rounds);
      this.#gone = [...stays, ...gone];
      for (const row of this.#gone) more &&= writing.removed(row);
    }
    last.rows.clear();
  }

  /** Keeps of a row what it was when it came. */
  #inherit(
    now: Listing,
    i: number,
    form: Form,
    { was, wasAt, isFirst, round }: {
      readonly was: Listing | undefined;
      readonly wasAt: number;
      readonly isFirst: boolean;
      readonly round: number;
    },
  ): void {
    if (this.#options.rounds !== undefined) {
      // what was there at first is not new
      now.births[i] = was?.births[wasAt] ?? (isFirst ? -Infinity : round);
    }
    if (form.counters.length === 0) return;
    const bases = was?.bases.get(wasAt) ??
      this.#countersOf(was ?? now, was === undefined ? i : wasAt, form);
    now.bases.set(i, bases);
  }

  #countersOf(listing: Listing, i: number, { counters }: Form): Bases {
    const { view } = this.#options;
    return new Map(counters.map((k) => [k, listing.value(i, k, view)]));
  }

  /** For each row of now, the row that it was, or -1; and which of those were met. */
  #match(
    last: Listing,
    now: Listing,
  ): { before: Int32Array; met: Uint8Array } {
    const before = new Int32Array(now.batch.length).fill(-1);
    const met = new Uint8Array(last.batch.length);
    const meet = (i: number, j: number) => {
      before[i] = j;
      met[j] = 1;
    };
    for (const [key, rows] of now.rows) {
      const old = last.rows.get(key);
      if (old === undefined) continue;
      if (typeof rows === "number" && typeof old === "number") {
        meet(rows, old);
        continue;
      }
      this.#matchAll([rows].flat(), now, [old].flat(), last, meet);
    }
    return { before, met };
  }

  /** Rows of one identity: those of one inode are the same, and as many others. */
  #matchAll(
    rows: readonly number[],
    now: Listing,
    old: readonly number[],
    last: Listing,
    meet: (i: number, j: number) => void,
  ): void {
    const { view } = this.#options;
    const inodeOf = (listing: Listing, i: number) => {
      const place = listing.batch.read(i).shown
        .findIndex(({ key }) => key === INODE);
      return place < 0
        ? undefined
        : (listing.value(i, place, view) as Long | null) || undefined;
    };
    const byInode = new Map<Long, number[]>();
    const others: number[] = [];
    for (const j of old) {
      const inode = inodeOf(last, j);
      if (inode === undefined) others.push(j);
      else byInode.set(inode, [...byInode.get(inode) ?? [], j]);
    }
    const unmet: number[] = [];
    for (const i of rows) {
      const inode = inodeOf(now, i);
      const j = inode === undefined ? undefined : byInode.get(inode)?.shift();
      if (j === undefined) unmet.push(i);
      else meet(i, j);
    }
    for (const some of byInode.values()) others.push(...some);
    others.sort((a, b) => a - b);
    for (const i of unmet) {
      const j = others.shift();
      if (j === undefined) return;
      meet(i, j);
    }
  }

  #differs(
    was: Listing,
    wasAt: number,
    now: Listing,
    i: number,
    form: Form,
  ): boolean {
    const { view } = this.#options;
    for (const k of form.compared) {
      const { column } = form.columns[k]!;
      const before = was.value(wasAt, k, view);
      if (isDifferent(before, now.value(i, k, view), column, view)) return true;
    }
    return false;
  }
}

function none(): Differences {
  return { added: 0, removed: 0, changed: 0, left: new Set() };
}

/** What relations are called, by the columns that a sink is given for them. */
export type Names = ReadonlyMap<readonly Shown[], string>;

/** Keeps a listing. */
class Keeper implements Sink {
  readonly #options: ChangesOptions;
  readonly #names: Names;
  readonly #done: (listing: Listing) => void;
  readonly #forms = new Map<readonly Compared[], Form>();
  #listing: Listing;
  #name = "";
  #form: Form | undefined;
  #full = false;

  constructor(
    options: ChangesOptions,
    names: Names,
    done: (listing: Listing) => void,
  ) {
    this.#options = options;
    this.#names = names;
    this.#done = done;
    this.#listing = new Listing(options);
  }

  begin(head: Head, columns: readonly Compared[]): void {
    const { batch, starts } = this.#listing;
    let form = this.#forms.get(columns);
    if (form === undefined) this.#forms.set(columns, form = formOf(columns));
    this.#form = form;
    this.#name = (this.#names.get(columns) ?? "") + this.#scopeOf(form);
    // what is hidden is kept as well
    batch.begin(head, form.columns.map(({ key, column }) => ({ key, column })));
    if (starts.at(-1)?.from === batch.length) starts.pop();
    starts.push({ from: batch.length, name: this.#name, form });
  }

  /** Of several network namespaces, which one the rows are of; no row is needed. */
  #scopeOf({ columns }: Form): string {
    const { view } = this.#options;
    const scope = columns.find(({ key, part }) =>
      key === "netns" && part !== undefined
    );
    return scope === undefined
      ? ""
      : ` in ${scope.column.value(undefined, view)}`;
  }

  row(row: unknown): boolean {
    if (this.#full) return false;
    const { batch, rows } = this.#listing;
    const i = batch.length;
    try {
      if (!batch.add(row)) this.#full = true;
      else if (rows.size >= ROWS_MOST) throw new NoRoom();
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      this.#full = true;
    }
    if (this.#full) {
      this.#options.lost("--diff", `${i} rows`);
      return false;
    }
    const key = this.#keyOf(row);
    const found = rows.get(key);
    if (found === undefined) rows.set(key, i);
    else if (typeof found === "number") rows.set(key, [found, i]);
    else found.push(i);
    return true;
  }

  #keyOf(row: unknown): string {
    const { view } = this.#options;
    const { columns, identity } = this.#form!;
    let key = this.#name;
    for (const places of identity) {
      let value: Value = null;
      for (const place of places) {
        value = columns[place]!.column.value(row, view);
        if (value !== null) break;
      }
      key += `\0${value}`;
    }
    return key;
  }

  unread(): void {
    this.#listing.unread.add(this.#name);
  }

  end(): void {
    const listing = this.#listing;
    this.#listing = new Listing(this.#options);
    this.#full = false;
    this.#done(listing);
  }
}

/** No more identities are kept: a Map has no room for many more. */
const ROWS_MOST = 8_000_000;

function formOf(columns: readonly Compared[]): Form {
  const parts = new Map<number, number[]>();
  const compared = new Set<number>();
  for (const [k, { key, column, part, named, hidden }] of columns.entries()) {
    if (part !== undefined) parts.set(part, [...parts.get(part) ?? [], k]);
    else if (!hidden && (named || !moves(key, column))) compared.add(k);
  }
  return {
    columns,
    identity: [...parts].sort(([a], [b]) => a - b).map(([, all]) => all),
    compared,
    inode: columns.findIndex(({ key }) => key === INODE),
    counters: [...compared].filter((k) => columns[k]!.column.counter),
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

/** Hands rows on, in columns that read them from where they are. */
class Writing {
  readonly #next: Sink;
  readonly #options: ChangesOptions;
  readonly #seconds: () => number | undefined;
  readonly #first: readonly Carried[];
  /** The columns of rows that look like that. */
  readonly #made = new Map<Form, readonly Carried[]>();
  #begun: Form | undefined;

  constructor(
    next: Sink,
    options: ChangesOptions,
    seconds: () => number | undefined,
  ) {
    this.#next = next;
    this.#options = options;
    this.#seconds = seconds;
    const { clock } = options;
    const times = clock === undefined ? [] : [timeColumn(clock())];
    this.#first = [...times, CHANGE_COLUMN];
  }

  removed(row: Place): boolean {
    return this.row({ ...row, kind: "removed", was: undefined, wasAt: -1 });
  }

  row(row: Row): boolean {
    const { form } = row;
    if (form !== this.#begun) {
      let made = this.#made.get(form);
      if (made === undefined) {
        // what comes first stands in front of what the head has
        const { head } = row.at.batch.read(row.i);
        const heads = Object.entries(head).map(headColumn);
        made = [...this.#first, ...heads, ...this.#make(form)];
        this.#made.set(form, made);
      }
      this.#begun = form;
      this.#next.begin({}, made, NO_LAYOUT);
    }
    return this.#next.row(row);
  }

  #make({ columns, compared }: Form): readonly Carried[] {
    return columns.flatMap((one, k): Carried[] => {
      const { key, column, hidden, sorted } = one;
      if (hidden && !sorted) return [];
      return [{
        key,
        column: movedColumn(column, k),
        ...(compared.has(k) && { earlier: this.#earlier(column, k) }),
        ...(hidden && { hidden }),
      }];
    });
  }

  #earlier(column: Shown["column"], k: number): Earlier {
    const { view } = this.#options;
    return {
      seconds: this.#seconds,
      value(row) {
        const { was, wasAt, at, i } = row as Row;
        if (was === undefined) return undefined;
        const before = was.value(wasAt, k, view);
        const now = at.value(i, k, view);
        return isDifferent(before, now, column, view) ? before : undefined;
      },
      first(row) {
        const { at, i } = row as Row;
        return at.bases.get(i)?.get(k);
      },
    };
  }
}

/** A column of a row that stands elsewhere. */
function movedColumn(column: Shown["column"], k: number): Shown["column"] {
  const { put: _p, span: _s, tone: _t, cell: _c, needs: _n, ...said } = column;
  const of = (row: Row) => row.at.batch.read(row.i).shown[k]!.column;
  return {
    ...said,
    nullable: true,
    value: (row: Row, view) => row.at.value(row.i, k, view),
    ...(column.tone && {
      tone: (row: Row, view: View) => of(row).tone?.(row.i, view),
    }),
  };
}

const TONES = {
  added: "connected",
  removed: "trouble",
  changed: "pending",
} as const;

const CHANGE_COLUMN: Shown = {
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

/** What is the same for all rows of a relation, as a column. */
function headColumn([key, value]: [string, Value]): Carried {
  const kind = typeof value === "string" ? "name" : "integer";
  const about = "The same for all rows of a table.";
  return { key, column: { kind, about, value: () => value } };
}

function timeColumn(time: string): Shown {
  return {
    key: TIME,
    column: {
      kind: "string",
      about: "When it was seen, in UTC (RFC 3339).",
      value: () => time,
    },
  };
}

/**
 * From the options of a question to what is done: what each relation must tell, which
 * of its rows are kept, and through which stages they go to the writer.
 *
 * ```ts
 * const plan = planOf(question, schemas, circumstances); // or a QuestionError
 * const sink = plan.sink(writer);
 * for (const [i, relation] of relations.entries()) {
 *   const { none, keep, later, head, shown, needs } = plan.relations[i];
 *   if (none) continue; // its file is not opened
 *   // rows that `keep` keeps; then what they need is looked for; then `later`
 *   sink.begin(head, shown, layout);
 *   // sink.row(row) for each, until one returns false
 * }
 * sink.end();
 * ```
 *
 * @module
 */

import { needsOf } from "../contract/column.ts";
import type { Need, View } from "../contract/family.ts";
import type { Head, Shown, Sink } from "../contract/sink.ts";
import type { Carried } from "./batch.ts";
import { type Bound, check } from "./check.ts";
import { all, compile, conjunctsOf, type Keep, type Tests } from "./compile.ts";
import { canBeUnknown, moves } from "../contract/moving.ts";
import { type Compared, INODE, type Names } from "./change.ts";
import { Count } from "./count.ts";
import { QuestionError, type Written } from "./error.ts";
import { parseExpression } from "./expression.ts";
import { labelled, type Labels, labelsOf } from "./labels.ts";
import { Limit } from "./limit.ts";
import {
  columnKeys,
  COUNT,
  countKeys,
  defaultKeys,
  type Listed,
  listedFor,
  listedIn,
  type Listing,
  onceEach,
  sortKeys,
  sumKeys,
  textKeys,
} from "./list.ts";
import {
  type AnyColumn,
  type Schema,
  Schemas,
  shownAt,
  type Words,
} from "./schema.ts";
import { Sort, type SortKey } from "./sort.ts";
import { Until } from "./until.ts";

/** The options of a question, as they were written, in byte strings. */
export interface Question {
  /** `--label`, which can be given several times. */
  readonly label?: readonly string[];
  /** `--where`, which can be given several times. */
  readonly where?: readonly string[];
  /** `--columns`; `help` is not for this module, see `help.ts`. */
  readonly columns?: string;
  /** `--sort` */
  readonly sort?: string;
  /** `--limit` */
  readonly limit?: string;
  /** `--count` */
  readonly count?: string;
  /** `--sum` */
  readonly sum?: string;
  /** `--until` */
  readonly until?: string;
}

/** What a question is asked in. */
export interface Circumstances {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether rows are written as text, which is a table if net-tools' will not do. */
  readonly text: boolean;
  /** Whether that text has colours. */
  readonly tones?: boolean;
  /** The port of a service; undefined if there is none of this name. */
  services(name: string): number | undefined;
  /**
   * What keys of heads can be, by key: names of families, protocols and views. A
   * word that is not among them is an error; without a list, one that no head has.
   */
  readonly words?: Words;
  /** Is told, as the user is, if there was no memory for all rows. */
  lost(message: string): void;
  /**
   * What stands in front of the writer, and what puts rows in order for it, if listings
   * are compared; see `change.ts`.
   */
  readonly compares?: ((next: Sink, names: Names) => Sink) | undefined;
  /** Is told when a row is what `until` asks for. */
  met?(): void;
}

/** What is done with one relation. */
export interface RelationPlan {
  /** Whether none of its rows is asked for, so that its file need not be opened. */
  readonly none: boolean;
  /** Which rows are kept, by what is known of them at once; all, unless given. */
  readonly keep: Keep | undefined;
  /** Which of those are kept, by what must be looked for first; all, unless given. */
  readonly later: Keep | undefined;
  /** The head that the sink gets. */
  readonly head: Head;
  /** The columns that the sink gets. */
  readonly shown: readonly Carried[];
  /**
   * All columns that are looked at: shown, tested, sorted and counted by. Where
   * net-tools' text is printed, it is not these that are shown.
   */
  readonly used: readonly Shown[];
  /** Whether that text tells all of them, so that whoever tells it will do. */
  readonly inText: boolean;
  /** What they need. Where net-tools' text is printed, its cells may need more. */
  readonly needs: ReadonlySet<Need>;
  /** What is asked of rows, for whoever can ask the kernel; nothing, unless given. */
  readonly tests: Tests | undefined;
  /** Whether a row is what is waited for; nothing is, unless given. */
  readonly until?: Keep | undefined;
  /** Whether rows are only tested by what tells which they are, and by netlink's answer. */
  readonly testsEnds?: boolean;
}

/** What is done to answer a question. */
export interface Plan {
  /** Whether text is a table of columns; net-tools', unless it is. */
  readonly table: boolean;
  /** The keys of labels, which stand in front of every row. */
  readonly labels: readonly string[];
  /** By what rows are counted, and what is summed; undefined unless they are. */
  readonly counted: Pick<Counting, "keys" | "numbers"> | undefined;
  /** Of each relation that is asked, in their order. */
  readonly relations: readonly RelationPlan[];
  /**
   * So many rows that `keep` keeps are all that is asked for: `--limit`, unless rows
   * are put in order, counted, or kept by what is known `later`.
   */
  readonly enough: number | undefined;
  /** The sink that takes rows of all relations, in front of the one that writes. */
  sink(writer: Sink): Sink;
}

/** Makes the plan. Throws {@linkcode QuestionError} if the question cannot be asked. */
export function planOf(
  question: Question,
  schemas: readonly Schema[],
  circumstances: Circumstances,
): Plan {
  return new Planning(question, schemas, circumstances).plan();
}

/** What is shown of groups, and sorted by. */
export interface Counting {
  /** What rows are counted by. */
  readonly keys: readonly string[];
  /** What is summed. */
  readonly sums: readonly string[];
  /** The numbers of each group: its count, if there is one, and sums. */
  readonly numbers: readonly string[];
  /** What is shown. */
  readonly shown: readonly Omit<Compared, "column">[];
}

class Planning {
  readonly #labels: Labels;
  readonly #schemas: Schemas;
  readonly #circumstances: Circumstances;
  readonly #conjuncts: readonly Bound[];
  readonly #until: Bound | undefined;
  readonly #counting: Counting | undefined;
  readonly #sort: readonly SortKey[];
  readonly #limit: number | undefined;
  /** The columns that all relations show alike; undefined if each shows its own. */
  readonly #columns: readonly Listed[] | undefined;
  readonly #table: boolean;

  constructor(
    question: Question,
    schemas: readonly Schema[],
    circumstances: Circumstances,
  ) {
    const { label = [], where = [], columns, sort, limit, count, sum, until } =
      question;
    this.#circumstances = circumstances;
    this.#labels = labelsOf(label, schemas);
    this.#schemas = new Schemas(
      schemas.map((schema) => labelled(schema, this.#labels)),
      circumstances.words,
    );
    const bound = (option: string) => (text: string) =>
      this.#bound({ option, text });
    this.#conjuncts = where.map(bound("--where")).flatMap(conjunctsOf);
    if (until !== undefined) this.#until = bound("--until")(until);
    const counted = count !== undefined || sum !== undefined;
    this.#table = circumstances.text &&
      (counted || columns !== undefined || sort !== undefined ||
        label.length > 0 || circumstances.compares !== undefined);
    const among = counted ? this.#counted(count, sum) : undefined;
    const list = <T>(
      option: string,
      text: string | undefined,
      read: (listing: Listing) => T,
    ): T | undefined =>
      text === undefined
        ? undefined
        : read({ ...this.#listing(option, text), ...given(among?.known) });
    this.#sort = list("--sort", sort, sortKeys) ?? [];
    const sorted = this.#sort.map(({ key }) => key);
    const shown = list("--columns", columns, columnKeys);
    if (among !== undefined) {
      const { known, ...counting } = among;
      const listed = shown ?? known.map((key) => ({ key }));
      const parts = this.#labelled(counting.keys.map((key) => ({ key })))
        .map(({ key }): Part => [key]);
      const carried = this.#carried(this.#labelled(listed), parts);
      this.#counting = { ...counting, shown: carried };
    } else if (shown !== undefined) this.#columns = this.#labelled(shown);
    else if (this.#table) {
      const text = listedIn("text", this.#listing("--columns", ""));
      this.#columns = this.#labelled(
        onceEach([...text, ...sorted.map((key) => ({ key }))]),
      );
    }
    this.#limit = limit === undefined ? undefined : limitOf(limit);
  }

  /** What is listed, behind the labels that are not among it. */
  #labelled(listed: readonly Listed[]): Listed[] {
    const labels = Object.keys(this.#labels)
      .filter((label) => listed.every(({ key }) => key !== label));
    return [...labels.map((key) => ({ key })), ...listed];
  }

  #bound(written: Written): Bound {
    const { services } = this.#circumstances;
    const schemas = this.#schemas;
    return check(parseExpression(written), { written, schemas, services });
  }

  #listing(option: string, text: string): Listing {
    const { view } = this.#circumstances;
    return { written: { option, text }, schemas: this.#schemas, view };
  }

  /** What rows are counted by, what is summed, and all keys that groups have then. */
  #counted(
    count: string | undefined,
    sum: string | undefined,
  ): Omit<Counting, "shown"> & { readonly known: readonly string[] } {
    const keys = count === undefined
      ? []
      : countKeys(this.#listing("--count", count));
    const sums = sum === undefined
      ? []
      : sumKeys(this.#listing("--sum", sum), [...keys, COUNT]);
    const counts = count === undefined ? [] : [COUNT];
    const numbers = [...counts, ...sums];
    return { keys, sums, numbers, known: [...keys, ...numbers] };
  }

  plan(): Plan {
    const relations = this.#schemas.all.map((schema) => this.#relation(schema));
    const { compares } = this.#circumstances;
    const isFirst = this.#sort.length === 0 && this.#counting === undefined &&
      compares === undefined && this.#until === undefined &&
      relations.every(({ later }) => later === undefined);
    return {
      table: this.#table,
      labels: Object.keys(this.#labels),
      counted: this.#counting,
      relations,
      enough: isFirst ? this.#limit : undefined,
      sink: (writer) => this.#sink(writer, relations),
    };
  }

  #relation(schema: Schema): RelationPlan {
    const { head, shown } = this.#shape(schema);
    const terms: Tests[] = [];
    const early: Keep[] = [];
    const later: Keep[] = [];
    const used = new Map<string, Shown>();
    const { view, compares } = this.#circumstances;
    const parts = compares === undefined ? [] : identityOf(schema, view).flat();
    let testsEnds = compares !== undefined;
    for (const conjunct of this.#conjuncts) {
      const { keep, used: looked, tests } = compile(conjunct, schema);
      if (keep === false) return { ...NOTHING, head, shown, tests };
      if (keep === true) continue;
      terms.push(tests);
      const waits = looked.some(({ column }) => isAwaited(column));
      (waits ? later : early).push(keep);
      for (const { key, column } of looked) {
        used.set(key, { key, column });
        testsEnds &&= parts.includes(key) || needsOf(column).includes("diag");
      }
    }
    const until = this.#until && compile(this.#until, schema);
    for (const column of until?.used ?? []) used.set(column.key, column);
    if (!this.#circumstances.text || this.#table) {
      for (const { key, column } of shown) used.set(key, { key, column });
    }
    const told = textKeys(schema, view);
    return {
      none: false,
      keep: early.length === 0 ? undefined : all(early),
      later: later.length === 0 ? undefined : all(later),
      head,
      shown,
      used: [...used.values()],
      inText: [...used.keys()].every((key) =>
        // whoever tells of a socket tells its inode
        told.includes(key) || key === INODE ||
        Object.hasOwn(schema.head, key) ||
        schema.known?.includes(key)
      ),
      needs: new Set(
        [...used.values()].flatMap(({ column }) => needsOf(column)),
      ),
      tests: terms.length === 0 ? undefined : { is: "all", terms },
      until: keepOf(until?.keep),
      testsEnds,
    };
  }

  /** What a relation tells the sink. */
  #shape(schema: Schema): Pick<RelationPlan, "head" | "shown"> {
    if (this.#counting !== undefined) {
      const { keys, sums } = this.#counting;
      return {
        head: {},
        shown: shownAt(schema, [...keys, ...sums], this.#schemas),
      };
    }
    const { view, compares } = this.#circumstances;
    const own = this.#columns ??
      defaultKeys(schema, view).map((key): Listed => ({ key }));
    const parts = compares === undefined ? [] : identityOf(schema, view);
    const all = this.#carried(own, parts);
    const has = listedFor(own, schema, view);
    for (const { key, hidden } of all) if (hidden) has.add(key);
    for (const { key } of this.#sort) has.add(key);
    const keys = all.map(({ key }) => key);
    const columns = shownAt(schema, keys, this.#schemas, has);
    return {
      head: this.#columns === undefined ? schema.head : {},
      shown: columns.map((column, i) => ({ ...column, ...all[i]! })),
    };
  }

  /** Columns that are shown, and behind them those that only a stage needs. */
  #carried(
    listed: readonly Listed[],
    parts: readonly Part[],
  ): Omit<Compared, "column">[] {
    const { view, compares } = this.#circumstances;
    const sorted = new Set(this.#sort.map(({ key }) => key));
    const keys = listed.map(({ key }) => key);
    const compared = compares === undefined ? [] : [...parts.flat(), INODE];
    const hidden = new Set([...sorted, ...compared]).difference(new Set(keys));
    const all: Omit<Compared, "column">[] = [
      ...keys.map((key) => ({ key })),
      ...Array.from(hidden, (key) => ({ key, hidden: true as const })),
    ];
    if (compares === undefined) return all;
    const named = new Set(
      listed.filter(({ sets }) => sets === undefined).map(({ key }) => key),
    );
    return all.map((one) => {
      const { key } = one;
      const part = parts.findIndex((keys) => keys.includes(key));
      return {
        ...one,
        ...(part >= 0 && { part, rank: parts[part]!.indexOf(key) }),
        // who asks for programs minds which process it is
        named: this.#columns !== undefined && named.has(key) ||
          key === "pid" && view.programs,
        sorted: sorted.has(key),
      };
    });
  }

  #sink(writer: Sink, relations: readonly RelationPlan[]): Sink {
    const { view, tones, compares, met } = this.#circumstances;
    const lost = (option: string, kept: string) =>
      this.#circumstances.lost(
        `netstat: ${option}: there is memory for ${kept} only; ` +
          "the rest is left out",
      );
    const limit = this.#limit;
    let sink = writer;
    if (this.#sort.length > 0) {
      const keys = this.#sort;
      sink = new Sort(sink, { view, keys, limit, tones, lost });
    } else if (limit !== undefined) sink = new Limit(sink, limit);
    if (compares !== undefined) {
      const called = new Map<string, number>();
      const names = this.#schemas.all.map((schema, i) => {
        const name = nameOf(schema);
        const count = called.get(name) ?? 0;
        called.set(name, count + 1);
        // a family can have several tables that are called the same
        const own = count === 0 ? name : `${name} (${count + 1})`;
        return [relations[i]!.shown, own] as const;
      });
      sink = compares(sink, new Map(names));
    }
    if (this.#counting !== undefined) {
      const labels = this.#labels;
      sink = new Count(sink, { ...this.#counting, labels, view, lost });
    }
    if (this.#until === undefined) return sink;
    return new Until(sink, {
      view,
      keeps: new Map(relations.map(({ shown, until }) => [shown, until])),
      met: () => met?.(),
    });
  }
}

/** The keys of one part of an identity: the first one that is not null counts. */
type Part = readonly string[];

/** What tells which row of a relation it is. */
function identityOf(schema: Schema, view: View): Part[] {
  const { head, columns, identity } = schema;
  const parts = identity ??
    defaultKeys(schema, view).filter((key) => {
      const column = columns[key]!;
      return !moves(key, column) && !column.counter && !canBeUnknown(column);
    });
  // of several network namespaces, which one it is
  const scope = columns.netns?.rare === false ? [["netns_name", "netns"]] : [];
  return [...Object.keys(head), ...scope, ...parts]
    .map((part) =>
      [part].flat().filter((key) =>
        Object.hasOwn(head, key) || Object.hasOwn(columns, key)
      )
    )
    .filter((part) => part.length > 0);
}

/** What a relation is called where it is told that it could not be read. */
function nameOf({ head, columns, labels = [] }: Schema): string {
  const words = Object.entries(head).flatMap(([key, value]) =>
    typeof value === "string" && !labels.includes(key) ? [value] : []
  );
  if (words.length > 0) return words.reverse().join(" of ");
  return Object.hasOwn(columns, "counter") ? "counters" : "interfaces";
}

/** What a test of all rows comes to. */
function keepOf(keep: Keep | boolean | undefined): Keep | undefined {
  if (typeof keep !== "boolean") return keep;
  return keep ? () => true : undefined;
}

/** Whether what a column needs is not there when its row is, as are those two. */
function isAwaited(column: AnyColumn): boolean {
  return needsOf(column).some((need) => need !== "diag" && need !== "peer");
}

/** What is done with a relation of which no row is asked for. */
const NOTHING = {
  none: true,
  keep: () => false,
  later: undefined,
  used: [],
  inText: true,
  needs: new Set<Need>(),
} as const;

function given(among: readonly string[] | undefined): Pick<Listing, "among"> {
  return among === undefined ? {} : { among };
}

/** How many rows `--limit` lets through. */
function limitOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new QuestionError(
    { option: "--limit", text },
    0,
    "write how many rows, as 10",
  );
}

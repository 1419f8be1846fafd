/**
 * What a question knows of the relations that it is put to: their heads and columns,
 * and which column a key means.
 *
 * @module
 */

import type {
  Column,
  Columns,
  Identity,
  Kind,
  Value,
} from "../contract/family.ts";
import { nearest } from "../contract/nearest.ts";
import { equalFolded } from "./literal.ts";
import type { Head, Shown } from "../contract/sink.ts";

/** What rows of one relation look like; no row is needed to know that. */
export interface Schema {
  /** What is the same for all rows. Its keys come before the columns of the same key. */
  readonly head: Head;
  /** The columns. */
  readonly columns: AnyColumns;
  /**
   * The keys of what net-tools' text shows, where that is not to be seen by the
   * columns: a table with a layout of its own.
   */
  readonly text?: readonly string[];
  /** The keys that tell which row it is; all that do not move, unless given. */
  readonly identity?: Identity | undefined;
  /** The keys of what is known of rows whoever tells them, as where they are. */
  readonly known?: readonly string[];
  /** The keys of the head that the user gave; their values are any text. */
  readonly labels?: readonly string[];
}

/** A key that a question has, or the keys that lead to a column of objects in a row. */
export type Path = readonly [string, ...string[]];

/** What a name in a question means. */
export interface Found {
  /** The key, never a short name. */
  readonly path: Path;
  /** Whether a short name stood there, which does not tell the unit. */
  readonly short: boolean;
}

/** A column in any relation. */
// deno-lint-ignore no-explicit-any
export type AnyColumn = Column<any>;

/** Columns of any relation, by key. */
// deno-lint-ignore no-explicit-any
export type AnyColumns = Columns<any>;

/** The column of a relation under a key; undefined if it has none, nor a value in its head. */
export function columnOf(
  schema: Schema,
  [key, ...rest]: Path,
): AnyColumn | undefined {
  let column = (schema.head[key] ?? null) !== null
    ? headColumn(schema, key)
    : own(schema.columns, key);
  for (const name of rest) {
    column = column?.each && own(column.each, name);
  }
  return column;
}

/** What heads have that no column tells. */
const HEADS: Readonly<Record<string, string>> = {
  family: "Address family, by the name that -A takes.",
};

/** A value of the head as a column, which says what a column of this key says. */
function headColumn({ head, columns }: Schema, key: string): AnyColumn {
  const value = head[key] ?? null;
  const { kind, unit, words, short, set, about } = own(columns, key) ?? {
    kind: kindOfValue(value),
    about: HEADS[key] ?? "The same for all rows of a table.",
  } as AnyColumn;
  const nullable = value === null ? true : undefined;
  const said = { kind, nullable, unit, words, short, set, about };
  return { ...given(said), value: () => value };
}

/** A column that a relation does not have: null, and else as it is in others. */
function absentColumn(
  { kind, unit, short, set, about, each }: AnyColumn,
): AnyColumn {
  const said = { kind, nullable: true, unit, short, set, about, each };
  return { ...given(said), value: () => null };
}

/** An object without the keys that are not given. */
function given(
  said: { [K in keyof AnyColumn]?: AnyColumn[K] | undefined },
): Omit<AnyColumn, "value"> {
  return Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  ) as unknown as AnyColumn;
}

function kindOfValue(value: Value): Kind {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number" || typeof value === "bigint") return "integer";
  return Array.isArray(value) ? "strings" : "name";
}

function own(columns: AnyColumns, key: string): AnyColumn | undefined {
  return Object.hasOwn(columns, key) ? columns[key] : undefined;
}

/** The columns of a relation, behind what its head has. */
function allColumns(schema: Schema): AnyColumns {
  const heads = Object.fromEntries(
    Object.keys(schema.head).map((key) => [key, headColumn(schema, key)]),
  );
  return { ...heads, ...schema.columns, ...heads };
}

/** The columns of objects in a column, if there are any. */
function innerOf(column: AnyColumn | undefined): AnyColumns[] {
  return column?.each === undefined ? [] : [column.each];
}

/** All relations that are asked. */
export class Schemas {
  /** The relations, in the order in which their rows come. */
  readonly all: readonly Schema[];
  /** What each of them has. */
  readonly #columns: readonly AnyColumns[];
  /** Closed lists of words, by key, beside those of columns. */
  readonly #words: Words;

  /**
   * `words` are what a key of the heads can be; without it, that is what the heads of
   * these relations have.
   */
  constructor(all: readonly Schema[], words: Words = {}) {
    this.all = all;
    this.#columns = all.map(allColumns);
    this.#words = words;
  }

  /** What a name means in any of them: `KEY`, a short name, or `KEY.KEY` of objects. */
  find(name: string): Found | undefined {
    const path: string[] = [];
    let short = false;
    let levels = this.#columns;
    for (const part of name.split(".")) {
      const key = keyIn(levels, part);
      if (key === undefined) return undefined;
      short = key !== part;
      path.push(key);
      levels = levels.flatMap((level) => innerOf(own(level, key)));
    }
    return { path: path as unknown as Path, short };
  }

  /** The columns that a path leads to, of those relations that have it; at least one. */
  columnsAt(path: Path): [AnyColumn, ...AnyColumn[]] {
    const [first, ...others] = this.all
      .flatMap((schema) => columnOf(schema, path) ?? []);
    // a key that all heads have, and none a value of it
    return [first ?? headColumn({ head: {}, columns: {} }, path[0]), ...others];
  }

  /** Every key of every relation, in order of first appearance: heads, then columns. */
  keys(): string[] {
    return [...new Set(this.#columns.flatMap((level) => Object.keys(level)))];
  }

  /**
   * The names that a word may mean which means nothing: those that have it between
   * their underscores, or else the one that is spelled most alike.
   */
  near(word: string): string[] {
    const part = word.toLowerCase();
    const having = namesIn(this.#columns)
      .filter((name) => name.split("_").includes(part));
    const alike = having.length > 0 ? undefined : this.#alike(word);
    return alike === undefined ? having : [alike];
  }

  #alike(word: string): string | undefined {
    let levels = this.#columns;
    const done: string[] = [];
    for (const part of word.split(".")) {
      const key = keyIn(levels, part) ?? nearest(part, namesIn(levels));
      if (key === undefined) return undefined;
      done.push(key);
      levels = levels.flatMap((level) => innerOf(own(level, key)));
    }
    return done.join(".");
  }

  /** The key, and the spelling, of a word that is in a closed list. */
  nameOf(word: string): { key: string; word: string } | undefined {
    for (const key of this.keys()) {
      const found = this.wordsOf([key])?.find((one) => equalFolded(one, word));
      if (found !== undefined) return { key, word: found };
    }
    return undefined;
  }

  /** All words that a name can be in any of them; undefined if there is no such list. */
  wordsOf(path: Path): string[] | undefined {
    const [key, ...rest] = path;
    const words = new Set<string>(rest.length === 0 ? this.#words[key] : []);
    for (const schema of this.all) {
      if (schema.labels?.includes(key)) return undefined;
      const value = rest.length === 0 ? schema.head[key] : undefined;
      if (typeof value === "string") words.add(value);
      if (value !== undefined) continue;
      const column = columnOf(schema, path);
      if (column !== undefined && column.words === undefined) return undefined;
      column?.words?.forEach((word) => words.add(word));
    }
    return words.size > 0 ? [...words] : undefined;
  }
}

/** Words by key. */
export type Words = Readonly<Record<string, readonly string[]>>;

/** The key that a name means in any of these: itself, or the one it is short for. */
function keyIn(
  levels: readonly AnyColumns[],
  name: string,
): string | undefined {
  if (levels.some((level) => Object.hasOwn(level, name))) return name;
  return levels.flatMap((level) => Object.entries(level))
    .find(([, { short }]) => short === name)?.[0];
}

function namesIn(levels: readonly AnyColumns[]): string[] {
  const names = levels.flatMap((level) =>
    Object.entries(level).flatMap(([key, { short }]) => [key, short ?? key])
  );
  return [...new Set(names)];
}

/**
 * Columns of a relation as they are shown; null where it has none, or is not meant to
 * show it.
 */
export function shownAt(
  schema: Schema,
  keys: readonly string[],
  schemas: Schemas,
  has: ReadonlySet<string> = new Set(keys),
): Shown[] {
  return keys.map((key) => ({
    key,
    column: (has.has(key) ? columnOf(schema, [key]) : undefined) ??
      absentColumn(schemas.columnsAt([key])[0]),
  }));
}

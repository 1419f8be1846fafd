/**
 * Lists of keys: what `--columns`, `--sort`, `--count` and `--sum` take.
 *
 * @module
 */

import { shownOf } from "../contract/column.ts";
import type { View } from "../contract/family.ts";
import { allOf } from "../contract/sink.ts";
import { type Checking, findKey } from "./check.ts";
import { QuestionError, quoted, type Written } from "./error.ts";
import type { Key } from "./expression.ts";
import { type AnyColumn, type Schema, Schemas } from "./schema.ts";
import type { SortKey } from "./sort.ts";

/** The key of the column that says how many rows a group has. */
export const COUNT = "count";

/** What `--columns` is given to list the columns; see `help.ts`. */
export const HELP = "help";

/** What a list is read against. */
export interface Listing extends Pick<Checking, "written" | "schemas"> {
  /** What columns see of the command line. */
  readonly view: View;
  /** Of groups of rows, all keys that there are. */
  readonly among?: readonly string[];
}

/** Splits a list at its commas. Throws {@linkcode QuestionError}. */
function entriesOf(written: Written): Key[] {
  const entries: Key[] = [];
  let start = 0;
  for (const part of written.text.split(",")) {
    const name = part.trim();
    const at = start + part.length - part.trimStart().length;
    if (name === "") {
      throw new QuestionError(written, at, "a column must stand here");
    }
    const blank = name.search(/\s/);
    if (blank >= 0) {
      throw new QuestionError(written, at + blank, blankAdvice(name));
    }
    entries.push({ name, at });
    start += part.length + 1;
  }
  return entries;
}

/** What is said of several words where one column must stand. */
function blankAdvice(name: string): string {
  const [key, order = ""] = name.split(/\s+/);
  if (/^desc(ending)?$/i.test(order)) {
    return `write -${key} to have the largest first`;
  }
  return /^asc(ending)?$/i.test(order)
    ? `write ${key} alone: the smallest comes first`
    : "write a comma between two columns";
}

/** A column that is shown. */
export interface Listed {
  /** The key. */
  readonly key: string;
  /**
   * The sets that it stands for, if it was not named itself: a relation in which it
   * belongs to none of them does not show it.
   */
  readonly sets?: readonly string[];
}

/**
 * What `--columns` lists, each key once: those that are named, and those of `@default`,
 * `@text`, `@all` and other sets; `+KEY` is `@text,KEY`. Throws
 * {@linkcode QuestionError}.
 */
export function columnKeys(listing: Listing): Listed[] {
  if (listing.among !== undefined) return groupKeys(listing);
  const listed = entriesOf(listing.written).flatMap(({ name, at }) => {
    const first = name.startsWith("+") ? listedIn("text", listing) : [];
    const rest = name.replace(/^\+/, "");
    const from = at + name.length - rest.length;
    return rest.startsWith("@")
      ? [...first, ...namedSet({ name: rest.slice(1), at: from }, listing)]
      : [...first, { key: ownKey({ name: rest, at: from }, listing) }];
  });
  return onceEach(listed);
}

/** What is listed several times stands where it is first, for all that it was listed for. */
export function onceEach(listed: readonly Listed[]): Listed[] {
  const groups = Map.groupBy(listed, ({ key }) => key);
  return Array.from(groups, ([key, all]): Listed => {
    const sets = all.map(({ sets }) => sets);
    return sets.includes(undefined) ? { key } : {
      key,
      sets: sets.flatMap((sets) => sets ?? []),
    };
  });
}

/** The keys of groups that are shown. */
function groupKeys(listing: Listing): Listed[] {
  const keys = entriesOf(listing.written)
    .map((entry) => singleKey(entry, listing));
  return [...new Set(keys)].map((key) => ({ key }));
}

/** What an `@SET` lists. */
function namedSet({ name, at }: Key, listing: Listing): Listed[] {
  const { written, schemas } = listing;
  const sets = new Set(
    schemas.all.flatMap(({ columns }) =>
      Object.values(columns).flatMap(({ set }) => set ?? [])
    ),
  );
  const known: string[] = ["default", "text", "all", ...sets];
  if (known.includes(name)) return listedIn(name, listing);
  throw new QuestionError(
    written,
    at,
    `no set ${quoted("@" + name)}: ${known.map((set) => "@" + set).join(" ")}`,
  );
}

/** What a set lists, over all relations. */
export function listedIn(
  name: string,
  listing: Pick<Listing, "schemas" | "view">,
): Listed[] {
  return keysOfSet(name, listing).map((key) => ({ key, sets: [name] }));
}

/** Those of the columns that a relation shows, if it has them. */
export function listedFor(
  listed: readonly Listed[],
  schema: Schema,
  view: View,
): Set<string> {
  const names = new Set(listed.flatMap(({ sets = [] }) => sets));
  const schemas = new Schemas([schema]);
  const keysOf = new Map(
    Array.from(names, (name) => [
      name,
      new Set(keysOfSet(name, { schemas, view })),
    ]),
  );
  return new Set(
    listed.filter(({ key, sets }) =>
      sets === undefined || sets.some((name) => keysOf.get(name)!.has(key))
    ).map(({ key }) => key),
  );
}

/** The keys of a set, over all relations. */
function keysOfSet(
  name: string,
  listing: Pick<Listing, "schemas" | "view">,
): string[] {
  const { schemas, view } = listing;
  if (name === "all") return schemas.keys();
  const keys = schemas.all.flatMap((schema) => {
    switch (name) {
      case "default":
        return [...Object.keys(schema.head), ...defaultKeys(schema, view)];
      case "text":
        return textKeys(schema, view);
      default:
        return Object.entries(schema.columns)
          .filter(([, { set }]) => set === name).map(([key]) => key);
    }
  });
  // a text that is not made of columns: the counters of -s
  return keys.length === 0 && name === "text"
    ? keysOfSet("default", listing)
    : [...new Set(keys)];
}

/** The keys of what JSON shows of a relation, behind its head. */
export function defaultKeys({ head, columns }: Schema, view: View): string[] {
  return allOf(columns, view).map(({ key }) => key)
    .filter((key) => !Object.hasOwn(head, key));
}

/** The keys of what net-tools' text tells of a relation. */
export function textKeys(
  { head, columns, text }: Schema,
  view: View,
): string[] {
  const shown = new Set<AnyColumn>(shownOf(columns, view));
  const keys = text ?? Object.entries(columns)
    .flatMap(([key, column]) =>
      shown.has(column) ? column.cell!.tells ?? [key] : []
    );
  return keys.filter((key) =>
    Object.hasOwn(columns, key) || Object.hasOwn(head, key)
  );
}

/** The key that a name means, which must not be one of objects in a column. */
function ownKey(key: Key, { written, schemas, among }: Listing): string {
  if (key.name.startsWith("-")) {
    throw new QuestionError(
      written,
      key.at,
      "take the - out: it is for --sort, once for each column",
    );
  }
  if (among !== undefined) {
    const meant = schemas.find(key.name)?.path[0] ?? key.name;
    if (among.includes(meant)) return meant;
    throw new QuestionError(
      written,
      key.at,
      `counted rows have no ${quoted(key.name)}, but ${among.join(" ")}: ` +
        "count by it as well, or sum it",
    );
  }
  if (key.name === HELP) {
    throw new QuestionError(
      written,
      key.at,
      `--columns ${HELP} lists the columns, if it has nothing else in its list`,
    );
  }
  const { path } = findKey(key, { written, schemas });
  if (path.length === 1) return path[0];
  const instead = written.option === "--columns" ? path[0] : "another column";
  throw new QuestionError(
    written,
    key.at,
    `${key.name} can only be tested, by --where: a row can have several; ` +
      `take ${instead}`,
  );
}

/** The keys of `--sort`. Throws {@linkcode QuestionError}. */
export function sortKeys(listing: Listing): SortKey[] {
  return entriesOf(listing.written).map(({ name, at }) => {
    const descending = name.startsWith("-");
    const key = singleKey({
      name: descending ? name.slice(1) : name,
      at: at + Number(descending),
    }, listing);
    const { kind } = listing.schemas.columnsAt([key])[0];
    if (kind !== "strings" && kind !== "objects") return { key, descending };
    throw new QuestionError(
      listing.written,
      at,
      `${key} is a list, which has no order: sort by another column`,
    );
  });
}

/** The keys of `--count`. Throws {@linkcode QuestionError}. */
export function countKeys(listing: Listing): string[] {
  const keys = entriesOf(listing.written).map((entry) => {
    if (entry.name === COUNT) {
      throw new QuestionError(
        listing.written,
        entry.at,
        `${COUNT} is what --count adds: count by another column`,
      );
    }
    const key = singleKey(entry, listing);
    if (listing.schemas.columnsAt([key])[0].kind !== "objects") return key;
    throw new QuestionError(
      listing.written,
      entry.at,
      `${key} is a list of objects: count by another column, as pid`,
    );
  });
  return [...new Set(keys)];
}

/** The keys of `--sum`, of rows that are `counted` by these. Throws {@linkcode QuestionError}. */
export function sumKeys(
  listing: Listing,
  counted: readonly string[],
): string[] {
  const keys = entriesOf(listing.written).map((entry) => {
    const key = singleKey(entry, listing);
    if (counted.includes(key)) {
      throw new QuestionError(
        listing.written,
        entry.at,
        `${key} is counted by already: sum another column`,
      );
    }
    const { kind } = listing.schemas.columnsAt([key])[0];
    if (kind === "integer" || kind === "duration") return key;
    throw new QuestionError(
      listing.written,
      entry.at,
      `${key} is no number that could be summed: take one, as recv_q`,
    );
  });
  return [...new Set(keys)];
}

/** A key, and no set of keys. */
function singleKey(entry: Key, listing: Listing): string {
  if (!/^[@+]/.test(entry.name)) return ownKey(entry, listing);
  throw new QuestionError(
    listing.written,
    entry.at,
    "sets are for --columns: name the columns here",
  );
}

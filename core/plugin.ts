/**
 * What a family file that is loaded at run time gets and must be. Such a file's
 * default export is a function: it is called with {@linkcode kit} and returns the
 * family. It needs to import nothing but types.
 *
 * @module
 */

import {
  extended,
  fact,
  foreign,
  kept,
  left,
  listed,
  ownerColumns,
  queueTone,
  right,
  stateTone,
  userColumns,
} from "./column.ts";
import type {
  Cell,
  CellType,
  Column,
  Columns,
  Family,
  Out,
  Source,
  Table,
  Title,
  View,
} from "./family.ts";
import {
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  writeAddress,
} from "./ip.ts";

/**
 * What the function in a family file is called with: the helpers of the families that
 * are built in.
 */
export type Kit = Readonly<{
  left: typeof left;
  right: typeof right;
  fact: typeof fact;
  foreign: typeof foreign;
  kept: typeof kept;
  listed: typeof listed;
  extended: typeof extended;
  stateTone: typeof stateTone;
  queueTone: typeof queueTone;
  userColumns: typeof userColumns;
  ownerColumns: typeof ownerColumns;
  Address: typeof Address;
  hexWord: typeof hexWord;
  parseIpv4: typeof parseIpv4;
  parseIpv6: typeof parseIpv6;
  spellAddress: typeof spellAddress;
  writeAddress: typeof writeAddress;
}>;

const kit: Kit = {
  left,
  right,
  fact,
  foreign,
  kept,
  listed,
  extended,
  stateTone,
  queueTone,
  userColumns,
  ownerColumns,
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  writeAddress,
};

/** What a family file exports. */
export type FamilyFile = (kit: Kit) => Family;

/** A family file does not do what it must; the message says what, and what to do. */
export class PluginError extends Error {
  /** `word` is what the file says at the place, if it says it. */
  constructor(message: string, readonly word?: string) {
    super(message);
  }
}

/** Calls what a family file exports, and checks what comes back. */
export function familyOf(exported: unknown): Family {
  if (exported === undefined) {
    throw new PluginError(
      "it has no default export: it must export a function, " +
        "`export default (kit) => ({ name, about, tables })`",
    );
  }
  if (typeof exported !== "function") {
    throw new PluginError(
      `its default export is not a function but ${describe(exported)}: ` +
        "it must be one that returns the family",
      "default",
    );
  }
  const family: unknown = exported(kit);
  checkFamily(family);
  const { name, words = [] } = family;
  const titles = new Map<Title, Title>();
  return {
    ...family,
    words: [...new Set([name, ...words])],
    tables: family.tables.map((table) => withChecks(table, titles)),
  };
}

/** What the value of a key must be; with a `?` it can be missing. */
type Rule =
  | `${"string" | "number" | "boolean" | "function" | "object" | "array"}${
    | ""
    | "?"}`
  | typeof BUILT_IN;

/** What only families have that are built in. */
const BUILT_IN = "built in";

/** A rule for each key. */
type Rules<T> = Readonly<Record<keyof Required<T>, Rule>>;

const FAMILY: Rules<Family> = {
  name: "string",
  words: "array?",
  about: "string",
  quiet: "boolean?",
  hidden: "boolean?",
  support: "string?",
  tables: "array",
  routes: BUILT_IN,
  masquerade: BUILT_IN,
  groups: BUILT_IN,
  statistics: BUILT_IN,
};

const TABLE: Rules<Table<unknown>> = {
  name: "string",
  sources: "array",
  title: "object",
  columns: "object",
  header: "object?",
  rule: "string?",
  lineLimit: "number",
  row: "function",
  first: "function?",
  parse: "function",
  parseDiag: BUILT_IN,
  continues: "function?",
  problem: "function?",
  complaint: "function?",
  illegible: "function?",
  fatal: "function?",
  keep: "function",
  inode: "function?",
  ends: "function?",
  ours: "boolean?",
  hosts: "boolean?",
  lead: "function?",
};

const TITLE: Rules<Title> = {
  text: "function",
  // a boolean, or "asked"
  always: "boolean",
};

const SOURCE: Rules<Source> = {
  path: "string",
  formerly: "string?",
  proto: "string",
  protocol: "string?",
  rank: "number",
  support: "string?",
  when: "function?",
  diag: BUILT_IN,
};

const COLUMN: Rules<Column<unknown>> = {
  header: "string?",
  width: "number",
  gap: "number?",
  headerWidth: "number?",
  about: "string",
  type: "string",
  each: "object?",
  value: "function",
  write: "function?",
  // what it writes would have to be checked; `value` makes the same JSON
  json: BUILT_IN,
  shown: "function?",
  tone: "function?",
  asked: "function?",
};

/** What each row of JSON begins with. */
const HEAD = "family";

const NAME = /^[a-z][a-z0-9-]*$/;
const KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const PRINTABLE = /^[ -~]*$/;

/** No cell and no header is wider, in bytes. */
const WIDTH_MOST = 1000;

const TYPES: readonly CellType[] = [
  "string",
  "string?",
  "integer",
  "integer?",
  "boolean",
  "boolean?",
  "strings",
  "strings?",
  "objects",
  "objects?",
];

/** Fails unless `good`; `word` is what the file says at the place. */
function must(good: boolean, what: string, word?: string): asserts good {
  if (!good) throw new PluginError(what, word);
}

/** Fails unless an object has the keys that it must have, and no others. */
function mustObey<T>(
  object: Readonly<Record<string, unknown>>,
  where: string,
  rules: Rules<T>,
): void {
  const known = Object.entries<Rule>(rules);
  for (const key of Object.keys(object)) {
    if (object[key] === undefined || Object.hasOwn(rules, key)) continue;
    const near = nearest(key, known.map(([name]) => name));
    const hint = near === undefined ? "" : `; is it '${near}'?`;
    must(false, `${where}: there is no key '${key}'${hint}`, key);
  }
  for (const [key, rule] of known) {
    const value = object[key];
    if (rule === BUILT_IN) {
      must(
        value === undefined,
        `${where}: '${key}' is for families that are built in: ` +
          "a family file has only tables of sockets (`tables`) today",
        key,
      );
      continue;
    }
    const type = rule.replace("?", "");
    if (value === undefined) {
      must(
        rule.endsWith("?"),
        `${where}: '${key}' (${article(type)}) is missing`,
      );
    } else if (key !== "always") {
      must(
        kindOf(value) === type,
        `${where}: '${key}' is not ${article(type)} but ${describe(value)}`,
        key,
      );
    }
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

function article(word: string): string {
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}

/** The name that a mistyped word may mean: two letters away at most. */
export function nearest(
  word: string,
  names: readonly string[],
): string | undefined {
  const [best] = names
    .map((name) => ({
      name,
      distance: distance(word.toLowerCase(), name.toLowerCase()),
    }))
    .filter(({ distance, name }) => distance <= Math.min(2, name.length / 2))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** How many letters must be changed, added or taken out (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
    }
    row = next;
  }
  return row.at(-1)!;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}

function checkFamily(family: unknown): asserts family is Family {
  must(
    isRecord(family) && !Array.isArray(family),
    `its function returns no family but ${describe(family)}: ` +
      "is there a `return`, or are there braces without brackets around them?",
    "default",
  );
  const { name, words, tables } = family;
  must(name !== undefined, "'name' (a string) is missing");
  must(
    isName(name),
    `'name' is ${describe(name)}: it must be a word of lower-case letters, ` +
      "digits and '-'",
    "name",
  );
  const where = `family '${name}'`;
  mustObey(family, where, FAMILY);
  for (const word of words as unknown[] ?? []) {
    must(
      isName(word),
      `${where}: 'words' has ${describe(word)}: each must be a word of ` +
        "lower-case letters, digits and '-'",
      "words",
    );
  }
  must(
    (tables as unknown[]).length > 0,
    `${where}: 'tables' is empty: it has nothing to show`,
    "tables",
  );
  for (const table of tables as unknown[]) checkTable(table, where);
}

function checkTable(table: unknown, family: string): void {
  must(isRecord(table), `${family}: a table is not an object`, "tables");
  const { name } = table;
  must(typeof name === "string", `${family}: a table has no 'name' (a string)`);
  const where = `table '${name}'`;
  mustObey(table, where, TABLE);
  must(
    table.lineLimit as number > 0,
    `${where}: 'lineLimit' is not positive`,
    "lineLimit",
  );
  const { sources, columns, header, ours, inode } = table;
  must(
    ours !== true || inode !== undefined,
    `${where}: 'ours' needs 'inode'`,
    "ours",
  );
  const title = table.title as Record<string, unknown>;
  mustObey(title, `${where}: title`, TITLE);
  must(
    title.always === "asked" || typeof title.always === "boolean",
    `${where}: title: 'always' is neither a boolean nor "asked"`,
    "always",
  );
  must(
    (sources as unknown[]).length > 0,
    `${where}: 'sources' is empty: name the kernel's file`,
    "sources",
  );
  for (const source of sources as unknown[]) checkSource(source, where);
  checkColumns(columns, where);
  if (header !== undefined) checkColumns(header, where);
}

function checkSource(source: unknown, where: string): void {
  must(isRecord(source), `${where}: a source is not an object`, "sources");
  mustObey(source, `${where}: source`, SOURCE);
  must(
    Number.isFinite(source.rank),
    `${where}: source: 'rank' is ${describe(source.rank)}`,
    "rank",
  );
  for (const path of [source.path, source.formerly ?? source.path]) {
    must(
      isTable(path as string),
      `${where}: the source '${path}' is no table of the kernel's: it must be ` +
        "a file below /proc or /sys, not one that leads elsewhere",
      path as string,
    );
  }
}

/**
 * Whether a path stays below `/proc` or `/sys`. Links there that lead elsewhere are
 * those of processes, such as `/proc/self/root`.
 */
function isTable(path: string): boolean {
  return /^\/(proc|sys)(\/(?!\.{1,2}(\/|$))[^/\0]+)+$/.test(path) &&
    !/^\/proc\/(self|thread-self|\d+)\/(?!net\/)/.test(path);
}

function checkColumns(columns: unknown, table: string): void {
  must(isRecord(columns), `${table}: 'columns' is not an object`, "columns");
  for (const [key, column] of Object.entries(columns)) {
    const where = `${table}: column '${key}'`;
    must(KEY.test(key), `${where}: its key is not in snake_case`, key);
    must(key !== HEAD, `${where}: every row has this key already`, key);
    must(isRecord(column), `${where} is not an object`, key);
    mustObey(column, where, COLUMN);
    const { width, gap = 0, headerWidth = 0 } = column as
      & { width: number }
      & {
        [Key in "gap" | "headerWidth"]?: number;
      };
    for (const [name, value] of Object.entries({ width, gap, headerWidth })) {
      const least = name === "width" ? -WIDTH_MOST : 0;
      must(
        Number.isInteger(value) && value >= least && value <= WIDTH_MOST,
        `${where}: '${name}' is ${
          describe(value)
        }: it must be a whole number ` +
          `from ${least} to ${WIDTH_MOST}`,
        key,
      );
    }
    must(
      PRINTABLE.test(column.header as string ?? ""),
      `${where}: its header is not of printable ASCII`,
      key,
    );
    const type = column.type as CellType;
    must(
      TYPES.includes(type),
      `${where}: its type '${type}' is none of ${TYPES.join(", ")}`,
      key,
    );
    const ofObjects = type.startsWith("objects");
    must(
      ofObjects === (column.each !== undefined),
      `${where}: 'each' is there for columns of objects, and for no others`,
      key,
    );
    if (ofObjects) checkColumns(column.each, where);
  }
}

/**
 * A table whose functions fail if they do not return what they must. Tables with the
 * same title still have the same one.
 */
function withChecks(
  // deno-lint-ignore no-explicit-any
  table: Table<any>,
  titles: Map<Title, Title>,
  // deno-lint-ignore no-explicit-any
): Table<any> {
  const where = `table '${table.name}'`;
  const title = titles.get(table.title) ?? withCheckedText(table.title, where);
  titles.set(table.title, title);
  const columns = allChecked(table.columns, where);
  const { row, parse, keep, first, lead } = table;
  const isBoolean = (value: unknown, name: string, hint: string): boolean => {
    if (typeof value === "boolean") return value;
    throw new PluginError(
      `${where}: '${name}' returns ${describe(value)}: it must return ${hint}`,
      name,
    );
  };
  return {
    ...table,
    title,
    columns,
    header: table.header === undefined
      ? columns
      : allChecked(table.header, where),
    row(source, path) {
      const made = row.call(table, source, path);
      if (isRecord(made)) return made;
      throw new PluginError(
        `${where}: 'row' returns ${
          describe(made)
        }: it must return an object, ` +
          "which 'parse' fills",
        "row",
      );
    },
    parse: (line, row) =>
      isBoolean(
        parse.call(table, line, row),
        "parse",
        "true for a good line, false for a malformed one",
      ),
    keep: (row, view) =>
      isBoolean(
        keep.call(table, row, view),
        "keep",
        "true for a row that the view lists, false for another",
      ),
    ...(first === undefined ? {} : {
      first: (line, row) =>
        isBoolean(
          first.call(table, line, row),
          "first",
          "true if the line is a header, else false",
        ),
    }),
    ...(lead === undefined ? {} : {
      lead(out, row, view) {
        const start = out.at;
        lead.call(table, out, row, view);
        checkRoom(out, start, `${where}: 'lead'`, "lead");
      },
    }),
  };
}

function withCheckedText(title: Title, where: string): Title {
  return {
    ...title,
    text(view) {
      const text: unknown = title.text(view);
      if (typeof text === "string") return text;
      throw new PluginError(
        `${where}: title: 'text' returns ${
          describe(text)
        }: it must return a string`,
        "text",
      );
    },
  };
}

function allChecked<Row>(columns: Columns<Row>, table: string): Columns<Row> {
  return Object.fromEntries(
    Object.entries(columns).map(([key, column]) => [
      key,
      withCheckedValue(key, column, table),
    ]),
  );
}

/** A column that fails, in text and JSON alike, if its value is not of its type. */
function withCheckedValue<Row>(
  key: string,
  column: Column<Row>,
  table: string,
): Column<Row> {
  const { each, type, write } = column;
  const where = `${table}: column '${key}'`;
  const value = (row: Row, view: View): Cell => {
    const value = column.value(row, view);
    if (isOfType(value, type)) return value;
    throw new PluginError(
      `${where}: it says that it is '${type}', but its value is ` +
        `${describe(value)}${adviceFor(value, type)}`,
      key,
    );
  };
  return {
    ...column,
    ...(each === undefined ? {} : { each: allChecked(each, where) }),
    value,
    ...(write === undefined ? {} : {
      write(out, row, view) {
        value(row, view);
        const start = out.at;
        write.call(column, out, row, view);
        checkRoom(out, start, `${where}: 'write'`, key);
      },
    }),
  };
}

/** Fails if more was written than there is room for. */
function checkRoom(
  out: Out,
  start: number,
  where: string,
  word: string,
): void {
  if (out.at >= start && out.at <= out.bytes.length) return;
  throw new PluginError(
    `${where} writes outside of the ${out.bytes.length} bytes that there are: ` +
      "it must ask `out.room(length)` first, and not move `at` before its start",
    word,
  );
}

/** Whether a value is what its column says. */
export function isOfType(value: Cell | undefined, type: CellType): boolean {
  if (value === null) return type.endsWith("?");
  switch (type) {
    case "string":
    case "string?":
      return typeof value === "string";
    case "boolean":
    case "boolean?":
      return typeof value === "boolean";
    case "integer":
    case "integer?":
      return typeof value === "number"
        ? Number.isInteger(value)
        : typeof value === "bigint";
    case "objects":
    case "objects?":
      return Array.isArray(value) &&
        value.every((v) => typeof v === "object" && v !== null);
    default:
      return Array.isArray(value) &&
        value.every((v) => v === null || typeof v === "string");
  }
}

/** What to do about a value that is not of its column's type. */
function adviceFor(value: unknown, type: CellType): string {
  if (value === null) return `: declare it '${type}?'`;
  if (value === undefined) {
    const nullable = type.endsWith("?") ? type : `${type}?`;
    return `: return null for none, and declare it '${nullable}'`;
  }
  if (type.startsWith("integer")) {
    if (typeof value === "string") return ": use `Number` or `BigInt`";
    return typeof value === "number" ? ": round it, or return null" : "";
  }
  if (type.startsWith("string") && typeof value === "number") {
    return ": declare it 'integer'";
  }
  return "";
}

/** So much of a string is quoted. */
const QUOTED_MOST = 60;

function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  switch (typeof value) {
    case "number":
      return `the number ${value}`;
    case "string":
      return `the string ${JSON.stringify(value.slice(0, QUOTED_MOST))}`;
    default:
      return article(kindOf(value));
  }
}

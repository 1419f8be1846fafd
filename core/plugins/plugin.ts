/**
 * What a family file that is loaded at run time gets and must be. Such a file's
 * default export is a function: it is called with {@linkcode kit} and returns the
 * family. It needs to import nothing but types.
 *
 * @module
 */

import {
  among,
  declared,
  extended,
  fact,
  foreign,
  kept,
  left,
  listed,
  ownerColumns,
  queueTone,
  right,
  userColumns,
} from "../contract/column.ts";
import type {
  Cell,
  Column,
  Columns,
  Declared,
  Family,
  Frozen,
  Kind,
  Out,
  Source,
  Table,
  Title,
  Value,
  View,
} from "../contract/family.ts";
import {
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  writeAddress,
} from "../contract/ip.ts";

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
  among: typeof among;
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
  among,
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
  columns: "object",
  frozen: "object",
  lineLimit: "number",
  row: "function",
  first: "function?",
  parse: "function",
  parseDiag: BUILT_IN,
  continues: "function?",
  keep: "function?",
  inode: "function?",
  ends: "function?",
  ours: "boolean?",
  part: BUILT_IN,
  instead: BUILT_IN,
  reference: BUILT_IN,
};

const FROZEN: Rules<Frozen<unknown>> = {
  title: "object",
  header: "object?",
  rule: "string?",
  layout: BUILT_IN,
  lead: "function?",
  names: "function?",
  instead: "function?",
  malformed: "function?",
  fault: BUILT_IN,
  missing: BUILT_IN,
  opened: BUILT_IN,
  empty: BUILT_IN,
};

const TITLE: Rules<Title> = {
  text: "function",
  // a boolean, or "asked"
  always: "boolean",
  each: "boolean?",
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
  kind: "string",
  nullable: "boolean?",
  words: "array?",
  unit: "string?",
  counter: "boolean?",
  about: "string",
  each: "object?",
  needs: "string?",
  value: "function",
  // what it writes would have to be checked; `value` says the same
  put: BUILT_IN,
  tone: "function?",
  cell: "object?",
};

const CELL: Rules<Cell<unknown>> = {
  header: "string",
  width: "number",
  gap: "number?",
  headerWidth: "number?",
  shown: "function?",
  write: "function?",
  names: "function?",
};

/** What each row of JSON begins with. */
const HEAD = "family";

const NAME = /^[a-z][a-z0-9-]*$/;
const KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const PRINTABLE = /^[ -~]*$/;

/** No cell and no header is wider, in bytes. */
const WIDTH_MOST = 1000;

const KINDS: readonly Kind[] = [
  "integer",
  "duration",
  "boolean",
  "string",
  "name",
  "address",
  "port",
  "strings",
  "objects",
];

/** Fails unless `good`; `word` is what the file says at the place. */
function must(good: boolean, what: string, word?: string): asserts good {
  if (!good) throw new PluginError(what, word);
}

/**
 * Fails unless an object has the keys that it must have, and no others. The object
 * under `inner` has keys that are easily taken for this one's.
 */
function mustObey<T>(
  object: Readonly<Record<string, unknown>>,
  where: string,
  rules: Rules<T>,
  inner?: { readonly key: keyof T & string; readonly rules: object },
): void {
  const known = Object.entries<Rule>(rules);
  for (const key of Object.keys(object)) {
    if (object[key] === undefined || Object.hasOwn(rules, key)) continue;
    const near = nearest(key, known.map(([name]) => name));
    const hint = inner !== undefined && Object.hasOwn(inner.rules, key)
      ? `; it belongs into '${inner.key}'`
      : near === undefined
      ? ""
      : `; is it '${near}'?`;
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
  mustObey(table, where, TABLE, { key: "frozen", rules: FROZEN });
  must(
    table.lineLimit as number > 0,
    `${where}: 'lineLimit' is not positive`,
    "lineLimit",
  );
  const { sources, columns, ours, inode } = table;
  const frozen = table.frozen as Record<string, unknown>;
  mustObey(frozen, `${where}: frozen`, FROZEN);
  must(
    ours !== true || inode !== undefined,
    `${where}: 'ours' needs 'inode'`,
    "ours",
  );
  const title = frozen.title as Record<string, unknown>;
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
  if (frozen.header !== undefined) checkColumns(frozen.header, where);
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
    mustObey(column, where, COLUMN, { key: "cell", rules: CELL });
    const kind = column.kind as Kind;
    must(
      KINDS.includes(kind),
      `${where}: its kind '${kind}' is none of ${KINDS.join(", ")}`,
      key,
    );
    if (column.cell !== undefined) checkCell(column.cell, where, key);
    const ofObjects = kind === "objects";
    must(
      ofObjects === (column.each !== undefined),
      `${where}: 'each' is there for columns of objects, and for no others`,
      key,
    );
    if (ofObjects) checkColumns(column.each, where);
  }
}

function checkCell(cell: unknown, where: string, key: string): void {
  must(isRecord(cell), `${where}: 'cell' is not an object`, key);
  mustObey(cell, `${where}: cell`, CELL);
  const { width, gap = 0, headerWidth = 0, header } = cell;
  for (const [name, value] of Object.entries({ width, gap, headerWidth })) {
    const least = name === "width" ? -WIDTH_MOST : 0;
    must(
      Number.isInteger(value) && value as number >= least &&
        value as number <= WIDTH_MOST,
      `${where}: cell: '${name}' is ${
        describe(value)
      }: it must be a whole number ` +
        `from ${least} to ${WIDTH_MOST}`,
      key,
    );
  }
  must(
    PRINTABLE.test(header as string),
    `${where}: its header is not of printable ASCII`,
    key,
  );
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
  const { row, parse, keep, first, frozen } = table;
  const given = frozen.title!;
  const title = titles.get(given) ?? withCheckedText(given, where);
  titles.set(given, title);
  const columns = allChecked(table.columns, where);
  const { header, lead } = frozen;
  const isBoolean = (value: unknown, name: string, hint: string): boolean => {
    if (typeof value === "boolean") return value;
    throw new PluginError(
      `${where}: '${name}' returns ${describe(value)}: it must return ${hint}`,
      name,
    );
  };
  return {
    ...table,
    columns,
    frozen: {
      ...frozen,
      title,
      ...(header === undefined ? {} : { header: allChecked(header, where) }),
      ...(lead === undefined ? {} : {
        lead(out, row, view) {
          const start = out.at;
          lead.call(frozen, out, row, view);
          checkRoom(out, start, `${where}: 'lead'`, "lead");
        },
      }),
    },
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
    ...(keep === undefined ? {} : {
      keep: (row, view) =>
        isBoolean(
          keep.call(table, row, view),
          "keep",
          "true for a row that the view lists, false for another",
        ),
    }),
    ...(first === undefined ? {} : {
      first: (line, row) =>
        isBoolean(
          first.call(table, line, row),
          "first",
          "true if the line is a header, else false",
        ),
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
  const { each, cell } = column;
  const kind = declared(column);
  const where = `${table}: column '${key}'`;
  const value = (row: Row, view: View): Value => {
    const value = column.value(row, view);
    if (isOfKind(value, column)) return value;
    throw new PluginError(
      `${where}: it says that it is '${kind}', but its value is ` +
        `${describe(value)}${adviceFor(value, kind)}`,
      key,
    );
  };
  return {
    ...column,
    ...(each === undefined ? {} : { each: allChecked(each, where) }),
    value,
    ...(cell?.write === undefined ? {} : {
      cell: {
        ...cell,
        write(out, row, view) {
          value(row, view);
          const start = out.at;
          cell.write!(out, row, view);
          checkRoom(out, start, `${where}: 'write'`, key);
        },
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
export function isOfKind<Row>(
  value: Value | undefined,
  { kind, nullable = false }: Pick<Column<Row>, "kind" | "nullable">,
): boolean {
  if (value === null) return nullable;
  switch (kind) {
    case "string":
    case "name":
    case "address":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
    case "duration":
    case "port":
      return typeof value === "number"
        ? Number.isInteger(value)
        : typeof value === "bigint";
    case "objects":
      return Array.isArray(value) &&
        value.every((v) => typeof v === "object" && v !== null);
    case "strings":
      return Array.isArray(value) &&
        value.every((v) => v === null || typeof v === "string");
  }
}

/** What to do about a value that is not of its column's kind. */
function adviceFor(value: unknown, kind: Declared): string {
  if (value === null) return `: declare it '${kind}?'`;
  if (value === undefined) {
    const nullable = kind.endsWith("?") ? kind : `${kind}?`;
    return `: return null for none, and declare it '${nullable}'`;
  }
  if (/^(integer|duration|port)/.test(kind)) {
    if (typeof value === "string") return ": use `Number` or `BigInt`";
    return typeof value === "number" ? ": round it, or return null" : "";
  }
  if (/^(string|name|address)\??$/.test(kind) && typeof value === "number") {
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

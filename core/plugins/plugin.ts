/**
 * What a family file must be. All of it is checked before a line is read, and what its
 * functions return whenever they are called (`checked.ts`).
 *
 * @module
 */

import type {
  Cell,
  Column,
  ColumnSet,
  Counter,
  CounterFile,
  Family,
  Frozen,
  Kind,
  Missing,
  Need,
  Reference,
  Routes,
  Said,
  Section,
  Source,
  Statistics,
  Table,
  Title,
  Unit,
} from "../contract/family.ts";
import { Checks } from "./checked.ts";
import { joinedKey, kit } from "./kit.ts";
import {
  BUILT_IN,
  describe,
  isRecord,
  must,
  mustObey,
  PluginError,
  type Rules,
} from "./must.ts";

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
  const { name, words = [], groups, routes, masquerade, statistics } = family;
  const where = `family '${name}'`;
  const checks = new Checks();
  const checked = (tables: readonly Table<unknown>[]) =>
    tables.map((table) => checks.table(table));
  return {
    ...family,
    words: [...new Set([name, ...words])],
    tables: checked(family.tables),
    ...(groups === undefined ? {} : { groups: checked(groups) }),
    ...(routes === undefined ? {} : {
      routes: {
        ...routes,
        tables: async () => {
          const given = await routes.tables();
          return checked(
            checkTables(given, { family: where, name: "routes" }),
          );
        },
      },
    }),
    ...(masquerade === undefined ? {} : {
      masquerade: async () => {
        const given = await masquerade.call(family);
        return checked(
          checkTables(given, { family: where, name: "masquerade" }),
        );
      },
    }),
    ...(statistics === undefined ? {} : {
      statistics: async () =>
        checkStatistics(await statistics.call(family), where),
    }),
  };
}

const FAMILY: Rules<Family> = {
  name: "string",
  words: "array?",
  about: "string",
  quiet: "boolean?",
  hidden: "boolean?",
  support: "string?",
  tables: "array",
  routes: "object?",
  masquerade: "function?",
  groups: "array?",
  statistics: "function?",
  ended: BUILT_IN,
};

const ROUTES: Rules<Routes> = { usual: "boolean?", tables: "function" };

const TABLE: Rules<Table<unknown>> = {
  name: "string",
  sources: "array",
  columns: "object",
  identity: "array?",
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
  part: "string?",
  instead: "object?",
  reference: "object?",
  rows: BUILT_IN,
};

const REFERENCE: Rules<Reference<unknown>> = {
  path: "string",
  needed: "boolean",
  lineLimit: "number?",
  first: "function?",
  parse: "function",
  rows: BUILT_IN,
};

const FROZEN: Rules<Frozen<unknown>> = {
  title: "object?",
  header: "object?",
  rule: "string?",
  layout: "function?",
  lead: "function?",
  names: "function?",
  instead: "function?",
  malformed: "function?",
  fault: "function?",
  missing: "object?",
  opened: "function?",
  empty: "object?",
};

const SAID: Rules<Said> = {
  text: "string?",
  listed: "boolean?",
  status: "number?",
};

const MISSING: Rules<Missing> = { ...SAID, reason: "function?" };

const TITLE: Rules<Title> = {
  text: "function",
  // a boolean, or "asked"
  always: "boolean",
  each: "boolean?",
};

const SOURCE: Rules<Source> = {
  path: "string",
  formerly: "string?",
  record: "number?",
  proto: "string?",
  protocol: "string?",
  rank: "number?",
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
  // a counter is one in every row
  grows: BUILT_IN,
  moves: "boolean?",
  about: "string",
  each: "object?",
  // it would have to be one that no other column has
  short: BUILT_IN,
  set: "string?",
  rare: "boolean?",
  needs: "string?",
  show: BUILT_IN,
  value: "function",
  // what they tell would have to be checked; `value` says the same
  put: BUILT_IN,
  span: BUILT_IN,
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
  tells: "array?",
};

const STATISTICS: Rules<Statistics> = { files: "array", sections: "object" };

const COUNTER_FILE: Rules<CounterFile> = {
  path: "string",
  layout: "string",
  required: "boolean?",
  problem: "string?",
  takes: "function?",
  opens: "string?",
  sectionOf: "function?",
};

const SECTION: Rules<Section> = { protocol: "string", counters: "object" };

const COUNTER: Rules<Counter> = {
  text: "string?",
  always: "boolean?",
  list: "string?",
};

/** What each row of JSON begins with. */
const HEAD = "family";

const NAME = /^[a-z][a-z0-9-]*$/;
const KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const PRINTABLE = /^[ -~]*$/;

/** No line is longer, in bytes. */
const LINE_MOST = 1 << 18;

/** No cell and no header is wider, in bytes. */
const WIDTH_MOST = 1000;

const KINDS: readonly Kind[] = [
  "integer",
  "ratio",
  "duration",
  "boolean",
  "string",
  "name",
  "address",
  "port",
  "strings",
  "objects",
];

const NEEDS: readonly Need[] = ["names", "owner", "holders", "context"];

const UNITS: readonly Unit[] = [
  "bytes",
  "bytes per second",
  "microseconds",
  "milliseconds",
  "packets",
  "pages",
  "seconds",
  "segments",
];

const SETS: readonly ColumnSet[] = [
  "owner",
  "tcp",
  "memory",
  "backlog",
  "peer",
  "place",
];

/** The words that a key of a column can be, if it is there. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  needs: NEEDS,
  unit: UNITS,
  set: SETS,
};

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
  const { routes, groups, masquerade, statistics } = family;
  const others = [routes, groups, masquerade, statistics];
  must(
    (tables as unknown[]).length > 0 ||
      others.some((part) => part !== undefined),
    `${where}: 'tables' is empty: it has nothing to show`,
    "tables",
  );
  for (const table of tables as unknown[]) checkSockets(table, where);
  for (const table of groups as unknown[] ?? []) {
    checkTable(table, where, "groups");
  }
  if (routes !== undefined) {
    mustObey(routes as Record<string, unknown>, `${where}: routes`, ROUTES);
  }
}

/** A table of sockets has a place among those of all families. */
function checkSockets(table: unknown, family: string): void {
  checkTable(table, family);
  const { name, sources, frozen } = table as Table<unknown>;
  const where = `table '${name}'`;
  must(
    frozen.title !== undefined,
    `${where}: frozen: 'title' (an object) is missing`,
  );
  for (const { proto, rank } of sources) {
    must(
      proto !== undefined,
      `${where}: source: 'proto' (a string) is missing`,
    );
    must(rank !== undefined, `${where}: source: 'rank' (a number) is missing`);
    must(
      Number.isFinite(rank),
      `${where}: source: 'rank' is ${describe(rank)}`,
      "rank",
    );
  }
}

/** `word` is what the file says where it has the table. */
function checkTable(table: unknown, family: string, word = "tables"): void {
  must(isRecord(table), `${family}: a table is not an object`, word);
  const { name } = table;
  must(typeof name === "string", `${family}: a table has no 'name' (a string)`);
  const where = `table '${name}'`;
  mustObey(table, where, TABLE, { key: "frozen", rules: FROZEN });
  const lineLimit = table.lineLimit as number;
  must(
    lineLimit > 0,
    `${where}: 'lineLimit' is not positive`,
    "lineLimit",
  );
  must(
    lineLimit <= LINE_MOST,
    `${where}: 'lineLimit' is more than ${LINE_MOST}`,
    "lineLimit",
  );
  const { sources, columns, ours, inode, instead, part, reference } = table;
  must(
    part === undefined || part === "fib" || part === "cache",
    `${where}: 'part' is neither "fib" nor "cache"`,
    "part",
  );
  if (instead !== undefined) checkTable(instead, family);
  if (reference !== undefined) {
    const at = `${where}: reference`;
    mustObey(reference as Record<string, unknown>, at, REFERENCE);
    checkPath((reference as Reference<unknown>).path, at);
  }
  const frozen = table.frozen as Record<string, unknown>;
  mustObey(frozen, `${where}: frozen`, FROZEN);
  must(
    ours !== true || inode !== undefined,
    `${where}: 'ours' needs 'inode'`,
    "ours",
  );
  const title = frozen.title as Record<string, unknown> | undefined;
  if (title !== undefined) {
    mustObey(title, `${where}: title`, TITLE);
    must(
      title.always === "asked" || typeof title.always === "boolean",
      `${where}: title: 'always' is neither a boolean nor "asked"`,
      "always",
    );
  }
  for (const [key, rules] of [["missing", MISSING], ["empty", SAID]] as const) {
    const said = frozen[key] as Record<string, unknown> | undefined;
    if (said !== undefined) mustObey(said, `${where}: ${key}`, rules);
  }
  must(
    (sources as unknown[]).length > 0,
    `${where}: 'sources' is empty: name the kernel's file`,
    "sources",
  );
  for (const source of sources as unknown[]) checkSource(source, where);
  checkColumns(columns, where);
  for (const key of (table.identity as readonly unknown[] ?? []).flat()) {
    must(
      typeof key === "string" && Object.hasOwn(columns as object, key),
      `${where}: 'identity' has ${
        describe(key)
      }: it must be the key of a column`,
      "identity",
    );
  }
  const hasOwners = Object.values(columns as object)
    .some((column) => joinedKey(column) !== undefined);
  must(
    inode !== undefined || !hasOwners,
    `${where}: 'ownerColumns' need 'inode'`,
    "ownerColumns",
  );
  if (frozen.header !== undefined) checkColumns(frozen.header, where);
}

function checkSource(source: unknown, where: string): void {
  must(isRecord(source), `${where}: a source is not an object`, "sources");
  mustObey(source, `${where}: source`, SOURCE);
  checkPath(source.path, where);
  checkPath(source.formerly ?? source.path, where);
}

function checkPath(path: unknown, where: string): void {
  must(
    isTable(path as string),
    `${where}: the source '${path}' is no table of the kernel's: it must be ` +
      "a file below /proc or /sys, not one that leads elsewhere",
    path as string,
  );
}

/**
 * Whether a path stays below `/proc` or `/sys`. Links there that lead elsewhere are
 * those of processes, such as `/proc/self/root`.
 */
export function isTable(path: string): boolean {
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
    for (const [name, words] of Object.entries(WORDS)) {
      const word = column[name];
      must(
        word === undefined || words.includes(word as string),
        `${where}: its ${name} '${word}' is none of ${words.join(", ")}`,
        key,
      );
    }
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
    const size = value as number;
    must(
      Number.isInteger(value) && size >= least && size <= WIDTH_MOST,
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

/** Checks what a family's function has for counters. */
function checkStatistics(given: unknown, family: string): Statistics {
  const where = `${family}: statistics`;
  must(
    isRecord(given),
    `${where}: returns ${describe(given)}: it must return an object`,
    "statistics",
  );
  mustObey(given, where, STATISTICS);
  const { files, sections } = given as unknown as Statistics;
  for (const file of files) {
    must(isRecord(file), `${where}: a file is not an object`, "files");
    mustObey(file, `${where}: file`, COUNTER_FILE);
    checkPath(file.path, where);
    must(
      file.layout === "pairs" || file.layout === "list",
      `${where}: 'layout' is neither "pairs" nor "list"`,
      "layout",
    );
    must(
      file.layout === "pairs" || file.sectionOf !== undefined,
      `${where}: a list needs 'sectionOf'`,
    );
  }
  for (const [name, section] of Object.entries(sections)) {
    const at = `${where}: section '${name}'`;
    must(isRecord(section), `${at} is not an object`, name);
    mustObey(section, at, SECTION);
    for (const [key, counter] of Object.entries(section.counters)) {
      must(isRecord(counter), `${at}: '${key}' is not an object`, key);
      mustObey(counter, `${at}: '${key}'`, COUNTER);
    }
  }
  return given as unknown as Statistics;
}

/** Checks what a family's function has for tables. */
function checkTables(
  given: unknown,
  { family, name }: { readonly family: string; readonly name: string },
): readonly Table<unknown>[] {
  must(
    Array.isArray(given),
    `${family}: '${name}' gives ${describe(given)}: it must give tables`,
    name,
  );
  for (const table of given) checkTable(table, family, name);
  return given;
}

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
  Table,
} from "./family.ts";
import {
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  writeAddress,
} from "./ip.ts";

/** The helpers of the families that are built in. */
export const kit = {
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
} as const;

/** What the function in a family file is called with. */
export type Kit = typeof kit;

/** What a family file exports. */
export type FamilyFile = (kit: Kit) => Family;

/** A family file does not do what it must; the message says what. */
export class PluginError extends Error {}

/** Calls what a family file exports, and checks what comes back. */
export function familyOf(exported: unknown): Family {
  if (typeof exported !== "function") {
    throw new PluginError("its default export is not a function");
  }
  const family: unknown = exported(kit);
  checkFamily(family);
  return { ...family, tables: family.tables.map(withCheckedColumns) };
}

const NAME = /^[a-z][a-z0-9-]*$/;
const KEY = /^[a-z][a-z0-9_]*$/;
const PRINTABLE = /^[ -~]*$/;
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

/** Fails unless `good`. */
function must(good: boolean, what: string): asserts good {
  if (!good) throw new PluginError(what);
}

/** Fails unless each of these keys is of this type, or missing if `optional`. */
function mustHave(
  object: Record<string, unknown>,
  where: string,
  type: "string" | "number" | "boolean" | "function",
  keys: readonly string[],
  optional = false,
): void {
  for (const key of keys) {
    const value = object[key];
    const good = typeof value === type || (optional && value === undefined);
    must(good, `${where}: '${key}' is not a ${type}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isName(value: unknown): boolean {
  return typeof value === "string" && NAME.test(value);
}

function checkFamily(family: unknown): asserts family is Family {
  must(isRecord(family), "its function does not return a family");
  const { name, words, tables } = family;
  must(isName(name), "'name' is not a word of lower-case letters");
  const where = `family '${name}'`;
  mustHave(family, where, "string", ["about"]);
  mustHave(family, where, "string", ["support"], true);
  mustHave(family, where, "boolean", ["hidden", "quiet"], true);
  must(
    words === undefined || (Array.isArray(words) && words.every(isName)),
    `${where}: 'words' are not words of lower-case letters`,
  );
  must(Array.isArray(tables), `${where}: 'tables' is not an array`);
  for (const table of tables) checkTable(table, where);
}

function checkTable(table: unknown, family: string): void {
  must(isRecord(table), `${family}: a table is not an object`);
  mustHave(table, family, "string", ["name"]);
  const where = `table '${table.name}'`;
  mustHave(table, where, "function", ["row", "parse", "keep"]);
  const hooks = ["first", "continues", "problem", "illegible", "fatal"];
  mustHave(table, where, "function", [...hooks, "inode", "ends", "lead"], true);
  mustHave(table, where, "boolean", ["hosts"], true);
  mustHave(table, where, "number", ["lineLimit"]);
  must(table.lineLimit as number > 0, `${where}: 'lineLimit' is not positive`);

  const { title, sources, columns, header } = table;
  must(isRecord(title), `${where}: 'title' is not an object`);
  mustHave(title, `${where}: title`, "function", ["text"]);
  const always = title.always === "asked" || typeof title.always === "boolean";
  must(always, `${where}: title: 'always' is neither a boolean nor "asked"`);
  must(
    Array.isArray(sources) && sources.length > 0,
    `${where}: 'sources' are missing`,
  );
  for (const source of sources) checkSource(source, where);
  checkColumns(columns, where);
  if (header !== undefined) checkColumns(header, where);
}

function checkSource(source: unknown, where: string): void {
  must(isRecord(source), `${where}: a source is not an object`);
  mustHave(source, `${where}: source`, "string", ["path", "proto"]);
  const texts = ["formerly", "protocol", "support"];
  mustHave(source, `${where}: source`, "string", texts, true);
  mustHave(source, `${where}: source`, "number", ["rank"]);
  mustHave(source, `${where}: source`, "function", ["when"], true);
  for (const path of [source.path, source.formerly ?? source.path]) {
    must(
      /^\/(proc|sys)\//.test(path as string),
      `${where}: the source '${path}' is not below /proc or /sys`,
    );
  }
}

function checkColumns(columns: unknown, table: string): void {
  must(isRecord(columns), `${table}: 'columns' is not an object`);
  for (const [key, column] of Object.entries(columns)) {
    const where = `${table}: column '${key}'`;
    must(KEY.test(key), `${where}: its key is not in snake_case`);
    must(isRecord(column), `${where} is not an object`);
    mustHave(column, where, "function", ["value"]);
    const hooks = ["write", "json", "shown", "asked", "tone"];
    mustHave(column, where, "function", hooks, true);
    mustHave(column, where, "string", ["about"]);
    mustHave(column, where, "string", ["header"], true);
    mustHave(column, where, "number", ["width"]);
    mustHave(column, where, "number", ["gap", "headerWidth"], true);
    must(
      PRINTABLE.test(column.header as string ?? ""),
      `${where}: its header is not of printable ASCII`,
    );
    must(
      TYPES.includes(column.type as CellType),
      `${where}: its type is none of ${TYPES.join(", ")}`,
    );
    const ofObjects = (column.type as CellType).startsWith("objects");
    must(
      ofObjects === (column.each !== undefined),
      `${where}: 'each' is there for columns of objects, and for no others`,
    );
    if (ofObjects) checkColumns(column.each, where);
  }
}

/** A table whose columns fail if they are not of the type that they declare. */
// deno-lint-ignore no-explicit-any
function withCheckedColumns(table: Table<any>): Table<any> {
  const columns = allChecked(table.columns);
  return { ...table, header: table.header ?? columns, columns };
}

function allChecked<Row>(columns: Columns<Row>): Columns<Row> {
  return Object.fromEntries(
    Object.entries(columns).map(([key, column]) => [key, checked(key, column)]),
  );
}

function checked<Row>(key: string, column: Column<Row>): Column<Row> {
  return {
    ...column,
    ...(column.each === undefined ? {} : { each: allChecked(column.each) }),
    value(row, view) {
      const value = column.value(row, view);
      if (isOfType(value, column.type)) return value;
      throw new PluginError(
        `column '${key}' says that it is ${column.type}, but it is ${
          describe(value)
        }`,
      );
    },
  };
}

/** Whether a value is what its column says. */
export function isOfType(value: Cell | undefined, type: CellType): boolean {
  if (value === null) return type.endsWith("?");
  switch (type.replace("?", "")) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return typeof value === "bigint" ||
        (typeof value === "number" && Number.isInteger(value));
    case "objects":
      return Array.isArray(value) &&
        value.every((v) => typeof v === "object" && v !== null);
    default:
      return Array.isArray(value) &&
        value.every((v) => v === null || typeof v === "string");
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  return typeof value === "number" ? `the number ${value}` : typeof value;
}

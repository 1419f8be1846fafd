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
  Column,
  Columns,
  Family,
  Kind,
  Table,
  Value,
} from "../contract/family.ts";
import {
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  writeAddress,
} from "../contract/ip.ts";

/** The helpers of the families that are built in. */
export const kit = {
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
  mustHave(table, where, "function", ["row", "parse"]);
  const hooks = ["first", "continues", "keep", "inode"];
  mustHave(table, where, "function", hooks, true);
  mustHave(table, where, "number", ["lineLimit"]);
  must(table.lineLimit as number > 0, `${where}: 'lineLimit' is not positive`);

  const { sources, columns, frozen } = table;
  must(
    Array.isArray(sources) && sources.length > 0,
    `${where}: 'sources' are missing`,
  );
  for (const source of sources) checkSource(source, where);
  checkColumns(columns, where);
  checkFrozen(frozen, where);
}

function checkFrozen(frozen: unknown, where: string): void {
  must(isRecord(frozen), `${where}: 'frozen' is not an object`);
  const hooks = ["lead", "names", "instead", "malformed", "layout"];
  mustHave(frozen, `${where}: frozen`, "function", hooks, true);
  const { title, header } = frozen;
  must(isRecord(title), `${where}: 'title' is not an object`);
  mustHave(title, `${where}: title`, "function", ["text"]);
  const always = title.always === "asked" || typeof title.always === "boolean";
  must(always, `${where}: title: 'always' is neither a boolean nor "asked"`);
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
    mustHave(column, where, "function", ["put", "asked", "tone"], true);
    mustHave(column, where, "string", ["about"]);
    if (column.cell !== undefined) checkCell(column.cell, where);
    must(
      KINDS.includes(column.kind as Kind),
      `${where}: its kind is none of ${KINDS.join(", ")}`,
    );
    mustHave(column, where, "boolean", ["nullable", "counter"], true);
    const ofObjects = column.kind === "objects";
    must(
      ofObjects === (column.each !== undefined),
      `${where}: 'each' is there for columns of objects, and for no others`,
    );
    if (ofObjects) checkColumns(column.each, where);
  }
}

function checkCell(cell: unknown, where: string): void {
  must(isRecord(cell), `${where}: 'cell' is not an object`);
  mustHave(cell, where, "string", ["header"]);
  mustHave(cell, where, "number", ["width"]);
  mustHave(cell, where, "number", ["gap", "headerWidth"], true);
  mustHave(cell, where, "function", ["write", "shown"], true);
  must(
    PRINTABLE.test(cell.header as string),
    `${where}: its header is not of printable ASCII`,
  );
}

/** A table whose columns fail if they are not of the type that they declare. */
// deno-lint-ignore no-explicit-any
function withCheckedColumns(table: Table<any>): Table<any> {
  const columns = allChecked(table.columns);
  return { ...table, columns };
}

function allChecked<Row>(columns: Columns<Row>): Columns<Row> {
  return Object.fromEntries(
    Object.entries(columns).map(([key, column]) => [key, checked(key, column)]),
  );
}

function checked<Row>(key: string, column: Column<Row>): Column<Row> {
  // what writes a value past this check could write anything into JSON
  const { put: _, ...rest } = column;
  return {
    ...rest,
    ...(column.each === undefined ? {} : { each: allChecked(column.each) }),
    value(row, view) {
      const value = column.value(row, view);
      if (isOfKind(value, column)) return value;
      throw new PluginError(
        `column '${key}' says that it is ${declared(column)}, but it is ${
          describe(value)
        }`,
      );
    },
  };
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
      return typeof value === "bigint" ||
        (typeof value === "number" && Number.isInteger(value));
    case "objects":
      return Array.isArray(value) &&
        value.every((v) => typeof v === "object" && v !== null);
    case "strings":
      return Array.isArray(value) &&
        value.every((v) => v === null || typeof v === "string");
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  return typeof value === "number" ? `the number ${value}` : typeof value;
}

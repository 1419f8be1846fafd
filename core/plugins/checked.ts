/**
 * What the functions of a family file return is looked at whenever they are called, so
 * that a mistake is told where it is made.
 *
 * @module
 */

import { declared } from "../contract/column.ts";
import type {
  Column,
  Columns,
  Declared,
  Frozen,
  Out,
  Reference,
  Table,
  Title,
  Value,
  View,
} from "../contract/family.ts";
import { joinedKey } from "./kit.ts";
import { describe, isRecord, PluginError } from "./must.ts";

/** A table of whatever rows. */
// deno-lint-ignore no-explicit-any
export type AnyTable = Table<any>;

// deno-lint-ignore no-explicit-any
type AnyColumns = Columns<any>;

/** A function of a table, whatever it takes. */
// deno-lint-ignore no-explicit-any
type Any = (...args: any[]) => unknown;

/** Checks tables. What two tables share, they still share. */
export class Checks {
  readonly #titles = new Map<Title, Title>();
  readonly #columns = new Map<AnyColumns, AnyColumns>();

  /** A table whose functions fail if they do not return what they must. */
  table(table: AnyTable): AnyTable {
    const where = `table '${table.name}'`;
    const { parse, first, row, keep, inode, ends, instead, reference } = table;
    return {
      ...table,
      columns: this.#allChecked(table.columns, where),
      frozen: this.#frozen(table.frozen, where),
      ...checked(
        { row },
        table,
        where,
        isRecord,
        "an object, which 'parse' fills",
      ),
      ...checked({ parse }, table, where, isBoolean, GOOD),
      ...checked({ first }, table, where, isBoolean, HEADER),
      ...checked({ keep }, table, where, isBoolean, KEPT),
      ...checked({ inode }, table, where, isLong, "a whole number"),
      ...checked({ ends }, table, where, isNumber, "a number"),
      ...(instead === undefined ? {} : { instead: this.table(instead) }),
      ...(reference === undefined
        ? {}
        : { reference: this.#reference(reference, where) }),
    };
  }

  #reference<Row>(
    reference: Reference<Row>,
    where: string,
  ): Reference<Row> {
    const { parse, first } = reference;
    return {
      ...reference,
      ...checked({ first }, reference, where, isBoolean, HEADER),
      ...checked({ parse }, reference, `${where}: reference`, isBoolean, GOOD),
    };
  }

  #frozen<Row>(frozen: Frozen<Row>, where: string): Frozen<Row> {
    const { title, header, lead, layout, malformed, instead, fault, opened } =
      frozen;
    const said = { malformed, instead, fault, opened };
    return {
      ...frozen,
      ...(title === undefined ? {} : { title: this.#title(title, where) }),
      ...(header === undefined
        ? {}
        : { header: this.#allChecked(header, where) }),
      ...(lead === undefined ? {} : {
        lead(out, row, view) {
          const start = out.at;
          lead.call(frozen, out, row, view);
          checkRoom(out, start, `${where}: 'lead'`, "lead");
        },
      }),
      ...checked({ layout }, frozen, where, isLayout, "columns with cells"),
      ...checked(said, frozen, where, isSaid, "{ text, listed, status }"),
    };
  }

  #title(title: Title, where: string): Title {
    const made = this.#titles.get(title) ?? {
      ...title,
      ...checked(
        { text: title.text },
        title,
        `${where}: title`,
        (value) => typeof value === "string",
        "a string",
      ),
    };
    this.#titles.set(title, made);
    return made;
  }

  #allChecked(columns: AnyColumns, where: string): AnyColumns {
    const made = this.#columns.get(columns) ?? allChecked(columns, where);
    this.#columns.set(columns, made);
    return made;
  }
}

const GOOD = "true for a good line, false for a malformed one";
const HEADER = "true if the line is a header, else false";
const KEPT = "true for a row that the view lists, false for another";

/** The functions that there are, each of which checks what it returns. */
function checked<Functions extends Readonly<Record<string, Any | undefined>>>(
  functions: Functions,
  self: object,
  where: string,
  test: (value: unknown) => boolean,
  hint: string,
): { [Key in keyof Functions]?: Exclude<Functions[Key], undefined> } {
  const made: Record<string, Any> = {};
  for (const [name, given] of Object.entries(functions)) {
    if (given === undefined) continue;
    made[name] = (...args) => {
      const value = given.apply(self, args);
      if (test(value)) return value;
      throw new PluginError(
        `${where}: '${name}' returns ${
          describe(value)
        }: it must return ${hint}`,
        name,
      );
    };
  }
  return made as never;
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value);
}

function isLong(value: unknown): boolean {
  return typeof value === "bigint" || isNumber(value);
}

function isLayout(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((column) => isRecord(column) && isRecord(column.cell));
}

function isSaid(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isRecord(value)) return false;
  const { text = "", listed = false, status = 0, ...others } = value;
  return typeof text === "string" && typeof listed === "boolean" &&
    isNumber(status) && Object.keys(others).length === 0;
}

function allChecked<Row>(columns: Columns<Row>, table: string): Columns<Row> {
  return Object.fromEntries(
    Object.entries(columns).map(([key, column]) => [
      key,
      // what the kit made is known, and must be known again
      joinedKey(column) === undefined
        ? withCheckedValue(key, column, table)
        : column,
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
    case "ratio":
      return Number.isFinite(value);
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
    return typeof value === "number"
      ? ": round it, declare it 'ratio', or return null"
      : "";
  }
  if (/^(string|name|address)\??$/.test(kind) && typeof value === "number") {
    return ": declare it 'integer'";
  }
  return "";
}

/**
 * Cases that say what `--json` prints: those with a file `json` beside `stdout`, and
 * which columns they show.
 *
 * @module
 */

import assert from "node:assert/strict";
import type {
  Column,
  Columns,
  Family,
  Source,
} from "../core/contract/family.ts";
import { type Asked, readOptions } from "../core/args/options.ts";
import { findFamily } from "../core/views/registry.ts";
import interfaces from "../families/interfaces.ts";
import { type Case, makeTree } from "./cases.ts";
import { netstat } from "./program.ts";

/** What `--json` prints on stdout for the files and the command line of a case. */
export async function jsonOf(golden: Case): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    makeTree(golden, root);
    const args = ["--root", root, "--json", ...golden.args];
    return (await netstat(...args)).stdout;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** The views that print rows, in the words of `Asked.modes`. */
type View = "sockets" | "route" | "masquerade" | "interfaces";

/** Rows of one shape. */
interface Table {
  readonly view: View;
  /** Undefined where rows do not belong to a family. */
  readonly family: string | undefined;
  readonly name: string;
  /** What `proto` can be, where tables with the same columns are told apart by it. */
  readonly protos: readonly string[];
  // deno-lint-ignore no-explicit-any
  readonly columns: Columns<any>;
}

/** All tables of all views. */
async function allTables(families: readonly Family[]): Promise<Table[]> {
  const tables: Table[] = [{
    view: "interfaces",
    family: undefined,
    name: "interfaces",
    protos: [],
    columns: interfaces.columns,
  }];
  for (const family of families) {
    const add = (
      view: View,
      { name, columns }: Pick<Table, "name" | "columns">,
      sources: readonly Source[] = [],
    ) => {
      const protos = sources.map(({ proto }) => proto ?? "");
      tables.push({ view, family: family.name, name, protos, columns });
    };
    for (const table of [...family.tables, ...family.groups ?? []]) {
      add("sockets", table, table.sources);
    }
    for (const table of await family.routes?.tables() ?? []) {
      add("route", table);
    }
    for (const table of await family.masquerade?.() ?? []) {
      add("masquerade", table);
    }
  }
  return tables;
}

/** Facts that only a live kernel tells; `tests/e2e/interfaces_test.ts` has them. */
const LIVE: readonly string[] = [
  "inet",
  "inet_netmask",
  "inet_broadcast",
  "inet_destination",
  "interrupt",
  "base_address",
  "memory_start",
  "memory_end",
  "dma",
].map((key) => `interfaces: ${key} has a value`);

/** What cases have to show. */
export async function factsOf(
  families: readonly Family[],
): Promise<Set<string>> {
  const facts = new Set(
    families.filter(({ statistics }) => statistics !== undefined)
      .flatMap(({ name }) => COUNT.map((key) => counted(name, key))),
  );
  const tables = await allTables(families);
  for (const table of tables) {
    for (const [key, column] of Object.entries(table.columns)) {
      // what an option brings, such as owners, is the same wherever it comes
      if (column.rare) continue;
      if (isUsual(column)) facts.add(present(table, key));
      const inner = Object.keys(column.each ?? {}).map((name) =>
        `${key}.${name}`
      );
      for (const name of [key, ...inner]) facts.add(valued(table, name));
    }
  }
  LIVE.forEach((fact) => facts.delete(fact));
  return facts;
}

/** What a case shows of that. */
export async function factsIn(
  json: string,
  golden: Case,
  families: readonly Family[],
): Promise<Set<string>> {
  const asked = askedBy(golden, families);
  const [view = "sockets"] = asked.modes;
  if (view === "statistics") {
    return countsIn(json, asked.families[0] ?? "inet");
  }
  const facts = new Set<string>();
  const tables = await allTables(families);
  for (const row of JSON.parse(json)) {
    const alike = tables.filter((t) => t.view === view && isOf(row, t));
    const named = alike.filter(({ protos }) => protos.includes(row.proto));
    const fitting = named.length > 0 ? named : alike;
    assert.ok(fitting.length > 0, `no table has ${JSON.stringify(row)}`);
    for (const [key, value] of Object.entries(row)) {
      if (key === "family") continue;
      for (const table of fitting) {
        facts.add(present(table, key));
        if (value !== null) facts.add(valued(table, key));
        if (table.columns[key]!.each === undefined) continue;
        const objects = value as Record<string, unknown>[] ?? [];
        for (const [inner, some] of objects.flatMap(Object.entries)) {
          if (some !== null) facts.add(valued(table, `${key}.${inner}`));
        }
      }
    }
  }
  return facts;
}

/** What a counter has. */
const COUNT = ["value", "text"];

function countsIn(json: string, family: string): Set<string> {
  const counts: Record<string, unknown>[] = JSON.parse(json);
  return new Set(
    COUNT.filter((key) => counts.some((count) => count[key] !== null))
      .map((key) => counted(family, key)),
  );
}

function counted(family: string, key: string): string {
  return `statistics: ${key} of a counter of ${family} has a value`;
}

function present({ view, family, name }: Table, key: string): string {
  return `${view}: ${key} is in a row of ${family ?? ""} ${name}`;
}

function valued({ view }: Table, key: string): string {
  return `${view}: ${key} has a value`;
}

/** What the command line of a case asks for. */
export function askedBy(golden: Case, families: readonly Family[]): Asked {
  const asked = readOptions(golden.args, {
    posix: false,
    family: (word) => findFamily(families, word)?.name,
    selinux: () => true,
    warn() {},
  });
  assert.ok(!("stop" in asked), `${golden.name} lists nothing`);
  return asked;
}

/** Whether a row has the columns of the table. */
function isOf(row: Record<string, unknown>, table: Table): boolean {
  const { family, columns } = table;
  const keys = Object.keys(row).filter((key) => key !== "family");
  return row.family === family &&
    keys.every((key) => Object.hasOwn(columns, key)) &&
    Object.entries(columns).every(([key, column]) =>
      !isUsual(column) || keys.includes(key)
    );
}

/** Whether every row has the column: no option has to bring it. */
// deno-lint-ignore no-explicit-any
function isUsual({ needs, rare }: Column<any>): boolean {
  return !rare && (needs === undefined || needs === "names");
}

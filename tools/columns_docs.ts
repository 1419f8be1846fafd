/**
 * `docs/columns.md`, from the column specs: every JSON key of the program, what it
 * means, and which tables have it.
 *
 * @module
 */

import { declared, needsOf } from "../core/contract/column.ts";
import { deepened } from "../core/contract/depth.ts";
import type { Column, Columns, Family } from "../core/contract/family.ts";
import { Tree } from "../core/system/scan.ts";
import { columnsOfCounters } from "../core/views/counters.ts";
import { deepFamilies } from "../core/views/registry.ts";
import { scopeColumns } from "../core/views/scoped.ts";
import interfaces from "../families/interfaces.ts";

const HEAD = `# Columns

<!-- Made from the column specs by \`./denow task docs\`; a test compares them. -->

Every key that a question can have, by name. A key has one kind and one meaning in the
whole program, whichever table it stands in; a kind with \`?\` can be null in some of
them. Where tables say it in their own words, each wording is given.
[json.md](json.md) has the keys by table.

- A key with \`+\` is shown only where it is asked for, as by \`--columns\`, by its key
  or its set, in JSON too, since it takes time: the kernel is asked over netlink. It is
  null where the kernel does not tell, and under \`--root\` unless the tree has
  [what it told](questions.md#of-a-saved-tree). Those of \`@place\` are told by files, and
  by netlink only of sockets without a known owner.
- \`family\`, which all tables have but where a question counts, is the address family
  of a row.
- \`netns\` and \`netns_name\`, which all tables have, stand in JSON where several
  [network namespaces](namespaces.md) are looked at.
- In [questions](questions.md), \`@SET\` in a list of \`--columns\` stands for all keys
  of the set. Some keys have a shorter name, that can be typed in their place and
  is the header of tables; JSON and CSV have the key.
- \`KEY_num\` is the kernel's number for what \`KEY\` names.
- \`KEY_host\` is the name of the address in \`KEY\`, or of that in \`KEY_address\`.
- A number has the unit that stands behind its kind; a \`counter\` only grows, so that
  its rate means something.

`;

/** A key in one table. */
export interface Use {
  /** The table, as the document calls it. */
  readonly table: string;
  /** The column's key. */
  readonly key: string;
  // deno-lint-ignore no-explicit-any
  readonly column: Column<any>;
}

/** Every column of every table, with those of the objects in them. */
export async function usesOf(families: readonly Family[]): Promise<Use[]> {
  const uses: Use[] = [];
  // deno-lint-ignore no-explicit-any
  const add = (table: string, columns: Columns<any>) => {
    for (const [key, column] of Object.entries(columns)) {
      uses.push({ table, key, column });
      if (column.each !== undefined) add(key, column.each);
    }
  };
  for (const family of await deepFamilies(families)) {
    for (const table of [...family.tables, ...family.groups ?? []]) {
      add(table.name, table.columns);
    }
    for (const { name, columns } of await family.routes?.tables() ?? []) {
      add(`-r ${name}`, columns);
    }
    for (const { name, columns } of await family.masquerade?.() ?? []) {
      add(`-M ${name}`, columns);
    }
  }
  add("-i", (await deepened(interfaces, true)).columns);
  add("-s", columnsOfCounters(false));
  add("all", scopeColumns(new Tree(), { several: false }));
  return uses;
}

/** The whole document. */
export async function columnsDocs(
  families: readonly Family[],
): Promise<string> {
  const byKey = new Map<string, Use[]>();
  for (const use of await usesOf(families)) {
    const others = byKey.get(use.key);
    if (others === undefined) byKey.set(use.key, [use]);
    else others.push(use);
  }
  const rows = [...byKey].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, uses]) => {
      const { kind, unit, counter } = uses[0]!.column;
      const nullable = uses.some(({ column }) => column.nullable);
      const what = [
        `${declared({ kind, nullable })}`,
        unit ?? [],
        counter ? "counter" : [],
      ].flat().join(", ");
      const tables = [...new Set(uses.map(({ table }) => table))].join(", ");
      const words = new Set(uses.map(({ column }) => column.about));
      return `| ${named(key, uses)} | ${what} | ${
        [...words].join(" ")
      } | ${tables} |\n`;
    });
  return `${HEAD}| key | kind | meaning | tables |\n| --- | --- | --- | --- |\n` +
    rows.join("");
}

/** Whether the kernel is asked for it over netlink, or more files are read. */
function isDear(column: Use["column"]): boolean {
  const needs = needsOf(column);
  return needs.includes("diag") || needs.includes("peer") ||
    needs.includes("place");
}

/** A key, with what else it can be asked for by. */
function named(key: string, uses: readonly Use[]): string {
  const columns = uses.map(({ column }) => column);
  const first = <T>(of: (column: Use["column"]) => T | undefined) =>
    columns.map(of).find((one) => one !== undefined) ?? [];
  const names = [
    first(({ short }) => short && `\`${short}\``),
    first(({ set }) => set && `\`@${set}\``),
    columns.every(isDear) ? "`+`" : [],
  ].flat();
  return [`\`${key}\``, ...names].join(" ");
}

/**
 * Every key that a question can have, of all views at once: for completions and
 * documents.
 *
 * @module
 */

import { type Asked, type Mode, readOptions } from "../core/args/options.ts";
import type { ColumnSet, Family } from "../core/contract/family.ts";
import { type ColumnHelp, columnsHelp } from "../core/query/help.ts";
import type { Schema } from "../core/query/schema.ts";
import { namesOf } from "../core/system/names.ts";
import { Tree } from "../core/system/scan.ts";
import type { Viewing } from "../core/views/around.ts";
import { interfacesView } from "../core/views/interfaces.ts";
import { masqueradeView } from "../core/views/masquerade.ts";
import { scopeColumns } from "../core/views/scoped.ts";
import { routesView } from "../core/views/routes.ts";
import { socketsView } from "../core/views/sockets.ts";
import { statisticsView } from "../core/views/statistics.ts";
import { deepFamilies } from "../core/views/registry.ts";
import { viewOf } from "../core/views/view.ts";

/** What can be typed in a question. */
export interface Vocabulary {
  /** Columns, as `--columns=help` tells them, those of objects in them included. */
  readonly columns: readonly ColumnHelp[];
  /** The sets of columns, each with its `@`, and what they are. */
  readonly sets: ReadonlyMap<string, string>;
  /** The words of closed lists, by key. */
  readonly words: ReadonlyMap<string, readonly string[]>;
}

const ALWAYS = ["default", "text", "all"];

/** What the columns of each set tell. */
const SETS: Readonly<Record<ColumnSet | "default" | "text" | "all", string>> = {
  default: "what JSON has",
  text: "what the text shows",
  all: "all columns",
  owner: "who has the socket open",
  tcp: "TCP's inner state",
  memory: "memory",
  backlog: "queues of connections",
  peer: "who is at the other end",
  place: "where on the machine it is",
  route: "all that is told of a route",
  link: "all that is told of an interface",
};

/** The vocabulary of all views, with the columns of all families. */
export async function vocabularyOf(
  families: readonly Family[],
): Promise<Vocabulary> {
  const relations = await relationsOf(await deepFamilies(families));
  const columns = columnsHelp(relations);
  const sets = new Set(columns.map(({ set }) => set));
  return {
    columns,
    sets: new Map(
      Object.entries(SETS)
        .filter(([set]) => ALWAYS.includes(set) || sets.has(set))
        .map(([set, about]) => [`@${set}`, about]),
    ),
    words: new Map(
      columns.filter(({ kind }) => kind === "name")
        .map(({ key }) => [key, wordsOf(key, relations)]),
    ),
  };
}

/** All words that a key is known to be, in any view. */
function wordsOf(key: string, relations: readonly Schema[]): string[] {
  const words = relations.flatMap(({ head, columns }) =>
    head[key] === undefined ? columns[key]?.words ?? [] : String(head[key])
  );
  return [...new Set(words)];
}

/** What each view shows, of all families. */
async function relationsOf(
  families: readonly Family[],
): Promise<readonly Schema[]> {
  const modes: (Mode | undefined)[] = [
    undefined,
    "route",
    "interfaces",
    "masquerade",
    "statistics",
  ];
  const relations: Schema[] = [];
  for (const mode of modes) {
    const read = readOptions(["-agCF"], {
      posix: false,
      family: () => undefined,
      selinux: () => false,
      warn: () => {},
    }) as Asked;
    const asked: Asked = {
      ...read,
      modes: mode === undefined ? [] : [mode],
      families: families.map(({ name }) => name),
      // so that all columns are loaded
      question: { columns: "help" },
    };
    const tree = new Tree();
    const everywhere = scopeColumns(tree, { several: false });
    const view = viewOf(asked, namesOf(tree, asked), everywhere);
    const around = { asked, families, tree, view, flush: () => {} };
    relations.push(...(await viewingOf(mode, around)).relations());
  }
  return relations;
}

function viewingOf(
  mode: Mode | undefined,
  around: Parameters<typeof socketsView>[0],
): Viewing | Promise<Viewing> {
  switch (mode) {
    case "route":
      return routesView(around);
    case "interfaces":
      return interfacesView(around);
    case "masquerade":
      return masqueradeView(around);
    case "statistics":
      return statisticsView(around);
    case undefined:
      return socketsView(around);
  }
}

/** What a key of a question can be typed as: itself, and a shorter name. */
export function namesOfKey({ key, short }: ColumnHelp): string[] {
  return short === null ? [key] : [key, short];
}

/** The options that take keys; each takes those of the ones before it, and more. */
export const TAKERS = ["sum", "sort", "count", "columns", "where"] as const;

/** An option that takes keys. */
export type Taker = typeof TAKERS[number];

/** The first option that takes a key. */
export function firstTaker({ key, kind }: ColumnHelp): Taker {
  if (key.includes(".")) return "where";
  if (kind === "objects") return "columns";
  if (kind === "strings") return "count";
  return kind === "integer" || kind === "duration" ? "sum" : "sort";
}

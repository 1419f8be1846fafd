/**
 * `docs/netstat.8`: the prose of `netstat.8.in` with what the program knows itself,
 * so that no option, no column and no family is left out.
 *
 * @module
 */

import type {
  Column,
  Columns,
  Family,
  Printed,
  View,
} from "../core/contract/family.ts";
import { OPTIONS } from "../core/args/options.ts";
import interfaces from "../families/interfaces.ts";
import { documented, VERSION } from "../render/help.ts";
import { vocabularyOf } from "./keys.ts";

/** When the manual was last revised. */
const DATE = "2026-11-26";

/** A view that asks for nothing: titles of routes do not depend on it. */
const NOTHING = {} as View;

const TEMPLATE = new URL("netstat.8.in", import.meta.url);
const DEVIATIONS = new URL("../testdata/deviations.txt", import.meta.url);

/** The manual page in roff. Throws if the template leaves out something. */
export async function manual(families: readonly Family[]): Promise<string> {
  const template = await Deno.readTextFile(TEMPLATE);
  const deviations = await Deno.readTextFile(DEVIATIONS);
  const options = new Map(
    documented(OPTIONS).map((option) => [option.long ?? option.short!, option]),
  );
  const tables = await tablesOf(families);
  const vocabulary = await vocabularyOf(families);
  const files = await Promise.all(families.map(filesOf));
  let columns = new Map<string, Printed<unknown>>();

  const told = () => {
    const [missing] = columns.keys();
    if (missing !== undefined) throw new Error(`Untold column: ${missing}`);
  };
  const directives: Record<string, (argument: string) => string> = {
    title: () => `.TH NETSTAT 8 ${DATE} "netstat ${VERSION}"`,
    option(name) {
      const { short, long, value, implied, help } = take(options, name);
      const letter = short === undefined ? [] : [`-${short}`];
      const word = long === undefined ? [] : [`--${long}`];
      const names = [...letter, ...word].map((name) => {
        if (value === undefined) return bold(name);
        const equals = name.length > 2 ? bold("=") : " ";
        const behind = `${equals}\\fI${value}\\fR`;
        return bold(name) + (implied === undefined ? behind : `[${behind}]`);
      });
      return `.TP\n${names.join(", ")}\n${sentence(help)}`;
    },
    families: () => families.map(familyItem).join("\n"),
    table(paths) {
      told();
      columns = new Map(
        paths.split(" ").flatMap((path) => {
          const table = tables.find((table) => table.paths.has(path));
          if (table === undefined) throw new Error(`No table: ${path}`);
          table.told = true;
          return Object.values(table.columns).filter(isPrinted);
        }).map((column) => [column.cell.header, column]),
      );
      return "";
    },
    column: (header) => columnHead(take(columns, header)),
    sets: () =>
      [...vocabulary.sets].map(([set, about]) =>
        `.TP 22\n${bold(set)}\n${sentence(about)}`
      ).join("\n"),
    sockets: () => rest(tables, "sockets"),
    routes: () => rest(tables, "routes"),
    files: () => files.join("\n"),
    differences: () => differences(deviations),
  };

  const lines = template.split("\n").map((line) => {
    const [, directive, argument = ""] = /^@(\w+)(?: (.*))?$/.exec(line) ?? [];
    return directive === undefined ? line : directives[directive]!(argument);
  });
  told();
  const [option] = options.keys();
  if (option !== undefined) throw new Error(`Untold option: ${option}`);
  const table = tables.find((table) => !table.told);
  if (table) throw new Error(`Untold table: ${[...table.paths].join()}`);
  return lines.join("\n").replaceAll(/\n{2,}/g, "\n");
}

/** Takes a thing that must be there, and so is told once. */
function take<Thing>(things: Map<string, Thing>, name: string): Thing {
  const thing = things.get(name);
  if (thing === undefined) throw new Error(`Not there, or told twice: ${name}`);
  things.delete(name);
  return thing;
}

/** What the text of files shows that have the same columns. */
interface Shown {
  readonly kind: "sockets" | "routes" | "masquerade" | "interfaces";
  readonly titles: Set<string>;
  readonly paths: Set<string>;
  // deno-lint-ignore no-explicit-any
  readonly columns: Columns<any>;
  told: boolean;
}

/** All tables. */
async function tablesOf(families: readonly Family[]): Promise<Shown[]> {
  const tables: Shown[] = [];
  const add = (
    kind: Shown["kind"],
    title: string,
    paths: readonly string[],
    // deno-lint-ignore no-explicit-any
    columns: Columns<any>,
  ) => {
    let shown = tables.find((table) => table.columns === columns);
    if (shown === undefined) {
      const [titles, paths] = [new Set<string>(), new Set<string>()];
      shown = { kind, titles, paths, columns, told: false };
      tables.push(shown);
    }
    shown.titles.add(title);
    paths.forEach((path) => shown.paths.add(path));
  };
  add("interfaces", "", ["/proc/net/dev"], interfaces.columns);
  for (const family of families) {
    for (const { sources, frozen, columns } of socketTables(family)) {
      const paths = sources.map(({ path }) => path);
      add("sockets", family.about, paths, frozen.header ?? columns);
    }
    for (const table of await family.routes?.tables() ?? []) {
      const { sources, frozen, columns } = table;
      const title = frozen.title?.text(NOTHING) ?? family.about;
      add("routes", title, sources.map(({ path }) => path), columns);
    }
    for (const { sources, frozen } of await family.masquerade?.() ?? []) {
      add("masquerade", "", sources.map(({ path }) => path), frozen.header!);
    }
  }
  return tables;
}

function socketTables(family: Family): Family["tables"] {
  return [...family.tables, ...family.groups ?? []];
}

function isPrinted<Row>(column: Column<Row>): column is Printed<Row> {
  return column.cell !== undefined;
}

/** The options that bring columns, and what they switch on. */
const BRINGING = {
  "-e": { extend: 1 },
  "-o": { timers: true },
  "-p": { programs: true },
  "-v": { verbose: true },
  "-Z": { context: true },
};

/** The head of a column's paragraph, with the option that brings the column. */
function columnHead({ cell }: Printed<unknown>): string {
  const { header, shown } = cell;
  const asked = (flags: object) =>
    // deno-lint-ignore no-explicit-any
    shown === undefined || shown({ extend: 0, ...flags } as any);
  const option = asked({})
    ? undefined
    : Object.entries(BRINGING).find(([, flags]) => asked(flags))![0];
  return `.TP\n${bold(header)}` +
    (option === undefined ? "" : ` (with ${bold(option)})`);
}

/** The tables of a kind that the template does not tell by itself. */
function rest(tables: readonly Shown[], kind: Shown["kind"]): string {
  const untold = tables.filter((t) => t.kind === kind && !t.told);
  return untold.map((table) => {
    table.told = true;
    const items = Object.values(table.columns).filter(isPrinted)
      .map((column) => `${columnHead(column)}\n${prose(textAbout(column))}`);
    const titles = [...table.titles].join(", ");
    return `.PP\n${prose(titles[0]!.toUpperCase() + titles.slice(1))}\n` +
      `(${paths(table.paths)}):\n.PD 0\n${items.join("\n")}\n.PD`;
  }).join("\n");
}

/** Sentences for cells of which JSON makes more than one key. */
const ABOUT: Readonly<Record<string, string>> = {
  "Vr/Vs": "Receive and send state variables.",
};

/** What is said of a column, without what is said of JSON. */
function textAbout({ cell, about }: Printed<unknown>): string {
  return ABOUT[cell.header] ?? about.replace(/[;:,] null[^;]*\.$/, ".");
}

function familyItem(
  { name, words = [name], about, ...family }: Family,
): string {
  const facts = [
    about,
    ...(family.hidden ? ["Shown only if asked for"] : []),
    ...(family.routes === undefined ? [] : ["Has routes"]),
    ...(family.statistics === undefined ? [] : ["Has counters"]),
  ];
  return `.TP\n${words.map(bold).join(", ")}\n` +
    facts.map(sentence).join("\n");
}

/** So long a path does not fit into a line that must be filled. */
const BROKEN = 32;

/** The files of a family. */
async function filesOf(family: Family): Promise<string> {
  const { routes, masquerade, statistics } = family;
  const tables = [...socketTables(family), ...await masquerade?.() ?? []];
  const sources = [
    ...tables.flatMap(({ sources }) => sources),
    ...(await routes?.tables() ?? []).flatMap(({ sources, reference }) =>
      reference === undefined ? sources : [...sources, reference]
    ),
    ...(await statistics?.())?.files ?? [],
  ];
  if (sources.length === 0) return "";
  const found = sources.flatMap((source: { path: string; formerly?: string }) =>
    source.formerly === undefined
      ? [source.path]
      : [source.path, source.formerly]
  );
  return `.TP\n${bold(family.name)}\n${paths(new Set(found))}`;
}

function paths(all: ReadonlySet<string>): string {
  // a long one may be broken behind its slashes
  return [...all].map((path) =>
    path.length < BROKEN ? italic(path) : italic(path).replaceAll("/", "/\\:")
  ).join(",\n");
}

/** The reasons for differences, each once, by what they are about. */
function differences(deviations: string): string {
  const reasons = new Map<string, string>();
  for (const line of deviations.split("\n")) {
    const [, about, reason] = /^([^#/]+)\/\S+ (.+)$/.exec(line) ?? [];
    if (reason !== undefined && !reasons.has(reason)) {
      reasons.set(reason, about!);
    }
  }
  let before = "";
  return [...reasons].map(([reason, about]) => {
    const head = about === before ? ".IP" : `.TP\n${bold(about)}`;
    before = about;
    return `${head}\n${prose(reason)}`;
  }).join("\n");
}

/** A few words as a sentence. */
function sentence(words: string): string {
  return prose(words.replace(/^[a-z]/, (c) => c.toUpperCase()) + ".");
}

/** Sentences as roff, each on lines of its own. */
function prose(text: string): string {
  return text.replaceAll("\\", "\\e")
    .replaceAll(/`([^`]+)`/g, (_, words) => bold(words))
    .replaceAll(
      /(?<![\w\\-])--?[a-zA-Z?\d][\w-]*/g,
      (name) => bold(name),
    )
    .split(/(?<=[.?!]) (?=[A-Z`])/).map(wrapped).join("\n");
}

/** A sentence in lines of at most 80 bytes, none of which looks like a request. */
function wrapped(sentence: string): string {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const line = `${lines.at(-1)} ${word}`.trimStart();
    if (line.length > 80) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => line.replace(/^[.']/, "\\&$&")).join("\n");
}

function bold(text: string): string {
  return `\\fB${literal(text)}\\fR`;
}

function italic(text: string): string {
  return `\\fI${literal(text)}\\fR`;
}

/** Text that is typed or printed as it stands. */
function literal(text: string): string {
  return text.replaceAll(/\\(?!e)/g, "\\e").replaceAll("-", "\\-");
}

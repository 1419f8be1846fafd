/**
 * Finds the address families: every file of `families/` whose name starts with a
 * letter. Nobody keeps a list. The options need to know what families there are, a
 * view needs few of them: so there is a card for each, and the file is loaded if it
 * is needed.
 *
 * @module
 */

import { CARDS, importFamily } from "embedded";
import type { DeviceTable } from "../contract/device.ts";
import type {
  Family,
  FamilyInParts,
  Routes,
  Table,
} from "../contract/family.ts";
import { type CountedFamily, deepened, hasDepth } from "../contract/depth.ts";
import type { Asked } from "../args/options.ts";

/** What must be known of a family before it is loaded. */
export interface Card extends Pick<Family, "name" | "words" | "hidden"> {
  /** Its file in `families/`. */
  readonly file: string;
  /** The protocols that its sockets have. */
  readonly protocols: readonly string[];
  /** Whether it has routes, and whether they are shown unless others are asked for. */
  readonly routes: boolean | "usual";
  /** Whether it has tables of groups. */
  readonly groups: boolean;
  /** Whether it has tables of translated connections. */
  readonly masquerade: boolean;
  /** Whether it has counters. */
  readonly statistics: boolean;
}

/** The families that there are. */
export interface Registry {
  /** A card for each. */
  readonly cards: readonly Card[];
  /** Loads those that a view needs, in the order of the cards. */
  load(asked: Asked): Promise<readonly Family[]>;
}

/** Where families of users are found without being named. */
export const FAMILIES_FOLDER = "/etc/netstat/families";

/** Where the project's families are found; the executable has none, and no URL of it. */
const folder = () => new URL("../../families/", import.meta.url);

/** The file there that is no family: interfaces belong to none. */
export const INTERFACES = "interfaces.ts";

/** Loads the table of interfaces. */
export async function loadInterfaces(): Promise<DeviceTable> {
  const { default: table } = await importFamily(INTERFACES);
  return table as DeviceTable;
}

/** The families of the project. */
export async function findFamilies(): Promise<Registry> {
  if (CARDS !== undefined) return { cards: CARDS, load: loadNeeded };
  const families = await loadFamilies();
  return registryOf(families);
}

/** Families that are loaded already. */
export function registryOf(families: readonly Family[]): Registry {
  const cards = families.map((family) => cardOf(family, ""));
  return {
    cards,
    load(asked) {
      const needed = families.filter((_, i) => isNeeded(cards[i]!, asked));
      return needsSockets(asked)
        ? loadDepth(needed, asked)
        : Promise.resolve(needed.map(withoutSockets));
    },
  };
}

/** Imports all families of the project, in the order of their file names. */
export async function loadFamilies(): Promise<readonly Family[]> {
  return await Promise.all(
    filesIn(folder()).map((file) => loadFile(file, true)),
  );
}

/** The cards of the project's families, for the build. */
export async function makeCards(): Promise<Card[]> {
  const families = await loadFamilies();
  return filesIn(folder()).map((file, i) => cardOf(families[i]!, file));
}

/** The files of families in a folder. */
function filesIn(folder: URL): string[] {
  return Array.from(Deno.readDirSync(folder), (entry) => entry.name)
    .filter((name) => /^[a-z]\w*\.ts$/.test(name) && name !== INTERFACES)
    .sort();
}

async function loadNeeded(asked: Asked): Promise<readonly Family[]> {
  const sockets = needsSockets(asked);
  const cards = CARDS!.filter((card) => isNeeded(card, asked));
  const families = await Promise.all(
    cards.map(({ file }) => loadFile(file, sockets)),
  );
  return await loadDepth(families, asked);
}

/**
 * Loads what netlink tells of sockets besides, where a question may ask for it, and lists
 * of sockets that are else counted.
 */
export async function loadDepth(
  families: readonly Family[],
  asked: Asked,
): Promise<readonly Family[]> {
  const { modes, question, format } = asked;
  if (modes.length > 0) return families;
  if (!isQuestion(question)) {
    const whole = await Promise.all(families.map(wholeOf));
    const isLabelled = question.label !== undefined;
    return format === "text" && !isLabelled
      ? whole
      : await deepTables(whole, isLabelled);
  }
  const { namesIn } = await import("../query/words.ts");
  const names = namesIn(question);
  const meant = await Promise.all(
    families.map((family) => meantOf(family, names, asked)),
  );
  const listed = meant.flatMap((family) =>
    family.tables.filter((table) => mayBeListed(table, family, asked))
  );
  const all = mayNameMore(names, listed);
  const { columns, sort, count, sum, label } = question;
  // net-tools' text believes what it reads
  const frozen = format === "text" &&
    (columns ?? sort ?? count ?? sum ?? label) === undefined;
  return !all && frozen ? meant : await deepTables(meant, all);
}

/** Whether anything is asked for by its name; a limit is not, nor is a label. */
function isQuestion(question: Asked["question"]): boolean {
  return Object.keys(question)
    .some((key) => key !== "limit" && key !== "label");
}

/**
 * Tables of another view than that of sockets, with what netlink tells besides where a
 * question may name it.
 */
// deno-lint-ignore no-explicit-any
export async function deepIfAsked<Known extends Table<any>>(
  tables: readonly Known[],
  { question, lookup }: Pick<Asked, "question" | "lookup">,
): Promise<readonly Known[]> {
  if (!isQuestion(question) && question.label === undefined) return tables;
  const { namesIn } = await import("../query/words.ts");
  if (lookup === undefined && !mayNameMore(namesIn(question), tables)) {
    return tables;
  }
  return await Promise.all(
    tables.map((table) => deepened(table, true)),
  ) as Known[];
}

/** A family of which no file tells, with the list that netlink has. */
async function wholeOf(family: Family): Promise<Family> {
  const { listed } = family as Partial<CountedFamily>;
  return listed === undefined || family.tables.length > 0
    ? family
    : { ...family, tables: [await listed()] };
}

/**
 * A family with the tables that a question means: where a file counts sockets and netlink
 * lists them, the list, unless it names what only the counts have.
 */
async function meantOf(
  family: Family,
  names: ReadonlySet<string> = new Set(),
  { root, source, question: { columns } }: Asked,
): Promise<Family> {
  const { listed } = family as Partial<CountedFamily>;
  if (listed === undefined) return family;
  if (family.tables.length === 0) return await wholeOf(family);
  const list = await listed();
  const isTold = root === "" && source !== "procfs";
  if (columns === "help") {
    return isTold ? { ...family, tables: [...family.tables, list] } : family;
  }
  const counts = new Set(family.tables.flatMap(keysOf));
  const lists = new Set(keysOf(list));
  const isNamed = (keys: Set<string>, others: Set<string>) =>
    !keys.difference(others).isDisjointFrom(names);
  if (isNamed(counts, lists)) return family;
  return isTold || isNamed(lists, counts)
    ? { ...family, tables: [list] }
    : family;
}

/** The names that a table's columns have in a question, but for what is rare. */
// deno-lint-ignore no-explicit-any
function keysOf({ columns }: Table<any>): string[] {
  return Object.entries(columns)
    .flatMap(([key, { short, rare }]) => rare ? [] : [key, short ?? key]);
}

/**
 * Whether these, or any, may be names of columns that only the depth of a table has, or
 * of those about owners that are loaded with it.
 */
function mayNameMore(
  names: ReadonlySet<string> | undefined,
  // deno-lint-ignore no-explicit-any
  tables: readonly Table<any>[],
): boolean {
  const mayMean = (all: typeof tables) =>
    !names?.isSubsetOf(new Set([...HEADS, ...all.flatMap(keysOf)]));
  return tables.some((table) => hasDepth(table) && mayMean([table])) ||
    tables.some(({ inode }) => inode !== undefined) && mayMean(tables);
}

/** Whether a table may be among those that are listed, as far as protocols choose. */
function mayBeListed(
  // deno-lint-ignore no-explicit-any
  { sources }: Table<any>,
  family: Family,
  { families, protocols }: Pick<Asked, "families" | "protocols">,
): boolean {
  // a family without one of its protocols: all of its protocols
  const isNamed = families.includes(family.name) &&
    !protocolsOf(family).some((protocol) => protocols.has(protocol));
  return protocols.size === 0 || isNamed ||
    sources.some(({ protocol }) =>
      protocol === undefined || protocols.has(protocol)
    );
}

/** Keys that rows have without a column of their table. */
const HEADS = ["family", "proto", "count"];

/** Families with all tables and columns that there are. */
export async function deepFamilies(
  families: readonly Family[],
): Promise<readonly Family[]> {
  const whole = families.map(async (family) => {
    const { listed } = family as Partial<CountedFamily>;
    const { routes, tables } = family;
    return {
      ...family,
      tables: listed === undefined ? tables : [...tables, await listed()],
      ...(routes && { routes: { ...routes, tables: () => deepOf(routes) } }),
    };
  });
  return await deepTables(await Promise.all(whole), true);
}

async function deepOf({ tables }: Routes): ReturnType<Routes["tables"]> {
  return await Promise.all(
    (await tables()).map((table) => deepened(table, true)),
  );
}

/** Families with more columns of their sockets; see {@linkcode deepened}. */
async function deepTables(
  families: readonly Family[],
  all: boolean,
): Promise<readonly Family[]> {
  return await Promise.all(families.map(async (family) => ({
    ...family,
    tables: await Promise.all(
      family.tables.map((table) => deepened(table, all)),
    ),
  })));
}

async function loadFile(file: string, sockets: boolean): Promise<Family> {
  const { default: exported } = await importFamily(file);
  if (typeof exported === "function") return await called(exported);
  const family = exported as Family | FamilyInParts;
  if ("tables" in family) return family;
  return { ...family, ...(sockets ? await family.sockets() : { tables: [] }) };
}

/** Whether a view needs the sockets' tables: counters are chosen by their protocols. */
function needsSockets({ modes }: Asked): boolean {
  return modes.length === 0 || modes[0] === "statistics";
}

function withoutSockets({ groups: _, ...family }: Family): Family {
  return { ...family, tables: [] };
}

/** What a file exports that could as well be loaded at run time. */
async function called(exported: unknown): Promise<Family> {
  const { familyOf } = await import("../plugins/plugin.ts");
  return familyOf(exported);
}

function cardOf(family: Family, file: string): Card {
  const { name, words, hidden, routes } = family;
  return {
    file,
    name,
    ...(words === undefined ? {} : { words }),
    ...(hidden === undefined ? {} : { hidden }),
    protocols: protocolsOf(family),
    routes: routes?.usual ? "usual" : routes !== undefined,
    groups: family.groups !== undefined,
    masquerade: family.masquerade !== undefined,
    statistics: family.statistics !== undefined,
  };
}

/** The protocols that a family's sockets have. */
export function protocolsOf(family: Family): string[] {
  return family.tables.flatMap((table) =>
    table.sources.flatMap((source) => source.protocol ?? [])
  );
}

/** Whether a view needs the family: it asks no other what it has. */
function isNeeded(card: Card, asked: Asked): boolean {
  const { families, protocols, groups } = asked;
  const named = families.includes(card.name);
  const open = families.length === 0;
  switch (asked.modes[0]) {
    case "interfaces":
      return false;
    case "masquerade":
      return card.masquerade;
    case "route":
      return named || (open && card.routes === "usual");
    case "statistics":
      return named || (open && card.statistics);
  }
  if (open && protocols.size === 0 && !groups) return !card.hidden;
  return named || (groups && card.groups) ||
    card.protocols.some((protocol) => protocols.has(protocol));
}

/** The family that `-A word` asks for. */
export function findFamily<Known extends Pick<Family, "name" | "words">>(
  families: readonly Known[],
  word: string,
): Known | undefined {
  return families.find((f) => (f.words ?? [f.name]).includes(word));
}

/**
 * What every family must be and must bear: a suite that the project's tests run over
 * all families, and `--check-family` over a family file.
 *
 * @module
 */

import type { Column, Columns, Family, Table } from "../contract/family.ts";
import { byteString } from "../contract/line.ts";
import { OPTIONS } from "../args/options.ts";
import type { Failure } from "../system/failures.ts";
import { Lines, Tree } from "../system/scan.ts";
import { isOfKind } from "./checked.ts";
import { tablesOf } from "./protocol.ts";

/** As much of a fixture is cut at every byte. */
export const CUT_MOST = 600;

/** So many different faults are told. */
const FAULTS_MOST = 10;

const KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** What is wrong with what a table of sockets says of itself. */
// deno-lint-ignore no-explicit-any
export function tableFlaws(table: Table<any>): string[] {
  const { name, lineLimit, sources, columns, frozen } = table;
  // those of a file's header lines have no keys here, and were looked at before
  const header = table.rows === undefined ? frozen.header : undefined;
  const flaws: string[] = [];
  const must = (good: boolean, what: string) => {
    if (!good) flaws.push(`table '${name}': ${what}`);
  };
  must(name !== "", "its name is empty");
  must(lineLimit > 0, "'lineLimit' is not positive");
  must(sources.length > 0, "it has no source");
  for (const { path, rank, proto, protocol } of sources) {
    must(
      /^\/(proc|sys)(\/(?!\.{1,2}(\/|$))[\w.-]+)+$/.test(path),
      `the source '${path}' is no file below /proc or /sys`,
    );
    must(
      proto === undefined || Number.isFinite(rank),
      `the rank of '${path}' is no number`,
    );
    must(proto !== "", `'proto' of '${path}' is empty`);
    must(
      protocol === undefined || OPTIONS.some((o) => o.long === protocol),
      `there is no option --${protocol}`,
    );
  }
  return [
    ...flaws,
    ...[columns, header ?? {}].flatMap(columnFlaws)
      .map((flaw) => `table '${name}': ${flaw}`),
  ];
}

/** What is wrong with what columns say of themselves, and with those of objects. */
// deno-lint-ignore no-explicit-any
export function columnFlaws(columns: Columns<any>): string[] {
  return Object.entries(columns).flatMap(([key, column]) => {
    const { about, kind, each, cell } = column;
    const flaws: string[] = [];
    const must = (good: boolean, what: string) => {
      if (!good) flaws.push(`column '${key}': ${what}`);
    };
    must(KEY.test(key), "its key is not in snake_case");
    must(key !== "family", "every row has this key already");
    must(
      /^\S.*\.$/s.test(about),
      "'about' is not a sentence that ends with a full stop",
    );
    must(
      (each !== undefined) === (kind === "objects"),
      "'each' is there for columns of objects, and for no others",
    );
    if (cell !== undefined) {
      const { header, width } = cell;
      must(/^[\x20-\x7e]+$/.test(header), "its header is not printable ASCII");
      must(Number.isInteger(width), "its width is not a whole number");
    }
    return [...flaws, ...columnFlaws(each ?? {})];
  });
}

/** A file that may stand in a good one's place. */
export interface Odd {
  /** What is odd about it. */
  readonly name: string;
  /** What is in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file cut at every byte. */
export function* cutFiles(good: Uint8Array): Generator<Odd> {
  const header = good.subarray(0, good.indexOf(10) + 1);
  yield { name: "an empty file", bytes: new Uint8Array(0) };
  yield { name: "only the first line", bytes: header.slice() };
  for (let length = 0; length <= good.length; length++) {
    yield { name: `the first ${length} bytes`, bytes: good.slice(0, length) };
  }
}

/** Files of random bytes, and files with random changes. The same ones each time. */
export function* noisyFiles(good: Uint8Array): Generator<Odd> {
  const header = good.subarray(0, good.indexOf(10) + 1);
  const random = mulberry32(20240229);
  const below = (most: number) => Math.floor(random() * most);
  const alphabet = bytesOf(
    " \t\n\n\0:*<->(),@/x0123456789abcdefABCDEF\x1b\x9b",
  );
  for (let round = 0; round < 25; round++) {
    const length = below(3000);
    const any = Uint8Array.from({ length }, () => below(256));
    const alike = Uint8Array.from(
      { length },
      () => alphabet[below(alphabet.length)]!,
    );
    const under = (bytes: Uint8Array) =>
      bytesOf(byteString(header) + byteString(bytes));
    yield { name: `noise ${round}`, bytes: any };
    yield { name: `noise ${round} under the first line`, bytes: under(any) };
    yield { name: `digits and signs ${round}`, bytes: under(alike) };
  }
  for (let round = 0; round < 100; round++) {
    const changed = good.slice();
    for (let changes = 1 + below(8); changes > 0; changes--) {
      changed[below(changed.length)] = below(2) === 0
        ? below(256)
        : alphabet[below(alphabet.length)]!;
    }
    yield { name: `bytes changed ${round}`, bytes: changed };
  }
}

/** Files that are odd in a way that has a name. */
export function* oddFiles(good: Uint8Array): Generator<Odd> {
  const text = byteString(good);
  const [header, row = ""] = text.split("\n");
  const variants: Readonly<Record<string, string>> = {
    "NULs only": "\0".repeat(1000),
    "newlines only": "\n".repeat(1000),
    "blanks only": `${" ".repeat(20_000)}\n`.repeat(3),
    "CRLF": text.replaceAll("\n", "\r\n"),
    "CR": text.replaceAll("\n", "\r"),
    "NULs for blanks": text.replaceAll(" ", "\0"),
    "tabs for blanks": text.replaceAll(" ", "\t"),
    "a NUL in front of each line": text.replaceAll("\n", "\n\0"),
    "a NUL at the end of each line": text.replaceAll("\n", "\0\n"),
    "a megabyte": "A".repeat(1 << 20),
    "a megabyte under a header": `${header}\n${"0".repeat(1 << 20)}\n`,
    "a row and a megabyte": `${header}\n${row}${"f".repeat(1 << 20)}\n`,
    "a row and its megabyte": `${header}\n${row} ${row.repeat(1e4)}\n`,
    "many rows": `${header}\n${`${row}\n`.repeat(2000)}`,
    "a line of many words": `${header}\n${"1 ".repeat(1 << 15)}\n`,
    "huge numbers": text.replace(/\b\d+\b/g, (n) => n.repeat(30)),
    "negative numbers": text.replace(/\b\d+\b/g, (n) => `-${n}`),
    "high bytes": text.replace(/\d/g, "\xff"),
    "control bytes": text.replace(/[a-z]/g, "\x1b\x9b"),
  };
  for (const [name, variant] of Object.entries(variants)) {
    yield { name, bytes: bytesOf(variant) };
  }
}

/** What is wrong with a row of JSON, if it is none of these columns; of a family. */
export function rowFlaw(
  row: Readonly<Record<string, unknown>>,
  // deno-lint-ignore no-explicit-any
  specs: readonly Columns<any>[],
): string | undefined {
  const { family: _, ...values } = row;
  const fitting = specs.filter((columns) => hasShape(columns, values));
  if (fitting.length === 0) return `misshapen: ${JSON.stringify(row)}`;
  if (fitting.some((columns) => hasTypes(columns, values))) return undefined;
  return `ill-typed: ${JSON.stringify(row)}`;
}

/** Whether an object has the keys of the columns, in their order. */
// deno-lint-ignore no-explicit-any
function hasShape(columns: Columns<any>, values: object): boolean {
  const keys = Object.entries(columns)
    .filter(([key, { needs, rare }]) =>
      key in values || (!rare && (needs === undefined || needs === "names"))
    )
    .map(([key]) => key);
  return keys.join() === Object.keys(values).join();
}

// deno-lint-ignore no-explicit-any
function hasTypes(columns: Columns<any>, values: object): boolean {
  return Object.entries(values).every(([key, value]) =>
    isTyped(columns[key]!, value)
  );
}

// deno-lint-ignore no-explicit-any
function isTyped(column: Column<any>, value: any): boolean {
  const { each } = column;
  return isOfKind(value, column) && (each === undefined ||
    value.every((item: object) =>
      hasShape(each, item) && hasTypes(each, item)
    ));
}

/** What a good file is taken from: its bytes, or a folder as `--root` takes it. */
export type Fixture =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly root: string };

/** What `--check-family` found. */
export interface Verdict {
  /** What is wrong, as it stands behind the file's name: `:LINE:COLUMN: CAUSE`. */
  readonly faults: readonly string[];
  /** What was looked at. */
  readonly summary: string;
}

/** How a family is listed for a check. */
export interface Surroundings {
  /** Lists the family in a tree. Throws what the file throws. */
  list(tree: Tree): Promise<{ rows: readonly string[]; malformed: number }>;
  /** Is told what is read next. */
  begin(what: string): void;
  /** What an error says of the file. */
  tell(error: unknown): string;
}

/** A tree in which one file is another one. */
class Patched extends Tree {
  constructor(
    root: string,
    readonly path: string,
    readonly bytes: Uint8Array<ArrayBuffer>,
  ) {
    super(root);
  }

  override open(path: string, lineLimit: number): Lines | Failure {
    return path === this.path
      ? new Lines(this.path, this.bytes.slice(), lineLimit)
      : super.open(path, lineLimit);
  }
}

/** Where nothing is. */
const NOWHERE = "/proc/nowhere";

/** Runs the suite over a family, on one good file or on those of a folder. */
export async function checkFamily(
  family: Family,
  fixture: Fixture,
  { list, begin, tell }: Surroundings,
): Promise<Verdict> {
  const tables = tablesOf({
    ...family,
    routes: { tables: await family.routes?.tables() ?? [] },
    masquerade: await family.masquerade?.() ?? [],
  });
  const files = (await family.statistics?.())?.files ?? [];
  const faults = new Set(tables.flatMap(tableFlaws).map((f) => `: ${f}`));
  const specs = tables.map(({ columns }) => columns);
  const checked: string[] = [];
  let borne = 0;

  /** Lists one file. Returns how many rows and bad lines it has. */
  const look = async (root: string, path: string, { name, bytes }: Odd) => {
    begin(`${path}: ${name}`);
    try {
      const { rows, malformed } = await list(new Patched(root, path, bytes));
      for (const row of rows) {
        const flaw = rowFlaw(JSON.parse(row), specs);
        if (flaw !== undefined) faults.add(`: a row is ${flaw}`);
      }
      return { rows: rows.length, malformed };
    } catch (error) {
      // one fault is told once, by the first file that shows it
      const fault = tell(error);
      if (![...faults].some((other) => other.startsWith(fault))) {
        faults.add(`${fault} (with ${name} as ${path})`);
      }
      return { rows: 0, malformed: 0 };
    }
  };

  for (
    const { root, path, bytes } of goodFiles(
      [...tables.flatMap((table) => table.sources), ...files],
      fixture,
    )
  ) {
    const good = await look(root, path, { name: "the good file", bytes });
    checked.push(
      `${path}: ${count(good.rows, "row")}, ` +
        count(good.malformed, "malformed line"),
    );
    if (faults.size === 0 && good.rows === 0) {
      faults.add(
        `: it makes no row of ${path}: does 'parse' ever return true?`,
      );
    }
    const start = bytes.slice(0, CUT_MOST);
    for (const make of [cutFiles, noisyFiles, oddFiles]) {
      for (const odd of make(start)) {
        if (faults.size >= FAULTS_MOST) break;
        await look(root, path, odd);
        borne++;
      }
    }
  }
  if (checked.length === 0) {
    faults.add(": none of its sources is in the folder");
  }
  return {
    faults: [...faults].slice(0, FAULTS_MOST),
    summary: `${checked.join("; ")}; bears ${count(borne, "odd file")}`,
  };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** The good files: of the first source, or of each source in the folder. */
function* goodFiles(
  sources: readonly { readonly path: string; readonly formerly?: string }[],
  fixture: Fixture,
): Generator<{ root: string; path: string; bytes: Uint8Array<ArrayBuffer> }> {
  if ("bytes" in fixture) {
    const { path } = sources[0]!;
    yield { root: NOWHERE, path, bytes: fixture.bytes };
    return;
  }
  const { root } = fixture;
  const tree = new Tree(root);
  for (const { path, formerly = path } of sources) {
    const bytes = [path, formerly].map((file) => tree.read(file))
      .find((bytes) => bytes instanceof Uint8Array);
    if (bytes) yield { root, path, bytes: bytes.slice() };
  }
}

/** A small generator of random numbers from 0 to 1, the same ones for a seed. */
function mulberry32(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

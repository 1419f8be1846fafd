/**
 * One suite over every family that is found: what its spec must say, and what its
 * parsers must bear. A family that is added is tested without an edit here.
 */

import assert from "node:assert/strict";
import {
  CUT_MOST,
  cutFiles,
  noisyFiles,
  type Odd,
  oddFiles,
  rowFlaw,
  tableFlaws,
} from "../core/plugins/check_family.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import { byteString } from "../core/contract/line.ts";
import { OPTIONS } from "../core/args/options.ts";
import { familyOf } from "../core/plugins/plugin.ts";
import {
  findFamily,
  loadFamilies,
  registryOf,
} from "../core/views/registry.ts";
import interfaces from "../families/interfaces.ts";
import { neutralise } from "../core/contract/out.ts";
import type { Result } from "./cases.ts";
import { netstatWith } from "./program.ts";

const TESTDATA = new URL("../testdata/", import.meta.url).pathname;

/** No input may take longer, in milliseconds. */
const PATIENCE = 10_000;

/** A file of a family. */
interface Place {
  readonly family: Family;
  // deno-lint-ignore no-explicit-any
  readonly table: Table<any>;
  readonly path: string;
  /** The options that show it, without its family. */
  readonly args: readonly string[];
  /** The file with the rows, if this is one that they refer to. */
  readonly rows?: string;
}

const WRITTEN_PATH = "/proc/net/written";
const WRITTEN_FIXTURE = "name size\nalpha 12\nbeta 0x1f\n";

/** A family as somebody might write it, which is loaded from a file of its own. */
const WRITTEN_FAMILY = `export default ({ fact, foreign, right }) => ({
  name: "written",
  about: "A family that was written for this test",
  tables: [{
    name: "written",
    sources: [{ path: "${WRITTEN_PATH}", proto: "written", rank: 900, support: "WRITTEN" }],
    frozen: { title: { text: () => "Written sockets", always: false } },
    columns: {
      name: foreign("Name", 10, (row) => row.name, "Name of the thing."),
      size: right("Size", 8, (row) => row.size, "Size of the thing."),
      odd: fact("boolean", (row) => row.odd, "Whether its name is odd."),
    },
    lineLimit: 100,
    row: () => ({ name: "", size: 0, odd: false }),
    parse(line, row) {
      const [name, size, ...more] = line.text(line.start, line.end).split(" ");
      if (!/^(0x[0-9a-f]+|[0-9]+)$/.test(size ?? "") || more.length > 0) return false;
      row.name = name;
      row.size = BigInt(size);
      row.odd = name.length % 2 === 1;
      return true;
    },
    keep: () => true,
  }],
});`;

async function writtenFamily(): Promise<Family> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(file, WRITTEN_FAMILY);
    return familyOf((await import(`file://${file}`)).default);
  } finally {
    await Deno.remove(file);
  }
}

const families = [...await loadFamilies(), await writtenFamily()];
const routeTables = new Map(
  await Promise.all(
    families.map(async ({ name, routes }) =>
      [name, await routes?.tables() ?? []] as const
    ),
  ),
);
const SOCKETS = ["-a", "-n", "-e", "-o"];
const places: Place[] = families.flatMap((family) => [
  ...tablesOf(family).flatMap((table) => {
    const args = family.groups?.includes(table) ? [...SOCKETS, "-g"] : SOCKETS;
    return table.sources.map(({ path }) => ({ family, table, path, args }));
  }),
  ...routesOf(family).flatMap((table) => {
    const args = ["-r", "-n", "-ee", table.part === "cache" ? "-C" : "-F"];
    const { reference } = table;
    const { path } = table.sources[0]!;
    const place = { family, table, path, args };
    return reference === undefined
      ? [place]
      : [place, { ...place, path: reference.path, rows: path }];
  }),
]);

// deno-lint-ignore no-explicit-any
function routesOf({ name }: Family): readonly Table<any>[] {
  return routeTables.get(name)!;
}

/** The column specs of all of a family's tables. */
// deno-lint-ignore no-explicit-any
function specsOf(family: Family): Columns<any>[] {
  return [
    ...tablesOf(family).flatMap((
      { columns, frozen },
    ) => [columns, frozen.header ?? {}]),
    ...routesOf(family).map(({ columns }) => columns),
  ];
}

/** All of a family's tables. */
// deno-lint-ignore no-explicit-any
function tablesOf(family: Family): Table<any>[] {
  return [...family.tables, ...family.groups ?? []];
}

Deno.test("families: there are some, and names are unique", () => {
  assert.ok(families.length > 0);
  const words = families.flatMap((f) => [...f.words ?? [f.name]]);
  assert.deepEqual([...new Set(words)], words);
  for (const family of families) {
    assert.match(family.name, /^[a-z][a-z0-9-]*$/);
    assert.notEqual(family.about, "");
    for (const word of family.words ?? [family.name]) {
      assert.equal(findFamily(families, word)?.name, family.name);
    }
  }
});

for (const family of families) {
  Deno.test(`${family.name}: tables are well made`, async () => {
    const masquerade = await family.masquerade?.() ?? [];
    const tables = [...tablesOf(family), ...routesOf(family), ...masquerade];
    assert.deepEqual(tables.flatMap(tableFlaws), []);
  });
}

Deno.test("interfaces: their table is well made", () => {
  assert.deepEqual(tableFlaws(interfaces), []);
});

for (const family of families.filter((f) => f.statistics)) {
  Deno.test(`${family.name}: counters are well made`, async () => {
    const { files, sections } = await family.statistics!();
    assert.ok(files.length > 0);
    for (const { path, layout, sectionOf } of files) {
      assert.match(path, /^\/proc(\/[\w-]+)+$/);
      assert.equal(sectionOf !== undefined, layout === "list", path);
    }
    for (const [name, { protocol, counters }] of Object.entries(sections)) {
      assert.ok(OPTIONS.some((o) => o.long === protocol), name);
      for (
        const [counter, { text, always, list }] of Object.entries(counters)
      ) {
        if (text === undefined) assert.ok(!always && !list, counter);
        else assert.equal(text.match(/\bN\b/g)?.length, 1, counter);
      }
    }
  });
}

for (const place of places) {
  const { family, path } = place;
  const title = `${family.name} ${path}`;

  Deno.test(`${title}: has a fixture with rows`, () =>
    withFixture(place, async (tree) => {
      const text = await tree.text();
      assert.equal(text.exit, 0);
      assert.ok((await tree.json()).length > 0);
    }));

  if ("inode" in place.table) {
    Deno.test(`${title}: sockets have owners`, () =>
      withFixture(place, async (tree) => {
        const rows = await tree.json();
        // a link to an inode of one digit is not known as a socket's
        const inode = rows.map((row) => row.inode).find((n) => n as number > 9);
        assert.ok(inode, "the fixture has no inode");
        for (const pid of [8, 7]) tree.addOwner(pid, inode);
        const owned = (await tree.json("-p")).find((r) => r.inode === inode)!;
        assert.equal(owned.pid, 7);
        assert.equal(owned.program_name, "prog");
        const owners = owned.owners as { pid: number }[];
        assert.deepEqual(owners.map(({ pid }) => pid), [7, 8]);
        assert.match((await tree.text("-p")).stdout, / 7\/prog /);
      }));
  }

  for (
    const [what, files] of [
      ["any part of a file", cutFiles],
      ["noise", noisyFiles],
      ["odd files", oddFiles],
    ] as const
  ) {
    Deno.test(`${title}: ${what} can be borne`, () =>
      withFixture(place, async (tree) => {
        for (const odd of files(tree.fixture)) await tree.holds(odd);
      }));
  }
}

/** A saved system that has the file of a place. */
class Saved {
  readonly #place: Place;
  readonly #root: string;
  readonly #file: string;
  /** The start of a fixture of which the program makes rows. */
  fixture: Uint8Array = new Uint8Array(0);

  constructor(place: Place, root: string) {
    this.#place = place;
    this.#root = root;
    this.#file = root + place.path;
    Deno.mkdirSync(parentOf(this.#file), { recursive: true });
    this.write(new Uint8Array(0));
    if (place.rows !== undefined) {
      Deno.writeFileSync(root + place.rows, fixturesOf(place.rows)[0]!);
    }
  }

  /**
   * Makes the family's other files empty, so that none is missed: a listing may
   * end there. One that cannot be beside this one is left out.
   */
  addOthers(): void {
    for (const { path } of places) {
      const file = this.#root + path;
      if (file === this.#file) continue;
      try {
        Deno.mkdirSync(parentOf(file), { recursive: true });
        Deno.writeTextFileSync(file, "", { createNew: true });
      } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error;
      }
    }
  }

  /** Lets a process hold a socket. */
  addOwner(pid: number, inode: unknown): void {
    const folder = `${this.#root}/proc/${pid}`;
    Deno.mkdirSync(`${folder}/fd`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/cmdline`, "/bin/prog\0");
    Deno.symlinkSync(`socket:[${inode}]`, `${folder}/fd/3`);
  }

  write(bytes: Uint8Array): void {
    Deno.writeFileSync(this.#file, bytes);
  }

  async text(...args: string[]): Promise<Result> {
    const result = await this.#run(...args);
    const printed = result.stdout + result.stderr;
    if (!/[^\n\x20-\x7e]/.test(printed)) return result;
    for (const line of printed.split("\n")) {
      const bytes = bytesOf(line);
      neutralise(bytes, 0, bytes.length);
      assert.equal(line, byteString(bytes), "a control byte");
    }
    return result;
  }

  /** The rows of this family; those of all are checked. */
  async json(...args: string[]): Promise<Record<string, unknown>[]> {
    const { stdout, stderr, exit } = await this.#run("--json", ...args);
    const bytes = bytesOf(stdout);
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const rows = JSON.parse(decoder.decode(bytes)) as Record<string, unknown>[];
    rows.forEach(checkRow);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stderr, /[\x00-\x09\x0b-\x1f\x7f]/);
    assert.ok(exit === 0 || exit === 1 || exit === 255);
    return rows.filter((row) => row.family === this.#place.family.name);
  }

  /** Fails if the program does not bear this content. */
  async holds({ name, bytes }: Odd): Promise<void> {
    this.write(bytes);
    try {
      await this.text();
      await this.json();
    } catch (error) {
      const start = JSON.stringify(byteString(bytes.subarray(0, CUT_MOST)));
      throw new Error(`Cannot bear ${name}: ${start}`, { cause: error });
    }
  }

  async #run(...more: string[]): Promise<Result> {
    const { family: { name }, args, table } = this.#place;
    const start = performance.now();
    const result = await netstatWith(
      () => Promise.resolve(registryOf(families)),
      [
        "--root",
        this.#root,
        ...args,
        "-A",
        name,
        ...more,
      ],
    );
    assert.ok(performance.now() - start < PATIENCE, "too slow");
    const mayEnd = table.frozen.malformed ?? table.frozen.fault;
    const ends = mayEnd && result.exit === 255;
    assert.ok(result.exit === 0 || result.exit === 1 || ends, `${result.exit}`);
    return result;
  }
}

/** Gives the test a saved system in which the place's file has rows. */
async function withFixture(
  place: Place,
  test: (tree: Saved) => Promise<void>,
): Promise<void> {
  const fixtures = fixturesOf(place.path);
  assert.ok(fixtures.length > 0, `no fixture of ${place.path}`);
  for (const others of [true, false]) {
    const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
    try {
      const tree = new Saved(place, root);
      if (others) tree.addOthers();
      for (const fixture of fixtures) {
        tree.fixture = fixture.subarray(0, CUT_MOST);
        tree.write(tree.fixture);
        if ((await tree.json()).length > 0) return await test(tree);
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  }
  assert.fail(`no fixture of ${place.path} gives a row`);
}

/** All files below the golden cases that stand for this path, larger ones first. */
function fixturesOf(path: string): Uint8Array[] {
  const found: Uint8Array[] = [];
  if (path === WRITTEN_PATH) found.push(bytesOf(WRITTEN_FIXTURE));
  for (const folder of foldersOf(TESTDATA)) {
    for (const name of foldersOf(`${TESTDATA}${folder}/`)) {
      const file = `${TESTDATA}${folder}/${name}${path}`;
      try {
        found.push(Deno.readFileSync(file));
      } catch {
        continue; // this case has no such file
      }
    }
  }
  return found.sort((a, b) => b.length - a.length);
}

function foldersOf(path: string): string[] {
  return Array.from(Deno.readDirSync(path))
    .filter((entry) => entry.isDirectory)
    .map((entry) => entry.name)
    .sort();
}

/** A row has the keys of one of its family's tables, and values of their types. */
function checkRow(row: Record<string, unknown>): void {
  const family = families.find((f) => f.name === row.family);
  assert.ok(family, `no family ${row.family}`);
  assert.equal(rowFlaw(row, specsOf(family)), undefined);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

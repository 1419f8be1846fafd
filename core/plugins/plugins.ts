/**
 * Family files that are loaded at run time: named by `--family`, or found in
 * `/etc/netstat/families`. Each runs in a thread of its own, so that one that hangs
 * can be ended and the others still print.
 *
 * @module
 */

import { checkFamily, type Fixture } from "./check_family.ts";
import type { Family, Flags } from "../contract/family.ts";
import * as libc from "../system/libc.ts";
import { byteString, fromUtf8, toUtf8 } from "../contract/line.ts";
import type { Asked } from "../args/options.ts";
import { isRoot, notOnlyRoots, rootsPath } from "../system/privilege.ts";
import type { Tree } from "../system/scan.ts";
import { FAMILIES_FOLDER } from "../views/registry.ts";
import { type Description, revived } from "./described.ts";
import { faultOf } from "./fault.ts";
import { isTable } from "./plugin.ts";
import { type Described, type FamilyMarks, Remote } from "./remote.ts";
import { stripTypes } from "./strip_types.ts";
import { FamilyFileError, LIES, placed, Thread } from "./thread.ts";

/** A family file is longer than this by mistake only. */
const SOURCE_MOST = 1 << 20;

/** What a family file in the folder is called. */
const FAMILY_FILE = /^[^_].*\.(js|ts)$/s;

/** What the thread of a family file opens at its start, and to strip types. */
const DESCRIPTORS_EACH = 8;

/** Behind the sockets of all families that are built in. */
const RANK = 1_000_000;

/** The options that a view goes by. */
const FLAGS: Readonly<Record<keyof Flags, true>> = {
  all: true,
  listening: true,
  extend: true,
  timers: true,
  programs: true,
  context: true,
  wide: true,
  verbose: true,
  symbolic: true,
  numericHosts: true,
  numericPorts: true,
  numericUsers: true,
  cache: true,
  fib: true,
};

/** A family file that was loaded, and the thread that it runs in. */
export class Plugin {
  readonly #thread: Thread;
  readonly #described: Described;
  #error: FamilyFileError | undefined;

  private constructor(
    readonly file: string,
    described: Described,
    thread: Thread,
  ) {
    this.#described = described;
    this.#thread = thread;
  }

  /** What the options and the help need to know of the family. */
  get family(): FamilyMarks {
    return this.#described.family;
  }

  /** Whether the user was told that it cannot go on. */
  get failed(): boolean {
    return this.#error !== undefined;
  }

  /**
   * Loads a file, which has begun in its thread. Throws a
   * {@linkcode FamilyFileError}.
   */
  static loaded(file: string, thread: Thread): Plugin {
    const next = thread.next();
    if (!("reply" in next)) throw thread.fault(LIES);
    const described = revived(next.reply as Description) as Described;
    // what a thread says is no reason to read any file
    for (const { sources, reference } of described.tables) {
      const paths = sources.flatMap(({ path, formerly = path }) => [
        path,
        formerly,
      ]);
      if (![...paths, reference?.path ?? paths[0]!].every(isTable)) {
        throw thread.fault(LIES);
      }
    }
    return new Plugin(file, described, thread);
  }

  /**
   * The family in a view, as one that is built in. `fail` is told why nothing more of
   * it comes, once; undefined if that is so already.
   */
  familyIn(
    asked: Asked,
    rank: number,
    fail: (error: FamilyFileError) => void,
  ): Family | undefined {
    const failing = (error: unknown) => {
      if (!(error instanceof FamilyFileError)) throw error;
      if (this.#error === undefined) fail(error);
      this.#error ??= error;
      this.close();
    };
    try {
      if (this.#error !== undefined) return undefined;
      return this.#remote(asked, rank, {
        fail: failing,
        failed: () => this.failed,
      }).family();
    } catch (error) {
      failing(error);
      return undefined;
    }
  }

  #remote(
    asked: Asked,
    rank: number,
    failing: Pick<ConstructorParameters<typeof Remote>[1], "fail" | "failed">,
  ): Remote {
    const flags = Object.fromEntries(
      Object.entries(asked).filter(([key]) => Object.hasOwn(FLAGS, key)),
    ) as unknown as Flags;
    return new Remote(this.#described, {
      thread: this.#thread,
      flags,
      rank: RANK * (rank + 1),
      ...failing,
    });
  }

  /** Tries the family on a good table. Returns what is wrong, and a summary. */
  check(fixture: Fixture, asked: Asked, list: ListAll): ReturnType<
    typeof checkFamily
  > {
    const all = { ...asked, all: true };
    return checkFamily(this.#remote(all, 0, SILENT).family(), fixture, {
      list: async (tree) => {
        let error: unknown = this.#error;
        if (error !== undefined) throw error;
        const family = this.#remote(all, 0, {
          fail: (failed) => void (error ??= failed),
          failed: () => error !== undefined,
        }).family();
        const listed = await list(family, all, tree);
        if (error !== undefined) throw error;
        return listed;
      },
      begin: (what) => this.#thread.reads = what,
      tell: (error) => {
        if (!(error instanceof FamilyFileError)) throw error;
        // a thread that hangs does so for ever
        if (error.message.includes(": hangs: ")) this.#error = error;
        return placed(error.fault);
      },
    });
  }

  /** Ends the thread. */
  close(): void {
    this.#thread.close();
  }
}

const SILENT = { fail: () => {}, failed: () => false };

/** Lists all that a family has in a tree: rows as JSON, and how many lines are bad. */
export type ListAll = (
  family: Family,
  asked: Asked,
  tree: Tree,
) => Promise<{ rows: readonly string[]; malformed: number }>;

/** Family files that could be loaded, and what is wrong with the others. */
export interface Loaded {
  /** In the order in which their tables are shown. */
  readonly plugins: readonly Plugin[];
  /** What the user is told. */
  readonly errors: readonly FamilyFileError[];
}

/**
 * Loads the files that were named, then those of the folder, in the order of their
 * names. A name that a family has already is taken. `say` tells the user what a file
 * says itself.
 */
export async function loadPlugins(
  named: readonly string[],
  families: readonly Pick<Family, "name" | "words">[],
  say: (text: string) => void,
  folder = FAMILIES_FOLDER,
): Promise<Loaded> {
  const errors: FamilyFileError[] = [];
  const sources = new Map<string, string>();
  const read = (file: string, isNamed: boolean) => {
    try {
      sources.set(file, readSource(file, isNamed));
    } catch (error) {
      errors.push(familyFileError(file, error));
    }
  };
  named.forEach((file) => read(file, true));
  try {
    filesIn(folder).forEach((file) => read(file, false));
    for (const name of unreadNames(folder)) {
      const cause = `'${name}' is not loaded: its name is not UTF-8`;
      errors.push(new FamilyFileError(folder, cause));
    }
  } catch (error) {
    errors.push(familyFileError(folder, error));
  }

  // a thread that finds none left ends the whole program
  let room = Math.floor(
    countFree(sources.size * DESCRIPTORS_EACH) / DESCRIPTORS_EACH,
  );
  const threads: { file: string; thread: Thread }[] = [];
  for (const [file, source] of sources) {
    try {
      if (room-- < 1) {
        const cause = `takes ${DESCRIPTORS_EACH} free descriptors (ulimit -n)`;
        throw new FamilyFileError(file, cause);
      }
      const load = await javaScriptOf(file, source);
      const thread = new Thread(file, say);
      threads.push({ file, thread });
      thread.load(load);
    } catch (error) {
      errors.push(familyFileError(file, error));
    }
  }
  const taken = new Set(families.flatMap((f) => [f.name, ...f.words ?? []]));
  const plugins: Plugin[] = [];
  for (const { file, thread } of threads) {
    let plugin: Plugin;
    try {
      plugin = Plugin.loaded(file, thread);
    } catch (error) {
      thread.close();
      errors.push(familyFileError(file, error));
      continue;
    }
    const { name, words } = plugin.family;
    const claimed = [name, ...words ?? []].find((word) => taken.has(word));
    if (claimed !== undefined) {
      const cause = `claims the name '${claimed}', which is taken`;
      errors.push(new FamilyFileError(plugin.file, cause));
      plugin.close();
      continue;
    }
    [name, ...words ?? []].forEach((word) => taken.add(word));
    plugins.push(plugin);
  }
  return { plugins, errors };
}

/** A source without types. */
async function javaScriptOf(file: string, source: string): Promise<string> {
  if (!file.endsWith(".ts")) return source;
  try {
    return await stripTypes(source);
  } catch (error) {
    throw new FamilyFileError(file, faultOf(error, source));
  }
}

/** How many descriptors are free, if fewer than `most`. */
function countFree(most: number): number {
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < most) files.push(Deno.openSync("/proc/self/exe"));
  } catch {
    // there are no more
  }
  files.forEach((file) => file.close());
  return files.length;
}

/** Where the results of a check go, as byte strings. */
export interface Told {
  /** What is well. */
  good(line: string): void;
  /** What is wrong. */
  bad(line: string): void;
}

/** Tries the files that were named on a good table. Returns the exit status. */
export async function checkPlugins(
  plugins: readonly Plugin[],
  asked: Asked,
  list: ListAll,
  { good, bad }: Told,
): Promise<number> {
  if (asked.familyFiles.length === 0) {
    bad("netstat: --check-family needs the file to be checked: --family FILE");
    return 1;
  }
  const fixture = fixtureAt(fromUtf8(asked.fixture!));
  if (typeof fixture === "string") {
    bad(`netstat: --check-family ${fixture}`);
    return 1;
  }
  const named = plugins.filter(({ file }) =>
    asked.familyFiles.includes(toUtf8(file))
  );
  let status = named.length === asked.familyFiles.length ? 0 : 1;
  for (const plugin of named) {
    const { file } = plugin;
    try {
      const { faults, summary } = await plugin.check(
        fixture,
        asked,
        list,
      );
      if (faults.length === 0) {
        good(toUtf8(`${file}: OK: ${summary}`));
        continue;
      }
      for (const fault of faults) {
        bad(toUtf8(`netstat: family file ${file}${fault}`));
      }
    } catch (error) {
      if (!(error instanceof FamilyFileError)) throw error;
      bad(`netstat: ${error.message}`);
    }
    status = 1;
  }
  return status;
}

/** What a family is tried on, or why it cannot be. */
function fixtureAt(path: string): Fixture | string {
  try {
    const { isDirectory, isFile } = Deno.statSync(path);
    if (isDirectory) return { root: path };
    if (!isFile) return toUtf8(`${path}: Not a regular file`);
    return { bytes: Deno.readFileSync(path) };
  } catch (error) {
    return toUtf8(`${path}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/, "");
}

function familyFileError(file: string, error: unknown): FamilyFileError {
  if (error instanceof FamilyFileError) return error;
  return new FamilyFileError(file, reasonOf(error));
}

/** The family files in the folder, if it is there and nobody else can write to it. */
function filesIn(folder: string): string[] {
  try {
    Deno.lstatSync(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return [];
  }
  const parent = folder.replace(/\/[^/]*$/, "");
  for (const path of [parent, folder]) mustBeRoots(path, Deno.lstatSync(path));
  return Array.from(Deno.readDirSync(folder), (entry) => entry.name)
    .filter((name) => FAMILY_FILE.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/**
 * Names of family files that the runtime passes over since they are not UTF-8, with
 * a `?` for each byte of them that is not ASCII.
 */
function unreadNames(folder: string): string[] {
  const descriptor = libc.openFolder(folder);
  if (descriptor < 0) return [];
  const names: string[] = [];
  libc.eachName(descriptor, (bytes, start, end) => {
    const name = bytes.subarray(start, end);
    if (isUtf8(name)) return;
    const text = byteString(name);
    if (FAMILY_FILE.test(text)) names.push(text.replace(/[^ -~]/g, "?"));
  });
  libc.closeDescriptor(descriptor);
  return names;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a file. One of the folder must be root's, whoever runs it; one that was named
 * must be root's if root runs it.
 */
function readSource(file: string, named: boolean): string {
  if (!/\.(js|ts)$/.test(file)) {
    throw new FamilyFileError(file, "its name ends neither in .js nor in .ts");
  }
  if (!named && Deno.lstatSync(file).isSymlink) {
    throw new FamilyFileError(file, "is a symbolic link");
  }
  const path = named && isRoot() ? rootsPath(file) : file;
  // a FIFO would hang before it can be looked at
  if (!Deno.statSync(path).isFile) {
    throw new FamilyFileError(file, "is not a regular file");
  }
  using opened = Deno.openSync(path);
  const info = opened.statSync();
  if (!info.isFile) throw new FamilyFileError(file, "is not a regular file");
  if (!named || isRoot()) mustBeRoots(file, info);
  if (info.size > SOURCE_MOST) {
    throw new FamilyFileError(file, `is longer than ${SOURCE_MOST} bytes`);
  }
  const bytes = new Uint8Array(SOURCE_MOST);
  let length = 0;
  for (;;) {
    const got = opened.readSync(bytes.subarray(length));
    if (got === null || got === 0) break;
    length += got;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function mustBeRoots(path: string, info: Deno.FileInfo): void {
  const cause = notOnlyRoots(info);
  if (cause !== undefined) throw new FamilyFileError(path, cause);
}

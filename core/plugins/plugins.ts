/**
 * Family files that are loaded at run time: named by `--family`, or found in
 * `/etc/netstat/families`. Each runs in a thread of its own, so that one that hangs
 * can be ended and the others still print.
 *
 * @module
 */

import type { Fixture, Verdict } from "./check_family.ts";
import type { Family } from "../contract/family.ts";
import * as libc from "../system/libc.ts";
import { byteString, fromUtf8, toUtf8 } from "../contract/line.ts";
import type { Asked } from "../args/options.ts";
import { isRoot, notOnlyRoots, rootsPath } from "../system/privilege.ts";
import {
  type Described,
  FamilyFileError,
  Thread,
  wrongRows,
} from "./thread.ts";
import { FAMILIES_FOLDER } from "../views/registry.ts";

/** A family file is longer than this by mistake only. */
const SOURCE_MOST = 1 << 20;

/** What a family file in the folder is called. */
const FAMILY_FILE = /^[^_].*\.(js|ts)$/s;

/** What the thread of a family file opens at its start, and to strip types. */
const DESCRIPTORS_EACH = 8;

/** Receives what a family file lists. */
export interface Listener {
  /** Rows, in the format that was asked for: lines of text, or of JSON objects. */
  rows(bytes: Uint8Array): void;
  /** A message for the user. */
  warning(text: string): void;
}

/** A family file that was loaded, and the thread that it runs in. */
export class Plugin {
  readonly #thread: Thread;
  /** Whether the user was told that it cannot go on. */
  #ended = false;

  private constructor(
    readonly file: string,
    readonly family: Described,
    thread: Thread,
  ) {
    this.#thread = thread;
  }

  /**
   * Loads a file; `say` tells the user what it says itself. Throws a
   * {@linkcode FamilyFileError}.
   */
  static async load(
    file: string,
    source: string,
    say: (text: string) => void,
  ): Promise<Plugin> {
    const thread = new Thread(file, say);
    const typescript = file.endsWith(".ts");
    try {
      const reply = await thread.ask({ load: source, typescript });
      if ("loaded" in reply) return new Plugin(file, reply.loaded, thread);
      throw new FamilyFileError(file, "is silent");
    } catch (error) {
      thread.close();
      throw error;
    }
  }

  /** Shows the family's sockets. A family that fails costs nothing else. */
  async show(asked: Asked, listener: Listener): Promise<number> {
    if (this.#ended) return 1;
    const { name } = this.family;
    try {
      const reply = await this.#thread.ask({ list: asked }, {
        rows: (lines) => {
          const wrong = asked.format === "text"
            ? undefined
            : wrongRows(lines, name);
          if (wrong !== undefined) throw new FamilyFileError(this.file, wrong);
          listener.rows(lines);
        },
        warning: listener.warning,
      });
      return "status" in reply ? reply.status : 1;
    } catch (error) {
      this.close();
      if (!(error instanceof FamilyFileError)) throw error;
      listener.warning(`netstat: ${error.message}`);
      return 1;
    }
  }

  /** Tries the family on a good table. Throws a {@linkcode FamilyFileError}. */
  async check(fixture: Fixture, asked: Asked): Promise<Verdict> {
    const reply = await this.#thread.ask({ check: fixture, asked });
    if ("verdict" in reply) return reply.verdict;
    throw new FamilyFileError(this.file, "is silent");
  }

  /** Ends the thread. */
  close(): void {
    this.#ended = true;
    this.#thread.close();
  }
}

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
  const room = countFree(sources.size * DESCRIPTORS_EACH) / DESCRIPTORS_EACH;
  const results = await Promise.allSettled(
    Array.from(sources, ([file, source], i) => {
      if (i + 1 <= room) return Plugin.load(file, source, say);
      const cause = `takes ${DESCRIPTORS_EACH} free descriptors (ulimit -n)`;
      return Promise.reject(new FamilyFileError(file, cause));
    }),
  );
  const taken = new Set(families.flatMap((f) => [f.name, ...f.words ?? []]));
  const plugins: Plugin[] = [];
  for (const result of results) {
    if (result.status === "rejected") {
      errors.push(familyFileError("", result.reason));
      continue;
    }
    const plugin = result.value;
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
      const { faults, summary } = await plugin.check(fixture, asked);
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

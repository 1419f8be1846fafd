/**
 * Family files that are loaded at run time: named by `--family`, or found in
 * `/etc/netstat/families`. Each runs in a thread of its own, so that one that hangs
 * can be ended and the others still print.
 *
 * @module
 */

import { PLUGIN_WORKER } from "embedded";
import type { Family } from "./family.ts";
import type { Asked } from "./options.ts";
import { isRoot, notOnlyRoots, rootsPath } from "./privilege.ts";
import { FAMILIES_FOLDER } from "./registry.ts";
import type { Report } from "./report.ts";

/** A family file is longer than this by mistake only. */
const SOURCE_MOST = 1 << 20;

/** A thread that shows no sign of life for so long hangs, in milliseconds. */
const PATIENCE = 5000;

/** What the thread of a family file opens at its start, and to strip types. */
const DESCRIPTORS_EACH = 8;

/** What the main thread asks of a plugin's thread. */
export type Request =
  | { readonly load: string; readonly typescript: boolean }
  | { readonly list: Asked };

/** What a plugin's thread says. */
export type Reply =
  | { readonly loaded: Described }
  | { readonly alive: true }
  | { readonly rows: Uint8Array }
  | { readonly warning: string }
  | { readonly status: number }
  | { readonly fault: string };

/** What the options need to know of a family. */
export type Described = Pick<Family, "name" | "words" | "hidden">;

/** Something is wrong with a family file; the message names it. */
export class FamilyFileError extends Error {
  /** The message is `family file FILE: CAUSE`. */
  constructor(readonly file: string, cause: string) {
    super(`family file ${file}: ${cause}`);
  }
}

/** Receives what a plugin lists. */
export interface Listener {
  /** Rows, in the format that was asked for: lines of text, or of JSON objects. */
  rows(bytes: Uint8Array): void;
  /** A message for the user. */
  warning(text: string): void;
}

/** A family file that was loaded, and the thread that it runs in. */
export class Plugin {
  readonly #worker: Worker;
  #ended = false;

  private constructor(
    readonly file: string,
    readonly family: Described,
    worker: Worker,
  ) {
    this.#worker = worker;
  }

  /** Loads a file. Throws a {@linkcode FamilyFileError}. */
  static async load(file: string, source: string): Promise<Plugin> {
    // a name that is not embedded would be looked for in /tmp
    const worker = new Worker(PLUGIN_WORKER, { type: "module" });
    const typescript = file.endsWith(".ts");
    try {
      const reply = await converse(worker, file, { load: source, typescript });
      if (!("loaded" in reply)) throw new FamilyFileError(file, "is silent");
      return new Plugin(file, reply.loaded, worker);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** Lists the family's sockets. Throws a {@linkcode FamilyFileError}. */
  async #list(asked: Asked, listener: Listener): Promise<number> {
    if (this.#ended) return 1;
    try {
      const request = { list: asked };
      const reply = await converse(this.#worker, this.file, request, listener);
      return "status" in reply ? reply.status : 1;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Shows the family's sockets. A family that fails costs nothing else. */
  async show(asked: Asked, report: Report): Promise<number> {
    try {
      return await this.#list(asked, {
        rows: (lines) => report.rendered(lines),
        warning: (text) => report.warn(text),
      });
    } catch (error) {
      if (!(error instanceof FamilyFileError)) throw error;
      report.warn(`netstat: ${error.message}`);
      return 1;
    }
  }

  /** Ends the thread. */
  close(): void {
    this.#ended = true;
    this.#worker.terminate();
  }
}

/** Asks something of a plugin's thread and waits until it has done that. */
function converse(
  worker: Worker,
  file: string,
  request: Request,
  listener?: Listener,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string) => {
      clearTimeout(timer);
      reject(new FamilyFileError(file, cause));
    };
    const hang = () => fail(`hangs: no sign of life for ${PATIENCE / 1000} s`);
    let timer = setTimeout(hang, PATIENCE);

    worker.onerror = (event) => {
      event.preventDefault();
      fail(event.message);
    };
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      clearTimeout(timer);
      timer = setTimeout(hang, PATIENCE);
      try {
        if ("rows" in data) listener?.rows(data.rows);
        else if ("warning" in data) listener?.warning(data.warning);
        else if ("fault" in data) fail(data.fault);
        else if (!("alive" in data)) {
          clearTimeout(timer);
          resolve(data);
        }
      } catch (error) {
        // stdout cannot be written to
        clearTimeout(timer);
        reject(error);
      }
    };
    worker.postMessage(request);
  });
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
 * names. A name that a family has already is taken.
 */
export async function loadPlugins(
  named: readonly string[],
  families: readonly Pick<Family, "name" | "words">[],
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
  } catch (error) {
    errors.push(familyFileError(folder, error));
  }

  // a thread that finds none left ends the whole program
  const room = countFree(sources.size * DESCRIPTORS_EACH) / DESCRIPTORS_EACH;
  const results = await Promise.allSettled(
    Array.from(sources, ([file, source], i) => {
      if (i + 1 <= room) return Plugin.load(file, source);
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

function familyFileError(file: string, error: unknown): FamilyFileError {
  if (error instanceof FamilyFileError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new FamilyFileError(file, text.replace(/ \(os error \d+\).*$/, ""));
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
    .filter((name) => /\.(js|ts)$/.test(name) && !name.startsWith("_"))
    .sort()
    .map((name) => `${folder}/${name}`);
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

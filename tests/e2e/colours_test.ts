/** Colours of the compiled executable, on a terminal and off it. */

import assert from "node:assert/strict";
import { NETSTAT, REFERENCE } from "./namespace.ts";

/** What a program prints, with nothing in its environment but this. */
async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const command = new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C", ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
  return new TextDecoder().decode(stdout);
}

/** What a program prints on a terminal, whose newlines have a return. */
async function onTerminal(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<string> {
  const command = [program, ...args].join(" ");
  const printed = await run("script", ["-qec", command, "/dev/null"], env);
  return printed.replaceAll("\r\n", "\n");
}

const TERM = "xterm";

const CASES: {
  args: string[];
  env: Record<string, string>;
  coloured: boolean;
}[] = [
  { args: [], env: { TERM }, coloured: false },
  { args: ["--color=never"], env: { TERM }, coloured: false },
  { args: ["--color=auto"], env: { TERM }, coloured: true },
  { args: ["--color=auto"], env: { TERM, NO_COLOR: "" }, coloured: true },
  { args: ["--color=auto"], env: { TERM, NO_COLOR: "0" }, coloured: false },
  { args: ["--color=auto"], env: { TERM: "dumb" }, coloured: false },
  { args: ["--color=auto"], env: { TERM: "" }, coloured: false },
  { args: ["--color=always"], env: { TERM, NO_COLOR: "1" }, coloured: true },
  { args: ["--color=always"], env: { TERM: "dumb" }, coloured: true },
  { args: ["--color=always", "--json"], env: { TERM }, coloured: false },
];

for (const { args, env, coloured } of CASES) {
  const name = [...Object.entries(env).map((e) => e.join("=")), ...args];
  Deno.test(`colours on a terminal: ${name.join(" ")}`, async () => {
    const printed = await onTerminal(NETSTAT, ["-rn", ...args], env);
    assert.match(printed, args.includes("--json") ? /^\[/ : /Kernel IP/);
    assert.equal(printed.includes("\x1b"), coloured);
  });
}

Deno.test("colours on a terminal: without them it is net-tools' text", async () => {
  for (const args of [["-rn"], ["-gn"]]) {
    const want = await onTerminal(REFERENCE, args, { TERM });
    assert.equal(await onTerminal(NETSTAT, args, { TERM }), want);
  }
});

Deno.test("colours in a pipe: only if always", async () => {
  const plain = await run(NETSTAT, ["-rn"], { TERM });
  const auto = await run(NETSTAT, ["-rn", "--color=auto"], { TERM });
  const always = await run(NETSTAT, ["-rn", "--color=always"]);
  assert.equal(auto, plain);
  assert.notEqual(always, plain);
  // deno-lint-ignore no-control-regex
  assert.equal(always.replaceAll(/\x1b\[[\d;]*m/g, ""), plain);
});

/** A family that writes what it is told as if it were its own text. */
const FAMILY = `export default ({ left }) => ({
  name: "careless", about: "Test", tables: [{
    name: "careless",
    sources: [{ path: "/proc/net/careless", proto: "p", rank: 1 }],
    frozen: { title: { text: () => "Careless", always: false } },
    columns: {
      word: left("Word", 12, (row) => row.word, "Word."),
      state: left("State", 8, (row) => row.word, "State.", {
        tone: (row) => row.word.startsWith("a") ? "listening" : "no such tone",
      }),
    },
    lineLimit: 200,
    row: () => ({ word: "" }),
    parse(line, row) { row.word = line.text(line.start, line.end); return true; },
    keep: () => true,
  }],
});`;

Deno.test("colours of a family file, and hostile text in its rows", async () => {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    await Deno.mkdir(`${root}/proc/net`, { recursive: true });
    const hostile = "header\na\x1b[31mb\nb\x1b[0mc\x1b[2J\n";
    await Deno.writeTextFile(`${root}/proc/net/careless`, hostile);
    await Deno.writeTextFile(`${root}/careless.js`, FAMILY);
    const file = `${root}/careless.js`;
    const args = ["--root", root, "--family", file, "-A", "careless"];
    const rows = async (...more: string[]) => {
      const printed = await run(NETSTAT, [...args, ...more]);
      return printed.split("\n").map((line) => line.trimEnd());
    };
    assert.deepEqual(await rows(), [
      "Careless",
      "Word         State",
      "a.[31mb      a.[31mb",
      "b.[0mc.[2J   b.[0mc.[2J",
      "",
    ]);
    assert.deepEqual(await rows("--color=always"), [
      "\x1b[1mCareless\x1b[0m",
      "Word         State",
      "a.[31mb      \x1b[1;36ma.[31mb\x1b[0m",
      "b.[0mc.[2J   b.[0mc.[2J",
      "",
    ]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

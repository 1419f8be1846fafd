/** Family files on the compiled executable: docs/families.md is followed to the letter. */

import assert from "node:assert/strict";
import { NETSTAT } from "./namespace.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PROTOCOLS = `protocol  size sockets  memory press maxhdr  slab module
TCP       2368      1       0   no     320   yes  kernel
`;

interface Ran {
  stdout: string;
  stderr: string;
  code: number;
}

async function run(program: string, ...args: string[]): Promise<Ran> {
  const command = new Deno.Command(program, {
    args,
    cwd: ROOT,
    env: { LC_ALL: "C" },
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { stdout: text(stdout), stderr: text(stderr), code };
}

async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    await Deno.mkdir(`${folder}/proc/net`, { recursive: true });
    await Deno.writeTextFile(`${folder}/proc/net/protocols`, PROTOCOLS);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A family file whose table is changed by `change`. */
function source(name: string, change = ""): string {
  return `export default ({ foreign, fact }) => ({
    name: "${name}", about: "Test", tables: [{
      name: "${name}",
      sources: [{ path: "/proc/net/protocols", proto: "p", rank: 1 }],
      frozen: { title: { text: () => "Title of ${name}", always: false } },
      columns: { word: foreign("Word", 4, (row) => row.word, "Word.") },
      lineLimit: 200,
      row: () => ({ word: "" }),
      parse(line, row) { row.word = line.text(line.start, line.start + 3); return true; },
      keep: () => true,
      ${change}
    }],
  });`;
}

Deno.test("docs/families.md: its commands print what it says", async () => {
  const page = await Deno.readTextFile(`${ROOT}docs/families.md`);
  assert.ok(page.split("\n").length < 150);
  const [, session] = /```console\n(.*?)```/s.exec(page)!;
  const messages = /```text\n(.*?)```/s.exec(page)![1]!;
  let stderr = "";
  let commands = 0;
  for (const part of session!.split(/^\$ /m).slice(1)) {
    const [command, ...output] = part.split("\n");
    const line = command!.replace("dist/netstat", NETSTAT);
    const ran = await run("sh", "-c", line);
    assert.equal(ran.stdout, output.join("\n"), command);
    stderr += ran.stderr;
    commands++;
  }
  assert.equal(commands, 3);
  assert.equal(stderr, messages);
});

Deno.test("docs/families.md: its code is the example's", async () => {
  const page = await Deno.readTextFile(`${ROOT}docs/families.md`);
  const example = await Deno.readTextFile(`${ROOT}docs/arp.ts`);
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map((m) => m[1]!);
  assert.equal(blocks.length, 1);
  const bare = (text: string) => text.replace(/^\s+/gm, "");
  for (const block of blocks) assert.ok(bare(example).includes(bare(block)));
});

Deno.test("the example is built in by being put into families/", async () => {
  await inFolder(async (folder) => {
    const files = ["main.ts", "core", "families", "render", "deno.json"];
    await run("cp", "-r", ...files, folder);
    await Deno.copyFile(`${ROOT}docs/arp.ts`, `${folder}/families/arp.ts`);
    const args = ["--root", `${ROOT}docs/arp`, "-A", "arp", "--ndjson"];
    const ran = await run(
      `${ROOT}denow`,
      "run",
      "-A",
      `${folder}/main.ts`,
      ...args,
    );
    assert.equal(JSON.parse(ran.stdout).hardware_address, "00:00:5e:00:53:01");
    assert.equal(ran.code, 0);
  });
});

Deno.test("a family file beside the families that are built in", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.js`, source("a"));
    const options = ["--family", `${folder}/a.js`, "--root", folder];
    const all = await run(NETSTAT, ...options, "-n");
    assert.match(all.stdout, /^Active Internet.*\n.*\nActive UNIX.*\n.*\n/);
    assert.match(all.stdout, /\nTitle of a\nWord\nTCP \n$/);
    const json = await run(NETSTAT, ...options, "--json");
    assert.deepEqual(JSON.parse(json.stdout), [{ family: "a", word: "TCP" }]);
    const tcp = await run(NETSTAT, ...options, "-4");
    assert.doesNotMatch(tcp.stdout, /Title of a/);
  });
});

/** A mistake of an author's, and what is said behind the file's name. */
interface Mistake {
  readonly name: string;
  readonly text: string;
  readonly want: string;
  /** `js` unless given. */
  readonly ending?: "ts";
  readonly args?: readonly string[];
}

/** A family file in which one thing is written otherwise. */
function edited(from: string, to: string): string {
  const good = source("bad");
  assert.ok(good.includes(from), from);
  return good.replace(from, to);
}

const IMPORTS = "it imports another file: a family file is a whole, and only " +
  "types can be imported, by `import type`";
const HANGS = ": hangs: no sign of life for 5 s";

const mistakes: readonly Mistake[] = [
  {
    name: "exports nothing",
    text: "const family = 1;",
    want: ": it has no default export: it must export a function, " +
      "`export default (kit) => ({ name, about, tables })`",
  },
  {
    name: "exports the family itself",
    text: 'export default { name: "bad" };',
    want:
      ":1:8: its default export is not a function but an object: it must be " +
      "one that returns the family",
  },
  {
    name: "exports a function without a return",
    text: "export default () => { name: 1 };",
    want: ":1:8: its function returns no family but undefined: is there a " +
      "`return`, or are there braces without brackets around them?",
  },
  {
    name: "throws when it is loaded",
    text: '\n  throw new Error("ouch")',
    want: ":2:9: ouch",
  },
  {
    name: "throws what is no error",
    text: 'throw "ouch"',
    want: ": throws ouch: throw an Error, which has a place",
  },
  {
    name: "has a mistake of syntax in JavaScript",
    text: "let a = 1;\nlet b = = 3;",
    want: ":2:9: SyntaxError: Unexpected token '='",
  },
  {
    name: "has a mistake of syntax in TypeScript",
    ending: "ts",
    text: "\nconst a: number = ;",
    want: ":2:19: SyntaxError: Expression expected",
  },
  {
    name: "ends too early",
    text: "export default (\n",
    want: ":2:1: SyntaxError: Unexpected end of input",
  },
  {
    name: "has an enum",
    ending: "ts",
    text: "\n  enum State { Open }",
    want:
      ":2:3: TypeScript enum is more than a type, and types are only taken " +
      "out: say it in JavaScript",
  },
  {
    name: "throws in its function, in TypeScript",
    ending: "ts",
    text: "type A = { b: string };\nexport default (): A => {\n" +
      "  const none: A | null = null as unknown as null;\n  return none.b;\n};",
    want: ":4:15: TypeError: Cannot read properties of null (reading 'b')",
  },
  {
    name: "imports another file",
    text: '// import this\nimport "./good.js"; export default 1',
    want: `:2:1: ${IMPORTS}`,
  },
  {
    name: "imports a package",
    text: 'import x from "npm:good"; export default 1',
    want: `:1:1: ${IMPORTS}`,
  },
  {
    name: "imports a file by its address",
    text: 'import x from "file:///etc/hostname"; export default 1',
    want: `:1:1: ${IMPORTS}`,
  },
  {
    name: "imports at run time",
    text: '"from import"; const fs = await import("node:fs")',
    want: `:1:33: ${IMPORTS}`,
  },
  {
    name: "exports from another file",
    text: 'export * from "./good.js"; export default 1',
    want: `:1:10: ${IMPORTS}`,
  },
  {
    name: "imports types as values",
    ending: "ts",
    text: 'import { Kit } from "./netstat.d.ts"; export default 1',
    want: `:1:1: ${IMPORTS}`,
  },
  {
    name: "waits for ever when it is loaded",
    text: "await new Promise(() => {});",
    want: ": it waits for ever: its `await` does not end",
  },
  {
    name: "has no name",
    text: edited('name: "bad", about', "about"),
    want: ": 'name' (a string) is missing",
  },
  {
    name: "has a name in capitals",
    text: edited('name: "bad", about', 'name: "Bad", about'),
    want: `: 'name' is the string "Bad": it must be a word of lower-case ` +
      "letters, digits and '-'",
  },
  {
    name: "claims a taken name",
    text: source("inet"),
    want: ": claims the name 'inet', which is taken",
  },
  {
    name: "claims a taken word",
    text: edited("about:", 'words: ["ip6"], about:'),
    want: ": claims the name 'ip6', which is taken",
  },
  {
    name: "has no table",
    text: 'export default () => ({ name: "bad", about: "Test" });',
    want: ": family 'bad': 'tables' (an array) is missing",
  },
  {
    name: "has no source",
    text: source("bad", "sources: [],"),
    want: ": table 'bad': 'sources' is empty: name the kernel's file",
  },
  ...["/etc/passwd", "/proc/../etc/shadow", "/proc/self/root/etc/shadow"].map((
    path,
  ) => ({
    name: `has the source ${path}`,
    text: edited("/proc/net/protocols", path),
    want: `:4:26: table 'bad': the source '${path}' is no table of the ` +
      "kernel's: it must be a file below /proc or /sys, not one that leads " +
      "elsewhere",
  })),
  {
    name: "has a key that there is none of",
    text: edited("about:", "hiden: true, about:"),
    want: ":2:18: family 'bad': there is no key 'hiden'; is it 'hidden'?",
  },
  {
    name: "has a key of a table that there is none of",
    text: source("bad", "keeps: () => true"),
    want: ":11:7: table 'bad': there is no key 'keeps'; is it 'keep'?",
  },
  {
    name: "has a title outside of what stands around the rows",
    text: source("bad", 'title: { text: () => "Bad" },'),
    want: ": table 'bad': there is no key 'title'; it belongs into 'frozen'",
  },
  {
    name: "has a header outside of the cell",
    text: source("bad", 'columns: { a: { header: "A" } },'),
    want: ":11:23: table 'bad': column 'a': there is no key 'header'; it " +
      "belongs into 'cell'",
  },
  {
    name: "has routes that are no routes",
    text: edited("about:", "routes: [], about:"),
    want: ":2:18: family 'bad': 'routes' is not an object but an array",
  },
  {
    name: "has routes without tables",
    text: edited("about:", "routes: { tables: () => 1 }, about:"),
    want:
      ":2:18: family 'bad': 'routes' gives the number 1: it must give tables",
  },
  {
    name: "has a table of routes without a parser",
    text: edited(
      "about:",
      "routes: { tables: async () => [{ name: 'r', sources: " +
        "[{ path: '/proc/net/r' }], columns: {}, frozen: {}, lineLimit: 9, " +
        "row: () => ({}) }] }, about:",
    ),
    want: ": table 'r': 'parse' (a function) is missing",
  },
  {
    name: "has groups that are no table",
    text: edited("about:", "groups: [7], about:"),
    want: ":2:18: family 'bad': a table is not an object",
  },
  {
    name: "has translated connections that are no function",
    text: edited("about:", "masquerade: [], about:"),
    want: ":2:18: family 'bad': 'masquerade' is not a function but an array",
  },
  {
    name: "has counters of a file elsewhere",
    text: edited(
      "about:",
      "statistics: async () => ({ sections: {}, files: " +
        "[{ path: '/etc/shadow', layout: 'pairs' }] }), about:",
    ),
    want: ":2:76: family 'bad': statistics: the source '/etc/shadow' is no " +
      "table of the kernel's: it must be a file below /proc or /sys, not one " +
      "that leads elsewhere",
  },
  {
    name: "has a source of netlink",
    text: edited("rank: 1 }", "rank: 1, diag: {} }"),
    want:
      ":4:69: table 'bad': source: 'diag' is for families that are built in",
  },
  {
    name: "has a rule that is no text",
    text: edited("frozen: {", "frozen: { rule: 1,"),
    want: ":5:17: table 'bad': frozen: 'rule' is not a string but the number 1",
  },
  {
    name: "says the program's own sockets are there, and not which",
    text: source("bad", "ours: true,"),
    want: ":11:7: table 'bad': 'ours' needs 'inode'",
  },
  {
    name: "says something else of a malformed line",
    text: source(
      "bad",
      "parse: () => false, frozen: { title: { text: () => '', always: false }, " +
        "malformed: () => 'bad' }",
    ),
    want:
      ":11:79: table 'bad': 'malformed' returns the string \"bad\": it must " +
      "return { text, listed, status }",
  },
  {
    name: "writes JSON by itself",
    text: source(
      "bad",
      'columns: { a: { ...fact("string", () => "", "A."), ' +
        'put(out) { out.ascii("x"); } } },',
    ),
    want:
      ":11:58: table 'bad': column 'a': 'put' is for families that are built in",
  },
  {
    name: "has a column without a width",
    text: source(
      "bad",
      'columns: { a: { kind: "string", about: "A.", value: ' +
        '() => "", cell: { header: "A" } } },',
    ),
    want: ": table 'bad': column 'a': cell: 'width' (a number) is missing",
  },
  {
    name: "has a column that is too wide",
    text: edited('"Word", 4,', '"Word", 60000,'),
    want:
      ":6:18: table 'bad': column 'word': cell: 'width' is the number -60000: it " +
      "must be a whole number from -1000 to 1000",
  },
  {
    name: "has a header that is a number",
    text: source(
      "bad",
      'columns: { a: { cell: { header: 1, width: 1 }, kind: "string", ' +
        'about: "A.", value: () => "" } },',
    ),
    want:
      ":11:31: table 'bad': column 'a': cell: 'header' is not a string but the " +
      "number 1",
  },
  {
    name: "has a kind that there is none of",
    text: source("bad", 'columns: { size: fact("float", () => 1, "Size.") },'),
    want: ":11:18: table 'bad': column 'size': its kind 'float' is none of " +
      "integer, ratio, duration, boolean, string, name, address, port, strings, objects",
  },
  ...[
    ["needs", "diag", "names, owner, holders, context"],
    [
      "unit",
      "miles",
      "bytes, bytes per second, microseconds, milliseconds, packets, pages, " +
      "seconds, segments",
    ],
    ["set", "mine", "owner, tcp, memory, backlog, peer, place"],
  ].map(([key, word, words]) => ({
    name: `has a column with the ${key} ${word}`,
    text: source(
      "bad",
      `columns: { size: fact("integer", () => 1, "Size.", { ${key}: "${word}" }) },`,
    ),
    want:
      `:11:18: table 'bad': column 'size': its ${key} '${word}' is none of ${words}`,
  })),
  {
    name: "has a column called family",
    text: source(
      "bad",
      'columns: { family: fact("integer", () => 1, "It.") },',
    ),
    want:
      ":11:18: table 'bad': column 'family': every row has this key already",
  },
  {
    name: "has a column in camel case",
    text: source("bad", 'columns: { sendQ: fact("integer", () => 1, "It.") },'),
    want: ":11:18: table 'bad': column 'sendQ': its key is not in snake_case",
  },
  {
    name: "forgets what parse returns",
    text: source("bad", "parse(line, row) { row.word = 'a'; },"),
    want:
      ": table 'bad': 'parse' returns undefined: it must return true for a " +
      "good line, false for a malformed one",
  },
  {
    name: "forgets what keep returns",
    text: edited("keep: () => true", "keep(row) { row.word; }"),
    want:
      ":10:7: table 'bad': 'keep' returns undefined: it must return true for a " +
      "row that the view lists, false for another",
  },
  {
    name: "has no row",
    text: edited('row: () => ({ word: "" }),', ""),
    want: ": table 'bad': 'row' (a function) is missing",
  },
  {
    name: "returns no row",
    text: edited('row: () => ({ word: "" }),', 'row: () => { word: "" },'),
    want:
      ":8:7: table 'bad': 'row' returns undefined: it must return an object, " +
      "which 'parse' fills",
  },
  {
    name: "throws on a line",
    text: source("bad", "parse(line, row) {\n row.word = line.words();\n},"),
    want: ":12:18: TypeError: line.words is not a function",
  },
  ...[[], ["--json"]].flatMap((args) => [
    {
      name: `has a value of another type ${args}`,
      text: source(
        "bad",
        'columns: { size: { ...fact("integer", () => "x", "Size."), ' +
          'cell: { header: "Size", width: 4, write() {} } } },',
      ),
      args,
      want:
        ":11:18: table 'bad': column 'size': it says that it is 'integer', " +
        'but its value is the string "x": use `Number` or `BigInt`',
    },
    {
      name: `has no value ${args}`,
      text: edited("(row) => row.word", "(row) => row.wrod"),
      args,
      want:
        ":6:18: table 'bad': column 'word': it says that it is 'string?', but " +
        "its value is undefined: return null for none, and declare it 'string?'",
    },
    {
      name: `has a fraction for a whole number ${args}`,
      text: source(
        "bad",
        'columns: { size: { ...fact("integer", () => 0 / 0, "Size."), ' +
          'cell: { header: "Size", width: 4 } } },',
      ),
      args,
      want:
        ":11:18: table 'bad': column 'size': it says that it is 'integer', " +
        "but its value is the number NaN: round it, declare it 'ratio', or return null",
    },
    {
      name: `throws in a value ${args}`,
      text: edited("(row) => row.word", "(row) => row.a.b"),
      args,
      want:
        ":6:58: TypeError: Cannot read properties of undefined (reading 'b')",
    },
  ]),
  {
    name: "writes more than there is room for",
    text: source(
      "bad",
      'columns: { long: { ...fact("string", (row) => row.word, "Word."), ' +
        'cell: { header: "Word", width: 4, ' +
        "write(out) { for (let i = 0; i < 90000; i++) out.byte(120); } } } },",
    ),
    want: ":11:18: table 'bad': column 'long': 'write' writes outside of the " +
      "81920 bytes that there are: it must ask `out.room(length)` first, and not " +
      "move `at` before its start",
  },
  {
    name: "hangs on a line",
    text: source("bad", "parse() { for (;;); },"),
    want: HANGS,
  },
  {
    name: "hangs in a value",
    text: edited("(row) => row.word", "(row) => { for (;;); }"),
    want: HANGS,
  },
  {
    name: "hangs when it is loaded",
    text: "for (;;);",
    want: HANGS,
  },
  {
    name: "makes a row that is too large",
    text: source(
      "bad",
      "columns: { w: fact('string', () => 'x'.repeat(2e6), 'W.') },",
    ),
    args: ["--json"],
    want: ": RangeError: a row takes more than a megabyte",
  },
  {
    name: "has an inode that is none",
    text: source("bad", "inode: () => 'x',"),
    want:
      ":11:7: table 'bad': 'inode' returns the string \"x\": it must return " +
      "a whole number",
  },
  // what a file could reach, and does not any more
  ...[
    [
      "reads a file",
      'Deno.readTextFileSync("/etc/shadow")',
      ":1:6: TypeError: Deno.readTextFileSync is not a function",
    ],
    [
      "opens a socket",
      "await Deno.connect({ port: 22 })",
      ":1:12: TypeError: Deno.connect is not a function",
    ],
    [
      "runs a program",
      'new Deno.Command("id")',
      ":1:1: TypeError: Deno.Command is not a constructor",
    ],
    [
      "ends the program",
      "Deno.exit(7)",
      ":1:6: TypeError: Deno.exit is not a function",
    ],
    [
      "writes to stdout",
      "Deno.stdout.writeSync(new Uint8Array([10]))",
      ":1:13: TypeError: Cannot read properties of undefined (reading 'writeSync')",
    ],
    [
      "ends its thread",
      "self.close()",
      ":1:1: ReferenceError: self is not defined",
    ],
    [
      "sends messages",
      "globalThis.postMessage({ status: 0 })",
      ":1:12: TypeError: globalThis.postMessage is not a function",
    ],
    [
      "makes code of text",
      "eval(\"import('node:fs')\")",
      ":1:1: ReferenceError: eval is not defined",
    ],
    [
      "makes functions of text",
      '(() => {}).constructor("return this")()',
      ":1:12: TypeError: code cannot be made of text in a family file",
    ],
    [
      "starts a thread",
      'new Worker("data:,")',
      ":1:1: ReferenceError: Worker is not defined",
    ],
    [
      "asks the network",
      'await fetch("http://127.0.0.1/")',
      ":1:1: ReferenceError: fetch is not defined",
    ],
    [
      "changes what the program is made of",
      "Array.prototype.map = () => []",
      ":1:21: TypeError: Cannot assign to read only property 'map' of object " +
      "'[object Array]'",
    ],
    [
      "fails where nobody catches it",
      'Promise.reject(new Error("late\\x1b[2J")); await new Promise(() => {})',
      ":1:16: late.[2J",
    ],
  ].map(([name, text, want]) => ({ name: name!, text: text!, want: want! })),
];

for (const { name, text, want, args = [], ending = "js" } of mistakes) {
  Deno.test(`a family file that ${name} costs nothing else`, async () => {
    await inFolder(async (folder) => {
      const bad = `${folder}/bad.${ending}`;
      await Deno.writeTextFile(bad, text);
      await Deno.writeTextFile(`${folder}/good.js`, source("good"));
      const files = ["--family", bad, "--family", `${folder}/good.js`];
      const ran = await run(NETSTAT, ...files, "--root", folder, ...args);
      assert.equal(ran.stderr, `netstat: family file ${bad}${want}\n`);
      assert.equal(ran.code, 1);
      if (args.includes("--json")) {
        const rows = JSON.parse(ran.stdout) as { family: string }[];
        assert.ok(rows.some(({ family }) => family === "good"));
      } else {
        assert.match(ran.stdout, /Active UNIX/);
        assert.match(ran.stdout, /Title of good\nWord\nTCP \n$/);
      }
    });
  });
}

Deno.test("the thread of a family file has no permissions, whatever it reaches", async (t) => {
  // where the program is not compiled, nothing is taken out of a file's reach
  const tries: Readonly<Record<string, string>> = {
    "read access": 'Deno.readTextFileSync("/etc/hostname")',
    "write access": 'Deno.writeTextFileSync("/tmp/x", "x")',
    "env access": 'Deno.env.get("HOME")',
    "run access": 'new Deno.Command("true").outputSync()',
    "net access": "await Deno.connect({ port: 22 })",
    "ffi access": 'Deno.dlopen("libc.so.6", {})',
    "sys access": "Deno.hostname()",
  };
  await inFolder(async (folder) => {
    for (const [access, text] of Object.entries(tries)) {
      await t.step(access, async () => {
        const bad = `${folder}/bad.js`;
        await Deno.writeTextFile(bad, text);
        const args = ["run", "-A", `${ROOT}main.ts`, "--family", bad];
        const ran = await run(`${ROOT}denow`, ...args, "--root", folder);
        assert.match(ran.stderr, /^netstat: family file .*: NotCapable: /);
        assert.ok(ran.stderr.includes(`Requires ${access}`), ran.stderr);
        assert.match(ran.stdout, /Active UNIX/);
        assert.equal(ran.code, 1);
      });
    }
  });
});

Deno.test("an error between loading and listing is the file's one error", async () => {
  await inFolder(async (folder) => {
    const late =
      'Promise.resolve().then(() => { throw new Error("l\\x1bte"); });';
    await Deno.writeTextFile(`${folder}/late.js`, late + source("late"));
    const options = ["--family", `${folder}/late.js`, "--root", folder];
    const { stderr, code, stdout } = await run(NETSTAT, ...options);
    assert.equal(
      stderr,
      `netstat: family file ${folder}/late.js:1:38: l.te\n`,
    );
    assert.match(stdout, /Active UNIX/);
    assert.equal(code, 1);
  });
});

Deno.test("console.log goes to stderr, without control bytes, and has an end", async () => {
  await inFolder(async (folder) => {
    const text =
      'console.log("a\\x1b[2Jé", { b: 1 }); console.error("x".repeat(9999));' +
      source("a", "parse(line, row) { for (;;) console.log(7); },");
    await Deno.writeTextFile(`${folder}/a.js`, text);
    const options = ["--family", `${folder}/a.js`, "--root", folder];
    const { stdout, stderr, code } = await run(NETSTAT, ...options, "--json");
    assert.deepEqual(JSON.parse(stdout), []);
    const says = `netstat: family file ${folder}/a.js says: `;
    const lines = stderr.trimEnd().split("\n");
    assert.equal(lines[0], `${says}a.[2Jé { b: 1 }`);
    assert.equal(lines[1], `${says}${"x".repeat(300)}`);
    assert.equal(lines.filter((line) => line === `${says}7`).length, 98);
    assert.equal(lines.at(-1), `netstat: family file ${folder}/a.js${HANGS}`);
    assert.equal(lines.length, 101);
    assert.equal(code, 1);
  });
});

Deno.test("a family is known by its name and by each of its words", async () => {
  await inFolder(async (folder) => {
    const text = source("wireguard").replace("about:", 'words: ["wg"], about:');
    await Deno.writeTextFile(`${folder}/a.js`, text);
    const options = ["--family", `${folder}/a.js`, "--root", folder];
    for (const word of ["wireguard", "wg"]) {
      const { stdout, code } = await run(NETSTAT, ...options, "-A", word);
      assert.equal(stdout, "Title of wireguard\nWord\nTCP \n");
      assert.equal(code, 0);
    }
  });
});

Deno.test("--help has families from files under a heading of theirs", async () => {
  await inFolder(async (folder) => {
    const text = source("wireguard")
      .replace('about: "Test"', 'words: ["wg"], about: "Tunnels\\x1b[2J"');
    await Deno.writeTextFile(`${folder}/a.js`, text);
    const { stdout, code } = await run(
      NETSTAT,
      ...["--family", `${folder}/a.js`, "--help"],
    );
    const [, listed] = /\nFamilies from files, as -A takes them:\n(.*?)\n\n/s
      .exec(stdout)!;
    assert.deepEqual(listed!.split("\n").map((line) => line.trim()), [
      `wireguard, wg${" ".repeat(22)}Tunnels.[2J`,
      `from ${folder}/a.js`,
    ]);
    assert.equal(code, 0);
    // what bash-completion takes for options is the same without the file
    const parse = ". /usr/share/bash-completion/bash_completion; " +
      '_parse_help - <"$0"';
    const options = async (text: string) => {
      await Deno.writeTextFile(`${folder}/help`, text);
      return (await run("bash", "-c", parse, `${folder}/help`)).stdout;
    };
    const without = (await run(NETSTAT, "--help")).stdout;
    assert.match(await options(without), /^--listening$/m);
    assert.equal(await options(stdout), await options(without));
  });
});

Deno.test("--family-types: an editor's checker finds a mistake by them", async () => {
  await inFolder(async (folder) => {
    const types = await run(NETSTAT, "--family-types");
    assert.equal(types.code, 0);
    await Deno.writeTextFile(`${folder}/netstat.d.ts`, types.stdout);
    const example = await Deno.readTextFile(`${ROOT}docs/arp.ts`);
    await Deno.writeTextFile(`${folder}/deno.json`, "{}");
    const check = async (text: string) => {
      await Deno.writeTextFile(`${folder}/arp.ts`, text);
      const deno = `${ROOT}denow`;
      return await run("env", "NO_COLOR=1", deno, "check", `${folder}/arp.ts`);
    };
    assert.equal((await check(example)).code, 0);
    const mistaken = [
      [
        "hidden: true",
        "hiden: true",
        /'hiden' does not exist in type 'Family'/,
      ],
      ["row.flags", "row.flag", /Property 'flag' does not exist on type 'Row'/],
      ['"integer"', '"string"', /not assignable/],
    ] as const;
    for (const [from, to, want] of mistaken) {
      const { code, stderr } = await check(example.replace(from, to));
      assert.notEqual(code, 0);
      assert.match(stderr, want);
      assert.match(stderr, /arp\.ts:\d+:\d+/);
    }
  });
});

Deno.test("--check-family: a good file, on a table and on a folder", async () => {
  for (const fixture of ["docs/arp", "docs/arp/proc/net/arp"]) {
    const args = ["--family", "docs/arp.ts", "--check-family", fixture];
    const { stdout, stderr, code } = await run(NETSTAT, ...args);
    assert.match(
      stdout,
      /^docs\/arp\.ts: OK: \/proc\/net\/arp: 2 rows, 1 malformed line; bears \d+ odd files\n$/,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
  }
});

const checks: { name: string; text: string; want: RegExp }[] = [
  {
    name: "cannot bear a short line",
    text: edited(
      "row.word = line",
      "row.word = line.text(line.start, line.end).split(' ')[9].trim(); line",
    ),
    want:
      /:9:\d+: TypeError: .*undefined.* \(with .* as \/proc\/net\/protocols\)/,
  },
  {
    name: "hangs on a part of the table",
    text: edited(
      "row.word =",
      "if (line.end - line.start < 9) for (;;); row.word =",
    ),
    want:
      /hangs: .*, while it reads \/proc\/net\/protocols: the first \d+ bytes/,
  },
  {
    name: "has no row of a good table",
    text: source("bad", "parse: () => false,"),
    want: /: it makes no row of \/proc\/net\/protocols/,
  },
  {
    name: "does not end its sentences",
    text: edited('"Word."', '"Word"'),
    want: /: table 'bad': column 'word': 'about' is not a sentence/,
  },
];

for (const { name, text, want } of checks) {
  Deno.test(`--check-family: a file that ${name}`, async () => {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/bad.js`, text);
      const args = ["--family", `${folder}/bad.js`, "--check-family", folder];
      const { stdout, stderr, code } = await run(NETSTAT, ...args);
      assert.equal(stdout, "");
      assert.match(stderr, /^netstat: family file \/.*bad\.js:/);
      assert.match(stderr, want);
      assert.equal(code, 1);
    });
  });
}

Deno.test("--check-family: what it needs", async () => {
  const without = await run(NETSTAT, "--check-family", "docs/arp");
  assert.match(
    without.stderr,
    /needs the file to be checked: --family FILE\n$/,
  );
  const args = ["--family", "docs/arp.ts", "--check-family", "/nowhere"];
  const nowhere = await run(NETSTAT, ...args);
  assert.equal(
    nowhere.stderr,
    "netstat: --check-family /nowhere: No such file or directory\n",
  );
  assert.deepEqual([without.code, nowhere.code], [1, 1]);
});

Deno.test("a family file of which not all is wanted goes on with what follows", async () => {
  await inFolder(async (folder) => {
    const two = source("a").replace(
      "}],\n  });",
      `}, { name: "b",
        sources: [{ path: "/proc/net/raw", proto: "p", rank: 2 }],
        frozen: { title: { text: () => "Title of b", always: false } },
        columns: { word: foreign("Word", 4, (row) => row.word, "Word.") },
        lineLimit: 200, row: () => ({ word: "" }),
        parse(line, row) { row.word = line.text(); return true; } }],\n  });`,
    );
    await Deno.writeTextFile(`${folder}/a.js`, two);
    const rows = PROTOCOLS + "TCP row\n".repeat(300_000);
    await Deno.writeTextFile(`${folder}/proc/net/protocols`, rows);
    await Deno.writeTextFile(`${folder}/proc/net/raw`, "head\nlast\n");
    const options = ["--family", `${folder}/a.js`, "--root", folder, "-A", "a"];
    const all = await run(NETSTAT, ...options, "--where", "word = last");
    assert.match(all.stdout, /Title of b\nWord\nlast\n$/);
    // the first round ends in the middle of a file
    const command = ["timeout", "3", NETSTAT, ...options, "--limit", "2", "-c"];
    const { stdout, stderr } = await run("env", ...command);
    assert.ok(
      stdout.split("Title of a\nWord\nTCP \nTCP \n").length > 2,
      stdout,
    );
    assert.equal(stderr, "");
  });
});

Deno.test("a slow reader does not make a family file hang", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.js`, source("a"));
    const path = `${folder}/proc/net/protocols`;
    await Deno.writeTextFile(path, PROTOCOLS + "TCP row\n".repeat(300_000));
    const args = [...["--family", `${folder}/a.js`], ...["--root", folder]];
    const script = '"$0" "$@" -A a | { sleep 7; wc -l; }';
    const { stdout, stderr } = await run("sh", "-c", script, NETSTAT, ...args);
    assert.equal(stdout.trim(), "300003");
    assert.equal(stderr, "");
  });
});

Deno.test("colours of a large table take about as long as none", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.js`, source("a"));
    const path = `${folder}/proc/net/protocols`;
    await Deno.writeTextFile(path, PROTOCOLS + "TCP row\n".repeat(400_000));
    const args = ["--family", `${folder}/a.js`, "--root", folder, "-A", "a"];
    const time = async (color: string) => {
      const start = performance.now();
      await run(NETSTAT, ...args, `--color=${color}`);
      return performance.now() - start;
    };
    const plain = await time("never");
    const coloured = await time("always");
    assert.ok(coloured < 4 * plain, `${plain} ms, in colours ${coloured} ms`);
  });
});

Deno.test("a family file cannot send control bytes to the terminal", async () => {
  await inFolder(async (folder) => {
    const evil =
      'frozen: { title: { text: () => "\\x1b[2Jtitle\\x07", always: false } },';
    await Deno.writeTextFile(`${folder}/e.js`, source("e", evil));
    const args = ["--family", `${folder}/e.js`, "--root", folder, "-A", "e"];
    const { stdout } = await run(NETSTAT, ...args);
    assert.equal(stdout, ".[2Jtitle.\nWord\nTCP \n");
  });
});

/** Runs the program where `/etc/netstat/families` is what `script` makes it. */
async function withEtc(folder: string, script: string): Promise<Ran> {
  await Deno.writeTextFile(`${folder}/a.js`, source("a"));
  return await run(
    "unshare",
    "--mount",
    "sh",
    "-ec",
    `mount -t tmpfs -o mode=0755 none /etc
     mkdir -p /etc/netstat/families
     cp '${folder}/a.js' /etc/netstat/families/a.js
     chmod 755 /etc/netstat /etc/netstat/families
     chmod 644 /etc/netstat/families/a.js
     ${script}
     exec '${NETSTAT}' --root '${folder}' -n`,
  );
}

const folders: { name: string; script: string; want?: RegExp }[] = [
  { name: "is read if it is root's", script: "" },
  {
    name: "is not, if others can write to a file",
    script: "chmod 666 /etc/netstat/families/a.js",
    want: /families\/a\.js: others than root can write to it/,
  },
  {
    name: "is not, if a file is another user's",
    script: "chown 65534 /etc/netstat/families/a.js",
    want: /families\/a\.js: does not belong to root/,
  },
  {
    name: "is not, if a file is a link",
    script: `mv /etc/netstat/families/a.js /etc/b.js
             ln -s /etc/b.js /etc/netstat/families/a.js`,
    want: /families\/a\.js: is a symbolic link/,
  },
  {
    name: "is not, if others can write to the folder",
    script: "chmod 777 /etc/netstat/families",
    want: /\/etc\/netstat\/families: others than root can write to it/,
  },
  {
    name: "is not, if the folder above is another user's",
    script: "chown 65534 /etc/netstat",
    want: /\/etc\/netstat: does not belong to root/,
  },
];

folders.push({
  name: "tells of a file whose name is not UTF-8",
  script:
    "cp /etc/netstat/families/a.js \"$(printf '/etc/netstat/families/\\377.js')\"",
  want:
    /^netstat: family file \/etc\/netstat\/families: '\?\.js' is not loaded: its name is not UTF-8$/m,
});

for (const { name, script, want } of folders) {
  Deno.test(`/etc/netstat/families ${name}`, async () => {
    await inFolder(async (folder) => {
      const { stdout, stderr, code } = await withEtc(folder, script);
      assert.match(stdout, /Active UNIX/);
      if (want === undefined) {
        assert.match(stdout, /Title of a\nWord\nTCP \n$/);
        assert.equal(stderr, "");
        assert.equal(code, 0);
      } else {
        if (!script.startsWith("cp ")) {
          assert.doesNotMatch(stdout, /Title of a/);
        }
        assert.match(stderr, want);
        assert.equal(code, 1);
      }
    });
  });
}

Deno.test("nothing is loaded from the working directory", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/families`);
    for (const path of ["a.js", "families/a.js", "families/a.ts"]) {
      await Deno.writeTextFile(`${folder}/${path}`, source("a"));
    }
    const command = new Deno.Command(NETSTAT, {
      args: ["-n", "--root", "."],
      cwd: folder,
      env: { NETSTAT_FAMILIES: folder, NODE_OPTIONS: "--require ./a.js" },
    });
    const { stdout, code } = await command.output();
    assert.doesNotMatch(new TextDecoder().decode(stdout), /Title of a/);
    assert.equal(code, 0);
  });
});

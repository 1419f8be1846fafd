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
      title: { text: () => "Title of ${name}", always: false },
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
  assert.equal(blocks.length, 2);
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
    assert.equal(JSON.parse(ran.stdout).hardware, "00:00:5e:00:53:01");
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

const faults: { name: string; text: string; want: RegExp; args?: string[] }[] =
  [
    {
      name: "throws when it is loaded",
      text: 'throw new Error("ouch")',
      want: /bad\.js: ouch/,
    },
    {
      name: "is no JavaScript",
      text: "export default (",
      want: /bad\.js: .*Unexpected end of input/,
    },
    {
      name: "imports another file",
      text: 'import "./good.js"; export default 1',
      want: /bad\.js: it imports another file: only types can be imported/,
    },
    {
      name: "imports a package",
      text: 'import "good"; export default 1',
      want: /bad\.js: it imports another file: only types can be imported/,
    },
    {
      name: "claims a taken name",
      text: source("inet"),
      want: /bad\.js: claims the name 'inet', which is taken/,
    },
    {
      name: "claims a taken word",
      text: source("other").replace("about:", 'words: ["ip6"], about:'),
      want: /bad\.js: claims the name 'ip6', which is taken/,
    },
    {
      name: "throws on a line",
      text: source("bad", 'parse() { throw new Error("cannot"); },'),
      want: /bad\.js: cannot/,
    },
    {
      name: "lies about a column",
      text: source("bad", 'columns: { n: fact("integer", () => "x", "N.") },'),
      args: ["--json"],
      want: /bad\.js: column 'n' says that it is integer, but it is string/,
    },
    {
      name: "hangs on a line",
      text: source("bad", "parse() { for (;;); },"),
      want: /bad\.js: hangs: no sign of life for 5 s/,
    },
    {
      name: "hangs when it is loaded",
      text: "for (;;);",
      want: /bad\.js: hangs: no sign of life for 5 s/,
    },
  ];

for (const { name, text, want, args = [] } of faults) {
  Deno.test(`a family file that ${name} costs nothing else`, async () => {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/bad.js`, text);
      await Deno.writeTextFile(`${folder}/good.js`, source("good"));
      const ran = await run(
        NETSTAT,
        "--family",
        `${folder}/bad.js`,
        "--family",
        `${folder}/good.js`,
        "--root",
        folder,
        ...args,
      );
      assert.match(ran.stderr, want);
      assert.match(ran.stderr, /^netstat: family file \//);
      assert.equal(ran.stderr.trim().split("\n").length, 1);
      assert.equal(ran.code, 1);
      if (args.includes("--json")) {
        assert.ok(
          JSON.parse(ran.stdout).some((row: { family: string }) =>
            row.family === "good"
          ),
        );
      } else {
        assert.match(ran.stdout, /Active UNIX/);
        assert.match(ran.stdout, /Title of good\nWord\nTCP \n$/);
      }
    });
  });
}

Deno.test("a family file cannot send control bytes to the terminal", async () => {
  await inFolder(async (folder) => {
    const evil = 'title: { text: () => "\\x1b[2Jtitle\\x07", always: false },';
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
        assert.doesNotMatch(stdout, /Title of a/);
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

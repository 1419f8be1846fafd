/**
 * Paths of UNIX sockets that have newlines in them: the kernel writes them as they
 * are, so that one socket takes several lines.
 */

import assert from "node:assert/strict";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

const HEADER = "Num       RefCount Protocol Flags    Type St Inode Path\n";

/** A line of the kernel's, but for its end. */
function socket(inode: number): string {
  return `0000000000000000: 00000002 00000000 00010000 0001 01 ${inode}`;
}

/** Files, and the paths that JSON has of them, in the order of the inodes. */
const FILES: {
  name: string;
  file: string;
  paths: (string | null)[];
  complaints?: string[];
}[] = [
  {
    name: "none",
    file: `${socket(1)} /run/a\n${socket(2)}\n${socket(3)} @b\n`,
    paths: ["/run/a", null, "@b"],
  },
  {
    name: "in the middle",
    file: `${socket(1)} /run/a\nb\n${socket(2)} @c\nd\n`,
    paths: ["/run/a\nb", "@c\nd"],
  },
  {
    name: "several, blanks and control bytes too",
    file: `${socket(1)} /a\n b\x1b[2J \n\n c\n${socket(2)} /d\n`,
    paths: ["/a\n b\x1b[2J \n\n c", "/d"],
  },
  {
    name: "at the start and at the end",
    file: `${socket(1)} \n/a\n\n${socket(2)} \n\n${socket(3)} @\n\n`,
    paths: ["\n/a\n", "\n", "@\n"],
  },
  {
    name: "nothing but newlines, as many as there can be",
    file: `${socket(1)} ${"\n".repeat(108)}\n${socket(2)} /b\n`,
    paths: ["\n".repeat(108), "/b"],
  },
  {
    name: "numbers behind it are no row",
    file: `${socket(1)} /a\n0: 1 2 3\n${socket(2)} /b\n`,
    paths: ["/a\n0: 1 2 3", "/b"],
  },
  {
    name: "what is too long for a path is malformed",
    file: `${socket(1)} /a\n${"x".repeat(105)}\n${"y".repeat(106)}\n`,
    paths: [`/a\n${"x".repeat(105)}`],
    complaints: ["y".repeat(106)],
  },
  {
    name: "a socket without a path has no rest",
    file: `${socket(1)}\nrest\n${socket(2)} /b\n`,
    paths: [null, "/b"],
    complaints: ["rest"],
  },
  {
    name: "nothing to be the rest of",
    file: `rest\n${socket(1)} /a\n`,
    paths: ["/a"],
    complaints: ["rest"],
  },
  {
    name: "the file ends without a newline",
    file: `${socket(1)} /a\nb`,
    paths: ["/a\nb"],
  },
  {
    name: "a row that a path pretends to be cannot be told",
    file: `${socket(1)} /a\n${socket(4711)} /forged\n`,
    paths: ["/a", "/forged"],
  },
];

for (const { name, file, paths, complaints = [] } of FILES) {
  Deno.test(`newlines in a path: ${name}`, async () => {
    await withTree({ "proc/net/unix": HEADER + file }, async (root) => {
      for (const args of [["-xa"], ["-xap"], ["-x"]]) {
        const words = [...args, `--root=${root}`, "--json"];
        const { stdout, stderr } = await netstat(...words);
        if (args[0] === "-x") {
          // all of them listen
          assert.equal(stdout, "[]\n");
          continue;
        }
        const rows: { path: string | null }[] = JSON.parse(stdout);
        assert.deepEqual(rows.map(({ path }) => path), paths);
        const said = stderr.split("\n").filter((line) => line !== "")
          .filter((line) => !line.startsWith("("));
        assert.deepEqual(
          said.map((line) => JSON.parse(/: (".*")$/.exec(line)![1]!)),
          complaints,
        );
      }
    });
  });
}

Deno.test("newlines in a path: at every place of a buffer's end", async () => {
  // more than the buffer takes, so that lines are joined over its end
  const filler = `${socket(7)} /run/filler-that-is-somewhat-longer\n`;
  const path = "/one\ntwo\n\nthree\n";
  const rows = Math.floor(256 * 1024 / filler.length);
  for (let shift = 0; shift < filler.length; shift++) {
    const start = `${socket(1)} /${"s".repeat(shift)}\n`;
    const file = start + filler.repeat(rows - 4) +
      `${socket(2)} ${path}\n`.repeat(8) + filler;
    await withTree({ "proc/net/unix": HEADER + file }, async (root) => {
      const { stdout, stderr } = await netstat(
        "-xa",
        `--root=${root}`,
        "--ndjson",
      );
      assert.equal(stderr, "");
      const found = stdout.split("\n")
        .filter((line) => line.includes("/one"));
      assert.equal(found.length, 8);
      for (const line of found) assert.equal(JSON.parse(line).path, path);
    });
  }
});

Deno.test("newlines in a path: the text has net-tools' words", async () => {
  const file = `${HEADER}${socket(1)} /a\nb c\n${socket(2)} /d\n`;
  await withTree({ "proc/net/unix": file }, async (root) => {
    const { stdout, stderr } = await netstat("-xa", `--root=${root}`);
    assert.match(stdout, / 1 {8}\/a\nunix .* 2 {8}\/d\n$/);
    assert.equal(stderr, "warning, got bogus unix line.\n");
  });
});

Deno.test("newlines in a path: a bad line has the number that it has in the file", async () => {
  const file = `${HEADER}${socket(1)} /a\nb\nc\n${socket(2)}\nbad\n`;
  await withTree({ "proc/net/unix": file }, async (root) => {
    for (const args of ["-xa", "-xl", "-x", "-xap", "-xlp", "-xp"]) {
      const { stderr } = await netstat(args, `--root=${root}`, "--json");
      assert.match(
        stderr,
        /^Cannot parse \/proc\/net\/unix: line 6: "bad"$/m,
        args,
      );
    }
  });
});

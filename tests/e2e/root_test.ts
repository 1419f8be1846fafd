/**
 * Saved trees that somebody else may have made, and changes while they are read.
 * Needs root, `strace` and `python3`.
 */

import assert from "node:assert/strict";
import { run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";

/** Lends a tree with a table of UDP sockets, and the path where TCP's should be. */
async function withTree(
  use: (root: string, tcp: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "root-" });
  try {
    await Deno.mkdir(`${root}/proc/net`, { recursive: true });
    await Deno.writeTextFile(
      `${root}/proc/net/udp`,
      "  sl  local_address rem_address   st\n" +
        "    0: 0100007F:0035 00000000:0000 07 00000000:00000000 " +
        "00:00000000 00000000     0        0 4711 2 0 0\n",
    );
    await use(root, `${root}/proc/net/tcp`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const UDP_ROW = /^udp {8}0 {6}0 127\.0\.0\.1:53 /m;

/** Waits until a file has a line like that. */
async function lineIn(path: string, line: RegExp): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (line.test(text)) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.fail(`no ${line} in ${path}`);
}

Deno.test("a tree in an archive is what it is in a folder", async () => {
  const folder = await Deno.makeTempDir({ prefix: "root-" });
  const archive = `${folder}/a`;
  const docs = new URL("../../docs", import.meta.url).pathname;
  try {
    for (
      const how of [["-c", "server"], ["-zc", "server"], [
        "-c",
        "-C",
        "server",
        ".",
      ]]
    ) {
      const made = await run(["tar", "-f", archive, ...how], { cwd: docs });
      assert.equal(made.exit, 0, made.stderr);
      for (
        const args of [
          ...[
            "-tulpn",
            "-an",
            "-a",
            "-xp",
            "-rn",
            "-ra",
            "-ie",
            "-g",
            "-s",
            "-M",
          ],
          ...["-tanp --json", "-an --csv", "-i --json", "-s --json"],
          ...["-tan --netns all", "-tan --columns @default,@tcp,@place"],
        ]
      ) {
        const look = async (root: string) => {
          const words = [NETSTAT, "--root", root, ...args.split(" ")];
          const { stdout, stderr, exit } = await run(words);
          return { stdout, exit, stderr: stderr.replaceAll(root, "ROOT") };
        };
        assert.deepEqual(
          await look(archive),
          await look(`${docs}/server`),
          args,
        );
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an archive that is cut shows what is there, and says so", async () => {
  const folder = await Deno.makeTempDir({ prefix: "root-" });
  const docs = new URL("../../docs/server", import.meta.url).pathname;
  try {
    const paths = ["proc/net/tcp", "proc/net/tcp6", "proc/net/udp"];
    await run(["tar", "-cf", `${folder}/a`, ...paths], { cwd: docs });
    const bytes = await Deno.readFile(`${folder}/a`);
    const cut = new TextDecoder("latin1").decode(bytes).indexOf(
      "proc/net/tcp6",
    );
    await Deno.writeFile(`${folder}/cut.tar`, bytes.subarray(0, cut + 700));
    const { stdout, stderr, exit } = await run(
      [NETSTAT, "--root", `${folder}/cut.tar`, "-tn"],
    );
    assert.match(stdout, /ESTABLISHED/);
    assert.match(
      stderr,
      /cut\.tar: The archive is damaged, and read up to there/,
    );
    assert.equal(exit, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a table that becomes a FIFO before it is opened does not hang", async () => {
  await withTree(async (root, tcp) => {
    await Deno.writeTextFile(tcp, "");
    const log = `${root}/log`;
    const child = run([
      ...["strace", "-f", "-qq", "-o", log, "-P", tcp],
      ...["-e", "trace=statx,openat", "-e", "inject=openat:delay_enter=2s"],
      ...["timeout", "10", NETSTAT, "-tuan", `--root=${root}`],
    ]);
    // it has been looked at, and is opened two seconds later
    await lineIn(log, /statx\(.*S_IFREG|statx\(.*stx_mode/);
    await Deno.remove(tcp);
    assert.equal((await run(["mkfifo", tcp])).exit, 0);
    const { stdout, stderr, exit } = await child;
    assert.match(stdout, UDP_ROW);
    assert.equal(stderr, "/proc/net/tcp: Not a regular file\n");
    assert.equal(exit, 1);
  });
});

Deno.test("a link to a file that blocks costs its table only", async () => {
  await withTree(async (root, tcp) => {
    await Deno.symlink("/proc/kmsg", tcp);
    const { stdout, stderr, exit } = await run(
      [NETSTAT, "-tuan", `--root=${root}`],
    );
    assert.match(stdout, UDP_ROW);
    assert.match(
      stderr,
      /^\/proc\/net\/tcp: (Resource temporarily unavailable|Not a regular file)$/m,
    );
    assert.equal(exit, 1);
  });
});

/** Runs a program and tells how many MiB of memory it had at most, as its last line. */
const MEASURED = `import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
sys.exit(code)`;

Deno.test("what is kept of a table has a bound, which is told", async () => {
  await withTree(async (root, tcp) => {
    await Deno.writeTextFile(tcp, "");
    await Deno.truncate(tcp, 700 << 20);
    const { stdout, stderr, exit } = await run(
      ["python3", "-c", MEASURED, NETSTAT, "-tuanp", `--root=${root}`],
      { seconds: 60 },
    );
    assert.equal(
      stderr.slice(stderr.lastIndexOf("/proc")),
      "/proc/net/tcp: The rest is left out, since names and owners are found" +
        " for 512 MiB of all tables at most\n",
    );
    assert.match(stdout, UDP_ROW, "another table has its place");
    assert.equal(exit, 1);
    const most = Number(stdout.trim().split("\n").at(-1));
    assert.ok(most > 100 && most < 800, `${most} MiB`);
  });
});

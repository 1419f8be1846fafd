/**
 * The executable where streams, files and folders are not as they should be.
 * Needs `bash`.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { withoutLacks } from "../trees.ts";
import { ENV, run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";

/** Runs `script`, in which `netstat` is the executable and `$1` … the words. */
function bash(script: string, ...words: string[]): Promise<Result> {
  const define = 'n=$1; shift; netstat() { (exec -a netstat "$n" "$@"); }; ';
  return run(["bash", "-c", define + script, "bash", NETSTAT, ...words]);
}

const DOCS = new URL("../../docs", import.meta.url).pathname;

const TCP_HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const UDP_HEADER =
  "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
const UNIX_HEADER = "Num       RefCount Protocol Flags    Type St Inode Path";

/** A tree for `--root`: so many rows of TCP, one of UDP, one of UNIX. */
async function makeRoot(rows: number): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "robust-" });
  const net = `${root}/proc/net`;
  await Deno.mkdir(net, { recursive: true });
  const tcp = [TCP_HEADER.padEnd(149)];
  for (let i = 0; i < rows; i++) {
    const port = (1024 + i % 60_000).toString(16).toUpperCase();
    tcp.push(
      `${`${i}`.padStart(4)}: 0100007F:${
        port.padStart(4, "0")
      } 0200007F:0050 ` +
        `01 00000000:00000000 00:00000000 00000000  1000        0 ${
          1000 + i
        } ` +
        "1 0000000000000000 20 4 30 10 -1",
    );
  }
  await Deno.writeTextFile(`${net}/tcp`, tcp.join("\n") + "\n");
  await Deno.writeTextFile(
    `${net}/udp`,
    `${UDP_HEADER}\n` +
      "  100: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 " +
      "00000000     0        0 77 2 0000000000000000 0\n",
  );
  await Deno.writeTextFile(
    `${net}/unix`,
    `${UNIX_HEADER}\n` +
      "0000000000000000: 00000002 00000000 00010000 0001 01 78 /run/shown\n",
  );
  return root;
}

/** Makes a tree, lends it, and removes it. */
async function withRoot(
  rows: number,
  use: (root: string) => Promise<void>,
): Promise<void> {
  const root = await makeRoot(rows);
  try {
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Nothing that looks like a crash. */
function assertCalm({ stdout, stderr, exit }: Result): void {
  assert.doesNotMatch(
    stdout + stderr,
    /panick|Uncaught|\bat .*\.ts:|RUST_BACKTRACE|core dumped/,
  );
  assert.ok(exit < 128 || exit === 255, `status ${exit}`);
}

Deno.test("a reader that leaves early", async (t) => {
  await withRoot(50_000, async (root) => {
    for (const format of ["", "--json", "--ndjson"]) {
      await t.step(`| head ${format}`, async () => {
        const { stdout, stderr } = await bash(
          `for i in 1 2 3 4 5; do
            netstat -an --root="$1" ${format} | head -c 50 >/dev/null
            echo "\${PIPESTATUS[0]}"
          done`,
          root,
        );
        assert.equal(stderr, "");
        assert.equal(stdout.trim().split("\n").length, 5);
        assert.match(stdout, /^((141|0)\n)+$/);
        assert.match(stdout, /141/);
      });
    }

    await t.step("| head -1, live", async () => {
      const { stdout, stderr } = await bash(
        'for i in 1 2 3 4 5; do netstat -an | head -1; echo "${PIPESTATUS[0]}"; done',
      );
      assert.equal(stderr, "");
      assert.match(stdout, /^(Active [^\n]*\n(141|0)\n){5}$/);
    });

    await t.step("a reader that was never there", async () => {
      const { stdout, stderr } = await bash(
        'netstat -an --root="$1" | true; echo "${PIPESTATUS[0]}"',
        root,
      );
      assert.equal(stderr, "");
      assert.equal(stdout, "141\n");
    });
  });
});

Deno.test("streams that take nothing", async (t) => {
  for (const args of ["-an", "--json -an", "--ndjson -anx", "-h", "-V"]) {
    await t.step(`${args} >/dev/full`, async () => {
      const outcome = await bash(`netstat ${args} >/dev/full`);
      assertCalm(outcome);
      assert.match(
        outcome.stderr.split("\n")[0]!,
        /^netstat: write error: No space left on device$/,
      );
      assert.equal(outcome.exit, 1);
    });
  }
  // as diff(1) and monitoring plugins, to which 1 means something else
  for (
    const { args, exit } of [
      { args: '--diff="$1/server" --root="$1/yesterday" -an', exit: 2 },
      { args: '--root="$1/server" --check', exit: 3 },
    ]
  ) {
    await t.step(`${args} >/dev/full`, async () => {
      const { stderr, ...outcome } = await bash(
        `netstat ${args} >/dev/full`,
        DOCS,
      );
      assert.match(stderr, /write error: No space left on device/);
      assert.equal(outcome.exit, exit);
    });
  }
  for (const args of ["-an", "-anp", "-V", "--json -an"]) {
    await t.step(`${args} >&-`, async () => {
      const outcome = await bash(`netstat ${args} >&-`);
      assertCalm(outcome);
      assert.ok(outcome.exit <= 1, `status ${outcome.exit}`);
    });
  }
  await t.step("stderr closed", async () => {
    const good = await bash("netstat -an 2>&-");
    assertCalm(good);
    assert.equal(good.exit, 0);
    assert.match(good.stdout, /^Active Internet connections /);
    const bad = await bash("netstat --no-such-option 2>&-");
    assertCalm(bad);
    assert.equal(bad.exit, 3);
    const full = await bash("netstat -an >/dev/full 2>&-");
    assertCalm(full);
    assert.notEqual(full.exit, 0);
  });
  await t.step("stdin, stdout and stderr closed", async () => {
    assertCalm(await bash("netstat -an <&- >&- 2>&-"));
  });
});

const libc = {
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

const F_SETFL = 4;
const F_SETPIPE_SZ = 1031;
const O_WRONLY = 1;
const O_NONBLOCK = 0o4000;

/** When a pipe becomes non-blocking: before the start, after the first read, or never. */
type NonBlocking = "never" | "from the start" | "later";

/**
 * Runs the executable with stdout in a pipe of 4 KiB that is read slowly. Returns
 * all that came, which may be no more than `most` bytes.
 */
async function throughPipe(
  args: string[],
  nonBlocking: NonBlocking,
  most: number,
): Promise<Uint8Array> {
  const library = Deno.dlopen("libc.so.6", libc);
  const { symbols } = library;
  const ends = new Int32Array(2);
  assert.equal(symbols.pipe2(new Uint8Array(ends.buffer), 0), 0);
  const [from, to] = ends as unknown as [number, number];
  assert.equal(symbols.fcntl(to, F_SETPIPE_SZ, 4096), 4096);
  const stopBlocking = () =>
    assert.equal(symbols.fcntl(to, F_SETFL, O_WRONLY | O_NONBLOCK), 0);
  if (nonBlocking === "from the start") stopBlocking();
  const reader = await Deno.open(`/proc/self/fd/${from}`);
  const child = new Deno.Command("bash", {
    args: [
      "-c",
      `exec timeout 20 "$0" "$@" >&${to} ${to}>&- ${from}<&-`,
      NETSTAT,
      ...args,
    ],
    clearEnv: true,
    env: ENV,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  symbols.close(from);
  if (nonBlocking !== "later") symbols.close(to);

  const parts: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(1500);
  let total = 0;
  for (let count = 0;; count++) {
    const length = await reader.read(buffer);
    if (length === null) break;
    total += length;
    if (total > most) break; // something came twice
    parts.push(buffer.slice(0, length));
    if (count === 0 && nonBlocking === "later") {
      stopBlocking();
      symbols.close(to);
    }
    if (count % 8 === 0) await new Promise((done) => setTimeout(done, 1));
  }
  reader.close();
  library.close();
  const { code, stderr } = await child.output();
  assert.ok(total <= most, `more than ${most} bytes`);
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

Deno.test("slow readers get every byte", async (t) => {
  await withRoot(10_000, async (root) => {
    for (const args of [["-an"], ["-an", "--json"]]) {
      const all = [...args, `--root=${root}`];
      const file = `${root}/out`;
      assert.equal(
        (await bash('out=$1; shift; netstat "$@" >"$out"', file, ...all)).exit,
        0,
      );
      const want = await Deno.readFile(file);
      assert.ok(want.length > 500_000);
      for (const nonBlocking of ["never", "from the start", "later"] as const) {
        await t.step(
          `${args.join(" ")}, non-blocking ${nonBlocking}`,
          async () => {
            const got = await throughPipe(all, nonBlocking, want.length);
            assert.equal(got.length, want.length);
            assert.ok(got.every((byte, i) => byte === want[i]));
          },
        );
      }
    }
  });
});

Deno.test("-c goes on until it is stopped", async (t) => {
  await withRoot(3, async (root) => {
    await t.step("the reader goes away", async () => {
      const { stdout, stderr } = await bash(
        'netstat -c -ant --root="$1" | head -6; echo "${PIPESTATUS[0]}"',
        root,
      );
      assert.equal(stderr, "");
      const lines = stdout.trim().split("\n");
      assert.equal(lines.length, 7);
      assert.match(lines[5]!, /^Active /, "a second round");
      assert.equal(lines[6], "141");
    });

    for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
      await t.step(signal, async () => {
        const child = new Deno.Command(NETSTAT, {
          args: ["-c", "-ant", `--root=${root}`],
          clearEnv: true,
          env: ENV,
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        const reader = child.stdout.getReader();
        const { value } = await reader.read();
        assert.match(new TextDecoder().decode(value), /^Active .*\n.*\ntcp /);
        child.kill(signal);
        while (!(await reader.read()).done);
        const status = await child.status;
        assert.equal(status.code, code);
        assert.equal(status.signal, signal);
        assert.equal(await new Response(child.stderr).text(), "");
      });
    }
  });
});

/** Things that may stand in the place of a table, and what is said of each. */
const IMPOSTORS = [
  {
    name: "a directory",
    put: (path: string) => Deno.mkdir(path),
    says: "/proc/net/tcp: Is a directory\n",
    stops: false,
  },
  {
    name: "a FIFO",
    put: (path: string) => run(["mkfifo", path]),
    says: "/proc/net/tcp: Not a regular file\n",
    stops: false,
  },
  {
    name: "a device",
    put: (path: string) => Deno.symlink("/dev/zero", path),
    says: "/proc/net/tcp: Not a regular file\n",
    stops: false,
  },
  {
    name: "a link to itself",
    put: (path: string) => Deno.symlink("tcp", path),
    says: "/proc/net/tcp: Too many levels of symbolic links\n",
    // as for the reference, which ends at a table that it may not open
    stops: true,
  },
] as const;

Deno.test("no table where one should be", async (t) => {
  await withRoot(1, async (root) => {
    const path = `${root}/proc/net/tcp`;
    for (const { name, put, says, stops } of IMPOSTORS) {
      await Deno.remove(path, { recursive: true });
      await put(path);
      await t.step(`${name}: a message, no hang`, async () => {
        for (const args of ["-an", "-ant", "-antp", "--json -an"]) {
          const outcome = await bash(`netstat --root="$1" ${args}`, root);
          assertCalm(outcome);
          assert.equal(outcome.stderr, says, args);
          assert.notEqual(outcome.exit, 0);
        }
      });
      if (stops) continue;
      await t.step(`${name}: the other tables`, async () => {
        const { stdout } = await bash('netstat --root="$1" -an', root);
        assert.match(stdout, /^unix .* \/run\/shown$/m);
        const json = await bash('netstat --root="$1" --json -an', root);
        const rows: { proto: string }[] = JSON.parse(json.stdout);
        assert.ok(rows.some(({ proto }) => proto === "unix"));
      });
      await t.step(`${name}: the other tables of the family`, async () => {
        const { stdout } = await bash('netstat --root="$1" -an', root);
        assert.match(stdout, /^udp .*:5353 /m);
      });
    }

    // a table that is not there is one that the kernel does not have
    await Deno.remove(path, { recursive: true });
    await Deno.symlink("nowhere", path);
    await t.step("a dangling link", async () => {
      const outcome = await bash('netstat --root="$1" -ant', root);
      assertCalm(outcome);
      assert.match(
        withoutLacks(outcome.stderr),
        /^netstat: no support for .*\btcp\b.*\n$/,
      );
      assert.notEqual(outcome.exit, 0);
      const all = await bash('netstat --root="$1" -an', root);
      assertCalm(all);
      assert.match(all.stdout, /^udp .*:5353 /m);
      assert.match(all.stdout, /^unix .* \/run\/shown$/m);
    });
  });
});

Deno.test("--root: a container sees the network of its host", async () => {
  const folder = await Deno.makeTempDir({ prefix: "host-" });
  const listener = Deno.listen({ hostname: "127.0.0.77", port: 0 });
  try {
    await Deno.mkdir(`${folder}/proc`);
    const { stdout, stderr } = await run([
      "unshare",
      "--mount",
      "sh",
      "-ec",
      'mount --rbind /proc "$1/proc"; ' +
      'exec unshare --net --pid --fork --mount-proc sh -ec \'"$0" -tln; ' +
      'echo; "$0" --root "$1" -tlnp\' "$0" "$1"',
      NETSTAT,
      folder,
    ]);
    assert.equal(stderr, "");
    const [own, host] = stdout.split("\n\n");
    const row = `127.0.0.77:${(listener.addr as Deno.NetAddr).port} `;
    assert.ok(!own!.includes(row));
    const line = host!.split("\n").find((line) => line.includes(row));
    assert.match(line ?? "", new RegExp(` ${Deno.pid}/`));
  } finally {
    listener.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("no root", async (t) => {
  await t.step("a missing folder", async () => {
    const tcp = await bash('netstat --root="$1" -ant', "/no/such/folder");
    assertCalm(tcp);
    assert.notEqual(tcp.stderr, "");
    assert.notEqual(tcp.exit, 0);
    const all = await bash('netstat --root="$1" -an', "/no/such/folder");
    assertCalm(all);
    // no rows, and above all not those of the running system
    assert.doesNotMatch(all.stdout, /^(tcp|udp|raw|unix)/m);
  });
  await t.step("a file", async () => {
    const outcome = await bash('netstat --root="$1" -an', "/etc/passwd");
    assertCalm(outcome);
    assert.match(outcome.stderr, /Neither a folder nor a tar archive/);
    assert.notEqual(outcome.exit, 0);
  });
});

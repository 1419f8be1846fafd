/**
 * What counters mean, in a network of its own where something goes wrong: the text beside
 * the reference's, and questions about it. Needs root.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { EXPLAINED } from "../../families/_counters.ts";
import { NETSTAT } from "./namespace.ts";
import { compare, look, makeWorld, type World } from "./world.ts";

/** A loopback interface, and some traffic on it. */
const SETUP = `
set -e
ip link set lo up
ping -q -c 2 127.0.0.1 >/dev/null
ping -q -c 2 ::1 >/dev/null
echo ready
exec cat
`;

/** Overflows the accept queue of a listener that accepts nothing. */
const OVERFLOW = `
import socket, time
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(0)
clients = []
for _ in range(8):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
    clients.append(client)
time.sleep(0.2)
for one in clients + [listener]:
    one.close()
`;

async function overflow(world: World): Promise<void> {
  const { exit, stderr } = await look(world, "/usr/bin/python3", [
    "-c",
    OVERFLOW,
  ]);
  assert.equal(exit, 0, stderr);
}

/** The text without what `--explain` adds to it; each counter must have a sentence. */
function withoutSentences(result: Result): Result {
  const lines = result.stdout.split("\n");
  const left: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    left.push(line);
    if (!line.startsWith(" ") || / histogram:$/.test(line)) continue;
    const [indent] = /^ +/.exec(line)!;
    const sentence = lines[++at]!;
    assert.ok(sentence.startsWith(`${indent}    `), sentence);
    assert.match(sentence.slice(indent.length + 4), /^[A-Z]/);
  }
  return { ...result, stdout: left.join("\n") };
}

/** A short list: what went wrong. */
const WRONG = ["-s", "--where", "signal = trouble and value > 0"];

Deno.test("what counters mean, live", async (t) => {
  const world = await makeWorld("--net", "sh", "-c", SETUP);
  const ask = async (...args: string[]) => {
    const { exit, stdout, stderr } = await look(world, NETSTAT, args);
    assert.equal(stderr, "");
    assert.equal(exit, 0);
    return stdout;
  };
  try {
    await t.step("nothing went wrong yet", async () => {
      assert.equal(await ask(...WRONG), "");
      assert.equal(await ask(...WRONG, "--explain", "--json"), "[]\n");
    });

    const before = await Deno.makeTempFile({ suffix: ".tar" });
    await t.step("counters are saved", async () => {
      const args = ["-s", "--force", "--save", before];
      const { exit, stderr } = await look(world, NETSTAT, args);
      assert.equal(exit, 0, stderr);
    });

    await overflow(world);

    for (const view of ["-s", "-s6", "-st", "-su", "-sw", "-sS"]) {
      await t.step(
        `${view}: a sentence for each counter, else the reference's text`,
        async () => {
          const { reference } = await compare(world, [view], {
            own: ["--explain"],
            still: (result) =>
              / growth is /.test(result.stdout)
                ? withoutSentences(result)
                : result,
          });
          assert.ok(reference.stdout.length > 100);
          assert.match(await ask(view, "--explain"), /; growth is normal\n/);
        },
      );
    }

    await t.step("an overflow is on the short list", async () => {
      const text = await ask(...WRONG, "--explain");
      assert.match(
        text,
        /^TcpExt:\n {4}\d+ times the listen queue of a socket overflowed\n {8}Attempts to connect .*; growth is trouble: .*\n {4}\d+ SYNs to LISTEN sockets dropped\n {8}Attempts to connect .*\n$/,
      );
      const rows = JSON.parse(await ask(...WRONG, "--json"));
      assert.deepEqual(
        rows.map(({ counter }: { counter: string }) => counter),
        ["ListenOverflows", "ListenDrops"],
      );
      assert.ok(rows[0].value > 0);
    });

    await t.step("--diff shows it, and what it means", async () => {
      const args = ["-s", "--diff", before, "--where", "signal = trouble"];
      const { stdout, exit } = await look(world, NETSTAT, [
        ...args,
        "--ndjson",
        "--explain",
      ]);
      assert.equal(exit, 1);
      const rows = stdout.trimEnd().split("\n").map((row) => JSON.parse(row));
      assert.deepEqual(
        rows.map(({ counter, change, signal }) => [counter, change, signal]),
        ["ListenOverflows", "ListenDrops"]
          .map((counter) => [counter, "changed", "trouble"]),
      );
      assert.equal(rows[0].before.value, 0);
      assert.equal(rows[0].before.signal, undefined);
      await Deno.remove(before);
    });

    await t.step("--watch shows it as it happens, in a pipe", async () => {
      const watching = look(world, NETSTAT, [
        ...["-s", "--where", "signal = trouble", "--diff-only", "--watch=0.2"],
        ...["--for", "4s", "--explain", "--columns", "counter,value,signal"],
      ]);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await overflow(world);
      const { stdout, stderr, exit } = await watching;
      assert.equal(stderr, "");
      assert.equal(exit, 0);
      assert.match(
        stdout,
        /\n\S+ +~ +ListenOverflows +\+\d+ .*\/s +trouble\n/,
      );
    });

    await t.step("--netns: each namespace has its own", async () => {
      const text = await ask("-s", "--explain", "--netns", "all");
      const parts = text.split(/^Network namespace .*\n/m).slice(1);
      assert.ok(parts.length > 1);
      for (const stdout of parts) {
        const left = withoutSentences({ stdout, stderr: "", exit: 0 });
        assert.match(left.stdout, /^Ip:\n {4}/);
      }
      const columns = ["--columns", "netns,counter,value"];
      const all = ["--netns", "all", "--ndjson"];
      const rows = (await ask(...WRONG, ...all, ...columns))
        .trimEnd().split("\n").map((row) => JSON.parse(row));
      const { netns } = JSON.parse(
        await ask("-s", "--ndjson", "--limit=1", "--columns=netns"),
      );
      assert.ok(
        rows.some((row) =>
          row.netns === netns && row.counter === "ListenOverflows"
        ),
      );
    });

    await t.step(
      "a name that is no signal, and --explain without -s",
      async () => {
        const tried = [
          [["-s", "--where", "signal = bad"], /no such signal: normal watch/],
          [["--explain"], /^netstat: --explain is about counters: type 'nets/],
          [["-i", "--explain"], /^netstat: --explain is about counters: /],
        ] as const;
        for (const [args, said] of tried) {
          const { stdout, stderr, exit } = await look(world, NETSTAT, args);
          assert.match(stderr, said);
          assert.equal(stdout, "");
          assert.equal(exit, 1);
        }
        const missing = ["--explain", "--diff", "/"];
        assert.equal((await look(world, NETSTAT, missing)).exit, 2);
      },
    );
  } finally {
    await world.end();
  }
});

/** Symbols that `linux/snmp.h` has no more, and those that only newer ones have. */
const ELSEWHERE = new Set([
  "PAWSPASSIVEREJECTED TCPABORTONSYN TCPDIRECTCOPYFROMBACKLOG TCPFACKREORDER",
  "TCPDIRECTCOPYFROMPREQUEUE TCPFORWARDRETRANS TCPHPHITSTOUSER TCPLOSS",
  "TCPPREQUEUED TCPPREQUEUEDROPPED TCPSCHEDULERFAILED",
  "BEYOND_WINDOW TSECRREJECTED PAWS_OLD_ACK PAWS_TW_REJECTED",
].flatMap((names) => names.split(" ").map((name) => `LINUX_MIB_${name}`)));

Deno.test("symbols that counters are explained by are the kernel's", async () => {
  const header = await Deno.readTextFile("/usr/include/linux/snmp.h");
  const symbols = new Set(header.match(/\b[A-Z0-9]+_MIB_\w+/g));
  const cited = [...EXPLAINED.values()].flatMap((counters) =>
    Array.from(counters.values(), ({ source }) => source)
  ).filter((source) => /^(LINUX|IPSTATS|ICMP6?|TCP|UDP)_MIB_/.test(source));
  assert.ok(cited.length > 30);
  const lost = cited.filter((symbol) =>
    !symbols.has(symbol) && !ELSEWHERE.has(symbol)
  );
  assert.deepEqual(lost, []);
});

/**
 * TCP and UDP sockets from netlink are those from procfs, in the same order and in the same
 * text. Needs root.
 */

import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { Line } from "../../core/contract/line.ts";
import { Failure } from "../../core/system/failures.ts";
import { Tree } from "../../core/system/scan.ts";
import { openDiag } from "../../core/system/sock_diag.ts";
import { NETSTAT } from "./namespace.ts";
import { makeSockets } from "./sockets_world.ts";
import {
  compare,
  harmless,
  look,
  makeWorld,
  still,
  type World,
} from "./world.ts";

const COMMANDS = [
  "-tan",
  "-tn",
  "-tln",
  "-tlne",
  "-tlnp",
  "-tane",
  "-tano",
  "-tanp",
  "-tanW",
  "-t",
  "-4tan",
  "-6tan",
  "-46an",
  "-46l",
  "-uan",
  "-un",
  "-ulnp",
  "-uane",
  "-uano",
  "-6uan",
  "-tuln",
];

/** Both sources, and the reference, must show the same. */
async function compareSources(world: World, t: Deno.TestContext) {
  for (const command of COMMANDS) {
    for (const own of [[], ["--source=netlink"], ["--source=procfs"]]) {
      await t.step(`${command} ${own.join("")}`, async () => {
        await compare(world, [command], { still, expected: harmless, own });
      });
    }
  }
}

/** What the kernel chooses by, and what it does not. */
const QUESTIONS = [
  "state = LISTEN",
  "state != LISTEN and local_port > 1024",
  "state in (TIME_WAIT, SYN_RECV, CLOSE_WAIT)",
  "not state = ESTABLISHED",
  "local_port in 1..65535",
  "foreign_port = 0",
  "foreign_port >= 1024 or state = LISTEN",
  "foreign_address in 127.0.0.0/8",
  "local_address = ::1",
  "local_address in fe80::/10 or foreign_address = ::",
  "recv_q = 0 and local_port != 0",
  "state = CLOSING and local_port = 1",
];

/** Of both sources, the rows that a question keeps are the same. */
async function compareQuestions(world: World, t: Deno.TestContext) {
  let rows = 0;
  for (const where of QUESTIONS) {
    await t.step(where, async () => {
      const [netlink, procfs] = await Promise.all(
        ["netlink", "procfs"].map((source) =>
          look(world, NETSTAT, [
            ...["-tan", "--where", where],
            `--source=${source}`,
          ])
        ),
      );
      assert.deepEqual(netlink, procfs);
      rows += netlink!.stdout.split("\n").length - HEADING;
    });
  }
  assert.ok(rows > QUESTIONS.length, `${rows}`);
}

/** Lines around rows: title, header, and what follows the last newline. */
const HEADING = 3;

Deno.test("netlink and procfs: sockets in every state", async (t) => {
  const world = await makeSockets();
  try {
    await compareSources(world, t);
    await compareQuestions(world, t);
  } finally {
    await world.end();
  }
});

Deno.test("netlink and procfs: half-open connections", async (t) => {
  const program = new URL("half_open.ts", import.meta.url).pathname;
  const world = await makeWorld("--net", Deno.execPath(), "run", "-A", program);
  try {
    const { stdout } = await look(world, NETSTAT, ["-tn", "--source=netlink"]);
    assert.match(stdout, /^tcp .* SYN_RECV *$/m);
    assert.match(stdout, /^tcp6 .* SYN_RECV *$/m);
    await compareSources(world, t);
    await compareQuestions(world, t);
  } finally {
    await world.end();
  }
});

/** What the executable asks the kernel for over netlink. */
function netlinkCalls(...args: string[]): Promise<number> {
  const trace = ["-f", "-e", "trace=socket"];
  return netlinkCallsBy("strace", [...trace, NETSTAT, ...args]);
}

async function netlinkCallsBy(
  program: string,
  args: string[],
): Promise<number> {
  const { stderr } = await new Deno.Command(program, {
    args,
    stdout: "null",
  }).output();
  return new TextDecoder().decode(stderr)
    .match(/AF_NETLINK.*NETLINK_SOCK_DIAG/g)?.length ?? 0;
}

Deno.test("netlink is asked for TCP, once for both families", async () => {
  assert.equal(await netlinkCalls("-tan"), 1);
  assert.equal(await netlinkCalls("-4tan"), 1);
  assert.equal(await netlinkCalls("-tln"), 1);
  assert.equal(await netlinkCalls("-tan", "--source=procfs"), 0);
  assert.equal(await netlinkCalls("-tan", "--root=/"), 0);
  // what somebody mounted in place of the files is shown; each process has its own
  const copies = "mkdir /mnt/net; cp /proc/net/tcp /proc/net/tcp6 /mnt/net; " +
    "mount --bind /mnt/net /proc/$$/net; " +
    'exec strace -D -f -e trace=socket "$0" -tan';
  const script = `mount -t tmpfs none /mnt; ${copies}`;
  const shell = ["--mount", "sh", "-ec", script, NETSTAT];
  assert.equal(await netlinkCallsBy("unshare", shell), 0);
  // an empty file has no size, like the kernel's
  const empty = script.replace(
    "cp /proc/net/tcp /proc/net/tcp6 /mnt/net",
    "touch /mnt/net/tcp /mnt/net/tcp6",
  );
  assert.notEqual(empty, script);
  const nothing = ["--mount", "sh", "-ec", empty, NETSTAT];
  assert.equal(await netlinkCallsBy("unshare", nothing), 0);
  // timers, and most of what JSON has, are in procfs only
  assert.equal(await netlinkCalls("-tano"), 0);
  assert.equal(await netlinkCalls("-tan", "--json"), 0);
});

/** How often the executable reads of each file below `/proc/net`. */
async function readsOf(
  script: string,
  ...args: string[]
): Promise<Record<string, number>> {
  const trace = ["strace", "-D", "-f", "-y", "-e", "trace=read", "--", NETSTAT];
  const { stderr, success } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "--mount", "sh", "-ec", `${script}; exec "$@"`, "sh"],
      ...trace,
      ...args,
    ],
    stdout: "null",
  }).output();
  const text = new TextDecoder().decode(stderr);
  assert.ok(success, text);
  const reads = text.matchAll(/read\(\d+<\/proc\/\d+\/net\/(\w+)>/g);
  const counts: Record<string, number> = {};
  for (const [, file] of reads) counts[file!] = (counts[file!] ?? 0) + 1;
  return counts;
}

Deno.test("a file with few sockets is read once, and a copy to its end", async () => {
  assert.deepEqual(await readsOf(":", "-tuan", "--source=procfs"), {
    ...{ tcp: 1, tcp6: 1, udp: 1, udp6: 1 },
  });
  const copies = "mount -t tmpfs none /mnt; mkdir /mnt/net; " +
    "cp /proc/net/udp /proc/net/udp6 /mnt/net; " +
    "mount --bind /mnt/net /proc/$$/net";
  assert.deepEqual(await readsOf(copies, "-uan", "--source=procfs"), {
    ...{ udp: 2, udp6: 2 },
  });
});

Deno.test("files with more sockets than a read shows have all of them", async () => {
  const crowd: Socket[] = [];
  try {
    // a read shows 31
    for (let more = 0; more < 40; more++) {
      crowd.push(...await datagramCrowd(1));
      const [ours, theirs] = [NETSTAT, "/usr/bin/netstat"].map((program) =>
        new Deno.Command(program, { args: ["-4uan"] }).outputSync().stdout
      );
      assert.deepEqual(ours, theirs);
    }
  } finally {
    crowd.forEach((socket) => socket.close());
  }
});

/** Sockets of UDP on this machine. */
async function datagramCrowd(count: number): Promise<Socket[]> {
  const all = Array.from({ length: count }, () => createSocket("udp4"));
  await Promise.all(all.map((socket) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.bind(0, "127.0.0.1", resolve);
    return promise;
  }));
  return all;
}

Deno.test("netlink is asked for UDP from some hundred sockets on", async () => {
  const trace = ["strace", "-f", "-e", "trace=socket", NETSTAT, "-4uan"];
  assert.equal(await netlinkCallsBy("unshare", ["--net", ...trace]), 0);
  const crowd = await datagramCrowd(310);
  try {
    assert.equal(await netlinkCalls("-4uan"), 1);
    assert.equal(await netlinkCalls("-4uano"), 0);
    assert.equal(await netlinkCalls("-4uan", "--json"), 0);
    const [ours, theirs] = [NETSTAT, "/usr/bin/netstat"].map((program) =>
      new Deno.Command(program, { args: ["-4uan"] }).outputSync().stdout
    );
    assert.deepEqual(ours, theirs);
  } finally {
    crowd.forEach((socket) => socket.close());
  }
});

Deno.test({
  name: "a protocol that the kernel cannot tell about",
  sanitizeResources: false, // the C library stays open
  fn() {
    const refused = openDiag(
      { family: 2, protocol: 250 },
      { states: 1 },
      new Tree(),
    );
    assert.ok(refused instanceof Failure);
    assert.equal(refused.toString(), "sock_diag: No such file or directory");

    // and one that it can, of which there is none in that state
    const none = openDiag({ family: 2, protocol: 6 }, {
      states: 1 << 7,
    }, new Tree());
    assert.ok(!(none instanceof Failure));
    assert.equal(none.next(new Line()), false);
    assert.equal(none.failure, undefined);
    none.close();
  },
});

/**
 * The checks of what is around sockets, in a network and in trees that are made up, and
 * checks of saves. Needs root, `python3`, `strace` and iproute2.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { withFolder } from "../trees.ts";
import { run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";
import { look, type World } from "./world.ts";

const WORLD = new URL("checks_saved_world.py", import.meta.url).pathname;

/** A network that does what it is told. */
interface Told extends World {
  /** Tells it, and waits until it is done. */
  tell(line: string): Promise<void>;
}

/** Makes the network, and ends it behind the test. */
async function inWorld(test: (world: Told) => Promise<void>): Promise<void> {
  const child = new Deno.Command("unshare", {
    args: ["--net", "python3", WORLD],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  let said = "";
  const hear = async (word: string) => {
    while (!said.includes("\n")) {
      const { done, value } = await lines.read();
      assert.ok(!done, "the network is gone");
      said += value;
    }
    assert.equal(said, `${word}\n`);
    said = "";
  };
  const end = async () => {
    await writer.close();
    await lines.cancel();
    await child.status;
  };
  try {
    await hear("ready");
    await test({
      pid: child.pid,
      said: "",
      end,
      async tell(line) {
        await writer.write(new TextEncoder().encode(`${line}\n`));
        await hear("done");
      },
    });
  } finally {
    await end();
  }
}

/** Asks checks in the network. */
function check(world: World, ...words: string[]): Promise<Result> {
  return look(world, NETSTAT, ["--check", ...words, "--interval", "0.5"]);
}

/** Asks checks of trees. */
function checkTree(...words: string[]): Promise<Result> {
  return run([NETSTAT, "--check", ...words]);
}

/** What text says of each check. */
function sentencesOf({ stdout }: Result): string[] {
  return stdout.split("\n").filter((line) => /^\S/.test(line));
}

const AROUND =
  "interface-errors,interface-drops,promiscuous,no-default-route,counter-growth," +
  "softnet,udp-drops";

Deno.test("checks: what is around sockets, live", async (t) => {
  await inWorld(async (world) => {
    await t.step("all is well", async () => {
      const { stdout, stderr, exit } = await check(world, AROUND);
      assert.deepEqual([stdout, stderr, exit], ["OK (7 checks)\n", "", 0]);
    });
    await t.step("no-default-route", async () => {
      await world.tell("route del default");
      const gone = await check(world, "no-default-route");
      assert.match(
        gone.stdout,
        /^WARNING +no-default-route: there is no default route: /,
      );
      assert.equal(gone.exit, 1);
      // one of the other family will do
      await world.tell("-6 route add default dev v0");
      const there = await check(world, "no-default-route");
      assert.deepEqual([there.stdout, there.exit], ["OK (1 check)\n", 0]);
      // none is what only refuses
      await world.tell("-6 route del default dev v0");
      await world.tell("route add unreachable default");
      assert.equal((await check(world, "no-default-route")).exit, 1);
      await world.tell("route del unreachable default");
      await world.tell("route add default via 192.0.2.9");
    });
    await t.step("promiscuous", async () => {
      await world.tell("link set v0 promisc on");
      const { stdout, exit } = await check(world, "promiscuous");
      const note =
        "NOTE     promiscuous: v0 takes packets for other machines, too";
      assert.equal(stdout.split("\n")[0], note);
      assert.equal(exit, 0);
      await world.tell("link set v0 promisc off");
      assert.equal(
        (await check(world, "promiscuous")).stdout,
        "OK (1 check)\n",
      );
    });
    await t.step("counter-growth, udp-drops, interface-drops", async () => {
      await world.tell("drop");
      const result = await check(world, AROUND);
      assert.equal(result.stderr, "");
      assert.equal(result.exit, 1);
      const said = sentencesOf(result);
      const want = [
        /^WARNING +counter-growth: \S+ \S+ grew by \d+ within \d\.\d s(; so did \d+ more counters?)?$/,
        /^WARNING +interface-drops: v1 dropped \d+ received packets and 0 to be sent within \d\.\d s$/,
        /^WARNING +udp-drops: \d+ datagrams were dropped within \d\.\d s by 127\.0\.0\.1:1201 of python3 \(pid \d+\)$/,
      ];
      for (const one of want) {
        assert.ok(said.some((line) => one.test(line)), `${one}\n${said}`);
      }
      assert.equal(said.length, want.length + 1, said.join("\n"));
    });
    await t.step("counter-growth: RcvbufErrors is among them", async () => {
      const { stdout } = await check(world, "counter-growth", "--json");
      const [{ rows }] = JSON.parse(stdout);
      const found = rows.find((row: { counter: string }) =>
        row.counter === "RcvbufErrors"
      );
      assert.ok(found?.value_growth > 0, stdout);
    });
  });
});

/** Lines of `/proc/net/dev`, by what was received and sent besides whole packets. */
function devices(errors: number, drops: number): string {
  return "Inter-|   Receive                                                |  Transmit\n" +
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n" +
    "    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n" +
    `  eth0: 1000 10 ${errors} ${drops} 0 0 0 0 2000 20 ${2 * errors} ${
      2 * drops
    } 0 0 0 0\n`;
}

function softnet(dropped: number, squeezed: number): string {
  const hex = (number: number) => number.toString(16).padStart(8, "0");
  return [0, 1].map((cpu) =>
    [4711, dropped * cpu, squeezed, 0, 0, 0, 0, 0, 0, 0, 0, 0, cpu]
      .map(hex).join(" ") + "\n"
  ).join("");
}

function sockstat(orphans: number, pages: number): string {
  return "sockets: used 12\n" +
    `TCP: inuse 27 orphan ${orphans} tw 0 alloc 31 mem ${pages}\n` +
    "UDP: inuse 3 mem 0\n";
}

const CONNTRACK = "proc/sys/net/netfilter/nf_conntrack";
const ORPHANS = "proc/sys/net/ipv4/tcp_max_orphans";
const MEMORY = "proc/sys/net/ipv4/tcp_mem";

/** Checks of trees: of one, or of one and an earlier one. */
const TREES: readonly {
  readonly check: string;
  readonly name: string;
  readonly tree: Readonly<Record<string, string>>;
  readonly before?: Readonly<Record<string, string>>;
  /** The sentence; all is well, unless given. */
  readonly want?: string;
  readonly exit?: number;
}[] = [
  {
    check: "interface-errors",
    name: "new ones",
    before: { "proc/net/dev": devices(3, 0) },
    tree: { "proc/net/dev": devices(5, 0) },
    want:
      "WARNING  interface-errors: eth0 has 2 new errors in receiving and 4 in sending",
    exit: 1,
  },
  {
    check: "interface-errors",
    name: "old ones",
    before: { "proc/net/dev": devices(3, 0) },
    tree: { "proc/net/dev": devices(3, 9) },
  },
  {
    check: "interface-errors",
    name: "counters that were set back",
    before: { "proc/net/dev": devices(3, 0) },
    tree: { "proc/net/dev": devices(1, 0) },
  },
  {
    check: "interface-drops",
    name: "new ones",
    before: { "proc/net/dev": devices(0, 1) },
    tree: { "proc/net/dev": devices(0, 4) },
    want:
      "WARNING  interface-drops: eth0 dropped 3 received packets and 6 to be sent",
    exit: 1,
  },
  {
    check: "interface-drops:packets=7",
    name: "few of them",
    before: { "proc/net/dev": devices(0, 1) },
    tree: { "proc/net/dev": devices(0, 4) },
  },
  {
    check: "softnet",
    name: "dropped",
    before: { "proc/net/softnet_stat": softnet(1, 5) },
    tree: { "proc/net/softnet_stat": softnet(18, 5) },
    want:
      "WARNING  softnet: 17 received packets were dropped, since the queue of processor 1 was full",
    exit: 1,
  },
  {
    check: "softnet",
    name: "squeezed",
    before: { "proc/net/softnet_stat": softnet(1, 5) },
    tree: { "proc/net/softnet_stat": softnet(1, 15) },
    want: "NOTE     softnet: processors had no time for all packets 20 times",
  },
  {
    check: "softnet",
    name: "squeezed a little",
    before: { "proc/net/softnet_stat": softnet(1, 5) },
    tree: { "proc/net/softnet_stat": softnet(1, 14) },
  },
  {
    check: "orphans",
    name: "a warning",
    tree: { "proc/net/sockstat": sockstat(500, 2), [ORPHANS]: "1000\n" },
    want:
      "WARNING  orphans: 500 connections have no process any more; the kernel keeps 1000 at most",
    exit: 1,
  },
  {
    check: "orphans",
    name: "critical",
    tree: { "proc/net/sockstat": sockstat(900, 2), [ORPHANS]: "1000\n" },
    want:
      "CRITICAL orphans: 900 connections have no process any more; the kernel keeps 1000 at most",
    exit: 2,
  },
  {
    check: "orphans",
    name: "few",
    tree: { "proc/net/sockstat": sockstat(499, 2), [ORPHANS]: "1000\n" },
  },
  {
    check: "tcp-memory",
    name: "pressure",
    tree: {
      "proc/net/sockstat": sockstat(0, 200),
      [MEMORY]: "100\t200\t300\n",
    },
    want:
      "WARNING  tcp-memory: TCP has 200 pages of memory; buffers shrink from 200 on, and 300 is the limit",
    exit: 1,
  },
  {
    check: "tcp-memory",
    name: "at the limit",
    tree: {
      "proc/net/sockstat": sockstat(0, 285),
      [MEMORY]: "100\t200\t300\n",
    },
    want:
      "CRITICAL tcp-memory: TCP has 285 pages of memory; buffers shrink from 200 on, and 300 is the limit",
    exit: 2,
  },
  {
    check: "tcp-memory",
    name: "little",
    tree: {
      "proc/net/sockstat": sockstat(0, 199),
      [MEMORY]: "100\t200\t300\n",
    },
  },
  {
    check: "conntrack",
    name: "a warning",
    tree: { [`${CONNTRACK}_count`]: "80\n", [`${CONNTRACK}_max`]: "100\n" },
    want:
      "WARNING  conntrack: 80 connections are tracked; 100 is the limit, at which packets are dropped",
    exit: 1,
  },
  {
    check: "conntrack",
    name: "full",
    tree: { [`${CONNTRACK}_count`]: "100\n", [`${CONNTRACK}_max`]: "100\n" },
    want:
      "CRITICAL conntrack: 100 connections are tracked; 100 is the limit, at which packets are dropped",
    exit: 2,
  },
  {
    check: "conntrack",
    name: "few",
    tree: { [`${CONNTRACK}_count`]: "79\n", [`${CONNTRACK}_max`]: "100\n" },
  },
];

async function write(
  root: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = `${root}/${path}`;
    await Deno.mkdir(file.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
}

for (const { check, name, tree, before, want, exit = 0 } of TREES) {
  Deno.test(`checks: ${check}: ${name}`, async () => {
    await withFolder(async (folder) => {
      await write(`${folder}/now`, tree);
      const words = [check, "--root", `${folder}/now`];
      if (before !== undefined) {
        await write(`${folder}/before`, before);
        words.push("--diff", `${folder}/before`);
      }
      const result = await checkTree(...words);
      assert.equal(result.stderr, "");
      const [first] = sentencesOf(result);
      assert.equal(first, want ?? "OK (1 check)");
      assert.equal(result.exit, exit);
    });
  });
}

Deno.test("checks: what a tree lacks is said", async () => {
  await withFolder(async (folder) => {
    await write(`${folder}/now`, { "proc/net/dev": devices(9, 9) });
    await write(`${folder}/before`, { "proc/net/snmp": "" });
    const now = ["--root", `${folder}/now`];
    const diff = ["--diff", `${folder}/before`];
    for (
      const [name, reads] of [
        ["conntrack", now],
        ["tcp-memory", now],
        ["softnet", [...now, ...diff]],
      ] as const
    ) {
      const { stdout } = await checkTree(name, ...reads);
      assert.equal(
        stdout,
        `OK (0 checks; there is nothing here for ${name})\n`,
      );
    }
    const route = await checkTree("no-default-route", ...now);
    assert.match(
      route.stdout,
      /^UNKNOWN +no-default-route: .*\/proc\/net\/route/,
    );
    assert.equal(route.exit, 3);
    const unowned = await checkTree("unowned", ...now);
    assert.match(
      unowned.stdout,
      /^UNKNOWN +unowned: no processes were saved\n/,
    );
    const gone = await checkTree("softnet", ...now, "--diff", `${folder}/none`);
    assert.match(gone.stderr, /^netstat: --diff .*none: No such file/);
    assert.equal(gone.exit, 3);
  });
});

Deno.test("checks: one default route is enough, whatever else cannot be read", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "proc/net/route":
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
    });
    const { stdout, exit } = await checkTree(
      "no-default-route",
      "--root",
      folder,
    );
    assert.deepEqual([stdout, exit], ["OK (1 check)\n", 0]);
  });
});

Deno.test("checks: what was found counts for more than what could not be read", async () => {
  await withFolder(async (folder) => {
    const head =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " +
      "retrnsmt   uid  timeout inode\n";
    const line = "   0: 0100007F:0016 0100007F:C93A 08 00000000:00000000 " +
      "00:00000000 00000000     0        0 4711 1 0000000000000000 20 4 30 10 -1\n";
    const root = ["--root", folder];
    await write(folder, { "proc/net/tcp": head + line });
    await Deno.mkdir(`${folder}/proc/net/tcp6`);
    const found = await checkTree("close-wait:count=1", ...root);
    assert.match(
      found.stdout,
      /^WARNING +close-wait: unknown processes have not closed 1 connection /,
    );
    assert.equal(
      found.stderr,
      "netstat: --check close-wait: cannot read /proc/net/tcp6: Is a directory\n",
    );
    assert.equal(found.exit, 1);
    const few = await checkTree("close-wait:count=2", ...root);
    assert.match(
      few.stdout,
      /^UNKNOWN +close-wait: cannot read \/proc\/net\/tcp6: Is a directory\n/,
    );
    assert.deepEqual([few.stderr, few.exit], ["", 3]);
  });
});

Deno.test("checks: settings that make no sense cost no other check", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "proc/net/sockstat":
        "sockets: used 1\nTCP: inuse 1 orphan 3 tw 0 alloc 1 mem 1\n",
      "proc/sys/net/ipv4/tcp_mem": "190\n",
      "proc/sys/net/ipv4/tcp_max_orphans": "-5\n",
      "proc/sys/net/ipv4/ip_local_port_range": "70000 80000\n",
    });
    const { stdout, exit } = await checkTree(
      "tcp-memory,orphans,ephemeral-ports",
      "--root",
      folder,
    );
    const unknown = stdout.split("\n").filter((line) => /^UNKNOWN/.test(line));
    assert.deepEqual(unknown.sort(), [
      "UNKNOWN  ephemeral-ports: the settings make no sense: " +
      "ip_local_port_range is 70000 80000",
      "UNKNOWN  orphans: /proc/sys/net/ipv4/tcp_max_orphans has a negative number",
      "UNKNOWN  tcp-memory: the settings make no sense: tcp_mem is 190",
    ]);
    assert.equal(exit, 3);
  });
});

Deno.test("checks: of one network namespace only", async () => {
  const { stdout, stderr, exit } = await checkTree("--netns", "all");
  assert.equal(stdout, "");
  assert.match(stderr, /^netstat: --check .*take --netns out\n$/);
  assert.equal(exit, 3);
});

/** What one look does not tell. */
const GROWING = [
  ...["counter-growth", "full-backlog", "interface-drops", "interface-errors"],
  ...[
    "retransmit-rate",
    "retransmits",
    "softnet",
    "stuck-receive",
    "stuck-send",
    "udp-drops",
  ],
];

/** Checks of one look, whose limits what is in the network exceeds. */
const ONE_LOOK = [
  ...["full-backlog", "close-wait:count=1", "fin-wait:count=1", "exposed"],
  ...["loopback-leak", "unix-backlog", "sniffers", "promiscuous", "unowned"],
  ...["no-default-route", "ephemeral-ports:percent=0:critical=99", "time-wait"],
  ...["syn-backlog", "orphans", "tcp-memory", "conntrack"],
].join();

/** Findings, without what only two looks tell. */
function findingsOf({ stdout }: Result): unknown {
  return JSON.parse(
    stdout,
    (key, value) =>
      /_(growth|drops)$/.test(key)
        ? undefined
        : key === "text"
        ? value.replace(/; \d+ packets? w(as|ere) dropped.*$/, "")
        : value,
  );
}

Deno.test("checks: live, and of a save", async (t) => {
  await withFolder(async (folder) => {
    await inWorld(async (world) => {
      const [before, after] = [
        `${folder}/before.tar.gz`,
        `${folder}/after.tar`,
      ];
      const save = async (file: string) => {
        const { exit, stderr } = await look(world, NETSTAT, ["--save", file]);
        assert.equal(exit, 0, stderr);
      };
      await world.tell("ill");
      await world.tell("drop");
      await save(before);
      const live = await check(world, ONE_LOOK, "--json");
      await t.step("one look tells the same", async () => {
        const saved = await checkTree(ONE_LOOK, "--json", "--root", before);
        assert.deepEqual(findingsOf(saved), findingsOf(live));
        assert.equal(saved.exit, live.exit);
        const names = JSON.parse(live.stdout)
          .map(({ check }: { check: string }) => check);
        for (
          const name of [
            ...[
              "full-backlog",
              "close-wait",
              "fin-wait",
              "exposed",
              "sniffers",
            ],
            ...["unix-backlog", "promiscuous", "no-default-route"],
            ...["ephemeral-ports"],
          ]
        ) assert.ok(names.includes(name), `${name}: ${names}`);
      });
      await t.step("what one look does not tell is said", async () => {
        const all = await checkTree("--root", before);
        assert.equal(
          all.stderr,
          "netstat: --check: one look only; what grows is unknown to " +
            `${GROWING.join(", ")}: give an earlier save by --diff\n`,
        );
        assert.match(all.stdout, /; there is nothing here for hidden\b/);
        // nor does it count as well
        const named = await checkTree("udp-drops", "--root", before);
        assert.equal(
          sentencesOf(named)[0],
          "UNKNOWN  udp-drops: one look does not tell what grows: " +
            "give an earlier save by --diff",
        );
        assert.equal(named.exit, 3);
      });
      await save(after);
      await t.step("two looks", async () => {
        const two = await checkTree("--root", after, "--diff", before);
        assert.equal(two.stderr, "");
        assert.equal(two.exit, 2);
        const said = sentencesOf(two).join("\n");
        for (const name of ["counter-growth", "interface-drops", "udp-drops"]) {
          assert.match(
            said,
            new RegExp(`^WARNING +${name}: .* within .* s`, "m"),
          );
        }
      });
      await t.step(
        "the first look is a save, the second one is live",
        async () => {
          const { stdout, stderr, exit } = await look(world, NETSTAT, [
            ...["--check", "udp-drops,interface-errors", "--diff", before],
          ]);
          assert.equal(stderr, "");
          assert.match(
            stdout,
            /^WARNING +udp-drops: \d+ datagrams were dropped within /,
          );
          assert.match(stdout, /\nOK \(1 check\)\n$/);
          assert.equal(exit, 1);
        },
      );
      await t.step("a save that not root made", async () => {
        const file = `${folder}/nobody.tar`;
        await Deno.chmod(folder, 0o777);
        await look(world, NETSTAT, ["--save", file], { uid: 65534 });
        const { stdout, stderr } = await checkTree(
          ...["unowned,exposed", "--root", file],
        );
        assert.match(
          stdout,
          /^UNKNOWN +unowned: only root sees the processes of all users\n/,
        );
        assert.equal(
          stderr,
          "netstat: --check: without root, processes of other users are unknown to exposed\n",
        );
      });
    });
  });
});

Deno.test("checks: a save has all that checks compare with", async () => {
  const { stdout } = await run([NETSTAT, "--save", "-"]);
  const paths = [...namesInTar(stdout)];
  const folder = new URL("../../checks/", import.meta.url);
  let count = 0;
  for await (const { name } of Deno.readDir(folder)) {
    const { settings = {} } =
      (await import(new URL(name, folder).href)).default;
    for (const path of Object.values<string>(settings)) {
      const there = await Deno.stat(path).then(() => true, () => false);
      assert.equal(paths.includes(path.slice(1)), there, path);
      count++;
    }
  }
  assert.ok(count > 5);
});

/** The names in a tar. */
function* namesInTar(tar: string): Iterable<string> {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== "\0";) {
    yield tar.slice(at, at + 100).replace(/\0.*$/s, "");
    const size = parseInt(tar.slice(at + 124, at + 136), 8);
    at += 512 + 512 * Math.ceil(size / 512);
  }
}

/** Files, and how often a run of all checks opens them: once a look. */
const OPENED: readonly (readonly [path: string, times: number])[] = [
  ["/proc/net/udp", 2],
  ["/proc/net/udp6", 2],
  ["/proc/net/dev", 2],
  ["/proc/net/snmp", 2],
  ["/proc/net/netstat", 2],
  ["/proc/net/softnet_stat", 2],
  ["/proc/net/route", 1],
  ["/proc/net/ipv6_route", 1],
  ["/proc/net/unix", 1],
  ["/proc/net/packet", 1],
];

Deno.test("checks: those of one view share one reading", async () => {
  await withFolder(async (folder) => {
    await inWorld(async (world) => {
      const trace = `${folder}/trace`;
      const through = [
        ...["strace", "-f", "-qq", "-o", trace],
        ...["-e", "trace=open,openat,sendto"],
      ];
      await world.tell("ill");
      const words = ["--check", "--interval", "0.1"];
      const { stdout } = await look(world, NETSTAT, words, { through });
      assert.match(stdout, /^OK \(\d+ checks/m);
      const lines = (await Deno.readTextFile(trace)).split("\n")
        .filter((line) => !/<unfinished/.test(line));
      const timesOf = (path: string) =>
        lines.filter((line) => line.includes(`"${path}"`)).length;
      for (const [path, most] of OPENED) {
        const times = timesOf(path);
        assert.ok(times > 0, `${path} is not opened`);
        assert.ok(times <= most, `${path} is opened ${times} times`);
      }
      // owners are searched for in the second look only, each process once a family
      const folders = lines.filter((line) => line.includes('"/proc", ')).length;
      assert.ok(
        folders > 0 && folders <= 4,
        `/proc is opened ${folders} times`,
      );
    });
  });
});

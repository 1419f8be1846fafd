/**
 * `--netns`: real network namespaces of every kind, beside `ip netns exec NAME ss`. Needs
 * root, iproute2 and `python3`.
 *
 * `NETNS=all` looks 200 times at namespaces that come and go; else a part of that is done.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { NETSTAT } from "./namespace.ts";
import { look, type Looking, makeWorld, type World } from "./world.ts";

const WORLD = new URL("netns_world.py", import.meta.url).pathname;

const LOOKS = Deno.env.get("NETNS") === "all" ? 200 : 12;

/** What the world says that there is. */
interface Told {
  readonly namespaces: Readonly<
    Record<
      string,
      { readonly inode: number; readonly processes: number | null }
    >
  >;
  readonly sockets: readonly {
    readonly name: string;
    readonly port: number;
    readonly pid: number;
  }[];
}

/** Those that have no name of their own: the world's names are not the kernel's. */
const NAMELESS = ["held", "unnamed", "thread"];

async function inWorld(
  use: (told: Told, world: World) => Promise<void>,
  ...words: string[]
): Promise<void> {
  const world = await makeWorld(
    ...["--net", "--mount", "--pid", "--fork", "--mount-proc"],
    ...["python3", WORLD, ...words],
  );
  try {
    await use(JSON.parse(world.said.slice("ready ".length)), world);
  } finally {
    await world.end();
  }
}

/** Runs `netstat` among the world's processes. */
function netstat(
  world: World,
  args: string,
  looking: Looking = {},
): Promise<Result> {
  return look(world, NETSTAT, args.split(" "), { pids: true, ...looking });
}

/** A row of JSON. */
type Row = Readonly<Record<string, unknown>>;

async function rowsOf(
  world: World,
  args: string,
  looking?: Looking,
): Promise<Row[]> {
  const { stdout, stderr, exit } = await netstat(world, args, looking);
  assert.deepEqual([stderr, exit], ["", 0], args);
  return JSON.parse(stdout);
}

/** Sockets, a line each, in order. */
function lines(rows: readonly Row[], ...keys: string[]): string[] {
  return rows.map((row) => keys.map((key) => `${row[key]}`).join(" ")).sort();
}

/** What is done in the same world, one after the other: nobody changes it. */
const STEPS: readonly {
  readonly name: string;
  test(told: Told, world: World, t: Deno.TestContext): Promise<void>;
}[] = [
  {
    name:
      "--netns all: listeners of every namespace, with names, numbers and owners",
    async test({ namespaces, sockets }, world) {
      const rows = await rowsOf(world, "-tlnp --json --netns all");
      const want = sockets.map(({ name, port, pid }) => ({
        netns: namespaces[name]!.inode,
        netns_name: NAMELESS.includes(name) ? null : name,
        local_port: port,
        pid,
      }));
      const keys = ["netns", "netns_name", "local_port", "pid"];
      assert.deepEqual(lines(rows, ...keys), lines(want, ...keys));
    },
  },
  {
    name: "--netns: text is each listing behind a line, the host's first",
    async test({ namespaces }, world) {
      const { stdout, stderr, exit } = await netstat(world, "-tan --netns all");
      assert.deepEqual([stderr, exit], ["", 0]);
      const parts = stdout.split(/^(?=Network namespace )/m);
      const heads = parts.map((part) => part.slice(0, part.indexOf("\n")));
      const numbers = heads.map((head) => Number(/\((\d+)\)/.exec(head)![1]));
      assert.deepEqual(
        [...numbers].sort(),
        Object.values(namespaces).map(({ inode }) => inode).sort(),
      );
      assert.match(
        heads[0]!,
        /^Network namespace host \(\d+\), \d+ processes$/,
      );
      const names = heads.slice(1).map((head) =>
        /^Network namespace (\S+) \(/.exec(head)?.[1]
      );
      const named = names.filter((name) => name !== undefined);
      assert.deepEqual(named, [...named].sort());
      assert.deepEqual(names.slice(0, named.length), named, "named ones first");
      for (const [name, { inode, processes }] of Object.entries(namespaces)) {
        const head = heads[numbers.indexOf(inode)]!;
        if (!NAMELESS.includes(name)) {
          assert.ok(head.includes(` ${name} (`), head);
        }
        if (processes === null) continue;
        const count = `, ${processes} process${processes === 1 ? "" : "es"}`;
        assert.ok(head.endsWith(count), head);
      }
      assert.match(
        heads[numbers.indexOf(namespaces["held"]!.inode)]!,
        /^Network namespace of \/proc\/1\/fd\/\d+ \(\d+\), 0 processes$/,
      );
      // net-tools' own text, but for the line
      for (const name of ["w0", "w7", "alone"]) {
        const inside = await look(
          world,
          "ip",
          ["netns", "exec", name, NETSTAT, "-tan"],
          { pids: true },
        );
        const part = parts[numbers.indexOf(namespaces[name]!.inode)]!;
        assert.equal(part.slice(part.indexOf("\n") + 1), inside.stdout, name);
      }
    },
  },
  {
    name: "--netns: the sockets and owners that ss finds in 20 namespaces",
    async test({ namespaces }, world) {
      const names = Object.keys(namespaces).filter((name) => /^w\d/.test(name));
      assert.equal(names.length, 20);
      const rows = await rowsOf(
        world,
        `-tanp --netns ${names.join()} --json ` +
          "--columns netns_name,state,local_address,local_port," +
          "foreign_address,foreign_port,owners",
      );
      const ours = rows.map((row) => {
        const state = row.state === "ESTABLISHED" ? "ESTAB" : row.state;
        const owners = row.owners as {
          pid: number;
          fd: number;
          comm: string;
        }[];
        const users = owners.map(({ pid, fd, comm }) =>
          `("${comm}",pid=${pid},fd=${fd})`
        );
        const port = state === "LISTEN" ? "*" : row.foreign_port;
        return `${row.netns_name} ${state} ${row.local_address}:${row.local_port} ` +
          `${row.foreign_address}:${port} ${users.join()}`;
      }).sort();
      const theirs: string[] = [];
      for (const name of names) {
        const { stdout, exit } = await look(
          world,
          "ip",
          ["netns", "exec", name, "/usr/bin/ss", "-Htanp"],
          { pids: true },
        );
        assert.equal(exit, 0);
        for (const line of stdout.trim().split("\n")) {
          const [state, , , local, peer, users = ""] = line.trim().split(/\s+/);
          const inner = /^users:\((.*)\)$/.exec(users)?.[1] ?? "";
          theirs.push(`${name} ${state} ${local} ${peer} ${inner}`);
        }
      }
      assert.deepEqual(ours, theirs.sort());
      assert.ok(ours.some((line) => line.includes("w1 ESTAB 10.9.0.2:")));
    },
  },
  {
    name: "--netns WHICH: names, numbers, pids and paths",
    async test({ namespaces, sockets }, world, t) {
      const pidOf = (name: string) =>
        sockets.find((socket) => socket.name === name)!.pid;
      const numberOf = (name: string) => namespaces[name]!.inode;
      const cases: { readonly which: string; readonly want: string[] }[] = [
        { which: "w3", want: ["w3"] },
        { which: "w3,w1,w3", want: ["w1", "w3"] },
        { which: "w3 --netns host", want: ["host", "w3"] },
        { which: `${numberOf("w4")}`, want: ["w4"] },
        { which: `${pidOf("unnamed")}`, want: ["unnamed"] },
        { which: "/run/netns/w5", want: ["w5"] },
        { which: `/proc/${pidOf("w6")}/ns/net`, want: ["w6"] },
        { which: "hidden", want: ["hidden"] },
        { which: `${numberOf("held")}`, want: ["held"] },
        { which: `${numberOf("thread")},alone`, want: ["alone", "thread"] },
        { which: "1", want: ["host"] },
      ];
      for (const { which, want } of cases) {
        await t.step(which, async () => {
          const { stdout, stderr, exit } = await netstat(
            world,
            `-tan --netns ${which}`,
          );
          assert.deepEqual([stderr, exit], ["", 0]);
          const numbers = Array.from(
            stdout.matchAll(/^Network namespace .*\((\d+)\)/gm),
            ([, number]) => Number(number),
          );
          assert.deepEqual(numbers, want.map(numberOf));
        });
      }
      await t.step("one that nobody knows", async () => {
        const { stdout, stderr, exit } = await netstat(
          world,
          "-tan --netns w3,nobody,/etc/passwd",
        );
        assert.equal(exit, 1);
        assert.match(stdout, /^Network namespace w3 \(/);
        const [first, second, ...rest] = stderr.split("\n");
        assert.match(
          first!,
          /^netstat: --netns: no network namespace "nobody", but host, alone, hidden, w0, /,
        );
        assert.match(
          second!,
          /no network namespace "\/etc\/passwd", but host, /,
        );
        assert.deepEqual(rest, [""]);
      });
      await t.step("none of them", async () => {
        const { stdout, exit } = await netstat(world, "-tan --json --netns x");
        assert.deepEqual([stdout, exit], ["[]\n", 1]);
      });
    },
  },
  {
    name: "--netns: every view is that of the namespace",
    async test(_, world, t) {
      const views = [
        ...["-tan", "-tanp", "-uan", "-xan", "-an", "-rn", "-rn6", "-i", "-ie"],
        ...["-ia", "-gn", "-s", "-s6", "-Mn", "-tanpe"],
        "-tan --source netlink",
        "-tan --columns local_port,tcp_snd_mss,rcvbuf --sort local_port",
        "-tan --where state=ESTABLISHED",
      ];
      for (const view of views) {
        for (const name of ["w1", "alone"]) {
          await t.step(`${view}, ${name}`, async () => {
            const got = await netstat(world, `${view} --netns ${name}`);
            const want = await look(
              world,
              "ip",
              ["netns", "exec", name, NETSTAT, ...view.split(" ")],
              { pids: true },
            );
            const [head, ...rest] = got.stdout.split("\n");
            const isTable = view.includes("--columns");
            if (!isTable) assert.match(head!, /^Network namespace /);
            // what the kernel counts goes on meanwhile
            const steady = (text: string) =>
              /^-[si]/.test(view) ? text.replaceAll(/\d+/g, "N") : text;
            assert.equal(
              steady(isTable ? got.stdout : rest.join("\n")),
              steady(want.stdout),
            );
            assert.deepEqual([got.stderr, got.exit], [want.stderr, want.exit]);
          });
        }
      }
    },
  },
  {
    name: "--netns: questions are about all of them together",
    async test(_, world) {
      const sorted = await rowsOf(
        world,
        "-tln --json --netns all --columns netns_name,local_port " +
          "--sort -local_port --limit 3",
      );
      assert.deepEqual(lines(sorted, "netns_name", "local_port"), [
        "w17 9017",
        "w18 9018",
        "w19 9019",
      ]);
      const counted = await rowsOf(
        world,
        "-tln --json --netns w1,w2,host --count netns_name",
      );
      assert.deepEqual(lines(counted, "netns_name", "count"), [
        "host 1",
        "w1 3",
        "w2 3",
      ]);
      const kept = await rowsOf(
        world,
        "-tln --json --netns all --where netns_name=w9",
      );
      assert.deepEqual(lines(kept, "local_port"), ["8009", "8109", "9009"]);
      const own = await rowsOf(
        world,
        "-tln --json --columns netns,netns_name,local_port",
      );
      assert.deepEqual(lines(own, "netns_name", "local_port"), ["host 7000"]);
      const { stdout, stderr, exit } = await look(world, NETSTAT, [
        ...[
          "-tan",
          "--json",
          "--netns",
          "all",
          "--where",
          "peer_pid is not null",
        ],
        ...["--columns", "netns_name,local_port,peer_pid"],
      ], { pids: true });
      assert.deepEqual([stderr, exit], ["", 0]);
      const peers = JSON.parse(stdout);
      // the other end of the connection between w0 and w1 is elsewhere
      assert.equal(peers.length, 2 * 19);
    },
  },
  {
    name:
      "--netns: a user without rights sees all rows, and is told what he does not",
    async test({ namespaces, sockets }, world) {
      const looking = { uid: 65534 };
      const { stdout, stderr, exit } = await netstat(
        world,
        "-tln --json --netns all",
        looking,
      );
      assert.equal(exit, 1);
      assert.match(
        stderr,
        /^netstat: cannot read network namespaces alone, w0, w1, .*: Operation not permitted\n$/,
      );
      const rows: Row[] = JSON.parse(stdout);
      const seen = sockets.filter(({ name }) => name !== "thread");
      assert.deepEqual(lines(rows, "local_port"), lines(seen as [], "port"));
      const host = rows.filter(({ netns }) => netns !== null);
      assert.deepEqual(lines(host, "netns", "netns_name", "local_port"), [
        `${namespaces["host"]!.inode} host 7000`,
      ]);
      for (const row of rows.filter(({ netns }) => netns === null)) {
        assert.equal(row.netns_name, null);
      }
      const text = await netstat(world, "-i --netns all", looking);
      assert.equal(text.exit, 1);
      assert.match(
        text.stderr,
        /flags and MTU in other network namespaces: Permission denied/,
      );
    },
  },
  {
    name: "--netns -c: again, with those that have come",
    async test(_, world) {
      const { stdout, exit } = await look(
        world,
        "timeout",
        ["2.5", NETSTAT, "-ic", "--netns", "w0,alone"],
        { pids: true },
      );
      assert.equal(exit, 124);
      const heads = stdout.match(/^Network namespace \S+/gm)!;
      assert.deepEqual(heads.slice(0, 4), [
        ...["Network namespace alone", "Network namespace w0"],
        ...["Network namespace alone", "Network namespace w0"],
      ]);
      // net-tools: further rounds have no title
      assert.equal(stdout.match(/^Kernel Interface table$/gm)!.length, 2);
    },
  },
];

Deno.test("network namespaces of every kind", async (t) => {
  await inWorld(async (told, world) => {
    for (const { name, test } of STEPS) {
      await t.step(name, (t) => test(told, world, t));
    }
  });
});

Deno.test("--netns all while namespaces come and go", async () => {
  await inWorld(async ({ sockets }, world) => {
    const long = lines(
      sockets.filter(({ name }) => !NAMELESS.includes(name)),
      "name",
      "port",
    );
    let short = 0;
    for (let i = 0; i < LOOKS; i++) {
      const { stdout, stderr, exit } = await netstat(
        world,
        "-tanp --json --netns all --columns netns_name,local_port,state" +
          ["", ",pid", ",inode", ",pid"][i % 4],
      );
      assert.deepEqual([stderr, exit], ["", 0]);
      const rows: Row[] = JSON.parse(stdout);
      const listening = rows.filter(({ state }) => state === "LISTEN");
      const isShort = (row: Row) => row.local_port as number >= 20_000;
      for (const row of listening.filter(isShort)) {
        short++;
        const name = `c${row.local_port as number - 20_000}`;
        assert.ok([name, null].includes(row.netns_name as string), name);
      }
      const there = listening.filter((row) =>
        !isShort(row) && row.netns_name !== null
      );
      assert.deepEqual(lines(there, "netns_name", "local_port"), long);
    }
    assert.ok(short > LOOKS, `${short} of those that come and go`);
  }, "churn");
});

/**
 * What the kernel tells of sockets over netlink, as a question gets it: beside iproute2's
 * `ss`, beside the kernel's files, and where the kernel does not tell. Needs root,
 * `python3` and `strace`.
 */

import assert from "node:assert/strict";
import { NETSTAT, runCase } from "./namespace.ts";
import {
  expected,
  memory,
  nameOf,
  parseRow,
  printed,
  type Row,
  stateOf,
  still as quiet,
  tcpTokens,
} from "./ss.ts";
import { look, type Looking, makeWorld, still, type World } from "./world.ts";

const WORLD = new URL("diag_world.py", import.meta.url).pathname;
const DEPTH_WORLD = new URL("depth_world.py", import.meta.url).pathname;
const SS_WORLD = new URL("ss_world.py", import.meta.url).pathname;
const HALF_OPEN = new URL("half_open.ts", import.meta.url).pathname;

const NOBODY = 65534;

/** The rows that netstat has, and what it says besides. */
async function asked(
  world: World,
  args: readonly string[],
  how: Looking = {},
): Promise<{ rows: Row[]; stderr: string; exit: number }> {
  const { stdout, stderr, exit } = await look(
    world,
    NETSTAT,
    [...args, "--ndjson"],
    how,
  );
  const bytes = Uint8Array.from(stdout, (char) => char.charCodeAt(0));
  const lines = new TextDecoder().decode(bytes).split("\n").filter(Boolean);
  return { rows: lines.map(parseRow), stderr, exit };
}

/** The rows, where there is nothing to say. */
async function rowsOf(
  world: World,
  args: readonly string[],
  how: Looking = {},
): Promise<Row[]> {
  const { rows, stderr, exit } = await asked(world, args, how);
  assert.deepEqual([stderr, exit], ["", 0], args.join(" "));
  return rows;
}

/** All columns but those of processes, which take long. */
const COLUMNS =
  "--columns=@default,@tcp,@memory,@backlog,cookie,ifindex,iface," +
  "shutdown,shutdown_num,mark,v6only";

Deno.test("depth: beside ss", async (t) => {
  const world = await makeWorld("--net", "python3", WORLD);
  try {
    await t.step("TCP", async () => {
      const { lines: all, rows } = await quiet(
        world,
        ["-tanieemoO"],
        () => rowsOf(world, ["-tan", COLUMNS]),
      );
      // sockets that only have an address are in no table of netstat's
      const lines = all.filter((line) => !line.startsWith("UNCONN"));
      assert.equal(rows.length, lines.length);
      const states = new Set<unknown>();
      for (const row of rows) {
        const cookie = ` sk:${(row.cookie as number).toString(16)}`;
        const line = lines.find((line) => `${line} `.includes(`${cookie} `));
        assert.ok(line !== undefined, `no socket${cookie}`);
        const [state, received, sent, local, , ...tokens] = line.split(/ +/);
        states.add(row.state);
        assert.equal(stateOf(row), state);
        assert.equal(`${row.recv_q}`, received);
        assert.equal(`${row.accept_queue_max ?? row.send_q}`, sent);
        assert.ok(local!.endsWith(`:${row.local_port}`), line);
        const want = tcpTokens(row);
        for (const token of want) {
          assert.ok(tokens.includes(token), `${token} is not in ${line}`);
        }
        const names = want.map(nameOf);
        for (const name of ["rtt", "cwnd", "mss", "skmem", "minrtt"]) {
          const told = tokens.some((token) => nameOf(token) === name);
          assert.equal(names.includes(name), told, `${name} in ${line}`);
        }
      }
      for (const state of ["LISTEN", "ESTABLISHED", "TIME_WAIT"]) {
        assert.ok(states.has(state), `no ${state}`);
      }
    });

    for (
      const [name, args, options] of [
        ["UDP", ["-uan"], ["-uaneemO"]],
        ["packet sockets", ["-A", "packet", "-an"], ["-0aneemO"]],
      ] as const
    ) {
      await t.step(name, async () => {
        const { lines, rows } = await quiet(
          world,
          options,
          () => rowsOf(world, [...args, "--columns=@default,@memory,cookie"]),
        );
        assert.equal(rows.length, lines.length);
        assert.ok(rows.length > 1);
        for (const row of rows) {
          const cookie = (row.cookie as number).toString(16);
          const line = lines.find((line) =>
            line.split(" ").includes(`sk:${cookie}`)
          );
          assert.ok(line !== undefined, `no socket ${cookie}`);
          assert.ok(line.includes(`ino:${row.inode} `), line);
          assert.ok(line.includes(memory(row)), `${memory(row)}: ${line}`);
        }
      });
    }

    await t.step("UNIX sockets, and their other ends", async () => {
      const { lines, rows } = await quiet(
        world,
        ["-xanemO"],
        () =>
          rowsOf(world, [
            "-xan",
            "--columns=@default,@memory,@backlog,peer_inode,peer_path,recv_q," +
            "send_q,shutdown_num",
          ]),
      );
      assert.ok(lines.length > 5);
      // one of these waits to be accepted, and has no inode
      assert.equal(rows.length, lines.length + 1);
      for (const line of lines) {
        const [, received, sent, name, inode, peer, skmem, arrow] =
          / (\d+) +(\d+) +(\S.*?) +(\d+) +\S+ +(\d+) +(skmem:\S+) (\S+)/
            .exec(line)!;
        const row = rows.find((row) => inode === `${row.inode}`);
        assert.ok(row !== undefined, line);
        assert.equal(skmem, memory(row));
        assert.equal(row.path ?? "*", name);
        if (peer !== "0") assert.equal(`${row.peer_inode}`, peer);
        assert.equal(`${row.recv_q}`, received);
        assert.equal(`${row.accept_queue_max ?? row.send_q}`, sent);
        const arrows = ["<->", "-->", "<--", "---"];
        assert.equal(arrow, arrows[row.shutdown_num as number]);
        const other = rows.find((other) =>
          other.inode === row.peer_inode && other.inode !== 0
        );
        if (other) assert.equal(row.peer_path, other.path);
      }
    });

    await t.step("netlink sockets", async () => {
      const columns = "--columns=@default,multicast_groups,rcvbuf";
      const rows = await rowsOf(world, ["-A", "netlink", "-an", columns]);
      const member = rows.find(({ multicast_groups: groups }) =>
        JSON.stringify(groups) === '["1","33"]'
      );
      assert.equal(member?.groups, 1);
      assert.ok(rows.every(({ rcvbuf }) => (rcvbuf as number) > 0));
    });

    await t.step("columns of the file are the same", () => sameAsFile(world));

    await t.step("text with a test of what netlink tells", async () => {
      for (
        const args of [["-tan"], ["-tanoe"], ["-tanpW"], ["-tn"], ["-uan"]]
      ) {
        const text = async (...where: string[]) =>
          still(await look(world, NETSTAT, [...args, ...where]));
        const all = await text();
        // which is true of all
        assert.deepEqual(
          await text(
            "--where=shutdown_num is not null or " +
              "shutdown_num is null",
          ),
          all,
        );
        const some = await text("--where=shutdown = none and rcvbuf > 0");
        const lines = all.stdout.split("\n");
        const chosen = some.stdout.split("\n");
        assert.ok(chosen.length < lines.length || args[0] === "-uan");
        assert.ok(chosen.length > 4);
        for (const line of chosen) assert.ok(lines.includes(line), line);
      }
    });

    await t.step(
      "what the kernel chooses by is the same as what we do",
      () => sameChoice(world),
    );

    await t.step("what only root is told", async () => {
      const marked = (rows: readonly Row[]) =>
        rows.filter(({ mark }) => mark === 42).length;
      const args = ["-tan", "--columns=local_port,mark"];
      assert.ok(marked(await rowsOf(world, args)) >= 3);
      const rows = await rowsOf(world, args, { uid: NOBODY });
      assert.ok(rows.length > 10);
      assert.ok(rows.every(({ mark }) => mark === null));
      // nor does the kernel choose by it
      const where = [...args, "--where=mark = 42"];
      assert.equal((await rowsOf(world, where)).length, marked(rows) + 3);
      assert.deepEqual(await rowsOf(world, where, { uid: NOBODY }), []);
    });

    await t.step("the kernel's files, if it may not be asked", async () => {
      const through = [
        ..."strace -f -qq -o /dev/null -e trace=socket".split(" "),
        "-e",
        "inject=socket:error=EPERM",
      ];
      const args = ["-tan", "--columns=local_port,state,rtt,rcvbuf"];
      const { rows, stderr, exit } = await asked(world, args, { through });
      const told = await rowsOf(world, args);
      const plain = ({ local_port, state }: Row) => `${local_port} ${state}`;
      assert.deepEqual(rows.map(plain).sort(), told.map(plain).sort());
      assert.ok(told.some(({ rtt }) => rtt !== null));
      assert.ok(
        rows.every(({ tcp_rtt_us: rtt, rcvbuf }) =>
          rtt === null && rcvbuf === null
        ),
      );
      assert.equal(
        stderr,
        "netstat: cannot read sock_diag: Operation not permitted (and 1 more)\n",
      );
      assert.equal(exit, 1);
    });

    await t.step("a file that is mounted in the kernel's place", async () => {
      const folder = await Deno.makeTempDir();
      await Deno.mkdir(`${folder}/proc/net`, { recursive: true });
      await Deno.writeTextFile(
        `${folder}/proc/net/tcp`,
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " +
          "retrnsmt   uid  timeout inode\n" +
          "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 " +
          "00000000     0        0 4711 1\n",
      );
      const { stdout, stderr } = await runCase({
        name: "depth",
        path: folder,
        args: ["-4tan", "--columns=inode,rtt"],
        uid: 0,
        timeout: undefined,
        env: {},
        reference: { stdout: "", stderr: "", exit: 0 },
        ours: undefined,
        needsKernel: true,
      }, NETSTAT);
      await Deno.remove(folder, { recursive: true });
      assert.deepEqual([stdout, stderr], ["inode  rtt\n 4711    -\n", ""]);
    });

    await t.step("--source and --root", async () => {
      const args = ["-tan", "--columns=local_port,rtt"];
      for (const rtt of await rowsOf(world, [...args, "--source=procfs"])) {
        assert.equal(rtt.tcp_rtt_us, null);
      }
      const { rows } = await asked(world, [...args, "--root=/"]);
      assert.ok(rows.length > 10);
      for (const row of rows) assert.equal(row.tcp_rtt_us, null);
    });
  } finally {
    await world.end();
  }
});

/** What `ss` prints in that scene, so that it is known to be compared. */
const TCP_TOKENS =
  "users timer uid ino sk fwmark cgroup v6only <-> --> <-- --- tos tclass class_id " +
  "inet-sockopt skmem ts sack ecn ecnseen fastopen bbr cubic reno wscale rto backoff " +
  "rtt ato mss pmtu rcvmss advmss cwnd ssthresh bytes_sent bytes_retrans bytes_acked " +
  "bytes_received segs_out segs_in data_segs_out data_segs_in send lastsnd lastrcv " +
  "lastack pacing_rate delivery_rate delivered delivered_ce app_limited busy " +
  "rwnd_limited unacked retrans lost sacked dsack_dups reordering " +
  "reord_seen rcv_rtt rcv_space rcv_ssthresh notsent minrtt rcv_ooopack snd_wnd " +
  "rcv_wnd rehash tcp-ulp-mptcp flags token seq sfseq ssnoff maplen md5keys";
const UDP_TOKENS = "users uid ino sk fwmark cgroup v6only <-> skmem";

/** What `ss` can print and this scene does not have, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  usec_ts: "a route must ask for it",
  sndbuf_limited: "a wire of 40 ms and small buffers do not bring it about",
  fackets: "0 since Linux 4.15",
  "tcp-ulp-tls": "this kernel has no TLS; made answers have it",
  vegas: "this kernel has no such algorithm; made answers have it",
  dctcp: "likewise",
};

/** A time passes between two looks, of which ours is in the middle; milliseconds. */
const SLACK = 20;

/** Where the folders of cgroups are. */
function cgroups(): string | undefined {
  const mounts = Deno.readTextFileSync("/proc/self/mountinfo");
  return /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(mounts)?.[1];
}

/** Compares each value that `ss` prints of sockets with ours; says which there are. */
async function sameValues(
  world: World,
  options: string,
  args: readonly string[],
): Promise<Set<string>> {
  const { lines: all, before, rows } = await quiet(
    world,
    [options, "--tos", "--inet-sockopt"],
    () => rowsOf(world, [...args, "--columns=@all"]),
  );
  // sockets that only have an address are in no table of netstat's
  const isListed = (line: string) =>
    options.startsWith("-u") || !line.startsWith("UNCONN");
  const lines = all.filter(isListed);
  assert.equal(rows.length, lines.length);
  const mount = cgroups();
  const seen = new Set<string>();
  for (const row of rows) {
    const isOf = (line: string) =>
      line.split(" ").includes(`sk:${(row.cookie as number).toString(16)}`);
    const line = lines.find(isOf);
    assert.ok(line !== undefined, `no socket ${row.cookie}`);
    const [state, received, sent, local, foreign] = line.split(/ +/);
    if (options.startsWith("-t")) assert.equal(stateOf(row), state);
    assert.equal(`${row.recv_q}`, received);
    assert.equal(`${row.accept_queue_max ?? row.send_q}`, sent);
    assert.ok(local!.endsWith(`:${row.local_port}`), line);
    assert.ok(foreign!.endsWith(`:${row.foreign_port || "*"}`), line);
    const { tokens, passing, cgroup } = printed(line);
    const want = expected(row);
    assert.deepEqual(want.tokens.toSorted(), tokens.toSorted(), line);
    const earlier = printed(before.find(isOf)!).passing;
    assert.deepEqual(
      [...want.passing.keys()].sort(),
      [...passing.keys()].sort(),
      line,
    );
    for (const [name, value] of want.passing) {
      const [one, other] = [earlier.get(name)!, passing.get(name)!];
      // seconds are whole where there are many of them, and minutes
      const slack = value >= 600_000 ? 60_000 : value >= 10_000 ? 1000 : SLACK;
      assert.ok(
        value >= Math.min(one, other) - slack &&
          value <= Math.max(one, other) + slack,
        `${name} is ${value}, between ${one} and ${other}`,
      );
    }
    assert.equal(cgroup !== undefined, row.cgroup_id !== null, line);
    if (mount !== undefined && cgroup?.startsWith("/")) {
      const { ino } = await Deno.stat(mount + cgroup);
      assert.equal(ino, row.cgroup_id, line);
    }
    for (const token of [...tokens, ...passing.keys()]) seen.add(nameOf(token));
    if (cgroup !== undefined) seen.add("cgroup");
  }
  return seen;
}

const UNIX_TYPES: Readonly<Record<string, string>> = {
  STREAM: "u_str",
  DGRAM: "u_dgr",
  SEQPACKET: "u_seq",
};

/** Compares each value that `ss` prints of UNIX sockets with ours. */
async function sameUnixValues(world: World): Promise<Set<string>> {
  const { lines, rows } = await quiet(
    world,
    ["-xampeO"],
    () => rowsOf(world, ["-xan", "--columns=@all"]),
  );
  const seen = new Set<string>();
  for (const line of lines) {
    const [type, state, received, sent, name, inode, , peer, ...rest] = line
      .split(/ +/);
    const row = rows.find((row) => `${row.inode}` === inode);
    assert.ok(row !== undefined, line);
    assert.equal(UNIX_TYPES[row.type as string], type);
    assert.equal(row.state === "LISTENING", state === "LISTEN", line);
    assert.deepEqual(
      [`${row.recv_q}`, `${row.accept_queue_max ?? row.send_q}`],
      [received, sent],
      line,
    );
    assert.equal(row.path ?? "*", name);
    if (peer !== "0") assert.equal(`${row.peer_inode}`, peer);
    const users = (row.owners as Row[]).map(({ comm, pid, fd }) =>
      `("${comm}",pid=${pid},fd=${fd})`
    );
    const want = [memory(row), ARROWS[row.shutdown_num as number]!];
    if (users.length > 0) want.push(`users:(${users})`);
    if (row.vfs_inode !== null) {
      const [major, minor] = [row.vfs_major as number, row.vfs_minor as number];
      // `ss` takes the kernel's own form of a device for that of programs
      const device = `${minor >> 8}/${minor & 255 | major << 8}`;
      want.push(`ino:${row.vfs_inode}`, `dev:${device}`);
    }
    const pending = row.pending_inodes as string[] | null;
    if (pending !== null) want.push("peers:", ...pending);
    assert.deepEqual(rest.sort(), want.sort(), line);
    for (const token of rest) seen.add(nameOf(token));
  }
  return seen;
}

const ARROWS = ["<->", "-->", "<--", "---"];

Deno.test("depth: each value that ss prints", async (t) => {
  const world = await makeWorld("--net", "python3", SS_WORLD);
  const lacks = world.said.trim().split(" ").slice(1);
  try {
    await t.step("of TCP", async () => {
      const seen = await sameValues(world, "-tanieempoO", ["-tan"]);
      // what is in no scene yet must be compared, or have a reason
      for (const name of seen) {
        const isKnown = TCP_TOKENS.split(" ").includes(name);
        assert.ok(isKnown || Object.hasOwn(NOT_HERE, name), name);
      }
      if (lacks.length === 0) {
        for (const name of TCP_TOKENS.split(" ")) {
          assert.ok(seen.has(name), `${name} is not printed`);
        }
      }
    });
    await t.step("of UDP", async () => {
      const seen = await sameValues(world, "-uaneempO", ["-uan"]);
      for (const name of UDP_TOKENS.split(" ")) {
        assert.ok(seen.has(name), `${name} is not printed`);
      }
    });
    await t.step("of UNIX sockets", async () => {
      const seen = await sameUnixValues(world);
      for (const name of ["users", "ino", "dev", "peers", "skmem", ...ARROWS]) {
        assert.ok(seen.has(name), `${name} is not printed`);
      }
    });
  } finally {
    await world.end();
  }
});

/** What grows while it is looked at twice, and by how much at most. */
const GROWING: Readonly<Record<string, number>> = {
  timer_ms: 2000,
  // a packet that nobody answers is sent again
  retransmits: 1,
};

/** What both tell is the same, but for a time that passes. */
async function sameAsFile(world: World, how: Looking = {}): Promise<void> {
  for (const args of ["-ta", "-t", "-tl", "-ua", "-u", "-ul", "-xa", "-x"]) {
    const words = [args, "-n"];
    const file = await rowsOf(world, [...words, "--source=procfs"], how);
    const columns = "--columns=@default,cookie";
    const told = await rowsOf(world, [...words, columns], how);
    assert.equal(told.length, file.length);
    for (const [i, row] of file.entries()) {
      const other = told[i]!;
      for (const [key, value] of Object.entries(row)) {
        const where = `${key} of ${JSON.stringify(row)}`;
        const most = GROWING[key];
        if (most === undefined) assert.deepEqual(other[key], value, where);
        else assert.ok(Math.abs(Number(other[key]) - Number(value)) <= most);
      }
    }
  }
}

/** Numbers that are the same in each run. */
let seed = 5;
function below(most: number): number {
  seed = Math.imul(seed ^ seed >>> 15, seed | 1) + 0x6d2b79f5 | 0;
  return ((seed ^ seed >>> 14) >>> 0) % most;
}
const one = <T>(list: readonly T[]): T => list[below(list.length)]!;

const TESTS: readonly (() => string)[] = [
  () => `local_port ${one(["=", "!=", "<", ">="])} ${one([22, 80, 443, 8080])}`,
  () => `foreign_port ${one(["=", "!=", "<=", ">"])} ${one([0, 22, 8080])}`,
  () => `local_port in (${one([22, 443])}, ${one(["1..100", "8000..9000"])})`,
  () => `foreign_port not in (${one([0, 22])}, 80)`,
  () => `state = ${one(["LISTEN", "ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT"])}`,
  () => `state != ${one(["LISTEN", "ESTABLISHED", "FIN_WAIT2"])}`,
  () => `foreign_address = ${one(["127.0.0.1", "::1", "::", "0.0.0.0"])}`,
  () => `local_address in ${one(["127.0.0.0/8", "::/0", "::1/128"])}`,
  () => `local_address not in ${one(["127.0.0.0/31", "0.0.0.0/0", "::/1"])}`,
  () => `mark = ${one([0, 42])}`,
  () => `ifindex ${one(["=", "!="])} ${one([0, 1])}`,
  () => `rcvbuf > ${one(["0", "64K"])}`,
  () => "cgroup_id = 1",
];

/** The same question, as the kernel can help with it and as it cannot. */
async function sameChoice(world: World): Promise<void> {
  let chosen = 0;
  for (let i = 0; i < 60; i++) {
    const where = Array.from({ length: 1 + below(3) }, () => one(TESTS)());
    const ask = (where: string) =>
      rowsOf(world, [
        one(["-tan", "-tan", "-tln", "-tn"]),
        `--where=${where}`,
        "--columns=proto,cookie,local_port,state,local_address,ifindex",
      ]);
    const before = seed;
    const helped = await ask(where.join(" and "));
    seed = before;
    const alone = await ask(`not not (${where.join(" and ")})`);
    assert.deepEqual(helped, alone, where.join(" and "));
    chosen += helped.length;
  }
  assert.ok(chosen > 100, `${chosen}`);
}

Deno.test("depth: connections that are half open are whose the listener is", async () => {
  const world = await makeWorld(
    "--net",
    "sh",
    "-c",
    // rules need root, and a listener need not be root's
    'exec "$0" run -A "$1"',
    Deno.execPath(),
    HALF_OPEN,
  );
  try {
    const rows = await rowsOf(world, ["-tan", "--columns=@default,@backlog"]);
    const half = rows.filter(({ state }) => state === "SYN_RECV");
    assert.ok(half.length >= 2, `${half.length}`);
    const listening = rows.filter(({ state }) => state === "LISTEN");
    for (const row of half) {
      assert.equal(row.local_port, 7000);
      assert.equal(row.inode, 0);
      const listener = listening.find((l) => l.proto === row.proto);
      assert.equal(row.listener_inode, listener?.inode);
      assert.equal(row.uid, listener?.uid);
      assert.equal(typeof row.syn_retransmits, "number");
    }
    await sameAsFile(world);
  } finally {
    await world.end();
  }
});

/** What `depth_world.py` says. */
interface Facts {
  readonly pid: number;
  readonly real: number;
  readonly names: Readonly<Record<string, string>>;
  readonly path: string;
  readonly clients: readonly number[];
  readonly tcp: Readonly<Record<string, [inode: number, pid: number]>>;
  readonly tcp_listener: number;
  readonly udp: Readonly<Record<string, [inode: number, pid: number]>>;
  readonly unix: Readonly<Record<string, [inode: number, name: string | null]>>;
  readonly log: number;
  readonly drops: number;
}

Deno.test("depth: both ends, and names that look like rows", async (t) => {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o777);
  const world = await makeWorld(
    "--net",
    "python3",
    DEPTH_WORLD,
    folder,
    `${NOBODY}`,
  );
  const facts: Facts = JSON.parse(world.said.replace("ready ", ""));
  const find = (rows: readonly Row[], inode: string | number) => {
    const row = rows.find((row) => row.inode === Number(inode));
    assert.ok(row !== undefined, `no ${inode}`);
    return row;
  };
  try {
    await t.step("TCP and UDP", async () => {
      const columns = "--columns=inode,listener_inode,pending_accept,@peer";
      for (const uid of [0, NOBODY]) {
        const { rows } = await asked(world, ["-tan", columns], { uid });
        for (const [inode, [peer, pid]] of Object.entries(facts.tcp)) {
          const row = find(rows, inode);
          assert.deepEqual([row.peer_inode, row.peer_pid], [peer, pid]);
          assert.equal(row.peer_program, "python3");
          const [owner] = row.peer_owners as Row[];
          assert.deepEqual([owner!.pid, owner!.comm], [pid, "python3"]);
        }
        const pending = rows.filter((row) => row.pending_accept === true);
        assert.equal(pending.length, 1);
        assert.equal(pending[0]!.listener_inode, facts.tcp_listener);
      }
      const udp = await rowsOf(world, ["-uan", "--columns=inode,@peer"]);
      for (const [inode, [peer, pid]] of Object.entries(facts.udp)) {
        const row = find(udp, inode);
        assert.deepEqual([row.peer_inode, row.peer_pid], [peer, pid]);
      }
    });

    await t.step("TCP by its files", async () => {
      const columns = "--columns=inode,peer_inode,peer_pid";
      const rows = await rowsOf(world, ["-tan", columns, "--source=procfs"]);
      for (const [inode, peer] of Object.entries(facts.tcp)) {
        const row = find(rows, inode);
        assert.deepEqual([row.peer_inode, row.peer_pid], peer);
      }
    });

    await t.step("a user who may not see the processes", async () => {
      const columns = "--columns=inode,peer_inode,peer_pid,peer_owners";
      const { rows, stderr, exit } = await asked(
        world,
        ["-tan", columns],
        { uid: 1 },
      );
      assert.match(stderr, /^\(No info could be read for "-p": geteuid\(\)=1 /);
      assert.equal(exit, 0);
      for (const [inode, [peer]] of Object.entries(facts.tcp)) {
        const row = find(rows, inode);
        assert.deepEqual(
          [row.peer_inode, row.peer_pid, row.peer_owners],
          [peer, null, []],
        );
      }
    });

    await t.step("UNIX sockets", async () => {
      const columns = "--columns=inode,path,socket_name,@peer";
      const rows = await rowsOf(world, ["-xan", columns]);
      for (const [inode, [peer, name]] of Object.entries(facts.unix)) {
        const row = find(rows, inode);
        assert.deepEqual([row.peer_inode, row.peer_name], [peer, name]);
        assert.equal(row.peer_pid, facts.pid);
        assert.equal(row.peer_path, name && name.replaceAll("\0", "@"));
      }
      const log = find(rows, facts.log);
      assert.equal(log.socket_name, "\0log\0");
      // two send to it
      assert.deepEqual([log.peer_inode, log.peer_pid], [null, null]);
      assert.equal((log.peer_owners as Row[]).length, 2);
      const [client, other] = facts.clients.map((inode) => find(rows, inode));
      assert.deepEqual(
        [client!.peer_inode, client!.peer_path, client!.peer_pid],
        [0, `${folder}/real`, facts.pid],
      );
      assert.equal(other!.peer_name, facts.path);
    });

    await t.step("tests of the other end", async () => {
      const { stdout, stderr } = await look(world, NETSTAT, [
        "-xan",
        `--where=peer_pid = ${facts.pid} and type = SEQPACKET`,
      ]);
      assert.equal(
        stderr.replaceAll(/warning, got bogus unix line\.\n/g, ""),
        "",
      );
      const lines = stdout.split("\n").slice(2, -1);
      assert.equal(lines.length, 2);
      for (const line of lines) {
        assert.match(line, /^unix +\d+ +\[ \] +SEQPACKET +CONNECTED +\d+ +$/);
      }
    });

    /** What is true of the rows, whichever columns are shown. */
    const noneIsForged = (rows: readonly Row[]) => {
      assert.ok(!rows.some(({ path }) => /^\/?forged$/.test(`${path}`)));
      const inodes = rows.map(({ inode }) => inode).filter(Boolean);
      assert.equal(new Set(inodes).size, inodes.length);
      for (const [inode, name] of Object.entries(facts.names)) {
        assert.equal(find(rows, inode).path, name.replaceAll("\0", "@"));
      }
      assert.equal(find(rows, facts.real).path, `${folder}/real`);
      assert.deepEqual(
        rows.filter(({ inode }) => inode === 0).map(({ path }) => path).sort(),
        [`${folder}/real`, facts.path].sort(),
      );
    };

    for (
      const args of [
        [],
        ["-p"],
        ["--columns=inode,path,state"],
        ["--columns=inode,path,peer_inode"],
        ["--sort=path"],
      ]
    ) {
      await t.step(`no row is forged: ${args.join(" ")}`, async () => {
        const rows = await rowsOf(world, ["-xan", ...args]);
        noneIsForged(rows);
        const [real] = rows.filter(({ inode }) => inode === facts.real);
        assert.equal(real!.state ?? "LISTENING", "LISTENING");
        if (args[0] === "-p") {
          assert.equal(find(rows, facts.real).pid, facts.pid);
        }
      });
    }

    await t.step("the text is net-tools'", async () => {
      const { stdout } = await look(world, NETSTAT, ["-xan"]);
      assert.match(stdout, / 4711 +\/forged$/m);
    });

    await t.step("drops", async () => {
      for (const source of [[], ["--source=procfs"]]) {
        const columns = "--columns=inode,drops,rcvbuf";
        const rows = await rowsOf(world, ["-uan", columns, ...source]);
        const { drops, rcvbuf } = find(rows, facts.drops);
        assert.ok(Number(drops) > 50, `${drops}`);
        assert.equal(rcvbuf, source.length === 0 ? 4608 : null);
      }
      const { stdout } = await look(world, NETSTAT, [
        "-uan",
        "--where=drops > 0",
      ]);
      assert.equal(stdout.split("\n").length, 4, stdout);
    });

    await t.step("sockets of which this kernel need not tell", async () => {
      const columns = "--columns=proto,local_port,rcvbuf,drops,inode";
      const rows = await rowsOf(world, ["-wan", columns]);
      assert.equal(rows.length, 1);
      assert.equal(rows[0]!.local_port, 89);
      assert.equal(rows[0]!.drops, 0);
      const { exit } = await look(world, "/usr/bin/ss", ["-wan"]);
      assert.equal(exit, 0);
    });

    await t.step("rounds of -c leave nothing open", async () => {
      const trace = await Deno.makeTempFile();
      await look(world, NETSTAT, ["-c", "-xa", "--ndjson"], {
        through: ["timeout", "-s", "INT", "4", "strace", "-f", "-qq", "-y"]
          .concat(["-e", "trace=socket,close", "-o", trace]),
      });
      const lines = (await Deno.readTextFile(trace)).split("\n");
      await Deno.remove(trace);
      const sockets = (pattern: RegExp) =>
        lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
      const opened = sockets(/socket\(AF_NETLINK.*<socket:\[(\d+)\]>/);
      const closed = sockets(/close\(\d+<socket:\[(\d+)\]>/);
      assert.ok(opened.length >= 3, lines.join("\n"));
      for (const inode of opened) assert.ok(closed.includes(inode), inode);
    });
  } finally {
    await world.end();
    await Deno.remove(folder, { recursive: true });
  }
});

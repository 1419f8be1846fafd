/**
 * Who holds a socket, among real processes in a PID namespace of their own: shown by
 * the reference and by the executable, also to those who may not see everything, and
 * while processes and sockets come and go. Needs root.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { NETSTAT } from "./namespace.ts";
import { compare, look, type Looking, makeWorld, type World } from "./world.ts";

const OWNERS = new URL("owners.py", import.meta.url).pathname;
const CHURN = new URL("churn.py", import.meta.url).pathname;

const NOBODY = 65534;

/** A user who has no process. */
const STRANGER = 65533;

/** The executable runs this often among processes that come and go. */
const RUNS = 200;

/** One descriptor of a process, as the program that made it tells it. */
interface Held {
  readonly pid: number;
  readonly fd: number;
  readonly inode: number;
  readonly comm: string;
  readonly cmdline: readonly string[];
  readonly cmdline_length: number;
  readonly uid: number;
}

/** A row of `--json`. */
interface Row {
  readonly proto: string;
  readonly local_port?: number;
  readonly inode: number;
  readonly pid: number | null;
  readonly program_name: string | null;
  readonly owners: readonly (Omit<Held, "inode"> & { user: string | null })[];
}

/** A world of processes of its own, in which a program runs. */
function makeProcesses(program: string, ...args: string[]): Promise<World> {
  return makeWorld(
    ...["--net", "--pid", "--fork", "--mount-proc", "--kill-child"],
    ...["sh", "-ec", 'ip link set lo up; exec python3 "$@"', "sh", program],
    ...args,
  );
}

function rowsOf(result: Result): Row[] {
  const bytes = Uint8Array.from(result.stdout, (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

const COMMANDS = ["-anp", "-anpe", "-tulpn", "-xap", "-ltp", "-panW"];

const LOOKS: readonly Looking[] = [
  {},
  { uid: NOBODY },
  { uid: STRANGER },
  { through: ["prlimit", "--nofile=32"] },
  { uid: NOBODY, through: ["prlimit", "--nofile=32"] },
];

/** What the kernel lets others see of a process (`hidepid`, proc(5)). */
const VISIBILITY = ["noaccess", "invisible", "ptraceable"];

const NOT_ALL = "(Not all processes could be identified, " +
  "non-owned process info\n" +
  " will not be shown, you would have to be root to see it all.)\n";
const NONE = `(No info could be read for "-p": geteuid()=${STRANGER} ` +
  "but you should be root.)\n";

/** What processes are shown: the ports of which listeners, and what is said of it. */
const SEEN: readonly { look: Looking; sees: number[] | "all"; note: string }[] =
  [
    { look: {}, sees: "all", note: "" },
    // not 1002: the kernel hides a process that gave up root's rights from its user
    { look: { uid: NOBODY }, sees: [1003], note: NOT_ALL },
    { look: { uid: STRANGER }, sees: [], note: NONE },
  ];

async function hide(world: World, hidepid: string): Promise<void> {
  const { code, stderr } = await new Deno.Command("nsenter", {
    args: [
      ...["--mount", `--target=${world.pid}`],
      ...["mount", "-o", `remount,hidepid=${hidepid}`, "/proc"],
    ],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

Deno.test("owners", async (t) => {
  const world = await makeProcesses(OWNERS);
  const held: Record<string, Held[]> = JSON.parse(
    world.said.slice("ready".length),
  );
  try {
    await t.step("each way of holding a socket is there", () => {
      const count = (port: number) => held[port]!.length;
      assert.equal(count(1001), 5, "shared");
      assert.equal(new Set(held[1001]!.map(({ pid }) => pid)).size, 4);
      assert.equal(held[1002]![0]!.uid, NOBODY);
      assert.equal(held[1003]![0]!.uid, NOBODY);
      assert.equal(count(1004), 0, "a thread's");
      assert.equal(count(1005), 0, "of threads without a leader");
      assert.equal(count(1006), 1, "received");
      assert.equal(count(1007), 0, "on its way");
      assert.ok(held[1008]![0]!.comm.startsWith("a b) \x1b"));
      assert.ok(held[1009]![0]!.cmdline.join("\0").length > 511);
      assert.equal(count(1010), 1, "stopped");
    });

    for (const how of LOOKS) {
      await t.step(`as the reference: ${JSON.stringify(how)}`, async () => {
        for (const args of COMMANDS) {
          await compare(world, args.split(" "), { ...how, pids: true });
        }
      });
    }

    for (const { look: how, sees, note } of SEEN) {
      const whoever = `as ${how.uid ?? 0}`;
      await t.step(`--json has all owners: ${whoever}`, async () => {
        const looking = { ...how, pids: true };
        const args = ["--json", "-tlp", "--numeric-hosts"];
        const result = await look(world, NETSTAT, args, looking);
        assert.equal(result.stderr, note);
        assert.equal(result.exit, 0);
        const rows = rowsOf(result);
        assert.equal(rows.length, Object.keys(held).length);
        for (const { local_port: port, ...row } of rows) {
          const seen = sees === "all" || sees.includes(port!);
          const all = seen ? held[port!]! : [];
          const want = all.map(({ inode, ...holder }) => {
            assert.equal(row.inode, inode);
            const user = holder.uid === NOBODY ? "nobody" : "root";
            return { ...holder, user };
          });
          assert.deepEqual(row.owners, want, `port ${port}`);
          assert.equal(row.pid, want[0]?.pid ?? null, `port ${port}`);
        }
      });
    }

    for (const hidepid of VISIBILITY) {
      await t.step(`hidepid=${hidepid}`, async () => {
        await hide(world, hidepid);
        for (const uid of [0, NOBODY, STRANGER]) {
          const how = { uid, pids: true };
          const { ours } = await compare(world, ["-anp"], how);
          assert.equal(ours.stderr, "", "what is not seen is not missed");
          const json = await look(world, NETSTAT, ["--json", "-tlpn"], how);
          assert.equal(json.stderr, "");
          const owned = rowsOf(json).filter((row) => row.owners.length > 0);
          const ports = owned.map((row) => `${row.local_port}`);
          const want = uid === 0
            ? Object.keys(held).filter((port) => held[port]!.length > 0)
            : uid === NOBODY
            ? ["1003"]
            : [];
          assert.deepEqual(ports.sort(), want);
        }
      });
    }
  } finally {
    await world.end();
  }
});

/** A socket of the text, and the process that is named. */
function pairsOf(text: string): { inode: number; pid: number }[] {
  const pairs: { inode: number; pid: number }[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || /^(Active|Proto) /.test(line)) continue;
    const match = /^(?:tcp|udp|unix).* (\d+) +(?:(\d+)\/\S*|-) *(?:@\S+)? *$/
      .exec(line);
    assert.ok(match, `misshapen: ${JSON.stringify(line)}`);
    const [, inode, pid] = match;
    if (pid !== undefined) {
      pairs.push({ inode: Number(inode), pid: Number(pid) });
    }
  }
  return pairs;
}

Deno.test("processes that come and go", async () => {
  const folder = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "churn-" });
  const log = `${folder}/log`;
  try {
    const world = await makeProcesses(CHURN, log);
    const texts: string[] = [];
    const listings: Row[][] = [];
    try {
      for (let run = 0; run < RUNS; run++) {
        const json = run % 4 === 3;
        const args = json ? ["--json", "-anp"] : ["-anpe"];
        const result = await look(world, NETSTAT, args, { pids: true });
        assert.equal(result.stderr, "");
        assert.equal(result.exit, 0);
        if (json) listings.push(rowsOf(result));
        else texts.push(result.stdout);
      }
    } finally {
      await world.end();
    }

    // now that all have ended, all have told what they had
    const held = new Set<string>();
    const pairs = new Set<string>();
    const pids = new Set<string>();
    for (const line of (await Deno.readTextFile(log)).trim().split("\n")) {
      const [pid, fd, inode] = line.split(" ");
      held.add(`${pid} ${fd} ${inode}`);
      pairs.add(`${pid} ${inode}`);
      pids.add(pid!);
    }
    assert.ok(pids.size > 10 * RUNS / 4, `only ${pids.size} processes`);

    const named = texts.flatMap(pairsOf);
    for (const { inode, pid } of named) {
      assert.ok(pairs.has(`${pid} ${inode}`), `${pid} never had ${inode}`);
    }
    assert.ok(named.length > 10 * RUNS, `only ${named.length} rows`);
    const different = new Set(named.map(({ pid }) => pid));
    assert.ok(different.size > RUNS, `only ${different.size} named`);

    const rows = listings.flat();
    for (const { inode, pid, owners } of rows) {
      for (const { pid, fd, comm, uid } of owners) {
        assert.ok(held.has(`${pid} ${fd} ${inode}`), `${pid} had no ${inode}`);
        assert.ok([null, "python3", "sleep"].includes(comm), comm!);
        assert.ok(uid === 0 || uid === null);
      }
      assert.ok(pid === null || owners.some((owner) => owner.pid === pid));
    }
    const owned = rows.filter(({ owners }) => owners.length > 0);
    assert.ok(owned.length > 2 * RUNS, `only ${owned.length} rows with owners`);
    assert.ok(owned.some(({ owners }) => owners.length > 1), "none is shared");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Has its one socket behind many descriptors, which others come and go before. */
const BUSY = `import os, socket, subprocess, sys, threading
server = socket.create_server(("127.0.0.1", 7000))
os.dup2(server.fileno(), int(sys.argv[1]))
server.close()
many = [os.dup(0) for _ in range(300)]
def churn():
    while True:
        for descriptor in [os.dup(0) for _ in range(40)]:
            os.close(descriptor)
threading.Thread(target=churn, daemon=True).start()
for _ in range(40):
    subprocess.run(sys.argv[2:])
`;

for (const descriptor of [450, 9000]) {
  Deno.test(`a socket at descriptor ${descriptor}, behind others that come and go`, async () => {
    const { stdout } = await new Deno.Command("unshare", {
      args: [
        ...["--net", "python3", "-c", BUSY, `${descriptor}`],
        ...[NETSTAT, "-tlnp"],
      ],
      stdin: "null",
    }).output();
    const rows = new TextDecoder().decode(stdout).match(/^tcp .*$/gm) ?? [];
    assert.equal(rows.length, 40);
    for (const row of rows) assert.match(row, / LISTEN {6}\d+\/python3 /);
  });
}

/** Has 900 listeners and 5.7 MB of arguments, then looks how much a listing takes. */
const TALKATIVE = `import json, os, resource, socket, subprocess, sys
if len(sys.argv) == 2:
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_STACK, (unlimited, unlimited))
    os.execv(sys.executable, sys.orig_argv + ["x" * 100_000] * 57)
kept = [socket.create_server(("127.0.0.1", 7000 + i)) for i in range(900)]
out = subprocess.run([sys.argv[1], "--json", "-tlnp"], stdout=subprocess.PIPE).stdout
with open("/proc/self/cmdline", "rb") as file:
    length = len(file.read())
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
owners = [owner for row in json.loads(out) for owner in row["owners"]]
print(json.dumps({
    "bytes": len(out), "peak": peak, "owners": len(owners), "length": length,
    "shown": max(sum(len(word) + 1 for word in o["cmdline"]) for o in owners),
    "told": sorted({o.get("cmdline_length") for o in owners}, key=str),
}))
`;

Deno.test("--json -p: a long command line is cut, and it is told how long it is", async () => {
  const { stdout } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "sh", "-ec", 'ip link set lo up; exec "$@"', "sh"],
      ...["python3", "-c", TALKATIVE, NETSTAT],
    ],
    stdin: "null",
  }).output();
  const found = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(found.owners, 900);
  assert.ok(found.length > 5_700_000, `${found.length} bytes of arguments`);
  assert.deepEqual(found.told, [found.length]);
  assert.ok(found.shown >= 4096 && found.shown <= 4097, `${found.shown}`);
  assert.ok(found.bytes < 900 * 5000, `${found.bytes} bytes`);
  assert.ok(found.peak < 200_000, `${found.peak} KiB`);
});

/** A user who has nothing else: all that one runs counts to the limit. */
const HOLDER = 65532;

/** Three processes with 17,400 sockets each; then a command runs. */
const MANY = `import os, signal, socket, subprocess, sys
children = []
for host in range(1, 4):
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        server = socket.create_server((f"127.0.0.{host}", 8080), backlog=100)
        kept = [server]
        for _ in range(8700):
            kept.append(socket.create_connection(server.getsockname()))
            kept.append(server.accept()[0])
        os.write(tell, b"x")
        signal.pause()
    os.read(told, 1)
    children.append(child)
status = subprocess.run(sys.argv[1:]).returncode
for child in children: os.kill(child, signal.SIGKILL)
sys.exit(status)
`;

/** The listings, each into its file: the reference's, ours, and with fewer threads. */
const MANY_LOOKS = `cd "$1"
netstat -tanp > reference
"$2" -tanp > ours
"$2" --json -tanp > json
strace -f -o trace -e trace=readlinkat "$2" -tanp > /dev/null
for more in 0 1 2 3 4 5; do
  status=0
  (ulimit -u $((5 + $(nproc) + more)); exec "$2" -tanp) > "limit$more" || status=$?
  echo $status >> statuses
done
`;

/** What is looked at of a connection in JSON. */
interface Connection {
  readonly local_address: string;
  readonly local_port: number;
  readonly foreign_address: string;
  readonly foreign_port: number;
  readonly owners: readonly { readonly pid: number; readonly comm: string }[];
}

Deno.test("-p: 52,200 sockets have the owners that the reference finds, however many threads there may be", async () => {
  const folder = await Deno.makeTempDir({ prefix: "netstat-many-" });
  await Deno.chmod(folder, 0o777);
  try {
    // of a user, whose threads can be limited
    const { success, stderr } = await new Deno.Command("unshare", {
      args: [
        ...["--net", "--pid", "--fork", "--mount-proc", "sh", "-ec"],
        'ulimit -n 18000; ip link set lo up; exec "$@"',
        ...["sh", "setpriv", `--reuid=${HOLDER}`, "--clear-groups"],
        ...["/usr/bin/python3", "-c", MANY],
        ...["bash", "-ec", MANY_LOOKS, "bash", folder, NETSTAT],
      ],
      stdin: "null",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
    const reference = await read("reference");
    assert.equal(reference.match(/python3 *$/gm)?.length, 3 * 17_401);
    assert.ok(await read("ours") === reference, "ours");
    // a line of text for each row of JSON, as far as owners go
    const rows: readonly Connection[] = JSON.parse(await read("json"));
    const told = rows.map((row) =>
      `${row.local_address}:${row.local_port} ` +
      `${row.foreign_address}:${row.foreign_port || "*"} ` +
      row.owners.map(({ pid, comm }) => `${pid}/${comm}`).join()
    );
    const shown = Array.from(
      reference.matchAll(/^tcp +\d+ +\d+ +(\S+) +(\S+) +\w+ +(\S+)/gm),
      ([, ...words]) => words.join(" "),
    );
    assert.equal(told.length, 3 * 17_401);
    assert.ok(`${told.sort()}` === `${shown.sort()}`, "owners in JSON");
    const calls = (await read("trace")).match(/^\d+/gm)!.map(Number);
    const first = Math.min(...calls);
    const aside = calls.filter((thread) => thread !== first).length;
    const isAside = navigator.hardwareConcurrency > 1;
    assert.ok(calls.length > 3 * 17_000, `${calls.length} links were read`);
    assert.equal(aside > 1000, isAside, `${aside} links were read aside`);
    const statuses = (await read("statuses")).trim().split("\n");
    assert.ok(statuses.includes("126") && statuses.slice(-2).join() === "0,0");
    for (const [more, status] of statuses.entries()) {
      const shown = await read(`limit${more}`);
      assert.ok(shown === (status === "0" ? reference : ""), `limit${more}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

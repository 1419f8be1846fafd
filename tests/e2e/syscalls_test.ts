/**
 * How often the executable asks the kernel for files, counted by `strace` in a fixed
 * tree: no timing, so it judges on any machine. Needs root.
 */

import assert from "node:assert/strict";
import type { Case } from "../cases.ts";
import { NETSTAT, runCase } from "./namespace.ts";

/** System calls by what they do. */
const KINDS = {
  open: ["open", "openat", "openat2"],
  read: ["read", "pread64", "readv", "preadv", "preadv2"],
  readlink: ["readlink", "readlinkat"],
  getdents: ["getdents64"],
} as const;

type Kind = keyof typeof KINDS;
type Counts = Record<Kind, number>;

/** Sockets of TCP, and as many of UNIX. */
const SOCKETS = 40;

/** Processes 101 to 105 hold the former, 106 to 110 the latter. */
const PROCESSES = 10;

/** Descriptors of each process; eight of them are sockets. */
const DESCRIPTORS = 12;
const HELD = 2 * SOCKETS / PROCESSES;

/**
 * What is counted at most. A table costs an open and two reads: one that gets it all
 * and one that finds its end; a folder, an open and two `getdents64` likewise. A file
 * that is not there costs an open, too. More than is said here is a mistake, less is
 * better: then the numbers go down with it.
 */
const LIMITS: readonly {
  readonly args: string;
  /** Lines of stdout: the tables were read. */
  readonly lines: number;
  readonly most: Counts;
}[] = [
  {
    // the table of IPv4's routes
    args: "-rn",
    lines: 2 + 3,
    most: { open: 1, read: 2, readlink: 0, getdents: 0 },
  },
  {
    // two tables, and for each of them how many sockets there are
    args: "-tan",
    lines: 2 + SOCKETS,
    most: { open: 2 * 2, read: 2 * 2, readlink: 0, getdents: 0 },
  },
  {
    // besides: the list of processes, which descriptors are our own, the names of
    // five owners; the descriptors of no further process once all have theirs, only
    // whether they could be read
    args: "-tanp",
    lines: 2 + SOCKETS,
    most: {
      open: 4 + 1 + 1 + 5 + PROCESSES,
      read: 4 + 5 * 2,
      readlink: 5 * DESCRIPTORS,
      getdents: 2 + 2 * PROCESSES,
    },
  },
  {
    // JSON has all owners, so that all descriptors are read, and three files of each
    // owner, of which the tree has one; it does not ask how many sockets there are,
    // but for the names of services, protocols and users, in three files
    args: "--json -tanp",
    lines: 1,
    most: {
      open: 2 + 1 + 1 + 3 * 5 + PROCESSES + 3,
      read: 4 + 5 * 2 + 3 * 4,
      readlink: PROCESSES * DESCRIPTORS,
      getdents: 2 + 2 * PROCESSES,
    },
  },
  {
    // the table, and which descriptors are our own
    args: "-xa",
    lines: 2 + SOCKETS,
    most: { open: 1 + 1, read: 2, readlink: 0, getdents: 0 },
  },
  {
    // the owners are the last processes; of the first one the name is read to know
    // whether any may be
    args: "-xap",
    lines: 2 + SOCKETS,
    most: {
      open: 1 + 2 + 1 + 6 + PROCESSES,
      read: 2 + 6 * 2,
      readlink: PROCESSES * DESCRIPTORS,
      getdents: 2 + 2 * PROCESSES,
    },
  },
  {
    // two tables of counters, and SCTP's, which is not there
    args: "-s",
    lines: 4,
    most: { open: 3, read: 2 * 2, readlink: 0, getdents: 0 },
  },
];

const TCP = "  sl  local_address rem_address   st tx_queue rx_queue tr " +
  "tm->when retrnsmt   uid  timeout inode\n";

/** A tree of `/proc`, in the form of a golden case. */
async function writeTree(folder: string): Promise<void> {
  const numbers = Array.from({ length: SOCKETS }, (_, n) => n);
  const files: Record<string, string> = {
    "net/tcp": TCP +
      numbers.map((n) =>
        `${String(n).padStart(4)}: 0100007F:${
          hex(n + 1024, 4)
        } 00000000:0000 0A ` +
        `00000000:00000000 00:00000000 00000000     0        0 ${1000 + n} 1 ` +
        "0000000000000000 100 0 0 10 0\n"
      ).join(""),
    "net/tcp6": TCP,
    "net/unix": "Num       RefCount Protocol Flags    Type St Inode Path\n" +
      numbers.map((n) =>
        "0000000000000000: 00000002 00000000 00010000 0001 01 " +
        `${2000 + n} /run/${n}\n`
      ).join(""),
    "net/route": "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\t" +
      "Mask\t\tMTU\tWindow\tIRTT\n" +
      [1, 2, 3].map((n) =>
        `eth0\t0000000${n}\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n`
      ).join(""),
    "net/snmp": "Tcp: RtoMin ActiveOpens\nTcp: 200 12\n",
    "net/netstat": "TcpExt: SyncookiesSent\nTcpExt: 7\n",
  };
  const links: string[] = [];
  for (let process = 0; process < PROCESSES; process++) {
    const pid = 101 + process;
    files[`${pid}/cmdline`] = `program-${pid}\0`;
    for (let fd = 0; fd < DESCRIPTORS; fd++) {
      const n = process * HELD + fd;
      const inode = n < SOCKETS ? 1000 + n : 2000 + n - SOCKETS;
      const target = fd < HELD ? `socket:[${inode}]` : "/dev/null";
      links.push(`proc/${pid}/fd/${fd} -> ${target}\n`);
    }
  }
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/proc/${name}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  await Deno.writeTextFile(`${folder}/links`, links.join(""));
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, "0");
}

/** A system call: its kind, and the path that it is about. */
interface Call {
  readonly kind: Kind;
  readonly path: string;
}

/** The calls in the output of `strace -f`. */
function callsIn(trace: string): Call[] {
  const calls: Call[] = [];
  const paths = new Map<string, string>();
  const begun = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [, pid, text] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined) continue;
    // a call of a thread, while another thread calls
    const start = /^(.*) <unfinished \.\.\.>$/.exec(text!);
    if (start !== null) {
      begun.set(pid, start[1]!);
      continue;
    }
    const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(text!);
    const whole = rest === null ? text! : begun.get(pid)! + rest[1]!;
    const call = /^(\w+)\((.*)\) += (-?\d+|\?)/.exec(whole);
    if (call === null) continue;
    const [, name, args, result] = call as string[];
    const descriptor = /^(\d+)/.exec(args!)?.[1] ?? "";
    if (name === "close") paths.delete(descriptor);
    const kind = (Object.keys(KINDS) as Kind[])
      .find((kind) => KINDS[kind].some((one) => one === name));
    if (kind === undefined) continue;
    const given = /^(?:AT_FDCWD, |\d+, )?"([^"]*)"/.exec(args!)?.[1];
    const named = kind === "open" || kind === "readlink";
    const folder = paths.get(descriptor) ?? "";
    const path = !named
      ? folder
      : given!.startsWith("/")
      ? given!
      : `${folder}/${given}`;
    if (kind === "open") paths.set(result!, path);
    calls.push({ kind, path });
  }
  return calls;
}

/** Runs the executable in the tree. */
async function trace(
  folder: string,
  args: string,
): Promise<{ calls: Call[]; stdout: string }> {
  const path = `${folder}/trace`;
  const names = [...Object.values(KINDS).flat(), "close"];
  const golden: Case = {
    name: args,
    path: folder,
    args: args.split(" "),
    uid: 0,
    timeout: undefined,
    env: { UNDER: `strace -f -qq -o ${path} -e trace=${names.join(",")}` },
    reference: { stdout: "", stderr: "", exit: 0 },
    ours: undefined,
    needsKernel: true,
  };
  const { stdout, stderr, exit } = await runCase(golden, NETSTAT);
  assert.equal(stderr, "");
  assert.equal(exit, 0);
  return { calls: callsIn(await Deno.readTextFile(path)), stdout };
}

function count(calls: readonly Call[]): Counts {
  const counts: Counts = { open: 0, read: 0, readlink: 0, getdents: 0 };
  for (const { kind } of calls) counts[kind]++;
  return counts;
}

Deno.test("system calls for files", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "syscalls-" });
  try {
    await writeTree(folder);
    // what the runtime reads by itself, as often as it likes
    const { calls } = await trace(folder, "-V");
    const runtime = new Set(calls.map(({ path }) => path));
    assert.ok(runtime.size > 0, "nothing was traced");

    for (const { args, lines, most } of LIMITS) {
      await t.step(args, async () => {
        const { calls, stdout } = await trace(folder, args);
        assert.equal(stdout.split("\n").length - 1, lines, stdout);
        const ours = calls.filter(({ path }) =>
          /^\/(proc|sys|etc)(\/|$)/.test(path) &&
          // a thread of the runtime looks at the processors when it comes to it
          !path.startsWith("/sys/devices/") && !runtime.has(path)
        );
        const counts = count(ours);
        for (const kind of Object.keys(KINDS) as Kind[]) {
          assert.ok(
            counts[kind] <= most[kind],
            `${kind}: ${counts[kind]} > ${most[kind]}\n` +
              ours.map(({ kind, path }) => `${kind} ${path}\n`).join(""),
          );
        }
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

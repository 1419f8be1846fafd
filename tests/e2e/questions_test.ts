/**
 * Questions to the executable, about a machine whose answers are known. Needs root,
 * iproute2 and strace.
 */

import assert from "node:assert/strict";
import { isWithin } from "../answers.ts";
import type { Result } from "../cases.ts";
import { NETSTAT, REFERENCE } from "./namespace.ts";
import {
  type Held,
  hold,
  inWorld,
  type Machine,
  netstat,
} from "./questions_world.ts";
import { look } from "./world.ts";

const ASK = new URL("questions_ask.ts", import.meta.url).pathname;
const ARP = new URL("../../docs/arp.ts", import.meta.url).pathname;
const TESTDATA = new URL("../../testdata/", import.meta.url).pathname;

const NOBODY = 65534;

function utf8(bytes: string): string {
  return new TextDecoder("utf-8", { fatal: true })
    .decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

function linesOf({ stdout }: Result): string[] {
  assert.ok(stdout === "" || stdout.endsWith("\n"), stdout);
  return stdout.split("\n").slice(0, -1);
}

type Row = Record<string, unknown>;

/** What CSV of our own, whose texts have no line ends, says: rows by key. */
function parseCsv(text: string): Record<string, string>[] {
  const [header, ...rows] = text.trimEnd().split("\n").map((line) =>
    [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)]
      .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!)
  );
  return rows.map((row) =>
    Object.fromEntries(header!.map((key, i) => [key, row[i] ?? ""]))
  );
}

/** What CSV has of a value of JSON. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : `${value}`;
}

/** A question, and its answer. */
interface Answer {
  readonly args: readonly string[];
  /** The first lines of the text. */
  readonly head: readonly string[];
  /** The lines behind them, in the order of the kernel's or in this one. */
  readonly rows: readonly (string | RegExp)[];
  readonly ordered?: true;
  /** What JSON says of each row, by some of its keys, in any order. */
  readonly json: readonly Row[];
}

const TCP = [
  "Active Internet connections (w/o servers)",
  "Proto Recv-Q Send-Q Local Address           Foreign Address         State      ",
];
const ALL_TCP = [
  "Active Internet connections (servers and established)",
  TCP[1]!,
];
const ROUTES = [
  "Kernel IP routing table",
  "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface",
];

/** The examples of the specification, and others like them. */
const ANSWERS: readonly Answer[] = [
  {
    args: [
      "-tn",
      "--where",
      "foreign_address in 10.0.0.0/8 and local_port = https",
    ],
    head: TCP,
    rows: [
      "tcp        5      0 10.9.0.1:443            10.9.0.7:40001          ESTABLISHED",
      "tcp        0      0 10.9.0.1:443            10.9.0.7:40002          ESTABLISHED",
    ],
    json: [
      { foreign_port: 40001, recv_q: 5, state: "ESTABLISHED", proto: "tcp" },
      { foreign_port: 40002, recv_q: 0, state: "ESTABLISHED", family: "inet" },
    ],
  },
  {
    // clients of a server for both protocols are IPv4 clients
    args: ["-tn", "--where", "foreign_address = 10.9.0.7 and local_port = 80"],
    head: TCP,
    rows: [
      "tcp6       0      0 10.9.0.1:80             10.9.0.7:40004          ESTABLISHED",
    ],
    json: [{ foreign_address: "::ffff:10.9.0.7", proto: "tcp6" }],
  },
  {
    args: ["-tan", "--count", "state", "--sort", "state"],
    head: ["state        count"],
    rows: [
      "CLOSE_WAIT       1",
      "ESTABLISHED      8",
      "FIN_WAIT2        1",
      "LISTEN           2",
    ],
    ordered: true,
    json: [
      { state: "CLOSE_WAIT", count: 1 },
      { state: "ESTABLISHED", count: 8 },
      { state: "FIN_WAIT2", count: 1 },
      { state: "LISTEN", count: 2 },
    ],
  },
  {
    args: ["-tan", "--count", "foreign_address", "--limit", "1"],
    head: ["foreign_address  count"],
    rows: ["10.9.0.1             3"],
    json: [{ foreign_address: "10.9.0.1", count: 3 }],
  },
  {
    // several families, addresses of IPv4 first, mapped ones among them
    args: [
      "-tan",
      "--count=foreign_address",
      "--sort=foreign_address,-count",
      "--where",
      "state != LISTEN and foreign_address != 10.9.0.1",
    ],
    head: ["foreign_address  count"],
    rows: [
      "10.9.0.7             2",
      "::ffff:10.9.0.7      1",
      "127.0.0.1            2",
      "::1                  2",
    ],
    ordered: true,
    json: [
      { foreign_address: "10.9.0.7", count: 2 },
      { foreign_address: "::ffff:10.9.0.7", count: 1 },
      { foreign_address: "127.0.0.1", count: 2 },
      { foreign_address: "::1", count: 2 },
    ],
  },
  {
    args: [
      "-tunap",
      "--count=program_name",
      "--sum=recv_q,send_q",
      "--sort=-recv_q",
    ],
    head: ["program_name  count  recv_q  send_q"],
    rows: [
      "curl              5     101       0",
      "nginx             7       5       0",
      "named             1       0       0",
    ],
    ordered: true,
    json: [
      { program_name: "curl", count: 5, recv_q: 101, send_q: 0 },
      { program_name: "nginx", count: 7, recv_q: 5, send_q: 0 },
      { program_name: "named", count: 1, recv_q: 0, send_q: 0 },
    ],
  },
  {
    args: [
      "-tulpn",
      "--columns",
      "proto,local_address,local_port,program_name",
    ],
    head: ["proto  local_address  local_port  program_name"],
    rows: [
      "tcp    0.0.0.0               443  nginx",
      "tcp6   ::                     80  nginx",
      "udp    127.0.0.1              53  named",
    ],
    ordered: true,
    json: [
      {
        proto: "tcp",
        local_address: "0.0.0.0",
        local_port: 443,
        program_name: "nginx",
      },
      {
        proto: "tcp6",
        local_address: "::",
        local_port: 80,
        program_name: "nginx",
      },
      {
        proto: "udp",
        local_address: "127.0.0.1",
        local_port: 53,
        program_name: "named",
      },
    ],
  },
  {
    // who holds a socket is looked for because it is asked, without -p
    args: ["-an", "--where", "owners.comm = named"],
    head: ALL_TCP,
    rows: [
      "udp        0      0 127.0.0.1:53            0.0.0.0:*                          ",
      "Active UNIX domain sockets (servers and established)",
      "Proto RefCnt Flags       Type       State         I-Node   Path",
      /^unix {2}2 {6}\[ \] {9}DGRAM {20}\d+ +@datagram$/,
    ],
    ordered: true,
    json: [
      { family: "inet", proto: "udp", local_port: 53 },
      { family: "unix", path: "@datagram", type: "DGRAM" },
    ],
  },
  {
    args: [
      "-an",
      "--count",
      "family,program_name",
      "--where",
      "state != LISTEN or state is null",
      "--sort",
      "program_name,family",
    ],
    head: ["family  program_name  count"],
    rows: [
      "inet    curl              4",
      "inet6   curl              1",
      "inet    named             1",
      "unix    named             1",
      "inet    nginx             3",
      "inet6   nginx             2",
      "unix    nginx             1",
    ],
    ordered: true,
    json: [
      { family: "inet", program_name: "curl", count: 4 },
      { family: "inet6", program_name: "curl", count: 1 },
      { family: "inet", program_name: "named", count: 1 },
      { family: "unix", program_name: "named", count: 1 },
      { family: "inet", program_name: "nginx", count: 3 },
      { family: "inet6", program_name: "nginx", count: 2 },
      { family: "unix", program_name: "nginx", count: 1 },
    ],
  },
  {
    args: ["-rn", "--where", "iface ~ ^wg and gateway != 0.0.0.0"],
    head: ROUTES,
    rows: [
      "10.20.0.0       10.9.0.254      255.255.0.0     UG        0 0          0 wg0",
    ],
    json: [{ destination: "10.20.0.0", gateway: "10.9.0.254", iface: "wg0" }],
  },
  {
    args: ["-rn", "--count", "iface"],
    head: ["iface  count"],
    rows: ["wg0        2", "wg1        1"],
    ordered: true,
    json: [{ iface: "wg0", count: 2 }, { iface: "wg1", count: 1 }],
  },
  {
    args: ["-i", "--where", "rx_drp > 0 or tx_drp > 0"],
    head: [
      "Kernel Interface table",
      "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg",
    ],
    rows: [
      /^wg0 {14}1500 +\d+ {6}0 {6}3 0 +\d+ {6}0 {6}0 {6}0 BMRU$/,
    ],
    json: [{ iface: "wg0", rx_drp: 3, mtu: 1500 }],
  },
  {
    args: ["-i", "--columns", "iface,mtu,rx_drp", "--sort", "-iface"],
    head: ["iface    mtu  rx_drp"],
    rows: [
      "wg1     1500       0",
      "wg0     1500       3",
      "lo     64KiB       0",
    ],
    ordered: true,
    json: [
      { iface: "wg1", mtu: 1500, rx_drp: 0 },
      { iface: "wg0", mtu: 1500, rx_drp: 3 },
      { iface: "lo", mtu: 65536, rx_drp: 0 },
    ],
  },
  {
    args: ["-gn", "--where", "group_address in 224.0.0.0/4 and iface ~ ^wg"],
    head: [
      "IPv6/IPv4 Group Memberships",
      "Interface       RefCnt Group",
      "--------------- ------ ---------------------",
    ],
    rows: [
      "wg0             1      224.0.0.1",
      "wg1             1      224.0.0.1",
    ],
    json: [
      { iface: "wg0", group_address: "224.0.0.1", proto: "igmp" },
      { iface: "wg1", group_address: "224.0.0.1", family: "inet" },
    ],
  },
  {
    args: ["-gn", "--count", "family,iface", "--sort", "family,iface"],
    head: ["family  iface  count"],
    rows: [
      "inet    lo         1",
      "inet    wg0        1",
      "inet    wg1        1",
      "inet6   lo         2",
      "inet6   wg0        2",
      "inet6   wg1        2",
    ],
    ordered: true,
    json: [1, 1, 1, 2, 2, 2].map((count) => ({ count })),
  },
  {
    args: ["-s", "--where", "counter ~ Overflow and value > 0"],
    // sections without a row have no heading
    head: ["TcpExt:"],
    rows: [/^ {4}\d+ times the listen queue of a socket overflowed$/],
    json: [{ section: "TcpExt", counter: "ListenOverflows" }],
  },
  {
    args: [
      "-s",
      "--where",
      "section = TcpExt and counter = ListenOverflows",
      "--columns",
      "section,counter",
    ],
    head: ["section  counter"],
    rows: ["TcpExt   ListenOverflows"],
    json: [{ section: "TcpExt", counter: "ListenOverflows" }],
  },
  {
    // the names of addresses are looked up for those who ask
    args: [
      "-tun",
      "--numeric-hosts",
      "--where",
      "foreign_host ~ example",
      "--columns",
      "foreign_host",
    ],
    head: ["foreign_host"],
    rows: [],
    json: [],
  },
  {
    args: [
      "-t",
      "--where",
      "foreign_host = client.example and local_service = https",
    ],
    head: TCP,
    rows: [
      "tcp        5      0 server.example:https    client.example:40001    ESTABLISHED",
      "tcp        0      0 server.example:https    client.example:40002    ESTABLISHED",
    ],
    json: [{ foreign_port: 40001 }, { foreign_port: 40002 }],
  },
  {
    args: ["-t", "--count", "local_host,user", "--sort", "local_host"],
    head: ["local_host      user  count"],
    rows: [
      "client.example  root      3",
      "localhost       root      2",
      "server.example  root      3",
      "-               root      2",
    ],
    ordered: true,
    json: [
      { local_host: "client.example", user: "root", count: 3 },
      { local_host: "localhost", count: 2 },
      { local_host: "server.example", count: 3 },
      { local_host: null, count: 2 },
    ],
  },
];

async function isAnswered(machine: Machine, answer: Answer): Promise<void> {
  const { args, head, rows, ordered, json } = answer;
  const text = await netstat(machine, args);
  assert.deepEqual([text.stderr, text.exit], ["", 0]);
  const lines = linesOf(text);
  assert.deepEqual(lines.slice(0, head.length), head);
  const got = lines.slice(head.length);
  assert.equal(got.length, rows.length, text.stdout);
  for (const [i, row] of rows.entries()) {
    const fits = (line: string) =>
      typeof row === "string" ? line === row : row.test(line);
    assert.ok(ordered ? fits(got[i]!) : got.some(fits), `${row}: ${got}`);
  }

  const told = await netstat(machine, [...args, "--json"]);
  const objects: Row[] = JSON.parse(utf8(told.stdout));
  assert.equal(objects.length, json.length, told.stdout);
  for (const [i, want] of json.entries()) {
    const fits = (object: Row) =>
      Object.entries(want).every(([key, value]) => object[key] === value);
    assert.ok(
      ordered ? fits(objects[i]!) : objects.some(fits),
      `${JSON.stringify(want)}: ${told.stdout}`,
    );
  }
  const ndjson = await netstat(machine, [...args, "--ndjson"]);
  assert.equal(`[${linesOf(ndjson).join()}]\n`, told.stdout);

  // the same rows; where each has keys of its own, all of them are in the one header
  const csv = await netstat(machine, [...args, "--csv=raw"]);
  const cells = parseCsv(utf8(csv.stdout));
  assert.equal(cells.length, objects.length);
  for (const [i, object] of objects.entries()) {
    for (const [key, value] of Object.entries(cells[i]!)) {
      assert.equal(value, cell(object[key]), `${key} of ${csv.stdout}`);
    }
    for (const key of Object.keys(object)) assert.ok(key in cells[i]!, key);
  }
  for (const { stderr, exit } of [told, ndjson, csv]) {
    assert.deepEqual([stderr, exit], ["", 0]);
  }

  const bare = await netstat(machine, [...args, "--no-header"]);
  const isTitle = (line: string) => !got.includes(line) || /^\S.*:$/.test(line);
  const titles = lines.filter(isTitle);
  assert.deepEqual(
    linesOf(bare).sort(),
    lines.filter((line) =>
      !titles.includes(line) && !/^(Active|Proto) /.test(line)
    ).sort(),
  );
  const rest = await netstat(machine, [...args, "--no-header", "--csv=raw"]);
  assert.deepEqual(linesOf(rest), linesOf(csv).slice(1));
}

/** Views, and questions that leave net-tools' text as it is. */
const TEXTS: readonly [view: string[], questions: string[][]][] = [
  [["-tan"], [
    ["--where", "state = ESTABLISHED"],
    ["--where", "recv_q > 0"],
    ["--where", "local_port < 1024", "--where", "not state = LISTEN"],
    ["--limit", "1"],
    ["--limit", "3", "--where", "proto = tcp6"],
  ]],
  [["-tanp"], [["--where", "program_name = curl"], ["--limit", "2"]]],
  [["-tuna", "-e", "-o"], [["--where", "inode > 0 and local_port = 53"]]],
  [["-a"], [
    ["--where", "family = unix"],
    ["--where", "path is not null"],
    ["--where", "foreign_host = localhost"],
    ["--limit", "4"],
  ]],
  [["-xanp"], [["--where", "type = STREAM"], ["--limit", "1"]]],
  [["-rn"], [["--where", "destination in 10.0.0.0/8"], ["--limit", "2"]]],
  [["-rne", "-A", "inet,inet6"], [
    ["--where", "family = inet6"],
    ["--where", "iface = wg1"],
    ["--limit", "1"],
  ]],
  [["-i"], [["--where", "mtu = 1500"], ["--limit", "1"]]],
  [["-ie"], [["--where", "iface = lo"], ["--limit", "1"]]],
  [["-gn"], [["--where", "family = inet6"], ["--limit", "2"]]],
  [["-s"], [["--where", "value > 0"], ["--limit", "3"]]],
  [["-st"], [["--where", "counter ~ ^In"], ["--limit", "3"]]],
];

async function textIsKept(machine: Machine): Promise<void> {
  for (const [view, questions] of TEXTS) {
    const whole = linesOf(await look(machine, REFERENCE, view, { pids: true }));
    for (const question of questions) {
      const args = [...view, ...question];
      const fewer = await netstat(machine, args);
      const told = args.join(" ");
      assert.deepEqual([fewer.stderr, fewer.exit], ["", 0], told);
      const lines = linesOf(fewer);
      assert.ok(isWithin(lines, whole), `${told}: ${fewer.stdout}`);
      assert.ok(lines.length < whole.length, told);
      assert.ok(lines.length > 1, told);
      // of all that is asked nothing is lost: the rest is what the opposite keeps
      const [option, expression] = question;
      if (option !== "--where" || question.length > 2 || view[0] === "-s") {
        continue;
      }
      const not = await netstat(
        machine,
        [...view, "--where", `not (${expression})`],
      );
      const parts = [...lines, ...linesOf(not)];
      // a section of counters without a row has no heading
      const rows = view[0]!.startsWith("-s")
        ? whole.filter((line) => line.startsWith(" "))
        : whole;
      for (const line of rows) assert.ok(parts.includes(line), told);
    }
  }
}

/** The kernel's tables and folders of descriptors that a run opens. */
async function opened(
  machine: Machine,
  args: readonly string[],
): Promise<string[]> {
  const log = await Deno.makeTempFile({ prefix: "trace-" });
  try {
    const { exit, stderr } = await netstat(machine, args, {
      through: [
        ...["strace", "-f", "-qq", "-o", log],
        ...["-e", "trace=open,openat,openat2,socket"],
      ],
    });
    assert.deepEqual([stderr, exit], ["", 0], args.join(" "));
    const text = await Deno.readTextFile(log);
    const files = [...text.matchAll(/"\/proc\/(net\/[^"]+|\d+\/fd)"/g)]
      .map(([, path]) => path!.replace(/^\d+/, "PID"));
    const netlink = /NETLINK_SOCK_DIAG/.test(text) ? ["netlink"] : [];
    return [...new Set([...files, ...netlink])]
      // how many sockets there are is no table
      .filter((path) => !path.startsWith("net/sockstat")).sort();
  } finally {
    await Deno.remove(log);
  }
}

/** What is opened for a question, and nothing else. */
const OPENED: readonly [args: string[], files: string[]][] = [
  [["-an", "--limit", "1"], ["net/tcp"]],
  [["-an", "--limit", "0"], ["net/tcp"]],
  [["-an", "--limit", "1", "--json"], ["net/tcp"]],
  [["-an", "--limit", "1", "--columns", "state"], ["net/tcp"]],
  [["-an", "--limit", "1", "--csv"], ["net/tcp"]],
  [["-tan", "--limit", "6"], ["net/tcp"]],
  [["-tan", "--limit", "9"], ["net/tcp", "net/tcp6"]],
  [["-tan", "--limit", "1", "--where", "proto = tcp6"], ["net/tcp6"]],
  // first come, first told: there is no need to look at more of them
  [["-anp", "--limit", "1"], ["PID/fd", "net/tcp"]],
  [["-a", "--limit", "1"], ["net/tcp"]],
  // all of them must be known
  [["-tan", "--limit", "1", "--sort", "state"], ["net/tcp", "net/tcp6"]],
  [["-tan", "--limit", "1", "--count", "state"], ["net/tcp", "net/tcp6"]],
  // tests of what is the same in all rows of a table
  [["-an", "--where", "family = unix"], ["net/unix"]],
  [["-an", "--where", "family = unix", "--json"], ["net/unix", "netlink"]],
  [["-an", "--where", "proto = udp", "--count", "state"], ["net/udp"]],
  [["-an", "--where", "proto in (udp, unix)"], ["net/udp", "net/unix"]],
  [
    ["-an", "--where", "not (family = inet6 or family = unix or proto != tcp)"],
    [
      "net/tcp",
    ],
  ],
  [["-rn", "-A", "inet,inet6", "--where", "family = inet6"], [
    "net/ipv6_route",
  ]],
  [["-rn", "-A", "inet,inet6", "--limit", "1"], ["net/route"]],
  [["-s", "--where", "family = inet6"], []],
  [["-gn", "--where", "proto = igmp6"], ["net/igmp6"]],
  // and of columns that a table does not have
  [["-an", "--where", "path ~ listening"], ["net/unix"]],
  [["-an", "--where", "path ~ listening and local_port > 1"], []],
  // who holds sockets is looked for only if somebody asks, of those that are left
  [["-an", "--where", "proto = udp and owners.comm = x"], [
    "PID/fd",
    "net/udp",
  ]],
  [["-an", "--where", "proto = udp and local_port = 1 and owners.comm = x"], [
    "net/udp",
  ]],
  // what the text tells, netlink tells as well, and of the rest only files do
  [["-tan", "--source=netlink", "--where", "state = LISTEN"], ["netlink"]],
  [["-tan", "--source=netlink", "--count", "state,local_port"], ["netlink"]],
  [["-tan", "--source=netlink", "--count", "state", "--json"], ["netlink"]],
  [["-tan", "--source=netlink", "--where", "retransmits = 0"], [
    "net/tcp",
    "net/tcp6",
  ]],
  [["-tan", "--source=netlink", "--columns", "timer_ms"], [
    "net/tcp",
    "net/tcp6",
  ]],
  [["-tan", "--source=netlink", "--count", "uid"], ["net/tcp", "net/tcp6"]],
];

/** Questions about what the kernel tells in two ways. */
const SOURCES: readonly string[][] = [
  ["--where", "state = ESTABLISHED and recv_q > 0"],
  ["--where", "local_address in 10.0.0.0/8", "--limit", "3"],
  ["--count", "state,local_port", "--sort", "state,local_port"],
  ["--sum", "recv_q,send_q"],
  ["--columns", "timer,retransmits,uid,user,inode,state,local_port"],
  ["--count", "uid,program_name", "--sort", "program_name"],
  ["--where", "owners.comm = nginx", "--csv"],
  ["--columns", "state,foreign_port", "--sort", "foreign_port", "--json"],
];

/** Runs the executable until it has said so much, and then interrupts it. */
async function rounds(
  machine: Machine,
  args: readonly string[],
  enough: (said: string) => boolean | Promise<boolean>,
): Promise<string> {
  const child = new Deno.Command("nsenter", {
    args: [
      ...["--mount", `--pid=/proc/${machine.pid}/ns/pid_for_children`],
      ...["--net", `--target=${machine.pid}`, NETSTAT, ...args],
    ],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let said = "";
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const decoder = new TextDecoderStream();
  for await (const part of child.stdout.pipeThrough(decoder)) {
    said += part;
    if (await enough(said)) break;
  }
  clearTimeout(timer);
  child.kill("SIGKILL");
  await child.status;
  return said;
}

async function eachRoundAnswersAnew(machine: Machine): Promise<void> {
  const sockets: Held[] = [];
  /** One more listener in each round. */
  const more = async () => {
    const port = 7000 + sockets.length;
    const code = `s = socket.create_server(("127.0.0.1", ${port}))`;
    sockets.push(await hold(machine, code));
  };
  try {
    for (
      const [args, round] of [
        [["--count", "state", "--where", "state = LISTEN"], /LISTEN +(\d+)\n/g],
        [
          ["--count", "state", "--sort=state", "--json"],
          /"LISTEN","count":(\d+)/g,
        ],
        [["--sum=refcnt", "--count=state", "--csv"], /LISTEN,(\d+),/g],
        [["--where", "state = LISTEN", "--limit", "100"], /LISTEN/g],
      ] as [string[], RegExp][]
    ) {
      const view = args.includes("--sum=refcnt") ? "-an" : "-tan";
      let seen = 0;
      const said = await rounds(
        machine,
        [view, "-c", ...args],
        async (said) => {
          const found = [...said.matchAll(round)].length;
          if (found > seen) {
            seen = found;
            await more();
          }
          return args.includes("--limit")
            ? said.split("Active").length > 3
            : found === 3;
        },
      );
      const numbers = [...said.matchAll(round)].map(([, n]) => Number(n));
      if (args.includes("--limit")) {
        const counts = said.split("Active").slice(1, 4)
          .map((text) => text.split("LISTEN").length);
        assert.ok(counts[2]! > counts[0]!, said);
      } else {
        assert.ok(numbers[2]! > numbers[0]!, said);
        assert.ok(numbers[1]! >= numbers[0]!, said);
      }
      if (args.includes("--csv")) {
        // one file, whose header stands once
        assert.equal(said.split("state,count,refcnt").length, 2, said);
      }
    }
  } finally {
    for (const one of sockets) await one.end();
  }
}

const SEEN = "IPv4 neighbours\n" +
  "Address         HWaddress         State      Iface\n";
const FIRST = "10.9.0.253      00:00:5e:00:53:01 COMPLETE   wg0\n";
const SECOND = "10.9.0.254      00:00:5e:00:53:02 COMPLETE   wg0\n";

/** What a family file's rows come to. */
const FILE: readonly [args: string[], stdout: string][] = [
  [["--where", "address = 10.9.0.254"], SEEN + SECOND],
  [["--where", "address ~ ^10", "--where", "not address ~ 254"], SEEN + FIRST],
  [["--where", "state = incomplete"], SEEN],
  [["--where", "family = arp and address ~ 3$"], SEEN + FIRST],
  [["--where", "hardware_address is null"], SEEN],
  [["--where", "address = 10.9.0.254", "--no-header"], SECOND],
  [["--limit", "0"], SEEN],
  [
    ["--columns", "iface,address", "--sort", "-address"],
    "iface  address\nwg0    10.9.0.254\nwg0    10.9.0.253\n",
  ],
  [
    ["--sort", "address", "--limit", "1"],
    "address     hardware_address   state     iface\n" +
    "10.9.0.253  00:00:5e:00:53:01  COMPLETE  wg0\n",
  ],
  [
    ["--count", "iface,state", "--sum", "flags_num"],
    "iface  state     count  flags_num\nwg0    COMPLETE      2         12\n",
  ],
  [["--sum", "flags_num", "--no-header"], "       12\n"],
  [
    ["--csv", "--sort", "address"],
    "family,address,hardware_address,state,flags_num,iface\n" +
    "arp,10.9.0.253,00:00:5e:00:53:01,COMPLETE,6,wg0\n" +
    "arp,10.9.0.254,00:00:5e:00:53:02,COMPLETE,6,wg0\n",
  ],
  [
    ["--where", "address ~ 254", "--columns", "flags_num,family", "--json"],
    '[{"flags_num":6,"family":"arp"}]\n',
  ],
  [
    ["--count", "iface", "--openmetrics"],
    "# TYPE netstat_sockets gauge\n" +
    "# HELP netstat_sockets How many rows there are of these values.\n" +
    'netstat_sockets{interface="wg0"} 2\n# EOF\n',
  ],
];

async function familyFilesAreAsked(machine: Machine): Promise<void> {
  const file = `${machine.folder}/arp.ts`;
  await Deno.copyFile(ARP, file);
  for (const [args, stdout] of FILE) {
    const words = ["--family", file, "-A", "arp", ...args];
    const answer = await netstat(machine, words);
    assert.deepEqual(
      answer,
      { stdout, stderr: "", exit: 0 },
      args.join(" "),
    );
  }
  // beside families that are built in
  const both = await netstat(machine, [
    ...["--family", file, "-A", "arp", "-t", "-a"],
    ...["--count", "family", "--sort", "family", "--csv"],
  ]);
  assert.equal(both.stdout, "family,count\narp,2\ninet,8\ninet6,4\n");
  const wrong = await netstat(machine, [
    ...["--family", file, "-A", "arp", "--where", "adress = 10.9.0.254"],
  ]);
  assert.equal(wrong.stdout, "");
  assert.match(wrong.stderr, /did you mean 'address'\?/);
  assert.equal(wrong.exit, 1);
}

/** As one who may see little. */
async function whatCannotBeReadIsTold(machine: Machine): Promise<void> {
  const note = `(No info could be read for "-p": geteuid()=${NOBODY} ` +
    "but you should be root.)\n";
  for (
    const [args, stdout] of [
      [["--where", "owners.comm = nginx", "--json"], "[]\n"],
      [["--columns", "program_name", "--limit", "1"], "program_name\n-\n"],
      [["--count", "program_name", "--csv"], "program_name,count\n,12\n"],
      [
        ["--where", "program_name is null", "--sum", "recv_q"],
        "recv_q\n   106\n",
      ],
    ] as [string[], string][]
  ) {
    assert.deepEqual(
      await netstat(machine, ["-tan", ...args], { uid: NOBODY }),
      { stdout, stderr: note, exit: 0 },
      args.join(" "),
    );
  }
  // nobody who asks for something else is told
  const quiet = await netstat(
    machine,
    ["-tan", "--count", "state", "--where", "inode > 0"],
    { uid: NOBODY },
  );
  assert.deepEqual([quiet.stderr, quiet.exit], ["", 0]);
}

/** What is said where tables are missing, and the columns that there would be. */
const MISSING: readonly [args: string[], stdout: string, stderr: RegExp][] = [
  [["-A", "x25", "--count", "state"], "state  count\n", /AF X25/],
  [["-A", "x25", "--count", "state", "--json"], "[]\n", /AF X25/],
  [["-A", "x25", "--count", "state", "--csv"], "state,count\n", /AF X25/],
  [["-A", "x25", "--count", "state", "--openmetrics"], "# EOF\n", /AF X25/],
  [["-A", "x25", "--columns", "state,inode"], "state  inode\n", /AF X25/],
  [["-A", "x25", "--where", "lci > 1"], "", /AF X25/],
  [["-r", "-A", "x25", "--count", "iface", "--csv"], "iface,count\n", /X.25/],
  [["-M", "--root", "ROOT", "--columns", "proto"], "proto\n", /ip_masquerade/],
];

/** Questions that cannot be asked, and the exit status. */
const WRONG: readonly [args: string[], stderr: RegExp, exit: number][] = [
  [
    ["--where", "state = ESTABLISHD"],
    /\n {26}\^ no such state; did you mean 'ESTAB/,
    1,
  ],
  [["--where", "prot = tcp"], /no column 'prot'; did you mean 'proto'\?/, 1],
  [["--where", "state ="], /a value must stand here/, 1],
  [["--where", ""], /there is nothing to test/, 1],
  [["--where", "recv_q > 1s"], /this is no number of bytes/, 1],
  [["--where", "owners = 1"], /owners is a list of objects/, 1],
  [["--columns", "stat"], /did you mean 'state'\?/, 1],
  [["--columns", "@nothing"], /no set '@nothing'/, 1],
  [["--columns", ","], /a column must stand here/, 1],
  [["--sort", "owners"], /has no order/, 1],
  [["--limit", "ten"], /write how many rows, as 10/, 1],
  [["--limit", "-1"], /write how many rows/, 1],
  [["--count", "owners"], /owners is a list of objects: count by another/, 1],
  [["--count", "owners.comm"], /can only be tested, by --where/, 1],
  [["--count", "count"], /count is what --count adds/, 1],
  [["--sum", "state"], /is no number that could be summed/, 1],
  [["--sum", "local_port"], /is no number that could be summed/, 1],
  [
    ["--count", "state", "--columns", "inode"],
    /counted rows have no 'inode'/,
    1,
  ],
  [["--csv=odd"], /--csv is safe \(default\) or raw/, 1],
  [["--limit"], /option '--limit' requires an argument/, 3],
  [["--where"], /option '--where' requires an argument/, 3],
  [["--no-header=x"], /doesn't allow an argument/, 3],
  [["--wher", "state = LISTEN"], /unrecognized option '--wher'/, 3],
];

const FORMATS: readonly string[][] = [
  ["--json"],
  ["--ndjson"],
  ["--csv"],
  ["--csv=raw"],
  ["--openmetrics"],
  ["--no-header"],
  ["-c"],
];

async function wrongQuestionsAreRefused(machine: Machine): Promise<void> {
  for (const [i, [args, says, exit]] of WRONG.entries()) {
    const others = args[0] === "--csv=odd" ? [] : FORMATS;
    const formats = i < 2
      ? others
      : others.slice(i % others.length).slice(0, 1);
    for (const format of [[], ...formats]) {
      const refused = await netstat(machine, ["-tan", ...format, ...args]);
      const told = [...format, ...args].join(" ");
      assert.equal(refused.stdout, "", told);
      assert.match(refused.stderr, says, told);
      assert.equal(refused.exit, exit, told);
    }
  }
  for (const view of ["-tan", "-rn", "-M", "-gn"]) {
    const single = await netstat(machine, [view, "--openmetrics"]);
    assert.equal(single.stdout, "");
    assert.match(
      single.stderr,
      /^netstat: --openmetrics: a sample for each row/,
    );
    assert.equal(single.exit, 1);
  }
  const flat = ["-i", "--openmetrics", "--columns", "iface,mtu"];
  assert.equal((await netstat(machine, flat)).stdout, "");
}

/** Patterns that take for ever where each way of matching is tried. */
const PATTERNS: readonly string[] = [
  "^@(a+)+$",
  "^@(a|a)*$",
  "^@(?:a|aa)*b",
  "(.*)*x$",
  "^@a(\\w+\\s?)*$",
];

/** So long may an odd question take, in milliseconds. */
const PATIENCE = 20_000;

async function oddQuestionsAreAnswered(machine: Machine): Promise<void> {
  const ask = async (...args: string[]) => {
    const start = performance.now();
    const answer = await netstat(machine, args);
    const time = performance.now() - start;
    assert.ok(time < PATIENCE, `${time} ms: ${args.join(" ").slice(0, 100)}`);
    assert.deepEqual([answer.stderr, answer.exit], ["", 0]);
    return answer.stdout;
  };
  const held = await hold(
    machine,
    'a = socket.socket(socket.AF_UNIX); a.bind("\\0" + "a" * 90 + "!")\n' +
      'b = socket.socket(socket.AF_UNIX); b.bind("\\0" + "a" * 90 + "\u{1f600}!")',
  );
  try {
    for (const pattern of PATTERNS) {
      const text = await ask("-xa", "--where", `path ~ '${pattern}'`, "--csv");
      assert.equal(text.split("\n").length, 2, pattern);
    }
    const whole = [
      "path ~ '^@a{90}.!$'",
      "path ~ '[^a]!$'",
      "path ~ '\\u{1f600}'",
    ];
    for (const pattern of whole) {
      const text = await ask("-xa", "--where", pattern, "--csv");
      assert.equal(text.split("\n").length, 3, pattern);
    }
  } finally {
    await held.end();
  }
  const listening = "state\nLISTEN\nLISTEN\n";
  const columns = ["-tan", "--columns", "state"];
  const many = Array(1000).fill(["--where", "state = LISTEN"]).flat();
  assert.equal(await ask(...columns, ...many), listening);
  const long = Array(5000).fill("state = LISTEN").join(" or ");
  assert.equal(await ask(...columns, "--where", long), listening);
  const deep = "(".repeat(99) + "state = LISTEN" + ")".repeat(99);
  assert.equal(await ask(...columns, "--where", deep), listening);
  const ports = Array.from({ length: 20_000 }, (_, i) => i + 41_000).join();
  const set = `local_port not in (${ports}) and state = LISTEN`;
  assert.equal(await ask(...columns, "--where", set), listening);
  const wide = Array(10_000).fill("state").join();
  assert.equal(
    await ask("-tln", "--columns", wide, "--sort", wide, "--limit", "1"),
    "state\nLISTEN\n",
  );
  // null is behind all, ascending and descending
  for (const sort of ["path", "-path"]) {
    const text = await ask("-an", "--columns", "path", "--sort", sort, "--csv");
    const [, ...rows] = text.split("\n").slice(0, -1);
    const known = rows.findIndex((row) => row === '""');
    assert.equal(known, 2, text);
    assert.ok(rows.slice(known).every((row) => row === '""'));
  }
}

async function headersAreLeftOut(machine: Machine): Promise<void> {
  const root = `${TESTDATA}masquerade/conntrack-2.4`;
  for (
    const view of [
      ["-tan"],
      ["-a"],
      ["-tunape"],
      ["-rn"],
      ["-rn", "-A", "inet,inet6"],
      ["-i"],
      ["-ie"],
      ["-gn"],
      ["-s"],
      ["-xa"],
      ["-Mn", "--root", root],
    ]
  ) {
    const whole = linesOf(await netstat(machine, view));
    const bare = linesOf(await netstat(machine, [...view, "--no-header"]));
    const isHeader =
      /^(Active|Proto|Kernel|Destination|Iface|IPv6\/|Interface|---|IP masq|prot|\S+:$)/;
    assert.ok(whole.some((line) => isHeader.test(line)), view.join(" "));
    assert.deepEqual(bare, whole.filter((line) => !isHeader.test(line)));
    const csv = linesOf(await netstat(machine, [...view, "--csv"]));
    const rows = linesOf(
      await netstat(machine, [...view, "--csv", "--no-header"]),
    );
    assert.deepEqual(rows, csv.slice(1));
    assert.match(csv[0]!, /^[a-z_,0-9]+$/);
    // one header, however many tables there are
    assert.ok(!rows.includes("") && !rows.includes(csv[0]!));
    const table = ["--sort", csv[0]!.split(",")[0]!];
    const headed = linesOf(await netstat(machine, [...view, ...table]));
    const headless = await netstat(machine, [...view, ...table, "--no-header"]);
    assert.deepEqual(linesOf(headless), headed.slice(1));
  }
}

Deno.test("questions: a machine whose answers are known", async (t) => {
  await inWorld(async (machine) => {
    for (const answer of ANSWERS) {
      await t.step(answer.args.join(" "), () => isAnswered(machine, answer));
    }
    await t.step(
      "text is net-tools', with fewer rows",
      () => textIsKept(machine),
    );
    for (const [args, files] of OPENED) {
      await t.step(`what is opened: ${args.join(" ")}`, async () => {
        // of text, which files would be read; others ask for what they need
        const isOwn = args.some((arg) => /^--(source|json)/.test(arg));
        const own = isOwn ? args : [...args, "--source=procfs"];
        assert.deepEqual(await opened(machine, own), files);
      });
    }
    await t.step("the answers of procfs and netlink are the same", async () => {
      for (const question of SOURCES) {
        const [files, messages] = await Promise.all(
          ["procfs", "netlink"].map((source) =>
            netstat(machine, ["-tan", "--source", source, ...question])
          ),
        );
        assert.deepEqual(messages, files, question.join(" "));
        assert.equal(files!.stderr, "");
        assert.ok(files!.stdout.length > 10, files!.stdout);
      }
    });
    await t.step("-n leaves names out", async () => {
      const { stdout } = await netstat(machine, [
        ...["-tn", "--json", "--columns", "local_host,foreign_host"],
      ]);
      const rows: Row[] = JSON.parse(stdout);
      assert.equal(rows.length, 10);
      for (const row of rows) {
        assert.deepEqual(row, { local_host: null, foreign_host: null });
      }
      const text = await netstat(machine, [
        ...["-tn", "--limit", "1", "--columns", "user,local_service"],
      ]);
      assert.equal(text.stdout, "user  local_service\n-     -\n");
    });
    await t.step(
      "-c: each round answers anew",
      () => eachRoundAnswersAnew(machine),
    );
    await t.step("family files", () => familyFilesAreAsked(machine));
    await t.step(
      "who may see little is told",
      () => whatCannotBeReadIsTold(machine),
    );
    await t.step("missing tables", async () => {
      for (const [args, stdout, says] of MISSING) {
        const words = args.map((word) => word.replace("ROOT", machine.folder));
        const missing = await netstat(machine, words);
        assert.equal(missing.stdout, stdout, args.join(" "));
        assert.match(missing.stderr, says);
        assert.equal(missing.exit, 1);
      }
    });
    await t.step("wrong questions", () => wrongQuestionsAreRefused(machine));
    await t.step("odd questions", () => oddQuestionsAreAnswered(machine));
    await t.step("--no-header", () => headersAreLeftOut(machine));
    await t.step("made-up expressions, by procfs and netlink", async () => {
      const { stdout, stderr, exit } = await look(
        machine,
        Deno.execPath(),
        ["run", "-A", "--quiet", ASK, "1", "150"],
        { pids: true },
      );
      assert.deepEqual([stderr, exit], ["", 0]);
      const [rows, kept] = JSON.parse(stdout) as [number, number];
      assert.ok(kept > rows / 10 && kept < rows / 2, stdout);
    });
  });
});

Deno.test("questions: connections that are over", async () => {
  await inWorld(async (machine) => {
    const text = await netstat(machine, [
      "-tan",
      "--where",
      "state = TIME_WAIT",
    ]);
    const [title, header, ...rows] = linesOf(text);
    assert.deepEqual([title, header], ALL_TCP);
    assert.deepEqual(
      rows.sort(),
      [41001, 41002, 41003].map((port) =>
        `tcp        0      0 10.9.0.7:${port}          10.9.0.1:443            TIME_WAIT  `
      ),
    );
    const count = ["-tan", "--count", "state", "--where", "state = time_wait"];
    for (const source of ["procfs", "netlink"]) {
      const { stdout } = await netstat(machine, [...count, "--source", source]);
      assert.equal(stdout, "state      count\nTIME_WAIT      3\n");
    }
    const csv = await netstat(machine, [...count, "--csv"]);
    assert.equal(csv.stdout, "state,count\nTIME_WAIT,3\n");
  }, "past");
});

/**
 * Saved trees of other machines on the compiled executable, with `--root`: what is
 * missing or malformed costs only itself, and is told. Needs root.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { type Case, loadCases } from "../cases.ts";
import { withTree } from "../trees.ts";
import { run } from "./child.ts";
import { NETSTAT, runCase } from "./namespace.ts";

function look(root: string, args: string): Promise<Result> {
  return run([NETSTAT, "--root", root, ...args.split(" ")]);
}

/** The rows of `--ndjson`. */
// deno-lint-ignore no-explicit-any
function rowsOf({ stdout }: Result): any[] {
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

const DEV =
  `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
`;

const LO = {
  "sys/class/net/lo/flags": "0x9\n",
  "sys/class/net/lo/mtu": "65536\n",
  "sys/class/net/lo/operstate": "unknown\n",
};

Deno.test("-i: an interface of which only the speed was saved has its counters", () =>
  withTree({
    "proc/net/dev": DEV,
    "sys/class/net/eth0/speed": "1000\n",
    ...LO,
  }, async (root) => {
    const { stdout, stderr, exit } = await look(root, "-i");
    assert.match(stdout, /^eth0 +0 +2 +3 +4 5 +10 +11 +12 +13 -$/m);
    assert.match(stdout, /^lo +65536 +2 .* LRU$/m);
    assert.equal(
      stderr,
      "netstat: --root has no legible flags, operstate, mtu in " +
        "/sys/class/net/eth0, so they are not known\n",
    );
    assert.equal(exit, 0);
  }));

Deno.test("-i: flags without an MTU, as in a sosreport", () =>
  withTree({
    "proc/net/dev": DEV,
    "sys/class/net/eth0/flags": "0x1003\n",
    "sys/class/net/lo/flags": "0x9\n",
  }, async (root) => {
    const { stdout, stderr, exit } = await look(root, "-i");
    assert.match(stdout, /^eth0 +0 +2 .* BMU$/m);
    assert.match(stderr, /operstate, mtu in \/sys\/class\/net\/\{eth0,lo\}/);
    assert.equal(exit, 0);
    const [row] = rowsOf(await look(root, "-i --ndjson"));
    assert.deepEqual([row.mtu, row.flags_num, row.hardware_address], [
      null,
      0x1003,
      null,
    ]);
  }));

const ROUTES =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
  "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n" +
  "eth0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\n";

Deno.test("-r: a line of zeros is passed over in silence, in JSON too", () =>
  withTree({ "proc/net/route": ROUTES }, async (root) => {
    for (const args of ["-rn", "-rne", "-rnee", "-rn --ndjson"]) {
      const { stdout, stderr, exit } = await look(root, args);
      assert.deepEqual([stderr, exit], ["", 0], args);
      assert.match(stdout, /192\.168\.1\.1.*\n$/, args);
    }
  }));

const COUNTERS: {
  name: string;
  snmp: string;
  want: Record<string, Record<string, number | null>>;
  told: string[];
}[] = [
  {
    name: "a NUL in front of the first line",
    snmp: "\0Ip: A B\nIp: 1 2\nTcp: C D\nTcp: 3 4\n",
    want: { Tcp: { C: 3, D: 4 } },
    told: ['line 1: "\\u0000Ip: A B"', 'line 2: "Ip: 1 2"'],
  },
  {
    name: "the first line is lost",
    snmp: "Ip: 1 2\nTcp: C D\nTcp: 3 4\n",
    want: { Tcp: { C: 3, D: 4 } },
    told: ['line 1: "Ip: 1 2"'],
  },
  {
    name: "a line of values is lost",
    snmp: "Ip: A B\nTcp: C D\nTcp: 3 4\n",
    want: { Tcp: { C: 3, D: 4 } },
    told: ['line 1: "Ip: A B"'],
  },
  {
    name: "values of another section",
    snmp: "Ip: A B\nTcp: 3 4\nUdp: E\nUdp: 5\n",
    want: { Udp: { E: 5 } },
    told: ['line 1: "Ip: A B"', 'line 2: "Tcp: 3 4"'],
  },
  {
    name: "a NUL among the names",
    snmp: "Ip: A \0B\nIp: 1 2\nTcp: C D\nTcp: 3 4\n",
    want: { Ip: { A: 1 }, Tcp: { C: 3, D: 4 } },
    told: ['line 2: "Ip: 1 2"'],
  },
  {
    name: "a NUL in a name",
    snmp: "Ip: A B\0b\nIp: 1 2\nTcp: C D\nTcp: 3 4\n",
    want: { Ip: { A: 1, B: 2 }, Tcp: { C: 3, D: 4 } },
    told: ['line 1: "Ip: A B\\u0000b"'],
  },
  {
    name: "fewer values than names",
    snmp: "Ip: A B\nIp: 1\n",
    want: { Ip: { A: 1, B: null } },
    told: ['line 2: "Ip: 1"'],
  },
  {
    name: "a last line without a partner",
    snmp: "Ip: A B\nIp: 1 2\nTcp: C D\n",
    want: { Ip: { A: 1, B: 2 } },
    told: ['line 3: "Tcp: C D"'],
  },
];

for (const { name, snmp, want, told } of COUNTERS) {
  Deno.test(`-s --json: ${name}`, () =>
    withTree({ "proc/net/snmp": snmp }, async (root) => {
      const { stdout, stderr, exit } = await look(root, "-s --json");
      const sections: typeof want = {};
      for (const { section, counter, value } of JSON.parse(stdout)) {
        (sections[section] ??= {})[counter] = value;
      }
      assert.deepEqual(sections, want);
      assert.equal(
        stderr,
        told.map((line) => `Cannot parse /proc/net/snmp: ${line}\n`).join(""),
      );
      assert.equal(exit, 0);
    }));
}

const TCP =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
  "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10\n" +
  "   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11\n";

Deno.test("-p --json: the pid is the lowest, also without a command line", () =>
  withTree({
    "proc/net/tcp": TCP,
    "proc/7/comm": "low\n",
    "proc/9/cmdline": "high\0",
  }, async (root) => {
    for (const [pid, fd, inode] of [[7, 3, 10], [7, 4, 11], [9, 3, 10]]) {
      const folder = `${root}/proc/${pid}/fd`;
      await Deno.mkdir(folder, { recursive: true });
      await Deno.symlink(`socket:[${inode}]`, `${folder}/${fd}`);
    }
    const rows = rowsOf(await look(root, "-tlnp --ndjson"));
    assert.deepEqual(
      rows.map(({ pid, program_name, owners }) => [
        pid,
        program_name,
        owners[0].pid,
        owners[0].comm,
      ]),
      [[7, null, 7, "low"], [7, null, 7, "low"]],
    );
    // net-tools: a process whose command line cannot be read owns nothing
    const { stdout } = await look(root, "-tlnp");
    assert.deepEqual(
      stdout.match(/LISTEN +\S+/g)!.map((text) => text.split(/ +/)[1]),
      ["9/high", "-"],
    );
  }));

Deno.test("-i --json: goes on where the text ends", async () => {
  const [golden] = loadCases().filter((c) =>
    c.name === "interfaces/if-unknown-device-first"
  );
  const json: Case = { ...golden!, args: ["-i", "--ndjson"] };
  const { stdout, stderr, exit } = await runCase(json, NETSTAT);
  const names = stdout.trim().split("\n").map((line) => JSON.parse(line).iface);
  assert.deepEqual(names, ["eth0", "lo"]);
  assert.deepEqual([stderr, exit], [
    golden!.reference.stderr,
    golden!.reference.exit,
  ]);
});

const MAPPED = "0000000000000000FFFF0000010200C0";
const MAPPED_NULL = "0000000000000000FFFF000000000000";
const IN_ORDER = "00000000000000000000ffffc0000201";
const NULL_IN_ORDER = "00000000000000000000ffff00000000";
const NONE = "0".repeat(32);

/** Where IPv6 addresses are, and how JSON and text spell an IPv4-mapped one. */
const ADDRESSES: {
  name: string;
  files: Record<string, string>;
  args: string;
  want: Record<string, unknown>;
  text: RegExp;
}[] = [
  {
    name: "TCP",
    files: {
      "proc/net/tcp": "",
      "proc/net/tcp6": TCP.split("\n")[0] +
        `\n   0: ${MAPPED}:0016 ${MAPPED_NULL}:1F90 01 00000000:00000000 00:00000000 00000000     0        0 10\n`,
    },
    args: "-tan",
    want: {
      local_address: "::ffff:192.0.2.1",
      foreign_address: "::ffff:0.0.0.0",
    },
    text: / 192\.0\.2\.1:22 +0\.0\.0\.0:8080 /,
  },
  {
    name: "UDP",
    files: {
      "proc/net/udp": "",
      "proc/net/udp6": TCP.split("\n")[0] +
        `\n   0: ${MAPPED}:0016 ${NONE}:0000 07 00000000:00000000 00:00000000 00000000     0        0 10\n`,
    },
    args: "-uan",
    want: { local_address: "::ffff:192.0.2.1", foreign_address: "::" },
    text: / 192\.0\.2\.1:22 +:::\* /,
  },
  {
    name: "routes",
    files: {
      "proc/net/ipv6_route":
        `${NULL_IN_ORDER} 60 ${IN_ORDER} 80 ${IN_ORDER} 00000100 00000001 00000000 00000003     eth0\n`,
    },
    args: "-rn6",
    want: {
      destination: "::ffff:0.0.0.0",
      prefix_length: 96,
      source: "::ffff:192.0.2.1",
      gateway: "::ffff:192.0.2.1",
    },
    text: /^0\.0\.0\.0\/96 +192\.0\.2\.1 /m,
  },
  {
    name: "neighbours",
    files: {
      "proc/net/ndisc":
        `${IN_ORDER} 40 80 01 02 00000100 00000050 00000200 0300 0000 80     eth0 001122334455\n`,
    },
    args: "-rnC6",
    want: { neighbour: "::ffff:192.0.2.1" },
    text: /^192\.0\.2\.1\/128 /m,
  },
  {
    name: "groups",
    files: {
      "proc/net/igmp6": `2    eth0            ${IN_ORDER}     1 0000000C 0\n`,
    },
    args: "-gn6",
    want: { group_address: "::ffff:192.0.2.1" },
    text: /^eth0 +1 +192\.0\.2\.1$/m,
  },
  {
    name: "translated connections",
    files: {
      "proc/net/nf_conntrack":
        "ipv6     10 tcp      6 117 ESTABLISHED src=::ffff:192.0.2.1 dst=2001:db8::2 sport=1 dport=2 src=2001:db8::2 dst=2001:db8::3 sport=2 dport=9 [ASSURED] mark=0 use=2\n",
    },
    args: "-Mn",
    want: { source: "::ffff:192.0.2.1", destination: "2001:db8::2" },
    text: / 192\.0\.2\.1 +2001:db8::2 /,
  },
  {
    name: "SCTP",
    files: {
      "proc/net/sctp/assocs":
        " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT\n" +
        "0 0 2 1 3 0 7 1 2 1000 5 1 2 0000:0000:0000:0000:0000:ffff:c000:0201 <-> *10.0.0.2 \t    7500\n",
    },
    args: "-Sn",
    want: {
      local_addresses: ["::ffff:192.0.2.1"],
      foreign_addresses: ["10.0.0.2"],
    },
    text: / 192\.0\.2\.1:1 +10\.0\.0\.2:2 /,
  },
  {
    name: "addresses of interfaces",
    files: {
      "proc/net/dev": DEV.split("\n").slice(0, 3).join("\n") + "\n",
      "proc/net/if_inet6": `${IN_ORDER} 02 80 00 80     eth0\n`,
    },
    args: "-ie",
    want: { inet6: ["::ffff:192.0.2.1/128"] },
    text: /^ +inet6 192\.0\.2\.1 +prefixlen 128 /m,
  },
];

for (const { name, files, args, want, text } of ADDRESSES) {
  Deno.test(`--json: mapped addresses keep their ::ffff:, the text not: ${name}`, () =>
    withTree(files, async (root) => {
      const [row] = rowsOf(await look(root, `${args} --ndjson`));
      const got = Object.keys(want).map((key) => [key, row[key]]);
      assert.deepEqual(Object.fromEntries(got), want);
      assert.match((await look(root, args)).stdout, text);
    }));
}

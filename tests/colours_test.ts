/** Colours: what has one, and that nothing else changes. */

import assert from "node:assert/strict";
import { findFamilies } from "../core/views/registry.ts";
import { type Case, loadCases, makeTree } from "./cases.ts";
import { netstat, netstatWith } from "./program.ts";
import { withTree } from "./trees.ts";

// deno-lint-ignore no-control-regex
const SEQUENCE = /\x1b\[[\d;]*m/g;

/** Text without its colours. */
function plain(text: string): string {
  return text.replaceAll(SEQUENCE, "");
}

/** Text with names for its colours, as `<green>…</>`. */
function named(text: string): string {
  const names: Record<string, string> = {
    "0": "/",
    "1": "bold",
    "2": "dim",
    "31": "red",
    "32": "green",
    "33": "yellow",
    "1;36": "bold cyan",
  };
  return text.replaceAll(
    SEQUENCE,
    (sequence) => `<${names[sequence.slice(2, -1)] ?? sequence}>`,
  );
}

Deno.test("colours take no room in golden cases, which have all of them", async (t) => {
  const seen = new Set<string>();
  for (const golden of loadCases().filter((c) => !c.needsKernel)) {
    await t.step(golden.name, async () => {
      for (const [sequence] of await coloursOf(golden)) seen.add(sequence);
    });
  }
  const names = ["/", "bold cyan", "bold", "dim", "green", "red", "yellow"];
  assert.deepEqual([...seen].map(named).sort(), names.map((n) => `<${n}>`));
});

/** Each colour is around something that neither starts nor ends with a blank. */
const LINE = /^([^<]*<[a-z ]+>(?! )[^<]*(?<! )<\/>)*[^<]*$/;

/** The colours of a case, which is the same without them. */
async function coloursOf(golden: Case): Promise<Iterable<RegExpMatchArray>> {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    makeTree(golden, root);
    const args = ["--root", root, ...golden.args];
    const want = await netstat(...args);
    const got = await netstat("--color=always", ...args);
    assert.equal(plain(got.stdout), want.stdout);
    assert.equal(got.stderr, want.stderr);
    assert.equal(got.exit, want.exit);
    for (const line of got.stdout.replaceAll("<", "(").split("\n")) {
      assert.match(named(line), LINE);
    }
    return got.stdout.matchAll(SEQUENCE);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const TCP_HEADER = "  sl  local_address rem_address   st tx_queue rx_queue " +
  "tr tm->when retrnsmt   uid  timeout inode\n";

/** A line of /proc/net/tcp and its like. */
function socket(remote: string, state: string, queues = "0:0"): string {
  const [tx, rx] = queues.split(":").map((queue) => queue.padStart(8, "0"));
  return `   0: 0100007F:0016 ${remote} ${state} ${tx}:${rx} 00:00000000 00000000     0        0 1\n`;
}

const NOBODY = "00000000:0000";
const PEER = "0200007F:0017";
const LOCAL = "127.0.0.1:22";
const CONNECTION = `${LOCAL}            127.0.0.2:23           `;

const INTERNET = [
  {
    protocol: "tcp",
    line: socket(NOBODY, "0A"),
    want:
      `tcp        0      0 <bold cyan>${LOCAL}</>            0.0.0.0:*               <bold cyan>LISTEN</>     `,
  },
  {
    protocol: "tcp",
    line: socket(NOBODY, "07"),
    want:
      `tcp        0      0 ${LOCAL}            0.0.0.0:*               <dim>CLOSE</>      `,
  },
  {
    protocol: "tcp",
    line: socket(PEER, "01", "0:2A"),
    want: `tcp       <yellow>42</>      0 ${CONNECTION} <green>ESTABLISHED</>`,
  },
  {
    protocol: "tcp",
    line: socket(PEER, "01", "2A:0"),
    want: `tcp        0     <yellow>42</> ${CONNECTION} <green>ESTABLISHED</>`,
  },
  {
    protocol: "tcp",
    line: socket(PEER, "02"),
    want: `tcp        0      0 ${CONNECTION} <yellow>SYN_SENT</>   `,
  },
  {
    protocol: "tcp",
    line: socket(PEER, "06"),
    want: `tcp        0      0 ${CONNECTION} <dim>TIME_WAIT</>  `,
  },
  {
    protocol: "tcp",
    line: socket(PEER, "08"),
    want: `tcp        0      0 ${CONNECTION} <yellow>CLOSE_WAIT</> `,
  },
  {
    protocol: "tcp",
    line: socket(PEER, "0C"),
    want: `tcp        0      0 ${CONNECTION} UNKNOWN(12)`,
  },
  {
    protocol: "udp",
    line: socket(NOBODY, "07"),
    want:
      `udp        0      0 <bold cyan>${LOCAL}</>            0.0.0.0:*                          `,
  },
  {
    protocol: "udp",
    line: socket(PEER, "01"),
    want: `udp        0      0 ${CONNECTION} <green>ESTABLISHED</>`,
  },
];

for (const { protocol, line, want } of INTERNET) {
  Deno.test(`colours: ${want.trim()}`, () =>
    withTree({ [`proc/net/${protocol}`]: TCP_HEADER + line }, async (root) => {
      const args = ["--root", root, "-an", `--${protocol}`, "--color=always"];
      const [title, , row] = (await netstat(...args)).stdout.split("\n");
      assert.equal(
        named(title!),
        "<bold>Active Internet connections (servers and established)</>",
      );
      assert.equal(named(row!), want);
    }));
}

/** Views, as a person sees them. */
const VIEWS: {
  name: string;
  files: Record<string, string>;
  args: string[];
  want: string[];
}[] = [
  {
    name: "UNIX sockets, and control bytes in their paths",
    files: {
      "proc/net/unix":
        "Num       RefCount Protocol Flags    Type St Inode Path\n" +
        "0: 00000002 00000000 00010000 0001 01 7 /a\x1b[31mred\x1b[0m\n" +
        "0: 00000003 00000000 00000000 0001 03 8 /b\x1b[1m\n",
    },
    args: ["-ax"],
    want: [
      "<bold>Active UNIX domain sockets (servers and established)</>",
      "Proto RefCnt Flags       Type       State         I-Node   Path",
      "unix  2      [ ACC ]     STREAM     <bold cyan>LISTENING</>     7        <bold cyan>/a.[31mred.[0m</>",
      "unix  3      [ ]         STREAM     <green>CONNECTED</>     8        /b.[1m",
    ],
  },
  {
    name: "SCTP, whose rows are no cells",
    files: {
      "proc/net/sctp/eps":
        " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n" +
        " 0 0 2 10 29 7777 0 42 192.0.2.1 192.0.2.2\n",
      "proc/net/sctp/assocs": "header\n",
    },
    args: ["-anS"],
    want: [
      "<bold>Active Internet connections (servers and established)</>",
      "Proto Recv-Q Send-Q Local Address           Foreign Address         State      ",
      "<bold cyan>sctp                192.0.2.1:7777                                  LISTEN</>     ",
      "                    <bold cyan>192.0.2.2:7777</>                                             ",
    ],
  },
  {
    name: "routes",
    files: {
      "proc/net/route":
        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n" +
        "eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n" +
        "eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n" +
        "* 006433C6 00000000 0201 0 0 0 00FFFFFF 0 0 0\n",
    },
    args: ["-rn"],
    want: [
      "<bold>Kernel IP routing table</>",
      "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface",
      "<bold>0.0.0.0</>         <bold>192.0.2.1</>       0.0.0.0         UG        0 0          0 eth0",
      "192.0.2.0       0.0.0.0         255.255.255.0   U         0 0          0 eth0",
      "198.51.100.0    -               255.255.255.0   <dim>!</>         - -          - -",
    ],
  },
  {
    name: "interfaces that are down or lose packets",
    files: {
      "proc/net/dev":
        "Inter-|   Receive                                                |  Transmit\n" +
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n" +
        "  eth0: 0 10 0 3 0 0 0 0 0 20 1 0 0 0 0 0\n" +
        "  eth1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
      "sys/class/net/eth0/flags": "0x1043\n",
      "sys/class/net/eth0/mtu": "1500\n",
      "sys/class/net/eth1/flags": "0x1002\n",
      "sys/class/net/eth1/mtu": "1500\n",
    },
    args: ["-ia"],
    want: [
      "<bold>Kernel Interface table</>",
      "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg",
      "eth0             1500       10      0      <red>3</> 0            20      <red>1</>      0      0 BMRU",
      "<dim>eth1</>             1500        0      0      0 0             0      0      0      0 BM",
    ],
  },
  {
    name: "counters",
    files: {
      "proc/net/snmp": "Udp: InDatagrams\nUdp: 7\n",
      "proc/net/netstat": "",
    },
    args: ["-su"],
    want: ["<bold>Udp:</>", "    7 packets received"],
  },
];

for (const { name, files, args, want } of VIEWS) {
  Deno.test(`colours: ${name}`, () =>
    withTree(files, async (root) => {
      const all = ["--root", root, ...args, "--color=always"];
      const { stdout } = await netstat(...all);
      assert.deepEqual(named(stdout).split("\n"), [...want, ""]);
    }));
}

Deno.test("colours: when", async (t) => {
  const cases = [
    { args: [], colours: true, want: false },
    { args: ["--color=auto"], colours: true, want: true },
    { args: ["--color=auto"], colours: false, want: false },
    { args: ["--color=never"], colours: true, want: false },
    { args: ["--color"], colours: false, want: true },
    { args: ["--color=always", "--color=never"], colours: true, want: false },
    { args: ["--color=always", "--json"], colours: true, want: false },
    { args: ["--color=always", "--ndjson"], colours: true, want: false },
  ];
  for (const { args, colours, want } of cases) {
    await t.step(`${args.join(" ")}, ${colours}`, () =>
      withTree(
        { "proc/net/tcp": TCP_HEADER + socket(NOBODY, "0A") },
        async (root) => {
          const all = ["--root", root, "-tan", ...args];
          const got = await netstatWith(findFamilies, all, { colours });
          assert.match(got.stdout, /127\.0\.0\.1/);
          assert.equal(got.stdout.includes("\x1b"), want);
          assert.equal(got.stderr, "");
        },
      ));
  }
});

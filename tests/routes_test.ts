/**
 * Routes as JSON, and what becomes of files that are missing or malformed.
 */

import assert from "node:assert/strict";
import type { View } from "../core/contract/family.ts";
import { byteString, Line } from "../core/contract/line.ts";
import { routes as table } from "../families/_routes_inet.ts";
import { netstat } from "./program.ts";
import { withoutLacks } from "./trees.ts";

const VIEW = { numericHosts: true } as View;
const HEADER =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
const ROUTE = "eth0\t0000000A\t0101A8C0\t0003\t1\t2\t4294967295\t0000FFFF\t" +
  "1400\t65535\t300\n";
const ZERO = "0".repeat(32);
const ROUTE6 = `20010db8${"0".repeat(24)} 20 ${ZERO} 00 ${ZERO} ffffffff ` +
  "00000001 0000000c 80200201       lo\n";

interface Test {
  readonly name: string;
  /** Files below `/proc/net/` and `/etc/`. */
  readonly files: Readonly<Record<string, string>>;
  readonly args: string;
  readonly rows?: readonly unknown[];
  readonly text?: string;
  readonly stderr?: string;
  readonly exit?: number;
}

const INET = {
  family: "inet",
  destination: "10.0.0.0",
  destination_host: null,
  gateway: "192.168.1.1",
  gateway_host: null,
  genmask: "255.255.0.0",
  prefix_length: 16,
  flags: "UG",
  flags_num: 3,
  metric: 4294967295,
  refcnt: 1,
  use: 2,
  mss: 1400,
  window: 65535,
  irtt: 300,
  iface: "eth0",
};

const INET6 = {
  family: "inet6",
  destination: "2001:db8::",
  destination_host: null,
  prefix_length: 32,
  source: "::",
  source_prefix_length: 0,
  gateway: "::",
  gateway_host: null,
  flags: "U!n",
  flags_num: 0x80200201,
  metric: 4294967295,
  refcnt: 1,
  use: 12,
  iface: "lo",
};

const TESTS: readonly Test[] = [
  {
    name: "all columns, whatever -e says",
    files: { "proc/net/route": HEADER + ROUTE },
    args: "-rneee --json",
    rows: [INET],
  },
  {
    name: "names beside addresses",
    files: {
      "proc/net/route": HEADER + ROUTE,
      "etc/hosts": "192.168.1.1 gateway-with-a-long-name\n",
      "etc/networks": "ten 10\n",
    },
    args: "-r --json",
    rows: [{
      ...INET,
      destination_host: "ten",
      gateway_host: "gateway-with-a-long-name",
    }],
  },
  {
    name: "several families in one array",
    files: { "proc/net/route": HEADER + ROUTE, "proc/net/ipv6_route": ROUTE6 },
    args: "-rn64 --json",
    rows: [INET6, INET],
  },
  {
    name: "lines",
    files: { "proc/net/route": HEADER + ROUTE + ROUTE },
    args: "-rn --ndjson",
    text: `${JSON.stringify(INET)}\n${JSON.stringify(INET)}\n`,
  },
  {
    name: "a mask with holes has no length",
    files: { "proc/net/route": HEADER + ROUTE.replace("0000FFFF", "00FF00FF") },
    args: "-rn --json",
    rows: [{ ...INET, genmask: "255.0.255.0", prefix_length: null }],
  },
  {
    name: "a route that rejects has its numbers",
    files: { "proc/net/route": HEADER + ROUTE.replace("0003", "0201") },
    args: "-rn --json",
    rows: [{ ...INET, flags: "!", flags_num: 0x201 }],
  },
  {
    name: "the file is missing",
    files: {},
    args: "-rn --json",
    rows: [],
    stderr: "/proc/net/route: No such file or directory\n" +
      "INET (IPv4) not configured in this system.\n",
    exit: 1,
  },
  {
    name: "a family without routes",
    files: { "proc/net/route": HEADER + ROUTE },
    args: "-rn -A inet,unix,inet --json",
    rows: [INET],
    stderr: "No routing for address family `unix'.\n",
    exit: 3,
  },
  {
    name: "a bad line costs no other",
    files: { "proc/net/route": `${HEADER}bad\n${ROUTE}` },
    args: "-rn --json",
    rows: [INET],
    stderr: 'Cannot parse /proc/net/route: line 2: "bad"\n',
  },
  {
    name: "a bad first line of a file without header",
    files: { "proc/net/ipv6_route": `\n${ROUTE6}` },
    args: "-rn6 --json",
    rows: [INET6],
    stderr: 'Cannot parse /proc/net/ipv6_route: line 1: ""\n',
  },
  {
    name: "a field is missing in the header",
    files: { "proc/net/route": HEADER.replace("Mask", "Mark") + ROUTE },
    args: "-rn --json",
    rows: [],
    stderr: "warning: /proc/net/route does not contain required field Mask\n",
    exit: 1,
  },
  {
    name: "the cache of an unknown kernel",
    files: { "proc/net/rt_cache": "Iface\n" },
    args: "-rnC --json",
    rows: [],
    stderr: "ERROR: proc_guess_fmt(/proc/net/rt_cache,... returned: 0\n",
    exit: 1,
  },
  {
    name: "the type of service of the cache is hexadecimal",
    files: {
      "proc/net/rt_cache": HEADER.replace("Mask\t", "Source")
        .replace("\n", "\tTOS\tHHRef\tHHUptod\tSpecDst\n") +
        ROUTE.replace("\n", "\t1c\t-1\t0\t0201A8C0\n"),
    },
    args: "-rnC --json",
    rows: [{
      family: "inet",
      source: "255.255.0.0",
      source_host: null,
      destination: "10.0.0.0",
      destination_host: null,
      gateway: "192.168.1.1",
      gateway_host: null,
      flags: "G-",
      flags_num: 3,
      metric: 4294967295,
      refcnt: 1,
      use: 2,
      mss: 1400,
      window: 65535,
      irtt: 300,
      iface: "eth0",
      tos: 28,
      hh_refcnt: -1,
      hh_up_to_date: 0,
      specific_destination: "192.168.1.2",
      specific_destination_host: null,
      hh: null,
      arp: null,
    }],
  },
  {
    name: "a directly connected IPX network has no router",
    files: {
      "proc/net/ipx/route": "Network    Router_Net   Router_Node\n" +
        "12345678   Directly     Connected\n" +
        "00000ABC   12345678     00A0C9112233\n",
    },
    args: "-r --ipx --json",
    rows: [
      {
        family: "ipx",
        destination: "12345678",
        destination_num: 0x12345678,
        router_network: null,
        router_network_num: null,
        router_node: null,
        direct: true,
      },
      {
        family: "ipx",
        destination: "00000ABC",
        destination_num: 0xabc,
        router_network: "12345678",
        router_network_num: 0x12345678,
        router_node: "00A0C9112233",
        direct: false,
      },
    ],
  },
  {
    name: "the mode of an AX.25 route, and the whole name of its interface",
    files: {
      "proc/net/ax25_route": "callsign  dev  mode digipeaters\n" +
        "G8BPQ-1   ax1234   vc GB7ABC-2\n",
    },
    args: "-r --ax25 --json",
    rows: [{
      family: "ax25",
      destination: "G8BPQ-1",
      iface: "ax1234",
      use: 0,
      mode: "vc",
      digipeaters: ["GB7ABC-2"],
    }],
  },
  {
    name: "the file is a folder",
    files: { "proc/net/route/file": "" },
    args: "-rn",
    text: "Kernel IP routing table\n" +
      "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n",
    stderr: "/proc/net/route: Is a directory\n",
    exit: 1,
  },
  {
    name: "control bytes in text",
    files: { "proc/net/ipv6_route": ROUTE6.replace("lo", "\x1b[2J") },
    args: "-rn6",
    text: "Kernel IPv6 routing table\n" +
      "Destination                    Next Hop                   Flag Met Ref  Use If\n" +
      "2001:db8::/32                  ::                         U!n  -1  1     12 .[2J\n",
  },
];

for (const { name, files, args, rows, text, stderr = "", exit = 0 } of TESTS) {
  Deno.test(`routes: ${name}`, async () => {
    const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
    try {
      for (const [path, content] of Object.entries(files)) {
        const file = `${root}/${path}`;
        await Deno.mkdir(file.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(file, content);
      }
      const got = await netstat("--root", root, ...args.split(" "));
      assert.equal(withoutLacks(got.stderr), stderr);
      if (rows !== undefined) assert.deepEqual(JSON.parse(got.stdout), rows);
      if (text !== undefined) assert.equal(got.stdout, byteString(utf8(text)));
      assert.equal(got.exit, exit);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

Deno.test("routes: a line of the kernel's is read as one with an odd field in front", () => {
  const valuesOf = (lead: string, text: string) => {
    const line = new Line();
    const row = table.row(table.sources[0]!, "") as never;
    const setTo = (text: string) => {
      const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
      line.set(bytes, 0, bytes.length);
    };
    setTo(lead + HEADER.trimEnd());
    table.first!(line, row);
    setTo(lead + text);
    if (!table.parse(line, row)) return undefined;
    return Object.values(table.columns).map(({ value }) => value(row, VIEW));
  };
  const whole = "eth0\t0000000A\t0101A8C0\t0003\t0\t12\t100\t0000FFFF\t" +
    "1400\t65535\t300".padEnd(40);
  assert.ok(valuesOf("", whole) !== undefined);
  const odd = "09AFafgx \t-+:\x00\xff";
  for (let at = 0; at < whole.length; at++) {
    const [before, after] = [whole.slice(0, at), whole.slice(at + 1)];
    const texts = [before, before + after, before + whole[at] + whole.slice(at)]
      .concat(Array.from(odd, (c) => before + c + after));
    for (const text of texts) {
      assert.deepEqual(
        valuesOf("", text),
        valuesOf("odd\t", text),
        JSON.stringify(text),
      );
    }
  }
});

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What the JSON of each family says, field by field, of one row of its cases. */

import assert from "node:assert/strict";
import { loadCases, makeTree } from "./cases.ts";
import { netstat } from "./program.ts";

interface Expectation {
  /** The case whose files are read. */
  case: string;
  args: string[];
  /** Which row. */
  row: number;
  /** What it says, among other things. */
  want: Record<string, unknown>;
}

const expectations: Expectation[] = [
  {
    case: "ax25/ax25-new-format",
    args: ["--ax25"],
    row: 2,
    want: {
      family: "ax25",
      destination: "BB2BB-3",
      digipeaters: ["CC3CC*", "DD4DD"],
      source: "AA1AA-2*",
      iface: "bpq0",
      state: "SABM SENT",
      state_num: 1,
      vs: 2,
      vr: 3,
      send_q: 0,
      recv_q: 1,
      inode: 9,
    },
  },
  {
    case: "netrom/netrom-states",
    args: ["--netrom"],
    row: 1,
    want: {
      user_call: "N0CALL-1",
      destination: "G8BPQ-10",
      source: "N0CALL-4",
      my_circuit: "01/02",
      your_circuit: "AB/04",
      state: "ESTABLISHED",
      vr: 250,
      vs: 12,
      inode: 100,
    },
  },
  {
    case: "rose/ten-digit-addresses",
    args: ["--rose"],
    row: 0,
    want: {
      destination: "2080175521",
      destination_call: "DB0RS-9",
      source: "2080175520",
      source_call: "DB0RS-1",
      lci: 0x32,
      neighbour_num: 1,
      recv_q: 960,
      inode: 660,
    },
  },
  {
    case: "rose/rose-hex-lci-and-bad-lines",
    args: ["--rose"],
    row: 0,
    want: { destination: "1", lci: 0xab, state_num: 1 },
  },
  {
    case: "x25/x25-hex-lci-keeps-previous",
    args: ["--x25", "-a"],
    row: 1,
    want: { destination: "56", lci: 0xab, vs: 5, vr: 6, state: "ESTABLISHED" },
  },
  {
    case: "x25/x25-default",
    args: ["--x25"],
    row: 1,
    want: { source: "0987654321", lci: 0x99, inode: 13 },
  },
  {
    case: "ipx/ipx-default",
    args: ["--ipx"],
    row: 1,
    want: {
      local_address: "12345678:00A0C9112233:4003",
      local_network: 0x12345678,
      local_node: "00A0C9112233",
      local_port: 0x4003,
      foreign_port: 0x0451,
      state: "ESTAB",
      user: "alice",
      uid: 1000,
    },
  },
  {
    case: "ipx/ipx-default",
    args: ["--ipx"],
    row: 0,
    want: { foreign_address: null, recv_q: 32, send_q: 16, state_num: 7 },
  },
  {
    case: "ddp/exotic",
    args: ["--ddp"],
    row: 3,
    want: {
      local_address: "200.20:129",
      local_network: 200,
      type: "DGRAM",
      type_num: 2,
      local_node_num: 20,
      local_port: 129,
      foreign_address: "200.33:6",
      state: "ESTABLISHED",
      user: "alice",
    },
  },
  {
    case: "bluetooth/bluetooth-l2cap-all",
    args: ["-2a"],
    row: 2,
    want: {
      proto: "l2cap",
      source: "00:1a:7d:da:71:13",
      source_type: "LE public",
      destination: "AC:FD:CE:11:22:33",
      destination_type: "LE random",
      psm: 31,
      scid: 4,
      dcid: 4,
      imtu: 517,
      omtu: 23,
      security: "LOW",
      security_num: 1,
    },
  },
  {
    case: "bluetooth/bluetooth-rfcomm-all",
    args: ["-fa"],
    row: 2,
    want: { proto: "rfcomm", destination: null, state: "BOUND", channel: 3 },
  },
  {
    case: "packet/exotic",
    args: ["-A", "packet"],
    row: 0,
    want: { type: "RAW", protocol_num: 3, iface: "lo", running: true },
  },
  {
    case: "netlink/busy",
    args: ["-A", "netlink"],
    row: 0,
    want: { protocol: "route", portid: 396, groups: 0x1ff, recv_q: 1920 },
  },
  {
    case: "inet/sctp-all",
    args: ["-S", "-a", "-n"],
    row: 6,
    want: {
      local_addresses: ["10.0.0.1", "192.168.1.1", "10.3.3.3"],
      local_primary: "10.0.0.1",
      foreign_addresses: ["10.0.0.2", "192.168.1.2"],
      foreign_primary: "192.168.1.2",
      association: 8,
      recv_q: 2,
      send_q: 1,
    },
  },
];

const cases = new Map(loadCases().map((golden) => [golden.name, golden]));

for (const { case: name, args, row, want } of expectations) {
  Deno.test(`JSON of ${name}, row ${row}`, async () => {
    const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
    try {
      makeTree(cases.get(name)!, root);
      const { stdout } = await netstat("--root", root, "--json", ...args);
      const got = JSON.parse(stdout)[row];
      for (const [key, value] of Object.entries(want)) {
        assert.deepEqual(got[key], value, key);
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

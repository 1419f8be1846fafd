/**
 * AX.25, the link layer of amateur packet radio.
 *
 * @module
 */

import { fact, foreign, right } from "../core/column.ts";
import type { Columns, Family, RouteTable, Table } from "../core/family.ts";
import type { Line } from "../core/line.ts";
import {
  callOrNull,
  type Circuit,
  circuitColumns,
  decimal,
  deviceColumn,
  inodeWord,
  isNumber,
  LINE_LIMIT,
  NO_CIRCUIT,
  wordsOf,
} from "./_packet_radio.ts";

const PATH = "/proc/net/ax25";

/** `AX25_STATE_0` and so on, `include/net/ax25.h` */
const STATES = [
  "LISTENING",
  "SABM SENT",
  "DISC SENT",
  "ESTABLISHED",
  "RECOVERY",
];

/** A control block. */
interface Row extends Circuit {
  /** Whether the file has a header and fixed columns, as before Linux 2.1. */
  old: boolean;
  source: string;
  destination: string;
  digipeaters: string[];
}

function first(line: Line, row: Row): boolean {
  row.old = line.text(line.start, line.end).startsWith("dest_addr");
  return row.old;
}

function parse(line: Line, row: Row): boolean {
  return row.old ? parseOld(line, row) : parseNew(line, row);
}

/**
 * Parses a line of `ax25_info_show`; without a socket the last three are `*`:
 *
 * ```text
 * magic dev src_addr dest_addr,digi1,digi2,.. st vs vr va t1 t1 t2 t2 t3 t3 idle idle n2 n2 rtt window paclen Snd-Q Rcv-Q inode
 * ```
 */
function parseNew(line: Line, row: Row): boolean {
  // one blank stands between two fields, none of which is empty but in bad lines
  const fields = line.text(line.start, line.end).split("\0")[0]!.split(" ");
  if (fields.length < 5) return false;
  const [, device, source, path] = fields;
  const [destination, ...digipeaters] = path!.split(",");
  row.device = device!;
  row.source = source!;
  row.destination = destination!;
  row.digipeaters = digipeaters;
  const words = fields.slice(4).join(" ").split(/[ \t\n\v\f\r]+/);
  return numbers(row, words, 17);
}

/**
 * Parses a line of an old kernel: two columns of fixed width, then words.
 *
 * ```text
 * dest_addr src_addr  dev   st vs vr va    t1     t2     t3      idle   n2  rtt wnd paclen Snd-Q Rcv-Q
 * ```
 */
function parseOld(line: Line, row: Row): boolean {
  row.destination = line.place(0, 9).trimEnd();
  row.source = line.place(10, 19).trimEnd();
  row.digipeaters = [];
  const [device = "", ...words] = wordsOf(
    line,
    Math.min(line.start + 20, line.end),
  );
  row.device = device;
  return numbers(row, words, 12);
}

/** Takes state, vs and vr and, from word `queues` on, the queues and the inode. */
function numbers(row: Row, words: readonly string[], queues: number): boolean {
  const [state, vs, vr] = words.slice(0, 3).map(decimal);
  if (state === undefined || vs === undefined || vr === undefined) return false;
  // net-tools reads no further than the first word that is no number
  const good = words.slice(0, queues).every(isNumber);
  const send = good ? decimal(words[queues]) : undefined;
  const receive = good ? decimal(words[queues + 1]) : undefined;
  if (send !== undefined && receive === undefined) return false;
  row.state = state;
  row.vs = vs;
  row.vr = vr;
  row.sendQueue = send ?? 0;
  row.receiveQueue = receive ?? 0;
  row.inode = inodeWord(words[queues + 2]);
  return true;
}

const columns: Columns<Row> = {
  proto: fact("string", () => "ax25", "Protocol."),
  destination: foreign(
    "Dest",
    9,
    (row) => row.destination,
    "Call sign of the other station; null for a listening socket.",
    { value: (row) => callOrNull(row.destination) },
  ),
  digipeaters: fact(
    "strings",
    (row) => row.digipeaters,
    "Call signs of the digipeaters in between, those passed already with a `*`.",
  ),
  source: foreign(
    "Source",
    9,
    (row) => row.source,
    "Call sign of this station.",
    { gap: 2, value: (row) => callOrNull(row.source) },
  ),
  device: deviceColumn("Device", 6, 2),
  ...circuitColumns<Row>(STATES, 3),
};

const table: Table<Row> = {
  name: "ax25",
  sources: [{ path: PATH, proto: "ax25", rank: 120, support: "AF AX25" }],
  title: { text: () => "Active AX.25 sockets", always: false },
  columns,
  lineLimit: LINE_LIMIT,
  row: () => ({
    ...NO_CIRCUIT,
    old: false,
    source: "",
    destination: "",
    digipeaters: [],
  }),
  first,
  parse,
  // net-tools: the two formats have each their own message
  problem: (row) => `${row.old ? "P" : "p"}roblem reading data from ${PATH}`,
  keep: () => true,
};

/** A route. */
interface Route {
  destination: string;
  device: string;
  /** A count before Linux 2.2, a mode since. */
  third: string;
  digipeaters: string[];
}

/**
 * Parses a line of `ax25_rt_seq_show`:
 *
 * ```text
 * callsign  dev  mode digipeaters
 * G8BPQ-1   ax0    vc GB7ABC-2
 * ```
 */
function parseRoute(line: Line, row: Route): boolean {
  const [destination, device, third = "", ...digipeaters] = wordsOf(line);
  if (device === undefined) return false;
  row.destination = destination!;
  row.device = device;
  row.third = third;
  row.digipeaters = digipeaters;
  return true;
}

const MODES: Readonly<Record<string, string>> = { vc: "vc", dg: "dg" };

const routeColumns: Columns<Route> = {
  destination: foreign(
    "Destination",
    13,
    (row) => row.destination,
    "Call sign of the other station, or `default`.",
  ),
  iface: {
    ...foreign<Route>("Iface", 7, (row) => row.device, "Network interface.", {
      gap: 0,
    }),
    // net-tools: looks at four bytes
    write: (out, row) => out.foreign(row.device.slice(0, 4)),
  },
  use: right(
    "Use",
    5,
    (row) => decimal(row.third) ?? 0,
    "Uses of the route; 0 since Linux 2.2, which does not tell.",
    { gap: 0 },
  ),
  mode: fact(
    "string?",
    (row) => MODES[row.third] ?? null,
    "`vc` or `dg`; null if the interface decides.",
  ),
  digipeaters: fact(
    "strings",
    (row) => row.digipeaters,
    "Call signs of the digipeaters in between.",
  ),
};

const routes: RouteTable<Route> = {
  name: "ax25_route",
  path: "/proc/net/ax25_route",
  title: "Kernel AX.25 routing table",
  missing: {
    text: "AX.25 not configured in this system.",
    reason: (path, reason) => `${path}: ${reason}`,
  },
  columns: routeColumns,
  lineLimit: LINE_LIMIT,
  row: () => ({ destination: "", device: "", third: "", digipeaters: [] }),
  parse: parseRoute,
};

/** The family. */
const ax25: Family = {
  name: "ax25",
  about: "AMPR AX.25",
  tables: [table],
  routes: { tables: () => Promise.resolve([routes]) },
};

export default ax25;

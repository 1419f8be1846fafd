/**
 * AX.25, the link layer of amateur packet radio.
 *
 * @module
 */

import {
  fact,
  foreign,
  heading,
  right,
  type Tones,
} from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import {
  type Circuit,
  circuitColumns,
  deviceColumn,
  LINE_LIMIT,
  noCircuit,
} from "./_packet_radio.ts";
import {
  numberColumns,
  readNumbers,
  readPairs,
} from "./_packet_radio_numbers.ts";
import { notConfigured } from "./_routes.ts";
import { column, cutAtNul, nextWord, wordsOf } from "./_words.ts";

const PATH = "/proc/net/ax25";
const BLANK = 32;

/** `AX25_STATE_0` and so on, `include/net/ax25.h` */
const STATES: Tones = {
  LISTENING: "listening",
  "SABM SENT": "pending",
  "DISC SENT": "closing",
  ESTABLISHED: "connected",
  RECOVERY: "pending",
};

/** A control block. */
interface Row extends Circuit {
  /** Whether the file has a header and fixed columns, as before Linux 2.1. */
  old: boolean;
  source: string;
  destination: string;
  digipeaters: string[];
}

function first(line: Line, row: Row): boolean {
  row.old = line.text().startsWith("dest_addr");
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
  cutAtNul(line);
  // one blank stands between two fields, none of which is empty but in bad lines
  const fields: string[] = [];
  for (let i = 0; i < 4; i++) {
    const blank = line.bytes.indexOf(BLANK, line.at);
    if (blank < 0 || blank >= line.end) return false;
    fields.push(line.text(line.at, blank));
    line.at = blank + 1;
  }
  const [, device, source, path] = fields;
  const [destination, ...digipeaters] = path!.split(",");
  row.device = device!;
  row.source = source!;
  row.destination = destination!;
  row.digipeaters = digipeaters;
  const good = readCircuit(line, row);
  row.numbers.length = 0;
  readNumbers(line, row.numbers, 14);
  return readQueues(line, row, 17) && good;
}

/**
 * Parses a line of an old kernel: two columns of fixed width, then words.
 *
 * ```text
 * dest_addr src_addr  dev   st vs vr va    t1     t2     t3      idle   n2  rtt wnd paclen Snd-Q Rcv-Q
 * ```
 */
function parseOld(line: Line, row: Row): boolean {
  row.destination = column(line, 0, 9);
  row.source = column(line, 10, 19);
  row.digipeaters = [];
  cutAtNul(line);
  line.at = Math.min(line.start + 20, line.end);
  row.device = nextWord(line);
  const good = readCircuit(line, row);
  row.numbers.length = 0;
  readNumbers(line, row.numbers, 1);
  readPairs(line, row.numbers, 5);
  readNumbers(line, row.numbers, 3);
  return readQueues(line, row, 18) && good;
}

/** Reads the state and the two variables; returns whether all are there. */
function readCircuit(line: Line, row: Row): boolean {
  row.state = line.decimal32();
  row.vs = line.decimal32();
  row.vr = line.decimal32();
  return !line.failed;
}

/**
 * Reads the queues and the inode, behind so many fields. Without a socket there is
 * none of them; returns whether there are both queues or neither.
 */
function readQueues(line: Line, row: Row, before: number): boolean {
  row.sendQueue = line.decimal32();
  row.receiveQueue = line.decimal32();
  const one = line.fields === before + 1;
  row.inode = line.decimal();
  return !one;
}

const columns: Columns<Row> = {
  proto: fact("name", () => "ax25", "Protocol."),
  destination: foreign(
    "Dest",
    9,
    (row) => row.destination,
    "Call sign of the other station; null for a listening socket.",
    { kind: "address?", none: "*" },
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
    { kind: "address?", gap: 2, none: "*" },
  ),
  iface: deviceColumn("Device", 6, 2),
  ...circuitColumns<Row>(STATES, 3),
  ...numberColumns<Row>(
    "va",
    "t1_left_s",
    "t1_s",
    "t2_left_s",
    "t2_s",
    "t3_left_s",
    "t3_s",
    "idle_left_s",
    "idle_s",
    "n2_count",
    "n2",
    "rtt_s",
    "window_frames",
    "paclen",
  ),
};

const table: Table<Row> = {
  name: "ax25",
  identity: ["proto", "source", "destination", "iface"],
  sources: [{ path: PATH, proto: "ax25", rank: 120, support: "AF AX25" }],
  columns,
  frozen: {
    title: { text: () => "Active AX.25 sockets", always: false },
    // net-tools: the two formats have each their own message
    malformed: (row) => ({
      text: `${row.old ? "P" : "p"}roblem reading data from ${PATH}`,
      listed: true,
    }),
  },
  lineLimit: LINE_LIMIT,
  row: () => ({
    ...noCircuit(),
    old: false,
    source: "",
    destination: "",
    digipeaters: [],
  }),
  first,
  parse,
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
    { kind: "address?" },
  ),
  iface: foreign("Iface", 7, (row) => row.device, "Network interface.", {
    gap: 0,
    // net-tools: looks at four bytes
    write: (out, row) => out.foreign(row.device.slice(0, 4)),
  }),
  use: right(
    "Use",
    5,
    (row) => atoi(row.third) ?? 0,
    "Uses of the route; 0 since Linux 2.2, which does not tell.",
    { gap: 0 },
  ),
  mode: fact(
    "name?",
    (row) => MODES[row.third] ?? null,
    "`vc` or `dg`; null if the interface decides.",
    { words: Object.keys(MODES) },
  ),
  digipeaters: fact(
    "strings",
    (row) => row.digipeaters,
    "Call signs of the digipeaters in between.",
  ),
};

const routes: Table<Route> = {
  name: "ax25_route",
  identity: ["destination", "iface"],
  sources: [{ path: "/proc/net/ax25_route" }],
  columns: routeColumns,
  frozen: {
    title: heading("Kernel AX.25 routing table"),
    missing: notConfigured("AX.25"),
  },
  lineLimit: LINE_LIMIT,
  row: () => ({ destination: "", device: "", third: "", digipeaters: [] }),
  parse: parseRoute,
};

/** The kernel's `AF_AX25`. */
export default {
  name: "ax25",
  about: "AMPR AX.25",
  tables: [table],
  routes: { tables: () => Promise.resolve([routes]) },
} satisfies Family;

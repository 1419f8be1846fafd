/**
 * NET/ROM, the network layer of amateur packet radio.
 *
 * @module
 */

import {
  fact,
  foreign,
  heading,
  left,
  type Tones,
} from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import {
  type Circuit,
  circuitColumns,
  deviceColumn,
  digipeatersColumn,
  LINE_LIMIT,
  type Neighbour,
  noCircuit,
  numberOf,
  parseNeighbour,
  type Way,
  wayColumns,
} from "./_packet_radio.ts";
import {
  numberColumns,
  readNumbers,
  readPairs,
} from "./_packet_radio_numbers.ts";
import { column, cutAtNul, nextWord, wordsOf } from "./_words.ts";
import { notConfigured } from "./_routes.ts";

const PATH = "/proc/net/nr";
const SLASH = 47;

/** `NR_STATE_0` and so on, `include/net/netrom.h` */
const STATES: Tones = {
  LISTENING: "listening",
  "CONN SENT": "pending",
  "DISC SENT": "closing",
  ESTABLISHED: "connected",
};

/** A circuit. */
interface Row extends Circuit {
  user: string;
  destination: string;
  source: string;
  myCircuit: string;
  yourCircuit: string;
}

/**
 * Parses a line of `nr_info_show`: three columns of fixed width, then words.
 *
 * ```text
 * user_addr dest_node src_node  dev    my  your  st  vs  vr  va    t1     t2     t4      idle   n2  wnd Snd-Q Rcv-Q inode
 * CARL-2    DB0NR-5   N0NET-6   nr1  01/05 01/03  3   0   1   0   0/120  0/05   0/180   0/000  0/01   4     0   960 629
 * ```
 */
function parse(line: Line, row: Row): boolean {
  row.user = column(line, 0, 9);
  row.destination = column(line, 10, 19);
  row.source = column(line, 20, 29);
  cutAtNul(line);
  line.at = Math.min(line.start + 30, line.end);
  row.device = nextWord(line);
  row.myCircuit = circuit(line);
  row.yourCircuit = circuit(line);
  row.state = line.decimal32();
  row.vs = line.decimal32();
  row.vr = line.decimal32();
  row.numbers.length = 0;
  readNumbers(line, row.numbers, 1);
  readPairs(line, row.numbers, 5);
  readNumbers(line, row.numbers, 1);
  row.sendQueue = line.decimal32();
  row.receiveQueue = line.decimal32();
  if (line.failed) return false;
  row.inode = line.decimal();
  return true;
}

/** Reads an index and an id, hexadecimal, as they are. */
function circuit(line: Line): string {
  line.blanks();
  const from = line.at;
  line.hex32();
  line.skip(SLASH);
  line.hex32();
  return line.text(from, line.at);
}

const columns: Columns<Row> = {
  proto: fact("name", () => "netrom", "Protocol."),
  user_call: foreign(
    "User",
    9,
    (row) => row.user,
    "Call sign of the user; null for a listening socket.",
    { kind: "address?", none: "*" },
  ),
  destination: foreign(
    "Dest",
    9,
    (row) => row.destination,
    "Call sign of the other node; null for a listening socket.",
    { kind: "address?", gap: 2, none: "*" },
  ),
  source: foreign(
    "Source",
    9,
    (row) => row.source,
    "Call sign of this node.",
    { kind: "address?", gap: 2, none: "*" },
  ),
  iface: deviceColumn("Device", 6, 2),
  my_circuit: fact(
    "string",
    (row) => row.myCircuit,
    "Index and id of this end's circuit, hexadecimal.",
  ),
  your_circuit: fact(
    "string",
    (row) => row.yourCircuit,
    "Index and id of the other end's circuit, hexadecimal.",
  ),
  ...circuitColumns<Row>(STATES, 3),
  ...numberColumns<Row>(
    "va",
    "t1_left_s",
    "t1_s",
    "t2_left_s",
    "t2_s",
    "t4_left_s",
    "t4_s",
    "idle_left_s",
    "idle_s",
    "n2_count",
    "n2",
    "window_frames",
  ),
};

const table: Table<Row> = {
  name: "netrom",
  identity: [
    "proto",
    "user_call",
    "source",
    "destination",
    "my_circuit",
    "your_circuit",
  ],
  sources: [{ path: PATH, proto: "netrom", rank: 140, support: "AF NETROM" }],
  columns,
  frozen: {
    title: { text: () => "Active NET/ROM sockets", always: false },
    malformed: () => ({
      text: `Problem reading data from ${PATH}`,
      listed: true,
    }),
  },
  lineLimit: LINE_LIMIT,
  row: () => ({
    ...noCircuit(),
    user: "",
    destination: "",
    source: "",
    myCircuit: "",
    yourCircuit: "",
  }),
  parse,
};

/** A node, and how to reach it. */
interface Node {
  readonly neighbours: Map<number, Neighbour>;
  callSign: string;
  mnemonic: string;
  /** The route in use, from 1. */
  which: number;
  /** How many routes there are. */
  count: number;
  /** Quality, obsolescence and neighbour of each route, one after the other. */
  routes: readonly (number | undefined)[];
  quality: number | undefined;
  obsolescence: number | undefined;
  number: number | undefined;
}

/**
 * Parses a line of `nr_node_show`; a mnemonic can have blanks in it:
 *
 * ```text
 * callsign  mnemonic w n qual obs neigh qual obs neigh qual obs neigh
 * GB7BPQ-2  BPQNOD   1 2  255   6 00001  203   5 00002
 * ```
 */
function parseNode(line: Line, row: Node): boolean {
  const [which, count, ...rest] = wordsOf(
    line,
    Math.min(line.start + 19, line.end),
  ).map(atoi);
  if (which === undefined || count === undefined) return false;
  row.callSign = column(line, 0, 9);
  row.mnemonic = column(line, 10, 17);
  row.which = which;
  row.count = count;
  row.routes = rest;
  const at = which < 1 ? rest.length : 3 * (which - 1);
  [row.quality, row.obsolescence, row.number] = rest.slice(at, at + 3);
  return true;
}

function neighbourOf(row: Node): Neighbour | undefined {
  return row.number === undefined ? undefined : row.neighbours.get(row.number);
}

/** A route to a node. */
interface NodeRoute extends Way {
  readonly quality: number | null;
  readonly obsolescence: number | null;
}

function routesOf({ neighbours, routes }: Node): NodeRoute[] {
  const found: NodeRoute[] = [];
  for (let i = 0; i < routes.length; i += 3) {
    const [quality = null, obsolescence = null, number = null] = routes
      .slice(i, i + 3);
    const neighbour = number === null ? undefined : neighbours.get(number);
    found.push({ quality, obsolescence, number, neighbour });
  }
  return found;
}

/** What `nr_neigh` tells of a neighbour stands behind what the node's line tells. */
const viaColumns: Columns<NodeRoute> = {
  quality: fact("integer?", ({ quality }) => quality, "Quality of the route."),
  obsolescence: fact(
    "integer?",
    ({ obsolescence }) => obsolescence,
    "Broadcasts that the route survives.",
  ),
  ...wayColumns<NodeRoute>(),
  neighbour_quality: fact(
    "integer?",
    (way) => numberOf(way, 0),
    "Quality of the link to the neighbour; null if it is unknown.",
  ),
  locked: fact(
    "boolean?",
    (way) => {
      const locked = numberOf(way, 1);
      return locked === null ? null : locked !== 0;
    },
    "Whether somebody has set that quality; null if the neighbour is unknown.",
  ),
  refcnt: fact(
    "integer?",
    (way) => numberOf(way, 2),
    "Routes that lead over the neighbour; null if it is unknown.",
  ),
  failed: fact(
    "integer?",
    (way) => numberOf(way, 3),
    "Times that the link failed; null if the neighbour is unknown.",
  ),
  digipeaters: digipeatersColumn(4),
};

const routeColumns: Columns<Node> = {
  destination: foreign(
    "Destination",
    13,
    (row) => row.callSign,
    "Call sign of the node.",
    { kind: "address?" },
  ),
  mnemonic: foreign(
    "Mnemonic",
    10,
    (row) => row.mnemonic,
    "Its mnemonic; null without one.",
    { gap: 0, none: "*" },
  ),
  quality: left(
    "Quality",
    9,
    (row) => row.quality ?? null,
    "Quality of the route in use; null if the line does not tell.",
    {
      gap: 0,
      kind: "integer?",
      // net-tools: shows no route to an unknown neighbour
      write: (out, row) =>
        out.ascii(
          neighbourOf(row) === undefined
            ? ""
            : `${row.quality ?? 0}`.padStart(3) + "      ",
        ),
    },
  ),
  neighbour: foreign(
    "Neighbour",
    11,
    (row) => neighbourOf(row)?.callSign ?? "",
    "Call sign of the neighbour; null if it is unknown.",
    {
      kind: "address?",
      gap: 0,
      none: "",
    },
  ),
  iface: foreign(
    "Iface",
    4,
    (row) => neighbourOf(row)?.device ?? "",
    "Network interface of the neighbour; null if it is unknown.",
    {
      gap: 0,
      none: "",
      // net-tools: looks at four bytes
      write: (out, row) =>
        out.foreign((neighbourOf(row)?.device ?? "").slice(0, 4)),
    },
  ),
  neighbour_num: fact(
    "integer?",
    (row) => row.number ?? null,
    "Number of the neighbour; null if the line does not tell.",
  ),
  obsolescence: fact(
    "integer?",
    (row) => row.obsolescence ?? null,
    "Broadcasts that the route survives; null if the line does not tell.",
  ),
  which: fact(
    "integer",
    (row) => row.which,
    "Which of the node's routes is in use, from 1.",
  ),
  routes: fact(
    "integer",
    (row) => row.count,
    "How many routes the kernel says that it has.",
  ),
  via: fact(
    "objects",
    routesOf,
    "The ways to the node, each by a neighbour.",
    { each: viaColumns },
  ),
};

const routes: Table<Node> = {
  name: "nr_nodes",
  identity: ["destination"],
  sources: [{ path: "/proc/net/nr_nodes" }],
  // lines of `nr_neigh_show`:
  // addr  callsign  dev  qual lock count failed digipeaters
  // 00001 GB7BPQ-1  ax0   255    0     1      0
  reference: {
    path: "/proc/net/nr_neigh",
    needed: true,
    parse: parseNeighbour,
  },
  columns: routeColumns,
  frozen: {
    title: heading("Kernel NET/ROM routing table"),
    missing: notConfigured("NET/ROM"),
  },
  lineLimit: LINE_LIMIT,
  row: () => ({
    neighbours: new Map(),
    callSign: "",
    mnemonic: "",
    which: 0,
    count: 0,
    routes: [],
    quality: undefined,
    obsolescence: undefined,
    number: undefined,
  }),
  parse: parseNode,
};

/** The kernel's `AF_NETROM`. */
export default {
  name: "netrom",
  about: "AMPR NET/ROM",
  tables: [table],
  routes: { tables: () => Promise.resolve([routes]) },
} satisfies Family;

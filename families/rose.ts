/**
 * ROSE, X.25's packet layer over amateur packet radio.
 *
 * @module
 */

import {
  among,
  fact,
  foreign,
  heading,
  left,
  right,
  type Tones,
} from "../core/contract/column.ts";
import type {
  Columns,
  Family,
  Long,
  Out,
  Said,
  Table,
} from "../core/contract/family.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import {
  deviceColumn,
  digipeatersColumn,
  LINE_LIMIT,
  type Neighbour,
  numberOf,
  parseNeighbour,
  stateName,
  type Way,
  wayColumns,
  writePadded,
} from "./_packet_radio.ts";
import {
  numberColumns,
  type Numbers,
  readNumbers,
  readPairs,
} from "./_packet_radio_numbers.ts";
import { cutAtNul, nextWord, wordsOf } from "./_words.ts";

const PATH = "/proc/net/rose";

/** `ROSE_STATE_0` and so on, `include/net/rose.h` */
const STATES: Tones = {
  LISTENING: "listening",
  "CONN SENT": "pending",
  "DISC SENT": "closing",
  ESTABLISHED: "connected",
};

/** A circuit. */
interface Row {
  destination: string;
  destinationCall: string;
  source: string;
  sourceCall: string;
  device: string;
  /** The logical channel as the kernel writes it, in hexadecimal. */
  lci: string;
  neighbour: number;
  state: number;
  sendQueue: number;
  receiveQueue: number;
  inode: Long;
  /** What net-tools passes over. */
  readonly numbers: Numbers;
}

/**
 * Parses a line of `rose_info_show`:
 *
 * ```text
 * dest_addr  dest_call src_addr   src_call  dev   lci neigh st vs vr va   t  t1  t2  t3  hb    idle Snd-Q Rcv-Q inode
 * 2080175521 DB0RS-9   2080175520 DB0RS-1   rose0 032 00001  3  0  1  0   0 200 180 180   5   0/000     0   960 660
 * ```
 */
function parse(line: Line, row: Row): boolean {
  cutAtNul(line);
  row.destination = nextWord(line);
  row.destinationCall = nextWord(line);
  row.source = nextWord(line);
  row.sourceCall = nextWord(line);
  row.device = nextWord(line);
  row.lci = nextWord(line);
  row.neighbour = line.decimal32();
  row.state = line.decimal32();
  if (line.failed || !/^[+-]?[0-9a-f]+$/i.test(row.lci)) return false;
  row.numbers.length = 0;
  readNumbers(line, row.numbers, 8);
  readPairs(line, row.numbers, 1);
  row.sendQueue = line.decimal32();
  row.receiveQueue = line.decimal32();
  row.inode = line.decimal();
  return true;
}

const state = (row: Row) => stateName(STATES, row.state);

const columns: Columns<Row> = {
  proto: fact("name", () => "rose", "Protocol."),
  destination: foreign(
    "dest_addr",
    10,
    (row) => row.destination,
    "Ten-digit address of the other end; null for a listening socket.",
    { kind: "address?", none: "*" },
  ),
  destination_call: foreign(
    "dest_call",
    9,
    (row) => row.destinationCall,
    "Call sign of the other end; null for a listening socket.",
    {
      kind: "address?",
      gap: 2,
      none: "*",
    },
  ),
  source: foreign(
    "src_addr",
    10,
    (row) => row.source,
    "Ten-digit address of this end.",
    { kind: "address?", gap: 2, none: "*" },
  ),
  source_call: foreign(
    "src_call",
    9,
    (row) => row.sourceCall,
    "Call sign of this end; null without one.",
    {
      kind: "address?",
      gap: 2,
      none: "??????-?",
    },
  ),
  iface: deviceColumn("dev", 5),
  lci: right(
    "lci",
    3,
    (row) => parseInt(row.lci, 16),
    "Logical channel identifier.",
    // net-tools: the kernel's hexadecimal digits, taken for decimal ones
    { write: (out, row) => out.integer(atoi(row.lci)!) },
  ),
  neighbour_num: right(
    "neigh",
    5,
    (row) => row.neighbour,
    "Number of the neighbour.",
  ),
  state: left("state", 0, state, "State.", {
    kind: "name",
    gap: 3,
    ...among(state, STATES),
  }),
  state_num: fact("integer", (row) => row.state, "State as a number."),
  send_q: fact("integer", (row) => row.sendQueue, "Bytes not yet sent.", {
    unit: "bytes",
  }),
  recv_q: fact("integer", (row) => row.receiveQueue, "Bytes not yet read.", {
    unit: "bytes",
  }),
  inode: fact("integer", (row) => row.inode, "Inode of the socket."),
  ...numberColumns<Row>(
    "vs",
    "vr",
    "va",
    "timer_ms",
    "t1_s",
    "t2_s",
    "t3_s",
    "holdback_s",
    "idle_left_s",
    "idle_s",
  ),
};

const PROBLEM: Said = {
  text: `Problem reading data from ${PATH}`,
  listed: true,
};

const table: Table<Row> = {
  name: "rose",
  identity: [
    "proto",
    "source",
    "source_call",
    "destination",
    "destination_call",
    "lci",
  ],
  sources: [{ path: PATH, proto: "rose", rank: 150, support: "AF ROSE" }],
  columns,
  frozen: {
    title: { text: () => "Active ROSE sockets", always: false },
    malformed: () => PROBLEM,
    // net-tools: a channel with a hexadecimal letter is a problem
    instead: (row) => /[a-f]/i.test(row.lci) ? PROBLEM : undefined,
  },
  lineLimit: LINE_LIMIT,
  row: () => ({
    destination: "",
    destinationCall: "",
    source: "",
    sourceCall: "",
    device: "",
    lci: "0",
    neighbour: 0,
    state: 0,
    sendQueue: 0,
    receiveQueue: 0,
    inode: 0,
    numbers: [],
  }),
  parse,
};

/** The most neighbours that a node has. */
const NEIGHBOURS_MOST = 3;

/** A node, and how to reach it. */
interface Node {
  readonly neighbours: Map<number, Neighbour>;
  address: string;
  mask: number;
  /** Numbers of its neighbours. */
  numbers: number[];
}

/**
 * Parses a line of `rose_node_show`:
 *
 * ```text
 * address    mask n neigh neigh neigh
 * 2080123456 0010 2 00001 00002
 * ```
 */
function parseNode(line: Line, row: Node): boolean {
  const [address, ...rest] = wordsOf(line);
  const numbers = rest.map(atoi).filter((n) => n !== undefined);
  const [mask, count] = numbers;
  if (numbers.length < rest.length || count === undefined) return false;
  row.address = address!;
  row.mask = mask!;
  row.numbers = numbers.slice(2, 2 + Math.max(0, count));
  return row.numbers.length === count && count <= NEIGHBOURS_MOST;
}

/** The columns of a node's neighbour, counted from 0. */
function neighbourColumns(index: number): Columns<Node> {
  const which = ["first", "second", "third"][index]!;
  const neighbour = (row: Node) => row.neighbours.get(row.numbers[index]!);
  return {
    [`neighbour${index + 1}_num`]: fact<Node, number | null>(
      "integer?",
      (row) => row.numbers[index] ?? null,
      `Number of the ${which} neighbour; null without one.`,
    ),
    [`neighbour${index + 1}`]: fact<Node, string | null>(
      "string?",
      (row) => neighbour(row)?.callSign ?? null,
      `Call sign of the ${which} neighbour; null if it is unknown.`,
    ),
    [`iface${index + 1}`]: fact<Node, string | null>(
      "string?",
      (row) => {
        const device = neighbour(row)?.device;
        return device === undefined || device === "???" ? null : device;
      },
      `Network interface of the ${which} neighbour; null without one.`,
    ),
  };
}

function writeNeighbours(out: Out, { numbers, neighbours }: Node): void {
  for (const number of numbers) {
    writePadded(out, number, 5);
    out.ascii("  ");
    const neighbour = neighbours.get(number);
    if (neighbour === undefined) continue;
    let start = out.at;
    out.foreign(neighbour.callSign);
    out.pad(start, 13);
    start = out.at;
    // net-tools: looks at five bytes
    out.foreign(neighbour.device.slice(0, 5));
    out.pad(start, 5);
  }
}

function waysOf({ neighbours, numbers }: Node): Way[] {
  return numbers.map((number) => ({
    number,
    neighbour: neighbours.get(number),
  }));
}

/** Whether a word stands among those of a neighbour; null if nothing stands there. */
function isWord({ neighbour }: Way, place: number, word: string) {
  const found = neighbour?.more[place];
  return found === undefined ? null : found === word;
}

const viaColumns: Columns<Way> = {
  ...wayColumns<Way>(),
  refcnt: fact(
    "integer?",
    (way) => numberOf(way, 0),
    "Nodes that it leads to; null if it is unknown.",
  ),
  use: fact(
    "integer?",
    (way) => numberOf(way, 1),
    "Circuits over it; null if it is unknown.",
  ),
  dce: fact(
    "boolean?",
    (way) => isWord(way, 2, "DCE"),
    "Whether this end is the network's (DCE), not the user's (DTE); null if it is " +
      "unknown.",
  ),
  restarted: fact(
    "boolean?",
    (way) => isWord(way, 3, "yes"),
    "Whether the link was started; null if it is unknown.",
  ),
  t0_left_s: fact(
    "duration?",
    (way) => numberOf(way, 4),
    "Timer T0: what is left of it; 0 if it does not run.",
    { unit: "seconds" },
  ),
  tf_left_s: fact(
    "duration?",
    (way) => numberOf(way, 5),
    "Timer of a link that failed: what is left of it; 0 if it does not run.",
    { unit: "seconds" },
  ),
  digipeaters: digipeatersColumn(6),
};

const routeColumns: Columns<Node> = {
  destination: foreign(
    "Destination",
    13,
    (row) => row.address,
    "Ten-digit address of the node.",
    { kind: "address?" },
  ),
  digits: fact(
    "integer",
    (row) => row.mask,
    "Digits of the address that count.",
  ),
  neighbours: left(
    Array.from(
      { length: NEIGHBOURS_MOST },
      (_, i) => `neigh${i + 1} callsign  device`,
    ).join("  "),
    0,
    (row) => row.numbers.length,
    "How many neighbours lead there.",
    { gap: 0, kind: "integer", write: writeNeighbours },
  ),
  ...neighbourColumns(0),
  ...neighbourColumns(1),
  ...neighbourColumns(2),
  via: fact(
    "objects",
    waysOf,
    "The ways to the node, each by a neighbour.",
    { each: viaColumns },
  ),
};

const routes: Table<Node> = {
  name: "rose_nodes",
  identity: ["destination", "digits"],
  sources: [{ path: "/proc/net/rose_nodes" }],
  // lines of `rose_neigh_show`:
  // addr  callsign  dev  count use mode restart  t0  tf digipeaters
  // 00001 F6BVP-9   ax0      1   0  DTE     yes   0   0
  reference: {
    path: "/proc/net/rose_neigh",
    needed: false,
    parse: parseNeighbour,
  },
  columns: routeColumns,
  frozen: {
    title: heading("Kernel ROSE routing table"),
    missing: {
      text: "ROSE not configured in this system.",
      reason: (path, reason) => `${path}: ${reason}`,
    },
  },
  lineLimit: LINE_LIMIT,
  row: () => ({ neighbours: new Map(), address: "", mask: 0, numbers: [] }),
  parse: parseNode,
};

/** The kernel's `AF_ROSE`. */
export default {
  name: "rose",
  about: "AMPR ROSE",
  tables: [table],
  routes: { tables: () => Promise.resolve([routes]) },
} satisfies Family;

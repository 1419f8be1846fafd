/**
 * ROSE, X.25's packet layer over amateur packet radio.
 *
 * @module
 */

import { fact, foreign, left, right } from "../core/column.ts";
import type { Columns, Family, Long, Table } from "../core/family.ts";
import type { Line } from "../core/line.ts";
import {
  callOrNull,
  decimal,
  deviceColumn,
  inodeWord,
  LINE_LIMIT,
  stateName,
  wordsOf,
} from "./_packet_radio.ts";

const PATH = "/proc/net/rose";

/** `ROSE_STATE_0` and so on, `include/net/rose.h` */
const STATES = ["LISTENING", "CONN SENT", "DISC SENT", "ESTABLISHED"];

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
  const words = wordsOf(line);
  const [destination, destinationCall, source, sourceCall, device, lci] = words;
  const neighbour = decimal(words[6]);
  const state = decimal(words[7]);
  if (
    !/^[+-]?[0-9a-f]+$/i.test(lci ?? "") || neighbour === undefined ||
    state === undefined
  ) return false;
  row.destination = destination!;
  row.destinationCall = destinationCall!;
  row.source = source!;
  row.sourceCall = sourceCall!;
  row.device = device!;
  row.lci = lci!;
  row.neighbour = neighbour;
  row.state = state;
  row.sendQueue = decimal(words[17]) ?? 0;
  row.receiveQueue = decimal(words[18]) ?? 0;
  row.inode = inodeWord(words[19]);
  return true;
}

const columns: Columns<Row> = {
  proto: fact("string", () => "rose", "Protocol."),
  destination: foreign(
    "dest_addr",
    10,
    (row) => row.destination,
    "Ten-digit address of the other end; null for a listening socket.",
    { value: (row) => callOrNull(row.destination) },
  ),
  destination_call: foreign(
    "dest_call",
    9,
    (row) => row.destinationCall,
    "Call sign of the other end; null for a listening socket.",
    { gap: 2, value: (row) => callOrNull(row.destinationCall) },
  ),
  source: foreign(
    "src_addr",
    10,
    (row) => row.source,
    "Ten-digit address of this end.",
    { gap: 2, value: (row) => callOrNull(row.source) },
  ),
  source_call: foreign(
    "src_call",
    9,
    (row) => row.sourceCall,
    "Call sign of this end; null without one.",
    {
      gap: 2,
      value: (row) => row.sourceCall === "??????-?" ? null : row.sourceCall,
    },
  ),
  device: deviceColumn("dev", 5),
  lci: right(
    "lci",
    3,
    (row) => parseInt(row.lci, 16),
    "Logical channel identifier.",
    // net-tools: the kernel's hexadecimal digits, taken for decimal ones
    { write: (out, row) => out.integer(decimal(row.lci)!) },
  ),
  neighbour: right(
    "neigh",
    5,
    (row) => row.neighbour,
    "Number of the neighbour.",
  ),
  state: left("state", 0, (row) => stateName(STATES, row.state), "State.", {
    gap: 3,
  }),
  state_num: fact("integer", (row) => row.state, "State as a number."),
  send_q: fact("integer", (row) => row.sendQueue, "Bytes not yet sent."),
  recv_q: fact("integer", (row) => row.receiveQueue, "Bytes not yet read."),
  inode: fact("integer", (row) => row.inode, "Inode of the socket."),
};

const table: Table<Row> = {
  name: "rose",
  sources: [{ path: PATH, proto: "rose", rank: 150, support: "AF ROSE" }],
  title: { text: () => "Active ROSE sockets", always: false },
  columns,
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
  }),
  parse,
  problem: () => `Problem reading data from ${PATH}`,
  // net-tools: a channel with a hexadecimal letter is a problem
  illegible: (row) => /[a-f]/i.test(row.lci),
  keep: () => true,
};

/** The family. */
const rose: Family = {
  name: "rose",
  about: "AMPR ROSE",
  tables: [table],
};

export default rose;

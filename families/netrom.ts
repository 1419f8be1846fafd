/**
 * NET/ROM, the network layer of amateur packet radio.
 *
 * @module
 */

import { fact, foreign } from "../core/column.ts";
import type { Columns, Family, Table } from "../core/family.ts";
import type { Line } from "../core/line.ts";
import {
  callOrNull,
  type Circuit,
  circuitColumns,
  columnText,
  decimal,
  deviceColumn,
  inodeWord,
  LINE_LIMIT,
  NO_CIRCUIT,
  wordsOf,
} from "./_packet_radio.ts";

const PATH = "/proc/net/nr";

/** `NR_STATE_0` and so on, `include/net/netrom.h` */
const STATES = ["LISTENING", "CONN SENT", "DISC SENT", "ESTABLISHED"];

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
  row.user = columnText(line, 0, 9);
  row.destination = columnText(line, 10, 19);
  row.source = columnText(line, 20, 29);
  const [device, my, your, ...words] = wordsOf(
    line,
    Math.min(line.start + 30, line.end),
  );
  const [state, vs, vr] = words.slice(0, 3).map(decimal);
  const send = decimal(words[10]);
  const receive = decimal(words[11]);
  if (
    state === undefined || vs === undefined || vr === undefined ||
    send === undefined || receive === undefined
  ) return false;
  row.device = device!;
  row.myCircuit = my!;
  row.yourCircuit = your!;
  row.state = state;
  row.vs = vs;
  row.vr = vr;
  row.sendQueue = send;
  row.receiveQueue = receive;
  row.inode = inodeWord(words[12]);
  return true;
}

const columns: Columns<Row> = {
  proto: fact("string", () => "netrom", "Protocol."),
  user: foreign(
    "User",
    9,
    (row) => row.user,
    "Call sign of the user; null for a listening socket.",
    { value: (row) => callOrNull(row.user) },
  ),
  destination: foreign(
    "Dest",
    9,
    (row) => row.destination,
    "Call sign of the other node; null for a listening socket.",
    { gap: 2, value: (row) => callOrNull(row.destination) },
  ),
  source: foreign(
    "Source",
    9,
    (row) => row.source,
    "Call sign of this node.",
    { gap: 2, value: (row) => callOrNull(row.source) },
  ),
  device: deviceColumn("Device", 6, 2),
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
};

const table: Table<Row> = {
  name: "netrom",
  sources: [{ path: PATH, proto: "netrom", rank: 140, support: "AF NETROM" }],
  title: { text: () => "Active NET/ROM sockets", always: false },
  columns,
  lineLimit: LINE_LIMIT,
  row: () => ({
    ...NO_CIRCUIT,
    user: "",
    destination: "",
    source: "",
    myCircuit: "",
    yourCircuit: "",
  }),
  parse,
  problem: () => `Problem reading data from ${PATH}`,
  keep: () => true,
};

/** The family. */
const netrom: Family = {
  name: "netrom",
  about: "AMPR NET/ROM",
  tables: [table],
};

export default netrom;

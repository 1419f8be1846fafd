/**
 * NET/ROM, the network layer of amateur packet radio.
 *
 * @module
 */

import { fact, foreign, left } from "../core/column.ts";
import type { Columns, Family, Long, Table } from "../core/family.ts";
import type { Line } from "../core/line.ts";
import {
  callOrNull,
  decimal,
  inodeWord,
  LINE_LIMIT,
  stateName,
  wordsOf,
  writePadded,
} from "./_packet_radio.ts";

const PATH = "/proc/net/nr";

/** `NR_STATE_0` and so on, `include/net/netrom.h` */
const STATES = ["LISTENING", "CONN SENT", "DISC SENT", "ESTABLISHED"];

/** A circuit. */
interface Row {
  user: string;
  destination: string;
  source: string;
  device: string;
  myCircuit: string;
  yourCircuit: string;
  state: number;
  vs: number;
  vr: number;
  sendQueue: number;
  receiveQueue: number;
  inode: Long;
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
  const text = (from: number, to: number) =>
    line.text(
      Math.min(line.start + from, line.end),
      Math.min(line.start + to, line.end),
    ).trimEnd();
  row.user = text(0, 9);
  row.destination = text(10, 19);
  row.source = text(20, 29);
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
  device: foreign(
    "Device",
    6,
    (row) => row.device,
    "Network interface; null without one.",
    { gap: 2, value: (row) => row.device === "???" ? null : row.device },
  ),
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
  state: left("State", 11, (row) => stateName(STATES, row.state), "State.", {
    gap: 2,
  }),
  state_num: fact("integer", (row) => row.state, "State as a number."),
  vr: left("Vr/Vs", 7, (row) => row.vr, "Receive state variable.", {
    gap: 2,
    type: "integer",
    write(out, row) {
      writePadded(out, row.vr, 3);
      out.ascii("/");
      writePadded(out, row.vs, 3);
    },
  }),
  vs: fact("integer", (row) => row.vs, "Send state variable."),
  send_q: left("Send-Q", 6, (row) => row.sendQueue, "Bytes not yet sent.", {
    gap: 2,
    type: "integer",
  }),
  recv_q: left("Recv-Q", 6, (row) => row.receiveQueue, "Bytes not yet read.", {
    gap: 2,
    type: "integer",
  }),
  inode: fact("integer", (row) => row.inode, "Inode of the socket."),
};

const table: Table<Row> = {
  name: "netrom",
  sources: [{ path: PATH, proto: "netrom", rank: 140, support: "AF NETROM" }],
  title: { text: () => "Active NET/ROM sockets", always: false },
  columns,
  lineLimit: LINE_LIMIT,
  row: () => ({
    user: "",
    destination: "",
    source: "",
    device: "",
    myCircuit: "",
    yourCircuit: "",
    state: 0,
    vs: 0,
    vr: 0,
    sendQueue: 0,
    receiveQueue: 0,
    inode: 0,
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

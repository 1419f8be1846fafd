/**
 * AppleTalk's Datagram Delivery Protocol. net-tools knows the family, but shows
 * none of its sockets.
 *
 * @module
 */

import {
  among,
  fact,
  foreign,
  left,
  queueTone,
  right,
  userColumns,
} from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import { wordsOf } from "./_words.ts";
import {
  flagColumns,
  LAST_LETTERS,
  type Letters,
  pick,
  REJECT,
  speller,
} from "./_routes.ts";

/** `atalk_create` (net/appletalk/ddp.c) makes sockets of these two types. */
const TYPES: Readonly<Record<number, string>> = { 2: "DGRAM", 3: "RAW" };

const ESTABLISHED = 1;
const CLOSE = 7;

/** An address: network, node and socket. */
interface DdpAddress {
  readonly network: number;
  readonly node: number;
  readonly socket: number;
}

/** A socket. */
interface Row {
  type: number;
  local: DdpAddress;
  remote: DdpAddress;
  txQueue: number;
  rxQueue: number;
  state: number;
  uid: number;
}

const NOWHERE: DdpAddress = { network: 0, node: 0, socket: 0 };

const LINE = new RegExp(
  "^\\s*([0-9A-F]+) +" +
    "([0-9A-F]{4}):([0-9A-F]{2}):([0-9A-F]{2}) +" +
    "([0-9A-F]{4}):([0-9A-F]{2}):([0-9A-F]{2}) +" +
    "([0-9A-F]+):([0-9A-F]+) +([0-9A-F]+) +(\\d+)$",
  "i",
);

/**
 * Parses a line of `atalk_seq_socket_show`:
 *
 * ```text
 * Type Local_addr  Remote_addr Tx_queue Rx_queue St UID
 * 02   00C8:14:81  00C8:21:06  00000000:00000000 01 1000
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const match = LINE.exec(wordsOf(line).join(" "));
  if (match === null) return false;
  const number = (group: number) => Number.parseInt(match[group]!, 16);
  const address = (group: number) => ({
    network: number(group),
    node: number(group + 1),
    socket: number(group + 2),
  });
  row.type = number(1);
  row.local = address(2);
  row.remote = address(5);
  row.txQueue = number(8);
  row.rxQueue = number(9);
  row.state = number(10);
  row.uid = Number(match[11]);
  return true;
}

function connected(row: Row): boolean {
  return row.remote.network !== 0 || row.remote.node !== 0 ||
    row.remote.socket !== 0;
}

function spell({ network, node, socket }: DdpAddress): string {
  return `${network}.${node}:${socket === 0 ? "*" : socket}`;
}

const state = (row: Row) => row.state === ESTABLISHED ? "ESTABLISHED" : null;

const columns: Columns<Row> = {
  proto: left("Proto", 5, () => "ddp", "Protocol.", { kind: "name" }),
  type: fact(
    "name?",
    (row) => TYPES[row.type] ?? null,
    "Type of the socket; null if it has no name.",
    { words: Object.values(TYPES) },
  ),
  type_num: fact("integer", (row) => row.type, "Type as a number."),
  recv_q: right("Recv-Q", 6, (row) => row.rxQueue, "Bytes not yet read.", {
    unit: "bytes",
    tone: queueTone((row) => row.rxQueue),
  }),
  send_q: right("Send-Q", 6, (row) => row.txQueue, "Bytes not yet sent.", {
    unit: "bytes",
    tone: queueTone((row) => row.txQueue),
  }),
  local_address: left(
    "Local Address",
    23,
    (row) => spell(row.local),
    "Local network.node:socket, decimal.",
    { kind: "address" },
  ),
  local_network: fact("integer", (r) => r.local.network, "Local network."),
  local_node_num: fact("integer", (r) => r.local.node, "Local node."),
  local_port: fact("port", (r) => r.local.socket, "Local socket."),
  foreign_address: left(
    "Foreign Address",
    23,
    (row) => connected(row) ? spell(row.remote) : null,
    "Remote network.node:socket; null if not connected.",
    { kind: "address?", write: (out, row) => out.ascii(spell(row.remote)) },
  ),
  foreign_network: fact("integer", (r) => r.remote.network, "Remote network."),
  foreign_node_num: fact("integer", (r) => r.remote.node, "Remote node."),
  foreign_port: fact("port", (r) => r.remote.socket, "Remote socket."),
  state: left(
    "State",
    11,
    state,
    "State; null if it has no name.",
    {
      kind: "name?",
      ...among(state, { ESTABLISHED: "connected" }),
      write: (out, { state }) =>
        out.ascii(
          state === ESTABLISHED
            ? "ESTABLISHED"
            : state === CLOSE
            ? ""
            : "UNKNOWN",
        ),
    },
  ),
  state_num: fact(
    "integer",
    (row) => row.state,
    "State as the kernel numbers it (net/tcp_states.h).",
  ),
  ...userColumns<Row>(),
};

const table: Table<Row> = {
  name: "ddp",
  identity: [
    "proto",
    "type",
    "local_address",
    "local_port",
    "foreign_address",
    "foreign_port",
  ],
  sources: [{
    path: "/proc/net/atalk/socket",
    formerly: "/proc/net/appletalk",
    proto: "ddp",
    rank: 170,
    support: "AF DDP",
  }],
  columns,
  frozen: {
    title: { text: () => "Active AppleTalk DDP sockets", always: false },
  },
  lineLimit: 8191,
  row: () => ({
    type: 0,
    local: NOWHERE,
    remote: NOWHERE,
    txQueue: 0,
    rxQueue: 0,
    state: 0,
    uid: 0,
  }),
  parse,
};

/** A route. */
interface Route {
  target: string;
  router: string;
  flags: number;
  device: string;
}

/**
 * Parses a line of `atalk_seq_route_show`:
 *
 * ```text
 * Target        Router  Flags Dev
 * Default     0000:00  5     eth0
 * ```
 */
function parseRoute(line: Line, row: Route): boolean {
  const [target, router, word, device] = wordsOf(line);
  const flags = atoi(word);
  if (flags === undefined || device === undefined) return false;
  row.target = target!;
  row.router = router!;
  row.flags = flags;
  row.device = device;
  return true;
}

const LETTERS: Letters = [
  [0x1, "U"],
  [0x2, "G"],
  [REJECT, "!"],
  [0x4, "H"],
  [0x8, "R"],
  [0x10, "D"],
  [0x20, "M"],
  ...LAST_LETTERS,
];

const routeColumns: Columns<Route> = {
  destination: foreign(
    "Destination",
    16,
    (row) => row.target,
    "Network:node, hexadecimal, or `Default`.",
    { kind: "address?" },
  ),
  gateway: foreign(
    "Gateway",
    16,
    (row) => row.router,
    "Network:node of the router, hexadecimal.",
    { kind: "address?", gap: 0 },
  ),
  ...flagColumns<Route>(speller(LETTERS), "Flags", 0, 0),
  iface: foreign("Device", 16, (row) => row.device, "Network interface.", {
    gap: 0,
  }),
};

const ROUTE_LAYOUT = pick(
  routeColumns,
  "destination",
  "gateway",
  "iface",
  "flags",
);

const routes: Table<Route> = {
  name: "atalk route",
  identity: ["destination", "gateway", "iface"],
  // net-tools looks for it where no kernel has had it
  sources: [{
    path: "/proc/net/atalk/route",
    formerly: "/proc/net/atalk_route",
  }],
  columns: routeColumns,
  frozen: {
    missing: {
      text: "DDP (AppleTalk) not configured on this system.",
      reason: (path, reason) => `Error opening ${path}: ${reason}`,
    },
    layout: () => ROUTE_LAYOUT,
  },
  // net-tools has no limit; this is far beyond any line
  lineLimit: 256 * 1024,
  row: () => ({ target: "", router: "", flags: 0, device: "" }),
  parse: parseRoute,
};

/** The kernel's `AF_APPLETALK`. */
export default {
  name: "ddp",
  words: ["ddp", "appletalk"],
  about: "Appletalk DDP",
  hidden: true,
  tables: [table],
  routes: { tables: () => Promise.resolve([routes]) },
} satisfies Family;

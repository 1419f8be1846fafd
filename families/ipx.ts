/**
 * IPX, Novell's network layer, which left Linux in 4.18.
 *
 * @module
 */

import {
  among,
  fact,
  heading,
  left,
  right,
  userColumns,
} from "../core/contract/column.ts";
import type {
  Columns,
  Family,
  Long,
  Said,
  Table,
} from "../core/contract/family.ts";
import { Line, low32, signed64 } from "../core/contract/line.ts";
import { hex, wordsOf } from "./_words.ts";

/** The numbers of an address; a network or node that is not given is 0. */
interface IpxAddress {
  network: number;
  node: string;
  socket: number;
}

/** A socket. */
interface Row {
  local: IpxAddress | undefined;
  remote: IpxAddress | undefined;
  connected: boolean;
  txQueue: Long;
  rxQueue: Long;
  state: number;
  uid: number;
  /** Whether the line has two addresses, well-formed or not. */
  hasBoth: boolean;
}

const NO_NODE = "000000000000";

/** Reads `NETWORK:NODE:SOCKET` or `NETWORK:SOCKET`; undefined without a colon. */
function address(text: string): IpxAddress | undefined {
  const first = text.indexOf(":");
  const last = text.lastIndexOf(":");
  if (first < 0) return undefined;
  return {
    network: networkNumber(text.slice(0, first)),
    node: node(text.slice(first + 1, last)),
    socket: low32(hexadecimal(text.slice(last + 1))) & 0xffff,
  };
}

/** A node as net-tools reads it: digits that are missing at its end are 0. */
function node(text: string): string {
  const digits = /^[0-9a-f]{0,12}/i.exec(text)![0];
  return digits.toUpperCase().padEnd(12, "0");
}

/** The hexadecimal number at the start of a text (`strtoul`). */
function hexadecimal(text: string): Long {
  const line = new Line();
  line.set(Uint8Array.from(text, (c) => c.charCodeAt(0)), 0, text.length);
  return line.hex();
}

/**
 * Parses a line of `ipx_seq_socket_show`:
 *
 * ```text
 * Local_Address               Remote_Address              Tx_Queue  Rx_Queue  State  Uid
 * 00000001:0000DEADBEEF:0451  Not_Connected               00000010  00000020  07     000
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const [local = "", remote = ""] = wordsOf(line);
  row.local = address(local);
  row.remote = address(remote);
  row.connected = remote !== "Not_Connected";
  row.hasBoth = remote !== "";
  if (!row.local || (row.connected && !row.remote)) return false;
  // of what follows the addresses, all that is missing is 0
  line.word(Infinity);
  line.word(Infinity);
  row.txQueue = line.hex();
  row.rxQueue = line.hex();
  // `%u`, which is cut to 32 bits where `%d` goes no further than 64
  row.state = low32(line.decimal());
  row.uid = low32(line.decimal());
  return true;
}

function spell(address: IpxAddress | undefined): string {
  if (!address) return "-";
  const socket = `:${upperHex(address.socket, 4)}`;
  const { network, node } = address;
  if (network === 0 || network === 0xffff_ffff) return socket;
  return upperHex(network, 8) + (node === NO_NODE ? "" : `:${node}`) + socket;
}

function upperHex(value: number, digits: number): string {
  return hex(value, digits).toUpperCase();
}

const state = (row: Row) => row.state === 1 ? "ESTAB" : null;

const columns: Columns<Row> = {
  proto: left("Proto", 5, () => "ipx", "Protocol.", {
    kind: "name",
    write: (out) => out.ascii("IPX"),
  }),
  recv_q: right(
    "Recv-Q",
    6,
    (row) => signed64(row.rxQueue),
    "Bytes not yet read.",
    // net-tools: the two queues stand under each other's headers
    { unit: "bytes", write: (out, row) => out.integer(signed64(row.txQueue)) },
  ),
  send_q: right(
    "Send-Q",
    6,
    (row) => signed64(row.txQueue),
    "Bytes not yet sent.",
    { unit: "bytes", write: (out, row) => out.integer(signed64(row.rxQueue)) },
  ),
  local_address: left(
    "Local Address",
    26,
    (row) => spell(row.local),
    "Local network, node and socket, hexadecimal.",
    { kind: "address" },
  ),
  local_network: fact(
    "integer",
    (row) => row.local!.network,
    "Local network number.",
  ),
  local_node: fact("address", (row) => row.local!.node, "Local node."),
  local_port: fact("port", (row) => row.local!.socket, "Local socket."),
  foreign_address: left(
    "Foreign Address",
    26,
    (row) => row.connected ? spell(row.remote) : null,
    "Remote network, node and socket; null if not connected.",
    {
      kind: "address?",
      write: (out, row) => out.ascii(spell(row.remote)),
    },
  ),
  foreign_network: fact(
    "integer?",
    (row) => row.remote?.network ?? null,
    "Remote network number.",
  ),
  foreign_node: fact(
    "address?",
    (row) => row.remote?.node ?? null,
    "Remote node.",
  ),
  foreign_port: fact(
    "port?",
    (row) => row.remote?.socket ?? null,
    "Remote socket.",
  ),
  state: left(
    "State",
    5,
    state,
    "State; null if it has no name.",
    {
      kind: "name?",
      ...among(state, { ESTAB: "connected" }),
      write: (out, { state }) =>
        out.ascii(state === 1 ? "ESTAB" : state === 7 ? "" : "UNK."),
    },
  ),
  state_num: fact(
    "integer",
    (row) => row.state,
    "State as the kernel numbers it (net/tcp_states.h).",
  ),
  ...userColumns<Row>(4),
};

const BOGUS: Said = { text: "warning, got bogus ipx line." };

const table: Table<Row> = {
  name: "ipx",
  identity: [
    "proto",
    "local_address",
    "local_port",
    "foreign_address",
    "foreign_port",
  ],
  sources: [{
    path: "/proc/net/ipx/socket",
    proto: "ipx",
    rank: 110,
    support: "AF IPX",
  }],
  columns,
  frozen: {
    title: { text: () => "Active IPX sockets", always: false },
    malformed: (row) =>
      row.hasBoth
        ? {
          text: `netstat.c: Internal Error \`ipx socket format error in ${
            row.local ? "destination" : "source"
          } port'.`,
          status: 255,
        }
        : BOGUS,
  },
  lineLimit: 254,
  row: () => ({
    local: undefined,
    remote: undefined,
    connected: false,
    hasBoth: false,
    txQueue: 0,
    rxQueue: 0,
    state: 0,
    uid: 0,
  }),
  parse,
};

/** A route, of words as they are in the file. */
interface Route {
  network: string;
  routerNetwork: string;
  routerNode: string;
}

/**
 * Parses a line of `ipx_seq_route_show`:
 *
 * ```text
 * Network    Router_Net   Router_Node
 * 12345678   Directly     Connected
 * 00000ABC   12345678     00A0C9112233
 * ```
 */
function parseRoute(line: Line, row: Route): boolean {
  const [network, routerNetwork, routerNode] = wordsOf(line);
  if (routerNode === undefined) return false;
  row.network = network!;
  row.routerNetwork = routerNetwork!;
  row.routerNode = routerNode;
  return true;
}

/** A network's number. */
function networkNumber(word: string): number {
  return low32(hexadecimal(word)) >>> 0;
}

/** A network as net-tools spells it: none is no network. */
function spellNetwork(word: string): string {
  const number = networkNumber(word);
  const none = number === 0 || hexadecimal(word) === 0xffff_ffff;
  return none ? "" : upperHex(number, 8);
}

/** A node as net-tools spells it: none is no node. */
function spellNode(word: string): string {
  const spelled = node(word);
  return spelled === NO_NODE ? "" : spelled;
}

/** Whether the network is reached without a router. */
function isDirect(row: Route): boolean {
  return row.routerNetwork === "Directly";
}

const routeColumns: Columns<Route> = {
  destination: left(
    "Destination",
    25,
    (row) => upperHex(networkNumber(row.network), 8),
    "Network, hexadecimal.",
    {
      kind: "address",
      write: (out, row) => out.ascii(spellNetwork(row.network)),
    },
  ),
  destination_num: fact(
    "integer",
    (row) => networkNumber(row.network),
    "Network number.",
  ),
  router_network: left(
    "Router Net",
    25,
    (row) =>
      isDirect(row) ? null : upperHex(networkNumber(row.routerNetwork), 8),
    "Network of the router, hexadecimal; null if connected directly.",
    {
      kind: "string?",
      // net-tools: reads the word `Directly` as a number
      write: (out, row) => out.ascii(spellNetwork(row.routerNetwork)),
    },
  ),
  router_network_num: fact(
    "integer?",
    (row) => isDirect(row) ? null : networkNumber(row.routerNetwork),
    "Network number of the router; null if connected directly.",
  ),
  router_node: left(
    "Router Node",
    25,
    (row) => isDirect(row) ? null : node(row.routerNode),
    "Node of the router; null if connected directly.",
    {
      kind: "address?",
      headerWidth: 0,
      // net-tools: reads the word `Connected` as a number
      write: (out, row) => out.ascii(spellNode(row.routerNode)),
    },
  ),
  direct: fact("boolean", isDirect, "Whether it is connected directly."),
};

const routes: Table<Route> = {
  name: "ipx route",
  identity: ["destination", "router_network", "router_node"],
  sources: [{ path: "/proc/net/ipx/route", formerly: "/proc/net/ipx_route" }],
  columns: routeColumns,
  frozen: {
    title: heading("Kernel IPX routing table"),
    missing: {
      text:
        "IPX routing not in file /proc/net/ipx/route or /proc/net/ipx_route found.",
      reason: (_path, reason) => reason,
      listed: true,
    },
    // net-tools: passes over them without a word
    malformed: () => undefined,
  },
  lineLimit: 1022,
  row: () => ({ network: "", routerNetwork: "", routerNode: "" }),
  parse: parseRoute,
};

/** The kernel's `AF_IPX`. */
export default {
  name: "ipx",
  about: "Novell IPX",
  tables: [table],
  routes: { tables: () => Promise.resolve([routes]) },
} satisfies Family;

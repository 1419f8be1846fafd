/**
 * What the kernel tells of a TIPC socket over netlink: attributes within attributes
 * (linux/tipc_netlink.h), and no structure in front.
 *
 * @module
 */

import { Answer, type Asking } from "../core/contract/diag.ts";
import {
  count,
  type Fields,
  type Read,
  SOCKET_TYPES,
  told,
  total,
  word,
} from "./_diag_fields.ts";

/** How they are asked for: `struct tipc_sock_diag_req`. */
export const TIPC_ASKING: Asking = {
  family: 30,
  protocol: 0,
  request: 8,
  states: 4,
  answer: 0,
};

/** `TIPC_NLA_SOCK`, which has all of them. */
const SOCK = 2;
const CON = 3;
const HAS_PUBL = 4;
const STAT = 5;

/** `TIPC_LISTEN` and so on, by the numbers of `net/tcp_states.h`. */
const STATES: Readonly<Record<number, string>> = {
  1: "ESTABLISHED",
  2: "CONNECTING",
  7: "OPEN",
  8: "DISCONNECTING",
  10: "LISTEN",
};

const socket = new Answer();
const nest = new Answer();

/** Reads from what is told of the socket. */
function sock<V>(read: (socket: Answer) => V | null): Read<V> {
  return (answer) => socket.enter(answer, SOCK) ? read(socket) : null;
}

/** Reads from one of the nests in it. */
function within<V>(
  type: number,
  read: (nest: Answer) => V | null,
): Read<V> {
  return sock((socket) => nest.enter(socket, type) ? read(nest) : null);
}

const type = sock((socket) => socket.u32(6));
const state = sock((socket) => socket.u32(9));

/** All fields of such a socket. */
export const tipcFields: Fields = {
  type: told(
    "name?",
    word(SOCKET_TYPES, type),
    "Type of the socket; null if it has no name.",
    { words: Object.values(SOCKET_TYPES) },
  ),
  type_num: told("integer?", type, "Type as a number."),
  local_node_num: told(
    "integer?",
    sock((socket) => socket.u32(1)),
    "Local node.",
  ),
  local_port: told(
    "port?",
    sock((socket) => socket.u32(2)),
    "Local port, of 32 bits.",
  ),
  foreign_node_num: told(
    "integer?",
    within(CON, (con) => con.u32(2)),
    "Remote node; null if not connected.",
  ),
  foreign_port: told(
    "port?",
    within(CON, (con) => con.u32(3)),
    "Remote port, of 32 bits; null if not connected.",
  ),
  tipc_service: count(
    within(CON, (con) => con.u32(4)),
    "Type of the service that it was connected by; null without one.",
  ),
  tipc_instance: count(
    within(CON, (con) => con.u32(5)),
    "Instance of that service.",
  ),
  tipc_published: told(
    "boolean?",
    sock((socket) => socket.has(HAS_PUBL)),
    "Whether the socket has names, by which others find it.",
  ),
  state: told("name?", word(STATES, state), "State.", {
    words: Object.values(STATES),
  }),
  state_num: told("integer?", state, "State as a number."),
  tipc_receive_queue: count(
    within(STAT, (stat) => stat.u32(0)),
    "Messages that the process has not read.",
    { unit: "packets" },
  ),
  tipc_send_queue: count(
    within(STAT, (stat) => stat.u32(1)),
    "Messages that are not yet sent.",
    { unit: "packets" },
  ),
  tipc_link_congested: told(
    "boolean?",
    within(STAT, (stat) => stat.has(2)),
    "Whether it waits for a link.",
  ),
  tipc_connection_congested: told(
    "boolean?",
    within(STAT, (stat) => stat.has(3)),
    "Whether it waits for the other end.",
  ),
  drops: total(
    within(STAT, (stat) => stat.u32(4)),
    "Packets that this socket dropped.",
    { unit: "packets" },
  ),
  uid: told(
    "integer?",
    sock((socket) => socket.u32(8)),
    "User id of the socket's owner.",
  ),
  inode: told(
    "integer?",
    sock((socket) => socket.u32(7)),
    "Inode of the socket.",
  ),
  cookie: told(
    "integer?",
    sock((socket) => socket.u64(10)),
    "Number of the socket, which no other one has until the next boot.",
  ),
};

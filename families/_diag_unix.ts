/**
 * What the kernel tells of a UNIX socket over netlink (linux/unix_diag.h).
 *
 * @module
 */

import { type Answer, type Asking, FIXED } from "../core/contract/diag.ts";
import { byteString } from "../core/contract/line.ts";
import {
  all,
  cookieField,
  count,
  type Fields,
  type Read,
  shutdownFields,
  told,
  typeFields,
  u32,
  u64,
  u8,
} from "./_diag_fields.ts";
import { memoryFields } from "./_diag_memory.ts";

/** How they are asked for: `struct unix_diag_req`, `struct unix_diag_msg`. */
export const UNIX_ASKING: Asking = {
  family: 1,
  protocol: 0,
  request: 24,
  states: 4,
  show: { at: 12, bytes: 4 },
  answer: 16,
  inode: 4,
  one: { inode: 8, cookie: 16 },
};

/** The name: an attribute. */
export const NAME = 0;
const VFS = 1;
/** The socket at the other end. */
export const PEER = 2;
/** Those that wait to be accepted. */
export const ICONS = 3;
const RQLEN = 4;
const MEMINFO = 5;
/** Which directions are shut down. */
export const SHUTDOWN = 6;
const UID = 7;
/** The bit that asks for the name, */
export const SHOW_NAME = 1;
const SHOW_VFS = 2;
/** for the other end, */
export const SHOW_PEER = 4;
/** and for what waits to be accepted. */
export const SHOW_ICONS = 8;
const SHOW_RQLEN = 16;
const SHOW_MEMINFO = 32;
const SHOW_UID = 64;

/** `TCP_ESTABLISHED` and `TCP_LISTEN`, by which the kernel tells these sockets' states. */
const ESTABLISHED = 1;
const LISTEN = 10;

/** `enum socket_state`, as procfs tells them. */
const STATES: Readonly<Record<number, string>> = {
  0: "LISTENING",
  2: "CONNECTING",
  3: "CONNECTED",
  4: "DISCONNECTING",
};

/** The state as procfs numbers it: it follows from whether the socket has an inode, too. */
export function stateOf(answer: Answer): number {
  const connected = answer.u8(FIXED, 2) === ESTABLISHED;
  if (answer.u32(FIXED, 4) === 0) return connected ? 2 : 4;
  return connected ? 3 : 1;
}

/** Whether it listens. */
export function listens(answer: Answer): boolean {
  return answer.u8(FIXED, 2) === LISTEN;
}

/** Names that were told before: all connections to one server have the same. */
const known: string[] = new Array(64).fill("");

/** The name, byte for byte: an abstract one starts with a NUL, and may have more. */
export function nameOf(answer: Answer): string | null {
  if (!answer.has(NAME)) return null;
  const { bytes } = answer;
  const from = answer.from(NAME);
  let to = answer.to(NAME);
  // the kernel puts a NUL behind a path, even behind one that fills the address
  if (to > from && bytes[from] !== 0 && bytes[to - 1] === 0) to--;
  // names of servers differ in how they end
  const at = 8 * (to - from) + bytes[to - 1]! & known.length - 1;
  if (!isAt(known[at]!, bytes, from, to)) {
    known[at] = byteString(bytes, from, to);
  }
  return known[at]!;
}

/** Whether a byte string is what stands there. */
function isAt(
  text: string,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[from + i]) return false;
  }
  return true;
}

/** A name as procfs writes it. */
export function shownAs(name: string | null): string | null {
  return name?.startsWith("\0") ? name.replaceAll("\0", "@") : name;
}

/** The name as procfs writes it. */
export function shownName(answer: Answer): string | null {
  return shownAs(nameOf(answer));
}

/** Inodes of clients that wait to be accepted. */
const pending: Read<readonly string[]> = (answer) => {
  if (!answer.has(ICONS)) return null;
  const inodes: string[] = [];
  for (let at = 0; at + 4 <= answer.size(ICONS); at += 4) {
    inodes.push(answer.u32(ICONS, at)!.toString());
  }
  return inodes;
};

/** Part of the device, as the kernel keeps it: not as `stat` tells it. */
function device(shift: number, mask: number): Read<number> {
  return (answer) => {
    const value = answer.u32(VFS, 4);
    return value === null ? null : value >>> shift & mask;
  };
}

/** Reads what only a listening socket has. */
function ofListener(read: Read<number>): Read<number> {
  return (answer, view) => listens(answer) ? read(answer, view) : null;
}

/** All fields of such a socket. */
export const unixFields: Fields = {
  ...typeFields(1),
  state: told(
    "name?",
    (answer) => listens(answer) ? "LISTENING" : STATES[stateOf(answer)] ?? null,
    "State; null if the socket is neither connected nor listening. A socket for " +
      "datagrams counts as connected as soon as another one is connected to it.",
    { words: Object.values(STATES) },
  ),
  state_num: told(
    "integer",
    stateOf,
    "State as the kernel numbers it (enum socket_state).",
  ),
  inode: told("integer", u32(FIXED, 4), "Inode of the socket."),
  cookie: cookieField(u64(FIXED, 8)),
  ...all({ show: SHOW_NAME }, {
    path: told(
      "string?",
      shownName,
      "Path or, after a `@`, abstract name, in which newer kernels write each NUL as " +
        "a `@` too.",
    ),
    socket_name: told(
      "string?",
      nameOf,
      "Name of the socket, byte for byte: a path, or a NUL and an abstract name; null " +
        "without one.",
    ),
    abstract: told(
      "boolean?",
      (answer) => nameOf(answer)?.startsWith("\0") ?? null,
      "Whether the name is no path; null without a name.",
    ),
  }),
  ...all({ show: SHOW_VFS }, {
    vfs_inode: count(
      u32(VFS, 0),
      "Inode of the path when the socket was bound, its low 32 bits.",
    ),
    vfs_major: count(device(20, 0xfff), "Major number of the path's device."),
    vfs_minor: count(device(0, 0xfffff), "Minor number of the path's device."),
  }),
  peer_inode: count(
    u32(PEER),
    "Inode of the socket at the other end; 0 if that is closed or not yet accepted, " +
      "null if there is none.",
    { set: "peer", show: SHOW_PEER },
  ),
  pending_inodes: told(
    "strings?",
    pending,
    "Inodes of the sockets that wait for a listening one to accept them; null of others.",
    { set: "backlog", show: SHOW_ICONS },
  ),
  ...all({ show: SHOW_RQLEN }, {
    recv_q: told(
      "integer?",
      u32(RQLEN, 0),
      "Bytes that the process has not read; for datagrams, of the next one only; of a " +
        "listening socket, connections not yet accepted.",
      { unit: "bytes" },
    ),
    send_q: told(
      "integer?",
      // of a listening socket it is the most there can be, which is no queue's length
      (answer) => listens(answer) ? 0 : answer.u32(RQLEN, 4),
      "Memory of what was sent and not yet read; of a listening socket, 0.",
      { unit: "bytes" },
    ),
    accept_queue: count(
      ofListener(u32(RQLEN, 0)),
      "Connections of a listening socket that are not yet accepted.",
      { set: "backlog" },
    ),
    accept_queue_max: count(
      ofListener(u32(RQLEN, 4)),
      "Most there can be; the queue is full if there is one more.",
      { set: "backlog" },
    ),
  }),
  ...memoryFields(MEMINFO, SHOW_MEMINFO),
  ...shutdownFields(u8(SHUTDOWN)),
  uid: told(
    "integer?",
    u32(UID),
    "User id of who made the socket; null before Linux 5.3.",
    { show: SHOW_UID },
  ),
};

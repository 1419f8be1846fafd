/**
 * What the kernel tells of a netlink socket over netlink (linux/netlink_diag.h). One that
 * is a member of groups it tells twice: see {@linkcode Once}.
 *
 * @module
 */

import { type Answer, type Asking, FIXED } from "../core/contract/diag.ts";
import type { Long } from "../core/contract/family.ts";
import {
  all,
  bitNames,
  cookieField,
  count,
  type Fields,
  flag,
  told,
  typeFields,
  u32,
  u64,
  u8,
} from "./_diag_fields.ts";
import { memoryFields } from "./_diag_memory.ts";

/** `NDIAG_PROTO_ALL` */
const ALL_PROTOCOLS = 255;

/** How they are asked for: `struct netlink_diag_req`, `struct netlink_diag_msg`. */
export const NETLINK_ASKING: Asking = {
  family: 16,
  protocol: ALL_PROTOCOLS,
  request: 20,
  show: { at: 8, bytes: 4 },
  answer: 28,
  inode: 16,
};

/** Attributes, and the bits that ask for them. */
const MEMINFO = 0;
const GROUPS = 1;
const FLAGS = 4;
const SHOW_MEMINFO = 1;
const SHOW_GROUPS = 2;
const SHOW_FLAGS = 8;

/** `NDIAG_FLAG_CB_RUNNING` and so on, from the lowest bit. */
const FLAG_NAMES = [
  "dump",
  "pktinfo",
  "broadcast_error",
  "no_enobufs",
  "listen_all_nsid",
  "cap_ack",
];

/** `NETLINK_CONNECTED` */
const CONNECTED = 1;

/** The numbers of the groups, from 1 on. */
function groups(answer: Answer): string[] {
  const found: string[] = [];
  for (let i = 0; i < answer.size(GROUPS); i++) {
    const bits = answer.u8(GROUPS, i)!;
    for (let bit = 0; bit < 8; bit++) {
      if ((bits >> bit & 1) === 1) found.push((8 * i + bit + 1).toString());
    }
  }
  return found;
}

/** Tells a socket that comes for the first time from one that came already. */
export class Once {
  readonly #cookies = new Set<Long>();

  /** Whether this socket comes for the first time. */
  isFirst(answer: Answer): boolean {
    const before = this.#cookies.size;
    this.#cookies.add(answer.u64(FIXED, 20) ?? 0);
    return this.#cookies.size > before;
  }
}

/** All fields of such a socket. */
export const netlinkFields: Fields = {
  ...typeFields(1),
  protocol_num: told("integer", u8(FIXED, 2), "Protocol as a number."),
  state: told(
    "name?",
    (answer) => answer.u8(FIXED, 3) === CONNECTED ? "CONNECTED" : null,
    "State; null if the socket is not connected.",
    { words: ["CONNECTED"] },
  ),
  state_num: told("integer", u8(FIXED, 3), "State as a number."),
  portid: told(
    "integer",
    u32(FIXED, 4),
    "Port id: 0 for the kernel, often the pid of a process.",
  ),
  foreign_portid: told(
    "integer",
    u32(FIXED, 8),
    "Port id of the other end; 0 for the kernel, or for none.",
  ),
  foreign_group: told(
    "integer",
    u32(FIXED, 12),
    "Multicast group that it sends to; 0 for none.",
  ),
  inode: told("integer", u32(FIXED, 16), "Inode of the socket."),
  cookie: cookieField(u64(FIXED, 20)),
  ...all({ show: SHOW_GROUPS }, {
    groups: told(
      "integer",
      (answer) => answer.u32(GROUPS) ?? 0,
      "Multicast groups that the socket is a member of, as a bit mask.",
    ),
    multicast_groups: told(
      "strings",
      groups,
      "Multicast groups that the socket is a member of, as numbers.",
    ),
  }),
  ...all({ show: SHOW_FLAGS }, {
    dump: told(
      "boolean?",
      flag(1, u32(FLAGS)),
      "Whether a dump is under way.",
    ),
    netlink_flags: told(
      "strings?",
      bitNames(FLAG_NAMES, u32(FLAGS)),
      "Options that are set, and `dump`.",
    ),
    netlink_flags_num: count(u32(FLAGS), "Those options as a number."),
  }),
  ...all({ show: SHOW_MEMINFO }, {
    recv_q: told("integer?", u32(MEMINFO, 0), "Bytes not yet read.", {
      unit: "bytes",
    }),
    send_q: told("integer?", u32(MEMINFO, 8), "Bytes not yet sent.", {
      unit: "bytes",
    }),
  }),
  ...memoryFields(MEMINFO, SHOW_MEMINFO),
};

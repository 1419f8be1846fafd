/**
 * What the kernel tells of a packet socket over netlink (linux/packet_diag.h).
 *
 * @module
 */

import { type Answer, type Asking, FIXED } from "../core/contract/diag.ts";
import type { Columns } from "../core/contract/family.ts";
import { fact } from "../core/contract/column.ts";
import {
  all,
  bitNames,
  bytes,
  cookieField,
  count,
  type Field,
  type Fields,
  flag,
  type Read,
  told,
  typeFields,
  u16,
  u32,
  u64,
  wordOrDigits,
} from "./_diag_fields.ts";
import { memoryFields } from "./_diag_memory.ts";
import { hex } from "./_words.ts";

/** How they are asked for: `struct packet_diag_req`, `struct packet_diag_msg`. */
export const PACKET_ASKING: Asking = {
  family: 17,
  protocol: 0,
  request: 20,
  show: { at: 8, bytes: 4 },
  answer: 16,
  inode: 4,
};

/** Attributes, and the bits that ask for them. */
const INFO = 0;
const MCLIST = 1;
const RX_RING = 2;
const TX_RING = 3;
const FANOUT = 4;
const UID = 5;
const MEMINFO = 6;
const FILTER = 7;
const SHOW_INFO = 1;
const SHOW_MCLIST = 2;
const SHOW_RINGS = 4;
const SHOW_FANOUT = 8;
const SHOW_MEMINFO = 16;
const SHOW_FILTER = 32;

/** `PDI_RUNNING` and so on, from the lowest bit. */
const FLAGS = ["running", "auxdata", "origdev", "vnethdr", "loss"];

/** `PACKET_FANOUT_HASH` and so on. */
const FANOUTS: Readonly<Record<number, string>> = {
  0: "hash",
  1: "lb",
  2: "cpu",
  3: "rollover",
  4: "rnd",
  5: "qm",
  6: "cbpf",
  7: "ebpf",
};

/** `PACKET_MR_MULTICAST` and so on. */
const MEMBERSHIPS: Readonly<Record<number, string>> = {
  0: "multicast",
  1: "promiscuous",
  2: "allmulti",
  3: "unicast",
};

/** `struct packet_diag_ring` */
interface Ring {
  readonly blockSize: number;
  readonly blocks: number;
  readonly frameSize: number;
  readonly frames: number;
  readonly retireMs: number;
  readonly privateSize: number;
  readonly features: number;
}
const RING = 28;

/** A ring, as a list of at most one. */
function ringAt(type: number): Read<readonly Ring[]> {
  return (answer) => {
    if (answer.size(type) < RING) return [];
    const at = (place: number) => answer.u32(type, place)!;
    return [{
      blockSize: at(0),
      blocks: at(4),
      frameSize: at(8),
      frames: at(12),
      retireMs: at(16),
      privateSize: at(20),
      features: at(24),
    }];
  };
}

const ringColumns: Columns<Ring> = {
  block_size: fact("integer", (ring) => ring.blockSize, "Size of a block.", {
    unit: "bytes",
  }),
  blocks: fact("integer", (ring) => ring.blocks, "How many blocks it has."),
  frame_size: fact("integer", (ring) => ring.frameSize, "Size of a frame.", {
    unit: "bytes",
  }),
  frames: fact("integer", (ring) => ring.frames, "How many frames it has."),
  retire_ms: fact(
    "duration",
    (ring) => ring.retireMs,
    "After what time a block that is not full is handed over.",
    { unit: "milliseconds" },
  ),
  private_size: fact(
    "integer",
    (ring) => ring.privateSize,
    "Bytes of each block that belong to the program.",
    { unit: "bytes" },
  ),
  features: fact("integer", (ring) => ring.features, "Features, as a number."),
};

/** A ring that the program and the kernel share. */
function ring(type: number, about: string): Field {
  return told("objects", ringAt(type), about, {
    each: ringColumns,
    show: SHOW_RINGS,
  });
}

/** `struct packet_diag_mclist` */
interface Membership {
  readonly ifindex: number;
  readonly count: number;
  readonly type: number;
  readonly address: string;
}
const MEMBERSHIP = 44;
const ADDRESS_MOST = 32;

function memberships(answer: Answer): Membership[] | null {
  if (!answer.has(MCLIST)) return null;
  const found: Membership[] = [];
  const size = answer.size(MCLIST);
  for (let at = 0; at + MEMBERSHIP <= size; at += MEMBERSHIP) {
    const length = Math.min(answer.u16(MCLIST, at + 10)!, ADDRESS_MOST);
    const address: string[] = [];
    for (let i = 0; i < length; i++) {
      address.push(hex(answer.u8(MCLIST, at + 12 + i)!, 2));
    }
    found.push({
      ifindex: answer.u32(MCLIST, at)!,
      count: answer.u32(MCLIST, at + 4)!,
      type: answer.u16(MCLIST, at + 8)!,
      address: address.join(":"),
    });
  }
  return found;
}

const membershipColumns: Columns<Membership> = {
  membership: fact(
    "name",
    ({ type }) => MEMBERSHIPS[type] ?? type.toString(),
    "`multicast`, `unicast`, `allmulti` (all groups) or `promiscuous` (all packets).",
  ),
  iface: fact(
    "string?",
    ({ ifindex }, view) => view.names.interface(ifindex) ?? null,
    "Network interface.",
  ),
  ifindex: fact("integer", ({ ifindex }) => ifindex, "Index of the interface."),
  refcnt: fact("integer", ({ count }) => count, "How often it was joined."),
  hardware_address: fact(
    "address?",
    ({ address }) => address || null,
    "Hardware address of the group; null without one.",
  ),
};

/** All fields of such a socket. */
export const packetFields: Fields = {
  ...typeFields(1),
  protocol_num: told(
    "integer",
    u16(FIXED, 2),
    "Ethernet protocol as a number; 0 for none.",
  ),
  inode: told("integer", u32(FIXED, 4), "Inode of the socket."),
  cookie: cookieField(u64(FIXED, 8)),
  ...all({ show: SHOW_INFO }, {
    iface: told(
      "string?",
      (answer, view) => {
        const index = answer.u32(INFO, 0) ?? 0;
        return index === 0 ? null : view.names.interface(index) ?? null;
      },
      "Network interface that the socket is bound to; null for any.",
    ),
    ifindex: told(
      "integer?",
      u32(INFO, 0),
      "Index of that interface; 0 for any.",
    ),
    packet_version: count(
      (answer) => {
        const version = answer.u32(INFO, 4);
        return version === null ? null : version + 1;
      },
      "Version of the frames in a ring: 1 for TPACKET_V1, and so on.",
    ),
    packet_reserve: bytes(
      u32(INFO, 8),
      "Bytes that are kept free in front of a packet.",
    ),
    copy_thresh: count(
      u32(INFO, 12),
      "Whether packets too long for a frame are kept in the queue.",
    ),
    packet_timestamps_num: count(
      u32(INFO, 16),
      "Which clock stamps packets, as a number.",
    ),
    running: told(
      "boolean?",
      flag(1, u32(INFO, 20)),
      "Whether the socket receives packets.",
    ),
    packet_flags: told(
      "strings?",
      bitNames(FLAGS, u32(INFO, 20)),
      "Options that are set, and `running`.",
    ),
    packet_flags_num: count(u32(INFO, 20), "Those options as a number."),
    // the kernel tells the user only with them
    uid: told("integer?", u32(UID), "User id of the socket's owner."),
  }),
  memberships: told(
    "objects?",
    memberships,
    "What the socket has network interfaces take for it; null if the kernel does not " +
      "tell.",
    { each: membershipColumns, show: SHOW_MCLIST },
  ),
  rx_ring: ring(RX_RING, "Ring for received packets; empty without one."),
  tx_ring: ring(TX_RING, "Ring for packets to be sent; empty without one."),
  ...all({ show: SHOW_FANOUT }, {
    fanout_id: count(
      u16(FANOUT, 0),
      "Group of sockets that share packets; null without one.",
    ),
    fanout_type: told(
      "name?",
      wordOrDigits(FANOUTS, (answer) => answer.u8(FANOUT, 2)),
      "How that group shares them.",
      { words: Object.values(FANOUTS) },
    ),
    fanout_type_num: count(
      (answer) => answer.u8(FANOUT, 2),
      "How that group shares them, as a number.",
    ),
    fanout_flags_num: count(
      (answer) => answer.u8(FANOUT, 3),
      "Flags of that group, as a number.",
    ),
  }),
  ...memoryFields(MEMINFO, SHOW_MEMINFO),
  filter_instructions: count(
    (answer) => {
      if (!answer.has(FILTER)) return 0;
      // without CAP_NET_ADMIN all sockets have an empty one
      return answer.size(FILTER) === 0 ? null : answer.size(FILTER) >> 3;
    },
    "Instructions of its filter; null without CAP_NET_ADMIN.",
    { show: SHOW_FILTER },
  ),
};

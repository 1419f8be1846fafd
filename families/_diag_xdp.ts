/**
 * What the kernel tells of an XDP socket over netlink (linux/xdp_diag.h).
 *
 * @module
 */

import { type Asking, FIXED } from "../core/contract/diag.ts";
import type { Long } from "../core/contract/family.ts";
import {
  all,
  bytes,
  cookieField,
  count,
  type Field,
  type Fields,
  flag,
  type Read,
  told,
  total,
  typeFields,
  u32,
  u64,
} from "./_diag_fields.ts";
import { memoryFields } from "./_diag_memory.ts";

/** How they are asked for: `struct xdp_diag_req`, `struct xdp_diag_msg`. */
export const XDP_ASKING: Asking = {
  family: 44,
  protocol: 0,
  request: 20,
  show: { at: 8, bytes: 4 },
  answer: 16,
};

/** Attributes, and the bits that ask for them. */
const INFO = 1;
const UID = 2;
const RX_RING = 3;
const TX_RING = 4;
const UMEM = 5;
const FILL_RING = 6;
const COMPLETION_RING = 7;
const MEMINFO = 8;
const STATS = 9;
const SHOW_INFO = 1;
const SHOW_RINGS = 2;
const SHOW_UMEM = 4;
const SHOW_MEMINFO = 8;
const SHOW_STATS = 16;

/** Entries of a ring. */
function entries(type: number, about: string): Field {
  return count(u32(type), about);
}

/** A number of packets. */
function packets(read: Read<Long>, about: string): Field {
  return total(read, about, { unit: "packets" });
}

/** All fields of such a socket. */
export const xdpFields: Fields = {
  ...typeFields(1),
  inode: told("integer", u32(FIXED, 4), "Inode of the socket."),
  cookie: cookieField(u64(FIXED, 8)),
  ...all({ show: SHOW_INFO }, {
    iface: told(
      "string?",
      (answer, view) => {
        const index = answer.u32(INFO, 0) ?? 0;
        return index === 0 ? null : view.names.interface(index) ?? null;
      },
      "Network interface that the socket is bound to; null without one.",
    ),
    ifindex: told(
      "integer?",
      u32(INFO, 0),
      "Index of that interface; 0 without one.",
    ),
    xdp_queue: count(u32(INFO, 4), "Queue of the interface."),
    uid: told("integer?", u32(UID), "User id of the socket's owner."),
  }),
  ...all({ show: SHOW_RINGS }, {
    xdp_rx_ring: entries(RX_RING, "Entries of the ring to receive."),
    xdp_tx_ring: entries(TX_RING, "Entries of the ring to send."),
    umem_fill_ring: entries(
      FILL_RING,
      "Entries of the ring by which memory is given to the kernel.",
    ),
    umem_completion_ring: entries(
      COMPLETION_RING,
      "Entries of the ring by which it is given back.",
    ),
  }),
  ...all({ show: SHOW_UMEM }, {
    umem_size: bytes(u64(UMEM, 0), "Memory that the program and kernel share."),
    umem_id: count(u32(UMEM, 8), "Number of that memory."),
    umem_num_pages: count(u32(UMEM, 12), "Its pages.", { unit: "pages" }),
    umem_chunk_size: bytes(u32(UMEM, 16), "Size of a piece of it."),
    umem_headroom: bytes(u32(UMEM, 20), "Bytes kept free in each piece."),
    umem_ifindex: count(u32(UMEM, 24), "Index of its network interface."),
    umem_queue: count(u32(UMEM, 28), "Its queue of the interface."),
    umem_zero_copy: told(
      "boolean?",
      flag(1, u32(UMEM, 32)),
      "Whether the interface uses it without copying.",
    ),
    umem_refcnt: count(u32(UMEM, 36), "How many sockets share it."),
  }),
  ...memoryFields(MEMINFO, SHOW_MEMINFO),
  ...all({ show: SHOW_STATS }, {
    xdp_rx_dropped: packets(
      u64(STATS, 0),
      "Packets dropped for other reasons.",
    ),
    xdp_rx_invalid: packets(
      u64(STATS, 8),
      "Packets dropped because what the program gave was wrong.",
    ),
    xdp_rx_full: packets(
      u64(STATS, 16),
      "Packets dropped because the ring to receive was full.",
    ),
    xdp_fill_ring_empty: total(
      u64(STATS, 24),
      "How often there was no memory to receive into.",
    ),
    xdp_tx_invalid: packets(
      u64(STATS, 32),
      "Packets not sent because what the program gave was wrong.",
    ),
    xdp_tx_ring_empty: total(
      u64(STATS, 40),
      "How often there was nothing to send.",
    ),
  }),
};

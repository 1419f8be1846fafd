/**
 * What the kernel tells of a VM socket over netlink (linux/vm_sockets_diag.h).
 *
 * @module
 */

import { type Asking, FIXED } from "../core/contract/diag.ts";
import {
  cookieField,
  type Field,
  type Fields,
  shutdownFields,
  told,
  typeFields,
  u32,
  u64,
  u8,
  unless,
  word,
} from "./_diag_fields.ts";

/** How they are asked for: `struct vsock_diag_req`, `struct vsock_diag_msg`. */
export const VSOCK_ASKING: Asking = {
  family: 40,
  protocol: 0,
  request: 24,
  states: 4,
  answer: 32,
};

/** The states of `net/tcp_states.h` that they have. */
const STATES: Readonly<Record<number, string>> = {
  1: "ESTABLISHED",
  2: "SYN_SENT",
  7: "CLOSE",
  10: "LISTEN",
  11: "CLOSING",
};

/** `VMADDR_CID_ANY` and `VMADDR_PORT_ANY` */
const ANY = 0xffff_ffff;

function cid(at: number, whose: string): Field {
  return told(
    "integer?",
    unless(ANY, u32(FIXED, at)),
    `Context id of ${whose}: 0 the hypervisor, 1 this machine itself, 2 the host; null ` +
      "for any.",
  );
}

/** All fields of such a socket. */
export const vsockFields: Fields = {
  ...typeFields(1),
  local_cid: cid(4, "this end"),
  local_port: told(
    "port?",
    unless(ANY, u32(FIXED, 8)),
    "Local port, of 32 bits; null without one.",
  ),
  foreign_cid: cid(12, "the other end"),
  foreign_port: told(
    "port?",
    unless(ANY, u32(FIXED, 16)),
    "Remote port, of 32 bits; null without one.",
  ),
  state: told("name?", word(STATES, u8(FIXED, 2)), "State.", {
    words: Object.values(STATES),
  }),
  state_num: told(
    "integer",
    u8(FIXED, 2),
    "State as the kernel numbers it (net/tcp_states.h).",
  ),
  ...shutdownFields(u8(FIXED, 3)),
  inode: told("integer", u32(FIXED, 20), "Inode of the socket."),
  cookie: cookieField(u64(FIXED, 24)),
};

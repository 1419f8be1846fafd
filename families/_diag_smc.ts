/**
 * What the kernel tells of an SMC socket over netlink (linux/smc_diag.h): TCP by shared
 * memory, of machines with RDMA (SMC-R) or of one machine (SMC-D).
 *
 * @module
 */

import { type Asking, FIXED } from "../core/contract/diag.ts";
import {
  all,
  bytes,
  cookieField,
  count,
  type Field,
  type Fields,
  shutdownFields,
  told,
  u32,
  u64,
  u8,
  word,
} from "./_diag_fields.ts";
import { endFields } from "./_diag_inet.ts";

/** How they are asked for: `struct smc_diag_req`, `struct smc_diag_msg`. */
export const SMC_ASKING: Asking = {
  family: 43,
  protocol: 0,
  request: 52,
  show: { at: 3, bytes: 1 },
  answer: 64,
};

/** Attributes; bit n - 1 asks for n. */
const CONNINFO = 1;
const LGRINFO = 2;
const DMBINFO = 4;
const FALLBACK = 5;

/** `enum smc_state` */
const STATES: Readonly<Record<number, string>> = {
  1: "ACTIVE",
  2: "INIT",
  7: "CLOSED",
  10: "LISTEN",
  20: "PEERCLOSEWAIT1",
  21: "PEERCLOSEWAIT2",
  22: "APPCLOSEWAIT1",
  23: "APPCLOSEWAIT2",
  24: "APPFINCLOSEWAIT",
  25: "PEERFINCLOSEWAIT",
  26: "PEERABORTWAIT",
  27: "PROCESSABORT",
};

/** `SMC_DIAG_MODE_SMCR` and so on. */
const MODES: Readonly<Record<number, string>> = {
  0: "smc-r",
  1: "tcp",
  2: "smc-d",
};

const ROLES: Readonly<Record<number, string>> = { 0: "client", 1: "server" };

/** A place in a buffer: `struct smc_diag_cursor`, of which the count is told. */
function cursor(at: number, about: string): Field {
  return bytes(u32(CONNINFO, at + 4), about);
}

/** All fields of such a socket. */
export const smcFields: Fields = {
  ...endFields(4),
  state: told("name?", word(STATES, u8(FIXED, 1)), "State.", {
    words: Object.values(STATES),
  }),
  state_num: told(
    "integer",
    u8(FIXED, 1),
    "State as the kernel numbers it (enum smc_state).",
  ),
  smc_mode: told(
    "name?",
    word(MODES, u8(FIXED, 2)),
    "`smc-r`, `smc-d`, or `tcp` if the other end, or the way, knows neither.",
    { words: Object.values(MODES) },
  ),
  ...shutdownFields(u8(FIXED, 3)),
  uid: told("integer", u32(FIXED, 52), "User id of the socket's owner."),
  inode: told("integer", u64(FIXED, 56), "Inode of the socket."),
  cookie: cookieField(u64(FIXED, 44)),
  ...all({ show: 1 << (CONNINFO - 1) }, {
    smc_token: count(u32(CONNINFO, 0), "Number of the connection."),
    smc_sndbuf: bytes(u32(CONNINFO, 4), "Size of the buffer to send."),
    smc_rcvbuf: bytes(u32(CONNINFO, 8), "Size of the buffer to receive."),
    smc_peer_rcvbuf: bytes(
      u32(CONNINFO, 12),
      "Size of the other end's buffer to receive.",
    ),
    smc_rx_produced: cursor(16, "Where the other end writes into this one's."),
    smc_rx_consumed: cursor(24, "Where this end reads there."),
    smc_tx_produced: cursor(32, "Where this end writes into the other one's."),
    smc_tx_consumed: cursor(40, "Where the other end reads there."),
    smc_tx_prepared: cursor(52, "Up to where there is something to be sent."),
    smc_tx_sent: cursor(60, "Up to where it was sent."),
    smc_tx_confirmed: cursor(68, "Up to where that was confirmed."),
  }),
  ...all({ show: 1 << (LGRINFO - 1) }, {
    smc_link: count(u8(LGRINFO, 0), "Id of the RDMA link."),
    smc_device: told(
      "string?",
      (answer) => answer.text(LGRINFO, 1, 64),
      "Name of the RDMA device.",
    ),
    smc_device_port: count(u8(LGRINFO, 65), "Port of the RDMA device."),
    smc_gid: told(
      "string?",
      (answer) => answer.text(LGRINFO, 66, 40),
      "GID of this end.",
    ),
    smc_peer_gid: told(
      "string?",
      (answer) => answer.text(LGRINFO, 106, 40),
      "GID of the other end.",
    ),
    smc_role: told(
      "name?",
      word(ROLES, u8(LGRINFO, 146)),
      "`client` or `server` of the link.",
      { words: Object.values(ROLES) },
    ),
  }),
  ...all({ show: 1 << (DMBINFO - 1) }, {
    smc_d_link: count(u32(DMBINFO, 0), "Id of the SMC-D link."),
    smc_d_peer_gid: count(u64(DMBINFO, 8), "GID of the other end in SMC-D."),
    smc_d_gid: count(u64(DMBINFO, 16), "GID of this end in SMC-D."),
    smc_d_token: count(u64(DMBINFO, 24), "Token of this end's buffer."),
    smc_d_peer_token: count(
      u64(DMBINFO, 32),
      "Token of the other end's buffer.",
    ),
    smc_d_peer_gid_ext: count(
      u64(DMBINFO, 40),
      "Second half of the other end's GID in SMC-D.",
    ),
    smc_d_gid_ext: count(
      u64(DMBINFO, 48),
      "Second half of this end's GID in SMC-D.",
    ),
  }),
  ...all({ show: 1 << (FALLBACK - 1) }, {
    smc_fallback_num: count(
      u32(FALLBACK, 0),
      "Why it is TCP after all, as a number (SMC_CLC_DECL_*).",
    ),
    smc_peer_diagnosis_num: count(
      u32(FALLBACK, 4),
      "What the other end says of that, as a number.",
    ),
  }),
};

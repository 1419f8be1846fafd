/**
 * What the kernel tells of a Multipath TCP connection over netlink: `struct mptcp_info`
 * (linux/mptcp.h), which grew with the kernel. Each of its subflows is a TCP socket, too,
 * with the same inode.
 *
 * @module
 */

import { backlogFields } from "./_diag_backlog.ts";
import {
  all,
  bitNames,
  bytes,
  count,
  type Fields,
  flag,
  milliseconds,
  told,
  total,
  u32,
  u64,
  u8,
  unless,
} from "./_diag_fields.ts";
import { inetFields, showBit, TCP } from "./_diag_inet.ts";

/** `INET_DIAG_INFO` */
const INFO = 2;

/** `MPTCP_INFO_FLAG_FALLBACK` and so on. */
const FLAGS = ["fallback", "remote_key"];

const GROWS = { counter: true };

/** All fields of such a connection. */
export const mptcpFields: Fields = {
  ...inetFields({
    ...TCP,
    received:
      "Memory of data that the process has not read, with what it costs to keep; of a " +
      "listening socket, connections not yet accepted.",
  }),
  ...backlogFields,
  ...all({ set: "tcp", show: showBit(INFO) }, {
    mptcp_subflows: count(u8(INFO, 0), "Subflows besides the first."),
    mptcp_add_addr_signal: count(
      u8(INFO, 1),
      "Addresses told to the other end.",
    ),
    mptcp_add_addr_accepted: count(
      u8(INFO, 2),
      "Addresses of the other end that were accepted.",
    ),
    mptcp_subflows_max: count(u8(INFO, 3), "Most such subflows there can be."),
    mptcp_add_addr_signal_max: count(
      u8(INFO, 4),
      "Most addresses that are told.",
    ),
    mptcp_add_addr_accepted_max: count(
      u8(INFO, 5),
      "Most addresses that are accepted.",
    ),
    mptcp_flags: told(
      "strings?",
      bitNames(FLAGS, u32(INFO, 8)),
      "`fallback` if the connection goes on as plain TCP; `remote_key` if the other " +
        "end's key is known.",
    ),
    mptcp_flags_num: count(u32(INFO, 8), "Those flags as a number."),
    mptcp_token: count(
      unless(0, u32(INFO, 12)),
      "Token of the connection; null of a listening socket.",
    ),
    mptcp_write_seq: count(u64(INFO, 16), "Number of the next byte written."),
    mptcp_snd_una: count(
      u64(INFO, 24),
      "Number of the first byte not acknowledged.",
    ),
    mptcp_rcv_nxt: count(u64(INFO, 32), "Number of the next byte expected."),
    mptcp_local_addr_used: count(u8(INFO, 40), "Local addresses in use."),
    mptcp_local_addr_max: count(u8(INFO, 41), "Most local addresses."),
    mptcp_csum_enabled: told(
      "boolean?",
      flag(255, u8(INFO, 42)),
      "Whether data has checksums.",
    ),
    mptcp_retransmits: total(u32(INFO, 44), "How often data was sent again."),
    mptcp_bytes_retrans: bytes(u64(INFO, 48), "Bytes sent again.", GROWS),
    mptcp_bytes_sent: bytes(u64(INFO, 56), "Bytes sent.", GROWS),
    mptcp_bytes_received: bytes(u64(INFO, 64), "Bytes received.", GROWS),
    mptcp_bytes_acked: bytes(
      u64(INFO, 72),
      "Bytes that the other end acknowledged.",
      GROWS,
    ),
    mptcp_subflows_total: count(
      u8(INFO, 80),
      "Subflows, the first among them.",
    ),
    mptcp_endp_laminar_max: count(
      // a byte of padding until Linux 6.18
      u8(INFO, 81),
      "Most laminar endpoints; 0 before Linux 6.18.",
    ),
    mptcp_last_data_sent_ms: milliseconds(
      u32(INFO, 84),
      "Time since data was sent.",
    ),
    mptcp_last_data_recv_ms: milliseconds(
      u32(INFO, 88),
      "Time since data was received.",
    ),
    mptcp_last_ack_recv_ms: milliseconds(
      u32(INFO, 92),
      "Time since an acknowledgement was received.",
    ),
  }),
};

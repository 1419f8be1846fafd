/**
 * What the kernel tells of a TCP socket over netlink: what it tells of every Internet
 * socket, the inner state, congestion control, what runs on top (TLS, Multipath TCP), and
 * signatures.
 *
 * @module
 */

import { Answer } from "../core/contract/diag.ts";
import type { Long } from "../core/contract/family.ts";
import { Address, spellAddress } from "../core/contract/ip.ts";
import { backlogFields } from "./_diag_backlog.ts";
import {
  all,
  bitNames,
  bytes,
  count,
  type Fields,
  flag,
  microseconds,
  rate,
  type Read,
  told,
  u16,
  u32,
  u64,
  unless,
  wordOrDigits,
} from "./_diag_fields.ts";
import { inetFields, showBit, TCP } from "./_diag_inet.ts";
import { tcpDerivedFields } from "./_diag_tcp_derived.ts";
import { tcpInfoFields } from "./_diag_tcp_info.ts";
import { INFO } from "./_diag_tcp_struct.ts";

/** Attributes (linux/inet_diag.h). */
const VEGASINFO = 3;
const CONG = 4;
const DCTCPINFO = 9;
const BBRINFO = 16;
const MD5SIG = 18;
const ULP_INFO = 19;

/** Inside ULP_INFO. */
const ULP_NAME = 1;
const ULP_TLS = 2;
const ULP_MPTCP = 3;

/** A gain of BBR, in 256ths. */
function gain(at: number): Read<number> {
  return (answer) => {
    const value = answer.u32(BBRINFO, at);
    return value === null || value === 0 ? null : value / 256;
  };
}

const NONE_32 = 0xffff_ffff;
const NONE_31 = 0x7fff_ffff;

/** Congestion control: each algorithm that tells something has a structure of its own. */
const congestionFields: Fields = all({ set: "tcp" }, {
  congestion: told(
    "string?",
    (answer) => answer.text(CONG),
    "Algorithm of congestion control.",
    { show: showBit(CONG) },
  ),
  ...all({ show: showBit(VEGASINFO) }, {
    bbr_bytes_per_s: rate(
      unless<Long>(0, u64(BBRINFO)),
      "Speed of the path as BBR sees it.",
    ),
    bbr_min_rtt_us: microseconds(
      unless(0, unless(NONE_32, u32(BBRINFO, 8))),
      "Shortest round trip as BBR sees it.",
    ),
    bbr_pacing_gain: told(
      "ratio?",
      gain(12),
      "What BBR multiplies that speed by to send.",
    ),
    bbr_cwnd_gain: told(
      "ratio?",
      gain(16),
      "What BBR multiplies the path's bytes by for its window.",
    ),
    dctcp_enabled: told(
      "boolean?",
      flag(0xffff, u16(DCTCPINFO)),
      "Whether DCTCP is in use: the other end does ECN.",
    ),
    dctcp_ce_state: count(
      u16(DCTCPINFO, 2),
      "Whether DCTCP last received a marked packet.",
    ),
    dctcp_alpha: count(
      u32(DCTCPINFO, 4),
      "DCTCP's estimate of how many packets are marked, in 1024ths.",
    ),
    dctcp_ab_ecn: count(
      u32(DCTCPINFO, 8),
      "Marked bytes that were acknowledged in DCTCP's last round.",
      { unit: "bytes" },
    ),
    dctcp_ab_tot: count(
      u32(DCTCPINFO, 12),
      "Bytes that were acknowledged in DCTCP's last round.",
      { unit: "bytes" },
    ),
    vegas_enabled: told(
      "boolean?",
      flag(-1, u32(VEGASINFO)),
      "Whether Vegas, or an algorithm that tells the same, is in use.",
    ),
    vegas_rtt_count: count(
      u32(VEGASINFO, 4),
      "Round trips that Vegas measured of late.",
    ),
    vegas_rtt_us: microseconds(
      unless(NONE_31, u32(VEGASINFO, 8)),
      "Round trip as Vegas sees it; null without one.",
    ),
    vegas_min_rtt_us: microseconds(
      unless(NONE_31, u32(VEGASINFO, 12)),
      "Shortest round trip as Vegas sees it; null without one.",
    ),
  }),
});

const outer = new Answer();
const inner = new Answer();

/** Reads from what is inside ULP_INFO. */
function ulp<V>(read: (ulp: Answer) => V | null): Read<V> {
  return (answer) => outer.enter(answer, ULP_INFO) ? read(outer) : null;
}

/** Reads a number from what is inside one of those. */
function within<V extends Long>(
  type: number,
  read: (nest: Answer) => V | null,
): Read<V> {
  return ulp((ulp) => inner.enter(ulp, type) ? read(inner) : null);
}

/** `TLS_1_2_VERSION` and so on, linux/tls.h. */
const TLS_VERSIONS: Readonly<Record<number, string>> = {
  0x0303: "1.2",
  0x0304: "1.3",
};

/** `TLS_CIPHER_AES_GCM_128` and so on. */
const TLS_CIPHERS: Readonly<Record<number, string>> = {
  51: "AES-GCM-128",
  52: "AES-GCM-256",
  53: "AES-CCM-128",
  54: "CHACHA20-POLY1305",
  55: "SM4-GCM",
  56: "SM4-CCM",
  57: "ARIA-GCM-128",
  58: "ARIA-GCM-256",
};

/** `TLS_CONF_BASE` and so on. */
const TLS_PLACES: Readonly<Record<number, string>> = {
  1: "base",
  2: "software",
  3: "device",
  4: "device_record",
};

/** Flags of a subflow, from the lowest bit. */
const SUBFLOW_FLAGS = [
  "remote_capable",
  "local_capable",
  "remote_join",
  "local_join",
  "remote_backup",
  "local_backup",
  "established",
  "connected",
  "mapped",
];

const subflowFlags = within(ULP_MPTCP, (flow) => flow.u32(8));
const tls = (type: number) => within(ULP_TLS, (tls) => tls.u16(type));

/** What runs between TCP and the program, which comes with the inner state. */
const ulpFields: Fields = all({ set: "tcp", show: showBit(INFO) }, {
  ulp: told(
    "string?",
    ulp((ulp) => ulp.text(ULP_NAME)),
    "What runs on top of TCP in the kernel, such as `tls` or `mptcp`.",
  ),
  tls_version: told(
    "name?",
    wordOrDigits(TLS_VERSIONS, tls(1)),
    "Version of TLS.",
    { words: Object.values(TLS_VERSIONS) },
  ),
  tls_cipher: told(
    "name?",
    wordOrDigits(TLS_CIPHERS, tls(2)),
    "Cipher of TLS.",
    { words: Object.values(TLS_CIPHERS) },
  ),
  tls_tx: told(
    "name?",
    wordOrDigits(TLS_PLACES, tls(3)),
    "Where what is sent is encrypted: `software`, `device` or `device_record`; `base` " +
      "if not by the kernel.",
    { words: Object.values(TLS_PLACES) },
  ),
  tls_rx: told(
    "name?",
    wordOrDigits(TLS_PLACES, tls(4)),
    "Where what is received is decrypted, likewise.",
    { words: Object.values(TLS_PLACES) },
  ),
  mptcp_token_local: count(
    within(ULP_MPTCP, (flow) => flow.u32(2)),
    "Token of the Multipath TCP connection that this is a subflow of, its " +
      "`mptcp_token`.",
  ),
  mptcp_token_remote: count(
    within(ULP_MPTCP, (flow) => flow.u32(1)),
    "The other end's token; 0 on the first subflow.",
  ),
  mptcp_id_local: count(
    within(ULP_MPTCP, (flow) => flow.u8(10)),
    "Id of the subflow's local address.",
  ),
  mptcp_id_remote: count(
    within(ULP_MPTCP, (flow) => flow.u8(9)),
    "Id of the subflow's remote address.",
  ),
  mptcp_map_seq: count(
    within<Long>(ULP_MPTCP, (flow) => flow.u64(4)),
    "Where in the connection's data the piece starts that the subflow received last; " +
      "null without CAP_NET_ADMIN.",
  ),
  mptcp_map_subflow_seq: count(
    within(ULP_MPTCP, (flow) => flow.u32(5)),
    "Where that piece starts in the subflow's data; null likewise.",
  ),
  mptcp_map_offset: count(
    within(ULP_MPTCP, (flow) => flow.u32(6)),
    "By how much the subflow's data are behind the numbers of its segments; null " +
      "likewise.",
  ),
  mptcp_map_bytes: bytes(
    within(ULP_MPTCP, (flow) => flow.u16(7)),
    "Length of that piece; null likewise.",
  ),
  mptcp_subflow_flags: told(
    "strings?",
    bitNames(SUBFLOW_FLAGS, subflowFlags),
    "Flags of the subflow.",
  ),
  mptcp_subflow_flags_num: count(
    subflowFlags,
    "Flags of the subflow as a number.",
  ),
});

/** `struct tcp_diag_md5sig`: family, prefix, key length, address, and the key itself. */
const MD5_SIZE = 100;
const AF_INET6 = 10;

/** The addresses that have keys. The keys are secrets: their bytes are never looked at. */
function md5Peers(answer: Answer): string[] | null {
  if (!answer.has(MD5SIG)) return null;
  const peers: string[] = [];
  const address = new Address();
  for (let at = 0; at + MD5_SIZE <= answer.size(MD5SIG); at += MD5_SIZE) {
    const place = answer.from(MD5SIG) + at;
    address.length = answer.u8(MD5SIG, at) === AF_INET6 ? 16 : 4;
    address.bytes.set(answer.bytes.subarray(place + 4, place + 20));
    peers.push(`${spellAddress(address)}/${answer.u8(MD5SIG, at + 1)}`);
  }
  return peers;
}

/** All fields of a TCP socket. */
export const tcpFields: Fields = {
  ...inetFields(TCP),
  ...backlogFields,
  ...tcpInfoFields,
  ...tcpDerivedFields,
  ...congestionFields,
  ...ulpFields,
  md5_peers: told(
    "strings?",
    md5Peers,
    "Addresses, with their length, whose segments have an MD5 signature; null without " +
      "any, or without CAP_NET_ADMIN.",
    { set: "tcp", show: showBit(INFO) },
  ),
};

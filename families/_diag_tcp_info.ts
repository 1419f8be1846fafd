/**
 * The inner state of a TCP connection: a line for each field of `struct tcp_info`
 * (linux/tcp.h).
 *
 * @module
 */

import type { Long } from "../core/contract/family.ts";
import {
  all,
  bitNames,
  bytes,
  count,
  type Fields,
  flag,
  microseconds,
  milliseconds,
  rate,
  segments,
  told,
  total,
  unless,
  word,
} from "./_diag_fields.ts";
import { showBit } from "./_diag_inet.ts";
import {
  ago,
  INFO,
  shifted,
  since,
  u16,
  u32,
  u32OfAll,
  u64,
  u8,
} from "./_diag_tcp_struct.ts";

const NONE_31 = 0x7fff_ffff;
const NONE_32 = 0xffff_ffff;
const NONE_64 = 0xffff_ffff_ffff_ffffn;
const GROWS = { counter: true };

/** `enum tcp_ca_state` */
const CONGESTION_STATES: Readonly<Record<number, string>> = {
  0: "open",
  1: "disorder",
  2: "cwr",
  3: "recovery",
  4: "loss",
};

/** `TCPI_OPT_TIMESTAMPS` and so on, from the lowest bit. */
const OPTIONS = [
  "timestamps",
  "sack",
  "wscale",
  "ecn",
  "ecn_seen",
  "syn_data",
  "usec_ts",
];

/** Each field of it, at the byte where it is. */
export const tcpInfoFields: Fields = all({ set: "tcp", show: showBit(INFO) }, {
  tcp_ca_state: told(
    "name?",
    word(CONGESTION_STATES, u8(1)),
    "State of congestion control: `open`, `disorder` (loss or reordering, not yet " +
      "known), `cwr` (slowed down), `recovery` (sends again what was lost) or `loss` " +
      "(after a timeout).",
    { words: Object.values(CONGESTION_STATES) },
  ),
  tcp_ca_state_num: count(
    u8(1),
    "State of congestion control as the kernel numbers it (enum tcp_ca_state).",
  ),
  tcp_retransmits: count(u8(2), "Timeouts in a row of the oldest segment."),
  tcp_probes: count(u8(3), "Probes without an answer."),
  tcp_backoff: count(u8(4), "How often the timer was doubled."),
  tcp_options: told(
    "strings?",
    bitNames(OPTIONS, u8(5)),
    "What both ends agreed on: `timestamps`, `sack`, `wscale`, `ecn`, `usec_ts`; and " +
      "what happened: `ecn_seen`, `syn_data`.",
  ),
  tcp_options_num: count(u8(5), "Those options as a number (TCPI_OPT_*)."),
  tcp_snd_wscale: count(
    shifted(0, 15, u8(6)),
    "By how many bits the other end's window is shifted.",
  ),
  tcp_rcv_wscale: count(
    shifted(4, 15, u8(6)),
    "By how many bits this end's window is shifted.",
  ),
  tcp_app_limited: told(
    "boolean?",
    flag(1, since(168, u8(7))),
    "Whether the program had nothing to send while the rate was measured.",
  ),
  tcp_fastopen_client_fail_num: count(
    shifted(1, 3, since(232, u8(7))),
    "Why TCP Fast Open failed: 0 not told, 1 no cookie, 2 the data of the SYN was not " +
      "acknowledged, 3 the SYN was sent again.",
  ),
  tcp_rto_us: microseconds(u32(8), "Timeout of a segment now.", {
    short: "rto",
  }),
  tcp_ato_us: microseconds(
    unless(0, u32(12)),
    "Timeout of a delayed acknowledgement; null if there was none yet.",
  ),
  tcp_snd_mss: bytes(u32(16), "Size of a segment that is sent.", {
    short: "snd_mss",
  }),
  tcp_rcv_mss: bytes(u32(20), "Size of a received segment, as it is guessed."),
  tcp_unacked: segments(u32(24), "Segments that are not acknowledged.", {
    short: "unacked",
  }),
  tcp_sacked: segments(
    u32(28),
    "Unacknowledged segments that the other end has, out of order.",
  ),
  tcp_lost: segments(
    u32(32),
    "Unacknowledged segments that are thought lost.",
    {
      short: "lost",
    },
  ),
  tcp_retrans_now: segments(
    u32(36),
    "Unacknowledged segments that were sent again.",
  ),
  tcp_fackets: segments(
    u32(40),
    "Segments up to the last one that came; 0 since Linux 4.15.",
  ),
  tcp_last_data_sent_ms: milliseconds(
    ago(44),
    "Time since data was sent or, if none was, since the connection stands.",
  ),
  tcp_last_data_recv_ms: milliseconds(
    ago(52),
    "Time since data was received or, if none was, since the connection stands.",
  ),
  tcp_last_ack_recv_ms: milliseconds(
    ago(56),
    "Time since an acknowledgement was received.",
  ),
  tcp_pmtu: bytes(u32(60), "Longest packet of the path."),
  tcp_rcv_ssthresh: bytes(u32(64), "Most that this end's window can be now."),
  tcp_rtt_us: microseconds(
    unless(0, u32(68)),
    "Time of a round trip, smoothed; null if none was measured.",
    { short: "rtt" },
  ),
  tcp_rttvar_us: microseconds(u32(72), "By how much that time varies.", {
    short: "rttvar",
  }),
  tcp_snd_ssthresh: segments(
    unless(NONE_31, u32(76)),
    "Window at which slow start ends; null if there is no such limit.",
    { short: "ssthresh" },
  ),
  tcp_snd_cwnd: segments(
    u32OfAll(80),
    "Congestion window.",
    { short: "cwnd" },
  ),
  tcp_advmss: bytes(u32(84), "Size of a segment that this end told to send."),
  tcp_reordering: segments(
    u32OfAll(88),
    "By how many segments the order may be wrong without one being lost.",
  ),
  tcp_rcv_rtt_us: microseconds(
    unless(0, u32(92)),
    "Time of a round trip as the receiver guesses it; null without a guess.",
  ),
  tcp_rcv_space: bytes(u32(96), "What the program reads in one round trip."),
  tcp_retrans_total: total(u32(100), "Segments that were sent again.", {
    unit: "segments",
    short: "retrans",
  }),
  tcp_pacing_bytes_per_s: rate(
    unless<Long>(NONE_64, u64(104)),
    "Speed to which sending is slowed down; null if it is not.",
    { short: "pacing_rate" },
  ),
  tcp_max_pacing_bytes_per_s: rate(
    unless<Long>(NONE_64, u64(112)),
    "Most that speed can be (SO_MAX_PACING_RATE); null without a limit.",
  ),
  tcp_bytes_acked: bytes(
    u64(120),
    "Bytes that the other end acknowledged, with one for a SYN and one for a FIN.",
    { ...GROWS, short: "bytes_acked" },
  ),
  tcp_bytes_received: bytes(
    u64(128),
    "Bytes that were received in order, with one for a FIN.",
    { ...GROWS, short: "bytes_received" },
  ),
  tcp_segs_out: segments(u32(136), "Segments sent, of every kind.", GROWS),
  tcp_segs_in: segments(u32(140), "Segments received, of every kind.", GROWS),
  tcp_notsent_bytes: bytes(
    u32(144),
    "Bytes that the program has written and that are not sent at all.",
  ),
  tcp_min_rtt_us: microseconds(
    unless(NONE_32, u32(148)),
    "Shortest time of a round trip of late; null if none was measured.",
    { short: "min_rtt" },
  ),
  tcp_data_segs_in: segments(u32(152), "Segments received with data.", GROWS),
  tcp_data_segs_out: segments(
    u32(156),
    "Segments sent with data, those sent again among them.",
    GROWS,
  ),
  tcp_delivery_bytes_per_s: rate(
    unless<Long>(0, u64(160)),
    "Speed at which data last reached the other end; null if none did.",
    { short: "delivery_rate" },
  ),
  tcp_busy_us: microseconds(u64(168), "Time with data to send.", GROWS),
  tcp_rwnd_limited_us: microseconds(
    u64(176),
    "Time with data to send in which the other end's window was full.",
    GROWS,
  ),
  tcp_sndbuf_limited_us: microseconds(
    u64(184),
    "Time with data to send in which this end's buffer was full.",
    GROWS,
  ),
  tcp_delivered: segments(
    u32(192),
    "Segments that reached the other end, a SYN among them.",
    GROWS,
  ),
  tcp_delivered_ce: segments(
    u32(196),
    "Segments that reached the other end marked by a congested router.",
    GROWS,
  ),
  tcp_bytes_sent: bytes(
    u64(200),
    "Bytes sent, those sent again among them.",
    { ...GROWS, short: "bytes_sent" },
  ),
  tcp_bytes_retrans: bytes(u64(208), "Bytes sent again.", {
    ...GROWS,
    short: "bytes_retrans",
  }),
  tcp_dsack_dups: total(
    u32(216),
    "Segments that the other end says it had already.",
    { unit: "segments" },
  ),
  tcp_reord_seen: total(u32(220), "How often the order was wrong."),
  tcp_rcv_ooopack: segments(
    u32(224),
    "Segments received out of order.",
    GROWS,
  ),
  tcp_snd_wnd: bytes(
    u32(228),
    "The other end's window; 0 if it takes nothing now.",
  ),
  tcp_rcv_wnd: bytes(u32(232), "This end's window."),
  tcp_rehash: total(u32(236), "How often another path was tried."),
  tcp_total_rto: total(u16(240), "Timeouts, those of a SYN among them."),
  tcp_total_rto_recoveries: total(
    u16(242),
    "How often the connection recovered from timeouts.",
  ),
  tcp_total_rto_time_ms: milliseconds(
    u32(244),
    "Time that was lost in timeouts.",
    GROWS,
  ),
  tcp_received_ce: total(
    u32(248),
    "Packets received that a congested router marked (AccECN).",
    { unit: "packets" },
  ),
  tcp_delivered_e1_bytes: bytes(
    u32(252),
    "Bytes that reached the other end as ECT(1) (AccECN).",
    GROWS,
  ),
  tcp_delivered_e0_bytes: bytes(
    u32(256),
    "Bytes that reached the other end as ECT(0) (AccECN).",
    GROWS,
  ),
  tcp_delivered_ce_bytes: bytes(
    u32(260),
    "Bytes that reached the other end marked by a congested router (AccECN).",
    GROWS,
  ),
  tcp_received_e1_bytes: bytes(
    u32(264),
    "Bytes received as ECT(1) (AccECN).",
    GROWS,
  ),
  tcp_received_e0_bytes: bytes(
    u32(268),
    "Bytes received as ECT(0) (AccECN).",
    GROWS,
  ),
  tcp_received_ce_bytes: bytes(
    u32(272),
    "Bytes received that a congested router marked (AccECN).",
    GROWS,
  ),
  tcp_accecn_fail_mode: count(u16(276), "Why AccECN is off, as a number."),
  tcp_accecn_opt_seen: count(u16(278), "Whether AccECN's option was seen."),
});

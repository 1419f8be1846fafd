/**
 * What the kernel tells of an SCTP association, or endpoint, over netlink, beside what its
 * files do: what it tells of every Internet socket, and `struct sctp_info` (linux/sctp.h).
 *
 * @module
 */

import { type Answer, FIXED } from "../core/contract/diag.ts";
import type { Long } from "../core/contract/family.ts";
import { Address, spanOf, spellAddress } from "../core/contract/ip.ts";
import {
  all,
  bytes,
  count,
  type Field,
  type Fields,
  flag,
  milliseconds,
  type Read,
  told,
  total,
  u16,
  u32,
  u64,
  u8,
  word,
} from "./_diag_fields.ts";
import { inetFields, showBit, stateOf, TCP } from "./_diag_inet.ts";
import { LISTEN } from "./_tcp_states.ts";

/** Attributes (linux/inet_diag.h). */
const INFO = 2;
const PEERS = 13;

/** `enum sctp_spinfo_state` */
const PATH_STATES: Readonly<Record<number, string>> = {
  0: "inactive",
  1: "potentially_failed",
  2: "active",
  3: "unconfirmed",
  0xffff: "unknown",
};

/** `struct sockaddr_storage` */
const SOCKADDR = 128;
const AF_INET = 2;
const AF_INET6 = 10;

const scratch = new Address();

/** The address of a sockaddr at that byte of an attribute, for a moment; if it is one. */
function sockaddr(
  answer: Answer,
  type: number,
  at: number,
): Address | undefined {
  const family = answer.u16(type, at);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  if (at + SOCKADDR > answer.size(type)) return undefined;
  scratch.length = family === AF_INET6 ? 16 : 4;
  // behind the port, and behind the flow label
  const from = answer.from(type) + at + (family === AF_INET6 ? 8 : 4);
  scratch.bytes.set(answer.bytes.subarray(from, from + 16));
  return scratch;
}

/** The addresses in an attribute. */
function addresses(answer: Answer, type: number): string[] {
  const found: string[] = [];
  for (let at = 0; at < answer.size(type); at += SOCKADDR) {
    const one = sockaddr(answer, type, at);
    if (one !== undefined) found.push(spellAddress(one));
  }
  return found;
}

/** Whether an answer is about an association: it has addresses of another end. */
function isAssociation(answer: Answer): boolean {
  return answer.has(PEERS);
}

/** A row of the files, as far as an answer tells the same. */
export interface Ends {
  /** Whether it is an endpoint, and no association. */
  readonly endpoint: boolean;
  /** That of its socket; 0 without one. */
  readonly inode: Long;
  /** This end's port. */
  readonly localPort: number;
  /** The other end's. */
  readonly remotePort: number;
  /** The addresses of the other end, numeric. */
  readonly remotes: readonly string[];
}

/**
 * The keys of an endpoint or an association. A socket has one endpoint, but any number of
 * associations, which share its inode. With each end of another socket (an address and a
 * port) it has at most one of them (RFC 9260, section 5.2), so any of that end's addresses
 * will do: others may have been added meanwhile. What no process has, has no inode, and
 * nothing that would tell it apart from others.
 */
export function keysOf(
  { endpoint, inode, localPort, remotePort, remotes }: Ends,
): string[] {
  if (Number(inode) === 0) return [];
  if (endpoint) return [`${inode}`];
  return remotes.map((remote) =>
    `${inode} ${localPort} ${remotePort} ${remote}`
  );
}

/** The same of an answer. */
export function endsOf(answer: Answer): Ends {
  return {
    endpoint: !isAssociation(answer),
    inode: answer.u32(FIXED, 68) ?? 0,
    localPort: answer.port(FIXED, 4) ?? 0,
    remotePort: answer.port(FIXED, 6) ?? 0,
    remotes: addresses(answer, PEERS),
  };
}

/** Reads what only an endpoint that listens has. */
function ofListener(read: Read<number>): Read<number> {
  return (answer, view) =>
    stateOf(answer) === LISTEN && !isAssociation(answer)
      ? read(answer, view)
      : null;
}

/**
 * What the files tell, so that no row is another one if more is asked for, and what has
 * another meaning: SCTP's timers have other numbers.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "local_address",
  "local_port",
  "foreign_address",
  "foreign_port",
  "state",
  "state_num",
  "recv_q",
  "send_q",
  "uid",
  "inode",
  "timer",
  "timer_num",
  "timer_ms",
  "retransmits",
  "timeout",
  "wmem_alloc",
  "wmem_queued",
  "sndbuf",
  "rcvbuf",
]);

/** What every Internet socket is told of. */
const inet: Fields = Object.fromEntries(
  Object.entries(inetFields(TCP)).filter(([key]) => !LEFT_OUT.has(key)),
);

/** Numbers that only grow. */
function chunks(read: Read<Long>, about: string): Field {
  return total(read, about);
}

/** All fields of such a socket. */
export const sctpFields: Fields = {
  ...inet,
  ...all({ set: "backlog" }, {
    accept_queue: count(
      ofListener(u32(FIXED, 56)),
      "Connections of a listening socket that are not yet accepted.",
    ),
    accept_queue_max: count(
      ofListener(u32(FIXED, 60)),
      "Most there can be; the queue is full if there is one more.",
    ),
  }),
  ...all({ set: "tcp", show: showBit(INFO) }, {
    sctp_tag: count(u32(INFO, 0), "Tag of the association."),
    sctp_rwnd: bytes(u32(INFO, 8), "This end's window."),
    sctp_unacked: count(u16(INFO, 12), "Chunks that are not acknowledged."),
    sctp_pending: count(u16(INFO, 14), "Chunks that wait to be received."),
    sctp_fragmentation_point: bytes(
      u32(INFO, 20),
      "Longest message that is sent in one piece.",
    ),
    sctp_in_queue: count(u32(INFO, 24), "Chunks received and not taken."),
    sctp_out_queue: count(u32(INFO, 28), "Chunks to be sent."),
    sctp_overall_error: count(u32(INFO, 32), "Errors in a row, of all paths."),
    sctp_max_burst: count(u32(INFO, 36), "Most packets sent at once."),
    sctp_maxseg: bytes(u32(INFO, 40), "Longest piece of a message."),
    sctp_peer_rwnd: bytes(u32(INFO, 44), "The other end's window."),
    sctp_peer_tag: count(u32(INFO, 48), "The other end's tag."),
    sctp_peer_capable_num: count(
      u8(INFO, 52),
      "Extensions that the other end knows, as a number.",
    ),
    sctp_peer_sack: told(
      "boolean?",
      flag(255, u8(INFO, 53)),
      "Whether the other end wants an acknowledgement now.",
    ),
    sctp_sacks_in: chunks(u64(INFO, 56), "Acknowledgements received."),
    sctp_sacks_out: chunks(u64(INFO, 64), "Acknowledgements sent."),
    sctp_packets_out: total(u64(INFO, 72), "Packets sent.", {
      unit: "packets",
    }),
    sctp_packets_in: total(u64(INFO, 80), "Packets received.", {
      unit: "packets",
    }),
    sctp_retrans_chunks: chunks(u64(INFO, 88), "Chunks sent again."),
    sctp_out_of_sequence: chunks(
      u64(INFO, 96),
      "Chunks received that were out of the window.",
    ),
    sctp_duplicates: chunks(u64(INFO, 104), "Chunks received twice."),
    sctp_gaps: chunks(u64(INFO, 112), "Gaps that were acknowledged."),
    sctp_unordered_out: chunks(u64(INFO, 120), "Unordered chunks sent."),
    sctp_unordered_in: chunks(u64(INFO, 128), "Unordered chunks received."),
    sctp_ordered_out: chunks(u64(INFO, 136), "Ordered chunks sent."),
    sctp_ordered_in: chunks(u64(INFO, 144), "Ordered chunks received."),
    sctp_control_out: chunks(u64(INFO, 152), "Control chunks sent."),
    sctp_control_in: chunks(u64(INFO, 160), "Control chunks received."),
    sctp_primary: told(
      "address?",
      (answer) => {
        const address = sockaddr(answer, INFO, 168);
        return address === undefined ? null : spellAddress(address);
      },
      "Remote address of the primary path, numeric.",
      {
        span: (answer, into) => {
          const address = sockaddr(answer, INFO, 168);
          return address !== undefined && spanOf(address, into);
        },
      },
    ),
    sctp_primary_state: told(
      "name?",
      word(PATH_STATES, u32(INFO, 296)),
      "State of the primary path.",
      { words: Object.values(PATH_STATES) },
    ),
    sctp_primary_cwnd: bytes(u32(INFO, 300), "Its congestion window."),
    sctp_srtt_ms: milliseconds(u32(INFO, 304), "Its round trip, smoothed."),
    sctp_rto_ms: milliseconds(u32(INFO, 308), "Timeout of a chunk there."),
    sctp_heartbeat_ms: milliseconds(u32(INFO, 312), "Time between heartbeats."),
    sctp_path_max_retrans: count(
      u32(INFO, 316),
      "Retransmissions after which the path counts as failed.",
    ),
    sctp_sack_delay_ms: milliseconds(
      u32(INFO, 320),
      "How long an acknowledgement may wait.",
    ),
    sctp_sack_freq: count(
      u32(INFO, 324),
      "After how many packets one is sent at once.",
    ),
    sctp_ssthresh: bytes(u32(INFO, 328), "Window at which slow start ends."),
    sctp_partial_bytes_acked: bytes(
      u32(INFO, 332),
      "Bytes acknowledged since the window last grew.",
    ),
    sctp_flight_bytes: bytes(u32(INFO, 336), "Bytes on the way."),
    sctp_primary_errors: count(
      u16(INFO, 340),
      "Errors in a row, of that path.",
    ),
    sctp_autoclose_s: told(
      "duration?",
      u32(INFO, 344),
      "Time without data after which the association is closed; 0 for never.",
      { unit: "seconds" },
    ),
    sctp_adaptation: count(
      u32(INFO, 348),
      "Indication of the adaptation layer.",
    ),
    sctp_partial_delivery: bytes(
      u32(INFO, 352),
      "From how many bytes on a part of a message is delivered.",
    ),
    sctp_nodelay: told(
      "boolean?",
      flag(255, u8(INFO, 356)),
      "Whether small messages are sent at once.",
    ),
    sctp_no_fragments: told(
      "boolean?",
      flag(255, u8(INFO, 357)),
      "Whether messages are never sent in pieces.",
    ),
    sctp_v4mapped: told(
      "boolean?",
      flag(255, u8(INFO, 358)),
      "Whether IPv4 addresses are told as IPv6 ones.",
    ),
    sctp_interleave: count(
      u8(INFO, 359),
      "How pieces of several messages may be mixed.",
    ),
  }),
};

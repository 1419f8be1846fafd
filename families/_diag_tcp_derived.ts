/**
 * What follows from the inner state of a TCP connection: what people would compute of it.
 * Each is null if one of its terms is not known, or it would be divided by 0.
 *
 * @module
 */

import type { Answer } from "../core/contract/diag.ts";
import type { Long } from "../core/contract/family.ts";
import {
  all,
  bytes,
  type Fields,
  flag,
  microseconds,
  milliseconds,
  rate,
  ratio,
  type Read,
  told,
  unless,
} from "./_diag_fields.ts";
import { countOf, showBit, timerOf } from "./_diag_inet.ts";
import { ago, INFO, u32, u64, u8 } from "./_diag_tcp_struct.ts";

const NONE_32 = 0xffff_ffff;

const sent = ago(44);
const received = ago(52);
const acknowledged = ago(56);
const rtt = unless(0, u32(68));
const minRtt = unless(NONE_32, u32(148));
const mss = u32(16);
const cwnd = u32(80);
const unacked = u32(24);
const sacked = u32(28);
const lost = u32(32);
const retrans = u32(36);
const busy = u64(168);

/** What a function makes of numbers; null if one of them is. */
function of<Terms extends readonly Read<Long>[], V>(
  terms: Terms,
  make: (...numbers: { [K in keyof Terms]: number }) => V | null,
): Read<V> {
  const made = make as (...numbers: number[]) => V | null;
  const [first, second, third] = terms as readonly Read<Long>[];
  // to go through them, and to spread them, would take longer than to read them
  if (terms.length === 2) {
    return (answer, view) => {
      const a = first!(answer, view);
      const b = a === null ? null : second!(answer, view);
      return b === null ? null : made(Number(a), Number(b));
    };
  }
  if (terms.length === 3) {
    return (answer, view) => {
      const a = first!(answer, view);
      const b = a === null ? null : second!(answer, view);
      const c = b === null ? null : third!(answer, view);
      return c === null ? null : made(Number(a), Number(b), Number(c));
    };
  }
  const numbers = new Array<number>(terms.length).fill(0);
  return (answer, view) => {
    for (let i = 0; i < terms.length; i++) {
      const value = terms[i]!(answer, view);
      if (value === null) return null;
      numbers[i] = Number(value);
    }
    return made(...numbers);
  };
}

/** The first of two that is known. */
function either<V>(first: Read<V>, second: Read<V>): Read<V> {
  return (answer, view) => first(answer, view) ?? second(answer, view);
}

const age = of([sent, received, acknowledged], Math.max);
/** Linux 4.19 counts bytes that were sent again, older ones segments. */
const lossy = either(
  of([u64(208), u64(200)], ratio),
  of([u32(100), u32(156)], ratio),
);
const peerLimited = of([u64(176), busy], ratio);
const bufferLimited = of([u64(184), busy], ratio);
const window = u32(228);
const unsent = u32(144);
const congested = u8(1);
const idleProgram = flag(1, u8(7));

/** `TCP_CA_CWR`: from here on the network slows the connection down. */
const SLOWED = 2;

/** `idiag_timer` */
const RETRANSMISSION = 1;
const PROBE = 4;

const LIMITS = ["peer", "buffer", "network", "program"];

/** What holds the connection up, if it is one of these. */
const limitedBy: Read<string> = (answer, view) => {
  const take = <V>(read: Read<V>) => read(answer, view);
  const stopped = take(window) === 0 && (take(unsent) ?? 0) > 0;
  if ((take(peerLimited) ?? 0) > 0.5 || stopped) return "peer";
  if ((take(bufferLimited) ?? 0) > 0.5) return "buffer";
  if ((take(congested) ?? 0) >= SLOWED || (take(lossy) ?? 0) > 0.01) {
    return "network";
  }
  return take(idleProgram) ? "program" : null;
};

/** Whether the other end does not answer: segments are sent again, or it is probed. */
function stuck(answer: Answer): boolean {
  const timer = timerOf(answer);
  return timer === PROBE || (timer === RETRANSMISSION && countOf(answer) > 0);
}

/** The fields. */
export const tcpDerivedFields: Fields = all(
  { set: "tcp", show: showBit(INFO) },
  {
    idle_ms: milliseconds(
      of([sent, received], Math.min),
      "Time since data was sent or received.",
      { short: "idle" },
    ),
    age_at_least_ms: milliseconds(
      age,
      "How long the connection stands at least; the kernel does not tell more.",
    ),
    send_estimate_bytes_per_s: rate(
      of(
        [cwnd, mss, rtt],
        (cwnd, mss, rtt) => Math.round(cwnd * mss * 1e6 / rtt),
      ),
      "Speed that the congestion window allows.",
    ),
    retrans_ratio: told(
      "ratio?",
      lossy,
      "What was sent again, of what was sent: whether the path loses packets.",
    ),
    queueing_us: microseconds(
      of([rtt, minRtt], (rtt, least) => Math.max(0, rtt - least)),
      "By how much a round trip takes longer than the shortest one: time in queues.",
    ),
    busy_ratio: told(
      "ratio?",
      of([busy, age], (busy, age) => ratio(busy, 1000 * age)),
      "Time with data to send, of the time that the connection stands at least.",
    ),
    peer_limited_ratio: told(
      "ratio?",
      peerLimited,
      "Time in which the other end's window was full, of the time with data to send.",
    ),
    buffer_limited_ratio: told(
      "ratio?",
      bufferLimited,
      "Time in which this end's buffer was full, of the time with data to send.",
    ),
    limited_by: told(
      "name?",
      limitedBy,
      "What holds the connection up: `peer` (the other end does not read), `buffer` " +
        "(this end's is small), `network` (loss) or `program` (nothing to send); null " +
        "if none does.",
      { words: LIMITS },
    ),
    in_flight_bytes: bytes(
      of(
        [unacked, sacked, lost, retrans, mss],
        (unacked, sacked, lost, retrans, mss) =>
          Math.max(0, unacked - sacked - lost + retrans) * mss,
      ),
      "Bytes on the way, counted in whole segments.",
    ),
    bdp_bytes: bytes(
      of(
        [unless<Long>(0, u64(160)), minRtt],
        (speed, least) => Math.round(speed * least / 1e6),
      ),
      "Bytes that the path holds at the speed of now.",
    ),
    ce_ratio: told(
      "ratio?",
      of([u32(196), u32(192)], ratio),
      "Segments that a congested router marked, of those that reached the other end.",
    ),
    out_of_order_ratio: told(
      "ratio?",
      of([u32(224), u32(152)], ratio),
      "Segments received out of order, of those received with data.",
    ),
    stuck_ms: milliseconds(
      (answer, view) => stuck(answer) ? acknowledged(answer, view) : null,
      "Time since the other end last answered; null unless it is waited for.",
    ),
  },
);

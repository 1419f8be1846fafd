/**
 * What lines of TCP, UDP, UDP-Lite and raw sockets tell that net-tools' text never
 * shows. TCP's keys are those of its inner state: the same values, in hundredths of a
 * second where netlink tells microseconds.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import type { Columns, Long } from "../core/contract/family.ts";
import { low32 } from "../core/contract/line.ts";
import type { Row } from "./_inet_line.ts";
import { LISTEN } from "./_tcp_states.ts";

/** Times are told in clock ticks: `USER_HZ` is 100 on every Linux. */
const TICK_US = 10_000;

/** What all of these lines tell. */
export const REST: Columns<Row> = {
  refcnt: fact(
    "integer?",
    (row) => row.refcnt,
    "Reference count; null if the kernel does not tell.",
    { rare: true },
  ),
  entry: fact(
    "integer?",
    (row) => row.entry,
    "Number of the entry in the kernel's table; null if it does not tell.",
    { rare: true },
  ),
};

/** A span of time in microseconds; null without one. */
function microseconds(ticks: Long | null): Long | null {
  if (ticks === null || typeof ticks === "bigint") return null;
  return ticks * TICK_US;
}

/** A field of a connection; null of a socket that listens. */
function ofConnection(row: Row, field: number): Long | null {
  return row.state === LISTEN ? null : row.last(field);
}

/** The last field of a line, which can be negative for none. */
function limit(row: Row): number | null {
  const value = row.last(4);
  return value === null || low32(value) < 0 ? null : low32(value);
}

/** `icsk_ack.quick` and `pingpong` are told as one number. */
function acknowledging(row: Row): number | null {
  const value = ofConnection(row, 2);
  return value === null ? null : low32(value) >>> 0;
}

/** What only TCP's lines tell: `get_tcp4_sock`, `get_tcp6_sock`. */
export const TCP_REST: Columns<Row> = {
  tcp_rto_us: fact(
    "duration?",
    (row) => microseconds(ofConnection(row, 0)),
    "Timeout of a segment now.",
    { unit: "microseconds", set: "tcp", rare: true, short: "rto" },
  ),
  tcp_ato_us: fact(
    "duration?",
    (row) => microseconds(ofConnection(row, 1)) || null,
    "Timeout of a delayed acknowledgement; null if there was none yet.",
    { unit: "microseconds", set: "tcp", rare: true },
  ),
  tcp_quick_acks: fact(
    "integer?",
    (row) => {
      const value = acknowledging(row);
      return value === null ? null : value >>> 1;
    },
    "Acknowledgements that are still sent at once.",
    { rare: true },
  ),
  tcp_pingpong: fact(
    "boolean?",
    (row) => {
      const value = acknowledging(row);
      return value === null ? null : (value & 1) === 1;
    },
    "Whether both ends talk in turn, so that acknowledgements wait for data.",
    { rare: true },
  ),
  tcp_snd_cwnd: fact(
    "integer?",
    (row) => row.last(3),
    "Congestion window.",
    { unit: "segments", set: "tcp", rare: true, short: "cwnd" },
  ),
  tcp_snd_ssthresh: fact(
    "integer?",
    (row) => row.state === LISTEN ? null : limit(row),
    "Window at which slow start ends; null if there is no such limit.",
    { unit: "segments", set: "tcp", rare: true, short: "ssthresh" },
  ),
  fastopen_queue_max: fact(
    "integer?",
    (row) => row.state === LISTEN ? limit(row) : null,
    "Most connections of TCP Fast Open that may wait for a listening socket to accept " +
      "them; 0 if it takes none.",
    { set: "backlog", rare: true },
  ),
};

/** What UDP's lines, and those of raw sockets, tell. */
export const DROPS: Columns<Row> = {
  drops: fact(
    "integer?",
    (row) => row.last(0),
    "Packets that this socket dropped; null if the kernel does not tell.",
    { unit: "packets", counter: true, set: "memory" },
  ),
};

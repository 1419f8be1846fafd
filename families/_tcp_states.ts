/**
 * States of TCP, by which the kernel tells those of other Internet sockets, too.
 *
 * @module
 */

import type { Tones } from "../core/contract/column.ts";

/** The states of `net/tcp_states.h`, from 1 on. */
export const TCP_STATES: Tones = {
  ESTABLISHED: "connected",
  SYN_SENT: "pending",
  SYN_RECV: "pending",
  FIN_WAIT1: "closing",
  FIN_WAIT2: "closing",
  TIME_WAIT: "closing",
  CLOSE: "closing",
  // the other end has closed; this end's process has not, and may never do so
  CLOSE_WAIT: "pending",
  LAST_ACK: "closing",
  LISTEN: "listening",
  CLOSING: "closing",
};
const STATES: readonly string[] = ["", ...Object.keys(TCP_STATES)];
/** `TCP_ESTABLISHED` */
export const ESTABLISHED = 1;
/** `TCP_CLOSE` */
export const CLOSE = 7;
/** `TCP_LISTEN` */
export const LISTEN = 10;

/** A bit for each state that procfs lists, as `idiag_states` has them. */
export const ALL_STATES: number = (1 << STATES.length) - 2;

/** `TCP_NEW_SYN_RECV`, which is shown as SYN_RECV. */
const NEW_SYN_RECV = 12;

/** The bits of each state. */
export const STATE_BITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    Object.keys(TCP_STATES).map((state, i) => [state, 2 << i]),
  ),
  SYN_RECV: 1 << 3 | 1 << NEW_SYN_RECV,
};

/** A TCP state; the kernel has none beyond this table. */
export function stateText(state: number): string {
  return STATES[state] ?? `UNKNOWN(${state})`;
}

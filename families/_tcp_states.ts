/**
 * States of TCP, by which the kernel tells those of other Internet sockets, too.
 *
 * @module
 */

/** `net/tcp_states.h` */
const STATES: readonly string[] = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
];
/** `TCP_ESTABLISHED` */
export const ESTABLISHED = 1;
/** `TCP_CLOSE` */
export const CLOSE = 7;
/** `TCP_LISTEN` */
export const LISTEN = 10;

/** A bit for each state that procfs lists, as `idiag_states` has them. */
export const ALL_STATES: number = (1 << STATES.length) - 2;

/** A TCP state; the kernel has none beyond this table. */
export function stateText(state: number): string {
  return STATES[state] ?? `UNKNOWN(${state})`;
}

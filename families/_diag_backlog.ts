/**
 * What becomes of TCP connections before and after a process has them: the queue of a
 * socket that listens, and connections that nobody holds any longer.
 *
 * @module
 */

import { FIXED } from "../core/contract/diag.ts";
import {
  all,
  count,
  type Fields,
  type Read,
  told,
  total,
  u32,
} from "./_diag_fields.ts";
import { countOf, showBit, SKMEMINFO, stateOf } from "./_diag_inet.ts";
import { LISTEN } from "./_tcp_states.ts";

const SYN_SENT = 2;
const SYN_RECV = 3;

/** FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING. */
const ENDING: ReadonlySet<number> = new Set([4, 5, 9, 11]);

/** ESTABLISHED, CLOSE_WAIT. */
const STANDING: ReadonlySet<number> = new Set([1, 8]);

/** Reads what only a listening socket has. */
function ofListener(read: Read<number>): Read<number> {
  return (answer, view) =>
    stateOf(answer) === LISTEN ? read(answer, view) : null;
}

/** Those fields. */
export const backlogFields: Fields = all({ set: "backlog" }, {
  accept_queue: count(
    ofListener(u32(FIXED, 56)),
    "Connections of a listening socket that are not yet accepted.",
  ),
  accept_queue_max: count(
    ofListener(u32(FIXED, 60)),
    "Most there can be; the queue is full if there is one more.",
  ),
  accept_queue_drops: total(
    ofListener(u32(SKMEMINFO, 32)),
    "Connections that a listening socket dropped, because its queue was full or for " +
      "another reason.",
    { unit: "packets", show: showBit(SKMEMINFO) },
  ),
  syn_retransmits: count(
    (answer) => {
      const state = stateOf(answer);
      return state === SYN_SENT || state === SYN_RECV ? countOf(answer) : null;
    },
    "How often a connection's beginning was sent again; null once it stands.",
  ),
  pending_accept: told(
    "boolean",
    (answer) => STANDING.has(stateOf(answer)) && answer.u32(FIXED, 68) === 0,
    "Whether the connection stands and is not yet accepted.",
  ),
  orphan: told(
    "boolean",
    (answer) => ENDING.has(stateOf(answer)) && answer.u32(FIXED, 68) === 0,
    "Whether the process has closed the socket and the kernel ends the connection.",
  ),
});

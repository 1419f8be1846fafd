/**
 * TCP and UDP sockets as netlink tells of them (sock_diag(7)).
 *
 * @module
 */

import { extended } from "../core/contract/column.ts";
import type { Diag, View } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";
import type { Row } from "./_inet_line.ts";
import { ALL_STATES, LISTEN, STATE_BITS } from "./_tcp_states.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;

/**
 * Parses a `struct inet_diag_msg` (linux/inet_diag.h), which `inet_sk_diag_fill`,
 * `inet_twsk_diag_fill` or `inet_req_diag_fill` wrote: numbers in the machine's
 * order, addresses and ports in that of the network.
 */
export function parseDiag(
  { bytes, start, end }: Pick<Line, "bytes" | "start" | "end">,
  row: Row,
): boolean {
  if (end - start < DIAG_LENGTH) return false;
  const length = bytes[start] === AF_INET6 ? 16 : 4;
  row.state = bytes[start + 1]!;
  row.localPort = bytes[start + 4]! << 8 | bytes[start + 5]!;
  row.remotePort = bytes[start + 6]! << 8 | bytes[start + 7]!;
  const { local, remote } = row;
  local.length = remote.length = length;
  for (let i = 0; i < length; i++) {
    local.bytes[i] = bytes[start + 8 + i]!;
    remote.bytes[i] = bytes[start + 24 + i]!;
  }
  row.rxQueue = word(bytes, start + 56);
  // a listening socket's is the length of its queue, which procfs does not tell
  row.txQueue = row.state === LISTEN ? 0 : word(bytes, start + 60);
  row.owned(word(bytes, start + 64) | 0, word(bytes, start + 68));
  return true;
}

/** Bytes of a `struct inet_diag_msg`. */
const DIAG_LENGTH = 72;

/** A 32-bit word in the order of the machines that Linux runs this program on. */
function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24) >>> 0;
}

/**
 * What netlink is asked for. It does not tell the timers' retransmissions as procfs
 * does, nor who owns a connection that is not yet established.
 */
function tcpStates(view: View): number {
  if (view.timers) return 0;
  if (!view.all && view.listening) return 1 << LISTEN;
  if (extended(view)) return 0;
  return view.all ? ALL_STATES : ALL_STATES & ~(1 << LISTEN);
}

/** How netlink is asked for the TCP sockets of IPv4 (`""`) or IPv6 (`"6"`). */
export function tcpDiag(suffix: "" | "6"): Diag {
  return {
    family: suffix === "" ? AF_INET : AF_INET6,
    protocol: IPPROTO_TCP,
    counted: { path: `/proc/net/sockstat${suffix}`, protocol: `TCP${suffix}` },
    together: true,
    states: tcpStates,
    named: STATE_BITS,
  };
}

/**
 * The same for UDP. For each part of its file the kernel walks the table from the start,
 * so that many sockets take it very long.
 */
export function udpDiag(suffix: "" | "6"): Diag {
  return {
    family: suffix === "" ? AF_INET : AF_INET6,
    protocol: IPPROTO_UDP,
    counted: { path: `/proc/net/sockstat${suffix}`, protocol: `UDP${suffix}` },
    many: 300,
    // it tells no timers
    states: (view) => view.timers ? 0 : ALL_STATES,
    named: STATE_BITS,
  };
}

/**
 * What the kernel tells of TCP, UDP, UDP-Lite and raw sockets over netlink: all that is in
 * their files, and much more.
 *
 * @module
 */

import type { Depth } from "../core/contract/depth.ts";
import { FIXED } from "../core/contract/diag.ts";
import type { Columns, View } from "../core/contract/family.ts";
import { deepColumns } from "./_diag_columns.ts";
import {
  countOf,
  DATAGRAMS,
  inetAsking,
  inetFields,
  showBit,
  timerOf,
} from "./_diag_inet.ts";
import { tcpFields } from "./_diag_tcp.ts";
import { INFO } from "./_diag_tcp_struct.ts";
import { RAW_COLUMNS, TCP_COLUMNS, UDP_COLUMNS } from "./_inet_columns.ts";
import { parseDiag } from "./_inet_diag.ts";
import type { Row } from "./_inet_line.ts";
import { ALL_STATES, ESTABLISHED, LISTEN, TCP_STATES } from "./_tcp_states.ts";

const AF_INET = 2;
const AF_INET6 = 10;

/** `idiag_timer`: retransmissions are counted; of any other one, probes. */
const RETRANSMISSION = 1;

/** Fills a row with what a line of its file tells. */
function parse(row: Row): boolean {
  const answer = row.answer!;
  if (!parseDiag(answer, row)) return false;
  row.timer = timerOf(answer);
  // clock ticks, of which the kernel tells tenths here
  row.when = answer.u32(FIXED, 52)! / 10;
  const count = countOf(answer);
  const probes = row.timer === RETRANSMISSION ? 0 : count;
  row.retransmits = answer.u8(INFO, 2) ?? count - probes;
  row.timeout = answer.u8(INFO, 3) ?? probes;
  return true;
}

/** TCP's columns, of which these are told apart only by `tcp_info`. */
function withCounts(columns: Columns<Row>): Columns<Row> {
  const { timer, retransmits, timeout } = columns;
  const show = showBit(INFO);
  return {
    ...columns,
    timer: { ...timer!, show },
    retransmits: { ...retransmits!, show },
    timeout: { ...timeout!, show },
  };
}

const COLUMNS = {
  tcp: deepColumns(withCounts(TCP_COLUMNS), tcpFields),
  udp: deepColumns(UDP_COLUMNS, inetFields(DATAGRAMS)),
  raw: deepColumns(RAW_COLUMNS, inetFields(DATAGRAMS)),
};

/** `TCP_NEW_SYN_RECV`, which is shown as SYN_RECV. */
const NEW_SYN_RECV = 12;

/** The bits of TCP's states. */
const NAMED: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    Object.keys(TCP_STATES).map((state, i) => [state, 2 << i]),
  ),
  SYN_RECV: 1 << 3 | 1 << NEW_SYN_RECV,
};

/** A protocol, by the name of its file. */
export type InetProtocol = "tcp" | "udp" | "udplite" | "raw";

/** A protocol: `sdiag_protocol`, what its rows have, and which of them a view lists. */
interface Protocol extends Pick<Depth<Row>, "columns" | "states" | "named"> {
  readonly number: number;
}

const DATAGRAM_STATES = { ESTABLISHED: 1 << ESTABLISHED };

const PROTOCOLS: Readonly<Record<InetProtocol, Protocol>> = {
  tcp: { number: 6, columns: COLUMNS.tcp, states: tcpStates, named: NAMED },
  udp: { number: 17, columns: COLUMNS.udp, named: DATAGRAM_STATES },
  udplite: { number: 136, columns: COLUMNS.udp, named: DATAGRAM_STATES },
  raw: { number: 255, columns: COLUMNS.raw, named: DATAGRAM_STATES },
};

/** The states that the view lists, a bit each: those that procfs does. */
function tcpStates(view: View): number {
  if (view.all) return ALL_STATES;
  return view.listening ? 1 << LISTEN : ALL_STATES & ~(1 << LISTEN);
}

/** The depth of a protocol of IPv4 (`""`) or IPv6 (`"6"`). */
export function inetDepth(
  protocol: InetProtocol,
  suffix: "" | "6",
): Depth<Row> {
  const { number, ...rest } = PROTOCOLS[protocol];
  const asking = inetAsking(suffix === "" ? AF_INET : AF_INET6, number);
  return { ...rest, asking: () => asking, parse };
}

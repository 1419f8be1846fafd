/**
 * What the kernel tells of TCP, UDP, UDP-Lite and raw sockets over netlink: all that is in
 * their files, and much more.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import {
  type AskMore,
  deepened,
  type Depth,
  type Finding,
} from "../core/contract/depth.ts";
import { type Asking, FIXED, INET_ASKING } from "../core/contract/diag.ts";
import type { Columns, Long, View } from "../core/contract/family.ts";
import { byteString } from "../core/contract/line.ts";
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
import { rawColumns, tcpColumns, udpColumns } from "./_inet_columns.ts";
import { parseDiag } from "./_inet_diag.ts";
import { Bound, Ends } from "./_inet_ends.ts";
import { Row } from "./_inet_line.ts";
import { REST, TCP_REST } from "./_inet_rest.ts";
import { peerColumns } from "./_peer_columns.ts";
import { ALL_STATES, ESTABLISHED, LISTEN, STATE_BITS } from "./_tcp_states.ts";

const AF_INET = 2;
const AF_INET6 = 10;

/** `idiag_timer`: retransmissions are counted; of any other one, probes. */
const RETRANSMISSION = 1;

/** `struct inet_diag_sockid`, up to the interface. */
const ENDS = new DataView(new ArrayBuffer(INET_ASKING.ends!.bytes));
const SOURCE = new Uint8Array(ENDS.buffer, 4, 16);
const TARGET = new Uint8Array(ENDS.buffer, 20, 16);

/** Both ends as an answer has them. */
function ends({ local, remote, localPort, remotePort }: Row): string {
  ENDS.setUint16(0, localPort);
  ENDS.setUint16(2, remotePort);
  for (
    const [into, { bytes, length }] of [[SOURCE, local], [
      TARGET,
      remote,
    ]] as const
  ) {
    into.fill(0);
    into.set(bytes.subarray(0, length));
  }
  return byteString(new Uint8Array(ENDS.buffer));
}

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

const LISTENER_INODE =
  "Inode of the socket that listens where the connection came in, or would come in " +
  "again; null if none does, or several.";

function listenerInode({ remotePort, listeners }: Row): Long | null {
  const [one, more] = remotePort === 0 ? [] : listeners?.() ?? [];
  return one === undefined || more !== undefined ? null : one.inode;
}

/** What net-tools leaves unread of lines. */
const OF_LINES: ReadonlySet<string> = new Set(
  Object.keys({ ...REST, ...TCP_REST }),
);

/** What lines tell, and answers do not. */
const LACKS: ReadonlySet<string> = new Set(
  [...OF_LINES].filter((key) => !Object.hasOwn(tcpFields, key)),
);

const COLUMNS: Readonly<Record<"tcp" | "udp" | "raw", Columns<Row>>> = {
  tcp: {
    ...deepColumns(withCounts(tcpColumns()), tcpFields, OF_LINES),
    listener_inode: fact("integer?", listenerInode, LISTENER_INODE, {
      set: "backlog",
      needs: "diag",
    }),
    ...peerColumns(tcpColumns().owners!),
  },
  udp: {
    ...deepColumns(udpColumns(), inetFields(DATAGRAMS)),
    ...peerColumns(udpColumns().owners!),
  },
  raw: deepColumns(rawColumns(), inetFields(DATAGRAMS)),
};

/** A protocol, by the name of its file. */
export type InetProtocol = "tcp" | "udp" | "udplite" | "raw";

/** A protocol: `sdiag_protocol`, what its rows have, and which of them a view lists. */
interface Protocol
  extends Pick<Depth<Row>, "columns" | "states" | "named" | "finding"> {
  readonly number: number;
}

/** The states that the view lists, a bit each: those that procfs does. */
function tcpStates(view: View): number {
  if (view.all) return ALL_STATES;
  return view.listening ? 1 << LISTEN : ALL_STATES & ~(1 << LISTEN);
}

const DATAGRAMS_NAMED = { ESTABLISHED: 1 << ESTABLISHED };

const PROTOCOLS: Readonly<Record<InetProtocol, Protocol>> = {
  tcp: {
    number: 6,
    columns: COLUMNS.tcp,
    states: tcpStates,
    named: STATE_BITS,
    finding: finding("tcp"),
  },
  udp: {
    number: 17,
    columns: COLUMNS.udp,
    named: DATAGRAMS_NAMED,
    finding: finding("udp"),
  },
  udplite: {
    number: 136,
    columns: COLUMNS.udp,
    named: DATAGRAMS_NAMED,
    finding: finding("udplite"),
  },
  raw: { number: 255, columns: COLUMNS.raw, named: DATAGRAMS_NAMED },
};

/** Where the other ends are: of a connection over IPv4 one can be a socket of IPv6. */
function finding(protocol: InetProtocol): Finding<Row> {
  return {
    show: 0,
    async tables() {
      const { sockets } = await import("./_inet.ts");
      const tables = [...sockets("").tables, ...sockets("6").tables]
        .filter(({ sources: [source] }) => source!.protocol === protocol);
      return await Promise.all(tables.map((table) => deepened(table, true)));
    },
    start: () => new Ends(protocol !== "tcp"),
  };
}

function askingOf(protocol: InetProtocol, suffix: "" | "6"): Asking {
  const family = suffix === "" ? AF_INET : AF_INET6;
  return inetAsking(family, PROTOCOLS[protocol].number);
}

/** Lets a row of TCP ask who listens; the kernel is asked once, if at all. */
function begin(row: Row, ask: AskMore): void {
  let bound: Bound | undefined;
  row.listeners = () => {
    bound ??= listening(ask);
    return bound.at(row.local, row.localPort);
  };
}

function listening(ask: AskMore): Bound {
  const bound = new Bound();
  const row = new Row({ path: "" });
  for (const suffix of ["", "6"] as const) {
    ask(askingOf("tcp", suffix), 1 << LISTEN, (answer) => {
      row.answer = answer;
      if (parse(row)) bound.add(row);
    });
  }
  return bound;
}

/** The depth of a protocol of IPv4 (`""`) or IPv6 (`"6"`). */
export function inetDepth(
  protocol: InetProtocol,
  suffix: "" | "6",
): Depth<Row> {
  const { number: _, ...rest } = PROTOCOLS[protocol];
  const asking = askingOf(protocol, suffix);
  return {
    ...rest,
    ...(protocol === "tcp" ? { begin } : {}),
    asking: () => asking,
    parse,
    ends,
    lacks: LACKS,
  };
}

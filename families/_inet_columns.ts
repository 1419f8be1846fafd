/**
 * The columns of TCP, UDP, UDP-Lite and raw sockets.
 *
 * @module
 */

import {
  among,
  extended,
  fact,
  late,
  left,
  ownerColumns,
  queueTone,
  right,
  userColumns,
} from "../core/contract/column.ts";
import type {
  Column,
  Columns,
  Long,
  Out,
  View,
} from "../core/contract/family.ts";
import {
  type Address,
  spanOf,
  spellAddress,
  writePlainAddress,
} from "../core/contract/ip.ts";
import { signed64 } from "../core/contract/line.ts";
import { HOST_MOST, hostOf, writeHost } from "./_hosts.ts";
import type { Row } from "./_inet_line.ts";
import { DROPS, REST, TCP_REST } from "./_inet_rest.ts";
import {
  CLOSE,
  ESTABLISHED,
  LISTEN,
  stateText,
  TCP_STATES,
} from "./_tcp_states.ts";

const COLON = 58;

/** Timers are printed in clock ticks: `USER_HZ` is 100 on every Linux. */
const USER_HZ = 100;

/** Which names a protocol's ports have. */
export type Ports = "tcp" | "udp" | "raw";

/** Columns of 23 bytes hold an address, a colon and a port. */
const CELL = 22;
const PORT_MOST = 18;
/** The longest name of a service that is shown. */
export const SERVICE_MOST = 63;

/** Writes `address:port`, cut to its column as net-tools does. */
function writeEndpoint(
  out: Out,
  address: Address,
  port: number,
  ports: Ports,
  view: View,
): void {
  const start = out.at;
  writeHost(out, address, view);
  const host = out.at - start;
  out.bytes[out.at++] = COLON;
  writePort(out, port & 0xffff, ports, view);
  const rest = out.at - start - host - 1;
  if (view.wide) {
    out.at = Math.min(out.at, start + HOST_MOST);
  } else if (host + rest > CELL) {
    // the port keeps its place, the address loses its end
    const portLength = Math.min(rest, PORT_MOST);
    const hostLength = Math.min(host, CELL - portLength);
    const from = start + host;
    out.bytes.copyWithin(start + hostLength, from, from + 1 + portLength);
    out.at = start + hostLength + 1 + portLength;
  }
}

function writePort(out: Out, port: number, ports: Ports, view: View): void {
  if (port === 0) return out.byte(42);
  const name = serviceName(port, ports, view);
  if (name === undefined) out.integer(port);
  else out.foreign(name.slice(0, SERVICE_MOST));
}

function serviceName(
  port: number,
  ports: Ports,
  view: View,
): string | undefined {
  return view.numericPorts || port === 0
    ? undefined
    : view.names.service(port, ports);
}

/** A timer's text: `%s (%2.2f/%ld/%d)`. */
function writeTimer(
  out: Out,
  kind: string,
  when: Long,
  retransmits: Long,
  timeout: number,
): void {
  out.ascii(`${kind} (${hundredths(when)}/`);
  out.integer(signed64(retransmits));
  out.byte(47);
  out.integer(timeout);
  out.byte(41);
}

/** Clock ticks as seconds, `%2.2f`, exactly. */
function hundredths(ticks: Long): string {
  if (ticks > 2 ** 53) return (Number(ticks) / USER_HZ).toFixed(2);
  const digits = ticks.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Clock ticks without the tenths that only netlink tells, as procfs has them. */
function wholeTicks(when: Long): Long {
  return typeof when === "number" ? Math.trunc(when) : when;
}

/** How the protocols differ whose lines look alike. */
export interface Protocol {
  /** Its name in messages. */
  readonly name: string;
  /** How many fields a line has at the least. */
  readonly least: number;
  /** Which names its ports have. */
  readonly ports: Ports;
  /** Whether `-l` lists it. */
  server(row: Row): boolean;
  /** Whether it listens. */
  listens(row: Row): boolean;
  /** The state as text spells it. */
  state(row: Row): string;
  /** The state as JSON spells it; null if it has no name. */
  readonly stateName: (row: Row) => string | null;
  /** The timer's kind as text. */
  timer(kind: number): string;
  /** The kinds that there are. */
  readonly timers: readonly string[];
  /** The retransmits that the text shows. */
  retransmits(row: Row): Long;
  /** What its lines tell besides. */
  readonly rest: Columns<Row>;
}

const tcpTimers = ["off", "on", "keepalive", "timewait", "probe"];
const datagramTimers = ["off", "on1", "on2"];

/** TCP. */
export const TCP: Protocol = {
  name: "tcp",
  least: 11,
  ports: "tcp",
  server: (row) => row.remotePort === 0,
  listens: (row) => row.state === LISTEN,
  state: (row) => stateText(row.state),
  stateName: (row) => stateText(row.state) || null,
  timer: (kind) => tcpTimers[kind] ?? `unkn-${kind}`,
  timers: tcpTimers,
  retransmits: (row) => row.retransmits,
  rest: TCP_REST,
};

/** UDP and UDP-Lite. */
export const UDP: Protocol = {
  name: "udp",
  least: 10,
  ports: "udp",
  server: (row) => row.remote.isNull(),
  listens: (row) => row.remote.isNull(),
  state: ({ state }) =>
    state === ESTABLISHED ? "ESTABLISHED" : state === CLOSE ? "" : "UNKNOWN",
  stateName: (row) => UDP.state(row) || null,
  timer: datagramTimer,
  timers: datagramTimers,
  // net-tools: shows 0 whatever the file says
  retransmits: () => 0,
  rest: DROPS,
};

/** Raw IP. */
export const RAW: Protocol = {
  name: "raw",
  least: 10,
  ports: "raw",
  server: (row) => row.remote.isNull(),
  listens: (row) => row.remote.isNull(),
  state: (row) => row.state.toString(),
  stateName: ({ state }) => state === ESTABLISHED ? "ESTABLISHED" : null,
  timer: datagramTimer,
  timers: datagramTimers,
  retransmits: (row) => row.retransmits,
  rest: DROPS,
};

function datagramTimer(kind: number): string {
  return datagramTimers[kind] ?? `unkn-${kind}`;
}

/** The inode's column, which only `-e` shows. */
export function inodeColumn<R extends { inode: Long }>(): Column<R> {
  return left(
    "Inode",
    10,
    (row) => row.inode,
    "Inode of the socket; 0 if no process holds it.",
    { kind: "integer", shown: extended },
  );
}

/** The column specs of a protocol. */
function columnsOf(protocol: Protocol): Columns<Row> {
  const { ports } = protocol;
  return {
    proto: left(
      "Proto",
      5,
      (row) => row.proto,
      "Protocol, with a 6 if the row is from an IPv6 table.",
      { kind: "name" },
    ),
    recv_q: right(
      "Recv-Q",
      6,
      (row) => signed64(row.rxQueue),
      "Bytes that the process has not read; of a listening TCP socket, " +
        "connections not yet accepted.",
      { unit: "bytes", tone: queueTone((row) => row.rxQueue) },
    ),
    send_q: right(
      "Send-Q",
      6,
      (row) => signed64(row.txQueue),
      "Bytes that the other side has not acknowledged.",
      { unit: "bytes", tone: queueTone((row) => row.txQueue) },
    ),
    local_address: left(
      "Local Address",
      23,
      (row) => spellAddress(row.local),
      "Local address, numeric.",
      {
        kind: "address",
        write: (out, row, view) =>
          writeEndpoint(out, row.local, row.localPort, ports, view),
        names: (row, view) => hostOf(row.local, view),
        tells: ["local_address", "local_port"],
        put: (out, row) => writePlainAddress(out, row.local),
        span: (row, into) => spanOf(row.local, into),
        tone: (row) => protocol.listens(row) ? "listening" : undefined,
      },
    ),
    local_host: fact(
      "string?",
      (row, view) => hostOf(row.local, view),
      "Name of the local address; null without one or with -n.",
      { needs: "names" },
    ),
    local_port: fact(
      "port",
      (row) => row.localPort & 0xffff,
      "Local port; of a raw socket, the IP protocol.",
    ),
    local_service: fact(
      "string?",
      (row, view) => serviceName(row.localPort & 0xffff, ports, view) ?? null,
      "Name of the local port; null without one or with --numeric-ports.",
    ),
    foreign_address: left(
      "Foreign Address",
      23,
      (row) => spellAddress(row.remote),
      "Remote address, numeric.",
      {
        kind: "address",
        write: (out, row, view) =>
          writeEndpoint(out, row.remote, row.remotePort, ports, view),
        names: (row, view) => hostOf(row.remote, view),
        tells: ["foreign_address", "foreign_port"],
        put: (out, row) => writePlainAddress(out, row.remote),
        span: (row, into) => spanOf(row.remote, into),
      },
    ),
    foreign_host: fact(
      "string?",
      (row, view) => hostOf(row.remote, view),
      "Name of the remote address; null without one or with -n.",
      { needs: "names" },
    ),
    foreign_port: fact(
      "port",
      (row) => row.remotePort & 0xffff,
      "Remote port; 0 if there is none.",
    ),
    foreign_service: fact(
      "string?",
      (row, view) => serviceName(row.remotePort & 0xffff, ports, view) ?? null,
      "Name of the remote port; null without one or with --numeric-ports.",
    ),
    state: left(
      "State",
      11,
      protocol.stateName,
      "State; null if it has no name.",
      {
        kind: "name?",
        write: (out, row) => out.ascii(protocol.state(row)),
        ...among(protocol.stateName, TCP_STATES),
      },
    ),
    state_num: fact(
      "integer",
      (row) => row.state,
      "State as the kernel numbers it (net/tcp_states.h).",
    ),
    ...userColumns<Row>(),
    inode: inodeColumn<Row>(),
    ...ownerColumns<Row>((row) => row.inode),
    timer: left(
      "Timer",
      0,
      (row) => protocol.timer(row.timer),
      "Timer that runs.",
      {
        kind: "name",
        words: protocol.timers,
        shown: (view) => view.timers,
        write: (out, row) =>
          writeTimer(
            out,
            protocol.timer(row.timer),
            row.timer === 0 ? 0 : wholeTicks(row.when),
            protocol.retransmits(row),
            row.timeout,
          ),
      },
    ),
    timer_num: fact(
      "integer",
      (row) => row.timer,
      "Timer as the kernel numbers it.",
    ),
    timer_ms: fact(
      "duration",
      ({ when }) =>
        typeof when === "number"
          ? Math.round(when * (1000 / USER_HZ))
          : when * BigInt(1000 / USER_HZ),
      "Milliseconds until the timer expires.",
      { unit: "milliseconds" },
    ),
    retransmits: fact(
      "integer",
      (row) => row.retransmits,
      "Retransmissions of the oldest unacknowledged segment.",
    ),
    timeout: fact(
      "integer",
      (row) => row.timeout,
      "Zero-window probes that were not answered.",
    ),
    ...protocol.rest,
    ...REST,
  };
}

/** The columns of TCP, */
export const tcpColumns: () => Columns<Row> = late(() => columnsOf(TCP));
/** of UDP and UDP-Lite, */
export const udpColumns: () => Columns<Row> = late(() => columnsOf(UDP));
/** and of raw IP. */
export const rawColumns: () => Columns<Row> = late(() => columnsOf(RAW));

/**
 * What IPv4 and IPv6 share: the socket tables of TCP, UDP, UDP-Lite, raw IP and
 * SCTP, which differ only in the files that they are read from.
 *
 * @module
 */

import {
  extended,
  fact,
  kept,
  left,
  listed,
  ownerColumns,
  queueTone,
  right,
  stateTone,
  userColumns,
} from "../core/column.ts";
import type {
  Column,
  Columns,
  Diag,
  Family,
  Long,
  Out,
  Source,
  Table,
  Title,
  View,
} from "../core/family.ts";
import {
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  wordBytes,
  writeAddress,
  writePlainAddress,
} from "../core/ip.ts";
import { HEX, hex4, hex8, type Line, signed64, strtoul } from "../core/line.ts";
import { groups } from "./_groups.ts";
import { HOST_MOST, hostOf, writeHost } from "./_hosts.ts";
import { decimal } from "./_words.ts";

const COLON = 58;
const QUOTE = 34;
const BLANK = 32;

/** Timers are printed in clock ticks: `USER_HZ` is 100 on every Linux. */
const USER_HZ = 100;

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
const ESTABLISHED = 1;
const CLOSE = 7;
const LISTEN = 10;

/** A bit for each state that procfs lists, as `idiag_states` has them. */
const ALL_STATES = (1 << STATES.length) - 2;

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;

/** The title that all Internet sockets share. */
const TITLE: Title = {
  text: (view) => `Active Internet connections ${listed(view)}`,
  always: true,
};

/** A line of tcp, udp, udplite or raw. */
class Row {
  readonly proto: string;
  readonly local = new Address();
  readonly remote = new Address();
  localPort = 0;
  remotePort = 0;
  state = 0;
  txQueue: Long = 0;
  rxQueue: Long = 0;
  timer = 0;
  when: Long = 0;
  retransmits: Long = 0;
  #uid = 0;
  #timeout = 0;
  #inode: Long = 0;
  #rest: Line | undefined;

  constructor(source: Source) {
    this.proto = source.proto;
  }

  /** The fields that few views show are read from here when they are wanted. */
  set rest(line: Line) {
    this.#rest = line;
  }

  get uid(): number {
    this.#readRest();
    return this.#uid;
  }

  get timeout(): number {
    this.#readRest();
    return this.#timeout;
  }

  get inode(): Long {
    this.#readRest();
    return this.#inode;
  }

  /** Takes those fields from elsewhere. */
  owned(uid: number, inode: Long): void {
    this.#rest = undefined;
    this.#uid = uid;
    this.#timeout = 0;
    this.#inode = inode;
  }

  /** They may be missing; the line is good all the same. */
  #readRest(): void {
    const line = this.#rest;
    if (line === undefined) return;
    this.#rest = undefined;
    this.#uid = line.decimal32();
    this.#timeout = line.decimal32();
    this.#inode = line.decimal();
  }
}

/**
 * Parses a line of `tcp4_seq_show`, `tcp6_seq_show`, `udp4_format_sock`,
 * `__ip6_dgram_sock_seq_show` or `raw_sock_seq_show`:
 *
 * ```text
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 26711 …
 * ```
 */
function parse(line: Line, row: Row, leastFields: number): boolean {
  return parseExact(line, row) || parseLoosely(line, row, leastFields);
}

/** {@linkcode parse} for a line that looks exactly as the kernel writes it. */
function parseExact(line: Line, row: Row): boolean {
  const bytes = line.bytes;
  let at = line.start;
  while (bytes[at] === BLANK) at++;
  const slot = at;
  while (at < line.end && bytes[at]! - 48 >>> 0 < 10) at++;
  if (at === slot || bytes[at] !== COLON || bytes[at + 1] !== BLANK) {
    return false;
  }
  at += 2;

  const length = bytes[at + 8] === COLON ? 8 : 32;
  // the fields up to the retransmits have fixed widths, which also keeps all that
  // is looked at here inside of the line
  const state = at + 2 * length + 12;
  if (state + 41 >= line.end) return false;
  const { local, remote } = row;
  local.length = remote.length = length === 8 ? 4 : 16;
  const there = at + length + 6;
  let bad = 0;
  for (let i = 0; i < length; i += 8) {
    bad |= hexWord(bytes, at + i, local.bytes, i >> 1) |
      hexWord(bytes, there + i, remote.bytes, i >> 1);
  }
  const localPort = hex4(bytes, at + length + 1);
  const remotePort = hex4(bytes, there + length + 1);
  const status = HEX[bytes[state]!]! << 4 | HEX[bytes[state + 1]!]!;
  const tx = hex8(bytes, state + 3);
  const rx = hex8(bytes, state + 12);
  const timer = HEX[bytes[state + 21]!]! << 4 | HEX[bytes[state + 22]!]!;
  const when = hex8(bytes, state + 24);
  const retransmits = hex8(bytes, state + 33);
  if (
    (bad | localPort | remotePort | status | timer) < 0 ||
    tx < 0 || rx < 0 || when < 0 || retransmits < 0 ||
    bytes[at + length] !== COLON || bytes[at + length + 5] !== BLANK ||
    bytes[there + length] !== COLON || bytes[state - 1] !== BLANK ||
    bytes[state + 2] !== BLANK || bytes[state + 11] !== COLON ||
    bytes[state + 20] !== BLANK || bytes[state + 23] !== COLON ||
    bytes[state + 32] !== BLANK || bytes[state + 41] !== BLANK
  ) return false;

  row.localPort = localPort;
  row.remotePort = remotePort;
  row.state = status;
  row.txQueue = tx;
  row.rxQueue = rx;
  row.timer = timer;
  row.when = when;
  row.retransmits = retransmits;
  line.at = state + 41;
  row.rest = line;
  return true;
}

/** {@linkcode parse} for any line, by the rules of `sscanf`. */
function parseLoosely(line: Line, row: Row, leastFields: number): boolean {
  line.rewind();
  line.decimal32();
  line.skip(COLON);
  const localDigits = line.digits(64);
  const local = line.at - localDigits;
  line.skip(COLON);
  row.localPort = line.hex32();
  const remoteDigits = line.digits(64);
  const remote = line.at - remoteDigits;
  line.skip(COLON);
  row.remotePort = line.hex32();
  row.state = line.hex32();
  row.txQueue = line.hex();
  line.skip(COLON);
  row.rxQueue = line.hex();
  row.timer = line.hex32();
  line.skip(COLON);
  row.when = line.hex();
  row.retransmits = line.hex();
  if (line.fields < leastFields) return false;
  row.rest = line;

  const inet6 = localDigits > 8;
  return addressOf(line, local, localDigits, inet6, row.local) &&
    addressOf(line, remote, remoteDigits, inet6, row.remote);
}

/**
 * Parses a `struct inet_diag_msg` (linux/inet_diag.h), which `inet_sk_diag_fill`,
 * `inet_twsk_diag_fill` or `inet_req_diag_fill` wrote: numbers in the machine's
 * order, addresses and ports in that of the network.
 */
function parseDiag({ bytes, start, end }: Line, row: Row): boolean {
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

/** Reads an address; its form is told by the length of the line's local one. */
function addressOf(
  line: Line,
  at: number,
  digits: number,
  inet6: boolean,
  address: Address,
): boolean {
  address.length = inet6 ? 16 : 4;
  if (!inet6) {
    // as strtoul: what does not fit into 64 bits is all ones, of the rest 32 count
    const value = BigInt(`0x${line.text(at, at + digits)}`);
    const word = value >> 64n > 0n ? 0xffff_ffffn : BigInt.asUintN(32, value);
    wordBytes(Number(word), address.bytes);
    return true;
  }
  if (digits < 32) return false;
  for (let i = 0; i < 32; i += 8) {
    hexWord(line.bytes, at + i, address.bytes, i >> 1);
  }
  return true;
}

/** Writes an address as a JSON string. */
function writeQuoted(out: Out, address: Address): void {
  out.byte(QUOTE);
  writePlainAddress(out, address);
  out.byte(QUOTE);
}

/** Which names a protocol's ports have. */
type Ports = "tcp" | "udp" | "raw";

/** Columns of 23 bytes hold an address, a colon and a port. */
const CELL = 22;
const PORT_MOST = 18;
const SERVICE_MOST = 63;

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

/** How the protocols of this file differ. */
interface Kind {
  readonly name: string;
  readonly least: number;
  readonly ports: Ports;
  /** Whether `-l` lists it. */
  server(row: Row): boolean;
  /** Whether it listens. */
  listens(row: Row): boolean;
  /** The state as text and as JSON spell it. */
  state(row: Row): string;
  readonly stateName: (row: Row) => string | null;
  /** The timer's kind as text. */
  timer(kind: number): string;
  /** The retransmits that the text shows. */
  retransmits(row: Row): Long;
}

const tcpTimers = ["off", "on", "keepalive", "timewait", "probe"];

const TCP: Kind = {
  name: "tcp",
  least: 11,
  ports: "tcp",
  server: (row) => row.remotePort === 0,
  listens: (row) => row.state === LISTEN,
  state: (row) => stateText(row.state),
  stateName: (row) => stateText(row.state) || null,
  timer: (kind) => tcpTimers[kind] ?? `unkn-${kind}`,
  retransmits: (row) => row.retransmits,
};

/** A TCP state; the kernel has none beyond this table. */
function stateText(state: number): string {
  return STATES[state] ?? `UNKNOWN(${state})`;
}

const UDP: Kind = {
  name: "udp",
  least: 10,
  ports: "udp",
  server: (row) => row.remote.isNull(),
  listens: (row) => row.remote.isNull(),
  state: ({ state }) =>
    state === ESTABLISHED ? "ESTABLISHED" : state === CLOSE ? "" : "UNKNOWN",
  stateName: (row) => UDP.state(row) || null,
  timer: datagramTimer,
  // net-tools: shows 0 whatever the file says
  retransmits: () => 0,
};

const RAW: Kind = {
  name: "raw",
  least: 10,
  ports: "raw",
  server: (row) => row.remote.isNull(),
  listens: (row) => row.remote.isNull(),
  state: (row) => row.state.toString(),
  stateName: ({ state }) => state === ESTABLISHED ? "ESTABLISHED" : null,
  timer: datagramTimer,
  retransmits: (row) => row.retransmits,
};

function datagramTimer(kind: number): string {
  if (kind === 0) return "off";
  return kind === 1 || kind === 2 ? `on${kind}` : `unkn-${kind}`;
}

/** The inode's column, which only `-e` shows. */
function inodeColumn<R extends { inode: Long }>(): Column<R> {
  return left(
    "Inode",
    10,
    (row) => row.inode,
    "Inode of the socket; 0 if no process holds it.",
    { type: "integer", shown: extended },
  );
}

/** The column specs of a protocol. */
function columnsOf(kind: Kind): Columns<Row> {
  const { ports } = kind;
  return {
    proto: left(
      "Proto",
      5,
      (row) => row.proto,
      "Protocol, with a 6 if the row is from an IPv6 table.",
    ),
    recv_q: right(
      "Recv-Q",
      6,
      (row) => signed64(row.rxQueue),
      "Bytes that the process has not read; of a listening TCP socket, " +
        "connections not yet accepted.",
      { tone: queueTone((row) => row.rxQueue) },
    ),
    send_q: right(
      "Send-Q",
      6,
      (row) => signed64(row.txQueue),
      "Bytes that the other side has not acknowledged.",
      { tone: queueTone((row) => row.txQueue) },
    ),
    local_address: left(
      "Local Address",
      23,
      (row) => spellAddress(row.local),
      "Local address, numeric.",
      {
        write: (out, row, view) =>
          writeEndpoint(out, row.local, row.localPort, ports, view),
        json: (out, row) => writeQuoted(out, row.local),
        tone: (row) => kind.listens(row) ? "listening" : undefined,
      },
    ),
    local_host: fact(
      "string?",
      (row, view) => hostOf(row.local, view),
      "Name of the local address; null without one or with -n.",
    ),
    local_port: fact(
      "integer",
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
        write: (out, row, view) =>
          writeEndpoint(out, row.remote, row.remotePort, ports, view),
        json: (out, row) => writeQuoted(out, row.remote),
      },
    ),
    foreign_host: fact(
      "string?",
      (row, view) => hostOf(row.remote, view),
      "Name of the remote address; null without one or with -n.",
    ),
    foreign_port: fact(
      "integer",
      (row) => row.remotePort & 0xffff,
      "Remote port; 0 if there is none.",
    ),
    foreign_service: fact(
      "string?",
      (row, view) => serviceName(row.remotePort & 0xffff, ports, view) ?? null,
      "Name of the remote port; null without one or with --numeric-ports.",
    ),
    state: left("State", 11, kind.stateName, "State; null if it has no name.", {
      type: "string?",
      write: (out, row) => out.ascii(kind.state(row)),
      tone: stateTone(kind.stateName),
    }),
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
      (row) => kind.timer(row.timer),
      "Timer that runs.",
      {
        shown: (view) => view.timers,
        write: (out, row) =>
          writeTimer(
            out,
            kind.timer(row.timer),
            row.timer === 0 ? 0 : row.when,
            kind.retransmits(row),
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
      "integer",
      (row) =>
        typeof row.when === "number"
          ? row.when * (1000 / USER_HZ)
          : row.when * BigInt(1000 / USER_HZ),
      "Milliseconds until the timer expires.",
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
  };
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

const TCP_COLUMNS = columnsOf(TCP);
const UDP_COLUMNS = columnsOf(UDP);
const RAW_COLUMNS = columnsOf(RAW);

function table(
  kind: Kind,
  columns: Columns<Row>,
  source: Source,
): Table<Row> {
  return {
    name: kind.name,
    sources: [source],
    title: TITLE,
    columns,
    header: TCP_COLUMNS,
    lineLimit: 8191,
    row: (source) => new Row(source),
    parse: (line, row) => parse(line, row, kind.least),
    parseDiag,
    hosts: true,
    keep: (row, view) => kept(kind.server(row), view),
    inode: (row) => row.inode,
    ends: (row) =>
      mixed(mixed(0, row.local, row.localPort), row.remote, row.remotePort),
  };
}

/** Mixes an address and a port into a number of 32 bits, as FNV-1a does. */
function mixed(hash: number, { bytes, length }: Address, port: number): number {
  hash = Math.imul(hash ^ port, 16777619);
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 16777619);
  }
  return hash;
}

/** A row of `sctp/eps` or `sctp/assocs`. */
interface SctpRow {
  readonly proto: string;
  readonly endpoint: boolean;
  state: number;
  associationState: number;
  txQueue: number;
  rxQueue: number;
  uid: number;
  inode: Long;
  localPort: number;
  remotePort: number;
  association: number;
  /** Addresses as the kernel writes them, but for the `*` of the primary ones. */
  local: string[];
  remote: string[];
  localPrimary: string | undefined;
  remotePrimary: string | undefined;
}

/** Words as C's `strtok` makes them with blanks and tabs, and what follows them. */
function words(text: string, most: number): { words: string[]; rest: string } {
  const found: string[] = [];
  let rest = text;
  while (found.length < most) {
    const match = /^[ \t]*([^ \t\n]+)[ \t\n]?/.exec(rest);
    if (match === null) break;
    found.push(match[1]!);
    rest = rest.slice(match[0].length);
  }
  return { words: found, rest };
}

/** `atoi`: the number at the start of a word, 0 without one. */
function integer(word: string): number {
  return decimal(word) ?? 0;
}

/**
 * Parses a line of `sctp_eps_seq_show`:
 *
 * ```text
 *  ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
 * ```
 */
function parseEndpoint(line: Line, row: SctpRow): boolean {
  const { words: w, rest } = words(lineText(line), 8);
  if (w.length < 8) return false;
  row.state = integer(w[3]!);
  row.localPort = integer(w[5]!) & 0xffff;
  row.uid = integer(w[6]!);
  row.inode = strtoul(w[7]!);
  row.local = addresses(rest.split(/[\t\n]+/).find((piece) => piece !== ""));
  return true;
}

/**
 * Parses a line of `sctp_assocs_seq_show`:
 *
 * ```text
 *  ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT …
 * ```
 */
function parseAssociation(line: Line, row: SctpRow): boolean {
  const { words: w, rest } = words(lineText(line), 13);
  if (w.length < 13) return false;
  row.state = integer(w[3]!);
  row.associationState = integer(w[4]!);
  row.association = integer(w[6]!);
  row.txQueue = integer(w[7]!);
  row.rxQueue = integer(w[8]!);
  row.uid = integer(w[9]!);
  row.inode = strtoul(w[10]!);
  row.localPort = integer(w[11]!) & 0xffff;
  row.remotePort = integer(w[12]!) & 0xffff;
  const lists = rest.split(/[<>\t\n-]+/).filter((piece) => piece !== "");
  if (lists.length < 2) return false;
  row.local = addresses(lists[0]);
  row.remote = addresses(lists[1]);
  row.localPrimary = takePrimary(row.local);
  row.remotePrimary = takePrimary(row.remote);
  return true;
}

/** The addresses of a list, between which stand blanks. */
function addresses(list = ""): string[] {
  return list.split(" ").filter((word) => word !== "");
}

/** Takes the `*` off the primary addresses; returns the first of them. */
function takePrimary(addresses: string[]): string | undefined {
  let first: string | undefined;
  for (const [i, address] of addresses.entries()) {
    if (!address.startsWith("*")) continue;
    addresses[i] = address.slice(1);
    first ??= addresses[i];
  }
  return first;
}

/** The line up to a NUL, where C's strings end. */
function lineText(line: Line): string {
  const text = line.text(line.start, line.end);
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

const scratch = new Address();

/** An SCTP address as the kernel writes it, in bytes. */
function sctpAddress(word: string): Address {
  // inet_addr stops at white space; only blanks and tabs separate words
  const text = word.replace(/[\r\v\f].*$/s, "");
  const good = text.includes(":")
    ? parseIpv6(text, scratch)
    : parseIpv4(text, scratch);
  if (!good) {
    // what inet_addr returns for what is no address
    scratch.length = 4;
    scratch.bytes.fill(255, 0, 4);
  }
  return scratch;
}

/** SCTP addresses have names only if no option at all asks for numbers. */
function sctpNumeric(view: View): boolean {
  return view.numericHosts || view.numericPorts || view.numericUsers ||
    view.symbolic;
}

function writeSctpHost(out: Out, text: string, view: View): void {
  const address = sctpAddress(text);
  if (sctpNumeric(view)) return writeAddress(out, address);
  const start = out.at;
  writeHost(out, address, view);
  out.at = Math.min(out.at, start + SERVICE_MOST);
}

function writeSctpPort(out: Out, port: number): void {
  out.byte(COLON);
  if (port === 0) out.byte(42);
  else out.integer(port);
}

/** Where the addresses start in the lines of a socket with several. */
const SCTP_INDENT = 20;

function leadEndpoint(out: Out, row: SctpRow, view: View): void {
  for (const [i, address] of row.local.entries()) {
    out.room(1024);
    let start = out.at;
    if (i === 0) out.ascii("sctp");
    else {
      out.byte(10);
      start++;
    }
    out.pad(start, SCTP_INDENT);
    writeSctpHost(out, address, view);
    writeSctpPort(out, row.localPort);
    out.pad(start, SCTP_INDENT + 47);
    sctpState(out, i === 0 ? row.state : undefined);
  }
}

function leadAssociation(out: Out, row: SctpRow, view: View): void {
  const lines = Math.max(row.local.length, row.remote.length);
  for (let i = 0; i < lines; i++) {
    out.room(2048);
    let start = out.at;
    if (i === 0) {
      out.ascii(
        `sctp  ${unsigned(row.rxQueue, 6)} ${unsigned(row.txQueue, 6)} `,
      );
    } else {
      out.byte(10);
      start++;
      out.pad(start, SCTP_INDENT);
    }
    for (const [addresses, port] of sides(row)) {
      const cell = out.at;
      if (i < addresses.length) {
        writeSctpHost(out, addresses[i]!, view);
        if (i === 0) writeSctpPort(out, port);
      }
      out.pad(cell, 23);
      if (addresses === row.local) out.byte(BLANK);
    }
    sctpState(out, i === 0 ? row.state : undefined);
  }
}

function sides(row: SctpRow): [string[], number][] {
  return [[row.local, row.localPort], [row.remote, row.remotePort]];
}

function unsigned(value: number, width: number): string {
  return (value >>> 0).toString().padStart(width);
}

function sctpState(out: Out, state: number | undefined): void {
  out.byte(BLANK);
  const start = out.at;
  if (state !== undefined) out.ascii(stateText(state));
  out.pad(start, 11);
}

/** SCTP's columns: those with a header are what stands behind the addresses. */
const SCTP_COLUMNS: Columns<SctpRow> = {
  proto: fact("string", (row) => row.proto, "Protocol."),
  recv_q: fact(
    "integer?",
    (row) => row.endpoint ? null : row.rxQueue >>> 0,
    "Bytes that the process has not read; null for an endpoint.",
  ),
  send_q: fact(
    "integer?",
    (row) => row.endpoint ? null : row.txQueue >>> 0,
    "Bytes that the other side has not acknowledged; null for an endpoint.",
  ),
  local_addresses: fact(
    "strings",
    (row) => row.local.map(spellSctp),
    "Local addresses, numeric.",
  ),
  local_primary: fact(
    "string?",
    (row) => primary(row.localPrimary),
    "Primary local address; null if none is marked.",
  ),
  local_port: fact("integer", (row) => row.localPort, "Local port."),
  foreign_addresses: fact(
    "strings",
    (row) => row.remote.map(spellSctp),
    "Remote addresses, numeric; none for an endpoint.",
  ),
  foreign_primary: fact(
    "string?",
    (row) => primary(row.remotePrimary),
    "Primary remote address; null if none is marked.",
  ),
  foreign_port: fact(
    "integer?",
    (row) => row.endpoint ? null : row.remotePort,
    "Remote port; null for an endpoint.",
  ),
  state: fact(
    "string?",
    (row) => stateText(row.state) || null,
    "State of the socket.",
    { tone: stateTone((row) => stateText(row.state)) },
  ),
  state_num: fact(
    "integer",
    (row) => row.state,
    "State as the kernel numbers it (net/tcp_states.h).",
  ),
  association: fact(
    "integer?",
    (row) => row.endpoint ? null : row.association,
    "Association id; null for an endpoint.",
  ),
  association_state_num: fact(
    "integer?",
    (row) => row.endpoint ? null : row.associationState,
    "State of the association as the kernel numbers it (enum sctp_state); " +
      "null for an endpoint.",
  ),
  ...userColumns<SctpRow>(),
  inode: inodeColumn<SctpRow>(),
  ...ownerColumns<SctpRow>((row) => row.inode),
  // net-tools: the timer column of SCTP is empty
  timer: left("Timer", 0, () => null, "SCTP's table tells no timers: null.", {
    type: "string?",
    shown: (view) => view.timers,
    write: () => {},
  }),
};

function spellSctp(text: string): string {
  return spellAddress(sctpAddress(text));
}

function primary(address: string | undefined): string | null {
  return address === undefined ? null : spellSctp(address);
}

function sctpTable(source: Source, endpoint: boolean): Table<SctpRow> {
  return {
    name: endpoint ? "sctp eps" : "sctp assoc",
    sources: [source],
    title: TITLE,
    columns: SCTP_COLUMNS,
    header: TCP_COLUMNS,
    lineLimit: 8191,
    row: ({ proto }) => ({
      proto,
      endpoint,
      state: 0,
      associationState: 0,
      txQueue: 0,
      rxQueue: 0,
      uid: 0,
      inode: 0,
      localPort: 0,
      remotePort: 0,
      association: 0,
      local: [],
      remote: [],
      localPrimary: undefined,
      remotePrimary: undefined,
    }),
    parse: endpoint ? parseEndpoint : parseAssociation,
    hosts: true,
    keep: () => true,
    inode: (row) => row.inode,
    lead: endpoint ? leadEndpoint : leadAssociation,
  };
}

/** The tables of one of the two families, whose files' names end in `suffix`. */
export function sockets(
  suffix: "" | "6",
): Pick<Family, "tables" | "groups"> {
  return {
    tables: tables(suffix),
    groups: [groups(suffix === "" ? "igmp" : "igmp6")],
  };
}

/** Only IPv4's files count when the system is asked whether it has a protocol. */
// deno-lint-ignore no-explicit-any
function tables(suffix: "" | "6"): Table<any>[] {
  const source = (
    rank: number,
    protocol: string,
    path: string,
    proto: string,
    when?: (view: View) => boolean,
  ): Source => ({
    path,
    proto,
    protocol,
    rank,
    ...(suffix === "" ? { support: `AF INET (${protocol})` } : {}),
    ...(when ? { when } : {}),
  });
  const tcp: Diag = {
    family: suffix === "" ? AF_INET : AF_INET6,
    protocol: IPPROTO_TCP,
    counted: { path: `/proc/net/sockstat${suffix}`, protocol: `TCP${suffix}` },
    states: tcpStates,
  };
  const plain = (rank: number, protocol: string, proto: string) =>
    source(rank, protocol, `/proc/net/${protocol}${suffix}`, proto + suffix);
  const sctp = `/proc/net/sctp${suffix}`;
  return [
    table(TCP, TCP_COLUMNS, { ...plain(10, "tcp", "tcp"), diag: tcp }),
    sctpTable(
      source(20, "sctp", `${sctp}/eps`, "sctp", (v) => v.all || v.listening),
      true,
    ),
    sctpTable(
      source(
        21,
        "sctp",
        `${sctp}/assocs`,
        "sctp",
        (v) => v.all || !v.listening,
      ),
      false,
    ),
    table(UDP, UDP_COLUMNS, plain(30, "udp", "udp")),
    table(UDP, UDP_COLUMNS, plain(40, "udplite", "udpl")),
    table(RAW, RAW_COLUMNS, plain(50, "raw", "raw")),
  ];
}

/**
 * Connections whose addresses this machine translates: the masquerading table of
 * Linux 2.0 and 2.2, and what took its place in 2.4, connection tracking.
 *
 * @module
 */

import {
  extended,
  fact,
  left,
  reprinted,
  right,
  shownOf,
} from "../core/contract/column.ts";
import type {
  Column,
  Columns,
  Frozen,
  Long,
  Out,
  Table,
  Title,
  View,
} from "../core/contract/family.ts";
import { Address, parseIpv6, spellAddress } from "../core/contract/ip.ts";
import { byteString, HEX, type Line } from "../core/contract/line.ts";
import { detailColumns, Details } from "./_conntrack_details.ts";
import { hostColumns, spelling, wholeHostOf, writeNamed } from "./_hosts.ts";

/** The ends of a connection, as its packets name them. */
interface Tuple {
  readonly source: Address;
  sourcePort: number;
  readonly destination: Address;
  destinationPort: number;
}

/** A connection. */
interface Row extends Tuple {
  /** The protocol's name, in lower case. */
  proto: string;
  /** Hundredths of a second until it is forgotten; null if it never is. */
  expire: Long | null;
  /** The port that the connection has on this machine. */
  port: number;
}

/** A connection of `ip_masquerade`. */
interface Masqueraded extends Row {
  /** Whether lines have the previous delta. */
  previousToo: boolean;
  /** What is wrong with a malformed line. */
  fault: string;
  sequence: Long;
  delta: number;
  previous: number | null;
}

/** A connection of `nf_conntrack`. */
interface Tracked extends Row {
  /** Empty if the protocol has none. */
  state: string;
  /** Where answers come from, and where they go to. */
  readonly reply: Tuple;
  /** The protocol's number. */
  protocol: number;
  readonly details: Details;
}

/** States of TCP's connections, of SCTP's, and of DCCP's. */
const STATES = [
  ...["NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT"],
  ...["LAST_ACK", "TIME_WAIT", "CLOSE", "SYN_SENT2", "LISTEN"],
  ...["CLOSED", "COOKIE_WAIT", "COOKIE_ECHOED", "SHUTDOWN_SENT"],
  ...["SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT"],
  ...["HEARTBEAT_ACKED"],
  ...["REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING"],
  ...["TIMEWAIT", "IGNORE", "INVALID"],
];

const TITLE: Title = {
  text: () => "IP masquerading entries",
  always: false,
};

const DASH = 45;
const DOT = 46;
const COLON = 58;
const EQUALS = 61;

/** net-tools has no limit for rows; this is far beyond any. */
const LINE_LIMIT = 256 * 1024;

/** net-tools reads this much of the header of `ip_masquerade`. */
const HEADER_MOST = 255;

/** The columns in front of those that only `-e` shows. */
const head: Columns<Row> = {
  proto: left("prot", 4, (row) => row.proto, "Protocol.", {
    kind: "name",
    write: (out, row) => out.foreign(row.proto),
  }),
  expire_ms: right(
    "expire",
    9,
    ({ expire }) => expire === null ? null : 10n * BigInt(expire),
    "Milliseconds until the entry is forgotten; null if it has no timer.",
    {
      unit: "milliseconds",
      gap: 0,
      kind: "duration?",
      short: "expire",
      write: writeExpire,
    },
  ),
};

/** Writes minutes, seconds and hundredths. */
function writeExpire(out: Out, { expire }: Row): void {
  if (expire === null) return out.byte(DASH);
  const seconds = typeof expire === "number"
    ? Math.floor(expire / 100)
    : expire / 100n;
  const [minutes, rest] = typeof seconds === "number"
    ? [Math.floor(seconds / 60), seconds % 60]
    : [seconds / 60n, Number(seconds % 60n)];
  const hundredths = typeof expire === "number"
    ? expire % 100
    : Number(expire % 100n);
  if (minutes < 100) out.byte(32);
  if (minutes < 10) out.byte(32);
  out.integer(minutes);
  out.byte(COLON);
  writeTwo(out, rest);
  out.byte(DOT);
  writeTwo(out, hundredths);
}

/** Writes a number in two digits. */
function writeTwo(out: Out, value: number): void {
  out.byte(48 + Math.floor(value / 10));
  out.byte(48 + value % 10);
}

const addresses: Columns<Row> = {
  ...hostColumns<Row>("source", "source", 20, {
    address: (row) => row.source,
    name: (row, view) => wholeHostOf(row.source, view),
    about: "Address of the machine that is hidden, numeric.",
    named: "Its name",
  }),
  ...hostColumns<Row>("destination", "destination", 20, {
    address: (row) => row.destination,
    name: (row, view) => wholeHostOf(row.destination, view),
    about: "Address that it talks to, numeric.",
    named: "Its name",
  }),
};

const ports: Columns<Row> = {
  source_port: fact(
    "port",
    (row) => row.sourcePort,
    "Port of the source; of ICMP, the identifier.",
  ),
  destination_port: fact(
    "port",
    (row) => row.destinationPort,
    "Port of the destination; of ICMP, 256 times the type, plus the code.",
  ),
  masqueraded_port: fact(
    "port",
    (row) => row.port,
    "Port that the connection has on this machine.",
  ),
};

/** The three ports as the text has them, in one column. */
const portsOfText = reprinted(ports.source_port!, {
  header: "ports",
  width: 0,
  tells: ["source_port", "destination_port", "masqueraded_port"],
  write(out, row, view) {
    writePort(out, row.sourcePort, row, view);
    out.ascii(" -> ");
    writePort(out, row.destinationPort, row, view);
    out.ascii(" (");
    writePort(out, row.port, row, view);
    out.byte(41);
  },
});

function writePort(out: Out, port: number, { proto }: Row, view: View): void {
  if (port === 0) return out.byte(42);
  const named = !view.numericPorts && (proto === "tcp" || proto === "udp");
  const name = named ? view.names.service(port, proto) : undefined;
  if (name === undefined) out.integer(port);
  else out.foreign(name);
}

/** What net-tools knows by name. */
const PROTOCOLS = ["IP", "TCP", "UDP", "ICMP", "GRE", "ESP"];

const sequences: Columns<Masqueraded> = {
  initial_sequence: right(
    "initseq",
    10,
    (row) => row.sequence,
    "TCP sequence number from which on others are changed.",
    { shown: extended },
  ),
  delta: right(
    "delta",
    5,
    (row) => row.delta,
    "By how much sequence numbers are changed.",
    { shown: extended },
  ),
  previous_delta: right(
    "prevd",
    5,
    (row) => row.previous,
    "By how much they were changed before; null if the kernel is older.",
    {
      kind: "integer?",
      shown: extended,
      write(out, row) {
        if (row.previous === null) out.byte(DASH);
        else out.integer(row.previous);
      },
    },
  ),
};

/**
 * Parses a line of `ip_msqhst_procinfo`, in Linux 2.2; 2.0 had no PDelta:
 *
 * ```text
 * Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires (free=40959,40957,40960)
 * TCP 0A140007:0401 C0000250:0050 EE48 00000000      0      0   89991
 * ```
 */
function parseMasqueraded(line: Line, row: Masqueraded): boolean {
  row.fault = "ip_masquerade format error";
  const name = word(line);
  readQuad(line, row.source);
  line.skip(COLON);
  row.sourcePort = line.hex32() & 0xffff;
  readQuad(line, row.destination);
  line.skip(COLON);
  row.destinationPort = line.hex32() & 0xffff;
  row.port = line.hex32() & 0xffff;
  row.sequence = line.hex();
  row.delta = line.decimal32() << 16 >> 16;
  row.previous = row.previousToo ? line.decimal32() << 16 >> 16 : null;
  row.expire = line.decimal();
  if (line.failed) return false;
  row.proto = name.toLowerCase();
  if (!PROTOCOLS.includes(name)) {
    row.fault = "ip_masquerade unknown type";
    return false;
  }
  line.blanks();
  // net-tools takes what is left for the start of the next row
  return line.at >= line.end;
}

const ipMasquerade: Table<Masqueraded> = {
  name: "ip_masquerade",
  identity: [
    "proto",
    "source",
    "source_port",
    "destination",
    "destination_port",
  ],
  sources: [{
    path: "/proc/net/ip_masquerade",
    rank: 0,
    support: "ip_masquerade",
  }],
  lineLimit: LINE_LIMIT,
  columns: { ...head, ...sequences, ...addresses, ...ports },
  frozen: {
    ...textOf({ ...head, ...sequences, ...addresses }),
    empty: {
      text: "masq_info: Internal Error `fgets() failed'.",
      status: 255,
    },
    malformed: (row) => ({
      text: `masq_info.c: Internal Error \`${row.fault}'.`,
      status: 255,
    }),
  },
  row: () => ({
    ...newRow(),
    previousToo: false,
    fault: "",
    sequence: 0,
    delta: 0,
    previous: null,
  }),
  first(line, row) {
    const end = Math.min(line.end, line.start + HEADER_MOST);
    row.previousToo = line.text(line.start, end).includes("PDelta");
    if (end === line.end) return true;
    // net-tools takes the rest for a row
    line.set(line.bytes, end, line.end);
    return false;
  },
  parse: parseMasqueraded,
};

/** How net-tools prints these columns, and the ports behind them. */
function textOf<R extends Row>(
  columns: Columns<R>,
): Pick<Frozen<R>, "title" | "header" | "layout"> {
  const header = { ...columns, ports: portsOfText };
  return { title: TITLE, header, layout: (view) => shownOf(header, view) };
}

function newTuple(): Tuple {
  return {
    source: new Address(),
    sourcePort: 0,
    destination: new Address(),
    destinationPort: 0,
  };
}

function newRow(): Row {
  return { ...newTuple(), proto: "", expire: null, port: 0 };
}

/** The word at the cursor. */
function word(line: Line): string {
  line.blanks();
  const from = line.at;
  while (line.at < line.end && line.bytes[line.at]! > 32) line.at++;
  return line.text(from, line.at);
}

/** Reads an address that is a hexadecimal number, in reading order. */
function readQuad(line: Line, { bytes }: Address): void {
  new DataView(bytes.buffer).setInt32(0, line.hex32());
}

/** What `-e` shows of `ip_masquerade`: scripts read text by position. */
const dashes: Columns<Tracked> = {
  initial_sequence: dash("initseq", 10),
  delta: dash("delta", 5),
  previous_delta: dash("prevd", 5),
};

function dash(header: string, width: number): Column<Tracked> {
  return right(header, width, () => null, "Only `ip_masquerade` has it.", {
    kind: "integer?",
    shown: extended,
    write: (out) => out.byte(DASH),
  });
}

function verbose(view: View): boolean {
  return view.verbose;
}

/** The columns of an end of the answers, of which the text has one. */
function replyColumns(
  end: "source" | "destination",
  about: string,
  portAbout: string,
): Columns<Tracked> {
  const address = ({ reply }: Tracked) => reply[end];
  const port = ({ reply }: Tracked) => reply[`${end}Port`];
  const name = (row: Tracked, view: View) => wholeHostOf(address(row), view);
  return {
    [`reply_${end}`]: left(
      `reply ${end}`,
      25,
      (row: Tracked) => spellAddress(address(row)),
      about,
      {
        kind: "address",
        shown: verbose,
        write(out, row, view) {
          writeNamed(out, address(row), name(row, view));
          out.byte(COLON);
          writePort(out, port(row), row, view);
        },
        names: name,
        ...spelling(address),
      },
    ),
    [`reply_${end}_port`]: fact("port", port, portAbout),
  };
}

const replies: Columns<Tracked> = {
  ...replyColumns(
    "source",
    "Address that answers come from, numeric: the true destination.",
    "Port that answers come from.",
  ),
  ...replyColumns(
    "destination",
    "Address that answers go to, numeric: what the source is turned into.",
    "Port that answers go to.",
  ),
  state: left(
    "state",
    11,
    ({ state }) => state === "" ? null : state,
    "State of the connection; null if the protocol has none.",
    {
      kind: "name?",
      words: STATES,
      shown: verbose,
      write: (out, row) => out.foreign(row.state === "" ? "-" : row.state),
    },
  ),
};

const conntrack: Table<Tracked> = {
  name: "nf_conntrack",
  identity: [
    "proto",
    "source",
    "source_port",
    "destination",
    "destination_port",
    "zone",
  ],
  sources: [{
    path: "/proc/net/nf_conntrack",
    formerly: "/proc/net/ip_conntrack",
    rank: 1,
  }],
  lineLimit: LINE_LIMIT,
  columns: {
    ...head,
    ...addresses,
    ...replies,
    ...ports,
    proto_num: fact(
      "integer",
      (row) => row.protocol,
      "Protocol as a number (IPPROTO_*).",
    ),
    ...detailColumns<Tracked>(),
  },
  frozen: {
    ...textOf({ ...head, ...dashes, ...addresses, ...replies }),
    opened: (path) => ({
      text: "netstat: no /proc/net/ip_masquerade: " +
        `showing the translated connections of ${path}`,
    }),
  },
  row: () => ({
    ...newRow(),
    state: "",
    reply: newTuple(),
    protocol: 0,
    details: new Details(),
  }),
  first: () => false,
  parse: parseTracked,
  keep: isTranslated,
};

/**
 * Parses a line of `ct_seq_show` of `nf_conntrack_standalone.c`: what it sees of a
 * connection, and what answers to it look like. `ip_conntrack` had no address family
 * in front.
 *
 * ```text
 * ipv4 2 tcp 6 431999 ESTABLISHED src=10.0.0.2 dst=192.0.2.80 sport=1025 dport=80 src=192.0.2.80 dst=198.51.100.1 sport=80 dport=60000 [ASSURED] mark=0 zone=0 use=2
 * ```
 */
function parseTracked(line: Line, row: Tracked): boolean {
  let name = word(line);
  if (name === "ipv4" || name === "ipv6") {
    word(line);
    name = word(line);
  }
  const number = word(line);
  if (!/^\d+$/.test(number)) return false;
  row.proto = name === "unknown" ? number : name;
  row.protocol = Number(number);
  const { reply } = row;
  row.expire = null;
  row.state = "";
  row.sourcePort = row.destinationPort = 0;
  reply.sourcePort = reply.destinationPort = 0;
  const { bytes, end } = line;
  let tuples = 0;
  for (line.blanks(); line.at < end; line.blanks()) {
    const from = line.at;
    let at = from;
    let equals = -1;
    for (; at < end && bytes[at]! > 32; at++) {
      if (bytes[at] === EQUALS && equals < 0) equals = at;
    }
    if (at === from) return false;
    line.at = at;
    if (equals > 0) {
      if (equals - from === 3 && is(bytes, from, "src")) tuples++;
      if (tuples !== 1 && tuples !== 2) continue;
      const tuple = tuples === 1 ? row : reply;
      if (!setField(tuple, bytes, from, equals, at)) return false;
    } else if (tuples === 0) {
      // what is in front of the tuples: the timer, then the state
      const value = numberAt(bytes, from, at);
      if (value >= 0) row.expire = 100 * value;
      else if (/^[A-Z]/.test(name = line.text(from, at))) row.state = name;
    }
  }
  if (tuples !== 2) return false;
  if (isIcmp(row)) {
    // the identifier is that of both ends
    const type = reply.destinationPort;
    reply.destinationPort = reply.sourcePort;
    reply.sourcePort = type;
  }
  row.port = reply.destinationPort;
  row.details.leave(line);
  return true;
}

/** Whether a text stands at a place. */
function is(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Takes `key=value` if it belongs to a tuple. Returns false if it cannot be read. */
function setField(
  tuple: Tuple,
  bytes: Uint8Array,
  from: number,
  equals: number,
  to: number,
): boolean {
  const key = (text: string) =>
    text.length === equals - from && is(bytes, from, text);
  if (key("src")) return parseAddress(bytes, equals + 1, to, tuple.source);
  if (key("dst")) return parseAddress(bytes, equals + 1, to, tuple.destination);
  const value = numberAt(bytes, equals + 1, to);
  // ICMP: as ip_masquerade has it, the identifier, then type and code
  if (key("sport") || key("id") || key("srckey")) {
    tuple.sourcePort = value;
    return value >= 0;
  }
  const type = key("type");
  if (type || key("code") || key("dport") || key("dstkey")) {
    tuple.destinationPort += type ? value * 256 : value;
    return value >= 0;
  }
  return true;
}

/** A number of up to twelve digits, or after `0x` up to eight; else -1. */
function numberAt(bytes: Uint8Array, from: number, to: number): number {
  const base = to - from > 2 && is(bytes, from, "0x") ? 16 : 10;
  const first = base === 16 ? from + 2 : from;
  if (first >= to || to - first > 12) return -1;
  let value = 0;
  for (let at = first; at < to; at++) {
    const digit = HEX[bytes[at]!]!;
    if (digit < 0 || digit >= base) return -1;
    value = base * value + digit;
  }
  return value;
}

/** Reads an address of either family; dotted quads, of which there are most, fast. */
function parseAddress(
  bytes: Uint8Array,
  from: number,
  to: number,
  address: Address,
): boolean {
  let start = from;
  let part = 0;
  for (let at = from; at <= to; at++) {
    if (at < to && bytes[at] === COLON) {
      return parseIpv6(byteString(bytes, from, to), address);
    }
    if (at < to && bytes[at] !== DOT) continue;
    const value = numberAt(bytes, start, at);
    if (value < 0 || value > 255 || part > 3) return false;
    address.bytes[part++] = value;
    start = at + 1;
  }
  address.length = 4;
  return part === 4;
}

function isIcmp({ proto }: Row): boolean {
  return proto.startsWith("icmp");
}

/** Whether answers are not simply the other way round. */
function isTranslated(row: Tracked): boolean {
  const { reply } = row;
  return !same(reply.source, row.destination) ||
    !same(reply.destination, row.source) ||
    reply.destinationPort !== row.sourcePort ||
    (!isIcmp(row) && reply.sourcePort !== row.destinationPort);
}

function same(one: Address, other: Address): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) {
    if (one.bytes[i] !== other.bytes[i]) return false;
  }
  return true;
}

/** The tables, in the order in which they are looked for. */
// deno-lint-ignore no-explicit-any
export const masquerade: readonly Table<any>[] = [ipMasquerade, conntrack];

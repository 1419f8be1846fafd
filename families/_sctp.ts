/**
 * SCTP, whose sockets have several addresses at each end. The text has a line for each
 * of them, and none of the columns of other Internet sockets.
 *
 * @module
 */

import {
  among,
  fact,
  late,
  left,
  ownerColumns,
  userColumns,
} from "../core/contract/column.ts";
import type { DeepTable, Told } from "../core/contract/depth.ts";
import type {
  Column,
  Columns,
  Long,
  Out,
  Source,
  Table,
  Title,
  View,
} from "../core/contract/family.ts";
import {
  Address,
  parseIpv4,
  parseIpv6,
  spanOf,
  spellAddress,
  writeAddress,
} from "../core/contract/ip.ts";
import { atoi, type Line, strtoul } from "../core/contract/line.ts";
import { hostOf, writeHost } from "./_hosts.ts";
import { inodeColumn, SERVICE_MOST } from "./_inet_columns.ts";
import { stateText, TCP_STATES } from "./_tcp_states.ts";
import { textOf } from "./_words.ts";

const COLON = 58;
const BLANK = 32;

/** So many numbers stand behind an association's addresses. */
const REST_MOST = 11;

/** A row of `sctp/eps` or `sctp/assocs`. */
export interface SctpRow extends Told {
  /** What it is called. */
  readonly proto: string;
  /** Whether it is an endpoint, and no association. */
  readonly endpoint: boolean;
  /** State of the socket, as TCP numbers them. */
  state: number;
  /** `enum sctp_state` */
  associationState: number;
  /** Bytes that the other end has not acknowledged. */
  txQueue: number;
  /** Bytes that the process has not read. */
  rxQueue: number;
  /** Its owner's user id. */
  uid: number;
  /** Its inode; 0 without one. */
  inode: Long;
  /** This end's port. */
  localPort: number;
  /** The other end's. */
  remotePort: number;
  /** Its id. */
  association: number;
  /** Kind of socket. */
  style: number;
  /** Its place in the kernel's table. */
  bucket: number;
  /** What stands behind the addresses of newer kernels, in that order. */
  rest: readonly (number | undefined)[];
  /** Addresses as the kernel writes them, but for the `*` of the primary ones. */
  local: string[];
  /** Those of the other end. */
  remote: string[];
  /** The one of them that is marked, if one is. */
  localPrimary: string | undefined;
  /** Likewise, of the other end. */
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
  return atoi(word) ?? 0;
}

/**
 * Parses a line of `sctp_eps_seq_show`:
 *
 * ```text
 *  ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
 * ```
 */
function parseEndpoint(line: Line, row: SctpRow): boolean {
  const { words: w, rest } = words(textOf(line), 8);
  if (w.length < 8) return false;
  row.style = integer(w[2]!);
  row.state = integer(w[3]!);
  row.bucket = integer(w[4]!);
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
 *
 * The line ends with `INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf rcvbuf`.
 */
function parseAssociation(line: Line, row: SctpRow): boolean {
  const { words: w, rest } = words(textOf(line), 13);
  if (w.length < 13) return false;
  row.style = integer(w[2]!);
  row.state = integer(w[3]!);
  row.associationState = integer(w[4]!);
  row.bucket = integer(w[5]!);
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
  row.rest = words(rest.split("\t")[1] ?? "", REST_MOST).words.map(atoi);
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

const scratch = new Address();

/** An SCTP address as the kernel writes it, in bytes. */
function sctpAddress(word: string, into = scratch): Address {
  // inet_addr stops at white space; only blanks and tabs separate words
  const text = word.replace(/[\r\v\f].*$/s, "");
  const good = text.includes(":")
    ? parseIpv6(text, into)
    : parseIpv4(text, into);
  if (!good) {
    // what inet_addr returns for what is no address
    into.length = 4;
    into.bytes.fill(255, 0, 4);
  }
  return into;
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

/** Asks for the names that a socket's lines have. */
function askNames({ local, remote }: SctpRow, view: View): void {
  if (sctpNumeric(view)) return;
  for (const text of [...local, ...remote]) hostOf(sctpAddress(text), view);
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

/** `enum sctp_state` */
const SCTP_STATES = [
  "CLOSED",
  "COOKIE_WAIT",
  "COOKIE_ECHOED",
  "ESTABLISHED",
  "SHUTDOWN_PENDING",
  "SHUTDOWN_SENT",
  "SHUTDOWN_RECEIVED",
  "SHUTDOWN_ACK_SENT",
];

/** What is said of memory besides. */
const MEMORY = { unit: "bytes", set: "memory" } as const;

/** SCTP's columns: those with a header are what stands behind the addresses. */
export const sctpColumns: () => Columns<SctpRow> = late(() => ({
  proto: fact("name", (row) => row.proto, "Protocol."),
  recv_q: fact(
    "integer?",
    (row) => row.endpoint ? null : row.rxQueue >>> 0,
    "Bytes that the process has not read; null for an endpoint.",
    { unit: "bytes" },
  ),
  send_q: fact(
    "integer?",
    (row) => row.endpoint ? null : row.txQueue >>> 0,
    "Bytes that the other side has not acknowledged; null for an endpoint.",
    { unit: "bytes" },
  ),
  local_addresses: fact(
    "strings",
    (row) => row.local.map(spellSctp),
    "Local addresses, numeric.",
  ),
  local_primary: primary(
    (row) => row.localPrimary,
    "Primary local address; null if none is marked.",
  ),
  local_port: fact("port", (row) => row.localPort, "Local port."),
  foreign_addresses: fact(
    "strings",
    (row) => row.remote.map(spellSctp),
    "Remote addresses, numeric; none for an endpoint.",
  ),
  foreign_primary: primary(
    (row) => row.remotePrimary,
    "Primary remote address; null if none is marked.",
  ),
  foreign_port: fact(
    "port?",
    (row) => row.endpoint ? null : row.remotePort,
    "Remote port; null for an endpoint.",
  ),
  state: fact(
    "name?",
    (row) => stateText(row.state) || null,
    "State of the socket.",
    among((row) => stateText(row.state), TCP_STATES),
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
  sctp_state: fact(
    "name?",
    (row) => row.endpoint ? null : SCTP_STATES[row.associationState] ?? null,
    "State of the association; null for an endpoint.",
    { words: SCTP_STATES },
  ),
  ...userColumns<SctpRow>(),
  inode: inodeColumn<SctpRow>(),
  ...ownerColumns<SctpRow>((row) => row.inode),
  // net-tools: the timer column of SCTP is empty
  timer: left("Timer", 0, () => null, "SCTP's table tells no timers: null.", {
    kind: "name?",
    words: [],
    shown: (view) => view.timers,
    write: () => {},
  }),
  sctp_type_num: fact(
    "integer",
    (row) => row.style,
    "Kind of socket, as the kernel numbers it: 0 one to many, 1 one of those, 2 one " +
      "to one.",
  ),
  hash_bucket: fact(
    "integer",
    (row) => row.bucket,
    "Place in the kernel's hash table; of associations newer kernels write 0.",
  ),
  heartbeat_jiffies: behind(
    0,
    "Time between heartbeats in ticks of the kernel, of which each has its own number " +
      "a second",
  ),
  sctp_in_streams: behind(1, "Streams that come in"),
  sctp_out_streams: behind(2, "Streams that go out"),
  max_retransmits: behind(
    3,
    "Retransmissions after which the association counts as failed",
  ),
  init_retries: behind(
    4,
    "How often the association's beginning was sent again",
  ),
  shutdown_retries: behind(5, "How often its end was sent again"),
  rtx_data_chunks: behind(6, "Data chunks that were sent again", {
    counter: true,
  }),
  wmem_alloc: behind(
    7,
    "Memory of packets that were handed on and not yet sent",
    MEMORY,
  ),
  wmem_queued: behind(
    8,
    "Memory of data that is not sent, or not acknowledged",
    MEMORY,
  ),
  sndbuf: behind(
    9,
    "Most memory of what is to be sent (SO_SNDBUF, doubled)",
    MEMORY,
  ),
  rcvbuf: behind(
    10,
    "Most memory of what was received (SO_RCVBUF, doubled)",
    MEMORY,
  ),
}));

/** An SCTP address as it is told, numeric. */
export function spellSctp(text: string): string {
  return spellAddress(sctpAddress(text));
}

/** The column of an address that is marked, if one is. */
function primary(
  text: (row: SctpRow) => string | undefined,
  about: string,
): Column<SctpRow> {
  const address = new Address();
  return fact<SctpRow, string | null>(
    "address?",
    (row) => {
      const found = text(row);
      return found === undefined ? null : spellSctp(found);
    },
    about,
    {
      span(row, into) {
        const found = text(row);
        return found !== undefined && spanOf(sctpAddress(found, address), into);
      },
    },
  );
}

/** The column of a number behind the addresses, from 0. */
function behind(
  place: number,
  about: string,
  more: Pick<Column<SctpRow>, "unit" | "counter" | "set"> = {},
): Column<SctpRow> {
  return fact<SctpRow, number | null>(
    "integer?",
    (row) => row.rest[place] ?? null,
    `${about}; null for an endpoint, or if the kernel does not tell.`,
    more,
  );
}

/** A table of endpoints or of associations, below this title and header. */
export function sctpTable(
  source: Source,
  { endpoint, title, header }: {
    readonly endpoint: boolean;
    readonly title: Title;
    // deno-lint-ignore no-explicit-any
    readonly header: () => Columns<any>;
  },
  // deno-lint-ignore no-explicit-any
): Table<any> {
  const table: DeepTable<SctpRow> = {
    name: endpoint ? "sctp eps" : "sctp assoc",
    identity: [
      "proto",
      "local_addresses",
      "local_port",
      "foreign_addresses",
      "foreign_port",
    ],
    sources: [source],
    get columns() {
      return sctpColumns();
    },
    frozen: {
      title,
      get header() {
        return header();
      },
      lead: endpoint ? leadEndpoint : leadAssociation,
      names: askNames,
    },
    lineLimit: 8191,
    row: ({ proto = "" }) => ({
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
      style: 0,
      bucket: 0,
      rest: [],
      local: [],
      remote: [],
      localPrimary: undefined,
      remotePrimary: undefined,
      answer: undefined,
      peer: undefined,
    }),
    parse: endpoint ? parseEndpoint : parseAssociation,
    inode: (row) => row.inode,
    depth: async () => (await import("./_sctp_depth.ts")).sctpDepth,
  };
  return table;
}

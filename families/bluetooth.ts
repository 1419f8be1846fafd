/**
 * Bluetooth: L2CAP and RFCOMM.
 *
 * @module
 */

import {
  among,
  fact,
  foreign,
  left,
  listed,
  right,
  type Tones,
} from "../core/contract/column.ts";
import type {
  Columns,
  Family,
  Table,
  Title,
  View,
} from "../core/contract/family.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import { hex, wordsOf } from "./_words.ts";

const DEBUGFS = "/sys/kernel/debug/bluetooth";
const ANY = "00:00:00:00:00:00";
const ADDRESS_MOST = 17;

/** `BT_CONNECTED` and so on, `include/net/bluetooth/bluetooth.h` */
const STATES: Tones = {
  UNKNOWN: null,
  CONNECTED: "connected",
  OPEN: null,
  BOUND: null,
  LISTEN: "listening",
  CONNECT: "pending",
  CONNECT2: "pending",
  CONFIG: "pending",
  DISCONN: "closing",
  CLOSED: "closing",
};
const STATE_NAMES = Object.keys(STATES);
const BOUND = 3;
const LISTEN = 4;

/** `BT_SECURITY_SDP` and so on; the text knows only the first four. */
const SECURITY = ["SDP", "LOW", "MEDIUM", "HIGH", "FIPS"];
const SPELLED_SECURITY = 4;

/** `L2CAP_MODE_BASIC` and so on, `include/net/bluetooth/l2cap.h` */
const MODES: Readonly<Record<number, string>> = {
  0x00: "basic",
  0x01: "retransmission",
  0x02: "flow_control",
  0x03: "ertm",
  0x04: "streaming",
  0x80: "le_flow_control",
  0x81: "extended_flow_control",
};

/** `BDADDR_BREDR` and so on. */
const ADDRESS_TYPES = ["BR/EDR", "LE public", "LE random"];

const TITLE: Title = {
  text: (view) => `Active Bluetooth connections ${listed(view)}`,
  always: "asked",
};

/** What the two tables share. */
interface Ends {
  source: string;
  destination: string;
  state: number;
}

/** A line of `l2cap`. */
interface L2cap extends Ends {
  sourceType: number | undefined;
  destinationType: number | undefined;
  psm: number;
  scid: number;
  dcid: number;
  imtu: number;
  omtu: number;
  security: number;
  mode: number | undefined;
}

/** A line of `rfcomm`. */
interface Rfcomm extends Ends {
  channel: number;
}

/**
 * Parses a line of `l2cap_debugfs_show`; kernels before 3.5 had no address types, and
 * older ones no mode at the end:
 *
 * ```text
 * 00:aa:01:00:00:00 (0) 00:11:22:33:44:55 (0) 5 4103 0x0040 0x0000 672 672 1 0
 * ```
 */
function parseL2cap(line: Line, row: L2cap): boolean {
  const words = wordsOf(line);
  const typed = /^\([+-]?\d+\)$/.test(words[1] ?? "");
  const [source, sourceType, destination, destinationType, ...numbers] = typed
    ? words
    : [words[0], undefined, words[1], undefined, ...words.slice(2)];
  if (typed && !/^\([+-]?\d+\)$/.test(destinationType ?? "")) return false;
  const [state, psm, first, second, imtu, omtu, security, mode] = numbers;
  const scid = channelId(first);
  const dcid = channelId(second);
  const values = [state, psm, imtu, omtu, security].map(atoi);
  if (
    !isAddress(source) || !isAddress(destination) ||
    scid === undefined || dcid === undefined ||
    values.some((value) => value === undefined)
  ) return false;
  row.source = source;
  row.destination = destination;
  row.sourceType = atoi(sourceType?.slice(1));
  row.destinationType = atoi(destinationType?.slice(1));
  row.scid = scid;
  row.dcid = dcid;
  row.mode = atoi(mode);
  [row.state, row.psm, row.imtu, row.omtu, row.security] = values as [
    number,
    number,
    number,
    number,
    number,
  ];
  return true;
}

/**
 * Parses a line of `rfcomm_sock_debugfs_show`:
 *
 * ```text
 * 00:aa:01:01:00:01 00:aa:01:00:00:00 1 7
 * ```
 */
function parseRfcomm(line: Line, row: Rfcomm): boolean {
  const [source, destination, first, second] = wordsOf(line);
  const state = atoi(first);
  const channel = atoi(second);
  if (
    !isAddress(source) || !isAddress(destination) || state === undefined ||
    channel === undefined
  ) return false;
  row.source = source;
  row.destination = destination;
  row.state = state;
  row.channel = channel;
  return true;
}

function isAddress(word: string | undefined): word is string {
  return word !== undefined && word.length <= ADDRESS_MOST;
}

/** `0x` and one to four hexadecimal digits. */
function channelId(word: string | undefined): number | undefined {
  return /^0x[0-9a-f]{1,4}$/i.test(word ?? "") ? Number(word) : undefined;
}

function stateName(row: Ends): string {
  return STATE_NAMES[row.state] ?? "UNKNOWN";
}

/** net-tools: `-l` wins over `-a`. */
function keep(row: Ends, view: View): boolean {
  const server = row.state === LISTEN || row.state === BOUND;
  return view.listening ? server : view.all || !server;
}

/** The columns that both tables start with. */
function ends<Row extends Ends>(proto: string): Columns<Row> {
  const text = (address: string) => address === ANY ? "*" : address;
  const value = (address: string) => address === ANY ? null : address;
  return {
    proto: left("Proto", 6, () => proto, "Protocol.", { kind: "name" }),
    // net-tools: the kernel writes the source first, here it is the destination
    destination: foreign(
      "Destination",
      17,
      (row) => text(row.source),
      "Bluetooth address of the other end; null for any.",
      { kind: "address?", value: (row) => value(row.destination) },
    ),
    source: foreign(
      "Source",
      17,
      (row) => text(row.destination),
      "Bluetooth address of this end; null for any.",
      { kind: "address?", value: (row) => value(row.source) },
    ),
    state: left("State", 9, stateName, "State.", {
      kind: "name",
      ...among(stateName, STATES),
    }),
    state_num: fact("integer", (row) => row.state, "State as a number."),
  };
}

function addressType(type: number | undefined): string | null {
  return type === undefined ? null : ADDRESS_TYPES[type] ?? null;
}

const l2capColumns: Columns<L2cap> = {
  ...ends<L2cap>("l2cap"),
  destination_type: fact(
    "name?",
    (row) => addressType(row.destinationType),
    "Type of the other end's address; null if the kernel does not tell.",
    { words: ADDRESS_TYPES },
  ),
  source_type: fact(
    "name?",
    (row) => addressType(row.sourceType),
    "Type of this end's address; null if the kernel does not tell.",
    { words: ADDRESS_TYPES },
  ),
  psm: right("PSM", 7, (row) => row.psm, "Protocol/service multiplexer."),
  dcid: left("DCID", 6, (row) => row.dcid, "Destination channel identifier.", {
    kind: "integer",
    // net-tools: the wrong way round, like the addresses
    write: (out, row) => out.ascii(`0x${hex(row.scid, 4)}`),
  }),
  scid: left("SCID", 6, (row) => row.scid, "Source channel identifier.", {
    kind: "integer",
    write: (out, row) => out.ascii(`0x${hex(row.dcid, 4)}`),
  }),
  imtu: right("IMTU", 7, (row) => row.imtu, "Incoming MTU, in bytes.", {
    unit: "bytes",
  }),
  omtu: right("OMTU", 7, (row) => row.omtu, "Outgoing MTU, in bytes.", {
    unit: "bytes",
  }),
  security: left(
    "Security",
    7,
    (row) => SECURITY[row.security] ?? "UNKNOWN",
    "Security level.",
    {
      kind: "name",
      words: [...SECURITY, "UNKNOWN"],
      write: (out, { security }) =>
        out.ascii(
          security < SPELLED_SECURITY
            ? SECURITY[security] ?? "UNKNOWN"
            : "UNKNOWN",
        ),
    },
  ),
  security_num: fact(
    "integer",
    (row) => row.security,
    "Security level as a number.",
  ),
  channel_mode: fact(
    "name?",
    ({ mode }) => mode === undefined ? null : MODES[mode] ?? null,
    "How the channel keeps packets in order; null if the kernel does not tell.",
    { words: Object.values(MODES) },
  ),
  channel_mode_num: fact(
    "integer?",
    ({ mode }) => mode ?? null,
    "How the channel keeps packets in order, as a number.",
  ),
};

const rfcommColumns: Columns<Rfcomm> = {
  ...ends<Rfcomm>("rfcomm"),
  channel: right("Channel", 7, (row) => row.channel, "RFCOMM channel."),
};

const l2cap: Table<L2cap> = {
  name: "l2cap",
  identity: ["proto", "source", "destination", "psm", "scid"],
  sources: [{
    path: `${DEBUGFS}/l2cap`,
    proto: "l2cap",
    protocol: "l2cap",
    rank: 160,
    support: "BTPROTO L2CAP",
  }],
  columns: l2capColumns,
  frozen: {
    title: TITLE,
  },
  lineLimit: 8191,
  row: () => ({
    source: "",
    destination: "",
    sourceType: undefined,
    destinationType: undefined,
    state: 0,
    psm: 0,
    scid: 0,
    dcid: 0,
    imtu: 0,
    omtu: 0,
    security: 0,
    mode: undefined,
  }),
  first: () => false,
  parse: parseL2cap,
  keep,
};

const rfcomm: Table<Rfcomm> = {
  name: "rfcomm",
  identity: ["proto", "source", "destination", "channel"],
  sources: [{
    path: `${DEBUGFS}/rfcomm`,
    proto: "rfcomm",
    protocol: "rfcomm",
    rank: 161,
    support: "BTPROTO RFCOMM",
  }],
  columns: rfcommColumns,
  frozen: {
    title: TITLE,
  },
  lineLimit: 8191,
  row: () => ({ source: "", destination: "", state: 0, channel: 0 }),
  first: () => false,
  parse: parseRfcomm,
  keep,
};

/** The kernel's `AF_BLUETOOTH`. */
export default {
  name: "bluetooth",
  about: "Bluetooth L2CAP and RFCOMM",
  tables: [l2cap, rfcomm],
} satisfies Family;

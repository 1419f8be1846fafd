/**
 * The remote addresses of SCTP associations, with the state of each path.
 *
 * @module
 */

import {
  among,
  fact,
  left,
  right,
  type Tones,
} from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import { Address, parseIpv4, parseIpv6 } from "../core/contract/ip.ts";
import type { Line } from "../core/contract/line.ts";
import { hostColumns, wholeHostOf } from "./_hosts.ts";

/** `SCTP_INACTIVE` and so on, `enum sctp_spinfo_state` */
const STATES: Readonly<Record<number, string>> = {
  0: "INACTIVE",
  1: "PF",
  2: "ACTIVE",
  3: "UNCONFIRMED",
  0xffff: "UNKNOWN",
};

const TONES: Tones = {
  INACTIVE: "trouble",
  PF: "trouble",
  ACTIVE: "connected",
  UNCONFIRMED: "pending",
  UNKNOWN: null,
};

/** A line of `/proc/net/sctp/remaddr`. */
interface Row {
  readonly address: Address;
  association: number;
  heartbeat: boolean;
  rto: number;
  maxRetransmits: number;
  retransmits: number;
  state: number;
}

/**
 * Parses a line of `sctp_remaddr_seq_show`; START is not kept by the kernel:
 *
 * ```text
 * ADDR ASSOC_ID HB_ACT RTO MAX_PATH_RTX REM_ADDR_RTX START STATE
 * 44.128.1.1  3 1 3000 5 0 0 3
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const words = line.text().trim().split(/ +/);
  const [address, ...numbers] = words;
  if (numbers.length < 7 || numbers.some((n) => !/^\d{1,15}$/.test(n))) {
    return false;
  }
  const [association, heartbeat, rto, most, retransmits, , state] = numbers.map(
    Number,
  );
  row.association = association!;
  row.heartbeat = heartbeat === 1;
  row.rto = rto!;
  row.maxRetransmits = most!;
  row.retransmits = retransmits!;
  row.state = state!;
  return address!.includes(":")
    ? parseIpv6(address!, row.address)
    : parseIpv4(address!, row.address);
}

const state = (row: Row) => STATES[row.state] ?? `UNKNOWN(${row.state})`;

const columns: Columns<Row> = {
  proto: left("Proto", 5, () => "sctp", "Protocol.", { kind: "name" }),
  association: right("Assoc", 6, (row) => row.association, "Association id."),
  ...hostColumns<Row>("foreign_address", "Foreign Address", 39, {
    address: (row) => row.address,
    name: (row, view) => wholeHostOf(row.address, view),
    about: "Remote address, numeric.",
    named: "Name of that address",
  }),
  state: left("State", 11, state, "State of the path.", {
    kind: "name",
    ...among(state, TONES),
  }),
  state_num: fact("integer", (row) => row.state, "State as a number."),
  rto_ms: right(
    "RTO",
    6,
    (row) => row.rto,
    "Retransmission timeout, in milliseconds.",
    { kind: "duration", unit: "milliseconds" },
  ),
  retransmits: right(
    "Retr",
    4,
    (row) => row.retransmits,
    "Retransmissions to this address.",
  ),
  max_retransmits: fact(
    "integer",
    (row) => row.maxRetransmits,
    "Retransmissions after which the path counts as failed.",
  ),
  heartbeat: fact(
    "boolean",
    (row) => row.heartbeat,
    "Whether heartbeats are sent.",
  ),
};

const table: Table<Row> = {
  name: "sctp remaddr",
  identity: ["proto", "association", "foreign_address"],
  sources: [{
    path: "/proc/net/sctp/remaddr",
    proto: "sctp",
    rank: 250,
    support: "AF INET (sctp)",
  }],
  columns,
  frozen: {
    title: { text: () => "SCTP remote addresses", always: false },
  },
  lineLimit: 8191,
  row: () => ({
    address: new Address(),
    association: 0,
    heartbeat: false,
    rto: 0,
    maxRetransmits: 0,
    retransmits: 0,
    state: 0,
  }),
  parse,
};

/** A table of SCTP's that is asked for by itself, as if it were a family. */
export default {
  name: "sctp-remaddr",
  about: "Remote addresses of SCTP associations",
  hidden: true,
  tables: [table],
} satisfies Family;

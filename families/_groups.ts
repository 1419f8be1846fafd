/**
 * Multicast groups of IPv4 and IPv6, which stand in one table.
 *
 * @module
 */

import { fact, foreign, left } from "../core/contract/column.ts";
import type { Columns, Long, Table, Title } from "../core/contract/family.ts";
import { Address, wordBytes } from "../core/contract/ip.ts";
import { HEX, type Line, NAME_MOST } from "../core/contract/line.ts";
import { hostColumns, hostOf, writeHost } from "./_hosts.ts";
import { cutAtNul, nextWord } from "./_words.ts";

const TAB = 9;
const COLON = 58;

/** The groups of both families stand behind the Internet sockets. */
const RANK = 60;

const TITLE: Title = {
  text: () => "IPv6/IPv4 Group Memberships",
  always: true,
};

/** How a file is written: `igmp` of today, that of old kernels, or `igmp6`. */
type Format = "indexed" | "plain" | "igmp6";

/** A line of `igmp` or `igmp6`. */
interface Row {
  readonly proto: string;
  format: Format;
  /** Whether the line is a group, not a device whose groups follow. */
  group: boolean;
  interface: string;
  index: number | null;
  /** How many groups the device has, and how its querier talks; of `igmp`. */
  count: number | null;
  querier: string | null;
  users: number;
  readonly address: Address;
  /** Clock ticks until the timer expires; null if it does not run. */
  timer: Long | null;
  reporter: boolean | null;
  /** The flags of a group of `igmp6`. */
  flags: number | null;
}

/** `MAF_TIMER_RUNNING`, `MAF_LAST_REPORTER`, `include/net/if_inet6.h` */
const TIMER_RUNNING = 0x1;
const LAST_REPORTER = 0x2;

/** Times are told in clock ticks: `USER_HZ` is 100 on every Linux. */
const TICK_MS = 10;

/** Says what `igmp` is by its first line; without `Device` it is as `igmp6`. */
function readFormat(line: Line, row: Row): boolean {
  const header = line.text();
  if (!header.includes("Device")) {
    row.format = "igmp6";
    return false;
  }
  row.format = header.startsWith("Idx") ? "indexed" : "plain";
  return true;
}

/**
 * Parses a line of `igmp_mc_seq_show` or `igmp6_mc_seq_show`:
 *
 * ```text
 * Idx	Device    : Count Querier	Group    Users Timer	Reporter
 * 1	lo        :     1      V3
 * 				010000E0     1 0:00000000		0
 * ```
 *
 * ```text
 * 1    lo              ff020000000000000000000000000001     1 0000000C 0
 * ```
 */
function parse(line: Line, row: Row): boolean {
  cutAtNul(line);
  if (row.format === "igmp6") return parseGroup6(line, row);
  row.group = line.start < line.end && line.bytes[line.start] === TAB;
  return row.group ? parseGroup(line, row) : parseDevice(line, row);
}

function parseDevice(line: Line, row: Row): boolean {
  const indexed = row.format === "indexed";
  const index = indexed ? line.decimal32() : null;
  if (indexed) line.blanks();
  if (line.failed || line.at === line.end) return false;
  const most = Math.min(line.at + NAME_MOST, line.end);
  // a name may have colons of its own
  const colon = line.bytes.subarray(line.at, most).lastIndexOf(COLON);
  const name = line.text(line.at, colon < 0 ? most : line.at + colon);
  row.index = index;
  row.interface = name.replace(/ +$/, "");
  line.at = colon < 0 ? most : line.at + colon;
  line.skip(COLON);
  const count = line.decimal32();
  row.count = line.failed ? null : count;
  row.querier = nextWord(line) || null;
  return true;
}

function parseGroup(line: Line, row: Row): boolean {
  const digits = line.digits(8);
  let word = 0;
  for (let at = line.at - digits; at < line.at; at++) {
    word = word << 4 | HEX[line.bytes[at]!]!;
  }
  row.users = line.decimal32();
  row.address.length = 4;
  wordBytes(word, row.address.bytes);
  if (line.failed) return false;
  readTimer(line, row);
  return true;
}

/** Reads what stands behind a group's users; a line may end before. */
function readTimer(line: Line, row: Row): void {
  const running = line.decimal32();
  line.skip(COLON);
  const timer = line.hex();
  row.timer = line.failed || running === 0 ? null : timer;
  const reporter = line.decimal32();
  row.reporter = line.failed ? null : reporter !== 0;
}

function parseGroup6(line: Line, row: Row): boolean {
  row.group = true;
  row.index = line.decimal32();
  row.interface = nextWord(line, NAME_MOST);
  const digits = line.digits(64);
  const from = line.at - digits;
  row.users = line.decimal32();
  if (line.failed || digits < 32) return false;
  row.address.length = 16;
  for (let i = 0; i < 16; i++) {
    row.address.bytes[i] = HEX[line.bytes[from + 2 * i]!]! << 4 |
      HEX[line.bytes[from + 2 * i + 1]!]!;
  }
  const flags = line.hex32();
  row.flags = line.failed ? null : flags;
  row.reporter = line.failed ? null : (flags & LAST_REPORTER) !== 0;
  const timer = line.decimal();
  const runs = !line.failed && (flags & TIMER_RUNNING) !== 0;
  row.timer = runs ? timer : null;
  return true;
}

const columns: Columns<Row> = {
  proto: fact("name", (row) => row.proto, "`igmp` or `igmp6`."),
  iface: foreign(
    "Interface",
    NAME_MOST,
    (row) => row.interface,
    "Name of the network interface.",
  ),
  ifindex: fact(
    "integer?",
    (row) => row.index,
    "Index of the interface; null if an old kernel does not tell.",
  ),
  refcnt: left("RefCnt", 6, (row) => row.users, "How many have joined.", {
    kind: "integer",
    write: (out, row) => out.integer(row.users),
  }),
  ...hostColumns<Row>("group_address", "Group", 0, {
    address: (row) => row.address,
    name: (row, view) => hostOf(row.address, view),
    about: "Address of the group, numeric.",
    named: "Name of that address",
    write: (out, row, view) => writeHost(out, row.address, view),
  }),
  timer_ms: fact(
    "duration?",
    ({ timer }) => {
      if (timer === null) return null;
      return typeof timer === "number"
        ? timer * TICK_MS
        : timer * BigInt(TICK_MS);
    },
    "Milliseconds until the membership is reported; null if no timer runs.",
    { unit: "milliseconds" },
  ),
  reporter: fact(
    "boolean?",
    (row) => row.reporter,
    "Whether this machine was the last one to report the group; null if the kernel " +
      "does not tell.",
  ),
  group_count: fact(
    "integer?",
    (row) => row.count,
    "How many groups the interface has; null for IPv6, which does not tell.",
  ),
  querier: fact(
    "name?",
    (row) => row.querier,
    "Version of IGMP that the network's querier talks; null for IPv6, which does not " +
      "tell.",
    { words: ["V1", "V2", "V3"] },
  ),
  flags_num: fact(
    "integer?",
    ({ flags }) => flags === null ? null : flags >>> 0,
    "Flags as a number (MAF_* of the kernel); null for IPv4, which has none.",
  ),
};

/** The groups in `igmp` or, if so named, `igmp6`. */
// deno-lint-ignore no-explicit-any
export function groups(name: "igmp" | "igmp6"): Table<any> {
  const table: Table<Row> = {
    name,
    identity: ["proto", "iface", "group_address"],
    sources: [{
      path: `/proc/net/${name}`,
      proto: name,
      rank: RANK,
      // a kernel without IPv6 is nothing to speak of
      ...(name === "igmp" ? { support: "AF INET (igmp)" } : {}),
    }],
    columns,
    frozen: {
      title: TITLE,
      rule: "--------------- ------ ---------------------",
      // net-tools counts from 0, and calls a file without a header igmp6
      malformed: (row, number) => ({
        text: `warning, got bogus ${
          row.format === "igmp6" ? "igmp6" : "igmp"
        } line ${number - 1}.`,
      }),
    },
    lineLimit: 8191,
    row: (source) => ({
      proto: source.proto ?? "",
      format: "igmp6",
      group: true,
      interface: "",
      index: null,
      count: null,
      querier: null,
      users: 0,
      address: new Address(),
      timer: null,
      reporter: null,
      flags: null,
    }),
    first: name === "igmp" ? readFormat : () => false,
    parse,
    keep: (row) => row.group,
  };
  return table;
}

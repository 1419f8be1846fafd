/**
 * Multicast groups of IPv4 and IPv6, which stand in one table.
 *
 * @module
 */

import { fact, foreign, left } from "../core/contract/column.ts";
import type { Columns, Table, Title } from "../core/contract/family.ts";
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
  users: number;
  readonly address: Address;
}

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
  return !line.failed;
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
};

/** The groups in `igmp` or, if so named, `igmp6`. */
// deno-lint-ignore no-explicit-any
export function groups(name: "igmp" | "igmp6"): Table<any> {
  const table: Table<Row> = {
    name,
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
      users: 0,
      address: new Address(),
    }),
    first: name === "igmp" ? readFormat : () => false,
    parse,
    keep: (row) => row.group,
  };
  return table;
}

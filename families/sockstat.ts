/**
 * How many sockets of each protocol there are, and how much memory they have.
 *
 * @module
 */

import { left, right } from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";

/** A line of `/proc/net/sockstat` or `/proc/net/sockstat6`. */
interface Row {
  protocol: string;
  readonly numbers: Map<string, number>;
}

/**
 * Parses a line of `sockstat_seq_show` or `sockstat6_seq_show`:
 *
 * ```text
 * sockets: used 12
 * TCP: inuse 27 orphan 0 tw 0 alloc 31 mem 2
 * UDP6: inuse 3
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const [protocol = "", ...words] = line.text().trim().split(/ +/);
  if (!/^\w{1,15}:$/.test(protocol) || words.length % 2 !== 0) return false;
  row.protocol = protocol.slice(0, -1);
  row.numbers.clear();
  for (let i = 0; i < words.length; i += 2) {
    const number = words[i + 1]!;
    if (!/^\d{1,15}$/.test(number)) return false;
    row.numbers.set(words[i]!, Number(number));
  }
  return true;
}

/** A number that not every protocol has. */
function numberOf(key: string): (row: Row) => number | null {
  return ({ numbers }) => numbers.get(key) ?? null;
}

const columns: Columns<Row> = {
  transport: left(
    "Protocol",
    10,
    (row) => row.protocol,
    "What is counted, as the kernel calls it: `TCP`, `UDP6`, `sockets` for all, " +
      "`FRAG` for packets in pieces.",
    { kind: "string" },
  ),
  in_use: right(
    "InUse",
    8,
    (row) => row.numbers.get("inuse") ?? row.numbers.get("used") ?? null,
    "Sockets in use in this network namespace.",
    { kind: "integer?" },
  ),
  orphans: right(
    "Orphans",
    8,
    numberOf("orphan"),
    "Connections on the whole machine that no process holds any more; null but for TCP.",
    { kind: "integer?" },
  ),
  time_waits: right(
    "TimeWait",
    8,
    numberOf("tw"),
    "Sockets in TIME_WAIT; null but for TCP.",
    { kind: "integer?" },
  ),
  allocated: right(
    "Alloc",
    8,
    numberOf("alloc"),
    "Sockets on the whole machine, closed ones too; null but for TCP.",
    { kind: "integer?" },
  ),
  memory_pages: right(
    "Pages",
    8,
    numberOf("mem"),
    "Memory pages of the protocol on the whole machine; null if it is not counted.",
    { kind: "integer?", unit: "pages" },
  ),
};

const table: Table<Row> = {
  name: "sockstat",
  identity: ["transport"],
  sources: [
    { path: "/proc/net/sockstat", rank: 910 },
    { path: "/proc/net/sockstat6", rank: 910 },
  ],
  columns,
  frozen: {
    title: { text: () => "Sockets by protocol", always: false },
  },
  lineLimit: 1023,
  row: () => ({ protocol: "", numbers: new Map() }),
  first: () => false,
  parse,
};

/** A table that is asked for by itself, as if it were a family. */
export default {
  name: "sockstat",
  about: "how many sockets of each protocol there are",
  hidden: true,
  tables: [table],
} satisfies Family;

/**
 * Settings of the kernel that are one number, and say how many there can be or are.
 *
 * @module
 */

import { left, right } from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";

/** A file of `/proc/sys`. */
interface Row {
  readonly path: string;
  value: number;
}

/** Parses the only line of such a file: `262144`. */
function parse(line: Line, row: Row): boolean {
  const text = line.text().trim();
  if (!/^\d{1,15}$/.test(text)) return false;
  row.value = Number(text);
  return true;
}

/** The files; a kernel without connection tracking has no file about it. */
const PATHS = [
  "/proc/sys/net/netfilter/nf_conntrack_count",
  "/proc/sys/net/netfilter/nf_conntrack_max",
  "/proc/sys/net/core/somaxconn",
  "/proc/sys/net/core/netdev_max_backlog",
  "/proc/sys/net/ipv4/tcp_max_orphans",
  "/proc/sys/net/ipv4/tcp_max_syn_backlog",
  "/proc/sys/net/ipv4/tcp_max_tw_buckets",
];

const columns: Columns<Row> = {
  setting: left(
    "Setting",
    40,
    ({ path }) => path.slice("/proc/sys/".length).replaceAll("/", "."),
    "The setting, as sysctl(8) calls it.",
    { kind: "string" },
  ),
  setting_value: right("Value", 12, ({ value }) => value, "What it is set to."),
};

const table: Table<Row> = {
  name: "sysctl",
  identity: ["setting"],
  sources: PATHS.map((path) => ({ path, rank: 920 })),
  columns,
  frozen: {
    title: { text: () => "Settings of the kernel", always: false },
  },
  lineLimit: 127,
  row: (_, path) => ({ path, value: 0 }),
  first: () => false,
  parse,
};

/** A table that is asked for by itself, as if it were a family. */
export default {
  name: "sysctl",
  about: "settings of the kernel that limit sockets",
  hidden: true,
  tables: [table],
} satisfies Family;

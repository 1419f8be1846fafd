/**
 * What each processor did with received packets before any protocol saw them.
 *
 * @module
 */

import { right } from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";

/** A line of `/proc/net/softnet_stat`. */
interface Row {
  cpu: number;
  processed: number;
  dropped: number;
  squeezed: number;
}

/** Kernels before 5.10 have 11 words and do not tell the processor. */
const CPU = 12;

/**
 * Parses a line of `softnet_seq_show`: hexadecimal words, without a header.
 *
 * ```text
 * processed dropped time_squeeze 0 0 0 0 0 cpu_collision received_rps flow_limit backlog cpu …
 * 009b087d 00000000 00000002 00000000 … 00000000 00000000 00000000
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const words = line.text().trim().split(/ +/);
  if (words.length < 3 || words.some((word) => !/^[\da-f]{8}$/.test(word))) {
    return false;
  }
  const numbers = words.map((word) => parseInt(word, 16));
  row.cpu = numbers[CPU] ?? row.cpu + 1;
  row.processed = numbers[0]!;
  row.dropped = numbers[1]!;
  row.squeezed = numbers[2]!;
  return true;
}

const columns: Columns<Row> = {
  cpu: right("CPU", 4, (row) => row.cpu, "Number of the processor."),
  packets_processed: right(
    "Processed",
    10,
    (row) => row.processed,
    "Packets that it took; the kernel counts to 2^32.",
    { unit: "packets", counter: true },
  ),
  packets_dropped: right(
    "Dropped",
    10,
    (row) => row.dropped,
    "Packets that it dropped, since its queue was full (net.core.netdev_max_backlog).",
    { unit: "packets", counter: true },
  ),
  time_squeeze: right(
    "Squeezed",
    10,
    (row) => row.squeezed,
    "How often it had to stop although packets were left " +
      "(net.core.netdev_budget).",
    { counter: true },
  ),
};

const table: Table<Row> = {
  name: "softnet",
  identity: ["cpu"],
  sources: [{ path: "/proc/net/softnet_stat", rank: 900 }],
  columns,
  frozen: {
    title: { text: () => "Received packets by processor", always: false },
  },
  lineLimit: 1023,
  row: () => ({ cpu: -1, processed: 0, dropped: 0, squeezed: 0 }),
  first: () => false,
  parse,
};

/** A table that is asked for by itself, as if it were a family. */
export default {
  name: "softnet",
  about: "packets that each processor received",
  hidden: true,
  tables: [table],
} satisfies Family;

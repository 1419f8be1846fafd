/**
 * Families of whose sockets procfs tells only how many there are: a line of
 * `/proc/net/protocols`.
 *
 * @module
 */

import { fact, left, right } from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";

/** A line of `/proc/net/protocols`. */
interface Row {
  protocol: string;
  size: number;
  sockets: number;
  memory: number;
  pressure: string;
  module: string;
}

/**
 * Parses a line of `proto_seq_printf`; a long name may fill its column:
 *
 * ```text
 * protocol  size sockets  memory press maxhdr  slab module     cl co di …
 * AF_VSOCK  1232      0      -1   NI       0   yes  vsock       y  n  n …
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const match = /^(\S+) +(\d+) +(\d+) +(-?\d+) +(\S+) +(\d+) +(yes|no) +(\S+)/
    .exec(
      line.text(),
    );
  if (match === null) return false;
  const [, protocol, size, sockets, memory, pressure, , , module] = match;
  row.protocol = protocol!;
  row.size = Number(size);
  row.sockets = Number(sockets);
  row.memory = Number(memory);
  row.pressure = pressure!;
  row.module = module!;
  return true;
}

const columns: Columns<Row> = {
  proto: left(
    "Proto",
    9,
    (row) => row.protocol,
    "Protocol, as the kernel has it.",
    { kind: "name", write: (out, row) => out.foreign(row.protocol) },
  ),
  sockets: right(
    "Sockets",
    7,
    (row) => row.sockets,
    "How many sockets there are.",
  ),
  memory_pages: right(
    "Memory",
    7,
    (row) => row.memory < 0 ? null : row.memory,
    "Pages of memory that they take; null if the kernel does not count them.",
    {
      unit: "pages",
      kind: "integer?",
      write: (out, { memory }) =>
        memory < 0 ? out.ascii("-") : out.integer(memory),
    },
  ),
  pressure: fact(
    "boolean?",
    (row) => row.pressure === "NI" ? null : row.pressure === "yes",
    "Whether memory is short; null if the kernel does not tell.",
  ),
  socket_size: right("Size", 6, (row) => row.size, "Bytes of one socket.", {
    unit: "bytes",
  }),
  module: left("Module", 0, (row) => row.module, "Kernel module.", {
    write: (out, row) => out.foreign(row.module),
  }),
};

/** A family that is the lines of `/proc/net/protocols` with these names. */
export function protocolFamily(
  name: string,
  about: string,
  rank: number,
  protocols: readonly string[],
): Family {
  const table: Table<Row> = {
    name: "protocols",
    sources: [{
      path: "/proc/net/protocols",
      rank,
      support: `AF ${name.toUpperCase()}`,
    }],
    columns,
    frozen: {
      title: { text: () => `${about} (number of sockets)`, always: false },
    },
    lineLimit: 8191,
    row: () => ({
      protocol: "",
      size: 0,
      sockets: 0,
      memory: 0,
      pressure: "",
      module: "",
    }),
    parse,
    keep: (row) => protocols.includes(row.protocol),
  };
  return { name, about, hidden: true, tables: [table] };
}

/**
 * Families of whose sockets procfs tells only how many there are: a line of
 * `/proc/net/protocols`.
 *
 * @module
 */

import { fact, left, right } from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";
import { textOf } from "./_words.ts";

/** A line of `/proc/net/protocols`. */
interface Row {
  protocol: string;
  size: number;
  sockets: number;
  memory: number;
  pressure: string;
  maxHeader: number;
  slab: boolean;
  module: string;
  /** What the last columns of the file are about, and which of it the protocol has. */
  known: readonly string[];
  methods: readonly string[];
}

/** What the first line's last words stand for: functions of `struct proto`. */
const METHODS: Readonly<Record<string, string>> = {
  cl: "close",
  co: "connect",
  di: "disconnect",
  ac: "accept",
  io: "ioctl",
  in: "init",
  de: "destroy",
  sh: "shutdown",
  ss: "setsockopt",
  gs: "getsockopt",
  se: "sendmsg",
  re: "recvmsg",
  sp: "sendpage",
  bi: "bind",
  br: "backlog_rcv",
  ha: "hash",
  uh: "unhash",
  gp: "get_port",
  em: "enter_memory_pressure",
};

/** The first line names the functions, of which newer kernels have fewer. */
function first(line: Line, row: Row): boolean {
  const [, words = ""] = textOf(line).split(" module ");
  row.known = words.split(" ").filter((word) => word !== "");
  return true;
}

const LINE =
  /^(\S+) +(\d+) +(\d+) +(-?\d+) +(\S+) +(\d+) +(yes|no) +(\S+)(.*)$/s;

/**
 * Parses a line of `proto_seq_printf`; a long name may fill its column:
 *
 * ```text
 * protocol  size sockets  memory press maxhdr  slab module     cl co di …
 * AF_VSOCK  1232      0      -1   NI       0   yes  vsock       y  n  n …
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const match = LINE.exec(line.text());
  if (match === null) return false;
  const [, protocol, size, sockets, memory, pressure, header, slab, module] =
    match;
  const flags = match[9]!.trim().split(/ +/);
  row.protocol = protocol!;
  row.size = Number(size);
  row.sockets = Number(sockets);
  row.memory = Number(memory);
  row.pressure = pressure!;
  row.maxHeader = Number(header);
  row.slab = slab === "yes";
  row.methods = row.known.filter((_, i) => flags[i] === "y")
    .map((word) => METHODS[word] ?? word);
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
  max_hdr: fact(
    "integer",
    (row) => row.maxHeader,
    "Bytes that its headers take at most; 0 if the protocol does not tell.",
    { unit: "bytes" },
  ),
  slab: fact(
    "boolean",
    (row) => row.slab,
    "Whether its sockets have a memory cache of their own.",
  ),
  methods: fact(
    "strings",
    (row) => row.methods,
    "What the protocol does itself, as the kernel names it.",
  ),
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
    identity: ["proto"],
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
      maxHeader: 0,
      slab: false,
      module: "",
      known: [],
      methods: [],
    }),
    first,
    parse,
    keep: (row) => protocols.includes(row.protocol),
  };
  return { name, about, hidden: true, tables: [table] };
}

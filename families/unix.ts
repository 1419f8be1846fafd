/**
 * UNIX domain sockets.
 *
 * @module
 */

import { fact, kept, left, listed, ownerColumns } from "../core/column.ts";
import type { Columns, Family, Long, Out, Table } from "../core/family.ts";
import { isSpace, type Line, signed64 } from "../core/line.ts";

const COLON = 58;

/** `__SO_ACCEPTCON`; the other two flags are older kernels'. */
const ACC = 0x10000;
const WAITDATA = 0x20000;
const NOSPACE = 0x40000;

const TYPES = ["", "STREAM", "DGRAM", "RAW", "RDM", "SEQPACKET"];

/** `SS_UNCONNECTED`: listening, or not connected. */
const UNCONNECTED = 1;

/** `enum socket_state` */
const STATES = ["FREE", "", "CONNECTING", "CONNECTED", "DISCONNECTING"];

/** A line of `/proc/net/unix`. */
interface Row {
  refCount: Long;
  protocol: Long;
  flags: number;
  type: number;
  state: number;
  inode: Long;
  /** Where the path is in `bytes`: all of it, up to the end of the line. */
  bytes: Uint8Array;
  pathStart: number;
  pathEnd: number;
  /** Whether the file has inodes; kernels before 2.2 did not. */
  hasInode: boolean;
  /** Whether a number stands where the inode is, or would be. */
  hasNumber: boolean;
}

function isServer(row: Row): boolean {
  return row.state === UNCONNECTED && (row.flags & ACC) !== 0;
}

function typeName(row: Row): string {
  return TYPES[row.type] || "UNKNOWN";
}

function stateName(row: Row): string {
  return isServer(row) ? "LISTENING" : STATES[row.state] ?? "UNKNOWN";
}

function flagNames(row: Row): string {
  return (row.flags & ACC ? "ACC " : "") + (row.flags & WAITDATA ? "W " : "") +
    (row.flags & NOSPACE ? "N " : "");
}

/** Whether the first line, the header, tells of inodes. */
function first(line: Line, row: Row): boolean {
  row.hasInode = line.text(line.start, line.end).includes("Inode");
  return true;
}

/**
 * Parses a line of `unix_seq_show`:
 *
 * ```text
 * Num       RefCount Protocol Flags    Type St Inode Path
 * 0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/socket
 * ```
 */
function parse(line: Line, row: Row): boolean {
  pointer(line);
  line.skip(COLON);
  row.refCount = line.hex();
  row.protocol = line.hex();
  row.flags = line.hex32();
  row.type = line.hex32();
  row.state = line.hex32();
  if (line.fields < 6) return false;
  const before = line.at;
  row.inode = line.decimal();
  row.hasNumber = !line.failed;
  row.bytes = line.bytes;
  const after = row.hasInode ? row.hasNumber ? line.at : line.end : before;
  // one blank stands in front of the path; a path may start with more
  row.pathStart = after < line.end && isSpace(line.bytes[after]!)
    ? after + 1
    : after;
  row.pathEnd = line.end;
  return true;
}

/** Reads the socket's address: hexadecimal, or `(nil)`. */
function pointer(line: Line): void {
  line.blanks();
  if (line.text(line.at, Math.min(line.at + 5, line.end)) === "(nil)") {
    line.at += 5;
    line.fields++;
  } else {
    line.hex();
  }
}

/** Writes the path up to its first blank, where net-tools stops reading. */
function writePath(out: Out, row: Row): void {
  // net-tools: takes a number for the inode even where there is none
  if (!row.hasInode && row.hasNumber) return out.integer(row.inode);
  const { bytes, pathStart, pathEnd } = row;
  let from = pathStart;
  while (from < pathEnd && isSpace(bytes[from]!)) from++;
  let to = from;
  while (to < pathEnd && bytes[to] !== 0 && !isSpace(bytes[to]!)) to++;
  out.foreignBytes(bytes, from, to);
}

function pathText({ bytes, pathStart, pathEnd }: Row): string | null {
  let text = "";
  for (let i = pathStart; i < pathEnd; i++) {
    text += String.fromCharCode(bytes[i]!);
  }
  return text === "" ? null : text;
}

const columns: Columns<Row> = {
  proto: left("Proto", 5, () => "unix", "Protocol.", {
    write: (out, row) => out.ascii(row.protocol === 0 ? "unix" : "??"),
  }),
  protocol_num: fact("integer", (row) => row.protocol, "Protocol number: 0."),
  refcnt: left(
    "RefCnt",
    6,
    (row) => signed64(row.refCount),
    "Reference count.",
    { type: "integer" },
  ),
  flags: left(
    "Flags",
    11,
    (row) => flagNames(row).trimEnd() || null,
    "`ACC` if the socket listens (older kernels: `W`, `N`); null without any.",
    {
      type: "string?",
      write: (out, row) => out.ascii(`[ ${flagNames(row)}]`),
    },
  ),
  flags_num: fact("integer", (row) => row.flags >>> 0, "Flags as a number."),
  type: left("Type", 10, typeName, "Type of the socket."),
  type_num: fact("integer", (row) => row.type, "Type as a number."),
  state: left(
    "State",
    13,
    (row) => stateName(row) || null,
    "State; null if the socket is neither connected nor listening.",
    { type: "string?", write: (out, row) => out.ascii(stateName(row)) },
  ),
  state_num: fact(
    "integer",
    (row) => row.state,
    "State as the kernel numbers it (enum socket_state).",
  ),
  inode: left(
    "I-Node",
    8,
    (row) => row.hasInode ? row.inode : null,
    "Inode of the socket.",
    {
      type: "integer?",
      write: (out, row) =>
        row.hasInode ? out.integer(row.inode) : out.ascii("-"),
    },
  ),
  ...ownerColumns<Row>((row) => row.hasInode ? row.inode : -1),
  path: left("Path", 0, pathText, "Path or, after a `@`, abstract name.", {
    type: "string?",
    write: writePath,
  }),
};

const table: Table<Row> = {
  name: "unix",
  sources: [
    { path: "/proc/net/unix", proto: "unix", rank: 100, support: "AF UNIX" },
  ],
  title: {
    text: (view) => `Active UNIX domain sockets ${listed(view)}`,
    always: true,
  },
  columns,
  lineLimit: 8191,
  row: () => ({
    refCount: 0,
    protocol: 0,
    flags: 0,
    type: 0,
    state: 0,
    inode: 0,
    bytes: new Uint8Array(0),
    pathStart: 0,
    pathEnd: 0,
    hasInode: true,
    hasNumber: false,
  }),
  first,
  parse,
  keep: (row, view) => kept(isServer(row), view),
  inode: (row) => row.hasInode ? row.inode : -1,
  ours: true,
};

/** The family. */
const unix: Family = {
  name: "unix",
  about: "UNIX domain sockets",
  tables: [table],
};

export default unix;

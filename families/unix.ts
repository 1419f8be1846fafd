/**
 * UNIX domain sockets.
 *
 * @module
 */

import {
  among,
  fact,
  kept,
  left,
  listed,
  ownerColumns,
  type Tones,
} from "../core/contract/column.ts";
import type { DeepTable } from "../core/contract/depth.ts";
import type { Columns, Family, Out } from "../core/contract/family.ts";
import { ACC, emptyRow, pathText, type Row, UNCONNECTED } from "./_unix_row.ts";
import {
  HEX,
  hex2,
  hex4,
  hex8,
  isSpace,
  type Line,
  signed64,
} from "../core/contract/line.ts";

const BLANK = 32;
const COLON = 58;
const CLOSE = 93;

/** Flags of older kernels. */
const WAITDATA = 0x20000;
const NOSPACE = 0x40000;

const TYPES = ["", "STREAM", "DGRAM", "RAW", "RDM", "SEQPACKET"];

/** `enum socket_state` */
const STATES = ["FREE", "", "CONNECTING", "CONNECTED", "DISCONNECTING"];

/** What they mean, and the one of a socket that listens. */
const TONES: Tones = {
  LISTENING: "listening",
  FREE: "closing",
  CONNECTING: "pending",
  CONNECTED: "connected",
  DISCONNECTING: "closing",
};

function isServer(row: Row): boolean {
  return row.state === UNCONNECTED && (row.flags & ACC) !== 0;
}

function typeName(row: Row): string {
  return TYPES[row.type] || "UNKNOWN";
}

function stateName(row: Row): string {
  return isServer(row) ? "LISTENING" : STATES[row.state] ?? "UNKNOWN";
}

function flagNames({ flags }: Row): string {
  if ((flags & (ACC | WAITDATA | NOSPACE)) === 0) return "";
  return (flags & ACC ? "ACC " : "") + (flags & WAITDATA ? "W " : "") +
    (flags & NOSPACE ? "N " : "");
}

/** Whether the first line, the header, tells of inodes. */
function first(line: Line, row: Row): boolean {
  row.hasInode = line.text().includes("Inode");
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
  return parseExact(line, row) || parseLoosely(line, row);
}

/** {@linkcode parse} for a line that looks exactly as the kernel writes it. */
function parseExact(line: Line, row: Row): boolean {
  const { bytes, words, end } = line;
  let at = line.start;
  while (HEX[bytes[at]!]! >= 0) at++;
  // the fields up to the state have fixed widths
  if (at === line.start || end - at < 39 || !row.hasInode) return false;
  const refCount = hex8(words, at + 2);
  const protocol = hex8(words, at + 11);
  const flags = hex8(words, at + 20);
  const type = hex4(words, at + 29);
  const state = hex2(words, at + 34);
  if (
    refCount < 0 || protocol < 0 || flags < 0 || (type | state) < 0 ||
    bytes[at] !== COLON || bytes[at + 1] !== BLANK ||
    bytes[at + 10] !== BLANK || bytes[at + 19] !== BLANK ||
    bytes[at + 28] !== BLANK || bytes[at + 33] !== BLANK ||
    bytes[at + 36] !== BLANK
  ) return false;
  at += 37;
  while (at < end && bytes[at] === BLANK) at++;
  const from = at;
  let inode = 0;
  for (let digit = 0; at < end && (digit = bytes[at]! - 48 >>> 0) < 10; at++) {
    inode = 10 * inode + digit;
  }
  const exact = at > from && at - from < 16 &&
    (at === end || bytes[at] === BLANK);
  if (!exact) return false;

  row.refCount = refCount;
  row.protocol = protocol;
  row.flags = flags | 0;
  row.type = type;
  row.state = state;
  row.inode = inode;
  row.hasNumber = true;
  row.bytes = bytes;
  row.pathStart = at < end ? at + 1 : end;
  row.pathEnd = end;
  line.at = at;
  return true;
}

/** {@linkcode parse} for any line, by the rules of `sscanf`. */
function parseLoosely(line: Line, row: Row): boolean {
  line.rewind();
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

/** `sizeof(sun_path)`: no path is longer, newlines included. */
const PATH_MOST = 108;

const scratch = emptyRow();

/** The kernel writes a path as it is; what is no row is what follows a newline. */
function continues(line: Line, next: Line): boolean {
  if (parse(next, scratch) || !parse(line, scratch)) return false;
  // a blank stands behind the inode if there is a path at all
  const named = !line.failed && line.at < line.end;
  return named && next.end - scratch.pathStart <= PATH_MOST;
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

const columns: Columns<Row> = {
  proto: left("Proto", 5, () => "unix", "Protocol.", {
    kind: "name",
    write: (out, row) => out.ascii(row.protocol === 0 ? "unix" : "??"),
  }),
  protocol_num: fact("integer", (row) => row.protocol, "Protocol number: 0."),
  refcnt: left(
    "RefCnt",
    6,
    (row) => signed64(row.refCount),
    "Reference count.",
    { kind: "integer" },
  ),
  flags: left(
    "Flags",
    11,
    (row) => flagNames(row).trimEnd() || null,
    "`ACC` if the socket listens (older kernels: `W`, `N`); null without any.",
    {
      kind: "string?",
      write(out, row) {
        out.ascii("[ ");
        out.ascii(flagNames(row));
        out.byte(CLOSE);
      },
    },
  ),
  flags_num: fact("integer", (row) => row.flags >>> 0, "Flags as a number."),
  type: left("Type", 10, typeName, "Type of the socket.", {
    kind: "name",
    words: TYPES.filter(Boolean),
  }),
  type_num: fact("integer", (row) => row.type, "Type as a number."),
  state: left(
    "State",
    13,
    (row) => stateName(row) || null,
    "State; null if the socket is neither connected nor listening.",
    {
      kind: "name?",
      write: (out, row) => out.ascii(stateName(row)),
      ...among(stateName, TONES),
    },
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
      kind: "integer?",
      write: (out, row) =>
        row.hasInode ? out.integer(row.inode) : out.ascii("-"),
    },
  ),
  ...ownerColumns<Row>((row) => row.hasInode ? row.inode : -1),
  path: left(
    "Path",
    0,
    pathText,
    "Path or, after a `@`, abstract name, in which newer kernels write each NUL as " +
      "a `@` too.",
    {
      kind: "string?",
      write: writePath,
      tone: (row) => isServer(row) ? "listening" : undefined,
    },
  ),
};

const table: DeepTable<Row> = {
  name: "unix",
  identity: ["proto", ["path", "inode"]],
  sources: [
    { path: "/proc/net/unix", proto: "unix", rank: 100, support: "AF UNIX" },
  ],
  columns,
  frozen: {
    title: {
      text: (view) => `Active UNIX domain sockets ${listed(view)}`,
      always: true,
    },
  },
  lineLimit: 8191,
  row: emptyRow,
  first,
  parse,
  continues,
  keep: (row, view) => kept(isServer(row), view),
  inode: (row) => row.hasInode ? row.inode : -1,
  ours: true,
  depth: async () => (await import("./_unix_depth.ts")).unixDepth(table),
  doubted: true,
};

/** The kernel's `AF_UNIX`. */
export default {
  name: "unix",
  about: "UNIX domain sockets",
  tables: [table],
} satisfies Family;

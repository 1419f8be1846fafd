/**
 * Routes as the kernel tells of them over netlink: of all tables, and with all that a
 * line of a file has no place for. An answer has all of a line, but for flags of IPv6.
 *
 * @module
 */

import type { Depth, Told } from "../core/contract/depth.ts";
import { type Answer, FIXED } from "../core/contract/diag.ts";
import type {
  Column,
  Columns,
  Out,
  Table,
  View,
} from "../core/contract/family.ts";
import type { Address } from "../core/contract/ip.ts";
import { byteString } from "../core/contract/line.ts";
import { deepColumns } from "./_diag_columns.ts";
import { REJECT } from "./_routes.ts";
import { INET, INET6, interfaceOf, readAddress } from "./_rt_fields.ts";
import {
  ALL_TABLES,
  DST,
  firstHop,
  type Hop,
  isWhole,
  PRIORITY,
  routeAsking,
  routeFields,
  sizesOf,
  SRC,
  tableOf,
  typeOf,
} from "./_rt_route.ts";

/** `RT_TABLE_MAIN`, the one of which `/proc/net/route` tells. */
const MAIN = 254;

/** `RTF_…`, as files have them */
const UP = 0x1;
const BY_GATEWAY = 0x2;
const HOST = 0x4;

/** `RTN_…` */
const BROADCAST = 3;
const MULTICAST = 5;
const BLACKHOLE = 6;
const UNREACHABLE = 7;
const PROHIBIT = 8;
const THROW = 9;

/** What the file has in place of an interface. */
const NO_INTERFACE = "*";

/** The kernel adds so many bytes of headers to a segment's size. */
const HEADERS = 40;

/** A route of IPv4. */
export interface InetRoute extends Told {
  /** The destination; all zeros for any. */
  readonly destination: Address;
  /** Its mask. */
  readonly mask: Address;
  /** The gateway; all zeros if there is none. */
  readonly gateway: Address;
  /** Flags (`RTF_…`). */
  flags: number;
  /** The metric. */
  metric: number;
  /** Segment size and 40; 0 if not set. */
  mtu: number;
  /** The largest TCP window; 0 if not set. */
  window: number;
  /** The first guess of the round-trip time, in milliseconds; 0 if not set. */
  irtt: number;
  /** Name of the interface, as a byte string. */
  iface: string;
}

/** What a line of `/proc/net/ipv6_route` tells besides. */
export type Besides = Pick<Inet6Route, "flags" | "refcnt" | "use">;

/** A route of IPv6. */
export interface Inet6Route extends Told {
  /** The destination; all zeros for any. */
  readonly destination: Address;
  /** Bits of the destination that count. */
  prefixLength: number;
  /** The source that it is for; all zeros for any. */
  readonly source: Address;
  /** Bits of the source that count. */
  sourcePrefixLength: number;
  /** The next hop; all zeros if there is none. */
  readonly nextHop: Address;
  /** The metric. */
  metric: number;
  /** References to it. */
  refcnt: number;
  /** Look-ups of it. */
  use: number;
  /** Flags (`RTF_…`). */
  flags: number;
  /** Name of the interface, as a byte string. */
  iface: string;
  /** What lines of the file tell besides, where an answer is looked for. Null: several differ. */
  lines: Map<string, Besides | null> | undefined;
  /** Whether no line tells that of this row. */
  unsure: boolean;
}

/** Reads an address that is all zeros if it is not there. Returns whether it fits. */
function readPrefix(
  answer: Answer,
  type: number,
  { address, bits, size }: {
    readonly address: Address;
    readonly bits: number;
    readonly size: 4 | 16;
  },
): boolean {
  if (bits > 8 * size) return false;
  if (answer.has(type)) {
    return readAddress(answer, type, address) && address.length === size;
  }
  address.length = size;
  address.bytes.fill(0);
  return bits === 0;
}

/** Copies an address of the family, or nothing but zeros. */
function setAddress(
  into: Address,
  from: Address | undefined,
  size: 4 | 16,
): void {
  into.length = size;
  into.bytes.fill(0);
  if (from?.length === size) into.bytes.set(from.bytes.subarray(0, size));
}

function setMask({ bytes }: Address, length: number): void {
  for (let i = 0; i < 4; i++) {
    bytes[i] = 0xff00 >> Math.min(8, Math.max(0, length - 8 * i));
  }
}

/** An interface's name; if that is not known, its number, as in `if7`. */
function nameOf(hop: Hop | undefined, view: View): string | undefined {
  const index = hop?.index ?? null;
  return index === null ? undefined : interfaceOf(index, view) ?? `if${index}`;
}

/** Fills a row with all that a line of `/proc/net/route` tells. */
function parseInet(row: InetRoute, view: View): boolean {
  const answer = row.answer!;
  if (!isWhole(answer)) return false;
  const bits = answer.u8(FIXED, 1)!;
  const { destination } = row;
  if (!readPrefix(answer, DST, { address: destination, bits, size: 4 })) {
    return false;
  }
  setMask(row.mask, bits);
  const hop = firstHop(answer);
  setAddress(row.gateway, hop?.gateway, 4);
  const type = typeOf(answer);
  const rejects = type === UNREACHABLE || type === PROHIBIT;
  row.flags = UP | (rejects ? REJECT : 0) |
    (hop?.gateway === undefined ? 0 : BY_GATEWAY) | (bits === 32 ? HOST : 0);
  row.metric = answer.u32(PRIORITY) ?? 0;
  const { advmss, window, irtt } = sizesOf(answer, view);
  row.mtu = advmss === 0 ? 0 : advmss + HEADERS;
  row.window = window;
  row.irtt = irtt;
  row.iface = nameOf(hop, view) ?? NO_INTERFACE;
  return true;
}

/** The depth of IPv4's table, whose columns are given. */
export function inetDepth<Row extends InetRoute>(
  columns: Columns<Row>,
): Depth<Row> {
  const asking = routeAsking(INET);
  return {
    columns: deepColumns(columns, routeFields),
    identity: [
      "table",
      "destination",
      "prefix_length",
      "gateway",
      "iface",
      "metric",
      "tos",
    ],
    asking: () => asking,
    parse: parseInet,
    // as the file does, unless tables are asked for
    lists({ answer }, show) {
      const type = typeOf(answer!);
      return (show & ALL_TABLES) !== 0 ||
        (tableOf(answer!) === MAIN && type !== BROADCAST &&
          type !== MULTICAST);
    },
  };
}

function keyOf(row: Inet6Route): string {
  const { destination, source, nextHop } = row;
  return [
    byteString(destination.copy()),
    row.prefixLength,
    byteString(source.copy()),
    row.sourcePrefixLength,
    byteString(nextHop.copy()),
    row.metric >>> 0,
    row.iface,
  ].join("\n");
}

/** Fills a row with all that a line of `/proc/net/ipv6_route` tells. */
function parseInet6(row: Inet6Route, view: View): boolean {
  const answer = row.answer!;
  if (!isWhole(answer)) return false;
  const { destination, source } = row;
  const bits = answer.u8(FIXED, 1)!;
  const sourceBits = answer.u8(FIXED, 2)!;
  const isGood =
    readPrefix(answer, DST, { address: destination, bits, size: 16 }) &&
    readPrefix(answer, SRC, { address: source, bits: sourceBits, size: 16 });
  if (!isGood) return false;
  row.prefixLength = bits;
  row.sourcePrefixLength = sourceBits;
  const hop = firstHop(answer);
  setAddress(row.nextHop, hop?.gateway, 16);
  row.metric = answer.u32(PRIORITY) ?? 0;
  row.iface = nameOf(hop, view) ?? "";
  const found = row.lines?.get(keyOf(row));
  const type = typeOf(answer)!;
  // what is sure of the flags, for the text
  const flags = UP | (hop?.gateway === undefined ? 0 : BY_GATEWAY) |
    (bits === 128 ? HOST : 0) |
    (type >= BLACKHOLE && type <= THROW ? REJECT : 0);
  row.flags = found?.flags ?? flags;
  row.refcnt = found?.refcnt ?? 0;
  row.use = found?.use ?? 0;
  row.unsure = !found;
  return true;
}

/** A column of what only lines tell: null where none does. */
function known<Row extends Inet6Route>(column: Column<Row>): Column<Row> {
  const { value, cell } = column;
  const write = (out: Out, row: Row, view: View) => {
    const told = value(row, view);
    if (typeof told === "number") out.integer(told);
    else out.ascii(told as string);
  };
  return {
    ...column,
    nullable: true,
    value: (row, view) => row.unsure ? null : value(row, view),
    ...(cell && { cell: { write, ...cell } }),
  };
}

const BESIDES = ["flags", "flags_num", "refcnt", "use"];

/** The depth of IPv6's table, and of its file, which tells more in some respects. */
export function inet6Depth<Row extends Inet6Route>(
  columns: Columns<Row>,
  { path, lineLimit, row: made, parse }:
    & Pick<Table<Row>, "lineLimit" | "parse">
    & { readonly path: string; row(): Row },
): Depth<Row> {
  const asking = routeAsking(INET6);
  const scratch = made();
  const own = Object.entries(columns).map(([key, column]) => [
    key,
    BESIDES.includes(key) ? known(column) : column,
  ]);
  return {
    columns: deepColumns(Object.fromEntries(own), routeFields),
    identity: [
      "table",
      "destination",
      "prefix_length",
      "source",
      "gateway",
      "iface",
      "metric",
    ],
    asking: () => asking,
    parse: parseInet6,
    besides: {
      keys: new Set(BESIDES),
      file: {
        path,
        needed: false,
        lineLimit,
        first: () => false,
        parse(line, row) {
          if (!parse(line, scratch)) return false;
          const lines = row.lines ??= new Map();
          const key = keyOf(scratch);
          const { flags, refcnt, use } = scratch;
          const other = lines.get(key);
          const isSame = other === undefined ||
            (other?.flags === flags && other.refcnt === refcnt &&
              other.use === use);
          lines.set(key, isSame ? { flags, refcnt, use } : null);
          return true;
        },
      },
    },
  };
}

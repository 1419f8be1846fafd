/**
 * IPv6 routes, and the cache of neighbours that kernels before 2.4 had.
 *
 * @module
 */

import {
  among,
  fact,
  foreign,
  heading,
  left,
  reprinted,
  type Tones,
} from "../core/contract/column.ts";
import type { DeepTable } from "../core/contract/depth.ts";
import type { Columns, Printed, Table, Tone } from "../core/contract/family.ts";
import { Address, readIpv6, spellAddress } from "../core/contract/ip.ts";
import { type Line, NAME_MOST } from "../core/contract/line.ts";
import { type Host, hostColumns, spelling, writeHost } from "./_hosts.ts";
import {
  flagColumns,
  layoutOf,
  type Letters,
  notConfigured,
  numeric,
  pick,
  REJECT,
  routeHostOf,
  SIZES,
  speller,
  usageColumns,
} from "./_routes.ts";
import type { Inet6Route as RouteRow } from "./_routes_depth.ts";
import { hex, nextWord } from "./_words.ts";

const PATH = "/proc/net/ipv6_route";
const NEIGHBOURS = "/proc/net/ndisc";
const LINE_LIMIT = 1022;

/** `RTF_CACHE`, `include/uapi/linux/ipv6_route.h` */
const CACHED = 0x1000000;

const MISSING = notConfigured("INET6 (IPv6)");

/** The columns of an address, and of its name; the text may have a prefix's length. */
function host<Row>(
  key: string,
  header: string,
  width: number,
  { address, prefix, ...words }:
    & Pick<Host<Row>, "about" | "named" | "tone">
    & { address(row: Row): Address; prefix?(row: Row): number },
): Columns<Row> {
  return hostColumns<Row>(key, header, width, {
    ...words,
    address,
    name: (row, view) => routeHostOf(address(row), view),
    write(out, row, view) {
      writeHost(out, address(row), view, numeric(view));
      if (prefix !== undefined) out.ascii(`/${prefix(row)}`);
    },
  });
}

/** A route. */
class Route implements RouteRow {
  answer: RouteRow["answer"];
  peer: undefined;
  lines: RouteRow["lines"];
  unsure = false;
  readonly destination = new Address();
  prefixLength = 0;
  readonly source = new Address();
  sourcePrefixLength = 0;
  readonly nextHop = new Address();
  metric = 0;
  refcnt = 0;
  use = 0;
  flags = 0;
  iface = "";
}

/**
 * Parses a line of `rt6_info_route`, which has no header: destination and source,
 * each with the length of its prefix, next hop, metric, references, use, flags and
 * interface, all in hexadecimal.
 *
 * ```text
 * fe80…0000 40 0000…0000 00 0000…0000 00000100 00000001 00000000 00000001     eth0
 * ```
 */
function parse(line: Line, row: Route): boolean {
  readIpv6(line, row.destination);
  row.prefixLength = line.hex32(2);
  readIpv6(line, row.source);
  row.sourcePrefixLength = line.hex32(2);
  readIpv6(line, row.nextHop);
  row.metric = line.hex32(8);
  row.refcnt = line.hex32(8);
  row.use = line.hex32(8);
  row.flags = line.hex32(8);
  row.iface = nextWord(line, NAME_MOST);
  return !line.failed;
}

const LETTERS: Letters = [
  [0x1, "U"],
  [REJECT, "!"],
  [0x2, "G"],
  [0x4, "H"],
  [0x10000, "D"],
  [0x40000, "A"],
  [CACHED, "C"],
  [0x20000, "a"],
  [0x400000, "e"],
  [0x20, "m"],
  [0x200000, "n"],
  [0x2000000, "f"],
];

/** Stands out if it is the default route; the kernel has one that rejects, too. */
function defaultTone(row: Route): Tone | undefined {
  const isDefault = row.prefixLength === 0 && (row.flags & REJECT) === 0;
  return isDefault ? "default" : undefined;
}

const usage = usageColumns<Route>();

const columns: Columns<Route> = {
  ...host<Route>("destination", "Destination", 30, {
    address: (row) => row.destination,
    prefix: (row) => row.prefixLength,
    about: "Destination, numeric.",
    named: "Name of the destination",
    tone: defaultTone,
  }),
  prefix_length: fact(
    "integer",
    (row) => row.prefixLength,
    "Bits of the destination that count.",
  ),
  source: fact(
    "address",
    (row) => spellAddress(row.source),
    "Source that the route is for, numeric.",
    spelling((row) => row.source),
  ),
  source_prefix_length: fact(
    "integer",
    (row) => row.sourcePrefixLength,
    "Bits of the source that count.",
  ),
  ...host<Route>("gateway", "Next Hop", 26, {
    address: (row) => row.nextHop,
    about: "Next hop, numeric; :: if there is none.",
    named: "Name of the next hop",
    tone: defaultTone,
  }),
  ...flagColumns<Route>(speller(LETTERS), "Flag", 4),
  metric: reprinted(usage.metric, { header: "Met", width: -3 }),
  refcnt: reprinted(usage.refcnt, { width: -1 }),
  use: reprinted(usage.use, { width: 6, headerWidth: 4 }),
  iface: foreign("If", 0, (row) => row.iface, "Network interface."),
};

const fileTable: Table<Route> = {
  name: "ipv6_route",
  identity: [
    "destination",
    "prefix_length",
    "source",
    "gateway",
    "iface",
    "metric",
  ],
  sources: [{ path: PATH }],
  part: "fib",
  columns,
  frozen: {
    title: heading("Kernel IPv6 routing table"),
    missing: MISSING,
  },
  lineLimit: LINE_LIMIT,
  row: () => new Route(),
  first: () => false,
  parse,
  keep: (row) => (row.flags & CACHED) === 0,
};

const table: DeepTable<Route> = {
  ...fileTable,
  depth: async () =>
    (await import("./_routes_depth.ts")).inet6Depth(columns, {
      path: PATH,
      lineLimit: LINE_LIMIT,
      row: () => new Route(),
      parse,
    }),
};

const cachedRoutes: Table<Route> = {
  ...fileTable,
  part: "cache",
  keep: (row) => (row.flags & CACHED) !== 0,
  frozen: { ...table.frozen, title: heading("Kernel IPv6 routing cache") },
};

/** A neighbour. */
class Neighbour {
  readonly address = new Address();
  prefixLength = 0;
  location = 0;
  type = 0;
  state = 0;
  expires = 0;
  now = 0;
  reachable = 0;
  collect = 0;
  refcnt = 0;
  flags = 0;
  iface = "";
  hardware = "";
}

const MINUS = 45;

/** Times are told in clock ticks: `USER_HZ` is 100 on every Linux. */
const USER_HZ = 100;

/** `NUD_*`, `include/net/neighbour.h` */
const STATES: Readonly<Record<number, string>> = {
  0: "NONE",
  1: "INCOMPLETE",
  2: "REACHABLE",
  4: "STALE",
  8: "DELAY",
  16: "PROBE",
  32: "FAILED",
  64: "NOARP",
  128: "PERM",
};
/** What they mean. */
const TONES: Tones = {
  NONE: null,
  INCOMPLETE: "pending",
  REACHABLE: "connected",
  STALE: null,
  DELAY: null,
  PROBE: null,
  FAILED: "trouble",
  NOARP: null,
  PERM: null,
};
const REACHABLE = 2;

/**
 * Parses a line of `ndisc_get_info`, which has no header: address, location, length
 * of the prefix, type, state, four times, references, flags, interface and hardware
 * address, all in hexadecimal.
 *
 * ```text
 * fe80…0001 40 80 01 02 00000100 00000050 00000200 0300 0000 80     eth0 001122334455
 * ```
 */
function parseNeighbour(line: Line, row: Neighbour): boolean {
  readIpv6(line, row.address);
  row.location = line.hex32(2);
  row.prefixLength = line.hex32(2);
  row.type = line.hex32(2);
  row.state = line.hex32(2);
  row.expires = ticks(line, 8);
  row.now = ticks(line, 8);
  row.reachable = ticks(line, 8);
  row.collect = ticks(line, 4);
  row.refcnt = line.hex32(4);
  row.flags = line.hex32(4);
  row.iface = nextWord(line, NAME_MOST);
  const pairs: string[] = [];
  while (pairs.length < 6) pairs.push(nextWord(line, 2));
  row.hardware = pairs.join(":");
  return !line.failed;
}

/** Reads a time of so many digits. No kernel writes a sign, but net-tools reads one. */
function ticks(line: Line, most: number): number {
  line.blanks();
  const isNegative = line.bytes[line.at] === MINUS;
  const value = line.hex32(most);
  return isNegative ? value : value >>> 0;
}

/** Whole seconds from now, none if it is past. */
function seconds(time: number, now: number): number {
  return time > now ? Math.trunc((time - now) / USER_HZ) : 0;
}

function stale(row: Neighbour): number {
  return row.state === REACHABLE ? seconds(row.reachable, row.now) : 0;
}

const spellNeighbour = speller([
  [0x80, "R"],
  [0x4, "x"],
  [0x2, "h"],
  [0x8, "P"],
]);

function stateName(row: Neighbour): string | null {
  return STATES[row.state] ?? null;
}

const neighbourColumns: Columns<Neighbour> = {
  ...host<Neighbour>("neighbour", "Neighbour", 43, {
    address: (row) => row.address,
    prefix: (row) => row.prefixLength,
    about: "The neighbour's address, numeric.",
    named: "The neighbour's name",
  }),
  prefix_length: fact(
    "integer",
    (row) => row.prefixLength,
    "Bits of the address.",
  ),
  hardware_address: foreign(
    "HW Address",
    17,
    (row) => row.hardware,
    "Hardware address.",
    { kind: "address?" },
  ),
  iface: foreign("Iface", 8, (row) => row.iface, "Network interface."),
  ...flagColumns<Neighbour>(spellNeighbour, "Flags", 5),
  refcnt: left("Ref", 3, (row) => row.refcnt, "References to the entry.", {
    kind: "integer",
  }),
  state: left(
    "State",
    16,
    stateName,
    "State; null if it has no name.",
    {
      kind: "name?",
      ...among(stateName, TONES),
      write: (out, { state }) =>
        out.ascii(
          STATES[state] ??
            `UNKNOWN(${hex(state, 2)})`,
        ),
    },
  ),
  state_num: fact(
    "integer",
    (row) => row.state,
    "State as the kernel numbers it (NUD_*).",
  ),
  stale_s: left(
    "Stale(sec)",
    10,
    stale,
    "Seconds until a reachable neighbour is stale; else 0.",
    { unit: "seconds", kind: "duration" },
  ),
  delete_s: left(
    "Delete(sec)",
    0,
    (row) => row.refcnt === 0 ? seconds(row.collect, row.now) : null,
    "Seconds until the entry is deleted; null while it is referred to.",
    {
      unit: "seconds",
      kind: "duration?",
      write: (out, row) =>
        out.ascii(
          row.refcnt !== 0
            ? "* "
            : `${seconds(row.collect, row.now)}`.padEnd(7) + " ",
        ),
    },
  ),
  expires_s: fact(
    "duration",
    (row) => seconds(row.expires, row.now),
    "Seconds until the entry expires; 0 if it has.",
    { unit: "seconds" },
  ),
  location: fact("integer", (row) => row.location, "Location."),
  address_type: fact("integer", (row) => row.type, "Type of the address."),
};

const SHORT: readonly Printed<Neighbour>[] = [
  ...pick(neighbourColumns, "neighbour", "hardware_address", "iface"),
  ...pick(neighbourColumns, "flags", "refcnt"),
  reprinted(neighbourColumns.state!, { headerWidth: 0 }),
];
const LONG: readonly Printed<Neighbour>[] = [
  ...SHORT.slice(0, -1),
  ...pick(neighbourColumns, "state", "stale_s", "delete_s"),
];

const neighbours: Table<Neighbour> = {
  name: "ndisc",
  identity: ["neighbour", "iface"],
  sources: [{ path: NEIGHBOURS }],
  part: "cache",
  instead: cachedRoutes,
  columns: neighbourColumns,
  frozen: {
    title: heading("Kernel IPv6 Neighbour Cache"),
    missing: MISSING,
    layout: (view) => layoutOf(view) === SIZES ? SHORT : LONG,
  },
  lineLimit: LINE_LIMIT,
  row: () => new Neighbour(),
  first: () => false,
  parse: parseNeighbour,
};

/** The tables. */
export const ROUTES = [table, neighbours];

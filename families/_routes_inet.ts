/**
 * IPv4 routes, and the cache of routes that kernels before 3.6 had.
 *
 * @module
 */

import { fact, left, right } from "../core/column.ts";
import type {
  Column,
  Columns,
  Fault,
  Missing,
  Out,
  RouteTable,
  Tone,
  View,
} from "../core/family.ts";
import { Address, hexWord, spellAddress, writeAddress } from "../core/ip.ts";
import type { Line } from "../core/line.ts";
import { hostName } from "./_hosts.ts";
import { decimal } from "./_words.ts";
import {
  BOTH,
  flagColumns,
  LAST_LETTERS,
  layoutOf,
  type Letters,
  METRICS,
  pick,
  REJECT,
  SIZES,
  speller,
} from "./_routes.ts";

const PATH = "/proc/net/route";
const CACHE = "/proc/net/rt_cache";

const UP = 1;
const HOST = 4;

/** The longest name of an interface. */
const NAME_MOST = 15;
/** Destinations and gateways are cut to their columns. */
const CELL = 15;
/** Interfaces are cut in the longest layout. */
const SHORT = 6;

const LINE_LIMIT = 1022;

const MISSING: Missing = {
  text: "INET (IPv4) not configured in this system.",
  reason: (path, reason) => `${path}: ${reason}`,
};

/** A row that tells whether an address of its line is none. */
type Misreading = Pick<Entry, "misread">;

/** Reads one field. */
type Field<Row> = (line: Line, row: Row) => void;

/** The fields of both files that go into the same columns. */
class Entry {
  readonly destination = new Address();
  readonly gateway = new Address();
  /** Whether an address of the line is none. */
  misread = false;
  flags = 0;
  refs = 0;
  use = 0;
  metric = 0;
  mtu = 0;
  window = 0;
  irtt = 0;
  /** The fields of a line, in the order that the file's first line tells. */
  fields: readonly Field<this>[] | undefined;
  /** The name of the first field that is not in it. */
  lacking: string | undefined;
  #line: Line | undefined;
  #from = 0;
  #to = 0;

  /** The interface's name is read from the line when it is wanted. */
  readInterface(line: Line): void {
    const length = line.word(NAME_MOST);
    this.#line = line;
    this.#to = line.at;
    this.#from = line.at - length;
  }

  get iface(): string {
    return this.#line?.text(this.#from, this.#to) ?? "";
  }

  writeInterface(out: Out, most: number): void {
    if (this.#line === undefined) return;
    const to = Math.min(this.#to, this.#from + most);
    out.foreignBytes(this.#line.bytes, this.#from, to);
  }
}

/** Reads an address of eight hexadecimal digits; what follows them is skipped. */
function readAddress(line: Line, row: Misreading, address: Address): void {
  const length = line.word(127);
  if (line.failed) return;
  const bad = length < 8 ||
    hexWord(line.bytes, line.at - length, address.bytes, 0) < 0;
  row.misread ||= bad;
}

/**
 * Whether a line with so many fields is good. net-tools passes over shorter ones
 * without a word; of a long one that we cannot read the user is told.
 */
function isGood(line: Line, row: Misreading, least: number): boolean {
  const whole = line.fields >= least;
  row.misread &&= whole;
  return whole && !row.misread;
}

/** What is said of a malformed line, if anything. */
function complaintOf(
  path: string,
): (row: Misreading, number: number) => string | undefined {
  return ({ misread }, number) =>
    misread
      ? `warning, ${path} line ${number}: an address is not of 8 hexadecimal digits`
      : undefined;
}

/** Whether hosts and networks have no names. */
export function numeric(view: View): boolean {
  return view.numericHosts || view.symbolic;
}

/** The host's name as a JSON value. */
export function hostCell(address: Address, view: View): string | null {
  return numeric(view) ? null : hostName(address, view) ?? null;
}

function writeNamed(
  out: Out,
  address: Address,
  name: string | null,
  most = Infinity,
): void {
  if (name === null) writeAddress(out, address);
  else out.foreign(name.slice(0, most));
}

/** The columns of the fields that both files have. */
function numbers<Row extends Entry>(): Columns<Row> {
  return {
    metric: left("Metric", 6, (row) => row.metric >>> 0, "Metric.", {
      type: "integer",
      write: (out, row) => out.integer(row.metric),
    }),
    refs: left("Ref", 2, (row) => row.refs, "References to the route.", {
      type: "integer",
    }),
    use: right("Use", 7, (row) => row.use >>> 0, "Lookups of the route.", {
      headerWidth: 6,
      write: (out, row) => out.integer(row.use),
    }),
    mss: right(
      "MSS",
      5,
      (row) => row.mtu,
      "Segment size and 40, or an MTU, as the kernel gives it; 0 if not set.",
    ),
    window: left(
      "Window",
      5,
      (row) => row.window >>> 0,
      "Largest TCP window; 0 if not set.",
      { type: "integer", write: (out, row) => out.integer(row.window) },
    ),
    irtt: right(
      "irtt",
      6,
      (row) => row.irtt >>> 0,
      "First guess of the round-trip time, in milliseconds; 0 if not set.",
      { headerWidth: 5, write: (out, row) => out.integer(row.irtt) },
    ),
    iface: left("Iface", 0, (row) => row.iface, "Network interface.", {
      write: (out, row) => row.writeInterface(out, NAME_MOST),
    }),
  };
}

/** The columns of the longest layout, which have other widths. */
function both<Row extends Entry>(columns: Columns<Row>): Column<Row>[] {
  const { metric, refs, use, iface, mss, window, irtt } = columns;
  return [
    metric!,
    { ...refs!, width: -3 },
    { ...use!, width: 6 },
    {
      ...iface!,
      width: -6,
      write: (out, row) => row.writeInterface(out, SHORT),
    },
    { ...mss!, width: -5, gap: 3 },
    { ...window!, width: -6 },
    { ...irtt!, width: 0, headerWidth: 0 },
  ];
}

/** A route. */
class Route extends Entry {
  readonly mask = new Address();

  get rejects(): boolean {
    return (this.flags & REJECT) !== 0;
  }
}

const FIRST_FIELDS: Readonly<Record<string, Field<Entry>>> = {
  Iface: (line, row) => row.readInterface(line),
  Destination: (line, row) => readAddress(line, row, row.destination),
  Gateway: (line, row) => readAddress(line, row, row.gateway),
  Flags: (line, row) => void (row.flags = line.hex32()),
  RefCnt: (line, row) => void (row.refs = line.decimal32()),
  Use: (line, row) => void (row.use = line.decimal32()),
  Metric: (line, row) => void (row.metric = line.decimal32()),
};
const SIZE_FIELDS: Readonly<Record<string, Field<Entry>>> = {
  MTU: (line, row) => void (row.mtu = line.decimal32()),
  Window: (line, row) => void (row.window = line.decimal32()),
  IRTT: (line, row) => void (row.irtt = line.decimal32()),
};
const FIELDS: Readonly<Record<string, Field<Route>>> = {
  ...FIRST_FIELDS,
  Mask: (line, row) => readAddress(line, row, row.mask),
  ...SIZE_FIELDS,
};

/** A field that we do not know. */
const unknownField: Field<unknown> = (line) => {
  line.word(Infinity);
  if (!line.failed) line.fields--;
};

/** Finds the fields in the file's first line: in this order, others between them. */
function findFields<Row>(
  line: Line,
  row: {
    fields: readonly Field<Row>[] | undefined;
    lacking: string | undefined;
  },
  known: Readonly<Record<string, Field<Row>>>,
): void {
  const words = line.text(line.start, line.end).split(/[ \t|]+/);
  const fields: Field<Row>[] = [];
  let at = words[0] === "" ? 1 : 0;
  for (const [name, field] of Object.entries(known)) {
    const found = words.indexOf(name, at);
    if (found < 0) {
      row.lacking = name;
      return;
    }
    for (; at < found; at++) fields.push(unknownField);
    fields.push(field);
    at++;
  }
  row.fields = fields;
}

function first(line: Line, row: Route): boolean {
  findFields(line, row, FIELDS);
  return true;
}

/** What is said of a field that the file's first line does not have. */
function lacks(path: string, field: string): string {
  return `warning: ${path} does not contain required field ${field}`;
}

function fault({ fields, lacking }: Route): Fault | undefined {
  if (fields !== undefined) return undefined;
  if (lacking === undefined) return { status: 1 };
  return { status: 1, text: lacks(PATH, lacking), aside: true };
}

/**
 * Parses a line of `fib_route_seq_show`; the last field may be missing:
 *
 * ```text
 * Iface Destination Gateway  Flags RefCnt Use Metric Mask     MTU Window IRTT
 * eth0  00000000    0101A8C0 0003  0      0   100    00000000 0   0      0
 * ```
 */
function parse(line: Line, row: Route): boolean {
  row.irtt = 0;
  row.misread = false;
  for (const field of row.fields!) field(line, row);
  // a route that is not up is not shown, whatever its addresses are
  row.misread &&= isUp(row);
  return isGood(line, row, 10);
}

function isUp(row: Route): boolean {
  return (row.flags & UP) !== 0;
}

/** A destination's name: of a network, unless it has bits outside of its mask. */
function destinationName(row: Route, view: View): string | null {
  const { destination, mask } = row;
  if (numeric(view)) return null;
  if (destination.isNull()) return mask.isNull() ? "default" : null;
  const network = (row.flags & HOST) === 0 &&
    [0, 1, 2, 3].every((i) => (destination.bytes[i]! & ~mask.bytes[i]!) === 0);
  const bytes = destination.copy();
  const { names } = view;
  return (network ? names.network(bytes) : names.host(bytes)) ?? null;
}

/** How many bits a mask has, if they are its first ones. */
function prefixLength({ bytes }: Address): number | null {
  const bits = (bytes[0]! << 24 | bytes[1]! << 16 | bytes[2]! << 8 |
    bytes[3]!) >>> 0;
  const length = Math.clz32(~bits >>> 0);
  return bits === (length === 0 ? 0 : (-1 << (32 - length)) >>> 0)
    ? length
    : null;
}

/** A column that has nothing in the row of a route that rejects. */
function dash(column: Column<Route>): Column<Route> {
  return {
    ...column,
    write(out, row, view) {
      if (row.rejects) out.ascii("-");
      else if (column.write) column.write(out, row, view);
      else out.integer(column.value(row, view) as number);
    },
  };
}

const LETTERS: Letters = [
  [UP, "U"],
  [0x2, "G"],
  [REJECT, "!"],
  [HOST, "H"],
  [0x8, "R"],
  [0x10, "D"],
  [0x20, "M"],
  ...LAST_LETTERS,
];

/** Stands out if it is the default route. */
function defaultTone(row: Route): Tone | undefined {
  const isDefault = row.mask.isNull() && row.destination.isNull();
  return isDefault && !row.rejects ? "default" : undefined;
}

const shared = numbers<Route>();

const columns: Columns<Route> = {
  destination: left(
    "Destination",
    CELL,
    (row) => spellAddress(row.destination),
    "Destination, numeric.",
    {
      write: (out, row, view) =>
        writeNamed(out, row.destination, destinationName(row, view), CELL),
      tone: defaultTone,
    },
  ),
  destination_name: fact(
    "string?",
    destinationName,
    "Name of the destination, or `default`; null without one or with -n.",
  ),
  gateway: dash(left(
    "Gateway",
    CELL,
    (row) => spellAddress(row.gateway),
    "Gateway, numeric; 0.0.0.0 if there is none.",
    {
      write: (out, row, view) =>
        writeNamed(out, row.gateway, hostCell(row.gateway, view), CELL),
      tone: defaultTone,
    },
  )),
  gateway_name: fact(
    "string?",
    (row, view) => hostCell(row.gateway, view),
    "Name of the gateway; null without one or with -n.",
  ),
  genmask: left(
    "Genmask",
    CELL,
    (row) => spellAddress(row.mask),
    "Mask of the destination.",
    { write: (out, row) => writeAddress(out, row.mask) },
  ),
  prefix_length: fact(
    "integer?",
    (row) => prefixLength(row.mask),
    "Bits of the mask; null if they are not its first ones.",
  ),
  ...flagColumns<Route>(speller(LETTERS, REJECT), "Flags", 5),
  metric: shared.metric!,
  refs: dash(shared.refs!),
  use: shared.use!,
  mss: dash(shared.mss!),
  window: dash(shared.window!),
  irtt: dash(shared.irtt!),
  iface: dash(shared.iface!),
};

/** The longest layout of routes. */
function bothOfRoutes(): Column<Route>[] {
  const wide = both(shared);
  const use = wide[2]!;
  return [
    wide[0]!,
    dash(wide[1]!),
    {
      ...use,
      write(out, row, view) {
        // net-tools: a route that rejects has a blank less in front of its use
        if (row.rejects && `${row.use}`.length > use.width) out.at--;
        use.write!(out, row, view);
      },
    },
    ...wide.slice(3).map(dash),
  ];
}

const HEAD = pick(columns, "destination", "gateway", "genmask", "flags");

/** Columns by layout. */
const LAYOUTS: Record<number, readonly Column<Route>[]> = {
  [METRICS]: [...HEAD, ...pick(columns, "metric", "refs", "use", "iface")],
  [SIZES]: [...HEAD, ...pick(columns, "mss", "window", "irtt", "iface")],
  [BOTH]: [...HEAD, ...bothOfRoutes()],
};

const table: RouteTable<Route> = {
  name: "route",
  path: PATH,
  part: "fib",
  title: "Kernel IP routing table",
  missing: MISSING,
  columns,
  lineLimit: LINE_LIMIT,
  row: () => new Route(),
  first,
  fault,
  parse,
  complaint: complaintOf(PATH),
  layout: (view) => LAYOUTS[layoutOf(view)] ?? [],
  keep: isUp,
};

/** An entry of the cache. */
class CacheEntry extends Entry {
  readonly source = new Address();
  readonly specific = new Address();
  /** Which layout the file's first line tells; undefined without a first line. */
  format: number | undefined;
  tos = 0;
  /** As they are in the file. */
  tosDigits = "";
  hhRefs = 0;
  hhUpToDate = 0;
  hh = 0;
  arp = 0;

  /** Whether the file is one of Linux 2.0. */
  get old(): boolean {
    return this.format === FORMAT_20;
  }
}

/** The sums by which net-tools tells the layouts of the cache. */
const WORDS = ["IRTT", "TOS", "HHRef", "HHUptod", "SpecDst", "HH", "ARP"];
const FORMAT_20 = 1 + 32 + 64;
const FORMAT_22 = 1 + 2 + 4 + 8 + 16 + 32;

const FIRST_OF_CACHE: Readonly<Record<string, Field<CacheEntry>>> = {
  ...FIRST_FIELDS,
  Source: (line, row) => readAddress(line, row, row.source),
  ...SIZE_FIELDS,
};
const FIELDS_20: Readonly<Record<string, Field<CacheEntry>>> = {
  ...FIRST_OF_CACHE,
  HH: (line, row) => void (row.hh = line.decimal32()),
  ARP: (line, row) => void (row.arp = line.decimal32()),
};
const FIELDS_22: Readonly<Record<string, Field<CacheEntry>>> = {
  ...FIRST_OF_CACHE,
  TOS(line, row) {
    line.blanks();
    const from = line.at;
    row.tos = line.hex32();
    row.tosDigits = line.text(from, line.at);
  },
  HHRef: (line, row) => void (row.hhRefs = line.decimal32()),
  HHUptod: (line, row) => void (row.hhUpToDate = line.decimal32()),
  SpecDst: (line, row) => readAddress(line, row, row.specific),
};

function firstOfCache(line: Line, row: CacheEntry): boolean {
  const text = line.text(line.start, line.end);
  row.format = WORDS.reduce(
    (sum, word, i) => sum + (text.includes(word) ? 1 << i : 0),
    0,
  );
  findFields<CacheEntry>(line, row, row.old ? FIELDS_20 : FIELDS_22);
  return true;
}

function isKnown({ format }: CacheEntry): boolean {
  return format === FORMAT_20 || format === FORMAT_22;
}

function faultOfCache(row: CacheEntry): Fault | undefined {
  if (isKnown(row)) {
    return row.lacking === undefined
      ? undefined
      : { status: 0, text: lacks(CACHE, row.lacking), aside: true };
  }
  if (row.format === undefined) {
    return { status: 255, text: `${CACHE}: The file is empty`, aside: true };
  }
  return {
    status: 1,
    text: `ERROR: proc_guess_fmt(${CACHE},... returned: ${row.format}`,
  };
}

/**
 * Parses a line of `rt_cache_seq_show` of Linux 2.2 to 3.5, or of `rt_cache_get_info`
 * of Linux 2.0, which ends with other fields:
 *
 * ```text
 * Iface Destination Gateway  Flags RefCnt Use Metric Source   MTU   Window IRTT TOS HHRef HHUptod SpecDst
 * eth0  0101A8C0    0101A8C0     0 0      5   0      0201A8C0 1500  0      300  00  3     1       0201A8C0
 *
 * Iface Destination Gateway  Flags RefCnt Use Metric Source   MTU   Window IRTT HH  ARP
 * eth0  0101A8C0    0101A8C0  0003 0      5   0      0201A8C0 1500  0      300  1   1
 * ```
 */
function parseCache(line: Line, row: CacheEntry): boolean {
  row.misread = false;
  row.specific.bytes.fill(0);
  for (const field of row.fields!) field(line, row);
  return isGood(line, row, 12);
}

/** What the flags of both layouts have in common, behind the first ones. */
const CACHE_LETTERS: Letters = [
  [0x10000, "n"],
  [0x20000, "d"],
  [0x80000, "t"],
  [0x200000, "f"],
  [0x400000, "q"],
  [0x800000, "Ns"],
  [0x1000000, "r"],
  [0x4000000, "i"],
  [0x8000000, "Nd"],
  [0x10000000, "b"],
  [0x20000000, "m"],
  [0x40000000, "#"],
  [0x80000000, "l"],
];
const MIDDLE: Letters = [
  [0x2, "G"],
  [REJECT, "!"],
  [0x8, "R"],
  [0x10, "D"],
  [0x20, "M"],
];
const spell20 = speller(
  [[UP, "U"], [HOST, "H"], ...MIDDLE, ...CACHE_LETTERS],
  REJECT,
);
const spell22 = speller(
  [...MIDDLE, [UP, "-"], [HOST, "o"], ...CACHE_LETTERS],
  REJECT,
);

/** The columns of an address and its name. */
function host(
  key: string,
  header: string,
  width: number,
  address: (row: CacheEntry) => Address | undefined,
  about: string,
  headerWidth = CELL,
): Columns<CacheEntry> {
  const column: Column<CacheEntry> = {
    header,
    width,
    headerWidth,
    about: `${about}, numeric.`,
    type: "string?",
    value(row) {
      const found = address(row);
      return found === undefined ? null : spellAddress(found);
    },
    write(out, row, view) {
      const found = address(row)!;
      writeNamed(out, found, hostCell(found, view));
    },
  };
  return {
    [key]: column,
    [`${key}_name`]: fact(
      "string?",
      (row, view) => {
        const found = address(row);
        return found === undefined ? null : hostCell(found, view);
      },
      `${about}: its name; null without one or with -n.`,
    ),
  };
}

/** A number that only one of the two layouts has. */
function only(
  old: boolean,
  header: string,
  width: number,
  value: (row: CacheEntry) => number,
  about: string,
): Column<CacheEntry> {
  return left(
    header,
    width,
    (row) => row.old === old ? value(row) : null,
    about,
    { type: "integer?" },
  );
}

const cacheColumns: Columns<CacheEntry> = {
  ...host("source", "Source", -CELL, (row) => row.source, "Source"),
  ...host(
    "destination",
    "Destination",
    -CELL,
    (row) => row.destination,
    "Destination",
  ),
  ...host("gateway", "Gateway", -CELL, (row) => row.gateway, "Gateway"),
  flags: left(
    "Flags",
    5,
    (row) => row.old ? spell20(row.flags) : spell22(row.flags),
    "Flags as letters.",
  ),
  flags_num: fact(
    "integer",
    (row) => row.flags >>> 0,
    "Flags as a number (RTF_* and RTCF_* of the kernel).",
  ),
  ...numbers<CacheEntry>(),
  tos: {
    ...only(
      false,
      "TOS",
      3,
      (row) => row.tos,
      "Type of service; null before Linux 2.2.",
    ),
    // net-tools: the kernel's hexadecimal digits, taken for decimal ones
    write: (out, row) => out.integer(decimal(row.tosDigits) ?? 0),
  },
  hh_refs: {
    ...only(
      false,
      "HHRef",
      5,
      (row) => row.hhRefs,
      "References to the hardware header; null before Linux 2.2.",
    ),
    write: (out, row) => out.ascii(`${row.hhRefs}`.padEnd(3) + "  "),
  },
  hh_up_to_date: only(
    false,
    "HHUptod",
    3,
    (row) => row.hhUpToDate,
    "Whether the hardware header is valid; null before Linux 2.2.",
  ),
  ...host(
    "specific_destination",
    "SpecDst",
    CELL,
    (row) => row.old ? undefined : row.specific,
    "Specific destination, null before Linux 2.2",
    11,
  ),
  hh: only(
    true,
    "HH",
    3,
    (row) => row.hh,
    "Whether there is a hardware header; null since Linux 2.2.",
  ),
  arp: only(
    true,
    "Arp",
    0,
    (row) => row.arp,
    "Whether the hardware header is valid; null since Linux 2.2.",
  ),
};

const CACHE_HEAD = pick(
  cacheColumns,
  "source",
  "destination",
  "gateway",
  "flags",
);

/** The longest layout of the cache, up to where the two kernels' part. */
function bothOfCache(): Column<CacheEntry>[] {
  const wide = both(cacheColumns);
  const irtt = wide.pop()!;
  return [...CACHE_HEAD, ...wide, { ...irtt, width: -5, headerWidth: 5 }];
}

const CACHE_LAYOUTS: Record<number, readonly Column<CacheEntry>[]> = {
  [METRICS]: [
    ...CACHE_HEAD,
    ...pick(cacheColumns, "metric", "refs", "use", "iface"),
  ],
  [SIZES]: [
    ...CACHE_HEAD,
    ...pick(cacheColumns, "mss", "window", "irtt", "iface"),
  ],
};
const BOTH_22 = [
  ...bothOfCache(),
  ...pick(
    cacheColumns,
    "tos",
    "hh_refs",
    "hh_up_to_date",
    "specific_destination",
  ),
];
const BOTH_20 = [...bothOfCache(), ...pick(cacheColumns, "hh", "arp")];

const cache: RouteTable<CacheEntry> = {
  name: "rt_cache",
  path: CACHE,
  part: "cache",
  title: "Kernel IP routing cache",
  missing: MISSING,
  columns: cacheColumns,
  lineLimit: LINE_LIMIT,
  row: () => new CacheEntry(),
  first: firstOfCache,
  fault: faultOfCache,
  parse: parseCache,
  complaint: complaintOf(CACHE),
  layout(view, row) {
    if (!isKnown(row)) return [];
    const layout = layoutOf(view);
    if (layout !== BOTH) return CACHE_LAYOUTS[layout] ?? [];
    return row.old ? BOTH_20 : BOTH_22;
  },
};

/** The tables. */
export const ROUTES = [table, cache];

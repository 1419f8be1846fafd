/**
 * The cache of IPv4 routes that kernels before 3.6 had.
 *
 * @module
 */

import { fact, heading, left, reprinted } from "../core/contract/column.ts";
import type {
  Cell,
  Columns,
  Printed,
  Said,
  Table,
} from "../core/contract/family.ts";
import { Address } from "../core/contract/ip.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import { hostColumns } from "./_hosts.ts";
import {
  layoutOf,
  type Letters,
  pick,
  REJECT,
  routeHostOf,
  speller,
} from "./_routes.ts";
import {
  both,
  CELL,
  complaintOf,
  Entry,
  type Field,
  findFields,
  FIRST_FIELDS,
  HOST,
  isGood,
  lacks,
  layoutsOf,
  LINE_LIMIT,
  MISSING,
  numbers,
  readAddress,
  SIZE_FIELDS,
  UP,
} from "./_routes_inet_line.ts";

const CACHE = "/proc/net/rt_cache";

/** An entry of the cache. */
class CacheEntry extends Entry {
  readonly source = new Address();
  readonly specific = new Address();
  /** Which layout the file's first line tells; undefined without a first line. */
  format: number | undefined;
  tos = 0;
  /** As they are in the file. */
  tosDigits = "";
  hhRefcnt = 0;
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
  HHRef: (line, row) => void (row.hhRefcnt = line.decimal32()),
  HHUptod: (line, row) => void (row.hhUpToDate = line.decimal32()),
  SpecDst: (line, row) => readAddress(line, row, row.specific),
};

function firstOfCache(line: Line, row: CacheEntry): boolean {
  const text = line.text();
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

function faultOfCache(row: CacheEntry): Said | undefined {
  if (isKnown(row)) {
    return row.lacking === undefined
      ? undefined
      : { status: 0, text: lacks(CACHE, row.lacking) };
  }
  if (row.format === undefined) {
    return { status: 255, text: `${CACHE}: The file is empty` };
  }
  return {
    status: 1,
    text: `ERROR: proc_guess_fmt(${CACHE},... returned: ${row.format}`,
    listed: true,
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

/** The columns of an address, and of its name. */
function host(
  key: string,
  header: string,
  address: (row: CacheEntry) => Address,
): Columns<CacheEntry> {
  return hostColumns<CacheEntry>(key, header, CELL, {
    address,
    name: (row, view) => routeHostOf(address(row), view),
    about: `${header}, numeric.`,
    named: `${header}: its name`,
  });
}

const SPECIFIC = "specific_destination";
const specific = hostColumns<CacheEntry>(SPECIFIC, "SpecDst", CELL, {
  address: (row) => row.old ? undefined : row.specific,
  name: (row, view) => row.old ? null : routeHostOf(row.specific, view),
  about: "Specific destination, null before Linux 2.2, numeric.",
  named: "Specific destination, null before Linux 2.2: its name",
  kind: "address?",
  headerWidth: 11,
});

/** A number that only one of the two layouts has. */
function only(
  old: boolean,
  header: string,
  width: number,
  value: (row: CacheEntry) => number,
  about: string,
  write?: Cell<CacheEntry>["write"],
): Printed<CacheEntry> {
  return left(
    header,
    width,
    (row) => row.old === old ? value(row) : null,
    about,
    { kind: "integer?", ...(write === undefined ? {} : { write }) },
  );
}

const cacheColumns: Columns<CacheEntry> = {
  ...host("source", "Source", (row) => row.source),
  ...host("destination", "Destination", (row) => row.destination),
  ...host("gateway", "Gateway", (row) => row.gateway),
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
  tos: only(
    false,
    "TOS",
    3,
    (row) => row.tos,
    "Type of service; null before Linux 2.2.",
    // net-tools: the kernel's hexadecimal digits, taken for decimal ones
    (out, row) => out.integer(atoi(row.tosDigits) ?? 0),
  ),
  hh_refcnt: only(
    false,
    "HHRef",
    5,
    (row) => row.hhRefcnt,
    "References to the hardware header; null before Linux 2.2.",
    (out, row) => out.ascii(`${row.hhRefcnt}`.padEnd(3) + "  "),
  ),
  hh_up_to_date: only(
    false,
    "HHUptod",
    3,
    (row) => row.hhUpToDate,
    "Whether the hardware header is valid; null before Linux 2.2.",
  ),
  ...specific,
  // net-tools: this one is right-aligned
  [SPECIFIC]: reprinted(specific[SPECIFIC]!, { width: CELL }),
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

/** Columns by layout, of which the longest has these at its end. */
function cacheLayouts(
  ...keys: string[]
): Record<number, readonly Printed<CacheEntry>[]> {
  const { irtt, ...wide } = both(cacheColumns);
  return layoutsOf(cacheColumns, CACHE_HEAD, [
    ...Object.values(wide),
    reprinted(irtt, { width: -5, headerWidth: 5 }),
    ...pick(cacheColumns, ...keys),
  ]);
}

const LAYOUTS_20 = cacheLayouts("hh", "arp");
const LAYOUTS_22 = cacheLayouts("tos", "hh_refcnt", "hh_up_to_date", SPECIFIC);

const table: Table<CacheEntry> = {
  name: "rt_cache",
  identity: ["source", "destination", "gateway", "iface", "tos"],
  sources: [{ path: CACHE }],
  part: "cache",
  columns: cacheColumns,
  frozen: {
    title: heading("Kernel IP routing cache"),
    missing: MISSING,
    fault: faultOfCache,
    malformed: complaintOf(CACHE),
    layout(view, row) {
      if (!isKnown(row)) return [];
      return (row.old ? LAYOUTS_20 : LAYOUTS_22)[layoutOf(view)] ?? [];
    },
  },
  lineLimit: LINE_LIMIT,
  row: () => new CacheEntry(),
  first: firstOfCache,
  parse: parseCache,
};

/** The table. */
// deno-lint-ignore no-explicit-any
export const cache: Table<any> = table;

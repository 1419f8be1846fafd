/**
 * IPv4 routes.
 *
 * @module
 */

import { fact, heading, left, reprinted } from "../core/contract/column.ts";
import type {
  Column,
  Columns,
  Printed,
  Said,
  Tone,
  View,
} from "../core/contract/family.ts";
import { Address, spellAddress, writeAddress } from "../core/contract/ip.ts";
import type { DeepTable } from "../core/contract/depth.ts";
import { hex4, type Line } from "../core/contract/line.ts";
import { hostColumns, spelling } from "./_hosts.ts";
import {
  flagColumns,
  LAST_LETTERS,
  layoutOf,
  type Letters,
  numeric,
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

const PATH = "/proc/net/route";

const TAB = 9;
const BLANK = 32;

/** A route. */
class Route extends Entry {
  readonly mask = new Address();
  /** Whether lines have just the fields that we know. */
  isUsual = false;

  get rejects(): boolean {
    return (this.flags & REJECT) !== 0;
  }
}

const FIELDS: Readonly<Record<string, Field<Route>>> = {
  ...FIRST_FIELDS,
  Mask: (line, row) => readAddress(line, row, row.mask),
  ...SIZE_FIELDS,
};

const KNOWN = Object.keys(FIELDS).length;

function first(line: Line, row: Route): boolean {
  findFields(line, row, FIELDS);
  row.isUsual = row.fields?.length === KNOWN;
  return true;
}

function fault({ fields, lacking }: Route): Said | undefined {
  if (fields !== undefined) return undefined;
  if (lacking === undefined) return { status: 1 };
  return { status: 1, text: lacks(PATH, lacking) };
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
  return parseExact(line, row) || parseLoosely(line, row);
}

/** {@linkcode parse} for a line that looks exactly as the kernel writes it. */
function parseExact(line: Line, row: Route): boolean {
  if (!row.isUsual) return false;
  row.readInterface(line);
  const { bytes, words, at: name, end } = line;
  // the fields between the name and the references have fixed widths
  const counts = name + 24;
  if (
    counts >= end || bytes[name] !== TAB || bytes[name + 9] !== TAB ||
    bytes[name + 18] !== TAB || bytes[counts - 1] !== TAB
  ) return false;
  const destinationHigh = hex4(words, name + 1);
  const destinationLow = hex4(words, name + 5);
  const gatewayHigh = hex4(words, name + 10);
  const gatewayLow = hex4(words, name + 14);
  const flags = hex4(words, name + 19);
  line.at = counts;
  const refcnt = line.until(TAB);
  const use = line.until(TAB);
  const metric = line.until(TAB);
  const mask = line.at;
  const sizes = mask + 9;
  if (sizes >= end || bytes[sizes - 1] !== TAB) return false;
  const maskHigh = hex4(words, mask);
  const maskLow = hex4(words, mask + 4);
  line.at = sizes;
  const mtu = line.until(TAB);
  const window = line.until(TAB);
  const irtt = line.until(BLANK);
  const bad = destinationHigh | destinationLow | gatewayHigh | gatewayLow |
    flags | refcnt | use | metric | maskHigh | maskLow | mtu | window | irtt;
  if (bad < 0) return false;

  // the kernel writes them as numbers, in the machine's order
  row.destination.words[0] = destinationHigh << 16 | destinationLow;
  row.gateway.words[0] = gatewayHigh << 16 | gatewayLow;
  row.mask.words[0] = maskHigh << 16 | maskLow;
  row.flags = flags;
  row.refcnt = refcnt;
  row.use = use;
  row.metric = metric;
  row.mtu = mtu;
  row.window = window;
  row.irtt = irtt;
  return true;
}

/** {@linkcode parse} for any line, by the rules of `sscanf`. */
function parseLoosely(line: Line, row: Route): boolean {
  line.rewind();
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
function dash(column: Column<Route>): Printed<Route> {
  const { write } = column.cell!;
  return reprinted(column, {
    write(out, row, view) {
      if (row.rejects) out.ascii("-");
      else if (write !== undefined) write(out, row, view);
      else out.integer(column.value(row, view) as number);
    },
  });
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

const gateway = hostColumns<Route>("gateway", "Gateway", CELL, {
  address: (row) => row.gateway,
  name: (row, view) => routeHostOf(row.gateway, view),
  about: "Gateway, numeric; 0.0.0.0 if there is none.",
  named: "Name of the gateway",
  most: CELL,
  names: (row, view) => row.rejects || routeHostOf(row.gateway, view),
  tone: defaultTone,
});

const columns: Columns<Route> = {
  ...hostColumns<Route>("destination", "Destination", CELL, {
    address: (row) => row.destination,
    name: destinationName,
    about: "Destination, numeric.",
    named: "Name of the destination, or `default`",
    most: CELL,
    tone: defaultTone,
  }),
  ...gateway,
  gateway: dash(gateway.gateway!),
  genmask: left(
    "Genmask",
    CELL,
    (row) => spellAddress(row.mask),
    "Mask of the destination.",
    {
      kind: "address",
      write: (out, row) => writeAddress(out, row.mask),
      ...spelling((row) => row.mask),
    },
  ),
  prefix_length: fact(
    "integer?",
    (row) => prefixLength(row.mask),
    "Bits of the mask; null if they are not its first ones.",
  ),
  ...flagColumns<Route>(speller(LETTERS, REJECT), "Flags", 5),
  metric: shared.metric!,
  refcnt: dash(shared.refcnt!),
  use: shared.use!,
  mss: dash(shared.mss!),
  window: dash(shared.window!),
  irtt: dash(shared.irtt!),
  iface: dash(shared.iface!),
};

/** The longest layout of routes. */
function bothOfRoutes(): Printed<Route>[] {
  const { metric, refcnt, use, ...others } = both(shared);
  return [
    metric,
    dash(refcnt),
    reprinted(use, {
      write(out, row, view) {
        // net-tools: a route that rejects has a blank less in front of its use
        if (row.rejects && `${row.use}`.length > use.cell.width) out.at--;
        use.cell.write!(out, row, view);
      },
    }),
    ...Object.values(others).map(dash),
  ];
}

const HEAD = pick(columns, "destination", "gateway", "genmask", "flags");
const LAYOUTS = layoutsOf(columns, HEAD, bothOfRoutes());

const table: DeepTable<Route> = {
  name: "route",
  identity: ["destination", "prefix_length", "gateway", "iface", "metric"],
  sources: [{ path: PATH }],
  part: "fib",
  columns,
  frozen: {
    title: heading("Kernel IP routing table"),
    missing: MISSING,
    fault,
    malformed: complaintOf(PATH),
    layout: (view) => LAYOUTS[layoutOf(view)] ?? [],
  },
  lineLimit: LINE_LIMIT,
  row: () => new Route(),
  first,
  parse,
  keep: isUp,
  depth: async () => (await import("./_routes_depth.ts")).inetDepth(columns),
};

/** The table. */
// deno-lint-ignore no-explicit-any
export const routes: DeepTable<any> = table;

/**
 * The interfaces view: which interfaces there are, in which order they stand, and
 * where what is shown of them comes from. How they look is in
 * `interface_columns.ts`.
 *
 * @module
 */

import type { Around, Round } from "./around.ts";
import type { Long, View } from "../contract/family.ts";
import { interfaceColumns, writeBlock, writeRow } from "./interface_columns.ts";
import { Address, readIpv6 } from "../contract/ip.ts";
import { isSpace, Line } from "../contract/line.ts";
import { type Device, devicesOf, IFNAMSIZ, UP } from "../system/devices.ts";
import { heading, shownOf } from "../contract/column.ts";
import { cannotParse, type Messages } from "../contract/said.ts";
import { allOf, type Layout } from "../contract/sink.ts";
import { warnOfLack } from "./lack.ts";
import { Failure, tell } from "../system/failures.ts";
import type { Tree } from "../system/scan.ts";

const COLON = 58;

/** The longest lines; the kernel's are shorter than 400 bytes. */
const DEV_LINE_LIMIT = 511;
const INET6_LINE_LIMIT = 64 * 1024;

const DEV = "/proc/net/dev";
const IF_INET6 = "/proc/net/if_inet6";

/** What `/proc/net/dev` counts, in its order, named as there. */
export type Counter =
  | `rx_${"bytes" | "packets" | "errs" | "drop" | "fifo" | "frame"}`
  | `rx_${"compressed" | "multicast"}`
  | `tx_${"bytes" | "packets" | "errs" | "drop" | "fifo" | "colls"}`
  | `tx_${"carrier" | "compressed"}`;

/** The counters; those that a kernel does not have or tell are null. */
export type Counters = Record<Counter, Long | null>;

/** An IPv6 address of an interface. */
export interface Inet6 {
  /** The interface's name. */
  readonly name: string;
  /** The address. */
  readonly address: Address;
  /** Length of the prefix. */
  readonly prefix: number;
  /** Scope, as bits. */
  readonly scope: number;
}

/** An interface, or an alias of one. */
export interface Interface extends Device {
  /** Its name, as a byte string. */
  readonly name: string;
  /** Its counters; aliases have none. */
  readonly counters: Counters | undefined;
  /** Its IPv6 addresses. */
  readonly inet6: readonly Inet6[];
}

/** Shows the interfaces. */
export function interfacesRound(around: Around): Round {
  const { view, sink } = around;
  const shown = allOf(interfaceColumns, view);
  let layout = printedIn(view);
  return () => {
    sink.begin({}, shown, layout);
    // net-tools: further rounds of -c have no title
    const { title: _, ...untitled } = layout;
    layout = untitled;
    const status = list(around);
    sink.end();
    return status;
  };
}

/** A line for each interface, with `-e` a block of lines. */
function printedIn(view: View): Layout {
  const cells = shownOf(interfaceColumns, view);
  const blocks = view.extend > 0;
  return {
    title: heading("Kernel Interface table"),
    header: blocks ? [] : cells,
    headed: interfaceColumns,
    cells,
    write: blocks ? writeBlock : writeRow,
  };
}

/** Lists the interfaces once. Returns the exit status. */
function list({ tree, view, sink, messages }: Around): number {
  const counters = readCounters(tree, messages);
  const shortly = messages.frozen && view.extend === 0;
  const devices = devicesOf(tree, { shortly });
  if ("reason" in devices) {
    messages.warn(`netstat: cannot ask for interfaces: ${devices.system}`);
    return 1;
  }
  try {
    const names = new Set([...counters.keys(), ...devices.names()]);
    let status = 0;
    let inet6: Map<string, Inet6[]> | undefined;
    for (const name of [...names].sort(compareNames)) {
      const device = devices.ask(name);
      if ("reason" in device) {
        if (tree.live && isGone(name, tree)) continue;
        messages.warn(
          `${name}: error fetching interface information: ${device.reason}`,
        );
        messages.warn(`missing interface information: ${device.system}`);
        status = 1;
        // net-tools: one that cannot be asked ends the listing
        if (messages.frozen) break;
        continue;
      }
      if (!view.all && ((device.flags ?? UP) & UP) === 0) continue;
      inet6 ??= shortly ? new Map() : readInet6(tree, messages);
      sink.row(
        {
          ...device,
          name,
          counters: counters.get(name),
          inet6: inet6.get(name) ?? [],
        } satisfies Interface,
      );
    }
    if (names.size > 0) {
      devices.notes().forEach((note) => messages.warn(note));
    }
    return status;
  } finally {
    devices.close();
  }
}

/** Whether an interface that was there a moment ago is not there any more. */
function isGone(name: string, tree: Tree): boolean {
  const known = readCounters(tree, { warn() {} });
  return known.size > 0 && !known.has(name);
}

/**
 * The counters by interface. The second heading tells the kernel's version:
 * `dev_seq_show` prints, since Linux 2.1,
 *
 * ```text
 * Inter-|   Receive                                                |  Transmit
 *  face |bytes    packets errs drop fifo frame compressed multicast|bytes …
 *   eth0:    1000      10    1    2    3     4          5         6     2000 …
 * ```
 *
 * and older ones had no compressed and multicast, still older ones no bytes.
 */
function readCounters(
  tree: Tree,
  messages: Pick<Messages, "warn">,
): Map<string, Counters> {
  const found = new Map<string, Counters>();
  const lines = tree.open(DEV, DEV_LINE_LIMIT);
  if (lines instanceof Failure) {
    const text =
      `Warning: cannot open ${DEV} (${lines.reason}). Limited output.`;
    tell(lines, messages, text);
    warnOfLack([lines], { tree, messages });
    return found;
  }
  const line = new Line();
  let layout: readonly Counter[] = ALL_COUNTERS;
  while (lines.next(line)) {
    const { number } = lines;
    if (number === 2) layout = layoutOf(line.text(line.start, line.end));
    if (number <= 2) continue;
    const name = readName(line);
    if (name === "") {
      const text = line.text(line.start, line.end);
      messages.warn(cannotParse({ path: DEV, number, text }));
      continue;
    }
    found.set(name, readNumbers(line, layout));
  }
  lines.close();
  const { failure } = lines;
  if (failure) {
    const text =
      `Warning: cannot read ${DEV} (${failure.reason}). Limited output.`;
    tell(failure, messages, text);
  }
  return found;
}

const ALL_COUNTERS: readonly Counter[] = [
  "rx_bytes",
  "rx_packets",
  "rx_errs",
  "rx_drop",
  "rx_fifo",
  "rx_frame",
  "rx_compressed",
  "rx_multicast",
  "tx_bytes",
  "tx_packets",
  "tx_errs",
  "tx_drop",
  "tx_fifo",
  "tx_colls",
  "tx_carrier",
  "tx_compressed",
];

function layoutOf(heading: string): readonly Counter[] {
  if (heading.includes("compressed")) return ALL_COUNTERS;
  const newer: Counter[] = ["rx_compressed", "rx_multicast", "tx_compressed"];
  if (!heading.includes("bytes")) newer.push("rx_bytes", "tx_bytes");
  return ALL_COUNTERS.filter((key) => !newer.includes(key));
}

/**
 * Reads the name in front of the numbers and its colon. That of an alias, `eth0:1:`,
 * has a colon in it. The kernel has no name longer than 15 bytes.
 */
function readName(line: Line): string {
  const { bytes, end } = line;
  line.blanks();
  const from = line.at;
  let at = from;
  while (
    at < end && bytes[at] !== COLON && bytes[at] !== 0 && !isSpace(bytes[at]!)
  ) at++;
  let after = at;
  if (bytes[at] === COLON && at < end) {
    after++;
    let alias = after;
    while (alias < end && isDigit(bytes[alias]!)) alias++;
    if (alias > after && alias < end && bytes[alias] === COLON) {
      at = alias;
      after = alias + 1;
    }
  }
  line.at = after;
  return line.text(from, Math.min(at, from + IFNAMSIZ - 1));
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function readNumbers(
  line: Line,
  layout: readonly Counter[],
): Counters {
  const counters: Counters = { ...NO_COUNTERS };
  for (const key of layout) {
    const value = line.decimal();
    if (line.failed) break;
    counters[key] = value;
  }
  return counters;
}

const NO_COUNTERS: Counters = Object.fromEntries(
  ALL_COUNTERS.map((key) => [key, null]),
) as unknown as Counters;

/**
 * The IPv6 addresses by interface. `if6_seq_show` prints address, index, prefix
 * length, scope, flags and name, the numbers in hexadecimal:
 *
 * ```text
 * fe800000000000000000000000000001 02 40 20 80     eth0
 * ```
 */
function readInet6(tree: Tree, messages: Messages): Map<string, Inet6[]> {
  const found = new Map<string, Inet6[]>();
  const lines = tree.open(IF_INET6, INET6_LINE_LIMIT);
  // a kernel without IPv6 has no such file
  if (lines instanceof Failure) return found;
  const line = new Line();
  while (lines.next(line)) {
    const one = parseInet6(line);
    if (one === undefined) {
      const text = line.text(line.start, line.end);
      const { number } = lines;
      messages.warn(cannotParse({ path: IF_INET6, number, text }));
      continue;
    }
    const others = found.get(one.name);
    if (others) others.push(one);
    else found.set(one.name, [one]);
  }
  lines.close();
  return found;
}

function parseInet6(line: Line): Inet6 | undefined {
  const address = new Address();
  readIpv6(line, address);
  line.hex32(8); // index
  const prefix = line.hex32(2);
  const scope = line.hex32(2);
  line.hex32(2); // flags
  const length = line.word(Infinity);
  const name = line.text(line.at - length, line.at);
  line.blanks();
  return line.failed || line.at < line.end
    ? undefined
    : { name, address, prefix, scope };
}

/**
 * Compares names as net-tools orders them: by text, then by the number at its end,
 * and aliases of one interface by their number.
 */
export function compareNames(a: string, b: string): number {
  const [one, two] = [partsOf(a), partsOf(b)];
  return compare(one.text, two.text) ||
    compare(one.number, two.number) ||
    compare(one.name, two.name) ||
    compare(one.alias, two.alias) ||
    compare(a, b);
}

interface Parts {
  /** The name without its alias number. */
  readonly name: string;
  readonly text: string;
  readonly number: number;
  /** -1 without one. */
  readonly alias: number;
}

function partsOf(whole: string): Parts {
  const [, name, alias] = /^(.*?)(?::(\d+))?$/s.exec(whole)!;
  const [, text, number] = /^(.*?)(\d*)$/s.exec(name!)!;
  return {
    name: name!,
    text: text!,
    number: atoi(number!),
    alias: alias === undefined ? -1 : atoi(alias),
  };
}

/** Digits as C's `atoi` reads them: at most 2^63 - 1, and of that the low 32 bits. */
function atoi(digits: string): number {
  if (digits.length < 10) return Number(digits);
  const value = BigInt(digits);
  const most = 2n ** 63n - 1n;
  return Number(BigInt.asIntN(32, value < most ? value : most));
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

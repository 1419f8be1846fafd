/**
 * Network interfaces, which belong to no address family: what `/proc/net/dev` counts,
 * the addresses of `if_inet6`, and what the system tells of each one.
 *
 * @module
 */

import {
  extended,
  fact,
  foreign,
  heading,
  left,
  reprinted,
  right,
  shownOf,
} from "../core/contract/column.ts";
import {
  type Device,
  type DeviceTable,
  HARDWARE_BYTES,
  type Inet,
  type Resources,
  UNKNOWN_DEVICE,
  UP,
} from "../core/contract/device.ts";
import type { DeepTable } from "../core/contract/depth.ts";
import type { Answer } from "../core/contract/diag.ts";
import type { Column, Columns, Long } from "../core/contract/family.ts";
import { Address, readIpv6, spellAddress } from "../core/contract/ip.ts";
import { type Line, NAME_MOST } from "../core/contract/line.ts";
import { type Hardware, HARDWARE_NAMES, hardwareOf } from "./_hardware.ts";
import { hex, nextWord } from "./_words.ts";

/** What `/proc/net/dev` counts, in its order, named as there. */
const COUNTERS = [
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
] as const;
type Counter = typeof COUNTERS[number];

/** What they came to, as far as a line tells. */
type Counters = Partial<Record<Counter, Long>>;

/** An IPv6 address of an interface. */
interface Inet6 {
  readonly address: Address;
  /** Length of the prefix. */
  readonly prefix: number;
  /** Scope, as bits. */
  readonly scope: number;
  /** Flags, as bits. */
  readonly flags: number;
  /** Index of the interface. */
  readonly index: number;
}

/** An interface, or an alias of one. */
interface Interface extends Device {
  name: string;
  /** The counters that the kernel has, in the file's order. */
  counted: readonly Counter[];
  /** Null without a line. */
  counters: Counters | null;
  /** The IPv6 addresses of all interfaces, by their names. */
  readonly inet6: Map<string, Inet6[]>;
  /** What netlink told, if it was asked. */
  answer: Answer | undefined;
  /** Interfaces have no other end. */
  peer: undefined;
}

/** The last heading tells which counters the kernel has. */
function first(line: Line, row: Interface): boolean {
  const text = line.text();
  const newer: Counter[] = [];
  if (!text.includes("compressed")) {
    newer.push("rx_compressed", "rx_multicast", "tx_compressed");
    if (!text.includes("bytes")) newer.push("rx_bytes", "tx_bytes");
  }
  row.counted = COUNTERS.filter((counter) => !newer.includes(counter));
  return true;
}

/**
 * Parses a line of `dev_seq_show`. Linux before 2.1 had no compressed and multicast,
 * and before that no bytes:
 *
 * ```text
 * Inter-|   Receive                                                |  Transmit
 *  face |bytes    packets errs drop fifo frame compressed multicast|bytes …
 *   eth0:    1000      10    1    2    3     4          5         6     2000 …
 * ```
 */
function parse(line: Line, row: Interface): boolean {
  row.name = readName(line);
  row.counters = {};
  for (const counter of row.counted) {
    const count = line.decimal();
    if (line.failed) break;
    row.counters[counter] = count;
  }
  return row.name !== "";
}

const NEWLINE = 10;
const COLON = 58;

/** A name in front of a colon; that of an alias, as in `eth0:1:`, has one in it. */
const NAME = /^[^:\0\t-\r ]*(?::\d+(?=:))?/;

/** Reads the name in front of the numbers, and its colon. */
function readName(line: Line): string {
  line.blanks();
  const [name] = NAME.exec(line.text(line.at, line.end))!;
  line.at += name.length;
  if (line.at < line.end && line.bytes[line.at] === COLON) line.at++;
  return name.slice(0, NAME_MOST);
}

/**
 * Parses a line of `if6_seq_show`: address, index, prefix length, scope, flags and
 * name, the numbers in hexadecimal.
 *
 * ```text
 * fe800000000000000000000000000001 02 40 20 80     eth0
 * ```
 */
function parseInet6(line: Line, { inet6 }: Interface): boolean {
  const address = new Address();
  readIpv6(line, address);
  const index = line.hex32(8);
  const prefix = line.hex32(2);
  const scope = line.hex32(2);
  const flags = line.hex32(2);
  const name = nextWord(line);
  line.blanks();
  if (line.failed || line.at < line.end) return false;
  const one = { address, prefix, scope, flags, index };
  const others = inet6.get(name);
  if (others === undefined) inet6.set(name, [one]);
  else others.push(one);
  return true;
}

function inet6Of({ inet6, name }: Interface): readonly Inet6[] {
  return inet6.get(name) ?? [];
}

/** Bits, and the words for them in the order in which they are printed. */
type Words = readonly (readonly [bit: number, word: string])[];

/** The words of the bits that are set. */
function named(bits: number, words: Words): string[] {
  return words.filter(([bit]) => (bits & bit) !== 0).map(([, word]) => word);
}

const BROADCAST = 0x2;
const POINTOPOINT = 0x10;
/** `IFF_PORTSEL`: the connector can be chosen. */
const PORTSEL = 0x2000;
/** `IFF_AUTOMEDIA`: it chooses itself. */
const AUTOMEDIA = 0x4000;

/** `IFF_…` of `linux/if.h` */
const FLAG_WORDS: Words = [
  [UP, "UP"],
  [BROADCAST, "BROADCAST"],
  [0x4, "DEBUG"],
  [0x8, "LOOPBACK"],
  [POINTOPOINT, "POINTOPOINT"],
  [0x20, "NOTRAILERS"],
  [0x40, "RUNNING"],
  [0x80, "NOARP"],
  [0x100, "PROMISC"],
  [0x200, "ALLMULTI"],
  [0x800, "SLAVE"],
  [0x400, "MASTER"],
  [0x1000, "MULTICAST"],
  [0x8000, "DYNAMIC"],
];

/** Their letters, which come in another order; `P` stands for two of them. */
const FLAG_LETTERS: Words = [
  [0x200, "A"],
  [BROADCAST, "B"],
  [0x4, "D"],
  [0x8, "L"],
  [0x1000, "M"],
  [0x8000, "d"],
  [0x100, "P"],
  [0x20, "N"],
  [0x80, "O"],
  [POINTOPOINT, "P"],
  [0x800, "s"],
  [0x400, "m"],
  [0x40, "R"],
  [UP, "U"],
];

function letters({ flags }: Interface): string {
  if (flags === null) return "-";
  return flags === 0 ? "[NO FLAGS]" : named(flags, FLAG_LETTERS).join("");
}

function isUp({ flags }: Interface): boolean {
  return ((flags ?? UP) & UP) !== 0;
}

const COMPAT = 0x80;
const SCOPE_WORDS: Words = [[0x20, "link"], [0x40, "site"], [0x10, "host"]];

function scopeOf({ scope }: Inet6): string {
  const rest = scope & ~COMPAT;
  const words = rest === 0 ? ["global"] : named(rest, SCOPE_WORDS);
  return [...named(scope, [[COMPAT, "compat"]]), ...words].join();
}

/** `IFA_F_…` of `linux/if_addr.h`, as far as `if_inet6` tells them. */
const ADDRESS_FLAGS: Words = [
  [0x01, "temporary"],
  [0x02, "nodad"],
  [0x04, "optimistic"],
  [0x08, "dadfailed"],
  [0x10, "homeaddress"],
  [0x20, "deprecated"],
  [0x40, "tentative"],
  [0x80, "permanent"],
];

function dotted(bytes: Uint8Array): string {
  return bytes.join(".");
}

/** The column of a counter. */
function counted(key: Counter, about: string): Column<Interface> {
  const unit = key.endsWith("_bytes") ? "bytes" : "packets";
  return fact<Interface, Long | null>(
    "integer?",
    ({ counters }) => counters?.[key] ?? null,
    about,
    { counter: true, ...(/_(colls|carrier)$/.test(key) ? {} : { unit }) },
  );
}

/** That of one which net-tools shows, as 0 if it is not known. */
function counter(
  key: Counter,
  header: string,
  width: number,
  about: string,
): Column<Interface> {
  const count = ({ counters }: Interface) => counters?.[key] ?? 0;
  const isLoss = !key.endsWith("_packets");
  return reprinted({
    ...counted(key, about),
    tone: (row) => isLoss && count(row) > 0 ? "trouble" : undefined,
  }, { header, width, write: (out, row) => out.integer(count(row)) });
}

/** The column of an IPv4 address that interfaces with a flag have. */
function inetFact(
  key: keyof Inet,
  about: string,
  flag?: number,
): Column<Interface> {
  const bytesOf = ({ inet, flags }: Interface) => {
    const told = flag === undefined || ((flags ?? 0) & flag) !== 0;
    return told ? inet?.[key] : undefined;
  };
  return fact<Interface, string | null>(
    "address?",
    (row) => {
      const bytes = bytesOf(row);
      return bytes ? dotted(bytes) : null;
    },
    about,
    {
      span(row, into) {
        const bytes = bytesOf(row);
        if (!bytes) return false;
        into.bytes = bytes;
        into.from = 0;
        into.to = bytes.length;
        return true;
      },
    },
  );
}

function resource(key: keyof Resources, about: string): Column<Interface> {
  return fact<Interface, Long | null>(
    "integer?",
    ({ resources }) => resources?.[key] ?? null,
    about,
  );
}

const columns: Columns<Interface> = {
  iface: foreign(
    "Iface",
    NAME_MOST,
    (row) => row.name,
    "Name; an alias has a colon.",
    { tone: (row) => isUp(row) ? undefined : "off" },
  ),
  mtu: right("MTU", 5, (row) => row.mtu, "Longest packet, in bytes.", {
    unit: "bytes",
    kind: "integer?",
    write: (out, row) => out.integer(row.mtu ?? 0),
  }),
  rx_ok: counter("rx_packets", "RX-OK", 8, "Packets received."),
  rx_err: counter("rx_errs", "RX-ERR", 6, "Packets received with errors."),
  rx_drp: counter("rx_drop", "RX-DRP", 6, "Received packets dropped."),
  // net-tools: this one is left-aligned
  rx_ovr: counter(
    "rx_fifo",
    "RX-OVR",
    -6,
    "Packets lost because they came too fast.",
  ),
  tx_ok: counter("tx_packets", "TX-OK", 8, "Packets sent."),
  tx_err: counter("tx_errs", "TX-ERR", 6, "Errors while sending."),
  tx_drp: counter("tx_drop", "TX-DRP", 6, "Packets dropped before sending."),
  tx_ovr: counter("tx_fifo", "TX-OVR", 6, "Buffer errors while sending."),
  flg: left("Flg", 0, letters, "Flags as letters; `-` if not known."),
  flags_num: fact<Interface, number | null>(
    "integer?",
    (row) => row.flags,
    "Flags as a number of 16 bits (linux/if.h).",
  ),
  flag_names: fact<Interface, string[] | null>(
    "strings?",
    ({ flags }) => flags === null ? null : named(flags, FLAG_WORDS),
    "Names of the flags that are set.",
  ),
  rx_bytes: counted("rx_bytes", "Bytes received."),
  rx_frame: counted("rx_frame", "Frame errors."),
  rx_compressed: counted("rx_compressed", "Compressed packets received."),
  rx_multicast: counted("rx_multicast", "Multicast packets received."),
  tx_bytes: counted("tx_bytes", "Bytes sent."),
  tx_collisions: counted("tx_colls", "Collisions."),
  tx_carrier: counted("tx_carrier", "Losses of the carrier."),
  tx_compressed: counted("tx_compressed", "Compressed packets sent."),
  inet: inetFact("address", "IPv4 address."),
  inet_netmask: inetFact("netmask", "Its network mask."),
  inet_broadcast: inetFact("broadcast", "Its broadcast address.", BROADCAST),
  inet_destination: inetFact(
    "destination",
    "The other end's IPv4 address.",
    POINTOPOINT,
  ),
  inet6: fact<Interface, string[]>(
    "strings",
    (row) => inet6Of(row).map((a) => `${spellAddress(a.address)}/${a.prefix}`),
    "IPv6 addresses, each with the length of its prefix.",
  ),
  inet6_scopes: fact<Interface, string[]>(
    "strings",
    (row) => inet6Of(row).map(scopeOf),
    "The scope of each IPv6 address.",
  ),
  inet6_flags: fact<Interface, string[]>(
    "strings",
    (row) =>
      inet6Of(row).map(({ flags }) => named(flags, ADDRESS_FLAGS).join()),
    "The flags of each IPv6 address.",
  ),
  ifindex: fact<Interface, number | null>(
    "integer?",
    (row) => inet6Of(row)[0]?.index ?? null,
    "Index of the interface, as its IPv6 addresses tell it; null without one.",
  ),
  hardware: fact<Interface, string | null>(
    "name?",
    ({ type }) => type === null ? null : hardwareOf(type).name,
    "Kind of hardware; unspec if it has no name.",
    { words: HARDWARE_NAMES },
  ),
  hardware_type: fact<Interface, number | null>(
    "integer?",
    (row) => row.type,
    "Kind of hardware as the kernel numbers it (linux/if_arp.h).",
  ),
  hardware_address: fact<Interface, string | null>(
    "address?",
    ({ type, address }) =>
      type === null || address === null
        ? null
        : hardwareOf(type).address?.(address) ?? null,
    "Hardware address; null for a kind that has none, or if it is not known.",
  ),
  tx_queue_len: fact<Interface, number | null>(
    "integer?",
    (row) => row.queue,
    "Length of the transmit queue, in packets.",
    { unit: "packets" },
  ),
  interrupt: resource("interrupt", "Interrupt number; 0 if there is none."),
  base_address: resource("base", "I/O address; 0 if there is none."),
  memory_start: resource("memoryStart", "Start of the shared memory."),
  memory_end: resource("memoryEnd", "End of the shared memory."),
  dma: resource("dma", "DMA channel; 0 if there is none."),
};

/** The row of an interface that has no counters. */
function uncounted(row: Interface): string {
  const name = row.name.slice(0, NAME_MOST).padEnd(NAME_MOST);
  const mtu = `${row.mtu ?? 0}`.padStart(5);
  const counters = "     - no statistics available -".padEnd(56);
  return `${name} ${mtu} ${counters}${letters(row)}`;
}

/** The lines of an interface, as `ifconfig` has them. */
function* blockOf(row: Interface): Generator<string> {
  const slip = row.outfill !== 0 || row.keepalive !== 0
    ? `  outfill ${row.outfill}  keepalive ${row.keepalive}`
    : "";
  yield `${row.name}: ${flagsText(row)}  mtu ${row.mtu ?? 0}${slip}`;
  for (const line of detailsOf(row)) yield " ".repeat(8) + line;
  yield "";
}

function* detailsOf(row: Interface): Generator<string> {
  const { type, queue, inet, resources } = row;
  const flags = row.flags ?? 0;
  if (inet !== null) yield inetText(inet, flags);
  for (const address of inet6Of(row)) yield inet6Text(address);
  const hardware = hardwareOf(type);
  const address = hardware.address?.(row.address ?? NO_ADDRESS);
  yield hardware.name + (address === undefined ? "" : ` ${address}`) +
    (queue === null ? "" : `  txqueuelen ${queue}`) + `  (${hardware.title})`;
  if ((flags & PORTSEL) !== 0) {
    const port = PORTS[resources?.port ?? 0] ?? PORTS[0]!;
    yield `media ${port}${(flags & AUTOMEDIA) !== 0 ? "autoselect" : ""}`;
  }
  if (row.counters !== null) yield* countersText(row.counters, hardware);
  const device = resources === null ? "" : resourcesText(resources);
  if (device !== "") yield `device ${device}`;
}

const NO_ADDRESS = new Uint8Array(HARDWARE_BYTES);

/** `IF_PORT_…` of `linux/netdevice.h` */
const PORTS = [
  "unknown",
  "10base2",
  "10baseT",
  "AUI",
  "100baseT",
  "100baseTX",
  "100baseFX",
];

function flagsText({ flags }: Interface): string {
  if (flags === null) return "flags=?";
  // net-tools: a number with a sign; 0 opens a bracket that nothing closes
  if (flags === 0) return "flags=0<";
  const words = named(flags, FLAG_WORDS).join();
  return `flags=${flags << 16 >> 16}${words === "" ? "" : `<${words}>`}`;
}

function inetText(inet: Inet, flags: number): string {
  const spell = (key: keyof Inet) => {
    const bytes = inet[key];
    return `  ${key} ${bytes === null ? "[NONE SET]" : dotted(bytes)}`;
  };
  return `inet ${dotted(inet.address)}${spell("netmask")}` +
    ((flags & BROADCAST) !== 0 ? spell("broadcast") : "") +
    ((flags & POINTOPOINT) !== 0 ? spell("destination") : "");
}

function inet6Text(inet6: Inet6): string {
  const { address, prefix, scope } = inet6;
  // net-tools: an IPv4-mapped address is shown as the IPv4 one
  const text = address.isMapped()
    ? dotted(address.bytes.subarray(12))
    : spellAddress(address);
  const words = scopeOf(inet6);
  return `inet6 ${text}  prefixlen ${prefix | 0}  ` +
    `scopeid 0x${hex(scope, 1)}${words === "" ? "" : `<${words}>`}`;
}

function* countersText(
  counters: Counters,
  { compressing }: Hardware,
): Generator<string> {
  const of = (counter: Counter) => counters[counter] ?? 0;
  const amount = (key: "rx" | "tx") => {
    const bytes = of(`${key}_bytes`);
    return `packets ${of(`${key}_packets`)}  bytes ${bytes} (${human(bytes)})`;
  };
  yield `RX ${amount("rx")}`;
  if (compressing) yield `RX compressed:${of("rx_compressed")}`;
  yield `RX errors ${of("rx_errs")}  dropped ${of("rx_drop")}` +
    `  overruns ${of("rx_fifo")}  frame ${of("rx_frame")}`;
  yield `TX ${amount("tx")}`;
  // net-tools: no colon here, and a single blank in front of "overruns"
  if (compressing) yield `TX compressed ${of("tx_compressed")}`;
  yield `TX errors ${of("tx_errs")}  dropped ${of("tx_drop")}` +
    ` overruns ${of("tx_fifo")}  carrier ${of("tx_carrier")}` +
    `  collisions ${of("tx_colls")}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A tenth of 2^60, as net-tools rounds it. */
const TENTH_OF_EIB = 115292150460684697n;

/**
 * A number of bytes in the largest unit that it is above, with one decimal, cut.
 */
export function human(bytes: Long): string {
  const count = BigInt(bytes);
  let unit = 0;
  while (unit < 6 && count > 1n << BigInt(10 * (unit + 1))) unit++;
  const tenths = unit === 6
    ? count / TENTH_OF_EIB
    : (10n * count) >> BigInt(10 * unit);
  return `${tenths / 10n}.${tenths % 10n} ${UNITS[unit]}`;
}

function resourcesText(
  { interrupt, base, memoryStart, memoryEnd, dma }: Resources,
): string {
  return (interrupt === 0 ? "" : `interrupt ${interrupt}  `) +
    (base < 0x100 ? "" : `base 0x${hex(base, 1)}  `) +
    (BigInt(memoryStart) === 0n
      ? ""
      : `memory 0x${hex(memoryStart, 1)}-${hex(memoryEnd, 1)}  `) +
    (dma === 0 ? "" : `  dma 0x${hex(dma, 1)}`);
}

/** The interfaces that there are, and their aliases. */
export default {
  name: "dev",
  identity: ["iface"],
  sources: [{ path: "/proc/net/dev" }],
  // the kernel's lines are shorter than 400 bytes
  lineLimit: 511,
  headings: 2,
  columns,
  frozen: {
    title: heading("Kernel Interface table"),
    layout: (view) => extended(view) ? [] : shownOf(columns, view),
    write(out, row, view) {
      if (!extended(view) && row.counters !== null) return false;
      for (const line of extended(view) ? blockOf(row) : [uncounted(row)]) {
        out.foreign(line);
        out.byte(NEWLINE);
      }
      return true;
    },
  },
  row: () => ({
    ...UNKNOWN_DEVICE,
    counted: COUNTERS,
    counters: null,
    inet6: new Map(),
    answer: undefined,
    peer: undefined,
  }),
  first,
  parse,
  keep: (row, view) => view.all || isUp(row),
  reference: {
    path: "/proc/net/if_inet6",
    needed: false,
    lineLimit: 64 * 1024,
    first: () => false,
    parse: parseInet6,
  },
  depth: async () => (await import("./_rt_link.ts")).linkDepth(columns),
} satisfies DeviceTable<Interface> & DeepTable<Interface>;

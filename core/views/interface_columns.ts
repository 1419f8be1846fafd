/**
 * How an interface looks: as a row of `-i`, as a block of `-ie`, and in JSON.
 *
 * @module
 */

import { fact, foreign, left, right } from "../contract/column.ts";
import type { Column, Columns, Long, Out } from "../contract/family.ts";
import type { Counter, Counters, Inet6, Interface } from "./interfaces.ts";
import { spellAddress, writeAddress } from "../contract/ip.ts";
import {
  BROADCAST,
  HARDWARE_BYTES,
  POINTOPOINT,
  type Resources,
  UP,
} from "../system/devices.ts";

/** `IFF_PORTSEL`: the connector can be chosen. */
const PORTSEL = 0x2000;
/** `IFF_AUTOMEDIA`: it chooses itself. */
const AUTOMEDIA = 0x4000;

/** The flags that have names, in the order in which they are printed. */
const FLAG_WORDS: readonly (readonly [bit: number, word: string])[] = [
  [0x1, "UP"],
  [0x2, "BROADCAST"],
  [0x4, "DEBUG"],
  [0x8, "LOOPBACK"],
  [0x10, "POINTOPOINT"],
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
const FLAG_LETTERS: readonly (readonly [bit: number, letter: string])[] = [
  [0x200, "A"],
  [0x2, "B"],
  [0x4, "D"],
  [0x8, "L"],
  [0x1000, "M"],
  [0x8000, "d"],
  [0x100, "P"],
  [0x20, "N"],
  [0x80, "O"],
  [0x10, "P"],
  [0x800, "s"],
  [0x400, "m"],
  [0x40, "R"],
  [0x1, "U"],
];

function named(
  bits: number,
  names: readonly (readonly [number, string])[],
): string[] {
  return names.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}

function letters({ flags }: Interface): string {
  if (flags === undefined) return "-";
  return flags === 0 ? "[NO FLAGS]" : named(flags, FLAG_LETTERS).join("");
}

/** A kind of hardware. */
interface Hardware {
  readonly name: string;
  readonly title: string;
  /** Spells the address; absent where there is none to show. */
  readonly address?: (bytes: Uint8Array) => string;
  /** Whether its packets' headers are compressed, and counted. */
  readonly compressing?: boolean;
}

/** By hardware type (`ARPHRD_…` of `linux/if_arp.h`). */
const HARDWARE: ReadonlyMap<number, Hardware> = new Map<number, Hardware>([
  [0, { name: "netrom", title: "AMPR NET/ROM", address: callsign }],
  [1, { name: "ether", title: "Ethernet", address: (b) => hex(b, 6, ":") }],
  [3, { name: "ax25", title: "AMPR AX.25", address: callsign }],
  [7, { name: "arcnet", title: "ARCnet", address: (b) => upper(b, 1, "") }],
  [15, { name: "dlci", title: "Frame Relay DLCI", address: dlci }],
  [27, {
    name: "eui64",
    title: "Generic EUI-64",
    address: (b) => upper(b, 8, ":"),
  }],
  [256, { name: "slip", title: "Serial Line IP" }],
  [257, { name: "cslip", title: "VJ Serial Line IP", compressing: true }],
  [258, { name: "slip6", title: "6-bit Serial Line IP" }],
  [259, {
    name: "cslip6",
    title: "VJ 6-bit Serial Line IP",
    compressing: true,
  }],
  [264, { name: "adaptive", title: "Adaptive Serial Line IP" }],
  [270, { name: "rose", title: "AMPR ROSE", address: (b) => hex(b, 5, "") }],
  [271, { name: "x25", title: "generic X.25", address: characters }],
  [512, { name: "ppp", title: "Point-to-Point Protocol" }],
  [513, { name: "hdlc", title: "(Cisco)-HDLC" }],
  [516, { name: "lapb", title: "LAPB" }],
  [768, { name: "tunnel", title: "IPIP Tunnel", address: () => "" }],
  [770, { name: "frad", title: "Frame Relay Access Device" }],
  [772, { name: "loop", title: "Local Loopback" }],
  [774, {
    name: "fddi",
    title: "Fiber Distributed Data Interface",
    address: (b) => upper(b, 6, "-"),
  }],
  [776, { name: "sit", title: "IPv6-in-IPv4" }],
  [780, { name: "hippi", title: "HIPPI", address: (b) => upper(b, 6, ":") }],
  [781, { name: "ash", title: "Ash", address: (b) => hex(b, 8, "") }],
  [782, { name: "ec", title: "Econet" }],
  [783, {
    name: "irda",
    title: "IrLAP",
    address: (b) => hex(b.slice(0, 4).reverse(), 4, ":"),
  }],
]);

/** Any other: sixteen bytes, of which eight are known. */
const UNSPEC: Hardware = {
  name: "unspec",
  title: "UNSPEC",
  address: (b) => upper(b, 8, "-") + "-00".repeat(8),
};

function hardware({ type }: Interface): Hardware {
  return type === undefined ? UNSPEC : HARDWARE.get(type) ?? UNSPEC;
}

function hex(bytes: Uint8Array, length: number, between: string): string {
  return Array.from(
    bytes.subarray(0, length),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join(between);
}

function upper(bytes: Uint8Array, length: number, between: string): string {
  return hex(bytes, length, between).toUpperCase();
}

/** An AX.25 address: six characters, each shifted by a bit, then the SSID. */
function callsign(bytes: Uint8Array): string {
  const call = String.fromCharCode(...bytes.subarray(0, 6).map((b) => b >> 1))
    .replace(/[ \0].*$/s, "");
  const ssid = bytes[6]! >> 1 & 15;
  return ssid === 0 ? call : `${call}-${ssid}`;
}

/** The first two bytes as a signed number in the machine's order. */
function dlci(bytes: Uint8Array): string {
  return String(new Int16Array(bytes.slice(0, 2).buffer)[0]);
}

function characters(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/\0.*$/s, "");
}

/** A counter's column: net-tools shows those that are not known as 0. */
function counter(
  key: Counter,
  header: string,
  width: number,
  about: string,
): Column<Interface> {
  const make = width < 0 ? left<Interface> : right<Interface>;
  return make(header, Math.abs(width), (row) => value(row, key), about, {
    kind: "integer?",
    ...unitOf(key),
    write: (out, row) => out.integer(value(row, key) ?? 0),
    tone(row) {
      const lost = !key.endsWith("_packets") && (value(row, key) ?? 0) > 0;
      return lost ? "trouble" : undefined;
    },
  });
}

function counted(key: Counter, about: string): Column<Interface> {
  return fact<Interface, Long | null>(
    "integer?",
    (row) => value(row, key),
    about,
    unitOf(key),
  );
}

/** What a counter counts, if that has a unit. */
function unitOf(key: Counter): Pick<Column<Interface>, "unit" | "counter"> {
  if (/_(colls|carrier)$/.test(key)) return { counter: true };
  return { unit: key.endsWith("_bytes") ? "bytes" : "packets", counter: true };
}

function value(row: Interface, key: Counter): Long | null {
  return row.counters?.[key] ?? null;
}

function inetFact(
  key: "address" | "netmask" | "broadcast" | "destination",
  about: string,
  flag = 0,
): Column<Interface> {
  return fact<Interface, string | null>("address?", ({ inet, flags }) => {
    const told = flag === 0 || ((flags ?? 0) & flag) !== 0;
    const bytes = told ? inet?.[key] : undefined;
    return bytes === undefined ? null : dotted(bytes);
  }, about);
}

function resource(
  key: keyof Resources,
  about: string,
): Column<Interface> {
  return fact<Interface, Long | null>(
    "integer?",
    (row) => row.resources?.[key] ?? null,
    about,
  );
}

/** The columns of `-i`, and in JSON all that `-ie` tells. */
export const interfaceColumns: Columns<Interface> = {
  iface: foreign(
    "Iface",
    15,
    (row) => row.name,
    "Name; an alias has a colon.",
    {
      tone: ({ flags = UP }) => (flags & UP) === 0 ? "off" : undefined,
    },
  ),
  mtu: right("MTU", 5, (row) => row.mtu ?? null, "Longest packet, in bytes.", {
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
    (row) => row.flags ?? null,
    "Flags as a number of 16 bits (linux/if.h).",
  ),
  flag_names: fact<Interface, string[] | null>(
    "strings?",
    ({ flags }) => flags === undefined ? null : named(flags, FLAG_WORDS),
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
    (row) => row.inet6.map((a) => `${spellAddress(a.address)}/${a.prefix}`),
    "IPv6 addresses, each with the length of its prefix.",
  ),
  inet6_scopes: fact<Interface, string[]>(
    "strings",
    (row) => row.inet6.map((a) => scopeWords(a).join(",")),
    "The scope of each IPv6 address.",
  ),
  hardware: fact<Interface, string | null>(
    "name?",
    (row) => row.type === undefined ? null : hardware(row).name,
    "Kind of hardware; unspec if it has no name.",
  ),
  hardware_type: fact<Interface, number | null>(
    "integer?",
    (row) => row.type ?? null,
    "Kind of hardware as the kernel numbers it (linux/if_arp.h).",
  ),
  hardware_address: fact<Interface, string | null>(
    "address?",
    (row) =>
      row.type === undefined || row.address === undefined
        ? null
        : hardware(row).address?.(row.address) ?? null,
    "Hardware address; null for a kind that has none, or if it is not known.",
  ),
  tx_queue_len: fact<Interface, number | null>(
    "integer?",
    (row) => row.queue ?? null,
    "Length of the transmit queue, in packets.",
    { unit: "packets" },
  ),
  interrupt: resource("interrupt", "Interrupt number; 0 if there is none."),
  base_address: resource("base", "I/O address; 0 if there is none."),
  memory_start: resource("memoryStart", "Start of the shared memory."),
  memory_end: resource("memoryEnd", "End of the shared memory."),
  dma: resource("dma", "DMA channel; 0 if there is none."),
};

/** Writes a row that has no counters; others are made of columns. */
export function writeRow(out: Out, row: unknown): boolean {
  return writeUncounted(out, row as Interface);
}

function writeUncounted(out: Out, row: Interface): boolean {
  if (row.counters !== undefined) return false;
  const start = out.at;
  out.foreign(row.name.slice(0, 15));
  out.pad(start, 15);
  out.ascii(` ${String(row.mtu ?? 0).padStart(5)} `);
  out.ascii("     - no statistics available -".padEnd(56));
  out.ascii(`${letters(row)}\n`);
  return true;
}

const INDENT = " ".repeat(8);

/** Writes a block of lines, as `ifconfig` has them. */
export function writeBlock(out: Out, row: unknown): boolean {
  return writeInterface(out, row as Interface);
}

function writeInterface(out: Out, row: Interface): boolean {
  out.room(4096);
  out.foreign(row.name);
  out.ascii(`: ${flagsText(row)}  mtu ${row.mtu ?? 0}`);
  if (row.outfill !== 0 || row.keepalive !== 0) {
    out.ascii(`  outfill ${row.outfill}  keepalive ${row.keepalive}`);
  }
  out.ascii("\n");
  if (row.inet) out.ascii(`${INDENT}${inetText(row)}\n`);
  for (const address of row.inet6) {
    out.room(4096);
    writeInet6(out, address);
  }
  writeHardware(out, row);
  if (((row.flags ?? 0) & PORTSEL) !== 0) {
    out.ascii(`${INDENT}${mediaText(row)}\n`);
  }
  if (row.counters) writeCounters(out, row.counters, hardware(row));
  const device = deviceText(row.resources);
  if (device !== "") out.ascii(`${INDENT}device ${device}\n`);
  out.ascii("\n");
  return true;
}

function flagsText({ flags }: Interface): string {
  if (flags === undefined) return "flags=?";
  // net-tools: a number with a sign; 0 opens a bracket that nothing closes
  const number = flags << 16 >> 16;
  if (flags === 0) return "flags=0<";
  const words = named(flags, FLAG_WORDS).join(",");
  return words === "" ? `flags=${number}` : `flags=${number}<${words}>`;
}

function inetText({ inet, flags = 0 }: Interface): string {
  const spell = (bytes: Uint8Array | undefined) =>
    bytes === undefined ? "[NONE SET]" : dotted(bytes);
  const { address, netmask, broadcast, destination } = inet!;
  return `inet ${dotted(address)}  netmask ${spell(netmask)}` +
    ((flags & BROADCAST) !== 0 ? `  broadcast ${spell(broadcast)}` : "") +
    ((flags & POINTOPOINT) !== 0 ? `  destination ${spell(destination)}` : "");
}

function dotted(bytes: Uint8Array): string {
  return bytes.join(".");
}

function writeInet6(out: Out, one: Inet6): void {
  const words = scopeWords(one).join(",");
  out.ascii(`${INDENT}inet6 `);
  writeAddress(out, one.address);
  out.ascii(
    `  prefixlen ${one.prefix >>> 0}  scopeid 0x${
      (one.scope >>> 0).toString(16)
    }${words === "" ? "" : `<${words}>`}\n`,
  );
}

const COMPAT = 0x80;

function scopeWords({ scope }: Inet6): string[] {
  const words = (scope & COMPAT) !== 0 ? ["compat"] : [];
  const rest = scope & ~COMPAT;
  if (rest === 0) return [...words, "global"];
  return [
    ...words,
    ...named(rest, [[0x20, "link"], [0x40, "site"], [0x10, "host"]]),
  ];
}

const NO_ADDRESS = new Uint8Array(HARDWARE_BYTES);

function writeHardware(out: Out, row: Interface): void {
  const { name, title, address } = hardware(row);
  out.ascii(INDENT + name);
  if (address !== undefined) {
    out.byte(32);
    out.foreign(address(row.address ?? NO_ADDRESS));
  }
  if (row.queue !== undefined) out.ascii(`  txqueuelen ${row.queue}`);
  out.ascii(`  (${title})\n`);
}

/** `IF_PORT_…` of `linux/netdevice.h`. */
const PORTS = [
  "unknown",
  "10base2",
  "10baseT",
  "AUI",
  "100baseT",
  "100baseTX",
  "100baseFX",
];

function mediaText({ resources, flags = 0 }: Interface): string {
  const port = PORTS[resources?.port ?? 0] ?? PORTS[0]!;
  return `media ${port}${(flags & AUTOMEDIA) !== 0 ? "autoselect" : ""}`;
}

function writeCounters(
  out: Out,
  counters: Counters,
  { compressing }: Hardware,
): void {
  const of = (key: Counter) => counters[key] ?? 0;
  const line = (text: string) => out.ascii(`${INDENT}${text}\n`);
  const amount = (key: "rx" | "tx") => {
    const bytes = of(`${key}_bytes`);
    return `packets ${of(`${key}_packets`)}  bytes ${bytes} (${human(bytes)})`;
  };
  line(`RX ${amount("rx")}`);
  if (compressing) line(`RX compressed:${of("rx_compressed")}`);
  line(
    `RX errors ${of("rx_errs")}  dropped ${of("rx_drop")}` +
      `  overruns ${of("rx_fifo")}  frame ${of("rx_frame")}`,
  );
  line(`TX ${amount("tx")}`);
  // net-tools: no colon here, and a single blank in front of "overruns"
  if (compressing) line(`TX compressed ${of("tx_compressed")}`);
  line(
    `TX errors ${of("tx_errs")}  dropped ${of("tx_drop")}` +
      ` overruns ${of("tx_fifo")}  carrier ${of("tx_carrier")}` +
      `  collisions ${of("tx_colls")}`,
  );
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

function deviceText(resources: Resources | undefined): string {
  if (resources === undefined) return "";
  const { interrupt, base, memoryStart, memoryEnd, dma } = resources;
  return (interrupt === 0 ? "" : `interrupt ${interrupt}  `) +
    (base < 0x100 ? "" : `base 0x${base.toString(16)}  `) +
    (BigInt(memoryStart) === 0n
      ? ""
      : `memory 0x${memoryStart.toString(16)}-${memoryEnd.toString(16)}  `) +
    (dma === 0 ? "" : `  dma 0x${dma.toString(16)}`);
}

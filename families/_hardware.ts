/**
 * Kinds of hardware, and how net-tools spells their addresses.
 *
 * @module
 */

import { untilNul } from "../core/contract/line.ts";
import { hex } from "./_words.ts";

/** A kind of hardware. */
export interface Hardware {
  /** Its short name. */
  readonly name: string;
  /** Its full name. */
  readonly title: string;
  /** Spells the address; absent where there is none to show. */
  readonly address?: (bytes: Uint8Array) => string;
  /** Whether its packets' headers are compressed, and counted. */
  readonly compressing?: boolean;
}

/** By hardware type (`ARPHRD_…` of `linux/if_arp.h`). */
const HARDWARE: Readonly<Record<number, Hardware>> = {
  0: { name: "netrom", title: "AMPR NET/ROM", address: callsign },
  1: { name: "ether", title: "Ethernet", address: (b) => digits(b, 6, ":") },
  3: { name: "ax25", title: "AMPR AX.25", address: callsign },
  7: { name: "arcnet", title: "ARCnet", address: (b) => upper(b, 1, "") },
  15: { name: "dlci", title: "Frame Relay DLCI", address: dlci },
  27: {
    name: "eui64",
    title: "Generic EUI-64",
    address: (b) => upper(b, 8, ":"),
  },
  256: { name: "slip", title: "Serial Line IP" },
  257: { name: "cslip", title: "VJ Serial Line IP", compressing: true },
  258: { name: "slip6", title: "6-bit Serial Line IP" },
  259: { name: "cslip6", title: "VJ 6-bit Serial Line IP", compressing: true },
  264: { name: "adaptive", title: "Adaptive Serial Line IP" },
  270: { name: "rose", title: "AMPR ROSE", address: (b) => digits(b, 5, "") },
  271: { name: "x25", title: "generic X.25", address: untilNul },
  512: { name: "ppp", title: "Point-to-Point Protocol" },
  513: { name: "hdlc", title: "(Cisco)-HDLC" },
  516: { name: "lapb", title: "LAPB" },
  768: { name: "tunnel", title: "IPIP Tunnel", address: () => "" },
  770: { name: "frad", title: "Frame Relay Access Device" },
  772: { name: "loop", title: "Local Loopback" },
  774: {
    name: "fddi",
    title: "Fiber Distributed Data Interface",
    address: (b) => upper(b, 6, "-"),
  },
  776: { name: "sit", title: "IPv6-in-IPv4" },
  780: { name: "hippi", title: "HIPPI", address: (b) => upper(b, 6, ":") },
  781: { name: "ash", title: "Ash", address: (b) => digits(b, 8, "") },
  782: { name: "ec", title: "Econet" },
  783: {
    name: "irda",
    title: "IrLAP",
    address: (b) => digits(b.slice(0, 4).reverse(), 4, ":"),
  },
};

/** Any other: sixteen bytes, of which eight are known. */
const UNSPEC: Hardware = {
  name: "unspec",
  title: "UNSPEC",
  address: (b) => upper(b, 8, "-") + "-00".repeat(8),
};

/** The short names of all kinds. */
export const HARDWARE_NAMES: readonly string[] = [
  ...Object.values(HARDWARE),
  UNSPEC,
].map(({ name }) => name);

/** The kind of hardware that has a number; that of unknown ones, too. */
export function hardwareOf(type: number | null): Hardware {
  return type === null ? UNSPEC : HARDWARE[type] ?? UNSPEC;
}

/** The first bytes in hexadecimal. */
function digits(bytes: Uint8Array, length: number, between: string): string {
  return Array.from(bytes.subarray(0, length), (byte) => hex(byte, 2))
    .join(between);
}

function upper(bytes: Uint8Array, length: number, between: string): string {
  return digits(bytes, length, between).toUpperCase();
}

/** An AX.25 address: six characters, each shifted by a bit, then the SSID. */
function callsign(bytes: Uint8Array): string {
  const [call = ""] = untilNul(bytes.subarray(0, 6).map((byte) => byte >> 1))
    .split(" ");
  const ssid = bytes[6]! >> 1 & 15;
  return ssid === 0 ? call : `${call}-${ssid}`;
}

/** The first two bytes as a signed number in the machine's order. */
function dlci(bytes: Uint8Array): string {
  return String(new Int16Array(bytes.slice(0, 2).buffer)[0]);
}

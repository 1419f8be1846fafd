/**
 * Internet addresses as a question sees them: bytes that are compared where they
 * stand. An IPv4-mapped IPv6 address is the IPv4 address in it, which clients of a
 * server for both are; all IPv4 addresses come before all others.
 *
 * @module
 */

import type { Span } from "../contract/family.ts";
import { type Address, parseIpv6 } from "../contract/ip.ts";

/** No bytes yet. */
export function emptySpan(): Span {
  return { bytes: new Uint8Array(0), from: 0, to: 0 };
}

/** The IPv4 address that an address is, or is mapped from, as a number; -1 for another. */
export function ipv4Of({ bytes, from, to }: Span): number {
  if (to - from === 4) return word(bytes, from);
  if (bytes[from + 10] !== 255 || bytes[from + 11] !== 255) return -1;
  for (let i = from; i < from + 10; i++) if (bytes[i] !== 0) return -1;
  return word(bytes, from + 12);
}

/** Four bytes as a number. */
export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
    bytes[at + 3]!) >>> 0;
}

/** Less than, equal to, or greater than 0, as two addresses follow one another. */
export function compareInternet(a: Span, b: Span): number {
  const left = ipv4Of(a);
  const right = ipv4Of(b);
  if (left >= 0 && right >= 0) return left - right;
  if (left >= 0 || right >= 0) return left >= 0 ? -1 : 1;
  return compareStretches(a.bytes, a.from, a.to, b.bytes, b.from, b.to);
}

/** Less than, equal to, or greater than 0, as two byte arrays follow one another. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return compareStretches(a, 0, a.length, b, 0, b.length);
}

/** {@linkcode compareBytes} for stretches of them. */
export function compareStretches(
  a: Uint8Array,
  from: number,
  to: number,
  b: Uint8Array,
  start: number,
  end: number,
): number {
  const length = Math.min(to - from, end - start);
  for (let i = 0; i < length; i++) {
    const difference = a[from + i]! - b[start + i]!;
    if (difference !== 0) return difference;
  }
  return to - from - (end - start);
}

const DECIMAL = /^(0|[1-9]\d{0,2})$/;

/** The longest spelling: an IPv6 address that ends in a dotted quad. */
const LENGTH_MOST = 45;

/** Reads an Internet address as it is usually spelled. Returns false if it is none. */
export function parseInternet(text: string, into: Address): boolean {
  if (text.length > LENGTH_MOST) return false;
  if (text.includes(":")) return parseIpv6(text, into);
  const parts = text.split(".");
  if (parts.length !== 4) return false;
  for (const [i, part] of parts.entries()) {
    if (!DECIMAL.test(part) || Number(part) > 255) return false;
    into.bytes[i] = Number(part);
  }
  into.length = 4;
  return true;
}

/**
 * Internet addresses: from the kernel's hexadecimal and text forms to bytes, and
 * from bytes to the spelling of net-tools. What belongs to the socket tables of
 * two families is in `families/_inet.ts`.
 *
 * @module
 */

import type { Out, Span } from "./family.ts";
import { HEX, type Line } from "./line.ts";

const DOT = 46;
const COLON = 58;
/** Whether this machine writes the least byte first. */
export const LITTLE_ENDIAN: boolean =
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** An address of 4 or 16 bytes, in network order; filled anew for each row. */
export class Address {
  /** The bytes; only the first `length` count. */
  readonly bytes: Uint8Array = new Uint8Array(16);
  /** The same bytes, as words in the machine's order. */
  readonly words: Int32Array = new Int32Array(this.bytes.buffer);
  /** 4 or 16. */
  length: 4 | 16 = 4;

  /** Whether all bits are zero. */
  isNull(): boolean {
    const { bytes, length } = this;
    for (let i = 0; i < length; i++) if (bytes[i] !== 0) return false;
    return true;
  }

  /** Whether this is an IPv4-mapped IPv6 address, `::ffff:a.b.c.d`. */
  isMapped(): boolean {
    const { bytes } = this;
    if (this.length === 4 || bytes[10] !== 255 || bytes[11] !== 255) {
      return false;
    }
    for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
    return true;
  }

  /** A copy of the bytes. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

/** Points at the bytes of an address; true, since it is not null. See `Column.span`. */
export function spanOf({ bytes, length }: Address, into: Span): true {
  into.bytes = bytes;
  into.from = 0;
  into.to = length;
  return true;
}

/**
 * Reads an IPv6 address in reading order: eight groups of four hexadecimal digits,
 * or of fewer if blanks follow.
 */
export function readIpv6(line: Line, address: Address): void {
  address.length = 16;
  for (let i = 0; i < 16; i += 2) {
    const length = line.word(4);
    let group = 0;
    for (let at = line.at - length; at < line.at; at++) {
      const digit = HEX[line.bytes[at]!]!;
      if (digit < 0) line.failed = true;
      group = group << 4 | digit;
    }
    address.bytes[i] = group >> 8;
    address.bytes[i + 1] = group;
  }
}

/**
 * Reads one 32-bit word of 8 hexadecimal digits, which the kernel prints in the
 * machine's byte order, into four address bytes. Returns a negative number if one
 * of the digits is none.
 */
export function hexWord(
  text: Uint8Array,
  at: number,
  into: Uint8Array,
  to: number,
): number {
  const a = HEX[text[at]!]! << 4 | HEX[text[at + 1]!]!;
  const b = HEX[text[at + 2]!]! << 4 | HEX[text[at + 3]!]!;
  const c = HEX[text[at + 4]!]! << 4 | HEX[text[at + 5]!]!;
  const d = HEX[text[at + 6]!]! << 4 | HEX[text[at + 7]!]!;
  if (LITTLE_ENDIAN) {
    into[to] = d;
    into[to + 1] = c;
    into[to + 2] = b;
    into[to + 3] = a;
  } else {
    into[to] = a;
    into[to + 1] = b;
    into[to + 2] = c;
    into[to + 3] = d;
  }
  return a | b | c | d;
}

/** Stores a 32-bit number in the machine's byte order as four address bytes. */
export function wordBytes(word: number, into: Uint8Array): void {
  new DataView(into.buffer, into.byteOffset).setUint32(0, word, LITTLE_ENDIAN);
}

/** How each byte is spelled in decimal: three characters, then their number. */
const OCTETS = new Uint8Array(1024);
for (let value = 0; value < 256; value++) {
  const at = 4 * value;
  const tens = value / 10 | 0;
  const last = 48 + value - 10 * tens;
  if (value < 10) OCTETS[at] = last;
  else if (value < 100) {
    OCTETS[at] = 48 + tens;
    OCTETS[at + 1] = last;
  } else {
    const hundreds = value / 100 | 0;
    OCTETS[at] = 48 + hundreds;
    OCTETS[at + 1] = 48 + tens - 10 * hundreds;
    OCTETS[at + 2] = last;
  }
  OCTETS[at + 3] = value < 10 ? 1 : value < 100 ? 2 : 3;
}

/** Writes four bytes as a dotted quad. */
function dotted(out: Out, address: Uint8Array, from: number): void {
  const bytes = out.bytes;
  let at = out.at;
  for (let i = from; i < from + 4; i++) {
    // three characters are written always, and what is too much is written over
    const octet = 4 * address[i]!;
    bytes[at] = OCTETS[octet]!;
    bytes[at + 1] = OCTETS[octet + 1]!;
    bytes[at + 2] = OCTETS[octet + 2]!;
    at += OCTETS[octet + 3]!;
    bytes[at++] = DOT;
  }
  out.at = at - 1;
}

/** Writes a 16-bit number in lower-case hexadecimal without leading zeros. */
function group(out: Out, value: number): void {
  for (
    let shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 15 ? 4 : 0;;
  ) {
    const digit = value >> shift & 15;
    out.bytes[out.at++] = digit < 10 ? 48 + digit : 87 + digit;
    if (shift === 0) return;
    shift -= 4;
  }
}

/**
 * Writes an address as net-tools does: the longest run of two or more zero groups
 * is `::` (the first one on a tie), IPv4-mapped addresses are dotted quads, and so
 * is the end of an address that starts with exactly six zero groups or with five
 * and `ffff`.
 */
export function writeAddress(out: Out, address: Address): void {
  const { bytes } = address;
  if (address.length === 4) return dotted(out, bytes, 0);
  if (address.isMapped()) return dotted(out, bytes, 12);

  let runStart = -1;
  let runLength = 1;
  let zeros = 0;
  for (let i = 0; i < 8; i++) {
    zeros = bytes[2 * i] === 0 && bytes[2 * i + 1] === 0 ? zeros + 1 : 0;
    if (zeros > runLength) {
      runLength = zeros;
      runStart = i - zeros + 1;
    }
  }
  for (let i = 0; i < 8; i++) {
    if (i === runStart) {
      out.bytes[out.at++] = COLON;
      i += runLength - 1;
      if (i === 7) out.bytes[out.at++] = COLON;
      continue;
    }
    if (i > 0) out.bytes[out.at++] = COLON;
    if (i === 6 && runStart === 0 && runLength === 6) {
      return dotted(out, bytes, 12);
    }
    group(out, bytes[2 * i]! << 8 | bytes[2 * i + 1]!);
  }
}

/** What an IPv4-mapped address begins with. */
const MAPPED = "::ffff:";

/**
 * Writes an address as RFC 5952 spells it, for JSON: an IPv4-mapped one, unlike
 * {@linkcode writeAddress}, is told from an IPv4 address by its `::ffff:`.
 */
export function writePlainAddress(out: Out, address: Address): void {
  if (address.isMapped()) out.ascii(MAPPED);
  writeAddress(out, address);
}

/** The text of {@linkcode writePlainAddress} as a string. */
export function spellAddress(address: Address): string {
  const { bytes, length } = address;
  if (length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  scratch.at = 0;
  writeAddress(scratch, address);
  const text = String.fromCharCode(...scratch.bytes.subarray(0, scratch.at));
  return address.isMapped() ? MAPPED + text : text;
}

/** Enough of an `Out` to spell one address. */
const scratch = { bytes: new Uint8Array(64), at: 0 } as unknown as Out;

/**
 * Reads a dotted quad in any form that C's `inet_aton` takes: one to four numbers,
 * decimal, octal (leading 0) or hexadecimal (0x), the last one filling the rest.
 * Returns false if it is none.
 */
export function parseIpv4(text: string, address: Address): boolean {
  const parts = text.split(".");
  if (parts.length > 4) return false;
  let value = 0;
  for (const [i, part] of parts.entries()) {
    if (!/^(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.test(part)) return false;
    const number = /^0[0-7]/.test(part) ? parseInt(part, 8) : Number(part);
    const most = i < parts.length - 1 ? 256 : 256 ** (5 - parts.length);
    if (number >= most) return false;
    value += i < parts.length - 1 ? number * 256 ** (3 - i) : number;
  }
  address.length = 4;
  new DataView(address.bytes.buffer).setUint32(0, value);
  return true;
}

/** Reads an IPv6 address, in full or with `::`. Returns false if it is none. */
export function parseIpv6(text: string, address: Address): boolean {
  let tail: Address | undefined;
  const quad = text.lastIndexOf(":") + 1;
  if (text.includes(".", quad)) {
    tail = new Address();
    if (!/^\d+(\.\d+){3}$/.test(text.slice(quad))) return false;
    if (!parseIpv4(text.slice(quad), tail)) return false;
    text = text.slice(0, quad) + "0:0";
  }
  const halves = text.split("::");
  const [head, rest] = halves.map((h) => h === "" ? [] : h.split(":"));
  const zeros = 8 - head!.length - (rest?.length ?? 0);
  if (halves.length > 2 || (rest === undefined ? zeros !== 0 : zeros < 1)) {
    return false;
  }
  const groups = [...head!, ...Array(zeros).fill("0"), ...rest ?? []];
  for (const [i, digits] of groups.entries()) {
    if (!/^[0-9a-f]{1,4}$/i.test(digits)) return false;
    const value = parseInt(digits, 16);
    address.bytes[2 * i] = value >> 8;
    address.bytes[2 * i + 1] = value & 255;
  }
  if (tail) address.bytes.set(tail.bytes.subarray(0, 4), 12);
  address.length = 16;
  return true;
}

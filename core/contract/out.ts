/**
 * A buffer that text is written into, byte by byte.
 *
 * @module
 */

import type { Long, Out } from "./family.ts";

/** So much is in the buffer before whoever has it takes it away. */
export const THRESHOLD: number = 64 * 1024;

/** A row's numbers and addresses fit into this much; longer cells ask for room. */
const SLACK = 16 * 1024;

const BLANK = 32;
const DOT = 46;

/** Bytes that are written one after the other; see {@linkcode Out}. */
export class Bytes implements Out {
  /** The buffer. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(THRESHOLD + SLACK);
  /** The same memory, for several bytes at a time. */
  words: DataView<ArrayBuffer> = new DataView(this.bytes.buffer);
  /** Where the next byte goes. */
  at = 0;

  /** Makes sure that `length` more bytes fit. */
  room(length: number): void {
    if (this.at + length + SLACK <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.at + length + SLACK));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
    this.words = new DataView(larger.buffer);
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** Writes the program's own text. */
  ascii(text: string): void {
    const length = text.length;
    if (length > 1024) this.room(length);
    const bytes = this.bytes;
    let at = this.at;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.at = at;
  }

  /** Writes a number in decimal. */
  integer(value: Long): void {
    this.integerRight(value, 1);
  }

  /** Writes a number in decimal, with its fraction if it has one. */
  number(value: Long): void {
    if (typeof value === "bigint" || Number.isInteger(value)) {
      this.integer(value);
    } else this.ascii(value.toString());
  }

  /** Writes a number in decimal, right-aligned in `width` bytes. */
  integerRight(value: Long, width: number): void {
    if (typeof value === "bigint" || value > 999_999_999 || value < 0) {
      this.ascii(value.toString().padStart(width));
      return;
    }
    const bytes = this.bytes;
    let start = this.at;
    // digits are found from the last one, so their number must be known first
    const digits = value < 10 ? 1 : value < 100 ? 2 : digitsOf(value);
    for (let blanks = width - digits; blanks > 0; blanks--) {
      bytes[start++] = BLANK;
    }
    let at = start + digits;
    this.at = at;
    let rest = value | 0;
    while (rest > 9) {
      const tenth = rest / 10 | 0;
      bytes[--at] = 48 + rest - tenth * 10;
      rest = tenth;
    }
    bytes[start] = 48 + rest;
  }

  /** Writes a byte string without its control bytes. */
  foreign(text: string): void {
    this.room(text.length);
    const start = this.at;
    this.ascii(text);
    neutralise(this.bytes, start, this.at);
  }

  /** Writes bytes without control bytes. */
  foreignBytes(bytes: Uint8Array, from: number, to: number): void {
    this.room(to - from);
    const start = this.at;
    const own = this.bytes;
    let at = start;
    for (let i = from; i < to; i++) own[at++] = bytes[i]!;
    this.at = at;
    neutralise(own, start, at);
  }

  /** Writes blanks until `width` bytes stand since `start`. */
  pad(start: number, width: number): void {
    const bytes = this.bytes;
    const end = start + width;
    let at = this.at;
    while (at < end) bytes[at++] = BLANK;
    this.at = at;
  }

  /** Moves what stands since `start` to the right end of `width` bytes. */
  padLeft(start: number, width: number): void {
    const missing = start + width - this.at;
    if (missing <= 0) return;
    // cells are short: a loop is faster than `copyWithin`
    const bytes = this.bytes;
    for (let at = this.at - 1; at >= start; at--) {
      bytes[at + missing] = bytes[at]!;
    }
    for (let at = start; at < start + missing; at++) bytes[at] = BLANK;
    this.at += missing;
  }
}

/**
 * Makes a `.` of every control byte: C0, DEL, and C1 both as a byte of its own and
 * in its UTF-8 form. Other bytes stay, whether or not they are UTF-8.
 */
export function neutralise(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      if (byte < 0x20 || byte === 0x7f) bytes[at] = DOT;
      continue;
    }
    const length = sequence(bytes, at, to);
    if (length > 1) {
      if (byte === 0xc2 && bytes[at + 1]! < 0xa0) {
        bytes[at] = bytes[at + 1] = DOT;
      }
      at += length - 1;
    } else if (byte < 0xa0) {
      bytes[at] = DOT;
    }
  }
}

/** The length of the UTF-8 sequence at `at`; 1 if it is none. */
export function sequence(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at]!;
  const length = lead >= 0xc2 && lead < 0xe0
    ? 2
    : lead >= 0xe0 && lead < 0xf0
    ? 3
    : lead >= 0xf0 && lead < 0xf5
    ? 4
    : 1;
  if (at + length > to) return 1;
  for (let i = 1; i < length; i++) {
    if ((bytes[at + i]! & 0xc0) !== 0x80) return 1;
  }
  // overlong forms, surrogates, and what lies beyond U+10FFFF
  const second = bytes[at + 1]!;
  if (lead === 0xe0 && second < 0xa0) return 1;
  if (lead === 0xed && second >= 0xa0) return 1;
  if (lead === 0xf0 && second < 0x90) return 1;
  if (lead === 0xf4 && second >= 0x90) return 1;
  return length;
}

/** How many decimal digits a number from 100 to 999,999,999 has. */
function digitsOf(value: number): number {
  if (value < 10_000) return value < 1000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  return value < 100_000_000 ? (value < 10_000_000 ? 7 : 8) : 9;
}

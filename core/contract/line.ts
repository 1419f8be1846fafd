/**
 * A cursor over one line of a kernel table, with the scanning rules of C's
 * `sscanf`, which is what net-tools reads these tables by: white space in front of
 * a field is skipped, and after the first field that does not fit nothing more is
 * read. Fields come out as numbers; no string is made.
 *
 * @module
 */

import type { Long } from "./family.ts";

const INVALID = -1;

/** The value of each hexadecimal digit, -1 for any other byte. */
export const HEX: Int8Array = new Int8Array(256).fill(INVALID);
for (let i = 0; i < 10; i++) HEX[48 + i] = i;
for (let i = 0; i < 6; i++) HEX[65 + i] = HEX[97 + i] = 10 + i;

const MINUS = 45;
const PLUS = 43;
const LETTER_X = 120;
const UNSIGNED_MAX = 0xffff_ffff_ffff_ffffn;
const SIGNED_MAX = 0x7fff_ffff_ffff_ffffn;
const EXACT = 2 ** 53;
const ANY_LENGTH = 0x3fff_ffff;
/** Numbers of fewer digits than these have less than 31 bits. */
const FEW_DECIMAL = 10;
const FEW_HEX = 8;

/** The longest name of a network interface: the kernel's `IFNAMSIZ` less a NUL. */
export const NAME_MOST = 15;

/**
 * The value and one of each two of them, the first one in the low byte of the index; 0 for
 * any other two, so that the table need not be filled at each start.
 */
const PAIRS = new Uint16Array(1 << 16);
const DIGITS = Array.from("0123456789ABCDEFabcdef", (c) => c.charCodeAt(0));
for (const first of DIGITS) {
  for (const second of DIGITS) {
    PAIRS[second << 8 | first] = (HEX[first]! << 4 | HEX[second]!) + 1;
  }
}

/** Two hexadecimal digits; negative if one is none. */
export function hex2(words: DataView, at: number): number {
  return PAIRS[words.getUint16(at, true)]! - 1;
}

/** Four hexadecimal digits; negative if one is none. */
export function hex4(words: DataView, at: number): number {
  return hex2(words, at) << 8 | hex2(words, at + 2);
}

/** Eight hexadecimal digits; negative if one is none. */
export function hex8(words: DataView, at: number): number {
  const high = hex4(words, at);
  const low = hex4(words, at + 4);
  if ((high | low) < 0) return -1;
  return high < 0x8000 ? high << 16 | low : high * 0x10000 + low;
}

/** Whether a byte is white space to C's `isspace` in the C locale. */
export function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** A bigint as a number if that is exact. */
function long(value: bigint): Long {
  return value < EXACT ? Number(value) : value;
}

/** A cursor over the bytes `start` to `end` of a buffer. */
export class Line {
  /** The buffer; bytes outside the line belong to other lines. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The same bytes, to be looked at several at a time. */
  words: DataView = new DataView(this.bytes.buffer);
  /** Where the line starts. */
  start = 0;
  /** Where it ends: the index of its newline, if it has one. */
  end = 0;
  /** Where the next field is looked for. */
  at = 0;
  /** How many fields were read. */
  fields = 0;
  /** Whether a field did not fit. */
  failed = false;

  /** Points the cursor at a line. */
  set(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.words = new DataView(bytes.buffer, bytes.byteOffset);
    }
    this.start = this.at = start;
    this.end = end;
    this.fields = 0;
    this.failed = false;
  }

  /** Starts again at the line's first byte. */
  rewind(): void {
    this.set(this.bytes, this.start, this.end);
  }

  /** Skips white space. */
  blanks(): void {
    const { bytes, end } = this;
    let { at } = this;
    while (at < end && isSpace(bytes[at]!)) at++;
    this.at = at;
  }

  /** Skips the byte that must stand right here, such as the `:` after a slot. */
  skip(byte: number): void {
    if (this.failed) return;
    if (this.at < this.end && this.bytes[this.at] === byte) this.at++;
    else this.failed = true;
  }

  /** Reads an unsigned 64-bit field in hexadecimal (`%lX`). */
  hex(): Long {
    return this.#number(16, false);
  }

  /** Reads an unsigned 64-bit field in decimal (`%lu`). */
  decimal(): Long {
    return this.#number(10, false);
  }

  /**
   * Reads a hexadecimal field of at most so many bytes and keeps its low 32 bits,
   * signed (`%8X`).
   */
  hex32(most = ANY_LENGTH): number {
    return low32(this.#number(16, false, most));
  }

  /** Reads a decimal field and keeps its low 32 bits, signed (`%d`). */
  decimal32(): number {
    return low32(this.#number(10, true));
  }

  /**
   * Reads the few decimal digits that stand right here, and the byte `ender` behind them.
   * Negative if anything else stands here.
   */
  until(ender: number): number {
    const { bytes, at: first, end } = this;
    let value = 0;
    let at = first;
    for (
      let digit = 0;
      at < end && (digit = bytes[at]! - 48 >>> 0) < 10;
      at++
    ) {
      value = 10 * value + digit | 0;
    }
    this.at = at + 1;
    return at === first || at - first >= FEW_DECIMAL || at === end ||
        bytes[at] !== ender
      ? -1
      : value;
  }

  /**
   * Reads 1 to `most` hexadecimal digits without sign or prefix
   * (`%64[0-9A-Fa-f]`) and returns how many there were; they end at `at`.
   */
  digits(most: number): number {
    if (this.failed) return 0;
    this.blanks();
    const from = this.at;
    const to = Math.min(this.end, from + most);
    while (this.at < to && HEX[this.bytes[this.at]!]! >= 0) this.at++;
    if (this.at === from) this.failed = true;
    else this.fields++;
    return this.at - from;
  }

  /**
   * Reads 1 to `most` bytes that are no white space (`%15s`) and returns how many
   * there were; they end at `at`. As in C nothing is read beyond a NUL.
   */
  word(most: number): number {
    if (this.failed) return 0;
    this.blanks();
    const from = this.at;
    const to = Math.min(this.end, from + most);
    for (; this.at < to; this.at++) {
      const byte = this.bytes[this.at]!;
      if (byte === 0 || isSpace(byte)) break;
    }
    if (this.at === from) this.failed = true;
    else this.fields++;
    return this.at - from;
  }

  /** The bytes `from` to `to` of the line, as far as it has them. */
  place(from: number, to: number): string {
    return this.text(
      Math.min(this.start + from, this.end),
      Math.min(this.start + to, this.end),
    );
  }

  /** The bytes from `from` to `to`, or all of the line, as a byte string. */
  text(from: number = this.start, to: number = this.end): string {
    return byteString(this.bytes, from, to);
  }

  /**
   * One field of `scanf`: glibc takes a sign, for base 16 a `0x` (which alone
   * reads as 0), and saturates at 64 bits.
   */
  #number(base: 10 | 16, signed: boolean, most = ANY_LENGTH): Long {
    if (this.failed) return 0;
    this.blanks();
    const few = this.#few(base, most);
    if (few >= 0) return few;
    const bytes = this.bytes;
    let at = this.at;
    const end = Math.min(this.end, at + most);
    let negative = false;
    if (at < end && (bytes[at] === MINUS || bytes[at] === PLUS)) {
      negative = bytes[at] === MINUS;
      at++;
    }
    let first = at;
    let prefixed = false;
    if (
      base === 16 && at + 1 < end && bytes[at] === 48 &&
      (bytes[at + 1]! | 32) === LETTER_X
    ) {
      first = at += 2;
      prefixed = true;
    }
    let value = 0;
    let digit = 0;
    while (
      at < end && (digit = HEX[bytes[at]!]!) >= 0 && digit < base
    ) {
      value = value * base + digit;
      at++;
    }
    if (at === first && !prefixed) {
      this.failed = true;
      return 0;
    }
    this.at = at;
    this.fields++;
    if (value < EXACT && !negative) return value;
    return this.#large(first, at, base, negative, signed);
  }

  /**
   * {@linkcode Line.#number} for a few digits alone, as nearly all fields are; -1 for any
   * other field, of which nothing is read.
   */
  #few(base: 10 | 16, most: number): number {
    const { bytes, at: first } = this;
    const few = base === 10 ? FEW_DECIMAL : FEW_HEX;
    const end = Math.min(this.end, first + Math.min(most, few));
    let at = first;
    let value = 0;
    let digit = 0;
    while (at < end && (digit = HEX[bytes[at]!]!) >= 0 && digit < base) {
      value = value * base + digit | 0;
      at++;
    }
    // there may be more digits, or what stands there is the x of a prefix
    if (at === first || at === end) return -1;
    if (base === 16 && (bytes[at]! | 32) === LETTER_X) return -1;
    this.at = at;
    this.fields++;
    return value;
  }

  /** {@linkcode Line.#number} beyond what a double holds, or below zero. */
  #large(
    from: number,
    to: number,
    base: 10 | 16,
    negative: boolean,
    signed: boolean,
  ): Long {
    const prefix = base === 16 ? "0x0" : "0";
    let value = BigInt(prefix + this.text(from, to));
    if (!signed) {
      if (value > UNSIGNED_MAX) return UNSIGNED_MAX;
      return long(negative ? BigInt.asUintN(64, -value) : value);
    }
    const most = negative ? SIGNED_MAX + 1n : SIGNED_MAX;
    if (value > most) value = most;
    return long(BigInt.asUintN(64, negative ? -value : value));
  }
}

/** The low 32 bits of a number, as a signed number. */
export function low32(value: Long): number {
  // `|` takes the low 32 bits of any double that is an exact integer
  return typeof value === "number"
    ? value | 0
    : Number(BigInt.asIntN(32, value));
}

/** A number of 64 bits as C prints it with `%ld`. */
export function signed64(value: Long): Long {
  return typeof value === "number" ? value : BigInt.asIntN(64, value);
}

/**
 * The number at the start of a text, as C's `strtoul` reads it with base 0: octal
 * after a 0, hexadecimal after `0x`, at most 2^64 - 1; 0 without one.
 */
export function strtoul(text: string): Long {
  const match = /^[ \t\n\v\f\r]*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)/i.exec(
    text,
  );
  if (match === null) return 0;
  const value = BigInt(match[2]!.replace(/^0(?=[0-7])/, "0o"));
  if (value > UNSIGNED_MAX) return UNSIGNED_MAX;
  return long(match[1] === "-" ? BigInt.asUintN(64, -value) : value);
}

/**
 * The decimal number at the start of a text, as C's `atoi` reads it: of at most 63
 * bits, and of those the low 32; undefined without one.
 */
export function atoi(text: string | undefined): number | undefined {
  const match = /^[ \t\n\v\f\r]*([+-]?)(\d+)/.exec(text ?? "");
  if (match === null) return undefined;
  let value = BigInt(match[2]!);
  const negative = match[1] === "-";
  const most = negative ? SIGNED_MAX + 1n : SIGNED_MAX;
  if (value > most) value = most;
  return Number(BigInt.asIntN(32, negative ? -value : value));
}

/** The byte string of a text in UTF-8. */
export function toUtf8(text: string): string {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(text)
    ? text
    : byteString(new TextEncoder().encode(text));
}

/** The text that a byte string is in UTF-8. */
export function fromUtf8(bytes: string): string {
  return new TextDecoder().decode(
    Uint8Array.from(bytes, (c) => c.charCodeAt(0)),
  );
}

/** Bytes as a string of one character a byte. */
export function byteString(
  bytes: Uint8Array,
  from = 0,
  to: number = bytes.length,
): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Bytes up to the first NUL, where C's strings end, as a byte string. */
export function untilNul(
  bytes: Uint8Array,
  from = 0,
  to: number = bytes.length,
): string {
  const nul = bytes.subarray(from, to).indexOf(0);
  return byteString(bytes, from, nul < 0 ? to : from + nul);
}

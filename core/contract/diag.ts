/**
 * What the kernel tells of a socket over netlink (sock_diag(7)): how it is asked, and a
 * cursor over one answer. An answer is a fixed part, a C structure, and attributes behind
 * it: `u16 length, u16 type`, data, and padding to four bytes. Numbers are in the
 * machine's order, which is little-endian on every machine that runs this program.
 *
 * @module
 */

import type { Long } from "./family.ts";

/** How rtnetlink(7) is asked for what is no socket. */
export interface Rtnetlink {
  /** The request's type, `RTM_GET…`; that of each answer is less by 2. */
  readonly get: number;
  /** What is listed, as messages call it; a saved tree's file is named by it. */
  readonly subject: string;
}

/**
 * How the sockets of a protocol, or things of another kind, are asked for. Places are
 * counted from the request's start.
 */
export interface Asking {
  /** How rtnetlink is asked; unless given, it is sock_diag that is asked. */
  readonly rtnetlink?: Rtnetlink;
  /** `sdiag_family`, such as `AF_INET`. */
  readonly family: number;
  /** `sdiag_protocol`; one of more than 8 bits is told by an attribute. */
  readonly protocol: number;
  /** Bytes of the request's structure. */
  readonly request: number;
  /** Where 32 bits say which states are asked for, a bit each; some protocols have none. */
  readonly states?: number;
  /** Where bits say which attributes are asked for, and in how many bytes. */
  readonly show?: { readonly at: number; readonly bytes: 1 | 4 };
  /** Bytes of the structure that an answer starts with. */
  readonly answer: number;
  /** Where an answer has the state that is asked for, of 8 bits. */
  readonly state?: number;
  /** Where an answer has the inode, of 32 bits; some protocols have no place for it. */
  readonly inode?: number;
  /** Where it has both ends, which tell those apart that have no inode. */
  readonly ends?: { readonly at: number; readonly bytes: number };
  /** Where the request has the inode and the cookie of the one socket that is meant. */
  readonly one?: { readonly inode: number; readonly cookie: number };
}

/** How Internet sockets are asked for: `struct inet_diag_req_v2`, `struct inet_diag_msg`. */
export const INET_ASKING: Omit<Asking, "family" | "protocol"> = {
  request: 56,
  states: 4,
  show: { at: 2, bytes: 1 },
  answer: 72,
  state: 1,
  inode: 68,
  ends: { at: 4, bytes: 36 },
};

/** Attributes of more kinds than this are passed over: newer ones of interfaces. */
const KINDS = 64;

/** In place of an attribute's type: the structure that the answer starts with. */
export const FIXED: number = KINDS - 1;

/** `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`, which say nothing that is not known. */
const TYPE_MASK = 0x3fff;

/** A structure in an answer that has a hundred numbers. */
export interface Structure {
  /** Its words of 32 bits, from the first one on. */
  readonly words: Uint32Array;
  /** How many of them there are. */
  readonly count: number;
  /** Takes those of an answer. */
  load(answer: Answer): void;
}

/** Where a number is, for whoever wants a hundred of them of each answer. */
export interface Word {
  /** The structure. */
  readonly of: Structure;
  /** Which of its words. */
  readonly index: number;
  /** Whether it has a second one behind that, which is 0 of nearly all numbers. */
  readonly wide?: boolean;
  /** What it is if it says nothing. */
  readonly nothing?: number;
}

const UPPER = 2 ** 32;
/** The upper half of a number of 64 bits from which on a double does not hold all of it. */
const INEXACT = 2 ** 21;

/**
 * A cursor over one answer; one object takes one answer after the other, and nothing is
 * made for it. Attributes are looked for when the first one is asked for. Whatever the
 * bytes are, no byte outside the answer is read: what does not fit is null, or absent.
 */
export class Answer {
  /** The buffer; bytes outside the answer belong to others. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the answer starts. */
  start = 0;
  /** Where it ends. */
  end = 0;
  /** Counts the answers that it was pointed at: another one, another number. */
  turn = 0;
  /** Numbers of the buffer, at the places that `bytes` has. */
  words: DataView = new DataView(this.bytes.buffer);
  #fixed = 0;
  #walked = true;
  #isWhole = true;
  /** Where the data of each attribute starts. */
  readonly #from = new Int32Array(KINDS);
  /** Where it ends; 0 without that attribute. */
  readonly #to = new Int32Array(KINDS);

  /** Points the cursor at an answer whose structure takes `fixed` bytes. */
  set(bytes: Uint8Array, start: number, end: number, fixed: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.words = new DataView(
        bytes.buffer,
        bytes.byteOffset,
        bytes.byteLength,
      );
    }
    this.turn++;
    this.start = start;
    this.end = Math.min(end, bytes.length);
    this.#fixed = fixed;
    this.#walked = false;
  }

  /**
   * Points the cursor at the attributes inside one of `outer`. Returns whether that is
   * there; without it, there are none.
   */
  enter(outer: Answer, type: number): boolean {
    const there = outer.has(type);
    const from = there ? outer.from(type) : 0;
    this.set(outer.bytes, from, there ? outer.to(type) : 0, 0);
    return there;
  }

  /** Whether there is such an attribute, be it empty. */
  has(type: number): boolean {
    if (!this.#walked) this.#walk();
    return this.#to[type]! > 0;
  }

  /** Where the data of an attribute that is there starts. */
  from(type: number): number {
    if (!this.#walked) this.#walk();
    return this.#from[type]!;
  }

  /** Where it ends. */
  to(type: number): number {
    if (!this.#walked) this.#walk();
    return this.#to[type]!;
  }

  /** The bytes of an attribute; 0 without it. */
  size(type: number): number {
    return this.has(type) ? this.#to[type]! - this.#from[type]! : 0;
  }

  /** A number of 8 bits at that byte of an attribute; null if it has fewer bytes. */
  u8(type: number, at = 0): number | null {
    const place = this.#place(type, at, 1);
    return place < 0 ? null : this.bytes[place]!;
  }

  /** A number of 16 bits, likewise. */
  u16(type: number, at = 0): number | null {
    const place = this.#place(type, at, 2);
    return place < 0 ? null : this.words.getUint16(place, true);
  }

  /** A number of 16 bits in the order of the network, as ports are. */
  port(type: number, at = 0): number | null {
    const place = this.#place(type, at, 2);
    return place < 0 ? null : this.words.getUint16(place, false);
  }

  /** A number of 32 bits, likewise. */
  u32(type: number, at = 0): number | null {
    const place = this.#place(type, at, 4);
    return place < 0 ? null : this.words.getUint32(place, true);
  }

  /** A signed number of 32 bits, likewise. */
  i32(type: number, at = 0): number | null {
    const place = this.#place(type, at, 4);
    return place < 0 ? null : this.words.getInt32(place, true);
  }

  /** A number of 64 bits, likewise. */
  u64(type: number, at = 0): Long | null {
    const place = this.#place(type, at, 8);
    if (place < 0) return null;
    const upper = this.words.getUint32(place + 4, true);
    return upper < INEXACT
      ? upper * UPPER + this.words.getUint32(place, true)
      : this.words.getBigUint64(place, true);
  }

  /**
   * The bytes of an attribute from one on, `most` at most and up to the first NUL, as a
   * byte string; null without it.
   */
  text(type: number, at = 0, most: number = this.size(type)): string | null {
    if (!this.has(type)) return null;
    const bytes = this.bytes;
    const from = this.#from[type]! + at;
    const to = Math.min(from + most, this.#to[type]!);
    let text = "";
    for (let place = from; place < to && bytes[place] !== 0; place++) {
      text += String.fromCharCode(bytes[place]!);
    }
    return text;
  }

  /**
   * Whether its attributes fill it to the end. Behind one whose length cannot be, others
   * may be missing: for answers in which to be missing means something.
   */
  isWhole(): boolean {
    if (!this.#walked) this.#walk();
    return this.#isWhole;
  }

  /** The texts of all attributes of a type that can be there several times. */
  texts(type: number): string[] {
    const texts: string[] = [];
    const rest = new Answer();
    rest.set(this.bytes, this.start, this.end, this.#fixed);
    while (rest.has(type)) {
      texts.push(rest.text(type)!);
      rest.set(this.bytes, padded(rest.from(type), rest.to(type)), this.end, 0);
    }
    return texts;
  }

  /** Where so many bytes of an attribute are; negative if it does not have them. */
  #place(type: number, at: number, size: number): number {
    if (!this.#walked) this.#walk();
    const place = this.#from[type]! + at;
    return place + size <= this.#to[type]! ? place : -1;
  }

  /** Notes where each attribute is; of two of one type, the first. */
  #walk(): void {
    this.#walked = true;
    this.#isWhole = false;
    const words = this.words;
    const [from, to, end] = [this.#from, this.#to, this.end];
    to.fill(0);
    let at = this.start + this.#fixed;
    from[FIXED] = this.start;
    to[FIXED] = Math.min(at, end);
    while (at + 4 <= end) {
      const length = words.getUint16(at, true);
      // what stands behind such a length cannot be told
      if (length < 4 || at + length > end) return;
      const type = words.getUint16(at + 2, true) & TYPE_MASK;
      if (type < FIXED && to[type] === 0) {
        from[type] = at + 4;
        to[type] = at + length;
      }
      at += length + 3 & ~3;
    }
    this.#isWhole = at >= end;
  }
}

/** Where the attribute behind one starts whose data has this place. */
function padded(from: number, to: number): number {
  return from + (to - from + 3 & ~3);
}

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

/** So many attributes of an answer are known to be where they were in the one before. */
const STEPS = 32;

/** In place of an attribute's type: the structure that the answer starts with. */
export const FIXED: number = KINDS - 1;

/** `struct nlattr`: u16 length, u16 type. */
const ATTRIBUTE = 4;

/** `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`, which say nothing that is not known. */
const TYPE_MASK = 0x3fff;

/**
 * Words of 32 bits of an answer, a bit each. Those of a longer one than answers are share
 * bits, in turn.
 */
export type Words = Int32Array<ArrayBuffer>;

/** How many numbers of 32 bits such a set is; a power of 2. */
const LANES = 4;

/** No words. */
export function noWords(): Words {
  return new Int32Array(LANES);
}

/** Makes it no words again. */
export function clearWords(words: Words): void {
  // shorter than what `fill` takes to begin
  for (let i = 0; i < LANES; i++) words[i] = 0;
}

/** Adds the words of these bytes. */
function addWords(words: Words, from: number, to: number): void {
  for (let word = from >> 2; word <= to - 1 >> 2; word++) {
    // only the lower five bits of a shift count
    words[word >> 5 & LANES - 1]! |= 1 << word;
  }
}

/** Of which words each of several things was made. */
export class Origins {
  /** Those that were found, each once; see {@linkcode find}. */
  readonly found: Int32Array;
  /** Those that were made of each word, by its bit. */
  readonly #madeOf: readonly number[][];
  /** The words of each. */
  readonly #words: Int32Array;
  /** In which search each was found last. */
  readonly #seen: Int32Array;
  #search = 0;

  /** Nothing is known of so many things yet. */
  constructor(count: number) {
    this.found = new Int32Array(count);
    this.#words = new Int32Array(LANES * count);
    this.#seen = new Int32Array(count);
    this.#madeOf = Array.from({ length: 32 * LANES }, () => []);
  }

  /** One of them was made of these words, besides what it was made of before. */
  add(one: number, words: Words): void {
    for (let lane = 0; lane < LANES; lane++) {
      const place = LANES * one + lane;
      let bits = words[lane]! & ~this.#words[place]!;
      this.#words[place]! |= bits;
      for (; bits !== 0; bits &= bits - 1) {
        this.#madeOf[bitOf(lane, bits)]!.push(one);
      }
    }
  }

  /** Finds those that were made of any of these words. Returns how many. */
  find(words: Words): number {
    const seen = this.#seen;
    const search = ++this.#search;
    let count = 0;
    for (let lane = 0; lane < LANES; lane++) {
      for (let bits = words[lane]!; bits !== 0; bits &= bits - 1) {
        const made = this.#madeOf[bitOf(lane, bits)]!;
        for (let i = 0; i < made.length; i++) {
          const one = made[i]!;
          if (seen[one] === search) continue;
          seen[one] = search;
          this.found[count++] = one;
        }
      }
    }
    return count;
  }
}

/** The number of the lowest bit that is set. */
function bitOf(lane: number, bits: number): number {
  return 32 * lane + 31 - Math.clz32(bits & -bits);
}

/** The answer that the next one is compared with. */
export class Before {
  /** The words in which the two differ. */
  readonly changed: Words = noWords();
  #words = new Int32Array(256);
  #length = -1;

  /** Forgets it: the next answer is another one in all. */
  forget(): void {
    this.#length = -1;
  }

  /** Takes the bytes of an answer. Returns whether there are as many as before. */
  take(bytes: DataView, start: number, end: number): boolean {
    const length = end - start;
    const count = length >> 2;
    if (count >= this.#words.length) this.#words = new Int32Array(2 * count);
    const { changed } = this;
    const words = this.#words;
    clearWords(changed);
    for (let i = 0; i < count; i++) {
      const word = bytes.getInt32(start + 4 * i, true);
      if (word === words[i]) continue;
      words[i] = word;
      changed[i >> 5 & LANES - 1]! |= 1 << i;
    }
    // bytes that fill no word are always looked at anew
    addWords(changed, 4 * count, length);
    const isAsLong = length === this.#length;
    this.#length = length;
    return isAsLong;
  }
}

const UPPER = 2 ** 32;
/** The upper half of a number of 64 bits from which on a double does not hold all of it. */
const INEXACT = 2 ** 21;

/**
 * A cursor over one answer; one object takes one answer after the other, and nothing is
 * made for it. Attributes are looked for when the first one is asked for. Whatever the
 * bytes are, no byte outside the answer is read: what does not fit is null, or absent.
 *
 * It notes which of its words are looked at: what was made of these is the same for the
 * next answer, if that is the same there ({@linkcode Answer.isLike}).
 */
export class Answer {
  /** Whether rows are made of such answers, so that nothing else tells of them. */
  isRow = false;
  /** Counts the answers that it was pointed at: another one, another number. */
  turn = 0;
  /** The words that were looked at since somebody cleared this. */
  readonly looked: Words = noWords();
  #bytes: Uint8Array = new Uint8Array(0);
  #words: DataView = new DataView(this.#bytes.buffer);
  #start = 0;
  #end = 0;
  #fixed = 0;
  #walked = true;
  #isWhole = true;
  /** Where the data of each attribute starts, from the answer's start on. */
  readonly #from = new Int32Array(KINDS);
  /** Where it ends; 0 without that attribute. */
  readonly #to = new Int32Array(KINDS);
  /** The words that say where attributes are. */
  readonly #headers: Words = noWords();
  /** Where each header was that the last walk came by, and what it said. */
  readonly #steps = new Int32Array(2 * STEPS);
  /** How many there were; more than there is room for if not all are known. */
  #stepCount = 0;
  /** How long that answer was, and the structure in front; negative at first. */
  #walkedLength = -1;
  #walkedFixed = -1;

  /** Points the cursor at an answer whose structure takes `fixed` bytes. */
  set(bytes: Uint8Array, start: number, end: number, fixed: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#words = new DataView(
        bytes.buffer,
        bytes.byteOffset,
        bytes.byteLength,
      );
    }
    this.turn++;
    this.#start = start;
    this.#end = Math.min(end, bytes.length);
    this.#fixed = fixed;
    this.#walked = false;
  }

  /** The buffer; bytes outside the answer belong to others. Who has it may look at all. */
  get bytes(): Uint8Array {
    for (let i = 0; i < LANES; i++) this.looked[i] = -1;
    return this.#bytes;
  }

  /** Where the answer starts in it. */
  get start(): number {
    return this.#start;
  }

  /** Where it ends. */
  get end(): number {
    return this.#end;
  }

  /**
   * Whether attributes are where they were in the answer before, so that it differs from
   * that only in the words that `before` has then. It takes the place of that one.
   */
  isLike(before: Before): boolean {
    if (!this.#walked) this.#walk();
    const isAsLong = before.take(this.#words, this.#start, this.#end);
    return isAsLong && !share(this.#headers, before.changed);
  }

  /**
   * Points the cursor at the attributes inside one of `outer`. Returns whether that is
   * there; without it, there are none.
   */
  enter(outer: Answer, type: number): boolean {
    const there = outer.has(type);
    const from = there ? outer.from(type) : 0;
    const to = there ? outer.to(type) : 0;
    outer.#lookAll(from, to);
    this.set(outer.#bytes, from, to, 0);
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
    return this.#start + this.#from[type]!;
  }

  /** Where it ends. */
  to(type: number): number {
    if (!this.#walked) this.#walk();
    return this.#start + this.#to[type]!;
  }

  /** The bytes of an attribute; 0 without it. */
  size(type: number): number {
    return this.has(type) ? this.#to[type]! - this.#from[type]! : 0;
  }

  /** A number of 8 bits at that byte of an attribute; null if it has fewer bytes. */
  u8(type: number, at = 0): number | null {
    const place = this.#place(type, at, 1);
    return place < 0 ? null : this.#bytes[place]!;
  }

  /** A number of 16 bits, likewise. */
  u16(type: number, at = 0): number | null {
    const place = this.#place(type, at, 2);
    return place < 0 ? null : this.#words.getUint16(place, true);
  }

  /** A number of 16 bits in the order of the network, as ports are. */
  port(type: number, at = 0): number | null {
    const place = this.#place(type, at, 2);
    return place < 0 ? null : this.#words.getUint16(place, false);
  }

  /** A number of 32 bits, likewise. */
  u32(type: number, at = 0): number | null {
    const place = this.#place(type, at, 4);
    return place < 0 ? null : this.#words.getUint32(place, true);
  }

  /** A signed number of 32 bits, likewise. */
  i32(type: number, at = 0): number | null {
    const place = this.#place(type, at, 4);
    return place < 0 ? null : this.#words.getInt32(place, true);
  }

  /** A number of 64 bits, likewise. */
  u64(type: number, at = 0): Long | null {
    const place = this.#place(type, at, 8);
    if (place < 0) return null;
    const upper = this.#words.getUint32(place + 4, true);
    return upper < INEXACT
      ? upper * UPPER + this.#words.getUint32(place, true)
      : this.#words.getBigUint64(place, true);
  }

  /**
   * The bytes of an attribute from one on, `most` at most and up to the first NUL, as a
   * byte string; null without it.
   */
  text(type: number, at = 0, most: number = this.size(type)): string | null {
    if (!this.has(type)) return null;
    const bytes = this.#bytes;
    const from = this.from(type) + at;
    const to = Math.min(from + most, this.to(type));
    this.#lookAll(from, to);
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
    this.#lookAll(this.#start, this.#end);
    rest.set(this.#bytes, this.#start, this.#end, this.#fixed);
    while (rest.has(type)) {
      texts.push(rest.text(type)!);
      const next = padded(rest.from(type), rest.to(type));
      rest.set(this.#bytes, next, this.#end, 0);
    }
    return texts;
  }

  /** Where so many bytes of an attribute are; negative if it does not have them. */
  #place(type: number, at: number, size: number): number {
    if (!this.#walked) this.#walk();
    const from = this.#from[type]! + at;
    if (from + size > this.#to[type]!) return -1;
    const place = this.#start + from;
    this.look(place);
    // most numbers are in one word
    if ((from & 3) + size > 4) this.look(place + size - 1);
    return place;
  }

  /** Notes that whoever asks goes by the byte at this place of the buffer. */
  look(place: number): void {
    const word = place - this.#start >> 2;
    this.looked[word >> 5 & LANES - 1]! |= 1 << word;
  }

  /** Notes that these bytes are looked at. */
  #lookAll(from: number, to: number): void {
    addWords(this.looked, from - this.#start, to - this.#start);
  }

  /** Notes where each attribute is; of two of one type, the first. */
  #walk(): void {
    this.#walked = true;
    const length = this.#end - this.#start;
    // most answers have them where the one before has them
    if (this.#standsAsWalked(length)) return;
    this.#walkedLength = length;
    this.#walkedFixed = this.#fixed;
    this.#stepCount = 0;
    this.#isWhole = false;
    const words = this.#words;
    const start = this.#start;
    const from = this.#from;
    const to = this.#to;
    const headers = this.#headers;
    to.fill(0);
    clearWords(headers);
    let at = this.#fixed;
    from[FIXED] = 0;
    to[FIXED] = Math.min(at, length);
    while (at + ATTRIBUTE <= length) {
      addWords(headers, at, at + ATTRIBUTE);
      const step = this.#stepCount++;
      if (step < STEPS) {
        this.#steps[2 * step] = at;
        this.#steps[2 * step + 1] = words.getInt32(start + at, true);
      }
      const size = words.getUint16(start + at, true);
      // what stands behind such a length cannot be told
      if (size < ATTRIBUTE || at + size > length) return;
      const type = words.getUint16(start + at + 2, true) & TYPE_MASK;
      if (type < FIXED && to[type] === 0) {
        from[type] = at + ATTRIBUTE;
        to[type] = at + size;
      }
      at += size + 3 & ~3;
    }
    this.#isWhole = at >= length;
  }

  /** Whether all headers are where the last walk came by them. */
  #standsAsWalked(length: number): boolean {
    if (length !== this.#walkedLength) return false;
    if (this.#fixed !== this.#walkedFixed) return false;
    const count = this.#stepCount;
    if (count > STEPS) return false;
    const words = this.#words;
    const steps = this.#steps;
    for (let i = 0; i < 2 * count; i += 2) {
      const header = words.getInt32(this.#start + steps[i]!, true);
      if (header !== steps[i + 1]) return false;
    }
    return true;
  }
}

/** Where the attribute behind one starts whose data has this place. */
function padded(from: number, to: number): number {
  return from + (to - from + 3 & ~3);
}

/** Whether two sets of words have one in common. */
function share(one: Words, other: Words): boolean {
  for (let i = 0; i < LANES; i++) if ((one[i]! & other[i]!) !== 0) return true;
  return false;
}

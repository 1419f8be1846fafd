/**
 * How numbers are read from `struct tcp_info` (linux/tcp.h). It grew with the kernel, at
 * its end: what an older one does not have is null.
 *
 * @module
 */

import type { Answer, Structure } from "../core/contract/diag.ts";
import type { Long } from "../core/contract/family.ts";
import type { Read } from "./_diag_fields.ts";
import { stateOf } from "./_diag_inet.ts";
import { LISTEN } from "./_tcp_states.ts";

/** `INET_DIAG_INFO` */
export const INFO = 2;

/** Lengths that it had. Kernels of phones put a byte in between: of others nothing is believed. */
const LENGTHS: ReadonlySet<number> = new Set([
  104, // 2.6
  120, // 3.15
  136, // 4.1
  144, // 4.2
  160, // 4.6
  168, // 4.9
  192, // 4.10
  200, // 4.18
  224, // 4.19
  232, // 5.4
  240, // 6.2
  248, // 6.7
  280, // 6.18
]);
const NEWEST = 280;

const SYN_SENT = 2;

/**
 * Where the `tcp_info` of an answer is. A row has a hundred columns of it, so this is
 * looked up once for each answer.
 */
class Info implements Structure {
  /** Where it starts in the buffer. */
  from = 0;
  /** How many bytes of it are believed. */
  size = 0;
  /** How many, if it is that of a connection: what a listener has says nothing of one. */
  ofConnection = 0;
  readonly words = new Uint32Array(NEWEST / 4);
  count = 0;
  #answer: Answer | undefined;
  #turn = 0;

  /** Points at that of an answer. */
  find(answer: Answer): void {
    if (answer === this.#answer && answer.turn === this.#turn) return;
    this.#answer = answer;
    this.#turn = answer.turn;
    const size = answer.size(INFO);
    const state = stateOf(answer);
    const believed = (size > NEWEST || LENGTHS.has(size)) &&
      // it begins with the state, which the answer has, too
      answer.u8(INFO) === state;
    this.from = believed ? answer.from(INFO) : 0;
    this.size = believed ? size : 0;
    this.ofConnection = state === LISTEN ? 0 : this.size;
  }

  /** Takes the numbers that connections have. */
  load(answer: Answer): void {
    this.find(answer);
    this.count = Math.min(this.ofConnection, NEWEST) >> 2;
    for (let i = 0; i < this.count; i++) {
      this.words[i] = answer.words.getUint32(this.from + 4 * i, true);
    }
  }
}

const info = new Info();

/** A number of 32 bits that a listening socket has, too; null where it is not believed. */
export function u32OfAll(at: number): Read<number> {
  return (answer) => {
    info.find(answer);
    if (at + 4 > info.size) return null;
    return answer.words.getUint32(info.from + at, true);
  };
}

/** A number of 8 bits that connections have. */
export function u8(at: number): Read<number> {
  return (answer) => {
    info.find(answer);
    if (at + 1 > info.ofConnection) return null;
    return answer.bytes[info.from + at]!;
  };
}

/** A number of 16 bits, likewise. */
export function u16(at: number): Read<number> {
  return (answer) => {
    info.find(answer);
    if (at + 2 > info.ofConnection) return null;
    return answer.words.getUint16(info.from + at, true);
  };
}

/** A number of 32 bits, likewise. */
export function u32(at: number): Read<number> {
  const read = (answer: Answer) => {
    info.find(answer);
    if (at + 4 > info.ofConnection) return null;
    return answer.words.getUint32(info.from + at, true);
  };
  return Object.assign(read, { word: { of: info, index: at / 4 } });
}

/** A number of 64 bits, likewise. */
export function u64(at: number): Read<Long> {
  const read = (answer: Answer) => {
    info.find(answer);
    if (at + 8 > info.ofConnection) return null;
    const { words } = answer;
    const place = info.from + at;
    return words.getUint32(place + 4, true) === 0
      ? words.getUint32(place, true)
      : answer.u64(INFO, at);
  };
  return Object.assign(read, { word: { of: info, index: at / 4, wide: true } });
}

/** Reads what older kernels leave 0, by the length that newer ones have. */
export function since(length: number, read: Read<number>): Read<number> {
  return (answer, view) =>
    answer.size(INFO) < length ? null : read(answer, view);
}

/** Some bits of a number. */
export function shifted(
  shift: number,
  mask: number,
  read: Read<number>,
): Read<number> {
  return (answer, view) => {
    const value = read(answer, view);
    return value === null ? null : value >> shift & mask;
  };
}

/** Reads how long ago something was, which is said of connections that stand. */
export function ago(at: number): Read<number> {
  const read = u32(at);
  return (answer, view) =>
    stateOf(answer) === SYN_SENT ? null : read(answer, view);
}

/**
 * How numbers are read from `struct tcp_info` (linux/tcp.h). It grew with the kernel, at
 * its end: what an older one does not have is null.
 *
 * @module
 */

import type { Answer } from "../core/contract/diag.ts";
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
 * How much of the `tcp_info` of an answer is believed. A row has a hundred columns of it,
 * so this is looked up once for each answer.
 */
class Info {
  /** How many bytes. */
  size = 0;
  /** How many, if it is that of a connection: what a listener has says nothing of one. */
  ofConnection = 0;
  #from = 0;
  #answer: Answer | undefined;
  #turn = 0;

  /** Looks at that of an answer. */
  find(answer: Answer): void {
    if (answer === this.#answer && answer.turn === this.#turn) {
      // what both begin with decided
      answer.look(answer.start);
      answer.look(this.#from);
      return;
    }
    this.#answer = answer;
    this.#turn = answer.turn;
    this.#from = answer.from(INFO);
    const size = answer.size(INFO);
    const state = stateOf(answer);
    const believed = (size > NEWEST || LENGTHS.has(size)) &&
      // it begins with the state, which the answer has, too
      answer.u8(INFO) === state;
    this.size = believed ? size : 0;
    this.ofConnection = state === LISTEN ? 0 : this.size;
  }
}

const info = new Info();

/** A number of 32 bits that a listening socket has, too; null where it is not believed. */
export function u32OfAll(at: number): Read<number> {
  return (answer) => {
    info.find(answer);
    return at + 4 > info.size ? null : answer.u32(INFO, at);
  };
}

/** A number of 8 bits that connections have. */
export function u8(at: number): Read<number> {
  return (answer) => {
    info.find(answer);
    return at + 1 > info.ofConnection ? null : answer.u8(INFO, at);
  };
}

/** A number of 16 bits, likewise. */
export function u16(at: number): Read<number> {
  return (answer) => {
    info.find(answer);
    return at + 2 > info.ofConnection ? null : answer.u16(INFO, at);
  };
}

/** A number of 32 bits, likewise. */
export function u32(at: number): Read<number> {
  return (answer) => {
    info.find(answer);
    return at + 4 > info.ofConnection ? null : answer.u32(INFO, at);
  };
}

/** A number of 64 bits, likewise. */
export function u64(at: number): Read<Long> {
  return (answer) => {
    info.find(answer);
    return at + 8 > info.ofConnection ? null : answer.u64(INFO, at);
  };
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

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

/** Whether there is a `tcp_info` as this table has it. */
function believed(answer: Answer): boolean {
  const size = answer.size(INFO);
  return (size > NEWEST || LENGTHS.has(size)) &&
    // it begins with the state, which the answer has, too
    answer.u8(INFO) === stateOf(answer);
}

/** Reads what a listening socket has, too; null where it cannot be believed. */
export function ofAll<V>(read: (answer: Answer) => V | null): Read<V> {
  return (answer) => believed(answer) ? read(answer) : null;
}

/** Reads what connections have: what a listening socket has there says nothing of one. */
function ofConnections<V>(read: (answer: Answer) => V | null): Read<V> {
  return (answer) =>
    stateOf(answer) !== LISTEN && believed(answer) ? read(answer) : null;
}

/** A number of 8 bits. */
export function u8(at: number): Read<number> {
  return ofConnections((answer) => answer.u8(INFO, at));
}

/** A number of 16 bits. */
export function u16(at: number): Read<number> {
  return ofConnections((answer) => answer.u16(INFO, at));
}

/** A number of 32 bits. */
export function u32(at: number): Read<number> {
  return ofConnections((answer) => answer.u32(INFO, at));
}

/** A number of 64 bits. */
export function u64(at: number): Read<Long> {
  return ofConnections((answer) => answer.u64(INFO, at));
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

/**
 * What a table of fields is made of: one line for each thing that the kernel tells of a
 * socket over netlink, with its key, its kind, its unit, a sentence, and where it is in
 * the kernel's answer. A field is a column whose row is an {@linkcode Answer}.
 *
 * @module
 */

import type { Telling } from "../core/contract/depth.ts";
import type { Answer } from "../core/contract/diag.ts";
import { FIXED } from "../core/contract/diag.ts";
import type {
  Column,
  Declared,
  Kind,
  Long,
  Value,
} from "../core/contract/family.ts";

/** One thing that the kernel tells of a socket. */
export interface Field extends Column<Answer> {
  /** The bits by which the kernel is asked for it; 0 if it is told in any case. */
  readonly show: number;
}

/** Fields by key. */
export type Fields = Readonly<Record<string, Field>>;

/** What a spec may say of a field besides. */
export type More = Partial<
  Pick<
    Field,
    | "unit"
    | "set"
    | "short"
    | "show"
    | "words"
    | "counter"
    | "each"
    | "put"
    | "span"
  >
>;

/** Reads a value; null if the answer does not have it. */
export type Read<V> = Telling<V>;

/** A field. A kind with a `?` says that it can be null. */
export function told(
  declared: Declared,
  value: Read<Value>,
  about: string,
  more: More = {},
): Field {
  const nullable = declared.endsWith("?");
  const kind = (nullable ? declared.slice(0, -1) : declared) as Kind;
  return {
    kind,
    ...(nullable ? { nullable } : {}),
    about,
    show: 0,
    ...more,
    value,
  };
}

/** Fields that have all this in common, unless one says otherwise. */
export function all(
  common: Pick<More, "show" | "set">,
  fields: Fields,
): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [
      key,
      { ...common, ...field, show: field.show || (common.show ?? 0) },
    ]),
  );
}

/** The bits that ask for all of these fields. */
export function showOf(fields: Iterable<Field>): number {
  let show = 0;
  for (const field of fields) show |= field.show;
  return show >>> 0;
}

/** A number of 8 bits in an attribute. */
export function u8(type: number, at = 0): Read<number> {
  return (answer) => answer.u8(type, at);
}

/** A number of 16 bits in an attribute. */
export function u16(type: number, at = 0): Read<number> {
  return (answer) => answer.u16(type, at);
}

/** A number of 32 bits in an attribute. */
export function u32(type: number, at = 0): Read<number> {
  return (answer) => answer.u32(type, at);
}

/** A number of 64 bits in an attribute. */
export function u64(type: number, at = 0): Read<Long> {
  return (answer) => answer.u64(type, at);
}

/** A number that says nothing if it is this one. */
export function unless<V extends Long>(
  nothing: V,
  read: Read<V>,
): Read<V> {
  return (answer, view) => {
    const value = read(answer, view);
    return value === nothing ? null : value;
  };
}

/** Whether any of these bits is set in a number. */
export function flag(bits: number, read: Read<number>): Read<boolean> {
  return (answer, view) => {
    const value = read(answer, view);
    return value === null ? null : (value & bits) !== 0;
  };
}

/** The word for a number; null if it has none. */
export function word(
  words: Readonly<Record<number, string>>,
  read: Read<number>,
): Read<string> {
  return (answer, view) => {
    const value = read(answer, view);
    return value === null ? null : words[value] ?? null;
  };
}

/** The word for a number, or its digits if a newer kernel has one more. */
export function wordOrDigits(
  words: Readonly<Record<number, string>>,
  read: Read<number>,
): Read<string> {
  return (answer, view) => {
    const value = read(answer, view);
    return value === null ? null : words[value] ?? value.toString();
  };
}

/** The names of the bits that are set, from the lowest; those without one are left out. */
export function bitNames(
  names: readonly string[],
  read: Read<number>,
): Read<readonly string[]> {
  // few combinations occur: each is made once
  const made = new Map<number, readonly string[]>();
  const known = 2 ** names.length - 1;
  return (answer, view) => {
    const value = read(answer, view);
    if (value === null) return null;
    const bits = value & known;
    let list = made.get(bits);
    if (list === undefined) {
      list = names.filter((_, bit) => (bits >> bit & 1) === 1);
      made.set(bits, list);
    }
    return list;
  };
}

/** `a` divided by `b`; null without one of them, or by 0. */
export function ratio(a: Long | null, b: Long | null): number | null {
  if (a === null || b === null) return null;
  const divisor = Number(b);
  return divisor === 0 ? null : Number(a) / divisor;
}

/** How many there are of something. */
export function count(read: Read<Long>, about: string, more?: More): Field {
  return told("integer?", read, about, more);
}

/** How many there were of something, so that the number only grows. */
export function total(read: Read<Long>, about: string, more?: More): Field {
  return told("integer?", read, about, { counter: true, ...more });
}

/** A number of bytes. */
export function bytes(read: Read<Long>, about: string, more?: More): Field {
  return told("integer?", read, about, { unit: "bytes", ...more });
}

/** A number of TCP's segments. */
export function segments(read: Read<Long>, about: string, more?: More): Field {
  return told("integer?", read, about, { unit: "segments", ...more });
}

/** A speed. */
export function rate(read: Read<Long>, about: string, more?: More): Field {
  return told("integer?", read, about, { unit: "bytes per second", ...more });
}

/** A span of time that the kernel has in microseconds. */
export function microseconds(
  read: Read<Long>,
  about: string,
  more?: More,
): Field {
  return told("duration?", read, about, { unit: "microseconds", ...more });
}

/** A span of time that the kernel has in milliseconds. */
export function milliseconds(
  read: Read<Long>,
  about: string,
  more?: More,
): Field {
  return told("duration?", read, about, { unit: "milliseconds", ...more });
}

/** Types of sockets, as the kernel numbers them (linux/net.h). */
export const SOCKET_TYPES: Readonly<Record<number, string>> = {
  1: "STREAM",
  2: "DGRAM",
  3: "RAW",
  4: "RDM",
  5: "SEQPACKET",
  10: "PACKET",
};

/** The type of a socket that an answer has at that byte. */
export function typeFields(at: number): Fields {
  return {
    type: told(
      "name?",
      word(SOCKET_TYPES, u8(FIXED, at)),
      "Type of the socket; null if it has no name.",
      { words: Object.values(SOCKET_TYPES) },
    ),
    type_num: told("integer", u8(FIXED, at), "Type as a number."),
  };
}

/** Which directions are shut down: `RCV_SHUTDOWN` is 1, `SEND_SHUTDOWN` 2. */
const SHUTDOWNS = ["none", "receive", "send", "both"];

/** What is shut down, where `read` finds the kernel's number. */
export function shutdownFields(read: Read<number>): Fields {
  return {
    shutdown: told(
      "name?",
      word(SHUTDOWNS, read),
      "Which directions are shut down: `none`, `receive`, `send` or `both`; null if " +
        "the kernel does not tell.",
      { words: SHUTDOWNS },
    ),
    shutdown_num: told(
      "integer?",
      read,
      "Directions that are shut down, as a number: 1 receiving, 2 sending.",
    ),
  };
}

/** A socket's cookie, of which an answer has two words at that byte. */
export function cookieField(read: Read<Long>): Field {
  return told(
    "integer?",
    read,
    "Number of the socket, which no other one has until the next boot; null if the " +
      "kernel does not tell.",
  );
}

/**
 * Answers of the kernel that are made by hand, and what is told of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Answer } from "../core/contract/diag.ts";
import type { Value } from "../core/contract/family.ts";
import type { Fields } from "../families/_diag_fields.ts";
import { PROTOCOLS, valuesOf } from "./diag_samples.ts";

/** An attribute. */
export type Attribute = readonly [number, Uint8Array];

/** The values that are not null. */
export function told(fields: Fields, answer: Answer): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(valuesOf(fields, answer)).filter(([, value]) =>
      value !== null
    ),
  );
}

/** What is told of an answer beside what its structure has. */
export function toldByAttributes(
  name: string,
  structure: Uint8Array,
  attributes: readonly Attribute[],
): Record<string, Value> {
  const { fields } = PROTOCOLS[name]!;
  const without = told(fields, answerOf(structure, []));
  const all = told(fields, answerOf(structure, attributes));
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) =>
      JSON.stringify(without[key] ?? null) !== JSON.stringify(value)
    ),
  );
}

/** `struct inet_diag_msg` of a socket in a state. */
export function inet(
  state: number,
  { family = 2, timer = 0, count = 0, queue = 0, inode = 7, port = 80 } = {},
): Uint8Array {
  const bytes = new Uint8Array(72);
  bytes.set([family, state, timer, count, 0, 22, port >> 8, port & 255]);
  const words = new DataView(bytes.buffer);
  words.setUint32(56, queue, true);
  words.setUint32(60, 5, true);
  words.setUint32(68, inode, true);
  return bytes;
}

/** Attributes inside an attribute. */
export function nest(...attributes: Attribute[]): Uint8Array {
  return joined(new Uint8Array(0), attributes);
}

/** Bytes. */
export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** A text, in a field of so many bytes. */
export function text(value: string, length = value.length): Uint8Array {
  const data = new Uint8Array(length);
  data.set(new TextEncoder().encode(value));
  return data;
}

/** An answer made of a structure and attributes. */
export function answerOf(
  structure: Uint8Array,
  attributes: readonly Attribute[],
): Answer {
  const bytes = joined(structure, attributes);
  const answer = new Answer();
  answer.set(bytes, 0, bytes.length, structure.length);
  return answer;
}

/** A structure with attributes behind it; also attributes to be put into another one. */
export function joined(
  structure: Uint8Array,
  attributes: readonly Attribute[],
): Uint8Array {
  assert.equal(structure.length % 4, 0);
  return new Uint8Array([
    ...structure,
    ...attributes.flatMap(([type, data]) => [
      data.length + 4 & 255,
      data.length + 4 >> 8,
      type & 255,
      type >> 8,
      ...data,
      ...new Array(-data.length & 3).fill(0),
    ]),
  ]);
}

/** `struct nlmsghdr` */
export const HEADER = 16;

/** A message of an answer: `struct nlmsghdr`, and this behind it. */
export function message(
  content: Uint8Array,
  { type = 20, flags = 2, length }: {
    type?: number;
    flags?: number;
    length?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const header = packed(
    [32, length ?? HEADER + content.length],
    [16, type],
    [16, flags],
    [32, 0],
    [32, 0],
  );
  return new Uint8Array([...header, ...content]);
}

/** The last message of an answer: an errno, or 0. */
export function done(errno = 0): Uint8Array<ArrayBuffer> {
  return message(packed([32, -errno >>> 0]), { type: 3 });
}

/** A number, and how many bits it takes. */
export type Sized = readonly [8 | 16 | 32 | 64, number | bigint];

/** Numbers as bytes. */
export function packed(...numbers: readonly Sized[]): Uint8Array {
  return new Uint8Array(numbers.flatMap(([bits, number]) =>
    Array.from(
      { length: bits / 8 },
      (_, i) => Number(BigInt(number) >> BigInt(8 * i) & 255n),
    )
  ));
}

/**
 * What the tables of fields of rtnetlink(7) share: attributes inside of others, addresses,
 * and numbers whose names stand in a file.
 *
 * @module
 */

import { Answer, type Asking, type Rtnetlink } from "../core/contract/diag.ts";
import type {
  Declared,
  Names,
  Span,
  Value,
  View,
} from "../core/contract/family.ts";
import { Address, spanOf, spellAddress } from "../core/contract/ip.ts";
import {
  bitNames,
  type Field,
  type Fields,
  type More,
  type Read,
  told,
} from "./_diag_fields.ts";

/** `AF_INET` */
export const INET = 2;
/** `AF_INET6` */
export const INET6 = 10;

/** Reads inside of an attribute that has others in it; null without it. */
export function within<V extends Value>(type: number, read: Read<V>): Read<V> {
  const inner = new Answer();
  return (answer, view) => inner.enter(answer, type) ? read(inner, view) : null;
}

/**
 * Reads an address of 4 or 16 bytes, from one byte of an attribute on. Returns whether
 * the attribute has it, and nothing more.
 */
export function readAddress(
  answer: Answer,
  type: number,
  address: Address,
  at = 0,
): boolean {
  const size = answer.size(type) - at;
  if (size !== 4 && size !== 16) return false;
  const from = answer.from(type) + at;
  address.length = size;
  address.bytes.set(answer.bytes.subarray(from, from + size));
  return true;
}

/** How a column of addresses tells one, wherever it comes from; null without one. */
export function addressColumn<Row>(
  addressOf: (row: Row) => Address | undefined,
): Pick<Field, "kind" | "nullable"> & {
  value(row: Row): string | null;
  span(row: Row, into: Span): boolean;
} {
  return {
    kind: "address",
    nullable: true,
    value(row) {
      const address = addressOf(row);
      return address === undefined ? null : spellAddress(address);
    },
    span(row, into) {
      const address = addressOf(row);
      return address !== undefined && spanOf(address, into);
    },
  };
}

/** A field of an Internet address; null without one. */
export function addressField(
  type: number,
  about: string,
  more: More = {},
): Field {
  const address = new Address();
  return {
    ...addressColumn((answer: Answer) =>
      readAddress(answer, type, address) ? address : undefined
    ),
    about,
    show: 0,
    ...more,
  };
}

/** What an interface is called; null if that is not known, as when it is gone. */
export function interfaceOf(index: number, { names }: View): string | null {
  return names.interface(index) ?? null;
}

/** The file of iproute2 that names a number. */
export type NumberList = Parameters<NonNullable<Names["numbered"]>>[0];

/**
 * The name that a file gives to a number, or else the one that it has everywhere, or its
 * digits.
 */
export function numberName(
  list: NumberList,
  known: Readonly<Record<number, string>>,
  read: Read<number>,
): Read<string> {
  return (answer, view) => {
    const number = read(answer, view);
    if (number === null) return null;
    return view.names.numbered?.(list, number) ?? known[number] ?? `${number}`;
  };
}

/** Two fields: what a file, or the kernel, calls a number, and the number. */
export function numbered(
  key: string,
  declared: Declared,
  words: {
    readonly list: NumberList;
    readonly known: Readonly<Record<number, string>>;
    readonly about: string;
    readonly what: string;
  },
  read: Read<number>,
  more: More = {},
): Record<string, Field> {
  const { list, known, about, what } = words;
  return {
    [key]: told(declared, numberName(list, known, read), about, more),
    [`${key}_num`]: told("integer?", read, `${what}, as a number.`, more),
  };
}

/** Hundredths of a second as whole seconds. */
export function seconds(read: Read<number>): Read<number> {
  return (answer, view) => {
    const ticks = read(answer, view);
    return ticks === null ? null : Math.trunc(ticks / 100);
  };
}

/** A hardware address, of as many bytes as the attribute has. */
export function hardware(type: number): Read<string> {
  return (answer) => {
    const size = answer.size(type);
    // the kernel has none of more than 32 bytes
    if (size === 0 || size > 32) return null;
    const from = answer.from(type);
    return Array.from(
      answer.bytes.subarray(from, from + size),
      (byte) => byte.toString(16).padStart(2, "0"),
    ).join(":");
  };
}

/** Routing tables that the kernel has names for. */
export const TABLES: Readonly<Record<number, string>> = {
  0: "unspec",
  253: "default",
  254: "main",
  255: "local",
};

/** Who makes routes, rules and neighbours (`RTPROT_…`, linux/rtnetlink.h). */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "redirect",
  2: "kernel",
  3: "boot",
  4: "static",
  8: "gated",
  9: "ra",
  10: "mrt",
  11: "zebra",
  12: "bird",
  13: "dnrouted",
  14: "xorp",
  15: "ntk",
  16: "dhcp",
  17: "mrouted",
  18: "keepalived",
  42: "babel",
  84: "ovn",
  99: "openr",
  186: "bgp",
  187: "isis",
  188: "ospf",
  189: "rip",
  192: "eigrp",
};

/** Two fields: who made something. `about` says that of what. */
export function madeBy(read: Read<number>, about: string, more?: More): Fields {
  const words = { list: "rt_protos", known: PROTOCOLS, about } as const;
  return numbered(
    "protocol",
    "name?",
    { ...words, what: "Who made it" },
    read,
    more,
  );
}

/** Two fields: the names of the bits of flags that are set, and the number. */
export function flagFields(
  names: readonly string[],
  read: Read<number>,
  { about, what }: { readonly about: string; readonly what: string },
): Fields {
  return {
    flag_names: told(
      "strings?",
      bitNames(names, read),
      `Names of the flags that are set: ${about}.`,
    ),
    flags_num: told(
      "integer?",
      read,
      `Flags as a number (${what} of the kernel).`,
    ),
  };
}

/**
 * How something is listed, of one address family or of all (0): `size` bytes are in front
 * of the attributes of the request, and of each answer.
 */
export function rtAsking(
  family: number,
  size: number,
  rtnetlink: Rtnetlink,
): Asking {
  return { family, protocol: 0, request: size, answer: size, rtnetlink };
}

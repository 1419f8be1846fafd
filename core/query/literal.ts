/**
 * What a value in a question means to the column that it is compared with.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import { Address } from "../contract/ip.ts";
import { nearest } from "../contract/nearest.ts";
import { quoted } from "./error.ts";
import type { Item, Literal } from "./expression.ts";
import { compareBytes, parseInternet } from "./internet.ts";
import type { AnyColumn } from "./schema.ts";

/** What a value means; everything from one to another is a range, both included. */
export type Meaning =
  | {
    readonly is: "numbers";
    /** In the unit of the column; not a whole number only if written so. */
    readonly from: Long;
    readonly to: Long;
  }
  | { readonly is: "boolean"; readonly value: boolean }
  | {
    readonly is: "text";
    /** A byte string. */
    readonly text: string;
    /** Whether the case of ASCII letters does not matter. */
    readonly folded: boolean;
  }
  | {
    readonly is: "addresses";
    /** 4 or 16 bytes, in network order. */
    readonly from: Uint8Array;
    readonly to: Uint8Array;
    /** Of one address, or of a network, how many of the first bits count. */
    readonly length?: number;
    /** As it was written, for columns of texts. */
    readonly text: string;
  };

/** What does not fit a column, and what would. */
export class Misfit {
  /** `at` is where it stands. */
  constructor(readonly at: number, readonly advice: string) {}
}

/** What is known of a column besides, when a value is compared with it. */
export interface Fitting {
  /** What the user calls it. */
  readonly name: string;
  /** Whether that is a short name, which does not tell the unit. */
  readonly short: boolean;
  /** Of a name, all words that it can be, if there is such a list. */
  readonly words: readonly string[] | undefined;
  /** The port of a service; undefined if there is none of this name. */
  services(name: string): number | undefined;
}

/** What a value means to a column. */
export function meaningOf(
  column: AnyColumn,
  item: Item,
  fitting: Fitting,
): Meaning | Misfit {
  if (!("from" in item)) return oneMeaning(column, item, fitting);
  const from = oneMeaning(column, item.from, fitting);
  if (from instanceof Misfit) return from;
  const to = oneMeaning(column, item.to, fitting);
  if (to instanceof Misfit) return to;
  const { at } = item.from;
  if (from.is === "numbers" && to.is === "numbers") {
    return from.from <= to.to ? { ...from, to: to.to } : new Misfit(
      at,
      "nothing is in this range: the lesser value comes first",
    );
  }
  if (from.is === "addresses" && to.is === "addresses") {
    return addressRange(from, to, at);
  }
  return new Misfit(
    at,
    `${fitting.name} has no ranges; put quotes around a text that has .. in it`,
  );
}

type Addresses = Extract<Meaning, { is: "addresses" }>;

function addressRange(
  from: Addresses,
  to: Addresses,
  at: number,
): Meaning | Misfit {
  const size = from.from.length;
  if (from.length !== 8 * size || to.length !== 8 * to.to.length) {
    return new Misfit(
      at,
      "a range goes from one address to another, not networks",
    );
  }
  if (size !== to.to.length) {
    return new Misfit(
      at,
      "a range is of IPv4 addresses or of IPv6 ones, not of both",
    );
  }
  if (compareBytes(from.from, to.to) > 0) {
    return new Misfit(
      at,
      "nothing is in this range: the lesser address comes first",
    );
  }
  const text = `${from.text}..${to.text}`;
  return { is: "addresses", from: from.from, to: to.to, text };
}

function oneMeaning(
  column: AnyColumn,
  literal: Literal,
  fitting: Fitting,
): Meaning | Misfit {
  const { text } = literal;
  const misfit = (advice: string) => new Misfit(literal.at, advice);
  switch (column.kind) {
    case "integer":
      return integer(column, text) ?? misfit(integerAdvice(column, literal));
    case "ratio":
      return ratio(text) ?? misfit(RATIO_ADVICE);
    case "duration":
      return duration(column, literal, fitting);
    case "port":
      return port(literal, fitting);
    case "boolean":
      return text === "true" || text === "false"
        ? { is: "boolean", value: text === "true" }
        : misfit(`${fitting.name} is true or false, not ${quoted(text)}`);
    case "name":
      return word(column, literal, fitting);
    case "string":
      return { is: "text", text, folded: false };
    case "strings":
      return addresses(text) ?? { is: "text", text, folded: false };
    case "address":
      return address(column, literal);
    case "objects":
      return misfit(objectsAdvice(column, fitting.name));
  }
}

/** What to do about a column of objects that is compared as a whole. */
export function objectsAdvice({ each = {} }: AnyColumn, name: string): string {
  const keys = Object.keys(each).map((key) => `${name}.${key}`);
  return `${name} is a list of objects: write what of them is meant, ` +
    keys.join(" ");
}

const EXACT = 2n ** 53n;

function long(value: bigint): Long {
  return value < EXACT && value > -EXACT ? Number(value) : value;
}

function numbers(value: Long): Meaning {
  return { is: "numbers", from: value, to: value };
}

/** More digits are no number that anybody means. */
const WHOLE = /^(-?)(0x[0-9a-f]{1,40}|[0-9]{1,40})$/i;

function whole(text: string): Long | undefined {
  const [, sign, digits] = WHOLE.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return long(sign === "-" ? -BigInt(digits) : BigInt(digits));
}

/** What stands behind a size, as it is typed, and as tables show it. */
const SIZE = /^(\d{1,15}(?:\.\d{1,15})?)(?:([KMGTPE])(?:iB)?|B)(?:\/s)?$/;

const SIZES = ["K", "M", "G", "T", "P", "E"];

function isBytes({ unit }: AnyColumn): boolean {
  return unit?.startsWith("bytes") ?? false;
}

function integer(column: AnyColumn, text: string): Meaning | undefined {
  const value = whole(text);
  if (value !== undefined) return numbers(value);
  const [, amount, size = ""] = SIZE.exec(text) ?? [];
  return amount === undefined || !isBytes(column)
    ? undefined
    : numbers(Number(amount) * 1024 ** (1 + SIZES.indexOf(size)));
}

function integerAdvice(column: AnyColumn, { text }: Literal): string {
  if (isBytes(column)) {
    return `this is no number of bytes: write 42, 0x2a, 64K, 2M or 1G (of 1024)`;
  }
  const what = column.unit === undefined ? "" : ` of ${column.unit}`;
  return /^[\d.]+[KMG](i?B)?$/i.test(text)
    ? `only bytes have K, M and G: write the number${what} in full`
    : `this is no number${what}: write 42 or 0x2a`;
}

const RATIO_ADVICE = "this is no ratio: write 0.05 or 5%";

/** A number as JSON has it, so that what was read there can be asked for. */
const RATIO = /^(-?\d{1,15}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?)(%?)$/i;

function ratio(text: string): Meaning | undefined {
  const [, amount, percent] = RATIO.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return numbers(percent === "" ? Number(amount) : Number(amount) / 100);
}

const MICROSECONDS: Readonly<Record<string, number>> = {
  microseconds: 1,
  milliseconds: 1000,
  seconds: 1_000_000,
  us: 1,
  ms: 1000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
};

/** How many microseconds the unit of a column of durations is. */
export function microsecondsOf({ unit }: AnyColumn): number {
  return MICROSECONDS[unit ?? ""] ?? 1;
}

function duration(
  { unit }: AnyColumn,
  { text, at }: Literal,
  { name, short }: Fitting,
): Meaning | Misfit {
  const value = whole(text);
  if (value !== undefined) {
    if (!short || value === 0) return numbers(value);
    return new Misfit(
      at,
      `${name} does not tell its unit: write ${text}us, ${text}ms or ${text}s`,
    );
  }
  const [, amount, suffix] =
    /^(\d{1,15}(?:\.\d{1,15})?)(us|ms|s|m|h)$/.exec(text) ?? [];
  const own = MICROSECONDS[unit ?? ""];
  if (suffix === undefined || own === undefined) {
    return new Misfit(
      at,
      "this is no duration: write 200us, 10ms, 2s, 5m or 1h",
    );
  }
  return numbers(Number(amount) * MICROSECONDS[suffix]! / own);
}

const PORT_MOST = 0xffff;

function port({ text, at }: Literal, { services }: Fitting): Meaning | Misfit {
  const value = whole(text) ?? services(text);
  if (value === undefined) {
    return new Misfit(
      at,
      `there is no service ${
        quoted(text)
      }: write a number, as 443, a name of ` +
        "/etc/services, or 1..1023",
    );
  }
  return value >= 0 && value <= PORT_MOST
    ? numbers(value)
    : new Misfit(at, `ports go from 0 to ${PORT_MOST}`);
}

function word(
  column: AnyColumn,
  { text, at }: Literal,
  { name, words }: Fitting,
): Meaning | Misfit {
  const same = (word: string) => equalFolded(word, text);
  if (words !== undefined && !words.some(same)) {
    const list = words.map((word) => /\s/.test(word) ? `'${word}'` : word);
    const near = nearest(text, words);
    const hint = near === undefined ? "" : `; did you mean '${near}'? All`;
    return new Misfit(at, `no such ${name}${hint}: ${list.join(" ")}`);
  }
  // as this column spells it, so that most values are the same string
  const spelled = column.words?.find(same) ?? words?.find(same) ?? text;
  return { is: "text", text: spelled, folded: true };
}

/** Whether two texts are the same but for the case of ASCII letters. */
export function equalFolded(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const lower = x | 32;
    if (lower !== (y | 32) || lower < 97 || lower > 122) return false;
  }
  return true;
}

const QUAD = /^\d+\.\d+\.\d+\.\d+$/;
/** The meaning of `10.0.0.1`, `fe80::1`, `10.0.0.0/8`; undefined if it is none. */
function addresses(text: string): Addresses | undefined {
  const [, host, digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = new Address();
  if (host === undefined || !parseInternet(host, address)) return undefined;
  const bits = 8 * address.length;
  const length = digits === undefined ? bits : Number(digits);
  if (length > bits) return undefined;
  const from = address.copy();
  const to = address.copy();
  for (let i = 0; i < from.length; i++) {
    // the bits of this byte that do not count
    const rest = 0xff >> Math.max(0, Math.min(8, length - 8 * i));
    from[i]! &= ~rest;
    to[i]! |= rest;
  }
  return { is: "addresses", from, to, length, text };
}

/** What is spelled with hexadecimal digits, whose case does not matter. */
const HEXADECIMAL = /^[0-9a-f]+([:.-][0-9a-f]+)*$/i;

function address(column: AnyColumn, { text, at }: Literal): Meaning | Misfit {
  const found = addresses(text);
  if (found !== undefined) return found;
  // those of other families are texts
  const isInternet = column.span !== undefined || text.includes("/") ||
    QUAD.test(text) || text === "";
  return isInternet
    ? new Misfit(
      at,
      "this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
    )
    : { is: "text", text, folded: HEXADECIMAL.test(text) };
}

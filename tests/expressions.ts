/**
 * Expressions that are made up, and what they are true of, worked out over plain values
 * in another way than the program's.
 *
 * @module
 */

import type { Value } from "../core/contract/family.ts";
import { toUtf8 } from "../core/contract/line.ts";

/** Numbers from 0 to 1, always the same ones for a seed. */
export function randomFrom(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, seed | 1);
    t = t + Math.imul(t ^ t >>> 7, t | 61) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

/** What values there are of a key, and as what they are compared. */
export interface Values {
  readonly as: "number" | "text" | "folded" | "address" | "word" | "truth";
  readonly all: readonly (string | number | bigint | boolean)[];
  /** Other spellings for questions. */
  readonly spelled?: readonly string[];
  /** Other keys that it can be compared with. */
  readonly others?: readonly string[];
}

/** What expressions are made of. */
export interface Ingredients {
  random(): number;
  /** The values of each key, which can be `KEY.KEY`; there may be none. */
  readonly values: Readonly<Record<string, Values>>;
  /** Words of keys that a relation has only one of, by key. */
  readonly heads?: Readonly<Record<string, readonly string[]>>;
  /** Whether texts are matched, too. */
  readonly patterns?: boolean;
  /** Networks that addresses are asked to be in; some of them, unless given. */
  readonly networks?: readonly string[];
}

/** A value, or all from one to another. */
type Item = string | readonly [from: string, to: string];

/** An expression, as a tree that is not the program's. */
export type Tree =
  | { is: "and" | "or"; left: Tree; right: Tree }
  | { is: "not"; term: Tree }
  | { is: "null"; key: string; not: boolean }
  | { is: "bare"; key: string }
  | { is: "keys"; key: string; op: string; other: string }
  | { is: "op"; key: string; op: string; value: string }
  | { is: "match"; key: string; not: boolean; pattern: string }
  | { is: "in"; key: string; not: boolean; items: Item[] };

const OPS = ["=", "!=", "<", "<=", ">", ">="];

const NETWORKS = [
  "10.0.0.0/8",
  "10.0.0.0/31",
  "fe80::/10",
  "::/0",
  "0.0.0.0/0",
];

const KEYWORDS = ["and", "or", "not", "in", "is", "null", "true", "false"];

/** Makes expressions. */
export class Expressions {
  readonly #from: Ingredients;

  constructor(from: Ingredients) {
    this.#from = from;
  }

  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#from.random() * of.length)]!;
  }

  some<T>(most: number, make: () => T): T[] {
    const length = 1 + Math.floor(this.#from.random() * most);
    return Array.from({ length }, make);
  }

  /** Makes one that is nested so deeply at the most. */
  tree(depth: number): Tree {
    const kind = this.#from.random();
    if (depth > 0 && kind < 0.35) {
      const is = this.pick(["and", "or"] as const);
      return { is, left: this.tree(depth - 1), right: this.tree(depth - 1) };
    }
    if (depth > 0 && kind < 0.45) {
      return { is: "not", term: this.tree(depth - 1) };
    }
    return this.#test();
  }

  #test(): Tree {
    const { random, values, heads = {}, patterns, networks = NETWORKS } =
      this.#from;
    if (Object.keys(heads).length > 0 && random() < 0.1) {
      const key = this.pick(Object.keys(heads));
      const value = this.pick(heads[key]!);
      return { is: "op", key, op: this.pick(["=", "!="]), value };
    }
    const key = this.pick(Object.keys(values));
    const { as, all, others = [] } = values[key]!;
    const kind = random();
    if (kind < 0.1 || all.length === 0) {
      return { is: "null", key, not: random() < 0.5 };
    }
    if (as === "truth" && kind < 0.5) return { is: "bare", key };
    if (others.length > 0 && kind < 0.2) {
      return { is: "keys", key, op: this.pick(OPS), other: this.pick(others) };
    }
    const value = () => this.#valueOf(key);
    if (patterns && (as === "text" || as === "folded") && kind < 0.3) {
      return {
        is: "match",
        key,
        not: random() < 0.5,
        pattern: this.#part(key),
      };
    }
    if (kind < 0.45) {
      const items: Item[] = this.some(
        3,
        () =>
          as === "address" && random() < 0.4 ? this.pick(networks) : value(),
      );
      if (as === "number" && random() < 0.4) items.push(this.#range(key));
      return { is: "in", key, not: random() < 0.5, items };
    }
    const ordered = as === "number" || as === "text" || as === "address";
    const op = this.pick(ordered ? OPS : ["=", "!="]);
    return { is: "op", key, op, value: value() };
  }

  #valueOf(key: string): string {
    const { all, spelled } = this.#from.values[key]!;
    return this.pick(spelled ?? all.map(String));
  }

  #range(key: string): Item {
    const ends = [this.#valueOf(key), this.#valueOf(key)] as [string, string];
    ends.sort((a, b) => numberOf(a) < numberOf(b) ? -1 : 1);
    return ends;
  }

  /** A pattern that fits at least some value. */
  #part(key: string): string {
    const whole = Array.from(String(this.pick(this.#from.values[key]!.all)));
    const from = Math.floor(this.#from.random() * whole.length);
    const part = whole.slice(from, from + 3).join("")
      .replaceAll(/[^\p{L}\p{N}]/gu, ".");
    return this.pick(["^", ""]) + part + this.pick(["$", "", ".*", "+"])
      .slice(0, part === "" ? 0 : 2);
  }

  /** The tree as a user may write it. */
  spell(tree: Tree): string {
    const blank = () => this.pick([" ", " ", "  ", "\t"]);
    const quoted = (value: string) => this.#quoted(value);
    switch (tree.is) {
      case "and":
      case "or": {
        const right = this.spell(tree.right);
        return `(${this.spell(tree.left)})${blank()}${tree.is}${blank()}` +
          // what binds more strongly needs no parentheses
          (tree.is === "or" ? right : `(${right})`);
      }
      case "not":
        return `not${blank()}(${this.spell(tree.term)})`;
      case "null":
        return `${tree.key} is ${tree.not ? "not " : ""}null`;
      case "bare":
        return tree.key;
      case "keys":
        return `${tree.key}${blank()}${tree.op}${blank()}\`${tree.other}\``;
      case "op":
        return `${tree.key} ${tree.op} ${quoted(tree.value)}`;
      case "match":
        return `${tree.key} ${tree.not ? "!~" : "~"} '${tree.pattern}'`;
      case "in": {
        const items = tree.items.map((item) =>
          typeof item === "string" ? quoted(item) : item.join("..")
        );
        return `${tree.key} ${tree.not ? "not " : ""}in (${items.join(", ")})`;
      }
    }
  }

  #quoted(value: string): string {
    const { random, values, heads = {} } = this.#from;
    const isWord = /^[\w./:-]+$/.test(value) && !value.includes("..") &&
      !KEYWORDS.includes(value) && !(value in values) && !(value in heads);
    return isWord && random() < 0.8
      ? value
      : `'${value.replaceAll("'", "''")}'`;
  }

  /** Whether a tree is true of a row. */
  isTrue(tree: Tree, row: Row): boolean {
    switch (tree.is) {
      case "and":
        return this.isTrue(tree.left, row) && this.isTrue(tree.right, row);
      case "or":
        return this.isTrue(tree.left, row) || this.isTrue(tree.right, row);
      case "not":
        return !this.isTrue(tree.term, row);
    }
    // a test of a list is true if it is of anything in it
    const known = knownAt(row, tree.key.split("."));
    if (tree.is === "null") return known.length > 0 === tree.not;
    return known.some((value) => this.#isTrueOf(tree, value, row));
  }

  #isTrueOf(
    tree: Exclude<Tree, { is: "and" | "or" | "not" | "null" }>,
    value: Known,
    row: Row,
  ): boolean {
    const as = this.#from.values[tree.key]?.as ?? "folded";
    switch (tree.is) {
      case "bare":
        return value === true;
      case "match":
        return new RegExp(tree.pattern, "u").test(String(value)) !== tree.not;
      case "keys": {
        const [other] = knownAt(row, [tree.other]);
        return other !== undefined &&
          holds(tree.op, order(compared(as, value), compared(as, other)));
      }
      case "op":
        if (tree.op === "=") return isIn(as, value, tree.value);
        if (tree.op === "!=") return !isIn(as, value, tree.value);
        return holds(
          tree.op,
          order(compared(as, value), compared(as, tree.value)),
        );
      case "in":
        return tree.items.some((item) => isIn(as, value, item)) !== tree.not;
    }
  }
}

/** A row, by key: values of JSON or of columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A value that is not null, nor a list. */
export type Known = string | number | bigint | boolean;

/** What is known under a path: several values of lists, none of null. */
export function knownAt(value: unknown, path: readonly string[]): Known[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item) => knownAt(item, path));
  const [key, ...rest] = path;
  return key === undefined
    ? [value as Known]
    : knownAt((value as Row)[key], rest);
}

/** What two values are to each other: -1, 0 or 1. */
type Order = number;

function order(a: bigint | string, b: bigint | string): Order {
  if (typeof a !== typeof b) return typeof a === "bigint" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An address as one number: those of IPv4 come first. */
export function addressNumber(text: string): bigint {
  const quad = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (quad !== null && /^(::ffff:)?\d+\.\d+\.\d+\.\d+$/.test(text)) {
    return quad.slice(1).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  }
  return (1n << 128n) + groups(text);
}

function groups(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after]
    .reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** Whether an address is in a network; one of IPv6 has no IPv4 addresses. */
function inNetwork(text: string, network: string): boolean {
  const [address, length] = network.split("/") as [string, string];
  const whole = (text: string) => {
    const mapped = /^::ffff:(\d+\..*)$/.exec(text);
    return mapped === null
      ? groups(text)
      : (0xffffn << 32n) + addressNumber(mapped[1]!);
  };
  if (!network.includes(":")) {
    const number = addressNumber(text);
    const rest = BigInt(32 - Number(length));
    return number < 1n << 32n &&
      number >> rest === addressNumber(address) >> rest;
  }
  if (!text.includes(":")) return false;
  const rest = BigInt(128 - Number(length));
  return whole(text) >> rest === whole(address) >> rest;
}

/** A value, or one as it is written, as what is compared. */
export function compared(as: Values["as"], value: Known): bigint | string {
  switch (as) {
    case "number":
      return numberOf(value);
    case "address":
      return addressNumber(value as string);
    case "folded":
      return (value as string).toUpperCase();
    case "text":
      return bytesOf(value as string);
    default:
      return String(value);
  }
}

/** A number, or one with a unit, which is that of its column. */
function numberOf(value: Known): bigint {
  const [, digits, unit] = /^(\d+)(ms|K)$/.exec(String(value)) ?? [];
  if (digits === undefined) return BigInt(value);
  return BigInt(digits) * (unit === "K" ? 1024n : 1n);
}

/** A text as bytes, in which a byte that is not UTF-8 is what JSON has for it. */
function bytesOf(text: string): string {
  const parts = text.split(/((?<![\ud800-\udbff])[\udc80-\udcff])/);
  return parts.map((part, i) =>
    i % 2 === 0 ? toUtf8(part) : String.fromCharCode(part.charCodeAt(0) & 0xff)
  ).join("");
}

function isIn(as: Values["as"], value: Known, item: Item): boolean {
  if (typeof item !== "string") {
    const [from, to] = item;
    const number = BigInt(value);
    return numberOf(from) <= number && number <= numberOf(to);
  }
  if (as === "address") {
    const length = item.includes(":") ? 128 : 32;
    return inNetwork(
      value as string,
      item.includes("/") ? item : `${item}/${length}`,
    );
  }
  return order(compared(as, value), compared(as, item)) === 0;
}

function holds(op: string, order: Order): boolean {
  return {
    "=": order === 0,
    "!=": order !== 0,
    "<": order < 0,
    "<=": order <= 0,
    ">": order > 0,
    ">=": order >= 0,
  }[op]!;
}

/** How two values follow one another; null is behind all. */
export function follows(
  as: Values["as"],
  a: Value,
  b: Value,
  descending: boolean,
): Order {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const [left, right] = [a, b].map((value) => compared(as, value as Known));
  return descending ? order(right!, left!) : order(left!, right!);
}

/**
 * Questions that are made up, over rows that are made up: each answer is also worked
 * out over plain values, in another way.
 */

import assert from "node:assert/strict";
import type { Columns, Value } from "../core/contract/family.ts";
import type { Head, Shown, Sink } from "../core/contract/sink.ts";
import { planOf, type Question } from "../core/query/plan.ts";
import type { Schema } from "../core/query/schema.ts";
import {
  COLUMNS,
  OTHER,
  type Plain,
  SCHEMA,
  services,
  VIEW,
} from "./query_relations.ts";

/** Numbers from 0 to 1, always the same ones for a seed. */
function randomFrom(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, seed | 1);
    t = t + Math.imul(t ^ t >>> 7, t | 61) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(7);

function pick<T>(of: readonly T[]): T {
  return of[Math.floor(random() * of.length)]!;
}

function some<T>(most: number, make: () => T): T[] {
  return Array.from({ length: 1 + Math.floor(random() * most) }, make);
}

/** What values there are of a key, and as what they are compared. */
interface Values {
  readonly as: "number" | "text" | "folded" | "address" | "truth";
  readonly all: readonly (string | number | bigint | boolean)[];
  /** Other spellings for questions. */
  readonly spelled?: readonly string[];
}

const VALUES: Record<string, Values> = {
  state: {
    as: "folded",
    all: ["ESTABLISHED", "TIME_WAIT", "LISTEN", "DISC SENT"],
    spelled: ["established", "LISTEN", "Time_Wait", "CONNECTED"],
  },
  local_port: {
    as: "number",
    all: [22, 53, 80, 443, 8080, 65535],
    spelled: ["22", "443", "0", "0x50", "8000"],
  },
  foreign_port: { as: "number", all: [22, 443, 8080] },
  recv_q: {
    as: "number",
    all: [0, 1, 1024, 5000, -1, 2 ** 53, 2n ** 63n],
    spelled: ["0", "1", "1024", "9007199254740992", "9223372036854775808"],
  },
  inode: { as: "number", all: [0, 1, 2, 3, 4, 5, 6, 7] },
  expire_ms: {
    as: "number",
    all: [0, 10, 2000],
    spelled: ["0", "10", "2000", "5"],
  },
  running: { as: "truth", all: [true, false] },
  path: {
    as: "text",
    all: ["", "a", "b", "/run/x", "it's", "or", "\xc3\xa4"],
    spelled: ["a", "/run/x", "b", "c"],
  },
  foreign_address: {
    as: "address",
    all: [
      "10.0.0.1",
      "::ffff:10.0.0.1",
      "10.2.0.0",
      "fe80::1",
      "::",
      "0.0.0.0",
    ],
    spelled: ["10.0.0.1", "10.2.0.0", "::", "fe80::2", "192.168.0.1"],
  },
  gateway: {
    as: "address",
    all: ["10.0.0.1", "::ffff:10.2.0.1", "fe80::1"],
    spelled: ["10.0.0.1", "10.0.0.2", "fe80::1"],
  },
};

const NETWORKS = [
  "10.0.0.0/8",
  "10.0.0.0/31",
  "fe80::/10",
  "::/0",
  "0.0.0.0/0",
];

const HEADS: Record<string, readonly string[]> = {
  proto: ["tcp", "unix"],
  family: ["inet", "unix"],
};

/** An expression, as a tree that is not the program's. */
type Tree =
  | { is: "and" | "or"; left: Tree; right: Tree }
  | { is: "not"; term: Tree }
  | { is: "null"; key: string; not: boolean }
  | { is: "bare"; key: string }
  | { is: "keys"; key: string; op: string; other: string }
  | { is: "op"; key: string; op: string; value: string }
  | { is: "in"; key: string; not: boolean; values: string[] };

const OPS = ["=", "!=", "<", "<=", ">", ">="];

function tree(depth: number): Tree {
  const kind = random();
  if (depth > 0 && kind < 0.35) {
    const is = pick(["and", "or"] as const);
    return { is, left: tree(depth - 1), right: tree(depth - 1) };
  }
  if (depth > 0 && kind < 0.45) return { is: "not", term: tree(depth - 1) };
  return test();
}

function test(): Tree {
  if (random() < 0.1) {
    const key = pick(Object.keys(HEADS));
    return { is: "op", key, op: pick(["=", "!="]), value: pick(HEADS[key]!) };
  }
  const key = pick(Object.keys(VALUES));
  const { as } = VALUES[key]!;
  const kind = random();
  if (kind < 0.1) return { is: "null", key, not: random() < 0.5 };
  if (key === "running" && kind < 0.5) return { is: "bare", key };
  if (as === "number" && kind < 0.2) {
    const other = pick(["local_port", "foreign_port", "recv_q", "inode"]);
    const comparable = key === "expire_ms" ? key : other;
    return { is: "keys", key, op: pick(OPS), other: comparable };
  }
  if (kind < 0.2 && key === "gateway") {
    return { is: "keys", key, op: pick(OPS), other: "foreign_address" };
  }
  const value = () => valueOf(key);
  if (kind < 0.45) {
    const values = some(
      3,
      () => as === "address" && random() < 0.4 ? pick(NETWORKS) : value(),
    );
    if (as === "number" && random() < 0.4) values.push(range(key));
    return { is: "in", key, not: random() < 0.5, values };
  }
  const ops = as === "folded" || as === "truth" ? ["=", "!="] : OPS;
  return { is: "op", key, op: pick(ops), value: value() };
}

function valueOf(key: string): string {
  const { all, spelled } = VALUES[key]!;
  return pick(spelled ?? all.map(String));
}

function range(key: string): string {
  const ends = [valueOf(key), valueOf(key)];
  ends.sort((a, b) => BigInt(a) < BigInt(b) ? -1 : 1);
  return ends.join("..");
}

/** The tree as a user may write it. */
function spell(tree: Tree): string {
  const blank = () => pick([" ", " ", "  ", "\t"]);
  const quoted = (value: string) =>
    /^[\w./:-]+$/.test(value) && !["or"].includes(value) && random() < 0.8
      ? value
      : `'${value.replaceAll("'", "''")}'`;
  switch (tree.is) {
    case "and":
    case "or":
      return `(${spell(tree.left)})${blank()}${tree.is}${blank()}` +
        // what binds more strongly needs no parentheses
        (tree.is === "or" ? spell(tree.right) : `(${spell(tree.right)})`);
    case "not":
      return `not${blank()}(${spell(tree.term)})`;
    case "null":
      return `${tree.key} is ${tree.not ? "not " : ""}null`;
    case "bare":
      return tree.key;
    case "keys":
      return `${tree.key}${blank()}${tree.op}${blank()}${tree.other}`;
    case "op":
      return `${tree.key} ${tree.op} ${quoted(tree.value)}`;
    case "in": {
      const values = tree.values
        .map((value) => value.includes("..") ? value : quoted(value));
      return `${tree.key} ${tree.not ? "not " : ""}in (${values.join(", ")})`;
    }
  }
}

/** What two values are to each other: -1, 0, 1, or NaN if they do not compare. */
type Order = number;

function order(a: bigint | string, b: bigint | string): Order {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An address as one number: those of IPv4 come first. */
function addressNumber(text: string): bigint {
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
  const [address, length] = network.split("/");
  if (!network.includes(":")) {
    const number = addressNumber(text);
    const rest = BigInt(32 - Number(length));
    return number < 1n << 32n &&
      number >> rest === addressNumber(address!) >> rest;
  }
  if (!text.includes(":")) return false;
  const mapped = /^::ffff:(\d.*)$/.exec(text);
  const number = mapped === null
    ? groups(text)
    : (0xffffn << 32n) + addressNumber(mapped[1]!);
  const rest = BigInt(128 - Number(length));
  return number >> rest === groups(address!) >> rest;
}

function compared(key: string, value: Value | string): bigint | string {
  const as = VALUES[key]?.as ?? "folded";
  switch (as) {
    case "number":
      return BigInt(value as string);
    case "address":
      return addressNumber(value as string);
    case "folded":
      return (value as string).toUpperCase();
    default:
      return String(value);
  }
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

/** Whether a tree is true of a row, which has all of its keys. */
function isTrue(tree: Tree, row: Plain): boolean {
  switch (tree.is) {
    case "and":
      return isTrue(tree.left, row) && isTrue(tree.right, row);
    case "or":
      return isTrue(tree.left, row) || isTrue(tree.right, row);
    case "not":
      return !isTrue(tree.term, row);
  }
  const value = row[tree.key] ?? null;
  if (tree.is === "null") return (value !== null) === tree.not;
  if (value === null) return false;
  const { key } = tree;
  switch (tree.is) {
    case "bare":
      return value === true;
    case "keys": {
      const other = row[tree.other] ?? null;
      return other !== null && holds(
        tree.op,
        order(compared(key, value), compared(tree.other, other)),
      );
    }
    case "op":
      return holds(
        tree.op,
        order(compared(key, value), compared(key, tree.value)),
      );
    case "in": {
      const isIn = tree.values.some((item) => {
        if (item.includes("..")) {
          const [from, to] = item.split("..");
          return BigInt(from!) <= BigInt(value as number) &&
            BigInt(value as number) <= BigInt(to!);
        }
        if (/\/\d+$/.test(item) && VALUES[key]!.as === "address") {
          return inNetwork(value as string, item);
        }
        // an IPv6 address is no IPv4 address, whatever it is ordered by
        return order(compared(key, value), compared(key, item)) === 0;
      });
      return isIn !== tree.not;
    }
  }
}

function row(columns: Columns<Plain>): Plain {
  return Object.fromEntries(
    Object.keys(columns).map((key) => {
      const values = VALUES[key];
      const value = values === undefined || random() < 0.15
        ? null
        : pick(values.all);
      return [key, value];
    }),
  );
}

const relations = [SCHEMA, OTHER].map((schema) => ({
  schema,
  rows: Array.from({ length: 20 }, () => row(schema.columns as Columns<Plain>)),
}));

const CIRCUMSTANCES = {
  view: VIEW,
  text: false,
  services,
  lost: assert.fail,
};

Deno.test("query: 5,000 expressions", () => {
  let kept = 0;
  let decided = 0;
  for (let i = 0; i < 5000; i++) {
    const trees = some(2, () => tree(3));
    const where = trees.map(spell);
    const plan = planOf({ where }, [SCHEMA, OTHER], CIRCUMSTANCES);
    for (const [k, { schema, rows }] of relations.entries()) {
      const { none, keep, later } = plan.relations[k]!;
      for (const row of rows) {
        const isKept = !none && (keep?.(row, VIEW) ?? true) &&
          (later?.(row, VIEW) ?? true);
        const full = { ...row, ...schema.head };
        const want = trees.every((tree) => isTrue(tree, full));
        assert.equal(isKept, want, `${where.join(" / ")}: ${show(full)}`);
        if (isKept) kept++;
      }
      if (none || keep === undefined) decided++;
    }
  }
  // they say something
  assert.ok(kept > 40_000 && kept < 160_000, `${kept}`);
  assert.ok(decided > 1000 && decided < 9000, `${decided}`);
});

function show(row: Plain): string {
  return Object.entries(row).map(([key, value]) => `${key}=${value}`).join(" ");
}

/** Takes rows as plain objects. */
class Collector implements Sink {
  readonly rows: Plain[] = [];
  ended = 0;
  #head: Head = {};
  #shown: readonly Shown[] = [];

  begin(head: Head, shown: readonly Shown[]): void {
    this.#head = head;
    this.#shown = shown;
  }

  row(row: unknown): boolean {
    const values = this.#shown
      .map(({ key, column }) => [key, column.value(row, VIEW)]);
    this.rows.push({ ...this.#head, ...Object.fromEntries(values) });
    return true;
  }

  end(): void {
    this.ended++;
  }
}

/** What a question makes of the rows of some relations. */
function answer(
  question: Question,
  relations: readonly { schema: Schema; rows: readonly Plain[] }[],
): Plain[] {
  const schemas = relations.map(({ schema }) => schema);
  const plan = planOf(question, schemas, CIRCUMSTANCES);
  const collector = new Collector();
  const sink = plan.sink(collector);
  for (const [i, { rows }] of relations.entries()) {
    const { head, shown, none, keep } = plan.relations[i]!;
    if (none) continue;
    sink.begin(head, shown, { header: [], headed: undefined, cells: [] });
    for (const row of rows) {
      if ((keep?.(row, VIEW) ?? true) && !sink.row(row)) break;
    }
  }
  sink.end();
  assert.equal(collector.ended, 1);
  return collector.rows;
}

/** Rows of several relations, in which values are often the same. */
function manyRelations(): { schema: Schema; rows: Plain[] }[] {
  return some(4, () => {
    const { head, columns } = pick([SCHEMA, OTHER]);
    const netns = pick([1, 2]);
    const schema: Schema = { head: { ...head, netns }, columns };
    const length = Math.floor(random() * 40);
    const rows = Array.from(
      { length },
      () => row(columns as Columns<Plain>),
    );
    return { schema, rows };
  });
}

const SORTED = [...Object.keys(VALUES), "proto", "netns"];

/** How two values of a key follow one another; null is behind all. */
function follows(key: string, a: Value, b: Value, descending: boolean): Order {
  if (a === null || b === null) {
    return a === b ? 0 : a === null ? 1 : -1;
  }
  const as = VALUES[key]?.as;
  const by = (value: Value): bigint | string =>
    as === "number" || key === "netns"
      ? BigInt(value as number)
      : as === "address"
      ? addressNumber(value as string)
      : String(value);
  return descending ? order(by(b), by(a)) : order(by(a), by(b));
}

Deno.test("query: 1,000 orders", () => {
  for (let i = 0; i < 1000; i++) {
    const relations = manyRelations();
    const had = SORTED.filter((key) =>
      relations.some(({ schema: { head, columns } }) =>
        key in head || key in columns
      )
    );
    const keys = some(
      3,
      () => ({ key: pick(had), descending: random() < 0.5 }),
    );
    const limit = random() < 0.5 ? undefined : Math.floor(random() * 60);
    const columns = random() < 0.5 ? undefined : some(3, () => pick(had));
    const sort = keys.map(({ key, descending }) =>
      (descending ? "-" : "") + key
    )
      .join();
    const question: Question = {
      sort,
      ...(limit === undefined ? {} : { limit: `${limit}` }),
      ...(columns === undefined ? {} : { columns: columns.join() }),
    };
    const all = relations.flatMap(({ schema, rows }) =>
      rows.map((row) => ({ row: { ...row, ...schema.head } as Plain, schema }))
    );
    all.sort((a, b) => {
      for (const { key, descending } of keys) {
        const left = a.row[key] ?? null;
        const right = b.row[key] ?? null;
        const order = follows(key, left, right, descending);
        if (order !== 0) return order;
      }
      return 0;
    });
    const want = all.slice(0, limit ?? Infinity).map(({ row, schema }) => {
      const shown = columns ??
        [...Object.keys(schema.head), ...Object.keys(schema.columns)]
          // JSON shows them with -p only
          .filter((key) => key !== "program_name" && key !== "owners");
      return Object.fromEntries(shown.map((key) => [key, row[key] ?? null]));
    });
    assert.deepEqual(
      answer(question, relations),
      want,
      JSON.stringify(question),
    );
  }
});

Deno.test("query: 1,000 counts", () => {
  for (let i = 0; i < 1000; i++) {
    const relations = manyRelations();
    const has = (key: string) =>
      relations.some(({ schema: { head, columns } }) =>
        key in head || key in columns
      );
    const keys = [...new Set(some(2, () => pick(SORTED.filter(has))))];
    const summed = ["recv_q", "inode", "expire_ms"]
      .filter((key) => has(key) && !keys.includes(key) && random() < 0.5);
    const where = has("local_port") && random() < 0.3
      ? ["local_port < 443"]
      : [];
    const alone = summed.length > 0 && random() < 0.2;
    const question: Question = {
      where,
      ...(alone ? {} : { count: keys.join() }),
      ...(summed.length === 0 ? {} : { sum: summed.join() }),
    };
    const groups = new Map<string, Plain[]>();
    if (alone) groups.set("", []);
    for (const { schema, rows } of relations) {
      for (const values of rows) {
        const row: Plain = { ...values, ...schema.head };
        const port = row.local_port ?? null;
        if (where.length > 0 && (port === null || port as number >= 443)) {
          continue;
        }
        const group = alone ? "" : keys.map((key) => row[key] ?? null)
          .map((value) => `${typeof value} ${value}`).join("|");
        groups.set(group, [...groups.get(group) ?? [], row]);
      }
    }
    const want = [...groups.values()]
      .sort((a, b) => b.length - a.length)
      .map((rows) => ({
        ...(alone ? {} : {
          ...Object.fromEntries(
            keys.map((key) => [key, rows[0]![key] ?? null]),
          ),
          count: rows.length,
        }),
        ...Object.fromEntries(summed.map((key) => [key, sumOf(rows, key)])),
      }));
    assert.deepEqual(
      answer(question, relations),
      want,
      JSON.stringify(question),
    );
  }
});

function sumOf(rows: readonly Plain[], key: string): Value {
  const known = rows.map((row) => row[key] ?? null)
    .filter((value) => value !== null) as (number | bigint)[];
  if (known.length === 0 && rows.length > 0) return null;
  const sum = known.reduce((sum: bigint, value) => sum + BigInt(value), 0n);
  return Number.isSafeInteger(Number(sum)) ? Number(sum) : sum;
}

Deno.test("query: of many rows only those are kept that can go on", () => {
  const numbers = Array.from(
    { length: 20_000 },
    () => Math.floor(random() * 5000),
  );
  const rows = numbers.map((recv_q, inode): Plain => ({ recv_q, inode }));
  const schema: Schema = {
    head: {},
    columns: { recv_q: COLUMNS.recv_q!, inode: COLUMNS.inode! },
  };
  const halves = [rows.slice(0, 9000), rows.slice(9000)]
    .map((rows) => ({ schema, rows }));
  const sorted = rows.toSorted((a, b) =>
    (b.recv_q as number) - (a.recv_q as number)
  );
  for (const limit of [0, 1, 10, 1000, 5000, 30_000]) {
    assert.deepEqual(
      answer({ sort: "-recv_q", limit: `${limit}` }, halves),
      sorted.slice(0, limit),
    );
  }
  // the largest groups of many
  const counts = Map.groupBy(numbers, (number) => number);
  const largest = [...counts].sort((a, b) => b[1].length - a[1].length)
    .slice(0, 5).map(([recv_q, all]) => ({ recv_q, count: all.length }));
  assert.deepEqual(answer({ count: "recv_q", limit: "5" }, halves), largest);
});

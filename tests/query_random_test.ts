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
  Expressions,
  follows,
  randomFrom,
  type Values,
} from "./expressions.ts";
import {
  COLUMNS,
  OTHER,
  type Plain,
  SCHEMA,
  services,
  VIEW,
} from "./query_relations.ts";

const random = randomFrom(7);

const NUMBERS = ["local_port", "foreign_port", "recv_q", "inode"];

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
    others: NUMBERS,
  },
  foreign_port: { as: "number", all: [22, 443, 8080], others: NUMBERS },
  recv_q: {
    as: "number",
    all: [0, 1, 1024, 5000, -1, 2 ** 53, 2n ** 63n],
    spelled: ["0", "1", "1024", "9007199254740992", "9223372036854775808"],
    others: NUMBERS,
  },
  inode: { as: "number", all: [0, 1, 2, 3, 4, 5, 6, 7], others: NUMBERS },
  expire_ms: {
    as: "number",
    all: [0, 10, 2000],
    spelled: ["0", "10", "2000", "5", "10ms"],
    others: ["expire_ms"],
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
    others: ["foreign_address"],
  },
};

const HEADS: Record<string, readonly string[]> = {
  proto: ["tcp", "unix"],
  family: ["inet", "unix"],
};

const made = new Expressions({ random, values: VALUES, heads: HEADS });
const pick = <T>(of: readonly T[]) => made.pick(of);
const some = <T>(most: number, make: () => T) => made.some(most, make);

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
    const trees = some(2, () => made.tree(3));
    const where = trees.map((tree) => made.spell(tree));
    const plan = planOf({ where }, [SCHEMA, OTHER], CIRCUMSTANCES);
    for (const [k, { schema, rows }] of relations.entries()) {
      const { none, keep, later } = plan.relations[k]!;
      for (const row of rows) {
        const isKept = !none && (keep?.(row, VIEW) ?? true) &&
          (later?.(row, VIEW) ?? true);
        const full = { ...row, ...schema.head };
        const want = trees.every((tree) => made.isTrue(tree, full));
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

/** As what the values of a key are put in order. */
function orderedAs(key: string): Values["as"] {
  if (key === "netns") return "number";
  const as = VALUES[key]?.as ?? "text";
  return as === "folded" ? "text" : as;
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
        const order = follows(orderedAs(key), left, right, descending);
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

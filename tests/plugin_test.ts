/** Families that are loaded at run time: what they must be, and what is said else. */

import assert from "node:assert/strict";
import {
  familyOf,
  isOfKind,
  type Kit,
  PluginError,
} from "../core/plugins/plugin.ts";
import { declared } from "../core/contract/column.ts";
import type { Kind } from "../core/contract/family.ts";

const column = {
  cell: { header: "Name", width: -4 },
  kind: "string",
  about: "Name.",
  value: () => "x",
};

const table = {
  name: "things",
  sources: [{ path: "/proc/net/things", proto: "thing", rank: 1 }],
  title: { text: () => "Things", always: false },
  columns: { name: column },
  lineLimit: 100,
  row: () => ({}),
  parse: () => true,
  keep: () => true,
};

const family = { name: "thing", about: "Things", tables: [table] };

/** A family whose table, or its one column, is changed. */
const withTable = (change: object) => ({
  ...family,
  tables: [{ ...table, ...change }],
});
const withColumn = (change: object) =>
  withTable({ columns: { name: { ...column, ...change } } });

Deno.test("familyOf: calls the function with the kit", () => {
  const made = familyOf((kit: Kit) => {
    assert.equal(kit.kept(true, { all: true } as never), true);
    return family;
  });
  assert.equal(made.name, "thing");
  assert.equal(made.tables[0]!.columns.name!.value({}, {} as never), "x");
});

const faults: { name: string; exported: unknown; want: RegExp }[] = [
  { name: "no function", exported: family, want: /not a function/ },
  { name: "nothing", exported: () => undefined, want: /not return a family/ },
  { name: "no name", exported: () => ({}), want: /'name' is not a word/ },
  {
    name: "a name with a blank",
    exported: () => ({ ...family, name: "a b" }),
    want: /'name' is not a word/,
  },
  {
    name: "words that are none",
    exported: () => ({ ...family, words: ["ok", "No"] }),
    want: /'words' are not words/,
  },
  {
    name: "no tables",
    exported: () => ({ ...family, tables: undefined }),
    want: /'tables' is not an array/,
  },
  {
    name: "no parser",
    exported: () => withTable({ parse: 1 }),
    want: /table 'things': 'parse' is not a function/,
  },
  {
    name: "no line limit",
    exported: () => withTable({ lineLimit: 0 }),
    want: /'lineLimit' is not positive/,
  },
  {
    name: "no source",
    exported: () => withTable({ sources: [] }),
    want: /'sources' are missing/,
  },
  {
    name: "a source elsewhere",
    exported: () =>
      withTable({ sources: [{ path: "/etc/shadow", proto: "x", rank: 1 }] }),
    want: /'\/etc\/shadow' is not below \/proc or \/sys/,
  },
  {
    name: "a key in camel case",
    exported: () => withTable({ columns: { sendQ: column } }),
    want: /column 'sendQ': its key is not in snake_case/,
  },
  {
    name: "a header with an escape",
    exported: () => withColumn({ cell: { header: "\x1b[2J", width: 4 } }),
    want: /header is not of printable ASCII/,
  },
  {
    name: "an unknown kind",
    exported: () => withColumn({ kind: "float" }),
    want: /its kind is none of/,
  },
  {
    name: "objects of which nothing is said",
    exported: () => withColumn({ kind: "objects" }),
    want: /column 'name': 'each' is there for columns of objects/,
  },
  {
    name: "objects where there are none",
    exported: () => withColumn({ each: {} }),
    want: /column 'name': 'each' is there for columns of objects/,
  },
  {
    name: "objects with a key in camel case",
    exported: () => withColumn({ kind: "objects", each: { sendQ: column } }),
    want: /column 'name': column 'sendQ': its key is not in snake_case/,
  },
];

for (const { name, exported, want } of faults) {
  Deno.test(`familyOf: ${name}`, () => {
    assert.throws(
      () => familyOf(exported),
      (error) => error instanceof PluginError && want.test(error.message),
    );
  });
}

Deno.test("familyOf: a column that lies is told when it is asked", () => {
  const made = familyOf(() => withColumn({ kind: "integer" }));
  assert.throws(
    () => made.tables[0]!.columns.name!.value({}, {} as never),
    /column 'name' says that it is integer, but it is string/,
  );
});

Deno.test("familyOf: so is a column of an object", () => {
  const each = { size: { ...column, kind: "integer" } };
  const made = familyOf(() => withColumn({ kind: "objects", each }));
  assert.throws(
    () => made.tables[0]!.columns.name!.each!.size!.value({}, {} as never),
    /column 'size' says that it is integer, but it is string/,
  );
});

const kinds: {
  kind: Kind;
  nullable?: true;
  good: unknown[];
  bad: unknown[];
}[] = [
  { kind: "string", good: ["", "a"], bad: [null, 1, undefined] },
  { kind: "string", nullable: true, good: ["a", null], bad: [1, undefined] },
  { kind: "integer", good: [0, -1, 2n ** 64n], bad: [1.5, NaN, null, "1"] },
  { kind: "integer", nullable: true, good: [1, null], bad: [Infinity] },
  { kind: "boolean", good: [true], bad: [0, null] },
  { kind: "boolean", nullable: true, good: [false, null], bad: ["no"] },
  { kind: "strings", good: [[], ["a", null]], bad: ["a", [1], null] },
  { kind: "strings", nullable: true, good: [null, ["a"]], bad: [{}] },
  { kind: "objects", good: [[], [{}]], bad: [null, {}, [null], ["a"]] },
  {
    kind: "objects",
    nullable: true,
    good: [[{}], null],
    bad: [undefined, [1]],
  },
];

for (const { good, bad, ...column } of kinds) {
  Deno.test(`isOfKind: ${declared(column)}`, () => {
    for (const value of good) assert.ok(isOfKind(value as never, column));
    for (const value of bad) assert.ok(!isOfKind(value as never, column));
  });
}

/** Families that are loaded at run time: what they must be, and what is said else. */

import assert from "node:assert/strict";
import { isOfKind } from "../core/plugins/checked.ts";
import type { Kit } from "../core/plugins/kit.ts";
import { PluginError } from "../core/plugins/must.ts";
import { nearest } from "../core/contract/nearest.ts";
import { familyOf } from "../core/plugins/plugin.ts";
import { columnIn, withoutImports } from "../core/plugins/scope.ts";
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
  frozen: { title: { text: () => "Things", always: false } },
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
  {
    name: "nothing",
    exported: () => undefined,
    want: /returns no family but undefined/,
  },
  {
    name: "no name",
    exported: () => ({}),
    want: /'name' \(a string\) is missing/,
  },
  {
    name: "a name with a blank",
    exported: () => ({ ...family, name: "a b" }),
    want: /'name' is the string "a b": it must be a word/,
  },
  {
    name: "words that are none",
    exported: () => ({ ...family, words: ["ok", "No"] }),
    want: /'words' has the string "No"/,
  },
  {
    name: "no tables",
    exported: () => ({ ...family, tables: undefined }),
    want: /'tables' \(an array\) is missing/,
  },
  {
    name: "no parser",
    exported: () => withTable({ parse: 1 }),
    want: /table 'things': 'parse' is not a function but the number 1/,
  },
  {
    name: "no line limit",
    exported: () => withTable({ lineLimit: 0 }),
    want: /'lineLimit' is not positive/,
  },
  {
    name: "no source",
    exported: () => withTable({ sources: [] }),
    want: /'sources' is empty/,
  },
  {
    name: "a source elsewhere",
    exported: () =>
      withTable({ sources: [{ path: "/etc/shadow", proto: "x", rank: 1 }] }),
    want: /'\/etc\/shadow' is no table of the kernel's/,
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
    want: /its kind 'float' is none of/,
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

const PLACES = [
  ...[
    "/proc/../etc/shadow",
    "/proc/net/../../etc/shadow",
    "/sys/./x",
    "/proc/",
  ],
  ...["/proc/self/root/etc/shadow", "/proc/1/root/etc/shadow", "/proc/7/fd/3"],
  ...["/proc/thread-self/cwd/x", "/proc/self/task/1/root/x", "/procs/x"],
];
for (const path of PLACES) {
  faults.push({
    name: `a source at ${path}`,
    exported: () => withTable({ sources: [{ path, proto: "x", rank: 1 }] }),
    want: /is no table of the kernel's/,
  });
}
for (const path of ["/proc/net/x", "/proc/self/net/x", "/sys/class/net/a..b"]) {
  Deno.test(`familyOf: a source at ${path} is good`, () => {
    familyOf(() => withTable({ sources: [{ path, proto: "x", rank: 1 }] }));
  });
}

Deno.test("familyOf: the name is always one of the words", () => {
  const words = (words?: string[]) =>
    familyOf(() => ({ ...family, words })).words;
  assert.deepEqual(words(["thing2"]), ["thing", "thing2"]);
  assert.deepEqual(words(["b", "thing"]), ["thing", "b"]);
  assert.deepEqual(words(), ["thing"]);
});

Deno.test("nearest: a slip of two letters at most", () => {
  const names = ["hidden", "sources", "name"];
  assert.equal(nearest("hiden", names), "hidden");
  assert.equal(nearest("source", names), "sources");
  assert.equal(nearest("Hidden", names), "hidden");
  assert.equal(nearest("nothing", names), undefined);
});

Deno.test("withoutImports: nothing is imported, and nothing else is changed", async () => {
  const imported = async (source: string) =>
    (await import(
      `data:text/javascript,${encodeURIComponent(withoutImports(source))}`
    )).default;
  const kept =
    `const o = { import: 1, from: 2 }; class A { import() { return 3 } }
    export default [o.import, o.from, new A().import(), "import from \\import",
      \`import \${Array.from("ab")}\`, /import|from/.test("a from b")] // import`;
  const run = kept.replaceAll("\\`", "`").replaceAll("\\$", "$");
  assert.deepEqual(await imported(run), [
    1,
    2,
    3,
    "import from import",
    "import a,b",
    true,
  ]);
  const refused = [
    'import "node:fs"',
    'import fs from "node:fs"',
    "import.meta",
    'export * from "node:fs"',
    'await import("node:fs")',
    '"a"/import("node:fs")/"b"',
    '/["]/;import("node:fs");/["]/',
  ];
  for (const source of refused) {
    await assert.rejects(imported(`${source}; export default 1`), source);
  }
});

Deno.test("columnIn: a place behind keywords that were made longer", () => {
  const line = `a("import from", x)`;
  for (let column = 1; column <= line.length; column++) {
    if (/[import from]/.test(line[column - 1]!)) continue;
    const longer = withoutImports(line.slice(0, column - 1)).length + 1;
    assert.equal(columnIn(line, longer), column);
  }
});

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
    /column 'name': it says that it is 'integer', but its value is the string "x"/,
  );
});

Deno.test("familyOf: so is a column of an object", () => {
  const each = { size: { ...column, kind: "integer" } };
  const made = familyOf(() => withColumn({ kind: "objects", each }));
  assert.throws(
    () => made.tables[0]!.columns.name!.each!.size!.value({}, {} as never),
    /column 'size': it says that it is 'integer', but its value is the string "x"/,
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
  { kind: "ratio", good: [0, 1.5, -1], bad: [NaN, Infinity, 1n, null] },
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

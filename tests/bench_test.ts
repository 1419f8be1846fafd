/** The bench: its figures, its tables, and that the cases can be measured. */

import assert from "node:assert/strict";
import {
  type Case,
  CASES,
  chosenCases,
  type Program,
  START,
  wordsOf,
} from "../tools/bench/cases.ts";
import { type Findings, performanceDocument } from "../tools/bench/document.ts";
import {
  filledIn,
  fits,
  holds,
  lineThrough,
  type Measured,
  median,
  ratioOf,
} from "../tools/bench/figures.ts";
import { tableOf, TABLES } from "../tools/bench/rows.ts";

function measured(
  program: Program,
  wall: number[],
  more: Partial<Measured> = {},
): Measured {
  return {
    program,
    args: "-x",
    absent: wall.length === 0,
    wall,
    cpu: wall,
    ...more,
  };
}

Deno.test("median: of an odd and of an even count, in any order", () => {
  assert.equal(median([10, 2, 9]), 9);
  assert.equal(median([1, 10, 2, 4]), 3);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("ratioOf: the medians', and the extremes within a round", () => {
  const ratio = ratioOf([10, 30, 20], [20, 20, 10]);
  assert.deepEqual(ratio, { of: 1, least: 0.5, most: 2 });
});

Deno.test("lineThrough: points on a line", () => {
  const points = [10, 1000, 100_000]
    .map((size) => ({ size, time: 40 + 0.25 * size }));
  const { constant, slope, deviation } = lineThrough(points);
  assert.ok(Math.abs(constant - 40) < 1e-6, `${constant}`);
  assert.ok(Math.abs(slope - 0.25) < 1e-9, `${slope}`);
  assert.ok(deviation < 1e-9, `${deviation}`);
});

Deno.test("lineThrough: the deviation is that of the farthest point", () => {
  const even = [10, 1000, 100_000].map((size) => ({ size, time: 40 + size }));
  const odd = even.with(1, { size: 1000, time: 1500 });
  const { deviation } = lineThrough(odd);
  assert.ok(deviation > 0.1 && deviation < 0.5, `${deviation}`);
});

Deno.test("holds: a ratio, an excess, and what was not measured", () => {
  const ours = measured("netstat", [30, 10, 20]);
  const cases = [
    { bound: { ratio: 0.5 }, wall: [40], want: true },
    { bound: { ratio: 0.5 }, wall: [39], want: false },
    { bound: { plus: 5 }, wall: [15], want: true },
    { bound: { plus: 5 }, wall: [14], want: false },
    { bound: { ratio: 9 }, wall: [], want: undefined },
  ];
  for (const { bound, wall, want } of cases) {
    const theirs = measured("ss", wall);
    assert.equal(holds(bound, theirs, [ours, theirs]), want);
  }
  const start = measured("netstat", [5], { args: START });
  const plus = { plus: "start" } as const;
  for (const [wall, want] of [[15, true], [14, false]] as const) {
    const theirs = measured("ss", [wall]);
    assert.equal(holds(plus, theirs, [ours, theirs, start]), want);
    assert.equal(holds(plus, theirs, [ours, theirs]), undefined);
  }
});

Deno.test("arguments: by words, as a shell takes them", () => {
  assert.deepEqual(wordsOf(""), []);
  assert.deepEqual(wordsOf("-tan 'sport = :1'  -x"), [
    "-tan",
    "sport = :1",
    "-x",
  ]);
});

Deno.test("fits: memory within its bound", () => {
  const one: Case = { ...CASES[0]!, peak: 100 };
  const with_ = (peak?: number) =>
    measured("netstat", [1], peak === undefined ? {} : { peak });
  assert.equal(fits(one, with_(100 * 1024)), true);
  assert.equal(fits(one, with_(100 * 1024 + 1)), false);
  assert.equal(fits(one, with_()), undefined);
});

/** A case with all that can be told of one. */
const CASE: Case = {
  name: "some",
  world: "tcp file",
  args: "-x",
  sizes: [10, 1000],
  rivals: [
    { program: "reference", args: "-x", ratio: 0.5 },
    { program: "ss", args: "-x", ratio: 1, aim: true },
    { program: "busybox", args: "-x", ratio: 1 },
    { program: "ss", args: "-y", through: "sort | uniq", plus: "start" },
    { program: "netstat", args: START },
  ],
  peak: 100,
};

const FINDINGS: Findings = {
  choice: { quick: false },
  facts: [["kernel", "a|b"]],
  cases: [CASE],
  results: CASE.sizes.map((size) => ({
    name: "some",
    size,
    runs: [
      measured("netstat", [50 + size], { peak: 101 * 1024 }),
      measured("reference", [2000 + size], { peak: 2048 }),
      measured("ss", [1 + size]),
      measured("busybox", []),
      measured("ss", [1 + size], { args: "-y", through: "sort | uniq" }),
      measured("netstat", [49], { args: START }),
    ],
  })),
  errors: ["names: no server"],
};

Deno.test("the document: each bound stands next to its figure", () => {
  const text = performanceDocument(FINDINGS);
  const row = (pattern: RegExp) => {
    const line = text.split("\n").find((line) => pattern.test(line));
    return line?.split(" | ").slice(3).join(" | ");
  };
  assert.equal(
    row(/reference `-x`.*0\.5/),
    "reference `-x` | 3.00 s, CPU 3.00 s, 2 MiB | 0.35 (0.35–0.35) | ≤ 0.5 | holds |",
  );
  assert.equal(
    row(/ss `-x`/),
    "ss `-x` | 1.00 s, CPU 1.00 s | 1.0 (1.0–1.0) | aim ≤ 1 | **misses** |",
  );
  assert.equal(
    row(/busybox `-x`/),
    "busybox `-x` | absent |  | ≤ 1 | not measured |",
  );
  assert.equal(
    row(/ss `-y/),
    "ss `-y \\| sort \\| uniq` | 1.00 s, CPU 1.00 s | 1.0 (1.0–1.0) | ≤ its + a start | holds |",
  );
  assert.equal(row(/memory ≤/), " |  |  | memory ≤ 100 MiB | **misses** |");
  assert.match(text, /\| kernel \| a\\\|b \|/);
  assert.match(text, /^\*\*Not measured:\*\* names: no server$/m);
  assert.match(
    text,
    /`-x`, tcp file \| netstat \| 10: 60\.0 ms; 1,000: 1\.05 s \| 50\.0 ms \| 1000000 ns \| 0 %/,
  );
});

Deno.test("filledIn: what another case measured stands in its rival's place", () => {
  const one: Case = {
    name: "many",
    world: "namespaces",
    args: "-x",
    sizes: [2],
    rivals: [
      { program: "netstat", args: "-t", of: "one", ratio: 1.5 },
      { program: "ss", args: "-x" },
    ],
  };
  const ours = measured("netstat", [30, 20]);
  const empty = measured("netstat", [], { args: "-t" });
  const theirs = measured("ss", [5, 6]);
  const other = measured("netstat", [10], { args: "-t" });
  const many = { name: "many", size: 2, runs: [ours, empty, theirs] };
  const results = [many, { name: "one", size: 1, runs: [other] }];
  const [filled] = filledIn(results, [one]);
  assert.deepEqual(filled?.runs, [ours, other, theirs]);
  assert.deepEqual(filledIn([many], [one]), [many], "it was not measured");
  assert.deepEqual(ratioOf(ours.wall, other.wall), {
    of: 2.5,
    least: 3,
    most: 3,
  });
  const chosen = chosenCases({ only: "namespaces-list", quick: false });
  assert.deepEqual(chosen.map(({ name }) => name), [
    "namespaces-list",
    "one-namespace",
  ]);
});

Deno.test("tables: the same each time, and a longer one starts like it", () => {
  for (const [name, table] of Object.entries(TABLES)) {
    const lines = [...tableOf(table, 5000)].join("").split("\n");
    assert.equal(lines.length, 1 + 5000 + 1, name);
    const short = [...tableOf(table, 100)].join("").split("\n");
    assert.deepEqual(short.slice(0, -1), lines.slice(0, 101), name);
  }
});

Deno.test("cases: names are unique, sizes ascend, a quick look is smaller", () => {
  const names = CASES.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, sizes } of CASES) {
    assert.deepEqual(sizes, sizes.toSorted((a, b) => a - b), name);
  }
  const [quick] = chosenCases({ quick: true, only: "owners" });
  assert.deepEqual(quick!.sizes, [5000]);
});

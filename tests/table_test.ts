/** Tables: widths, alignment, spelling, cuts, colours, and bytes that do harm. */

import assert from "node:assert/strict";
import { fact } from "../core/contract/column.ts";
import type { Long, Tone, Unit, Value, View } from "../core/contract/family.ts";
import { fromUtf8, toUtf8 } from "../core/contract/line.ts";
import type { Shown } from "../core/contract/sink.ts";
import * as colours from "../render/colours.ts";
import { type TableOptions, tableSink } from "../render/table.ts";
import { collector } from "./program.ts";
import {
  column,
  give,
  type Relation,
  type Row,
  VIEW,
  written,
} from "./relations.ts";

/** What a table of these relations is, as a byte string. */
function table(
  relations: readonly Relation[],
  options: Partial<TableOptions> = {},
): string {
  return written(
    (out) => tableSink(out, { view: VIEW, ...options }),
    relations,
  );
}

/** A table of rows, as lines. */
function lines(
  shown: readonly Shown[],
  rows: readonly Row[],
  options: Partial<TableOptions> = {},
): string[] {
  const text = table([{ shown, rows }], options);
  assert.ok(text.endsWith("\n"));
  return text.slice(0, -1).split("\n");
}

const STATE = column("state", "name");
const COUNT = column("count", "integer");
const PATH = column("path", "string");

Deno.test("a table has keys above aligned cells, and nothing behind the last", () => {
  const rows = [
    { state: "LISTEN", count: 7, path: "/run/a" },
    { state: "ESTABLISHED", count: 12345678, path: "/b" },
    { state: null, count: null, path: null },
  ];
  assert.deepEqual(lines([STATE, COUNT, PATH], rows), [
    "state           count  path",
    "LISTEN              7  /run/a",
    "ESTABLISHED  12345678  /b",
    "-                   -  -",
  ]);
  assert.deepEqual(lines([PATH, COUNT], rows), [
    "path       count",
    "/run/a         7",
    "/b      12345678",
    "-              -",
  ]);
});

Deno.test("a short name is the header", () => {
  const rtt = column("tcp_rtt_us", "duration", { short: "rtt" });
  assert.deepEqual(lines([rtt], [{ tcp_rtt_us: 5 }]), ["rtt", "  5"]);
});

Deno.test("without a header there are only rows", () => {
  const rows = [{ count: 1 }];
  assert.deepEqual(lines([COUNT], rows, { header: false }), ["    1"]);
  assert.equal(table([], { header: false }), "");
  assert.equal(table([{ shown: [COUNT], rows: [] }], { header: false }), "");
});

Deno.test("a table without a row is its header", () => {
  assert.equal(table([{ shown: [STATE, COUNT], rows: [] }]), "state  count\n");
  assert.equal(table([]), "");
});

Deno.test("relations with the same columns share a table, others follow", () => {
  const one = { shown: [STATE, COUNT], rows: [{ state: "A", count: 1 }] };
  const more = {
    shown: [STATE, COUNT],
    rows: [{ state: "LONGER", count: 1000000 }],
  };
  const other = { shown: [PATH], rows: [{ path: "/" }] };
  const empty = { shown: [COUNT], rows: [] };
  assert.equal(
    table([empty, one, more, empty, other, one]),
    "state     count\n" +
      "A             1\n" +
      "LONGER  1000000\n" +
      "\npath\n/\n" +
      "\nstate  count\nA          1\n",
  );
  assert.equal(
    table([one, other], { header: false }),
    "A          1\n/\n",
  );
});

Deno.test("a column that one relation lacks is that of the others", () => {
  const lacking = column("count", "name", { value: () => null });
  const rows = [{ state: "A", count: 12 }];
  const without = { shown: [lacking, STATE], rows };
  const having = { shown: [COUNT, STATE], rows };
  assert.equal(
    table([without, having]),
    "count  state\n    -  A\n   12  A\n",
  );
  // and behind the first thousand rows, whose widths stand
  const many = { ...without, rows: Array(1000).fill(rows[0]) };
  assert.ok(table([many, having]).endsWith("-      A\n12     A\n"));
  const late = { ...having, rows: Array(1000).fill(rows[0]) };
  assert.ok(table([late, without]).endsWith("   12  A\n    -  A\n"));
});

Deno.test("widths are those of the first thousand rows; a longer cell pushes", () => {
  const row = (state: string, count: number) => ({ state, count });
  const rows = Array.from({ length: 1000 }, (_, i) => row("abcdefg", i));
  rows.push(row("abcdefghij", 5), row("abc", 123456), row("a", 7));
  const got = lines([STATE, COUNT], rows);
  assert.equal(got.length, 1004);
  assert.equal(got[0], "state    count");
  assert.deepEqual(got.slice(-4), [
    "abcdefg    999",
    "abcdefghij      5",
    "abc      123456",
    "a            7",
  ]);
});

Deno.test("each round begins anew", () => {
  const { out, text } = collector();
  const sink = tableSink(out, { view: VIEW });
  for (let round = 0; round < 2; round++) {
    give(sink, [{ shown: [COUNT], rows: [{ count: round }] }]);
    sink.end();
  }
  assert.equal(text(), "count\n    0\ncount\n    1\n");
});

Deno.test("what a row has is taken while it is valid", () => {
  const { out, text } = collector();
  const sink = tableSink(out, { view: VIEW });
  const row = { state: "first" };
  give(sink, [{ shown: [STATE], rows: [row] }]);
  row.state = "second";
  sink.row(row);
  sink.end();
  assert.equal(text(), "state\nfirst\nsecond\n");
});

const SPELLED: { name: string; shown: Shown; value: Value; want: string }[] = [
  {
    name: "true",
    shown: column("direct", "boolean"),
    value: true,
    want: "true",
  },
  {
    name: "false",
    shown: column("direct", "boolean"),
    value: false,
    want: "false",
  },
  { name: "a port", shown: column("port", "port"), value: 22, want: "  22" },
  {
    name: "below zero",
    shown: column("send", "integer"),
    value: -1,
    want: "  -1",
  },
  {
    name: "64 bits",
    shown: column("n", "integer"),
    value: 2n ** 64n - 1n,
    want: "18446744073709551615",
  },
  {
    name: "texts",
    shown: column("flags", "strings"),
    value: ["UP", null, "RUNNING"],
    want: "UP,-,RUNNING",
  },
  { name: "no texts", shown: column("flags", "strings"), value: [], want: "-" },
  {
    name: "no list",
    shown: column("flags", "strings"),
    value: null,
    want: "-",
  },
  { name: "an empty text", shown: PATH, value: "", want: "" },
];

for (const { name, shown, value, want } of SPELLED) {
  Deno.test(`a cell is the plain spelling: ${name}`, () => {
    const rows = Array(1001).fill({ [shown.key]: value });
    const got = lines([shown], rows);
    assert.equal(got[1], want);
    assert.equal(got[1001], want, "the row that did not wait");
  });
}

Deno.test("a spelling of the column's own is written as it is", () => {
  const address = column("address", "address", {
    value: () => assert.fail("no string is made"),
    put: (out) => out.ascii("::1"),
  });
  const got = lines([address, COUNT], Array(1001).fill({ count: 1 }));
  assert.deepEqual([got[0], got[1], got[1001]], [
    "address  count",
    "::1          1",
    "::1          1",
  ]);
});

/** An owner, of whom a table shows pid and name. */
const OWNERS = column("owners", "objects", {
  each: {
    known: fact<Row, boolean>("boolean", () => true, ""),
    pid: fact<Row, Long>("integer", (row) => row.pid as number, ""),
    fd: fact<Row, Long>("integer", (row) => row.fd as number, ""),
    comm: fact<Row, string | null>("string?", (row) => row.comm as string, ""),
    user: fact<Row, string>("string", () => "root", ""),
  },
});

Deno.test("objects are a number and a text each, once in a row", () => {
  const owner = (pid: number, fd: number, comm: string | null) => ({
    pid,
    fd,
    comm,
  });
  const got = lines([OWNERS], [
    { owners: [owner(612, 3, "sshd")] },
    { owners: [owner(1, 40, "systemd"), owner(655, 3, null)] },
    { owners: [owner(7, 3, "a"), owner(7, 4, "a"), owner(7, 5, "b\x1b")] },
    { owners: [] },
    { owners: null },
  ]);
  assert.deepEqual(got.slice(1), [
    "612/sshd",
    "1/systemd,655/-",
    "7/a,7/b.",
    "-",
    "-",
  ]);
  const many = Array.from({ length: 20_000 }, (_, i) => owner(i, 3, "x"));
  const [, long] = lines([OWNERS], [{ owners: many }]);
  assert.equal(long!.split(",").length, 20_000);
});

const SCALED: {
  unit: Unit | "microseconds" | "bytes per second";
  short?: true;
  values: [Long, string][];
}[] = [
  {
    unit: "microseconds",
    values: [
      [0, "0"],
      [1, "1us"],
      [999, "999us"],
      [1000, "1ms"],
      [1240, "1.24ms"],
      [1249, "1.24ms"],
      [1040, "1.04ms"],
      [1200, "1.2ms"],
      [12_345, "12.3ms"],
      [10_050, "10ms"],
      [123_456, "123ms"],
      [999_999, "999ms"],
      [59_999_999, "59.9s"],
      [60_000_000, "1m"],
      [5_400_000_000, "1.5h"],
      [-1240, "-1.24ms"],
      [2n ** 63n, "2562047788h"],
    ],
  },
  {
    unit: "milliseconds",
    values: [[15_000, "15s"], [200, "200ms"], [7_200_000, "2h"]],
  },
  { unit: "seconds", values: [[59, "59s"], [90, "1.5m"], [172_800, "48h"]] },
  {
    unit: "bytes",
    values: [
      [0, "0"],
      [36, "36"],
      [1500, "1500"],
      [10_239, "10239"],
      [10_240, "10KiB"],
      [65_536, "64KiB"],
      [1_048_575, "1023KiB"],
      [3_250_585, "3.09MiB"],
      [3_250_586, "3.1MiB"],
      [2n ** 60n - 1n, "1023PiB"],
      [2n ** 64n - 1n, "15.9EiB"],
      [-1, "-1"],
    ],
  },
  { unit: "bytes", short: true, values: [[0, "0"], [36, "36B"]] },
  {
    unit: "bytes per second",
    values: [[9000, "9000B/s"], [3_250_586, "3.1MiB/s"]],
  },
  { unit: "packets", values: [[20_000, "20000"]] },
];

for (const { unit, short, values } of SCALED) {
  Deno.test(`numbers have the unit that fits: ${unit}`, () => {
    const kind = unit.endsWith("seconds") ? "duration" : "integer";
    const shown = column("n", kind, {
      unit: unit as Unit,
      ...(short ? { short: "short" } : {}),
    });
    const [, ...got] = lines([shown], values.map(([n]) => ({ n })));
    assert.deepEqual(
      got.map((cell) => cell.trim()),
      values.map(([, want]) => want),
    );
  });
}

Deno.test("ratios are percentages, and never more than they are", () => {
  const values: [number, string][] = [
    [0, "0%"],
    [1, "100%"],
    [0.07, "7%"],
    [0.29, "29%"],
    [0.0523, "5.23%"],
    [0.05239, "5.23%"],
    [0.125, "12.5%"],
    [0.9999, "99.9%"],
    [0.000_09, "0%"],
    [0.0001, "0.01%"],
    [2.88671875, "288%"],
    [-0.5, "-50%"],
  ];
  const shown = [column("ratio", "ratio"), column("state", "name")];
  const rows = values.map(([ratio]) => ({ ratio, state: "A" }));
  const [header, ...got] = lines(shown, rows);
  assert.deepEqual(got, values.map(([, want]) => `${want.padStart(5)}  A`));
  assert.equal(header, "ratio  state");
});

/** Texts that are no plain ASCII: how a cell shows them, and how wide it is. */
const HOSTILE: { name: string; text: string; want: string; width: number }[] = [
  {
    name: "controls",
    text: "a\n\t\x1b[2J\x00\x7f",
    want: "a...[2J..",
    width: 9,
  },
  { name: "C1 as a byte", text: "a\x9bb", want: "a.b", width: 3 },
  { name: "C1 in UTF-8", text: "a\xc2\x9bb", want: "a..b", width: 4 },
  { name: "UTF-8", text: "caf\xc3\xa9", want: "caf\xc3\xa9", width: 4 },
  { name: "wide", text: "\xe6\xbc\xa2", want: "\xe6\xbc\xa2", width: 1 },
  {
    name: "beyond the first plane",
    text: "\xf0\x9f\x98\x80!",
    want: "\xf0\x9f\x98\x80!",
    width: 2,
  },
  { name: "no UTF-8", text: "\xff\xe6\xbc", want: "\xff\xe6\xbc", width: 3 },
];

for (const { name, text, want, width } of HOSTILE) {
  Deno.test(`a cell is counted in characters, without control bytes: ${name}`, () => {
    const rows = Array(1001).fill({ path: text, state: "x" });
    for (const options of [{}, { terminal: 500 }]) {
      const got = lines([PATH, STATE], rows, options);
      const blanks = " ".repeat(Math.max(4, width) - width);
      assert.equal(got[0], `${"path".padEnd(Math.max(4, width))}  state`);
      assert.equal(got[1], `${want}${blanks}  x`);
      assert.equal(got[1001], got[1], "the row that did not wait");
    }
  });
}

Deno.test("no byte of a text reaches a terminal as a control byte", () => {
  const text = String.fromCharCode(...Array(256).keys());
  const shown = [PATH, column("flags", "strings"), OWNERS, STATE];
  const owners = [{ pid: 1, fd: 3, comm: text }];
  const rows = Array(1001).fill({
    path: text,
    flags: [text],
    owners,
    state: text,
  });
  for (const options of [{}, { terminal: 80 }, { header: false, colours }]) {
    const got = table([{ shown, rows }], options).replaceAll("\n", "");
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(got, /[\x00-\x1f\x7f]/);
    // as bytes of their own, and as a second one behind C2
    assert.doesNotMatch(
      got,
      /(?<![\xa0-\xff][\x80-\xbf]*)[\x80-\x9f]|\xc2[\x80-\x9f]/,
    );
  }
});

Deno.test("one cell that is very long does not widen the rows of others", () => {
  const long = "x".repeat(50_000);
  const rows = [{ path: long, state: "a" }, { path: "y", state: "b" }];
  for (const more of [[], Array(1000).fill(rows[1])]) {
    const got = lines([PATH, STATE], [...more, ...rows]);
    assert.ok(got.includes(`${long}  a`));
    assert.ok(got.at(-1)!.length <= 128 + 3);
  }
});

Deno.test("a terminal that is too narrow has the longest texts cut", () => {
  const rows = [
    { path: "/run/some/long/path", state: "ESTABLISHED", count: 1234567 },
    { path: "/r", state: "LISTEN", count: 1 },
  ];
  const shown = [PATH, COUNT, STATE];
  const wide = lines(shown, rows);
  assert.deepEqual(lines(shown, rows, { terminal: 41 }), wide);
  assert.deepEqual(lines(shown, rows, { terminal: 0 }), wide);
  assert.deepEqual(lines(shown, rows, { terminal: 33 }).map(fromUtf8), [
    "path           count  state",
    "/run/some/…  1234567  ESTABLISHED",
    "/r                 1  LISTEN",
  ]);
  assert.deepEqual(lines(shown, rows, { terminal: 25 }).map(fromUtf8), [
    "path       count  state",
    "/run/s…  1234567  ESTABL…",
    "/r             1  LISTEN",
  ]);
  // numbers and headers are never cut
  assert.deepEqual(lines(shown, rows, { terminal: 10 }).map(fromUtf8), [
    "path    count  state",
    "/ru…  1234567  ESTA…",
    "/r          1  LIST…",
  ]);
  const view = { wide: true } as View;
  assert.deepEqual(lines(shown, rows, { terminal: 10, view }), wide);
});

Deno.test("on a terminal a longer cell that comes later is cut where the line ends", () => {
  const rows = Array(1000).fill({ path: "/a", state: "B" });
  rows.push({ path: "/longer than the terminal is wide", state: "C" });
  const address = column("path", "address", {
    put: (out, { path }) => out.ascii(path as string),
  });
  for (const path of [PATH, address]) {
    const got = lines([path, STATE], rows, { terminal: 20 });
    assert.equal(fromUtf8(got.at(-1)!), "/longer than…  C");
    const last = lines([STATE, path], rows, { terminal: 20 });
    assert.equal(fromUtf8(last.at(-1)!), "C      /longer than…");
  }
});

Deno.test("a cut is between characters", () => {
  const rows = [{ path: "\xc3\xa9".repeat(10) }];
  const got = lines([PATH], rows, { terminal: 5 });
  assert.equal(got[1], "\xc3\xa9".repeat(4) + "\xe2\x80\xa6");
});

Deno.test("colours take no room, and none is left in the text", () => {
  const tone = ({ state }: Row): Tone | undefined =>
    state === "LISTEN" ? "listening" : undefined;
  const shown = [
    column("state", "name", { tone }),
    column("count", "integer", { tone }),
    column("path", "string"),
  ];
  const rows = [
    { state: "LISTEN", count: 1, path: "/\x1b[31mred" },
    { state: "CLOSE", count: 22, path: "/" },
  ];
  const all = [...Array(500).fill(rows).flat(), ...rows];
  const got = lines(shown, all, { colours });
  const coloured = "\x1b[1;36mLISTEN\x1b[0m      \x1b[1;36m1\x1b[0m  /.[31mred";
  assert.deepEqual(got.slice(0, 3), [
    "state   count  path",
    coloured,
    "CLOSE      22  /",
  ]);
  assert.equal(got.at(-2), coloured, "the row that did not wait");
  assert.equal(got.at(-1), got[2]);
});

Deno.test("a sign stays, however narrow the terminal is", () => {
  const sign = { ...column("change", "name"), sign: true as const };
  const rows = [{ change: "added", path: "/run/a/long/path" }];
  assert.deepEqual(lines([sign, PATH], rows, { terminal: 10 }), [
    "   path",
    "+  /run/a\xe2\x80\xa6",
  ]);
});

Deno.test("listing after listing, what only grows is told by how much it grew", () => {
  const sent = column("sent", "integer", { counter: true });
  const size = column("size", "integer");
  const earlier = (lasts: boolean, was?: number, first?: number) => ({
    value: () => was,
    first: () => first,
    seconds: () => 2,
    lasts,
  });
  const cases = [
    { lasts: true, was: 1000, sent: "+1000 250/s", size: "1000 → 1500" },
    { lasts: true, was: undefined, sent: "+1000 0/s", size: "1500" },
    // it began anew
    { lasts: true, was: 2000, sent: "2000 → 1500", size: "2000 → 1500" },
    // what is compared once stands as it is unless it differs
    { lasts: false, was: 1000, sent: "+1000 250/s", size: "1000 → 1500" },
    { lasts: false, was: undefined, sent: "1500", size: "1500" },
  ];
  for (const { lasts, was, ...want } of cases) {
    const cellOf = (one: Shown, first?: number) => {
      const shown = [{ ...one, earlier: earlier(lasts, was, first) }];
      const [, cell] = lines(shown, [{ sent: 1500, size: 1500 }]);
      return cell!.trim();
    };
    assert.equal(cellOf(sent, 500), toUtf8(want.sent));
    assert.equal(cellOf(size), toUtf8(want.size));
  }
});

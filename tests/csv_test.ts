/** CSV: quotes, nulls, formulas, and bytes that do harm. */

import assert from "node:assert/strict";
import { fact } from "../core/contract/column.ts";
import type { Long, Value } from "../core/contract/family.ts";
import type { Shown } from "../core/contract/sink.ts";
import { type CsvOptions, csvSink } from "../render/csv.ts";
import { collector } from "./program.ts";
import {
  column,
  give,
  type Relation,
  type Row,
  VIEW,
  written,
} from "./relations.ts";

/** What CSV of these relations is, as a byte string. */
function csv(
  relations: readonly Relation[],
  options: Partial<CsvOptions> = {},
): string {
  return written((out) => csvSink(out, { view: VIEW, ...options }), relations);
}

const STATE = column("state", "name");
const COUNT = column("count", "integer");
const PATH = column("path", "string");

Deno.test("csv: keys, then rows, each on a line that ends with a newline", () => {
  const rtt = column("tcp_rtt_us", "duration", {
    unit: "milliseconds",
    short: "rtt",
  });
  const rows = [
    { state: "LISTEN", count: 7, tcp_rtt_us: 1240, path: "/run/a b" },
    { state: null, count: null, tcp_rtt_us: null, path: null },
  ];
  assert.equal(
    csv([{ shown: [STATE, COUNT, rtt, PATH], rows }]),
    "state,count,tcp_rtt_us,path\nLISTEN,7,1240,/run/a b\n,,,\n",
  );
});

Deno.test("csv: a ratio is a number", () => {
  const rows = [0.052, 1, 0, null, 2.5e-8].map((ratio) => ({ ratio }));
  assert.equal(
    csv([{ shown: [column("ratio", "ratio")], rows }]),
    'ratio\n0.052\n1\n0\n""\n2.5e-8\n',
  );
});

Deno.test("csv: without a header there are only rows", () => {
  const relation = { shown: [COUNT], rows: [{ count: 1 }] };
  assert.equal(csv([relation], { header: false }), "1\n");
  assert.equal(csv([{ ...relation, rows: [] }], { header: false }), "");
});

Deno.test("csv: there is a header even without a row", () => {
  assert.equal(csv([{ shown: [STATE, COUNT], rows: [] }]), "state,count\n");
  assert.equal(csv([]), "");
});

Deno.test("csv: one header for all relations with its keys", () => {
  const one = { shown: [STATE, COUNT], rows: [{ state: "A", count: 1 }] };
  const other = { shown: [PATH], rows: [{ path: "/" }] };
  const empty = { shown: [PATH], rows: [] };
  assert.equal(csv([one, empty, one]), "state,count\nA,1\nA,1\n");
  assert.equal(
    csv([one, other, one]),
    "state,count\nA,1\n\npath\n/\n\nstate,count\nA,1\n",
  );
});

Deno.test("csv: further rounds go on with the rows", () => {
  const { out, text } = collector();
  const sink = csvSink(out, { view: VIEW });
  for (let round = 0; round < 2; round++) {
    give(sink, [{ shown: [COUNT], rows: [{ count: round }] }]);
    sink.end();
  }
  assert.equal(text(), "count\n0\n1\n");
});

Deno.test("csv: a row of one null is no empty line", () => {
  const rows = [{ path: null }, { path: "" }, { path: "a" }];
  assert.equal(csv([{ shown: [PATH], rows }]), 'path\n""\n""\na\n');
});

/** A text, and the cell that it becomes; on a terminal another one, if given. */
const TEXTS: {
  name: string;
  text: string;
  want: string;
  raw?: string;
  terminal?: string;
}[] = [
  { name: "nothing", text: "", want: '""' },
  { name: "blanks", text: " a ", want: " a " },
  { name: "a comma", text: "a,b", want: '"a,b"' },
  { name: "quotes", text: '"a"b', want: '"""a""b"' },
  { name: "a backslash", text: "\\u001b", want: "\\u001b" },
  { name: "an apostrophe", text: "'a", want: "'a" },
  {
    name: "line ends and a tab",
    text: "a\nb\r\nc\rd\te",
    want: '"a\nb\r\nc\rd\te"',
    terminal: '"a\\nb\\r\\nc\\rd\\te"',
  },
  { name: "NUL", text: "a\0b", want: '"a\\u0000b"' },
  { name: "controls", text: "\x1b[2J\x7f", want: '"\\u001b[2J\\u007f"' },
  { name: "C1 in UTF-8", text: "\xc2\x9b", want: '"\\u009b"' },
  { name: "UTF-8", text: "caf\xc3\xa9", want: '"caf\xc3\xa9"' },
  { name: "no UTF-8", text: "a\xff\x9b", want: '"a\\udcff\\udc9b"' },
  { name: "=", text: "=1+1", want: `"'=1+1"`, raw: "=1+1" },
  { name: "+", text: "+1", want: `"'+1"`, raw: "+1" },
  { name: "-", text: "-1", want: `"'-1"`, raw: "-1" },
  { name: "@", text: "@SUM(1)", want: `"'@SUM(1)"`, raw: "@SUM(1)" },
  {
    name: "a tab first",
    text: "\t=1",
    want: `"'\t=1"`,
    raw: '"\t=1"',
    terminal: `"'\\t=1"`,
  },
  {
    name: "CR first",
    text: "\r=1",
    want: `"'\r=1"`,
    raw: '"\r=1"',
    terminal: `"'\\r=1"`,
  },
  ...["\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\x9d", "\xef\xbc\xa0"].map(
    (wide, i) => ({
      name: `full-width ${"+-=@"[i]}`,
      text: `${wide}1`,
      want: `"'${wide}1"`,
      raw: `"${wide}1"`,
    }),
  ),
  {
    name: "no formula, although its first byte is that of one",
    text: "\xef\xbc\xa1",
    want: '"\xef\xbc\xa1"',
  },
  {
    name: "a formula with a quote",
    text: '=HYPERLINK("x")',
    want: `"'=HYPERLINK(""x"")"`,
    raw: '"=HYPERLINK(""x"")"',
  },
  {
    name: "long",
    text: "\xff".repeat(50_000),
    want: `"${"\\udcff".repeat(50_000)}"`,
  },
];

for (const { name, text, want, raw = want, terminal = want } of TEXTS) {
  Deno.test(`csv: a text: ${name}`, () => {
    const put = column("path", "address", { put: (out) => out.ascii(text) });
    for (const shown of text.length < 1000 ? [PATH, put] : [PATH]) {
      const relation = {
        shown: [shown, STATE],
        rows: [{ path: text, state: "x" }],
      };
      const cell = (options: Partial<CsvOptions>) =>
        csv([relation], { header: false, ...options });
      assert.equal(cell({}), `${want},x\n`);
      assert.equal(cell({ raw: true }), `${raw},x\n`);
      assert.equal(cell({ terminal: true }), `${terminal},x\n`);
    }
  });
}

Deno.test("csv: on a terminal no text has a control byte", () => {
  const bytes = String.fromCharCode(...Array(256).keys());
  const got = csv([{ shown: [PATH], rows: [{ path: bytes }] }], {
    terminal: true,
    header: false,
  });
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(got.slice(0, -1), /[\x00-\x1f\x7f-\x9f]/);
});

const OWNERS = column("owners", "objects", {
  each: {
    pid: fact<Row, Long>("integer", (row) => row.pid as number, ""),
    comm: fact<Row, string>("string", (row) => row.comm as string, ""),
  },
});

const VALUES: { name: string; shown: Shown; value: Value; want: string }[] = [
  { name: "true", shown: column("a", "boolean"), value: true, want: "true" },
  { name: "below zero", shown: column("a", "integer"), value: -1, want: "-1" },
  {
    name: "64 bits",
    shown: column("a", "integer"),
    value: 2n ** 64n - 1n,
    want: "18446744073709551615",
  },
  {
    name: "bytes",
    shown: column("a", "integer", { unit: "bytes" }),
    value: 3_250_586,
    want: "3250586",
  },
  {
    name: "texts",
    shown: column("a", "strings"),
    value: ["=1", null, 'a"\xff'],
    want: '"[""=1"",null,""a\\""\\udcff""]"',
  },
  { name: "no texts", shown: column("a", "strings"), value: [], want: "[]" },
  { name: "null", shown: column("a", "strings"), value: null, want: "" },
  {
    name: "objects",
    shown: {
      ...OWNERS,
      key: "a",
      column: { ...OWNERS.column, value: (row) => row.a },
    },
    value: [{ pid: 1, comm: "=a,b" }, { pid: 2, comm: "c" }],
    want: '"[{""pid"":1,""comm"":""=a,b""},{""pid"":2,""comm"":""c""}]"',
  },
  {
    name: "null in place of objects",
    shown: {
      ...OWNERS,
      key: "a",
      column: { ...OWNERS.column, value: () => null },
    },
    value: null,
    want: "",
  },
];

for (const { name, shown, value, want } of VALUES) {
  Deno.test(`csv: a value: ${name}`, () => {
    const relation = {
      shown: [shown, STATE],
      rows: [{ a: value, state: "x" }],
    };
    assert.equal(csv([relation], { header: false }), `${want},x\n`);
  });
}

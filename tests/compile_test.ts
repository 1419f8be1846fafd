/** Functions that are made of steps: what each step does, and that no text is code. */

import assert from "node:assert/strict";
import type { View } from "../core/contract/family.ts";
import { compile, type Step } from "../render/compile.ts";
import { collector } from "./program.ts";

/** What the steps write of a row. */
function written(steps: readonly Step[], row: unknown = {}): string {
  const { out, text } = collector();
  compile(steps)(out, row, VIEW);
  return text();
}

const VIEW = { wide: true } as View;

/** A column of the row's `a`. */
const A = {
  kind: "integer",
  about: "A.",
  value: (row: { a: number }) => row.a,
} as const;

const CASES: { name: string; steps: Step[]; row?: unknown; want: string }[] = [
  { name: "nothing", steps: [], want: "" },
  {
    name: "text",
    steps: [{ text: "" }, { text: "a" }, { text: "bc" }],
    want: "abc",
  },
  { name: "bytes", steps: [{ text: "\x00\x7f\xff" }], want: "\x00\x7f\xff" },
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 256].map((length) => ({
    name: `a text of ${length} bytes, up to the largest`,
    steps: [{ text: "\xff".repeat(length - 1) + "\x80" }, { text: "|" }],
    want: "\xff".repeat(length - 1) + "\x80|",
  })),
  {
    name: "a long text",
    steps: [{ text: "x".repeat(100_000) }],
    want: "x".repeat(100_000),
  },
  {
    name: "blanks",
    steps: [{ blanks: 3 }, { text: "a" }, { blanks: -1 }],
    want: "   a",
  },
  {
    name: "a function, which is given the row and the view",
    steps: [{ write: (out, row, view) => out.ascii(`${row} ${view.wide}`) }],
    row: "row",
    want: "row true",
  },
  {
    name: "a spelling, as the column's own",
    steps: [{
      put: {
        ...A,
        about: "spelled",
        put(out) {
          out.ascii(this.about);
        },
      },
    }],
    want: "spelled",
  },
  {
    name: "values, each by its own writer",
    steps: [
      { value: A, by: (out, value) => out.ascii(`<${value}>`) },
      {
        value: A,
        by: (out, value, view, extra) =>
          out.ascii(`${value + extra}${view.wide}`),
        extra: 2,
      },
    ],
    row: { a: 40 },
    want: "<40>42true",
  },
  {
    name: "padding of what was written since",
    steps: [
      ...[{ text: "x" }, { since: true }, { text: "ab" }, { pad: 4 }] as const,
      ...[{ since: true }, { text: "cd" }, { pad: -4 }, { text: "|" }] as const,
      ...[{ since: true }, { text: "long" }, { pad: 3 }, { pad: 0 }] as const,
    ],
    want: "x  abcd  |long",
  },
  {
    name: "a look at what was written since",
    steps: [{ text: "x" }, { since: true }, { text: "ab" }, {
      settle(out, start, row, view) {
        out.at = start;
        out.ascii(`changed ${row} ${view.wide}`);
      },
    }],
    row: "row",
    want: "xchanged row true",
  },
];

for (const { name, steps, row, want } of CASES) {
  Deno.test(`compile: ${name}`, () => assert.equal(written(steps, row), want));
}

Deno.test("compile: where cells end is kept", () => {
  const { out } = collector();
  const ends = new Int32Array(2);
  const write = compile([{ text: "abc" }, { end: 0 }, { text: "d" }, {
    end: 1,
  }]);
  write(out, {}, VIEW, ends);
  assert.deepEqual([...ends], [3, 4]);
});

Deno.test("compile: no text and no number of a spec is code", () => {
  const texts = ["`${x}`", '");x("', "*/x();/*", "\\\u2028\n", "'"];
  for (const text of texts) {
    const want = String.fromCharCode(
      ...Array.from(text, (c) => c.charCodeAt(0) & 255),
    );
    assert.equal(written([{ text }]), want);
  }
  const code = "1);throw 1;(" as unknown as number;
  const steps: Step[] = [{ blanks: code }, { since: true }, { pad: code }];
  assert.equal(written(steps), "");
});

/** The list behind `--check`: which checks are asked, and with which limits. */

import assert from "node:assert/strict";
import type { Check } from "../core/contract/check.ts";
import { QuestionError } from "../core/query/error.ts";
import { chosenFrom, helpColumns } from "../core/run/chosen.ts";
import { VIEW } from "./query_relations.ts";

function checkOf(name: string, limits?: Check["limits"]): Check {
  return {
    name,
    about: "Something.",
    view: "sockets",
    ...(limits && { limits }),
    when: () => ({ note: "local_port > 0" }),
    say: () => "",
    advice: () => "",
  };
}

const ALL: readonly Check[] = [
  checkOf("close-wait", {
    count: { value: 100, about: "connections" },
    percent: { value: 80, unit: "percent", about: "of them" },
  }),
  checkOf("no-default-route"),
];

const LISTS: readonly {
  readonly text: string;
  readonly want: readonly (readonly [string, Record<string, number>])[];
}[] = [
  {
    text: "",
    want: [
      ["close-wait", { count: 100, percent: 80 }],
      ["no-default-route", {}],
    ],
  },
  { text: "no-default-route", want: [["no-default-route", {}]] },
  {
    text: "no-default-route, close-wait:count=5",
    want: [
      ["no-default-route", {}],
      ["close-wait", { count: 5, percent: 80 }],
    ],
  },
  {
    text: "close-wait:count=5:percent=0.5",
    want: [["close-wait", { count: 5, percent: 0.5 }]],
  },
  // the last one counts, as with options
  {
    text: "close-wait:count=5,close-wait",
    want: [["close-wait", { count: 100, percent: 80 }]],
  },
];

for (const { text, want } of LISTS) {
  Deno.test(`--check '${text}'`, () => {
    const { help, chosen } = chosenFrom(ALL, text);
    assert.equal(help, false);
    assert.deepEqual(
      chosen.map(({ check, limits }) => [check.name, limits]),
      want,
    );
  });
}

/** What is wrong with a list, and below which of its characters that stands. */
const WRONG: readonly (readonly [text: string, at: number, why: string])[] = [
  ["x", 0, "no such check: --check help lists them"],
  [
    "close-wat",
    0,
    "no such check; did you mean 'close-wait'? (--check help lists them)",
  ],
  ["close-wait,", 11, "no such check: --check help lists them"],
  [",close-wait", 0, "no such check: --check help lists them"],
  ["no-default-route,zzz", 17, "no such check: --check help lists them"],
  ["no-default-route:count=1", 17, "no-default-route has no limits"],
  ["close-wait:size=1", 11, "close-wait has these limits: count percent"],
  ["close-wait:", 11, "close-wait has these limits: count percent"],
  [
    "close-wait:constructor=1",
    11,
    "close-wait has these limits: count percent",
  ],
  ["close-wait:count", 11, "write a whole number, as count=100"],
  ["close-wait:count=", 11, "write a whole number, as count=100"],
  ["close-wait:count=1e3", 11, "write a whole number, as count=100"],
  ["close-wait:count=-1", 11, "write a whole number, as count=100"],
  ["close-wait:count=1=2", 11, "write a whole number, as count=100"],
  ["close-wait:count=1:percent=x", 19, "write a number, as percent=80"],
];

for (const [text, at, why] of WRONG) {
  Deno.test(`--check '${text}' is wrong`, () => {
    assert.throws(() => chosenFrom(ALL, text), (error) => {
      assert.ok(error instanceof QuestionError, String(error));
      const [first, second] = error.message.split("\n");
      assert.equal(first, `netstat: --check: ${text}`);
      assert.equal(second!.indexOf("^"), "netstat: --check: ".length + at);
      assert.equal(second!.slice(second!.indexOf("^") + 2), why);
      return true;
    });
  });
}

Deno.test("--check help", () => {
  assert.deepEqual(chosenFrom(ALL, "help"), { help: true, chosen: [] });
  const told = ALL.map((check) =>
    helpColumns().map(({ column }) => column.value(check, VIEW))
  );
  assert.deepEqual(told, [
    ["close-wait", "count=100 percent=80", "Something."],
    ["no-default-route", null, "Something."],
  ]);
});

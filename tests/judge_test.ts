/** What a check makes of the rows of one look, or of two. */

import assert from "node:assert/strict";
import type { Check, FoundRow } from "../core/contract/check.ts";
import { Changes } from "../core/query/change.ts";
import { planOf } from "../core/query/plan.ts";
import { NO_LAYOUT } from "../core/query/stage.ts";
import { Judge, type Result } from "../core/run/judge.ts";
import { type Plain, SCHEMA, VIEW } from "./query_relations.ts";

const NUMBERS = { limits: { most: 5 }, settings: {} };

/** A check of which only this is looked at. */
function checkOf(parts: Partial<Check>): Check {
  return {
    name: "made-up",
    about: "Something.",
    view: "sockets",
    columns: "local_address,local_port,recv_q",
    when: ({ limits }) => ({
      critical: `recv_q > ${10 * limits.most!}`,
      warning: `recv_q > ${limits.most}`,
      note: "recv_q > 0",
    }),
    say: () => "",
    advice: () => "",
    ...parts,
  };
}

/** Asks a check about rows, and about those of an earlier look if there are any. */
function collect(
  check: Check,
  rows: readonly Plain[],
  earlier?: readonly Plain[],
): Judge {
  const { growth, bySource } = check;
  const changes = new Changes({
    view: VIEW,
    lost: (_, kept) => assert.fail(kept),
    ...(bySource ? {} : { rounds: 1 }),
  });
  const seconds = growth && (() => 2);
  const judge = new Judge(check, NUMBERS, VIEW, seconds);
  const identity = ["local_address", "local_port"];
  const give = (rows: readonly Plain[], isFirst: boolean) => {
    const plan = planOf(
      { columns: check.columns! },
      [{ ...SCHEMA, identity }],
      {
        view: VIEW,
        text: false,
        services: () => undefined,
        lost: (message) => assert.fail(message),
        compares: earlier === undefined
          ? undefined
          : (next, names) =>
            isFirst
              ? changes.keep(names, { view: VIEW, time: undefined })
              : changes.compare(next, names, () => undefined),
      },
    );
    const sink = plan.sink(judge);
    const [{ head, shown }] = plan.relations as [typeof plan.relations[0]];
    sink.begin(head, shown, NO_LAYOUT);
    for (const row of rows) assert.equal(sink.row(row), true);
    sink.end();
  };
  if (earlier !== undefined) give(earlier, true);
  give(rows, false);
  return judge;
}

function socket(port: number, recv_q: number | null): Plain {
  return { local_address: "127.0.0.1", local_port: port, recv_q };
}

function found(
  check: Check,
  ...looks: [readonly Plain[], (readonly Plain[])?]
) {
  const { rows, lacks, ...others } = collect(check, ...looks).result();
  assert.equal(lacks, undefined);
  return { ...others, ports: rows.map(({ local_port: port }) => port) };
}

Deno.test("judge: the worst severity counts, and its rows come first", () => {
  const check = checkOf({});
  const rows = [socket(1, 1), socket(2, 60), socket(3, 0), socket(4, 6)];
  assert.deepEqual(found(check, rows), {
    count: 3,
    severity: "critical",
    seconds: undefined,
    ports: [2, 4, 1],
  });
  assert.deepEqual(found(check, [socket(3, 0), socket(4, null)]), {
    count: 0,
    severity: undefined,
    seconds: undefined,
    ports: [],
  });
});

Deno.test("judge: of very many rows a thousand of each severity are kept", () => {
  const check = checkOf({});
  const notes = Array.from({ length: 1500 }, (_, n) => socket(n + 1, 1));
  const { rows, count, severity } = collect(check, [...notes, socket(1, 99)])
    .result();
  assert.equal(count, 1501);
  assert.equal(severity, "critical");
  assert.equal(rows.length, 1000);
  // the worst one came last
  assert.equal(rows[0]!.recv_q, 99);
});

const GROWS: readonly {
  readonly name: string;
  readonly was: number | null | undefined;
  readonly is: number | null | undefined;
  readonly growth: number | null | undefined;
}[] = [
  { name: "the same", was: 3, is: 3, growth: 0 },
  { name: "more", was: 3, is: 10, growth: 7 },
  { name: "less", was: 10, is: 3, growth: -7 },
  { name: "a new row", was: undefined, is: 3, growth: null },
  { name: "now unknown", was: 3, is: null, growth: null },
  { name: "unknown before", was: null, is: 3, growth: null },
  { name: "a row that went", was: 3, is: undefined, growth: undefined },
];

for (const { name, was, is, growth } of GROWS) {
  Deno.test(`judge: growth of ${name}`, () => {
    const check = checkOf({
      growth: ["recv_q"],
      when: () => ({ note: "local_port > 0" }),
    });
    const rowsOf = (value: number | null | undefined) =>
      value === undefined ? [] : [socket(7, value)];
    const { rows, seconds } = collect(check, rowsOf(is), rowsOf(was)).result();
    assert.equal(seconds, 2);
    assert.deepEqual(
      rows.map((row) => row.recv_q_growth),
      [growth].filter(
        (one) => one !== undefined,
      ),
    );
    assert.ok(rows.every((row) => !Object.hasOwn(row, "change")));
  });
}

Deno.test("judge: growth is unknown after one look, and no expression holds for it", () => {
  for (const test of ["recv_q_growth > 0", "recv_q_growth = 0"]) {
    const check = checkOf({ growth: ["recv_q"], when: () => ({ note: test }) });
    assert.equal(found(check, [socket(1, 9)]).severity, undefined);
  }
});

Deno.test("judge: what only one of two sources has", () => {
  const check = checkOf({
    bySource: true,
    columns: "local_address,local_port",
    when: () => ({ critical: "change in (added, removed)" }),
  });
  const hidden = (result: Result) =>
    result.rows.map((row: FoundRow) => `${row.change} ${row.local_port}`);
  const one = collect(check, [socket(1, 0), socket(2, 0)], [
    socket(1, 0),
    socket(3, 0),
  ]);
  assert.deepEqual(hidden(one.result()).sort(), ["added 2", "removed 3"]);
  const other = collect(check, [socket(1, 0)], [socket(1, 0), socket(3, 0)]);
  assert.deepEqual(hidden(other.both(one).result()), ["removed 3"]);
  assert.equal(collect(check, [socket(1, 0)], [socket(1, 0)]).isEmpty, true);
});

Deno.test("judge: what two rounds have in common is found among very many", () => {
  const check = checkOf({
    bySource: true,
    twice: true,
    columns: "local_address,local_port",
    when: () => ({ critical: "change in (added, removed)" }),
  });
  // connections that came meanwhile, and one that is hidden
  const some = (from: number) =>
    Array.from({ length: 2000 }, (_, n) => socket(from + n, 0));
  const first = collect(check, [...some(10_000), socket(1, 0)], []);
  const second = collect(check, [...some(20_000), socket(1, 0)], []);
  const { rows, count, severity } = second.both(first).result();
  assert.deepEqual(rows.map(({ local_port: port }) => port), [1]);
  assert.equal(count, 1);
  assert.equal(severity, "critical");
});

Deno.test("judge: a check chooses among the rows that were found", () => {
  const check = checkOf({
    when: () => ({ warning: "recv_q > 0" }),
    pick: (rows) => rows.filter(({ recv_q }) => recv_q === 2),
  });
  const rows = [socket(1, 1), socket(2, 2), socket(3, 0)];
  const { count, ports, severity } = found(check, rows);
  assert.deepEqual([count, ports, severity], [1, [2], "warning"]);
  assert.equal(found(check, [socket(1, 1)]).severity, undefined);
});

Deno.test("judge: that there is no such row", () => {
  const check = checkOf({
    absent: true,
    when: () => ({ warning: "local_port > 0" }),
  });
  assert.equal(found(check, [socket(1, 0)]).severity, undefined);
  assert.deepEqual(found(check, []), {
    count: 0,
    severity: "warning",
    seconds: undefined,
    ports: [],
  });
});

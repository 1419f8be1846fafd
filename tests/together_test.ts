/** Several questions that one reading answers. */

import assert from "node:assert/strict";
import { fact } from "../core/contract/column.ts";
import type { Lost, Shown, Sink } from "../core/contract/sink.ts";
import { type Plan, planOf, type Question } from "../core/query/plan.ts";
import type { Schema } from "../core/query/schema.ts";
import { NO_LAYOUT } from "../core/query/stage.ts";
import { type Together, together } from "../core/query/together.ts";
import { OTHER, type Plain, SCHEMA, VIEW } from "./query_relations.ts";

/** A sink that keeps what it is given, and has enough after so many rows. */
class Kept implements Sink {
  readonly said: string[] = [];
  #rows = 0;
  #shown: readonly Shown[] = [];

  constructor(readonly enough = Infinity) {}

  begin(_: unknown, shown: readonly Shown[]): void {
    this.#shown = shown;
    this.said.push(`begin ${shown.map(({ key }) => key)}`);
  }

  row(row: unknown): boolean {
    const values = this.#shown.map(({ column }) => column.value(row, VIEW));
    this.said.push(values.join());
    return ++this.#rows < this.enough;
  }

  unread(reason?: Lost): void {
    this.said.push(`unread: ${reason}`);
  }

  end(): void {
    this.said.push("end");
  }
}

function plansOf(questions: readonly Question[]): Plan[] {
  return questions.map((question) =>
    planOf(question, [SCHEMA, OTHER], {
      view: VIEW,
      text: false,
      services: () => undefined,
      lost: (message) => assert.fail(message),
    })
  );
}

/** A relation, by the number of its plan, and its rows. */
type Given = readonly [relation: number, rows: readonly Plain[], lost?: Lost];

/** Reads relations as a view does. Returns how many rows were read. */
function read({ relations, sink }: Together, given: readonly Given[]): number {
  let count = 0;
  let more = true;
  for (const [i, rows, lost] of given) {
    const plan = relations[i]!;
    if (plan.none || !more) continue;
    sink.begin(plan.head, plan.shown, NO_LAYOUT);
    for (const row of rows) {
      if (plan.keep !== undefined && !plan.keep(row, VIEW)) continue;
      count++;
      more = sink.row(row);
      if (!more) break;
    }
    if (lost !== undefined) sink.unread?.(lost);
  }
  sink.end();
  return count;
}

const TCP: Given = [0, [
  { state: "LISTEN", local_port: 22, recv_q: 0 },
  { state: "ESTABLISHED", local_port: 22, recv_q: 7 },
  { state: "ESTABLISHED", local_port: 80, recv_q: 0 },
]];
const UNIX: Given = [1, [{ state: "LISTENING", type: "STREAM" }]];

Deno.test("together: each row goes to those who ask for it", () => {
  const sinks = [new Kept(), new Kept(), new Kept()];
  const plans = plansOf([
    { where: ["state = LISTEN and local_port > 0"], columns: "local_port" },
    { where: ["recv_q > 0"], columns: "recv_q,state" },
    { where: ["type = STREAM"], columns: "type" },
  ]);
  const one = together(plans, sinks, { view: VIEW });
  // what nobody asks for is not even handed on
  assert.equal(read(one, [TCP, UNIX]), 3);
  assert.deepEqual(sinks.map(({ said }) => said), [
    ["begin local_port", "22", "end"],
    ["begin recv_q,state", "7,ESTABLISHED", "end"],
    ["begin type", "STREAM", "end"],
  ]);
});

Deno.test("together: a relation that nobody asks for is not read", () => {
  const plans = plansOf([
    { where: ["recv_q > 0"], columns: "recv_q,program_name" },
    { where: ["local_port = 22"] },
  ]);
  const { relations } = together(plans, [new Kept(), new Kept()], {
    view: VIEW,
  });
  assert.deepEqual(relations.map(({ none }) => none), [false, true]);
  // nor is anything looked for that it would need
  assert.deepEqual(relations[1]!.shown, []);
  assert.deepEqual(relations[1]!.used, []);
});

Deno.test("together: who asks without a condition gets all rows", () => {
  const sinks = [new Kept(), new Kept()];
  const plans = plansOf([
    { columns: "local_port" },
    { where: ["state = LISTEN"], columns: "local_port" },
  ]);
  const one = together(plans, sinks, { view: VIEW });
  assert.equal(one.relations[0]!.keep, undefined);
  assert.equal(one.relations[0]!.tests, undefined);
  read(one, [TCP]);
  assert.deepEqual(sinks[0]!.said.slice(0, 4), [
    "begin local_port",
    ...["22", "22", "80"],
  ]);
  assert.deepEqual(sinks[1]!.said.slice(0, 3), [
    "begin local_port",
    "22",
    "unread: undefined",
  ]);
});

Deno.test("together: what must be looked for first is tested by each", () => {
  const owned: Schema = {
    ...SCHEMA,
    columns: {
      ...SCHEMA.columns,
      pid: fact("integer?", (row: Plain) => row.pid ?? null, "A process.", {
        needs: "owner",
      }),
    },
  };
  const sinks = [new Kept(), new Kept()];
  const plans = [["pid = 7"], ["local_port = 80"]].map((where) =>
    planOf({ where, columns: "local_port,pid" }, [owned], {
      view: VIEW,
      text: false,
      services: () => undefined,
      lost: (message) => assert.fail(message),
    })
  );
  assert.notEqual(plans[0]!.relations[0]!.later, undefined);
  const one = together(plans, sinks, { view: VIEW });
  assert.equal(one.relations[0]!.later, undefined);
  assert.ok(one.relations[0]!.needs.has("owner"));
  read(one, [[0, [
    { local_port: 22, pid: 7 },
    { local_port: 80, pid: 8 },
    { local_port: 443, pid: 9 },
  ]]]);
  assert.deepEqual(sinks.map(({ said }) => said), [
    ["begin local_port,pid", "22,7", "end"],
    ["begin local_port,pid", "80,8", "end"],
  ]);
  // without owners: those of rows that are kept by them are looked for all the same
  const unasked = ["owner"] as const;
  const keys = (which: readonly Plan[]) =>
    together(which, sinks.slice(0, which.length), { view: VIEW, unasked })
      .relations[0]!.used.map(({ key }) => key);
  assert.ok(!keys(plans.slice(1)).includes("pid"));
  assert.ok(keys(plans.slice(1)).includes("local_port"));
  assert.ok(keys(plans).includes("pid"));
});

Deno.test("together: who has enough gets no more; all end when all have enough", () => {
  const sinks = [new Kept(1), new Kept(2)];
  const plans = plansOf([
    { columns: "local_port" },
    { columns: "local_port" },
  ]);
  const one = together(plans, sinks, { view: VIEW });
  assert.equal(read(one, [TCP, UNIX]), 2);
  assert.deepEqual(sinks.map(({ said }) => said), [
    ["begin local_port", "22", "end"],
    ["begin local_port", "22", "22", "end"],
  ]);
});

Deno.test("together: what could not be read is told to those who asked for it", () => {
  const reason: Lost = { gone: false, toString: () => "No" };
  const sinks = [new Kept(), new Kept()];
  const plans = plansOf([
    { where: ["local_port > 0"], columns: "local_port" },
    { where: ["type = STREAM"], columns: "type" },
  ]);
  const one = together(plans, sinks, { view: VIEW });
  read(one, [[0, [], reason], UNIX]);
  assert.deepEqual(sinks.map(({ said }) => said), [
    ["begin local_port", "unread: No", "end"],
    ["begin type", "STREAM", "end"],
  ]);
});

Deno.test("together: a relation that was not begun could not be read", () => {
  const sinks = [new Kept(), new Kept()];
  const plans = plansOf([
    { where: ["local_port > 0"], columns: "local_port" },
    { where: ["type = STREAM"], columns: "type" },
  ]);
  read(together(plans, sinks, { view: VIEW }), [TCP]);
  assert.deepEqual(sinks[1]!.said, ["unread: undefined", "end"]);
  assert.ok(!sinks[0]!.said.includes("unread: undefined"));
});

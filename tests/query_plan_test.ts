/** Plans: what a question asks of each relation, and the way of rows to the writer. */

import assert from "node:assert/strict";
import { left } from "../core/contract/column.ts";
import type { Columns, Value, View } from "../core/contract/family.ts";
import { Address, spanOf, writePlainAddress } from "../core/contract/ip.ts";
import { Line } from "../core/contract/line.ts";
import type { Head, Layout, Shown, Sink } from "../core/contract/sink.ts";
import { Batch } from "../core/query/batch.ts";
import type { ColumnTest, Tests } from "../core/query/compile.ts";
import { columnsHelp, HELP_COLUMNS } from "../core/query/help.ts";
import { type Plan, planOf, type Question } from "../core/query/plan.ts";
import type { Schema } from "../core/query/schema.ts";
import { loadFamilies } from "../core/views/registry.ts";
import { collector } from "./program.ts";
import {
  COLUMNS,
  OTHER,
  type Plain,
  plain,
  SCHEMA,
  services,
  VIEW,
} from "./query_relations.ts";

const LAYOUT: Layout = { header: [], headed: undefined, cells: [] };

interface Asking {
  schemas?: readonly Schema[];
  text?: boolean;
  tones?: boolean;
  view?: View;
  lost?: (message: string) => void;
}

function ask(
  question: Question,
  { schemas = [SCHEMA, OTHER], text = false, ...more }: Asking = {},
): Plan {
  return planOf(question, schemas, {
    view: VIEW,
    text,
    services,
    lost: assert.fail,
    ...more,
  });
}

/** What a sink is told, in order. */
class Told implements Sink {
  readonly told: unknown[] = [];
  layouts: Layout[] = [];
  shown: readonly Shown[] = [];

  begin(head: Head, shown: readonly Shown[], layout: Layout): void {
    this.shown = shown;
    this.layouts.push(layout);
    this.told.push({ ...head, keys: shown.map(({ key }) => key).join() });
  }

  row(row: unknown): boolean {
    this.told.push(this.shown.map(({ column }) => column.value(row, VIEW)));
    return true;
  }

  end(): void {
    this.told.push("end");
  }
}

/** What the writer is told if each relation has these rows. */
function told(plan: Plan, ...rows: Plain[][]): unknown[] {
  const writer = new Told();
  const sink = plan.sink(writer);
  for (const [i, { head, shown }] of plan.relations.entries()) {
    sink.begin(head, shown, LAYOUT);
    for (const row of rows[i] ?? []) if (!sink.row(row)) break;
  }
  sink.end();
  return writer.told;
}

function keysOf(shown: readonly Shown[]): string {
  return shown.map(({ key }) => key).join();
}

const DEFAULT = Object.keys(COLUMNS)
  .filter((key) => key !== "program_name" && key !== "owners");

Deno.test("plan: nothing is asked", () => {
  const plan = ask({});
  assert.equal(plan.table, false);
  assert.equal(plan.counted, undefined);
  const [tcp] = plan.relations;
  const { none, keep, later, head, shown, tests } = tcp!;
  assert.deepEqual({ none, keep, later, head, tests }, {
    none: false,
    keep: undefined,
    later: undefined,
    head: SCHEMA.head,
    tests: undefined,
  });
  // what JSON shows without -p
  assert.equal(keysOf(shown), DEFAULT.join());
  const writer = new Told();
  assert.equal(plan.sink(writer), writer);
});

Deno.test("plan: --where and --limit leave net-tools' text as it is", () => {
  const plan = ask({ where: ["inode > 1"], limit: "3" }, { text: true });
  assert.equal(plan.table, false);
  const writer = new Told();
  const sink = plan.sink(writer);
  for (const { head, shown, keep } of plan.relations) {
    sink.begin(head, shown, LAYOUT);
    for (const inode of [1, 2, 3]) {
      const row = { inode };
      if (keep!(row, VIEW) && !sink.row(row)) break;
    }
  }
  sink.end();
  // the same layouts, of the second relation one row only, and of the third none
  assert.deepEqual(writer.layouts.map((layout) => layout === LAYOUT), [
    true,
    true,
  ]);
  assert.equal(writer.told.length, 2 + 3 + 1);
  sink.begin({}, [], LAYOUT);
  assert.equal(sink.row({ inode: 1 }), true);
});

Deno.test("plan: --limit says when it is enough", () => {
  const sink = ask({ limit: "2" }).sink(new Told());
  sink.begin({}, [], LAYOUT);
  assert.deepEqual([sink.row({}), sink.row({}), sink.row({})], [
    true,
    false,
    false,
  ]);
  assert.equal(ask({ limit: "0" }).sink(new Told()).row({}), false);
  const sorted = ask({ limit: "0", sort: "inode" }).sink(new Told());
  sorted.begin({}, [], LAYOUT);
  assert.equal(sorted.row({}), false);
});

/** What each relation shows with `--columns`. */
const LISTS: [list: string, keys: string][] = [
  ["proto,state", "proto,state"],
  [" proto , state ", "proto,state"],
  ["state,proto,state", "state,proto"],
  ["rtt,proto", "tcp_rtt_us,proto"],
  ["@tcp", "tcp_rtt_us"],
  ["state,@owner", "state,program_name,owners"],
  ["@all", `family,proto,netns,${Object.keys(COLUMNS).join()},type`],
  ["@default", `family,proto,netns,${DEFAULT.join()},type`],
];

for (const [columns, keys] of LISTS) {
  Deno.test(`plan: --columns ${columns}`, () => {
    for (const text of [true, false]) {
      const plan = ask({ columns }, { text });
      assert.equal(plan.table, text);
      for (const { head, shown } of plan.relations) {
        assert.deepEqual(head, {});
        assert.equal(keysOf(shown), keys);
      }
    }
  });
}

Deno.test("plan: what a relation does not have is null, and of the same kind", () => {
  const [, unix] = ask({ columns: "proto,rtt,owners,type" }).relations;
  const values = unix!.shown.map(({ column }) => [
    column.kind,
    column.unit,
    column.short,
    column.value({ type: "STREAM" }, VIEW),
  ]);
  assert.deepEqual(values, [
    ["name", undefined, undefined, "unix"],
    ["duration", "microseconds", "rtt", null],
    ["objects", undefined, undefined, null],
    ["name", undefined, undefined, "STREAM"],
  ]);
});

Deno.test("plan: a set is of each relation what it has there", () => {
  // both have the column, and one of them in its text
  const printed = (key: string) =>
    left<Plain>(key, 5, (row) => row[key] ?? null, "About.", { kind: "name?" });
  const schemas: Schema[] = [
    { head: { proto: "a" }, columns: { state: printed("state") } },
    {
      head: { proto: "b" },
      columns: { ...plain("state", "name"), mode: printed("mode") },
    },
  ];
  const rows = [{ state: "LISTEN", mode: "x" }];
  const shown = (question: Question) =>
    told(ask(question, { schemas, text: true }), rows, rows)
      .filter((line) => Array.isArray(line));
  assert.deepEqual(shown({ columns: "@text" }), [["LISTEN", null], [
    null,
    "x",
  ]]);
  // unless it is named, too
  for (const columns of ["@text,state", "state,@text", "+state"]) {
    assert.deepEqual(shown({ columns }), [["LISTEN", null], ["LISTEN", "x"]]);
  }
  assert.deepEqual(shown({ columns: "@text,@all" }), [
    ["LISTEN", null, "a"],
    ["LISTEN", "x", "b"],
  ]);
  // or rows are sorted by it
  assert.deepEqual(shown({ sort: "state" }), [["LISTEN", null], [
    "LISTEN",
    "x",
  ]]);
  assert.deepEqual(shown({ sort: "proto" }), [
    ["LISTEN", null, "a"],
    [null, "x", "b"],
  ]);
  const { used } = ask({ columns: "@text" }, { schemas, text: true })
    .relations[1]!;
  assert.deepEqual(used.map(({ column }) => column.value(rows[0], VIEW)), [
    null,
    "x",
  ]);
});

Deno.test("plan: @text is what net-tools' text tells", async () => {
  const families = await loadFamilies();
  const schemas = families.filter(({ name }) => name === "inet")
    .flatMap(({ tables }) =>
      tables.filter(({ name }) => name === "tcp" || name === "udp")
        .map(({ columns }): Schema => ({ head: { family: "inet" }, columns }))
    );
  const keys = (columns: string, view: Partial<View> = {}) => {
    const flags = { extend: 0, programs: false, context: false, timers: false };
    const plan = ask({ columns }, {
      schemas,
      view: { ...flags, ...view } as View,
    });
    return keysOf(plan.relations[0]!.shown);
  };
  const PLAIN = "proto,recv_q,send_q,local_address,local_port," +
    "foreign_address,foreign_port,state";
  assert.equal(keys("@text"), PLAIN);
  assert.equal(keys("@text", { extend: 1 }), `${PLAIN},user,inode`);
  assert.equal(keys("@text", { programs: true }), `${PLAIN},pid,program_name`);
  assert.equal(keys("+uid"), `${PLAIN},uid`);
  assert.equal(keys("+uid,+state_num"), `${PLAIN},uid,state_num`);
  assert.equal(
    keys("uid,+@owner").startsWith(`uid,${PLAIN},user,program_name`),
    true,
  );
});

Deno.test("plan: a table with a layout of its own says what its text tells", () => {
  const schema: Schema = { ...SCHEMA, text: ["path", "proto", "gone"] };
  const { relations } = ask({ columns: "@text" }, { schemas: [schema] });
  assert.equal(keysOf(relations[0]!.shown), "path,proto");
});

Deno.test("plan: what must be looked for, and what is known before", () => {
  const row = { recv_q: 5, program_name: "nginx", inode: 1 };
  const question = {
    where: [
      "recv_q > 1 and program_name = nginx",
      "owners.pid = 1 or inode = 1",
    ],
    columns: "state",
  };
  const [tcp, unix] = ask(question).relations;
  assert.deepEqual([...tcp!.needs], ["owner", "holders"]);
  assert.equal(keysOf(tcp!.used), "recv_q,program_name,owners,inode,state");
  assert.equal(tcp!.keep!(row, VIEW), true);
  assert.equal(tcp!.keep!({ recv_q: 0 }, VIEW), false);
  assert.equal(tcp!.later!(row, VIEW), true);
  assert.equal(tcp!.later!({ ...row, program_name: "x" }, VIEW), false);
  assert.equal(tcp!.later!({ ...row, inode: 2 }, VIEW), false);
  // it has no such columns
  assert.equal(unix!.none, true);
  assert.deepEqual([...unix!.needs], []);
  assert.deepEqual(unix!.used, []);
});

/** A test of the inode. */
const inode = (is: ColumnTest["is"], number: number): ColumnTest => ({
  is,
  key: "inode",
  values: [{ is: "numbers", from: number, to: number }],
});
const UNKNOWN = { is: "unknown" } as const;

const TESTS: readonly [where: string[], tests: Tests | undefined][] = [
  [[], undefined],
  [["inode = 1"], { is: "all", terms: [inode("in", 1)] }],
  [["inode != 1", "inode < 2"], {
    is: "all",
    terms: [inode("not in", 1), inode("<", 2)],
  }],
  [["inode = 1 or not (inode = 2 and state is null)"], {
    is: "all",
    terms: [{
      is: "any",
      terms: [inode("in", 1), {
        is: "not",
        term: { is: "all", terms: [inode("in", 2), UNKNOWN] },
      }],
    }],
  }],
  [["owners.pid = 1 or running or path ~ x or inode = local_port"], {
    is: "all",
    terms: [{ is: "any", terms: [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN] }],
  }],
  // what is known of all rows alike is no matter of theirs
  [["proto = tcp and (proto = unix or inode = 1)", "family = inet"], {
    is: "all",
    terms: [{ is: "any", terms: [inode("in", 1)] }],
  }],
  [["proto = tcp or inode = 1"], undefined],
  [["not (proto = unix and inode = 1)"], undefined],
];

Deno.test("plan: what is asked of rows, for whoever can ask the kernel", () => {
  for (const [where, tests] of TESTS) {
    const [tcp] = ask({ where }).relations;
    assert.deepEqual(tcp!.tests, tests, where.join(" --where "));
  }
});

Deno.test("plan: what net-tools' text shows is not looked at for a question", () => {
  const printed = left<Plain>("State", 11, () => null, "The state.", {
    kind: "name?",
    tells: ["state", "inode"],
  });
  const schemas: Schema[] = [
    { ...SCHEMA, columns: { ...COLUMNS, state: printed } },
  ];
  const looked = (question: Question, text = true) => {
    const { used, inText } = ask(question, { text, schemas }).relations[0]!;
    return [keysOf(used), inText];
  };
  assert.deepEqual(looked({ limit: "1" }), ["", true]);
  assert.deepEqual(looked({ where: ["state is null"] }), ["state", true]);
  assert.deepEqual(looked({ where: ["inode = 1"] }), ["inode", true]);
  assert.deepEqual(looked({ where: ["proto = tcp"] }), ["", true]);
  assert.deepEqual(looked({ where: ["recv_q = 1"] }), ["recv_q", false]);
  assert.deepEqual(looked({ count: "proto" }), ["proto", true]);
  assert.deepEqual(looked({ columns: "@text" }), ["state,inode", true]);
  assert.deepEqual(looked({ columns: "state,path" }), ["state,path", false]);
  assert.equal(looked({ limit: "1" }, false)[1], false);
});

Deno.test("plan: how many rows are enough before they are read", () => {
  const enough = (question: Question) => ask(question).enough;
  assert.equal(enough({}), undefined);
  assert.equal(enough({ limit: "3" }), 3);
  assert.equal(enough({ limit: "3", where: ["inode = 1"] }), 3);
  assert.equal(enough({ limit: "3", columns: "program_name" }), 3);
  assert.equal(enough({ limit: "3", sort: "inode" }), undefined);
  assert.equal(enough({ limit: "3", count: "inode" }), undefined);
  assert.equal(enough({ limit: "3", sum: "recv_q" }), undefined);
  const later = { where: ["program_name = x"], limit: "3" };
  assert.equal(enough(later), undefined);
});

/** What is looked for, relation by relation. */
const NEEDS: [question: Question, tcp: string, unix: string][] = [
  [{ columns: "state" }, "", ""],
  [{ columns: "state,pid" }, "", ""],
  [{ columns: "program_name" }, "owner", ""],
  [{ columns: "state", sort: "program_name" }, "owner", ""],
  [{ count: "program_name" }, "owner", ""],
  [{ count: "state", sum: "recv_q" }, "", ""],
  [{ where: ["proto = unix or program_name = x"] }, "owner", ""],
  [{ where: ["proto = tcp or program_name = x"] }, "", ""],
  [{ where: ["proto = tcp and program_name = x"] }, "owner", ""],
];

for (const [question, ...needs] of NEEDS) {
  Deno.test(`plan: the needs of ${JSON.stringify(question)}`, () => {
    const pid = { ...COLUMNS, ...plain("pid", "integer") };
    const { relations } = ask(question, {
      schemas: [{ ...SCHEMA, columns: pid }, OTHER],
    });
    assert.deepEqual(
      relations.map(({ needs }) => [...needs].join()),
      needs,
    );
  });
}

Deno.test("plan: words of heads that no relation has", () => {
  const words = { proto: ["tcp", "udp"] };
  const asking = (where: string) =>
    planOf({ where: [where] }, [SCHEMA], {
      view: VIEW,
      text: true,
      services,
      words,
      lost: assert.fail,
    }).relations[0]!.none;
  assert.equal(asking("proto = udp"), true);
  assert.equal(asking("proto = tcp"), false);
  assert.throws(() => asking("proto = sctp"), /no such proto: tcp udp$/);
});

Deno.test("plan: sorted rows of relations that differ", () => {
  const plan = ask({ sort: "-inode" });
  const rows = told(plan, [{ inode: 1 }, { inode: 3 }], [{ inode: 2 }]);
  const begins = rows.filter((line) => !Array.isArray(line));
  const tcp = { ...SCHEMA.head, keys: DEFAULT.join() };
  assert.deepEqual(begins, [
    tcp,
    { ...OTHER.head, keys: "state,path,inode,type" },
    tcp,
    "end",
  ]);
});

Deno.test("plan: sorted rows that look the same begin once", () => {
  const plan = ask({ sort: "-inode", columns: "proto,path" });
  assert.deepEqual(
    told(plan, [{ inode: 1, path: "a" }, { inode: 3 }], [{
      inode: 2,
      path: "b",
    }]),
    [
      { keys: "proto,path" },
      ["tcp", null],
      ["unix", "b"],
      ["tcp", "a"],
      "end",
    ],
  );
});

Deno.test("plan: without any row it is known what would be shown", () => {
  assert.deepEqual(told(ask({ sort: "inode", columns: "path" })), [
    { keys: "path" },
    "end",
  ]);
  assert.deepEqual(told(ask({ count: "state" })), [
    { keys: "state,count" },
    "end",
  ]);
  assert.deepEqual(told(ask({ sum: "recv_q,inode" })), [
    { keys: "recv_q,inode" },
    [0, 0],
    "end",
  ]);
  // and without any relation there is nothing that a key could be of
  assert.deepEqual(told(ask({}, { schemas: [] })), ["end"]);
});

Deno.test("plan: a sorted text shows what it is sorted by", () => {
  const schema: Schema = { ...SCHEMA, text: ["proto", "state"] };
  const columns = (question: Question, text: boolean) => {
    const { relations, table } = ask(question, { schemas: [schema], text });
    assert.equal(table, text);
    return relations[0]!.shown
      .map(({ key, hidden }) => hidden ? `(${key})` : key).join();
  };
  assert.equal(columns({ sort: "-rtt,state" }, true), "proto,state,tcp_rtt_us");
  assert.equal(
    columns({ sort: "-rtt", columns: "proto" }, true),
    "proto,(tcp_rtt_us)",
  );
  // JSON has them all
  assert.equal(columns({ sort: "-rtt" }, false), DEFAULT.join());
  assert.equal(columns({ sort: "proto" }, false), `${DEFAULT.join()},(proto)`);
});

Deno.test("plan: groups", () => {
  const rows = [
    { state: "LISTEN", recv_q: 1 },
    { state: "TIME_WAIT", recv_q: null },
    { state: "LISTEN", recv_q: 2n ** 63n },
    { state: null, recv_q: 4 },
  ];
  const count = (question: Question) =>
    told(ask({ count: "state", ...question }), rows, [{ state: "CONNECTED" }]);
  assert.deepEqual(count({ sum: "recv_q" }), [
    { keys: "state,count,recv_q" },
    ["LISTEN", 2, 2n ** 63n + 1n],
    ["TIME_WAIT", 1, null],
    [null, 1, 4],
    ["CONNECTED", 1, null],
    "end",
  ]);
  assert.deepEqual(
    count({ sum: "recv_q", columns: "count,state", sort: "-recv_q,-state" }),
    [
      { keys: "count,state" },
      [2, "LISTEN"],
      [1, null],
      [1, "TIME_WAIT"],
      [1, "CONNECTED"],
      "end",
    ],
  );
  assert.deepEqual(count({ limit: "1", columns: "state" }), [
    { keys: "state" },
    ["LISTEN"],
    "end",
  ]);
  assert.deepEqual(count({ count: "proto,family" }), [
    { keys: "proto,family,count" },
    ["tcp", "inet", 4],
    ["unix", "unix", 1],
    "end",
  ]);
  assert.ok(ask({ count: "state" }).counted);
  assert.ok(ask({ sum: "recv_q" }).counted);
});

Deno.test("plan: groups say of their columns what is known of them", () => {
  const writer = new Told();
  const plan = ask({ count: "foreign_address,rtt", sum: "recv_q" });
  const sink = plan.sink(writer);
  for (const { head, shown } of plan.relations) sink.begin(head, shown, LAYOUT);
  sink.end();
  const said = writer.shown.map((
    { key, column: { kind, unit, short, about } },
  ) => [key, kind, unit, short, about].join());
  assert.deepEqual(said, [
    "foreign_address,address,,,The foreign_address.",
    "tcp_rtt_us,duration,microseconds,rtt,The tcp_rtt_us.",
    "count,integer,,,How many rows there are of these values.",
    "recv_q,integer,bytes,,The sum of recv_q; null if none is known.",
  ]);
});

Deno.test("plan: groups by what tables tell in two ways", () => {
  // one tells the bytes of an address, the other one how it is spelled
  const spelled: Schema = {
    head: {},
    columns: plain("foreign_address", "address"),
  };
  const plan = ask({ count: "foreign_address" }, {
    schemas: [SCHEMA, spelled],
  });
  const rows = ["10.0.0.1", "::1", null].map((foreign_address) => ({
    foreign_address,
  }));
  assert.deepEqual(told(plan, rows, rows), [
    { keys: "foreign_address,count" },
    ["10.0.0.1", 2],
    ["::1", 2],
    [null, 2],
    "end",
  ]);
});

Deno.test("plan: a million groups", () => {
  const writer = new Told();
  const schemas = [OTHER];
  const plan = ask({ count: "inode,path", limit: "3" }, { schemas });
  const sink = plan.sink(writer);
  const [{ head, shown }] = plan.relations as [Plan["relations"][0]];
  sink.begin(head, shown, LAYOUT);
  const groups = 1_000_000;
  for (let i = 0; i < groups; i++) {
    assert.ok(sink.row({ inode: i, path: "x" }));
  }
  for (const inode of [7, 7, groups - 1]) sink.row({ inode, path: "x" });
  sink.end();
  assert.deepEqual(writer.told.slice(-4), [
    [7, "x", 3],
    [groups - 1, "x", 2],
    [0, "x", 1],
    "end",
  ]);
});

Deno.test("plan: groups by lists, and by a key of two kinds", () => {
  const odd: Schema = { head: {}, columns: plain("inode", "string") };
  const plan = ask({ count: "inode,flag_names" }, { schemas: [SCHEMA, odd] });
  const rows = [
    { inode: 1, flag_names: ["a", "b"] },
    // a column can have small numbers as bigints, too
    { inode: 1n, flag_names: ["a", "b"] },
    { inode: 1, flag_names: ["ab"] },
    { inode: 2n ** 60n, flag_names: null },
    { inode: 2n ** 60n, flag_names: null },
    { inode: null, flag_names: [null] },
  ];
  assert.deepEqual(told(plan, rows, [{ inode: "1" }, { inode: "1" }]), [
    { keys: "inode,flag_names,count" },
    [1, ["a", "b"], 2],
    [2n ** 60n, null, 2],
    ["1", null, 2],
    [1, ["ab"], 1],
    [null, [null], 1],
    "end",
  ]);
});

Deno.test("plan: a stage answers again, as -c asks", () => {
  for (const question of [{ sort: "inode", limit: "2" }, { count: "inode" }]) {
    const plan = ask(question, { schemas: [OTHER] });
    const writer = new Told();
    const sink = plan.sink(writer);
    const answers = [1, 2].map(() => {
      const [{ head, shown }] = plan.relations as [Plan["relations"][0]];
      sink.begin(head, shown, LAYOUT);
      for (const inode of [3, 1, 1]) sink.row({ inode });
      sink.end();
      return writer.told.splice(0);
    });
    assert.ok(answers[0]!.length > 3);
    assert.deepEqual(answers[0], answers[1]);
  }
});

/** Lets no more than some memory be had, until the function returns. */
function withoutMemory(run: () => void): void {
  const { Float64Array: floats, Uint32Array: words } = globalThis;
  let left = 8;
  const limited = <T extends typeof floats | typeof words>(array: T): T =>
    new Proxy(array, {
      construct(target, args, newTarget) {
        if (typeof args[0] === "number" && args[0] >= 1 << 14 && left-- <= 0) {
          throw new RangeError("Array buffer allocation failed");
        }
        return Reflect.construct(target, args, newTarget);
      },
    });
  globalThis.Float64Array = limited(floats);
  globalThis.Uint32Array = limited(words);
  try {
    run();
  } finally {
    globalThis.Float64Array = floats;
    globalThis.Uint32Array = words;
  }
}

/** Questions, and what each keeps. */
const KEEPING: [question: Question, kept: string][] = [
  [{ sort: "inode" }, "rows"],
  [{ count: "inode" }, "groups"],
];

for (const [question, kept] of KEEPING) {
  Deno.test(`plan: no memory for ${JSON.stringify(question)}`, () => {
    const lost: string[] = [];
    const schemas = [OTHER];
    const plan = ask(question, { schemas, lost: (text) => lost.push(text) });
    const writer = new Told();
    const sink = plan.sink(writer);
    const { head, shown } = plan.relations[0]!;
    sink.begin(head, shown, LAYOUT);
    let rows = 0;
    withoutMemory(() => {
      while (rows < 500_000 && sink.row({ inode: rows })) rows++;
      // nothing more is taken, and that is said once
      assert.equal(sink.row({ inode: 1 }), false);
    });
    sink.end();
    assert.ok(rows > 10_000 && rows < 500_000, `${rows}`);
    const [option] = Object.keys(question);
    assert.deepEqual(lost, [
      `netstat: --${option}: there is memory for ${rows} ${kept} only; ` +
      "the rest is left out",
    ]);
    // what was kept is there
    assert.equal(writer.told.length, rows + 2);
  });
}

Deno.test("batch: what was put in is read back", () => {
  const address = new Address();
  const told: Columns<Plain> = {
    ...COLUMNS,
    local_address: {
      ...COLUMNS.local_address!,
      nullable: false,
      put(out, row) {
        COLUMNS.local_address!.span!(row, span);
        fill(address);
        writePlainAddress(out, address);
      },
    },
  };
  const span = { bytes: new Uint8Array(0), from: 0, to: 0 };
  const fill = (address: Address) => {
    address.length = span.to - span.from as 4 | 16;
    address.bytes.set(span.bytes.subarray(span.from, span.to));
  };
  const shown = Object.entries(told).map(([key, column]) => ({ key, column }));
  const rows: Plain[] = [
    { local_address: "10.0.0.1", inode: 1 },
    {
      state: "LISTEN",
      mode: "vc",
      local_port: 443,
      local_address: "::ffff:10.0.0.1",
      foreign_address: "fe80::1",
      gateway: "default",
      recv_q: -1,
      send_q: 2n ** 63n,
      running: false,
      path: "\0\xff/é",
      iface: "",
      flag_names: ["a", null],
      owners: [{ pid: 1 }],
    },
    { local_address: "::", running: true, recv_q: 0, gateway: "::1" },
  ];
  const first = new Set(Object.keys(told));
  const batch = new Batch({ view: VIEW, first });
  batch.begin({}, shown);
  // more than a chunk, with gaps
  const many = Array.from({ length: 40_000 }, (_, i) => rows[i * i % 3]!);
  for (const row of many) {
    assert.ok(batch.add(row));
    // what is refused leaves nothing behind
    const refused = { ...rows[1]!, path: "refused", send_q: 2n ** 60n };
    assert.ok(batch.add(refused, () => false));
  }
  assert.equal(batch.length, many.length);
  const every = Array.from({ length: 20_000 }, (_, i) => 2 * i);
  const half = batch.some(every);
  for (const [i, row] of many.entries()) {
    for (const { key, column } of batch.read(i).shown) {
      const want: Value = row[key] ?? null;
      const value = column.value(i, VIEW);
      if (value !== want) assert.deepEqual(value, want, `${i} ${key}`);
      if (i % 2 !== 0) continue;
      const copy = half.read(i / 2).shown.find((shown) => shown.key === key)!;
      const copied = copy.column.value(i / 2, VIEW);
      if (copied !== want) assert.deepEqual(copied, want, `${i} ${key}`);
    }
  }
  const read = batch.read(0).shown
    .find(({ key }) => key === "local_address")!.column;
  const { out, text } = collector();
  for (const i of [0, 1, 2]) {
    read.put!(out, i, VIEW);
    out.byte(32);
    assert.ok(read.span!(i, span));
    fill(address);
    assert.ok(spanOf(address, span));
    assert.equal(span.to, many[i]!.local_address === "10.0.0.1" ? 4 : 16);
  }
  assert.equal(
    text(),
    many.slice(0, 3).map((r) => `${r.local_address} `).join(""),
  );
  // an address that can be null has no bytes that say so
  const foreign = batch.read(0).shown
    .find(({ key }) => key === "foreign_address")!.column;
  assert.equal(foreign.put, undefined);
});

Deno.test("batch: a million sockets take less than 150 MiB", async () => {
  const [inet] = (await loadFamilies()).filter(({ name }) => name === "inet");
  const tcp = inet!.tables.find(({ name }) => name === "tcp")!;
  const row = tcp.row(tcp.sources[0]!, "/proc/net/tcp");
  const line = new Line();
  const bytes = new TextEncoder().encode(
    "   0: 0100007F:1F90 0200007F:0050 01 00000000:00000000 " +
      "00:00000000 00000000     0        0 26711 1",
  );
  const keys = "proto,recv_q,send_q,local_address,local_port," +
    "foreign_address,foreign_port,state";
  const batch = new Batch({ view: VIEW });
  const shown = keys.split(",")
    .map((key) => ({ key, column: tcp.columns[key]! }));
  batch.begin({ family: "inet" }, shown);
  for (let i = 0; i < 100_000; i++) {
    line.set(bytes, 0, bytes.length);
    assert.ok(tcp.parse(line, row));
    assert.ok(batch.add(row));
  }
  assert.ok(10 * batch.bytes < 150 * 2 ** 20, `${batch.bytes}`);
  const values = batch.read(99_999).shown
    .map(({ column }) => column.value(99_999, VIEW));
  assert.deepEqual(
    values,
    ["tcp", 0, 0, "127.0.0.1", 8080, "127.0.0.2", 80, "ESTABLISHED"],
  );
});

Deno.test("plan: tones go with rows", () => {
  const columns: Columns<Plain> = {
    state: {
      ...COLUMNS.state!,
      tone: (row) => row.state === "LISTEN" ? "listening" : undefined,
    },
    inode: COLUMNS.inode!,
  };
  const schemas = [{ head: {}, columns }];
  const tonesOf = (tones: boolean) => {
    const plan = ask({ sort: "inode" }, { schemas, tones });
    const found: unknown[] = [];
    let shown: readonly Shown[] = [];
    const sink = plan.sink({
      begin: (_, columns) => void (shown = columns),
      row: (row) =>
        found.push(shown.map(({ column }) => column.tone?.(row, VIEW))) > 0,
      end() {},
    });
    sink.begin({}, plan.relations[0]!.shown, LAYOUT);
    sink.row({ state: "TIME_WAIT", inode: 2 });
    sink.row({ state: "LISTEN", inode: 1 });
    sink.end();
    return found;
  };
  assert.deepEqual(tonesOf(true), [["listening", undefined], [
    undefined,
    undefined,
  ]]);
  assert.deepEqual(tonesOf(false), [[undefined, undefined], [
    undefined,
    undefined,
  ]]);
});

Deno.test("plan: --columns help", () => {
  const help = columnsHelp([OTHER, {
    head: { proto: "x" },
    columns: {
      rtt_us: {
        ...COLUMNS.tcp_rtt_us!,
        about: "Round-trip time.",
      },
      path: { ...COLUMNS.path!, about: "Where it is." },
      owners: COLUMNS.owners!,
    },
  }]);
  const rows = help.map((row) =>
    Object.values(HELP_COLUMNS).map((column) => column.value(row, VIEW))
  );
  assert.deepEqual(Object.keys(HELP_COLUMNS), [
    "key",
    "kind",
    "unit",
    "set",
    "short",
    "meaning",
  ]);
  const same = "The same for all rows of a table.";
  const family = "Address family, by the name that -A takes.";
  assert.deepEqual(rows, [
    ["family", "name", null, null, null, family],
    ["proto", "name", null, null, null, same],
    ["netns", "integer", null, null, null, same],
    ["state", "name", null, null, null, "The state."],
    ["path", "string", null, null, null, "The path. Where it is."],
    ["inode", "integer", null, null, null, "The inode."],
    ["type", "name", null, null, null, "The type."],
    ["rtt_us", "duration", "microseconds", "@tcp", "rtt", "Round-trip time."],
    ["owners", "objects", null, "@owner", null, "The owners."],
    ["owners.pid", "integer", null, null, null, "The pid."],
    ["owners.comm", "string", null, null, null, "The comm."],
    ["owners.user", "string", null, null, null, "The user."],
    ["owners.cmdline", "strings", null, null, null, "The cmdline."],
    ["owners.local", "boolean", null, null, null, "The local."],
  ]);
});

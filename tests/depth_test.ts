/** Tables with what netlink tells of their sockets: the same rows, and more of each. */

import assert from "node:assert/strict";
import { needsOf } from "../core/contract/column.ts";
import type { Depth, Told } from "../core/contract/depth.ts";
import type { Columns, Source, Value, View } from "../core/contract/family.ts";
import { Line } from "../core/contract/line.ts";
import { allOf } from "../core/contract/sink.ts";
import { isOfKind } from "../core/plugins/checked.ts";
import { deepFamilies, loadFamilies } from "../core/views/registry.ts";
import { depthOf } from "../core/contract/depth.ts";
import { inetDepth } from "../families/_inet_depth.ts";
import { parse, Row } from "../families/_inet_line.ts";
import { answerOf, inet, packed } from "./diag_answers.ts";
import { dialoguesOf, eachAnswer, PROTOCOLS } from "./diag_samples.ts";

const VIEW = {
  names: { interface: (index: number) => `if${index}`, user: () => "user" },
  owner: () => undefined,
  holders: () => [],
  place: () => undefined,
  numericPorts: true,
  numericHosts: true,
} as unknown as View;

/** The values of all columns of a row. */
function valuesOf(
  // deno-lint-ignore no-explicit-any
  columns: Columns<any>,
  row: Told,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(columns)
      .map(([key, { value }]) => [key, value(row, VIEW)]),
  );
}

const shallow = await loadFamilies();
const deep = await deepFamilies(shallow);

Deno.test("depth: tables have their own columns in front, and those that need it", () => {
  let added = 0;
  for (const [i, { tables }] of deep.entries()) {
    for (const [j, table] of tables.entries()) {
      // what only netlink lists is there for questions
      if (depthOf(table)?.alone) continue;
      const before = Object.keys(shallow[i]!.tables[j]!.columns);
      const after = Object.keys(table.columns);
      assert.deepEqual(after.slice(0, before.length), before);
      for (const key of after.slice(before.length)) {
        const column = table.columns[key]!;
        assert.ok(column.needs !== undefined, key);
        assert.equal(column.nullable, true, key);
        assert.equal(column.put, undefined, key);
        added++;
      }
      // what a listing has that does not ask for more
      assert.deepEqual(
        allOf(table.columns, VIEW).map(({ key }) => key),
        allOf(shallow[i]!.tables[j]!.columns, VIEW).map(({ key }) => key),
      );
    }
  }
  assert.ok(added > 380, `${added}`);
});

Deno.test("depth: rows of which netlink told nothing have null there", () => {
  for (const { tables } of deep) {
    for (const table of tables) {
      if (depthOf(table) === undefined) continue;
      const row = table.row(table.sources[0]!, "");
      for (const [key, column] of Object.entries(table.columns)) {
        const value = column.value(row, VIEW);
        assert.ok(isOfKind(value, column), `${key} of ${table.name}`);
        const needs = needsOf(column);
        const isDeep = needs.includes("diag") || needs.includes("peer");
        // the file has those of UDP, and what netlink lists is all its own
        const isAll = depthOf(table)!.alone && key !== "proto";
        if (!(isDeep && key !== "drops") && !isAll) continue;
        if (column.set === "owner") continue;
        assert.equal(value, null, `${key} of ${table.name}`);
      }
    }
  }
});

const SAMPLES: readonly [
  sample: string,
  protocol: "tcp" | "udp",
][] = [
  ["tcp_all", "tcp"],
  ["tcp_unprivileged", "tcp"],
  ["timers", "tcp"],
  ["wire_client", "tcp"],
  ["udp_all", "udp"],
];

/** What the file tells in other words, or does not tell at all. */
const OTHER_WORDS = new Set(["retransmits", "timeout", "timer"]);

for (const [sample, protocol] of SAMPLES) {
  Deno.test(`depth: rows of ${sample}`, () => {
    const { columns, parse } = inetDepth(protocol, "");
    const { fields } = PROTOCOLS[protocol]!;
    const row = new Row({ path: "", proto: protocol });
    let rows = 0;
    for (const { pieces } of dialoguesOf(sample)) {
      const { failure } = eachAnswer(PROTOCOLS[protocol]!, pieces, (answer) => {
        row.answer = answer;
        assert.ok(parse!(row, VIEW));
        const values = valuesOf(columns, row);
        for (const [key, field] of Object.entries(fields)) {
          if (OTHER_WORDS.has(key)) continue;
          assert.deepEqual(values[key], field.value(answer, VIEW), key);
        }
        for (const [key, column] of Object.entries(columns)) {
          assert.ok(isOfKind(values[key], column), key);
        }
        rows++;
      });
      assert.equal(failure, undefined);
    }
    assert.ok(rows > 2);
  });
}

/** Timers: what the kernel counts with each, and what the file has of it. */
const TIMERS: readonly {
  name: string;
  timer: number;
  count: number;
  info?: readonly [retransmits: number, probes: number];
  want: Record<string, Value>;
}[] = [
  {
    name: "none",
    timer: 0,
    count: 0,
    want: { timer: "off", retransmits: 0, timeout: 0 },
  },
  {
    name: "retransmissions",
    timer: 1,
    count: 3,
    want: { timer: "on", retransmits: 3, timeout: 0 },
  },
  {
    name: "keepalive",
    timer: 2,
    count: 4,
    want: { timer: "keepalive", retransmits: 0, timeout: 4 },
  },
  {
    name: "the end",
    timer: 3,
    count: 0,
    want: { timer: "timewait", retransmits: 0, timeout: 0 },
  },
  {
    name: "probes",
    timer: 4,
    count: 5,
    want: { timer: "probe", retransmits: 0, timeout: 5 },
  },
  {
    name: "probes, and what tcp_info says",
    timer: 4,
    count: 5,
    info: [2, 5],
    want: { timer: "probe", retransmits: 2, timeout: 5 },
  },
  {
    name: "a newer one",
    timer: 9,
    count: 1,
    want: { timer: "unkn-9", retransmits: 0, timeout: 1 },
  },
];

for (const { name, timer, count, info, want } of TIMERS) {
  Deno.test(`depth: timers: ${name}`, () => {
    const { columns, parse } = inetDepth("tcp", "");
    const row = new Row({ path: "", proto: "tcp" });
    const structure = inet(1, { timer, count });
    new DataView(structure.buffer).setUint32(52, 1234, true);
    row.answer = answerOf(
      structure,
      info ? [[2, packed([8, 1], [8, 0], [8, info[0]], [8, info[1]])]] : [],
    );
    assert.ok(parse!(row, VIEW));
    const { timer: word, retransmits, timeout, timer_ms } = valuesOf(
      columns,
      row,
    );
    assert.deepEqual({ timer: word, retransmits, timeout }, want);
    assert.equal(timer_ms, 1234);
  });
}

Deno.test("depth: an answer that is cut short is no row", () => {
  const { parse } = inetDepth("tcp", "");
  const row = new Row({ path: "", proto: "tcp" });
  row.answer = answerOf(inet(1).subarray(0, 68), []);
  assert.equal(parse!(row, VIEW), false);
});

/** Lengths of `tcp_info`, and what the newest kernel of those that have it tells last. */
const LENGTHS: readonly [length: number, last: string, next: string][] = [
  [104, "tcp_retrans_total", "tcp_pacing_bytes_per_s"],
  [160, "tcp_data_segs_out", "tcp_delivery_bytes_per_s"],
  [192, "tcp_sndbuf_limited_us", "tcp_delivered"],
  [232, "tcp_snd_wnd", "tcp_rcv_wnd"],
];

for (const [length, last, next] of LENGTHS) {
  Deno.test(`depth: a kernel whose tcp_info has ${length} bytes`, () => {
    const { columns, parse } = inetDepth("tcp", "");
    const info = new Uint8Array(280).fill(1);
    const row = new Row({ path: "", proto: "tcp" });
    row.answer = answerOf(inet(1), [[2, info.subarray(0, length)]]);
    assert.ok(parse!(row, VIEW));
    const values = valuesOf(columns, row);
    assert.equal(values.tcp_rtt_us, 0x01010101);
    assert.notEqual(values[last], null);
    assert.equal(values[next], null);
    assert.equal(values.retransmits, 1);
  });
}

const SOURCE: Source = { path: "/proc/net/udp", proto: "udp" };
const UDP =
  "  12: 0100007F:1388 00000000:0000 07 00000000:00000300 00:00000000 " +
  "00000000     0        0 4711 2 00000000deadbeef";

/** Ends of lines of `/proc/net/udp`, and the drops in them. */
const DROPS: readonly [end: string, drops: Value][] = [
  [" 17", 17],
  [" 0", 0],
  [" 18446744073709551615", 2n ** 64n - 1n],
  ["", null],
  [" x", null],
];

for (const [end, drops] of DROPS) {
  Deno.test(`depth: drops in a line of UDP's: '${end}'`, () => {
    const { columns } = inetDepth("udp", "") as Depth<Row>;
    const bytes = new TextEncoder().encode(UDP + end);
    const line = new Line();
    line.set(bytes, 0, bytes.length);
    const row = new Row(SOURCE);
    assert.ok(parse(line, row, 10));
    for (let times = 0; times < 2; times++) {
      assert.equal(columns.drops!.value(row, VIEW), drops);
      assert.equal(columns.inode!.value(row, VIEW), 4711);
    }
    assert.equal(columns.rcvbuf!.value(row, VIEW), null);
  });
}

/** Tables of many columns, of whose rows only what differs is written: as if all was. */

import assert from "node:assert/strict";
import { fact } from "../core/contract/column.ts";
import type { Value, View } from "../core/contract/family.ts";
import type { Shown } from "../core/contract/sink.ts";
import { inetDepth } from "../families/_inet_depth.ts";
import { Row as InetRow } from "../families/_inet_line.ts";
import { tableSink } from "../render/table.ts";
import { answerOf, type Attribute, inet, nest, text } from "./diag_answers.ts";
import { column, type Row, VIEW, written } from "./relations.ts";

/** Numbers that look random, the same each time. */
function randomly(seed: number): (below: number) => number {
  return (below) => {
    seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return ((seed ^ seed >>> 12) >>> 0) % below;
  };
}

/** A table as it is, and as it is if each cell is looked at by itself. */
function bothWays(
  shown: readonly Shown[],
  rows: readonly object[],
  terminal?: number,
): [string, string] {
  const eachCell = { colours: { colourCell() {} } };
  const [one, other] = [{}, eachCell].map((how) =>
    written(
      (out) => tableSink(out, { view: NAMED, terminal, ...how }),
      [{ shown, rows: rows as readonly Row[] }],
    )
  );
  return [one!, other!];
}

/** Names that an answer's numbers have. */
const NAMED = {
  ...VIEW,
  names: {
    interface: (index: number) => index > 9 ? undefined : `eth${index}`,
  },
} as unknown as View;

const MANY = 24;

/** Who has a socket. */
interface Owner {
  readonly pid: number;
  readonly comm: string;
}

/** Values of each kind: usual ones, and longer ones that come late. */
const KINDS: readonly {
  kind: Parameters<typeof column>[1];
  more?: Parameters<typeof column>[2];
  usual: readonly Value[];
  late: readonly Value[];
}[] = [
  {
    kind: "integer",
    usual: [null, 0, 7, 1234],
    late: [99999, 123456789, 1e9, 2 ** 40, 2n ** 63n, -5, -123456],
  },
  {
    kind: "integer",
    more: { unit: "bytes" },
    usual: [null, 0, 536, 65536],
    late: [10239, 1 << 30, 2 ** 50 + 1, 2n ** 63n, -1],
  },
  {
    kind: "duration",
    more: { unit: "microseconds" },
    usual: [null, 0, 17, 1250],
    late: [999_999_999, 2 ** 52, 59_999, -17],
  },
  {
    kind: "ratio",
    usual: [null, 0, 0.5, 1],
    late: [0.12345, 123.4, 1e9, -0.5],
  },
  {
    kind: "string",
    usual: [null, "a", "abc"],
    late: ["", "a longer text", "\x07\x9b", "x".repeat(200), "\xc3\xa4"],
  },
  { kind: "boolean", usual: [null, true], late: [false] },
  {
    kind: "objects",
    more: {
      each: {
        pid: fact("integer", ({ pid }: Owner) => pid, ""),
        comm: fact("string", ({ comm }: Owner) => comm, ""),
      },
    },
    usual: [null, [], [{ pid: 1, comm: "a" }]],
    late: [
      [{ pid: 1, comm: "long" }, { pid: 1, comm: "long" }],
      [{ pid: 1, comm: "a" }, { pid: 2, comm: "another" }],
    ],
  },
  {
    kind: "strings",
    usual: [null, [], ["a"]],
    late: [["a", "b", null], ["x".repeat(50)]],
  },
];

/** `…` in UTF-8, as a byte string. */
const CUT = "\xe2\x80\xa6";

const SHOWN = Array.from({ length: MANY }, (_, i) => {
  const { kind, more } = KINDS[i % KINDS.length]!;
  return column(`key_${i}`, kind, more);
});

/** Rows of which one value is late, one after the other, behind so many usual ones. */
function rowsBehind(usual: number): Row[] {
  const random = randomly(usual);
  const row = () =>
    Object.fromEntries(SHOWN.map(({ key }, i) => {
      const { usual } = KINDS[i % KINDS.length]!;
      return [key, usual[random(usual.length)]!];
    }));
  const late = SHOWN.flatMap(({ key }, i) =>
    KINDS[i % KINDS.length]!.late.flatMap((value) => [
      { ...row(), [key]: value },
      row(),
    ])
  );
  return [...Array.from({ length: usual }, row), ...late];
}

Deno.test("a row of many columns has the cells of any other row", () => {
  for (const terminal of [undefined, 80, 500]) {
    const [one, other] = bothWays(SHOWN, rowsBehind(1000), terminal);
    assert.ok(one.includes("123456789"));
    assert.equal(one.includes(CUT), terminal === 80);
    assert.equal(one, other);
  }
});

Deno.test("a cell that takes more room than there is moves what is behind it", () => {
  const rows = rowsBehind(1000);
  rows.push({ ...rows[0]!, key_4: "y".repeat(300_000) }, rows[1]!);
  const [one, other] = bothWays(SHOWN, rows);
  assert.ok(one === other, "the same");
  assert.ok(one.includes("y".repeat(300_000)));
});

/** Rows that have lines, or may have some, and rows that have none. */
for (const isRow of [false, true]) {
  const how = isRow ? "alone " : "";

  Deno.test(`what is told ${how}of a connection is the same in a row of many columns`, () => {
    const random = randomly(42);
    const shown = Object.entries(inetDepth("tcp", "").columns)
      .filter(([, { set }]) => set === "tcp")
      .map(([key, column]): Shown => ({ key, column }));
    assert.ok(shown.length > 100);
    const rows = Array.from({ length: 1500 }, (_, i) => {
      const state = 1 + random(11);
      const size = [104, 192, 240, 248, 280, 300, 17][random(7)]!;
      const info = new Uint8Array(size);
      const words = new DataView(info.buffer);
      for (let at = 0; at + 4 <= size; at += 4) {
        // small ones at first, so that others are longer than their columns
        const most = i < 1000 ? 100 : 2 ** (8 * random(5));
        const value = random(8) === 0 ? 0xffff_ffff : random(most);
        words.setUint32(at, random(3) === 0 ? 0 : value, true);
      }
      info[0] = random(20) === 0 ? 0 : state;
      const row = new InetRow({ path: "" });
      const attributes: Attribute[] = random(10) === 0 ? [] : [[2, info]];
      row.answer = answerOf(inet(state), attributes);
      row.answer.isRow = isRow;
      if (random(20) === 0) row.answer = undefined;
      return row;
    });
    const [one, other] = bothWays(shown, rows);
    assert.equal(one, other);
  });

  Deno.test(`what is told ${how}of sockets that differ in a few words is the same`, () => {
    const random = randomly(7);
    const shown = Object.entries(inetDepth("tcp", "").columns)
      .filter(([, { needs, set }]) => needs === "diag" || set === "tcp")
      .map(([key, column]): Shown => ({ key, column }));
    const structure = inet(1);
    const parts: Attribute[] = [
      [2, new Uint8Array(280)],
      [4, text("cubic", 8)],
      [7, new Uint8Array(36)],
      [16, new Uint8Array(20)],
      [18, new Uint8Array(200)],
      [19, nest([1, text("tls", 4)], [2, nest([1, new Uint8Array(2)])])],
      [21, new Uint8Array(8)],
    ];
    parts[0]![1][0] = 1;
    const rows = Array.from({ length: 3000 }, (_, i) => {
      for (let n = random(4); n > 0; n--) {
        const bytes = [structure, ...parts.map(([, data]) => data)][random(8)]!;
        bytes[random(bytes.length)] = random(2) * random(256);
      }
      // mostly one that tells something
      if (random(8) > 0) {
        structure[1] = parts[0]![1][0] = [1, 1, 8, 10][random(4)]!;
      }
      const row = new InetRow({ path: "" });
      row.answer = answerOf(structure, i % 50 === 0 ? parts.slice(1) : parts);
      row.answer.isRow = isRow;
      if (i % 60 === 0) row.answer = undefined;
      return row;
    });
    const [one, other] = bothWays(shown, rows);
    assert.equal(one, other);
  });
}

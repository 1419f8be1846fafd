/** What threads of family files send: records, and rows as bytes. */

import assert from "node:assert/strict";
import type { Column, Value } from "../core/contract/family.ts";
import { Batch, BatchWriter } from "../core/plugins/batch.ts";
import {
  bytesOf,
  Channel,
  json,
  RECORD_MOST,
} from "../core/plugins/channel.ts";
import { describeAll, revived } from "../core/plugins/described.ts";

type Spec = Pick<Column<unknown>, "kind" | "each">;

const pair: Spec = {
  kind: "objects",
  each: {
    pid: { kind: "integer", about: "", value: (row) => (row as Pair).pid },
    comm: { kind: "string", about: "", value: (row) => (row as Pair).comm },
  },
};

interface Pair {
  readonly pid: number | bigint;
  readonly comm: string | null;
}

const values: { name: string; spec: Spec; value: Value; want?: Value }[] = [
  { name: "null", spec: { kind: "string" }, value: null },
  { name: "no text", spec: { kind: "string" }, value: "" },
  { name: "bytes", spec: { kind: "string" }, value: "a\0\n\xff\x1b" },
  { name: "a long text", spec: { kind: "string" }, value: "x".repeat(100_000) },
  { name: "zero", spec: { kind: "integer" }, value: 0 },
  { name: "a negative number", spec: { kind: "integer" }, value: -17 },
  { name: "2^53 - 1", spec: { kind: "integer" }, value: 2 ** 53 - 1 },
  { name: "2^64 - 1", spec: { kind: "integer" }, value: 2n ** 64n - 1n },
  { name: "-2^63", spec: { kind: "integer" }, value: -(2n ** 63n) },
  { name: "more than can be told", spec: { kind: "integer" }, value: 7e23 },
  { name: "a ratio", spec: { kind: "ratio" }, value: 0.1 + 0.2 },
  { name: "a small ratio", spec: { kind: "ratio" }, value: 2.5e-8 },
  { name: "a port", spec: { kind: "port" }, value: 65535 },
  { name: "true", spec: { kind: "boolean" }, value: true },
  { name: "false", spec: { kind: "boolean" }, value: false },
  { name: "texts", spec: { kind: "strings" }, value: ["a", null, '"\xe9\n'] },
  { name: "no texts", spec: { kind: "strings" }, value: [] },
  {
    name: "objects",
    spec: pair,
    value: [{ pid: 2n ** 60n + 1n, comm: "x" }, { pid: 3, comm: null }],
    want: [[2n ** 60n + 1n, "x"], [3, null]] as never,
  },
];

for (const { name, spec, value, want = value } of values) {
  Deno.test(`batch: ${name}`, () => {
    const sent: Uint8Array[] = [];
    const writer = new BatchWriter(2, (parts) => sent.push(joined(parts)));
    for (let row = 0; row < 3; row++) {
      writer.value(value, spec, undefined as never);
      writer.out.integer(row);
      writer.end();
      writer.endRow();
    }
    writer.flush();
    let row = 0;
    for (const bytes of sent) {
      const batch = new Batch(bytes as Uint8Array<ArrayBuffer>);
      assert.equal(batch.fields, 2);
      for (let i = 0; i < batch.rows; i++) {
        assert.deepEqual(batch.value(2 * i, spec), want);
        assert.equal(batch.integer(2 * i + 1), row++);
      }
    }
    assert.equal(row, 3);
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("batch: bytes that are none are refused, or have an end", () => {
  let sent = new Uint8Array(0);
  const writer = new BatchWriter(1, (parts) => {
    sent = joined(parts) as Uint8Array<ArrayBuffer>;
  });
  for (const text of ["one", "two", "three"]) {
    writer.value(text, { kind: "string" } as never, undefined as never);
    writer.endRow();
  }
  writer.flush();
  let refused = 0;
  const look = (bytes: Uint8Array<ArrayBuffer>) => {
    try {
      const batch = new Batch(bytes);
      for (let i = 0; i < batch.rows * batch.fields; i++) batch.text(i);
    } catch (error) {
      assert.ok(error instanceof RangeError, `${error}`);
      refused++;
    }
  };
  for (let length = 0; length < sent.length; length++) {
    look(sent.slice(0, length));
  }
  for (let at = 0; at < sent.length; at++) {
    for (const value of [0, 1, 127, 128, 255]) {
      const odd = sent.slice();
      odd[at] = value;
      look(odd);
    }
  }
  assert.ok(refused > sent.length, `${refused}`);
});

Deno.test("channel: records come as they were sent, in their order", () => {
  const channel = new Channel();
  const other = new Channel(channel.memory);
  for (let round = 0; round < 5; round++) {
    assert.ok(channel.send(round, [bytesOf("a"), bytesOf(`b${round}`)]));
    assert.ok(channel.send(9, []));
    // two are under way, and nobody takes one
    assert.ok(!channel.send(7, [], 1));
    const first = other.receive(1)!;
    assert.equal(first.kind, round);
    assert.deepEqual(first.bytes, bytesOf(`ab${round}`));
    assert.deepEqual(other.receive(1), { kind: 9, bytes: new Uint8Array(0) });
    assert.equal(other.receive(1), undefined);
  }
});

Deno.test("channel: a record has an end, whatever its head says", () => {
  const channel = new Channel();
  assert.ok(!channel.send(1, [new Uint8Array(RECORD_MOST + 1)]));
  assert.ok(channel.send(1, [new Uint8Array(RECORD_MOST)]));
  // who shares the memory can write anything into it
  new Int32Array(channel.memory).fill(-1, 2, 4);
  assert.equal(channel.receive(1)!.bytes.length, RECORD_MOST);
});

Deno.test("json: characters are bytes, and numbers are whole", () => {
  const text = json({ a: "\u20ac\xe9\n", b: 2n ** 64n });
  assert.match(text, /^[\x20-\xff]*$/);
  assert.deepEqual(JSON.parse(text), {
    a: "\u20ac\xe9\n",
    b: "18446744073709551616",
  });
});

Deno.test("described: objects that are one stay so, and functions have numbers", () => {
  const shared = { a: 1 };
  const functions: (() => number)[] = [];
  const description = describeAll(
    { one: shared, two: [shared, null, "x"], three: () => 3 },
    functions,
    () => undefined,
  );
  const back = revived(JSON.parse(json(description))) as {
    one: object;
    two: unknown[];
    three: { function: number };
  };
  assert.deepEqual(back.one, { a: 1 });
  assert.equal(back.two[0], back.one);
  assert.deepEqual(back.two.slice(1), [null, "x"]);
  assert.equal(functions[back.three.function]!(), 3);
});

/** What keeps rows for long: numbers, keys and texts, and how they are moved. */

import assert from "node:assert/strict";
import type { View } from "../core/contract/family.ts";
import { Keys, NOTHING } from "../core/query/keys.ts";
import { Integers } from "../core/query/memory.ts";
import type { AnyColumn } from "../core/query/schema.ts";
import { Slab, storeFor } from "../core/query/store.ts";

/** More than a chunk has. */
const MANY = 10_000;

Deno.test("numbers of 32 bits are kept, changed and moved", () => {
  const integers = new Integers();
  for (let i = 0; i < MANY; i++) integers.push(i % 2 === 0 ? i : -i);
  integers.set(9000, 2 ** 31 - 1);
  assert.equal(integers.length, MANY);
  assert.equal(integers.at(4097), -4097);
  const places = new Integers();
  for (const i of [0, 1, 4095, 4096, 9000, 9999]) places.push(i);
  const some = integers.some(places);
  assert.deepEqual([...some], [0, -1, -4095, 4096, 2 ** 31 - 1, -9999]);
  assert.equal(integers.length, 0);
});

/** Keys of several lengths, some longer than a block of them. */
function keyOf(i: number): Uint8Array {
  const text = i % 1000 === 7 ? `${i}`.padEnd(70_000 + i, "x") : `key ${i}`;
  return new TextEncoder().encode(text);
}

Deno.test("keys are found again, also when they were moved", () => {
  const keys = new Keys();
  const find = (table: Keys, i: number) => {
    const bytes = keyOf(i);
    return table.find(bytes, bytes.length);
  };
  for (let i = 0; i < MANY; i++) {
    const number = find(keys, i);
    assert.equal(number, i);
    assert.equal(keys.kept.at(number), NOTHING);
    keys.kept.set(number, i);
  }
  assert.equal(find(keys, 1007), 1007);
  const isWanted = (i: number) => i % 3 === 1;
  const { keys: moved, numbers } = keys.moved(isWanted);
  const count = moved.kept.length;
  assert.equal(count, Math.ceil((MANY - 1) / 3));
  for (let i = 0; i < MANY; i++) {
    if (!isWanted(i)) continue;
    assert.equal(find(moved, i), numbers.at(i));
    assert.equal(moved.kept.at(numbers.at(i)), i);
  }
  assert.equal(find(moved, 0), count, "one that was not wanted is a new one");
});

const TEXTS = [null, "", "root", "roof", "root2", "10.0.0.1", "::1", "\xff"];

for (const kind of ["string", "address"] as const) {
  Deno.test(`a kept ${kind} differs from all others`, () => {
    const column: AnyColumn = {
      kind,
      about: "",
      value: (row) => row as string | null,
    };
    const view = {} as View;
    const store = storeFor(column).make(new Slab());
    for (const [i, text] of TEXTS.entries()) store.put(i, column, text, view);
    for (const [i, one] of TEXTS.entries()) {
      for (const other of TEXTS) {
        assert.equal(
          store.differs(i, column, other, view),
          one !== other,
          `${one} and ${other}`,
        );
      }
    }
  });
}

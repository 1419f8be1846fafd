/** A cursor over what the kernel answers: it never reads a byte that is not its own. */

import assert from "node:assert/strict";
import { Answer, FIXED } from "../core/contract/diag.ts";
import { answerOf, bytes, joined, nest, packed } from "./diag_answers.ts";

const STRUCTURE = packed([32, 0x04030201], [32, 7]);

Deno.test("answer: numbers of each size, and none beyond the end", () => {
  const answer = answerOf(STRUCTURE, [[5, bytes(1, 2, 3, 4, 5, 6, 7, 0x80)]]);
  assert.deepEqual(
    [answer.u8(5), answer.u8(5, 7), answer.u8(5, 8)],
    [1, 0x80, null],
  );
  assert.deepEqual([answer.u16(5, 6), answer.u16(5, 7)], [0x8007, null]);
  assert.deepEqual([answer.port(5), answer.port(5, 7)], [0x0102, null]);
  assert.deepEqual([answer.u32(5, 4), answer.u32(5, 5)], [0x80070605, null]);
  assert.deepEqual([answer.i32(5, 4), answer.i32(5, 5)], [-0x7ff8f9fb, null]);
  assert.equal(answer.u64(5), 0x8007060504030201n);
  assert.equal(answer.u64(5, 1), null);
  assert.equal(answer.u32(FIXED, 4), 7);
  assert.equal(answer.u32(FIXED, 5), null);
  assert.deepEqual([answer.size(5), answer.size(6)], [8, 0]);
});

Deno.test("answer: a number of 64 bits is exact", () => {
  for (const number of [0n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n]) {
    const value = answerOf(STRUCTURE, [[1, packed([64, number])]]).u64(1);
    assert.equal(BigInt(value!), number);
    assert.equal(typeof value, number < 2n ** 53n ? "number" : "bigint");
  }
});

Deno.test("answer: an attribute that is cut is not there", () => {
  const whole = joined(STRUCTURE, [[1, packed([32, 9])], [
    2,
    bytes(1, 2, 3, 4),
  ]]);
  const answer = new Answer();
  // the bytes behind the end belong to others, and go on
  const buffer = new Uint8Array([...whole, ...whole]);
  for (let end = 0; end <= whole.length; end++) {
    answer.set(buffer, 0, end, STRUCTURE.length);
    assert.equal(answer.u32(FIXED, 4), end >= 8 ? 7 : null, `${end}`);
    assert.equal(answer.u32(1), end >= 16 ? 9 : null, `${end}`);
    assert.equal(answer.has(2), end >= 24, `${end}`);
  }
});

Deno.test("answer: lengths that no attribute has end the search", () => {
  for (const length of [0, 1, 3, 13, 0xffff]) {
    const damaged = joined(STRUCTURE, [[1, bytes(1, 2, 3, 4)], [2, bytes(1)]]);
    damaged.set([length & 255, length >> 8], STRUCTURE.length);
    const answer = new Answer();
    answer.set(damaged, 0, STRUCTURE.length + 12, STRUCTURE.length);
    assert.deepEqual(
      [answer.has(1), answer.has(2)],
      [false, false],
      `${length}`,
    );
  }
});

Deno.test("answer: empty attributes, flags of types, and types beyond all", () => {
  const answer = answerOf(STRUCTURE, [
    [1, bytes()],
    [2 | 0x8000, bytes(2)],
    [3 | 0x4000, bytes(3)],
    [FIXED, bytes(8)],
    [0x3fff, bytes(9)],
    [2, bytes(4)],
  ]);
  assert.deepEqual([answer.has(1), answer.u8(1)], [true, null]);
  assert.deepEqual([answer.u8(2), answer.u8(3)], [2, 3]);
  assert.equal(answer.u8(FIXED), 1);
});

Deno.test("answer: nothing is left of the one before", () => {
  const answer = new Answer();
  const first = joined(STRUCTURE, [[1, bytes(1)]]);
  const second = joined(STRUCTURE, [[2, bytes(2)]]);
  answer.set(first, 0, first.length, STRUCTURE.length);
  assert.deepEqual([answer.u8(1), answer.u8(2)], [1, null]);
  answer.set(second, 0, second.length, STRUCTURE.length);
  assert.deepEqual([answer.u8(1), answer.u8(2)], [null, 2]);
});

Deno.test("answer: attributes inside an attribute", () => {
  const outer = answerOf(STRUCTURE, [[4, nest([1, bytes(7)], [2, bytes()])]]);
  const inner = new Answer();
  assert.equal(inner.enter(outer, 4), true);
  assert.deepEqual([inner.u8(1), inner.has(2), inner.u8(FIXED)], [
    7,
    true,
    null,
  ]);
  assert.equal(inner.enter(outer, 5), false);
  assert.deepEqual([inner.u8(1), inner.has(2)], [null, false]);
});

Deno.test("answer: text ends at a NUL, or with its field", () => {
  const answer = answerOf(STRUCTURE, [[1, bytes(97, 98, 0, 99)], [2, bytes()]]);
  assert.equal(answer.text(1), "ab");
  assert.equal(answer.text(1, 1, 1), "b");
  assert.equal(answer.text(1, 3, 9), "c");
  assert.equal(answer.text(1, 9, 9), "");
  assert.equal(answer.text(2), "");
  assert.equal(answer.text(3), null);
});

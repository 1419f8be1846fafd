/** A cursor over what the kernel answers: it never reads a byte that is not its own. */

import assert from "node:assert/strict";
import {
  Answer,
  Before,
  clearWords,
  FIXED,
  noWords,
  Origins,
  type Words,
} from "../core/contract/diag.ts";
import { answerOf, bytes, joined, nest, packed, text } from "./diag_answers.ts";

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

/** Which words of answers of at most 512 bytes are in a set. */
function wordsIn(words: Words): number[] {
  return Array.from({ length: 32 * words.length }, (_, i) => i)
    .filter((i) => (words[i >> 5]! >> i & 1) === 1);
}

/** What is looked at of an answer. */
function lookedAt(answer: Answer, read: (answer: Answer) => unknown): number[] {
  clearWords(answer.looked);
  read(answer);
  return wordsIn(answer.looked);
}

Deno.test("answer: it is noted which words are looked at", () => {
  // the structure is words 0 and 1; headers are words 2, 5 and 7
  const answer = answerOf(STRUCTURE, [
    [1, bytes(1, 2, 3, 4, 5, 6, 7, 8)],
    [2, text("abc")],
    [3, nest([4, packed([32, 9])])],
  ]);
  const inner = new Answer();
  const cases: [(answer: Answer) => unknown, number[]][] = [
    [(one) => one.u8(FIXED, 5), [1]],
    [(one) => one.u16(1, 2), [3]],
    [(one) => one.u32(1, 4), [4]],
    [(one) => one.u32(1, 2), [3, 4]],
    [(one) => one.u64(1), [3, 4]],
    [(one) => one.u64(1, 4), []],
    [(one) => one.text(2), [6]],
    [(one) => one.texts(2), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    // where attributes are is looked at for all of them
    [(one) => [one.has(1), one.size(1), one.isWhole()], []],
    [(one) => inner.enter(one, 3) && inner.u32(4), [8, 9]],
    [(one) => inner.enter(one, 9) || inner.u32(4), []],
    [(one) => one.look(one.start + 13), [3]],
  ];
  for (const [read, want] of cases) {
    assert.deepEqual(lookedAt(answer, read), want, String(read));
  }
  // whoever has the bytes may look at any of them
  assert.equal(lookedAt(answer, (one) => one.bytes).length, 128);
});

Deno.test("answer: words beyond the last bit share bits", () => {
  const answer = answerOf(STRUCTURE, [[1, new Uint8Array(1024)]]);
  assert.deepEqual(lookedAt(answer, (one) => one.u32(1, 4 * 125)), [0]);
});

Deno.test("answer: like the one before it is if attributes are where they were", () => {
  const like = answerOf(STRUCTURE, [[1, packed([32, 1], [32, 2])]]);
  const cases: [string, Answer, boolean, number[]][] = [
    ["the first", like, false, []],
    ["the same", like, true, []],
    [
      "a number differs",
      answerOf(STRUCTURE, [[1, packed([32, 1], [32, 3])]]),
      true,
      [4],
    ],
    [
      "a number of the structure differs",
      answerOf(packed([32, 0], [32, 7]), [[1, packed([32, 1], [32, 3])]]),
      true,
      [0],
    ],
    [
      "another attribute",
      answerOf(packed([32, 0], [32, 7]), [[2, packed([32, 1], [32, 3])]]),
      false,
      [2],
    ],
    ["longer", answerOf(STRUCTURE, [[2, packed([32, 1], [64, 3])]]), false, []],
    [
      "as long, and cut in another way",
      answerOf(STRUCTURE, [[2, packed([32, 1])], [3, packed([32, 0])]]),
      false,
      [],
    ],
  ];
  const before = new Before();
  for (const [name, answer, isLike, changed] of cases) {
    assert.equal(answer.isLike(before), isLike, name);
    if (isLike) assert.deepEqual(wordsIn(before.changed), changed, name);
  }
  before.forget();
  assert.equal(like.isLike(before), false, "forgotten");
});

Deno.test("answer: bytes that fill no word are always looked at anew", () => {
  const answer = answerOf(STRUCTURE, [[1, bytes(1, 2, 3, 4)]]);
  const odd = new Answer();
  odd.set(answer.bytes, answer.start, answer.end - 1, STRUCTURE.length);
  const before = new Before();
  odd.isLike(before);
  assert.equal(odd.isLike(before), true);
  assert.deepEqual(wordsIn(before.changed), [3]);
});

Deno.test("origins: what was made of words that change is found, each once", () => {
  const origins = new Origins(3);
  const words = (...all: number[]): Words => {
    const set = noWords();
    for (const word of all) set[word >> 5]! |= 1 << word;
    return set;
  };
  const found = (...changed: number[]) => {
    const count = origins.find(words(...changed));
    return [...origins.found.subarray(0, count)].sort();
  };
  origins.add(0, words(0, 31));
  origins.add(1, words(31, 127));
  origins.add(1, words(64));
  origins.add(2, words());
  assert.deepEqual(found(), []);
  assert.deepEqual(found(31), [0, 1]);
  assert.deepEqual(found(0, 64, 127), [0, 1]);
  assert.deepEqual(found(64), [1]);
  assert.deepEqual(found(1, 2, 63), []);
});

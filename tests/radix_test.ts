/** Rows in the order of numbers. */

import assert from "node:assert/strict";
import { byRank } from "../core/query/radix.ts";
import { Random } from "../tools/fuzz/random.ts";

/** Numbers that a sort meets: small ones, addresses, what stands for null. */
const KINDS: readonly ((random: Random) => number)[] = [
  (random) => random.below(3),
  (random) => random.below(2 ** 32),
  (random) => 0 - random.below(2 ** 32),
  (random) => random.below(2 ** 32) * 2 ** 21,
  (random) => random.below(1000) / 7,
  () => Infinity,
  () => -Infinity,
  () => 0,
  () => Number.MAX_VALUE,
  () => 5e-324,
];

Deno.test("byRank: as a stable sort by comparison, whatever the numbers are", () => {
  const random = new Random(7);
  for (let round = 0; round < 200; round++) {
    const length = random.below(round < 100 ? 5 : 2000);
    const kinds = KINDS.filter(() => random.once(3));
    const ranks = Float64Array.from(
      { length },
      () => random.pick(kinds.length > 0 ? kinds : KINDS)(random),
    );
    const rows = Uint32Array.from({ length }, (_, i) => length - 1 - i);
    const before = ranks.slice();
    const want = [...rows].sort((a, b) =>
      ranks[a]! < ranks[b]! ? -1 : ranks[a]! > ranks[b]! ? 1 : 0
    );
    assert.deepEqual([...byRank(rows, ranks)], want, `round ${round}`);
    assert.deepEqual(ranks, before, "the numbers stay as they are");
  }
});

Deno.test("byRank: some of the rows", () => {
  const ranks = Float64Array.of(3, 1, 2, 0);
  assert.deepEqual([...byRank(Uint32Array.of(0, 2, 1), ranks)], [1, 2, 0]);
  assert.deepEqual([...byRank(new Uint32Array(0), ranks)], []);
});

/** Numbers by numbers, as a map has them. */

import assert from "node:assert/strict";
import { NumberMap } from "../core/contract/number_map.ts";

Deno.test("a map of numbers has what was put there last", () => {
  const map = new NumberMap();
  assert.equal(map.get(7), undefined);
  map.set(7, 0);
  map.set(2 ** 40, -1.5);
  map.set(7, 3);
  assert.deepEqual([map.get(7), map.get(2 ** 40), map.size], [3, -1.5, 2]);
  assert.deepEqual([map.get(0), map.get(-1)], [undefined, undefined]);
  map.clear();
  assert.deepEqual([map.get(7), map.size], [undefined, 0]);
});

Deno.test("a map of numbers finds each of many, however far apart they are", () => {
  for (const step of [1, 16, 4096, 2 ** 32]) {
    const map = new NumberMap();
    const keys = Array.from({ length: 20_000 }, (_, i) => 1 + step * i);
    for (const [i, key] of keys.entries()) map.set(key, i);
    assert.equal(map.size, keys.length);
    for (const [i, key] of keys.entries()) assert.equal(map.get(key), i);
    assert.equal(map.get(1 + step * keys.length), undefined);
  }
});

/** What is known by inode, beside a Map that is told the same. */

import assert from "node:assert/strict";
import type { Long } from "../core/contract/family.ts";
import { ByInode } from "../core/contract/inodes.ts";

/** Inodes as they come, and as somebody may choose them. */
const INODES: Readonly<Record<string, (n: number) => Long>> = {
  "one after the other": (n) => 56_000_000 + n,
  "in two runs that have the same last digits": (n) =>
    n % 2 * 0x40_0000 + 7_000_000 + (n >> 1),
  "of a block, alike in their last digits": (n) => n * 4096,
  "of many blocks, alike in their last digits": (n) => n * 2 ** 22,
  "of which each has the places of all others": (n) => n * 2 ** 32,
  "scattered": (n) => Math.imul(n, 0x9e37_79b1) >>> 0,
  "below zero": (n) => -1 - n,
  "that no number is": (n) => 2n ** 53n + BigInt(n),
  "of both kinds": (n) => n % 2 === 0 ? n : 2n ** 60n + BigInt(n),
};

const COUNT = 5000;

for (const [name, inodeOf] of Object.entries(INODES)) {
  Deno.test(`ByInode: inodes ${name}`, () => {
    const known = new ByInode<number>();
    const map = new Map<Long, number>();
    for (let n = 0; n < COUNT; n++) {
      const inode = inodeOf(n);
      assert.equal(known.set(inode, n), true, "it is new");
      map.set(inode, n);
      // some get another value, long before and after the places become more
      const again = inodeOf(n * 7 % (n + 1));
      assert.equal(known.set(again, -n), !map.has(again));
      map.set(again, -n);
    }
    assert.equal(known.size, map.size);
    for (let n = 0; n < 2 * COUNT; n++) {
      const inode = inodeOf(n);
      assert.equal(known.get(inode), map.get(inode));
      assert.equal(known.has(inode), map.has(inode));
    }
    assert.deepEqual(new Map(known), map);
  });
}

Deno.test("ByInode: nothing is known at first", () => {
  const known = new ByInode<string>();
  assert.equal(known.size, 0);
  for (const inode of [0, -1, 1, 1023, 1024, 2n ** 60n]) {
    assert.equal(known.get(inode), undefined);
  }
  assert.deepEqual([...known], []);
});

Deno.test("ByInode: 0 and what is false are values", () => {
  const known = new ByInode<number | boolean | null>();
  known.set(0, 0);
  known.set(1, false);
  known.set(2, null);
  assert.deepEqual([0, 1, 2].map((inode) => known.has(inode)), [
    true,
    true,
    true,
  ]);
  assert.deepEqual([...known].sort(), [[0, 0], [1, false], [2, null]]);
});

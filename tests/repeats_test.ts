/** Sockets that a file of the kernel's has twice. */

import assert from "node:assert/strict";
import { Repeats } from "../core/views/repeats.ts";

Deno.test("a socket is repeated if its inode and its ends are", () => {
  const repeats = new Repeats();
  assert.equal(repeats.seen(7, 1), false);
  assert.equal(repeats.seen(8, 1), false, "another inode");
  assert.equal(repeats.seen(7, 1), true);
  assert.equal(repeats.seen(7, 2), false, "other ends");
  assert.equal(repeats.seen(0, 1), false);
  assert.equal(repeats.seen(0, 1), false, "without an inode");
});

Deno.test("of any number of sockets the latest are remembered", () => {
  const repeats = new Repeats();
  const count = 300_000;
  for (let inode = 1; inode <= count; inode++) {
    assert.equal(repeats.seen(inode, 1), false);
  }
  assert.equal(repeats.seen(count - 50_000, 1), true);
  assert.equal(repeats.seen(1, 1), false, "forgotten");
});

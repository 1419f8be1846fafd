/**
 * `--watch` of the executable, where connections end by the thousand and whoever reads
 * stops for a while, or goes away. Needs root and `python3`.
 */

import assert from "node:assert/strict";
import { MISSED } from "../../core/views/compared.ts";
import { attempt } from "./child.ts";
import { NETSTAT } from "./namespace.ts";

const WORLD = new URL("watch_stalled_world.py", import.meta.url).pathname;

/** Seconds from one listing to the next, as the world has it. */
const INTERVAL = 0.1;

/** So many seconds the reader stops, and the connections come. */
const STOPPED = 2;
const LASTS = 6;

/** So many KiB may be taken while nobody reads: what one listing makes, whenever that is. */
const GROWTH_MOST = 64 * 1024;

/** So many sockets can be told that no program had. */
const SPARE = 20;

Deno.test("watch: a reader that stops loses nothing silently", async (t) => {
  const words = ["unshare", "--net", "python3", WORLD, NETSTAT];
  const { stdout, stderr, exit } = await attempt(
    [...words, `${STOPPED}`, `${LASTS}`],
    { seconds: 120 },
  );
  assert.equal(stderr, "");
  assert.equal(exit, 0);
  const found = JSON.parse(stdout);

  await t.step("each connection is told, or that some were missed", () => {
    assert.equal(found.broken, 0);
    assert.ok(found.made > 1000, `${found.made} connections`);
    // the kernel makes some sockets that no program gets, each with a cookie of its own
    assert.ok(found.told <= found.made + SPARE);
    if (found.messages.length === 0) assert.ok(found.told >= found.made);
    else {
      assert.deepEqual(found.messages, [`${MISSED}\n`]);
      assert.ok(found.told > 0);
    }
  });
  await t.step("it goes on, and does not make up for listings", () => {
    assert.ok(found.unread > 0);
    const times: number[] = found.times.map(Date.parse);
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    assert.ok(seconds > STOPPED);
    assert.ok(times.length <= (seconds - STOPPED) / INTERVAL + 2);
  });
  await t.step("memory does not grow meanwhile", () => {
    const { before, largest } = found;
    assert.ok(largest - before < GROWTH_MOST, `${before}, then ${largest} KiB`);
  });
  await t.step("a reader that goes away ends it as SIGPIPE would", () => {
    assert.equal(found.left, "141\n");
  });
});

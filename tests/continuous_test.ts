/** `-c`: when the rounds are. */

import assert from "node:assert/strict";
import { findFamilies } from "../core/views/registry.ts";
import { run } from "../main.ts";
import { collector } from "./program.ts";
import { withTree } from "./trees.ts";

const HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr …\n";

const ROW =
  "   0: 0100000A:0016 0200000A:07D0 01 00000000:00000000 00:00000000 " +
  "00000000     0        0 4711 1 0000000000000000 100 0 0 10 0\n";

/** A round takes so many milliseconds. */
const ROUND = 7;

/**
 * Runs four rounds, each of which takes some time, and returns when each wait was
 * to end, by the clock, which is a made one. A wait itself takes `late` milliseconds.
 */
async function endsOfWaits(late: number): Promise<number[]> {
  const ends: number[] = [];
  let clock = 0;
  performance.now = () => clock += 0.001;
  const enough = new Error("enough rounds");
  const files = { "proc/net/tcp": HEADER + ROW.repeat(20_000) };
  await withTree(files, async (root) => {
    const rounds = run(["-ctan", `--root=${root}`], {
      stdout: collector().out,
      stderr: collector().out,
      families: findFamilies,
      programName: () => Promise.resolve("netstat"),
      colours: false,
      advises: () => false,
      posix: () => false,
      lender: () => Promise.resolve(undefined),
      sleep(milliseconds) {
        assert.ok(milliseconds > 0);
        ends.push(performance.now() + milliseconds);
        if (ends.length === 4) return Promise.reject(enough);
        clock += late + ROUND;
        return Promise.resolve();
      },
    });
    await assert.rejects(rounds, enough);
  }).finally(() => {
    // it is the prototype's again
    Reflect.deleteProperty(performance, "now");
  });
  return ends;
}

Deno.test("-c: a round's own time does not make the next one late", async () => {
  const ends = await endsOfWaits(0);
  for (const [i, end] of ends.entries()) {
    const off = Math.abs(end - ends[0]! - i * 1000);
    assert.ok(off < 1, `round ${i + 1}: ${off} ms off`);
  }
});

Deno.test("-c: rounds that have no time are left out", async () => {
  const ends = await endsOfWaits(1400);
  for (const [i, end] of ends.entries()) {
    const beats = (end - ends[0]!) / 1000;
    assert.ok(Math.abs(beats - Math.round(beats)) < 0.001);
    assert.ok(end > ends[0]! - 1000 + 1400 * i, "not in the past");
  }
});

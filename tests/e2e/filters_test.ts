/**
 * Made-up questions about 20,000 sockets each of TCP, UDP and raw IP: the kernel, which
 * chooses as far as it can, the program, which looks again, and iproute2's `ss` choose the
 * same ones. Needs root and `python3`.
 *
 * `FILTERS=all` asks 5,000 about each protocol, for some minutes, and prints figures; else
 * a part of that is done.
 */

import assert from "node:assert/strict";
import type { Told } from "./filters_ask.ts";
import { look, makeWorld } from "./world.ts";

const ASK = new URL("filters_ask.ts", import.meta.url).pathname;
const WORLD = new URL("filters_world.py", import.meta.url).pathname;

const ALL = Deno.env.get("FILTERS") === "all";

/** Protocols, and how many are asked about each. */
const COUNTS = { tcp: 200, udp: 100, raw: 40 };

for (const [protocol, few] of Object.entries(COUNTS)) {
  const count = ALL ? 5000 : few;
  Deno.test(`filters: 20,000 sockets of ${protocol}, chosen by the kernel, the program and ss`, async () => {
    const world = await makeWorld("--net", "python3", WORLD, protocol);
    try {
      const { stdout, stderr, exit } = await look(
        world,
        Deno.execPath(),
        ["run", "-A", "--quiet", ASK, protocol, "1", `${count}`],
      );
      assert.deepEqual([stderr, exit], ["", 0]);
      if (ALL) await Deno.stdout.write(new TextEncoder().encode(`${stdout}\n`));
      const { sockets, expressions, kept, beside, listed, chosen }: Told = JSON
        .parse(stdout);
      const [, made] = /^ready (\d+)$/m.exec(world.said)!;
      assert.equal(sockets, Number(made));
      assert.equal(expressions, count);
      assert.ok(kept > expressions * sockets / 10, stdout);
      assert.ok(kept < expressions * sockets / 2, stdout);
      assert.ok(beside >= count / 10 && listed > beside * sockets / 20, stdout);
      // not every kernel tells of raw sockets
      if (protocol !== "raw") assert.equal(chosen, beside);
    } finally {
      await world.end();
    }
  });
}

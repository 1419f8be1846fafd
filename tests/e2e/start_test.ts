/**
 * What the executable runs: the script that V8 has compiled before, or the modules if
 * V8 does not take that. Copies are changed in a few bytes to tell which it was.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Result } from "../cases.ts";
import { run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A flag of V8 that the executable has, and another as long. */
const FLAG = ['"--no-sparkplug"', '"--no-maglev"   '] as const;

/** The module that runs where the script does not, and one that is not there. */
const MODULE = ['import("./main.js")', 'import("./none.js")'] as const;

/** Runs a copy of the executable with bytes changed. */
async function changed(
  ...changes: readonly (readonly [string, string])[]
): Promise<Result> {
  const path = await Deno.makeTempFile({ prefix: "netstat-start-" });
  try {
    const bytes = Buffer.from(await Deno.readFile(NETSTAT));
    for (const [from, to] of changes) {
      assert.equal(to.length, from.length);
      const at = bytes.indexOf(from);
      assert.notEqual(at, -1, `${from} is not in the executable`);
      bytes.write(to, at, "latin1");
    }
    await Deno.writeFile(path, bytes, { mode: 0o755 });
    return await run([path, "--root", `${ROOT}docs/server`, "-tan"]);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("start: the script runs, and the modules are not needed", async () => {
  const shown = await changed();
  assert.match(shown.stdout, /LISTEN/);
  assert.deepEqual(await changed(MODULE), shown);
});

Deno.test("start: under other flags of V8 the modules run", async () => {
  assert.deepEqual(await changed(FLAG), await changed());
  const { exit, stdout } = await changed(FLAG, MODULE);
  assert.notEqual(exit, 0);
  assert.equal(stdout, "");
});

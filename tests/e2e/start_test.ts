/**
 * What the executable runs: what V8 has compiled before, or the script if V8 does not take
 * that. Copies are changed in a few bytes to tell which it was.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Result } from "../cases.ts";
import { run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A flag of V8 that the executable has, and another as long. */
const FLAG = ['"--no-sparkplug"', '"--no-maglev"   '] as const;

/** What the script's text says, and what nobody can do who reads it. */
const TEXT = ['return need("main.js")', 'return need("none.js")'] as const;

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

Deno.test("start: what V8 compiled runs, and the text is not compiled", async () => {
  const shown = await changed();
  assert.match(shown.stdout, /LISTEN/);
  assert.deepEqual(await changed(TEXT), shown);
});

Deno.test("start: under other flags of V8 the text is compiled", async () => {
  assert.deepEqual(await changed(FLAG), await changed());
  const { exit, stdout } = await changed(FLAG, TEXT);
  assert.notEqual(exit, 0);
  assert.equal(stdout, "");
});

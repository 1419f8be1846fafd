/**
 * Every golden case under the recorder's harness: the reference prints what was
 * recorded, and the compiled executable the same, or what is listed as a deviation.
 */

import assert from "node:assert/strict";
import { type Case, loadCases, type Result } from "../cases.ts";
import { attempts, checkCase } from "./golden.ts";
import { NETSTAT, REFERENCE, runCase } from "./namespace.ts";

for (const golden of loadCases()) {
  // of some the reference cannot print again what was recorded: each says why
  const { unrepeatable } = golden;
  if (unrepeatable !== undefined) assert.match(unrepeatable, /\w/);
  else {
    Deno.test(`reference: ${golden.name}`, async () => {
      let got = await runCase(golden, REFERENCE);
      for (let i = 1; i < attempts(golden) && !isSame(golden, got); i++) {
        got = await runCase(golden, REFERENCE);
      }
      assert.deepEqual(got, golden.reference);
    });
  }

  Deno.test(`executable: ${golden.name}`, () => checkCase(golden, NETSTAT));
}

function isSame({ reference }: Case, got: Result): boolean {
  return got.stdout === reference.stdout && got.stderr === reference.stderr &&
    got.exit === reference.exit;
}

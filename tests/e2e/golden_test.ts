/**
 * Every golden case under the recorder's harness: the reference prints what was
 * recorded, and the compiled executable the same, or what is listed as a deviation.
 */

import assert from "node:assert/strict";
import {
  type Case,
  differences,
  loadCases,
  loadDeviations,
  type Result,
} from "../cases.ts";
import { NETSTAT, REFERENCE, runCase } from "./namespace.ts";

const deviations = loadDeviations();

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

  Deno.test(`executable: ${golden.name}`, async () => {
    let got = await runCase(golden, NETSTAT);
    let same = differences(golden.reference, got, golden.args);
    // on a busy machine a round of -c can come too late
    for (let i = 1; i < attempts(golden) && same !== ""; i++) {
      got = await runCase(golden, NETSTAT);
      same = differences(golden.reference, got, golden.args);
    }
    const reason = deviations.get(golden.name);
    if (reason === undefined) {
      assert.equal(same, "");
    } else {
      assert.notEqual(same, "", "listed as a deviation, but does not differ");
      const want = { ...golden.reference, ...golden.ours };
      assert.equal(differences(want, got, golden.args), "", reason);
    }
  });
}

function isSame({ reference }: Case, got: Result): boolean {
  return got.stdout === reference.stdout && got.stderr === reference.stderr &&
    got.exit === reference.exit;
}

function attempts({ timeout }: Case): number {
  return timeout === undefined ? 1 : 5;
}

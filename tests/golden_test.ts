/**
 * Golden cases from source, with `--root`. Cases that need another user, file
 * modes, an interface or a signal run on the compiled executable only (`e2e/`).
 */

import assert from "node:assert/strict";
import {
  type Case,
  differences,
  loadCases,
  loadDeviations,
  makeTree,
} from "./cases.ts";
import { FEW } from "../render/frozen.ts";
import { netstat } from "./program.ts";
import { withoutLacks } from "./trees.ts";

const deviations = loadDeviations();

/** Cell by cell, and by a writer. */
const few = FEW.rows;

Deno.test("every deviation is a case, and has what we print", () => {
  const deviating = loadCases().filter((c) => c.ours).map((c) => c.name);
  assert.deepEqual(deviating, [...deviations.keys()].sort());
});

for (const golden of loadCases().filter((c) => !c.needsKernel)) {
  Deno.test(`--root: ${golden.name}`, () => check(golden));
}

async function check(golden: Case): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    makeTree(golden, root);
    for (const rows of [few, 0]) {
      FEW.rows = rows;
      const whole = await netstat("--root", root, ...golden.args);
      const got = { ...whole, stderr: withoutLacks(whole.stderr) };
      const same = differences(golden.reference, got, golden.args);
      if (golden.ours === undefined) {
        assert.equal(same, "");
      } else {
        assert.notEqual(same, "", "listed as a deviation, but does not differ");
        const want = { ...golden.reference, ...golden.ours };
        assert.equal(differences(want, got, golden.args), "");
      }
    }
  } finally {
    FEW.rows = few;
    await Deno.remove(root, { recursive: true });
  }
}

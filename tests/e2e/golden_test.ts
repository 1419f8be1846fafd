/** Every golden case on the compiled executable, under the recorder's harness. */

import assert from "node:assert/strict";
import { type Case, differences, loadCases, loadDeviations } from "../cases.ts";
import { NETSTAT, runCase } from "./namespace.ts";

const deviations = loadDeviations();

for (const golden of loadCases()) {
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

function attempts({ timeout }: Case): number {
  return timeout === undefined ? 1 : 5;
}

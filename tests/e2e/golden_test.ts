/** Every golden case on the compiled executable, under the recorder's harness. */

import assert from "node:assert/strict";
import { differences, loadCases, loadDeviations } from "../cases.ts";
import { NETSTAT, runCase } from "./namespace.ts";

const deviations = loadDeviations();

for (const golden of loadCases()) {
  Deno.test(`executable: ${golden.name}`, async () => {
    const got = await runCase(golden, NETSTAT);
    const same = differences(golden.reference, got, golden.args);
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

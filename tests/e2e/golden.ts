/**
 * Compares what our program prints in a golden case with what was recorded.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type Case, differences, loadDeviations } from "../cases.ts";
import { runCase } from "./namespace.ts";

const deviations = loadDeviations();

/** Fails unless a program prints what was recorded, or what is listed as a deviation. */
export async function checkCase(golden: Case, program: string): Promise<void> {
  let got = await runCase(golden, program);
  let same = differences(golden.reference, got, golden.args);
  // on a busy machine a round of -c can come too late
  for (let i = 1; i < attempts(golden) && same !== ""; i++) {
    got = await runCase(golden, program);
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
}

/** How often a case may be tried. */
export function attempts({ timeout }: Case): number {
  return timeout === undefined ? 1 : 5;
}

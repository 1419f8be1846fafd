/**
 * Compares what the two programs print, and explains by the deviations what
 * differs.
 *
 * @module
 */

import { differences, type Result } from "../../tests/cases.ts";
import { withoutLacks } from "../../tests/trees.ts";
import { harmless } from "./deviations.ts";
import type { Deviation, Input } from "./format.ts";
import type { Run } from "./world.ts";

/** Which of the two programs. */
export type Program = "reference" | "ours";

/** Runs one of the programs on an input. */
export type Runner = (program: Program, input: Input) => Promise<Run>;

/** How the two programs compare. */
export interface Verdict {
  /**
   * `equal`: byte for byte. `deviation`: as the deviations say. `sane`: there was
   * nothing to compare with, but ours was orderly. `wrong`: not explained.
   */
  readonly kind: "equal" | "deviation" | "sane" | "wrong";
  /** The reasons of the deviations that were needed. */
  readonly reasons: readonly string[];
  /** What differs. */
  readonly difference: string;
}

/** The statuses that net-tools ends with. */
const STATUSES = [0, 1, 3, 255];

/** What is disorderly about a result, or the empty string. */
export function disorder(result: Run): string {
  if (result.stopped !== undefined) return `stopped: ${result.stopped}`;
  if (!STATUSES.includes(result.exit)) return `exit status ${result.exit}`;
  for (const stream of ["stdout", "stderr"] as const) {
    const text = result[stream];
    const crash = /^.*(panicked at|Uncaught|^error: |file:\/\/\/).*$/m.exec(
      text,
    );
    if (crash) return `${stream} tells of a crash: ${crash[0]}`;
    if (harmless(text) !== text) return `${stream} has a control byte`;
  }
  return "";
}

/** Runs both programs and compares them. */
export async function judge(
  input: Input,
  deviations: readonly Deviation[],
  run: Runner,
): Promise<Verdict> {
  const args = [...input.args];
  let reference = await run("reference", input);
  let ours = await run("ours", input);
  const wrong = (difference: string): Verdict => ({
    kind: "wrong",
    reasons: [...reasons],
    difference,
  });
  const reasons = new Set<string>();
  const disorderly = disorder(ours);
  if (disorderly !== "") return wrong(disorderly);
  ours = comparable(ours, input);
  if (!faulty(reference) && differences(reference, ours, args) === "") {
    return { kind: "equal", reasons: [], difference: "" };
  }

  // what the reference reads garbage for, neither is given
  let rest = input;
  for (const { reason, without } of deviations) {
    const less = without?.(rest);
    if (less === undefined) continue;
    reasons.add(reason);
    rest = less;
  }
  let repaired = rest;
  for (const { reason, instead } of deviations) {
    const other = instead?.(repaired);
    if (other === undefined) continue;
    reasons.add(reason);
    repaired = other;
  }
  if (rest !== input) {
    ours = await run("ours", rest);
    const disorderly = disorder(ours);
    if (disorderly !== "") return wrong(disorderly);
    ours = comparable(ours, input);
  }
  if (repaired !== input) reference = await run("reference", repaired);
  if (faulty(reference)) {
    reasons.add(`The reference ${faulty(reference)}.`);
    return { kind: "sane", reasons: [...reasons], difference: "" };
  }
  let got: Result = ours;
  for (const { reason, forgiven } of deviations) {
    const other = forgiven?.(rest, got, reference);
    if (other === undefined) continue;
    reasons.add(reason);
    got = other;
  }
  let want: Result = reference;
  for (const { reason, expected } of deviations) {
    const other = expected?.(rest, want);
    if (other === undefined) continue;
    if (other === "sane") {
      if (differences(want, got, args) === "") continue;
      reasons.add(reason);
      return { kind: "sane", reasons: [...reasons], difference: "" };
    }
    if (differences(want, other, args) === "") continue;
    reasons.add(reason);
    want = other;
  }
  const difference = differences(want, got, args);
  if (difference !== "") return wrong(difference);
  return { kind: "deviation", reasons: [...reasons], difference };
}

/** Ours without what it says only of saved trees, which the reference does not know. */
function comparable(ours: Run, { saved }: Input): Run {
  return saved ? { ...ours, stderr: withoutLacks(ours.stderr) } : ours;
}

/** What is wrong with the reference itself, or the empty string. */
function faulty({ stopped, exit }: Run): string {
  if (stopped !== undefined) {
    return stopped === "hang" ? "hangs" : "prints without end";
  }
  return exit >= 128 && exit < 255 ? `dies of signal ${exit - 128}` : "";
}

/**
 * `--check`: asks what checks ask, and says what is wrong.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import type { Check, FoundRow, Numbers, Severity } from "../contract/check.ts";
import { byteString, fromUtf8, toUtf8 } from "../contract/line.ts";
import type { Circumstances } from "../query/plan.ts";
import { Failure } from "../system/failures.ts";
import { geteuid } from "../system/libc.ts";
import type { Tree } from "../system/scan.ts";
import type { Surroundings } from "../views/around.ts";
import { userOf } from "../views/compared.ts";
import { importChecks } from "embedded";
import { chosenFrom } from "./chosen.ts";
import { UNKNOWN } from "./io.ts";
import type { Result } from "./judge.ts";
import { ABSENT, type Asking, lookFor, type Run } from "./looks.ts";
import { type Loaded, surroundingsOf, treeAt } from "./surroundings.ts";
import { writerFor, type Writing } from "./taking.ts";

/** What is said of a check. */
export interface Finding {
  /** The check. */
  readonly check: Check;
  /** How bad it is; undefined if all is well, `unknown` if that could not be asked. */
  readonly severity: Severity | "unknown" | undefined;
  /** What is wrong, or why that could not be asked. */
  readonly text: string;
  /** What to do next. */
  readonly advice: string;
  /** The numbers that decided. */
  readonly numbers: Numbers;
  /** Some of the rows. */
  readonly rows: readonly FoundRow[];
  /** How many rows there are. */
  readonly count: number;
}

/** Severities from the worst to the least, and the exit status of each. */
const STATUSES: readonly (readonly [Finding["severity"], number])[] = [
  ["critical", 2],
  ["warning", 1],
  ["unknown", UNKNOWN],
  ["note", 0],
  [undefined, 0],
];

/** How bad a finding is, from 0 for the worst. */
export function rankOf({ severity }: Finding): number {
  return STATUSES.findIndex(([one]) => one === severity);
}

/** The worst status of findings, as monitoring plugins have it. */
export function statusOf(findings: readonly Finding[]): number {
  const worst = Math.min(...findings.map(rankOf), STATUSES.length - 1);
  return STATUSES[worst]![1];
}

/** Asks the checks that are chosen, and writes what they found. Returns the exit status. */
export async function checked(
  asked: Asked,
  tree: Tree,
  loaded: Loaded,
  writing: Writing & Pick<Circumstances, "lost">,
): Promise<number> {
  const all = await importChecks();
  const { help, chosen } = chosenFrom(all, asked.check!);
  const around = await surroundingsOf(asked, tree, loaded);
  if (help) return await listChecks(all, around, writing);
  const { labelsOfFindings, writeFindings } = await import("./findings.ts");
  const labels = labelsOfFindings(asked.question.label);
  const run: Run = { asked, tree, loaded, lost: writing.lost };
  const before = await beforeOf(run);
  if (before instanceof Failure) {
    writing.warn(toUtf8(`netstat: --diff ${before}`));
    return UNKNOWN;
  }
  const isOneLook = !tree.live && before === undefined;
  const askings = chosen.map(({ check, limits }): Asking => {
    const settings = settingsOf(check, tree);
    const isKnown = typeof settings === "object";
    const numbers = { limits, settings: isKnown ? settings : {} };
    return {
      check,
      numbers,
      changes: undefined,
      judge: undefined,
      reason: !isKnown ? settings : rootReason(check, tree) ??
        (isOneLook && isAllGrowth(check, numbers) ? ONE_LOOK : undefined),
    };
  });
  const asking = askings.filter(({ reason }) => reason === undefined);
  await lookFor(asking, run, { before, sleep: loaded.io.sleep });
  const missing = askings.filter(({ reason }) => reason === ABSENT);
  // who names a check must hear that it was not asked
  const passedOver = asked.check === "" ? [ABSENT, ONE_LOOK] : [ABSENT];
  const findings = askings
    .filter(({ reason }) => !passedOver.includes(reason!))
    .map((one) => findingOf(one, tree));
  const unknown = new Set(
    findings.filter(({ severity }) => severity === "unknown")
      .map(({ check }) => check.name),
  );
  if (isOneLook) tellOneLook(askings, writing);
  // what was found counts for more than what is missing
  for (const { check: { name }, reason } of asking) {
    if (reason !== undefined && reason !== ABSENT && !unknown.has(name)) {
      writing.warn(`netstat: --check ${name}: ${reason}`);
    }
  }
  return await writeFindings(findings, {
    around,
    writing,
    missing: missing.map(({ check }) => check.name),
    partial: partialOf(asking, tree),
    labels,
  });
}

/** That growth cannot be seen. */
const ONE_LOOK =
  "one look does not tell what grows: give an earlier save by --diff";

/** Says which checks do not see all that they look for in one look. */
function tellOneLook(
  askings: readonly Asking[],
  { warn }: Pick<Writing, "warn">,
): void {
  const growing = askings
    .filter(({ check: { growth }, reason }) =>
      growth !== undefined && reason !== ABSENT
    )
    .map(({ check }) => check.name);
  if (growing.length === 0) return;
  warn(
    `netstat: --check: one look only; what grows is unknown to ${
      growing.join(", ")
    }: give an earlier save by --diff`,
  );
}

/** Whether nothing is found without growth. */
function isAllGrowth({ growth = [], when }: Check, numbers: Numbers): boolean {
  return growth.length > 0 &&
    Object.values(when(numbers)).every((text) => text.includes("_growth"));
}

/** Why a check tells nothing to this user; undefined if it does. */
function rootReason({ root }: Check, tree: Tree): string | undefined {
  if (!root) return undefined;
  if (!seesAll(tree)) return "only root sees the processes of all users";
  return tree.live || hasProcesses(tree)
    ? undefined
    : "no processes were saved";
}

/** Whether there is any process in a tree. */
function hasProcesses(tree: Tree): boolean {
  const names = tree.list("/proc");
  if (!(names instanceof Failure)) return names.some((n) => /^\d+$/.test(n));
  tree.failures.forget(names);
  return false;
}

/** The settings that a check needs; or why they cannot be had. */
function settingsOf(
  { settings = {} }: Check,
  tree: Tree,
): Numbers["settings"] | string {
  const found: Record<string, number[]> = {};
  for (const [name, path] of Object.entries(settings)) {
    const text = tree.read(path);
    if (text instanceof Failure) {
      tree.failures.forget(text);
      return text.code === "ENOENT" ? ABSENT : `cannot read ${text}`;
    }
    const numbers = byteString(text).match(/-?\d+/g)?.map(Number) ?? [];
    if (numbers.length === 0) return `${path} has no number`;
    if (numbers.some((n) => n < 0)) return `${path} has a negative number`;
    found[name] = numbers;
  }
  return found;
}

/** The tree of the first look, if it was saved. */
async function beforeOf({ asked }: Run): Promise<Tree | Failure | undefined> {
  return asked.diff === undefined
    ? undefined
    : await treeAt(fromUtf8(asked.diff));
}

/** What a check found. */
function findingOf(
  { check, numbers, judge, reason, trouble }: Asking,
  { live }: Tree,
): Finding {
  const nothing = { check, numbers, rows: [], count: 0, advice: "" };
  const unknown = (text: string): Finding => ({
    ...nothing,
    severity: "unknown",
    text,
    advice: "try as root, or see what the message says",
  });
  const result = judge?.result();
  if (
    result === undefined || reason !== undefined && !isCertain(check, result)
  ) return unknown(reason ?? "nothing was read");
  const { rows, count, severity, seconds, lacks } = result;
  if (severity === undefined && lacks !== undefined && live) {
    return unknown(trouble || `the kernel does not tell of ${lacks}`);
  }
  if (severity === undefined) return { ...nothing, severity, text: "" };
  const found = { ...numbers, rows, count, seconds };
  return {
    check,
    numbers,
    severity,
    rows,
    count,
    text: check.say(found),
    advice: check.advice(found),
  };
}

/** Whether what could not be read changes nothing: enough was found in what could be. */
function isCertain({ absent }: Check, { severity }: Result): boolean {
  return absent
    ? severity === undefined
    : severity === "critical" || severity === "warning";
}

/** Whether the processes of all users are known, as far as a saved tree says. */
function seesAll(tree: Tree): boolean {
  return (tree.live ? geteuid() : userOf(tree) ?? 0) === 0;
}

/** The checks that see part of what there is only. */
function partialOf(asking: readonly Asking[], tree: Tree): string[] {
  return seesAll(tree)
    ? []
    : asking.filter(({ check }) => check.owners).map(({ check }) => check.name);
}

/** Lists the checks. */
async function listChecks(
  all: readonly Check[],
  around: Surroundings,
  writing: Writing,
): Promise<number> {
  const { NO_LAYOUT } = await import("../query/stage.ts");
  const { helpColumns } = await import("./chosen.ts");
  const plan = { table: true, labels: [], counted: undefined };
  const { sink } = await writerFor(around.asked, around.view, plan, writing);
  sink.begin({}, helpColumns(), NO_LAYOUT);
  for (const check of all) sink.row(check);
  sink.end();
  return 0;
}

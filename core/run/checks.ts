/**
 * `--check`: asks what checks ask, each view once for all of them, and says what is wrong.
 *
 * Where growth counts there are two looks, some time apart: rows of the second one are
 * compared with those of the first as `--diff` compares them.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import type { Check, FoundRow, Numbers, Severity } from "../contract/check.ts";
import type { Need } from "../contract/family.ts";
import { byteString, fromUtf8, toUtf8 } from "../contract/line.ts";
import { Messages } from "../contract/said.ts";
import type { Lost, Sink } from "../contract/sink.ts";
import { QuestionError } from "../query/error.ts";
import { Changes } from "../query/change.ts";
import { type Circumstances, type Plan, planOf } from "../query/plan.ts";
import type { Question } from "../query/plan.ts";
import { together } from "../query/together.ts";
import { Failure } from "../system/failures.ts";
import { geteuid } from "../system/libc.ts";
import type { Tree } from "../system/scan.ts";
import type { Surroundings } from "../views/around.ts";
import { timeOf, userOf } from "../views/compared.ts";
import { importChecks } from "embedded";
import { Judge, type Result } from "./judge.ts";
import { chosenFrom } from "./chosen.ts";
import { UNKNOWN } from "./io.ts";
import {
  type Loaded,
  roundOf,
  surroundingsOf,
  treeAt,
  viewingOf,
} from "./surroundings.ts";
import { circumstancesOf, writerFor, type Writing } from "./taking.ts";

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

/** The exit statuses of monitoring plugins. */
const STATUS: Readonly<Record<Severity | "unknown", number>> = {
  critical: 2,
  warning: 1,
  unknown: UNKNOWN,
  note: 0,
};

/** A check, and what its expressions are made of. */
export interface Numbered {
  /** The check. */
  readonly check: Check;
  /** The numbers. */
  readonly numbers: Numbers;
}

/** A check that is asked. */
interface Asking extends Numbered {
  readonly changes: Changes | undefined;
  judge: Judge | undefined;
  /** Why it could not be asked, if it could not. */
  reason: string | undefined;
  /** What went wrong while it was asked, here or elsewhere. */
  trouble?: string;
}

/** What a run of checks works with. */
interface Run {
  readonly asked: Asked;
  readonly tree: Tree;
  readonly loaded: Loaded;
  lost(message: string): void;
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
  await lookTwice(asking, run, { before, sleep: loaded.io.sleep });
  for (const one of asking.filter(({ check }) => check.bySource)) {
    await compareSources(one, run);
  }
  for (const one of asking.filter(({ check }) => check.twice)) {
    await confirm(one, run);
  }
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

/** The worst status of all findings. */
export function statusOf(findings: readonly Finding[]): number {
  for (const severity of ["critical", "warning", "unknown"] as const) {
    if (findings.some((one) => one.severity === severity)) {
      return STATUS[severity];
    }
  }
  return 0;
}

/** That this kernel has not got what a check is about. */
const ABSENT = "absent";

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

/** Looks at all views, twice where growth counts. */
async function lookTwice(
  all: readonly Asking[],
  run: Run,
  { before, sleep }: {
    readonly before: Tree | undefined;
    readonly sleep: (milliseconds: number) => Promise<void>;
  },
): Promise<void> {
  const { tree, asked, lost } = run;
  const groups = Map.groupBy(
    all.filter(({ check }) => !check.bySource),
    // a family that the kernel lacks ends a listing, which must cost no other
    ({ check: { view, families = USUAL[view] } }) => `${view} ${families}`,
  );
  const looks = await Promise.all(
    groups.values().map(async (group) => ({
      group,
      from: await surroundingsOf(groupAsked(group, asked), tree, run.loaded),
    })),
  );
  const first = before ?? (tree.live ? tree : undefined);
  const times: { first: number | undefined; second: number | undefined } = {
    first: first && timeOf(first),
    second: undefined,
  };
  if (first !== undefined) {
    const start = performance.now();
    let count = 0;
    for (const { group, from: { view } } of looks) {
      const growing = group.filter(({ check }) => check.growth !== undefined);
      if (growing.length === 0) continue;
      count++;
      const from = await surroundingsOf(
        groupAsked(growing, asked),
        first,
        run.loaded,
      );
      // whose a socket is does not grow
      const unasked = OWNED;
      await look(growing, from, { ...run, unasked }, (one) => {
        // what is told of a row is what the second look knows
        const changes = new Changes({ view, lost: told(lost), rounds: 1 });
        Object.assign(one, { changes });
        return {
          compares: (_, names) =>
            changes.keep(names, { view: from.view, time: times.first }),
          sink: NOWHERE,
        };
      });
    }
    const left = asked.interval - (performance.now() - start);
    if (count > 0 && before === undefined) await sleep(Math.max(left, 0));
  }
  times.second = timeOf(tree);
  for (const { group, from } of looks) {
    await look(group, from, run, (one) => {
      const { check, numbers, changes } = one;
      const judge = new Judge(
        check,
        numbers,
        from.view,
        changes?.seconds,
      );
      one.judge = judge;
      return {
        compares: changes &&
          ((next, names) => changes.compare(next, names, () => times.second)),
        sink: judge,
      };
    });
  }
}

/** What owners must be looked for by. */
const OWNED: readonly Need[] = ["owner", "holders", "context", "place"];

/** Takes rows that nobody wants to see. */
const NOWHERE: Sink = { begin() {}, row: () => true, end() {} };

/** What is told if there is no room for all rows. */
function told(
  lost: (message: string) => void,
): (option: string, kept: string) => void {
  return (_, kept) =>
    lost(`netstat: --check: there is memory for ${kept} only`);
}

/** The command line that asks for what checks ask for. */
export function groupAsked(
  group: readonly Numbered[],
  asked: Asked,
): Asked {
  const { check: { view } } = group[0]!;
  const families = group.flatMap(({ check }) => check.families ?? USUAL[view]);
  const questions = group.map(({ check, numbers }) =>
    questionOf(check, numbers)
  );
  const columns = questions.flatMap(({ columns, count }) =>
    columns ?? count ?? []
  );
  return {
    ...asked,
    modes: view === "sockets" ? [] : [view],
    families: [...new Set(families)],
    protocols: new Set(),
    groups: false,
    all: true,
    listening: false,
    numeric: true,
    numericHosts: true,
    numericPorts: true,
    programs: false,
    context: false,
    extend: 0,
    format: "ndjson",
    diff: undefined,
    question: {
      where: questions.flatMap(({ where = [] }) => where),
      ...(columns.length > 0 && { columns: columns.join() }),
    },
  };
}

/** The families that a view looks at, unless a check names others. */
const USUAL: Readonly<Record<Check["view"], readonly string[]>> = {
  sockets: ["inet", "inet6"],
  route: ["inet", "inet6"],
  interfaces: [],
  statistics: ["inet"],
};

/** What a check asks. */
export function questionOf(
  { where, columns, count, sort }: Check,
  numbers: Numbers,
): Question {
  const text = where?.(numbers);
  return {
    ...(text !== undefined && { where: [text] }),
    ...(count === undefined ? columns !== undefined && { columns } : { count }),
    ...(sort !== undefined && { sort }),
  };
}

/** Where the rows of a check go. */
interface Way {
  readonly compares: Circumstances["compares"];
  readonly sink: Sink;
}

/** Reads a view once for all of these. */
async function look(
  all: readonly Asking[],
  from: Surroundings,
  { lost: tellLost, unasked }: Run & { readonly unasked?: readonly Need[] },
  wayOf: (one: Asking) => Way,
): Promise<void> {
  const viewing = await viewingOf(from);
  const relations = viewing.relations();
  const asking = all.flatMap((one) => {
    const { check, numbers } = one;
    const { compares, sink } = wayOf(one);
    const plan = sensibly(
      one,
      (): Plan =>
        planOf(questionOf(check, numbers), relations, {
          ...circumstancesOf(from),
          text: false,
          lost: tellLost,
          compares,
        }),
    );
    return plan === undefined ? [] : { one, plan, end: sink };
  });
  const group = asking.map(({ one }) => one);
  const plans = asking.map(({ plan }) => plan);
  const said: string[] = [];
  const messages = new Messages((text) => said.push(text));
  const lost = plans.map((): (Lost | undefined)[] => []);
  const sinks = asking.map(({ one, plan, end }, i): Sink => {
    const sink = plan.sink(end);
    return {
      begin: (head, shown, layout) =>
        void sensibly(one, () => sink.begin(head, shown, layout)),
      row: (row) => one.reason === undefined && sink.row(row),
      end: () => void sensibly(one, () => sink.end()),
      unread(reason) {
        lost[i]!.push(reason);
        // what is not there at all is missing in no number
        if (!reason?.gone) sink.unread?.(reason);
      },
    };
  });
  const { view } = from;
  const { relations: merged, sink } = together(plans, sinks, { view, unasked });
  const round = await roundOf(viewing, {
    ...from,
    sink,
    messages,
    plans: merged,
  });
  const status = await round(true);
  from.tree.failures.end(status, messages);
  const trouble = said.filter((text) => !HARMLESS.test(text))
    .map((text) => text.replace(/^netstat: /, "")).join("; ");
  for (const [i, one] of group.entries()) {
    one.trouble = trouble;
    const missing = lost[i]!;
    const asked = plans[i]!.relations.filter(({ none }) => !none).length;
    if (missing.every((reason) => reason?.gone)) {
      if (asked > 0 && missing.length >= asked) one.reason ??= ABSENT;
      continue;
    }
    const reason = missing.find((reason) =>
      reason !== undefined && !reason.gone
    );
    one.reason ??= reason === undefined
      ? trouble || "the kernel does not tell of it"
      : `cannot read ${reason}`;
  }
}

/**
 * Does a part of a check. If the question makes no sense with the kernel's settings, it is
 * this check that cannot be asked, and no other.
 */
function sensibly<Done>(one: Asking, part: () => Done): Done | undefined {
  if (one.reason !== undefined) return undefined;
  try {
    return part();
  } catch (error) {
    const { settings = {} } = one.check;
    const isOdd = error instanceof QuestionError &&
      Object.keys(settings).length > 0;
    if (!isOdd) throw error;
    const odd = Object.entries(one.numbers.settings)
      .map(([name, values]) => `${name} is ${values.join(" ")}`);
    one.reason = `the settings make no sense: ${odd.join(", ")}`;
    return undefined;
  }
}

/** That the kernel has no such table, and that processes of others are unknown. */
const HARMLESS = /no support for|^\(No|^ /;

/** Looks once more at what was found, if it can have changed meanwhile. */
async function confirm(one: Asking, run: Run): Promise<void> {
  const first = one.judge;
  if (!run.tree.live || first === undefined || first.isEmpty) return;
  const asked = groupAsked([one], run.asked);
  const from = await surroundingsOf(asked, run.tree, run.loaded);
  const { check, numbers } = one;
  const again = new Judge(check, numbers, from.view, undefined);
  await look([one], from, run, () => ({ compares: undefined, sink: again }));
  one.judge = again.both(first);
}

/** Compares files with netlink: what only one of them has is hidden from the other. */
async function compareSources(one: Asking, run: Run): Promise<void> {
  // what was saved is one of both
  if (!run.tree.live) return void (one.reason = ABSENT);
  const asked = groupAsked([one], run.asked);
  const fromBy = (source: "procfs" | "netlink") =>
    surroundingsOf({ ...asked, source }, run.tree, run.loaded);
  const differences = async () => {
    const files = await fromBy("procfs");
    const netlink = await fromBy("netlink");
    const { view } = netlink;
    const changes = new Changes({ view, lost: told(run.lost) });
    await look([one], files, run, () => ({
      compares: (_, names) =>
        changes.keep(names, { view: files.view, time: undefined }),
      sink: NOWHERE,
    }));
    const found = new Judge(one.check, one.numbers, view, undefined);
    await look([one], netlink, run, () => ({
      compares: (next, names) => changes.compare(next, names, () => undefined),
      sink: found,
    }));
    return found;
  };
  const first = await differences();
  // what came or went between the two is no difference the next time
  one.judge = first.isEmpty ? first : (await differences()).both(first);
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
    advice: "Try as root, or see what the message says.",
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

/**
 * What checks look at: each view is read once for all of them, and twice where growth
 * counts, some time apart. Rows of the second look are compared with those of the first
 * as `--diff` compares them.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import type { Check, Numbers } from "../contract/check.ts";
import type { Need } from "../contract/family.ts";
import { Messages } from "../contract/said.ts";
import type { Lost, Sink } from "../contract/sink.ts";
import { Changes } from "../query/change.ts";
import { QuestionError } from "../query/error.ts";
import {
  type Circumstances,
  type Plan,
  planOf,
  type Question,
} from "../query/plan.ts";
import { together } from "../query/together.ts";
import type { Tree } from "../system/scan.ts";
import type { Surroundings } from "../views/around.ts";
import { timeOf } from "../views/compared.ts";
import { Judge } from "./judge.ts";
import {
  type Loaded,
  roundOf,
  surroundingsOf,
  viewingOf,
} from "./surroundings.ts";
import { circumstancesOf } from "./taking.ts";

/** A check, and what its expressions are made of. */
export interface Numbered {
  /** The check. */
  readonly check: Check;
  /** The numbers. */
  readonly numbers: Numbers;
}

/** A check that is asked. */
export interface Asking extends Numbered {
  /** What compares the two looks, once there was one. */
  changes: Changes | undefined;
  /** What was found, once it was looked for. */
  judge: Judge | undefined;
  /** Why it could not be asked, if it could not. */
  reason: string | undefined;
  /** What went wrong while it was asked, here or elsewhere. */
  trouble?: string;
}

/** What a run of checks works with. */
export interface Run {
  /** The command line. */
  readonly asked: Asked;
  /** What is looked at. */
  readonly tree: Tree;
  /** What is loaded. */
  readonly loaded: Loaded;
  /** Is told if there was no memory for all rows. */
  lost(message: string): void;
}

/** That this kernel has not got what a check is about. */
export const ABSENT: string = "absent";

/** Looks for what all of these ask for, as often as each needs it. */
export async function lookFor(
  all: readonly Asking[],
  run: Run,
  first: {
    readonly before: Tree | undefined;
    readonly sleep: (milliseconds: number) => Promise<void>;
  },
): Promise<void> {
  await lookTwice(all.filter(({ check }) => !check.bySource), run, first);
  for (const one of all) {
    if (one.check.bySource) await compareSources(one, run);
    if (one.check.twice) await confirm(one, run);
  }
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
    all,
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
        one.changes = changes;
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
  const judging = one.check.bySource ? differences : lookOnce;
  one.judge = (await judging(one, run)).both(first);
}

/** What one look finds. */
async function lookOnce(one: Asking, run: Run): Promise<Judge> {
  const asked = groupAsked([one], run.asked);
  const from = await surroundingsOf(asked, run.tree, run.loaded);
  const judge = new Judge(one.check, one.numbers, from.view, undefined);
  await look([one], from, run, () => ({ compares: undefined, sink: judge }));
  return judge;
}

/** Compares files with netlink: what only one of them has is hidden from the other. */
async function compareSources(one: Asking, run: Run): Promise<void> {
  // what was saved is one of both
  if (!run.tree.live) one.reason = ABSENT;
  else one.judge = await differences(one, run);
}

/** What files and netlink tell differently. */
async function differences(one: Asking, run: Run): Promise<Judge> {
  const asked = groupAsked([one], run.asked);
  const fromBy = (source: "procfs" | "netlink") =>
    surroundingsOf({ ...asked, source }, run.tree, run.loaded);
  const files = await fromBy("procfs");
  const netlink = await fromBy("netlink");
  const { view } = netlink;
  const changes = new Changes({ view, lost: told(run.lost) });
  await look([one], files, run, () => ({
    compares: (_, names) =>
      changes.keep(names, { view: files.view, time: undefined }),
    sink: NOWHERE,
  }));
  const judge = new Judge(one.check, one.numbers, view, undefined);
  await look([one], netlink, run, () => ({
    compares: (next, names) => changes.compare(next, names, () => undefined),
    sink: judge,
  }));
  return judge;
}

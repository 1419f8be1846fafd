/**
 * One of the fuzzer's processes, alone in mount and network namespaces. Does the
 * trees whose numbers it is given and tells about each command line in a line of
 * JSON.
 *
 * @module
 */

import { inputs, treeSeed } from "./cases.ts";
import { COMMON } from "./deviations.ts";
import type { Input, Subject } from "./format.ts";
import { judge, type Runner, type Verdict } from "./judge.ts";
import { reduce } from "./reduce.ts";
import { save } from "./save.ts";
import { loadSubjects } from "./subjects.ts";
import { coverTrees, makeTrees, run, setUp } from "./world.ts";

/** What a worker is to do. */
export interface Job {
  /** The programs. */
  readonly reference: string;
  readonly ours: string;
  /** The seed of the run, and the subjects' names. */
  readonly seed: number;
  readonly subjects: readonly string[];
  /** The first tree's number, and how far the next one is. */
  readonly first: number;
  readonly step: number;
  /** No tree of this number or a higher one is done. */
  readonly trees: number;
  /** No tree is begun after so many milliseconds. */
  readonly milliseconds: number;
  /** Only the tree of this seed is done. */
  readonly replay?: number;
  /** Where mismatches go as golden cases. */
  readonly save?: string;
}

/** What became of a command line. */
export interface Outcome extends Verdict {
  readonly subject: string;
  /** The tree's seed, and which of its command lines it was. */
  readonly tree: number;
  readonly line: number;
  readonly args: readonly string[];
  readonly saved: boolean;
  /** The folder that the mismatch was saved in. */
  readonly folder?: string;
}

/** A program is stopped after so many milliseconds, … */
const PATIENCE = 10_000;

/** … and one more for each so many bytes that it may have to read. */
const BYTES_A_MILLISECOND = 4000;

async function work(job: Job, tell: (outcome: Outcome) => void): Promise<void> {
  const all = await loadSubjects();
  const subjects = job.subjects.map((name) => all.get(name)!);
  for (const { setup } of subjects) if (setup !== undefined) setUp(setup);
  coverTrees();
  const until = performance.now() + job.milliseconds;
  if (job.replay !== undefined) {
    for (const subject of subjects) {
      await doTree(subject, job.replay, job, tell);
    }
    return;
  }
  for (let number = job.first; number < job.trees; number += job.step) {
    if (performance.now() > until) break;
    const subject = subjects[number % subjects.length]!;
    await doTree(subject, treeSeed(job.seed, number), job, tell);
  }
}

async function doTree(
  subject: Subject,
  tree: number,
  job: Job,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const runner = runnerOf(job);
  const deviations = [...subject.deviations, ...COMMON];
  let reduced = false;
  for (const [line, input] of inputs(subject, tree).entries()) {
    let verdict = await judge(input, deviations, runner);
    let folder: string | undefined;
    if (verdict.kind === "wrong" && job.save !== undefined && !reduced) {
      reduced = true; // others are likely for the same reason
      const small = await reduce(
        input,
        async (candidate) =>
          (await judge(candidate, deviations, runner)).kind === "wrong",
      );
      verdict = await judge(small, deviations, runner);
      folder = `${job.save}/${subject.name}-${tree.toString(16)}-${line}`;
      save(folder, small, await runner("reference", small));
    }
    tell({
      ...verdict,
      subject: subject.name,
      tree,
      line,
      args: input.args,
      saved: input.saved ?? false,
      ...(folder === undefined ? {} : { folder }),
    });
  }
}

/** Runs programs, and makes the trees that they read only when they change. */
function runnerOf(job: Job): Runner {
  let patience = 0;
  let made: Input | undefined;
  return (program, input) => {
    const { args, tree, links, denied, saved } = input;
    if (
      made?.tree !== tree || made.links !== links || made.denied !== denied
    ) {
      made = input;
      makeTrees(input, job.ours);
      const bytes = [...tree.values()].reduce((n, text) => n + text.length, 0);
      patience = PATIENCE + bytes / BYTES_A_MILLISECOND;
    }
    const running = { limit: patience, root: denied === undefined };
    return program === "ours"
      ? run(job.ours, saved ? ["--root", "/", ...args] : args, running)
      : run(job.reference, args, running);
  };
}

/** Ends this process as soon as the one that started it ends. */
async function endWithParent(): Promise<void> {
  for await (const _ of Deno.stdin.readable);
  Deno.exit(1);
}

if (import.meta.main) {
  endWithParent();
  const encoder = new TextEncoder();
  await work(JSON.parse(Deno.args[0]!), (outcome) => {
    Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(outcome)}\n`));
  });
  Deno.exit();
}

/**
 * The differential fuzzer: runs net-tools' netstat and ours on the same made-up
 * files and tells where they differ. Needs root, for namespaces.
 *
 * ```sh
 * ./denow task fuzz --seconds 60 --seed 1
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { LINES_A_TREE } from "./cases.ts";
import type { Verdict } from "./judge.ts";
import { loadSubjects } from "./subjects.ts";
import type { Job, Outcome } from "./worker.ts";

/** What is fuzzed, and for how long. */
export interface Options {
  /** Ends after so many seconds; no limit unless given. */
  readonly seconds?: number;
  /** Ends after about so many command lines; no limit unless given. */
  readonly cases?: number;
  readonly seed: number;
  /** The subjects' names; all of them unless given. */
  readonly subjects?: readonly string[];
  /** The seed of the one tree that is done. */
  readonly replay?: number;
  /** Where mismatches are saved as golden cases, cut down. */
  readonly save?: string;
  /** The program that is tested; `dist/netstat` unless given. */
  readonly netstat?: string;
  /** Called for each command line. */
  tell?(outcome: Outcome): void;
}

/** How many command lines came out how. */
export interface Summary {
  readonly kinds: Record<Verdict["kind"], number>;
  /** By subject, then by kind. */
  readonly subjects: Record<string, Record<Verdict["kind"], number>>;
  /** How often each reason of a deviation was needed. */
  readonly reasons: Record<string, number>;
  readonly wrong: readonly Outcome[];
}

const REFERENCE = "/usr/bin/netstat";
const NETSTAT = new URL("../../dist/netstat", import.meta.url).pathname;

/** Fuzzes. Throws if a worker fails. */
export async function fuzz(options: Options): Promise<Summary> {
  const subjects = options.subjects ?? [...(await loadSubjects()).keys()];
  const workers = options.replay === undefined
    ? navigator.hardwareConcurrency
    : 1;
  const jobs = Array.from({ length: workers }, (_, first): Job => ({
    reference: REFERENCE,
    ours: options.netstat ?? NETSTAT,
    seed: options.seed,
    subjects,
    first,
    step: workers,
    trees: Math.ceil((options.cases ?? Infinity) / LINES_A_TREE),
    milliseconds: 1000 * (options.seconds ?? 1e9),
    ...(options.replay === undefined ? {} : { replay: options.replay }),
    ...(options.save === undefined ? {} : { save: options.save }),
  }));
  const none = () => ({ equal: 0, deviation: 0, sane: 0, wrong: 0 });
  const summary = {
    kinds: none(),
    subjects: Object.fromEntries(subjects.map((name) => [name, none()])),
    reasons: {} as Record<string, number>,
    wrong: [] as Outcome[],
  };
  await Promise.all(jobs.map((job) =>
    runWorker(job, (outcome) => {
      const { kind, subject, reasons } = outcome;
      summary.kinds[kind]++;
      summary.subjects[subject]![kind]++;
      if (kind === "wrong") summary.wrong.push(outcome);
      else {
        for (const reason of reasons) {
          summary.reasons[reason] = (summary.reasons[reason] ?? 0) + 1;
        }
      }
      options.tell?.(outcome);
    })
  ));
  return summary;
}

async function runWorker(
  job: Job,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const child = new Deno.Command("unshare", {
    args: [
      "--mount",
      "--net",
      "--uts",
      Deno.execPath(),
      "run",
      "-A",
      "--quiet",
      new URL("worker.ts", import.meta.url).pathname,
      JSON.stringify({ ...job, trees: Math.min(job.trees, 2 ** 31) }),
    ],
    stdin: "piped", // its end tells the worker that we are gone
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) tell(JSON.parse(line));
  }
  const { code } = await child.status;
  await child.stdin.close();
  if (code !== 0) throw new Error(`A worker ended with status ${code}`);
}

function report(summary: Summary, seconds: number): string {
  const { kinds } = summary;
  const all = Object.values(kinds).reduce((sum, n) => sum + n, 0);
  const lines = [
    `${all} command lines in ${seconds.toFixed(0)} s ` +
    `(${(1000 * seconds / Math.max(1, all)).toFixed(0)} ms each)`,
  ];
  const tell = (title: string, counts: Record<Verdict["kind"], number>) =>
    lines.push(
      `${title}: ${counts.equal} equal, ${counts.deviation} after a deviation, ` +
        `${counts.sane} only orderly, ${counts.wrong} wrong`,
    );
  for (const [name, counts] of Object.entries(summary.subjects)) {
    tell(`  ${name}`, counts);
  }
  tell("  all", kinds);
  const reasons = Object.entries(summary.reasons).sort(([, a], [, b]) => b - a);
  for (const [reason, count] of reasons) {
    lines.push(`${count.toString().padStart(7)}  ${reason}`);
  }
  return lines.join("\n");
}

const USAGE =
  `usage: fuzz [--seconds N | --cases N] [--seed N] [--subject NAME]...
            [--replay SUBJECT-TREE] [--save FOLDER] [--netstat FILE]`;

/** The options; undefined if they are none, or help is asked for. */
function optionsOf(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean" },
        seconds: { type: "string" },
        cases: { type: "string" },
        seed: { type: "string", default: "1" },
        subject: { type: "string", multiple: true },
        replay: { type: "string" },
        save: { type: "string" },
        netstat: { type: "string" },
      },
    });
    return values.help ? undefined : values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    print(`fuzz: ${error.message}`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const values = optionsOf(Deno.args);
  if (values === undefined) {
    print(USAGE);
    return 1;
  }
  const { seconds, cases, seed, subject, replay, save, netstat } = values;
  const start = performance.now();
  // a mismatch is named SUBJECT-SEED, as it is told and saved
  const [, name, tree] = /^(.+?)-([0-9a-f]+)(?:-\d+)?$/.exec(replay ?? "") ??
    [];
  const summary = await fuzz({
    seed: Number(seed),
    ...(seconds === undefined && cases === undefined ? { seconds: 60 } : {}),
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    ...(cases === undefined ? {} : { cases: Number(cases) }),
    ...(name !== undefined
      ? { subjects: [name], replay: parseInt(tree!, 16) }
      : subject === undefined
      ? {}
      : { subjects: subject }),
    ...(save === undefined ? {} : { save: await folder(save) }),
    ...(netstat === undefined ? {} : { netstat }),
    tell(outcome) {
      if (outcome.kind === "wrong") print(tellWrong(outcome));
    },
  });
  print(report(summary, (performance.now() - start) / 1000));
  const compared = summary.kinds.equal + summary.kinds.deviation;
  return summary.kinds.wrong > 0 || compared === 0 ? 1 : 0;
}

/** A folder's full path; it is made if it is not there. */
async function folder(path: string): Promise<string> {
  await Deno.mkdir(path, { recursive: true });
  return await Deno.realPath(path);
}

/** What is printed of a mismatch. */
function tellWrong(outcome: Outcome): string {
  const { subject, tree, line, args, difference, saved, folder } = outcome;
  return [
    `${subject}-${tree.toString(16)}-${line}: netstat ${args.join(" ")}${
      saved ? " (--root /)" : ""
    }`,
    difference,
    ...(folder === undefined ? [] : [`  saved in ${folder}`]),
  ].join("\n");
}

const encoder = new TextEncoder();

function print(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

if (import.meta.main) Deno.exitCode = await main();

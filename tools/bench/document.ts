/**
 * Writes what was measured as `docs/performance.md`.
 *
 * @module
 */

import {
  ABOUT,
  type Bound,
  type Case,
  CASES,
  type Choice,
  type Part,
  type Rival,
} from "./cases.ts";
import {
  fits,
  holds,
  lineThrough,
  type Measured,
  median,
  ratioOf,
  type Result,
} from "./figures.ts";
import type { Fact } from "./machine.ts";

/** Everything that was found out. */
export interface Findings {
  readonly choice: Choice;
  readonly facts: readonly Fact[];
  readonly cases: readonly Case[];
  readonly results: readonly Result[];
  /** What could not be measured, and why. */
  readonly errors: readonly string[];
}

const HEAD = `# Performance

<!-- Written by \`./denow task bench\` from what it measured. -->

Whole processes of the compiled executable, from their start to their end, beside
net-tools' \`netstat\` ("reference"), \`ss\` and busybox's \`netstat\`. All commands of a
row's case run in turn, round by round; times are medians, a ratio is one of medians,
and in brackets stand the smallest and the largest within a round. Output goes to
\`/dev/null\`. Before that each command ran once, and where the arguments are the same,
ours and the reference printed the same bytes. Loads are live in namespaces of their
own, or files in a tree that is mounted over \`/proc\` for all programs. The executable
and the empty program are copies that were written one after the other: how the pages of
so large a file lie in memory is worth up to 3 ms of a start.
`;

const QUICK = `
**A quick look: loads are small, and bounds are meant for large ones.**
`;

/** The document. */
export function performanceDocument(findings: Findings): string {
  const { choice, facts, errors } = findings;
  return [
    HEAD,
    ...(choice.quick ? [QUICK] : []),
    table(["", ""], facts.map(([name, value]) => [name, escape(value)])),
    ...errors.map((error) => `**Not measured:** ${escape(error)}\n`),
    besideSection(findings, undefined),
    besideSection(findings, "today"),
    startSection(findings),
    growthSection(findings),
  ].filter((part) => part !== "").join("\n");
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** The results of each case, by ascending size. */
function* resultsOf(
  { cases, results }: Findings,
): Generator<{ one: Case; found: Result[] }> {
  for (const one of cases) {
    const found = results.filter(({ name }) => name === one.name);
    if (found.length > 0) yield { one, found };
  }
}

/** What stands over the tables of programs beside ours. */
const BESIDE = {
  same: `## Beside other programs

Time, CPU time (user and system), and the most memory.
`,
  today: `## Beside what people do today

One command of ours, and what answers the same question without it.
`,
};

function besideSection(findings: Findings, part: Part | undefined): string {
  const rows: string[][] = [];
  for (const { one, found } of resultsOf(findings)) {
    if (one.table === part) rows.push(...besideRows(one, found.at(-1)!));
  }
  const head = BESIDE[part === "today" ? part : "same"];
  return rows.length === 0 ? "" : `${head}\n` + table(
    ["command", "ours", "rounds", "beside", "its", "ratio", "bound", ""],
    rows,
  );
}

/** The rows of a case: one for each rival, and one for memory if it is bounded. */
function besideRows(one: Case, { size, runs }: Result): string[][] {
  const [ours, ...others] = runs as [Measured, ...Measured[]];
  const world = ABOUT[one.world](size.toLocaleString("en"));
  const what = `${command(one.args)}, ${world}`;
  const rows = others.map((their, i) => [
    nameOf(their) + elsewhere(one.rivals[i]!),
    their.absent ? "absent" : figures(their),
    their.absent ? "" : ratio(ours, their),
    bound(one.rivals[i]!),
    verdict(bound(one.rivals[i]!), holds(one.rivals[i]!, their, runs)),
  ]);
  if (one.peak !== undefined) {
    const limit = `memory ≤ ${one.peak} MiB`;
    rows.push(["", "", "", limit, verdict(limit, fits(one, ours))]);
  }
  // what all rows of a case share stands in its first row
  return rows.map((row, i) => [
    ...(i === 0
      ? [what, figures(ours), String(ours.wall.length)]
      : ["", "", ""]),
    ...row,
  ]);
}

function command(args: string): string {
  return `\`${args}\``;
}

function nameOf({ program, args, through }: Measured): string {
  if (program === "empty") return "an empty program";
  const rest = through === undefined ? "" : ` | ${through}`;
  return `${program} ${escape(command(args + rest))}`;
}

/** Where a rival was measured, if that is another case's world. */
function elsewhere({ of }: Rival): string {
  const other = CASES.find(({ name }) => name === of);
  if (other === undefined) return "";
  return `, ${ABOUT[other.world](other.sizes.at(-1)!.toLocaleString("en"))}`;
}

/** Time, CPU time, memory. */
function figures({ wall, cpu, peak }: Measured): string {
  const memory = peak === undefined ? "" : `, ${Math.round(peak / 1024)} MiB`;
  return `${duration(median(wall))}, CPU ${duration(median(cpu))}${memory}`;
}

function duration(milliseconds: number): string {
  return milliseconds < 1000
    ? `${milliseconds.toPrecision(3)} ms`
    : `${(milliseconds / 1000).toPrecision(3)} s`;
}

function ratio(ours: Measured, theirs: Measured): string {
  const { of, least, most } = ratioOf(ours.wall, theirs.wall);
  const [a, b, c] = [of, least, most]
    .map((n) => n < 10 ? n.toPrecision(2) : n.toFixed(0));
  return `${a} (${b}–${c})`;
}

function bound({ ratio, plus, aim }: Bound): string {
  if (ratio === undefined && plus === undefined) return "";
  const more = plus === "start" ? "a start" : `${plus} ms`;
  const most = plus === undefined ? `≤ ${ratio}` : `≤ its + ${more}`;
  return aim ? `aim ${most}` : most;
}

function verdict(bound: string, holding: boolean | undefined): string {
  if (bound === "") return "";
  if (holding === undefined) return "not measured";
  return holding ? "holds" : "**misses**";
}

function startSection(findings: Findings): string {
  const parts: string[] = [];
  for (const { one, found } of resultsOf(findings)) {
    if (one.table === "start") parts.push(startTable(found[0]!));
  }
  return parts.length === 0
    ? ""
    : `## What a start is made of\n\n${parts.join("\n")}`;
}

function startTable({ runs }: Result): string {
  const empty = runs.find(({ program }) => program === "empty")!;
  const floor = median(empty.wall);
  const rows = [empty, ...runs.filter((run) => run !== empty)].map((run) => {
    const wall = median(run.wall);
    return [
      run === empty ? nameOf(run) : command(run.args),
      duration(wall),
      duration(median(run.cpu)),
      run === empty ? "" : `${(wall - floor).toFixed(1)} ms`,
    ];
  });
  return `Among a few routes and sockets. \`-V\` loads what each start loads, and the
help, and reads nothing.

` + table(["command", "time", "CPU time", "above an empty program"], rows);
}

function growthSection(findings: Findings): string {
  const rows: string[][] = [];
  for (const { one, found } of resultsOf(findings)) {
    if (found.length < 2) continue;
    for (const row of growthRows(one, found)) {
      // other programs do the same beside several of our commands
      const known = rows.some(([what, who]) =>
        what === row[0] && who === row[1]
      );
      if (!known) rows.push(row);
    }
  }
  return rows.length === 0 ? "" : `## Growth

Time by rows, and the line through it (least squares of relative deviations):
what a start costs, what a row costs, and how far the farthest point is from it.

` + table(["command", "program", "times", "start", "row", "deviation"], rows);
}

/** A row for each program that ran at all sizes. */
function growthRows(one: Case, found: readonly Result[]): string[][] {
  const rows: string[][] = [];
  for (const [i, run] of found[0]!.runs.entries()) {
    if (run.absent) continue;
    const points = found.map(({ size, runs }) => ({
      size,
      time: median(runs[i]!.wall),
    }));
    const { constant, slope, deviation } = lineThrough(points);
    rows.push([
      `${command(run.args)}, ${one.world}`,
      run.program,
      points.map(({ size, time }) =>
        `${size.toLocaleString("en")}: ${duration(time)}`
      ).join("; "),
      duration(constant),
      `${(slope * 1e6).toFixed(0)} ns`,
      `${(deviation * 100).toFixed(0)} %`,
    ]);
  }
  return rows;
}

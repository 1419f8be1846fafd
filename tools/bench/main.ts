/**
 * Measures the compiled executable beside net-tools' `netstat`, `ss` and busybox, and
 * prints what it found; a full run writes it to `docs/performance.md`. Needs root, and
 * a quiet machine. What it starts lives in namespaces that end with it.
 *
 * ```sh
 * ./denow task bench [--rounds N] [--only NAME] [--quick]
 * ```
 *
 * @module
 */

import { dirname } from "node:path/posix";
import { parseArgs } from "node:util";
import { NETSTAT, REFERENCE } from "../../tests/e2e/namespace.ts";
import { build, OWN_TARGET } from "../build.ts";
import { BuildError } from "../sh.ts";
import { CASES, type Choice, chosenCases, type World } from "./cases.ts";
import { type Findings, performanceDocument } from "./document.ts";
import { filledIn, type Result } from "./figures.ts";
import type { Task, Told } from "./inside.ts";
import { type Fact, machine, type Programs } from "./machine.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const INSIDE = new URL("inside.ts", import.meta.url).pathname;
const DOCUMENT = "docs/performance.md";

/** Runs `ss` in every network namespace that has a name. */
const EACH = "/bin/sh";
const EACH_SS =
  'for name in /run/netns/*; do ip netns exec "${name##*/}" ss "$@"; done';

/** A world takes this long at most, in milliseconds. */
const GUARD = 300_000;

/** Where programs are made, in the project's ignored folder. */
const WORKSHOP = ".deno/bench";

const USAGE = `usage: bench [--rounds N] [--only NAME] [--quick]
names: ${CASES.map(({ name }) => name).join(" ")}`;

/** The arguments or the machine do not allow a measurement. */
class BenchError extends Error {}

function choiceOf(args: string[]): Choice {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: "string" },
        only: { type: "string" },
        quick: { type: "boolean", default: false },
      },
    });
    const { only, quick, rounds: text } = values;
    const rounds = text === undefined ? quick ? 2 : undefined : Number(text);
    if (rounds !== undefined && !(rounds >= 1)) throw new Error("no rounds");
    const known = CASES.map(({ name }) => name);
    if (only !== undefined && !known.includes(only)) {
      throw new Error(`no case is called ${only}`);
    }
    return {
      quick,
      ...(only === undefined ? {} : { only }),
      ...(rounds === undefined ? {} : { rounds }),
    };
  } catch (error) {
    throw new BenchError(`${(error as Error).message}\n${USAGE}`);
  }
}

/** The namespaces of a world; killing this process ends everything in them. */
let world: Deno.ChildProcess | undefined;

/** Ends the world that is there. */
function endWorld(): void {
  try {
    world?.kill("SIGKILL");
  } catch {
    // it has ended by itself
  }
}

/** Measures the cases of a world in new namespaces. */
async function measure(
  name: World,
  { choice, programs }: { choice: Choice; programs: Programs },
  each: (told: Told) => void,
): Promise<void> {
  const task: Task = { world: name, choice, programs };
  const words = [
    // what kills this program kills the world as well
    ...["setpriv", "--pdeathsig", "KILL"],
    ...["unshare", "--net", "--mount", "--pid", "--mount-proc", "--kill-child"],
    ...[Deno.execPath(), "run", "-A", INSIDE, JSON.stringify(task)],
  ];
  const child = new Deno.Command(words[0]!, {
    args: words.slice(1),
    stdin: "null",
    stdout: "piped",
  }).spawn();
  world = child;
  const guard = setTimeout(endWorld, GUARD);
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) each(JSON.parse(line));
  }
  const { success, code } = await child.status;
  if (!success) each({ error: `ended with status ${code}` });
  clearTimeout(guard);
  world = undefined;
}

async function bench(choice: Choice): Promise<Findings> {
  const cases = chosenCases(choice);
  await Deno.mkdir(WORKSHOP, { recursive: true });
  const [ours, empty] = ["netstat", "empty"].map((name) =>
    `${ROOT}${WORKSHOP}/programs/${name}`
  ) as [string, string];
  await copied(NETSTAT, ours);
  const programs: Programs = {
    netstat: [ours],
    reference: [REFERENCE],
    ss: ["/usr/bin/ss"],
    "each ss": [EACH, "-c", EACH_SS, "ss"],
    busybox: ["/usr/bin/busybox", "netstat"],
    lsof: ["/usr/bin/lsof"],
    empty: [empty],
  };
  const facts: Fact[] = await machine(programs);
  if (cases.some((one) => one.rivals.some((r) => r.program === "empty"))) {
    say("an empty program");
    const entry = `${WORKSHOP}/empty.ts`;
    await Deno.writeTextFile(entry, "");
    const output = `${WORKSHOP}/empty`;
    await build({ target: OWN_TARGET, output, entry });
    await copied(output, empty);
  }
  const results: Result[] = [];
  const errors: string[] = [];
  for (const name of new Set(cases.map((one) => one.world))) {
    say(name);
    await measure(name, { choice, programs }, (told) => {
      if ("error" in told) errors.push(`${name}: ${told.error}`);
      else results.push(told);
    });
  }
  return {
    choice,
    facts,
    cases,
    results: filledIn(results, cases),
    errors,
  };
}

/**
 * Copies a program. How the pages of its file lie in memory, which goes by how and when it
 * was written or read, is up to 3 of the 30 ms that a start takes, so that programs whose
 * starts are compared are written in the same way at the same time.
 */
async function copied(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.remove(to).catch(() => {});
  await Deno.copyFile(from, to);
}

/** Tells on stderr how far it is. */
function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`bench: ${text}\n`));
}

function print(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      endWorld();
      Deno.exit(1);
    });
  }
  try {
    const choice = choiceOf(Deno.args);
    if (Deno.uid() !== 0) throw new BenchError("needs root");
    Deno.chdir(ROOT);
    const findings = await bench(choice);
    const text = performanceDocument(findings);
    print(text);
    if (!choice.quick && choice.only === undefined) {
      await Deno.writeTextFile(DOCUMENT, text);
    }
    if (findings.errors.length > 0) Deno.exitCode = 1;
  } catch (error) {
    endWorld();
    if (!(error instanceof BenchError || error instanceof BuildError)) {
      throw error;
    }
    say(error.message);
    Deno.exitCode = 1;
  }
  // signals would be waited for
  Deno.exit();
}

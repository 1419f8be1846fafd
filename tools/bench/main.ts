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

import { parseArgs } from "node:util";
import { NETSTAT, REFERENCE } from "../../tests/e2e/namespace.ts";
import { build, BuildError, OWN_TARGET } from "../build.ts";
import { CASES, type Choice, chosenCases, type World } from "./cases.ts";
import { type Findings, performanceDocument } from "./document.ts";
import type { Result } from "./figures.ts";
import { type Fact, machine, type Programs } from "./machine.ts";
import { type Cost, moduleCosts, WORKSHOP } from "./modules.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const INSIDE = new URL("inside.ts", import.meta.url).pathname;
const DOCUMENT = "docs/performance.md";

/** A world takes this long at most, in milliseconds. */
const GUARD = 300_000;

/** What `--only` calls the part that needs no world. */
const MODULES = "modules";

const USAGE = `usage: bench [--rounds N] [--only NAME] [--quick]
names: ${CASES.map(({ name }) => name).join(" ")} ${MODULES}`;

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
    const known = [...CASES.map(({ name }) => name), MODULES];
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
  each: (line: Result | { error: string }) => void,
): Promise<void> {
  const task = JSON.stringify({ world: name, choice, programs });
  // what kills this program kills the world as well
  const child = new Deno.Command("setpriv", {
    args: [
      ...["--pdeathsig", "KILL", "unshare"],
      ...["--net", "--mount", "--pid", "--fork", "--mount-proc"],
      ...["--kill-child", Deno.execPath(), "run", "-A", INSIDE, task],
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  world = child;
  const guard = setTimeout(() => {
    each({ error: `${name}: not ready after ${GUARD / 1000} s` });
    endWorld();
  }, GUARD);
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) each(JSON.parse(line));
  }
  await child.status;
  clearTimeout(guard);
  world = undefined;
}

async function bench(choice: Choice): Promise<Findings> {
  const cases = chosenCases(choice);
  await Deno.mkdir(WORKSHOP, { recursive: true });
  const empty = `${ROOT}${WORKSHOP}/empty`;
  const programs: Programs = {
    netstat: [NETSTAT],
    reference: [REFERENCE],
    ss: ["/usr/bin/ss"],
    busybox: ["/usr/bin/busybox", "netstat"],
    empty: [empty],
  };
  const facts: Fact[] = await machine(programs);
  if (cases.some((one) => one.rivals.some((r) => r.program === "empty"))) {
    say("an empty program");
    const entry = `${WORKSHOP}/empty.ts`;
    await Deno.writeTextFile(entry, "");
    await build({ target: OWN_TARGET, output: empty, entry });
  }
  let modules: Cost[] = [];
  if (choice.only === undefined || choice.only === MODULES) {
    say(MODULES);
    modules = await moduleCosts();
  }
  const results: Result[] = [];
  const errors: string[] = [];
  for (const name of new Set(cases.map((one) => one.world))) {
    say(name);
    await measure(name, { choice, programs }, (line) => {
      if ("error" in line) errors.push(`${name}: ${line.error}`);
      else results.push(line);
    });
  }
  return { choice, facts, cases, results, errors, modules };
}

/** Tells on stderr how far it is. */
function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`bench: ${text}\n`));
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
    await Deno.stdout.write(new TextEncoder().encode(text));
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

/**
 * Makes one world and measures its cases in it; each result is a line of JSON on
 * stdout. `main.ts` starts this in new namespaces, whose first process it is:
 * everything that it started ends with it.
 *
 * @module
 */

import {
  type Case,
  type Choice,
  chosenCases,
  type Rival,
  wordsOf,
  type World,
} from "./cases.ts";
import type { Result, Samples } from "./figures.ts";
import type { Programs } from "./machine.ts";
import { type Run, spawn } from "./spawn.ts";
import { MAKERS, prepare, SCRATCH } from "./worlds.ts";

/** What is measured here, and by which programs. */
export interface Task {
  readonly world: World;
  readonly choice: Choice;
  readonly programs: Programs;
}

/** What goes to `main.ts`. */
export type Told = Result | { readonly error: string };

const SHELL = "/bin/sh";

/** GNU time, which tells how much memory a program needed. */
const TIME = "/usr/bin/time";

/** Rounds of a case: at least these, until that time is over; at most those. */
const ROUNDS_LEAST = 5;
const ROUNDS_MOST = 25;
const TIME_LEAST = 4_000;

/** Slow cases get fewer rounds, and none after this time, in milliseconds. */
const TIME_MOST = 30_000;

/** One of the commands of a case. */
interface Command extends Pick<Rival, "program" | "args" | "through"> {
  /** The largest exit status that is no error. */
  readonly most: number;
  /** The path and all words; undefined if the program is absent. */
  readonly words: readonly string[] | undefined;
}

/** Measures all cases of a world; one that fails costs nothing else. */
async function measureWorld(
  { world, choice, programs }: Task,
  tell: (told: Told) => void,
): Promise<void> {
  const cases = chosenCases(choice).filter((one) => one.world === world);
  const sizes = [...new Set(cases.flatMap((one) => one.sizes))]
    .sort((a, b) => a - b);
  await prepare();
  const timed = await exists(TIME);
  const netstat = programs.netstat[0]!;
  let before = 0;
  for (const size of sizes) {
    await MAKERS[world]({ size, before, netstat });
    before = size;
    for (const one of cases.filter((one) => one.sizes.includes(size))) {
      const commands = await commandsOf(one, programs);
      try {
        const peaks = firstRuns(commands, timed);
        const samples = inTurn(commands, choice.rounds);
        const runs = commands.map(({ words, most: _, ...command }, i) => ({
          ...command,
          absent: words === undefined,
          ...peaks[i],
          ...samples[i]!,
        }));
        tell({ name: one.name, size, runs });
      } catch (error) {
        if (!(error instanceof CaseError)) throw error;
        tell({ error: `${one.name}, size ${size}: ${error.message}` });
      }
    }
  }
}

/** A command of a case does not do what it should. */
class CaseError extends Error {}

async function commandsOf(
  { args, rivals, finds }: Case,
  programs: Task["programs"],
): Promise<Command[]> {
  const all: Rival[] = [{ program: "netstat", args }, ...rivals];
  return await Promise.all(all.map(async (rival, i) => {
    const { program, args, through, of } = rival;
    const most = i === 0 && finds ? 2 : 0;
    const command = { program, args, most };
    if (of !== undefined) return { ...command, words: undefined };
    const words = [...programs[program], ...wordsOf(args)];
    const found = await exists(words[0]!);
    if (through === undefined) {
      return { ...command, words: found ? words : undefined };
    }
    const piped = [SHELL, "-c", `"$0" "$@" | ${through}`, ...words];
    return { ...command, through, words: found ? piped : undefined };
  }));
}

/**
 * Runs each command once, so that its files are in memory; sees that it works, and
 * that ours and the reference print the same for the same arguments. Returns how
 * much memory each needed, in KiB.
 */
function firstRuns(
  commands: readonly Command[],
  timed: boolean,
): { peak?: number }[] {
  const peaks = commands.map((command, i) => {
    if (command.words === undefined) return {};
    const peak = `${SCRATCH}/peak`;
    // a process that starts another one counts its own memory as the other's: the
    // small program in between keeps ours, which is large, out of that
    const first = timed ? [TIME, "-q", "-f", "%M", "-o", peak] : [];
    runOf(command, [...first, ...command.words], printed(i));
    return timed ? { peak: Number(Deno.readTextFileSync(peak)) } : {};
  });
  const [ours, ...others] = commands;
  for (const [i, { program, args, through, words }] of others.entries()) {
    const judges = program === "reference" && args === ours!.args &&
      through === undefined;
    if (!judges || words === undefined) continue;
    if (sameBytes(printed(0), printed(i + 1))) continue;
    throw new CaseError(`netstat ${args} prints what the reference does not`);
  }
  for (const [i, { words }] of commands.entries()) {
    if (words !== undefined) Deno.removeSync(printed(i));
  }
  return peaks;
}

/** Runs a command that has to succeed. */
function runOf(
  { program, args, most }: Command,
  words: readonly string[],
  stdout?: string,
): Run {
  const stderr = `${SCRATCH}/stderr`;
  const run = spawn(
    words,
    stdout === undefined ? { stderr } : { stdout, stderr },
  );
  if (run.exit >= 0 && run.exit <= most) return run;
  const said = Deno.readTextFileSync(stderr).trim();
  throw new CaseError(`${program} ${args} ends with ${run.exit}: ${said}`);
}

/** Where a command prints to at first. */
function printed(command: number): string {
  return `${SCRATCH}/stdout-${command}`;
}

function sameBytes(path: string, other: string): boolean {
  return spawn(["/usr/bin/cmp", "-s", path, other]).exit === 0;
}

/** Runs commands one after the other, again and again: A B C, A B C, … */
function inTurn(
  commands: readonly Command[],
  rounds: number | undefined,
): Samples[] {
  const runs: Run[][] = commands.map(() => []);
  const begin = performance.now();
  for (
    let round = 0;
    !enough(round, rounds, performance.now() - begin);
    round++
  ) {
    for (const [i, command] of commands.entries()) {
      if (command.words !== undefined) {
        runs[i]!.push(runOf(command, command.words));
      }
    }
  }
  return runs.map((runs) => ({
    wall: runs.map(({ wall }) => wall),
    cpu: runs.map(({ cpu }) => cpu),
  }));
}

/** Whether so many rounds in so many milliseconds will do. */
function enough(
  done: number,
  wanted: number | undefined,
  spent: number,
): boolean {
  if (wanted !== undefined) return done >= wanted;
  if (spent >= TIME_MOST || done >= ROUNDS_MOST) return true;
  return done >= ROUNDS_LEAST && spent >= TIME_LEAST;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

if (import.meta.main) {
  const say = (told: Told) =>
    Deno.stdout.writeSync(
      new TextEncoder().encode(JSON.stringify(told) + "\n"),
    );
  try {
    await measureWorld(JSON.parse(Deno.args[0]!), say);
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  }
  // nobody else ends the processes that hold sockets
  Deno.exit();
}

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
  type Program,
  type World,
} from "./cases.ts";
import type { Result, Samples } from "./figures.ts";
import { spawn } from "./spawn.ts";
import { MAKERS, prepare, SCRATCH } from "./worlds.ts";

/** What is measured here, and by which programs. */
export interface Task {
  readonly world: World;
  readonly choice: Choice;
  /** Paths, each with the words that come before the arguments. */
  readonly programs: Readonly<Record<Program, readonly string[]>>;
}

/** GNU time, which tells how much memory a program needed. */
export const TIME = "/usr/bin/time";

/** Rounds of a case: at least these, until that time is over; at most those. */
const ROUNDS_LEAST = 5;
const ROUNDS_MOST = 25;
const TIME_LEAST = 4_000;

/** Slow cases get fewer rounds, and none after this time, in milliseconds. */
const TIME_MOST = 30_000;

/** One of the commands of a case. */
interface Command {
  readonly program: Program;
  readonly args: string;
  /** The path and all words; undefined if the program is absent. */
  readonly words: readonly string[] | undefined;
}

/** Measures all cases of a world. */
async function measureWorld(
  { world, choice, programs }: Task,
  each: (result: Result) => void,
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
      const peaks = firstRuns(commands, timed);
      const samples = inTurn(commands, choice.rounds);
      each({
        name: one.name,
        size,
        runs: commands.map(({ program, args, words }, i) => ({
          program,
          args,
          absent: words === undefined,
          ...(peaks[i] === undefined ? {} : { peak: peaks[i] }),
          ...samples[i]!,
        })),
      });
    }
  }
}

async function commandsOf(
  { args, rivals }: Case,
  programs: Task["programs"],
): Promise<Command[]> {
  const all = [{ program: "netstat", args } as const, ...rivals];
  return await Promise.all(all.map(async ({ program, args }) => {
    const words = [...programs[program], ...args.split(" ").filter(Boolean)];
    const found = await exists(words[0]!);
    return { program, args, words: found ? words : undefined };
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
): (number | undefined)[] {
  const peaks = commands.map(({ words }, i) => {
    if (words === undefined) return undefined;
    const peak = `${SCRATCH}/peak`;
    // a process that starts another one counts its own memory as the other's: the
    // small program in between keeps ours, which is large, out of that
    const first = timed ? [TIME, "-q", "-f", "%M", "-o", peak] : [];
    const stderr = `${SCRATCH}/stderr`;
    const { exit } = spawn([...first, ...words], {
      stdout: printed(i),
      stderr,
    });
    const said = Deno.readTextFileSync(stderr).trim();
    if (exit !== 0 || Deno.statSync(printed(i)).size === 0 && i === 0) {
      throw new Error(`${words.join(" ")} ends with ${exit}: ${said}`);
    }
    return timed ? Number(Deno.readTextFileSync(peak)) : undefined;
  });
  const [ours, ...others] = commands;
  for (const [i, other] of others.entries()) {
    if (other.program !== "reference" || other.args !== ours!.args) continue;
    if (other.words === undefined) continue;
    if (!sameBytes(printed(0), printed(i + 1))) {
      throw new Error(
        `netstat ${other.args} prints what the reference does not`,
      );
    }
  }
  for (const [i, { words }] of commands.entries()) {
    if (words !== undefined) Deno.removeSync(printed(i));
  }
  return peaks;
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
  const samples = commands.map(() => ({
    wall: [] as number[],
    cpu: [] as number[],
  }));
  const begin = performance.now();
  for (let round = 0;; round++) {
    const spent = performance.now() - begin;
    if (
      round > 0 &&
      (rounds === undefined ? enough(round, spent) : round >= rounds)
    ) return samples;
    for (const [i, { words }] of commands.entries()) {
      if (words === undefined) continue;
      const { wall, cpu, exit } = spawn(words);
      if (exit !== 0) throw new Error(`${words.join(" ")} ends with ${exit}`);
      samples[i]!.wall.push(wall);
      samples[i]!.cpu.push(cpu);
    }
  }
}

function enough(rounds: number, spent: number): boolean {
  if (spent >= TIME_MOST || rounds >= ROUNDS_MOST) return true;
  return rounds >= ROUNDS_LEAST && spent >= TIME_LEAST;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

if (import.meta.main) {
  const say = (line: unknown) =>
    Deno.stdout.writeSync(
      new TextEncoder().encode(JSON.stringify(line) + "\n"),
    );
  try {
    await measureWorld(JSON.parse(Deno.args[0]!), say);
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  }
  // nobody else ends the processes that hold sockets
  Deno.exit();
}

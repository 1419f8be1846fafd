/**
 * Network namespaces that a test makes, and both programs in them. Needs root.
 *
 * @module
 */

import assert from "node:assert/strict";
import { byteString } from "../../core/contract/line.ts";
import { differences, type Result } from "../cases.ts";
import { NETSTAT, REFERENCE } from "./namespace.ts";

/** A comparison is made so often until the reference agrees with itself. */
const ATTEMPTS = 10;

/** So long is waited before the next attempt, in milliseconds. */
const PAUSE = 200;

/** Namespaces that a process holds open. */
export interface World {
  /** The process. */
  readonly pid: number;
  /** What it said when it was ready. */
  readonly said: string;
  /** Ends it. */
  end(): Promise<void>;
}

/**
 * Makes namespaces by `unshare`, whose arguments these are. The program in them
 * says a line that starts with `ready`, and ends when its standard input does.
 */
export async function makeWorld(...args: string[]): Promise<World> {
  const child = new Deno.Command("unshare", {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) break;
    said += value;
  }
  const end = async () => {
    await child.stdin.close().catch(() => {});
    await reader.cancel();
    await child.status;
  };
  if (said.startsWith("ready")) return { pid: child.pid, said, end };
  await end();
  throw new Error(`Cannot make a world: unshare ${args.join(" ")}`);
}

/** How a program is run. */
export interface Looking {
  /** As this user and group. */
  readonly uid?: number;
  /** In the world's mount namespace, too. */
  readonly mounts?: boolean;
  /** In the world's mount and PID namespaces, too. */
  readonly pids?: boolean;
  /** By this program and its arguments, such as `prlimit`. */
  readonly through?: readonly string[];
}

/** Runs a program in the world, under the name `netstat`. */
export async function look(
  { pid }: World,
  program: string,
  args: readonly string[],
  { uid = 0, mounts = false, pids = false, through = [] }: Looking = {},
): Promise<Result> {
  const user = uid === 0
    ? []
    : ["setpriv", "--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups"];
  const { code, stdout, stderr } = await new Deno.Command("nsenter", {
    args: [
      ...(mounts || pids ? ["--mount"] : []),
      ...(pids ? [`--pid=/proc/${pid}/ns/pid_for_children`] : []),
      "--net",
      `--target=${pid}`,
      ...user,
      ...through,
      "bash",
      "-c",
      'exec -a netstat "$0" "$@"',
      program,
      ...args,
    ],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C", TZ: "UTC" },
    stdin: "null",
  }).output();
  return { stdout: byteString(stdout), stderr: byteString(stderr), exit: code };
}

/** Replaces what moves while one looks: how long a timer has still to run. */
export function still(result: Result): Result {
  return {
    ...result,
    stdout: result.stdout.replace(/\(\d+\.\d\d\//g, "(#/"),
  };
}

/** The reference's text as we would print it: no control byte but newline. */
export function harmless(result: Result): Result {
  return {
    ...result,
    stdout: result.stdout
      .replace(/\xc2[\x80-\x9f]/g, "..")
      // deno-lint-ignore no-control-regex
      .replace(/[\x00-\x09\x0b-\x1f\x7f]/g, "."),
  };
}

/** How two results are compared. */
export interface Comparing extends Looking {
  /** Where our program is, if not where it was built. */
  readonly ours?: string;
  /** Words that only our program is given. */
  readonly own?: readonly string[];
  /** Takes out of each what moves by itself. */
  still?(result: Result): Result;
  /** Makes of the reference's what we print on purpose. */
  expected?(reference: Result): Result;
}

/**
 * Compares the two programs: ours stands between two runs of the reference, which
 * can judge only if it prints the same twice.
 */
export async function compare(
  world: World,
  args: readonly string[],
  how: Comparing = {},
): Promise<{ reference: Result; ours: Result }> {
  const { still = (r) => r, expected = (r) => r } = how;
  const run = async (program: string, own: readonly string[] = []) =>
    still(await look(world, program, [...args, ...own], how));
  let problem = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reference = await run(REFERENCE);
    const ours = await run(how.ours ?? NETSTAT, how.own);
    const again = await run(REFERENCE);
    const words = [...args];
    problem = differences(reference, again, words);
    if (problem === "") {
      problem = differences(expected(reference), ours, words);
      if (problem === "") return { reference, ours };
    } else {
      problem = `the reference does not agree with itself:\n${problem}`;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return assert.fail(problem);
}

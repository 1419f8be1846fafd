/**
 * Runs programs to their ends, each in the same surroundings.
 *
 * @module
 */

import assert from "node:assert/strict";
import { byteString } from "../../core/contract/line.ts";
import type { Result } from "../cases.ts";

/** All that programs find in their environment. */
export const ENV: Readonly<Record<string, string>> = {
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** The status of what is ended by SIGKILL. */
const KILLED = 137;

/** How a program is run. */
export interface Running {
  /** Variables besides the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its working directory; `/` unless given. */
  readonly cwd?: string;
  /** So long may it take; twenty seconds unless given. */
  readonly seconds?: number;
  /** What it reads; nothing unless given. */
  readonly input?: Uint8Array;
}

/** What a run came to; a signal is a status above 128. */
export interface Ended extends Result {
  /** Whether it had to be ended, with all that it had started. */
  readonly late: boolean;
}

/** Runs a program, or a program that runs it. */
export async function attempt(
  words: readonly string[],
  { env, cwd = "/", seconds = 20, input }: Running = {},
): Promise<Ended> {
  const child = new Deno.Command("timeout", {
    args: ["--signal=KILL", `${seconds}`, ...words],
    clearEnv: true,
    env: { ...ENV, ...env },
    cwd,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(input);
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  return {
    stdout: byteString(stdout),
    stderr: byteString(stderr),
    exit: code,
    late: code === KILLED,
  };
}

/** {@linkcode attempt} of what has to end in time. */
export async function run(
  words: readonly string[],
  how: Running = {},
): Promise<Result> {
  const { late, ...result } = await attempt(words, how);
  assert.ok(!late, `still running: ${words.join(" ")}`);
  return result;
}

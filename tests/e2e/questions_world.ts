/**
 * A machine whose answers are known (`questions_world.py`). Needs root.
 *
 * @module
 */

import type { Result } from "../cases.ts";
import { NETSTAT } from "./namespace.ts";
import { look, type Looking, makeWorld, type World } from "./world.ts";

const WORLD = new URL("questions_world.py", import.meta.url).pathname;

/** The machine. */
export interface Machine extends World {
  /** Where its files are. */
  readonly folder: string;
  /** The process ids of `nginx`, `curl` and `named`. */
  readonly pids: Readonly<Record<string, number>>;
}

/** Makes the machine for a test; `past` asks for connections that are over. */
export async function inWorld(
  test: (machine: Machine) => Promise<void>,
  ...more: "past"[]
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "questions-" });
  await Deno.chmod(folder, 0o755);
  try {
    const world = await makeWorld(
      ...["--mount", "--net", "--pid", "--fork", "--kill-child"],
      ...["--mount-proc", "--propagation", "private"],
      ...["python3", WORLD, folder, ...more],
    );
    try {
      const pids = JSON.parse(world.said.replace(/^ready /, ""));
      await test({ ...world, folder, pids });
    } finally {
      await world.end();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the executable on the machine. */
export function netstat(
  machine: Machine,
  args: readonly string[],
  how: Looking = {},
): Promise<Result> {
  return look(machine, NETSTAT, args, { pids: true, ...how });
}

/** A program that runs until it is ended. */
export interface Held {
  /** Ends it. */
  end(): Promise<void>;
}

/** Has Python do something in the machine's network before it waits for its end. */
export async function hold({ pid }: Machine, code: string): Promise<Held> {
  const whole = `import socket, sys\n${code}\n` +
    "print('ready', flush=True)\nsys.stdin.read()";
  const child = new Deno.Command("nsenter", {
    args: ["--net", `--target=${pid}`, "python3", "-c", whole],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    async end() {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

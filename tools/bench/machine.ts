/**
 * What was measured on, and with what.
 *
 * @module
 */

import type { Program } from "./cases.ts";

/** A name and what it is. */
export type Fact = readonly [name: string, value: string];

/** The paths of the programs, each with the words that come before the arguments. */
export type Programs = Readonly<Record<Program, readonly string[]>>;

const VERSIONS: readonly (readonly [string, Program, readonly string[]])[] = [
  ["netstat", "netstat", ["-V"]],
  ["reference", "reference", ["-V"]],
  ["ss", "ss", ["-V"]],
  ["busybox", "busybox", []],
];

/** Describes the machine and the programs. */
export async function machine(programs: Programs): Promise<Fact[]> {
  const cpu = /^model name\s*: (.*)$/m
    .exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1];
  const gib = Deno.systemMemoryInfo().total / 2 ** 30;
  const load = Deno.loadavg().map((n) => n.toFixed(1)).join(", ");
  const facts: Fact[] = [
    ["date", new Date().toISOString().slice(0, 10)],
    ["processor", `${cpu ?? Deno.build.arch}, ${cores()}`],
    ["memory", `${gib.toFixed(0)} GiB`],
    ["kernel", `Linux ${Deno.osRelease()}`],
    ["load at the start", load],
  ];
  for (const [name, program, args] of VERSIONS) {
    facts.push([name, await versionOf(programs[program][0]!, args)]);
  }
  return [...facts, ["runtime", `Deno ${Deno.version.deno}`]];
}

function cores(): string {
  const count = navigator.hardwareConcurrency;
  return `${count} ${count === 1 ? "core" : "cores"}`;
}

/** What a program says of itself, or that it is absent. */
async function versionOf(
  path: string,
  args: readonly string[],
): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(path, { args: [...args] })
      .output();
    return new TextDecoder().decode(stdout).split("\n")[0]!;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "absent";
  }
}

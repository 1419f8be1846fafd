/**
 * What a program asks of the system, as strace tells it. Needs `strace`.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { run } from "./child.ts";

/** What was asked for. */
export interface Trace extends Result {
  /** Each file that was opened or looked at, in general terms (see {@linkcode term}). */
  readonly files: ReadonlySet<string>;
  /** Each socket that was made, and each peer: `socket AF_INET`, `connect HOST:PORT`. */
  readonly network: ReadonlySet<string>;
  /** Lines that no listing of anything explains. */
  readonly offences: readonly string[];
}

/** How a program is traced. */
export interface Tracing {
  /** Comes in front of strace: `nsenter …`. */
  readonly inside?: readonly string[];
  /** Added to an environment that has little else. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the program runs. */
  readonly cwd?: string;
  /** Kills the program after so many seconds, as `-c` needs it. */
  readonly seconds?: number;
}

/** Runs `program` under strace. */
export async function trace(
  program: string,
  args: readonly string[],
  { inside = [], env = {}, cwd = "/", seconds }: Tracing = {},
): Promise<Trace> {
  const log = await Deno.makeTempFile({ prefix: "trace-" });
  try {
    const given = Object.entries(env).flatMap((pair) => ["-E", pair.join("=")]);
    const words = [
      ...inside,
      ...(seconds === undefined ? [] : ["timeout", "-s", "INT", `${seconds}`]),
      "strace",
      ...["-f", "-qq", "-y", "-s", "4096", "-o", log],
      ...["-e", "trace=%file,%network,%process"],
      ...given,
      program,
      ...args,
    ];
    const result = await run(words, { cwd });
    const lines = (await Deno.readTextFile(log)).split("\n");
    // the trace is one of the program, and is complete
    assert.ok(lines.some((line) => line.includes("execve(")), `${words}`);
    return { ...sorted(lines, program), ...result };
  } finally {
    await Deno.remove(log);
  }
}

/** Calls that change the file system, whatever their arguments. */
const CHANGES =
  /^(creat|mkdir|mknod|rename|link|symlink|unlink|rmdir|truncate|f?chmod|l?f?chown|utime|futime|mount|setxattr)/;

/** Calls whose strings are results. */
const NO_PATH = /^(getcwd|recv|getsock|getpeer|setsock)/;

/** Calls that make a process or a thread. */
const STARTS = /^(fork|vfork|clone3?)$/;

/** What the lines of a trace of `program` come to. */
export function sorted(
  lines: readonly string[],
  program: string,
): Pick<Trace, "files" | "network" | "offences"> {
  const files = new Set<string>();
  const network = new Set<string>();
  const offences: string[] = [];
  let programs = 0;
  for (const line of lines) {
    // a signal, an exit, or the second half of a call is no call
    const call = /^\d+ +(\w+)\((.*)/.exec(line);
    if (call === null) continue;
    const [, name, rest] = call as unknown as [string, string, string];
    if (name.startsWith("exec")) {
      if (++programs > 1) offences.push(line);
      continue;
    }
    if (STARTS.test(name)) {
      if (!rest.includes("CLONE_THREAD")) offences.push(line);
      continue;
    }
    const said = socketCall(name, rest);
    if (said !== undefined) {
      network.add(said);
      continue;
    }
    if (NO_PATH.test(name)) continue;
    const path = pathOf(rest);
    if (path !== undefined && path !== "") files.add(term(path, program));
    if (path === "/dev/null" || path === "/dev/tty") continue;
    const writes = CHANGES.test(name) ||
      /\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b/.test(rest);
    const ofOthers = path !== undefined && path !== program &&
      /^(\/(var\/)?tmp|\/home|\/root|\/dev\/shm|[^/])(\/|$)/.test(path);
    if (writes || ofOthers) offences.push(line);
  }
  return { files, network, offences };
}

/** The path that a call is about: below the folder that a descriptor stands for. */
function pathOf(rest: string): string | undefined {
  // only the first string is an argument: readlink's second one is a result
  const call = /^(?:\w+<(\/[^>]*)>, )?(?:[^"]*?)"((?:[^"\\]|\\.)*)"/.exec(rest);
  if (call === null) return undefined;
  const [, folder, path] = call as unknown as [string, string, string];
  const isBelow = folder !== undefined && path !== "" && !path.startsWith("/");
  return isBelow ? `${folder.replace(/\/$/, "")}/${path}` : path;
}

/** What a call on sockets says, if it is one. */
function socketCall(name: string, rest: string): string | undefined {
  if (name === "socket" || name === "socketpair") {
    return `${name} ${rest.split(",")[0]}`;
  }
  if (!/^(connect|bind|sendto|sendmsg|sendmmsg|listen|accept4?)$/.test(name)) {
    return undefined;
  }
  const host = /inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)"/
    .exec(rest);
  const port = /htons\((\d+)\)/.exec(rest);
  if (host && port) {
    // a query is sent to whom the socket is connected to
    return `${name} ${port[1] === "53" ? "SERVER" : host[1] ?? host[2]}:${
      port[1]
    }`;
  }
  const path = /sun_path="([^"]*)"/.exec(rest);
  return path ? `${name} ${path[1]}` : name;
}

/**
 * A path in general terms: `PID`, `TID` and `N` for numbers of processes, threads and
 * descriptors, `EXECUTABLE` for the program, `*.so` for any shared library, and
 * `/sys/fs/cgroup/*` for all below it, which differs from machine to machine.
 */
export function term(path: string, program: string): string {
  if (path === program) return "EXECUTABLE";
  if (/\.so(\.\d+)*$/.test(path)) return "*.so";
  return path
    .replace(/^\/proc\/\d+(?=\/|$)/, "/proc/PID")
    .replace(/^(\/proc\/PID\/task\/)\d+/, "$1TID")
    .replace(/^(\/proc\/(?:PID|self)\/fd(?:info)?\/)\d+$/, "$1N")
    .replace(/^\/sys\/fs\/cgroup\/.*/, "/sys/fs/cgroup/*")
    .replace(/^\/usr\/share\/zoneinfo\/.*/, "/usr/share/zoneinfo/*");
}

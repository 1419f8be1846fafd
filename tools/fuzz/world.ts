/**
 * Runs the programs on files of our making, which stand in place of `/proc`, `/sys`
 * and `/etc`. Only for a process that is alone in mount and network namespaces.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Result } from "../../tests/cases.ts";
import { latin1 } from "./bytes.ts";
import type { Input, Tree } from "./format.ts";

/** What a program printed, and whether it had to be stopped. */
export interface Run extends Result {
  /** Why it was stopped: it took too long, or printed too much. */
  readonly stopped?: "hang" | "flood";
}

/** Nobody needs more than this. */
const FLOOD = 256 << 20;

/** All that both programs are told by their environment. */
const ENVIRONMENT = {
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** The user without rights. */
export const NOBODY = 65534;

const NSSWITCH = [
  "passwd",
  "group",
  "shadow",
  "hosts",
  "networks",
  "protocols",
  "services",
  "ethers",
  "rpc",
].map((database) => `${database}: files\n`).join("");

const TOPS = ["/etc", "/sys", "/proc"];

/** Runs a shell script, while the system's own trees are still there. */
export function setUp(script: string): void {
  command("sh", "-e", "-c", script);
}

function command(name: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(name, { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Puts empty trees over `/etc`, `/sys` and `/proc`, for good. */
export function coverTrees(): void {
  // `mount` itself reads /proc, so that comes last
  for (const top of TOPS) {
    command("mount", "-t", "tmpfs", "-o", "mode=0755", "none", top);
  }
}

/** Makes the trees anew. */
export function makeTrees(
  { tree, links, denied }: Omit<Input, "args">,
  executable: string,
): void {
  for (const top of TOPS) {
    for (const entry of Deno.readDirSync(top)) {
      Deno.removeSync(`${top}/${entry.name}`, { recursive: true });
    }
  }
  writeFile("/etc/nsswitch.conf", NSSWITCH);
  Deno.mkdirSync("/proc/self");
  // the compiled program finds its own code there
  Deno.symlinkSync(executable, "/proc/self/exe");
  for (const pid of pids([tree, links ?? new Map()])) {
    Deno.mkdirSync(`/proc/${pid}`);
  }
  for (const [path, text] of tree) writeFile(path, text);
  for (const [path, target] of links ?? []) {
    Deno.mkdirSync(folderOf(path), { recursive: true });
    Deno.symlinkSync(target, path);
  }
  for (const path of denied ?? []) {
    // a deviation may have taken the file away
    if (isThere(path)) Deno.chmodSync(path, 0);
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Processes, the last one first: a tmpfs lists the newest name first. */
function pids(trees: readonly Tree[]): string[] {
  const found = new Set<string>();
  for (const path of trees.flatMap((tree) => [...tree.keys()])) {
    const pid = /^\/proc\/(\d+)\//.exec(path);
    if (pid) found.add(pid[1]!);
  }
  return [...found].sort((a, b) => Number(b) - Number(a));
}

function writeFile(path: string, text: string): void {
  Deno.mkdirSync(folderOf(path), { recursive: true });
  Deno.writeFileSync(path, Buffer.from(text, "latin1"));
}

/** The folder that a file is in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** How a program is run. */
export interface Running {
  /** It is stopped after so many milliseconds. */
  readonly limit: number;
  /** Whether root runs it, or else somebody without rights. */
  readonly root: boolean;
}

// only a shell can tell a program that it is called `netstat`
const AS_ROOT = ["bash", "-c", 'exec -a netstat "$0" "$@"'];
const AS_NOBODY = [
  "setpriv",
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
  ...AS_ROOT,
];

/** Runs a program. */
export async function run(
  program: string,
  args: readonly string[],
  { limit, root }: Running,
): Promise<Run> {
  const [command, ...before] = root ? AS_ROOT : AS_NOBODY;
  const child = new Deno.Command(command!, {
    args: [...before, program, ...args],
    cwd: "/",
    clearEnv: true,
    env: ENVIRONMENT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stopped: Run["stopped"];
  const stop = (why: Run["stopped"]) => {
    if (stopped === undefined) child.kill("SIGKILL");
    stopped ??= why;
  };
  const timer = setTimeout(() => stop("hang"), limit);
  const [stdout, stderr, { code }] = await Promise.all([
    collect(child.stdout, () => stop("flood")),
    collect(child.stderr, () => stop("flood")),
    child.status,
  ]);
  clearTimeout(timer);
  return {
    stdout,
    stderr,
    exit: code,
    ...(stopped === undefined ? {} : { stopped }),
  };
}

/** All that comes out of a stream, up to a limit, as a byte string. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  flooded: () => void,
): Promise<string> {
  // one buffer: net-tools writes some tables line by line
  let buffer = Buffer.alloc(1 << 16);
  let size = 0;
  for await (const chunk of stream) {
    if (size + chunk.length > FLOOD) {
      flooded();
      continue;
    }
    if (size + chunk.length > buffer.length) {
      buffer = Buffer.concat([buffer], 2 * (size + chunk.length));
    }
    buffer.set(chunk, size);
    size += chunk.length;
  }
  return latin1(buffer.subarray(0, size));
}

/**
 * Golden cases: folders below `testdata/`, whose `stdout`, `stderr` and `exit` were
 * recorded from net-tools' netstat. `testdata/README.md` describes the files.
 *
 * @module
 */

import { byteString } from "../core/contract/line.ts";

/** What a program printed, as byte strings, and its exit status. */
export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/** A case. */
export interface Case {
  /** `folder/name`. */
  readonly name: string;
  readonly path: string;
  /** The words after `netstat`. */
  readonly args: string[];
  readonly uid: number;
  /** Send SIGTERM after so many seconds. */
  readonly timeout: number | undefined;
  /** Environment variables. */
  readonly env: Record<string, string>;
  /** What the reference printed. */
  readonly reference: Result;
  /** What we print instead, if the case is a deviation. */
  readonly ours: Partial<Result> | undefined;
  /** What we print with `--json` besides, if the case says so. */
  readonly json?: string | undefined;
  /** Whether the case needs what only a mount namespace can give. */
  readonly needsKernel: boolean;
  /** Why another run of the reference cannot print what was recorded, if so. */
  readonly unrepeatable?: string;
}

const TESTDATA = new URL("../testdata/", import.meta.url).pathname;

/** All cases, sorted by name. */
export function loadCases(): Case[] {
  const cases: Case[] = [];
  for (const folder of folders(TESTDATA)) {
    for (const name of folders(TESTDATA + folder)) {
      if (exists(`${TESTDATA}${folder}/${name}/cmd`)) {
        cases.push(loadCase(`${folder}/${name}`));
      }
    }
  }
  return cases;
}

function loadCase(name: string): Case {
  const path = TESTDATA + name;
  const timeout = text(`${path}/timeout`);
  const unrepeatable = text(`${path}/needs`) ?? text(`${path}/unsteady`);
  const result = (folder: string): Partial<Result> => {
    const [stdout, stderr, exit] = ["stdout", "stderr", "exit"]
      .map((part) => bytes(`${folder}/${part}`));
    return {
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      ...(exit === undefined ? {} : { exit: Number(exit) }),
    };
  };
  return {
    name,
    path,
    args: shellWords(text(`${path}/cmd`)!.split("\n")[0]!),
    uid: Number(text(`${path}/uid`) ?? 0),
    timeout: timeout === undefined ? undefined : Number(timeout),
    env: Object.fromEntries(
      lines(`${path}/env`).map((line) => line.split(/=(.*)/s).slice(0, 2)),
    ),
    reference: result(path) as Result,
    ours: exists(`${path}/ours`) ? result(`${path}/ours`) : undefined,
    json: bytes(`${path}/json`),
    needsKernel: [
      "uid",
      "modes",
      "owners",
      "setup",
      "kernel",
      "timeout",
      "env",
    ].some((file) => exists(`${path}/${file}`)),
    ...(unrepeatable === undefined ? {} : { unrepeatable }),
  };
}

/** The deviations that are listed, by case, with their reasons. */
export function loadDeviations(): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of lines(`${TESTDATA}deviations.txt`)) {
    const [, name, reason] = /^(\S+)\s+(.+)$/.exec(line)!;
    found.set(name!, reason!);
  }
  return found;
}

/**
 * Says how a result differs from the reference's, or is empty. Of usage texts only
 * that they are there counts, and of version texts only the exit status: those
 * texts describe the program.
 */
export function differences(want: Result, got: Result, args: string[]): string {
  const parts: string[] = [];
  if (want.exit !== got.exit) {
    parts.push(`exit: ${want.exit}, but we: ${got.exit}`);
  }
  for (const stream of ["stdout", "stderr"] as const) {
    if (stream === "stdout" && isVersion(want, args)) continue;
    const [reference, ours] = [cut(want[stream]), cut(got[stream])];
    if (reference !== ours) {
      parts.push(`${stream}:\n${firstDifference(reference, ours)}`);
    }
  }
  return parts.join("\n");
}

function isVersion(want: Result, args: string[]): boolean {
  return want.stdout.startsWith("net-tools 2.10\n") && args.length > 0;
}

/** The text up to a usage text, and a word in its place. */
function cut(text: string): string {
  const usage = /^usage: ?netstat/im.exec(text);
  return usage ? text.slice(0, usage.index) + "<usage>" : text;
}

function firstDifference(reference: string, ours: string): string {
  const [a, b] = [reference.split("\n"), ours.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  const i = at < 0 ? a.length : at;
  const show = (line: string | undefined) =>
    line === undefined ? "(no such line)" : JSON.stringify(line);
  return `  line ${i + 1}\n  - ${show(a[i])}\n  + ${show(b[i])}`;
}

/** Splits a line into words as a POSIX shell does: quotes, nothing is expanded. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  const token = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;
  let word: string | undefined;
  for (const [all, single, double, escaped, plain] of line.matchAll(token)) {
    if (/^\s/.test(all) && plain === undefined && single === undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") +
        (single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain!);
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/**
 * Makes the tree that a case describes as real files below `root`, for `--root`.
 */
export function makeTree(from: Case, root: string): void {
  Deno.mkdirSync(`${root}/proc`, { recursive: true });
  for (const top of ["proc", "sys", "etc"]) {
    if (exists(`${from.path}/${top}`)) {
      copyTree(`${from.path}/${top}`, `${root}/${top}`);
    }
  }
  for (const path of lines(`${from.path}/dirs`)) {
    Deno.mkdirSync(`${root}/${path.trim()}`, { recursive: true });
  }
  for (const line of lines(`${from.path}/links`)) {
    const [path, target] = line.split(/ -> (.*)/s) as [string, string];
    const parent = `${root}/${path}`.replace(/\/[^/]*$/, "");
    Deno.mkdirSync(parent, { recursive: true });
    Deno.symlinkSync(target, `${root}/${path}`);
  }
}

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const entry of Deno.readDirSync(from)) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory) copyTree(source, target);
    else if (entry.isSymlink) {
      Deno.symlinkSync(Deno.readLinkSync(source), target);
    } else Deno.copyFileSync(source, target);
  }
}

function folders(path: string): string[] {
  return Array.from(Deno.readDirSync(path))
    .filter((entry) => entry.isDirectory)
    .map((entry) => entry.name)
    .sort();
}

function lines(path: string): string[] {
  return (text(path) ?? "").split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

function text(path: string): string | undefined {
  return exists(path) ? Deno.readTextFileSync(path) : undefined;
}

function bytes(path: string): string | undefined {
  return exists(path) ? byteString(Deno.readFileSync(path)) : undefined;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

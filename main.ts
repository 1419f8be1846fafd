/**
 * `netstat`: turns arguments into an exit status.
 *
 * @module
 */

import type { Family } from "./core/family.ts";
import { byteString } from "./core/line.ts";
import { namesOf } from "./core/names.ts";
import { type Asked, OPTIONS, readOptions, type Stop } from "./core/options.ts";
import { findFamily, loadFamilies } from "./core/registry.ts";
import type { Report } from "./core/report.ts";
import { Tree } from "./core/scan.ts";
import { selinuxEnabled } from "./core/selinux.ts";
import { listSockets, select } from "./core/sockets.ts";
import { viewOf } from "./core/view.ts";
import { ROUTING_FAMILIES, usage, version } from "./render/help.ts";
import { jsonReport } from "./render/json.ts";
import { Output, standardOutput, WriteError } from "./render/out.ts";
import { textReport } from "./render/text.ts";

/** The surroundings of a run. */
export interface Io {
  /** Where listings go. */
  readonly stdout: Output;
  /** Where messages go. */
  readonly stderr: Output;
  /** The name that the program was called by. */
  programName(): Promise<string>;
  /** Whether the first operand ends the options (`POSIXLY_CORRECT`). */
  readonly posix: boolean;
  /** Waits between the rounds of `-c`. */
  sleep(milliseconds: number): Promise<void>;
}

/** The status of a program that SIGPIPE ended, as a shell tells it. */
const STATUS_SIGPIPE = 128 + 13;

/**
 * Does what the arguments say. Returns the exit status.
 *
 * Throws {@linkcode WriteError} if stdout cannot be written to.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const warn = (message: string) => {
    if (io.stdout.eager) io.stdout.flush();
    io.stderr.foreign(message);
    io.stderr.endRow();
  };
  const families = await loadFamilies();
  const asked = readOptions(args.map(utf8), {
    posix: io.posix,
    family: (word) => findFamily(families, word)?.name,
    selinux: (root) => selinuxEnabled(treeAt(root)),
    warn,
  });
  if ("stop" in asked) return await stop(asked, io, warn);

  const missing = notBuiltIn(asked);
  if (missing !== undefined) {
    warn(`netstat: ${missing} is not built in yet`);
    return 1;
  }
  const unreadable = treeAt(asked.root).failure();
  if (unreadable !== undefined) {
    warn(`netstat: --root ${unreadable}`);
    return 1;
  }
  return await repeat(asked, io, showSockets(asked, families, io, warn));
}

/** The listing that was asked for, to be shown once or every second. */
function showSockets(
  asked: Asked,
  families: readonly Family[],
  io: Io,
  warn: (message: string) => void,
): () => number {
  const tree = treeAt(asked.root);
  const view = viewOf(asked, namesOf(tree));
  const selection = select(families, asked, view);
  const report = reportFor(asked, io, warn);
  return () => listSockets(selection, view, { tree, report });
}

async function repeat(
  asked: Asked,
  io: Io,
  show: () => number,
): Promise<number> {
  for (;;) {
    const status = show();
    if (!asked.continuous || status !== 0) return status;
    await io.sleep(1000);
  }
}

function reportFor(
  asked: Asked,
  io: Io,
  warn: (message: string) => void,
): Report {
  return asked.format === "text"
    ? textReport(io.stdout, warn)
    : jsonReport(io.stdout, warn, asked.format === "ndjson");
}

/** What was asked for and is still to come, if anything. */
function notBuiltIn(asked: Asked): string | undefined {
  if (asked.modes.length > 0) return `--${asked.modes[0]}`;
  return asked.groups ? "--groups" : undefined;
}

/** Ends the run early: help, version, or what is wrong with the arguments. */
async function stop(
  stop: Stop,
  io: Io,
  warn: (message: string) => void,
): Promise<number> {
  const { stdout, stderr } = io;
  switch (stop.stop) {
    case "help":
      stdout.ascii(usage(OPTIONS));
      stdout.flush();
      stderr.ascii(ROUTING_FAMILIES);
      stderr.flush();
      return 0;
    case "version":
      stdout.ascii(version());
      stdout.flush();
      return 0;
    case "usage":
      if (stop.error !== "") {
        const name = stop.saved ? "netstat" : await io.programName();
        warn(`${name}: ${stop.error}`);
      }
      stderr.ascii(usage(OPTIONS) + ROUTING_FAMILIES);
      stderr.flush();
      return 3;
    case "error":
      warn(stop.error);
      return 1;
  }
}

/** A word's bytes. */
function utf8(word: string): string {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(word)
    ? word
    : byteString(new TextEncoder().encode(word));
}

/** The tree below a root that was given as a byte string. */
function treeAt(root: string): Tree {
  const bytes = Uint8Array.from(root, (c) => c.charCodeAt(0));
  return new Tree(new TextDecoder().decode(bytes));
}

if (import.meta.main) {
  const stderr = new Output((bytes) => Deno.stderr.writeSync(bytes), true);
  const stdout = new Output(
    standardOutput(),
    Deno.stdout.isTerminal(),
  );
  try {
    Deno.exitCode = await run(Deno.args, {
      stdout,
      stderr,
      async programName() {
        // only Node's API knows how the program was called
        return utf8((await import("node:process")).argv0);
      },
      posix: Deno.env.has("POSIXLY_CORRECT"),
      sleep: (milliseconds) =>
        new Promise((resolve) => setTimeout(resolve, milliseconds)),
    });
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    Deno.exitCode = error.closed ? STATUS_SIGPIPE : 1;
    if (!error.closed) {
      stderr.foreign(`netstat: write error: ${error.message}`);
      try {
        stderr.endRow();
      } catch {
        // nobody is left to tell
      }
    }
  }
}

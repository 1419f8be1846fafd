/**
 * `netstat`: turns arguments into an exit status.
 *
 * @module
 */

import type { Around, Round } from "./core/around.ts";
import type { Family } from "./core/family.ts";
import { callsUnderWay } from "./core/libc.ts";
import { fromUtf8, toUtf8 } from "./core/line.ts";
import { namesOf } from "./core/names.ts";
import {
  type Asked,
  OPTIONS,
  readOptions,
  type Stop,
  valuesOf,
} from "./core/options.ts";
import { FamilyFileError, loadPlugins, type Plugin } from "./core/plugins.ts";
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
  /** Finds the families that are built in. */
  families(): Promise<readonly Family[]>;
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
  const { posix } = io;
  const words = args.map(toUtf8);
  const families = await io.families();
  const files = valuesOf("family", words, posix).map(fromUtf8);
  const { plugins, errors } = await loadPlugins(files, families);
  try {
    const known = [...families, ...plugins.map((plugin) => plugin.family)];
    const warn = (message: string) => warnOn(io, message);
    const asked = readOptions(words, {
      posix,
      family: (word) => findFamily(known, word)?.name,
      selinux: (root) => selinuxEnabled(new Tree(fromUtf8(root))),
      warn,
    });
    if ("stop" in asked && asked.stop !== "error") return await stop(asked, io);
    for (const error of errors) warn(`netstat: ${error.message}`);
    if ("stop" in asked) return await stop(asked, io);
    asked.root = fromUtf8(asked.root);
    const unreadable = new Tree(asked.root).failure();
    if (unreadable !== undefined) {
      warn(`netstat: --root ${unreadable}`);
      return 1;
    }
    const around = aroundOf(asked, families, io);
    const round = await roundOf(around, plugins);
    const status = await repeat(around, io, round);
    return status === 0 && errors.length > 0 ? 1 : status;
  } finally {
    plugins.forEach((plugin) => plugin.close());
  }
}

/** Prints a message on stderr, after what stands before it on a terminal. */
function warnOn({ stdout, stderr }: Io, message: string): void {
  if (stdout.eager) stdout.flush();
  stderr.foreign(message);
  stderr.endRow();
}

/** What the view works with. */
function aroundOf(
  asked: Asked,
  families: readonly Family[],
  io: Io,
): Around {
  const tree = new Tree(asked.root);
  const view = viewOf(asked, namesOf(tree, asked.patience));
  return { asked, families, tree, view, report: reportFor(asked, io) };
}

/** The view that was asked for. */
async function roundOf(
  around: Around,
  plugins: readonly Plugin[],
): Promise<Round> {
  switch (around.asked.modes[0]) {
    case "route":
      return (await import("./core/routes.ts")).routesRound(around);
    case "interfaces": {
      const { interfacesRound } = await import("./core/interfaces.ts");
      return interfacesRound(around);
    }
    case "masquerade": {
      const { masqueradeRound } = await import("./core/masquerade.ts");
      return masqueradeRound(around);
    }
    case "statistics": {
      const { statisticsRound } = await import("./core/statistics.ts");
      return statisticsRound(around);
    }
  }
  return socketRound(around, plugins);
}

/** Lists sockets: those of the families that are built in, then the others'. */
function socketRound(around: Around, plugins: readonly Plugin[]): Round {
  const { asked, families, view, report } = around;
  const selection = select(families, asked, view);
  const chosen = plugins.filter(({ family }) =>
    selection.everything ? !family.hidden : asked.families.includes(family.name)
  );
  return async () => {
    report.begin(view);
    let status = await listSockets(selection, around);
    if (status === 0) {
      for (const plugin of chosen) {
        status = Math.max(status, await listPlugin(plugin, asked, report));
      }
    }
    report.end();
    return status;
  };
}

/** Lists the sockets of a family file; one that fails costs nothing else. */
async function listPlugin(
  plugin: Plugin,
  asked: Asked,
  report: Report,
): Promise<number> {
  try {
    return await plugin.list(asked, {
      rows: (lines) => report.rendered(lines),
      warning: (text) => report.warn(text),
    });
  } catch (error) {
    if (!(error instanceof FamilyFileError)) throw error;
    report.warn(`netstat: ${error.message}`);
    return 1;
  }
}

/** Milliseconds from one round of `-c` to the next. */
const INTERVAL = 1000;

/**
 * Shows the view, with `-c` again and again. Rounds start at whole intervals from
 * the first; those that have no time are left out.
 */
async function repeat(
  { asked, view }: Around,
  io: Io,
  show: Round,
): Promise<number> {
  const start = performance.now();
  for (let next = 1;; next++) {
    view.lookups?.begin();
    const status = await show();
    if (!asked.continuous || asked.modes[0] === "statistics" || status !== 0) {
      return status;
    }
    const elapsed = performance.now() - start;
    next = Math.max(next, Math.floor(elapsed / INTERVAL) + 1);
    await io.sleep(next * INTERVAL - elapsed);
  }
}

function reportFor(asked: Asked, io: Io): Report {
  const warn = (message: string) => warnOn(io, message);
  return asked.format === "text"
    ? textReport(io.stdout, warn)
    : jsonReport(io.stdout, warn, asked.format === "ndjson");
}

/** Ends the run early: help, version, or what is wrong with the arguments. */
async function stop(stop: Stop, io: Io): Promise<number> {
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
        warnOn(io, `${name}: ${stop.error}`);
      }
      stderr.ascii(usage(OPTIONS) + ROUTING_FAMILIES);
      stderr.flush();
      return 3;
    case "error":
      warnOn(io, stop.error);
      return 1;
  }
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
      families: loadFamilies,
      async programName() {
        // only Node's API knows how the program was called
        return toUtf8((await import("node:process")).argv0);
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
  // the process would not end before look-ups do that nobody waits for any more
  if (callsUnderWay()) Deno.exit();
}

/**
 * `netstat`: turns arguments into an exit status.
 *
 * @module
 */

import type { Around, Round } from "./core/around.ts";
import { fromUtf8, toUtf8 } from "./core/line.ts";
import { namesOf } from "./core/names.ts";
import {
  type Asked,
  OPTIONS,
  readOptions,
  type Stop,
  valuesOf,
} from "./core/options.ts";
import type { Loaded, Plugin } from "./core/plugins.ts";
import {
  FAMILIES_FOLDER,
  findFamilies,
  findFamily,
  type Registry,
} from "./core/registry.ts";
import type { Report } from "./core/report.ts";
import { Tree } from "./core/scan.ts";
import { selinuxEnabled } from "./core/selinux.ts";
import { viewOf } from "./core/view.ts";
import type { FileFamily } from "./render/help.ts";
import { Output, standardOutput, WriteError } from "./render/out.ts";

/** The surroundings of a run. */
export interface Io {
  /** Where listings go. */
  readonly stdout: Output;
  /** Where messages go. */
  readonly stderr: Output;
  /** Finds the families that are built in. */
  families(): Promise<Registry>;
  /** The name that the program was called by. */
  programName(): Promise<string>;
  /** Whether the first operand ends the options (`POSIXLY_CORRECT`). */
  readonly posix: boolean;
  /** Whether standard output shows colours to people, who do not mind them. */
  readonly colours: boolean;
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
  const registry = await io.families();
  const files = valuesOf("family", words, posix).map(fromUtf8);
  const { plugins, errors } = await pluginsOf(files, registry, io);
  try {
    const known = [...registry.cards, ...plugins.map((p) => p.family)];
    const warn = (message: string) => warnOn(io, message);
    const asked = readOptions(words, {
      posix,
      family: (word) => findFamily(known, word)?.name,
      selinux: (root) => selinuxEnabled(new Tree(fromUtf8(root))),
      warn,
    });
    const families = plugins.map(({ file, family }) => ({ ...family, file }));
    for (const error of errors) warn(`netstat: ${error.message}`);
    if ("stop" in asked) return await stop(asked, io, families);
    asked.root = fromUtf8(asked.root);
    if (asked.color === "auto") asked.color = io.colours ? "always" : "never";
    const unreadable = new Tree(asked.root).failure();
    if (unreadable !== undefined) {
      warn(`netstat: --root ${unreadable}`);
      return 1;
    }
    if (asked.fixture !== undefined) {
      const { checkPlugins } = await import("./core/plugins.ts");
      return await checkPlugins(plugins, asked, {
        good(line) {
          io.stdout.foreign(line);
          io.stdout.endRow();
          io.stdout.flush();
        },
        bad: warn,
      });
    }
    const around = await aroundOf(asked, registry, io);
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

/** The families that are no part of the program, if there are any. */
async function pluginsOf(
  files: readonly string[],
  { cards }: Registry,
  io: Io,
): Promise<Loaded> {
  if (files.length === 0 && !new Tree().exists(FAMILIES_FOLDER)) {
    return { plugins: [], errors: [] };
  }
  const { loadPlugins } = await import("./core/plugins.ts");
  return await loadPlugins(files, cards, (text) => warnOn(io, text));
}

/** What the view works with. */
async function aroundOf(
  asked: Asked,
  { load }: Registry,
  io: Io,
): Promise<Around> {
  const families = await load(asked);
  const tree = new Tree(asked.root);
  const view = viewOf(asked, namesOf(tree, asked.patience));
  return { asked, families, tree, view, report: await reportFor(asked, io) };
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
  return await socketsRound(around, plugins);
}

/** Lists sockets: those of the families that are built in, then the others'. */
async function socketsRound(
  around: Around,
  plugins: readonly Plugin[],
): Promise<Round> {
  const { listSockets, select } = await import("./core/sockets.ts");
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
        status = Math.max(status, await plugin.show(asked, report));
      }
    }
    report.end();
    return status;
  };
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

async function reportFor(asked: Asked, io: Io): Promise<Report> {
  const warn = (message: string) => warnOn(io, message);
  if (asked.format === "text") {
    const { coloursOf, textReport } = await import("./render/text.ts");
    return textReport(io.stdout, warn, await coloursOf(asked.color));
  }
  const { jsonReport } = await import("./render/json.ts");
  return jsonReport(io.stdout, warn, asked.format === "ndjson");
}

/** Ends the run early: help, version, or what is wrong with the arguments. */
async function stop(
  stop: Stop,
  io: Io,
  families: readonly FileFamily[],
): Promise<number> {
  const { stdout, stderr } = io;
  if (stop.stop === "error") {
    warnOn(io, stop.error);
    return 1;
  }
  const { ROUTING_FAMILIES, usage, version } = await import("./render/help.ts");
  switch (stop.stop) {
    case "help":
      stdout.ascii(usage(OPTIONS, families));
      stdout.flush();
      stderr.ascii(ROUTING_FAMILIES);
      stderr.flush();
      return 0;
    case "types": {
      const { familyTypes } = await import("embedded");
      stdout.ascii(toUtf8(await familyTypes()));
      stdout.flush();
      return 0;
    }
    case "version":
      stdout.ascii(version());
      stdout.flush();
      return 0;
    case "usage":
      if (stop.error !== "") {
        const name = stop.saved ? "netstat" : await io.programName();
        warnOn(io, `${name}: ${stop.error}`);
      }
      stderr.ascii(usage(OPTIONS, families) + ROUTING_FAMILIES);
      stderr.flush();
      return 3;
  }
}

/** Whether the environment says nothing against colours (https://no-color.org). */
function wantsColours(): boolean {
  const term = Deno.env.get("TERM") ?? "";
  return !Deno.env.get("NO_COLOR") && term !== "" && term !== "dumb";
}

if (import.meta.main) {
  const stderr = new Output((bytes) => Deno.stderr.writeSync(bytes), true);
  const terminal = Deno.stdout.isTerminal();
  const stdout = new Output(standardOutput(), terminal);
  try {
    Deno.exitCode = await run(Deno.args, {
      stdout,
      stderr,
      families: findFamilies,
      async programName() {
        // only Node's API knows how the program was called
        return toUtf8((await import("node:process")).argv0);
      },
      colours: terminal && wantsColours(),
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
  // to end by itself takes the runtime longer, the more so if there are look-ups
  // that nobody waits for any more
  Deno.exit();
}

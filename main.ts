/**
 * `netstat`: turns arguments into an exit status.
 *
 * @module
 */

import type { Around, Round, Surroundings } from "./core/views/around.ts";
import type { Comparing } from "./core/args/compare.ts";
import { isAbandoned, variable } from "./core/system/libc.ts";
import { fromUtf8, toUtf8 } from "./core/contract/line.ts";
import {
  type Asked,
  firstBeyond,
  OPTIONS,
  readOptions,
  type Stop,
  valuesOf,
} from "./core/args/options.ts";
import type { Loaded } from "./core/plugins/plugins.ts";
import { type Io, TROUBLE, UNKNOWN, warnOn } from "./core/run/io.ts";
import {
  roundOf,
  surroundingsOf,
  treeAt,
  viewingOf,
  withPlugins,
} from "./core/run/surroundings.ts";
import { listColumns, takingOf } from "./core/run/taking.ts";
import {
  FAMILIES_FOLDER,
  findFamilies,
  findFamily,
  type Registry,
} from "./core/views/registry.ts";
import { Failure } from "./core/system/failures.ts";
import { Tree } from "./core/system/scan.ts";
import { selinuxEnabled } from "./core/system/selinux.ts";
import type { FileFamily } from "./render/help.ts";
import {
  Output,
  standardError,
  standardOutput,
  WriteError,
} from "./render/out.ts";

export type { Io } from "./core/run/io.ts";

/**
 * Does what the arguments say. Returns the exit status.
 *
 * Throws {@linkcode WriteError} if stdout cannot be written to.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const words = args.map(toUtf8);
  const posix = endsAtOperand(words, io.posix);
  const refusal = await refusalOf(words, posix, io);
  if (refusal !== undefined) {
    warnOn(io, refusal);
    return troubleOf(words, posix);
  }
  const registry = await io.families();
  const files = valuesOf("family", words, posix).map(fromUtf8);
  const live = new Tree();
  const { plugins, errors } = await pluginsOf(files, registry, { io, live });
  try {
    const known = [...registry.cards, ...plugins.map((p) => p.family)];
    const warn = (message: string) => warnOn(io, message);
    const read = readOptions(words, {
      posix,
      family: (word) => findFamily(known, word)?.name,
      selinux: (root) => selinuxEnabled(new Tree(fromUtf8(root))),
      warn,
    });
    const { asked, comparing } = await settled(read);
    const families = plugins.map(({ file, family }) => ({ ...family, file }));
    for (const error of errors) warn(`netstat: ${error.message}`);
    const unloaded = live.failures.end(errors.length > 0 ? 1 : 0, { warn });
    if ("stop" in asked) {
      const ended = await stop(asked, io, families);
      const status = asked.stop === "error" ? troubleOf(words, posix) : ended;
      // who loads families of his own must hear of them, in a pipe too
      if (
        "unknownFamily" in asked && (files.length > 0 || io.advises())
      ) {
        const { familiesAdvice } = await import("./core/views/advice.ts");
        warn(`netstat: ${familiesAdvice(known)}`);
      }
      return status;
    }
    asked.root = fromUtf8(asked.root);
    if (asked.color === "auto") asked.color = io.colours ? "always" : "never";
    const tree = await treeAt(asked.root);
    if (tree instanceof Failure) {
      warn(toUtf8(`netstat: --root ${tree}`));
      return troubleOf(words, posix);
    }
    if (asked.fixture !== undefined) {
      const { checkPlugins } = await import("./core/plugins/plugins.ts");
      const { listAll } = await import("./core/run/fixture.ts");
      return await checkPlugins(plugins, asked, listAll, {
        good(line) {
          io.stdout.foreign(line);
          io.stdout.endRow();
          io.stdout.flush();
        },
        bad: warn,
      });
    }
    const losses = new Set<string>();
    const writing = {
      ...io,
      warn,
      lost(message: string) {
        // of many rounds once
        if (!losses.has(message)) warn(message);
        losses.add(message);
      },
    };
    if (asked.check !== undefined) {
      const { checked } = await import("./core/run/checks.ts");
      const found = await checked(
        asked,
        tree,
        { registry, plugins, io },
        writing,
      );
      return found === 0 && (losses.size > 0 || unloaded !== 0)
        ? UNKNOWN
        : found;
    }
    const around = await surroundingsOf(asked, tree, {
      registry,
      plugins,
      io,
    });
    const viewing = await viewingOf(around);
    if (asked.question.columns === "help") {
      // nothing of what they mean is cut
      const writing = { stdout: io.stdout, warn };
      await listColumns(around, viewing.relations(), writing);
      return unloaded;
    }
    if (comparing !== undefined) {
      const { compared } = await import("./core/run/compared.ts");
      const found = await compared(comparing, { around, viewing, writing }, {
        registry,
        plugins,
        io,
      });
      return found === 0 && (losses.size > 0 || unloaded !== 0)
        ? TROUBLE
        : found;
    }
    const drawing = asked.graph &&
      await (await import("./core/run/drawing.ts")).drawingOf(asked.graph, {
        around,
        viewing,
        writing,
      });
    const taking = await takingOf(around, viewing, {
      ...writing,
      sink: drawing,
    });
    if (asked.save !== undefined) {
      const { saveView } = await import("./core/views/save.ts");
      const { VERSION } = await import("./render/help.ts");
      const { stdout } = io;
      // whoever borrows rights is not told more than net-tools would show
      if (await io.lender() !== undefined) asked.commands = false;
      return await saveView(around, {
        registry,
        version: VERSION,
        stdout: stdout.eager ? undefined : (bytes) => stdout.raw(bytes),
        warn,
      });
    }
    const shown = await roundOf(viewing, { ...around, ...taking });
    const all = (isFirst: boolean) =>
      withPlugins(() => shown(isFirst), plugins);
    const round = advised(all, around, registry, io);
    const status = await repeat({ ...around, ...taking }, io, round);
    if (status !== 0) return status;
    return losses.size > 0 ? 1 : unloaded;
  } catch (error) {
    const lines = questionLines(error);
    if (lines === undefined) throw error;
    for (const line of lines) warnOn(io, line);
    return troubleOf(words, posix);
  } finally {
    plugins.forEach((plugin) => plugin.close());
  }
}

/**
 * Why the options are refused: the rights of this run are lent, and one of them does
 * more than who lent them can have meant. Nothing else has been done by then.
 */
async function refusalOf(
  words: readonly string[],
  posix: boolean,
  io: Io,
): Promise<string | undefined> {
  const option = firstBeyond(words, posix);
  if (option === undefined) return undefined;
  const lender = await io.lender();
  return lender && `netstat: --${option.long} is refused, since ` +
      `${lender.because}: ${option.instead ?? lender.remedy}`;
}

/** Whether the first operand ends the options; asked only where there may be one. */
function endsAtOperand(
  words: readonly string[],
  isPosix: Io["posix"],
): boolean {
  const isOperand = (word: string) => word.length < 2 || word[0] !== "-";
  return words.some(isOperand) && isPosix();
}

/** Whether `POSIXLY_CORRECT` is set. To ask takes half a millisecond. */
function isPosix(): boolean {
  return variable("POSIXLY_CORRECT") !== undefined;
}

/** The status of what could not be done. */
function troubleOf(words: readonly string[], posix: boolean): number {
  const isGiven = (option: string) => valuesOf(option, words, posix).length > 0;
  if (isGiven("check")) return UNKNOWN;
  return isGiven("diff") ? TROUBLE : 1;
}

/** The families that are no part of the program, if there are any. */
async function pluginsOf(
  files: readonly string[],
  { cards }: Registry,
  { io, live }: { readonly io: Io; readonly live: Tree },
): Promise<Loaded> {
  if (files.length === 0 && !live.exists(FAMILIES_FOLDER)) {
    return { plugins: [], errors: [] };
  }
  const { loadPlugins } = await import("./core/plugins/plugins.ts");
  return await loadPlugins(files, cards, (text) => warnOn(io, text));
}

/** What the options mean together, where some say what others mean. */
async function settled(
  read: Asked | Stop,
): Promise<{ asked: Asked | Stop; comparing?: Comparing }> {
  if ("stop" in read) return { asked: read };
  if (read.check !== undefined) {
    return { asked: (await import("./core/args/checking.ts")).checking(read) };
  }
  if ((read.graph ?? read.graphBy) !== undefined) {
    return { asked: (await import("./core/args/graph.ts")).graph(read) };
  }
  if ((read.diff ?? read.watch ?? read.question.until) !== undefined) {
    const comparing = (await import("./core/args/compare.ts")).compare(read);
    if ("stop" in comparing) return { asked: comparing };
    // no route is looked up
    const lookup = comparing.duration === undefined ? read.lookup : undefined;
    return { asked: { ...read, lookup }, comparing };
  }
  if (read.lookup === undefined) return { asked: read };
  return { asked: (await import("./core/args/lookup.ts")).lookUp(read) };
}

/** What is said of a question that cannot be asked; undefined of any other error. */
function questionLines(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error)) return undefined;
  // their modules are not loaded for this
  if (error.name === "QuestionError") return error.message.split("\n");
  return error.name === "NotCountedError"
    ? [`netstat: --openmetrics: ${error.message}`]
    : undefined;
}

/** Shows the view, and behind the first round what its user may have missed. */
function advised(
  round: Round,
  around: Surroundings,
  registry: Registry,
  io: Io,
): Round {
  return async (isFirst) => {
    const status = await round(isFirst);
    if (isFirst) await advise(around, registry, status, io);
    return status;
  };
}

/** Says what the user of a listing may have missed. */
async function advise(
  { asked, view }: Surroundings,
  { cards }: Registry,
  status: number,
  io: Io,
): Promise<void> {
  const late = view.lookups?.late ?? false;
  if (asked.operands.length === 0 && !late && status === 0) return;
  // what reads JSON must be told that names are missing; the text is net-tools'
  const advised = io.advises();
  if (!advised && !(late && asked.format !== "text")) return;
  const { lateAdvice, listingAdvice } = await import("./core/views/advice.ts");
  const lines = advised
    ? listingAdvice({ asked, status, late, cards })
    : [lateAdvice(asked)];
  for (const line of lines) warnOn(io, `netstat: ${line}`);
}

/** Milliseconds from one round of `-c` to the next. */
const INTERVAL = 1000;

/**
 * Shows the view, with `-c` again and again. Rounds start at whole intervals from
 * the first; those that have no time are left out.
 */
async function repeat(
  { asked, view, tree, messages }: Around,
  io: Io,
  show: Round,
): Promise<number> {
  const start = performance.now();
  let isFirst = true;
  for (let next = 1;; next++) {
    view.lookups?.begin();
    const shown = await show(isFirst);
    isFirst = false;
    const status = tree.failures.end(shown, messages);
    if (!asked.continuous || asked.modes[0] === "statistics" || shown !== 0) {
      return status;
    }
    const elapsed = performance.now() - start;
    next = Math.max(next, Math.floor(elapsed / INTERVAL) + 1);
    await io.sleep(next * INTERVAL - elapsed);
  }
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
    case "usage": {
      if (stop.error !== "") {
        const name = stop.saved ? "netstat" : await io.programName();
        warnOn(io, `${name}: ${stop.error}`);
      }
      stderr.ascii(usage(OPTIONS, families) + ROUTING_FAMILIES);
      // once more where the eye is: the text is longer than a screen
      const { reasonOf } = await import("./core/views/advice.ts");
      const reason = reasonOf(stop);
      if (reason !== undefined) warnOn(io, `netstat: ${reason}`);
      stderr.flush();
      return 3;
    }
  }
}

/** Whether a terminal does more than to show what it is sent. */
function isClever(): boolean {
  const term = variable("TERM") ?? "";
  return term !== "" && term !== "dumb";
}

/** Whether the environment says nothing against colours (https://no-color.org). */
function wantsColours(): boolean {
  return !variable("NO_COLOR") && isClever();
}

/** The program: shows what the command line says, and ends. */
export async function start(): Promise<void> {
  const stderr = new Output(standardError(), true);
  const terminal = Deno.stdout.isTerminal();
  const stdout = new Output(standardOutput(terminal), terminal);
  try {
    Deno.exitCode = await run(Deno.args, {
      stdout,
      stderr,
      families: findFamilies,
      async programName() {
        // only Node's API knows how the program was called
        return toUtf8((await import("node:process")).argv0);
      },
      get colours() {
        return terminal && wantsColours();
      },
      width: () => terminal ? Deno.consoleSize().columns : undefined,
      async terminal() {
        if (!terminal || !isClever()) return undefined;
        const { openTerminal } = await import("./core/system/terminal.ts");
        return openTerminal((bytes) => stdout.whole(bytes));
      },
      advises: () => Deno.stderr.isTerminal(),
      posix: isPosix,
      // that is its descriptor
      isAbandoned: () => isAbandoned(1),
      lender: async () => (await import("./core/system/privilege.ts")).lender(),
      sleep: (milliseconds) =>
        new Promise((resolve) => setTimeout(resolve, milliseconds)),
    });
  } catch (error) {
    const posix = endsAtOperand(Deno.args, isPosix);
    Deno.exitCode = troubleOf(Deno.args, posix);
    const cause = error instanceof WriteError
      ? `write error: ${error.message}`
      : toUtf8(String(error));
    stderr.foreign(`netstat: ${cause}`);
    stderr.endRow();
  }
  // to end by itself takes the runtime longer, the more so if there are look-ups
  // that nobody waits for any more
  Deno.exit();
}

// not awaited: the executable runs this file as a script as well
if (import.meta.main) start();

/**
 * `netstat`: turns arguments into an exit status.
 *
 * @module
 */

import type {
  Around,
  Round,
  Surroundings,
  Taking,
  Viewing,
} from "./core/views/around.ts";
import type { Comparing } from "./core/args/compare.ts";
import type { Changes } from "./core/query/change.ts";
import type { Circumstances, Plan } from "./core/query/plan.ts";
import type { Schema } from "./core/query/schema.ts";
import { isAbandoned, variable } from "./core/system/libc.ts";
import { fromUtf8, toUtf8 } from "./core/contract/line.ts";
import { namesOf, servicePort } from "./core/system/names.ts";
import type { Family } from "./core/contract/family.ts";
import {
  type Asked,
  firstBeyond,
  type Mode,
  OPTIONS,
  readOptions,
  type Stop,
  valuesOf,
} from "./core/args/options.ts";
import type { Loaded, Plugin } from "./core/plugins/plugins.ts";
import type { Lender } from "./core/system/privilege.ts";
import {
  FAMILIES_FOLDER,
  findFamilies,
  findFamily,
  loadDepth,
  type Registry,
} from "./core/views/registry.ts";
import { Failure } from "./core/system/failures.ts";
import { Messages } from "./core/contract/said.ts";
import { Tree } from "./core/system/scan.ts";
import { selinuxEnabled } from "./core/system/selinux.ts";
import type { Side } from "./core/views/compared.ts";
import type { Terminal } from "./core/system/terminal.ts";
import { type ShownView, viewOf } from "./core/views/view.ts";
import type { Colours } from "./render/frozen.ts";
import type { FileFamily } from "./render/help.ts";
import type { Lister, Wish } from "./render/live.ts";
import type { OpenMetricsOptions } from "./render/openmetrics.ts";
import {
  Output,
  standardError,
  standardOutput,
  WriteError,
} from "./render/out.ts";
import type { Screen } from "./render/screen.ts";

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
  /** How many characters fit into a line of standard output, if it is a terminal. */
  width?(): number | undefined;
  /** Whether a person reads stderr, and wants advice; a program has no use for it. */
  advises(): boolean;
  /** Whether nobody reads standard output any more. */
  isAbandoned?(): boolean;
  /** Who lends the rights of this run, if they are not the caller's own. */
  lender(): Promise<Lender | undefined>;
  /** The terminal of standard output, if it can be painted on. */
  terminal?(): Promise<Terminal | undefined>;
  /** Waits between the rounds of `-c`. */
  sleep(milliseconds: number): Promise<void>;
}

/**
 * Does what the arguments say. Returns the exit status.
 *
 * Throws {@linkcode WriteError} if stdout cannot be written to.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const words = args.map(toUtf8);
  // asked for only where there may be an operand, since asking takes time
  const posix = words.some((word) => !/^-./.test(word)) && io.posix;
  const refusal = await refusalOf(words, posix, io);
  if (refusal !== undefined) {
    warnOn(io, refusal);
    return 1;
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
      const isCompared = valuesOf("diff", words, posix).length > 0;
      const status = isCompared && asked.stop === "error" ? TROUBLE : ended;
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
      return 1;
    }
    if (asked.fixture !== undefined) {
      const { checkPlugins } = await import("./core/plugins/plugins.ts");
      return await checkPlugins(plugins, asked, listAll, {
        good(line) {
          io.stdout.foreign(line);
          io.stdout.endRow();
          io.stdout.flush();
        },
        bad: warn,
      });
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
    if (comparing !== undefined) {
      const found = await compared(comparing, { around, viewing, writing }, {
        registry,
        plugins,
        io,
      });
      return found === 0 && (losses.size > 0 || unloaded !== 0)
        ? TROUBLE
        : found;
    }
    const taking = await takingOf(around, viewing, writing);
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
    return valuesOf("diff", words, posix).length > 0 ? TROUBLE : 1;
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
  { io, live }: { readonly io: Io; readonly live: Tree },
): Promise<Loaded> {
  if (files.length === 0 && !live.exists(FAMILIES_FOLDER)) {
    return { plugins: [], errors: [] };
  }
  const { loadPlugins } = await import("./core/plugins/plugins.ts");
  return await loadPlugins(files, cards, (text) => warnOn(io, text));
}

/** The status of diff(1) when it could not compare. */
const TROUBLE = 2;

/** What the options mean together, where some say what others mean. */
async function settled(
  read: Asked | Stop,
): Promise<{ asked: Asked | Stop; comparing?: Comparing }> {
  if ("stop" in read) return { asked: read };
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

/** For so many rounds a row that came or went is shown as such on a terminal. */
const ROUNDS = 2;

/** Shows what differs: once, or again and again. Returns the exit status. */
async function compared(
  { before, interval, duration }: Comparing,
  { around, viewing, writing }: {
    readonly around: Surroundings;
    readonly viewing: Viewing;
    readonly writing: Writing & Pick<Circumstances, "lost">;
  },
  loaded: Parameters<typeof surroundingsOf>[2],
): Promise<number> {
  const { asked, tree } = around;
  const { plugins, io } = loaded;
  const { Changes } = await import("./core/query/change.ts");
  const told = await import("./core/views/compared.ts");
  const terminal = interval === undefined || asked.format !== "text"
    ? undefined
    : await io.terminal?.();
  const screen = terminal && await screenOf(around);
  const once = new told.Once(writing.warn);
  const own = { ...writing, ...(interval !== undefined && !screen && once) };
  let now = told.timeOf(tree);
  const changesOf = ({ view }: Surroundings) =>
    new Changes({
      view,
      tones: asked.color === "always",
      lost: (option, kept) =>
        writing.lost(
          `netstat: ${option}: there is memory for ${kept} only; ` +
            "the rest is left out",
        ),
      quiet: asked.changesOnly,
      source: interval !== undefined && asked.format !== "text",
      ...(screen && { rounds: ROUNDS }),
      ...(interval !== undefined && !screen &&
        { clock: () => told.spelled(now!) }),
    });
  const changes = changesOf(around);
  let first: Side & { readonly status: number } | undefined;
  if (before !== undefined) {
    const kept = await keepBefore(before, changes, { asked, own, loaded });
    if (typeof kept === "number") return kept;
    first = kept;
  }
  const hears = interval !== undefined && tree.live &&
    asked.netns.length === 0 && !asked.listening &&
    (asked.question.count ?? asked.question.sum) === undefined &&
    viewing.relations().some(({ head }) => /^tcp/.test(`${head.proto}`));
  const ended = hears
    ? (await import("./core/system/ended.ts")).hearEnded(tree)
    : undefined;
  let met = asked.question.until === undefined ? undefined : false;
  /** What lists, and hands on what differs. */
  const listerOf = async ({ around, viewing, changes }: Listing) => {
    const taking = await takingOf(around, viewing, {
      ...own,
      screen,
      lasts: interval !== undefined,
      compares: (next, names) => changes.compare(next, names, () => now),
      met: () => void (met = true),
    });
    const shown = await roundOf(viewing, {
      ...around,
      ...taking,
      ended: (family) => ended?.lines(family),
    });
    return {
      async round(isFirst: boolean): Promise<number> {
        if (tree.live || interval !== undefined) now = Date.now();
        // before the listing: what was told of is not in it
        ended?.hear();
        if (ended?.missed) taking.messages.warn(told.MISSED);
        around.view.lookups?.begin();
        const status = await withPlugins(() => shown(isFirst), plugins);
        const result = tree.failures.end(status, taking.messages);
        once.turn();
        // a write ends the program, as it would have ended by the next row
        if (interval !== undefined && io.isAbandoned?.()) {
          io.stdout.endRow();
          io.stdout.flush();
        }
        // what could be read is watched all the same
        return interval !== undefined && !changes.isEmpty ? 0 : result;
      },
      numbers: () => ({
        ...changes.differences,
        time: now ?? Date.now(),
        seconds: changes.seconds(),
      }),
    };
  };
  const listing = { around, viewing, changes };
  const lister = await listerOf(listing);
  if (interval !== undefined) {
    const watching = { interval, duration };
    if (terminal === undefined || screen === undefined) {
      const { sleep } = io;
      return await told.watch({
        ...watching,
        ...lister,
        met: () => met,
        sleep,
      }).finally(() => ended?.close());
    }
    const { Live } = await import("./render/live.ts");
    const live = new Live({
      terminal,
      screen,
      stderr: io.stderr,
      interval,
      lister,
      ask: asking(listing, { listerOf, changesOf, loaded }),
      met: () => met,
    });
    try {
      return await told.watch({ ...watching, ...live });
    } finally {
      live.end();
      ended?.close();
    }
  }
  const status = await lister.round(true);
  const sides = { before: first!, after: { name: asked.root, time: now } };
  const trouble = Math.max(status, first!.status);
  return told.concluded(trouble, changes.differences, sides, writing.warn);
}

/**
 * Keeps a listing of BEFORE, to compare with. Returns when that was, and its status; or a
 * status alone, if there is none.
 */
async function keepBefore(
  before: string,
  changes: Changes,
  { asked, own, loaded }: {
    readonly asked: Asked;
    readonly own: Writing & Pick<Circumstances, "lost">;
    readonly loaded: Parameters<typeof surroundingsOf>[2];
  },
): Promise<Side & { readonly status: number } | number> {
  const { timeOf } = await import("./core/views/compared.ts");
  const tree = await treeAt(fromUtf8(before));
  if (tree instanceof Failure) {
    own.warn(toUtf8(`netstat: --diff ${tree}`));
    return TROUBLE;
  }
  const time = timeOf(tree);
  const around = await surroundingsOf(asked, tree, loaded);
  const viewing = await viewingOf(around);
  const { view } = around;
  const taking = await takingOf(around, viewing, {
    ...own,
    compares: (_, names) => changes.keep(names, { view, time }),
  });
  const round = await roundOf(viewing, { ...around, ...taking });
  const status = await withPlugins(() => round(true), loaded.plugins);
  const ended = tree.failures.end(status, taking.messages);
  return { name: before, time, status: ended };
}

/** What is listed, and compared. */
interface Listing {
  readonly around: Surroundings;
  readonly viewing: Viewing;
  readonly changes: Changes;
}

/** Lists what keys ask for: other rows from anew, the same in another order as before. */
function asking(
  first: Listing,
  { listerOf, changesOf, loaded }: {
    listerOf(listing: Listing): Promise<Lister>;
    changesOf(around: Surroundings): Changes;
    readonly loaded: Parameters<typeof surroundingsOf>[2];
  },
): (wish: Wish) => Promise<Lister> {
  const { asked, tree } = first.around;
  let listing = first;
  let where: Wish["where"];
  return async (wish) => {
    const all = { ...asked, question: wishedFor(asked.question, wish) };
    if (wish.where === where) {
      return await listerOf({
        ...listing,
        around: { ...listing.around, asked: all },
      });
    }
    // other columns may be looked at, and nothing is compared with other rows
    const around = await surroundingsOf(all, tree, loaded);
    const viewing = await viewingOf(around);
    const next = { around, viewing, changes: changesOf(around) };
    const lister = await listerOf(next);
    [listing, where] = [next, wish.where];
    return lister;
  };
}

/** What rows are painted by. */
async function screenOf({ asked, view }: Surroundings): Promise<Screen> {
  const { Screen } = await import("./render/screen.ts");
  const colours = await coloursOf(asked);
  return new Screen({ view, header: asked.header, colours });
}

/** A question, and what the keys ask for besides. */
function wishedFor(
  question: Asked["question"],
  { where, sort }: Wish,
): Asked["question"] {
  const tests = [
    ...question.where ?? [],
    ...where === undefined ? [] : [where],
  ];
  const keys = [sort ?? [], question.sort ?? []].flat();
  return {
    ...question,
    ...(tests.length > 0 && { where: tests }),
    ...(keys.length > 0 && { sort: keys.join() }),
  };
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

/** What `--root` names: a folder, or an archive of one; or why it cannot be read. */
async function treeAt(root: string): Promise<Tree | Failure> {
  const tree = new Tree(root);
  const failure = tree.failure();
  if (failure?.code !== "ENOTDIR") return failure ?? tree;
  return (await import("./core/system/archive.ts")).treeIn(root);
}

/** What the view works with, but for what takes its rows. */
async function surroundingsOf(
  asked: Asked,
  tree: Tree,
  { registry, plugins, io }: {
    readonly registry: Registry;
    readonly plugins: readonly Plugin[];
    readonly io: Io;
  },
): Promise<Surroundings> {
  const families = await registry.load(asked);
  const fail = ({ message }: Error) => warnOn(io, `netstat: ${message}`);
  const added = plugins.flatMap((plugin, i) =>
    plugin.familyIn(asked, i, fail) ?? []
  );
  const several = asked.netns.length > 0;
  const isAsked = several || asked.format === "csv" || isCompared(asked) ||
    Object.keys(asked.question).length > 0;
  const everywhere = isAsked
    ? (await import("./core/views/scoped.ts")).scopeColumns(tree, { several })
    : {};
  const view = viewOf(asked, namesOf(tree, asked), everywhere);
  const { stdout } = io;
  return {
    asked,
    families: [...families, ...await loadDepth(added, asked)],
    tree,
    view,
    flush: () => stdout.flush(),
  };
}

function isCompared({ diff, watch }: Asked): boolean {
  return (diff ?? watch) !== undefined;
}

/** Shows a round. A family file that fails costs nothing else, but for the status. */
async function withPlugins(
  round: () => ReturnType<Round>,
  plugins: readonly Plugin[],
): Promise<number> {
  const status = await round();
  return status === 0 && plugins.some(({ failed }) => failed) ? 1 : status;
}

/** The view that was asked for. */
async function viewingOf(around: Surroundings): Promise<Viewing> {
  switch (around.asked.modes[0]) {
    case "route":
      return (await import("./core/views/routes.ts")).routesView(around);
    case "interfaces": {
      const { interfacesView } = await import("./core/views/interfaces.ts");
      return interfacesView(around);
    }
    case "masquerade": {
      const { masqueradeView } = await import("./core/views/masquerade.ts");
      return masqueradeView(around);
    }
    case "statistics": {
      const { statisticsView } = await import("./core/views/statistics.ts");
      return statisticsView(around);
    }
  }
  return (await import("./core/views/sockets.ts")).socketsView(around);
}

/** The round of a view: of the own network namespace, or of those asked for. */
async function roundOf(viewing: Viewing, around: Around): Promise<Round> {
  const { netns } = around.asked;
  if (netns.length === 0) return viewing.round(around);
  const { namespacesRound } = await import("./core/views/namespaces.ts");
  return namespacesRound(viewing, around, netns);
}

/** What OpenMetrics calls what is counted, and of views of counters, their labels. */
const SUBJECTS: Readonly<
  Record<
    Mode | "sockets" | "groups",
    Pick<OpenMetricsOptions, "subject" | "labels">
  >
> = {
  sockets: { subject: "sockets" },
  groups: { subject: "groups" },
  route: { subject: "routes" },
  interfaces: { subject: "interface", labels: ["iface"] },
  masquerade: { subject: "connections" },
  statistics: { labels: [] },
};

/** Makes what takes rows: a writer, and the stages of a question if there is one. */
async function takingOf(
  { asked, view, tree, families }: Surroundings,
  viewing: Viewing,
  writing: Writing & Pick<Circumstances, "lost" | "compares" | "met">,
): Promise<Taking> {
  const { question, format } = asked;
  // relations with other columns each would be several files
  const columns = format === "csv" && question.count === undefined &&
      question.sum === undefined
    ? { columns: "@default", ...question }
    : question;
  const { compares } = writing;
  const relations = Object.keys(columns).length === 0 && compares === undefined
    ? []
    : viewing.relations();
  // where there is nothing to ask, the view says so
  if (relations.length === 0) {
    return await writerFor(asked, view, undefined, writing);
  }
  const { planOf } = await import("./core/query/plan.ts");
  if (columns.where !== undefined && asked.operands.length > 0) {
    const { refuseStray } = await import("./core/query/stray.ts");
    refuseStray(columns.where, asked.operands);
  }
  const plan = planOf(columns, relations, {
    view,
    text: format === "text",
    tones: asked.color === "always",
    services: (name) => servicePort(tree, name),
    words: {
      family: families.map(({ name }) => name),
      proto: families.flatMap(protosOf),
    },
    lost: writing.lost,
    compares,
    ...(writing.met && { met: writing.met }),
  });
  const { sink, messages } = await writerFor(asked, view, plan, writing);
  const { relations: plans, enough } = plan;
  return { sink: plan.sink(sink), messages, plans, enough };
}

/** Lists the columns of a view, as rows. */
async function listColumns(
  { asked, view }: Surroundings,
  relations: readonly Schema[],
  writing: Writing,
): Promise<void> {
  const { columnsHelp, HELP_COLUMNS } = await import("./core/query/help.ts");
  const { NO_LAYOUT } = await import("./core/query/stage.ts");
  const plan = { table: true, counted: undefined };
  const { sink } = await writerFor(asked, view, plan, writing);
  const shown = Object.entries(HELP_COLUMNS)
    .map(([key, column]) => ({ key, column }));
  sink.begin({}, shown, NO_LAYOUT);
  for (const row of columnsHelp(relations)) sink.row(row);
  sink.end();
}

/** The protocols that a family's sockets can have. */
function protosOf({ tables, groups = [] }: Family): string[] {
  return [...tables, ...groups].flatMap(({ sources }) =>
    sources.flatMap(({ proto }) => proto ?? [])
  );
}

/** Lists all that a family has, as text and as JSON, for a check of it. */
async function listAll(
  family: Family,
  asked: Asked,
  tree: Tree,
): Promise<{ rows: readonly string[]; malformed: number }> {
  const views: [Mode | undefined, boolean][] = [
    [undefined, family.tables.length > 0],
    ["route", family.routes !== undefined],
    ["masquerade", family.masquerade !== undefined],
    ["statistics", family.statistics !== undefined],
  ];
  const rows: string[] = [];
  let malformed = 0;
  for (const [mode, has] of views) {
    if (!has && !(mode === undefined && family.groups !== undefined)) continue;
    for (const format of ["text", "ndjson"] as const) {
      const parts: string[] = [];
      const stdout = new Output((bytes) => {
        parts.push(new TextDecoder().decode(bytes));
        return bytes.length;
      });
      const warn = (text: string) => {
        if (text.startsWith("Cannot parse ")) malformed++;
      };
      const all: Asked = {
        ...asked,
        format,
        modes: mode === undefined ? [] : [mode],
        families: [family.name],
        groups: mode === undefined && family.groups !== undefined,
      };
      const names = namesOf(tree, { patience: 0, numeric: false });
      const view = viewOf(all, names);
      const around = {
        asked: all,
        families: [family],
        tree,
        view,
        flush: () => stdout.flush(),
      };
      const viewing = await viewingOf(around);
      const taking = await writerFor(all, view, undefined, { stdout, warn });
      await viewing.round(taking)(true);
      if (format === "text" || mode === "statistics") continue;
      rows.push(...parts.join("").split("\n").slice(0, -1));
    }
  }
  return { rows, malformed };
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

/** What puts colours around text, if they are wanted. */
async function coloursOf(
  { color }: Pick<Asked, "color">,
): Promise<Colours | undefined> {
  return color === "always" ? await import("./render/colours.ts") : undefined;
}

/** Where a writer writes. */
interface Writing {
  readonly stdout: Output;
  /** How many characters fit into a line of it, if it is a terminal. */
  width?(): number | undefined;
  warn(message: string): void;
  /** Whether listing follows on listing, under one header. */
  readonly lasts?: boolean;
  /** What takes the rows of text in the place of a writer. */
  readonly screen?: Screen | undefined;
}

/** What writes rows, and where messages go beside them. */
async function writerFor(
  { format, color, header, raw, modes, groups, netns }: Asked,
  view: ShownView,
  plan: Pick<Plan, "table" | "counted"> | undefined,
  { stdout, width, warn, lasts, screen }: Writing,
): Promise<Taking> {
  const messages = new Messages(warn);
  if (screen !== undefined) return { sink: screen, messages };
  switch (format) {
    case "json":
    case "ndjson": {
      const { jsonSink } = await import("./render/json.ts");
      const sink = jsonSink(stdout, { view, lines: format === "ndjson" });
      return { sink, messages };
    }
    case "csv": {
      const { csvSink } = await import("./render/csv.ts");
      const terminal = stdout.eager;
      return {
        sink: csvSink(stdout, { view, header, raw, terminal }),
        messages,
      };
    }
    case "openmetrics": {
      const openMetrics = await import("./render/openmetrics.ts");
      const what = modes[0] ?? (groups ? "groups" : "sockets");
      const { subject, labels: own } = SUBJECTS[what];
      const place = netns.length > 0 ? ["netns", "netns_name"] : [];
      const labels = own && [...own, ...place];
      const { keys, numbers } = plan?.counted ?? {};
      // before anything is read
      if (numbers === undefined && labels === undefined) {
        throw new openMetrics.NotCountedError();
      }
      const sink = openMetrics.openMetricsSink(stdout, {
        view,
        warn,
        labels: keys ?? labels,
        gauges: numbers,
        subject,
      });
      return { sink, messages };
    }
  }
  const colours = await coloursOf({ color });
  if (plan?.table) {
    const { tableSink } = await import("./render/table.ts");
    const terminal = width?.();
    const sink = tableSink(stdout, { view, terminal, header, colours, lasts });
    return { sink, messages };
  }
  const { frozenSink } = await import("./render/frozen.ts");
  const list = (message: string) => {
    stdout.foreign(message);
    stdout.endRow();
  };
  return {
    sink: frozenSink(stdout, { view, header, colours }),
    messages: new Messages(warn, list),
  };
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
      get posix() {
        return variable("POSIXLY_CORRECT") !== undefined;
      },
      // that is its descriptor
      isAbandoned: () => isAbandoned(1),
      lender: async () => (await import("./core/system/privilege.ts")).lender(),
      sleep: (milliseconds) =>
        new Promise((resolve) => setTimeout(resolve, milliseconds)),
    });
  } catch (error) {
    Deno.exitCode = 1;
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

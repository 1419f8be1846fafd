/**
 * The sockets view: which tables are read, in which order, and what happens when
 * one of them is missing.
 *
 * @module
 */

import { Arena, KEPT_LEAST, KEPT_MOST } from "../system/arena.ts";
import type {
  Around,
  Begun,
  Common,
  Sought,
  Surroundings,
  Viewing,
} from "./around.ts";
import type {
  Diag,
  Family,
  Long,
  Table,
  Title,
  View,
} from "../contract/family.ts";
import { depthOf, type Told } from "../contract/depth.ts";
import { INET_ASKING } from "../contract/diag.ts";
import { socketsIn } from "../system/descriptors.ts";
import { geteuid } from "../system/libc.ts";
import { ByInode } from "../contract/inodes.ts";
import { byteString, type Line } from "../contract/line.ts";
import type { Asked } from "../args/options.ts";
import type { Messages } from "../contract/said.ts";
import { findOwners, ownersNote, ownSockets } from "../joins/owners.ts";
import { protocolsOf } from "./registry.ts";
import type { Depths, Shapes } from "./deep.ts";
import { repeatsOf } from "./repeats.ts";
import { warnOfLack } from "./lack.ts";
import {
  keepOf,
  laterOf,
  planned,
  schemaOf,
  type Shape,
  shapeOf,
  type Step,
} from "./shape.ts";
import { type Form, plainForm, readsOf, rowsOf, showRows } from "./rows.ts";
import { Failure, tell } from "../system/failures.ts";
import type { LineSource, Tree } from "../system/scan.ts";
import { selinuxEnabled } from "../system/selinux.ts";
import {
  BothFamilies,
  channelsIn,
  NO_SOCKETS,
  openDiag,
} from "../system/sock_diag.ts";

/** What a listing reads, and how much it minds if something is not there. */
export interface Selection {
  /** The files, in the order in which they are read. */
  readonly steps: readonly Step[];
  /** What families are called that were asked for and have no file at all. */
  readonly without: readonly string[];
  /** Whether nothing was asked for, so that all is shown that there is. */
  readonly everything: boolean;
  /** Whether a missing file passes without a word. */
  readonly quiet: boolean;
}

/** Works out what is shown (net-tools' rules are in the comments). */
export function select(
  families: readonly Family[],
  asked: Pick<Asked, "families" | "protocols" | "groups">,
  view: View,
): Selection {
  const everything = asked.families.length === 0 &&
    asked.protocols.size === 0 && !asked.groups;
  const chosen = new Set(
    families.filter((f) =>
      everything ? !f.hidden : asked.families.includes(f.name)
    ),
  );
  const protocols = new Set(asked.protocols);

  // a protocol without one of its families: all of its families
  for (const protocol of asked.protocols) {
    const having = families.filter((f) => has(f, protocol));
    const named = having.some((f) => asked.families.includes(f.name));
    if (!named) having.forEach((f) => chosen.add(f));
  }
  // a family without one of its protocols: all of its protocols
  let quiet = false;
  for (const family of families) {
    const named = asked.families.includes(family.name);
    if (!named || [...asked.protocols].some((p) => has(family, p))) continue;
    protocolsOf(family).forEach((p) => protocols.add(p));
    quiet ||= family.quiet ?? false;
  }

  const steps: Step[] = [];
  for (const family of chosen) {
    for (const table of family.tables) {
      for (const source of table.sources) {
        const { protocol } = source;
        const wanted = everything || protocol === undefined ||
          protocols.has(protocol);
        if (wanted && (source.when?.(view) ?? true)) {
          steps.push({ family, table, source });
        }
      }
    }
  }
  if (asked.groups) steps.push(...groupSteps(families, asked));
  steps.sort((a, b) => rankOf(a) - rankOf(b));
  const without = [...chosen].flatMap((f) => f.support ?? []);
  return { steps, without, everything, quiet };
}

/** The groups of the families that were named, or else of all that have some. */
function groupSteps(
  families: readonly Family[],
  asked: Pick<Asked, "families">,
): Step[] {
  const having = families.filter((f) => f.groups !== undefined);
  const named = having.filter((f) => asked.families.includes(f.name));
  return (named.length > 0 ? named : having).flatMap((family) =>
    family.groups!.flatMap((table) =>
      table.sources.map((source) => ({ family, table, source }))
    )
  );
}

function has(family: Family, protocol: string): boolean {
  return protocolsOf(family).includes(protocol);
}

/** How the steps of a listing get at their lines. */
type Opener = (step: Step) => LineSource | Failure;

/** Shows sockets: those of the families that are built in, then the others'. */
export function socketsView(surroundings: Surroundings): Viewing {
  const { asked, families, view } = surroundings;
  const selected = select(families, asked, view);
  return {
    relations: () => selected.steps.map((step) => schemaOf(step, view)),
    round(taking) {
      const around = { ...surroundings, ...taking };
      const steps = planned(selected.steps, taking.plans);
      const selection = { ...selected, steps };
      const shapes = new Map<Step, Shape>();
      const begin = (common: Common) =>
        beginListing(selection, { around, shapes, common });
      const show = async () => {
        const common: Common = { room: KEPT_MOST };
        try {
          const begun = await begin(common);
          lookForOwners([begun], around);
          const status = await begun.show();
          tellPlaces(common, around);
          taking.sink.end();
          return status;
        } finally {
          common.sockets?.end();
        }
      };
      return Object.assign(show, { begin });
    },
  };
}

/** Looks for the owners that listings ask for, of all of them at once. */
export function lookForOwners(
  begun: readonly Pick<Begun, "sought">[],
  { tree, view, messages }: Pick<Around, "tree" | "view" | "messages">,
): void {
  const all = begun.flatMap(({ sought }) => sought ?? []);
  const [first] = all;
  if (first === undefined) return;
  const inodes = unionOf(all.map(({ inodes }) => inodes));
  const { ours, sockets, places } = first.question;
  // net-tools says what it could not read even if it lists nothing
  if (!view.programs && inodes?.size === 0) return;
  const owners = findOwners(tree, inodes, {
    context: all.some(({ question }) => question.context),
    all: all.some(({ question }) => question.all),
    ours,
    sockets,
    places,
  });
  view.owned(owners);
  ownersNote(owners, geteuid).forEach((line) => messages.warn(line));
}

function unionOf(all: readonly Sought["inodes"][]): Sought["inodes"] {
  if (all.length === 1) return all[0];
  if (all.includes(undefined)) return undefined;
  const union = new ByInode<true>();
  for (const inodes of all) {
    for (const [inode] of inodes!) union.set(inode, true);
  }
  return union;
}

/** Tells at the end of all listings which places could not be read. */
export function tellPlaces(
  { places }: Common,
  { messages }: Pick<Around, "messages">,
): void {
  places?.note?.split("\n").forEach((line) => messages.warn(line));
}

/** One round of a listing. */
interface Listing {
  readonly tree: Tree;
  readonly selection: Selection;
  readonly around: Context;
  readonly shapes: Shapes;
  /** What netlink tells, if any table has more to tell. */
  readonly depths: Depths | undefined;
  readonly open: Opener;
  /** Sockets of the program's own runtime, which nobody asked for. */
  readonly ours: ReadonlySet<Long>;
}

/** What a listing works with: the families are in the selection. */
export type Context = Omit<Around, "families">;

/** What a listing is begun with. */
interface Beginning {
  readonly around: Context;
  /** What is shown of each step, as far as it was shown before. */
  readonly shapes: Map<Step, Shape>;
  readonly common: Common;
}

/** Begins to list sockets: reads all that must be known before owners are looked for. */
async function beginListing(
  selection: Selection,
  { around, shapes: known, common }: Beginning,
): Promise<Begun> {
  const { tree, view } = around;
  if (selection.everything) selection = withoutUnused(selection, tree);
  const { steps } = selection;
  const shapes = new Map(
    steps.map((step) => {
      let shape = known.get(step);
      if (shape === undefined) known.set(step, shape = shapeOf(step, around));
      return [step, shape] as const;
    }),
  );
  const depths = steps.some(({ table }) => depthOf(table) !== undefined)
    ? new (await import("./deep.ts")).Depths(shapes, around)
    : undefined;
  const all = [...shapes.values()];
  const needs = new Set(all.flatMap((shape) => [...shape.needs]));
  const owned = needs.has("owner") || needs.has("holders") ||
    needs.has("context");
  const ours = owned || steps.some((s) => s.table.ours)
    ? common.ours ??= ownSockets(tree)
    : new Set<Long>();
  // descriptors can be read while tables are
  const sockets = owned ? common.sockets ??= socketsIn(tree) : undefined;
  const round: Listing = {
    tree,
    selection,
    around,
    shapes,
    depths,
    open: await openerOf(steps, depths, around),
    ours,
  };
  const places = needs.has("place")
    ? common.places ??= new (await import("../joins/place.ts")).Places(tree)
    : undefined;
  if (places !== undefined) view.located(places);
  await depths?.gather();
  const show = async (open = round.open) => {
    const status = await list({ ...round, open })
      .finally(() => depths?.close());
    if (selection.everything) {
      const net = tree.live ? [] : tree.list("/proc/net");
      if (net instanceof Failure) warnOfLack([net], around);
    }
    return status;
  };
  const asks = all.some(({ ask }) => ask !== undefined);
  if (!owned && !asks) return { sought: undefined, show };
  const question = {
    context: view.context || (needs.has("context") && selinuxEnabled(tree)),
    all: needs.has("holders"),
    ours,
    sockets,
    places,
  };
  // all descriptors are read in any case: where that has begun, owners are known before
  // rows are read
  if (question.all && sockets!.isAhead && !asks) {
    return { sought: { inodes: undefined, question }, show };
  }
  const { inodes, open, release } = await keepLines(round, owned, common);
  return {
    sought: owned ? { inodes, question } : undefined,
    show: () => show(open).finally(release),
  };
}

/** Chooses where the rows of each step come from. */
async function openerOf(
  steps: readonly Step[],
  depths: Depths | undefined,
  from: Context,
): Promise<Opener> {
  const files = filesOf(from.tree, from.messages, depths);
  const shallow = await shallowOpener(steps, files, from);
  return (step) => depths?.lines(step) ?? shallow(step);
}

/** Opens files, or netlink where it is faster. */
async function shallowOpener(
  steps: readonly Step[],
  files: Opener,
  { asked: { source: kind }, tree, view, messages }: Context,
): Promise<Opener> {
  if (!tree.live || kind === "procfs") return files;
  const having = steps.filter(({ source, plan }) =>
    source.diag !== undefined && !plan?.none
  );
  // there are columns that only procfs tells
  if (!having.every(({ plan }) => plan?.inText ?? messages.frozen)) {
    return files;
  }
  const diags = having.flatMap(({ source }) => source.diag ?? []);
  if (diags.every((diag) => diag.states(view) === 0)) return files;
  // where several namespaces are looked at, it passes by the sockets of all of them
  const isWide = tree.scope !== undefined;
  const faster = kind === undefined && !isWide
    ? fasterIn(diags, tree)
    : new Set(diags.map(({ protocol }) => protocol));
  if (faster.size === 0) return files;
  // where something is asked, the kernel chooses as far as it can
  const pushedOf = having.some(({ plan }) => plan?.tests)
    ? (await import("./pushed.ts")).pushedOf
    : undefined;
  const [first, ...others] = diags
    .filter(({ together }) => together)
    .map((diag) => diag.states(view));
  const both = pushedOf === undefined && others.length > 0 &&
      others.every((states) => states === first)
    ? new BothFamilies({ states: first! }, channelsIn(tree), INET_ASKING.answer)
    : undefined;
  return (step) => {
    const { source, plan } = step;
    const { diag } = source;
    const listed = diag?.states(view) ?? 0;
    if (diag === undefined || listed === 0 || !faster.has(diag.protocol)) {
      return files(step);
    }
    if (kind !== "netlink" && !tree.isProcfs(source.path)) return files(step);
    const wanted = pushedOf === undefined
      ? { states: listed }
      : pushedOf(plan?.tests, { ...diag, listed });
    if (wanted === undefined) return NO_SOCKETS;
    const together = diag.together ? both?.open(diag.family) : undefined;
    const messages = together === undefined || together instanceof Failure
      ? openDiag(diag, wanted, tree)
      : together;
    if (!(messages instanceof Failure)) return messages;
    if (kind !== "netlink") return files(step);
    tree.failures.add(messages);
    return messages;
  };
}

/** Opens files; only in net-tools' text every newline in one ends a line. */
function filesOf(
  tree: Tree,
  { frozen }: Messages,
  depths: Depths | undefined,
): Opener {
  return (step) => {
    const { source, table } = step;
    const lines = tree.openEither(source, table.lineLimit);
    // where netlink tells names, it is known which lines they take
    const guesses = !frozen && !depths?.doubts(step);
    if (guesses && !(lines instanceof Failure)) {
      lines.continues = table.continues;
    }
    return lines;
  };
}

/** The protocols of which there are so many sockets that netlink is the faster source. */
function fasterIn(diags: readonly Diag[], tree: Tree): Set<number> {
  const texts = new Map<string, string>();
  const textOf = (path: string) => {
    const known = texts.get(path) ?? countsIn(path, tree);
    texts.set(path, known);
    return known;
  };
  // the kernel walks one table for both families, whichever file is read
  const protocols = Map.groupBy(diags, ({ protocol }) => protocol);
  return new Set(
    [...protocols].filter(([, all]) =>
      all[0]!.many === undefined || all.reduce(
          (n, { counted: { path, protocol } }) =>
            n + countOf(protocol, textOf(path)),
          0,
        ) >= all[0]!.many!
    ).map(([protocol]) => protocol),
  );
}

/** A file that counts sockets; empty if it is not the kernel's. */
function countsIn(path: string, tree: Tree): string {
  if (!tree.isKernels(path)) return "";
  const text = tree.read(path);
  if (!(text instanceof Failure)) return byteString(text);
  tree.failures.forget(text); // the table is read in any case
  return "";
}

/**
 * How many such sockets there are, by `sockstat_seq_show` or `sockstat6_seq_show`:
 *
 * ```text
 * TCP: inuse 27 orphan 0 tw 0 alloc 31 mem 2
 * ```
 */
function countOf(protocol: string, text: string): number {
  const line = text.split("\n")
    .find((line) => line.startsWith(`${protocol}: `));
  let count = 0;
  for (const [, number] of line?.matchAll(/ (?:inuse|tw) (\d+)/g) ?? []) {
    count += Number(number);
  }
  return count;
}

async function list(round: Listing): Promise<number> {
  const { selection, around } = round;
  const { view, sink, messages } = around;
  let status = 0;
  for (const group of ranks(selection.steps)) {
    let missing = false;
    for (const step of group) {
      const { family, table, source, plan } = step;
      if (family.ended?.()) continue;
      const shape = round.shapes.get(step)!;
      const { head, shown, layout } = shape;
      const soft = table.frozen.title?.always !== false;
      // net-tools' headings are those of the whole listing; others know their columns
      // even if there is no file
      if (
        soft || !messages.frozen ||
        (plan?.none && around.tree.exists(source.path))
      ) sink.begin(head, shown, layout);
      if (plan?.none) continue;
      const lines = round.open(step);
      if (lines instanceof Failure) {
        // that netlink does not tell of them is no missing file
        const { gone, path } = lines;
        sink.unread?.({
          gone: gone && path.startsWith("/"),
          toString: () => `${lines}`,
        });
        if (source.support === undefined) continue;
        if (!absent(lines, soft)) {
          tell(lines, messages);
          return 255;
        }
        if (soft && selection.quiet) continue;
        missing = true;
        if (!selection.everything || view.verbose) {
          messages.warn(noSupport(source.support));
          if (!depthOf(table)?.alone) {
            warnOfLack([{ ...lines, path: source.path }], around);
          }
          around.tree.failures.forget(lines);
        }
        continue;
      }
      sink.begin(head, shown, layout);
      const { fatal, more } = await showStep(lines, { step, shape }, round);
      lines.close();
      if (fatal !== undefined) return fatal;
      if (lines.failure) {
        sink.unread?.(lines.failure);
        tell(lines.failure, messages);
        status = 1;
      }
      if (!more) return status;
      await showEnded({ step, shape }, round);
    }
    if (missing && !selection.everything) return 1;
  }
  for (const name of selection.without) {
    messages.warn(noSupport(name));
    status = 1;
  }
  return status;
}

/**
 * Shows the rows of one file. Returns the status that ends the program, if there is
 * one, and whether more rows may follow.
 */
async function showStep(
  lines: LineSource,
  { step, shape }: { readonly step: Step; readonly shape: Shape },
  round: Listing,
): Promise<{ readonly fatal: number | undefined; readonly more: boolean }> {
  const { around } = round;
  const { table, source } = step;
  const { path } = source;
  const row = table.row(source, lines.path);
  let status: number | undefined;
  const form = formOf(step, lines, round);
  const rows = rowsOf(lines, form, row, {
    malformed(line, number) {
      const text = line.text();
      status = around.messages.malformed({ table, row, path, number, text });
      return status === undefined;
    },
    reads: readsOf(step, around),
  });
  const keep = filterOf(step, { form, lines }, round);
  const later = laterOf(step, around.view);
  const { ask } = shape;
  const ahead = !around.messages.frozen;
  const more = await showRows({
    ...around,
    ...{ rows, row, keep, later, ask, ahead },
  });
  return { fatal: status, more };
}

/** `IPPROTO_TCP` */
const TCP = 6;

/** Shows the sockets of a step of which the kernel told that they ended, if it did. */
async function showEnded(
  showing: { readonly step: Step; readonly shape: Shape },
  round: Listing,
): Promise<void> {
  const { plan, source: { diag } } = showing.step;
  const { sink, ended } = round.around;
  // of others nothing but their ends is known, so that nothing else can be tested
  if (diag?.protocol !== TCP || !(plan?.testsEnds ?? true)) return;
  const lines = ended?.(diag.family);
  if (lines === undefined || !sink.over?.(true)) return;
  await showStep(lines, showing, round);
  sink.over(false);
}

/**
 * Tells the rows of sockets that were there before, if they are to be left out: of what
 * the kernel makes while it is read, and not in net-tools' text.
 */
function repeatsIn(
  { path, messages: isDump = false }: LineSource,
  // deno-lint-ignore no-explicit-any
  { inode, ends }: Table<any>,
  { messages, tree }: Context,
): ((row: unknown) => boolean) | undefined {
  if (messages.frozen || inode === undefined || ends === undefined) {
    return undefined;
  }
  if (!isDump && !tree.isKernels(path)) return undefined;
  const repeats = repeatsOf({ isDump });
  return (row) => repeats.seen(inode(row), ends(row));
}

function noSupport(name: string): string {
  return `netstat: no support for \`${name}' on this system.`;
}

/** A listing of everything has a title "asked" only if it has a file. */
function withoutUnused(selection: Selection, tree: Tree): Selection {
  const used = new Set<Title | undefined>();
  for (const { table, source } of selection.steps) {
    if (table.frozen.title?.always !== "asked" || tree.exists(source.path)) {
      used.add(table.frozen.title);
    }
  }
  const steps = selection.steps.filter((s) => used.has(s.table.frozen.title));
  return { ...selection, steps };
}

function rankOf({ source }: Step): number {
  return source.rank ?? 0;
}

/** Steps of one rank belong together. */
function ranks(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last !== undefined && rankOf(last[0]!) === rankOf(step)) {
      last.push(step);
    } else groups.push([step]);
  }
  return groups;
}

/** Whether a file that cannot be opened counts as missing. */
function absent(failure: Failure, deniedToo: boolean): boolean {
  return failure.code === "ENOENT" || (deniedToo && failure.code === "EACCES");
}

/** How the rows of a step are made of these lines. */
function formOf(step: Step, lines: LineSource, { depths }: Listing): Form {
  return depths?.form(step, lines) ?? plainForm(step, lines);
}

/** Tells which rows of a step, in their order, are listed; undefined for all. */
function filterOf(
  step: Step,
  { form: { believes }, lines }: {
    readonly form: Form;
    readonly lines: LineSource;
  },
  { around, ours }: Listing,
): ((row: unknown) => boolean) | undefined {
  const listed = keepOf(step, around.view);
  const keep = believes === undefined
    ? listed
    : (row: unknown) => believes() && (listed?.(row) ?? true);
  const { table } = step;
  const isRepeated = repeatsIn(lines, table, around);
  if (!table.ours && isRepeated === undefined) return keep;
  return (row) =>
    (keep?.(row) ?? true) && !(table.ours && ours.has(table.inode!(row))) &&
    !isRepeated?.(row);
}

/** Lines that were read, to be read again. */
interface Kept {
  /** The inodes of the rows among them. */
  readonly inodes: Sought["inodes"];
  /** Opens what was kept of a step, or else the step itself. */
  readonly open: Opener;
  /** Forgets what was kept. */
  readonly release: () => void;
}

/** The sockets at the other end of a connection, if they were looked for. */
function heldBy({ peer }: Partial<Told>): readonly Long[] {
  return peer?.held ?? [];
}

/**
 * Reads files and keeps what will be shown of them: headers, rows, bad lines.
 * Collects the inodes of sockets that may be `owned`, and asks for the names in rows,
 * so that they are looked up meanwhile.
 */
async function keepLines(
  round: Listing,
  owned: boolean,
  common: Common,
): Promise<Kept> {
  const inodes = new ByInode<true>();
  const results = new Map<Step, Failure | Arena>();
  let wanted = round.around.enough ?? Infinity;
  for (const step of round.selection.steps) {
    const { table, source } = step;
    if (step.plan?.none) continue;
    if (wanted === 0) break;
    const { ask } = round.shapes.get(step)!;
    if (ask === undefined && !(owned && table.inode)) continue;
    const lines = round.open(step);
    if (lines instanceof Failure) {
      results.set(step, lines);
      continue;
    }
    const most = Math.max(common.room, KEPT_LEAST);
    const row = table.row(source, lines.path);
    // where lines are not parsed here, nobody knows which of them are shown
    const elsewhere = table.rows !== undefined;
    const arena = elsewhere ? Arena.of(lines, most) : new Arena(lines, most);
    const add = (line: Line) => elsewhere || arena.add(line, lines.number);
    const form = formOf(step, lines, round);
    const rows = rowsOf(
      elsewhere ? arena.lines() : lines,
      form,
      row,
      { malformed: add, reads: readsOf(step, round.around, true) },
    );
    const { line } = rows;
    if (rows.header && line !== undefined) add(line);
    const keep = filterOf(step, { form, lines }, round);
    const more = rows.readAhead?.();
    const keepThose = () => {
      while (wanted > 0 && rows.next()) {
        const shown = keep?.(row) ?? true;
        // what is not shown may belong to what follows: where rows are no sockets, and
        // where a name takes several lines
        if (shown || table.inode === undefined || form.believes !== undefined) {
          if (line !== undefined && !add(line)) return false;
        }
        if (!shown) continue;
        wanted--;
        if (owned && table.inode) inodes.set(table.inode(row), true);
        if (owned) {
          for (const inode of heldBy(row)) inodes.set(inode, true);
        }
        if (!elsewhere) ask?.(row);
      }
      return wanted > 0;
    };
    while (keepThose() && await more?.());
    round.around.view.lookups?.missed();
    lines.close();
    arena.failure ??= lines.failure;
    common.room -= most - arena.room;
    results.set(step, arena);
  }
  return {
    inodes,
    open(step) {
      const result = results.get(step) ?? round.open(step);
      return result instanceof Arena ? result.lines() : result;
    },
    release() {
      for (const result of results.values()) {
        if (result instanceof Arena) result.release();
      }
    },
  };
}

/**
 * The sockets view: which tables are read, in which order, and what happens when
 * one of them is missing.
 *
 * @module
 */

import type { Family, Long, Title, View } from "./family.ts";
import { geteuid } from "./libc.ts";
import type { Line } from "./line.ts";
import type { Asked } from "./options.ts";
import { findOwners, ownersNote, ownSockets } from "./owners.ts";
import type { Report, Step } from "./report.ts";
import { readRows } from "./rows.ts";
import { Failure, Lines, type Tree } from "./scan.ts";
import type { OwnedView } from "./view.ts";

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
  steps.sort((a, b) => a.source.rank - b.source.rank);
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

/** The protocols that a family's sockets have. */
export function protocolsOf(family: Family): string[] {
  return family.tables.flatMap((table) =>
    table.sources.flatMap((s) => s.protocol ?? [])
  );
}

function has(family: Family, protocol: string): boolean {
  return protocolsOf(family).includes(protocol);
}

/** How the steps of a listing get at their lines. */
type Opener = (step: Step) => Lines | Failure;

/** One round of a listing. */
interface Round {
  readonly selection: Selection;
  readonly view: View;
  readonly report: Report;
  readonly open: Opener;
  /** Sockets of the program's own runtime, which nobody asked for. */
  readonly ours: ReadonlySet<Long>;
}

/** Lists sockets once. Returns the exit status. */
export function listSockets(
  selection: Selection,
  view: OwnedView,
  { tree, report }: { tree: Tree; report: Report },
): number {
  if (selection.everything) selection = withoutUnused(selection, tree);
  const { steps } = selection;
  const round: Round = {
    selection,
    view,
    report,
    open: ({ source, table }) => tree.openEither(source, table.lineLimit),
    ours: steps.some((s) => s.table.ours) ? ownSockets(tree) : new Set(),
  };
  return view.programs && steps.some((s) => report.showsOwners(s))
    ? listOwned(round, view, tree)
    : list(round);
}

/**
 * Lists sockets with their owners. Only sockets that are shown need one, and those
 * must be the ones that are shown then: their lines are kept and read again.
 */
function listOwned(round: Round, view: OwnedView, tree: Tree): number {
  const kept = keepLines(round);
  const owners = findOwners(tree, kept.inodes, view.context);
  view.owned(owners);
  ownersNote(owners, geteuid).forEach((line) => round.report.warn(line));
  return list({
    ...round,
    open: (step) => hasOwners(step) ? kept.open(step) : round.open(step),
  });
}

function list(round: Round): number {
  const { selection, view, report } = round;
  let status = 0;
  for (const group of ranks(selection.steps)) {
    let missing = false;
    for (const step of group) {
      const { table, source } = step;
      const soft = table.title.always !== false;
      if (soft) report.heading(step);
      const lines = round.open(step);
      if (lines instanceof Failure) {
        if (source.support === undefined) continue;
        if (!absent(lines, soft)) {
          report.warn(lines.toString());
          return 255;
        }
        if (soft && selection.quiet) continue;
        missing = true;
        if (!selection.everything || view.verbose) {
          report.warn(noSupport(source.support));
        }
        continue;
      }
      report.heading(step);
      report.rows(step);
      const fatal = showRows(lines, step, round);
      lines.close();
      if (fatal !== undefined) return fatal;
      if (lines.failure) {
        report.warn(lines.failure.toString());
        status = 1;
      }
    }
    if (missing && !selection.everything) return 1;
  }
  for (const name of selection.without) {
    report.warn(noSupport(name));
    status = 1;
  }
  return status;
}

/** Shows the rows of one file. Returns the status that ends the program, if any. */
function showRows(
  lines: Lines,
  step: Step,
  round: Round,
): number | undefined {
  const { report } = round;
  let status: number | undefined;
  readStep(lines, step, round, {
    row: (row) => report.row(row),
    malformed(row, line, number) {
      const text = line.text(line.start, line.end);
      status = report.malformed(step, row, number, text);
      return status === undefined;
    },
  });
  return status;
}

function noSupport(name: string): string {
  return `netstat: no support for \`${name}' on this system.`;
}

/** A listing of everything has a title "asked" only if it has a file. */
function withoutUnused(selection: Selection, tree: Tree): Selection {
  const used = new Set<Title>();
  for (const { table, source } of selection.steps) {
    if (table.title.always !== "asked" || tree.exists(source.path)) {
      used.add(table.title);
    }
  }
  const steps = selection.steps.filter((s) => used.has(s.table.title));
  return { ...selection, steps };
}

/** Steps of one rank belong together. */
function ranks(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last?.[0]?.source.rank === step.source.rank) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Whether a file that cannot be opened counts as missing. */
function absent(failure: Failure, deniedToo: boolean): boolean {
  return failure.code === "ENOENT" || (deniedToo && failure.code === "EACCES");
}

/** Reads the rows of a step that the view keeps. */
function readStep(
  lines: Lines,
  { table, source }: Step,
  { view, ours }: Round,
  visitor: {
    header?(line: Line): void;
    row(row: unknown, line: Line): void;
    malformed(row: unknown, line: Line, number: number): boolean;
  },
): void {
  const row = table.row(source, lines.path);
  readRows(lines, table, row, {
    header: (line) => visitor.header?.(line),
    row(line) {
      if (!table.keep(row, view)) return;
      if (table.ours && ours.has(table.inode!(row))) return;
      visitor.row(row, line);
    },
    malformed: (line, number) => visitor.malformed(row, line, number),
  });
}

/** Whether the rows of a step can have owners. */
function hasOwners({ table }: Step): boolean {
  return table.inode !== undefined;
}

/** Lines that were read, to be read again. */
interface Kept {
  readonly inodes: Set<Long>;
  readonly open: Opener;
}

/** Reads all files and keeps what will be shown: headers, rows, bad lines. */
function keepLines(round: Round): Kept {
  const inodes = new Set<Long>();
  const results = new Map<Step, Failure | Arena>();
  for (const step of round.selection.steps.filter(hasOwners)) {
    const lines = round.open(step);
    if (lines instanceof Failure) {
      results.set(step, lines);
      continue;
    }
    const arena = new Arena(lines.path);
    readStep(lines, step, round, {
      header: (line) => arena.add(line),
      row(row, line) {
        arena.add(line);
        if (step.table.inode) inodes.add(step.table.inode(row));
      },
      malformed(_row, line) {
        arena.add(line);
        return true;
      },
    });
    lines.close();
    arena.failure = lines.failure;
    results.set(step, arena);
  }
  return {
    inodes,
    open(step) {
      const result = results.get(step)!;
      return result instanceof Failure
        ? result
        : result.lines(step.table.lineLimit + 1); // cut already
    },
  };
}

/** Copies of lines, one after the other. */
class Arena {
  failure: Failure | undefined;
  readonly path: string;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  #length = 0;

  constructor(path: string) {
    this.path = path;
  }

  add(line: Line): void {
    const length = line.end - line.start;
    if (this.#length + length + 1 > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#bytes.length + length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(
      line.bytes.subarray(line.start, line.end),
      this.#length,
    );
    this.#length += length;
    this.#bytes[this.#length++] = 10;
  }

  lines(limit: number): Lines {
    const bytes = this.#bytes.subarray(0, this.#length);
    const lines = new Lines(this.path, bytes, limit);
    lines.failure = this.failure;
    return lines;
  }
}

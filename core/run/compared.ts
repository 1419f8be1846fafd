/**
 * `--diff` and `--watch`: shows what differs.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import type { Comparing } from "../args/compare.ts";
import { fromUtf8, toUtf8 } from "../contract/line.ts";
import type { Changes } from "../query/change.ts";
import type { Circumstances } from "../query/plan.ts";
import { Failure } from "../system/failures.ts";
import type { Surroundings, Viewing } from "../views/around.ts";
import type { Side } from "../views/compared.ts";
import type { Lister, Wish } from "../../render/live.ts";
import type { Screen } from "../../render/screen.ts";
import { TROUBLE } from "./io.ts";
import {
  type Loaded,
  roundOf,
  surroundingsOf,
  treeAt,
  viewingOf,
  withPlugins,
} from "./surroundings.ts";
import { coloursOf, takingOf, type Writing } from "./taking.ts";

/** For so many rounds a row that came or went is shown as such on a terminal. */
const ROUNDS = 2;

/** Shows what differs: once, or again and again. Returns the exit status. */
export async function compared(
  { before, interval, duration }: Comparing,
  { around, viewing, writing }: {
    readonly around: Surroundings;
    readonly viewing: Viewing;
    readonly writing: Writing & Pick<Circumstances, "lost">;
  },
  loaded: Loaded,
): Promise<number> {
  const { asked, tree } = around;
  const { plugins, io } = loaded;
  const { Changes } = await import("../query/change.ts");
  const told = await import("../views/compared.ts");
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
    ? (await import("../system/ended.ts")).hearEnded(tree)
    : undefined;
  let met = asked.question.until === undefined ? undefined : false;
  /** What lists, and hands on what differs. */
  const listerOf = async ({ around, viewing, changes }: Listing) => {
    const taking = await takingOf(around, viewing, {
      ...own,
      sink: screen,
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
    const { Live } = await import("../../render/live.ts");
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
    readonly loaded: Loaded;
  },
): Promise<Side & { readonly status: number } | number> {
  const { timeOf } = await import("../views/compared.ts");
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
    readonly loaded: Loaded;
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
  const { Screen } = await import("../../render/screen.ts");
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

/**
 * The routes view: the families' tables of routes, one after the other, until one
 * of them fails.
 *
 * @module
 */

import { Arena } from "../system/arena.ts";
import type { Around, Surroundings, Viewing } from "./around.ts";
import type { Family, Table, View } from "../contract/family.ts";
import { depthOf } from "../contract/depth.ts";
import { warnOfLack } from "./lack.ts";
import { deepIfAsked } from "./registry.ts";
import { type Form, plainForm, readsOf, rowsOf, showRows } from "./rows.ts";
import {
  keepOf,
  laterOf,
  planned,
  schemaOf,
  shapeOf,
  type Step,
} from "./shape.ts";
import { Failure, tell } from "../system/failures.ts";
import type { LineSource } from "../system/scan.ts";

/** There is no routing for a family that was asked for. */
const STATUS_NO_ROUTES = 3;

/** Shows the routes of the families that were asked for, in that order. */
export async function routesView(
  surroundings: Surroundings,
): Promise<Viewing> {
  const { asked, families, view } = surroundings;
  const names = asked.families.length > 0
    ? asked.families
    : families.filter((f) => f.routes?.usual).map((f) => f.name);
  const known = new Map<string, readonly Step[]>();
  for (const family of families) {
    if (names.includes(family.name) && family.routes !== undefined) {
      known.set(family.name, await stepsOf(family, view, asked));
    }
  }
  if (asked.lookup !== undefined) {
    const { lookupView } = await import("./lookup.ts");
    return lookupView(surroundings, [...known.values()].flat(), showTable);
  }
  const steps = [...known.values()].flat();
  return {
    relations: () => steps.map((step) => schemaOf(step, view)),
    round(taking) {
      const around = { ...surroundings, ...taking };
      const all = planned(steps, taking.plans);
      return async () => {
        const telling = await tellingOf(all, around);
        const { status } = await showEach(names, async (name) => {
          if (known.has(name)) {
            const own = all.filter(({ family }) => family.name === name);
            return await showFamily(own, around, telling);
          }
          taking.messages.warn(`No routing for address family \`${name}'.`);
          return { status: STATUS_NO_ROUTES };
        });
        taking.sink.end();
        return status;
      };
    },
  };
}

/** What tells of routes in place of files. */
export interface Telling {
  /** Asks for the routes of a step; undefined if its file is to be read. */
  lines(step: Step): LineSource | Failure | undefined;
  /** How rows are made of what comes. */
  form(step: Step, lines: Pick<LineSource, "messages">): Form;
}

/** What netlink tells, if a question may ask for it. */
async function tellingOf(
  steps: readonly Step[],
  around: Around,
): Promise<Telling | undefined> {
  if (!steps.some(({ table }) => depthOf(table) !== undefined)) {
    return undefined;
  }
  const shapes = new Map(steps.map((step) => [step, shapeOf(step, around)]));
  return new (await import("./deep.ts")).Depths(shapes, around);
}

/** The tables that a view has of a family, and behind each those shown instead. */
async function stepsOf(
  family: Family,
  { cache, fib }: View,
  question: Surroundings["asked"],
): Promise<readonly Step[]> {
  const asked = { cache, fib: fib || !cache };
  const own = (await family.routes!.tables(asked)).filter(({ part }) =>
    part === undefined || asked[part]
  );
  const tables = await deepIfAsked(own, question);
  return tables.flatMap((table) => {
    const steps: Step[] = [];
    for (let next = table; next !== undefined; next = next.instead!) {
      steps.push({ family, table: next, source: next.sources[0]! });
    }
    return steps;
  });
}

/** What showing came to. */
interface Showed {
  readonly status: number;
  /** Whether there are enough rows, so that nothing else is read. */
  readonly enough?: boolean;
}

/** Shows until there are enough rows, or a status is not 0. */
async function showEach<Item>(
  items: readonly Item[],
  show: (item: Item) => Promise<Showed>,
): Promise<Showed> {
  for (const item of items) {
    const showed = await show(item);
    if (showed.status !== 0 || showed.enough) return showed;
  }
  return { status: 0 };
}

async function showFamily(
  steps: readonly Step[],
  around: Around,
  telling: Telling | undefined,
): Promise<Showed> {
  const instead = new Set(steps.flatMap(({ table }) => table.instead ?? []));
  return await showEach(
    steps.filter(({ table }) => !instead.has(table)),
    (step) => showTable(step, { steps, around, telling }),
  );
}

/** A table's surroundings. */
export interface Tables {
  /** All tables of the family. */
  readonly steps: readonly Step[];
  /** What the view works with. */
  readonly around: Around;
  /** What tells of routes in place of files, if there is something. */
  readonly telling: Telling | undefined;
}

/** Shows a table, or what net-tools says if it is not there. */
async function showTable(given: Step, tables: Tables): Promise<Showed> {
  const { steps, around, telling } = tables;
  const { tree, sink, messages } = around;
  const { table, plan, source } = given;
  const { frozen: { missing }, lineLimit } = table;
  const instead = steps.find((step) => step.table === table.instead);
  if (plan?.none && (instead === undefined || tree.exists(source.path))) {
    showNone(given, around);
    return { status: 0 };
  }
  const told = telling?.lines(given);
  const lines: LineSource | Failure = told ??
    tree.openEither(source, lineLimit);
  if (lines instanceof Failure && instead !== undefined) {
    return await showTable(instead, tables);
  }
  const reference = told === undefined
    ? table.reference
    : besidesOf(given, around);
  const second = reference &&
    tree.open(reference.path, reference.lineLimit ?? lineLimit);
  try {
    const failures = [lines, reference?.needed ? second : undefined]
      .filter((opened) => opened instanceof Failure);
    if (lines instanceof Failure || failures.length > 0) {
      for (const failure of failures) {
        const text = missing?.reason?.(failure.path, failure.reason);
        if (text !== undefined) tell(failure, messages, text);
      }
      if (!messages.frozen) showNone(given, around);
      sink.unread?.(failures[0]);
      if (missing !== undefined) messages.say(missing);
      warnOfLack(failures, around);
      return { status: 1 };
    }
    const step = { ...given, source: { ...source, path: lines.path } };
    const form = telling?.form(given, lines) ?? plainForm(given, lines);
    return await showStep({ lines, second, reference, form }, step, around);
  } finally {
    if (!(lines instanceof Failure)) lines.close();
    if (!(second instanceof Failure)) second?.close();
  }
}

/** The file that tells what answers do not, if that is shown or tested. */
function besidesOf(
  { table, plan }: Step,
  { messages: { frozen } }: Around,
): Table<unknown>["reference"] {
  const besides = depthOf(table)?.besides;
  const isUsed = frozen || plan?.used.some(({ key }) => besides?.keys.has(key));
  return isUsed ? besides?.file : undefined;
}

/** Shows a table without any row; net-tools' text has it only if it is there. */
function showNone(step: Step, around: Around): void {
  const { tree, messages } = around;
  const { table, source } = step;
  if (messages.frozen && !tree.exists(source.path)) return;
  const row = table.row(source, source.path);
  const { head, shown, layout } = shapeOf(step, around, row);
  around.sink.begin(head, shown, layout);
}

/** The files of a table. */
interface Files {
  readonly lines: LineSource;
  /** The one that rows refer to. */
  readonly second: LineSource | Failure | undefined;
  /** How that is read. */
  readonly reference: Table<unknown>["reference"];
  /** How rows are made. */
  readonly form: Form;
}

async function showStep(
  { lines, second, reference, form }: Files,
  step: Step,
  around: Around,
): Promise<Showed> {
  const { view, sink, messages } = around;
  const { table, source } = step;
  const { path } = source;
  const row = table.row(source, path);
  const failed = second !== undefined &&
    !refer(second, { step, row, reference: reference! }, around);
  const kept = view.lookups === undefined ? undefined : Arena.of(lines);

  let status: number | undefined;
  const rows = rowsOf(kept?.lines() ?? lines, form, row, {
    malformed(line, number) {
      const text = line.text();
      status = messages.malformed({ table, row, path, number, text });
      return status === undefined;
    },
    reads: readsOf(step, around),
  });
  const { head, shown, layout, ask } = shapeOf(step, around, row);
  sink.begin(head, shown, layout);
  // what netlink tells has no first line that could be wrong
  const fault = lines.failure === undefined && !lines.messages
    ? table.frozen.fault?.(row)
    : undefined;
  if (fault !== undefined) return { status: messages.say(fault) ?? 0 };
  const listed = keepOf(step, view);
  const { believes } = form;
  const keep = believes === undefined
    ? listed
    : (row: unknown) => believes() && (listed?.(row) ?? true);
  if (kept !== undefined && ask !== undefined) {
    askAhead(
      kept.lines(),
      { step, form },
      around,
      (row) => (keep?.(row) ?? true) && ask(row),
    );
    view.lookups?.missed();
  }
  const later = laterOf(step, view);
  const more = await showRows({ ...around, rows, row, keep, later, ask });
  if (status !== undefined) return { status };
  const failure = kept?.failure ?? lines.failure;
  if (failed || failure !== undefined) sink.unread?.(failure);
  if (failure !== undefined) tell(failure, messages);
  return {
    status: failed || failure !== undefined ? 1 : 0,
    enough: !more,
  };
}

/** Asks for the names in all rows, so that they are looked up at the same time. */
function askAhead(
  lines: LineSource,
  { step, form }: { readonly step: Step; readonly form: Form },
  around: Around,
  ask: (row: unknown) => void,
): void {
  const { table, source } = step;
  const row = table.row(source, source.path);
  const rows = rowsOf(lines, form, row, {
    malformed: () => true,
    reads: readsOf(step, around, true),
  });
  while (rows.next()) {
    if (rows.settle === undefined) ask(row);
  }
}

/** Reads the file that rows refer to. Returns whether it could be read. */
function refer(
  lines: LineSource | Failure,
  { step, row, reference }: {
    readonly step: Step;
    readonly row: unknown;
    readonly reference: NonNullable<Files["reference"]>;
  },
  around: Around,
): boolean {
  const { table } = step;
  const { messages } = around;
  if (lines instanceof Failure) {
    tell(lines, messages);
    return false;
  }
  const { path } = lines;
  const rows = rowsOf(lines, reference, row, {
    malformed(line, number) {
      const text = line.text();
      messages.malformed({ table, row, path, number, text });
      return true;
    },
    reads: readsOf(step, around),
  });
  while (rows.next());
  if (lines.failure === undefined) return true;
  tell(lines.failure, messages);
  return false;
}

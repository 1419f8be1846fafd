/**
 * The routes view: the families' tables of routes, one after the other, until one
 * of them fails.
 *
 * @module
 */

import { Arena } from "../system/arena.ts";
import type { Around, Surroundings, Viewing } from "./around.ts";
import type { Family, View } from "../contract/family.ts";
import { warnOfLack } from "./lack.ts";
import { readsOf, rowsOf, showRows } from "./rows.ts";
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
      known.set(family.name, await stepsOf(family, view));
    }
  }
  const steps = [...known.values()].flat();
  return {
    relations: () => steps.map((step) => schemaOf(step, view)),
    round(taking) {
      const around = { ...surroundings, ...taking };
      const all = planned(steps, taking.plans);
      return async () => {
        const { status } = await showEach(names, async (name) => {
          if (known.has(name)) {
            const own = all.filter(({ family }) => family.name === name);
            return await showFamily(own, around);
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

/** The tables that a view has of a family, and behind each those shown instead. */
async function stepsOf(
  family: Family,
  { cache, fib }: View,
): Promise<readonly Step[]> {
  const asked = { cache, fib: fib || !cache };
  const tables = (await family.routes!.tables()).filter(({ part }) =>
    part === undefined || asked[part]
  );
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
): Promise<Showed> {
  const instead = new Set(steps.flatMap(({ table }) => table.instead ?? []));
  return await showEach(
    steps.filter(({ table }) => !instead.has(table)),
    (step) => showTable(step, steps, around),
  );
}

/** Shows a table, or what net-tools says if it is not there. */
async function showTable(
  given: Step,
  steps: readonly Step[],
  around: Around,
): Promise<Showed> {
  const { tree, messages } = around;
  const { table, plan, source } = given;
  const { reference, frozen: { missing }, lineLimit } = table;
  const instead = steps.find((step) => step.table === table.instead);
  if (plan?.none && (instead === undefined || tree.exists(source.path))) {
    showNone(given, around);
    return { status: 0 };
  }
  const lines = tree.openEither(source, lineLimit);
  if (lines instanceof Failure && instead !== undefined) {
    return await showTable(instead, steps, around);
  }
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
      if (missing !== undefined) messages.say(missing);
      warnOfLack(failures, around);
      return { status: 1 };
    }
    const step = { ...given, source: { ...source, path: lines.path } };
    return await showStep({ lines, second }, step, around);
  } finally {
    if (!(lines instanceof Failure)) lines.close();
    if (!(second instanceof Failure)) second?.close();
  }
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
}

async function showStep(
  { lines, second }: Files,
  step: Step,
  around: Around,
): Promise<Showed> {
  const { view, sink, messages } = around;
  const { table, source } = step;
  const { path } = source;
  const row = table.row(source, path);
  const failed = second !== undefined &&
    !refer(second, { step, row }, around);
  const kept = view.lookups === undefined ? undefined : Arena.of(lines);

  let status: number | undefined;
  const rows = rowsOf(kept?.lines() ?? lines, table, row, {
    malformed(line, number) {
      const text = line.text();
      status = messages.malformed({ table, row, path, number, text });
      return status === undefined;
    },
    reads: readsOf(step, around),
  });
  const { head, shown, layout, ask } = shapeOf(step, around, row);
  sink.begin(head, shown, layout);
  const fault = lines.failure === undefined
    ? table.frozen.fault?.(row)
    : undefined;
  if (fault !== undefined) return { status: messages.say(fault) ?? 0 };
  const keep = keepOf(step, view);
  if (kept !== undefined && ask !== undefined) {
    askAhead(
      kept.lines(),
      step,
      around,
      (row) => (keep?.(row) ?? true) && ask(row),
    );
    view.lookups?.missed();
  }
  const later = laterOf(step, view);
  const more = await showRows({ ...around, rows, row, keep, later, ask });
  if (status !== undefined) return { status };
  const failure = kept?.failure ?? lines.failure;
  if (failure !== undefined) tell(failure, messages);
  return {
    status: failed || failure !== undefined ? 1 : 0,
    enough: !more,
  };
}

/** Asks for the names in all rows, so that they are looked up at the same time. */
function askAhead(
  lines: LineSource,
  step: Step,
  around: Around,
  ask: (row: unknown) => void,
): void {
  const { table, source } = step;
  const row = table.row(source, source.path);
  const rows = rowsOf(lines, table, row, {
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
  { step, row }: { readonly step: Step; readonly row: unknown },
  around: Around,
): boolean {
  const { table } = step;
  const { messages } = around;
  if (lines instanceof Failure) {
    tell(lines, messages);
    return false;
  }
  const { path } = lines;
  const rows = rowsOf(lines, table.reference!, row, {
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

/**
 * The routes view: the families' tables of routes, one after the other, until one
 * of them fails.
 *
 * @module
 */

import { Arena } from "../system/arena.ts";
import type { Around, Round } from "./around.ts";
import type { Family, Table } from "../contract/family.ts";
import { warnOfLack } from "./lack.ts";
import { readsOf, rowsOf, showRows } from "./rows.ts";
import { shapeOf, type Step } from "./shape.ts";
import { Failure, tell } from "../system/failures.ts";
import type { LineSource } from "../system/scan.ts";

/** There is no routing for a family that was asked for. */
const STATUS_NO_ROUTES = 3;

/** Shows the routes of the families that were asked for, in that order. */
export function routesRound(around: Around): Round {
  const { asked, families, sink, messages } = around;
  const names = asked.families.length > 0
    ? asked.families
    : families.filter((f) => f.routes?.usual).map((f) => f.name);
  return async () => {
    const status = await firstFailure(names, async (name) => {
      const family = families.find((f) => f.name === name);
      if (family?.routes !== undefined) return await showFamily(family, around);
      messages.warn(`No routing for address family \`${name}'.`);
      return STATUS_NO_ROUTES;
    });
    sink.end();
    return status;
  };
}

/** The first status that is not 0; what comes after it is left out. */
async function firstFailure<Item>(
  items: readonly Item[],
  show: (item: Item) => number | Promise<number>,
): Promise<number> {
  for (const item of items) {
    const status = await show(item);
    if (status !== 0) return status;
  }
  return 0;
}

async function showFamily(family: Family, around: Around): Promise<number> {
  const { cache, fib } = around.view;
  const asked = { cache, fib: fib || !cache };
  const tables = (await family.routes!.tables()).filter(({ part }) =>
    part === undefined || asked[part]
  );
  return await firstFailure(
    tables,
    (table) => showTable(family, table, around),
  );
}

/** Shows a table, or what net-tools says if it is not there. */
async function showTable(
  family: Family,
  // deno-lint-ignore no-explicit-any
  table: Table<any>,
  around: Around,
): Promise<number> {
  const { tree, messages } = around;
  const { reference, frozen: { missing }, lineLimit } = table;
  const [source] = table.sources;
  const lines = tree.openEither(source!, lineLimit);
  if (lines instanceof Failure && table.instead !== undefined) {
    return await showTable(family, table.instead, around);
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
      if (missing !== undefined) messages.say(missing);
      warnOfLack(failures, around);
      return 1;
    }
    const step = { family, table, source: { ...source, path: lines.path } };
    return await showStep({ lines, second }, step, around);
  } finally {
    if (!(lines instanceof Failure)) lines.close();
    if (!(second instanceof Failure)) second?.close();
  }
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
): Promise<number> {
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
      const text = line.text(line.start, line.end);
      status = messages.malformed({ table, row, path, number, text });
      return status === undefined;
    },
    reads: readsOf(table, around),
  });
  const { head, shown, layout, ask } = shapeOf(step, around, row);
  sink.begin(head, shown, layout);
  const fault = lines.failure === undefined
    ? table.frozen.fault?.(row)
    : undefined;
  if (fault !== undefined) return messages.say(fault) ?? 0;
  const keep = (row: unknown) => table.keep?.(row, view) ?? true;
  if (kept !== undefined && ask !== undefined) {
    askAhead(kept.lines(), step, around, (row) => keep(row) && ask(row));
    view.lookups?.missed();
  }
  await showRows({ ...around, rows, row, keep, ask });
  if (status !== undefined) return status;
  const failure = kept?.failure ?? lines.failure;
  if (failure !== undefined) tell(failure, messages);
  return failed || failure !== undefined ? 1 : 0;
}

/** Asks for the names in all rows, so that they are looked up at the same time. */
function askAhead(
  lines: LineSource,
  { table, source }: Step,
  around: Around,
  ask: (row: unknown) => void,
): void {
  const row = table.row(source, source.path);
  const rows = rowsOf(lines, table, row, {
    malformed: () => true,
    reads: readsOf(table, around, true),
  });
  while (rows.next()) {
    if (rows.settle === undefined) ask(row);
  }
}

/** Reads the file that rows refer to. Returns whether it could be read. */
function refer(
  lines: LineSource | Failure,
  { step: { table }, row }: { readonly step: Step; readonly row: unknown },
  around: Around,
): boolean {
  const { messages } = around;
  if (lines instanceof Failure) {
    tell(lines, messages);
    return false;
  }
  const { path } = lines;
  const rows = rowsOf(lines, table.reference!, row, {
    malformed(line, number) {
      const text = line.text(line.start, line.end);
      messages.malformed({ table, row, path, number, text });
      return true;
    },
    reads: readsOf(table, around),
  });
  while (rows.next());
  if (lines.failure === undefined) return true;
  tell(lines.failure, messages);
  return false;
}

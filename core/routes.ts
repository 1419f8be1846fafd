/**
 * The routes view: the families' tables of routes, one after the other, until one
 * of them fails.
 *
 * @module
 */

import { Arena } from "./arena.ts";
import type { Around, Round } from "./around.ts";
import { shownOf } from "./column.ts";
import type { Family, RouteTable } from "./family.ts";
import { type Report, type RouteStep, warnOfLack } from "./report.ts";
import { Rows, showRows } from "./rows.ts";
import { Failure, tell } from "./failures.ts";
import type { LineSource } from "./scan.ts";

/** There is no routing for a family that was asked for. */
const STATUS_NO_ROUTES = 3;

/** Shows the routes of the families that were asked for, in that order. */
export function routesRound(around: Around): Round {
  const { asked, families, view, report } = around;
  const names = asked.families.length > 0
    ? asked.families
    : families.filter((f) => f.routes?.usual).map((f) => f.name);
  return async () => {
    report.begin(view);
    const status = await firstFailure(names, async (name) => {
      const family = families.find((f) => f.name === name);
      if (family?.routes !== undefined) return await showFamily(family, around);
      report.warn(`No routing for address family \`${name}'.`);
      return STATUS_NO_ROUTES;
    });
    report.end();
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
  table: RouteTable<any>,
  around: Around,
): Promise<number> {
  const { tree, report } = around;
  const { reference, missing, lineLimit } = table;
  const lines = tree.openEither(table, lineLimit);
  if (lines instanceof Failure && table.instead !== undefined) {
    return await showTable(family, table.instead, around);
  }
  const second = reference && tree.open(reference.path, lineLimit);
  try {
    const failures = [lines, reference?.needed ? second : undefined]
      .filter((opened) => opened instanceof Failure);
    if (lines instanceof Failure || failures.length > 0) {
      for (const failure of failures) {
        const text = missing.reason?.(failure.path, failure.reason);
        if (text !== undefined) tell(failure, report, text);
      }
      say(report, missing);
      warnOfLack(failures, around);
      return 1;
    }
    const step = { family, table, source: { path: lines.path } };
    return await showStep(lines, second, step, around);
  } finally {
    if (!(lines instanceof Failure)) lines.close();
    if (!(second instanceof Failure)) second?.close();
  }
}

/** Prints a message where net-tools does. */
function say(
  report: Report,
  { text, aside }: { readonly text?: string; readonly aside?: boolean },
): void {
  if (text === undefined) return;
  if (aside) report.warn(text);
  else report.note(text);
}

async function showStep(
  lines: LineSource,
  second: LineSource | Failure | undefined,
  step: RouteStep,
  around: Around,
): Promise<number> {
  const { report, view } = around;
  const { table } = step;
  const row = table.row();
  const failed = second !== undefined && !refer(second, step, row, report);
  const kept = view.lookups === undefined ? undefined : Arena.of(lines);

  let status: number | undefined;
  const rows = new Rows(kept?.lines() ?? lines, table, row, (line, number) => {
    const text = line.text(line.start, line.end);
    status = report.malformed(step, row, number, text);
    return status === undefined;
  });
  const columns = table.layout?.(view, row) ?? shownOf(table.columns, view);
  report.routes(step, columns);
  const fault = lines.failure === undefined ? table.fault?.(row) : undefined;
  if (fault !== undefined) {
    say(report, fault);
    return fault.status;
  }
  if (kept !== undefined) askAhead(kept.lines(), table, report);
  await showRows(
    rows,
    () => !(table.keep?.(row) ?? true) || report.row(row),
    around,
  );
  if (status !== undefined) return status;
  const failure = kept?.failure ?? lines.failure;
  if (failure !== undefined) tell(failure, report);
  return failed || failure !== undefined ? 1 : 0;
}

/** Asks for the names in all rows, so that they are looked up at the same time. */
function askAhead(
  lines: LineSource,
  // deno-lint-ignore no-explicit-any
  table: RouteTable<any>,
  report: Report,
): void {
  const row = table.row();
  const rows = new Rows(lines, table, row, () => true);
  while (rows.next()) {
    if (table.keep?.(row) ?? true) report.ask(row);
  }
}

/** Reads the file that rows refer to. Returns whether it could be read. */
function refer(
  lines: LineSource | Failure,
  { family, table }: RouteStep,
  row: unknown,
  report: Report,
): boolean {
  if (lines instanceof Failure) {
    tell(lines, report);
    return false;
  }
  const step = { family, table, source: { path: lines.path } };
  const rows = new Rows(lines, table.reference!, row, (line, number) => {
    const text = line.text(line.start, line.end);
    report.malformed(step, row, number, text);
    return true;
  });
  while (rows.next());
  if (lines.failure === undefined) return true;
  tell(lines.failure, report);
  return false;
}

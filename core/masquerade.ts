/**
 * The masquerade view: connections whose addresses this machine translates. The
 * first table that the kernel has a file for is shown.
 *
 * @module
 */

import { Arena } from "./arena.ts";
import type { Around, Round } from "./around.ts";
import type { Family, MasqueradeTable } from "./family.ts";
import { type Step, warnOfLack } from "./report.ts";
import { type Malformed, Rows, showRows } from "./rows.ts";
import { Failure, type Lack, tell } from "./failures.ts";
import type { LineSource } from "./scan.ts";

/** A table that can be read. */
interface Found extends Step {
  // deno-lint-ignore no-explicit-any
  readonly table: MasqueradeTable<any>;
}

/** Shows the translated connections. */
export function masqueradeRound(around: Around): Round {
  const { view, report, families, tree } = around;
  let noted = false;
  return async () => {
    report.begin(view);
    let status: number | undefined;
    let missing: string | undefined;
    const lacks: Lack[] = [];
    for (const step of await stepsOf(families)) {
      const { source, table } = step;
      const lines = tree.openEither(source, table.lineLimit);
      missing ??= source.support;
      if (lines instanceof Failure) {
        lacks.push({ ...lines, path: source.path });
        if (lines.code === "ENOENT") continue;
        tell(lines, report);
        status = 255;
        break;
      }
      const note = table.note?.(lines.path);
      if (note !== undefined && !noted) report.warn(note);
      noted = true;
      status = await show(lines, step, around);
      lines.close();
      break;
    }
    if (status === undefined) {
      report.warn(`netstat: no support for \`${missing}' on this system.`);
      warnOfLack(lacks, around);
      status = 1;
    }
    report.end();
    return status;
  };
}

async function stepsOf(families: readonly Family[]): Promise<Found[]> {
  const steps: Found[] = [];
  for (const family of families) {
    for (const table of await family.masquerade?.() ?? []) {
      for (const source of table.sources) steps.push({ family, table, source });
    }
  }
  return steps;
}

/** Shows the rows of one file. Returns the exit status. */
async function show(
  lines: LineSource,
  step: Found,
  around: Around,
): Promise<number> {
  const { view, report } = around;
  const { table, source } = step;
  const row = table.row(source, lines.path);
  let status: number | undefined;
  const complain: Malformed = (line, number) => {
    const text = line.text(line.start, line.end);
    if (text.trim() === "") return true;
    status = report.malformed(step, row, number, text);
    return status === undefined;
  };
  let rows: Rows<unknown>;
  let kept: Arena | undefined;
  if (table.fatal === undefined && view.lookups === undefined) {
    rows = new Rows(lines, table, row, complain);
  } else {
    // a bad line that ends the program does so before anything is shown, and names
    // are asked for before they are needed
    kept = Arena.of(lines);
    rows = new Rows(kept.lines(), table, row, complain);
    report.rows(step);
    while (rows.next()) {
      if (table.keep(row, view)) report.ask(row);
    }
    if (status !== undefined) return status;
    rows = new Rows(kept.lines(), table, row, () => true);
  }

  let shown = false;
  await showRows(rows, () => {
    if (!table.keep(row, view)) return true;
    if (!shown) {
      report.heading(step);
      report.rows(step);
      shown = true;
    }
    return report.row(row);
  }, around);
  if (status !== undefined) return status;
  const failure = kept?.failure ?? lines.failure;
  if (!rows.header && failure === undefined && table.empty !== undefined) {
    report.warn(table.empty);
    return 255;
  }
  if (failure === undefined) return 0;
  tell(failure, report);
  return 1;
}

/**
 * The masquerade view: connections whose addresses this machine translates. The
 * first table that the kernel has a file for is shown.
 *
 * @module
 */

import { Arena } from "../system/arena.ts";
import type { Around, Round, Surroundings, Viewing } from "./around.ts";
import type { Family } from "../contract/family.ts";
import type { Malformed, Relation } from "../contract/relation.ts";
import { readsOf, rowsOf, showRows } from "./rows.ts";
import {
  keepOf,
  laterOf,
  planned,
  schemaOf,
  shapeOf,
  type Step,
} from "./shape.ts";
import { Failure, type Lack, tell } from "../system/failures.ts";
import type { LineSource } from "../system/scan.ts";
import { warnOfLack } from "./lack.ts";

/** Shows the translated connections. */
export async function masqueradeView(
  surroundings: Surroundings,
): Promise<Viewing> {
  const { families, view } = surroundings;
  const steps = await stepsOf(families);
  return {
    relations: () => steps.map((step) => schemaOf(step, view)),
    round(taking) {
      const around = { ...surroundings, ...taking };
      return masqueradeRound(planned(steps, taking.plans), around);
    },
  };
}

function masqueradeRound(steps: readonly Step[], around: Around): Round {
  const { tree, sink, messages } = around;
  return async (isFirst) => {
    let status: number | undefined;
    let missing: string | undefined;
    const lacks: Lack[] = [];
    if (!messages.frozen) {
      // the columns are known even if there is no row
      for (const step of steps) {
        const { head, shown, layout } = shapeOf(step, around);
        sink.begin(head, shown, layout);
      }
    }
    for (const step of steps) {
      const { source, table, plan } = step;
      if (plan?.none && tree.exists(source.path)) {
        status = 0;
        break;
      }
      const lines = tree.openEither(source, table.lineLimit);
      missing ??= source.support;
      if (lines instanceof Failure) {
        lacks.push({ ...lines, path: source.path });
        if (lines.code === "ENOENT") continue;
        tell(lines, messages);
        unread(steps, around);
        status = 255;
        break;
      }
      const said = table.frozen.opened?.(lines.path);
      if (said !== undefined && isFirst) messages.say(said);
      status = await show(lines, step, around);
      lines.close();
      break;
    }
    if (status === undefined) {
      messages.warn(`netstat: no support for \`${missing}' on this system.`);
      warnOfLack(lacks, around);
      unread(steps, around);
      status = 1;
    }
    sink.end();
    return status;
  };
}

/** Says of all tables that they could not be read, to who compares. */
function unread(steps: readonly Step[], around: Around): void {
  const { sink, messages } = around;
  if (messages.frozen) return;
  for (const step of steps) {
    const { head, shown, layout } = shapeOf(step, around);
    sink.begin(head, shown, layout);
    sink.unread?.();
  }
}

async function stepsOf(families: readonly Family[]): Promise<Step[]> {
  const steps: Step[] = [];
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
  step: Step,
  around: Around,
): Promise<number> {
  const { view, sink, messages } = around;
  const { table, source } = step;
  const { frozen } = table;
  const { head, shown, layout, ask } = shapeOf(step, around);
  const row = table.row(source, lines.path);
  const { path } = source;
  let status: number | undefined;
  const complain: Malformed = (line, number) => {
    const text = line.text();
    if (text.trim() === "") return true;
    status = messages.malformed({ table, row, path, number, text });
    return status === undefined;
  };
  const asked = keepOf(step, view);
  const keep = (row: unknown) => asked?.(row) ?? true;
  let rows: Relation;
  const reads = readsOf(step, around);
  let kept: Arena | undefined;
  if (frozen.malformed === undefined && ask === undefined) {
    rows = rowsOf(lines, table, row, { malformed: complain, reads });
  } else {
    // a bad line that ends the program does so before anything is shown, and names
    // are asked for before they are needed
    kept = Arena.of(lines);
    rows = rowsOf(kept.lines(), table, row, {
      malformed: complain,
      reads: readsOf(step, around, true),
    });
    while (rows.next()) {
      if (rows.settle === undefined && keep(row)) ask?.(row);
    }
    view.lookups?.missed();
    if (status !== undefined) return status;
    rows = rowsOf(kept.lines(), table, row, { malformed: () => true, reads });
  }

  // net-tools: no heading over nothing
  let begun = false;
  const later = laterOf(step, view);
  await showRows({
    ...around,
    rows,
    row,
    ask,
    keep,
    later(row) {
      if (later?.(row) === false) return false;
      if (!begun) sink.begin(head, shown, layout);
      return begun = true;
    },
  });
  if (status !== undefined) return status;
  const failure = kept?.failure ?? lines.failure;
  const isEmpty = lines.number === 0 && failure === undefined;
  if (isEmpty && frozen.empty !== undefined) {
    return messages.say(frozen.empty) ?? 0;
  }
  if (failure === undefined) return 0;
  sink.unread?.();
  tell(failure, messages);
  return 1;
}

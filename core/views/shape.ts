/**
 * What a view shows of a table: which columns, how net-tools lays them out, and what
 * must be looked for before they are known.
 *
 * @module
 */

import type {
  Column,
  Family,
  Need,
  Source,
  Table,
  View,
} from "../contract/family.ts";
import { needsOf } from "../contract/column.ts";
import {
  allOf,
  type Head,
  type Layout,
  layoutOf,
  type Shown,
} from "../contract/sink.ts";
import type { RelationPlan } from "../query/plan.ts";
import type { Schema } from "../query/schema.ts";
import type { Around } from "./around.ts";
import type { ShownView } from "./view.ts";

/** A table of a family, and the file of it that is read. */
export interface Step {
  /** Whose table it is. */
  readonly family: Family;
  /** The table, which says how to read the file. */
  // deno-lint-ignore no-explicit-any
  readonly table: Table<any>;
  /** The file. */
  readonly source: Source;
  /** What is done with its rows, if a question is asked. */
  readonly plan?: RelationPlan | undefined;
}

/** What is the same for all rows of a file. */
function headOf({ family, table, source }: Partial<Step>): Head {
  if (family === undefined) return {};
  const { name } = family;
  const proto = source?.proto;
  // it is what each row begins with; a family file may say otherwise in a row
  const fixed = proto !== undefined && table?.rows === undefined &&
    Object.keys(table?.columns ?? {})[0] === "proto";
  return fixed ? { family: name, proto } : { family: name };
}

/** What a question must know of a file. */
export function schemaOf(
  step: Partial<Step> & Pick<Step, "table">,
  view: ShownView,
): Schema {
  const { table, source } = step;
  const { frozen } = table;
  const columns = { ...table.columns, ...view.everywhere };
  const head = headOf(step);
  const known = Object.keys(view.everywhere);
  const { identity } = table;
  if (frozen.layout === undefined) return { head, columns, identity, known };
  const row = source && table.row(source, source.path);
  const cells = frozen.layout(view, row);
  const keys = Object.entries(table.columns).flatMap(([key, { value }]) => {
    const printed = cells.find((cell) => cell.value === value);
    return printed === undefined ? [] : printed.cell.tells ?? [key];
  });
  return { head, columns, text: keys, identity, known };
}

/** Steps, each with what is done with its rows. */
export function planned<Planned extends Pick<Step, "plan">>(
  steps: readonly Planned[],
  plans: readonly RelationPlan[] | undefined,
): readonly (Planned & Pick<Step, "plan">)[] {
  return plans === undefined
    ? steps
    : steps.map((step, i) => ({ ...step, plan: plans[i] }));
}

/** Tells which rows of a step are listed, by what is known at once; undefined for all. */
export function keepOf(
  { table, plan }: Pick<Step, "table" | "plan">,
  view: View,
): ((row: unknown) => boolean) | undefined {
  const keep = table.keep && ((row: unknown) => table.keep!(row, view));
  const asked = plan?.keep;
  if (asked === undefined) return keep;
  if (keep === undefined) return (row) => asked(row, view);
  return (row) => keep(row) && asked(row, view);
}

/** Tells which of those are, by what must be looked for first; undefined for all. */
export function laterOf(
  { plan }: Pick<Step, "plan">,
  view: View,
): ((row: unknown) => boolean) | undefined {
  const later = plan?.later;
  return later && ((row) => later(row, view));
}

/** What is shown of a table. */
export interface Shape {
  /** What is the same for all of its rows. */
  readonly head: Head;
  /** The columns. */
  readonly shown: readonly Shown[];
  /** How net-tools prints them. */
  readonly layout: Layout;
  /** What they need. */
  readonly needs: ReadonlySet<Need>;
  /** The bits by which netlink is asked for them. */
  readonly show: number;
  /** Asks for the names of hosts and networks that a row shows, if it has any. */
  readonly ask: ((row: unknown) => void) | undefined;
}

/**
 * What a view shows of a table, of a family if it has one; the row is that of the
 * file's first line.
 */
export function shapeOf(
  step: Partial<Step> & Pick<Step, "table">,
  { view, messages }: Pick<Around, "view" | "messages">,
  row?: unknown,
): Shape {
  const { table, plan } = step;
  const { head, shown } = plan ?? ownShape(step, view);
  const layout = layoutOf(table, view, row);
  const asked = plan?.used.map(({ column }) => column) ?? [];
  const columns = messages.frozen
    ? [...layout.cells, ...asked]
    : [...shown.map(({ column }) => column), ...asked];
  const namesIn = ({ needs, value }: Column<unknown>) =>
    needs === "names" ? value : undefined;
  const asks = messages.frozen
    ? [
      layout.names,
      ...layout.cells.map((column) => column.cell.names ?? namesIn(column)),
      ...asked.map(namesIn),
    ]
    : columns.map(namesIn);
  const asking = view.lookups === undefined
    ? []
    : asks.filter((ask) => ask !== undefined);
  return {
    head,
    shown,
    layout,
    needs: new Set(columns.flatMap(needsOf)),
    show: columns.reduce((bits, { show = 0 }) => bits | show, 0) >>> 0,
    ask: asking.length === 0
      ? undefined
      : (row) => asking.forEach((ask) => ask(row, view)),
  };
}

/** What is shown of a table where nothing is asked. */
function ownShape(
  step: Partial<Step> & Pick<Step, "table">,
  view: ShownView,
): { readonly head: Head; readonly shown: readonly Shown[] } {
  const head = headOf(step);
  const columns = { ...step.table.columns, ...view.everywhere };
  const shown = allOf(columns, view)
    .filter(({ key }) => !Object.hasOwn(head, key));
  return { head, shown };
}

/**
 * Rows that the kernel tells over netlink: where a question needs more than the file of
 * a table has, answers take the place of the file's lines. So a row and what is told of
 * it besides are of one moment, and belong together without doubt.
 *
 * @module
 */

import { Answer, type Asking } from "../contract/diag.ts";
import { type Depth, depthOf, type Told } from "../contract/depth.ts";
import type { Table } from "../contract/family.ts";
import type { Line } from "../contract/line.ts";
import { pushDown } from "../system/diag_filter.ts";
import { Failure } from "../system/failures.ts";
import type { LineSource, Tree } from "../system/scan.ts";
import { isUnknown, openSockets, type Wanted } from "../system/sock_diag.ts";
import type { Asked } from "../args/options.ts";
import { filterOf } from "./pushed.ts";
import type { Shape, Step } from "./shape.ts";
import type { ShownView } from "./view.ts";

/** How a step is asked for. */
interface Deep {
  readonly asking: Asking;
  // deno-lint-ignore no-explicit-any
  readonly depth: Depth<any>;
}

/** How the rows of a step are asked for, if what is shown of them needs it. */
function deepOf(
  { table, source }: Step,
  { needs }: Pick<Shape, "needs">,
): Deep | undefined {
  const depth = needs.has("diag") ? depthOf(table) : undefined;
  const asking = depth?.asking(source);
  return depth && asking && { depth, asking };
}

/** What answers come from. */
interface From {
  readonly tree: Tree;
  readonly asked: Pick<Asked, "source">;
  readonly view: ShownView;
}

/**
 * Asks the kernel for the sockets of a step. Undefined if the file is to be read: no more
 * is needed, it is not this kernel that is looked at, or it does not tell of such sockets.
 */
export function deepLines(
  step: Step,
  shape: Shape,
  { tree, asked, view }: From,
): LineSource | undefined {
  const deep = deepOf(step, shape);
  if (deep === undefined || !tree.live || asked.source === "procfs") {
    return undefined;
  }
  // what somebody mounted there is to be shown
  if (!tree.isKernels(step.source.path)) return undefined;
  const wanted = wantedOf(step, deep, view);
  if (wanted === undefined) return NOTHING;
  const { show } = shape;
  const lines = openSockets(deep.asking, { ...wanted, show });
  if (!(lines instanceof Failure)) return lines;
  if (!isUnknown(lines)) tree.failures.add(lines);
  return undefined;
}

/** What of a question the kernel can choose by; undefined if it has no such sockets. */
function wantedOf(
  { plan }: Step,
  { depth: { states, named }, asking: { family } }: Deep,
  view: ShownView,
): Wanted | undefined {
  const listed = states?.(view) ?? ALL;
  if (named === undefined) return { states: listed };
  const pushed = pushDown(filterOf(plan?.tests ?? [], named), family);
  if (pushed === undefined) return undefined;
  const both = (pushed.states & listed) >>> 0;
  return both === 0 ? undefined : { ...pushed, states: both };
}

const ALL = 0xffff_ffff;

/** No sockets. */
const NOTHING: LineSource = {
  path: "sock_diag",
  messages: true,
  number: 0,
  failure: undefined,
  next: () => false,
  close() {},
};

/** How the rows of a step are made of answers; undefined if they are made of lines. */
export function deepForm(
  step: Step,
  shape: Pick<Shape, "needs">,
): Pick<Table<unknown>, "first" | "parse"> | undefined {
  const deep = deepOf(step, shape);
  if (deep === undefined) return undefined;
  const { depth, asking } = deep;
  const answer = new Answer();
  return {
    first: () => false,
    parse({ bytes, start, end }: Line, row: unknown) {
      answer.set(bytes, start, end, asking.answer);
      (row as Told).answer = answer;
      return depth.parse(row as Told);
    },
  };
}

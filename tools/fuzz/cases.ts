/**
 * Makes inputs from seeds: the same seed always gives the same inputs.
 *
 * @module
 */

import type { Around, Input, Subject } from "./format.ts";
import { contents, type Oddity } from "./mutate.ts";
import { Random } from "./random.ts";

/** So many command lines are run on one tree. */
const LINES_A_TREE = 4;

/** The seed of a tree, made of the run's seed and the tree's number. */
export function treeSeed(seed: number, number: number): number {
  return new Random(seed ^ Math.imul(number + 1, 0x9e37_79b1)).below(2 ** 32);
}

/** A tree, and the command lines that are run on it. */
export function inputs(subject: Subject, seed: number): Input[] {
  const random = new Random(seed);
  const { tree: around, links }: Around = subject.around?.(random) ??
    { tree: new Map(), links: new Map() };
  const tree = new Map(around);
  const oddity: Oddity = random.pick(["none", "some", "some", "much"]);
  const most = random.pick([1, 2, subject.formats.length]);
  const often = Math.max(1, Math.round(subject.formats.length / most));
  for (const format of random.shuffle(subject.formats)) {
    const wanted = most < subject.formats.length
      ? random.once(often)
      : !random.once(10);
    if (!wanted || isTaken(format.path, tree)) continue;
    const odd = oddity !== "none" && random.once(2) ? oddity : "none";
    tree.set(format.path, contents(format, random, odd));
  }
  return Array.from(
    { length: LINES_A_TREE },
    () => ({ args: subject.args(random), tree, links }),
  );
}

/** Whether the path's place is taken by another file, or by a folder of one. */
function isTaken(path: string, tree: ReadonlyMap<string, string>): boolean {
  return [...tree.keys()].some((other) =>
    other === path || path.startsWith(`${other}/`) ||
    other.startsWith(`${path}/`)
  );
}

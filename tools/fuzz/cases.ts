/**
 * Makes inputs from seeds: the same seed always gives the same inputs.
 *
 * @module
 */

import type { Around, Input, Subject, Tree } from "./format.ts";
import { contents, manyRows, type Oddity } from "./mutate.ts";
import { Random } from "./random.ts";
import { folderOf } from "./world.ts";

/** So many command lines are run on one tree. */
export const LINES_A_TREE = 4;

/** One tree in so many has a file with a great many rows, and no other. */
const MANY = 600;

/** One file in so many, if anything is odd, is a link that leads nowhere good. */
const ODD_PLACE = 100;

/** In one tree of so many some files may not be read. */
const DENYING = 12;

/** A folder that is always there. */
export const FOLDER = "/etc";
/** Where a link leads that leads nowhere. */
export const NOTHING = "nothing";

/** The seed of a tree, made of the run's seed and the tree's number. */
export function treeSeed(seed: number, number: number): number {
  return new Random(seed ^ Math.imul(number + 1, 0x9e37_79b1)).below(2 ** 32);
}

/** A tree, and the command lines that are run on it. */
export function inputs(subject: Subject, seed: number): Input[] {
  const random = new Random(seed);
  const { tree: around, links: others }: Around = subject.around?.(random) ??
    { tree: new Map(), links: new Map() };
  const tree = new Map(around);
  const links = new Map(others);
  if (random.once(MANY)) {
    const format = random.pick(subject.formats);
    return withArgs(subject, random, {
      tree: tree.set(format.path, manyRows(format, random)),
      links,
    });
  }
  const oddity: Oddity = random.pick(["none", "some", "some", "much"]);
  const most = random.pick([1, 2, subject.formats.length]);
  const often = Math.max(1, Math.round(subject.formats.length / most));
  for (const format of random.shuffle(subject.formats)) {
    const wanted = most < subject.formats.length
      ? random.once(often)
      : !random.once(10);
    if (!wanted || isTaken(format.path, [...tree.keys(), ...links.keys()])) {
      continue;
    }
    const odd = oddity !== "none" && random.once(2) ? oddity : "none";
    if (oddity !== "none" && random.once(ODD_PLACE)) {
      const name = format.path.slice(format.path.lastIndexOf("/") + 1);
      // to itself, to nothing or, as for that net-tools hangs, seldom to a folder
      links.set(
        format.path,
        random.once(10) ? FOLDER : random.pick([name, NOTHING]),
      );
    } else tree.set(format.path, contents(format, random, odd));
  }
  const denied = random.once(DENYING) ? someDenied(tree, links, random) : [];
  return withArgs(subject, random, {
    tree,
    links,
    ...(denied.length > 0 ? { denied } : {}),
  });
}

/** Some files, and folders of processes' descriptors. */
function someDenied(tree: Tree, links: Tree, random: Random): string[] {
  const folders = new Set([...links.keys()].map(folderOf));
  return random.some([...tree.keys(), ...folders].filter(() => random.once(2)));
}

/** The files, with some command lines. */
function withArgs(
  subject: Subject,
  random: Random,
  around: Omit<Input, "args">,
): Input[] {
  return Array.from({ length: LINES_A_TREE }, () => ({
    ...around,
    args: subject.args(random),
    ...(subject.inFiles && random.once(4) ? { saved: true } : {}),
  }));
}

/** Whether the path's place is taken by another file, or by a folder of one. */
function isTaken(path: string, others: readonly string[]): boolean {
  return others.some((other) =>
    other === path || path.startsWith(`${other}/`) ||
    other.startsWith(`${path}/`)
  );
}

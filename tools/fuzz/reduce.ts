/**
 * Cuts an input down to the smallest one that still shows what it shows.
 *
 * @module
 */

import type { Input, Tree } from "./format.ts";

/** Whether an input still shows it. */
export type Oracle = (input: Input) => Promise<boolean>;

/** Nothing more is tried after so many milliseconds. */
const PATIENCE = 60_000;

/** Reduces an input for which the oracle says yes. */
export async function reduce(input: Input, oracle: Oracle): Promise<Input> {
  const until = performance.now() + PATIENCE;
  const still = async (candidate: Input) =>
    performance.now() < until && await oracle(candidate);
  for (let size = Infinity; sizeOf(input) < size;) {
    size = sizeOf(input);
    input = await reduceArgs(input, still);
    input = await reduceFiles(input, still);
    for (const cut of [intoLines, intoWords, intoBytes]) {
      input = await reduceContents(input, still, cut);
    }
  }
  return input;
}

function sizeOf({ args, tree, links }: Input): number {
  const texts = [args, tree.keys(), tree.values(), links?.keys() ?? []];
  return texts.reduce(
    (sum, list) => sum + [...list].reduce((n, text) => n + 1 + text.length, 0),
    0,
  );
}

async function reduceArgs(input: Input, still: Oracle): Promise<Input> {
  const with_ = (args: readonly string[]): Input => ({ ...input, args });
  const args = await fewer(input.args, (args) => still(with_(args)));
  // letters out of bundles
  for (let i = 0; i < args.length; i++) {
    if (!/^-[^-].+/.test(args[i]!)) continue;
    const letters = await fewer(
      [...args[i]!.slice(1)],
      (some) => still(with_(args.with(i, `-${some.join("")}`))),
    );
    if (letters.length > 0) args[i] = `-${letters.join("")}`;
  }
  return with_(args);
}

async function reduceFiles(input: Input, still: Oracle): Promise<Input> {
  const with_ = (paths: readonly string[]): Input => ({
    ...input,
    tree: only(input.tree, paths),
    links: only(input.links ?? new Map(), paths),
  });
  const paths = [...input.tree.keys(), ...(input.links?.keys() ?? [])];
  input = with_(await fewer(paths, (some) => still(with_(some))));
  if (input.denied === undefined) return input;
  const denying = (denied: readonly string[]): Input => ({ ...input, denied });
  const denied = await fewer(input.denied, (some) => still(denying(some)));
  const { denied: _, ...allowed } = input;
  return denied.length === 0 && await still(allowed)
    ? allowed
    : denying(denied);
}

function only(tree: Tree, paths: readonly string[]): Tree {
  return new Map([...tree].filter(([path]) => paths.includes(path)));
}

/** Cuts a text into pieces that, put together, are the text. */
type Cut = (text: string) => string[];

const intoLines: Cut = (text) => text.match(/[^\n]*\n|[^\n]+/g) ?? [];
const intoWords: Cut = (text) => text.match(/\s*\S+|\s+$/g) ?? [];
const intoBytes: Cut = (text) => [...text];

/** Too many pieces are not tried one by one. */
const PIECES = 400;

async function reduceContents(
  input: Input,
  still: Oracle,
  cut: Cut,
): Promise<Input> {
  for (const [path, text] of input.tree) {
    const pieces = cut(text);
    if (cut !== intoLines && pieces.length > PIECES) continue;
    const with_ = (pieces: readonly string[]): Input => ({
      ...input,
      tree: new Map(input.tree).set(path, pieces.join("")),
    });
    input = with_(await fewer(pieces, (some) => still(with_(some))));
  }
  return input;
}

/**
 * As few of the items as still do: leaves out halves, then quarters and so on, down
 * to single ones.
 */
async function fewer<Item>(
  items: readonly Item[],
  still: (items: Item[]) => Promise<boolean>,
): Promise<Item[]> {
  let rest = [...items];
  for (let size = Math.ceil(rest.length / 2); size >= 1; size >>= 1) {
    for (let at = 0; at < rest.length;) {
      const without = rest.toSpliced(at, size);
      if (await still(without)) rest = without;
      else at += size;
    }
  }
  return rest;
}

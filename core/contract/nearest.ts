/**
 * The name that a mistyped word may mean.
 *
 * @module
 */

/** The name that a mistyped word may mean: two letters away at most. */
export function nearest(
  word: string,
  names: readonly string[],
): string | undefined {
  const [best] = names
    .filter((name) => Math.abs(name.length - word.length) <= 2)
    .map((name) => ({
      name,
      distance: distance(word.toLowerCase(), name.toLowerCase()),
    }))
    .filter(({ distance, name }) => distance <= Math.min(2, name.length / 2))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** How many letters must be changed, added or taken out (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
    }
    row = next;
  }
  return row.at(-1)!;
}

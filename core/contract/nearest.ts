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
      distance: distanceBetween(word.toLowerCase(), name.toLowerCase()),
    }))
    .filter(({ distance, name }) => distance <= Math.min(2, name.length / 2))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** How many letters must be put in, left out, replaced or swapped with the next. */
export function distanceBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, before[j - 2]! + 1);
      }
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

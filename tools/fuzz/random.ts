/**
 * Random numbers that a seed repeats exactly.
 *
 * @module
 */

/** A generator of random numbers (mulberry32). */
export class Random {
  #state: number;

  /** The same `seed` gives the same numbers. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `limit` - 1; `limit` is at most 2^32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * limit);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in `often` times. */
  once(often: number): boolean {
    return this.below(often) === 0;
  }

  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Some of the items, in their order. */
  some<Item>(items: readonly Item[]): Item[] {
    return items.filter(() => this.once(2));
  }

  /** The items in any order. */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const rest = [...items];
    for (let i = rest.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [rest[i], rest[other]] = [rest[other]!, rest[i]!];
    }
    return rest;
  }

  /** So many hexadecimal digits, in capitals. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += this.below(16).toString(16);
    return text.toUpperCase();
  }
}

/**
 * A map of numbers by numbers: quicker than `Map` where there are many, and nothing of it
 * is collected one by one.
 *
 * @module
 */

/** 2^32 by the golden ratio: products of numbers that follow each other lie far apart. */
const GOLDEN = 0x9e37_79b1;

/** So many numbers there is room for at first: most machines have few sockets. */
const ROOM = 1 << 10;

/** Numbers by whole numbers from 1 on, such as inodes; there is no way to take one out. */
export class NumberMap {
  /** How many there are. */
  size = 0;
  /** A key and its number, side by side, at a place that a hash tells; 0 is no key. */
  #places = new Float64Array(ROOM);

  /** The number under this key, if there is one. */
  get(key: number): number | undefined {
    const at = this.#find(key);
    return this.#places[at] === 0 ? undefined : this.#places[at + 1];
  }

  /** Puts a number under this key, in the place of what is there. */
  set(key: number, value: number): void {
    const at = this.#find(key);
    const isNew = this.#places[at] === 0;
    this.#places[at] = key;
    this.#places[at + 1] = value;
    // half of the places stay free, so that a free one is near
    if (isNew && 4 * ++this.size > this.#places.length) this.#grow();
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Float64Array(2 * old.length);
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      const at = this.#find(old[i]!);
      this.#places[at] = old[i]!;
      this.#places[at + 1] = old[i + 1]!;
    }
  }

  /** Takes all out. */
  clear(): void {
    this.#places.fill(0);
    this.size = 0;
  }

  /** Where the key is, or would be. */
  #find(key: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    // keys follow each other; their places, which would be in each other's way, do not
    let at = 2 * (Math.imul(key, GOLDEN) >>> 8) & mask;
    while (places[at] !== 0 && places[at] !== key) at = at + 2 & mask;
    return at;
  }
}

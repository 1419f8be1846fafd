/**
 * Name look-ups that may take long: many at once, each key once, and all of a
 * listing within one time limit. Whoever asks is answered at once, if only that the
 * answer is still on its way.
 *
 * @module
 */

/** The runtime makes no more foreign calls than this at the same time. */
const AT_ONCE = 32;

/** Looks a name up; undefined if there is none. */
export type LookUp = () => Promise<string | undefined>;

/** Look-ups, those under way and their answers. */
export class Lookups {
  readonly #patience: number;
  readonly #answers = new Map<string, string | undefined>();
  /** Asked for and not yet answered; true for those that nobody waits for. */
  readonly #open = new Map<string, boolean>();
  readonly #queue: { readonly key: string; readonly lookUp: LookUp }[] = [];
  /** How many of the queue were begun. */
  #begun = 0;
  #underWay = 0;
  #late = false;
  #missed = false;
  #deadline: number | undefined;
  #wake: (() => void) | undefined;

  /** A listing waits for all its names together at most `patience` milliseconds. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Whether names were given up since the listing began. */
  get late(): boolean {
    return this.#late;
  }

  /** A listing begins: its time starts with its first question. */
  begin(): void {
    this.#deadline = undefined;
    // while a look-up that was given up hangs, waiting for others is no use either
    this.#late &&= this.#underWay > 0;
  }

  /** The answer, if it is there; see {@linkcode Lookups.missed}. */
  ask(key: string, lookUp: LookUp): string | undefined {
    const answer = this.#answers.get(key);
    if (answer !== undefined || this.#answers.has(key)) return answer;
    this.#deadline ??= performance.now() + this.#patience;
    if (!this.#open.has(key)) {
      this.#open.set(key, this.#late);
      this.#queue.push({ key, lookUp });
      this.#start();
    }
    this.#missed ||= !this.#open.get(key);
    return undefined;
  }

  /** Whether an answer that is worth waiting for was not there since the last call. */
  missed(): boolean {
    const missed = this.#missed;
    this.#missed = false;
    return missed;
  }

  /** Waits for one more answer. When the time is up, the rest is given up. */
  async answer(): Promise<void> {
    const left = (this.#deadline ?? 0) - performance.now();
    if (left <= 0) return this.#giveUp();
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, left);
    });
    clearTimeout(timer);
  }

  /** Answers that come later are kept, but nobody waits for them. */
  #giveUp(): void {
    this.#late = true;
    for (const key of this.#open.keys()) this.#open.set(key, true);
  }

  #start(): void {
    while (this.#underWay < AT_ONCE && this.#begun < this.#queue.length) {
      const { key, lookUp } = this.#queue[this.#begun++]!;
      this.#underWay++;
      lookUp().then((name) => {
        this.#underWay--;
        this.#open.delete(key);
        this.#answers.set(key, name);
        this.#start();
        this.#wake?.();
      });
    }
  }
}

/**
 * `--until`: tells when a row came that was waited for.
 *
 * @module
 */

import type { View } from "../contract/family.ts";
import type { Head, Layout, Lost, Shown, Sink } from "../contract/sink.ts";
import type { Keep } from "./compile.ts";

/** What is waited for. */
export interface UntilOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** The test of a row, by the columns of its relation. */
  readonly keeps: ReadonlyMap<readonly Shown[], Keep | undefined>;
  /** Is told of each row that fits. */
  met(): void;
}

/** Looks at rows, all of which go on to the next sink. */
export class Until implements Sink {
  readonly #next: Sink;
  readonly #options: UntilOptions;
  #keep: Keep | undefined;
  #isOver = false;

  /** Has seen no row yet. */
  constructor(next: Sink, options: UntilOptions) {
    this.#next = next;
    this.#options = options;
  }

  /** Rows of a relation follow. */
  begin(head: Head, shown: readonly Shown[], layout: Layout): void {
    this.#keep = this.#options.keeps.get(shown);
    this.#next.begin(head, shown, layout);
  }

  /** Looks at a row. */
  row(row: unknown): boolean {
    if (!this.#isOver && this.#keep?.(row, this.#options.view)) {
      this.#options.met();
    }
    return this.#next.row(row);
  }

  /** Nothing is waited for that is over. */
  over(isOver: boolean): boolean {
    this.#isOver = isOver;
    return this.#next.over?.(isOver) ?? false;
  }

  /** Passes on what is not there. */
  unread(reason?: Lost): void {
    this.#next.unread?.(reason);
  }

  /** All rows were there. */
  end(): void {
    this.#next.end();
  }
}

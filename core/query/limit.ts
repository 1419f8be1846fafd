/**
 * `--limit`: the first rows, of all relations together. They are not changed, so that
 * net-tools' text of them is the same.
 *
 * @module
 */

import type { Head, Layout, Lost, Shown, Sink } from "../contract/sink.ts";

/** Lets so many rows through to the next sink. */
export class Limit implements Sink {
  readonly #next: Sink;
  readonly #limit: number;
  #rows = 0;

  /** Has let no row through yet. */
  constructor(next: Sink, limit: number) {
    this.#next = next;
    this.#limit = limit;
  }

  /** Rows of a relation follow, if there are any left to let through. */
  begin(head: Head, shown: readonly Shown[], layout: Layout): void {
    this.#next.begin(head, shown, layout);
  }

  /** Lets a row through. Returns false if that was the last one. */
  row(row: unknown): boolean {
    if (this.#rows >= this.#limit) return false;
    this.#rows++;
    return this.#next.row(row) && this.#rows < this.#limit;
  }

  /** Passes on what is not there. */
  unread(reason?: Lost): void {
    this.#next.unread?.(reason);
  }

  /** All rows were there. */
  end(): void {
    this.#rows = 0;
    this.#next.end();
  }
}

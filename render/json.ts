/**
 * Writes rows as JSON, from the column specs: one array, as `ip -j` does, or one
 * object a line. Never made from the text; `spelling.ts` has how values are spelled.
 *
 * @module
 */

import type { View } from "../core/contract/family.ts";
import type { Head, Shown, Sink } from "../core/contract/sink.ts";
import type { RowWriter } from "./compile.ts";
import type { Output } from "./out.ts";
import { objectWriter } from "./spelling.ts";

const COMMA = 44;

/** How JSON is written. */
export interface JsonOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether each object stands on a line of its own; else they stand in an array. */
  readonly lines: boolean;
}

/** What writes rows of some columns, behind a head. */
interface Made {
  readonly head: Head;
  readonly write: RowWriter;
}

/** Writes JSON on `out`. */
export function jsonSink(out: Output, options: JsonOptions): JsonSink {
  return new JsonSink(out, options);
}

/** Writes each row as an object. */
export class JsonSink implements Sink {
  readonly #out: Output;
  readonly #view: View;
  readonly #lines: boolean;
  #head: Head = {};
  #shown: readonly Shown[] = [];
  /** Made for the first row of these columns, which may follow others many times. */
  #writeRow: RowWriter | undefined;
  readonly #made = new WeakMap<readonly Shown[], Made>();
  /** How many objects the array has. */
  #objects = 0;

  /** JSON of no row yet. */
  constructor(out: Output, { view, lines }: JsonOptions) {
    this.#out = out;
    this.#view = view;
    this.#lines = lines;
  }

  /** Objects of these columns follow, each behind what the head has. */
  begin(head: Head, shown: readonly Shown[]): void {
    this.#head = head;
    this.#shown = shown;
    const made = this.#made.get(shown);
    this.#writeRow = made?.head === head ? made.write : undefined;
  }

  /** Writes an object. */
  row(row: unknown): boolean {
    this.#beginObject();
    this.#writeRow ??= this.#make();
    this.#writeRow(this.#out, row, this.#view);
    this.#endObject();
    return true;
  }

  #make(): RowWriter {
    const head = this.#head;
    const write = objectWriter(this.#shown, this.#view, head);
    this.#made.set(this.#shown, { head, write });
    return write;
  }

  #beginObject(): void {
    if (!this.#lines) this.#out.byte(this.#objects === 0 ? 91 : COMMA);
    this.#objects++;
  }

  #endObject(): void {
    if (this.#lines) this.#out.endRow();
    else this.#out.yield();
  }

  /** Ends the array, which there is even without any row. */
  end(): void {
    if (!this.#lines) {
      if (this.#objects === 0) this.#out.byte(91);
      this.#out.byte(93);
      this.#out.endRow();
    }
    this.#objects = 0;
    this.#out.flush();
  }
}

/**
 * Rows, one after the other, wherever they come from.
 *
 * @module
 */

import type { View } from "./family.ts";
import type { Line } from "./line.ts";

/** Lines, one after the other. */
export interface LineFeed {
  /** The number of the line that `next` came to, from 1. */
  readonly number: number;
  /** Points `line` at the next line; false at the end. */
  next(line: Line): boolean;
}

/** Takes a line that is no row, `number` counted from 1. Returns whether to go on. */
export type Malformed = (line: Line, number: number) => boolean;

/** Look-ups of names that may take long. */
export interface Waiting {
  /** Whether an answer that is worth waiting for was not there since the last call. */
  missed(): boolean;
  /** Waits for one more answer. */
  answer(): Promise<void>;
}

/** What is read of rows, for those who must know it before. */
export interface Reads {
  /** The view. */
  readonly view: View;
  /** What net-tools' text is made of. */
  readonly cells: boolean;
  /** What its cells mean. */
  readonly tones: boolean;
  /** Values, by the keys of their columns. */
  readonly values: readonly string[];
  /** Names, which are asked for and not yet waited for. */
  readonly names: boolean;
  /** Whether a line with a newline in it is one, if the table can tell. */
  readonly joins: boolean;
}

/** The rows of a file: one row, which is filled anew for each of them. */
export interface Relation {
  /** Whether the first line is a header. */
  readonly header: boolean;
  /** Where the lines come from. */
  readonly lines: LineFeed;
  /** The line that the row was made of, if that is known. */
  readonly line?: Line;
  /** Fills the row from the next line that is one; false at the end. */
  next(): boolean;
  /** Waits for the names that were asked for; `flush` writes out what there is. */
  settle?(lookups: Waiting, flush: () => void): Promise<void>;
}

/**
 * From the lines of a file to rows: the one loop that every table is read by.
 *
 * @module
 */

import type { Table } from "./family.ts";
import { Line } from "./line.ts";
import type { Lines } from "./scan.ts";

/** Receives what is found in a file, in its order. */
export interface Visitor {
  /** The header line; it is dropped. */
  header?(line: Line): void;
  /**
   * The first line, if there is one, was looked at; rows follow. Returns whether to
   * go on.
   */
  begin?(): boolean;
  /** The row was filled from this line. */
  row(line: Line): void;
  /** A line that is none, `number` counted from 1. Returns whether to go on. */
  malformed(line: Line, number: number): boolean;
}

/** Fills `row` from one line after the other. */
export function readRows<Row>(
  lines: Lines,
  table: Pick<Table<Row>, "first" | "parse">,
  row: Row,
  visitor: Visitor,
): void {
  const line = new Line();
  let more = lines.next(line);
  let number = 1;
  const header = more && (table.first?.(line, row) ?? true);
  if (header) visitor.header?.(line);
  if (visitor.begin?.() === false) return;
  if (header) {
    more = lines.next(line);
    number++;
  } else {
    line.rewind();
  }
  for (; more; more = lines.next(line), number++) {
    if (table.parse(line, row)) visitor.row(line);
    else if (!visitor.malformed(line, number)) return;
  }
}

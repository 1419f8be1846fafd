/**
 * What all stages share that stand between a view and a writer.
 *
 * @module
 */

import type { Layout } from "../contract/sink.ts";

/** What a stage is given. */
export interface Stage {
  /**
   * Is told, once, that there was no memory for all rows: the option whose stage it
   * is, and what was kept, such as `5000 rows`. What is printed is then not the whole
   * answer.
   */
  lost(option: string, kept: string): void;
}

/** The layout of rows that net-tools does not print. */
export const NO_LAYOUT: Layout = { header: [], headed: undefined, cells: [] };

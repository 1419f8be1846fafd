/**
 * What a view works with.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import type { Family } from "../contract/family.ts";
import type { Messages } from "../contract/said.ts";
import type { Sink } from "../contract/sink.ts";
import type { Tree } from "../system/scan.ts";
import type { ShownView } from "./view.ts";

/** Everything that a view needs from the outside. */
export interface Around {
  /** The command line. */
  readonly asked: Asked;
  /** The families that are built in. */
  readonly families: readonly Family[];
  /** The live system's files, or a saved tree's. */
  readonly tree: Tree;
  /** What columns and tables see of the command line. */
  readonly view: ShownView;
  /** Where rows go. */
  readonly sink: Sink;
  /** Where messages go. */
  readonly messages: Messages;
  /** Writes out what there is, since a wait follows. */
  flush(): void;
}

/** Shows a view once. Returns the exit status of this round. */
export type Round = () => number | Promise<number>;

/**
 * What a view works with.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import type { Family } from "../contract/family.ts";
import type { Messages } from "../contract/said.ts";
import type { Sink } from "../contract/sink.ts";
import type { RelationPlan } from "../query/plan.ts";
import type { Schema } from "../query/schema.ts";
import type { Tree } from "../system/scan.ts";
import type { ShownView } from "./view.ts";

/** Everything that a view needs from the outside, but for what takes its rows. */
export interface Surroundings {
  /** The command line. */
  readonly asked: Asked;
  /** The families that there are, as far as the view needs them. */
  readonly families: readonly Family[];
  /** The live system's files, or a saved tree's. */
  readonly tree: Tree;
  /** What columns and tables see of the command line. */
  readonly view: ShownView;
  /** Writes out what there is, since a wait follows. */
  flush(): void;
}

/** What takes the rows of a view. */
export interface Taking {
  /** Where rows go. */
  readonly sink: Sink;
  /** Where messages go. */
  readonly messages: Messages;
  /** What is done with each relation of the view, if a question is asked. */
  readonly plans?: readonly RelationPlan[] | undefined;
  /** So many rows are all that is asked for, if that is known before they are read. */
  readonly enough?: number | undefined;
}

/** Everything that a round works with. */
export interface Around extends Surroundings, Taking {}

/** A view of which nothing was read yet. */
export interface Viewing {
  /** What it has to show, for a question that is checked before anything is read. */
  relations(): readonly Schema[];
  /** Shows it. */
  round(taking: Taking): Round;
}

/** Shows a view once. Returns the exit status of this round. */
export type Round = () => number | Promise<number>;

/**
 * What a view works with.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import type { Family, Long } from "../contract/family.ts";
import type { KnownByInode } from "../contract/inodes.ts";
import type { Question } from "../joins/owners.ts";
import type { Places } from "../joins/place.ts";
import type { Messages } from "../contract/said.ts";
import type { Sink } from "../contract/sink.ts";
import type { RelationPlan } from "../query/plan.ts";
import type { Schema } from "../query/schema.ts";
import type { SocketFinder } from "../system/descriptors.ts";
import type { LineSource, Tree } from "../system/scan.ts";
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
  /** What was heard of sockets that ended, by family, if anybody listens. */
  readonly ended?: ((family: number) => LineSource | undefined) | undefined;
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

/**
 * Shows a view once. Returns the exit status of this round; of those of `-c`, it is told
 * whether it is the first one.
 */
export interface Round {
  (isFirst: boolean): number | Promise<number>;
  /**
   * Begins to show it, where owners must be looked for: those of several listings are
   * looked for together.
   */
  begin?(common: Common): Promise<Begun>;
}

/** What listings that are shown together have in common. */
export interface Common {
  /** How many bytes of lines may still be kept. */
  room: number;
  /** Sockets of the program's own runtime, once they were looked for. */
  ours?: ReadonlySet<Long>;
  /** What finds the sockets of processes, once owners are to be known. */
  sockets?: SocketFinder;
  /** Where processes and cgroups are, once that is to be known. */
  places?: Places;
}

/** A listing of which everything is read that must be known before it is shown. */
export interface Begun {
  /** Whose owners are to be looked for; undefined if nobody asks. */
  readonly sought: Sought | undefined;
  /** Shows it, but for the end of all rows. Returns the exit status. */
  show(): Promise<number>;
}

/** Whose owners are looked for. */
export interface Sought {
  /** The sockets, by inode; undefined if those of any are to be known. */
  readonly inodes: KnownByInode<true> | undefined;
  /** What is to be known of them. */
  readonly question: Question;
}

/**
 * What counters count, and what it means if they grow: what `-s --explain` says.
 *
 * @module
 */

import type { Family, FamilyInParts } from "./family.ts";

/** What it means that a counter grows, in the order in which it gets worse. */
export const SIGNALS = ["normal", "watch", "trouble"] as const;

/**
 * What it means that a counter grows: nothing that anybody must care for; something if
 * it grows faster than it used to; or that data, connections or time are being lost.
 */
export type Signal = typeof SIGNALS[number];

/** What is known of a counter. */
export interface Explanation {
  /** One sentence without a full stop, in printable ASCII. */
  readonly sentence: string;
  /** What it means if the counter grows. */
  readonly signal: Signal;
  /** The document, the MIB or the kernel's symbol that says so. */
  readonly source: string;
}

/** Explains a counter by the kernel's names of its section and of itself. */
export interface Explaining {
  (section: string, counter: string): Explanation | undefined;
}

/** A family whose counters are explained. Only those that are built in can be. */
export interface ExplainedFamily extends FamilyInParts {
  /** Loads the explanations, which is done only if somebody asks. */
  explaining(): Promise<Explaining>;
}

/** Loads what a family has to explain; undefined if that is nothing. */
export function explainingOf(
  family: Family,
): Promise<Explaining> | undefined {
  return (family as Partial<ExplainedFamily>).explaining?.();
}

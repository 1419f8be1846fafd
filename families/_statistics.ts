/**
 * Words for counter tables, so that a table looks like what it prints.
 *
 * @module
 */

import type { Counter } from "../core/contract/family.ts";

/** Counters by their kernel names. */
export type Counters = Readonly<Record<string, Counter>>;

/** A counter that the text never shows. */
export const NEVER: Counter = {};

/** A counter that the text always shows; `N` stands for the value. */
export function always(text: string): Counter {
  return { text, always: true };
}

/** A counter that the text shows if it is not 0. */
export function nonzero(text: string): Counter {
  return { text };
}

/** A message type of the list of ICMP messages that came in. */
export function received(text: string): Counter {
  return { text, list: "ICMP input histogram" };
}

/** A message type of the list of ICMP messages that were sent. */
export function sent(text: string): Counter {
  return { text, list: "ICMP output histogram" };
}

/**
 * Counters of the kernel that mean trouble when they grow.
 *
 * @module
 */

import {
  andMore,
  type Check,
  numberIn,
  spelt,
  within,
  worstOf,
} from "../core/contract/check.ts";
import { grouped } from "../core/contract/grouped.ts";

/** Which ones these are is what `-s --explain` says. */
export default {
  name: "counter-growth",
  about: "Counters of -s whose growth is trouble.",
  view: "statistics",
  where: () => "signal = trouble",
  columns: "section,counter,value,signal",
  growth: ["value"],
  when: () => ({ warning: "value_growth > 0" }),
  say(found) {
    const worst = worstOf(found);
    const more = andMore(found, "counter", "; so did ");
    return `${spelt(worst.section)} ${spelt(worst.counter)} grew by ` +
      `${grouped(numberIn(worst, "value_growth"))}${within(found)}${more}`;
  },
  advice: () =>
    "netstat -s --explain --where 'signal = trouble and value > 0' says what they " +
    "count",
} satisfies Check;

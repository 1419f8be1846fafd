/**
 * How much of all that this machine sends over TCP is sent again.
 *
 * @module
 */

import {
  type Check,
  counted,
  type FoundRow,
  numberIn,
  spelt,
  within,
  worstOf,
} from "../core/contract/check.ts";

/** What a counter grew by. */
function growthOf(rows: readonly FoundRow[], name: string): number {
  const row = rows.find(({ counter }) => counter === name);
  return row === undefined ? 0 : numberIn(row, "value_growth");
}

/** Connections that are short are in the counters, and in no listing. */
export default {
  name: "retransmit-rate",
  about: "Segments of all connections that are sent again, by the counters.",
  view: "statistics",
  where: () => "section = Tcp and counter in (OutSegs, RetransSegs)",
  columns: "section,counter,value",
  growth: ["value"],
  limits: {
    percent: {
      value: 5,
      unit: "percent",
      about: "of what was sent was sent again",
    },
    segments: { value: 20, about: "were sent again at least" },
  },
  when: () => ({ warning: "value_growth > 0" }),
  pick(rows, { limits: { percent, segments } }) {
    const again = growthOf(rows, "RetransSegs");
    const share = 100 * again / (growthOf(rows, "OutSegs") + again);
    return again >= segments! && share >= percent!
      ? rows.filter(({ counter }) => counter === "RetransSegs")
        .map((row) => ({ ...row, percent: Math.round(10 * share) / 10 }))
      : [];
  },
  say(found) {
    const worst = worstOf(found);
    const again = counted(numberIn(worst, "value_growth"), "segment");
    return `${again} of TCP ${again.startsWith("1 ") ? "was" : "were"} sent ` +
      `again${within(found)}, ${spelt(worst.percent)} % of all`;
  },
  advice: () =>
    "a path loses packets: netstat -tn --where 'retrans > 0' --columns +@tcp " +
    "--sort -retrans tells which connections; netstat --check " +
    "interface-errors,interface-drops looks at this end",
} satisfies Check;

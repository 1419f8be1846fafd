/**
 * Processors that cannot take all packets.
 *
 * @module
 */

import {
  type Check,
  counted,
  numberIn,
  sumOf,
  within,
  worstOf,
} from "../core/contract/check.ts";

/** The queue of a processor is full, or it has no time for all of it. */
export default {
  name: "softnet",
  about: "Processors that drop received packets, or leave some for later.",
  view: "sockets",
  families: ["softnet"],
  where: () => "packets_processed >= 0",
  columns: "cpu,packets_dropped,time_squeeze",
  growth: ["packets_dropped", "time_squeeze"],
  limits: {
    squeezes: { value: 10, about: "times without time for all: a note" },
  },
  when: ({ limits: { squeezes } }) => ({
    warning: "packets_dropped_growth > 0",
    note: `time_squeeze_growth >= ${squeezes}`,
  }),
  say(found) {
    const worst = worstOf(found);
    const dropped = sumOf(found.rows, "packets_dropped_growth");
    const squeezed = sumOf(found.rows, "time_squeeze_growth");
    return dropped > 0
      ? `${counted(dropped, "received packet was", "received packets were")} ` +
        `dropped${within(found)}, since the queue of processor ` +
        `${numberIn(worst, "cpu")} was full`
      : `processors had no time for all packets ${squeezed} times${
        within(found)
      }`;
  },
  advice: () =>
    "spread interrupts over processors (RSS, RPS), or raise " +
    "net.core.netdev_max_backlog (dropped) and net.core.netdev_budget (squeezed)",
} satisfies Check;

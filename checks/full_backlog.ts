/**
 * Listeners whose queue of new connections is full.
 *
 * @module
 */

import {
  type Check,
  counted,
  endOf,
  numberIn,
  processOf,
  sumOf,
  within,
  worstOf,
} from "../core/contract/check.ts";

/** The kernel drops connections when there is no room in the queue of accept(2). */
export default {
  name: "full-backlog",
  about:
    "Listeners that accept too slowly: a full queue, or connections dropped.",
  view: "sockets",
  where: () => "proto in (tcp, tcp6) and state = LISTEN",
  columns: "proto,local_address,local_port,accept_queue,accept_queue_max," +
    "accept_queue_drops,program_name,pid",
  sort: "-accept_queue_drops",
  growth: ["accept_queue_drops"],
  owners: true,
  when: () => ({
    critical: "accept_queue > accept_queue_max",
    warning: "accept_queue_drops_growth > 0",
  }),
  say(found) {
    const worst = worstOf(found);
    const dropped = sumOf(found.rows, "accept_queue_drops_growth");
    const full = numberIn(worst, "accept_queue") >
      numberIn(worst, "accept_queue_max");
    const queue = full
      ? `has a full accept queue (${numberIn(worst, "accept_queue")} of ` +
        `${numberIn(worst, "accept_queue_max")})`
      : "accepts too slowly";
    const drops = dropped === 0
      ? ""
      : `; ${counted(dropped, "connection was", "connections were")} dropped` +
        within(found);
    const more = found.count > 1
      ? `, and ${counted(found.count - 1, "more listener")}`
      : "";
    return `${endOf(worst, "local")} of ${
      processOf(worst)
    } ${queue}${more}${drops}`;
  },
  advice: (found) =>
    "see why the program does not accept, or give it a longer queue " +
    "(listen(2), net.core.somaxconn); netstat -tlnp --columns +@backlog " +
    `--where 'local_port = ${worstOf(found).local_port}' watches it`,
} satisfies Check;

/**
 * Listeners whose queue of new connections is full.
 *
 * @module
 */

import {
  andMore,
  type Check,
  counted,
  endOf,
  type FoundRow,
  numberIn,
  processOf,
  sumOf,
  within,
  worstOf,
} from "../core/contract/check.ts";

/** Whether a queue is at least half full. */
function isLong(row: FoundRow): boolean {
  return 2 * numberIn(row, "accept_queue") >= numberIn(row, "accept_queue_max");
}

/**
 * The kernel drops connections when there is no room in the queue of accept(2). Among
 * what a listener drops are SYNs that are sent again, too, which tell nothing of that
 * queue: drops count only where it is long.
 */
export default {
  name: "full-backlog",
  about:
    "Listeners that accept too slowly: a full queue, or a long one and drops.",
  view: "sockets",
  where: () => "proto in (tcp, tcp6) and state = LISTEN",
  columns: "proto,local_address,local_port,accept_queue,accept_queue_max," +
    "accept_queue_drops,program_name,pid",
  sort: "-accept_queue_drops",
  growth: ["accept_queue_drops"],
  decides: "accept_queue_drops",
  owners: true,
  when: () => ({
    critical: "accept_queue > accept_queue_max",
    warning: "accept_queue_drops_growth > 0",
  }),
  pick: (rows) => rows.filter(isLong),
  say(found) {
    const worst = worstOf(found);
    const dropped = sumOf(found.rows, "accept_queue_drops_growth");
    const [queue, most] = ["accept_queue", "accept_queue_max"]
      .map((key) => numberIn(worst, key)) as [number, number];
    const drops = dropped === 0
      ? ""
      : `; ${counted(dropped, "packet was", "packets were")} dropped` +
        within(found);
    const more = andMore(found, "listener");
    return `${endOf(worst, "local")} of ${processOf(worst)} has a ${
      queue > most ? "full" : "long"
    } accept queue ` +
      `(${queue} of ${most})${more}${drops}`;
  },
  advice: (found) =>
    "see why the program does not accept, or give it a longer queue " +
    "(listen(2), net.core.somaxconn); netstat -tlnp --columns +@backlog " +
    `--where 'local_port = ${worstOf(found).local_port}' watches it`,
} satisfies Check;

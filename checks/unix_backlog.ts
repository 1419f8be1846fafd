/**
 * UNIX sockets whose queue of new connections is full.
 *
 * @module
 */

import {
  andMore,
  type Check,
  numberIn,
  processOf,
  spelt,
  worstOf,
} from "../core/contract/check.ts";

/** connect(2) waits then, or fails with EAGAIN. */
export default {
  name: "unix-backlog",
  about: "Listening UNIX sockets with a full queue.",
  view: "sockets",
  families: ["unix"],
  where: () =>
    "proto = unix and state = LISTENING and " +
    "(accept_queue > 0 or accept_queue is null)",
  columns: "path,accept_queue,accept_queue_max,program_name,pid",
  sort: "-accept_queue",
  decides: "accept_queue",
  owners: true,
  when: () => ({ warning: "accept_queue > accept_queue_max" }),
  say(found) {
    const worst = worstOf(found);
    const more = andMore(found, "listener");
    return `${spelt(worst.path, "a socket without a name")} of ` +
      `${processOf(worst)} has a full accept queue ` +
      `(${numberIn(worst, "accept_queue")} of ` +
      `${numberIn(worst, "accept_queue_max")})${more}`;
  },
  advice: () =>
    "see why the program does not accept; netstat -xlp --columns +@backlog " +
    "watches it",
} satisfies Check;

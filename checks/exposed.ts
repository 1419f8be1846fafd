/**
 * What the whole network can reach.
 *
 * @module
 */

import {
  type Check,
  counted,
  endOf,
  processOf,
  worstOf,
} from "../core/contract/check.ts";

/** No trouble by itself: who looks at it knows whether it should be so. */
export default {
  name: "exposed",
  about: "Listeners on every address, with process, unit and container.",
  view: "sockets",
  where: () =>
    "local_address in (0.0.0.0, ::) and local_port > 0 and " +
    "(proto in (tcp, tcp6) and state = LISTEN or " +
    "proto in (udp, udp6) and foreign_port = 0)",
  columns: "proto,local_address,local_port,program_name,pid,unit,container",
  sort: "local_port",
  owners: true,
  when: () => ({ note: "local_port > 0" }),
  say(found) {
    const first = worstOf(found);
    return found.count === 1
      ? `${endOf(first, "local")} of ${
        processOf(first)
      } listens on every address`
      : `${counted(found.count, "socket")} listen on every address`;
  },
  advice: () =>
    "netstat -tulpn lists them; bind to one address what only some should reach",
} satisfies Check;

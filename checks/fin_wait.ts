/**
 * Very many connections that do not come to their end.
 *
 * @module
 */

import {
  type Check,
  counted,
  numberIn,
  worstOf,
} from "../core/contract/check.ts";

/** The program has closed them; the other end does not answer, or does not close. */
export default {
  name: "fin-wait",
  about: "Many closed connections whose other end does not finish.",
  view: "sockets",
  where: () =>
    "proto in (tcp, tcp6) and state in (FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING)",
  count: "state",
  limits: { count: { value: 1000, about: "connections in one of the states" } },
  when: ({ limits: { count } }) => ({ warning: `count >= ${count}` }),
  say(found) {
    const worst = worstOf(found);
    return `${counted(numberIn(worst, "count"), "connection")} in ` +
      `${worst.state}: this end has closed, and the other one does not finish`;
  },
  advice: () =>
    "netstat -tan --where 'state in (FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING)' " +
    "--count foreign_address tells who does not answer",
} satisfies Check;

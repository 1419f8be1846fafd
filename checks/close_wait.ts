/**
 * Connections that the other end has closed, and the program has not.
 *
 * @module
 */

import {
  type Check,
  counted,
  numberIn,
  processOf,
  worstOf,
} from "../core/contract/check.ts";

/** By process: a program that forgets to close leaks one descriptor for each. */
export default {
  name: "close-wait",
  about: "Connections that the other end closed, and the program does not.",
  view: "sockets",
  where: () => "state = CLOSE_WAIT and proto in (tcp, tcp6)",
  count: "program_name,pid",
  limits: {
    count: { value: 100, about: "connections of one process" },
  },
  owners: true,
  when: ({ limits: { count } }) => ({ warning: `count >= ${count}` }),
  say(found) {
    const worst = worstOf(found);
    const others = found.count > 1
      ? `, and ${counted(found.count - 1, "more process", "more processes")} ` +
        "such as this"
      : "";
    const who = worst.pid == null
      ? "unknown processes have"
      : `${processOf(worst)} has`;
    return `${who} not closed ` +
      `${counted(numberIn(worst, "count"), "connection")} ` +
      `that the other end closed${others}`;
  },
  advice: (found) =>
    "the program leaks descriptors; netstat -tanp --where 'state = CLOSE_WAIT' " +
    `shows them${worstOf(found).pid == null ? ", as root with processes" : ""}`,
} satisfies Check;

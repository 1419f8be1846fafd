/**
 * Connections that no process holds any more.
 *
 * @module
 */

import {
  againstMost,
  type Check,
  counted,
  numberIn,
  shares,
  worstOf,
} from "../core/contract/check.ts";

/** Beyond tcp_max_orphans the kernel resets them at once. */
export default {
  name: "orphans",
  about: "Connections without a process, against tcp_max_orphans.",
  view: "sockets",
  families: ["sockstat"],
  where: () => "transport = TCP",
  columns: "transport,orphans",
  settings: { tcp_max_orphans: "/proc/sys/net/ipv4/tcp_max_orphans" },
  limits: shares("tcp_max_orphans", { percent: 50, critical: 90 }),
  when: ({ limits, settings }) =>
    againstMost("orphans", settings.tcp_max_orphans![0]!, limits),
  say: (found) =>
    `${
      counted(numberIn(worstOf(found), "orphans"), "connection")
    } have no process ` +
    `any more; the kernel keeps ${found.settings.tcp_max_orphans![0]} at most`,
  advice: () =>
    "netstat -tan --where orphan --count foreign_address tells who does not let " +
    "them end",
} satisfies Check;

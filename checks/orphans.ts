/**
 * Connections that no process holds any more.
 *
 * @module
 */

import {
  type Check,
  counted,
  numberIn,
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
  limits: {
    percent: { value: 50, unit: "percent", about: "of them: a warning" },
    critical: { value: 90, unit: "percent", about: "of them: critical" },
  },
  when({ limits, settings }) {
    const [most] = settings.tcp_max_orphans!;
    const of = (percent: number) => Math.ceil(most! * percent / 100);
    return {
      critical: `orphans >= ${of(limits.critical!)}`,
      warning: `orphans >= ${of(limits.percent!)}`,
    };
  },
  say: (found) =>
    `${
      counted(numberIn(worstOf(found), "orphans"), "connection")
    } have no process ` +
    `any more; the kernel keeps ${found.settings.tcp_max_orphans![0]} at most`,
  advice: () =>
    "netstat -tan --where orphan --count foreign_address tells who does not let " +
    "them end",
} satisfies Check;

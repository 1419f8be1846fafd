/**
 * Listeners with very many half-open connections.
 *
 * @module
 */

import {
  type Check,
  counted,
  endOf,
  numberIn,
  worstOf,
} from "../core/contract/check.ts";

/** A flood of SYNs, or clients whose last packet of the handshake does not arrive. */
export default {
  name: "syn-backlog",
  about:
    "Listeners with many half-open connections, against tcp_max_syn_backlog.",
  view: "sockets",
  where: () => "proto in (tcp, tcp6) and state = SYN_RECV",
  count: "local_address,local_port",
  settings: { tcp_max_syn_backlog: "/proc/sys/net/ipv4/tcp_max_syn_backlog" },
  limits: {
    percent: {
      value: 50,
      unit: "percent",
      about: "of tcp_max_syn_backlog",
    },
  },
  when({ limits, settings }) {
    const [most] = settings.tcp_max_syn_backlog!;
    return {
      critical: `count >= ${most}`,
      warning: `count >= ${Math.ceil(most! * limits.percent! / 100)}`,
    };
  },
  say(found) {
    const worst = worstOf(found);
    const half = counted(numberIn(worst, "count"), "half-open connection");
    return `${endOf(worst, "local")} has ${half}; ` +
      `tcp_max_syn_backlog is ${found.settings.tcp_max_syn_backlog![0]}`;
  },
  advice: () =>
    "a flood of SYNs, or a way back that is broken: netstat -tan --where " +
    "'state = SYN_RECV' --count foreign_address tells whose they are; " +
    "net.ipv4.tcp_syncookies must be 1",
} satisfies Check;

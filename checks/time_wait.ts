/**
 * Local ports that wait for their old packets.
 *
 * @module
 */

import {
  type Check,
  counted,
  numberIn,
  worstOf,
} from "../core/contract/check.ts";

/** Of outgoing connections each one takes a port, for a minute. */
export default {
  name: "time-wait",
  about:
    "TIME_WAIT against the range of ephemeral ports and tcp_max_tw_buckets.",
  view: "sockets",
  where: ({ settings: { ip_local_port_range: range } }) =>
    "proto in (tcp, tcp6) and state = TIME_WAIT and " +
    `local_port in ${range!.join("..")}`,
  count: "state",
  settings: {
    ip_local_port_range: "/proc/sys/net/ipv4/ip_local_port_range",
    tcp_max_tw_buckets: "/proc/sys/net/ipv4/tcp_max_tw_buckets",
  },
  limits: {
    percent: { value: 50, unit: "percent", about: "of the ephemeral ports" },
    buckets: { value: 90, unit: "percent", about: "of tcp_max_tw_buckets" },
  },
  when({ limits, settings }) {
    const [low, high] = settings.ip_local_port_range!;
    const [most] = settings.tcp_max_tw_buckets!;
    const ports = Math.ceil((high! - low! + 1) * limits.percent! / 100);
    const buckets = Math.ceil(most! * limits.buckets! / 100);
    return {
      critical: `count >= ${buckets}`,
      warning: `count >= ${ports}`,
    };
  },
  say(found) {
    const [low, high] = found.settings.ip_local_port_range!;
    return `${
      counted(numberIn(worstOf(found), "count"), "socket")
    } in TIME_WAIT ` +
      `of ${counted(high! - low! + 1, "ephemeral port")}`;
  },
  advice: () =>
    "keep connections open, or widen net.ipv4.ip_local_port_range; netstat -tan " +
    "--where 'state = TIME_WAIT' --count foreign_address,foreign_port tells to whom",
} satisfies Check;

/**
 * Destinations to which there are nearly no local ports left.
 *
 * @module
 */

import {
  againstMost,
  type Check,
  counted,
  endOf,
  numberIn,
  shares,
  spelt,
  worstOf,
} from "../core/contract/check.ts";

/** An address can have each local port once for the same other end. */
export default {
  name: "ephemeral-ports",
  about: "Local ports used up, by source address and destination.",
  view: "sockets",
  where: ({ settings: { ip_local_port_range: range } }) =>
    "proto in (tcp, tcp6) and state != LISTEN and foreign_port > 0 and " +
    `local_port in ${range!.join("..")}`,
  count: "local_address,foreign_address,foreign_port",
  settings: {
    ip_local_port_range: "/proc/sys/net/ipv4/ip_local_port_range",
  },
  limits: shares("the ports"),
  when({ limits, settings }) {
    const [low, high] = settings.ip_local_port_range!;
    return againstMost("count", high! - low! + 1, limits);
  },
  say(found) {
    const worst = worstOf(found);
    const [low, high] = found.settings.ip_local_port_range!;
    return `${counted(numberIn(worst, "count"), "port")} of ${
      high! - low! + 1
    } ` +
      `are in use from ${spelt(worst.local_address)} to ${
        endOf(worst, "foreign")
      }`;
  },
  advice: () =>
    "connect() will fail with EADDRNOTAVAIL: keep connections open, widen " +
    "net.ipv4.ip_local_port_range, or use more addresses on either side",
} satisfies Check;

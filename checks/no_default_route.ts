/**
 * A machine that reaches its own networks only.
 *
 * @module
 */

import { type Check } from "../core/contract/check.ts";

/** A default route of either family is enough, unless it refuses what is sent. */
export default {
  name: "no-default-route",
  about: "Neither IPv4 nor IPv6 has a default route.",
  view: "route",
  where: () => "prefix_length = 0 and iface not in (lo, '*')",
  columns: "destination,gateway,iface",
  absent: true,
  when: () => ({ warning: "iface != lo" }),
  say: () =>
    "there is no default route: only networks of this machine are reached",
  advice: () =>
    "netstat -rn has the routes that there are; DHCP or a router's " +
    "advertisement may be missing",
} satisfies Check;

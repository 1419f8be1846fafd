/**
 * Rules by which the kernel chooses a routing table, of which only netlink tells.
 *
 * @module
 */

import type { CountedFamily } from "../core/contract/depth.ts";

/** They are shown if they are asked for. */
export default {
  name: "rule",
  about: "rules that choose a routing table, of IPv4 and IPv6",
  hidden: true,
  tables: [],
  listed: async () => (await import("./_rt_rule.ts")).rule,
} satisfies CountedFamily;

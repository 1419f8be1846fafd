/**
 * Neighbours of IPv4 (ARP) and IPv6, of which only netlink tells all.
 *
 * @module
 */

import type { CountedFamily } from "../core/contract/depth.ts";

/** They are shown if they are asked for. */
export default {
  name: "neigh",
  about: "machines on the same link, of IPv4 and IPv6",
  hidden: true,
  tables: [],
  listed: async () => (await import("./_rt_neigh.ts")).neigh,
} satisfies CountedFamily;

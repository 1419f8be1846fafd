/**
 * IPv6 sockets, routes, multicast groups and counters.
 *
 * @module
 */

import type { ExplainedFamily } from "../core/contract/explained.ts";

/** The kernel's `AF_INET6`. */
export default {
  name: "inet6",
  words: ["inet6", "ip6"],
  about: "IPv6: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  sockets: async () => (await import("./_inet.ts")).sockets("6"),
  routes: { tables: async () => (await import("./_routes_inet6.ts")).ROUTES },
  statistics: async () => (await import("./_statistics_inet6.ts")).statistics,
  explaining: async () => (await import("./_counters.ts")).explain,
} satisfies ExplainedFamily;

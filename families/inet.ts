/**
 * IPv4 sockets, routes, multicast groups, translated connections and counters.
 *
 * @module
 */

import type { ExplainedFamily } from "../core/contract/explained.ts";

/** The kernel's `AF_INET`. */
export default {
  name: "inet",
  words: ["inet", "ip", "tcpip"],
  about: "IPv4: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  sockets: async () => (await import("./_inet.ts")).sockets(""),
  routes: {
    usual: true,
    tables: async ({ fib, cache } = { fib: true, cache: true }) => [
      ...(fib ? [(await import("./_routes_inet.ts")).routes] : []),
      ...(cache ? [(await import("./_routes_cache.ts")).cache] : []),
    ],
  },
  masquerade: async () => (await import("./_masquerade_inet.ts")).masquerade,
  statistics: async () => (await import("./_statistics_inet.ts")).statistics,
  explaining: async () => (await import("./_counters.ts")).explain,
} satisfies ExplainedFamily;

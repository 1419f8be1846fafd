/**
 * IPv6 sockets, routes, multicast groups and counters.
 *
 * @module
 */

import type { FamilyInParts } from "../core/contract/family.ts";

/** The family. */
const inet6: FamilyInParts = {
  name: "inet6",
  words: ["inet6", "ip6"],
  about: "IPv6: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  sockets: async () => (await import("./_inet.ts")).sockets("6"),
  routes: { tables: async () => (await import("./_routes_inet6.ts")).ROUTES },
  statistics: async () => (await import("./_statistics_inet6.ts")).statistics,
};

export default inet6;

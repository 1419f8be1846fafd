/**
 * IPv6 sockets, routes, multicast groups and counters.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { groups } from "./_groups.ts";
import { tables } from "./_inet.ts";

/** The family. */
const inet6: Family = {
  name: "inet6",
  words: ["inet6", "ip6"],
  about: "IPv6: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  tables: tables("6"),
  routes: { tables: async () => (await import("./_routes_inet6.ts")).ROUTES },
  groups: [groups("igmp6")],
  statistics: async () => (await import("./_statistics_inet6.ts")).statistics,
};

export default inet6;

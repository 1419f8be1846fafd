/**
 * IPv4 sockets, routes, multicast groups, translated connections and counters.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { groups } from "./_groups.ts";
import { tables } from "./_inet.ts";

/** The family. */
const inet: Family = {
  name: "inet",
  words: ["inet", "ip", "tcpip"],
  about: "IPv4: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  tables: tables(""),
  routes: {
    usual: true,
    tables: async () => (await import("./_routes_inet.ts")).ROUTES,
  },
  masquerade: async () => (await import("./_masquerade_inet.ts")).masquerade,
  groups: [groups("igmp")],
  statistics: async () => (await import("./_statistics_inet.ts")).statistics,
};

export default inet;

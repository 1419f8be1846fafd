/**
 * IPv4 sockets and routes.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { tables } from "./_inet.ts";
import { ROUTES } from "./_routes_inet.ts";

/** The family. */
const inet: Family = {
  name: "inet",
  words: ["inet", "ip", "tcpip"],
  about: "IPv4: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  tables: tables(""),
  routes: { usual: true, tables: ROUTES },
  masquerade: async () => (await import("./_masquerade_inet.ts")).masquerade,
};

export default inet;

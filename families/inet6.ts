/**
 * IPv6 sockets and routes.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { tables } from "./_inet.ts";
import { ROUTES } from "./_routes_inet6.ts";

/** The family. */
const inet6: Family = {
  name: "inet6",
  words: ["inet6", "ip6"],
  about: "IPv6: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  tables: tables("6"),
  routes: { tables: ROUTES },
};

export default inet6;

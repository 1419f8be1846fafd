/**
 * IPv6 sockets.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { tables } from "./_inet.ts";

/** The family. */
const inet6: Family = {
  name: "inet6",
  words: ["inet6", "ip6"],
  about: "IPv6: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  tables: tables("6"),
};

export default inet6;

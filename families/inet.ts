/**
 * IPv4 sockets.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { tables } from "./_inet.ts";

/** The family. */
const inet: Family = {
  name: "inet",
  words: ["inet", "ip", "tcpip"],
  about: "IPv4: TCP, UDP, UDP-Lite, raw IP and SCTP",
  quiet: true,
  tables: tables(""),
  masquerade: async () => (await import("./_masquerade_inet.ts")).masquerade,
};

export default inet;

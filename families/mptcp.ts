/**
 * Multipath TCP, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";
import { protocolFamily } from "./_protocols.ts";

/** The family. */
const mptcp: Family = protocolFamily("mptcp", "Multipath TCP", 230, [
  "MPTCP",
  "MPTCPv6",
]);

export default mptcp;

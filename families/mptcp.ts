/**
 * Multipath TCP, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";
import { protocolFamily } from "./_protocols.ts";

/** Sockets of `AF_INET` and `AF_INET6`, of a protocol of their own. */
export default protocolFamily("mptcp", "Multipath TCP", 230, [
  "MPTCP",
  "MPTCPv6",
]) as Family;

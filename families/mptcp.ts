/**
 * Multipath TCP, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { CountedFamily } from "../core/contract/depth.ts";
import { protocolFamily } from "./_protocols.ts";

/** Sockets of `AF_INET` and `AF_INET6`, of a protocol of their own. */
export default {
  ...protocolFamily("mptcp", "Multipath TCP", 230, ["MPTCP", "MPTCPv6"]),
  listed: async () => (await import("./_listed_families.ts")).mptcp,
} satisfies CountedFamily;

/**
 * TIPC, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { CountedFamily } from "../core/contract/depth.ts";
import { protocolFamily } from "./_protocols.ts";

/** The kernel's `AF_TIPC`. */
export default {
  ...protocolFamily("tipc", "TIPC", 240, ["TIPC"]),
  listed: async () => (await import("./_listed_families.ts")).tipc,
} satisfies CountedFamily;

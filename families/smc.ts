/**
 * SMC, TCP by shared memory, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { CountedFamily } from "../core/contract/depth.ts";
import { protocolFamily } from "./_protocols.ts";

/** The kernel's `AF_SMC`. */
export default {
  ...protocolFamily("smc", "SMC", 250, ["SMC", "SMC6"]),
  listed: async () => (await import("./_listed_families.ts")).smc,
} satisfies CountedFamily;

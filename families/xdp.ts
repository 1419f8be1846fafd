/**
 * XDP sockets, of which procfs tells only how many there are.
 *
 * @module
 */

import type { CountedFamily } from "../core/contract/depth.ts";
import { protocolFamily } from "./_protocols.ts";

/** The kernel's `AF_XDP`. */
export default {
  ...protocolFamily("xdp", "XDP sockets", 260, ["XDP"]),
  listed: async () => (await import("./_listed_families.ts")).xdp,
} satisfies CountedFamily;

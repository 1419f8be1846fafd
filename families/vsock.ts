/**
 * VM sockets, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { CountedFamily } from "../core/contract/depth.ts";
import { protocolFamily } from "./_protocols.ts";

/** The kernel's `AF_VSOCK`. */
export default {
  ...protocolFamily("vsock", "VM sockets", 220, ["AF_VSOCK"]),
  listed: async () => (await import("./_listed_families.ts")).vsock,
} satisfies CountedFamily;

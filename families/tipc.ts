/**
 * TIPC, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";
import { protocolFamily } from "./_protocols.ts";

/** The kernel's `AF_TIPC`. */
export default protocolFamily("tipc", "TIPC", 240, ["TIPC"]) as Family;

/**
 * TIPC, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";
import { protocolFamily } from "./_protocols.ts";

/** The family. */
const tipc: Family = protocolFamily("tipc", "TIPC", 240, ["TIPC"]);

export default tipc;

/**
 * VM sockets, of which procfs tells only how many sockets there are.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";
import { protocolFamily } from "./_protocols.ts";

/** The kernel's `AF_VSOCK`. */
export default protocolFamily("vsock", "VM sockets", 220, [
  "AF_VSOCK",
]) as Family;

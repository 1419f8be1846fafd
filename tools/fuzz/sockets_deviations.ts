/**
 * Where our listings of sockets differ from the reference's.
 *
 * @module
 */

import type { Deviation } from "./format.ts";

/** All of them, in the order in which they are applied. */
export const DEVIATIONS: readonly Deviation[] = [];

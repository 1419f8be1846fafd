/**
 * Numbers as people read them.
 *
 * @module
 */

import type { Long } from "./family.ts";

/** A number with its thousands apart: `3,214`. */
export function grouped(value: Long): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

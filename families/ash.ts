/**
 * Ash, of which the kernel has only the name.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";

/** The kernel's `AF_ASH`: known by name, and told to be missing. */
export default {
  name: "ash",
  words: ["ash"],
  about: "Ash, which no kernel has a file for",
  hidden: true,
  support: "AF ASH",
  tables: [],
} satisfies Family;

/**
 * Econet, which never had a file that tells its sockets.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";

/** The kernel's `AF_ECONET`: known by name, and told to be missing. */
export default {
  name: "ec",
  words: ["econet"],
  about: "Econet, which no kernel has a file for",
  hidden: true,
  support: "AF ECONET",
  tables: [],
} satisfies Family;

/**
 * What else is said of files that a saved tree lacks.
 *
 * @module
 */

import type { Lack } from "../system/failures.ts";
import type { Warnings } from "../contract/said.ts";
import type { Around } from "./around.ts";

/** Says, behind a message about files, that a saved tree lacks them. */
export function warnOfLack(
  missing: readonly Lack[],
  { tree, messages }: {
    readonly tree: Around["tree"];
    readonly messages: Warnings;
  },
): void {
  const lines = missing.flatMap((lack) => tree.lack(lack) ?? []);
  new Set(lines).forEach((line) => messages.warn(line));
}

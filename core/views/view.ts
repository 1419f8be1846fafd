/**
 * From the command line to what columns and tables see.
 *
 * @module
 */

import type { Flags, View } from "../contract/family.ts";
import type { Lookups } from "../system/lookups.ts";
import type { NameSource } from "../system/names.ts";
import type { Owners } from "../joins/owners.ts";

/** What the engine and the renderers know of a view besides. */
export interface ShownView extends View {
  /** What names that are not there yet are waited for by; only if any are wanted. */
  readonly lookups: Lookups | undefined;
  /** Gives the columns the owners of the sockets that are listed. */
  owned(owners: Owners): void;
}

/** The view that was asked for. */
export function viewOf(
  flags: Readonly<Flags>,
  { names, lookups }: NameSource,
): ShownView {
  let owners: Owners | undefined;
  return {
    ...flags,
    names,
    lookups: flags.numericHosts ? undefined : lookups,
    owner: (inode) => owners?.byInode.get(inode),
    holders: (inode) => owners?.holders.get(inode) ?? [],
    owned(found) {
      owners = found;
    },
  };
}

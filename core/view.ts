/**
 * From the command line to what columns and tables see.
 *
 * @module
 */

import type { Flags, Names, View } from "./family.ts";
import type { Owners } from "./owners.ts";

/** A view whose owners are found while it is shown. */
export interface OwnedView extends View {
  /** Gives the columns the owners of the sockets that are listed. */
  owned(owners: Owners): void;
}

/** The view that was asked for. */
export function viewOf(flags: Readonly<Flags>, names: Names): OwnedView {
  let owners: Owners | undefined;
  return {
    ...flags,
    names,
    owner: (inode) => owners?.byInode.get(inode),
    holders: (inode) => owners?.holders.get(inode) ?? [],
    owned(found) {
      owners = found;
    },
  };
}

/**
 * From the command line to what columns and tables see.
 *
 * @module
 */

import type { Flags, Long, Names, Owner, View } from "./family.ts";
import type { Owners } from "./owners.ts";

/** A view whose owners are found while it is shown. */
export interface OwnedView extends View {
  /** Gives the columns the owners of the sockets that are listed. */
  owned(owners: Owners): void;
}

/** The view that was asked for. */
export function viewOf(flags: Readonly<Flags>, names: Names): OwnedView {
  let owners: ReadonlyMap<Long, Owner> = new Map();
  return {
    ...flags,
    names,
    owner: (inode) => owners.get(inode),
    owned(found) {
      owners = found.byInode;
    },
  };
}

/**
 * From the command line to what columns and tables see.
 *
 * @module
 */

import type { Long, Names, Owner, View } from "./family.ts";
import type { Asked } from "./options.ts";
import type { Owners } from "./owners.ts";

/** A view whose owners are found while it is shown. */
export interface OwnedView extends View {
  /** Gives the columns the owners of the sockets that are listed. */
  owned(owners: Owners): void;
}

/** The view that was asked for. */
export function viewOf(asked: Asked, names: Names): OwnedView {
  let owners: ReadonlyMap<Long, Owner> = new Map();
  return {
    all: asked.all,
    listening: asked.listening,
    extend: asked.extend,
    timers: asked.timers,
    programs: asked.programs,
    context: asked.context,
    wide: asked.wide,
    verbose: asked.verbose,
    symbolic: asked.symbolic,
    numericHosts: asked.numericHosts,
    numericPorts: asked.numericPorts,
    numericUsers: asked.numericUsers,
    names,
    owner: (inode) => owners.get(inode),
    owned(found) {
      owners = found.byInode;
    },
  };
}

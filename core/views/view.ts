/**
 * From the command line to what columns and tables see.
 *
 * @module
 */

import type { Columns, Flags, Long, View } from "../contract/family.ts";
import type { Lookups } from "../system/lookups.ts";
import type { NameSource } from "../system/names.ts";
import type { Held, Owners } from "../joins/owners.ts";
import type { Places } from "../joins/place.ts";

/** What the engine and the renderers know of a view besides. */
export interface ShownView extends View {
  /** What names that are not there yet are waited for by; only if any are wanted. */
  readonly lookups: Lookups | undefined;
  /** Columns that every table has besides its own, if a question may ask for them. */
  readonly everywhere: Columns<unknown>;
  /** Gives the columns the owners of the sockets that are listed. */
  owned(owners: Owners): void;
  /** Gives them what knows places. */
  located(places: Places): void;
}

/** The view that was asked for. */
export function viewOf(
  flags: Readonly<Flags>,
  { names, lookups }: NameSource,
  everywhere: Columns<unknown> = {},
): ShownView {
  let owners: Owners | undefined;
  let places: Places | undefined;
  // a row has several columns of one owner
  let inode: Long = 0;
  let held: Held | undefined;
  const heldBy = (wanted: Long) => {
    if (wanted !== inode) held = owners?.held.get(inode = wanted);
    return held;
  };
  return {
    ...flags,
    names,
    everywhere,
    lookups: flags.numericHosts ? undefined : lookups,
    owner: (inode) => heldBy(inode)?.owner,
    holders: (inode) => heldBy(inode)?.holders ?? [],
    place(inode, cgroup) {
      const place = heldBy(inode)?.place;
      if (cgroup === null || (place !== undefined && !place.manages)) {
        return place;
      }
      // what a service manager holds for others was made where they are, or in its own
      const made = places?.ofCgroup(cgroup);
      return place !== undefined && made?.unit === null ? place : made ?? place;
    },
    owned(found) {
      owners = found;
      held = owners.held.get(inode);
    },
    located(finder) {
      places = finder;
    },
  };
}

/**
 * The columns that every table has besides its own: which network namespace a row is of.
 * They are loaded for questions, and where several namespaces are looked at.
 *
 * @module
 */

import { fact } from "../contract/column.ts";
import type { Columns } from "../contract/family.ts";
import { ownScope } from "../system/scopes.ts";
import type { Scope, Tree } from "../system/scan.ts";

/** The columns, which only a question asks for unless several namespaces are looked at. */
export function scopeColumns(
  tree: Tree,
  { several }: { readonly several: boolean },
): Columns<unknown> {
  let own: Scope | undefined;
  const scope = () => tree.scope ?? (own ??= ownScope(tree));
  const extra = { set: "place", rare: !several } as const;
  return {
    netns: fact(
      "integer?",
      () => scope().inode,
      "Network namespace, by its number as in `/proc/PID/ns/net`; null if it cannot " +
        "be known.",
      extra,
    ),
    netns_name: fact(
      "string?",
      () => scope().name,
      "Name of the network namespace: `host`, which is that of process 1, its name " +
        "below `/run/netns`, the container or the pod that all its processes are in, or " +
        "what another mount of it is called; null if it has none.",
      extra,
    ),
  };
}

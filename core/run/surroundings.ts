/**
 * What a view works with, and the view that was asked for.
 *
 * @module
 */

import type { Around, Round, Surroundings, Viewing } from "../views/around.ts";
import type { Asked } from "../args/options.ts";
import type { Plugin } from "../plugins/plugins.ts";
import { Failure } from "../system/failures.ts";
import { namesOf } from "../system/names.ts";
import { Tree } from "../system/scan.ts";
import { loadDepth, type Registry } from "../views/registry.ts";
import { viewOf } from "../views/view.ts";
import { type Io, warnOn } from "./io.ts";

/** What is loaded, and what a run gets. */
export interface Loaded {
  /** The families that are built in. */
  readonly registry: Registry;
  /** Those of family files. */
  readonly plugins: readonly Plugin[];
  /** What the run gets from outside. */
  readonly io: Io;
}

/** What `--root` names: a folder, or an archive of one; or why it cannot be read. */
export async function treeAt(root: string): Promise<Tree | Failure> {
  const tree = new Tree(root);
  const failure = tree.failure();
  if (failure?.code !== "ENOTDIR") return failure ?? tree;
  return (await import("../system/archive.ts")).treeIn(root);
}

/** What the view works with, but for what takes its rows. */
export async function surroundingsOf(
  asked: Asked,
  tree: Tree,
  { registry, plugins, io }: {
    readonly registry: Registry;
    readonly plugins: readonly Plugin[];
    readonly io: Io;
  },
): Promise<Surroundings> {
  const families = await registry.load(asked);
  const fail = ({ message }: Error) => warnOn(io, `netstat: ${message}`);
  const added = plugins.flatMap((plugin, i) =>
    plugin.familyIn(asked, i, fail) ?? []
  );
  const several = asked.netns.length > 0;
  const isAsked = several || asked.format === "csv" || isCompared(asked) ||
    Object.keys(asked.question).length > 0;
  const everywhere = isAsked
    ? (await import("../views/scoped.ts")).scopeColumns(tree, { several })
    : {};
  const view = viewOf(asked, namesOf(tree, asked), everywhere);
  const { stdout } = io;
  return {
    asked,
    families: [...families, ...await loadDepth(added, asked)],
    tree,
    view,
    flush: () => stdout.flush(),
  };
}

/** Whether listings are compared. */
export function isCompared({ diff, watch }: Asked): boolean {
  return (diff ?? watch) !== undefined;
}

/** Shows a round. A family file that fails costs nothing else, but for the status. */
export async function withPlugins(
  round: () => ReturnType<Round>,
  plugins: readonly Plugin[],
): Promise<number> {
  const status = await round();
  return status === 0 && plugins.some(({ failed }) => failed) ? 1 : status;
}

/** The view that was asked for. */
export async function viewingOf(around: Surroundings): Promise<Viewing> {
  switch (around.asked.modes[0]) {
    case "route":
      return (await import("../views/routes.ts")).routesView(around);
    case "interfaces": {
      const { interfacesView } = await import("../views/interfaces.ts");
      return interfacesView(around);
    }
    case "masquerade": {
      const { masqueradeView } = await import("../views/masquerade.ts");
      return masqueradeView(around);
    }
    case "statistics": {
      const { statisticsView } = await import("../views/statistics.ts");
      return statisticsView(around);
    }
  }
  return (await import("../views/sockets.ts")).socketsView(around);
}

/** The round of a view: of the own network namespace, or of those asked for. */
export async function roundOf(
  viewing: Viewing,
  around: Around,
): Promise<Round> {
  const { netns } = around.asked;
  if (netns.length === 0) return viewing.round(around);
  const { namespacesRound } = await import("../views/namespaces.ts");
  return namespacesRound(viewing, around, netns);
}

/**
 * The cgroups of version 2, by the ids that the kernel tells of sockets: each is the
 * inode of a folder.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import { byteString, fromUtf8 } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import { EACCES, ENOENT, fileSystemOf, foldersIn } from "./libc.ts";
import { type Mount, mountsOf } from "./mounts.ts";
import type { Tree } from "./scan.ts";

/** `CGROUP2_SUPER_MAGIC` */
const CGROUP2 = 0x63677270;

/**
 * The paths of all cgroups, as byte strings, by their ids; none where they are not
 * mounted, and of a saved tree, whose folders have other inodes.
 */
export function cgroupPaths(tree: Tree): ReadonlyMap<Long, string> {
  const paths = new Map<Long, string>();
  if (!tree.live) return paths;
  const info = tree.read("/proc/self/mountinfo");
  if (info instanceof Failure) return paths;
  for (const { at, root } of cgroupMounts(byteString(info))) {
    // something else may be mounted over it
    const kind = fileSystemOf(at);
    if (kind < 0) note(tree, at, -kind);
    if (kind !== CGROUP2) continue;
    walk(tree, at, { root, paths });
    break;
  }
  return paths;
}

/** The mounts of cgroups of version 2, those of the root first. */
export function cgroupMounts(info: string): Mount[] {
  return [...mountsOf("cgroup2", info)]
    .sort((a, b) => a.root.length - b.root.length);
}

function walk(
  tree: Tree,
  top: string,
  { root, paths }: {
    readonly root: string;
    readonly paths: Map<Long, string>;
  },
): void {
  const own = tree.inode(fromUtf8(top));
  if (own !== undefined) paths.set(own, root);
  const open = [{ folder: top, path: root === "/" ? "" : root }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { folder, path } = next;
    const found = foldersIn(folder);
    if (typeof found === "number") {
      note(tree, folder, found);
      continue;
    }
    for (const { name, inode } of found) {
      paths.set(inode, `${path}/${name}`);
      open.push({ folder: `${folder}/${name}`, path: `${path}/${name}` });
    }
  }
}

/** Keeps why something was not read, unless it is gone, or somebody else's. */
function note(tree: Tree, path: string, errno: number): void {
  if (errno === ENOENT || errno === EACCES) return;
  tree.failures.add(Failure.ofErrno(fromUtf8(path), errno));
}

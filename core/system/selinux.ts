/**
 * Whether SELinux is on, which `-Z` asks first.
 *
 * @module
 */

import { byteString } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import type { Tree } from "./scan.ts";

/**
 * As libselinux documents `is_selinux_enabled`: the kernel knows selinuxfs, it is
 * mounted, and `/etc/selinux/config` exists.
 */
export function selinuxEnabled(tree: Tree): boolean {
  const filesystems = tree.read("/proc/filesystems");
  if (filesystems instanceof Failure) return false;
  if (!/\bselinuxfs$/m.test(byteString(filesystems))) return false;
  return tree.exists("/etc/selinux/config") && mounted(tree);
}

function mounted(tree: Tree): boolean {
  if (
    ["/sys/fs/selinux", "/selinux"].some((f) => tree.exists(`${f}/enforce`))
  ) {
    return true;
  }
  const mounts = tree.read("/proc/mounts");
  return !(mounts instanceof Failure) &&
    / selinuxfs /.test(byteString(mounts));
}

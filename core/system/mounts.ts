/**
 * What is mounted, as `/proc/PID/mountinfo` tells (proc_pid_mountinfo(5)):
 *
 * ```text
 * 521 25 0:4 net:[4026532313] /run/netns/web rw shared:291 - nsfs nsfs rw
 * ```
 *
 * @module
 */

/** A mount; texts are byte strings. */
export interface Mount {
  /** What of the file system is seen there. */
  readonly root: string;
  /** Where it is mounted. */
  readonly at: string;
}

/** The mounts of file systems of a kind, such as `nsfs`. */
export function* mountsOf(kind: string, info: string): Generator<Mount> {
  for (const line of info.split("\n")) {
    const [mount = "", rest] = line.split(" - ", 2);
    if (!rest?.startsWith(`${kind} `)) continue;
    const [, , , root, at] = mount.split(" ");
    if (at === undefined) continue;
    yield { root: unescaped(root!), at: unescaped(at) };
  }
}

/** What the kernel writes blanks, newlines and backslashes as. */
function unescaped(path: string): string {
  return path.replace(
    /\\([0-7]{3})/g,
    (_, digits) => String.fromCharCode(parseInt(digits, 8)),
  );
}

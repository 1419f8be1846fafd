/**
 * Which process owns a socket: a walk over `/proc/<pid>/fd`, for the inodes that
 * are wanted and no others.
 *
 * @module
 */

import type { Long, Owner } from "./family.ts";
import { byteString, strtoul } from "./line.ts";
import { Failure, openFlags, type Tree } from "./scan.ts";

/** What the walk found. */
export interface Owners {
  /** The owner of each wanted inode that has one: the lowest pid. */
  readonly byInode: ReadonlyMap<Long, Owner>;
  /** Whether a folder of descriptors, or `/proc` itself, was denied. */
  readonly denied: boolean;
  /** Whether any socket of any process was seen. */
  readonly any: boolean;
}

/** net-tools reads this much of a descriptor's link, … */
const LINK_MOST = 29;

/** … and this much of a command line. */
const COMMAND_MOST = 511;

/**
 * Finds the owners of the wanted inodes. Descriptors are read until all are found;
 * after that the folders are only opened, to know whether one is denied.
 */
export function findOwners(
  tree: Tree,
  wanted: ReadonlySet<Long>,
  withContext: boolean,
): Owners {
  const byInode = new Map<Long, Owner>();
  const names = tree.list("/proc");
  if (names instanceof Failure) return { byInode, denied: true, any: false };
  const pids = names.filter((name) => /^[0-9]+$/.test(name))
    .sort((a, b) => Number(a) - Number(b));

  // TIME_WAIT and half-open sockets have inode 0, which no process holds
  const findable = wanted.size - (wanted.has(0) ? 1 : 0);
  const ours = ownSockets(tree);
  let denied = false;
  let any = false;
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    const descriptors = tree.list(folder);
    if (descriptors instanceof Failure) {
      denied ||= descriptors.code === "EACCES";
      continue;
    }
    if (any && byInode.size >= findable) continue;

    let owner: Owner | undefined;
    for (const descriptor of descriptors) {
      if (!/^[0-9]/.test(descriptor)) continue;
      const inode = inodeOf(tree.link(`${folder}/${descriptor}`) ?? "");
      if (inode === undefined || ours.has(inode)) continue;
      if (any && (!wanted.has(inode) || byInode.has(inode))) continue;
      owner ??= ownerOf(tree, pid, withContext);
      if (owner === undefined) break; // its sockets may go to a later process
      any = true;
      if (wanted.has(inode) && !byInode.has(inode)) byInode.set(inode, owner);
    }
  }
  return { byInode, denied, any };
}

/** `O_CLOEXEC` */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * The sockets that the runtime below this program made for itself. Those that were
 * inherited, as from inetd, survived an exec and are told by that.
 */
export function ownSockets(tree: Tree): Set<Long> {
  const inodes = new Set<Long>();
  const descriptors = tree.live ? tree.list("/proc/self/fd") : [];
  if (descriptors instanceof Failure) return inodes;
  for (const descriptor of descriptors) {
    const inode = inodeOf(tree.link(`/proc/self/fd/${descriptor}`) ?? "");
    if (inode === undefined) continue;
    if ((openFlags(tree, descriptor) ?? 0) & CLOSE_ON_EXEC) inodes.add(inode);
  }
  return inodes;
}

/**
 * The inode in a descriptor's link, `socket:[N]` or `[0000]:N`. N is read as C's
 * `strtoul` reads it with base 0, and net-tools wants two digits in the brackets.
 */
export function inodeOf(link: string): Long | undefined {
  const text = link.slice(0, LINK_MOST);
  const match = /^socket:\[(.{2,})\]$/s.exec(text) ??
    /^\[0000\]:(.+)$/s.exec(text);
  const number = match &&
    /^[ \t\n\v\f\r]*[+-]?(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.exec(match[1]!);
  if (!number) return undefined;
  const value = strtoul(number[0]);
  return value === 0xffff_ffff_ffff_ffffn ? undefined : value;
}

/** The process as an owner, or undefined if its command line cannot be read. */
function ownerOf(
  tree: Tree,
  pid: string,
  withContext: boolean,
): Owner | undefined {
  const command = tree.read(`/proc/${pid}/cmdline`, COMMAND_MOST);
  if (command instanceof Failure) return undefined;
  let context: string | undefined;
  if (withContext) {
    const current = tree.read(`/proc/${pid}/attr/current`, 4096);
    if (!(current instanceof Failure)) context = untilNul(current);
  }
  return { pid: Number(pid), name: programName(untilNul(command)), context };
}

/** The program's name in the first word of a command line. */
export function programName(word: string): string {
  return word.startsWith("/") ? word.slice(word.lastIndexOf("/") + 1) : word;
}

function untilNul(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return byteString(bytes, 0, nul < 0 ? bytes.length : nul);
}

/** The note on what `-p` could not see, as net-tools words it, by line. */
export function ownersNote(owners: Owners, euid: () => number): string[] {
  if (!owners.denied) return [];
  if (!owners.any) {
    return [
      `(No info could be read for "-p": geteuid()=${euid()} but you should be root.)`,
    ];
  }
  return [
    "(Not all processes could be identified, non-owned process info",
    " will not be shown, you would have to be root to see it all.)",
  ];
}

/**
 * The sockets among the descriptors of processes. On the live system the folders are
 * read through the C library, since there can be a hundred thousand descriptors.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import * as libc from "./libc.ts";
import { Failure } from "./failures.ts";
import type { Tree } from "./scan.ts";
import {
  CARE,
  GONE,
  inodeIn,
  inodeOf,
  isGone,
  readInodes,
  readLink,
  setName,
  setNumber,
} from "./socket_links.ts";

/** Receives a socket's inode and the descriptor's number. */
export type Visit = (inode: Long, descriptor: number) => void;

/**
 * Goes through the sockets of a process, unless `visit` is not given: the folder is
 * then only opened. Returns the failure if not all could be read.
 */
export type Sockets = (
  pid: string,
  visit: Visit | undefined,
) => Failure | undefined;

/** How the sockets of processes are found in a tree. */
export function socketsIn(tree: Tree): Sockets {
  return tree.live
    ? (pid, visit) => liveSockets(tree, pid, visit)
    : (pid, visit) => savedSockets(tree, pid, visit);
}

function savedSockets(
  tree: Tree,
  pid: string,
  visit: Visit | undefined,
): Failure | undefined {
  const folder = `/proc/${pid}/fd`;
  const names = tree.list(folder);
  if (names instanceof Failure) return names;
  if (visit === undefined) return undefined;
  for (const name of names) {
    if (!/^[0-9]/.test(name)) continue;
    // undefined if the descriptor was closed meanwhile
    const inode = inodeOf(tree.link(`${folder}/${name}`) ?? "");
    if (inode !== undefined) visit(inode, Number.parseInt(name));
  }
  return undefined;
}

function liveSockets(
  tree: Tree,
  pid: string,
  visit: Visit | undefined,
): Failure | undefined {
  const path = `/proc/${pid}/fd`;
  const folder = libc.openFolder(path);
  let errno = Math.max(0, -folder);
  if (folder >= 0) {
    if (visit !== undefined) {
      linkError = 0;
      const count = tree.kernelsCount(path);
      const from = count < MANY ? 0 : visitNumbers(folder, count, visit);
      if (from > 0) libc.seekFolder(folder, from + FIRST);
      errno = visitListed(folder, from, visit) || linkError;
    }
    libc.closeDescriptor(folder);
  }
  return errno === 0
    ? undefined
    : tree.failures.add(Failure.ofErrno(path, errno));
}

/** The errno of a link that is there and could not be read, else 0. */
let linkError = 0;

/**
 * Reads the link that was named and visits the descriptor, if it is a socket's. Returns
 * whether there is one.
 */
function visitLink(folder: number, number: number, visit: Visit): boolean {
  const length = readLink(folder);
  if (length < 0 && !isGone(length)) linkError = -length;
  const inode = inodeIn(length);
  if (inode !== undefined) visit(inode, number);
  return length >= 0;
}

/** Of fewer descriptors it makes no difference how they are found. */
const MANY = 64;

/** Where descriptor 0 stands in its folder (`proc_readfd_common`). */
const FIRST = 2;

/** So many numbers are tried by one call. */
const BATCH = 256;

/**
 * Visits descriptors by trying one number after the other: they are given out from
 * the lowest on, and to list them takes the kernel longer. Ends when about `count` were
 * found; the others are still to be listed. Returns the first number not tried.
 */
function visitNumbers(folder: number, count: number, visit: Visit): number {
  let number = 0;
  for (let found = 0; found < count && number < 2 * count;) {
    // the engine compiles what is called often, and a loop that goes on and on each time
    const to = number + Math.min(count - found, BATCH);
    found += visitRange(folder, number, to, visit);
    number = to;
  }
  return number;
}

/** What the descriptors of a batch are. */
const batch = new Float64Array(BATCH);

/** Visits descriptors by the numbers in a range. Returns how many there are. */
function visitRange(
  folder: number,
  from: number,
  to: number,
  visit: Visit,
): number {
  // to ask the kernel and to visit by turns would be slower than one after the other
  readInodes(folder, from, to, batch);
  let found = 0;
  for (let number = from; number < to; number++) {
    const inode = batch[number - from]!;
    if (inode === GONE) continue;
    if (inode === CARE) {
      setNumber(number);
      if (!visitLink(folder, number, visit)) continue;
    } else if (inode > 0) visit(inode, number);
    found++;
  }
  return found;
}

/**
 * Visits the listed descriptors, from number `from` on. Returns 0, or the errno if they
 * are not listed to the end.
 */
function visitListed(folder: number, from: number, visit: Visit): number {
  return libc.eachName(folder, (bytes, start, end) => {
    if (bytes[start]! - 48 >>> 0 > 9) return;
    let descriptor = 0;
    for (let at = start; at < end; at++) {
      descriptor = 10 * descriptor + bytes[at]! - 48;
    }
    if (descriptor < from) return;
    setName(bytes, start, end);
    visitLink(folder, descriptor, visit);
  });
}

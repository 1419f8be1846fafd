/**
 * The sockets among the descriptors of processes. On the live system the folders are
 * read through the C library, since there can be a hundred thousand descriptors.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import { Aside, BLOCK } from "./aside.ts";
import { byteString } from "../contract/line.ts";
import * as libc from "./libc.ts";
import { Failure } from "./failures.ts";
import type { Tree } from "./scan.ts";
import {
  CARE,
  GONE,
  inodeIn,
  inodeOf,
  isGone,
  OTHER,
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
  if (!tree.live) return (pid, visit) => savedSockets(tree, pid, visit);
  let all = 0;
  const expect = (count: number) => {
    all += count;
    if (all >= DESCRIPTORS && count >= DESCRIPTORS_OF_ONE) makeAside(tree);
  };
  return (pid, visit) => liveSockets(tree, pid, visit && { visit, expect });
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
  visiting: {
    readonly visit: Visit;
    /** Hears how many descriptors of the process will be read. */
    readonly expect: (count: number) => void;
  } | undefined,
): Failure | undefined {
  const path = `/proc/${pid}/fd`;
  const folder = libc.openFolder(path);
  let errno = Math.max(0, -folder);
  if (folder >= 0) {
    if (visiting !== undefined) {
      const { visit, expect } = visiting;
      linkError = 0;
      const count = tree.kernelsCount(path);
      expect(count);
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

/** A second thread is worth its making where so many sockets are looked for, … */
const SOCKETS = 50_000;

/** … or so many descriptors are read, with those of a process that has so many. */
const DESCRIPTORS = 24_576;
const DESCRIPTORS_OF_ONE = 8192;

/** So many descriptors of a process are worth waking it. */
const ASIDE_LEAST = 1024;

/** Who reads some of the descriptors; null if there is nobody. */
let aside: Aside | null | undefined;

/** Prepares for so many sockets that are looked for. */
export function expectSockets(tree: Tree, count: number): void {
  if (tree.live && count >= SOCKETS) makeAside(tree);
}

/** Has a second thread from now on, if there can be one. */
function makeAside(tree: Tree): void {
  if (aside === undefined) aside = newAside(tree);
}

/** Makes the second thread; null where it would not help, or there is no room for it. */
function newAside(tree: Tree): Aside | null {
  // 0 if the kernel does not tell: descriptors are then listed by one thread
  const open = tree.kernelsCount("/proc/self/fd");
  if (open === 0 || navigator.hardwareConcurrency < 2) return null;
  const limits = tree.read("/proc/self/limits");
  if (limits instanceof Failure) {
    tree.failures.forget(limits);
    return null;
  }
  if (!haveRoom(byteString(limits), open)) return null;
  const made = new Aside();
  try {
    made.start();
  } catch {
    return null; // one thread finds the same
  }
  return made;
}

/**
 * Whether limits, as `/proc/self/limits` has them, leave room for another thread, where so
 * many descriptors are open: one that begins without it ends the program.
 */
export function haveRoom(limits: string, open: number): boolean {
  const most = (name: string) => {
    const value = new RegExp(`^Max ${name} +(\\w+)`, "m").exec(limits)?.[1];
    return value === "unlimited" ? Infinity : Number(value);
  };
  // it takes 5 descriptors, and 0.5 GiB more of data that are reserved; threads that look
  // names up must find room later, too
  return most("processes") >= 1024 && most("open files") - open >= 32 &&
    most("data size") >= 2 ** 31 &&
    most("address space") >= 2 ** 36;
}

/**
 * Visits descriptors by trying one number after the other: they are given out from
 * the lowest on, and to list them takes the kernel longer. Ends when about `count` were
 * found; the others are still to be listed. Returns the first number not tried.
 */
function visitNumbers(folder: number, count: number, visit: Visit): number {
  let found = 0;
  const visitThose = (from: number, inodes: Float64Array) => {
    found += visitInodes(folder, { from, inodes }, visit);
  };
  let number = count >= ASIDE_LEAST
    ? aside?.read(folder, count, visitThose) ?? 0
    : 0;
  while (found < count && number < 2 * count) {
    // the engine compiles what is called often, and a loop that goes on and on each time
    const inodes = batch.subarray(0, count - found);
    // to ask the kernel and to visit by turns would be slower than one after the other
    readInodes(folder, number, inodes);
    visitThose(number, inodes);
    number += inodes.length;
  }
  return number;
}

/** What some descriptors are. */
const batch = new Float64Array(BLOCK);

/** Visits descriptors from a number on. Returns how many there are. */
function visitInodes(
  folder: number,
  { from, inodes }: { readonly from: number; readonly inodes: Float64Array },
  visit: Visit,
): number {
  let found = 0;
  for (let i = 0; i < inodes.length; i++) {
    const inode = inodes[i]!;
    if (inode === GONE) continue;
    if (inode === CARE) {
      setNumber(from + i);
      if (!visitLink(folder, from + i, visit)) continue;
    } else if (inode !== OTHER) visit(inode, from + i);
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

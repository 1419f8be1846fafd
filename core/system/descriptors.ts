/**
 * The sockets among the descriptors of processes. On the live system the folders are
 * read through the C library, since there can be a hundred thousand descriptors.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import * as libc from "./libc.ts";
import { byteString, strtoul } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import type { Tree } from "./scan.ts";

/** net-tools reads this much of a descriptor's link. */
const LINK_MOST = 29;

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

const name = new Uint8Array(256);
const link = new Uint8Array(LINK_MOST);

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

/** Reads the link called `name`. Returns its length, less than 0 if there is none. */
function readLink(folder: number): number {
  const length = libc.readLinkAt(folder, name, link);
  // closed meanwhile, or the process has ended
  const gone = length === -libc.ENOENT || length === -libc.EACCES;
  if (length < 0 && !gone) linkError = -length;
  return length;
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

/** Visits descriptors by the numbers in a range. Returns how many there are. */
function visitRange(
  folder: number,
  from: number,
  to: number,
  visit: Visit,
): number {
  // to ask the kernel and to visit by turns would be slower than one after the other
  const inodes: Long[] = [];
  const numbers: number[] = [];
  let found = 0;
  for (let number = from; number < to; number++) {
    setName(number);
    const length = readLink(folder);
    if (length < 0) continue;
    found++;
    const inode = inodeIn(length);
    if (inode === undefined) continue;
    inodes.push(inode);
    numbers.push(number);
  }
  for (let i = 0; i < inodes.length; i++) visit(inodes[i]!, numbers[i]!);
  return found;
}

/** Makes a number the name, in decimal. */
function setName(number: number): void {
  const digits = number.toString();
  for (let i = 0; i < digits.length; i++) name[i] = digits.charCodeAt(i);
  name[digits.length] = 0;
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
      name[at - start] = bytes[at]!;
      descriptor = 10 * descriptor + bytes[at]! - 48;
    }
    name[end - start] = 0;
    if (descriptor < from) return;
    const inode = inodeIn(readLink(folder));
    if (inode !== undefined) visit(inode, descriptor);
  });
}

const OPEN = "socket:[";
const CLOSE = 93;

/** {@linkcode inodeOf} for the bytes in `link`, as the kernel writes them. */
function inodeIn(length: number): Long | undefined {
  for (let i = 0; i < OPEN.length; i++) {
    if (link[i] !== OPEN.charCodeAt(i)) return odd(length);
  }
  let inode = 0;
  let at = OPEN.length;
  for (; at < length && link[at]! - 48 >>> 0 < 10; at++) {
    inode = 10 * inode + link[at]! - 48;
  }
  // one that starts with 0, or is too short or too long, is read with care
  return at + 1 === length && link[at] === CLOSE && inode > 9 &&
      inode < 1e15 && link[OPEN.length] !== 48
    ? inode
    : odd(length);
}

function odd(length: number): Long | undefined {
  return length < 0 ? undefined : inodeOf(byteString(link, 0, length));
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

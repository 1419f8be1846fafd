/**
 * The sockets among the descriptors of processes. On the live system the folders are
 * read through the C library, since there can be a hundred thousand descriptors.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import {
  Aside,
  BLOCK,
  Blocks,
  type Descriptors,
  type Found,
  type Numbers,
} from "./aside.ts";
import { LINK_READER } from "embedded";
import { byteString } from "../contract/line.ts";
import * as libc from "./libc.ts";
import { Failure } from "./failures.ts";
import { processesIn } from "./links.ts";
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

/** Finds the sockets of processes. */
export interface SocketFinder {
  /** Whether there are so many that another thread reads them already. */
  readonly isAhead: boolean;
  /** The processes that were not told before, by ascending pid. */
  processes(): readonly string[] | Failure;
  /**
   * Goes through the sockets of a process, by ascending descriptor, unless `visit` is not
   * given: the folder is then only opened. Returns the failure if not all could be read.
   */
  of(pid: string, visit: Visit | undefined): Failure | undefined;
  /** No more are looked for. */
  end(): void;
}

/**
 * How the sockets of processes are found in a tree. Where there are many, it is begun at
 * once, by another thread.
 */
export function socketsIn(tree: Tree): SocketFinder {
  return tree.live ? new LiveSockets(tree) : new SavedSockets(tree);
}

class SavedSockets implements SocketFinder {
  readonly isAhead = false;
  readonly #tree: Tree;
  #isTold = false;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  processes(): string[] | Failure {
    if (this.#isTold) return [];
    this.#isTold = true;
    return processesIn(this.#tree);
  }

  of(pid: string, visit: Visit | undefined): Failure | undefined {
    const folder = folderOf(pid);
    const names = this.#tree.list(folder);
    if (names instanceof Failure) return names;
    if (visit === undefined) return undefined;
    const numbers = names.filter((name) => /^[0-9]/.test(name))
      .map((name) => [Number.parseInt(name), name] as const)
      .sort(([a], [b]) => a - b);
    for (const [number, name] of numbers) {
      // undefined if the descriptor was closed meanwhile
      const inode = inodeOf(this.#tree.link(`${folder}/${name}`) ?? "");
      if (inode !== undefined) visit(inode, number);
    }
    return undefined;
  }

  end(): void {}
}

class LiveSockets implements SocketFinder {
  readonly #tree: Tree;
  /** About how many descriptors each process has; 0 if the kernel does not tell. */
  readonly #counts = new Map<string, number>();
  readonly #aside: Aside | undefined;
  /** Those that were listed for what is read ahead, where nothing is. */
  #listed: string[] | undefined;
  readonly #told = new Set<string>();

  constructor(tree: Tree) {
    this.#tree = tree;
    if (LINK_READER === undefined || navigator.hardwareConcurrency < 2) return;
    const pids = processesIn(tree);
    if (pids instanceof Failure) tree.failures.forget(pids);
    else {
      this.#aside = this.#readAside(pids);
      if (this.#aside === undefined) this.#listed = pids;
    }
  }

  processes(): string[] | Failure {
    const pids = this.#listed ?? processesIn(this.#tree);
    this.#listed = undefined;
    if (pids instanceof Failure) return pids;
    const told = this.#told;
    const others = pids.filter((pid) => !told.has(pid));
    for (const pid of others) told.add(pid);
    return others;
  }

  get isAhead(): boolean {
    return this.#aside !== undefined;
  }

  #countOf(pid: string): number {
    const known = this.#counts.get(pid);
    if (known !== undefined) return known;
    const count = this.#tree.kernelsCount(folderOf(pid));
    this.#counts.set(pid, count);
    return count;
  }

  /** Has another thread begin to read, if there is much to read, and room for a thread. */
  #readAside(pids: readonly string[]): Aside | undefined {
    const tree = this.#tree;
    const having = pids.map((pid) => ({ pid, count: this.#countOf(pid) }))
      .filter(({ count }) => count >= MANY_OF_ONE);
    if (having.reduce((n, { count }) => n + count, 0) < MANY_OF_ALL) {
      return undefined;
    }
    const open = tree.kernelsCount("/proc/self/fd");
    const limits = tree.read("/proc/self/limits");
    if (limits instanceof Failure) {
      tree.failures.forget(limits);
      return undefined;
    }
    const room = roomFor(byteString(limits), open);
    const opened: Descriptors[] = [];
    let all = 0;
    for (const { pid, count } of having) {
      if (opened.length === room) break;
      if (all + count > MOST_OF_ALL) continue;
      const folder = libc.openFolder(folderOf(pid));
      if (folder < 0) continue;
      opened.push({ pid, folder, count });
      all += count;
    }
    if (all >= MANY_OF_ALL) return new Aside(opened, linkReader());
    for (const { folder } of opened) libc.closeDescriptor(folder);
    return undefined;
  }

  of(pid: string, visit: Visit | undefined): Failure | undefined {
    const ahead = this.#aheadOf(pid);
    const errno = ahead === undefined
      ? this.#open(pid, visit)
      : visit && this.#visit(ahead, visit);
    return errno
      ? this.#tree.failures.add(Failure.ofErrno(folderOf(pid), errno))
      : undefined;
  }

  /** What is read ahead, unless the process has ended: another may have its number by now. */
  #aheadOf(pid: string): Descriptors | undefined {
    const ahead = this.#aside?.of(pid);
    if (ahead === undefined || !hasEnded(ahead)) return ahead;
    this.#counts.delete(pid);
    return undefined;
  }

  /** Opens the folder of a process. Returns 0 or an errno, as those do that follow. */
  #open(pid: string, visit: Visit | undefined): number {
    const folder = libc.openFolder(folderOf(pid));
    if (folder < 0) return -folder;
    const errno = visit === undefined
      ? 0
      : this.#visit({ pid, folder, count: this.#countOf(pid) }, visit);
    libc.closeDescriptor(folder);
    return errno;
  }

  #visit(descriptors: Descriptors, visit: Visit): number {
    const { folder, count } = descriptors;
    linkError = 0;
    let from = 0;
    if (count >= MANY) {
      from = this.#visitNumbers(descriptors, visit);
      libc.seekFolder(folder, from + FIRST);
    }
    return visitListed(folder, from, visit) || linkError;
  }

  /**
   * Visits descriptors by trying one number after the other: they are given out from
   * the lowest on, and to list them takes the kernel longer. Ends when about `count` were
   * found; the others are still to be listed. Returns the first number not tried.
   */
  #visitNumbers(descriptors: Descriptors, visit: Visit): number {
    const { pid, folder, count } = descriptors;
    let found = 0;
    let number = 0;
    const visitThose: Found = (from, block) => {
      found += visitInodes({ folder, from, ...block }, visit);
      number = from + block.numbers;
    };
    const aside = this.#aside;
    if (aside?.of(pid) === descriptors) aside.visit(descriptors, visitThose);
    while (found < count && number < 2 * count) {
      // to ask the kernel and to visit by turns would be slower than one after the other
      const numbers = Math.min(BLOCK, count - found);
      visitThose(number, readBlock({ folder, from: number, numbers }));
    }
    return number;
  }

  end(): void {
    this.#aside?.end();
  }
}

function folderOf(pid: string): string {
  return `/proc/${pid}/fd`;
}

/** Whether the process of a folder has ended: then the folder cannot be listed. */
function hasEnded({ folder }: Descriptors): boolean {
  libc.seekFolder(folder, LAST);
  return libc.eachName(folder, () => {}) !== 0;
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

/** Where descriptor 0 stands in its folder (`proc_readfd_common`), … */
const FIRST = 2;

/** … and where none does. */
const LAST = 2 ** 31 - 1;

/** Of a process that has so many, descriptors are read aside, … */
const MANY_OF_ONE = 1024;

/** … if there are so many of them. */
const MANY_OF_ALL = 8192;

/** So many are at most, which takes 17 MB. */
const MOST_OF_ALL = 1 << 21;

/** So many folders are open at most, and so many descriptors are left to others. */
const FOLDERS = 128;
const LEFT = 256;

let reader: libc.LinkReader | undefined;

function linkReader(): libc.LinkReader {
  return reader ??= libc.linkReader(LINK_READER!);
}

/**
 * How many folders may be open for another thread under limits as `/proc/self/limits` has
 * them, where so many descriptors are open; 0 where there may be no room for a thread:
 * one that cannot begin ends the program.
 */
export function roomFor(limits: string, open: number): number {
  const most = (name: string) => {
    const value = new RegExp(`^Max ${name} +(\\w+)`, "m").exec(limits)?.[1];
    return value === "unlimited" ? Infinity : Number(value);
  };
  // threads that look names up must find room later, too
  const isRoom = most("processes") >= 1024 && most("data size") >= 2 ** 31 &&
    most("address space") >= 2 ** 36;
  const left = Math.min(FOLDERS, most("open files") - open - LEFT);
  return isRoom ? Math.max(0, left) : 0;
}

/** What some descriptors are. */
let batch: Blocks | undefined;

/** Reads a block. */
function readBlock(wanted: Numbers): Parameters<Found>[1] {
  const { folder, from, numbers } = wanted;
  batch ??= new Blocks(1);
  const { inodes } = batch;
  const place = batch.placeOf(0);
  if (LINK_READER === undefined) {
    readInodes(folder, from, inodes.subarray(place, place + numbers));
  } else {
    batch.set(0, wanted);
    linkReader().read(batch.bytes, 0);
  }
  return { inodes, place, numbers };
}

/** Visits descriptors from a number on. Returns how many there are. */
function visitInodes(
  { folder, from, inodes, place, numbers }: Parameters<Found>[1] & {
    readonly folder: number;
    readonly from: number;
  },
  visit: Visit,
): number {
  let found = 0;
  for (let i = 0; i < numbers; i++) {
    const inode = inodes[place + i]!;
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

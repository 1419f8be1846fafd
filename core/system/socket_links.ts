/**
 * Links of a process' descriptors, and the inodes of sockets in them.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import { byteString, strtoul } from "../contract/line.ts";
import * as libc from "./libc.ts";

/** net-tools reads this much of a descriptor's link. */
const LINK_MOST = 29;

const name = new Uint8Array(256);
const link = new Uint8Array(LINK_MOST);

/** Makes bytes the name of the link that is read next. */
export function setName(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) name[at - start] = bytes[at]!;
  name[end - start] = 0;
}

/** Makes a number the name, in decimal. */
export function setNumber(number: number): void {
  const digits = number.toString();
  for (let i = 0; i < digits.length; i++) name[i] = digits.charCodeAt(i);
  name[digits.length] = 0;
}

/** Reads the link in a folder. Returns its length, or the errno as a negative number. */
export function readLink(folder: number): number {
  return libc.readLinkAt(folder, name, link);
}

/** Whether a descriptor was closed meanwhile, or its process has ended. */
export function isGone(length: number): boolean {
  return length === -libc.ENOENT || length === -libc.EACCES;
}

/** {@linkcode readInodes} found no descriptor of this number. */
export const GONE: number = -2;

/** It found something else than a socket. */
export const OTHER: number = -1;

/** It found a link that is to be read with care. */
export const CARE: number = 0;

/** Reads links with numbers from `from` on, for each place the inode that it leads to. */
export function readInodes(
  folder: number,
  from: number,
  inodes: Float64Array,
): void {
  for (let i = 0; i < inodes.length; i++) {
    setNumber(from + i);
    const length = readLink(folder);
    const inode = inodeIn(length);
    if (length < 0) inodes[i] = isGone(length) ? GONE : CARE;
    else if (inode === undefined) inodes[i] = OTHER;
    else inodes[i] = typeof inode === "number" ? inode : CARE;
  }
}

const OPEN = "socket:[";
const CLOSE = 93;

/** {@linkcode inodeOf} for the link that was read last, of so many bytes. */
export function inodeIn(length: number): Long | undefined {
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

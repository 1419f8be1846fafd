/**
 * What is known of a UNIX socket by its line in `/proc/net/unix`.
 *
 * @module
 */

import type { Told } from "../core/contract/depth.ts";
import type { Long } from "../core/contract/family.ts";

/** `__SO_ACCEPTCON`, the flag of a socket that listens. */
export const ACC = 0x10000;

/** `SS_UNCONNECTED`: listening, or not connected. */
export const UNCONNECTED = 1;

/** A line of `/proc/net/unix`. */
export interface Row extends Told {
  /** How often it is referred to. */
  refCount: Long;
  /** 0. */
  protocol: Long;
  /** Such as {@linkcode ACC}. */
  flags: number;
  /** `SOCK_STREAM` and so on. */
  type: number;
  /** Such as {@linkcode UNCONNECTED}. */
  state: number;
  /** The inode; 0 if no process can have it. */
  inode: Long;
  /** Where the path is: all of it, up to the end of the line. */
  bytes: Uint8Array;
  /** Where it starts there. */
  pathStart: number;
  /** Where it ends. */
  pathEnd: number;
  /** Whether the file has inodes; kernels before 2.2 did not. */
  hasInode: boolean;
  /** Whether a number stands where the inode is, or would be. */
  hasNumber: boolean;
}

/** A row of no line yet. */
export function emptyRow(): Row {
  return {
    refCount: 0,
    protocol: 0,
    flags: 0,
    type: 0,
    state: 0,
    inode: 0,
    bytes: new Uint8Array(0),
    pathStart: 0,
    pathEnd: 0,
    hasInode: true,
    hasNumber: false,
    answer: undefined,
    peer: undefined,
  };
}

/** The path as the file has it, as a byte string; null without one. */
export function pathText({ bytes, pathStart, pathEnd }: Row): string | null {
  let text = "";
  for (let i = pathStart; i < pathEnd; i++) {
    text += String.fromCharCode(bytes[i]!);
  }
  return text === "" ? null : text;
}

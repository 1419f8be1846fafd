/**
 * Many symbolic links of `/proc`, read through the C library: there are as many as
 * processes and their descriptors.
 *
 * @module
 */

import * as libc from "./libc.ts";
import { byteString } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import type { Tree } from "./scan.ts";

/** More bytes than a link to something in the kernel has, such as `net:[4026531833]`. */
const LINK_MOST = 64;

/** All processes, by ascending pid; those of threads are not among them. */
export function processesIn(tree: Tree): string[] | Failure {
  const names = tree.list("/proc");
  if (names instanceof Failure) return names;
  return names.filter((name) => /^[0-9]+$/.test(name))
    .sort((a, b) => Number(a) - Number(b));
}

/** Calls `each` for every process, by ascending pid. */
export function eachProcess(tree: Tree, each: (pid: string) => void): void {
  const pids = processesIn(tree);
  if (!(pids instanceof Failure)) pids.forEach((pid) => each(pid));
}

/** Reads links below `/proc`. */
export class Links {
  readonly #tree: Pick<Tree, "failures">;
  readonly #proc = libc.openFolder("/proc");
  readonly #name = new Uint8Array(256);
  readonly #link = new Uint8Array(LINK_MOST);

  /** What cannot be read is told by the tree's failures, but for what is others'. */
  constructor(tree: Pick<Tree, "failures">) {
    this.#tree = tree;
    this.#note("/proc", this.#proc);
  }

  /** What a link in `/proc` leads to, such as `self/ns/net`; undefined if it cannot be read. */
  read(name: string): string | undefined {
    if (name.length >= this.#name.length) return undefined;
    for (let i = 0; i < name.length; i++) this.#name[i] = name.charCodeAt(i);
    this.#name[name.length] = 0;
    return this.#text(this.#proc, "", () => `/proc/${name}`);
  }

  /**
   * Calls `each` for those links in a folder of `/proc` that lead to something whose name
   * begins so.
   */
  each(
    path: string,
    begins: string,
    each: (link: string, name: string) => void,
  ): void {
    const folder = libc.openFolder(path);
    this.#note(path, folder);
    if (folder < 0) return;
    const errno = libc.eachName(folder, (bytes, start, end) => {
      for (let at = start; at <= end; at++) this.#name[at - start] = bytes[at]!;
      const name = () => byteString(bytes, start, end);
      const link = this.#text(folder, begins, () => `${path}/${name()}`);
      if (link !== undefined) each(link, name());
    });
    this.#note(path, -errno);
    libc.closeDescriptor(folder);
  }

  #text(
    folder: number,
    begins: string,
    path: () => string,
  ): string | undefined {
    const length = libc.readLinkAt(folder, this.#name, this.#link);
    if (length < 0) this.#note(path(), length);
    if (length < begins.length) return undefined;
    for (let i = 0; i < begins.length; i++) {
      if (this.#link[i] !== begins.charCodeAt(i)) return undefined;
    }
    return byteString(this.#link, 0, length);
  }

  /** Notes a failure, unless somebody else's is denied; what has ended is none. */
  #note(path: string, result: number): void {
    if (result >= 0 || result === -libc.EACCES) return;
    this.#tree.failures.add(Failure.ofErrno(path, -result));
  }

  /** Ends the reading. */
  close(): void {
    libc.closeDescriptor(this.#proc);
  }
}

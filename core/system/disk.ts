/**
 * Where files are: of the running system, or of what somebody saved.
 *
 * @module
 */

import { OddFile } from "./failures.ts";
import { namesInFolder } from "./libc.ts";

/** An open file. */
export type OpenFile = Pick<Deno.FsFile, "readSync" | "close">;

/** What is looked at of a file. */
export type Stat = Pick<
  Deno.FileInfo,
  "isFile" | "isDirectory" | "size" | "ino" | "dev" | "blocks" | "blksize"
>;

/** Files and folders, by absolute paths. Errors are those of Deno and Node. */
export interface Disk {
  /** What a path leads to. */
  stat(path: string): Stat;
  /** Opens a file; see {@linkcode OddFile}. */
  open(path: string): OpenFile;
  /** The names in a folder, or the errno. */
  list(path: string): string[] | number;
  /** The target of a symbolic link. */
  link(path: string): string;
}

/** The machine that runs, which is believed. */
export const LIVE: Disk = {
  stat: (path) => Deno.statSync(path),
  open: (path) => Deno.openSync(path),
  list: namesInFolder,
  link: (path) => Deno.readLinkSync(path),
};

/** Folders in which somebody saved a tree. */
export const SAVED: Disk = { ...LIVE, open: openSaved };

/**
 * Opens a file of a saved tree, which may be changed at any time: nothing is waited for,
 * and to open a device may already do something.
 */
function openSaved(path: string): OpenFile {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (!isFile && !isDirectory) throw new OddFile();
  // to import the module takes time at each start
  // deno-lint-ignore no-process-global
  const fs = process.getBuiltinModule("node:fs");
  const { O_RDONLY, O_NONBLOCK } = fs.constants;
  const descriptor = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  const close = () => fs.closeSync(descriptor);
  const stat = fs.fstatSync(descriptor);
  if (!stat.isFile() && !stat.isDirectory()) {
    close();
    throw new OddFile();
  }
  return { readSync: (bytes) => fs.readSync(descriptor, bytes) || null, close };
}

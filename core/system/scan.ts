/**
 * Reads kernel tables as a stream of lines, and small files whole. Here, and in
 * few other places, files are opened; what a line means is left to the families.
 *
 * @module
 */

import { type Disk, LIVE, type OpenFile, SAVED } from "./disk.ts";
import { Failure, Failures, type Lack, OddFile } from "./failures.ts";
import type { Source } from "../contract/family.ts";
import { byteString, Line, toUtf8 } from "../contract/line.ts";
import type { LineFeed } from "../contract/relation.ts";

/** Read this much before parsing: procfs hands out about 4 KiB a read. */
const CHUNK = 256 * 1024;

/** Small files are read with a buffer of this size first. */
const SMALL = 4096;

const NEWLINE = 10;
const NEWLINES = 0x0a0a_0a0a;
const ONES = 0x0101_0101;
const HIGH_BITS = 0x8080_8080;

/**
 * The least bytes that the kernel makes records into before it hands them out (`seq_read`,
 * whose buffer is a page).
 */
const PAGE = 4096;

/** The size of procfs' blocks (`proc_fill_super`); hardly another system has it. */
const PROC_BLOCK = 1024;

/** Where the network's tables are. */
const NET = "/proc/net";

/** How a file starts. */
export interface Start {
  /** Its first bytes. */
  readonly bytes: Uint8Array;
  /** How many it has in all. */
  readonly length: number;
}

/**
 * A network namespace, which has files and sockets of its own. Others than that of the
 * program itself are found by `netns.ts`.
 */
export interface Scope {
  /** Its number, by which the kernel tells it from others; null if it is not known. */
  readonly inode: number | null;
  /** What it is called, as a byte string; null if it has no name. */
  readonly name: string | null;
  /** Whether it has ended, so that there is nothing more to be read of it. */
  readonly gone: boolean;
  /** Whether it has a file of its own at a path of the kernel's. */
  has(path: string): boolean;
  /**
   * Calls `use` with where a path of its own is, and returns what that returns. The place
   * is valid only during the call. What `use` made in a place that turned out to be
   * another namespace's is undone.
   */
  reach<Result>(
    path: string,
    use: (at: string) => Result,
    undo?: (result: Result) => void,
  ): Result;
  /** Makes a socket, or asks for something, within the namespace; or says why not. */
  inside<Result>(make: () => Result): Result | Failure;
}

/** Opens a file that is this user's, and neither a link nor anything that has no end. */
function openTheirs(path: string, user: number): OpenFile {
  // deno-lint-ignore no-process-global
  const fs = process.getBuiltinModule("node:fs");
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  const descriptor = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  const close = () => fs.closeSync(descriptor);
  const stat = fs.fstatSync(descriptor);
  if (!stat.isFile() || stat.uid !== user) {
    close();
    throw new OddFile();
  }
  return { readSync: (bytes) => fs.readSync(descriptor, bytes) || null, close };
}

/** The file of a save that tells of it; a tree that was saved otherwise has none. */
export const ABOUT_SAVE: string = "/netstat.json";

/** Turns `/proc`, `/sys` and `/etc` paths into paths under `--root`. */
export class Tree {
  /** `root` without a trailing slash; empty for the live system. */
  readonly root: string;
  /** What could not be read. */
  readonly failures: Failures = new Failures();
  /** The network namespace that is looked at; the tree's own, unless given. */
  scope: Scope | undefined;
  readonly #disk: Disk;
  #net: string | undefined;
  /** Files that were looked at for all network namespaces, and whether the kernel's. */
  readonly #kernels = new Map<string, boolean>();

  /**
   * The tree below `root`; the live system's without one. It is in folders unless
   * something else is given, where nothing runs.
   */
  constructor(root = "", archive?: Disk) {
    this.root = root.replace(/\/+$/, "") || (root === "" ? "" : "/.");
    this.#disk = archive ?? (root === "" ? LIVE : SAVED);
    if (archive !== undefined) this.#net = this.root + NET;
  }

  /** Whether this is the running system, whose kernel and libc may be asked. */
  get live(): boolean {
    return this.root === "";
  }

  /** Calls `use` with where a path of the kernel's is. */
  #reach<Result>(
    path: string,
    use: (at: string) => Result,
    undo?: (result: Result) => void,
  ): Result {
    const { scope } = this;
    return scope?.has(path)
      ? scope.reach(path, use, undo)
      : use(this.#at(path));
  }

  /**
   * Makes a socket, or asks for something, in the network namespace that is looked at;
   * `make` must neither wait nor begin anything that goes on behind it.
   */
  inside<Result>(make: () => Result): Result | Failure {
    return this.scope === undefined ? make() : this.scope.inside(make);
  }

  #at(path: string): string {
    if (this.live || !path.startsWith(NET)) return this.root + path;
    return (this.#net ??= this.#findNet()) + path.slice(NET.length);
  }

  /** Whether it has the `/proc` of a running system that is no copy. */
  get isRunning(): boolean {
    return this.live || (this.#net ??= this.#findNet()) !== this.root + NET;
  }

  /**
   * In another system's `/proc` that is no copy, such as a host's that a container
   * sees, `net` leads to whoever looks; that of the first process is the system's.
   */
  #findNet(): string {
    const proc = `${this.root}/proc`;
    try {
      const first = `${proc}/1/net`;
      if (
        Deno.readLinkSync(`${proc}/net`) === "self/net" &&
        Deno.statSync(proc).dev !== Deno.statSync("/proc").dev &&
        Deno.statSync(first).isDirectory
      ) return first;
    } catch (error) {
      // a copy, or there is nothing
      this.#note(proc, error, ["EACCES", "EINVAL"]);
    }
    return this.root + NET;
  }

  /**
   * Opens a table for reading line by line. If it is the kernel's, none of its records is
   * longer than `record`, if given; see `Source.record`.
   */
  open(path: string, lineLimit: number, record?: number): Lines | Failure {
    try {
      const lines = new Lines(path, this.#open(path), lineLimit);
      lines.failures = this.failures;
      if (record !== undefined && this.live) {
        lines.isLast = (got) => got < PAGE - record && this.isProcfs(path);
      }
      return lines;
    } catch (error) {
      const failed = this.#failed(path, error);
      const ended = this.scope?.gone === true && failed.gone;
      // no reason to give up the other tables; one that has ended has no rows
      if (ended) return new Lines(path, new Uint8Array(0), lineLimit);
      if (!(error instanceof OddFile)) return failed;
      const nothing = new Lines(path, new Uint8Array(0), lineLimit);
      nothing.failure = failed;
      return nothing;
    }
  }

  /**
   * Opens a table, or the file that older kernels have in its place. If neither can
   * be opened and the table is there, the failure is the table's.
   */
  openEither(
    { path, formerly, record }: Pick<Source, "path" | "formerly" | "record">,
    lineLimit: number,
  ): Lines | Failure {
    const lines = this.open(path, lineLimit, record);
    if (!(lines instanceof Failure) || formerly === undefined) return lines;
    if (this.#isFolder(formerly)) {
      // the folder that the file should be in, which net-tools takes for an empty file
      return lines.gone
        ? new Lines(formerly, new Uint8Array(0), lineLimit)
        : lines;
    }
    const older = this.open(formerly, lineLimit);
    if (older instanceof Failure) {
      if (!lines.gone && lines.code !== older.code) return lines;
      // net-tools tells of the one that it tried last
      this.failures.forget(lines);
      return older;
    }
    this.failures.forget(lines);
    return older;
  }

  #isFolder(path: string): boolean {
    try {
      return this.#reach(path, this.#disk.stat).isDirectory;
    } catch {
      return false;
    }
  }

  /** The first `most` bytes of a small file. */
  read(path: string, most = 1 << 20): Uint8Array | Failure {
    const start = this.readStart(path, most, most);
    return start instanceof Failure ? start : start.bytes;
  }

  /**
   * {@linkcode Tree.read} where a user may have put anything: nothing is read but a file
   * of his own, and no link; in a saved tree, files are whoever's that copied them.
   */
  readOf(user: number, path: string, most: number): Uint8Array | Failure {
    if (!this.live) return this.read(path, most);
    const start = this.#readStart(
      path,
      most,
      most,
      () => openTheirs(path, user),
    );
    return start instanceof Failure ? start : start.bytes;
  }

  /** The first `most` bytes of a file, and its length, up to `end`. */
  readStart(path: string, most: number, end: number): Start | Failure {
    return this.#readStart(path, most, end, () => this.#open(path));
  }

  #readStart(
    path: string,
    most: number,
    end: number,
    open: () => OpenFile,
  ): Start | Failure {
    let file: OpenFile | undefined;
    try {
      file = open();
      let bytes = new Uint8Array(Math.min(most, SMALL));
      let length = 0;
      let got: number | null = 0;
      while (length < most && got !== null) {
        got = file.readSync(bytes.subarray(length));
        length += got ?? 0;
        if (length < bytes.length || length === most) continue;
        const larger = new Uint8Array(Math.min(most, 4 * length));
        larger.set(bytes);
        bytes = larger;
      }
      bytes = bytes.slice(0, length);
      if (length < end && got !== null) {
        const rest = new Uint8Array(CHUNK);
        while (length < end && (got = file.readSync(rest)) !== null) {
          length += got;
        }
      }
      return { bytes, length: Math.min(length, end) };
    } catch (error) {
      return this.#failed(path, error);
    } finally {
      file?.close();
    }
  }

  /** Opens a file of any bytes. Returns why there is none, which is not yet told. */
  openBytes(path: string): OpenFile | Failure {
    try {
      return this.#open(path);
    } catch (error) {
      return Failure.of(path, error);
    }
  }

  #open(path: string): OpenFile {
    return this.#reach(path, this.#disk.open, (file) => file.close());
  }

  /** The names in a folder. */
  list(path: string): string[] | Failure {
    // Deno passes over what it cannot read in the middle of a folder
    const names = this.#reach(path, this.#disk.list);
    return typeof names === "number"
      ? this.failures.add(Failure.ofErrno(path, names))
      : names;
  }

  /** The target of a symbolic link, or undefined if it cannot be read. */
  link(path: string): string | undefined {
    try {
      return this.#reach(path, this.#disk.link);
    } catch (error) {
      // closed meanwhile, or the process has ended; in a saved tree it may be no link
      this.#note(path, error, ["EACCES", "EINVAL"]);
      return undefined;
    }
  }

  /** Why nothing can be read below the root, if so. */
  failure(): Failure | undefined {
    try {
      if (this.live || this.#disk.stat(this.root).isDirectory) return undefined;
      return new Failure(this.root, "ENOTDIR", "Not a directory");
    } catch (error) {
      return Failure.of(this.root, error);
    }
  }

  /**
   * What else is said of a file that a saved tree lacks, as a byte string: nobody's
   * kernel is to blame then. Names the first folder of its path that is missing.
   */
  lack({ path, code, reason }: Lack): string | undefined {
    if (this.live) return undefined;
    const root = toUtf8(`netstat: --root ${this.root}`);
    if (code !== "ENOENT") return `${root}: ${path}: ${reason}`;
    const parts = path.split("/");
    const missing = parts.map((_, i) => parts.slice(0, i + 1).join("/"))
      .find((part) => part !== "" && !this.exists(part));
    return `${root} has no ${missing ?? path}`;
  }

  /**
   * Whether the kernel makes the file while it is read: it has no size then, unlike
   * a copy that somebody mounted in its place.
   */
  isKernels(path: string): boolean {
    if (this.live && this.scope?.has(path)) return this.#isOwnKernels(path);
    try {
      return this.#reach(path, this.#disk.stat).size === 0;
    } catch (error) {
      this.#note(path, error, ["EACCES"]);
      return false;
    }
  }

  /**
   * Whether a file is procfs' own, so that netlink tells what it has. An empty file that
   * somebody mounted in its place has no size, either, but other blocks.
   */
  isProcfs(path: string): boolean {
    if (this.live && this.scope?.has(path)) return this.#isOwnKernels(path);
    try {
      const { size, blksize } = this.#reach(path, this.#disk.stat);
      return size === 0 && blksize === PROC_BLOCK;
    } catch (error) {
      // of a path that leads nowhere, whoever opens it tells
      this.#note(path, error, ["EACCES", "ELOOP"]);
      return false;
    }
  }

  /** What stands for other network namespaces is the program's own, looked at once. */
  #isOwnKernels(path: string): boolean {
    let isKernels = this.#kernels.get(path);
    if (isKernels === undefined) {
      const { scope } = this;
      this.scope = undefined;
      isKernels = this.isKernels(path);
      this.scope = scope;
      this.#kernels.set(path, isKernels);
    }
    return isKernels;
  }

  /**
   * How many entries the kernel says that a folder of its own has, such as `fd` since
   * 6.2; 0 if it does not tell.
   */
  kernelsCount(path: string): number {
    try {
      const { size, blocks, blksize } = this.#reach(path, this.#disk.stat);
      return blocks === 0 && blksize === PROC_BLOCK ? size : 0;
    } catch {
      return 0; // the process has ended
    }
  }

  /** The inode of a file or a folder; undefined if it cannot be looked at. */
  inode(path: string): number | undefined {
    try {
      return this.#disk.stat(this.#at(path)).ino ?? undefined;
    } catch (error) {
      this.#note(path, error, ["EACCES"]);
      return undefined;
    }
  }

  /** Whether there is such a file. */
  exists(path: string): boolean {
    try {
      this.#reach(path, this.#disk.stat);
      return true;
    } catch (error) {
      this.#note(path, error, ["EACCES"]);
      return false;
    }
  }

  /** Whether there is no such file; one that cannot be looked at may be there. */
  isGone(path: string): boolean {
    try {
      this.#reach(path, this.#disk.stat);
      return false;
    } catch (error) {
      return Failure.of(path, error).gone;
    }
  }

  #failed(path: string, error: unknown): Failure {
    return this.failures.add(Failure.of(path, error));
  }

  /** Adds a failure, unless it is one that is to be expected. */
  #note(path: string, error: unknown, expected: readonly string[]): void {
    const failure = Failure.of(path, error);
    if (!expected.includes(failure.code)) this.failures.add(failure);
  }
}

/** The flags that one of this process's descriptors was opened with. */
export function openFlags(tree: Tree, descriptor: string): number | undefined {
  const info = tree.read(`/proc/self/fdinfo/${descriptor}`, 4096);
  if (info instanceof Failure) return undefined;
  const flags = /^flags:\s*([0-7]+)/m.exec(byteString(info));
  return flags === null ? undefined : parseInt(flags[1]!, 8);
}

/** Waits for more of what is read ahead. Resolves to whether there may be any. */
export type More = () => Promise<boolean>;

/** What can be read while what was read before is shown. */
export interface Ahead {
  /**
   * Has it read ahead from now on: `next` may be false although more comes. Returns what
   * waits for that.
   */
  readAhead?(): More;
}

/** Lines one after the other, wherever they come from. */
export interface LineSource extends LineFeed, Ahead {
  /** What they are called in messages: the file's path. */
  readonly path: string;
  /** The failure that ended the reading early, if one did. */
  readonly failure: Failure | undefined;
  /** Whether they are no lines of text but messages of netlink. */
  readonly messages?: boolean;
  /** Closes the file. */
  close(): void;
}

const NO_BYTES = new Uint8Array(0);

/**
 * The room that a file which was closed no longer needs. It is used again: memory outside
 * the engine's heap makes the engine look for garbage once there is much of it.
 */
let spare: Uint8Array<ArrayBuffer> | undefined;

/** The lines of an open file, or of bytes. */
export class Lines implements LineSource {
  /** The failure that ended the reading early, if one did. */
  failure: Failure | undefined;
  /** The number of the line that `next` came to, from 1. */
  number = 0;
  /** Gets the failure, too. */
  failures: Failures | undefined;
  /** Whether nothing is behind a read that got so many bytes; asked for each, if given. */
  isLast: ((got: number) => boolean) | undefined;
  /** Whether `next` belongs to the line before it; each is by itself unless given. */
  continues: ((line: Line, next: Line) => boolean) | undefined;
  #file: OpenFile | undefined;
  readonly #limit: number;
  #bytes: Uint8Array<ArrayBuffer>;
  /** The same memory in words, as far as whole ones go. */
  #words: Int32Array;
  /** Whether the memory is another file's once this one is closed. */
  #givesRoom = false;
  #at = 0;
  #end = 0;
  /** How many lines were joined to the one that `next` came to. */
  #joined = 0;

  /** Lines longer than `limit` bytes are cut into several. */
  constructor(
    readonly path: string,
    source: OpenFile | Uint8Array<ArrayBuffer>,
    limit: number,
  ) {
    this.#limit = limit;
    if (source instanceof Uint8Array) {
      this.#bytes = source;
      this.#end = source.length;
    } else {
      this.#file = source;
      this.#bytes = spare ?? new Uint8Array(2 * CHUNK);
      this.#givesRoom = true;
      spare = undefined;
    }
    this.#words = wordsOf(this.#bytes);
  }

  /** Points `line` at the next line; false at the end. */
  next(line: Line): boolean {
    let end = this.#newline(this.#limit);
    if (end === this.#end) {
      this.#fill();
      if (this.#at === this.#end) return false;
      end = this.#newline(this.#limit);
    }
    const start = this.#at;
    if (end - start >= this.#limit) {
      // as `fgets` does: the newline stays for the next line
      end = start + this.#limit;
      this.#at = end;
    } else {
      this.#at = end < this.#end ? end + 1 : end;
    }
    line.set(this.#bytes, start, end);
    this.number += 1 + this.#joined;
    if (this.continues !== undefined) this.#join(line, this.continues);
    return true;
  }

  /** Makes the line longer by those that belong to it. */
  #join(line: Line, continues: (line: Line, next: Line) => boolean): void {
    const bytes = this.#bytes;
    const next = new Line();
    this.#joined = 0;
    // behind a line that was cut, or the last one, there is no newline
    while (this.#at === line.end + 1) {
      if (this.#newline() === this.#end && this.#file !== undefined) {
        const { start, end } = line;
        this.#at = start;
        this.#fill();
        line.set(bytes, 0, end - start);
        this.#at = line.end + 1;
      }
      if (this.#at >= this.#end) break;
      const end = this.#newline();
      next.set(bytes, this.#at, end);
      if (!continues(line, next)) break;
      line.set(bytes, line.start, end);
      this.#joined++;
      this.#at = Math.min(end + 1, this.#end);
    }
    line.rewind();
  }

  /** Closes the file. Lines that were read must not be looked at any more. */
  close(): void {
    this.#endFile();
    if (!this.#givesRoom) return;
    this.#givesRoom = false;
    spare = this.#bytes;
    this.#bytes = NO_BYTES;
    this.#words = wordsOf(NO_BYTES);
    this.#at = this.#end = 0;
  }

  /** Nothing more is read of the file. */
  #endFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /**
   * Where the next newline is, or else the end of what was read, or of the `most`
   * bytes that are looked at. Looks at four bytes at a time: `indexOf` takes more than
   * twice as long for lines like these.
   */
  #newline(most = Infinity): number {
    const bytes = this.#bytes;
    const words = this.#words;
    let at = this.#at;
    const end = Math.min(this.#end, at + most);
    for (; (at & 3) !== 0; at++) {
      if (at >= end || bytes[at] === NEWLINE) return at;
    }
    let word = at >> 2;
    for (const last = end >> 2; word < last; word++) {
      // a byte of `zeros` is zero where a newline is; the rest finds such a byte
      const zeros = words[word]! ^ NEWLINES;
      if (((zeros - ONES) & ~zeros & HIGH_BITS) !== 0) break;
    }
    at = word << 2;
    while (at < end && bytes[at] !== NEWLINE) at++;
    return at;
  }

  /** Moves what is left to the front and reads until a chunk is there. */
  #fill(): void {
    const file = this.#file;
    if (file === undefined) return;
    const bytes = this.#bytes;
    bytes.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    try {
      while (this.#end < CHUNK) {
        const got = file.readSync(bytes.subarray(this.#end));
        if (got === null || got === 0) {
          this.#endFile();
          return;
        }
        this.#end += got;
        if (this.isLast?.(got)) {
          this.#endFile();
          return;
        }
      }
    } catch (error) {
      this.failure = Failure.of(this.path, error);
      this.failures?.add(this.failure);
      this.#endFile();
    }
  }
}

/** The whole words of a byte array that starts its buffer. */
function wordsOf(bytes: Uint8Array<ArrayBuffer>): Int32Array {
  return new Int32Array(bytes.buffer, 0, bytes.length >> 2);
}

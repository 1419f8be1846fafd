/**
 * A saved tree in one file: a tar, as it is or packed by gzip. What can be looked at of
 * it is read into memory, and nothing is ever written. Loaded only for `--root FILE`.
 *
 * Whoever made it is not believed: links and names lead nowhere but into it, and what
 * would take too much memory or time is refused.
 *
 * @module
 */

import type { Disk, OpenFile, Stat } from "./disk.ts";
import { Failure, OddFile } from "./failures.ts";
import { Tree } from "./scan.ts";
import { zlib } from "./zlib.ts";

/** How much is read of an archive. */
export interface Limits {
  /** Members. */
  readonly members: number;
  /** Bytes, unpacked. */
  readonly bytes: number;
  /** Bytes of those that are kept in memory. */
  readonly kept: number;
}

const LIMITS: Limits = {
  members: 1_000_000,
  bytes: 16 * 2 ** 30,
  kept: 2 ** 30,
};

/** Names of more parts are passed over. */
const PARTS_MOST = 64;

/** A path leads through so many links at most, as the kernel has it. */
const LINKS_MOST = 40;

/** So deep in the archive is the tree looked for. */
const TOP_MOST = 4;

/** Folders of files that are ever looked at, and files that may be anywhere. */
const LOOKED_AT =
  /(^|\/)((proc|sys|etc|netlink|netns|usr\/share\/iproute2)\/|(netns|netstat|config|config\.v2|containers|volatile-containers)\.json\/$)/;

/** What a tar is packed by, by its first bytes, and what unpacks it. */
const PACKERS = [
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], unpack: "xz -d" },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: "zstd -d" },
  { magic: [0x42, 0x5a, 0x68], unpack: "bzip2 -d" },
] as const;
const GZIP = [0x1f, 0x8b];

/** Where a tar says that it is one. */
const USTAR_AT = 257;
const USTAR = [0x75, 0x73, 0x74, 0x61, 0x72];

const BLOCK = 512;
const CHUNK = 1 << 16;

/** Something in the archive. */
type Node =
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "odd" }
  | Folder;

interface Folder {
  readonly kind: "folder";
  readonly nodes: Map<string, Node>;
}

/** The archive asks for too much; the message says of what. */
class TooMuch extends Error {}

/** The tree in an archive, or why it cannot be read. What is lost of it is told. */
export async function treeIn(
  path: string,
  limits = LIMITS,
): Promise<Tree | Failure> {
  const odd = (reason: string) => new Failure(path, "EINVAL", reason);
  let start: Uint8Array;
  try {
    if (!(await Deno.stat(path)).isFile) {
      return odd("Neither a folder nor an archive");
    }
    start = await startOf(path);
  } catch (error) {
    return Failure.of(path, error);
  }
  const packer = PACKERS.find(({ magic }) => begins(start, magic));
  if (packer !== undefined) {
    return odd(`Only gzip can be unpacked here: use ${packer.unpack} first`);
  }
  const packed = begins(start, GZIP);
  if (!packed && !begins(start.subarray(USTAR_AT), USTAR)) {
    return odd("Neither a folder nor a tar archive");
  }
  const archive = new Archive(path, limits);
  let lost: string | undefined;
  try {
    await archive.read(packed);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof TooMuch) return odd(error.message);
    lost = error.message;
  }
  if (archive.isEmpty) return odd(lost ?? "Nothing in it is looked at");
  const tree = new Tree(path, archive);
  if (lost !== undefined) {
    tree.failures.add(
      odd(`The archive is damaged, and read up to there: ${lost}`),
    );
  }
  if (archive.left > 0) {
    tree.failures.add(
      odd(`Members left out, since their names cannot be: ${archive.left}`),
    );
  }
  return tree;
}

/** The first block of a file. */
async function startOf(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(BLOCK);
  let length = 0;
  while (length < BLOCK) {
    const got = await file.read(bytes.subarray(length));
    if (got === null) break;
    length += got;
  }
  return bytes.subarray(0, length);
}

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** An error as the system has it. */
function missing(): Error {
  return new Deno.errors.NotFound("No such file or directory (os error 2)");
}

/** What an archive contains, below the path of its file. */
class Archive implements Disk {
  /** How many members were left out for their names. */
  left = 0;
  readonly #path: string;
  readonly #limits: Limits;
  readonly #all: Folder = { kind: "folder", nodes: new Map() };
  #top = this.#all;
  #kept = 0;

  constructor(path: string, limits: Limits) {
    this.#path = path;
    this.#limits = limits;
  }

  /** Whether there is nothing in it. */
  get isEmpty(): boolean {
    return this.#all.nodes.size === 0;
  }

  /**
   * Reads all of it. Throws {@linkcode TooMuch}, or what is wrong with it; what was read
   * before stays.
   */
  async read(packed: boolean): Promise<void> {
    const { createTarDecoder } = await import("modern-tar");
    const most = this.#limits;
    const file = bytesIn(this.#path);
    const bytes = packed ? unzipped(file) : file;
    const hard: { readonly parts: readonly string[]; readonly to: string }[] =
      [];
    let members = 0;
    try {
      const entries = ReadableStream.from(counted(bytes, most.bytes))
        .pipeThrough(createTarDecoder({ strict: true }));
      for await (const { header, body } of entries) {
        if (++members > most.members) {
          throw new TooMuch(`It has more than ${most.members} members`);
        }
        const { name, type, linkname = "", size } = header;
        const parts = partsOf(name);
        if (parts === undefined) this.left++;
        if (parts === undefined || !LOOKED_AT.test(`${name}/`)) {
          await body.cancel();
          continue;
        }
        if (type === "file" || type === undefined) {
          this.#put(parts, {
            kind: "file",
            bytes: await this.#bytesOf(body, size),
          });
          continue;
        }
        await body.cancel();
        if (type === "directory") this.#folder(parts);
        else if (type === "symlink") {
          this.#put(parts, { kind: "link", target: linkname });
        } else if (type === "link") hard.push({ parts, to: linkname });
        else this.#put(parts, { kind: "odd" });
      }
    } finally {
      for (const { parts, to } of hard) this.#putSame(parts, to);
      this.#top = topOf(this.#all);
    }
  }

  async #bytesOf(
    body: ReadableStream<Uint8Array>,
    size: number,
  ): Promise<Uint8Array> {
    const { kept } = this.#limits;
    if ((this.#kept += size) > kept) {
      throw new TooMuch(
        `It has more than ${kept} bytes that would be kept in memory`,
      );
    }
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of body) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** The folder of these names, which is made if it is not there. */
  #folder(parts: readonly string[]): Folder | undefined {
    let folder = this.#all;
    for (const part of parts) {
      let node = folder.nodes.get(part);
      if (node === undefined) {
        node = { kind: "folder", nodes: new Map() };
        folder.nodes.set(part, node);
      }
      if (node.kind !== "folder") {
        this.left++;
        return undefined;
      }
      folder = node;
    }
    return folder;
  }

  /** Puts something at a path; of two the last one stands, as where they are unpacked. */
  #put(parts: readonly string[], node: Node): void {
    const name = parts.at(-1);
    const folder = this.#folder(parts.slice(0, -1));
    if (name === undefined || folder === undefined) return;
    if (folder.nodes.get(name)?.kind === "folder") this.left++;
    else folder.nodes.set(name, node);
  }

  #putSame(parts: readonly string[], to: string): void {
    let node: Node | undefined = this.#all;
    for (const part of partsOf(to) ?? ["", ""]) {
      node = node?.kind === "folder" ? node.nodes.get(part) : undefined;
    }
    if (node?.kind === "file") this.#put(parts, node);
    else this.left++;
  }

  /** What a path leads to; the last name may be that of a link, unless it is followed. */
  #find(path: string, follow = true): Node {
    const names = path.slice(this.#path.length).split("/").reverse();
    const folders = [this.#top];
    let node: Node = this.#top;
    let links = 0;
    while (names.length > 0) {
      const name = names.pop()!;
      if (name === "" || name === ".") continue;
      if (node.kind !== "folder") {
        throw new Deno.errors.NotADirectory("Not a directory (os error 20)");
      }
      if (name === "..") {
        if (folders.length > 1) folders.pop();
        node = folders.at(-1)!;
        continue;
      }
      const next: Node | undefined = node.nodes.get(name);
      if (next === undefined) throw missing();
      if (next.kind === "link" && (follow || names.length > 0)) {
        if (++links > LINKS_MOST || names.length > LINKS_MOST * PARTS_MOST) {
          throw new Error("Too many levels of symbolic links (os error 40)");
        }
        if (next.target.startsWith("/")) folders.length = 1;
        node = folders.at(-1)!;
        names.push(...next.target.split("/").slice(0, PARTS_MOST).reverse());
        continue;
      }
      node = next;
      if (next.kind === "folder") folders.push(next);
    }
    return node;
  }

  stat = (path: string): Stat => {
    const node = this.#find(path);
    return {
      isFile: node.kind === "file",
      isDirectory: node.kind === "folder",
      size: node.kind === "file" ? node.bytes.length : 0,
      ino: null,
      dev: -1,
      blocks: null,
      blksize: null,
    };
  };

  open = (path: string): OpenFile => {
    const node = this.#find(path);
    if (node.kind === "folder") {
      return {
        readSync() {
          throw new Error("Is a directory (os error 21)");
        },
        close() {},
      };
    }
    if (node.kind !== "file") throw new OddFile();
    let rest = node.bytes;
    return {
      readSync(bytes) {
        const length = Math.min(bytes.length, rest.length);
        if (length === 0) return null;
        bytes.set(rest.subarray(0, length));
        rest = rest.subarray(length);
        return length;
      },
      close() {},
    };
  };

  list = (path: string): string[] | number => {
    try {
      const node = this.#find(path);
      return node.kind === "folder" ? [...node.nodes.keys()] : ENOTDIR;
    } catch (error) {
      const errno = /\(os error (\d+)\)/.exec(String(error));
      if (errno === null) throw error;
      return Number(errno[1]);
    }
  };

  link = (path: string): string => {
    const node = this.#find(path, false);
    if (node.kind === "link") return node.target;
    throw new Error("Invalid argument (os error 22)");
  };
}

const ENOTDIR = 20;

/** The bytes of a file. */
async function* bytesIn(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  for (;;) {
    const bytes = new Uint8Array(CHUNK);
    const length = await file.read(bytes);
    if (length === null) return;
    yield bytes.subarray(0, length);
  }
}

/**
 * What gzip packed. As gzip(1) does, it takes several files that stand one behind the
 * other, and zeros behind them. What stands in front of damage is handed on.
 */
async function* unzipped(
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const gunzip = zlib().createGunzip();
  const pieces: Uint8Array[] = [];
  gunzip.on("data", (piece) => pieces.push(piece));
  const ended = new Promise((resolve, reject) => {
    gunzip.on("end", resolve).on("error", reject);
  });
  ended.catch(() => {});
  try {
    for await (const bytes of packed) {
      const taken = new Promise((resolve) => gunzip.write(bytes, resolve));
      await Promise.race([taken, ended]);
      yield* pieces.splice(0);
    }
    gunzip.end();
    await ended;
  } catch (error) {
    yield* pieces.splice(0);
    throw error;
  }
  yield* pieces.splice(0);
}

/** Passes bytes on, up to a limit. */
async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > most) {
      throw new TooMuch(`It unpacks to more than ${most} bytes`);
    }
    yield chunk;
  }
}

/** The names in a path; undefined if it may lead out of the archive, or is no path. */
function partsOf(name: string): readonly string[] | undefined {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  const isOdd = parts.length > PARTS_MOST || parts.includes("..") ||
    name.includes("\0");
  return isOdd ? undefined : parts;
}

/** The folder that has `proc`, however deep it was packed; else all. */
function topOf(all: Folder): Folder {
  let level = [all];
  for (let depth = 0; depth <= TOP_MOST; depth++) {
    const top = level.find(({ nodes }) => nodes.has("proc"));
    if (top !== undefined) return top;
    level = level.flatMap(({ nodes }) =>
      [...nodes.values()].filter((node) => node.kind === "folder")
    );
  }
  return all;
}

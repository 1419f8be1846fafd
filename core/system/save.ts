/**
 * What a save is made of: a tar, in which files of the running system stand where `--root`
 * looks for them, and beside them what the kernel answers over netlink. Loaded only for
 * `--save`.
 *
 * A tar has the size of each member in front of it, and files of the kernel have none. So
 * each is read to its end first, and forgotten once it is written.
 *
 * @module
 */

import type { Asking } from "../contract/diag.ts";
import type { OpenFile } from "./disk.ts";
import { Failure } from "./failures.ts";
import { answerBuffer, type Channel } from "./netlink.ts";
import { geteuid, timeOfDay } from "./libc.ts";
import { answerPath, EVERYTHING } from "./saved_diag.ts";
import type { Tree } from "./scan.ts";
import { clearSecrets } from "./secrets.ts";
import { diagRequest, expectedOf, isUnknown, openFor } from "./sock_diag.ts";

/** A member may be so large, 512 MiB: half of what `--root` keeps in memory. */
const MEMBER_MOST = 1 << 29;

/** Files are read, and the archive is written, in pieces of so many bytes. */
const PIECE = 1 << 16;

/** So often the runtime may look whether a signal came, in milliseconds. */
const TURN = 20;

/** Bytes, one piece behind the other. */
export type Pieces = readonly Uint8Array[];

/** Something that should be in a save and is not, and why. */
export interface Unread {
  /** The file, or what messages call what is no file. */
  readonly path: string;
  /** The reason. */
  readonly error: string;
}

/** A tar that is written while it is made. */
export class Packed {
  readonly #tar: Promise<
    ReturnType<typeof import("modern-tar").createTarPacker>
  >;
  readonly #written: Promise<void>;
  /** In whole seconds: each part of one would take each member two blocks more. */
  readonly #time = new Date(1000 * Math.floor(Date.now() / 1000));
  #turn = performance.now();

  /** Gives bytes to `write` as they come, packed by gzip if they are to be. */
  constructor(
    write: (bytes: Uint8Array<ArrayBuffer>) => void,
    { gzip }: { readonly gzip: boolean },
  ) {
    this.#tar = import("modern-tar").then((tar) => tar.createTarPacker());
    this.#written = this.#pump(write, gzip);
    // it is told by whoever adds the next member
    this.#written.catch(() => {});
  }

  async #pump(
    write: (bytes: Uint8Array<ArrayBuffer>) => void,
    gzip: boolean,
  ): Promise<void> {
    const { readable } = await this.#tar;
    const pieces = ReadableStream.from(gathered(readable));
    const packed = gzip
      ? pieces.pipeThrough(new CompressionStream("gzip"))
      : pieces;
    for await (const piece of packed) write(piece);
  }

  /** Adds a file. Throws what `write` threw. */
  async add(path: string, pieces: Pieces): Promise<void> {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    await this.#add({ name: path.slice(1), type: "file", size }, pieces);
  }

  /** Adds a symbolic link. */
  async link(path: string, target: string): Promise<void> {
    const name = path.slice(1);
    await this.#add({ name, type: "symlink", size: 0, linkname: target }, []);
  }

  async #add(
    header: {
      readonly name: string;
      readonly type: "file" | "symlink";
      readonly size: number;
      readonly linkname?: string;
    },
    pieces: Pieces,
  ): Promise<void> {
    const { controller } = await this.#tar;
    try {
      const mode = header.type === "file" ? 0o644 : 0o777;
      const member = controller.add({ ...header, mode, mtime: this.#time });
      if (pieces.length === 0) await member.close();
      else await writeAll(member, pieces);
    } catch (error) {
      await this.#written;
      throw error;
    }
    if (performance.now() - this.#turn < TURN) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#turn = performance.now();
  }

  /** Ends it, and waits until all is written. */
  async end(): Promise<void> {
    const { controller } = await this.#tar;
    try {
      controller.finalize();
    } catch (error) {
      await this.#written;
      throw error;
    }
    await this.#written;
  }
}

/** Writes pieces, each when there is room for it. */
async function writeAll(
  member: WritableStream<Uint8Array>,
  pieces: Pieces,
): Promise<void> {
  const writer = member.getWriter();
  for (const piece of pieces) await writer.write(piece);
  await writer.close();
}

/** The same bytes in pieces that are worth a write. */
async function* gathered(
  bytes: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(PIECE);
  let length = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE - length);
      piece.set(part, length);
      at += part.length;
      length += part.length;
      if (length < PIECE) continue;
      yield piece;
      piece = new Uint8Array(PIECE);
      length = 0;
    }
  }
  yield piece.subarray(0, length);
}

/** Puts files of the running system into a tar, and notes what cannot be read. */
export class Saving {
  /** What could not be read. */
  readonly unread: Unread[] = [];
  /** Whether some of it is no matter of rights. */
  lost = false;
  /** Where files of the network namespace that is looked at stand; the top, if empty. */
  folder = "";
  readonly #tree: Tree;
  readonly #tar: Packed;

  /** Reads a tree's files, in whichever network namespace it looks at. */
  constructor(tree: Tree, tar: Packed) {
    this.#tree = tree;
    this.#tar = tar;
  }

  /**
   * Saves a file where it is, or those of its bytes that `change` leaves, and returns them;
   * undefined if there is no such file, or it cannot be read.
   */
  async file(
    path: string,
    change?: (pieces: Pieces) => Pieces,
  ): Promise<Pieces | undefined> {
    const read = this.#read(path);
    if (read === undefined) return undefined;
    const pieces = change?.(read) ?? read;
    await this.#tar.add(this.folder + path, pieces);
    return pieces;
  }

  #read(path: string): Pieces | undefined {
    const file = this.#tree.openBytes(path);
    if (file instanceof Failure) {
      this.note(file);
      return undefined;
    }
    try {
      const read = piecesOf(file);
      if (read === undefined) this.note(tooLarge(path));
      return read;
    } catch (error) {
      this.note(Failure.of(path, error));
      return undefined;
    } finally {
      file.close();
    }
  }

  /** Saves a text of our own. */
  async text(path: string, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    await this.#tar.add(this.folder + path, [bytes]);
  }

  /** Saves a symbolic link. */
  async link(path: string, target: string): Promise<void> {
    await this.#tar.link(this.folder + path, target);
  }

  /** Saves what the kernel answers, and returns it; nothing if it knows no such sockets. */
  async answer(asking: Asking): Promise<Pieces | undefined> {
    const pieces = this.ask(asking);
    if (pieces !== undefined) {
      await this.#tar.add(this.folder + answerPath(asking), pieces);
    }
    return pieces;
  }

  /** Asks the kernel for all that it tells, without its secrets. */
  ask(asking: Asking): Pieces | undefined {
    for (let attempt = 1;; attempt++) {
      const { pieces, interrupted, failure } = answerTo(asking, this.#tree);
      // what changed while it was listed is not whole
      if (interrupted && attempt < ATTEMPTS) continue;
      if (failure === undefined) return pieces;
      if (!isUnknown(failure)) this.note(failure);
      return undefined;
    }
  }

  /** Notes why something is not in the save, unless it is nowhere. */
  note({ path, code, reason, gone }: Failure): void {
    // a process can end while it is read
    if (gone || code === "ESRCH") return;
    this.unread.push({ path: this.folder + path, error: reason });
    this.lost ||= code !== "EACCES" && code !== "EPERM";
  }
}

/** Reads what was read once more. */
export function reopened(pieces: Pieces): OpenFile {
  let next = 0;
  let rest: Uint8Array = new Uint8Array(0);
  return {
    readSync(bytes) {
      if (rest.length === 0) {
        if (next === pieces.length) return null;
        rest = pieces[next++]!;
      }
      const length = Math.min(rest.length, bytes.length);
      bytes.set(rest.subarray(0, length));
      rest = rest.subarray(length);
      return length;
    },
    close() {},
  };
}

/** So often the kernel is asked until nothing changes meanwhile. */
const ATTEMPTS = 3;

function tooLarge(path: string): Failure {
  return new Failure(path, "EFBIG", `It has more than ${MEMBER_MOST} bytes`);
}

/** All of a file; undefined if that is too much. */
function piecesOf(file: OpenFile): Pieces | undefined {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const piece = new Uint8Array(PIECE);
    let length = 0;
    let got: number | null = 0;
    while (length < PIECE && got !== null) {
      got = file.readSync(piece.subarray(length));
      length += got ?? 0;
    }
    // a small file does not need all of it
    if (length > 0) pieces.push(got === null ? piece.slice(0, length) : piece);
    size += length;
    if (got === null) return pieces;
    if (size > MEMBER_MOST) return undefined;
  }
}

/** What the kernel told. */
interface Told {
  readonly pieces: Pieces;
  /** Whether what it lists changed meanwhile. */
  readonly interrupted: boolean;
  readonly failure: Failure | undefined;
}

function answerTo(asking: Asking, tree: Tree): Told {
  const path = answerPath(asking);
  const channel = openFor(asking, tree);
  if (channel instanceof Failure) {
    const failure = new Failure(path, channel.code, channel.reason);
    return { pieces: [], interrupted: false, failure };
  }
  try {
    return receive(asking, channel, path);
  } finally {
    channel.close();
  }
}

/** `linux/netlink.h` */
const NLM_F_DUMP_INTR = 0x10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** `struct nlmsghdr` */
const HEADER = 16;

function receive(asking: Asking, channel: Channel, path: string): Told {
  const pieces: Uint8Array[] = [];
  const buffer = answerBuffer();
  let interrupted = false;
  let size = 0;
  const failed = (failure: Failure): Told => ({ pieces, interrupted, failure });
  const sent = channel.send(diagRequest(asking, EVERYTHING));
  if (sent < 0) return failed(Failure.ofErrno(path, -sent));
  for (;;) {
    const got = channel.receive(buffer);
    if (got < 0) return failed(Failure.ofErrno(path, -got));
    if (got < HEADER || got > buffer.length) {
      const { subject } = expectedOf(asking);
      return failed(new Failure(path, "", `An answer of ${subject} is cut`));
    }
    // the messages of all pieces stand at multiples of four bytes
    const piece = buffer.slice(0, got + 3 & ~3);
    clearSecrets(asking, piece.subarray(0, got));
    pieces.push(piece);
    if ((size += piece.length) > MEMBER_MOST) return failed(tooLarge(path));
    const words = new DataView(piece.buffer);
    for (let at = 0; at + HEADER <= got;) {
      const length = words.getUint32(at, true);
      const type = words.getUint16(at + 4, true);
      interrupted ||= (words.getUint16(at + 6, true) & NLM_F_DUMP_INTR) !== 0;
      if (type === NLMSG_ERROR || type === NLMSG_DONE) {
        const errno = length < HEADER + 4 || at + HEADER + 4 > got
          ? 0
          : -words.getInt32(at + HEADER, true);
        const failure = errno > 0 ? Failure.ofErrno(path, errno) : undefined;
        return { pieces, interrupted, failure };
      }
      if (length < HEADER) break;
      at += length + 3 & ~3;
    }
  }
}

/** What is said of a save as a whole. */
export interface Machine {
  /** When it was begun: RFC 3339, in UTC, with nanoseconds. */
  readonly time: string;
  /** The name of this machine. */
  readonly hostname: string;
  /** Its kernel's release. */
  readonly kernel: string;
  /** The user that reads. */
  readonly euid: number;
  /** The words that the program was called by. */
  readonly command: readonly string[];
}

/** What is to be said of a save that begins now. */
export function thisMachine(): Machine {
  const time = timeOfDay();
  const second = 1_000_000_000n;
  const date = new Date(Number(time / second) * 1000).toISOString();
  const rest = `${time % second}`.padStart(9, "0");
  return {
    time: date.replace(/\.\d+Z$/, `.${rest}Z`),
    hostname: Deno.hostname(),
    kernel: Deno.osRelease(),
    euid: geteuid(),
    command: ["netstat", ...Deno.args],
  };
}

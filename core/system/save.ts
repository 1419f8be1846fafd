/**
 * What a save is made of: a tar, in which files of the running system stand where `--root`
 * looks for them, and beside them what the kernel answers over netlink. Loaded only for
 * `--save`.
 *
 * A tar has the size of each member in front of it, and files of the kernel have none. So
 * each is read to its end first, and forgotten once it is written. What is long is kept
 * packed meanwhile.
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
import { zlib } from "./zlib.ts";

/** A member may be so large, 512 MiB: half of what `--root` keeps in memory. */
const MEMBER_MOST = 1 << 29;

/** Files are read, and the archive is written, in pieces of so many bytes. */
const PIECE = 1 << 16;

/** So often the runtime may look whether a signal came, in milliseconds. */
const TURN = 20;

/** So many bytes of a member are kept as they are. */
const UNPACKED_MOST = 1 << 22;

/** The others are packed, so many at once. */
const BLOCK = 1 << 20;

/** It is done fast: they are unpacked soon. */
const LEVEL = 1;

/** Bytes, one piece behind the other, of which the tables of many sockets have many. */
export class Pieces implements Iterable<Uint8Array> {
  /** How many bytes there are. */
  size = 0;
  readonly #plain: Uint8Array[] = [];
  readonly #packed: Uint8Array[] = [];
  /** What will be packed, in a buffer that is used again. */
  #block = new Uint8Array(0);
  #length = 0;

  /** These pieces, to which others can be added. */
  constructor(pieces: Iterable<Uint8Array> = []) {
    for (const piece of pieces) this.add(piece);
  }

  /** Adds a piece, of which a copy is kept; none is ever divided. */
  add(piece: Uint8Array): void {
    this.size += piece.length;
    if (this.size <= UNPACKED_MOST) {
      this.#plain.push(piece.slice());
      return;
    }
    if (this.#length + piece.length > this.#block.length) {
      if (this.#length > 0) this.#pack();
      if (piece.length > this.#block.length) {
        this.#block = new Uint8Array(Math.max(BLOCK, piece.length));
      }
    }
    this.#block.set(piece, this.#length);
    this.#length += piece.length;
  }

  #pack(): void {
    const block = this.#block.subarray(0, this.#length);
    this.#packed.push(zlib().deflateRawSync(block, { level: LEVEL }));
    this.#length = 0;
  }

  /**
   * All of them, each until the next one is asked for; pieces that stood behind one
   * another may be one.
   */
  *[Symbol.iterator](): Generator<Uint8Array> {
    yield* this.#plain;
    for (const packed of this.#packed) {
      const block = zlib().inflateRawSync(packed, { chunkSize: BLOCK });
      yield block;
      giveBack(block);
    }
    if (this.#length > 0) yield this.#block.subarray(0, this.#length);
  }

  /** All of them as one. */
  whole(): Uint8Array {
    const whole = new Uint8Array(this.size);
    let end = 0;
    for (const piece of this) {
      whole.set(piece, end);
      end += piece.length;
    }
    return whole;
  }
}

/** Gives memory back at once, which would else be there until it is collected. */
function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && isLarge(bytes)) buffer.transfer(0);
}

/** Whether bytes are so many that they share their memory with no others. */
function isLarge({ buffer }: Uint8Array): boolean {
  return buffer.byteLength >= PIECE;
}

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
  /** What is waited for: the memory of some bytes, and how many of them are needed yet. */
  #wanted:
    | { readonly buffer: ArrayBufferLike; left: number; done(): void }
    | undefined;

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
    const pieces = gathered(readable, (chunk) => this.#take(chunk));
    try {
      if (gzip) await zip(pieces, write);
      else for await (const piece of pieces) write(piece);
    } finally {
      this.#wanted?.done();
    }
  }

  /** Waits until bytes that a member is given are not needed any more. */
  #taken({ buffer, length }: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wanted = { buffer, left: length, done: resolve };
    return promise;
  }

  /** Some bytes of a member are not needed any more. */
  #take({ buffer, length }: Uint8Array): void {
    const wanted = this.#wanted;
    if (wanted?.buffer !== buffer) return;
    wanted.left -= length;
    if (wanted.left <= 0) wanted.done();
  }

  /** Adds a file. Throws what `write` threw. */
  async add(path: string, pieces: Pieces): Promise<void> {
    const { size } = pieces;
    await this.#add({ name: path.slice(1), type: "file", size }, pieces);
  }

  /** Adds a symbolic link. */
  async link(path: string, target: string): Promise<void> {
    const name = path.slice(1);
    const link = { name, type: "symlink", size: 0, linkname: target } as const;
    await this.#add(link, []);
  }

  async #add(
    header: {
      readonly name: string;
      readonly type: "file" | "symlink";
      readonly size: number;
      readonly linkname?: string;
    },
    pieces: Iterable<Uint8Array>,
  ): Promise<void> {
    const { controller } = await this.#tar;
    try {
      const mode = header.type === "file" ? 0o644 : 0o777;
      const member = controller.add({ ...header, mode, mtime: this.#time });
      if (header.size === 0) await member.close();
      else await this.#writeAll(member, pieces);
    } catch (error) {
      await this.#written;
      throw error;
    }
    if (performance.now() - this.#turn < TURN) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#turn = performance.now();
  }

  /** Writes pieces, each when there is room for it. */
  async #writeAll(
    member: WritableStream<Uint8Array>,
    pieces: Iterable<Uint8Array>,
  ): Promise<void> {
    const writer = member.getWriter();
    for (const piece of pieces) {
      // its memory may be given back behind it
      const taken = isLarge(piece) ? this.#taken(piece) : undefined;
      await writer.write(piece);
      await taken;
    }
    await writer.close();
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

/** Gives bytes to `write`, packed by gzip. */
async function zip(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  write: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  const gzip = zlib().createGzip();
  gzip.on("data", (bytes) => {
    try {
      write(bytes);
    } catch (error) {
      gzip.destroy(error as Error);
    }
  });
  const ended = new Promise((resolve, reject) => {
    gzip.on("end", resolve).on("error", reject);
  });
  ended.catch(() => {});
  for await (const piece of pieces) {
    const packed = new Promise((resolve) => gzip.write(piece, resolve));
    await Promise.race([packed, ended]);
  }
  gzip.end();
  await ended;
}

/**
 * The same bytes in pieces that are worth a write, each valid until the next one. What was
 * given is told once it is not needed any more.
 */
async function* gathered(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  taken: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(PIECE);
  let length = 0;
  for await (const chunk of bytes) {
    if (length + chunk.length > PIECE && length > 0) {
      yield piece.subarray(0, length);
      length = 0;
    }
    if (chunk.length > PIECE) yield chunk;
    else {
      piece.set(chunk, length);
      length += chunk.length;
    }
    taken(chunk);
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
    await this.#tar.add(this.folder + path, new Pieces([bytes]));
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
export function reopened(pieces: Iterable<Uint8Array>): OpenFile {
  const others = pieces[Symbol.iterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    readSync(bytes) {
      if (rest.length === 0) {
        const next = others.next();
        if (next.done) return null;
        rest = next.value;
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
  const pieces = new Pieces();
  const piece = new Uint8Array(PIECE);
  while (pieces.size <= MEMBER_MOST) {
    let length = 0;
    let got: number | null = 0;
    while (length < PIECE && got !== null) {
      got = file.readSync(piece.subarray(length));
      length += got ?? 0;
    }
    if (length > 0) pieces.add(piece.subarray(0, length));
    if (got === null) return pieces;
  }
  return undefined;
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
    return { pieces: new Pieces(), interrupted: false, failure };
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
  const pieces = new Pieces();
  const buffer = answerBuffer();
  let interrupted = false;
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
    const end = Math.min(got + 3 & ~3, buffer.length);
    const piece = buffer.subarray(0, end).fill(0, got);
    clearSecrets(asking, piece.subarray(0, got));
    pieces.add(piece);
    if (pieces.size > MEMBER_MOST) return failed(tooLarge(path));
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

/**
 * Requests to the kernel over netlink (netlink(7)), and the one walk over what it
 * answers. What an answer means is left to others.
 *
 * @module
 */

import * as libc from "./libc.ts";
import { Failure } from "./failures.ts";
import { PIECE, PIECES, Pieces } from "./pieces.ts";
import type { More, Tree } from "./scan.ts";

/** `linux/netlink.h` */
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLMSG_OVERRUN = 4;
/** Types below it are netlink's own. */
const NLMSG_MIN_TYPE = 16;
/** `struct nlmsghdr`: u32 length, u16 type, u16 flags, u32 sequence, u32 port. */
const HEADER = 16;
/** `struct nlattr`: u16 length, u16 type. */
const ATTRIBUTE = 4;
/** `asm-generic/errno-base.h` */
const EAGAIN = 11;
/** The kernel has no larger errno. */
const MAX_ERRNO = 4095;

/** The kernel fills as much as it is given, up to 32 KiB a message. */
const BUFFER = 256 * 1024;

/** Room for answers. */
export function answerBuffer(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(BUFFER);
}

/** Where the kernel is asked. Each call returns a length, or the errno, negative. */
export interface Channel {
  /** Sends a message. */
  send(bytes: Uint8Array<ArrayBuffer>): number;
  /**
   * Receives messages, and waits for them unless `waits` is false. The length is more than
   * there is room for if they are cut.
   */
  receive(bytes: Uint8Array<ArrayBuffer>, waits?: boolean): number;
  /** Receives those that are there while this thread goes on; see {@linkcode Pieces}. */
  receiveAside?(pieces: Pieces): Promise<number>;
  /** Ends the asking. */
  close(): void;
}

/** An attribute of a request. */
export interface Attribute {
  /** Its number. */
  readonly type: number;
  /** Its data, of 65,531 bytes at most. */
  readonly data: Uint8Array;
}

/** Asks for all that there is: the message of a request with this structure. */
export function dumpRequest(
  type: number,
  structure: Uint8Array,
  attributes: readonly Attribute[] = [],
): Uint8Array<ArrayBuffer> {
  return requestWith(NLM_F_REQUEST | NLM_F_DUMP, type, structure, attributes);
}

/** Asks for the one thing that the structure says. */
export function oneRequest(
  type: number,
  structure: Uint8Array,
  attributes: readonly Attribute[] = [],
): Uint8Array<ArrayBuffer> {
  return requestWith(NLM_F_REQUEST, type, structure, attributes);
}

function requestWith(
  flags: number,
  type: number,
  structure: Uint8Array,
  attributes: readonly Attribute[],
): Uint8Array<ArrayBuffer> {
  const end = attributes.reduce(
    (at, { data }) => at + padded(ATTRIBUTE + data.length),
    HEADER + padded(structure.length),
  );
  const bytes = new Uint8Array(end);
  const words = new DataView(bytes.buffer);
  words.setUint32(0, end, true);
  words.setUint16(4, type, true);
  words.setUint16(6, flags, true);
  bytes.set(structure, HEADER);
  let at = HEADER + padded(structure.length);
  for (const { type, data } of attributes) {
    words.setUint16(at, ATTRIBUTE + data.length, true);
    words.setUint16(at + 2, type, true);
    bytes.set(data, at + ATTRIBUTE);
    at += padded(ATTRIBUTE + data.length);
  }
  return bytes;
}

/**
 * Sends a request for one thing, and waits for the answer: what is behind its header, in
 * `buffer`. Undefined if there is none.
 */
export function askOne(
  channel: Channel,
  request: Uint8Array<ArrayBuffer>,
  buffer: Uint8Array<ArrayBuffer>,
): Uint8Array | undefined {
  if (channel.send(request) < 0) return undefined;
  const got = channel.receive(buffer);
  if (got < HEADER || got > buffer.length) return undefined;
  const words = new DataView(buffer.buffer);
  const length = words.getUint32(0, true);
  const isAnswer = words.getUint16(4, true) >= NLMSG_MIN_TYPE;
  return isAnswer && length >= HEADER && length <= got
    ? buffer.subarray(HEADER, length)
    : undefined;
}

/** A length with what fills it up to four bytes. */
function padded(length: number): number {
  return length + 3 & ~3;
}

/** What a walk must know of the answers. */
export interface Expected {
  /** What messages for the user call the source. */
  readonly path: string;
  /** What is listed, as in "sockets changed while they were listed". */
  readonly subject: string;
  /** Bytes that each answer has at least, behind its header. */
  readonly least: number;
  /** The type of each message that is an answer; any, unless given. */
  readonly type?: number;
  /** The first byte of each answer; any, unless given. */
  readonly family?: number;
}

/**
 * So many messages are received one by one before they are received ahead: to begin that
 * takes 3 ms.
 */
export const ALONE = 8;

/** Messages that are read, and those that are received meanwhile. */
interface Batches {
  /** The messages that are read. */
  now: Pieces;
  /** How many there are, and how many of them were read. */
  count: number;
  read: number;
  /** What the others are received into. */
  next: Pieces;
  /** Resolves to how many they are; undefined if none is received. */
  coming: Promise<number> | undefined;
}

/**
 * The answers to one request, whose messages can come in several pieces. It ends by
 * itself: at the last message, at an error, and at bytes that are no message.
 */
export class Answers {
  /** The buffer that the answer is in, until `next` is called again. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where it starts, behind the header. */
  start = 0;
  /** Where it ends, without padding. */
  end = 0;
  /** Why there are fewer answers than there should be. */
  failure: Failure | undefined;
  #words: DataView;
  /** What single messages are received into. */
  readonly #own: Uint8Array<ArrayBuffer>;
  readonly #expected: Expected;
  #channel: Channel | undefined;
  /** Where the next message starts. */
  #at = 0;
  /** Where what was received ends. */
  #received = 0;
  /** Whether an answer was found and not yet given. */
  #found = false;
  /** Whether to receive ahead where there are many. */
  #isAhead = false;
  /** How many messages were received one by one since that was said. */
  #alone = 0;
  /** What is received ahead, once that began. */
  #ahead: Batches | undefined;

  /** Nothing was asked yet. Answers come into `bytes`, if it is given. */
  constructor(
    channel: Channel,
    expected: Expected,
    bytes: Uint8Array<ArrayBuffer> = answerBuffer(),
  ) {
    this.#channel = channel;
    this.#expected = expected;
    this.bytes = this.#own = bytes;
    this.#words = new DataView(bytes.buffer);
  }

  /**
   * Sends a request and waits for the first answer. Returns why there is none; that
   * there is nothing to tell is no failure.
   */
  ask(request: Uint8Array<ArrayBuffer>): Failure | undefined {
    const sent = this.#channel!.send(request);
    if (sent < 0) this.#fail(errnoFailure(this.#expected.path, -sent));
    else this.#found = this.next();
    return this.#found ? undefined : this.failure;
  }

  /** Goes to the next answer; false if there is none. */
  next(): boolean {
    if (this.#found) {
      this.#found = false;
      return true;
    }
    for (;;) {
      if (this.#at === this.#received && !this.#receive()) return false;
      // what was received may be in another buffer than what came before
      const words = this.#words;
      const at = this.#at;
      const left = this.#received - at;
      const length = left < HEADER ? 0 : words.getUint32(at, true);
      if (length < HEADER || length > left) return this.#cut();
      const type = words.getUint16(at + 4, true);
      if ((words.getUint16(at + 6, true) & NLM_F_DUMP_INTR) !== 0) {
        this.failure ??= this.#odd(
          `${this.#expected.subject} changed while they were listed`,
        );
      }
      this.start = at + HEADER;
      this.end = at + length;
      this.#at = Math.min(padded(this.end), this.#received);
      if (type >= NLMSG_MIN_TYPE) {
        if (length < HEADER + this.#expected.least) return this.#cut();
        return this.#isExpected(type) ||
          this.#fail(this.#odd("a message is about something else"));
      }
      if (type === NLMSG_DONE || type === NLMSG_ERROR) {
        return this.#last(type, length);
      }
      if (type === NLMSG_OVERRUN) {
        return this.#fail(this.#odd("messages were lost"));
      }
    }
  }

  /**
   * Has messages received while others are read, where there are many: from now on
   * {@linkcode next} can be false although more come. Returns what waits for them.
   */
  readAhead(): More {
    this.#isAhead = true;
    return () => this.#more();
  }

  async #more(): Promise<boolean> {
    const ahead = this.#ahead;
    if (ahead?.coming === undefined) return false;
    const count = await ahead.coming;
    // it may have been closed meanwhile
    if (ahead !== this.#ahead) return false;
    [ahead.now, ahead.next] = [ahead.next, ahead.now];
    [ahead.count, ahead.read] = [count, 0];
    ahead.coming = count < PIECES
      ? undefined
      : this.#channel!.receiveAside!(ahead.next);
    this.#use(count === 0 ? this.#own : ahead.now.bytes);
    return true;
  }

  /** Ends the asking. */
  close(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    this.#at = this.#received = 0;
    this.#found = false;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead === undefined) return channel?.close();
    const end = () => {
      channel?.close();
      sparePieces.push(ahead.now, ahead.next);
    };
    // the descriptor's number must not become another's while it is received from
    if (ahead.coming === undefined) end();
    else ahead.coming.finally(end);
  }

  #isExpected(type: number): boolean {
    const expected = this.#expected;
    return (expected.type ?? type) === type &&
      (expected.family ?? this.bytes[this.start]) === this.bytes[this.start];
  }

  /** Takes the last message: the errno in front, negative, or 0 if all is well. */
  #last(type: number, length: number): false {
    if (length >= HEADER + 4) {
      const errno = -this.#words.getInt32(this.start, true);
      if (errno === 0) this.close();
      else this.#fail(errnoFailure(this.#expected.path, errno));
    } else if (type === NLMSG_DONE) this.close();
    else this.#cut();
    return false;
  }

  /** Receives messages. Returns whether there are any; there may be more to wait for. */
  #receive(): boolean {
    this.#at = this.#received = 0;
    if (this.#channel === undefined) return false;
    const ahead = this.#ahead;
    if (ahead !== undefined) {
      if (ahead.read < ahead.count) return this.#take(ahead);
      if (ahead.coming !== undefined) return false;
      this.#use(this.#own);
    }
    // of an error that nobody was told there would be no end
    const got = this.#channel.receive(this.bytes, ahead === undefined);
    if (got === -EAGAIN) return this.#fail(this.#odd("messages were lost"));
    if (got < 0) return this.#fail(errnoFailure(this.#expected.path, -got));
    if (got === 0 || got > this.bytes.length) return this.#cut();
    this.#received = got;
    if (this.#isAhead && ++this.#alone === ALONE) this.#begin();
    return true;
  }

  /** Takes the next message of those that were received together. */
  #take(ahead: Batches): boolean {
    const number = ahead.read++;
    const length = ahead.now.lengths[number]!;
    if (length === 0 || length > PIECE) return this.#cut();
    this.#at = number * PIECE;
    this.#received = this.#at + length;
    return true;
  }

  /** Begins to receive ahead, if that can be done. */
  #begin(): void {
    const channel = this.#channel!;
    if (channel.receiveAside === undefined) return;
    const [now, next] = [takePieces(), takePieces()];
    const coming = channel.receiveAside(next);
    this.#ahead = { now, count: 0, read: 0, next, coming };
  }

  /** Reads what is in these bytes from now on. */
  #use(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.#words = new DataView(bytes.buffer);
  }

  #cut(): false {
    return this.#fail(this.#odd("a message is cut short"));
  }

  #fail(failure: Failure): false {
    this.failure = failure;
    this.close();
    return false;
  }

  /** A failure that is no errno. */
  #odd(reason: string): Failure {
    return new Failure(this.#expected.path, "", reason);
  }
}

/** What dumps that are over were received into: for the next one. */
const sparePieces: Pieces[] = [];

function takePieces(): Pieces {
  return sparePieces.pop() ?? new Pieces();
}

/** Goes through the answers of a type in pieces that were received, each by its place. */
export function* answersIn(
  pieces: Iterable<Uint8Array>,
  type: number,
): Generator<{ bytes: Uint8Array; start: number; end: number }> {
  for (const bytes of pieces) {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + HEADER <= bytes.length;) {
      const length = words.getUint32(at, true);
      if (length < HEADER || at + length > bytes.length) break;
      if (words.getUint16(at + 4, true) === type) {
        yield { bytes, start: at + HEADER, end: at + length };
      }
      at += padded(length);
    }
  }
}

/** Where those of the messages end that are whole, with their padding. */
export function endOfMessages(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, length);
  let end = 0;
  while (end + HEADER <= length) {
    const size = words.getUint32(end, true);
    if (size < HEADER || size > length - end) break;
    const next = end + padded(size);
    if (next > length) break;
    end = next;
  }
  return end;
}

function errnoFailure(path: string, errno: number): Failure {
  return errno > 0 && errno <= MAX_ERRNO
    ? Failure.ofErrno(path, errno)
    : new Failure(path, "", "an error without a number");
}

/**
 * Opens a netlink socket to the part of the kernel that tells of the sockets of a tree's
 * network namespace. Returns why there is none.
 */
export function openSockDiag(
  path: string,
  tree: Pick<Tree, "inside">,
): Channel | Failure {
  return channelOf(path, tree.inside(libc.openSockDiag));
}

/** Opens a netlink socket to the part that tells of routes, interfaces and the like. */
export function openRtnetlink(
  path: string,
  tree: Pick<Tree, "inside">,
): Channel | Failure {
  return channelOf(path, tree.inside(libc.openRtnetlink));
}

function channelOf(
  path: string,
  descriptor: number | Failure,
): Channel | Failure {
  if (descriptor instanceof Failure) return descriptor;
  if (descriptor < 0) return Failure.ofErrno(path, -descriptor);
  return {
    send: (bytes) => libc.send(descriptor, bytes),
    receive: (bytes, waits) => libc.receive(descriptor, bytes, waits),
    receiveAside: (pieces) => pieces.receive(descriptor),
    close: () => libc.closeDescriptor(descriptor),
  };
}

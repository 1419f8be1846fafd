/**
 * Sockets as the kernel dumps them over netlink (sock_diag(7)): the same ones in the
 * same order as in procfs, but faster, since no text is made of them. A message
 * takes the place of a line.
 *
 * @module
 */

import type { Diag } from "../contract/family.ts";
import * as libc from "./libc.ts";
import type { Line } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import type { LineSource } from "./scan.ts";

/** `linux/netlink.h` */
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER = 16;

/** `linux/sock_diag.h` */
const SOCK_DIAG_BY_FAMILY = 20;

/** `struct inet_diag_msg`; attributes follow, which nobody needs. */
const MESSAGE = 72;

/** `struct inet_diag_req_v2` */
const REQUEST = 56;

/** The kernel fills as much as it is given, up to 32 KiB a message. */
const BUFFER = 256 * 1024;

/** Where the kernel is asked. Each call returns a length, or the errno, negative. */
export interface Channel {
  /** Sends a message. */
  send(bytes: Uint8Array<ArrayBuffer>): number;
  /** Receives messages; the length is more than there is room for if they are cut. */
  receive(bytes: Uint8Array<ArrayBuffer>): number;
  /** Ends the asking. */
  close(): void;
}

/** Asks the kernel for sockets in these states, a bit each. */
export function openDiag(diag: Diag, states: number): LineSource | Failure {
  const descriptor = libc.openSockDiag();
  if (descriptor < 0) return Failure.ofErrno(PATH, -descriptor);
  return askDiag(diag, states, {
    send: (bytes) => libc.send(descriptor, bytes),
    receive: (bytes) => libc.receive(descriptor, bytes),
    close: () => libc.closeDescriptor(descriptor),
  });
}

/** Asks for sockets in these states, and waits for the first answer. */
export function askDiag(
  diag: Diag,
  states: number,
  channel: Channel,
): LineSource | Failure {
  const dump = new Dump(channel);
  const error = dump.ask(diag, states);
  if (error === undefined) return dump;
  dump.close();
  return error;
}

/** What messages call it. */
const PATH = "sock_diag";

/** A failure that is no errno. */
function odd(reason: string): Failure {
  return new Failure(PATH, "", reason);
}

class Dump implements LineSource {
  readonly path = PATH;
  readonly messages = true;
  number = 0;
  failure: Failure | undefined;
  #channel: Channel | undefined;
  readonly #bytes = new Uint8Array(BUFFER);
  readonly #words = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Sends the request and receives the first answer. Returns why it failed. */
  ask({ family, protocol }: Diag, states: number): Failure | undefined {
    const request = new Uint8Array(HEADER + REQUEST);
    const words = new DataView(request.buffer);
    words.setUint32(0, request.length, true);
    words.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
    words.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
    request[HEADER] = family;
    request[HEADER + 1] = protocol;
    words.setUint32(HEADER + 4, states, true);
    const sent = this.#channel!.send(request);
    if (sent < 0) return Failure.ofErrno(PATH, -sent);
    this.#receive();
    this.#atEnd();
    return this.failure;
  }

  next(line: Line): boolean {
    if (this.#at === this.#end) this.#receive();
    if (this.#atEnd()) return false;
    const start = this.#at;
    const end = start + this.#length();
    const message = start + HEADER;
    line.set(this.#bytes, message, Math.min(end, message + MESSAGE));
    this.number++;
    this.#at = Math.min(end + 3 & ~3, this.#end);
    return true;
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#at = this.#end = 0;
  }

  /** The length of the message, its header included. */
  #length(): number {
    return this.#words.getUint32(this.#at, true);
  }

  /**
   * Whether no message of a socket follows. The last message has the errno in front,
   * negative, or 0 if all is well.
   */
  #atEnd(): boolean {
    if (this.#end === 0) return true;
    const left = this.#end - this.#at;
    if (left < HEADER || this.#length() > left) {
      return this.#fail(odd("a message is cut short"));
    }
    const type = this.#words.getUint16(this.#at + 4, true);
    const flags = this.#words.getUint16(this.#at + 6, true);
    if ((flags & NLM_F_DUMP_INTR) !== 0) {
      this.failure ??= odd("sockets changed while they were listed");
    }
    if (type !== NLMSG_DONE && type !== NLMSG_ERROR) {
      return this.#length() < HEADER + MESSAGE &&
        this.#fail(odd("a message is cut short"));
    }
    const errno = -this.#words.getInt32(this.#at + HEADER, true);
    if (errno > 0) this.failure = Failure.ofErrno(PATH, errno);
    this.close();
    return true;
  }

  #fail(failure: Failure): true {
    this.failure = failure;
    this.close();
    return true;
  }

  #receive(): void {
    this.#at = this.#end = 0;
    if (this.#channel === undefined) return;
    const got = this.#channel.receive(this.#bytes);
    if (got < 0) this.#fail(Failure.ofErrno(PATH, -got));
    else if (got === 0 || got > this.#bytes.length) {
      this.#fail(odd("a message is cut short"));
    } else this.#end = got;
  }
}

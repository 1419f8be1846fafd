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
import { Failure, type LineSource } from "./scan.ts";

/** `linux/netlink.h` */
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;
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

/** Asks the kernel for sockets in these states, a bit each. */
export function openDiag(diag: Diag, states: number): LineSource | Failure {
  const descriptor = libc.openSockDiag();
  if (descriptor < 0) return failure(-descriptor);
  const dump = new Dump(descriptor);
  const error = dump.ask(diag, states);
  if (error === undefined) return dump;
  dump.close();
  return error;
}

function failure(errno: number): Failure {
  const code = errno === libc.ENOENT ? "ENOENT" : `errno ${errno}`;
  return new Failure(PATH, code, libc.errorText(errno));
}

/** What messages call it. */
const PATH = "sock_diag";

class Dump implements LineSource {
  readonly path = PATH;
  readonly messages = true;
  number = 0;
  failure: Failure | undefined;
  #descriptor: number;
  readonly #bytes = new Uint8Array(BUFFER);
  readonly #words = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
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
    const sent = libc.send(this.#descriptor, request);
    if (sent < 0) return failure(-sent);
    this.#receive();
    this.#atEnd();
    return this.failure;
  }

  next(line: Line): boolean {
    if (this.#at === this.#end) this.#receive();
    if (this.#atEnd()) return false;
    const start = this.#at;
    const end = start + this.#words.getUint32(start, true);
    const message = start + HEADER;
    line.set(this.#bytes, message, Math.min(end, message + MESSAGE));
    this.number++;
    this.#at = Math.min(end + 3 & ~3, this.#end);
    return true;
  }

  close(): void {
    if (this.#descriptor >= 0) libc.closeDescriptor(this.#descriptor);
    this.#descriptor = -1;
    this.#at = this.#end = 0;
  }

  /**
   * Whether no message of a socket follows. The last message has the errno in front,
   * negative, or 0 if all is well.
   */
  #atEnd(): boolean {
    if (this.#end === 0) return true;
    const type = this.#words.getUint16(this.#at + 4, true);
    if (type !== NLMSG_DONE && type !== NLMSG_ERROR) return false;
    const errno = -this.#words.getInt32(this.#at + HEADER, true);
    if (errno > 0) this.failure = failure(errno);
    this.close();
    return true;
  }

  #receive(): void {
    this.#at = this.#end = 0;
    if (this.#descriptor < 0) return;
    const got = libc.receive(this.#descriptor, this.#bytes);
    if (got > 0) this.#end = got;
    else if (got < 0) this.failure = failure(-got);
  }
}

/**
 * What the kernel told of sockets, routes and the like, kept in a saved tree: for each
 * question one file, which has the messages of the answer as they were received, one
 * behind the other, each at a multiple of four bytes. The question was for all sockets and all that can be told
 * ({@linkcode EVERYTHING}), so that any later one finds its answer there.
 *
 * A saved tree may be of anybody's making: a file is read piece by piece, and ends where
 * it is no answer.
 *
 * @module
 */

import type { Asking } from "../contract/diag.ts";
import type { Line } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import { Answers, type Channel, endOfMessages } from "./netlink.ts";
import type { OpenFile } from "./disk.ts";
import type { LineSource, Tree } from "./scan.ts";
import { expectedOf, isUnknown, type Wanted, wantsState } from "./sock_diag.ts";

/** What is asked for to be kept: all that there is. */
export const EVERYTHING: Wanted = { show: 0xffff_ffff };

const FOLDER = "/netlink/sock_diag";
const RTNETLINK = "/netlink/rtnetlink";

const AF_INET = 2;
const AF_INET6 = 10;

/** `IPPROTO_…`, of IPv4 and IPv6. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  6: "tcp",
  17: "udp",
  33: "dccp",
  132: "sctp",
  136: "udplite",
  255: "raw",
  262: "mptcp",
};

/** `AF_…`, of those whose sockets are asked for together. */
const FAMILIES: Readonly<Record<number, string>> = {
  1: "unix",
  16: "netlink",
  17: "packet",
  30: "tipc",
  40: "vsock",
  43: "smc",
  44: "xdp",
};

/**
 * Where a saved tree has the answer to a question, such as `/netlink/sock_diag/tcp6`. One
 * that has no name here is named by its numbers.
 */
export function answerPath(
  { family, protocol, rtnetlink }: Pick<
    Asking,
    "family" | "protocol" | "rtnetlink"
  >,
): string {
  const six = family === AF_INET6 ? "6" : "";
  if (rtnetlink !== undefined) return `${RTNETLINK}/${rtnetlink.subject}${six}`;
  const isInternet = family === AF_INET || family === AF_INET6;
  const name = isInternet ? PROTOCOLS[protocol] : FAMILIES[family];
  if (name === undefined) return `${FOLDER}/${family}.${protocol}`;
  return `${FOLDER}/${name}${six}`;
}

/** The answers that a saved tree has. */
export class SavedAnswers {
  readonly #tree: Tree;
  /** What is wrong with files, by their paths: each is told once. */
  readonly #failures = new Map<string, Failure>();

  /** Nothing is read yet. */
  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Whether there is something in an answer's place. */
  has(asking: Asking): boolean {
    return !this.#tree.isGone(answerPath(asking));
  }

  /**
   * The sockets that were asked for, each with all that was told of it; a program that
   * chooses among them is left out. Fails where the file does not begin as an answer, and
   * as {@linkcode isUnknown} says if there is none, or the kernel had none.
   */
  open(asking: Asking, wanted: Wanted): LineSource | Failure {
    const path = answerPath(asking);
    const file = this.#tree.openBytes(path);
    if (file instanceof Failure) {
      return file.gone ? file : this.#failed(file);
    }
    const pieces = new SavedMessages(path, file);
    const answers = new Answers(pieces, {
      ...expectedOf(asking),
      path,
      // a structure begins with the family
      ...(asking.answer > 0 ? { family: asking.family } : {}),
    });
    const failure = answers.ask(new Uint8Array(0));
    if (failure === undefined) {
      return new Saved(path, { answers, asking, wanted }, () => {
        const why = pieces.failure ?? answers.failure;
        return why && this.#failed(why);
      });
    }
    const isKernels = pieces.failure === undefined && isUnknown(failure);
    return isKernels ? failure : this.#failed(pieces.failure ?? failure);
  }

  /** A failure of a file that is there, whatever its code means elsewhere. */
  #failed({ path, reason }: Failure): Failure {
    let failure = this.#failures.get(path);
    if (failure === undefined) {
      failure = new Failure(path, "", reason);
      this.#failures.set(path, failure);
    }
    return failure;
  }
}

/** Whole messages of a file, as many as there is room for. */
class SavedMessages implements Channel {
  /** Why the file could not be read to its end. */
  failure: Failure | undefined;
  readonly #path: string;
  #file: OpenFile | undefined;
  /** What was read behind the last whole message. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(path: string, file: OpenFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Nobody is asked. */
  send(): number {
    return 0;
  }

  receive(bytes: Uint8Array<ArrayBuffer>): number {
    bytes.set(this.#rest);
    let length = this.#rest.length;
    try {
      while (this.#file !== undefined && length < bytes.length) {
        const got = this.#file.readSync(bytes.subarray(length));
        if (got === null || got === 0) this.close();
        else length += got;
      }
    } catch (error) {
      this.failure = Failure.of(this.#path, error);
      this.close();
    }
    const whole = endOfMessages(bytes, length);
    // what is no message is given as it is, so that it is told
    const end = whole === 0 ? length : whole;
    this.#rest = bytes.slice(end, length);
    return end;
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** What is read, and what was asked. */
interface Reading {
  readonly answers: Answers;
  readonly asking: Asking;
  readonly wanted: Wanted;
}

class Saved implements LineSource {
  readonly messages = true;
  number = 0;
  readonly #reading: Reading;
  readonly #why: () => Failure | undefined;

  constructor(
    readonly path: string,
    reading: Reading,
    why: () => Failure | undefined,
  ) {
    this.#reading = reading;
    this.#why = why;
  }

  get failure(): Failure | undefined {
    return this.#why();
  }

  next(line: Line): boolean {
    const { answers, asking, wanted } = this.#reading;
    while (answers.next()) {
      const { bytes, start, end } = answers;
      if (!wantsState(asking, wanted, bytes, start)) continue;
      line.set(bytes, start, end);
      this.number++;
      return true;
    }
    return false;
  }

  close(): void {
    this.#reading.answers.close();
  }
}

/**
 * TCP sockets that ended: the kernel tells of each of them over netlink, with its last
 * numbers, to whoever listens (`sock_diag_broadcast_destroy`). Nobody needs rights for it.
 *
 * @module
 */

import { INET_ASKING } from "../contract/diag.ts";
import { Line } from "../contract/line.ts";
import { Arena } from "./arena.ts";
import { Failure } from "./failures.ts";
import {
  closeDescriptor,
  joinGroups,
  openSockDiag,
  receive,
  send,
} from "./libc.ts";
import { answerBuffer, answersIn } from "./netlink.ts";
import type { LineSource, Tree } from "./scan.ts";
import { SOCK_DIAG_BY_FAMILY } from "./sock_diag.ts";

/** `SKNLGRP_INET_TCP_DESTROY` and `SKNLGRP_INET6_TCP_DESTROY` (`linux/sock_diag.h`). */
const GROUPS = [1, 3];

/** So many bytes wait to be heard, if the system allows it: some 10,000 sockets. */
const ROOM = 1 << 23;

/** So many bytes are kept of one round. */
const KEPT_MOST = 1 << 26;

const ENOBUFS = 105;

/** `struct nlmsghdr` of 16 bytes and the type `NLMSG_NOOP`, which is passed over. */
const NOTHING = new Uint8Array(16);
NOTHING[0] = NOTHING.length;
NOTHING[4] = 1;

/** `idiag_dport` in `struct inet_diag_msg`. */
const FOREIGN_PORT = 6;

const PATH = "sockets that ended (sock_diag)";

/** Hears of TCP sockets that end. */
export class Ended {
  /** Whether some were missed, since there were too many. */
  missed = false;
  readonly #descriptor: number;
  readonly #buffer = answerBuffer();
  readonly #arenas = new Map<number, Arena>();

  /** What the kernel tells this descriptor. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Hears what was told since the last time. */
  hear(): void {
    for (const arena of this.#arenas.values()) arena.release();
    this.#arenas.clear();
    this.missed = false;
    for (;;) {
      const got = receive(this.#descriptor, this.#buffer, false);
      if (got === -ENOBUFS) this.missed = true;
      else if (got <= 0 || got > this.#buffer.length) return;
      else this.#keep(this.#buffer.subarray(0, got));
    }
  }

  #keep(bytes: Uint8Array): void {
    const line = new Line();
    for (const { start, end } of answersIn([bytes], SOCK_DIAG_BY_FAMILY)) {
      if (end - start < INET_ASKING.answer) continue;
      // a listener, or one that was taken out of the table before it was told of
      const port = start + FOREIGN_PORT;
      if (bytes[port] === 0 && bytes[port + 1] === 0) continue;
      const family = bytes[start]!;
      let arena = this.#arenas.get(family);
      if (arena === undefined) {
        arena = new Arena({ path: PATH, messages: true }, KEPT_MOST);
        this.#arenas.set(family, arena);
      }
      line.set(bytes, start, end);
      if (!arena.add(line, 0)) this.missed = true;
    }
  }

  /** Those of a family that were heard of, as answers to a question would tell them. */
  lines(family: number): LineSource | undefined {
    return this.#arenas.get(family)?.lines();
  }

  /** Hears no more. */
  close(): void {
    closeDescriptor(this.#descriptor);
  }
}

/** Begins to hear; undefined where the kernel does not tell. */
export function hearEnded(tree: Pick<Tree, "inside">): Ended | undefined {
  const descriptor = tree.inside(openSockDiag);
  if (descriptor instanceof Failure || descriptor < 0) return undefined;
  // whoever never sent anything has no address, and hears nothing
  const isBound = send(descriptor, NOTHING) > 0;
  if (!isBound || joinGroups(descriptor, GROUPS, ROOM) < 0) {
    closeDescriptor(descriptor);
    return undefined;
  }
  return new Ended(descriptor);
}

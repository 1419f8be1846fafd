/**
 * Room for messages that are received together, on another thread, while this one goes
 * on (recvmmsg(2)).
 *
 * @module
 */

import * as libc from "./libc.ts";

/**
 * `netlink_dump` makes no longer message (`max_recvmsg_len` of af_netlink.c) but of
 * interfaces with a great many virtual functions, of which nothing is received here.
 */
export const PIECE: number = 32 * 1024;

/** So many messages are received at once: each time, another thread must be woken. */
export const PIECES: number = 64;

/** `struct mmsghdr` of 64 bits: its size, and where its members are. */
const HEADER = 64;
const IOV = 16;
const IOVLEN = 24;
const LENGTH = 56;

/** `struct iovec` */
const VECTOR = 16;

/** Messages, each in a place of {@linkcode PIECE} bytes. */
export class Pieces {
  /** The messages, each at its place. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(PIECES * PIECE);
  /** How long each is: more than its place if it was cut. */
  readonly lengths: Uint32Array = new Uint32Array(PIECES);
  readonly #headers = new Uint8Array(PIECES * HEADER);
  readonly #words = new DataView(this.#headers.buffer);
  /** The headers point to these. */
  readonly #vectors = new Uint8Array(PIECES * VECTOR);

  /** Room without messages. */
  constructor() {
    const vectors = new DataView(this.#vectors.buffer);
    const [bytes, first] = [this.bytes, this.#vectors].map(libc.addressOf);
    for (let i = 0; i < PIECES; i++) {
      const at = i * VECTOR;
      vectors.setBigUint64(at, bytes! + BigInt(i * PIECE), true);
      vectors.setBigUint64(at + 8, BigInt(PIECE), true);
      const header = i * HEADER;
      this.#words.setBigUint64(header + IOV, first! + BigInt(at), true);
      this.#words.setBigUint64(header + IOVLEN, 1n, true);
    }
  }

  /**
   * Receives the messages that are there. Resolves to their number: 0 if there is none, and
   * on an error, which need not be told again.
   */
  async receive(descriptor: number): Promise<number> {
    const got = await libc.receiveAside(descriptor, this.#headers, PIECES);
    for (let i = 0; i < got; i++) {
      this.lengths[i] = this.#words.getUint32(i * HEADER + LENGTH, true);
    }
    return Math.max(0, got);
  }
}

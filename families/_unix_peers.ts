/**
 * The other ends of UNIX sockets.
 *
 * @module
 */

import type { Finder, Finding, Peer } from "../core/contract/depth.ts";
import { type Answer, FIXED } from "../core/contract/diag.ts";
import { ByInode } from "../core/contract/inodes.ts";
import {
  ICONS,
  nameOf,
  PEER,
  SHOW_ICONS,
  SHOW_NAME,
  SHOW_PEER,
} from "./_diag_unix.ts";
import type { Row } from "./_unix_row.ts";

/** Where an answer has the inode. */
const INODE = 4;

/** Finds the other ends of UNIX sockets, by what netlink tells of them. */
export class UnixEnds implements Finder<Row> {
  readonly #names = new ByInode<string>();
  /** Who sends to a socket, whether or not that sends back: mostly one. */
  readonly #senders = new ByInode<number | number[]>();
  /** The sockets that listen, by those that wait for them. */
  readonly #awaited = new ByInode<number>();

  /** Takes a socket. */
  add({ answer }: Row): void {
    const inode = answer === undefined ? 0 : inodeOf(answer);
    if (answer === undefined || inode === 0) return;
    const name = nameOf(answer);
    if (name !== null) this.#names.set(inode, name);
    for (let at = 0; at + 4 <= answer.size(ICONS); at += 4) {
      this.#awaited.set(answer.u32(ICONS, at)!, inode);
    }
    const peer = answer.u32(PEER) ?? 0;
    if (peer === 0) return;
    const others = this.#senders.get(peer);
    if (others === undefined) this.#senders.set(peer, inode);
    else if (typeof others === "number") {
      this.#senders.set(peer, [others, inode]);
    } else others.push(inode);
  }

  /** The other end: what it is connected to or, without that, what sends to it. */
  find({ answer }: Row): Peer | undefined {
    if (answer === undefined) return undefined;
    const peer = answer.u32(PEER);
    if (peer !== null && peer !== 0) return this.#peer(peer, [peer]);
    const own = inodeOf(answer);
    if (peer === 0) {
      const listening = this.#awaited.get(own);
      return listening === undefined
        ? { inode: 0, name: null, held: [] }
        : { ...this.#peer(listening, [listening]), inode: 0 };
    }
    const senders = this.#senders.get(own);
    if (senders === undefined) return undefined;
    return typeof senders === "number"
      ? this.#peer(senders, [senders])
      : this.#peer(0, senders);
  }

  #peer(inode: number, held: readonly number[]): Peer {
    return held.length > 1
      ? { inode: null, name: null, held }
      : { inode, name: this.#names.get(inode) ?? null, held };
  }
}

function inodeOf(answer: Answer): number {
  return answer.u32(FIXED, INODE) ?? 0;
}

/** How they are found among these tables. */
export function unixFinding(tables: Finding<Row>["tables"]): Finding<Row> {
  return {
    show: SHOW_NAME | SHOW_PEER | SHOW_ICONS,
    tables,
    start: () => new UnixEnds(),
  };
}

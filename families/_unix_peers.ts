/**
 * The other ends of UNIX sockets.
 *
 * @module
 */

import type { Finder, Finding, Peer } from "../core/contract/depth.ts";
import { type Answer, FIXED } from "../core/contract/diag.ts";
import {
  ICONS,
  nameOf,
  PEER,
  SHOW_ICONS,
  SHOW_NAME,
  SHOW_PEER,
} from "./_diag_unix.ts";
import { NumberMap } from "../core/contract/number_map.ts";
import type { Row } from "./_unix_row.ts";

/** Where an answer has the inode. */
const INODE = 4;

/** Finds the other ends of UNIX sockets, by what netlink tells of them. */
export class UnixEnds implements Finder<Row> {
  readonly #names: string[] = [];
  /** Which of them a socket has. */
  readonly #named = new NumberMap();
  /** Who sends to a socket, whether or not that sends back: the first one, */
  readonly #senders = new NumberMap();
  /** and all, if there are several. */
  readonly #several = new Map<number, number[]>();
  /** The sockets that listen, by those that wait for them. */
  readonly #awaited = new Map<number, number>();

  /** Takes a socket. */
  add({ answer }: Row): void {
    const inode = answer === undefined ? 0 : inodeOf(answer);
    if (answer === undefined || inode === 0) return;
    const name = nameOf(answer);
    if (name !== null) this.#named.set(inode, this.#names.push(name) - 1);
    for (let at = 0; at + 4 <= answer.size(ICONS); at += 4) {
      this.#awaited.set(answer.u32(ICONS, at)!, inode);
    }
    const peer = answer.u32(PEER) ?? 0;
    if (peer === 0) return;
    const first = this.#senders.get(peer);
    if (first === undefined) return this.#senders.set(peer, inode);
    const all = this.#several.get(peer);
    if (all === undefined) this.#several.set(peer, [first, inode]);
    else all.push(inode);
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
    const sender = this.#senders.get(own);
    if (sender === undefined) return undefined;
    return this.#peer(sender, this.#several.get(own) ?? [sender]);
  }

  #peer(inode: number, held: readonly number[]): Peer {
    if (held.length > 1) return { inode: null, name: null, held };
    const name = this.#named.get(inode);
    return {
      inode,
      name: name === undefined ? null : this.#names[name]!,
      held,
    };
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

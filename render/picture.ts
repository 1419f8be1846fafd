/**
 * A picture of who talks to whom: boxes, and arrows between them. How it looks is for
 * `dot.ts` and `mermaid.ts` to say, which write it in their languages; what is in it
 * `graph.ts` finds out.
 *
 * @module
 */

import { fromUtf8 } from "../core/contract/line.ts";

/** What a box stands for. */
export type Kind =
  /** A program, unit or container of this machine, or an address of its own. */
  | "own"
  /** Programs of this machine that are in no unit, or in no container. */
  | "none"
  /** Sockets whose process could not be seen. */
  | "unknown"
  /** Sockets that no process has: connections that are over, or not accepted yet. */
  | "nobody"
  /** An address elsewhere. */
  | "address"
  /** Addresses elsewhere that have no box of their own. */
  | "more";

/** A box. */
export interface Box {
  /** What arrows call it: a letter and a number. */
  readonly id: string;
  /** What it stands for. */
  readonly kind: Kind;
  /** Whether somebody can connect to it. */
  readonly serves: boolean;
  /** What stands in it: printable, of bounded length, not escaped for any language. */
  readonly lines: readonly string[];
}

/** An arrow from a client to its server, or a line where that is not known. */
export interface Arrow {
  /** The client, or one end. */
  readonly from: Box;
  /** The server, or the other end. */
  readonly to: Box;
  /** Whether it is known which is which. */
  readonly directed: boolean;
  /** How many connections it stands for. */
  readonly count: number;
  /** What stands on it, as in a box. */
  readonly lines: readonly string[];
}

/** A network namespace, and what is in it. */
export interface Cluster {
  /** A letter and a number. */
  readonly id: string;
  /** Its name, as a line in a box. */
  readonly name: string;
  /** What is in it. */
  readonly boxes: readonly Box[];
}

/** The whole picture, in the order in which it is written. */
export interface Picture {
  /** One for each network namespace, if there are several. */
  readonly clusters: readonly Cluster[];
  /** Boxes that are in no cluster. */
  readonly boxes: readonly Box[];
  /** All arrows. */
  readonly arrows: readonly Arrow[];
}

/** So many characters of a name are shown: its first and last ones. */
const NAME_MOST = 40;

/** Characters of which the last ones are. */
const TAIL = 15;

/** What stands in place of a name that could not be seen. */
const BLANK = "(blank)";

/**
 * What a name, a byte string of somebody else's, looks like in a picture: one line of
 * printable characters, cut in the middle. A control character is a `.`, and so is one
 * that turns the direction of what follows; what is not UTF-8 is a `�`.
 */
export function legible(name: string): string {
  // no character has more than four bytes; what lies between the ends is cut anyway
  const most = 4 * NAME_MOST;
  const text = name.length <= 2 * most
    ? fromUtf8(name)
    : `${fromUtf8(name.slice(0, most))}${fromUtf8(name.slice(-most))}`;
  const characters = [
    ...text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "."),
  ];
  if (characters.length <= NAME_MOST) {
    return text.trim() === "" ? BLANK : characters.join("");
  }
  const head = characters.slice(0, NAME_MOST - TAIL - 1);
  return `${head.join("")}…${characters.slice(-TAIL).join("")}`;
}

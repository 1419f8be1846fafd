/**
 * What the kernel tells of UNIX sockets over netlink, and which lines of their file are
 * believed: whoever binds a socket to a name with newlines in it writes lines there.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import {
  type Answered,
  type DeepTable,
  type Depth,
  type Doubts,
  withDepth,
} from "../core/contract/depth.ts";
import type { Answer } from "../core/contract/diag.ts";
import { FIXED } from "../core/contract/diag.ts";
import type { Columns } from "../core/contract/family.ts";
import { ByInode } from "../core/contract/inodes.ts";
import { deepColumns } from "./_diag_columns.ts";
import {
  listens,
  NAME,
  nameOf,
  PEER,
  SHOW_NAME,
  SHOW_PEER,
  shownAs,
  shownName,
  SHUTDOWN,
  stateOf,
  UNIX_ASKING,
  unixFields,
} from "./_diag_unix.ts";
import { peerColumns } from "./_peer_columns.ts";
import { unixFinding } from "./_unix_peers.ts";
import { ACC, pathText, type Row } from "./_unix_row.ts";

/** `SOCK_DGRAM`, which has no connections. */
const DGRAM = 2;

/** Receiving and sending are shut down. */
const BOTH = 3;

/** Which lines are of sockets, by what netlink tells of all of them. */
class Lines {
  /** Sockets that were believed. */
  readonly #seen = new ByInode<true>();
  /** Known once a line may be of a connection that waits. */
  #queues: Queues | undefined;
  /** How many of the lines that follow belong to the name of the socket before. */
  #rest = 0;
  /** Whether a socket begins here, if all of the name before is known. */
  #sure = true;

  readonly #answers: Answered;

  constructor(answers: Answered) {
    this.#answers = answers;
  }

  /** Whether a line is of a socket. */
  believes(row: Row | undefined): boolean {
    if (this.#rest > 0) {
      this.#rest--;
      return false;
    }
    if (row === undefined) return this.#sure = false;
    const { inode } = row;
    const answer = row.answer = this.#answers.find(inode);
    if (answer === undefined) return this.#believesWaiting(row);
    if (!this.#seen.set(inode, true)) return this.#sure = false;
    const name = nameOf(answer);
    row.protocol = 0;
    row.type = answer.u8(FIXED, 1)!;
    row.state = stateOf(answer);
    row.flags = listens(answer) ? ACC : 0;
    if (name === null) row.pathEnd = row.pathStart;
    this.#rest = newlines(name ?? "");
    this.#sure = true;
    return true;
  }

  /** Whether it is of a connection that waits to be accepted. */
  #believesWaiting(row: Row): boolean {
    if (row.inode !== 0 || !this.#sure) return this.#sure = false;
    const queues = this.#queues ??= queuesIn(this.#answers);
    if (queues.waiting === 0) return this.#sure = false;
    queues.waiting--;
    // it has the name of the socket that listens, which may be in another namespace
    const name = queues.listening.get(pathText(row) ?? "");
    this.#sure = name !== undefined;
    if (name === undefined) return true;
    row.bytes = Uint8Array.from(name, (char) => char.charCodeAt(0));
    row.pathStart = 0;
    row.pathEnd = row.bytes.length;
    this.#rest = newlines(name);
    return true;
  }
}

/** Connections that wait to be accepted. */
interface Queues {
  /** How many there are whose lines were not read: they have no inode, nor answers. */
  waiting: number;
  /** Names of sockets that listen, by their first lines. */
  readonly listening: ReadonlyMap<string, string>;
}

function queuesIn(answers: Answered): Queues {
  let waiting = 0;
  const listening = new Map<string, string>();
  for (const answer of answers.all()) {
    if (waits(answer)) waiting++;
    const name = listens(answer) ? shownName(answer) : null;
    if (name !== null) listening.set(name.split("\n", 1)[0]!, name);
  }
  return { waiting, listening };
}

/** Whether the other end of a connection is not accepted yet. */
function waits(answer: Answer): boolean {
  // it has no inode then, and neither has one that is closed
  return answer.u32(PEER) === 0 && answer.u8(SHUTDOWN) !== BOTH &&
    answer.u8(FIXED, 1) !== DGRAM;
}

function newlines(text: string): number {
  let count = 0;
  for (let at = 0; (at = text.indexOf("\n", at) + 1) > 0;) count++;
  return count;
}

const doubts: Doubts<Row> = {
  show: SHOW_NAME | SHOW_PEER,
  start(answers) {
    const lines = new Lines(answers);
    return (row) => lines.believes(row);
  },
};

/** Names at the other end. */
const peerNames: Columns<Row> = {
  peer_path: fact(
    "string?",
    ({ peer }) => shownAs(peer?.name ?? null),
    "Path or, after a `@`, abstract name of the socket at the other end, as `path` has " +
      "it; null without one.",
    { set: "peer", needs: ["diag", "peer"], show: SHOW_PEER },
  ),
  peer_name: fact(
    "string?",
    ({ peer }) => peer?.name ?? null,
    "Name of the socket at the other end, byte for byte, as `socket_name` has it; null " +
      "without one.",
    { set: "peer", needs: ["diag", "peer"], show: SHOW_PEER },
  ),
};

/** The depth of the table that has these columns. */
export function unixDepth(table: DeepTable<Row>): Depth<Row> {
  const { columns } = table;
  const path = unixFields.path!;
  const named: Columns<Row> = {
    ...columns,
    path: {
      ...columns.path!,
      show: path.show,
      value: (row, view) =>
        row.answer?.has(NAME) ? path.value(row.answer, view) : pathText(row),
    },
  };
  const { peer_inode: _, ...fields } = unixFields;
  const needing = { needs: "diag", show: SHOW_PEER } as const;
  const depth: Depth<Row> = {
    columns: {
      ...deepColumns(named, fields),
      ...peerColumns(columns.owners!, needing),
      ...peerNames,
    },
    asking: () => UNIX_ASKING,
    doubts,
    finding: unixFinding(() => Promise.resolve([withDepth(table, depth)])),
  };
  return depth;
}

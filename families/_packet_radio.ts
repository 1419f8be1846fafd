/**
 * What the tables of AX.25, NET/ROM, ROSE and X.25 share: columns, and states
 * with names.
 *
 * @module
 */

import {
  among,
  fact,
  foreign,
  left,
  queueTone,
  type Tones,
} from "../core/contract/column.ts";
import type { Column, Columns, Long, Out } from "../core/contract/family.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import { wordsOf } from "./_words.ts";

/** The longest line that net-tools reads of these tables. */
export const LINE_LIMIT = 255;

/** What the rows of these tables have in common. */
export interface Circuit {
  /** Network interface, `???` without one. */
  device: string;
  /** State of the protocol. */
  state: number;
  /** Send state variable. */
  vs: number;
  /** Receive state variable. */
  vr: number;
  /** Bytes not yet sent. */
  sendQueue: number;
  /** Bytes not yet read. */
  receiveQueue: number;
  /** Inode of the socket, 0 without one. */
  inode: Long;
}

/** The row of no circuit. */
export const NO_CIRCUIT: Circuit = {
  device: "",
  state: 0,
  vs: 0,
  vr: 0,
  sendQueue: 0,
  receiveQueue: 0,
  inode: 0,
};

/** The column of the network interface. */
export function deviceColumn<Row extends Pick<Circuit, "device">>(
  header: string,
  width: number,
  gap = 1,
): Column<Row> {
  return foreign(
    header,
    width,
    (row) => row.device,
    "Network interface; null without one.",
    { gap, none: "???" },
  );
}

/**
 * The columns from the state on, with `Vr/Vs` of so many digits each. The kernels
 * write the send variable first, net-tools prints the receive variable first.
 */
export function circuitColumns<Row extends Circuit>(
  states: Tones,
  digits: number,
): Columns<Row> {
  const name = (row: Row) => stateName(states, row.state);
  return {
    state: left("State", 11, name, "State.", {
      kind: "name",
      gap: 2,
      ...among(name, states),
    }),
    state_num: fact("integer", (row) => row.state, "State as a number."),
    vr: left(
      "Vr/Vs",
      2 * digits + 1,
      (row) => row.vr,
      "Receive state variable.",
      {
        gap: 2,
        kind: "integer",
        write(out, row) {
          writePadded(out, row.vr, digits);
          out.ascii("/");
          writePadded(out, row.vs, digits);
        },
      },
    ),
    vs: fact("integer", (row) => row.vs, "Send state variable."),
    send_q: left("Send-Q", 6, (row) => row.sendQueue, "Bytes not yet sent.", {
      unit: "bytes",
      gap: 2,
      kind: "integer",
      tone: queueTone((row) => row.sendQueue),
    }),
    recv_q: left(
      "Recv-Q",
      6,
      (row) => row.receiveQueue,
      "Bytes not yet read.",
      {
        unit: "bytes",
        gap: 2,
        kind: "integer",
        tone: queueTone((row) => row.receiveQueue),
      },
    ),
    inode: fact(
      "integer",
      (row) => row.inode,
      "Inode of the socket; 0 without one.",
    ),
  };
}

/** What stands between two numbers. */
export const SLASH = 47;

/** Reads two decimal numbers, `a/b`, such as what is left of a timer. */
export function skipPair(line: Line): void {
  line.decimal32();
  line.skip(SLASH);
  line.decimal32();
}

/** An inode, or 0 for a control block without a socket (`*`). */
export function inodeWord(word: string | undefined): Long {
  if (!/^\d+$/.test(word ?? "")) return 0;
  const value = BigInt(word!);
  return value < 2 ** 53 ? Number(value) : BigInt.asUintN(64, value);
}

/** A state's name; the kernels have none beyond the table. */
export function stateName(states: Tones, state: number): string {
  return Object.keys(states)[state] ?? `UNKNOWN(${state})`;
}

/** Writes a number in decimal with leading zeros (`%03d`). */
export function writePadded(out: Out, value: number, width: number): void {
  const digits = Math.abs(value).toString();
  out.ascii(
    value < 0
      ? `-${digits.padStart(width - 1, "0")}`
      : digits.padStart(width, "0"),
  );
}

/** A neighbour, in the file that routes refer to. */
export interface Neighbour {
  /** Its call sign. */
  readonly callSign: string;
  /** The network interface that leads to it. */
  readonly device: string;
}

/**
 * Keeps a line of `nr_neigh_show` or `rose_neigh_show`, which start alike, by its
 * number; the first one with a number counts.
 */
export function parseNeighbour(
  line: Line,
  { neighbours }: { readonly neighbours: Map<number, Neighbour> },
): boolean {
  const [first, callSign, device] = wordsOf(line);
  const number = atoi(first);
  if (number === undefined || device === undefined) return false;
  if (!neighbours.has(number)) {
    neighbours.set(number, { callSign: callSign!, device });
  }
  return true;
}

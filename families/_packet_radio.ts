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
import type { Numbers } from "./_packet_radio_numbers.ts";
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
  /** What net-tools passes over. */
  readonly numbers: Numbers;
}

/** A row of no circuit. */
export function noCircuit(): Circuit {
  return {
    device: "",
    state: 0,
    vs: 0,
    vr: 0,
    sendQueue: 0,
    receiveQueue: 0,
    inode: 0,
    numbers: [],
  };
}

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
  /** The words behind that, which the two files do not share. */
  readonly more: readonly string[];
}

/**
 * Keeps a line of `nr_neigh_show` or `rose_neigh_show`, which start alike, by its
 * number; the first one with a number counts.
 */
export function parseNeighbour(
  line: Line,
  { neighbours }: { readonly neighbours: Map<number, Neighbour> },
): boolean {
  const [first, callSign, device, ...more] = wordsOf(line);
  const number = atoi(first);
  if (number === undefined || device === undefined) return false;
  if (!neighbours.has(number)) {
    neighbours.set(number, { callSign: callSign!, device, more });
  }
  return true;
}

/** A way to a node, by a neighbour that may be unknown. */
export interface Way {
  /** The number of the neighbour. */
  readonly number: number | null;
  /** The neighbour. */
  readonly neighbour: Neighbour | undefined;
}

/** The columns of a neighbour on the way to a node. */
export function wayColumns<W extends Way>(): Columns<W> {
  return {
    neighbour_num: fact<W, number | null>(
      "integer?",
      ({ number }) => number,
      "Number of the neighbour.",
    ),
    neighbour: fact<W, string | null>(
      "address?",
      ({ neighbour }) => neighbour?.callSign ?? null,
      "Call sign of the neighbour; null if it is unknown.",
    ),
    iface: fact<W, string | null>(
      "string?",
      ({ neighbour }) => {
        const { device = "???" } = neighbour ?? {};
        return device === "???" ? null : device;
      },
      "Network interface that leads to it; null without one.",
    ),
  };
}

/** A number among the words of a neighbour, from 0. */
export function numberOf({ neighbour }: Way, place: number): number | null {
  return atoi(neighbour?.more[place]) ?? null;
}

/** The digipeaters of a neighbour, which stand behind so many words. */
export function digipeatersColumn<W extends Way>(words: number): Column<W> {
  return fact<W, readonly string[]>(
    "strings",
    ({ neighbour }) => neighbour?.more.slice(words) ?? [],
    "Call signs of the digipeaters in between.",
  );
}

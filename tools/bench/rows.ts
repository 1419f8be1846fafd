/**
 * Kernel tables of any length, the same ones each time.
 *
 * @module
 */

import { Random } from "../fuzz/random.ts";

/** A table under `/proc/net`. */
interface Rows {
  /** Lines are filled up with blanks to this length. */
  readonly width: number;
  readonly header: string;
  row(random: Random, n: number): string;
}

/** So many rows are written at once. */
const BLOCK = 4096;

/** ESTABLISHED mostly; a few TIME_WAIT and CLOSE_WAIT. */
const STATES = ["01", "01", "01", "01", "06", "08"];

/** One of so many connections is to port 443: of all rows, 1 % are, and stand. */
const HTTPS = 67;

const TYPES = ["0001", "0001", "0001", "0002", "0005"];

const MASKS = ["00000000", "000000FF", "0000FFFF", "00FFFFFF", "FFFFFFFF"];

const hex = (number: number, digits: number) =>
  number.toString(16).toUpperCase().padStart(digits, "0");

const word = (random: Random) => hex(random.below(2 ** 32), 8);

/** The tables, by the names of their files. */
export const TABLES: Readonly<Record<"tcp" | "unix" | "route", Rows>> = {
  /** `tcp4_seq_show` */
  tcp: {
    width: 149,
    header:
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " +
      "retrnsmt   uid  timeout inode",
    row: (random, n) =>
      `${String(n).padStart(4)}: ` +
      `${word(random)}:${hex(random.below(65536), 4)} ` +
      `${word(random)}:${
        hex(random.once(HTTPS) ? 443 : random.below(65536), 4)
      } ` +
      `${random.pick(STATES)} ` +
      `${hex(random.once(4) ? random.below(1e6) : 0, 8)}:` +
      `${hex(random.once(8) ? random.below(1e6) : 0, 8)} ` +
      `0${random.pick([0, 2, 3])}:${hex(random.below(6000), 8)} 00000000 ` +
      `${String(random.below(2000)).padStart(5)}        0 ${100_000 + n} ` +
      `1 0000000000000000 20 4 30 10 -1`,
  },
  /** `unix_seq_show` */
  unix: {
    width: 0,
    header: "Num       RefCount Protocol Flags    Type St Inode Path",
    row: (random, n) => {
      const server = random.once(5);
      const path = random.once(2)
        ? ""
        : random.once(3)
        ? ` @/tmp/.X11-unix/X${random.below(100)}`
        : ` /run/service-${random.below(1000)}/socket-${n}`;
      return `0000000000000000: ${hex(random.between(2, 3), 8)} 00000000 ` +
        `${server ? "00010000" : "00000000"} ${random.pick(TYPES)} ` +
        `${server ? "01" : "03"} ${String(100_000 + n).padStart(5)}${path}`;
    },
  },
  /** `fib_route_seq_show` */
  route: {
    width: 127,
    header:
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\t" +
      "MTU\tWindow\tIRTT",
    row: (random) =>
      `eth${random.below(4)}\t${word(random)}\t${word(random)}\t0003\t0\t0\t` +
      `${random.below(1000)}\t${random.pick(MASKS)}\t0\t0\t0`,
  },
};

/** A table with so many rows, as blocks of text. A longer one starts like it. */
export function* tableOf(
  { width, header, row }: Rows,
  count: number,
): Generator<string> {
  const random = new Random(1);
  const line = (text: string) => text.padEnd(width) + "\n";
  yield line(header);
  for (let from = 0; from < count; from += BLOCK) {
    const length = Math.min(BLOCK, count - from);
    yield Array.from({ length }, (_, i) => line(row(random, from + i)))
      .join("");
  }
}

/**
 * What `/proc/net/route` and `rt_cache` share: a first line that names the fields, and
 * fields that go into the same columns.
 *
 * @module
 */

import { left, reprinted, right } from "../core/contract/column.ts";
import type {
  Columns,
  Missing,
  Out,
  Printed,
  Said,
} from "../core/contract/family.ts";
import type { Answer } from "../core/contract/diag.ts";
import { Address, hexWord } from "../core/contract/ip.ts";
import { type Line, NAME_MOST } from "../core/contract/line.ts";
import {
  BOTH,
  METRICS,
  notConfigured,
  pick,
  SIZES,
  usageColumns,
} from "./_routes.ts";

/** `RTF_UP` */
export const UP = 1;
/** `RTF_HOST` */
export const HOST = 4;

/** Destinations and gateways are cut to their columns. */
export const CELL = 15;
/** Interfaces are cut in the longest layout. */
const SHORT = 6;

/** The longest line. */
export const LINE_LIMIT = 1022;

/** What is said if a file is not there. */
export const MISSING: Missing = notConfigured("INET (IPv4)");

/** A row that tells whether an address of its line is none. */
export type Misreading = Pick<Entry, "misread">;

/** Reads one field. */
export type Field<Row> = (line: Line, row: Row) => void;

/** The fields of both files that go into the same columns. */
export class Entry {
  /** The destination. */
  readonly destination: Address = new Address();
  /** The gateway; all zeros if there is none. */
  readonly gateway: Address = new Address();
  /** Whether an address of the line is none. */
  misread = false;
  /** The flags (`linux/route.h`). */
  flags = 0;
  /** References to the route. */
  refcnt = 0;
  /** Look-ups of the route. */
  use = 0;
  /** The metric. */
  metric = 0;
  /** Segment size and 40, or an MTU. */
  mtu = 0;
  /** The largest TCP window. */
  window = 0;
  /** The first guess of the round-trip time, in milliseconds. */
  irtt = 0;
  /** The fields of a line, in the order that the file's first line tells. */
  fields: readonly Field<this>[] | undefined;
  /** The name of the first field that is not in it. */
  lacking: string | undefined;
  /** What netlink told, where rows are made of that. */
  answer: Answer | undefined;
  /** Routes have no other end. */
  peer: undefined;
  #name = "";
  #line: Line | undefined;
  #from = 0;
  #to = 0;

  /** The interface's name is read from the line when it is wanted. */
  readInterface(line: Line): void {
    const length = line.word(NAME_MOST);
    this.#line = line;
    this.#to = line.at;
    this.#from = line.at - length;
  }

  /** The name of the interface, as a byte string. */
  get iface(): string {
    return this.#line?.text(this.#from, this.#to) ?? this.#name;
  }

  /** Sets it, where no line has it. */
  set iface(name: string) {
    this.#name = name;
  }

  /** Writes the name of the interface, of which so many bytes at most. */
  writeInterface(out: Out, most: number): void {
    if (this.#line === undefined) {
      return out.foreign(this.#name.slice(0, most));
    }
    const to = Math.min(this.#to, this.#from + most);
    out.foreignBytes(this.#line.bytes, this.#from, to);
  }
}

/** Reads an address of eight hexadecimal digits; what follows them is skipped. */
export function readAddress(
  line: Line,
  row: Misreading,
  address: Address,
): void {
  const length = line.word(127);
  if (line.failed) return;
  const bad = length < 8 ||
    hexWord(line.bytes, line.at - length, address.bytes, 0) < 0;
  row.misread ||= bad;
}

/**
 * Whether a line with so many fields is good. net-tools passes over shorter ones
 * without a word; of a long one that we cannot read the user is told.
 */
export function isGood(line: Line, row: Misreading, least: number): boolean {
  const whole = line.fields >= least;
  row.misread &&= whole;
  return whole && !row.misread;
}

/** What is said of a malformed line, if anything. */
export function complaintOf(
  path: string,
): (row: Misreading, number: number) => Said | undefined {
  return ({ misread }, number) =>
    misread
      ? {
        text:
          `warning, ${path} line ${number}: an address is not of 8 hexadecimal digits`,
      }
      : undefined;
}

/** The columns of the fields that both files have. */
export function numbers<Row extends Entry>(): Columns<Row> {
  return {
    ...usageColumns<Row>(),
    mss: right(
      "MSS",
      5,
      (row) => row.mtu,
      "Segment size and 40, or an MTU, as the kernel gives it; 0 if not set.",
      { unit: "bytes" },
    ),
    window: left(
      "Window",
      5,
      (row) => row.window >>> 0,
      "Largest TCP window; 0 if not set.",
      {
        unit: "bytes",
        kind: "integer",
        write: (out, row) => out.integer(row.window),
      },
    ),
    irtt: right(
      "irtt",
      6,
      (row) => row.irtt >>> 0,
      "First guess of the round-trip time, in milliseconds; 0 if not set.",
      {
        kind: "duration",
        unit: "milliseconds",
        headerWidth: 5,
        write: (out, row) => out.integer(row.irtt),
      },
    ),
    iface: left("Iface", 0, (row) => row.iface, "Network interface.", {
      write: (out, row) => row.writeInterface(out, NAME_MOST),
    }),
  };
}

/** The columns of the longest layout, which have other widths. */
export function both<Row extends Entry>(
  columns: Columns<Row>,
): Record<keyof typeof WIDE, Printed<Row>> {
  const wide = (key: keyof typeof WIDE) => reprinted(columns[key]!, WIDE[key]);
  return {
    metric: wide("metric"),
    refcnt: wide("refcnt"),
    use: wide("use"),
    iface: reprinted(wide("iface"), {
      write: (out, row) => row.writeInterface(out, SHORT),
    }),
    mss: wide("mss"),
    window: wide("window"),
    irtt: wide("irtt"),
  };
}

/** Columns by layout: those of `head`, and metrics, sizes, or the longest's. */
export function layoutsOf<Row>(
  columns: Columns<Row>,
  head: readonly Printed<Row>[],
  longest: readonly Printed<Row>[],
): Record<number, readonly Printed<Row>[]> {
  return {
    [METRICS]: [...head, ...pick(columns, "metric", "refcnt", "use", "iface")],
    [SIZES]: [...head, ...pick(columns, "mss", "window", "irtt", "iface")],
    [BOTH]: [...head, ...longest],
  };
}

/** How the longest layout places the columns that both files have. */
export const WIDE = {
  metric: {},
  refcnt: { width: -3 },
  use: { width: 6 },
  iface: { width: -6 },
  mss: { width: -5, gap: 3 },
  window: { width: -6 },
  irtt: { width: 0, headerWidth: 0 },
} as const;

/** The fields that begin a line, as the first line names them. */
export const FIRST_FIELDS: Readonly<Record<string, Field<Entry>>> = {
  Iface: (line, row) => row.readInterface(line),
  Destination: (line, row) => readAddress(line, row, row.destination),
  Gateway: (line, row) => readAddress(line, row, row.gateway),
  Flags: (line, row) => void (row.flags = line.hex32()),
  RefCnt: (line, row) => void (row.refcnt = line.decimal32()),
  Use: (line, row) => void (row.use = line.decimal32()),
  Metric: (line, row) => void (row.metric = line.decimal32()),
};
/** Those of sizes and times, in either file behind one of its own. */
export const SIZE_FIELDS: Readonly<Record<string, Field<Entry>>> = {
  MTU: (line, row) => void (row.mtu = line.decimal32()),
  Window: (line, row) => void (row.window = line.decimal32()),
  IRTT: (line, row) => void (row.irtt = line.decimal32()),
};
/** A field that we do not know. */
const unknownField: Field<unknown> = (line) => {
  line.word(Infinity);
  if (!line.failed) line.fields--;
};

/** Finds the fields in the file's first line: in this order, others between them. */
export function findFields<Row>(
  line: Line,
  row: {
    fields: readonly Field<Row>[] | undefined;
    lacking: string | undefined;
  },
  known: Readonly<Record<string, Field<Row>>>,
): void {
  const words = line.text().replaceAll("\t", " ").replaceAll("|", " ")
    .split(" ").filter((word) => word !== "");
  const fields: Field<Row>[] = [];
  let at = 0;
  for (const [name, field] of Object.entries(known)) {
    const found = words.indexOf(name, at);
    if (found < 0) {
      row.lacking = name;
      return;
    }
    for (; at < found; at++) fields.push(unknownField);
    fields.push(field);
    at++;
  }
  row.fields = fields;
}

/** What is said of a field that the file's first line does not have. */
export function lacks(path: string, field: string): string {
  return `warning: ${path} does not contain required field ${field}`;
}

/**
 * What the tables of routes of several families share: layouts by `-e`, flags as
 * letters, and fields of fixed places.
 *
 * @module
 */

import { fact, left, right } from "../core/contract/column.ts";
import type {
  Column,
  Columns,
  Missing,
  Printed,
  View,
} from "../core/contract/family.ts";
import type { Address } from "../core/contract/ip.ts";
import { hostOf } from "./_hosts.ts";

/**
 * The layouts of net-tools, by its own numbers, of which 0 has a title alone. Metric,
 * references and use.
 */
export const METRICS = 1;
/** Segment size, window and round-trip time. */
export const SIZES = 2;
/** All of them. */
export const BOTH = 3;

/** The layout that so many `-e` choose: a counter of two bits, and none is 2. */
export function layoutOf({ extend }: View): number {
  return extend < 2 ? SIZES - extend : (extend + 1) % 4;
}

/** Flags and their letters, in the order in which they are printed. */
export type Letters = readonly (readonly [flag: number, letter: string])[];

/** `RTF_REJECT`, `include/uapi/linux/route.h` */
export const REJECT = 0x200;

/** The first and the last flags of the Internet's tables, in their order. */
export const LAST_LETTERS: Letters = [
  [0x10000, "d"],
  [0x20000, "a"],
  [0x40000, "c"],
  [0x200000, "o"],
  [0x400000, "e"],
  [0x1000000, "c"],
  [0x2000000, "f"],
  [0x4000000, "p"],
  [0x80000000, "l"],
  [0x40, "u"],
  [0x80, "w"],
  [0x100, "i"],
  [0x400, "n"],
];

/** Spells flags; with `replaces` that flag's letter stands for all before it. */
export function speller(
  letters: Letters,
  replaces = 0,
): (flags: number) => string {
  const known = new Map<number, string>();
  return (flags) => {
    let text = known.get(flags);
    if (text === undefined) {
      text = "";
      for (const [flag, letter] of letters) {
        if ((flags & flag) === 0) continue;
        text = flag === replaces ? letter : text + letter;
      }
      if (known.size < 1000) known.set(flags, text);
    }
    return text;
  };
}

/** The columns of flags: letters, and the number. */
export function flagColumns<Row extends { flags: number }>(
  spell: (flags: number) => string,
  header: string,
  width: number,
  gap = 1,
): { flags: Column<Row>; flags_num: Column<Row> } {
  return {
    flags: left(header, width, (row) => spell(row.flags), "Flags as letters.", {
      gap,
      tone: (row) => (row.flags & REJECT) === 0 ? undefined : "off",
    }),
    flags_num: fact(
      "integer",
      (row) => row.flags >>> 0,
      "Flags as a number (RTF_* of the kernel).",
    ),
  };
}

/** These columns, in this order. */
export function pick<Row>(
  columns: Columns<Row>,
  ...keys: string[]
): Printed<Row>[] {
  return keys.map((key) => {
    const column = columns[key];
    if (column?.cell === undefined) {
      throw new RangeError(`no column '${key}' of the text`);
    }
    return column as Printed<Row>;
  });
}

/** Whether hosts and networks have no names. */
export function numeric(view: View): boolean {
  return view.numericHosts || view.symbolic;
}

/** The host's name; null without one, or if numbers are wanted. */
export function routeHostOf(address: Address, view: View): string | null {
  return hostOf(address, view, numeric(view));
}

/** What is said where the kernel has no such routes. */
export function notConfigured(what: string): Missing {
  return {
    text: `${what} not configured in this system.`,
    reason: (path, reason) => `${path}: ${reason}`,
    listed: true,
  };
}

/** Metric, references and use, as the Internet's tables have them. */
export function usageColumns<
  Row extends { metric: number; refcnt: number; use: number },
>(): Record<"metric" | "refcnt" | "use", Printed<Row>> {
  return {
    metric: left("Metric", 6, (row) => row.metric >>> 0, "Metric.", {
      kind: "integer",
      write: (out, row) => out.integer(row.metric),
    }),
    refcnt: left("Ref", 2, (row) => row.refcnt, "References to the route.", {
      kind: "integer",
    }),
    use: right("Use", 7, (row) => row.use >>> 0, "Lookups of the route.", {
      headerWidth: 6,
      write: (out, row) => out.integer(row.use),
    }),
  };
}

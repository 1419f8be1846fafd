/**
 * Counters as rows, and as net-tools prints them.
 *
 * @module
 */

import { fact } from "../contract/column.ts";
import type { Columns, Counter, Long, Out } from "../contract/family.ts";
import type { Layout } from "../contract/sink.ts";

/** The value of a counter. */
export interface Count {
  /** The kernel's name of the counters that belong together, as a byte string. */
  readonly section: string;
  /** The kernel's name, as a byte string. */
  readonly name: string;
  /** The kernel's number; null if it has none. */
  readonly value: Long | null;
  /** The number that net-tools reads: an unsigned one, 0 if there is none. */
  readonly printed: Long;
  /** What the text says of it, if net-tools knows it. */
  readonly known: Counter | undefined;
  /** Its sentence, with the number; null if there is none. */
  readonly sentence: string | null;
}

/** What is known of a counter. */
export const counterColumns: Columns<Count> = {
  section: fact(
    "string",
    (row) => row.section,
    "The kernel's name of the counters that belong together.",
  ),
  counter: fact(
    "string",
    (row) => row.name,
    "The kernel's name of the counter.",
  ),
  value: fact<Count, Long | null>(
    "integer?",
    (row) => row.value,
    "The kernel's number, negative ones too; null if it has none.",
  ),
  text: fact<Count, string | null>(
    "string?",
    (row) => row.sentence,
    "The sentence of the text, with the number as the text shows it; null if the " +
      "text has none.",
  ),
};

/**
 * Prints sections as net-tools does. A list has a heading and stands further in;
 * net-tools goes by the last counter that it knows, even one that is 0 and not shown,
 * so that what it does not know can stand in a list too, of another section even.
 */
export function frozenCounters(): (section: string, known: boolean) => Layout {
  let list: string | undefined;
  const indent = (out: Out) => out.pad(out.at, list === undefined ? 4 : 8);
  const write = (out: Out, row: unknown) => {
    const { name, printed, known, sentence } = row as Count;
    if (known !== undefined && sentence === null) return true;
    if (known !== undefined && known.list !== list) {
      if (known.list !== undefined) {
        indent(out);
        out.ascii(`${known.list}:\n`);
      }
      list = known.list;
    }
    if (printed === 0 && !known?.always) return true;
    indent(out);
    if (sentence !== null) out.ascii(sentence);
    else {
      out.foreign(name);
      out.ascii(`: ${printed}`);
    }
    out.byte(10);
    return true;
  };
  return (section, known) => {
    if (known) list = undefined;
    const title = { text: () => `${section}:`, always: false, each: true };
    return { title, header: [], headed: undefined, cells: [], write };
  };
}

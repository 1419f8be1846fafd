/**
 * Counters as rows, and as net-tools prints them.
 *
 * @module
 */

import { fact } from "../contract/column.ts";
import type { Columns, Counter, Long, Out } from "../contract/family.ts";
import { isGauge } from "../contract/gauge.ts";
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
    { grows: ({ name }) => !isGauge(name) },
  ),
  text: fact<Count, string | null>(
    "string?",
    (row) => row.sentence,
    "The sentence of the text, with the number as the text shows it; null if the " +
      "text has none.",
  ),
};

/** Whether net-tools' text has a line of a counter. */
export function isPrinted({ printed, known, sentence }: Count): boolean {
  if (known === undefined) return printed !== 0;
  return sentence !== null && (printed !== 0 || known.always === true);
}

/**
 * Prints sections as net-tools does. A list has a heading and stands further in;
 * net-tools goes by the last counter that it knows, even one that is 0 and not shown,
 * so that what it does not know can stand in a list too, of another section even.
 */
export class FrozenCounters {
  /** The list that the last counter stands in. */
  #list: string | undefined;
  /** The one before: net-tools indents a heading as the line in front of it. */
  #before: string | undefined;
  /** The one whose heading was printed last. */
  #headed: string | undefined;

  /** The layout of a section. */
  layout(section: string, known: boolean): Layout {
    if (known) this.#list = this.#headed = undefined;
    return {
      title: { text: () => `${section}:`, always: false, each: true },
      header: [],
      headed: undefined,
      cells: [],
      write: (out, row) => this.#write(out, row as Count),
    };
  }

  /** A counter is not asked for: those behind it stand where they would. */
  pass({ known, sentence }: Count): void {
    if (known === undefined || sentence === null) return;
    if (known.list === this.#list) return;
    this.#before = this.#list;
    this.#list = known.list;
  }

  #write(out: Out, count: Count): boolean {
    const { name, printed, known, sentence } = count;
    if (known !== undefined && sentence === null) return true;
    this.pass(count);
    const list = this.#list;
    if (list !== this.#headed) {
      this.#headed = list;
      if (list !== undefined) {
        indent(out, this.#before);
        out.ascii(`${list}:\n`);
      }
    }
    if (!isPrinted(count)) return true;
    indent(out, list);
    if (sentence !== null) out.ascii(sentence);
    else {
      out.foreign(name);
      out.ascii(`: ${printed}`);
    }
    out.byte(10);
    return true;
  }
}

function indent(out: Out, list: string | undefined): void {
  out.pad(out.at, list === undefined ? 4 : 8);
}

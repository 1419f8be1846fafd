/**
 * Counters as rows, and as net-tools prints them.
 *
 * @module
 */

import { fact } from "../contract/column.ts";
import { type Explanation, SIGNALS } from "../contract/explained.ts";
import type { Columns, Counter, Long, Out, Tone } from "../contract/family.ts";
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
  /** What it counts, and what it means if it grows; undefined unless that is asked for. */
  readonly explanation: Explanation | undefined;
}

/** What is known of a counter, whoever asks. */
const counterColumns: Columns<Count> = {
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

/** What a counter means, which is shown where it is asked for. */
const MEANING: Columns<Count> = {
  signal: fact<Count, string | null>(
    "name?",
    (row) => row.explanation?.signal ?? null,
    "What it means if the counter grows: normal, watch (a look if it grows faster " +
      "than it used to) or trouble (something is lost); null if the counter is not known.",
    { words: SIGNALS, tone: troubleTone },
  ),
  explanation: fact<Count, string | null>(
    "string?",
    (row) => row.explanation?.sentence ?? null,
    "What the counter counts, and what it means if it grows, in a sentence; null if " +
      "the counter is not known.",
  ),
};

/** What went wrong has happened only if it was counted. */
function troubleTone({ value, explanation }: Count): Tone | undefined {
  return explanation?.signal === "trouble" && value !== null && value > 0
    ? "trouble"
    : undefined;
}

/** All columns of counters; what they mean is shown by `--explain` without being named. */
export function columnsOfCounters(explain: boolean): Columns<Count> {
  const meaning = Object.entries(MEANING)
    .map(([key, column]) => [key, { ...column, rare: !explain }]);
  return { ...counterColumns, ...Object.fromEntries(meaning) };
}

/** Whether one of these columns tells what a counter means. */
export function tellsMeaning(
  shown: readonly { readonly key: string }[],
): boolean {
  return shown.some(({ key }) => Object.hasOwn(MEANING, key));
}

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
  /** Whether what a counter means stands below its line. */
  readonly #explains: boolean;
  /** The list that the last counter stands in. */
  #list: string | undefined;
  /** The one before: net-tools indents a heading as the line in front of it. */
  #before: string | undefined;
  /** The one whose heading was printed last. */
  #headed: string | undefined;

  /** With `explain`, what a counter means stands below its line. */
  constructor(explain: boolean) {
    this.#explains = explain;
  }

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
    if (!this.#explains) return true;
    indent(out, list, 4);
    out.ascii(count.explanation?.sentence ?? UNKNOWN);
    out.byte(10);
    return true;
  }
}

/** What stands below a counter of which nothing is known. */
const UNKNOWN = "netstat does not know what this counts";

function indent(out: Out, list: string | undefined, more = 0): void {
  out.pad(out.at, (list === undefined ? 4 : 8) + more);
}

/**
 * The statistics view: the counters of one family.
 *
 * @module
 */

import type { Around, Round, Surroundings, Viewing } from "./around.ts";
import type {
  Columns,
  Counter,
  CounterFile,
  Long,
  Statistics,
} from "../contract/family.ts";
import { type Explaining, explainingOf } from "../contract/explained.ts";
import { Line, untilNul } from "../contract/line.ts";
import { protocolsOf } from "./registry.ts";
import { cannotParse, type Messages } from "../contract/said.ts";
import { allOf, type Head, type Lost } from "../contract/sink.ts";
import {
  columnsOfCounters,
  type Count,
  FrozenCounters,
  isPrinted,
  tellsMeaning,
} from "./counters.ts";
import { warnOfLack } from "./lack.ts";
import { Failure, tell } from "../system/failures.ts";
import type { Lines } from "../system/scan.ts";

/** The longest line of pairs; those of today's kernels have three thousand bytes. */
const LINE_LIMIT = 65_535;

/** The longest line of a list. */
const LIST_LINE_LIMIT = 1023;

const UNSIGNED_MAX = 0xffff_ffff_ffff_ffffn;

/** Shows the counters of one family. */
export function statisticsView(surroundings: Surroundings): Viewing {
  const { asked: { families: [name] }, families } = surroundings;
  const having = families.filter((f) => f.statistics !== undefined);
  const { name: family } = having.find((f) => f.name === name) ??
    having[0] ?? {};
  const head: Head = family === undefined ? {} : { family };
  const columns = columnsIn(surroundings);
  return {
    relations: () => [{ head, columns, identity: ["section", "counter"] }],
    round: (taking) => statisticsRound({ ...surroundings, ...taking }),
  };
}

/** All columns of the view. */
function columnsIn({ asked, view }: Surroundings): Columns<Count> {
  return { ...columnsOfCounters(asked.explain), ...view.everywhere };
}

/** A round of `-s`. Whatever is missing, its status is 0. */
function statisticsRound(around: Around): Round {
  const { asked, families, tree, view, sink, messages, plans } = around;
  return async () => {
    const having = families.filter((f) => f.statistics !== undefined);
    const [name = having[0]?.name, ...more] = asked.families;
    const family = having.find((f) => f.name === name);
    if (family === undefined || more.length > 0) {
      messages.say({
        text: "netstat: No statistics support for specified address family: " +
          asked.families.join(),
        listed: true,
      });
      sink.end();
      return 1;
    }

    const protocols = protocolsOf(family).filter((p) => asked.protocols.has(p));
    const statistics = await family.statistics!();
    const [plan] = plans ?? [];
    const explaining = asked.explain || tellsMeaning(plan?.used ?? [])
      ? await explainingOf(family)
      : undefined;
    const collected = new Collected(statistics, protocols, explaining);
    let status = 0;
    let lost: Lost | undefined;
    for (const file of plan?.none ? [] : statistics.files) {
      const pairs = file.layout === "pairs";
      const limit = pairs ? LINE_LIMIT : LIST_LINE_LIMIT;
      const lines = tree.open(file.path, limit);
      if (lines instanceof Failure) {
        if (!file.required) continue;
        lost = lines;
        tell(lines, messages, `cannot open ${lines}`);
        warnOfLack([lines], around);
        break;
      }
      const complaints = complaintsOf(file, messages);
      if (pairs) readPairs(lines, file, collected, complaints);
      else readList(lines, file, collected, complaints);
      lines.close();
      if (lines.failure) {
        lost = lines.failure;
        tell(lines.failure, messages);
        status = 1;
      }
    }
    const shown = plan?.shown ?? allOf(columnsIn(around), view);
    const head = plan?.head ?? { family: family.name };
    const keep = (count: Count) =>
      (plan?.keep?.(count, view) ?? true) &&
      (plan?.later?.(count, view) ?? true) &&
      // what the text does not have is no row of it
      (plan === undefined || !messages.frozen || isPrinted(count));
    const chosen = (plan?.keep ?? plan?.later) !== undefined;
    const text = new FrozenCounters(asked.explain);
    if (!messages.frozen) sink.begin(head, shown, text.layout("", false));
    if (lost !== undefined) sink.unread?.(lost);
    for (const { name, known, shown: isShown, counts } of collected.sections) {
      const layout = text.layout(name, known);
      if (!isShown) continue;
      // where rows are chosen, a heading without any is of no use
      let begun = !messages.frozen;
      const begin = () => {
        if (!begun) sink.begin(head, shown, layout);
        begun = true;
      };
      if (!chosen) begin();
      const more = counts.every((count) => {
        if (!keep(count)) {
          text.pass(count);
          return true;
        }
        begin();
        return sink.row(count);
      });
      if (!more) break;
    }
    sink.end();
    return status;
  };
}

/** Counters that the kernel wrote together. */
interface CountSection {
  /** The kernel's name, as a byte string. */
  readonly name: string;
  /** Whether net-tools knows the section. */
  readonly known: boolean;
  /** Whether it is shown. */
  readonly shown: boolean;
  /** The counters, in the kernel's order. */
  readonly counts: readonly Count[];
}

/** The sections that were read so far. */
class Collected {
  readonly sections: CountSection[] = [];
  readonly #statistics: Statistics;
  readonly #protocols: readonly string[];
  readonly #explaining: Explaining | undefined;
  #section = "";
  #counts: Count[] = [];
  #counters: Readonly<Record<string, Counter>> = {};

  /** If there are `protocols`, only those of the known sections are shown. */
  constructor(
    statistics: Statistics,
    protocols: readonly string[],
    explaining: Explaining | undefined,
  ) {
    this.#statistics = statistics;
    this.#protocols = protocols;
    this.#explaining = explaining;
  }

  /** Begins a section. */
  begin(name: string): void {
    const section = own(this.#statistics.sections, name);
    this.#counters = section?.counters ?? {};
    this.#section = name;
    this.#counts = [];
    this.sections.push({
      name,
      known: section !== undefined,
      shown: section === undefined || this.#protocols.length === 0 ||
        this.#protocols.includes(section.protocol),
      counts: this.#counts,
    });
  }

  /** Adds a counter to the section. */
  add(name: string, value: Long | null, printed: Long): void {
    const known = own(this.#counters, name);
    const sentence = known?.text?.replace(/\bN\b/, `${printed}`) ?? null;
    const section = this.#section;
    const explanation = this.#explaining?.(section, name);
    this.#counts.push({
      section,
      name,
      value,
      printed,
      known,
      sentence,
      explanation,
    });
  }
}

/** What an object itself has under a name that may be anything. */
function own<Value>(
  object: Readonly<Record<string, Value>>,
  name: string,
): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Takes lines that cannot be read, by their number from 1 and their text. */
interface Complaints {
  /** A malformed line. Returns whether to go on with the file. */
  malformed(number: number, text: string): boolean;
  /** One of which net-tools says nothing: the text does not either. */
  unnoticed(number: number, text: string): void;
  /** One that net-tools takes for something else. */
  mistaken(number: number, text: string): void;
}

/** What is said of a file's lines; net-tools' text shows no more pairs after a bad one. */
function complaintsOf(
  { path, layout, problem }: CounterFile,
  messages: Messages,
): Complaints {
  const mistaken = (number: number, text: string) =>
    messages.warn(cannotParse({ path, number, text }));
  return {
    malformed(number, text) {
      if (!messages.frozen) mistaken(number, text);
      else if (problem !== undefined) messages.warn(problem);
      return layout === "list" || !messages.frozen;
    },
    unnoticed(number, text) {
      if (!messages.frozen) mistaken(number, text);
    },
    mistaken,
  };
}

/** A line of a pair. */
interface PairLine {
  readonly number: number;
  /** All of it; what is read ends at a NUL. */
  readonly whole: string;
  /** What stands in front of the first colon, if there is one. */
  readonly section: string | undefined;
  /** What stands behind it. */
  readonly rest: string;
}

/**
 * Reads pairs of lines, as `snmp_seq_show` and `netstat_seq_show` write them:
 *
 * ```text
 * Udp: InDatagrams NoPorts InErrors OutDatagrams
 * Udp: 171 0 0 172
 * ```
 *
 * The first has names and the second, of the same section, has numbers: else one of
 * the two is lost, and the second may be the first of the next pair.
 */
function readPairs(
  lines: Lines,
  file: CounterFile,
  collected: Collected,
  { malformed, unnoticed, mistaken }: Complaints,
): void {
  const line = new Line();
  let names: PairLine | undefined;
  while (lines.next(line)) {
    const next = pairLine(line, lines.number);
    if (names === undefined) {
      // net-tools looks at a line only when the next one is there
      if (next.whole !== "") names = next;
    } else if (names.section === undefined) {
      if (!malformed(names.number, names.whole)) return;
      names = next;
    } else if (next.section === undefined) {
      if (!malformed(next.number, next.whole)) return;
      names = undefined;
    } else if (next.section !== names.section || NUMBERS.test(names.rest)) {
      mistaken(names.number, names.whole);
      names = next;
    } else {
      if (file.takes?.(names.section) ?? true) {
        collected.begin(names.section);
        const whole = addPairs(
          words(names.rest, BLANKS),
          words(next.rest, WHITE),
          collected,
        );
        if (!whole || next.whole.includes("\0")) {
          unnoticed(next.number, next.whole);
        } else if (names.whole.includes("\0")) {
          unnoticed(names.number, names.whole);
        }
      }
      names = undefined;
    }
  }
  if (names !== undefined) unnoticed(names.number, names.whole);
}

/** Whether the first word is a number. */
const NUMBERS = /^\s*[-+]?\d/;

function pairLine(line: Line, number: number): PairLine {
  const whole = line.text();
  const text = untilNul(line.bytes, line.start, line.end);
  const colon = text.indexOf(":");
  return {
    number,
    whole,
    section: colon < 0 ? undefined : text.slice(0, colon),
    rest: text.slice(colon + 1),
  };
}

/**
 * Adds the counters of a section. As for net-tools, there are only zeros behind
 * what is not a number. Returns whether there are as many values as names.
 */
function addPairs(
  names: readonly string[],
  values: readonly string[],
  collected: Collected,
): boolean {
  let good = true;
  for (const [i, name] of names.entries()) {
    const word = values[i] ?? "";
    const number = NUMBER.exec(word)?.[0];
    const whole = number === word;
    collected.add(
      name,
      whole ? exact(number) : null,
      good && number !== undefined ? unsigned(number) : 0,
    );
    good &&= whole;
  }
  return values.length === names.length;
}

/**
 * Reads a counter a line, as `snmp6_seq_show` and `sctp_snmp_seq_show` write them:
 *
 * ```text
 * Ip6InReceives                   	15
 * ```
 */
function readList(
  lines: Lines,
  { opens, problem, sectionOf }: CounterFile,
  collected: Collected,
  { malformed }: Complaints,
): void {
  const line = new Line();
  let section = opens;
  if (section !== undefined) collected.begin(section);
  while (lines.next(line)) {
    const text = untilNul(line.bytes, line.start, line.end);
    const [name, value] = words(text, WHITE);
    if (name === undefined) continue;
    const digits = NUMBER.exec(value ?? "")?.[0];
    if (
      digits === undefined && (value === undefined || problem !== undefined)
    ) {
      if (!malformed(lines.number, text)) return;
      continue;
    }
    const next = sectionOf!(name, section);
    if (next !== section) collected.begin(section = next);
    if (digits === undefined) collected.add(name, null, 0);
    else collected.add(name, exact(digits), unsigned(digits));
  }
}

const NUMBER = /^[-+]?\d+/;

/** White space to C, which is not quite JavaScript's. */
const WHITE = /[ \t\v\f\r]+/;
const BLANKS = /[ \t]+/;

function words(text: string, separator: RegExp): string[] {
  return text.split(separator).filter(Boolean);
}

/** The value of a decimal number. */
function exact(digits: string): Long {
  const value = Number(digits);
  return Number.isSafeInteger(value)
    ? value + 0
    : BigInt(digits.replace("+", ""));
}

/** The value that C reads into 64 bits without a sign. */
function unsigned(digits: string): Long {
  const value = exact(digits);
  if (value < -UNSIGNED_MAX || value > UNSIGNED_MAX) return UNSIGNED_MAX;
  return value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
}

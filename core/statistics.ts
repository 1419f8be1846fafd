/**
 * The statistics view: the counters of one family.
 *
 * @module
 */

import type { Around, Round } from "./around.ts";
import type { Counter, CounterFile, Long, Statistics } from "./family.ts";
import { Line } from "./line.ts";
import { protocolsOf } from "./registry.ts";
import type { Count, CountSection } from "./report.ts";
import { Failure, tell } from "./failures.ts";
import type { Lines } from "./scan.ts";

/** The longest line of pairs; those of today's kernels have three thousand bytes. */
const LINE_LIMIT = 65_535;

/** The longest line of a list. */
const LIST_LINE_LIMIT = 1023;

const UNSIGNED_MAX = 0xffff_ffff_ffff_ffffn;

/** A round of `-s`. Whatever is missing, its status is 0. */
export function statisticsRound(around: Around): Round {
  const { asked, families, tree, report } = around;
  return async () => {
    const having = families.filter((f) => f.statistics !== undefined);
    const [name = having[0]?.name, ...more] = asked.families;
    const family = having.find((f) => f.name === name);
    if (family === undefined || more.length > 0) {
      report.noCounters(
        "netstat: No statistics support for specified address family: " +
          asked.families.join(),
      );
      return 1;
    }

    const protocols = protocolsOf(family).filter((p) => asked.protocols.has(p));
    const statistics = await family.statistics!();
    const collected = new Collected(statistics, protocols);
    let status = 0;
    for (const file of statistics.files) {
      const pairs = file.layout === "pairs";
      const limit = pairs ? LINE_LIMIT : LIST_LINE_LIMIT;
      const lines = tree.open(file.path, limit);
      if (lines instanceof Failure) {
        if (!file.required) continue;
        tell(lines, report, `cannot open ${lines}`);
        break;
      }
      const { problem: _, ...quiet } = file;
      const malformed: Malformed = (number, text, last = false) =>
        report.malformedCounters(last ? quiet : file, number, text);
      if (pairs) {
        readPairs(lines, file, collected, malformed);
      } else {
        readList(lines, file, collected, malformed);
      }
      lines.close();
      if (lines.failure) {
        tell(lines.failure, report);
        status = 1;
      }
    }
    report.counters(family.name, collected.sections);
    return status;
  };
}

/** The sections that were read so far. */
class Collected {
  readonly sections: CountSection[] = [];
  readonly #statistics: Statistics;
  readonly #protocols: readonly string[];
  #counts: Count[] = [];
  #counters: Readonly<Record<string, Counter>> = {};

  /** If there are `protocols`, only those of the known sections are shown. */
  constructor(statistics: Statistics, protocols: readonly string[]) {
    this.#statistics = statistics;
    this.#protocols = protocols;
  }

  /** Begins a section. */
  begin(name: string): void {
    const section = own(this.#statistics.sections, name);
    this.#counters = section?.counters ?? {};
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
    this.#counts.push({ name, value, printed, known, sentence });
  }
}

/** What an object itself has under a name that may be anything. */
function own<Value>(
  object: Readonly<Record<string, Value>>,
  name: string,
): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Takes a malformed line. Of the `last` one the text says nothing. Returns whether
 * to go on.
 */
type Malformed = (number: number, text: string, last?: boolean) => boolean;

/**
 * Reads pairs of lines, as `snmp_seq_show` and `netstat_seq_show` write them:
 *
 * ```text
 * Udp: InDatagrams NoPorts InErrors OutDatagrams
 * Udp: 171 0 0 172
 * ```
 *
 * Only after a malformed line, when it is not clear which line is which, the two
 * must agree on the section.
 */
function readPairs(
  lines: Lines,
  file: CounterFile,
  collected: Collected,
  malformed: Malformed,
): void {
  const line = new Line();
  let names: string | undefined;
  let section: string | undefined;
  let careful = false;
  while (lines.next(line)) {
    const { number } = lines;
    const text = textOf(line);
    if (names === undefined && text === "") continue;
    const next = sectionIn(text);
    if (names === undefined) {
      names = text;
      section = next;
    } else if (section === undefined) {
      if (!malformed(number - 1, names)) return;
      careful = true;
      names = text;
      section = next;
    } else if (next === undefined) {
      if (!malformed(number, text)) return;
      careful = true;
      names = undefined;
    } else if (careful && next !== section) {
      if (!malformed(number - 1, names)) return;
      names = text;
      section = next;
    } else {
      if (file.takes?.(section) ?? true) {
        collected.begin(section);
        addPairs(
          words(names.slice(section.length + 1), BLANKS),
          words(text.slice(next.length + 1), WHITE),
          collected,
        );
      }
      names = undefined;
    }
  }
  // net-tools looks at a line only when the next one is there
  if (names !== undefined && section === undefined) {
    malformed(lines.number, names, true);
  }
}

/** What stands in front of a line's first colon. */
function sectionIn(text: string): string | undefined {
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : text.slice(0, colon);
}

/**
 * Adds the counters of a section. As for net-tools, there are only zeros behind
 * what is not a number.
 */
function addPairs(
  names: readonly string[],
  values: readonly string[],
  collected: Collected,
): void {
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
  malformed: Malformed,
): void {
  const line = new Line();
  let section = opens;
  if (section !== undefined) collected.begin(section);
  while (lines.next(line)) {
    const text = textOf(line);
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

/** The bytes of a line, up to a NUL. */
function textOf(line: Line): string {
  const [text = ""] = line.text(line.start, line.end).split("\0", 1);
  return text;
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

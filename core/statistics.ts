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
import { Failure, type Lines } from "./scan.ts";

/** The longest line; those of today's kernels have three thousand bytes. */
const LINE_LIMIT = 65_535;

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
      const lines = tree.open(file.path, LINE_LIMIT);
      if (lines instanceof Failure) {
        if (!file.required) continue;
        report.warn(`cannot open ${lines}`);
        break;
      }
      const malformed = (number: number, text: string) =>
        report.malformedCounters(file, number, text);
      if (file.layout === "pairs") {
        readPairs(lines, file, collected, malformed);
      } else {
        readList(lines, file, collected, malformed);
      }
      lines.close();
      if (lines.failure) {
        report.warn(lines.failure.toString());
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

/** Takes a malformed line. Returns whether to go on. */
type Malformed = (number: number, text: string) => boolean;

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
  let section = "";
  let careful = false;
  for (let number = 1; lines.next(line); number++) {
    const text = line.text(line.start, line.end);
    if (names === undefined && text === "") continue;
    const colon = text.indexOf(":");
    if (colon < 0) {
      if (!malformed(number, text)) return;
      careful = true;
      names = undefined;
    } else if (
      names === undefined || (careful && text.slice(0, colon) !== section)
    ) {
      if (names !== undefined && !malformed(number - 1, names)) return;
      names = text;
      section = text.slice(0, colon);
    } else {
      if (file.takes?.(section) ?? true) {
        collected.begin(section);
        addPairs(
          words(names.slice(section.length + 1)),
          words(text.slice(colon + 1)),
          collected,
        );
      }
      names = undefined;
    }
  }
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
    const number = /^[-+]?\d+/.exec(word)?.[0];
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
  { opens, sectionOf }: CounterFile,
  collected: Collected,
  malformed: Malformed,
): void {
  const line = new Line();
  let section = opens;
  if (section !== undefined) collected.begin(section);
  for (let number = 1; lines.next(line); number++) {
    const text = line.text(line.start, line.end);
    const [name, value = ""] = words(text);
    if (name === undefined) continue;
    const digits = /^[-+]?\d+/.exec(value)?.[0];
    if (digits === undefined) {
      if (!malformed(number, text)) return;
      continue;
    }
    const next = sectionOf!(name, section);
    if (next !== section) collected.begin(section = next);
    collected.add(name, exact(digits), unsigned(digits));
  }
}

/** Splits a byte string at blanks; other bytes that JavaScript takes for such stay. */
function words(text: string): string[] {
  return text.split(/[ \t]+/).filter(Boolean);
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

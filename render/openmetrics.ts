/**
 * Writes numbers as OpenMetrics 1.0 text, for Prometheus and its like. Only what makes
 * few time series is written: rows that were counted, and the kernel's counters. Who
 * asks for what, and in which words that is refused, is up to others.
 *
 * @module
 */

import { isGauge } from "../core/contract/gauge.ts";
import type { Long, Value, View } from "../core/contract/family.ts";
import { toUtf8 } from "../core/contract/line.ts";
import type { Head, Shown, Sink } from "../core/contract/sink.ts";
import type { Output } from "./out.ts";
import { spelled, writeCharacter } from "./spelling.ts";

const NEWLINE = 10;

/**
 * Rows were neither counted nor counters: each would be a time series of its own.
 * Nothing was written.
 */
export class NotCountedError extends Error {
  /** The message says what to do. */
  constructor() {
    super(
      "a sample for each row would be a time series for each: count them, as by " +
        "--count state, or ask for the counters of -s or -i",
    );
    this.name = "NotCountedError";
  }
}

/** Which numbers are written, and under which names. */
export interface OpenMetricsOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /**
   * The keys that become labels, of columns that are shown or of the head: those by
   * which rows were counted, or those which tell rows of counters apart (`iface` of
   * `-i`). Rows of single counters (`-s`) have `section` without being asked.
   */
  readonly labels?: readonly string[] | undefined;
  /** Of counted rows, the keys of the numbers: `count`, and what was summed up. */
  readonly gauges?: readonly string[] | undefined;
  /**
   * What stands in names behind `netstat_`: what is counted (`sockets`, `routes`), or
   * what has the counters (`interface`).
   */
  readonly subject?: string | undefined;
  /** Tells the user of samples that are left out. */
  warn(message: string): void;
}

/**
 * Writes OpenMetrics on `out`, all of it at the end, since the samples of a metric must
 * stand together.
 *
 * | rows | `labels` | `gauges` | metrics |
 * | --- | --- | --- | --- |
 * | counted | the keys of `--count` | `count` and those of `--sum` | gauges `netstat_SUBJECT`, `netstat_SUBJECT_KEY_UNIT` |
 * | of `-i` | `iface` | none | of columns that are a `counter`, `netstat_SUBJECT_KEY_UNIT_total` |
 * | of `-s` | none | none | `netstat_COUNTER_total`, the kernel's name in small letters |
 *
 * Of any other rows, `begin` throws {@linkcode NotCountedError}.
 *
 * Spans of time are in seconds, as is usual there. The label of `iface` is `interface`.
 * A label that is null or empty is left out, which is the same to whoever reads it. A
 * number that is null has no sample. Control characters and bytes that are not UTF-8
 * are spelled in labels as in JSON (`\u001b`, `\udcff`). What the kernel counts under
 * `-s` but what can fall, or never changes, is a gauge.
 *
 * Groups with the same labels, since one has null where another one has an empty text,
 * are one sample of both. Any other sample is left out, and told, if one has its name
 * and labels already, or if it is a counter below zero: such a text would be refused
 * as a whole.
 */
export function openMetricsSink(
  out: Output,
  options: OpenMetricsOptions,
): Sink {
  return new OpenMetricsSink(out, options);
}

/** A metric, but for its samples. */
interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  /** What the numbers count, which the name ends in; empty if there is nothing. */
  readonly unit: string;
  /** One sentence, as a byte string. */
  readonly help: string;
  /** How many of the numbers' own unit the metric's unit is. */
  readonly per: number;
}

/** A sample of a row. */
interface Sample {
  readonly metric: Metric;
  readonly value: Long | null;
}

/** What a row has under a key. */
type ValueOf = (row: unknown) => Value;

/** The values of a row, by key; those of the head among them. */
type Values = ReadonlyMap<string, ValueOf>;

/** What is written of the rows that follow. */
interface Plan {
  readonly values: Values;
  /** The keys that become labels. */
  readonly labels: readonly string[];
  /** Whether samples with the same labels are parts of one. */
  readonly adds?: true;
  samples(row: unknown): readonly Sample[];
}

class OpenMetricsSink implements Sink {
  readonly #out: Output;
  readonly #options: OpenMetricsOptions;
  #plan!: Plan;
  /** The metrics, and of each what the samples have by their labels. */
  readonly #metrics = new Map<string, [Metric, Map<string, Long>]>();
  /** How many samples were left out. */
  #left = 0;

  constructor(out: Output, options: OpenMetricsOptions) {
    this.#out = out;
    this.#options = options;
  }

  begin(head: Head, shown: readonly Shown[]): void {
    this.#plan = planOf(head, shown, this.#options);
  }

  row(row: unknown): boolean {
    const { samples, labels, values } = this.#plan;
    const text = labelsOf(labels, values, row);
    for (const sample of samples(row)) this.#add(sample, text);
    return true;
  }

  #add({ metric, value }: Sample, labels: string): void {
    if (value === null) return;
    const { name, type } = metric;
    const samples = this.#metrics.get(name)?.[1] ?? new Map<string, Long>();
    const other = samples.get(labels);
    if (
      (other !== undefined && !this.#plan.adds) ||
      (type === "counter" && value < 0)
    ) {
      this.#left++;
      return;
    }
    samples.set(labels, other === undefined ? value : sum(value, other));
    if (samples.size === 1) this.#metrics.set(name, [metric, samples]);
  }

  end(): void {
    const out = this.#out;
    for (const [metric, samples] of this.#metrics.values()) {
      writeMetric(out, metric, samples);
    }
    out.ascii("# EOF");
    out.endRow();
    out.flush();
    this.#metrics.clear();
    if (this.#left > 0) {
      this.#options.warn(
        `netstat: samples left out: ${this.#left}, which have the name and labels ` +
          "of others, or are counters below zero",
      );
    }
    this.#left = 0;
  }
}

/** What two numbers come to, exactly. */
function sum(a: Long, b: Long): Long {
  return typeof a === "number" && typeof b === "number" &&
      Math.abs(a + b) <= Number.MAX_SAFE_INTEGER
    ? a + b
    : BigInt(a) + BigInt(b);
}

function writeMetric(
  out: Output,
  { name, type, unit, help, per }: Metric,
  samples: ReadonlyMap<string, Long>,
): void {
  const line = (text: string) => {
    out.ascii(text);
    out.endRow();
  };
  line(`# TYPE ${name} ${type}`);
  if (unit !== "") line(`# UNIT ${name} ${unit}`);
  line(`# HELP ${name} ${help}`);
  const sample = type === "counter" ? `${name}_total` : name;
  for (const [labels, value] of samples) {
    line(`${sample}${labels} ${per === 1 ? value : Number(value) / per}`);
  }
}

/** Decides what is written of rows. Throws {@linkcode NotCountedError}. */
function planOf(
  head: Head,
  shown: readonly Shown[],
  options: OpenMetricsOptions,
): Plan {
  const values = new Map<string, ValueOf>();
  for (const [key, value] of Object.entries(head)) values.set(key, () => value);
  for (const { key, column } of shown) {
    values.set(key, (row) => column.value(row, options.view));
  }
  const { labels, gauges } = options;
  if (gauges !== undefined) {
    const counted = shown.filter(({ key }) => gauges.includes(key));
    const plan = columnsPlan("gauge", counted, { values, options });
    return { ...plan, adds: true };
  }
  if (values.has("counter") && values.has("value")) {
    return kernelPlan(values, options);
  }
  const counters = shown.filter(({ column }) => column.counter === true);
  if (labels === undefined || counters.length === 0) {
    throw new NotCountedError();
  }
  return columnsPlan("counter", counters, { values, options });
}

/** A metric for each of these columns. */
function columnsPlan(
  type: Metric["type"],
  columns: readonly Shown[],
  { values, options: { labels = [], subject = "rows" } }: {
    readonly values: Values;
    readonly options: OpenMetricsOptions;
  },
): Plan {
  const made = columns.map(({ key, column: { unit, about } }) => {
    const { name, per } = BASES.get(unit ?? "") ?? { name: unit ?? "", per: 1 };
    const whose = `netstat_${word(subject)}`;
    const metric: Metric = {
      name: key === "count" ? whose : `${whose}_${withUnit(word(key), name)}`,
      type,
      unit: name,
      help: escaped(toUtf8(about).replaceAll('"', "'")),
      per,
    };
    return { metric, value: values.get(key)! };
  });
  return {
    values,
    labels,
    samples: (row) =>
      made.map(({ metric, value }) => ({
        metric,
        value: value(row) as Long | null,
      })),
  };
}

/** Rows that are one counter of the kernel's each: each is a sample of its own metric. */
function kernelPlan(values: Values, { labels = [] }: OpenMetricsOptions): Plan {
  return {
    values,
    labels: ["section", ...labels],
    samples(row) {
      const counter = `${values.get("counter")!(row)}`;
      const value = values.get("value")!(row) as Long | null;
      const text = values.get("text")?.(row) ?? null;
      const help = text === null
        ? `${counter} of the kernel`
        : `${counter}: ${`${text}`.replace(`${value}`, "N")}`;
      const metric: Metric = {
        name: `netstat_${withoutEnd(snake(counter))}`,
        type: isGauge(counter) ? "gauge" : "counter",
        unit: "",
        help: escaped(help.replaceAll('"', "'")),
        per: 1,
      };
      return [{ metric, value }];
    },
  };
}

/** The units that metrics have in place of others, and how many make one of them. */
const BASES: ReadonlyMap<
  string,
  { readonly name: string; readonly per: number }
> = new Map([
  ["microseconds", { name: "seconds", per: 1e6 }],
  ["milliseconds", { name: "seconds", per: 1e3 }],
  ["bytes per second", { name: "bytes_per_second", per: 1 }],
]);

/** A key as part of a name. */
function word(key: string): string {
  return key.replaceAll(/\W/g, "_");
}

/** A name that ends in its unit, once. */
function withUnit(name: string, unit: string): string {
  if (unit === "") return withoutEnd(name);
  const abbreviated = /_(us|ms|s|bytes_per_s)$/;
  const bare = withoutEnd(name).replace(abbreviated, "");
  return bare === unit || bare.endsWith(`_${unit}`) ? bare : `${bare}_${unit}`;
}

/** A name without an ending that OpenMetrics has for samples of some types. */
function withoutEnd(name: string): string {
  return name.replace(/_(total|count|sum|bucket|created|info)$/, "");
}

/**
 * The words in a name of the kernel's: `TCP` is often run into the next one, and a
 * letter alone belongs to it (`HMac`), since it would be taken for a unit.
 */
const WORDS =
  /TCP(?=[A-Z])|[A-Z]{2,}s?\d*(?![a-z])|[A-Z]{0,2}[a-z]+\d*|[A-Z]|\d+/g;

/** The kernel's name of a counter in small letters: `tcp_sack_recovery`. */
function snake(name: string): string {
  return (name.match(WORDS) ?? ["unnamed"]).join("_").toLowerCase();
}

/** Labels in braces; nothing if there are none. */
function labelsOf(
  keys: readonly string[],
  values: Values,
  row: unknown,
): string {
  const labels = keys.flatMap((key) => {
    const text = labelText(values.get(key)?.(row) ?? null);
    const name = key === "iface" ? "interface" : word(key);
    return text === "" ? [] : [`${name}="${escaped(text)}"`];
  });
  return labels.length === 0 ? "" : `{${labels.join()}}`;
}

/** A value as a byte string; empty for null. */
function labelText(value: Value): string {
  if (value === null) return "";
  return Array.isArray(value) ? value.join() : `${value}`;
}

/** A byte string as text in OpenMetrics. */
function escaped(text: string): string {
  const legible = /^[ -~]*$/.test(text) ? text : withoutControls(text);
  return legible.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}

/** UTF-8, in which nothing but line ends is a control character. */
function withoutControls(text: string): string {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  return spelled((out) => {
    // a byte becomes six characters at most
    out.room(6 * bytes.length);
    for (let at = 0; at < bytes.length;) {
      if (bytes[at] === NEWLINE) out.byte(bytes[at++]!);
      else at += writeCharacter(out, bytes, at);
    }
  });
}

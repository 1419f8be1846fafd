/**
 * The rows that a check found: those that its expressions call critical, a warning or a
 * note.
 *
 * @module
 */

import type { Check, FoundRow, Numbers, Severity } from "../contract/check.ts";
import type { Value, View } from "../contract/family.ts";
import type { Head, Shown, Sink } from "../contract/sink.ts";
import { check as bind } from "../query/check.ts";
import { compile, type Keep } from "../query/compile.ts";
import { parseExpression } from "../query/expression.ts";
import { type AnyColumn, type Schema, Schemas } from "../query/schema.ts";

/** From the worst to the least. */
export const SEVERITIES: readonly Severity[] = ["critical", "warning", "note"];

/** So many rows are kept; the others are counted. */
const ROWS_MOST = 1000;

/** The column that says how a row differs between two looks. */
const CHANGE = "change";

/** What was found. */
export interface Result {
  /** The rows, a thousand at most. */
  readonly rows: readonly FoundRow[];
  /** How many there are. */
  readonly count: number;
  /** How bad the worst one is; undefined if there is none. */
  readonly severity: Severity | undefined;
  /** Seconds between the two looks, if there were two. */
  readonly seconds: number | undefined;
  /** The column that decides, if all rows lack it. */
  readonly lacks?: string | undefined;
}

/** A row, and how bad it is. */
interface Judged {
  readonly severity: Severity;
  readonly row: FoundRow;
}

/** Takes the rows of a check. */
export class Judge implements Sink {
  readonly #check: Check;
  readonly #numbers: Numbers;
  readonly #view: View;
  readonly #seconds: (() => number | undefined) | undefined;
  /** Whether which rows count is only known when all are there. */
  readonly #keepsAll: boolean;
  #found: Judged[] = [];
  #counts = new Map<Severity, number>();
  #shown: readonly Shown[] = [];
  #tests: readonly (readonly [Severity, Keep | boolean])[] = [];
  #change: AnyColumn | undefined;
  #decides: AnyColumn | undefined;
  #seen = 0;
  #blind = 0;

  /** Has no row yet. */
  constructor(
    check: Check,
    numbers: Numbers,
    view: View,
    seconds: (() => number | undefined) | undefined,
  ) {
    this.#check = check;
    this.#numbers = numbers;
    this.#view = view;
    this.#seconds = seconds;
    this.#keepsAll = check.pick !== undefined || check.twice === true;
  }

  /** Rows of these columns follow. */
  begin(head: Head, shown: readonly Shown[]): void {
    const { growth = [], bySource } = this.#check;
    const change = shown.find(({ key }) => key === CHANGE)?.column;
    this.#change = change;
    this.#decides = shown.find(({ key }) => key === this.#check.decides)
      ?.column;
    const grown = growth.map((key) =>
      growthOf(key, shown.find((one) => one.key === key), change)
    );
    this.#shown = [
      ...shown.filter(({ key }) => key !== CHANGE || bySource),
      ...grown,
    ];
    const columns = Object.fromEntries(
      [...shown, ...grown].map(({ key, column }) => [key, column]),
    );
    const schema: Schema = { head, columns };
    const schemas = new Schemas([schema]);
    const when = this.#check.when(this.#numbers);
    this.#tests = SEVERITIES.flatMap((severity) => {
      const text = when[severity];
      if (text === undefined) return [];
      const written = { option: `--check ${this.#check.name}`, text };
      const bound = bind(parseExpression(written), {
        written,
        schemas,
        services: () => undefined,
      });
      return [[severity, compile(bound, schema).keep] as const];
    });
  }

  /** Looks at a row. */
  row(row: unknown): boolean {
    const view = this.#view;
    if (
      !this.#check.bySource && this.#change?.value(row, view) === "removed"
    ) return true;
    this.#seen++;
    if (this.#decides?.value(row, view) === null) this.#blind++;
    const severity = this.#tests.find(([, keep]) =>
      typeof keep === "boolean" ? keep : keep(row, view)
    )?.[0];
    if (severity === undefined) return true;
    const count = this.#counts.get(severity) ?? 0;
    this.#counts.set(severity, count + 1);
    // of each severity: a thousand warnings must not hide what is critical
    if (this.#keepsAll || count < ROWS_MOST) {
      this.#found.push({ severity, row: this.#kept(row) });
    }
    return true;
  }

  #kept(row: unknown): FoundRow {
    return Object.fromEntries(
      this.#shown.map(({ key, column }): [string, Value] => [
        key,
        column.value(row, this.#view),
      ]),
    );
  }

  /** All rows were there. */
  end(): void {}

  /** Whether nothing was found. */
  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Those rows that another look found as well. */
  both(other: Judge): Judge {
    const known = new Set(other.#found.map(({ row }) => nameOf(row)));
    const found = this.#found.filter(({ row }) => known.has(nameOf(row)));
    const both = new Judge(
      this.#check,
      this.#numbers,
      this.#view,
      undefined,
    );
    both.#found = found;
    both.#counts = new Map(
      [...Map.groupBy(found, ({ severity }) => severity)]
        .map(([severity, all]) => [severity, all.length]),
    );
    return both;
  }

  /** What was found, the worst first. */
  result(): Result {
    const seconds = this.#seconds?.();
    const count = this.#counts.values().reduce((sum, n) => sum + n, 0);
    if (this.#check.absent) {
      const when = this.#check.when(this.#numbers);
      const severity = SEVERITIES.find((name) => when[name] !== undefined);
      return {
        rows: [],
        count: 0,
        severity: count > 0 ? undefined : severity,
        seconds,
      };
    }
    const found = SEVERITIES.flatMap((severity) =>
      this.#found.filter((one) => one.severity === severity)
        .map(({ row }) => row)
    );
    const worst = SEVERITIES.find((name) => this.#counts.has(name));
    const picked = this.#check.pick?.(found, this.#numbers);
    return {
      rows: (picked ?? found).slice(0, ROWS_MOST),
      count: picked?.length ?? count,
      severity: picked?.length === 0 ? undefined : worst,
      seconds,
      lacks: this.#lacks,
    };
  }

  get #lacks(): string | undefined {
    const isBlind = this.#blind > 0 && this.#blind === this.#seen;
    return isBlind ? this.#check.decides : undefined;
  }
}

/** What tells a row from others. */
function nameOf(row: FoundRow): string {
  return JSON.stringify(
    row,
    (_, value) => typeof value === "bigint" ? String(value) : value,
  );
}

/** How much a number grew from one look to the next. */
function growthOf(
  key: string,
  shown: Shown | undefined,
  change: AnyColumn | undefined,
): Shown {
  const { column, earlier } = shown ?? {};
  return {
    key: `${key}_growth`,
    column: {
      kind: "integer",
      nullable: true,
      ...(column?.unit && { unit: column.unit }),
      about: `How much ${key} grew since the first look.`,
      value(row: unknown, view: View) {
        if (column === undefined || earlier === undefined) return null;
        if ((change?.value(row, view) ?? "changed") !== "changed") return null;
        const now = column.value(row, view);
        if (now === null) return null;
        const was = earlier.value(row);
        if (was === undefined) return 0;
        return was === null ? null : Number(now) - Number(was);
      },
    },
  };
}

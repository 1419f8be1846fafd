/**
 * How the findings of checks are written: as sentences, or as rows of any format.
 *
 * @module
 */

import type { FoundRow, Numbers } from "../contract/check.ts";
import { fact } from "../contract/column.ts";
import type { Columns } from "../contract/family.ts";
import type { Shown } from "../contract/sink.ts";
import { labelColumns, type Labels, labelsOf } from "../query/labels.ts";
import { NO_LAYOUT } from "../query/stage.ts";
import type { Surroundings } from "../views/around.ts";
import { type Finding, rankOf, statusOf } from "./checks.ts";
import { writerFor, type Writing } from "./taking.ts";

/** What is written besides. */
export interface Around {
  /** The run. */
  readonly around: Surroundings;
  /** Where to. */
  readonly writing: Writing;
  /** Those about what this kernel has not got. */
  readonly missing: readonly string[];
  /** Those that saw part of what there is only. */
  readonly partial: readonly string[];
  /** What stands in front of each. */
  readonly labels: Labels;
}

/** Writes the findings, the worst first. Returns the exit status. */
export async function writeFindings(
  findings: readonly Finding[],
  { around, writing, missing, partial, labels }: Around,
): Promise<number> {
  const { asked, view } = around;
  const sorted = findings.toSorted((a, b) => rankOf(a) - rankOf(b));
  const status = statusOf(findings);
  const told = sorted.filter(({ severity }) => severity !== undefined);
  const well = sorted.filter(({ severity }) => severity === undefined);
  if (partial.length > 0) {
    writing.warn(
      "netstat: --check: without root, processes of other users are unknown to " +
        partial.join(", "),
    );
  }
  if (asked.format === "text") {
    const { writeSentences } = await import("../../render/sentences.ts");
    writeSentences(writing.stdout, told, {
      well: well.length,
      missing,
      colours: asked.color === "always",
    });
    return status;
  }
  const isMeasured = asked.format === "openmetrics";
  const given = Object.entries(labelColumns(labels))
    .map(([key, column]): Shown => ({ key, column }));
  const keys = given.map(({ key }) => key);
  const plan = isMeasured
    ? {
      table: true,
      labels: keys,
      counted: { keys: ["check"], numbers: ["status", "rows"] },
    }
    : { table: true, labels: keys, counted: undefined };
  const { sink } = await writerFor(asked, view, plan, {
    ...writing,
    subject: "check",
  });
  // who scrapes must see that a check was asked, and found nothing
  for (const finding of isMeasured ? sorted : told) {
    const shown = isMeasured ? MEASURED : shownOf(finding, asked.format);
    sink.begin({}, [...given, ...shown], NO_LAYOUT);
    sink.row(finding);
  }
  sink.end();
  return status;
}

/** What is told of a finding in every format. */
const TOLD: Columns<Finding> = {
  check: fact("string", ({ check }) => check.name, "The check."),
  severity: fact(
    "name",
    ({ severity }) => severity ?? "ok",
    "How bad it is: critical, warning, unknown or note.",
  ),
  text: fact("string", ({ text }) => text, "What is wrong."),
  advice: fact("string", ({ advice }) => advice, "What to do next."),
  count: fact("integer", ({ count }) => count, "How many rows there are."),
};

/** What is measured. */
const MEASURED: readonly Shown[] = [
  { key: "check", column: TOLD.check! },
  {
    key: "status",
    column: fact(
      "integer",
      (finding: Finding) => statusOf([finding]),
      "0 well, or a note; 1 warning, 2 critical, 3 could not be asked.",
    ),
  },
  { key: "rows", column: TOLD.count! },
];

/** A number that decided. */
interface Named {
  readonly name: string;
  readonly value: number;
}

const NUMBERS: Columns<Named> = {
  name: fact("string", ({ name }) => name, "What it is called."),
  value: fact("integer", ({ value }) => value, "What it is."),
};

const VALUES = fact(
  "objects",
  ({ numbers }: Finding) => namedOf(numbers),
  "The numbers that decided.",
  { each: NUMBERS },
);

/** Reads labels, which cannot be called as a column of findings is. */
export function labelsOfFindings(texts: readonly string[] = []): Labels {
  const measured = MEASURED.map(({ key, column }) => [key, column]);
  const columns = { ...Object.fromEntries(measured), ...TOLD, values: VALUES };
  return labelsOf(texts, [{ head: {}, columns }]);
}

/** The columns of a finding: those of its rows are the check's. */
function shownOf({ rows }: Finding, format: string): readonly Shown[] {
  const shown = Object.entries(TOLD)
    .map(([key, column]) => ({ key, column }));
  if (format === "csv") return shown;
  const found = fact(
    "objects",
    ({ rows }: Finding) => rows,
    "The rows, a thousand at most.",
    { each: eachOf(rows) },
  );
  return [
    ...shown,
    { key: "values", column: VALUES },
    { key: "rows", column: found },
  ];
}

function namedOf({ limits, settings }: Numbers): Named[] {
  return [
    ...Object.entries(limits).map(([name, value]) => ({ name, value })),
    ...Object.entries(settings).flatMap(([name, values]) =>
      values.map((value) => ({ name, value }))
    ),
  ];
}

/** The columns of rows, by what the first one has. */
function eachOf([first = {}]: readonly FoundRow[]): Columns<FoundRow> {
  return Object.fromEntries(
    Object.keys(first).map((key) => [
      key,
      fact(
        "string?",
        (row: FoundRow) => (row[key] ?? null) as string | null,
        "As the view has it.",
      ),
    ]),
  );
}

/**
 * Findings of checks as people read them: how bad it is, a sentence, some rows, and what
 * to do next.
 *
 * ```text
 * CRITICAL full-backlog: 0.0.0.0:8080 of python3 (pid 4711) has a full accept queue
 *          tcp 0.0.0.0:8080 129 128
 *          Next: see why python3 does not accept
 * OK (21 checks)
 * ```
 *
 * @module
 */

import { toUtf8 } from "../core/contract/line.ts";
import type { Output } from "./out.ts";

/** What is said of a check. */
export interface Sentence {
  /** The check. */
  readonly check: { readonly name: string };
  /** How bad it is. */
  readonly severity: string | undefined;
  /** What is wrong. */
  readonly text: string;
  /** What to do next. */
  readonly advice: string;
  /** Some of the rows. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** How many rows there are. */
  readonly count: number;
}

/** What is said of all others. */
export interface Rest {
  /** How many checks found nothing. */
  readonly well: number;
  /** The checks about what this kernel has not got. */
  readonly missing: readonly string[];
  /** Whether the first words have colours. */
  readonly colours: boolean;
}

/** So many rows are shown of a finding. */
const ROWS_MOST = 5;

/** Where what is behind the first word stands. */
const INDENT = 9;

/** What is said of checks that found nothing. */
const OK = "ok";

const COLOURS: Readonly<Record<string, string>> = {
  critical: "1;31",
  warning: "33",
  unknown: "35",
  note: "36",
  ok: "32",
};

/** Writes sentences. */
export function writeSentences(
  out: Output,
  sentences: readonly Sentence[],
  { well, missing, colours }: Rest,
): void {
  const line = (text: string) => {
    out.foreign(toUtf8(text));
    out.endRow();
  };
  const first = (word: string, text: string) => {
    const shown = word.toUpperCase().padEnd(word === OK ? 0 : INDENT - 1) + " ";
    if (!colours) return line(shown + text);
    out.ascii(`\x1b[${COLOURS[word]}m`);
    out.ascii(shown.trimEnd());
    out.ascii("\x1b[m");
    line(shown.slice(shown.trimEnd().length) + text);
  };
  const indented = (text: string) => line(" ".repeat(INDENT) + text);
  for (const { check, severity, text, advice, rows, count } of sentences) {
    first(severity ?? OK, `${check.name}: ${text}`);
    for (const row of rows.slice(0, ROWS_MOST)) {
      indented(
        Object.entries(row)
          .filter(([, value]) => value !== null)
          .map(([key, value]) => `${key}=${value}`)
          .join(" "),
      );
    }
    const more = count - Math.min(rows.length, ROWS_MOST);
    if (more > 0) indented(`and ${more} more (--json has them)`);
    if (advice !== "") indented(`Next: ${advice}`);
  }
  const absent = missing.length === 0
    ? ""
    : `; there is nothing here for ${missing.join(", ")}`;
  first(OK, `(${well} ${well === 1 ? "check" : "checks"}${absent})`);
  out.flush();
}

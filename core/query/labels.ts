/**
 * `--label`: words of the user's that stand in front of every row, as which host it is of.
 * To a question they are values that the heads of all relations have.
 *
 * @module
 */

import { fact } from "../contract/column.ts";
import type { Head } from "../contract/sink.ts";
import { QuestionError } from "./error.ts";
import { type AnyColumns, type Schema, Schemas } from "./schema.ts";
import { KEYWORDS } from "./words.ts";

/** A key like those of columns. */
const KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** What rows can have besides their columns, and what `--columns` takes for a wish. */
const TAKEN = ["count", "time", "change", "source", "before", "help"];

/** Labels, by key, as byte strings. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Reads `KEY=VALUE` of each. Throws {@linkcode QuestionError} if one is none, or if rows
 * of these relations have something else by its key.
 */
export function labelsOf(
  texts: readonly string[],
  schemas: readonly Schema[],
): Labels {
  const known = new Schemas(schemas);
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const written = { option: "--label", text };
    const end = text.indexOf("=");
    if (end < 0) {
      throw new QuestionError(written, text.length, "add =VALUE: host=web1");
    }
    const key = text.slice(0, end);
    const wrong = faultOf(key, known) ??
      (Object.hasOwn(labels, key) ? `${key} has a value already` : undefined);
    if (wrong !== undefined) throw new QuestionError(written, 0, wrong);
    labels[key] = text.slice(end + 1);
  }
  return labels;
}

/** Why a label cannot be called so; undefined if it can. */
function faultOf(key: string, known: Schemas): string | undefined {
  if (!KEY.test(key)) {
    return "a key has small letters, digits and _: host, data_center";
  }
  const path = known.find(key)?.path;
  if (path?.length === 1) {
    return path[0] === key
      ? `${key} is a column here: take another key`
      : `${key} is short for the column ${path[0]}: take another key`;
  }
  if (key === "interface" && known.find("iface") !== undefined) {
    return "OpenMetrics calls the column iface so: take another key";
  }
  return TAKEN.includes(key) || KEYWORDS.includes(key)
    ? `${key} has a meaning of its own: take another key`
    : undefined;
}

/** What a label is, to `--columns=help` and others. */
export function labelColumns(labels: Labels): AnyColumns {
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [
      key,
      fact("string", () => value, "A label: the same in every row."),
    ]),
  );
}

/** A relation whose rows begin with the labels. */
export function labelled(schema: Schema, labels: Labels): Schema {
  if (Object.keys(labels).length === 0) return schema;
  const head: Head = { ...labels, ...schema.head };
  const columns = { ...labelColumns(labels), ...schema.columns };
  return { ...schema, head, columns, labels: Object.keys(labels) };
}

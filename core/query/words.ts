/**
 * Which words of a question can be names of columns: what is looked at before it is known
 * which columns there are.
 *
 * @module
 */

import type { Question } from "./plan.ts";

/** What stands in quotes is text, whatever it says. */
const QUOTED = /'[^']*'|"[^"]*"/g;

/** A name; what follows a point is in what stands before it. */
const NAME = /(?<![\w.])[a-z][a-z0-9_]*/g;

/** The words that an expression has for itself. */
export const KEYWORDS: readonly string[] = [
  "and",
  "or",
  "not",
  "in",
  "is",
  "null",
  "true",
  "false",
];

/**
 * The words of a question that can be names of columns, and some that turn out to be
 * values; undefined if it asks for a set of columns, which can have any.
 */
export function namesIn(
  { label = [], where = [], columns = "", sort = "", count = "", sum = "" }:
    Question,
): Set<string> | undefined {
  const lists = [columns, sort, count, sum].join();
  if (/@(?!text\b)/.test(lists)) return undefined;
  // whether a label is called as a column can only be told of all of them
  const keys = label.map((text) => text.split("=", 1)[0]!);
  const text = [...where, ...keys, lists].join(" ").replaceAll(QUOTED, " ")
    .replaceAll("@text", " ");
  const names = new Set(text.match(NAME));
  KEYWORDS.forEach((word) => names.delete(word));
  return names;
}

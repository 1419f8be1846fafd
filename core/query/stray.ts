/**
 * Words of an expression that the shell took for arguments of their own, since there
 * were no quotes around it. Without them another question would be asked.
 *
 * @module
 */

import { QuestionError } from "./error.ts";

/** What goes on with an expression. */
const GOES_ON = /^(and|or|not|in|is|[=<>!~(,].*)$/;

/**
 * Throws {@linkcode QuestionError} if one of the words that are no options goes on with
 * the last `--where`.
 */
export function refuseStray(
  where: readonly string[],
  words: readonly string[],
): void {
  const last = where.at(-1);
  if (last === undefined || !words.some((word) => GOES_ON.test(word))) return;
  throw new QuestionError(
    { option: "--where", text: [last, ...words].join(" ") },
    last.length + 1,
    "this is an argument of its own: put single quotes around the whole of what " +
      "is behind --where",
  );
}

/**
 * What is said of a question that cannot be asked: what was written, and a mark
 * under the place that is wrong.
 *
 * @module
 */

import { fromUtf8, toUtf8 } from "../contract/line.ts";

/** What the user wrote behind an option. */
export interface Written {
  /** The option, such as `--where`. */
  readonly option: string;
  /** The text, as a byte string. */
  readonly text: string;
}

/** So many characters of what was written are shown on either side of the mark. */
const AROUND_MOST = 72;

/** So many characters of a word are quoted. */
const WORD_MOST = 40;

/** A question cannot be asked. Nothing was read, and nothing may be printed. */
export class QuestionError extends Error {
  /**
   * What the user is told, line by line, as byte strings without control bytes:
   *
   * ```text
   * netstat: --where: state = ESTABLISHD
   *                           ^ no such state: ESTABLISHED SYN_SENT SYN_RECV ...
   * ```
   */
  readonly lines: readonly string[];

  /** Marks the byte at `at`; `advice` says what is wrong and what to do. */
  constructor({ option, text }: Written, at: number, advice: string) {
    const before = Array.from(printable(text.slice(0, at)));
    const after = Array.from(printable(text.slice(at)));
    if (before.length > AROUND_MOST) {
      before.splice(0, before.length - AROUND_MOST, "...");
    }
    if (after.length > AROUND_MOST) {
      after.splice(AROUND_MOST, after.length, "...");
    }
    const start = `netstat: ${option}: ${before.join("")}`;
    const lines = [
      toUtf8(start + after.join("")),
      toUtf8(`${" ".repeat(columnsOf(start))}^ ${printable(advice)}`),
    ];
    super(lines.join("\n"));
    this.name = "QuestionError";
    this.lines = lines;
  }
}

/** A word of the user's in quotes, cut if it is long. */
export function quoted(word: string): string {
  return `'${
    word.length > WORD_MOST ? word.slice(0, WORD_MOST) + "..." : word
  }'`;
}

/** Text of a byte string: white space is a blank, any other control byte a dot. */
function printable(bytes: string): string {
  return fromUtf8(bytes)
    .replaceAll(/[\t-\r\u0085]/g, " ")
    .replaceAll(/\p{Cc}/gu, ".");
}

const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}]/u;
const TWO_COLUMNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

/** How many columns of a terminal a text takes. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) {
    columns += NO_COLUMN.test(char) ? 0 : TWO_COLUMNS.test(char) ? 2 : 1;
  }
  return columns;
}

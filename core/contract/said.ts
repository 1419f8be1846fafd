/**
 * What the user is told: in net-tools' words where its text is printed, else in
 * those of this program, with file and line.
 *
 * @module
 */

import type { Said, Table } from "./family.ts";

/** So much of a malformed line is quoted, in bytes. */
const QUOTED_MOST = 300;

/** A line that is no row. */
export interface Malformed {
  /** The table that it should be a row of. */
  // deno-lint-ignore no-explicit-any
  readonly table: Pick<Table<any>, "name" | "frozen">;
  /** The row, as far as it was filled. */
  readonly row: unknown;
  /** Where the line is. */
  readonly path: string;
  /** Its number in the file, from 1. */
  readonly number: number;
  /** The line, as a byte string. */
  readonly text: string;
}

/** Says that a line cannot be parsed. */
export function cannotParse(
  { path, number, text }: Pick<Malformed, "path" | "number" | "text">,
): string {
  const quoted = JSON.stringify(text.slice(0, QUOTED_MOST));
  const more = text.length > QUOTED_MOST ? "..." : "";
  return `Cannot parse ${path}: line ${number}: ${quoted}${more}`;
}

/** Takes what is said on stderr. */
export type Warnings = Pick<Messages, "warn">;

/** Tells the user. */
export class Messages {
  /** Prints a message on stderr, without its newline. */
  readonly warn: (message: string) => void;
  /** Prints a message among the rows, where net-tools' text is printed. */
  readonly #list: ((message: string) => void) | undefined;

  /** Messages are net-tools' if there is a place for them among rows of its text. */
  constructor(
    warn: (message: string) => void,
    list?: (message: string) => void,
  ) {
    this.warn = warn;
    this.#list = list;
  }

  /** Whether it is net-tools' text that is printed. */
  get frozen(): boolean {
    return this.#list !== undefined;
  }

  /** Says something where net-tools says it. Returns the status that it has. */
  say({ text, listed, status }: Said): number | undefined {
    if (text !== undefined) (listed && this.#list || this.warn)(text);
    return status;
  }

  /** Tells of a malformed line. Returns the status if that ends the program. */
  malformed(bad: Malformed): number | undefined {
    if (!this.frozen) {
      this.warn(cannotParse(bad));
      return undefined;
    }
    const { name, frozen: { malformed } } = bad.table;
    const said = malformed === undefined
      ? { text: `warning, got bogus ${name} line.` }
      : malformed(bad.row, bad.number);
    return said && this.say(said);
  }
}

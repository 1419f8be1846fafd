/**
 * Changes inputs, for deviations: line by line, as the programs read them.
 *
 * @module
 */

import type { Input } from "./format.ts";

/** The lines of a file, each of at most `limit` bytes, with their newlines. */
export function linesOf(text: string, limit: number): string[] {
  const lines: string[] = [];
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline + 1;
    // as `fgets` does, which leaves the rest for the next line
    const to = Math.min(end, from + limit);
    lines.push(text.slice(from, to));
    from = to;
  }
  return lines;
}

/** How the lines of some files are changed. */
export interface Edit {
  /** The files. */
  readonly paths: readonly string[];
  /** The longest line, in bytes. */
  readonly limit: number;
  /** How many lines in front are left as they are. */
  readonly header: number;
  /** The line as it shall be; undefined if it shall not be there. */
  line(line: string): string | undefined;
}

/** The input with the edit made; undefined if nothing is to be changed. */
export function edited(input: Input, edit: Edit): Input | undefined {
  let tree: Map<string, string> | undefined;
  for (const path of edit.paths) {
    const text = input.tree.get(path);
    if (text === undefined) continue;
    const other = editedText(text, edit);
    if (other === text) continue;
    tree ??= new Map(input.tree);
    tree.set(path, other);
  }
  return tree === undefined ? undefined : { ...input, tree };
}

function editedText(text: string, { limit, header, line }: Edit): string {
  const lines = linesOf(text, limit).map((old, i) => {
    if (i < header) return old;
    const end = old.endsWith("\n") ? -1 : old.length;
    const body = old.slice(0, end);
    let other = line(body);
    if (other === undefined) return "";
    // what is put in must not make two lines of it
    if (other !== body && other.length >= limit) other = shorter(other);
    // a line that was cut stays one, apart from what follows
    return body === old ? other.padEnd(body.length) : `${other}\n`;
  });
  return lines.map((old, i) => {
    // the start of a line that is too long, without its end: now a line of its own
    const cut = !old.endsWith("\n") && lines[i + 1] === "";
    if (!cut || old === "") return old;
    // the newline takes the place of a byte, unless that is a whole word
    const rest = old.slice(0, -1);
    const body = line(rest) === undefined ? shorter(old) : rest;
    return `${body.slice(0, limit - 1)}\n`;
  }).join("");
}

/** The line with fewer blanks, and with fewer of a great many equal digits. */
function shorter(line: string): string {
  return line.replaceAll(/ +/g, " ")
    .replaceAll(/([0-9a-f])\1{65,}/gi, (digits) => digits.slice(0, 65));
}

/** An edit that takes out the lines for which `bad` says so. */
export function dropping(
  { bad, ...edit }: Omit<Edit, "line"> & { bad(line: string): boolean },
): (input: Input) => Input | undefined {
  return (input) =>
    edited(input, { ...edit, line: (line) => bad(line) ? undefined : line });
}

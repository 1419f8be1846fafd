/**
 * `sscanf`, so that deviations can tell how much of a line the reference reads.
 *
 * @module
 */

/** What a conversion read. */
export interface Field {
  readonly text: string;
  /** Where it ends in the line. */
  readonly end: number;
}

const SPACE = "[ \\t\\n\\v\\f\\r]";

/** Conversions as regular expressions; white space is skipped in front of most. */
const CONVERSIONS: Readonly<Record<string, string>> = {
  d: "[+-]?[0-9]+",
  u: "[+-]?[0-9]+",
  x: "[+-]?(?:0[xX][0-9a-fA-F]*|[0-9a-fA-F]+)",
  p: "(?:\\(nil\\)|[+-]?(?:0[xX][0-9a-fA-F]*|[0-9a-fA-F]+))",
  s: "[^ \\t\\n\\v\\f\\r]+",
};

/** A part of a format: what it matches, of how many bytes, and if that is stored. */
interface Piece {
  readonly pattern: RegExp;
  readonly most: number;
  readonly stored: boolean;
  /** Whether white space in front is skipped. */
  readonly skips: boolean;
}

const compiled = new Map<string, readonly Piece[]>();

function compile(format: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const part =
    /%(\*?)(\d*)(?:hh?|ll?)?(?:\[(\^?\]?[^\]]*)\]|([duxXps]))|(\s+)|(.)/gs;
  for (const match of format.matchAll(part)) {
    const [, skipped, width = "", set, letter, space, literal] = match;
    const text = space !== undefined
      ? `${SPACE}*`
      : literal !== undefined
      ? literal.replace(/[^\w]/, "\\$&")
      : set !== undefined
      ? `[${set.replaceAll("\\", "\\\\")}]+`
      : CONVERSIONS[letter!.toLowerCase()]!;
    pieces.push({
      pattern: new RegExp(`^(?:${text})`),
      most: width === "" ? Infinity : Number(width),
      stored: skipped === "",
      skips: letter !== undefined,
    });
  }
  return pieces;
}

const BLANK = new RegExp(`^${SPACE}*$`);

/** Whether there is nothing but what C calls white space, of which a no-break space is none. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

const BLANKS = new RegExp(`${SPACE}*`, "y");

/**
 * Reads a line as `sscanf` does and returns the fields that it stores, up to the
 * first one that does not fit. The line ends at a NUL.
 */
export function scan(format: string, line: string): Field[] {
  const nul = line.indexOf("\0");
  if (nul >= 0) line = line.slice(0, nul);
  let pieces = compiled.get(format);
  if (pieces === undefined) compiled.set(format, pieces = compile(format));
  const fields: Field[] = [];
  let at = 0;
  for (const { pattern, most, stored, skips } of pieces) {
    if (skips) {
      BLANKS.lastIndex = at;
      BLANKS.exec(line);
      at = BLANKS.lastIndex;
    }
    const match = pattern.exec(line.slice(at, at + most));
    if (match === null) break;
    const [text] = match;
    at += text.length;
    if (stored) fields.push({ text, end: at });
  }
  return fields;
}

/** The value of a field that was read in this base, in 64 bits. */
export function valueOf({ text }: Field, base: 10 | 16): bigint {
  const [, sign, digits] = /^([+-]?)(?:0[xX])?([0-9a-fA-F]*)$/.exec(text)!;
  const value = BigInt(`${base === 16 ? "0x0" : "0"}${digits}`);
  return sign === "-" ? -value : value;
}

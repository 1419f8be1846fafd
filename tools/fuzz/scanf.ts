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

/**
 * Reads a line as `sscanf` does and returns the fields that it stores, up to the
 * first one that does not fit. The line ends at a NUL.
 */
export function scan(format: string, line: string): Field[] {
  const nul = line.indexOf("\0");
  if (nul >= 0) line = line.slice(0, nul);
  const fields: Field[] = [];
  let at = 0;
  const take = (pattern: string, most = Infinity): string | undefined => {
    const match = new RegExp(`^(?:${pattern})`).exec(line.slice(at, at + most));
    at += match?.[0].length ?? 0;
    return match?.[0];
  };
  const piece =
    /%(\*?)(\d*)(?:hh?|ll?)?(?:\[(\^?\]?[^\]]*)\]|([duxXps]))|(\s+)|(.)/gsy;
  for (const match of format.matchAll(piece)) {
    const [, skipped, width, set, letter, space, literal] = match;
    if (space !== undefined) take(`${SPACE}*`);
    else if (literal !== undefined) {
      if (line[at] !== literal) break;
      at++;
    } else {
      if (letter !== undefined) take(`${SPACE}*`);
      const pattern = set === undefined
        ? CONVERSIONS[letter!.toLowerCase()]!
        : `[${set.replaceAll("\\", "\\\\")}]+`;
      const text = take(pattern, width === "" ? Infinity : Number(width));
      if (text === undefined) break;
      if (skipped === "") fields.push({ text, end: at });
    }
  }
  return fields;
}

/** The value of a field that was read in this base, in 64 bits. */
export function valueOf({ text }: Field, base: 10 | 16): bigint {
  const [, sign, digits] = /^([+-]?)(?:0[xX])?([0-9a-fA-F]*)$/.exec(text)!;
  const value = BigInt(`${base === 16 ? "0x0" : "0"}${digits}`);
  return sign === "-" ? -value : value;
}

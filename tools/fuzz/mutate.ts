/**
 * Makes files of a format: whole ones, and ones that are odd in a line, in a number
 * or as a whole.
 *
 * @module
 */

import type { Format } from "./format.ts";
import type { Random } from "./random.ts";

/** How odd a file is. */
export type Oddity = "none" | "some" | "much";

/** A file of this format, as a byte string. */
export function contents(
  format: Format,
  random: Random,
  oddity: Oddity,
): string {
  const rows = random.once(40)
    ? random.between(100, 2000)
    : random.between(0, 9);
  const lines = [...format.header];
  for (let i = 0; i < rows; i++) {
    const line = format.line(random);
    const often = oddity === "none" ? 0 : oddity === "some" ? 12 : 3;
    lines.push(often > 0 && random.once(often) ? oddLine(line, random) : line);
  }
  if (oddity === "none") return whole(lines);
  return oddFile(lines, format, random);
}

/** So many lines are made, and then repeated. */
const BLOCK = 200;

/** A file of a great many ordinary rows. */
export function manyRows(format: Format, random: Random): string {
  const rows = Math.min(
    random.pick([10_000, 100_000, 1_000_000]),
    format.most ?? Infinity,
  );
  const some = Array.from({ length: BLOCK }, () => format.line(random));
  return whole(format.header) + whole(some).repeat(Math.ceil(rows / BLOCK));
}

function whole(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Odd things about a file as a whole; most files have none. */
const FILES: readonly ((
  lines: string[],
  format: Format,
  random: Random,
) => string)[] = [
  // the last line has no newline
  (lines) => lines.join("\n"),
  // cut at any byte
  (lines, _format, random) => {
    const text = whole(lines);
    return text.slice(0, random.below(text.length + 1));
  },
  () => "",
  () => "\n",
  (_lines, format) => whole(format.header),
  (_lines, format) => format.header.join("\n"),
  // no header, a header twice, a header in the middle
  (lines, format) => whole(lines.slice(format.header.length)),
  (lines, format) => whole([...format.header, ...lines]),
  (lines, format, random) =>
    whole(lines.toSpliced(random.below(lines.length + 1), 0, ...format.header)),
  (lines) => lines.map((line) => `${line}\r\n`).join(""),
  // an odd header
  (lines, format, random) =>
    whole(
      lines.map((line, i) =>
        i < format.header.length ? oddLine(line, random) : line
      ),
    ),
];

function oddFile(lines: string[], format: Format, random: Random): string {
  return random.once(3)
    ? random.pick(FILES)(lines, format, random)
    : whole(lines);
}

/** A line with one odd thing in it, or a few. */
export function oddLine(line: string, random: Random): string {
  do line = random.pick(LINES)(line, random); while (random.once(4));
  return line;
}

const LINES: readonly ((line: string, random: Random) => string)[] = [
  oddToken,
  oddToken,
  oddToken,
  oddToken,
  oddToken,
  oddToken,
  // missing and extra columns
  (line, random) => words(line, random, () => ""),
  (line, random) => words(line, random, (word) => `${word} ${word}`),
  (line, random) =>
    words(line, random, (word) => `${oddNumber(random)} ${word}`),
  (line, random) => `${line} ${oddNumber(random)}`,
  // cut at any byte, at the front or at the end
  (line, random) => line.slice(0, random.below(line.length + 1)),
  (line, random) => line.slice(random.below(line.length + 1)),
  (line, random) => line.slice(0, random.below(line.length + 1)),
  // a byte less, a byte more, another byte
  (line, random) => splice(line, random, 1, ""),
  (line, random) => splice(line, random, 0, oddByte(random)),
  (line, random) => splice(line, random, 1, oddByte(random)),
  (line, random) => splice(line, random, 1, random.pick([" ", ":", "0", "-"])),
  // white space
  (line) => line.replaceAll(/ +/g, "\t"),
  (line) => line.replaceAll(/ +/g, " "),
  (line) => line.replaceAll(" ", ""),
  (line) => line.trimStart(),
  (line, random) => " ".repeat(random.below(300)) + line,
  (line, random) => line + " ".repeat(random.below(300)),
  (line) => `${line}\r`,
  () => "",
  () => " ",
  (line) => line.toLowerCase(),
  (line) => line.toUpperCase(),
  (line) => `${line}${line}`,
  (line) => `${line}\n${line}`,
  longLine,
];

/** Lengths around those at which net-tools cuts lines. */
const LENGTHS = [
  253,
  254,
  255,
  256,
  509,
  510,
  511,
  1023,
  1024,
  4095,
  4096,
  8190,
  8191,
  8192,
  16_382,
  1 << 20,
];

/** A very long line, made so in front, behind or inside. */
function longLine(line: string, random: Random): string {
  const most = random.once(4) ? LENGTHS.length : 7;
  const length = LENGTHS[random.below(most)]!;
  const missing = Math.max(0, length - line.length);
  const fill = random.pick(["0", " ", "x", "1 ", "f"])
    .repeat(missing).slice(0, missing);
  const at = random.pick([0, line.length, random.below(line.length + 1)]);
  return line.slice(0, at) + fill + line.slice(at);
}

/** Replaces `length` bytes somewhere. */
function splice(
  line: string,
  random: Random,
  length: number,
  by: string,
): string {
  const at = random.below(line.length + 1);
  return line.slice(0, at) + by + line.slice(at + length);
}

/** Changes one of the words. */
function words(
  line: string,
  random: Random,
  change: (word: string) => string,
): string {
  const found = [...line.matchAll(/\S+/g)];
  if (found.length === 0) return line;
  const { 0: word, index } = random.pick(found);
  return line.slice(0, index) + change(word) + line.slice(index + word.length);
}

/** Puts something odd in the place of a number, or of anything else. */
function oddToken(line: string, random: Random): string {
  const tokens = [...line.matchAll(/[0-9a-zA-Z_.+-]+/g)];
  if (tokens.length === 0) return line;
  const { 0: token, index } = random.pick(tokens);
  return line.slice(0, index) + oddNumber(random, token) +
    line.slice(index + token.length);
}

/** What number parsers stumble over. */
const NUMBERS = [
  "0",
  "1",
  "-1",
  "+1",
  "00",
  "0x",
  "0x1F",
  "0X0",
  "010",
  "08",
  "7F",
  "FF",
  "ff",
  "127",
  "128",
  "255",
  "256",
  "32767",
  "32768",
  "65535",
  "65536",
  "FFFF",
  "10000",
  "2147483647",
  "2147483648",
  "4294967295",
  "4294967296",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551614",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999999999999999999",
  "7FFFFFFF",
  "80000000",
  "FFFFFFFF",
  "100000000",
  "7FFFFFFFFFFFFFFF",
  "8000000000000000",
  "FFFFFFFFFFFFFFFF",
  "10000000000000000",
  "-2147483648",
  "-2147483649",
  "-9223372036854775808",
  "-9223372036854775809",
  "-",
  "+",
  "--1",
  "1.5",
  "1e3",
  "*",
  "x",
  "(null)",
  "(nil)",
  "%s%n",
];

function oddNumber(random: Random, token = "0"): string {
  switch (random.below(8)) {
    case 0:
      return random.hex(random.between(1, 20));
    case 1:
      return "0".repeat(random.between(1, 30)) + token;
    case 2:
      return `-${token}`;
    case 3:
      return `0x${token}`;
    case 4:
      return token.replaceAll(/[0-9a-fA-F]/g, random.pick(["0", "F", "9"]));
    default:
      return random.pick(NUMBERS);
  }
}

/** Bytes that a terminal or a parser minds, and 8-bit ones. */
function oddByte(random: Random): string {
  return random.once(3) ? String.fromCharCode(random.below(256)) : random.pick([
    "\0",
    "\t",
    "\r",
    "\v",
    "\x1b[31m",
    "\x7f",
    "\x80",
    "\xff",
    "\xc3\xa9",
    "\xc2\x9b",
    "\xe2\x82\xac",
    "\xa0",
  ]);
}

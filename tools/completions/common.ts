/**
 * What completions for bash, zsh and fish have in common. They are made from the
 * option table, the families and the columns of all views, so that no Tab starts
 * `netstat`.
 *
 * Keys are offered in lists (`--columns=pid,st`) and wherever a test begins in an
 * expression (`--where 'state = LISTEN and lo`), operators behind them, words of
 * closed lists behind `=` and in `in (`, and `and` and `or` behind a test. A shell
 * closes a quote behind the only word that fits: in quotes, such a word is offered
 * together with each of those that can follow it, so that the quote stays open.
 *
 * @module
 */

import { getopt } from "../../core/args/getopt.ts";
import { type Option, OPTIONS } from "../../core/args/options.ts";
import type { Family } from "../../core/contract/family.ts";
import type { ColumnHelp } from "../../core/query/help.ts";
import { documented } from "../../render/help.ts";
import {
  firstTaker,
  namesOfKey,
  type Taker,
  type Vocabulary,
} from "../keys.ts";

/** What completes a value. */
export type Values =
  | "families"
  | "family files"
  | "files"
  | "folders"
  | "keys"
  | "expressions"
  | "nothing";

/** The values of the options that have no list of them. */
const VALUES: Readonly<Record<string, readonly string[] | Values>> = {
  protocol: "families",
  family: "family files",
  "check-family": "files",
  root: "files",
  save: "files",
  for: "nothing",
  netns: "nothing",
  "resolve-timeout": "nothing",
  where: "expressions",
  columns: "keys",
  sort: "keys",
  limit: "nothing",
  count: "keys",
  sum: "keys",
  diff: "files",
  watch: "nothing",
  until: "expressions",
  check: ["help", ...checkNames()],
  interval: "nothing",
  label: "nothing",
};

/** The checks, by the names of their files. */
function checkNames(): string[] {
  const folder = new URL("../../checks/", import.meta.url);
  return Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .map((name) => name.replace(/\.ts$/, "").replaceAll("_", "-")).sort();
}

/** The options that are offered. */
export const OFFERED = documented(OPTIONS);
/** Those that have a value. */
export const VALUED = OFFERED.filter(({ value }) => value !== undefined);
/** Those whose value stands behind an equals sign, if there is one. */
export const IMPLIED = VALUED.filter((option) =>
  option.implied !== undefined && !isOperand(option)
);

/** Whether the value can stand behind the option as an operand, too. */
export function isOperand({ long }: Option): boolean {
  return long === "check";
}

/** Matches letters of which the last one has its value in the same word. */
export const BUNDLE = bundle(
  VALUED.flatMap(({ short }) => short ?? []).join(""),
);

function bundle(letters: string): string {
  return `-[^-${letters}]*[${letters}]`;
}

/** What completes the option's value: one of these words, or something else. */
export function valuesOf({ long, values }: Option): readonly string[] | Values {
  const found = values ?? VALUES[long!];
  if (found === undefined) throw new Error(`What completes --${long}?`);
  return found;
}

/** A word for each family, and each of its other names. */
export function familyWords(families: readonly Family[]): [string, string][] {
  return families.flatMap(({ name, words = [name], about }) =>
    words.map((word): [string, string] => [word, about])
  );
}

/**
 * Keys and their shorter names, each with its meaning: those of which this is the
 * first option that takes them.
 */
export function keyWords(
  columns: readonly ColumnHelp[],
  taker: Taker,
): [string, string][] {
  return columns.filter((column) => firstTaker(column) === taker)
    .flatMap((column) =>
      namesOfKey(column).map((name): [string, string] => [
        name,
        briefly(column),
      ])
    );
}

/** What a column means, in its first sentence. */
function briefly({ about }: ColumnHelp): string {
  return about.replace(/(?<=[\w)])[.;:] .*|\.$/s, "").replaceAll("`", "");
}

/** The words of closed lists, of keys that have one; those with blanks need quotes. */
export function* closedLists(
  { columns, words }: Vocabulary,
): Generator<{ names: string[]; words: string[] }> {
  for (const column of columns) {
    const known = words.get(column.key) ?? [];
    const typed = known.filter((word) => !/\s/.test(word));
    if (typed.length > 0) yield { names: namesOfKey(column), words: typed };
  }
}

/** The last word of an expression, as far as it is typed. */
export const FRAGMENT = "[A-Za-z0-9_.]*$";
const KEY = "[A-Za-z0-9_.]+";
/** What a test begins behind. */
const START = "(^|\\(|(^|[ (])(and|or|not) ) *";

/** Words that can be typed, with what they mean. */
export type Told = readonly (readonly [word: string, about: string])[];

/** What a word of an expression can be. */
export type Place = "values" | "a test" | Told;

const OPERATORS: Told = [
  ["=", "equal"],
  ["!=", "not equal"],
  ["<", "less"],
  ["<=", "less or equal"],
  [">", "greater"],
  [">=", "greater or equal"],
  ["~", "a regular expression fits"],
  ["!~", "no regular expression fits"],
  ["in", "one of (22, 80), 1..1023, 10.0.0.0/8"],
  ["is", "null: not known"],
  ["not", "none of those behind in"],
];

const JOINING: Told = [["and", "both"], ["or", "one of both"]];

/**
 * What stands before a word, as a regular expression, and what the word can be then;
 * the first one that fits counts. Of values, the first group is the key.
 */
export const PLACES: readonly (readonly [before: string, Place])[] = [
  [" is +$", [["null", "not known"], ["not", "known"]]],
  [" is +not +$", [["null", "known"]]],
  [`(${KEY})( *!?=| +(not +)?in *\\(([^)]*,)?) *$`, "values"],
  [` in *\\([^)]*$`, [[",", "one more"], [")", "the end"]]],
  [`${START}${KEY} +not +$`, [["in", "none of them"]]],
  [`${START}$`, "a test"],
  [`${START}${KEY} +$`, OPERATORS],
  ["[^=<>~!,( ] +$", JOINING],
];

/** What turns a test into its opposite. */
export const NOT: Told[number] = ["not", "the opposite"];

/** The option's names, as they are typed. */
export function namesOf({ short, long }: Option): string[] {
  return [
    ...(short === undefined ? [] : [`-${short}`]),
    ...(long === undefined ? [] : [`--${long}`]),
  ];
}

/** The abbreviations of an option's long name. */
export function abbreviations(option: Option): string[] {
  const { long = "" } = option;
  const starts = Array.from(long, (_, i) => `--${long.slice(0, i)}`).slice(1);
  return starts.filter((word) => {
    const found = getopt([word, "value"], OPTIONS).next().value!;
    return "option" in found && found.option === option;
  });
}

/** A word or a sentence as one word of sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Where a script comes from. */
export const MADE = "# Made from the option table by `./denow task docs`.";

/** Words in lines of at most 80 bytes. */
export function wrapped(
  words: readonly string[],
  indent: number,
  end = "",
): string {
  const lines = [""];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`.trimStart();
    if (indent + line.length + end.length > 80) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => " ".repeat(indent) + line).join(`${end}\n`);
}

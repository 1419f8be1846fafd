/**
 * Which checks are asked, and with which limits: the list behind `--check`.
 *
 * ```text
 * full-backlog,close-wait:count=500
 * ```
 *
 * @module
 */

import type { Check, Limit } from "../contract/check.ts";
import { fact } from "../contract/column.ts";
import type { Columns } from "../contract/family.ts";
import { nearest } from "../contract/nearest.ts";
import type { Shown } from "../contract/sink.ts";
import { QuestionError } from "../query/error.ts";

/** A check, and its limits. */
export interface Chosen {
  /** The check. */
  readonly check: Check;
  /** What decides, by name. */
  readonly limits: Readonly<Record<string, number>>;
}

/** What there are parts of. */
const DIVIDED: readonly Limit["unit"][] = ["percent", "seconds"];

/** The largest limit with a fraction; a larger one is a slip. */
const MOST = 1e9;

/** What asks for a list of the checks. */
const HELP = "help";

/** The checks that a list names; all, if it names none. Throws {@linkcode QuestionError}. */
export function chosenFrom(
  all: readonly Check[],
  text: string,
): { readonly help: boolean; readonly chosen: readonly Chosen[] } {
  if (text === HELP) return { help: true, chosen: [] };
  if (text === "") {
    const chosen = all.map((check) => ({ check, limits: usualOf(check) }));
    return { help: false, chosen };
  }
  const found = new Map<string, Chosen>();
  let at = 0;
  for (const part of text.split(",")) {
    const one = chosenBy(part, { all, text, at });
    found.set(one.check.name, one);
    at += part.length + 1;
  }
  return { help: false, chosen: [...found.values()] };
}

function usualOf({ limits = {} }: Check): Record<string, number> {
  return Object.fromEntries(
    Object.entries(limits).map(([name, { value }]) => [name, value]),
  );
}

/** Where a part of the list stands. */
interface Part {
  readonly all: readonly Check[];
  readonly text: string;
  readonly at: number;
}

/** `close-wait:count=500:…` */
function chosenBy(part: string, { all, text, at }: Part): Chosen {
  const wrong = (place: number, advice: string) =>
    new QuestionError({ option: "--check", text }, place, advice);
  const [name = "", ...given] = part.split(":");
  const check = all.find((one) => one.name === name.trim());
  if (check === undefined) {
    const near = nearest(name.trim(), all.map(({ name }) => name));
    throw wrong(
      at,
      near === undefined
        ? "no such check: --check help lists them"
        : `no such check; did you mean '${near}'? (--check help lists them)`,
    );
  }
  const limits = usualOf(check);
  let place = at + name.length + 1;
  for (const setting of given) {
    const [, key = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(setting) ?? [];
    if (!Object.hasOwn(limits, key)) {
      const keys = Object.keys(limits);
      throw wrong(
        place,
        keys.length === 0
          ? `${check.name} has no limits`
          : `${check.name} has these limits: ${keys.join(" ")}`,
      );
    }
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
    const isDivided = DIVIDED.includes(check.limits?.[key]?.unit);
    if (!(isDivided ? number <= MOST : Number.isSafeInteger(number))) {
      const kind = isDivided ? "number" : "whole number";
      throw wrong(place, `write a ${kind}, as ${key}=${limits[key]}`);
    }
    limits[key] = number;
    place += setting.length + 1;
  }
  return { check, limits };
}

/** What the list of checks shows of each. */
export function helpColumns(): readonly Shown[] {
  const columns: Columns<Check> = {
    check: fact("string", ({ name }: Check) => name, "What it is called."),
    limits: fact(
      "string?",
      ({ limits = {} }) =>
        Object.entries(limits).map(([name, { value }]) => `${name}=${value}`)
          .join(" ") || null,
      "What decides, as it can be written behind the check.",
    ),
    about: fact("string", ({ about }) => about, "What it looks for."),
  };
  return Object.entries(columns).map(([key, column]) => ({ key, column }));
}

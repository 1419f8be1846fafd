/**
 * What a family file must say, and the words for what it says instead.
 *
 * @module
 */

import { nearest } from "../contract/nearest.ts";

/** A family file does not do what it must; the message says what, and what to do. */
export class PluginError extends Error {
  /** `word` is what the file says at the place, if it says it. */
  constructor(message: string, readonly word?: string) {
    super(message);
  }
}

/** What the value of a key must be; with a `?` it can be missing. */
export type Rule =
  | `${"string" | "number" | "boolean" | "function" | "object" | "array"}${
    | ""
    | "?"}`
  | typeof BUILT_IN;

/** What only families have that are built in. */
export const BUILT_IN = "built in";

/** A rule for each key. */
export type Rules<T> = Readonly<Record<keyof Required<T>, Rule>>;

/** Fails unless `good`; `word` is what the file says at the place. */
export function must(good: boolean, what: string, word?: string): asserts good {
  if (!good) throw new PluginError(what, word);
}

/**
 * Fails unless an object has the keys that it must have, and no others. The object
 * under `inner` has keys that are easily taken for this one's.
 */
export function mustObey<T>(
  object: Readonly<Record<string, unknown>>,
  where: string,
  rules: Rules<T>,
  inner?: { readonly key: keyof T & string; readonly rules: object },
): void {
  const known = Object.entries<Rule>(rules);
  for (const key of Object.keys(object)) {
    if (object[key] === undefined || Object.hasOwn(rules, key)) continue;
    const near = nearest(key, known.map(([name]) => name));
    const hint = inner !== undefined && Object.hasOwn(inner.rules, key)
      ? `; it belongs into '${inner.key}'`
      : near === undefined
      ? ""
      : `; is it '${near}'?`;
    must(false, `${where}: there is no key '${key}'${hint}`, key);
  }
  for (const [key, rule] of known) {
    const value = object[key];
    if (rule === BUILT_IN) {
      must(
        value === undefined,
        `${where}: '${key}' is for families that are built in`,
        key,
      );
      continue;
    }
    const type = rule.replace("?", "");
    if (value === undefined) {
      must(
        rule.endsWith("?"),
        `${where}: '${key}' (${article(type)}) is missing`,
      );
    } else if (key !== "always") {
      must(
        kindOf(value) === type,
        `${where}: '${key}' is not ${article(type)} but ${describe(value)}`,
        key,
      );
    }
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

/** A word with its article. */
export function article(word: string): string {
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}

/** Whether a value has keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** So much of a string is quoted. */
const QUOTED_MOST = 60;

/** A value in a sentence: what it is, and what it says if it is short. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  switch (typeof value) {
    case "number":
      return `the number ${value}`;
    case "string":
      return `the string ${JSON.stringify(value.slice(0, QUOTED_MOST))}`;
    default:
      return article(kindOf(value));
  }
}

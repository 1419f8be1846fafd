/**
 * Makes functions that write a row of just these columns. They have no loop over
 * columns: each call in them leads always to the same column, whose code the engine
 * puts in place of the call, and short texts are put down byte by byte. That more than
 * halves the time of a row. Which bytes and which columns is up to each writer.
 *
 * @module
 */

import { toldBy } from "../core/contract/depth.ts";
import type { Structure, Word } from "../core/contract/diag.ts";
import type { View } from "../core/contract/family.ts";
import type { Bytes } from "../core/contract/out.ts";
import type { Shown } from "../core/contract/sink.ts";

/** Writes a row. Where cells end is kept in `ends`, by steps that say so. */
export type RowWriter = (
  out: Bytes,
  row: unknown,
  view: View,
  ends?: Int32Array,
) => void;

/** One step of a row. */
export type Step =
  /** Writes this byte string. */
  | { readonly text: string }
  /** Writes so many blanks. */
  | { readonly blanks: number }
  /** Has a function write something of the row. */
  | { readonly write: RowWriter }
  /** Has a column write its spelling. */
  | { readonly put: Shown["column"] }
  /** Has the value of a column written, by what is also given `extra`. */
  | {
    readonly value: Shown["column"];
    // deno-lint-ignore no-explicit-any
    by(out: Bytes, value: any, view: View, extra: any): void;
    readonly extra?: unknown;
  }
  /** Remembers where the row stands: what follows is written `since` then. */
  | { readonly since: true }
  /** Pads what was written since then, on the left if the width is positive. */
  | { readonly pad: number }
  /** Has a function look at what was written since then. */
  | {
    settle(out: Bytes, start: number, row: unknown, view: View): void;
  }
  /** Keeps where the cell of this number ends. */
  | { readonly end: number }
  /** Puts a row down over which cells are written: what follows goes by its places. */
  | { readonly ground: Uint8Array }
  /** What follows is written from this place on, and `since` then. */
  | { readonly from: number }
  /** Has the value of a column written into its place, unless it is null. */
  | {
    readonly into: Shown["column"];
    /** Is told where the row is, and tells where it is for what follows. */
    // deno-lint-ignore no-explicit-any
    over(out: Bytes, value: any, base: number, extra: any, view: View): number;
    readonly extra: unknown;
  }
  /** Has a function tell where the row is, by where what was written ends. */
  | { push(out: Bytes): number };

/**
 * Makes a function that takes these steps. Its source is made of numbers and of the
 * names that stand here: no text of a column is ever read as code.
 */
export function compile(steps: readonly Step[]): RowWriter {
  const used: unknown[] = [];
  /** The name by which the source knows something. */
  const name = (one: unknown) => `used${used.push(one) - 1}`;
  const structures = new Set(
    steps.flatMap((step) => "into" in step ? wordOf(step)?.of ?? [] : []),
  );
  const source = steps.map((step) => sourceOf(step, name, [...structures]))
    .join("\n");
  const make = new Function(
    ...used.map((_, i) => `used${i}`),
    `return (out, row, view, ends) => {
      let bytes, words, at, start, base, value, answer;
      ${[...structures].map((_, i) => `let words${i}, count${i};`).join("")}
      ${source}
    };`,
  );
  return make(...used);
}

/** Where the number of a column is, if that is all there is to it. */
function wordOf({ into }: { readonly into: Shown["column"] }) {
  return toldBy(into)?.word;
}

/** Source that takes the numbers of a structure out of the row's answer. */
function loads(structure: string, i: number): string {
  return `if (answer !== undefined) {
      ${structure}.load(answer);
      words${i} = ${structure}.words;
      count${i} = ${structure}.count;
    }`;
}

/** Source of a number that was taken, or of what reads it if that is not enough. */
function reads({ index, wide }: Word, i: number, read: string): string {
  const at = (index: number) => `words${i}[${number(index)}]`;
  const has = (index: number) => `${number(index)} < count${i}`;
  if (!wide) return `${has(index)} ? ${at(index)} : null`;
  return `${has(index + 1)} && ${at(index + 1)} === 0
    ? ${at(index)}
    : ${read}(answer, view)`;
}

function sourceOf(
  step: Step,
  name: (one: unknown) => string,
  structures: readonly Structure[],
): string {
  if ("text" in step) {
    const { text } = step;
    return text.length > SHORT ? `out.ascii(${name(text)});` : stores(text);
  }
  if ("blanks" in step) return `out.pad(out.at, ${number(step.blanks)});`;
  if ("write" in step) return `${name(step.write)}(out, row, view);`;
  if ("put" in step) return `${name(step.put)}.put(out, row, view);`;
  if ("value" in step) {
    const value = `${name(step.value)}.value(row, view)`;
    return `${name(step.by)}(out, ${value}, view, ${name(step.extra)});`;
  }
  if ("since" in step) return "start = out.at;";
  if ("pad" in step) {
    const pad = step.pad < 0 ? "pad" : "padLeft";
    return `out.${pad}(start, ${number(Math.abs(step.pad))});`;
  }
  if ("settle" in step) return `${name(step.settle)}(out, start, row, view);`;
  if ("ground" in step) {
    const ground = name(step.ground);
    return `out.room(${ground}.length); base = out.at; bytes = out.bytes;
      bytes.set(${ground}, base); answer = row.answer;
      ${structures.map((one, i) => loads(name(one), i)).join("\n")}`;
  }
  if ("from" in step) return `out.at = start = base + ${number(step.from)};`;
  if ("into" in step) {
    const [over, extra] = [name(step.over), name(step.extra)];
    const told = toldBy(step.into);
    const word = told?.word;
    const ofRow = `${name(step.into)}.value(row, view)`;
    const i = word === undefined ? -1 : structures.indexOf(word.of);
    const ofAnswer = word === undefined
      ? `${name(told)}(answer, view)`
      : reads(word, i, name(told));
    const nothing = word?.nothing;
    return `value = ${
      told === undefined
        ? ofRow
        : `answer === undefined ? ${ofRow} : ${ofAnswer}`
    };
      if (value !== null${
      nothing === undefined ? "" : ` && value !== ${number(nothing)}`
    }) base = ${over}(out, value, base, ${extra}, view);`;
  }
  if ("push" in step) return `base = ${name(step.push)}(out);`;
  return `ends[${number(step.end)}] = out.at;`;
}

/** A longer text is written by a call, which makes room for it. */
const SHORT = 256;

/** Source that puts a short text into the buffer, four bytes at a time. */
function stores(text: string): string {
  if (text === "") return "";
  const { length } = text;
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const words = new DataView(bytes.buffer);
  let source = "";
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    source += `words.setInt32(at + ${at}, ${words.getInt32(at)});`;
  }
  for (; at < length; at++) {
    source += `words.setInt8(at + ${at}, ${bytes[at]});`;
  }
  return `words = out.words; at = out.at; ${source} out.at = at + ${length};`;
}

/** A number as source, whatever the type says: specs of family files have numbers. */
function number(value: number): string {
  return String(Number(value));
}

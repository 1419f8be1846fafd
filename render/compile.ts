/**
 * Makes functions that write a row of just these columns. They have no loop over
 * columns: each call in them leads always to the same column, whose code the engine
 * puts in place of the call, and short texts are put down byte by byte. That more than
 * halves the time of a row. Which bytes and which columns is up to each writer.
 *
 * @module
 */

import type { View } from "../core/contract/family.ts";
import type { Bytes } from "../core/contract/out.ts";
import { generated, type Naming } from "../core/contract/generated.ts";
import type { Shown } from "../core/contract/sink.ts";

/** Writes a row. Where cells end is kept in `ends`, by steps that say so. */
export type RowWriter = (
  out: Bytes,
  row: unknown,
  view: View,
  ends?: Int32Array,
) => void;

/** How a cell is written that is not aligned. */
export type Spelling =
  /** Has a column write its spelling. */
  | { readonly put: Shown["column"] }
  /** Has the value of a column written, by what is also given `extra`. */
  | {
    readonly value: Shown["column"];
    // deno-lint-ignore no-explicit-any
    by(out: Bytes, value: any, view: View, extra: any): void;
    readonly extra?: unknown;
  };

/** One step of a row. */
export type Step =
  /** Writes this byte string. */
  | { readonly text: string }
  /** Writes so many blanks. */
  | { readonly blanks: number }
  /** Has a function write something of the row. */
  | { readonly write: RowWriter }
  /** Writes a cell. */
  | Spelling
  /** Remembers where the row stands: what follows is written `since` then. */
  | { readonly since: true }
  /** Pads what was written since then, on the left if the width is positive. */
  | { readonly pad: number }
  /** Has a function look at what was written since then. */
  | {
    settle(out: Bytes, start: number, row: unknown, view: View): void;
  }
  /** Keeps where the cell of this number ends. */
  | { readonly end: number };

/** Makes a function that takes these steps. */
export function compile(steps: readonly Step[]): RowWriter {
  return generated("out, row, view, ends", (name) => {
    const lines = steps.map((step) => sourceOf(step, name));
    return ["let bytes, words, at, start;", ...lines].join("\n");
  });
}

function sourceOf(step: Step, name: Naming): string {
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

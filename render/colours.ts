/**
 * Colours for people at a terminal, put around what `frozen.ts` writes by what columns
 * say that a cell means. Blanks are padded before, so that everything stands where
 * it stands without colours. Loaded only if they were asked for.
 *
 * @module
 */

import type { Tone } from "../core/contract/family.ts";
import type { Layout } from "../core/contract/sink.ts";
import { neutralise } from "../core/contract/out.ts";
import type { Output } from "./out.ts";
import { type Placed, writeCell } from "./frozen.ts";

const NEWLINE = 10;
const BLANK = 32;

/**
 * Escape sequences (SGR of ECMA-48): of the colours that every terminal has, those
 * that can be read on black and on white.
 */
const SEQUENCES: Readonly<Record<Tone | "title", string>> = {
  title: "\x1b[1m",
  listening: "\x1b[1;36m",
  connected: "\x1b[32m",
  pending: "\x1b[33m",
  closing: "\x1b[2m",
  default: "\x1b[1m",
  off: "\x1b[2m",
  trouble: "\x1b[31m",
};

/** Ends whatever colour there is. */
const PLAIN = "\x1b[0m";

/** Makes a title of what stands in the line since `start`. */
export function colourTitle(out: Output, start: number): void {
  enclose(out, start, SEQUENCES.title);
}

/** Gives what stands in the line since `start` the colour of a tone, if it has one. */
export function colourCell(
  out: Output,
  start: number,
  tone: Tone | undefined,
): void {
  enclose(out, start, tone && SEQUENCES[tone]);
}

/** The cell in the colour of its tone. */
export function colouredCell(cell: Placed): Placed {
  const { column, gap } = cell;
  return {
    column,
    gap,
    width: 0,
    write(out, row, view) {
      const start = out.at;
      writeCell(out as Output, cell, row, view);
      colourCell(out as Output, start, column.tone?.(row, view));
    },
  };
}

/** The layout, in which what `lead` writes has the colour of its tone. */
export function colouredLayout(layout: Layout): Layout {
  const { lead, leads } = layout;
  if (lead === undefined) return layout;
  return {
    ...layout,
    lead(out, row, view) {
      const start = out.at;
      lead(out, row, view);
      colourCell(out as Output, start, leads?.tone?.(row, view));
    },
  };
}

/**
 * Puts a sequence in front of what each line has since `start`, and ends it behind.
 * Nothing else that a terminal obeys is left in there.
 */
function enclose(
  out: Output,
  start: number,
  sequence: string | undefined,
): void {
  let to = out.at;
  while (to >= start) {
    const newline = out.bytes.subarray(start, to).lastIndexOf(NEWLINE);
    const from = newline < 0 ? start : start + newline + 1;
    encloseLine(out, from, to, sequence);
    to = from - 1;
  }
}

function encloseLine(
  out: Output,
  from: number,
  to: number,
  sequence: string | undefined,
): void {
  const { bytes } = out;
  neutralise(bytes, from, to);
  if (sequence === undefined) return;
  while (to > from && bytes[to - 1] === BLANK) to--;
  while (from < to && bytes[from] === BLANK) from++;
  if (from === to) return;
  insert(out, to, PLAIN);
  insert(out, from, sequence);
}

function insert(out: Output, at: number, text: string): void {
  out.room(text.length);
  const { bytes } = out;
  bytes.copyWithin(at + text.length, at, out.at);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  out.at += text.length;
}

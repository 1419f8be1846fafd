/**
 * What rtnetlink told `ip` of iproute2, as it was recorded, and what is made of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { deepened, depthOf, type Told } from "../core/contract/depth.ts";
import { Answer, type Asking } from "../core/contract/diag.ts";
import type { Table, Value, View } from "../core/contract/family.ts";
import { Line } from "../core/contract/line.ts";
import { Failure } from "../core/system/failures.ts";
import { askSockets } from "../core/system/sock_diag.ts";
import { neigh } from "../families/_rt_neigh.ts";
import { rule } from "../families/_rt_rule.ts";
import { routes } from "../families/_routes_inet.ts";
import { ROUTES as ROUTES6 } from "../families/_routes_inet6.ts";
import interfaces from "../families/interfaces.ts";
import { channelOf } from "./diag_samples.ts";

const FOLDER = new URL("../testdata/diag/", import.meta.url).pathname;

/** Tables with all of their columns. */
// deno-lint-ignore no-explicit-any
export const TABLES: Readonly<Record<string, Table<any>>> = {
  route4: await deepened(routes, true),
  route6: await deepened(ROUTES6[0]!, true),
  neigh,
  rule4: rule,
  rule6: rule,
  link: await deepened(interfaces, true),
};

/** How the things of a sample are asked for. */
export function askingOf(name: string): Asking {
  const table = TABLES[name]!;
  const source = table.sources[name === "rule6" ? 1 : 0]!;
  return depthOf(table)!.asking(source)!;
}

/** The pieces of a sample's answers that have messages of this type. */
export function piecesOf(
  name: string,
  type: number,
): Uint8Array<ArrayBuffer>[] {
  const text = Deno.readTextFileSync(`${FOLDER}rt_${name}.hex`);
  return text.split(/^<$/m).slice(1).flatMap((part) => {
    const lines = part.split("\n");
    const end = lines.findIndex((line) => line === ">" || line.startsWith("#"));
    const hex = lines.slice(0, end < 0 ? undefined : end).join("");
    const piece = Uint8Array.fromHex(hex);
    return typeOf(piece) === type ? [piece] : [];
  });
}

function typeOf(piece: Uint8Array): number {
  return piece[4]! | piece[5]! << 8;
}

/** What `ip` printed of a sample, without the command. */
export function printedOf(name: string): string[] {
  return Deno.readTextFileSync(`${FOLDER}rt_${name}.txt`).split("\n").slice(1)
    .filter((line) => line !== "");
}

/** The interfaces of all samples, by their numbers. */
const names = new Map<number, string>();

/** What columns see of the command line. */
export const VIEW = {
  all: true,
  extend: 0,
  numericHosts: true,
  names: {
    interface: (index: number) => names.get(index),
    numbered: () => undefined,
  },
} as unknown as View;

for (const piece of piecesOf("link", 16)) {
  for (const answer of answersIn([piece], askingOf("link"))) {
    names.set(answer.i32(63, 4)!, answer.text(3)!);
  }
}

/** The answers in these pieces, each until the next one. */
export function* answersIn(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  asking: Asking,
): Generator<Answer> {
  const lines = askSockets(asking, {}, () => channelOf(pieces));
  assert.ok(!(lines instanceof Failure), `${lines}`);
  const line = new Line();
  const answer = new Answer();
  while (lines.next(line)) {
    answer.set(line.bytes, line.start, line.end, asking.answer);
    yield answer;
  }
}

/** All values of a row that is made of an answer; undefined if that is malformed. */
export function valuesOf(
  // deno-lint-ignore no-explicit-any
  table: Table<any>,
  answer: Answer,
): Record<string, Value> | undefined {
  const row: Told = table.row(table.sources[0]!, "");
  row.answer = answer;
  if (!(depthOf(table)!.parse?.(row, VIEW) ?? true)) return undefined;
  return Object.fromEntries(
    Object.entries(table.columns)
      .map(([key, { value }]) => [key, value(row, VIEW)]),
  );
}

/** The values of all answers of a sample. */
export function sampleOf(name: string): Record<string, Value>[] {
  const asking = askingOf(name);
  const pieces = piecesOf(name, asking.rtnetlink!.get - 2);
  const table = TABLES[name]!;
  const rows: Record<string, Value>[] = [];
  for (const answer of answersIn(pieces, asking)) {
    // `ip` asks for several families at once
    const family = answer.bytes[answer.start];
    if (name !== "neigh" && family !== asking.family) continue;
    rows.push(valuesOf(table, answer)!);
  }
  return rows;
}

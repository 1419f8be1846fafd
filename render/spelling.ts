/**
 * How values are spelled as JSON, in the columns of objects as well: for JSON itself,
 * and for formats that have JSON in their cells or its escapes in their texts.
 *
 * @module
 */

import { isNumeric } from "../core/contract/column.ts";
import type { Long, Value, View } from "../core/contract/family.ts";
import { byteString } from "../core/contract/line.ts";
import { Bytes, sequence } from "../core/contract/out.ts";
import { allOf, type Head, type Shown } from "../core/contract/sink.ts";
import { compile, type RowWriter, type Step } from "./compile.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;

/** Makes what writes an object of these columns, behind what the head has. */
export function objectWriter(
  shown: readonly Shown[],
  view: View,
  head: Head = {},
): RowWriter {
  const first = Object.entries(head)
    .map(([key, value]) =>
      `"${key}":${spelled((out) => writeJson(out, value))}`
    )
    .join();
  const steps: Step[] = [];
  let before = first === "" ? "{" : `{${first},`;
  for (const { key, column } of shown) {
    const { each } = column;
    const start = `${before}"${key}":`;
    before = ",";
    if (each === undefined && column.put !== undefined) {
      steps.push({ text: `${start}"` }, { put: column }, { text: '"' });
      continue;
    }
    steps.push({ text: start }, valueStep(column, view));
  }
  if (shown.length === 0) steps.push({ text: `{${first}` });
  const writeEarlier = earlierWriter(shown, view);
  if (writeEarlier !== undefined) {
    const key: RowWriter = (out) => out.ascii(',"before":');
    steps.push({
      write: (out, row, view) => writeEarlier(out, row, view, key),
    });
  }
  steps.push({ text: "}" });
  return compile(steps);
}

/** How the value of a column is written. */
function valueStep(column: Shown["column"], view: View): Step {
  const { each, kind } = column;
  if (each === undefined) {
    return { value: column, by: isNumeric(kind) ? writeNumber : writeJson };
  }
  return {
    value: column,
    by: writeObjects,
    extra: objectWriter(allOf(each, view), view),
  };
}

/** Writes what a row was, behind what `lead` writes; neither if it is not known. */
export type EarlierWriter = (
  out: Bytes,
  row: unknown,
  view: View,
  lead?: RowWriter,
) => void;

/**
 * Makes what writes, as an object, what those columns were that differ; undefined if rows
 * are not compared.
 */
export function earlierWriter(
  shown: readonly Shown[],
  view: View,
): EarlierWriter | undefined {
  const columns = shown.flatMap(({ key, column, earlier }) => {
    if (earlier === undefined) return [];
    const kept = { ...column, value: ({ value }: Kept) => value };
    const write = compile([{ text: `"${key}":` }, valueStep(kept, view)]);
    return [{ earlier, write }];
  });
  if (columns.length === 0) return undefined;
  return (out, row, view, lead) => {
    let isFirst = true;
    for (const { earlier, write } of columns) {
      const value = earlier.value(row);
      if (value === undefined) continue;
      out.room(0);
      if (isFirst) lead?.(out, row, view);
      out.byte(isFirst ? OPEN : COMMA);
      isFirst = false;
      write(out, { value }, view);
    }
    if (!isFirst) out.byte(CLOSE);
  };
}

/** A value of before, as a row. */
interface Kept {
  readonly value: Value;
}

const OPEN = 123;
const CLOSE = 125;

/** Writes objects as an array, of which there can be any number. */
export function writeObjects(
  out: Bytes,
  objects: readonly object[] | null,
  view: View,
  writeObject: RowWriter,
): void {
  if (objects === null) return out.ascii("null");
  out.byte(91);
  for (const [i, object] of objects.entries()) {
    if (i > 0) out.byte(COMMA);
    out.room(0);
    writeObject(out, object, view);
  }
  out.byte(93);
}

/** Writes a number, if there is one. */
function writeNumber(out: Bytes, value: Long | null): void {
  if (value === null) writeNull(out);
  else out.number(value);
}

/** `null` in four bytes. */
const NULL = 0x6e75_6c6c;

function writeNull(out: Bytes): void {
  out.words.setInt32(out.at, NULL);
  out.at += 4;
}

/** Writes a value that is not made of objects. */
export function writeJson(out: Bytes, value: Value): void {
  if (value === null) writeNull(out);
  else if (typeof value === "number" || typeof value === "bigint") {
    out.number(value);
  } else if (typeof value === "string") {
    writeString(out, value);
  } else if (typeof value === "boolean") {
    out.ascii(`${value}`);
  } else {
    out.byte(91);
    for (const [i, item] of (value as readonly (string | null)[]).entries()) {
      if (i > 0) out.byte(COMMA);
      writeJson(out, item);
    }
    out.byte(93);
  }
}

/**
 * Writes a byte string as a JSON string. What is UTF-8 stays as it is; control
 * characters are escaped; a byte that is not UTF-8 becomes the lone surrogate
 * U+DC00 + byte, escaped, so that nothing is lost and the output is valid UTF-8.
 */
export function writeString(out: Bytes, text: string): void {
  const length = text.length;
  out.room(6 * length + 2);
  const bytes = out.bytes;
  let at = out.at;
  bytes[at++] = QUOTE;
  let i = 0;
  for (; i < length; i++) {
    const byte = text.charCodeAt(i);
    if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) {
      break;
    }
    bytes[at++] = byte;
  }
  out.at = at;
  if (i < length) writeEscaped(out, text.slice(i));
  out.byte(QUOTE);
}

function writeEscaped(out: Bytes, text: string): void {
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at]!;
    if (byte === QUOTE || byte === BACKSLASH) out.byte(BACKSLASH);
    at += writeCharacter(out, bytes, at);
  }
}

/**
 * Writes the character that stands at `at`, at most six bytes: as it is, or, if it is
 * a control character or not UTF-8, the escape that JSON has for it. Returns how many
 * bytes it had.
 */
export function writeCharacter(
  out: Bytes,
  bytes: Uint8Array,
  at: number,
): number {
  const byte = bytes[at]!;
  if (byte < 0x80) {
    if (byte >= 0x20 && byte < 0x7f) out.byte(byte);
    else if (byte === 0x7f) out.ascii("\\u007f");
    else out.ascii(JSON.stringify(String.fromCharCode(byte)).slice(1, -1));
    return 1;
  }
  const size = sequence(bytes, at, bytes.length);
  if (size === 1) out.ascii(`\\udc${byte.toString(16)}`);
  else if (byte === 0xc2 && bytes[at + 1]! < 0xa0) {
    out.ascii(`\\u00${bytes[at + 1]!.toString(16)}`);
  } else for (let i = at; i < at + size; i++) out.byte(bytes[i]!);
  return size;
}

/** What something writes, as a byte string. */
export function spelled(write: (out: Bytes) => void): string {
  const out = new Bytes();
  write(out);
  return byteString(out.bytes, 0, out.at);
}

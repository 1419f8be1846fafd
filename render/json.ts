/**
 * Writes rows as JSON, from the column specs: one array, as `ip -j` does, or one
 * object a line. Never made from the text.
 *
 * @module
 */

import type { Value, View } from "../core/contract/family.ts";
import {
  allOf,
  type Head,
  type Shown,
  type Sink,
} from "../core/contract/sink.ts";
import { sequence } from "../core/contract/out.ts";
import type { Output } from "./out.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;

/** A column with its key, as rows are written. */
interface Field {
  readonly key: string;
  readonly column: Shown["column"];
  /** Of objects, what writes each of them. */
  readonly each: ObjectWriter | undefined;
}

/** Writes an object. */
type ObjectWriter = (out: Output, row: unknown, view: View) => void;

/**
 * Makes a function that writes an object of just these fields, behind what `head`
 * has. It has no loop, and puts the keys down byte by byte, which more than halves the
 * time of a row. Its source is made of numbers only.
 */
function objectWriter(head: string, fields: readonly Field[]): ObjectWriter {
  let before = head === "" ? "{" : `{${head},`;
  const steps = fields.map(({ key, column, each }, i) => {
    const start = textStores(`${before}"${key}":`);
    before = ",";
    return start + (
      each !== undefined
        ? `writeObjects(out, column${i}.value(row, view), view, each${i});`
        : column.put !== undefined
        ? `out.byte(${QUOTE}); column${i}.put(out, row, view); out.byte(${QUOTE});`
        : `writeValue(out, column${i}.value(row, view));`
    );
  });
  const end = textStores(fields.length > 0 ? "}" : `{${head}}`);
  const make = new Function(
    "writeValue",
    "writeObjects",
    ...fields.flatMap((_, i) => [`column${i}`, `each${i}`]),
    `return (out, row, view) => { let bytes, at; ${steps.join("")} ${end} };`,
  );
  return make(
    writeValue,
    writeObjects,
    ...fields.flatMap(({ column, each }) => [column, each]),
  );
}

/** Source that puts a short text into the buffer. */
function textStores(text: string): string {
  const stores = Array.from(
    text,
    (char, i) => `bytes[at + ${i}] = ${char.charCodeAt(0)};`,
  );
  return `bytes = out.bytes; at = out.at; ${stores.join("")}
    out.at = at + ${text.length};`;
}

/** How JSON is written. */
export interface JsonOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether each object stands on a line of its own; else they stand in an array. */
  readonly lines: boolean;
}

/** Writes JSON on `out`. */
export function jsonSink(out: Output, options: JsonOptions): JsonSink {
  return new JsonSink(out, options);
}

/** Writes each row as an object. */
export class JsonSink implements Sink {
  readonly #out: Output;
  readonly #view: View;
  readonly #lines: boolean;
  #head: Head = {};
  #shown: readonly Shown[] = [];
  /** Made for the first row. */
  #writeRow: ObjectWriter | undefined;
  /** How many objects the array has. */
  #objects = 0;

  /** JSON of no row yet. */
  constructor(out: Output, { view, lines }: JsonOptions) {
    this.#out = out;
    this.#view = view;
    this.#lines = lines;
  }

  /** Objects of these columns follow, each behind what the head has. */
  begin(head: Head, shown: readonly Shown[]): void {
    this.#head = head;
    this.#shown = shown;
    this.#writeRow = undefined;
  }

  /** Writes an object. */
  row(row: unknown): boolean {
    this.#beginObject();
    this.#writeRow ??= writerOf(this.#shown, this.#view, this.#head);
    this.#writeRow(this.#out, row, this.#view);
    this.#endObject();
    return true;
  }

  #beginObject(): void {
    if (!this.#lines) this.#out.byte(this.#objects === 0 ? 91 : COMMA);
    this.#objects++;
  }

  #endObject(): void {
    if (this.#lines) this.#out.endRow();
    else this.#out.yield();
  }

  /** Ends the array, which there is even without any row. */
  end(): void {
    if (!this.#lines) {
      if (this.#objects === 0) this.#out.byte(91);
      this.#out.byte(93);
      this.#out.endRow();
    }
    this.#objects = 0;
    this.#out.flush();
  }
}

/** What writes an object of these columns. */
function writerOf(
  shown: readonly Shown[],
  view: View,
  head: Head = {},
): ObjectWriter {
  const first = Object.entries(head).map(([key, value]) =>
    `"${key}":${JSON.stringify(value)}`
  );
  const fields = shown.map(({ key, column }): Field => ({
    key,
    column,
    each: column.each && writerOf(allOf(column.each, view), view),
  }));
  return objectWriter(first.join(), fields);
}

/** Writes objects, of which there can be any number. */
function writeObjects(
  out: Output,
  objects: readonly object[] | null,
  view: View,
  writeObject: ObjectWriter,
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

/** A value that is not made of objects. */
type Plain = Exclude<Value, readonly object[]> | readonly (string | null)[];

function writeValue(out: Output, value: Plain): void {
  if (typeof value === "number" || typeof value === "bigint") {
    out.integer(value);
  } else if (typeof value === "string") {
    writeString(out, value);
  } else if (value === null || typeof value === "boolean") {
    out.ascii(`${value}`);
  } else {
    out.byte(91);
    for (const [i, item] of value.entries()) {
      if (i > 0) out.byte(COMMA);
      writeValue(out, item);
    }
    out.byte(93);
  }
}

/**
 * Writes a byte string as a JSON string. What is UTF-8 stays as it is; control
 * characters are escaped; a byte that is not UTF-8 becomes the lone surrogate
 * U+DC00 + byte, escaped, so that nothing is lost and the output is valid UTF-8.
 */
export function writeString(out: Output, text: string): void {
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

function writeEscaped(out: Output, text: string): void {
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      if (byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH) {
        out.byte(byte);
      } else if (byte === 0x7f) {
        out.ascii("\\u007f");
      } else {
        out.ascii(JSON.stringify(String.fromCharCode(byte)).slice(1, -1));
      }
      continue;
    }
    const size = sequence(bytes, at, bytes.length);
    if (size === 1) {
      out.ascii(`\\udc${byte.toString(16)}`);
    } else if (byte === 0xc2 && bytes[at + 1]! < 0xa0) {
      out.ascii(`\\u00${bytes[++at]!.toString(16)}`);
    } else {
      for (const end = at + size; at < end; at++) out.byte(bytes[at]!);
      at--;
    }
  }
}

/**
 * Writes rows as JSON, from the column specs: one array, as `ip -j` does, or one
 * object a line. Never made from the text.
 *
 * @module
 */

import type {
  Cell,
  Column,
  Columns,
  CounterFile,
  View,
} from "../core/family.ts";
import type { Lookups } from "../core/lookups.ts";
import {
  cannotParse,
  type Count,
  type CountSection,
  type Listing,
  type Report,
  type RouteStep,
  type Step,
} from "../core/report.ts";
import type { ShownView } from "../core/view.ts";
import { type Output, sequence } from "./out.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;

/** A column with its key, as rows are written. */
interface Field {
  readonly key: string;
  // deno-lint-ignore no-explicit-any
  readonly column: Column<any>;
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
        : column.json !== undefined
        ? `column${i}.json(out, row, view);`
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

/**
 * Prints a listing as JSON on `out`: an array, or one object a line. `warn` prints a
 * message on stderr.
 */
export function jsonReport(
  out: Output,
  warn: (message: string) => void,
  lines: boolean,
): Report {
  return new JsonReport(out, warn, lines);
}

class JsonReport implements Report {
  readonly allHolders = true;
  readonly once = true;
  readonly #out: Output;
  readonly #warn: (message: string) => void;
  readonly #lines: boolean;
  #view!: View;
  #lookups: Lookups | undefined;
  /** Made for the first row. */
  #writeRow: ObjectWriter | undefined;
  #head = "";
  #columns: Columns<unknown> = {};
  #first = true;

  constructor(out: Output, warn: (message: string) => void, lines: boolean) {
    this.#out = out;
    this.#warn = warn;
    this.#lines = lines;
  }

  begin(view: ShownView): void {
    this.#view = view;
    this.#lookups = view.lookups;
    this.#first = true;
    if (!this.#lines) this.#out.byte(91);
  }

  heading(): void {}

  routes(step: RouteStep): void {
    this.rows(step);
  }

  rows({ family, table }: Step | RouteStep): void {
    this.#show(`"family":"${family.name}"`, table.columns);
  }

  listing({ columns }: Listing<unknown>): void {
    this.#show("", columns);
  }

  #show(head: string, columns: Columns<unknown>): void {
    this.#head = head;
    this.#columns = columns;
    this.#writeRow = undefined;
  }

  /** What writes an object of these columns. */
  #writerOf(head: string, columns: Columns<unknown>): ObjectWriter {
    const fields = Object.entries(columns)
      .filter(([, column]) => column.asked?.(this.#view) ?? true)
      .map(([key, column]): Field => ({
        key,
        column,
        each: column.each && this.#writerOf("", column.each),
      }));
    return objectWriter(head, fields);
  }

  row(row: unknown): boolean {
    const out = this.#out;
    const start = out.at;
    const first = this.#first;
    this.#write(row);
    if (this.#lookups?.missed()) {
      out.at = start;
      this.#first = first;
      return false;
    }
    this.#endObject();
    return true;
  }

  ask(row: unknown): void {
    const out = this.#out;
    const start = out.at;
    const first = this.#first;
    this.#write(row);
    out.at = start;
    this.#first = first;
    this.#lookups?.missed();
  }

  flush(): void {
    this.#out.flush();
  }

  #write(row: unknown): void {
    this.#separate();
    this.#writeRow ??= this.#writerOf(this.#head, this.#columns);
    this.#writeRow(this.#out, row, this.#view);
  }

  showsOwners({ table }: Step): boolean {
    return table.inode !== undefined;
  }

  malformed(
    { source }: Step | RouteStep,
    _row: unknown,
    number: number,
    text: string,
  ): undefined {
    this.warn(cannotParse(source.path, number, text));
  }

  rendered(lines: Uint8Array): void {
    const out = this.#out;
    for (let at = 0; at < lines.length;) {
      const newline = lines.indexOf(10, at);
      this.#separate();
      out.foreignBytes(lines, at, newline);
      this.#endObject();
      at = newline + 1;
    }
  }

  note(message: string): void {
    this.#warn(message);
  }

  /** Prints counters: an object of sections, or a line for each of them. */
  counters(family: string, sections: readonly CountSection[]): void {
    const out = this.#out;
    this.#first = true;
    if (!this.#lines) out.byte(123);
    for (const [name, counts] of merged(sections)) {
      this.#separate();
      if (this.#lines) {
        out.ascii(`{"family":"${family}","section":`);
        writeString(out, name);
        out.ascii(',"counters"');
      } else {
        writeString(out, name);
      }
      out.byte(COLON);
      writeCounts(out, counts);
      if (this.#lines) out.byte(125);
      this.#endObject();
    }
    if (!this.#lines) {
      out.byte(125);
      out.endRow();
    }
    out.flush();
  }

  malformedCounters(file: CounterFile, number: number, text: string): true {
    this.warn(cannotParse(file.path, number, text));
    return true;
  }

  noCounters(message: string): void {
    this.warn(message);
    this.counters("", []);
  }

  warn(message: string): void {
    this.#warn(message);
  }

  /** Separates an object from the one before. */
  #separate(): void {
    if (!this.#lines && !this.#first) this.#out.byte(COMMA);
    this.#first = false;
  }

  #endObject(): void {
    if (this.#lines) this.#out.endRow();
    else this.#out.yield();
  }

  end(): void {
    if (!this.#lines) {
      this.#out.byte(93);
      this.#out.endRow();
    }
    this.#out.flush();
  }
}

/** The shown sections, those of the same name in one. */
function merged(
  sections: readonly CountSection[],
): Map<string, Map<string, Count>> {
  const found = new Map<string, Map<string, Count>>();
  for (const { name, shown, counts } of sections) {
    if (!shown) continue;
    const section = found.get(name) ?? new Map<string, Count>();
    found.set(name, section);
    for (const count of counts) section.set(count.name, count);
  }
  return found;
}

function writeCounts(out: Output, counts: ReadonlyMap<string, Count>): void {
  out.byte(123);
  let first = true;
  for (const { name, value, sentence } of counts.values()) {
    if (!first) out.byte(COMMA);
    first = false;
    writeString(out, name);
    out.ascii(':{"value":');
    writeValue(out, value);
    out.ascii(',"text":');
    writeValue(out, sentence);
    out.byte(125);
    out.room(0); // a section can be longer than the buffer
  }
  out.byte(125);
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
type Value = Exclude<Cell, readonly object[]> | readonly (string | null)[];

function writeValue(out: Output, value: Value): void {
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

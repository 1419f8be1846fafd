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
import {
  cannotParse,
  type Count,
  type CountSection,
  type Listing,
  type Report,
  type RouteStep,
  type Step,
} from "../core/report.ts";
import { type Output, sequence } from "./out.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;

/** A column with its key, ready to be written. */
interface Field {
  readonly key: string;
  // deno-lint-ignore no-explicit-any
  readonly column: Column<any>;
  // deno-lint-ignore no-explicit-any
  readonly json: Column<any>["json"];
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
  readonly #out: Output;
  readonly #warn: (message: string) => void;
  readonly #lines: boolean;
  #view!: View;
  #fields: readonly Field[] = [];
  #head = "";
  #first = true;

  constructor(out: Output, warn: (message: string) => void, lines: boolean) {
    this.#out = out;
    this.#warn = warn;
    this.#lines = lines;
  }

  begin(view: View): void {
    this.#view = view;
    this.#first = true;
    if (!this.#lines) this.#out.byte(91);
  }

  heading(): void {}

  routes(step: RouteStep): void {
    this.rows(step);
  }

  rows({ family, table }: Step | RouteStep): void {
    this.#head = `{"family":"${family.name}"`;
    this.#fields = this.#fieldsOf(table.columns);
  }

  listing({ columns }: Listing<unknown>): void {
    const [first, ...rest] = this.#fieldsOf(columns);
    this.#head = "{";
    this.#fields = [{ ...first!, key: first!.key.slice(1) }, ...rest];
  }

  // deno-lint-ignore no-explicit-any
  #fieldsOf(columns: Columns<any>): Field[] {
    return Object.entries(columns)
      .filter(([, column]) => column.asked?.(this.#view) ?? true)
      .map(([key, column]) => ({
        key: `,"${key}":`,
        column,
        json: column.json,
      }));
  }

  row(row: unknown): void {
    const out = this.#out;
    this.#separate();
    out.ascii(this.#head);
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i++) {
      const { key, column, json } = fields[i]!;
      out.ascii(key);
      if (json !== undefined) json.call(column, out, row, this.#view);
      else writeValue(out, column.value(row, this.#view));
    }
    out.byte(125);
    this.#endObject();
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

function writeValue(out: Output, value: Cell): void {
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

/**
 * Writes rows as CSV (RFC 4180), from the column specs: a line of keys, then a line for
 * each row. It is for programs, among them spreadsheets, which take some texts for
 * formulas; a person at a terminal has `table.ts`.
 *
 * @module
 */

import { isNumeric } from "../core/contract/column.ts";
import type { Long, Value, View } from "../core/contract/family.ts";
import type { Bytes } from "../core/contract/out.ts";
import {
  allOf,
  type Head,
  type Shown,
  type Sink,
} from "../core/contract/sink.ts";
import { compile, type RowWriter, type Step } from "./compile.ts";
import type { Output } from "./out.ts";
import {
  earlierWriter,
  objectWriter,
  writeCharacter,
  writeJson,
  writeObjects,
} from "./spelling.ts";

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const APOSTROPHE = 39;
const COMMA = 44;

/** How CSV is written. */
export interface CsvOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** Whether there is a line of keys; there is, unless given. */
  readonly header?: boolean | undefined;
  /** Whether texts that a spreadsheet takes for formulas stay as they are. */
  readonly raw?: boolean | undefined;
  /** Whether a terminal shows it, which obeys line ends and tabs in texts, too. */
  readonly terminal?: boolean | undefined;
}

/**
 * Writes CSV on `out`.
 *
 * A cell is the plain spelling of a value, by the key and in the unit of its column:
 * numbers in decimal, `true` and `false`, texts, and JSON for a list of texts or
 * objects. Null is an empty cell, and an empty text is `""`, which not every reader
 * tells apart; where null is all that a row has, it is `""` as well, since many pass
 * over an empty line. Lines end with a newline alone.
 *
 * A text keeps its line ends and tabs, in quotes, unless a terminal shows them. Any
 * other control character, and a byte that is not UTF-8, becomes what it is in JSON:
 * `\u001b`, `\udcff`. A backslash is just a backslash, so that such a text could also
 * have been written by somebody; JSON leaves no doubt.
 *
 * A text that a spreadsheet would take for a formula begins with a `'`, as OWASP says
 * of CSV injection, unless it is `raw`. Numbers, also those below zero, are the
 * program's own and stay.
 *
 * What reads CSV wants one header, so all relations should have the same keys in the same
 * order. Rows of another one follow an empty line and a header of their own.
 */
export function csvSink(out: Output, options: CsvOptions): Sink {
  return new CsvSink(out, options);
}

/** What writes rows of some columns, below their header. */
interface Made {
  readonly header: string;
  readonly write: RowWriter;
}

function headerOf(shown: readonly Shown[]): string {
  const keys = shown.map(({ key }) => key);
  const isCompared = shown.some(({ earlier }) => earlier !== undefined);
  return [...keys, ...isCompared ? ["before"] : []].join();
}

class CsvSink implements Sink {
  readonly #out: Output;
  readonly #view: View;
  readonly #header: boolean;
  readonly #settle: Settle;
  #shown: readonly Shown[] = [];
  /** Made for the first row of these columns, which may follow others many times. */
  #writeRow: RowWriter | undefined;
  readonly #made = new WeakMap<readonly Shown[], Made>();
  /** The header that was printed last. */
  #printed: string | undefined;
  /** What is printed if there is no row. */
  #first: readonly Shown[] | undefined;

  constructor(
    out: Output,
    { view, header = true, raw = false, terminal = false }: CsvOptions,
  ) {
    this.#out = out;
    this.#view = view;
    this.#header = header;
    this.#settle = (out, start) => {
      if (!isPlain(out, start, raw)) quote(out, start, { raw, terminal });
    };
  }

  begin(_head: Head, shown: readonly Shown[]): void {
    this.#shown = shown;
    this.#writeRow = undefined;
    this.#first ??= shown;
  }

  row(row: unknown): boolean {
    this.#writeRow ??= this.#begun();
    const out = this.#out;
    const { at } = out;
    this.#writeRow(out, row, this.#view);
    if (out.at === at) out.ascii('""');
    out.endRow();
    return true;
  }

  /** What writes the rows, the first of which follows. */
  #begun(): RowWriter {
    const shown = this.#shown;
    const made = this.#made.get(shown) ?? {
      header: headerOf(shown),
      write: rowWriter(shown, this.#view, this.#settle),
    };
    this.#made.set(shown, made);
    this.#writeHeader(made.header);
    return made.write;
  }

  end(): void {
    if (this.#printed === undefined) {
      this.#writeHeader(headerOf(this.#first ?? []));
    }
    this.#out.flush();
  }

  #writeHeader(header: string): void {
    if (!this.#header || header === "" || header === this.#printed) return;
    if (this.#printed !== undefined) this.#out.endRow();
    this.#printed = header;
    this.#out.ascii(header);
    this.#out.endRow();
  }
}

/** Puts the text that stands since `start` into quotes, if it needs them. */
type Settle = (out: Bytes, start: number) => void;

/** Makes what writes the cells of a row. */
function rowWriter(
  shown: readonly Shown[],
  view: View,
  settle: Settle,
): RowWriter {
  const write = earlierWriter(shown, view);
  const earlier: Step[] = write === undefined
    ? []
    : [{ text: "," }, { since: true }, {
      write: (out, row, view) => write(out, row, view),
    }, {
      settle: (out, start) => out.at > start && settle(out, start),
    }];
  const own = shown.flatMap(({ column }, i): Step[] => {
    const comma: Step[] = i > 0 ? [{ text: "," }] : [];
    const { kind, each, put } = column;
    if (each !== undefined) {
      const extra = {
        settle,
        writeObject: objectWriter(allOf(each, view), view),
      };
      return [...comma, { value: column, by: writeList, extra }];
    }
    if (put !== undefined) {
      return [...comma, { since: true }, { put: column }, { settle }];
    }
    const by = isNumeric(kind)
      ? writeNumber
      : kind === "string" || kind === "name" || kind === "address"
      ? writeText
      : writeOther;
    return [...comma, { value: column, by, extra: settle }];
  });
  return compile([...own, ...earlier]);
}

function writeNumber(out: Bytes, value: Long | null): void {
  if (value !== null) out.number(value);
}

function writeText(
  out: Bytes,
  value: string | null,
  _view: View,
  settle: Settle,
): void {
  if (value === null) return;
  const start = out.at;
  out.room(value.length);
  out.ascii(value);
  settle(out, start);
}

function writeOther(
  out: Bytes,
  value: Value,
  _view: View,
  settle: Settle,
): void {
  if (value === null) return;
  const start = out.at;
  writeJson(out, value);
  settle(out, start);
}

function writeList(
  out: Bytes,
  value: readonly object[] | null,
  view: View,
  { settle, writeObject }: { settle: Settle; writeObject: RowWriter },
): void {
  if (value === null) return;
  const start = out.at;
  writeObjects(out, value, view, writeObject);
  settle(out, start);
}

/** Which bytes need no quotes: printable ASCII without `"` and `,`. */
const PLAIN = new Uint8Array(256);
for (let byte = 0x20; byte < 0x7f; byte++) PLAIN[byte] = 1;
PLAIN[QUOTE] = PLAIN[COMMA] = 0;

/** What the first character of a formula is, in ASCII. */
const FORMULA = new Uint8Array(256);
for (const first of "=+-@\t\r\n") FORMULA[first.charCodeAt(0)] = 1;

/** Whether the text that stands since `start` stays as it is, without quotes. */
function isPlain(
  { bytes, at }: Bytes,
  start: number,
  raw: boolean,
): boolean {
  if (start === at || (!raw && FORMULA[bytes[start]!] === 1)) return false;
  for (let i = start; i < at; i++) {
    if (PLAIN[bytes[i]!] === 0) return false;
  }
  return true;
}

/** Puts the text that stands since `start` into quotes, and makes it harmless. */
function quote(
  out: Bytes,
  start: number,
  { raw, terminal }: { readonly raw: boolean; readonly terminal: boolean },
): void {
  const text = out.bytes.slice(start, out.at);
  out.at = start;
  // a byte becomes six characters at most
  out.room(6 * text.length + 3);
  out.byte(QUOTE);
  if (!raw && isFormula(text)) out.byte(APOSTROPHE);
  for (let at = 0; at < text.length;) {
    const byte = text[at]!;
    const kept = byte === TAB || byte === NEWLINE || byte === RETURN;
    if (byte === QUOTE) out.byte(QUOTE);
    if (kept && !terminal) {
      out.byte(byte);
      at++;
    } else at += writeCharacter(out, text, at);
  }
  out.byte(QUOTE);
}

/** Whether a spreadsheet takes a text for a formula. */
function isFormula(text: Uint8Array): boolean {
  const [first = 0, second, third] = text;
  if (FORMULA[first] === 1) return true;
  // `＋`, `－`, `＝`, `＠`: where people write them, they do the same
  return first === 0xef &&
    (second === 0xbc && (third === 0x8b || third === 0x8d || third === 0x9d ||
      third === 0xa0));
}

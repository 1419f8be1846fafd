/**
 * The tables of a family file, as those of a family that is built in. Their lines are
 * parsed by the file's own thread, and rows come back in batches.
 *
 * @module
 */

import { ownerColumns } from "../contract/column.ts";
import type {
  Columns,
  CounterFile,
  Family,
  Flags,
  Identity,
  Long,
  Missing,
  Out,
  Printed,
  Said,
  Source,
  Statistics,
  Table,
  Title,
  Value,
  View,
} from "../contract/family.ts";
import { byteString, Line } from "../contract/line.ts";
import type {
  LineFeed,
  Malformed,
  Reads,
  Relation,
  Waiting,
} from "../contract/relation.ts";
import { Batch } from "./batch.ts";
import { bytesOf, json } from "./channel.ts";
import {
  type CellFacts,
  type ColumnFacts,
  type Field,
  fieldsOf,
  type FunctionMark,
  type Marked,
  type Opened,
  type TableFacts,
} from "./described.ts";
import { type Ask, FRAME, TONES } from "./protocol.ts";
import { LIES, type Thread } from "./thread.ts";

/** A block of lines has about so many bytes, and no more lines than that. */
const BLOCK = 256 * 1024;
const LINES_MOST = 32 * 1024;

const NEWLINE = 10;

/** A table as its thread describes it. */
export type TableMarks = Marked<Table<unknown>>;

/** A family as its thread describes it, its parts loaded. */
export type FamilyMarks =
  & Marked<
    Pick<
      Family,
      "name" | "words" | "about" | "quiet" | "hidden" | "support"
    >
  >
  & {
    readonly tables: readonly TableMarks[];
    readonly groups?: readonly TableMarks[];
    readonly routes?: {
      readonly usual?: boolean;
      readonly tables: readonly TableMarks[];
    };
    readonly masquerade?: readonly TableMarks[];
    readonly statistics?: Marked<Statistics>;
  };

/** What is described: the family, and all of its tables by number. */
export interface Described {
  /** The family. */
  readonly family: FamilyMarks;
  /** Its tables. */
  readonly tables: readonly TableMarks[];
}

/** What tables need to make rows. */
export interface Surroundings {
  /** The thread that makes them. */
  readonly thread: Thread;
  /** The options that the view goes by. */
  readonly flags: Flags;
  /** Behind which built-in families the sockets are listed. */
  readonly rank: number;
  /** Takes a failure, after which nothing more comes; throws what is no failure. */
  fail(error: unknown): void;
  /** Whether there was one. */
  failed(): boolean;
}

/** A row of a batch. */
class RemoteRow {
  static #count = 0;
  readonly number: number = RemoteRow.#count++;
  batch!: Batch;
  /** The row's first field. */
  base = 0;
  /** Where each field of it is: by its name, or by the column's key. */
  places: ReadonlyMap<string, number> = new Map();
  /** Where its first cell is. */
  cell = 0;
  /** The cells that this file has, if they go by its first line. */
  cells: readonly Printed<RemoteRow>[] | undefined;
  /** What is wrong with the file as a whole. */
  fault: Said | undefined;
  /** What is said of the malformed line that was read last. */
  said: Said | undefined;

  constructor(readonly source: number, readonly path: string) {}

  /** A field of the row. */
  at(name: string): number {
    return this.base + this.places.get(name)!;
  }

  integer(name: string): Long {
    return this.batch.integer(this.at(name));
  }
}

/** Makes the tables of a family. */
export class Remote {
  readonly #around: Surroundings;
  readonly #described: Described;
  readonly #facts: readonly TableFacts[];
  readonly #titles = new Map<unknown, Title>();
  readonly #columns = new Map<unknown, Columns<RemoteRow>>();
  readonly #headers = new Map<unknown, Columns<RemoteRow>>();
  readonly #tables = new Map<TableMarks, Table<RemoteRow>>();
  /** Names of hosts and networks that rows have, still to be waited for. */
  #asked = new Map<string, Ask>();
  #readings = 0;
  /** The view of the reading whose rows are still to come, if there is one. */
  #unfinished: View | undefined;

  /** Asks what the tables are in a view. Throws what is wrong with the file. */
  constructor(described: Described, around: Surroundings) {
    this.#described = described;
    this.#around = around;
    this.#facts = around.thread.ask({
      facts: around.flags,
    }) as readonly TableFacts[];
  }

  /** The family, whose tables are read by its thread. */
  family(): Family {
    const { tables, groups, routes, masquerade, statistics, ...rest } =
      this.#described.family;
    const all = (marks: readonly TableMarks[]) =>
      marks.map((table) => this.#table(table));
    return {
      ...rest,
      ended: this.#around.failed,
      tables: all(tables),
      ...(groups === undefined ? {} : { groups: all(groups) }),
      ...(routes === undefined ? {} : {
        routes: {
          ...routes,
          tables: () => Promise.resolve(all(routes.tables)),
        },
      }),
      ...(masquerade === undefined
        ? {}
        : { masquerade: () => Promise.resolve(all(masquerade)) }),
      ...(statistics === undefined ? {} : {
        statistics: () => Promise.resolve(this.#statistics(statistics)),
      }),
    };
  }

  /**
   * Ends a reading of which no more rows are wanted: the thread is given no more lines,
   * and what it still sends is passed over.
   */
  #finish(): void {
    const view = this.#unfinished;
    if (view === undefined) return;
    this.#unfinished = undefined;
    const { thread } = this.#around;
    for (;;) {
      const piece = thread.next({ view, more: () => [] });
      if ("reply" in piece) return;
      if (piece.kind === FRAME.malformed) thread.goOn(false);
    }
  }

  /** Calls a function of the thread's; `otherwise` if that fails. */
  #call<Result>(
    { function: call }: FunctionMark,
    args: readonly unknown[],
    otherwise: Result,
  ): Result {
    if (this.#around.failed()) return otherwise;
    try {
      this.#finish();
      const reply = this.#around.thread.ask({ call, args });
      return (reply as { result?: Result }).result ?? otherwise;
    } catch (error) {
      this.#around.fail(error);
      return otherwise;
    }
  }

  #statistics({ files, sections }: Marked<Statistics>): Statistics {
    return {
      sections: sections as Statistics["sections"],
      files: files.map(({ takes, sectionOf, ...rest }): CounterFile => ({
        ...rest,
        ...(takes === undefined
          ? {}
          : { takes: (section) => this.#call(takes, [section], true) }),
        ...(sectionOf === undefined ? {} : {
          sectionOf: (counter, current) =>
            this.#call(sectionOf, [counter, current], current ?? ""),
        }),
      })),
    };
  }

  #table(marks: TableMarks): Table<RemoteRow> {
    const made = this.#tables.get(marks);
    if (made !== undefined) return made;
    const number = this.#described.tables.indexOf(marks);
    const facts = this.#facts[number]!;
    const { frozen, reference, instead } = marks;
    const columns = this.#columnsOf(marks.columns);
    const title = frozen.title && this.#title(frozen.title, facts.title!);
    const missing = frozen.missing && this.#missing(frozen.missing);
    const bound = facts.cells.map((cell, i) => printed(cell, i, columns));
    const cells = facts.header ?? facts.cells;
    const header = cells.length === 0
      ? undefined
      : this.#header(frozen.header ?? marks.columns, cells);
    const rows = (isReference: boolean) =>
    (
      lines: LineFeed,
      row: RemoteRow,
      malformed: Malformed,
      reads: Reads,
    ): Relation =>
      this.#read({ number, marks, columns, isReference }, lines, row, {
        malformed,
        reads,
      });
    const table: Table<RemoteRow> = {
      name: marks.name,
      lineLimit: marks.lineLimit,
      ...(marks.ours === undefined ? {} : { ours: marks.ours }),
      ...(marks.part === undefined ? {} : { part: marks.part }),
      sources: marks.sources.map(({ when: _, ...source }, i): Source => ({
        ...source as unknown as Source,
        rank: this.#around.rank + (source.rank ?? 0),
        when: () => facts.when[i]!,
      })),
      columns,
      ...(marks.identity === undefined
        ? {}
        : { identity: marks.identity as Identity }),
      ...(marks.inode === undefined
        ? {}
        : { inode: (row: RemoteRow) => row.integer("inode") }),
      ...(marks.ends === undefined
        ? {}
        : { ends: (row: RemoteRow) => Number(row.integer("ends")) }),
      row: ({ path }, at) =>
        new RemoteRow(
          Math.max(0, marks.sources.findIndex((s) => s.path === path)),
          at,
        ),
      parse: () => false,
      rows: rows(false),
      ...(instead === undefined
        ? {}
        : { instead: this.#table(instead as never) }),
      ...(reference === undefined ? {} : {
        reference: {
          path: reference.path,
          needed: reference.needed,
          ...(reference.lineLimit === undefined
            ? {}
            : { lineLimit: reference.lineLimit }),
          parse: () => false,
          rows: rows(true),
        },
      }),
      frozen: {
        ...(title === undefined ? {} : { title }),
        ...(header === undefined ? {} : { header }),
        ...(frozen.rule === undefined ? {} : { rule: frozen.rule }),
        ...(frozen.empty === undefined ? {} : { empty: frozen.empty as Said }),
        ...(missing === undefined ? {} : { missing }),
        layout: (_, row) => row?.cells ?? bound,
        ...(frozen.lead === undefined ? {} : { lead: writeLead }),
        ...(frozen.names === undefined ? {} : { names: () => undefined }),
        ...(frozen.instead === undefined ? {} : { instead: saidInstead }),
        ...(frozen.malformed === undefined
          ? {}
          : { malformed: (row: RemoteRow) => row.said }),
        fault: (row) => row.fault,
        ...(frozen.opened === undefined ? {} : {
          opened: (path: string) =>
            this.#call(frozen.opened as FunctionMark, [path], {}),
        }),
      },
    };
    this.#tables.set(marks, table);
    return table;
  }

  /** Tables with one title have one here, too. */
  #title({ always, each }: Marked<Title>, text: string): Title {
    const key = `${always} ${each} ${text}`;
    const made = this.#titles.get(key) ?? {
      text: () => text,
      always,
      ...(each === undefined ? {} : { each }),
    };
    this.#titles.set(key, made);
    return made;
  }

  /** Tables with one header line share it here, too. */
  #header(marks: unknown, cells: readonly CellFacts[]): Columns<RemoteRow> {
    const made = this.#headers.get(marks) ??
      Object.fromEntries(
        cells.map((cell, i) => [`${i}`, printed(cell, i, {})]),
      );
    this.#headers.set(marks, made);
    return made;
  }

  #missing({ reason, ...said }: Marked<Missing>): Missing {
    return {
      ...said,
      ...(reason === undefined ? {} : {
        reason: (path, why) =>
          this.#call(reason, [path, why], `${path}: ${why}`),
      }),
    };
  }

  #columnsOf(marks: TableMarks["columns"]): Columns<RemoteRow> {
    const made = this.#columns.get(marks);
    if (made !== undefined) return made;
    const columns = Object.fromEntries(
      Object.entries(marks as Record<string, ColumnFacts>)
        .map(([key, facts]) => [key, columnOf(key, facts)]),
    );
    this.#columns.set(marks, columns);
    return columns;
  }

  /** Sends the lines of a file to the thread, and takes its rows. */
  #read(
    { number, marks, columns, isReference }: {
      readonly number: number;
      readonly marks: TableMarks;
      readonly columns: Columns<RemoteRow>;
      readonly isReference: boolean;
    },
    lines: LineFeed,
    row: RemoteRow,
    { malformed, reads }: {
      readonly malformed: Malformed;
      readonly reads: Reads;
    },
  ): Relation {
    const around = this.#around;
    const wanted = {
      cells: reads.cells && !isReference,
      tones: reads.tones,
      values: isReference
        ? []
        : reads.values.filter((key) => Object.hasOwn(columns, key)),
      names: reads.names,
    };
    const reading = this.#readings++;
    const answering = {
      view: reads.view,
      more: () => blockOf(lines),
      asked: (question: Ask) => {
        if (reads.names) this.#asked.set(json(question), question);
      },
    };
    let opened: Opened = { header: false };
    let ended = around.failed();
    const attempt = <Result>(make: () => Result): Result | undefined => {
      try {
        return make();
      } catch (error) {
        // a batch that is none, or JSON that is none
        const lies = error instanceof RangeError ||
          error instanceof SyntaxError;
        around.fail(lies ? around.thread.fault(LIES) : error);
        this.#unfinished = undefined;
        ended = true;
        return undefined;
      }
    };
    const next = () => around.thread.next(answering);
    if (!ended) {
      attempt(() => {
        this.#finish();
        around.thread.send({
          open: reading,
          row: row.number,
          table: number,
          source: row.source,
          path: row.path,
          reference: isReference,
          joins: reads.joins,
          view: around.flags,
          wanted,
        });
        let piece = next();
        while (!("reply" in piece)) {
          this.#malformed(piece.bytes, row, malformed);
          piece = next();
        }
        opened = piece.reply as Opened;
        row.fault = opened.fault;
        row.cells = opened.cells?.map((cell, i) => printed(cell, i, columns));
      });
    }
    const cells = row.cells ?? this.#facts[number]!.cells;
    const fields = fieldsOf(marks, wanted, cells.length);
    const places = placesOf(fields);
    let begun = false;
    let batch: Batch | undefined;
    let left = 0;
    return {
      header: opened.header,
      lines,
      next: () => {
        if (left > 0) {
          left--;
          row.base += fields.length;
          return true;
        }
        if (ended) return false;
        return attempt(() => {
          if (!begun) {
            this.#finish();
            around.thread.send({ rows: reading });
            this.#unfinished = reads.view;
          }
          begun = true;
          for (;;) {
            const piece = next();
            if ("reply" in piece) {
              this.#unfinished = undefined;
              ended = true;
              return false;
            }
            if (piece.kind === FRAME.malformed) {
              this.#malformed(piece.bytes, row, malformed);
              continue;
            }
            batch = new Batch(piece.bytes);
            if (batch.rows === 0 || batch.fields !== fields.length) {
              throw around.thread.fault(LIES);
            }
            row.batch = batch;
            row.base = 0;
            row.places = places;
            row.cell = places.get("cell 0") ?? 0;
            left = batch.rows - 1;
            return true;
          }
        }) ?? false;
      },
      settle: (lookups, flush) => this.#settle(reads.view, lookups, flush),
    };
  }

  #malformed(
    bytes: Uint8Array,
    row: RemoteRow,
    malformed: Malformed,
  ): void {
    const { number, text, said } = JSON.parse(byteString(bytes));
    const line = new Line();
    const copy = bytesOf(String(text));
    line.set(copy, 0, copy.length);
    row.said = said;
    this.#around.thread.goOn(malformed(line, Number(number)));
  }

  /** Waits for the names that rows have, which were asked for before. */
  async #settle(
    { names }: View,
    lookups: Waiting,
    flush: () => void,
  ): Promise<void> {
    const asked = this.#asked;
    this.#asked = new Map();
    for (const question of asked.values()) {
      const ask = () =>
        "host" in question
          ? names.host(bytesOf(question.host))
          : "network" in question && names.network(bytesOf(question.network));
      lookups.missed();
      ask();
      while (lookups.missed()) {
        flush();
        await lookups.answer();
        ask();
      }
    }
  }
}

function placesOf(fields: readonly Field[]): ReadonlyMap<string, number> {
  return new Map(fields.map((field, i) => [
    typeof field === "string"
      ? field
      : "cell" in field
      ? `cell ${field.cell}`
      : `value ${field.value}`,
    i,
  ]));
}

/** The next lines of a file, with the ends and numbers of all; none at the end. */
function blockOf(lines: LineFeed): Uint8Array[] {
  const line = new Line();
  const words = [0];
  let bytes = new Uint8Array(BLOCK);
  let at = 0;
  while (
    at < BLOCK && words.length < 2 * LINES_MOST && lines.next(line)
  ) {
    const length = line.end - line.start;
    if (at + length >= bytes.length) {
      const larger = new Uint8Array(2 * (at + length + 1));
      larger.set(bytes);
      bytes = larger;
    }
    // lines are short: a loop is faster than `set`
    const from = line.bytes;
    for (let i = line.start; i < line.end; i++) bytes[at++] = from[i]!;
    words.push(at, lines.number);
    bytes[at++] = NEWLINE;
  }
  if (words.length === 1) return [];
  words[0] = words.length >> 1;
  return [
    new Uint8Array(Uint32Array.from(words).buffer),
    bytes.subarray(0, at),
  ];
}

/** A column whose value stands in a field. */
function columnOf(key: string, facts: ColumnFacts): Columns<RemoteRow>[string] {
  if (facts.joined !== undefined) {
    return ownerColumns((row: RemoteRow) => row.integer("inode"))[
      facts.joined
    ]!;
  }
  const { cell, tone, put: _, value: __, each, ...rest } = facts;
  const place = `value ${key}`;
  const column = { ...rest, ...(each && { each: itemsOf(each as never) }) };
  return {
    ...column as unknown as Omit<Columns<RemoteRow>[string], "value">,
    value: (row) => row.batch.value(row.at(place), column as never) as Value,
    ...(cell === undefined && tone !== undefined
      ? { tone: (row: RemoteRow) => toneAt(row, -1) }
      : {}),
  };
}

/** The columns of objects, which are lists of values here. */
function itemsOf(
  each: Readonly<Record<string, ColumnFacts>>,
): Columns<readonly Value[]> {
  return Object.fromEntries(
    Object.entries(each).map(([key, facts], i) => [key, {
      kind: facts.kind,
      ...(facts.nullable === undefined ? {} : { nullable: facts.nullable }),
      about: facts.about,
      ...(facts.each === undefined
        ? {}
        : { each: itemsOf(facts.each as never) }),
      value: (item: readonly Value[]) => item[i]!,
    }]),
  );
}

/** A column of the text, whose cell stands in a field. */
function printed(
  { key, named, ...cell }: CellFacts,
  number: number,
  columns: Columns<RemoteRow>,
): Printed<RemoteRow> {
  const column = key === undefined ? undefined : columns[key];
  // what the program finds itself it writes itself
  if (column?.cell?.write !== undefined) return column as Printed<RemoteRow>;
  return {
    kind: "string",
    about: "",
    value: () => null,
    ...column,
    tone: (row) => toneAt(row, number),
    cell: {
      ...cell,
      ...(named ? { names: () => undefined } : {}),
      write(out, row) {
        const { batch } = row;
        const field = row.base + row.cell + number;
        out.foreignBytes(batch.bytes, batch.start(field), batch.end(field));
      },
    },
  };
}

function toneAt(row: RemoteRow, cell: number) {
  const { batch } = row;
  const field = row.at("tones");
  const at = cell < 0 ? batch.end(field) - 1 : batch.start(field) + cell;
  return TONES[batch.bytes[at]! - 49];
}

/** Writes what stands in front of the cells, which may be more than one line. */
function writeLead(out: Out, row: RemoteRow): void {
  const { batch } = row;
  const field = row.at("lead");
  const end = batch.end(field);
  for (let from = batch.start(field);; from++) {
    const newline = batch.bytes.indexOf(NEWLINE, from);
    const to = newline < 0 || newline > end ? end : newline;
    out.foreignBytes(batch.bytes, from, to);
    if (to === end) return;
    out.byte(NEWLINE);
    from = to;
  }
}

function saidInstead(row: RemoteRow): Said | undefined {
  const field = row.at("instead");
  return row.batch.isNone(field)
    ? undefined
    : JSON.parse(row.batch.text(field));
}

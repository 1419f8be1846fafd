/**
 * The thread of one family file. It opens nothing: it is given lines, and gives back
 * rows.
 *
 * @module
 */

import type {
  Family,
  Flags,
  Holder,
  Long,
  Names,
  Owner,
  Said,
  Table,
  Tone,
  View,
} from "../contract/family.ts";
import { byteString, Line } from "../contract/line.ts";
import { shownOf } from "../contract/column.ts";
import { layoutOf } from "../contract/sink.ts";
import type { LineFeed } from "../contract/relation.ts";
import { Rows } from "../views/rows.ts";
import { BatchWriter } from "./batch.ts";
import { bytesOf, Channel, json } from "./channel.ts";
import {
  type CellFacts,
  describeAll,
  type Field,
  fieldsOf,
  type Opened,
  type TableFacts,
  type Wanted,
} from "./described.ts";
import { faultOf } from "./fault.ts";
import { joinedKey } from "./kit.ts";
import { OWN_SCOPES } from "./own_scopes.ts";
import { familyOf } from "./plugin.ts";
import { takeAway, withoutImports } from "./scope.ts";
import {
  type Ask,
  type Begin,
  FRAME,
  LOAD_PATIENCE,
  type Request,
  tablesOf,
  TONES,
} from "./protocol.ts";

/** So often a file may say something by `console.log`. */
const SAID_MOST = 100;

let requests: Channel;
let replies: Channel;

/** What the file says, where messages are told the places of. */
let text = "";

/** The functions that the program may call. */
const functions: ((...args: unknown[]) => unknown)[] = [];

let tables: readonly Table<unknown>[] = [];

/** Those of routes, whose layouts go by the first line of the file. */
let routes: ReadonlySet<Table<unknown>> = new Set();

/** Rows that the program reads lines into, by its numbers for them. */
const rows = new Map<number, unknown>();

/** Files that are being read, by the program's numbers for them. */
const readings = new Map<number, Reading>();

globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  fail(event.error);
});
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  fail(event.reason);
});
globalThis.addEventListener("message", (event) => {
  const begin: Begin = (event as MessageEvent).data;
  requests = new Channel(begin.requests);
  replies = new Channel(begin.replies);
  void serve();
}, { once: true });

/** Sends a reply that is told as JSON. */
function say(kind: number, value: unknown): void {
  const bytes = bytesOf(json(value));
  if (!replies.send(kind, [bytes])) {
    throw new RangeError(`it tells ${bytes.length} bytes at once`);
  }
}

function fail(error: unknown): void {
  say(FRAME.fault, faultOf(error, text));
}

/** Loads the file, then does what is asked until the program ends. */
async function serve(): Promise<void> {
  try {
    await load(new TextDecoder().decode(requests.receive()!.bytes));
  } catch (error) {
    return fail(error);
  }
  for (;;) {
    const { kind, bytes } = requests.receive()!;
    if (kind !== FRAME.request) continue;
    try {
      const request: Request = JSON.parse(byteString(bytes));
      answer(request);
    } catch (error) {
      fail(error);
    }
  }
}

/** Asks the program something, and waits for the answer. */
function ask(question: Ask): unknown {
  say(FRAME.ask, question);
  return heard();
}

function heard(): unknown {
  return JSON.parse(byteString(requests.receive()!.bytes));
}

/**
 * Runs the text of a family file. It is imported from memory, so that what runs is
 * what was checked.
 */
async function load(source: string): Promise<void> {
  text = source;
  const bytes = new TextEncoder().encode(withoutImports(source));
  const url = `data:text/javascript;base64,${bytes.toBase64()}`;
  const inspect = Deno.inspect;
  let said = 0;
  const log = (...values: unknown[]) => {
    if (said++ < SAID_MOST) {
      say(
        FRAME.said,
        values
          .map((value) => typeof value === "string" ? value : inspect(value))
          .join(" "),
      );
    }
  };
  const soon = setTimeout;
  if (OWN_SCOPES) takeAway(log);
  else globalThis.console.log = log;
  const exported = (await inTime(import(url))).default;
  const family = familyOf(exported);
  const parts = await inTime(partsOf(family));
  tables = tablesOf(parts);
  routes = new Set(tablesOf({ tables: [], routes: parts.routes }));
  // what nobody caught is told now: later there is no time for it
  await new Promise((resolve) => soon(resolve, 0));
  const described = describeAll(
    { family: parts, tables },
    functions as unknown[],
    (value) => {
      const joined = joinedKey(value);
      return joined === undefined ? undefined : { joined };
    },
  );
  say(FRAME.reply, described);
}

/** A family, and what it loads by functions, as `tables`. */
async function partsOf(family: Family) {
  const { routes, masquerade, statistics, ...rest } = family;
  return {
    ...rest,
    ...(routes === undefined
      ? {}
      : { routes: { ...routes, tables: await routes.tables() } }),
    ...(masquerade === undefined
      ? {}
      : { masquerade: await masquerade.call(family) }),
    ...(statistics === undefined
      ? {}
      : { statistics: await statistics.call(family) }),
  };
}

/** Fails if a file waits for something when it is loaded. */
function inTime<Result>(result: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error("it waits for ever: its `await` does not end")),
      LOAD_PATIENCE,
    );
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function answer(request: Request): void {
  if ("call" in request) {
    const result = functions[request.call]!(...request.args);
    say(FRAME.reply, result === undefined ? {} : { result });
  } else if ("facts" in request) {
    const view = viewOf(request.facts);
    say(FRAME.reply, tables.map((table) => factsOf(table, view)));
  } else if ("open" in request) {
    const reading = new Reading(request);
    readings.set(request.open, reading);
    say(FRAME.reply, reading.opened);
  } else if ("rows" in request) {
    const reading = readings.get(request.rows)!;
    readings.delete(request.rows);
    reading.run();
    say(FRAME.reply, {});
  }
}

/** The view that was asked for. Names and owners are asked of the program. */
function viewOf(flags: Flags): View {
  return {
    ...flags,
    names: new AskedNames(),
    owner: (inode) => ask({ owner: `${inode}` }) as Owner ?? undefined,
    holders: (inode) => ask({ holders: `${inode}` }) as Holder[],
    // no column that a file can have needs it
    place: () => undefined,
  };
}

/** Names that the program finds. Each is asked for once. */
class AskedNames implements Names {
  readonly #known = new Map<string, string | undefined>();

  host(address: Uint8Array): string | undefined {
    return this.#ask({ host: byteString(address) });
  }

  network(address: Uint8Array): string | undefined {
    return this.#ask({ network: byteString(address) });
  }

  service(port: number, protocol: "tcp" | "udp" | "raw"): string | undefined {
    return this.#ask({ service: port, protocol });
  }

  user(uid: number): string | undefined {
    return this.#ask({ user: uid });
  }

  interface(index: number): string | undefined {
    return this.#ask({ interface: index });
  }

  #ask(question: Ask): string | undefined {
    const key = json(question);
    if (this.#known.has(key)) return this.#known.get(key);
    const name = ask(question) as string | null ?? undefined;
    this.#known.set(key, name);
    return name;
  }
}

function factsOf(table: Table<unknown>, view: View): TableFacts {
  const { frozen, sources } = table;
  const { cells, header } = routes.has(table)
    ? { cells: [], header: shownOf(frozen.header ?? {}, view) }
    : layoutOf(table, view);
  return {
    title: frozen.title?.text(view),
    when: sources.map((source) => source.when?.(view) ?? true),
    cells: cells.map((column) => cellFacts(table, column)),
    header: frozen.header && header.map((column) => cellFacts(table, column)),
  };
}

function cellFacts(
  { columns }: Table<unknown>,
  column: Printed,
): CellFacts {
  const { header, width, gap, headerWidth, names } = column.cell;
  const named = names !== undefined || column.needs === "names";
  const [key] = Object.entries(columns)
    .find(([, other]) => other === column || other.value === column.value) ??
    [];
  return {
    header,
    width,
    ...(gap === undefined ? {} : { gap }),
    ...(headerWidth === undefined ? {} : { headerWidth }),
    ...(key === undefined ? {} : { key }),
    ...(named ? { named } : {}),
  };
}

type Printed = ReturnType<typeof layoutOf>["cells"][number];

/** A file that is read. */
class Reading {
  readonly opened: Opened;
  readonly #table: Table<unknown>;
  readonly #wanted: Wanted;
  readonly #view: View;
  readonly #row: unknown;
  readonly #rows: Rows<unknown>;
  readonly #feed: Fed;
  readonly #cells: readonly Printed[];
  readonly #reference: boolean;
  #batch: BatchWriter | undefined;

  constructor(request: Extract<Request, { open: number }>) {
    const { open, table: number, source, path, wanted, reference } = request;
    const table = this.#table = tables[number]!;
    this.#wanted = wanted;
    this.#reference = reference;
    this.#view = viewOf(request.view);
    if (!rows.has(request.row)) {
      const [oldest] = rows.keys();
      if (rows.size > 8) rows.delete(oldest!);
      rows.set(request.row, table.row(table.sources[source]!, path));
    }
    const row = this.#row = rows.get(request.row);
    this.#feed = new Fed(open, table, request.joins);
    this.#rows = new Rows(
      this.#feed,
      reference ? table.reference! : table,
      row,
      (line, number) => this.#malformed(line, number),
    );
    const byRow = !reference && routes.has(table);
    const { cells } = reference
      ? { cells: [] }
      : layoutOf(table, this.#view, byRow ? row : undefined);
    this.#cells = cells;
    const fault = reference ? undefined : table.frozen.fault?.(row);
    this.opened = {
      header: this.#rows.header,
      ...(byRow ? { cells: cells.map((c) => cellFacts(table, c)) } : {}),
      ...(fault === undefined ? {} : { fault }),
    };
  }

  /** Makes rows of all lines, or asks for the names in them. */
  run(): void {
    const rows = this.#rows;
    if (this.#reference) {
      while (rows.next());
      return;
    }
    const row = this.#row;
    const view = this.#view;
    const table = this.#table;
    const wanted = this.#wanted;
    const fields = fieldsOf(table, wanted, this.#cells.length);
    const batch = this.#batch = new BatchWriter(fields.length, (parts) => {
      if (!replies.send(FRAME.batch, parts)) {
        throw new RangeError("a row takes more than a megabyte");
      }
    });
    const write = fields.map((field) => this.#writer(field, batch));
    const asks = wanted.names ? this.#asks() : [];
    while (rows.next()) {
      if (table.keep !== undefined && !table.keep(row, view)) continue;
      for (const each of asks) each(row, view);
      for (const each of write) each(row);
      batch.endRow();
    }
    batch.flush();
  }

  /** What asks for the names in a row. */
  #asks(): ((row: unknown, view: View) => unknown)[] {
    const { columns, frozen } = this.#table;
    return [
      frozen.names?.bind(frozen),
      ...this.#cells.map(({ cell }) => cell.names?.bind(cell)),
      ...Object.values(columns).map((column) =>
        column.needs === "names" ? column.value : undefined
      ),
    ].filter((asking) => asking !== undefined);
  }

  /** What writes a field of a row. */
  #writer(field: Field, batch: BatchWriter): (row: unknown) => void {
    const { inode, ends, frozen, columns } = this.#table;
    const view = this.#view;
    const { out } = batch;
    const number = (read: (row: unknown) => Long) => (row: unknown) => {
      out.integer(read(row));
      batch.end();
    };
    if (field === "inode") return number(inode!.bind(this.#table));
    if (field === "ends") return number(ends!.bind(this.#table));
    if (field === "instead") {
      return (row) => {
        const said: Said | undefined = frozen.instead!(row);
        if (said === undefined) return batch.none();
        out.foreign(json(said));
        batch.end();
      };
    }
    if (field === "lead") {
      return (row) => {
        frozen.lead!(out, row, view);
        batch.end();
      };
    }
    if (field === "tones") {
      const leads = Object.values(columns)
        .find(({ cell, tone }) => cell === undefined && tone !== undefined);
      const all = [...this.#cells, leads];
      return (row) => {
        for (const column of all) {
          const tone: Tone | undefined = column?.tone?.(row, view);
          out.byte(48 + 1 + TONES.indexOf(tone!));
        }
        batch.end();
      };
    }
    if ("value" in field) {
      const column = columns[field.value]!;
      if (joinedKey(column) !== undefined) return () => batch.none();
      return (row) =>
        batch.value(column.value(row, view), column, view as never);
    }
    const column = this.#cells[field.cell]!;
    if (joinedKey(column) !== undefined) return () => batch.none();
    const { write } = column.cell;
    if (write === undefined) {
      return (row) => {
        const value = column.value(row, view);
        if (typeof value === "string") {
          out.room(value.length);
          out.ascii(value);
        } else if (typeof value === "number" || typeof value === "bigint") {
          out.integer(value);
        }
        batch.end();
      };
    }
    return (row) => {
      write.call(column.cell, out, row, view);
      batch.end();
    };
  }

  #malformed(line: Line, number: number): boolean {
    this.#batch?.flush();
    const said = this.#table.frozen.malformed?.(this.#row, number);
    say(FRAME.malformed, {
      number,
      text: line.text(),
      ...(said === undefined ? {} : { said }),
    });
    return this.#feed.goesOn();
  }
}

/** The lines of a file, which the program sends in blocks. */
class Fed implements LineFeed {
  number = 0;
  readonly #reading: number;
  readonly #table: Table<unknown>;
  readonly #joins: boolean;
  #bytes = new Uint8Array(0);
  /** How many lines the block has; the end and the number of each line follow. */
  #words = new Uint32Array(1);
  /** Where its first line starts. */
  #first = 0;
  /** The next line of the block. */
  #at = 0;
  #ended = false;

  constructor(reading: number, table: Table<unknown>, joins: boolean) {
    this.#reading = reading;
    this.#table = table;
    this.#joins = joins && table.continues !== undefined;
  }

  /** Whether the program wants more of the file, since a line of it was malformed. */
  goesOn(): boolean {
    const { bytes } = requests.receive()!;
    if (bytes.length === 0) this.#ended = true;
    return bytes.length > 0;
  }

  next(line: Line): boolean {
    if (!this.#fill()) return false;
    this.#point(line);
    this.#at++;
    if (this.#joins) this.#join(line);
    return true;
  }

  /** Whether there is a line in the block, or in the next one. */
  #fill(before?: Line): boolean {
    if (this.#ended) return false;
    if (this.#at < this.#words[0]!) return true;
    say(FRAME.more, this.#reading);
    const { bytes } = requests.receive()!;
    const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
    const lines = words[0] ?? 0;
    this.#ended = lines === 0;
    if (this.#ended) return false;
    this.#words = words;
    this.#bytes = bytes.subarray(4 + 8 * lines);
    this.#first = this.#at = 0;
    if (before !== undefined) this.#putBefore(before);
    return true;
  }

  /** Puts a line in front of the block, which may belong to it. */
  #putBefore(line: Line): void {
    const length = line.end - line.start + 1;
    const bytes = new Uint8Array(length + this.#bytes.length);
    bytes.set(line.bytes.subarray(line.start, line.end));
    bytes[length - 1] = NEWLINE;
    bytes.set(this.#bytes, length);
    this.#bytes = bytes;
    this.#first = length;
    for (let i = 1; i < this.#words.length; i += 2) {
      if (i < 2 * this.#words[0]!) this.#words[i]! += length;
    }
    line.set(bytes, 0, length - 1);
  }

  /** Points at the next line; there is a newline between two. */
  #point(line: Line): void {
    const at = this.#at;
    const start = at === 0 ? this.#first : this.#words[2 * at - 1]! + 1;
    line.set(this.#bytes, start, this.#words[2 * at + 1]!);
    this.number = this.#words[2 * at + 2]!;
  }

  /** Makes the line longer by those that belong to it. */
  #join(line: Line): void {
    const { number } = this;
    const { lineLimit } = this.#table;
    const next = new Line();
    // behind a line that was cut there is no newline
    while (line.end - line.start < lineLimit && this.#fill(line)) {
      this.#point(next);
      if (!this.#table.continues!(line, next)) break;
      line.set(line.bytes, line.start, next.end);
      this.#at++;
    }
    this.number = number;
    line.rewind();
  }
}

const NEWLINE = 10;

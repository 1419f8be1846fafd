/**
 * What the kernel tells of the sockets of a table over netlink, beside its file.
 *
 * @module
 */

import type { Answer, Asking } from "./diag.ts";
import type {
  Column,
  Columns,
  Family,
  Identity,
  Long,
  Reference,
  Source,
  Table,
  Value,
  View,
} from "./family.ts";

/** A row of a socket of which the kernel may have told. */
export interface Told {
  /** What it told; undefined if the row is from a file alone. */
  answer: Answer | undefined;
  /** The other end, if it was looked for and is on this machine. */
  peer: Peer | undefined;
}

/**
 * Reads what an answer tells; null if it does not. Of the same bytes it tells the same, as
 * long as a listing goes on.
 */
export type Telling<V> = (answer: Answer, view: View) => V | null;

/** A column of such rows. */
export interface ToldColumn<Row extends Told> extends Column<Row> {
  /**
   * What `value` is of a row with this answer, for whoever asks for a hundred columns of
   * each row.
   */
  readonly told: Telling<Value>;
}

/** A column of which a line may tell what an answer does not. */
export interface EitherColumn<Row extends Told> extends Column<Row> {
  /** What `value` is of a row that is made of this answer, so that it has no line. */
  readonly toldAlone: Telling<Value>;
}

/** What tells the value of a column by a row's answer, if that is all it takes. */
export function toldBy(
  column: Column<unknown> | ToldColumn<Told>,
): Telling<Value> | undefined {
  return "told" in column ? column.told : undefined;
}

/** Likewise, where rows have no lines. */
export function toldAloneBy(
  column: Column<unknown> | ToldColumn<Told> | EitherColumn<Told>,
): Telling<Value> | undefined {
  return "toldAlone" in column ? column.toldAlone : toldBy(column);
}

/** The other end of a connection. */
export interface Peer {
  /** Its inode; 0 if no process has it, null if there are several ends. */
  readonly inode: Long | null;
  /** Its name, if it has one. */
  readonly name: string | null;
  /**
   * The sockets whose owners are at the other end: until somebody accepts a connection,
   * the one that listens.
   */
  readonly held: readonly Long[];
  /** The id of the cgroup in which it was made, if the kernel tells. */
  readonly cgroup?: Long;
}

/** Finds the other ends of connections, once it was given all sockets. */
export interface Finder<Row> {
  /** Takes a socket. */
  add(row: Row): void;
  /** The other end of a row's connection; undefined if it is not on this machine. */
  find(row: Row): Peer | undefined;
}

/** How the other ends of connections are found. */
export interface Finding<Row> {
  /** The bits that the kernel is asked for, of all sockets among which they are. */
  readonly show: number;
  /** Loads the tables of these sockets, with their depth. */
  // deno-lint-ignore no-explicit-any
  tables(): Promise<readonly Table<any>[]>;
  /** Begins. */
  start(): Finder<Row>;
}

/** Asks the kernel for sockets in these states, a bit each, on which others depend. */
export type AskMore = (
  asking: Asking,
  states: number,
  each: (answer: Answer) => void,
) => void;

/** How a table's sockets are asked for, and what they have then. */
export interface Depth<Row extends Told> {
  /** All columns: the table's, and behind them those that need `diag`. */
  readonly columns: Columns<Row>;
  /** What tells which row it is, if that is more than without it. */
  readonly identity?: Identity;
  /** How the sockets of a file are asked for; undefined if the kernel tells of none. */
  asking(source: Source): Asking | undefined;
  /** The states that the view lists, a bit each; all, unless given. */
  states?(view: View): number;
  /** The bits of each word that `state` can be, if the kernel can choose by states. */
  readonly named?: Readonly<Record<string, number>>;
  /**
   * Fills the row from its answer with all that a line tells, so that none is read.
   * Without it an answer is found for each line, by the socket's inode.
   */
  parse?(row: Row, view: View): boolean;
  /**
   * Whether the listing has a row that was made of an answer, by the bits that were
   * asked for; always, unless given.
   */
  lists?(row: Row, show: number): boolean;
  /** A file that tells of these keys what answers do not, by each row's other values. */
  readonly besides?: {
    readonly keys: ReadonlySet<string>;
    readonly file: Reference<Row>;
  };
  /**
   * Keys of columns that only a line tells. Where one of them is asked for, lines are
   * read as if there were no `parse`, so that a question changes no row.
   */
  readonly lacks?: ReadonlySet<string>;
  /** Both ends as an answer has them, as a byte string; see {@linkcode Asking.ends}. */
  ends?(row: Row): string;
  /** Other questions whose answers are about lines of the same file. */
  readonly more?: readonly Asking[];
  /** How an answer is found for a line where several lines share an inode. */
  readonly keys?: Keys<Row>;
  /** Whether no file tells of such sockets, so that the kernel is asked or nobody. */
  readonly alone?: true;
  /** Lets a row ask for more, where what it tells depends on other sockets. */
  begin?(row: Row, ask: AskMore): void;
  /** Which lines to believe, where processes can write some into the file. */
  readonly doubts?: Doubts<Row>;
  /** How the other ends of connections are found; tables with the same one share it. */
  readonly finding?: Finding<Row>;
}

/** What lines and answers both tell, so that they find each other. */
export interface Keys<Row extends Told> {
  /** The keys that an answer can be found by; none if by no line. */
  of(answer: Answer): readonly string[];
  /** Those of a row, of which the first that an answer has decides. */
  by(row: Row): readonly string[];
}

/** How the rows of sockets are told from what processes have written. */
export interface Doubts<Row extends Told> {
  /** The bits that the kernel must be asked for, to know. */
  readonly show: number;
  /**
   * Takes what netlink told, then one line after the other: its row, or undefined if it
   * is none. What it says is whether a socket is told of there. The row has its answer
   * then, and what that tells is as it tells it.
   */
  start(answers: Answered): (row: Row | undefined) => boolean;
}

/** Answers about sockets. */
export interface Answered {
  /**
   * That of the socket with this inode, until the next one is asked for; of one without
   * an inode, by its ends.
   */
  find(inode: Long, ends?: () => string | undefined): Answer | undefined;
  /** All of them as they came, each until the next one. */
  all(): Iterable<Answer>;
}

/** A table that has more to tell, once its depth is loaded. */
export interface DeepTable<Row extends Told> extends Table<Row> {
  /** Loads it. */
  depth(): Promise<Depth<Row>>;
  /** Whether it has `doubts`, so that it is loaded for all but net-tools' text. */
  readonly doubted?: true;
}

/**
 * A family of which a file tells only how many there are, or, if it has no tables, no file
 * tells at all.
 */
export interface CountedFamily extends Family {
  /** Loads the table of what only netlink lists. */
  // deno-lint-ignore no-explicit-any
  listed(): Promise<Table<any>>;
}

/** Whether a table has more to tell. */
// deno-lint-ignore no-explicit-any
export function hasDepth(table: Table<any>): boolean {
  // deno-lint-ignore no-explicit-any
  return (table as Partial<DeepTable<any>>).depth !== undefined;
}

/** A table with its depth. */
interface Deepened<Row extends Told> extends Table<Row> {
  readonly deep: Depth<Row>;
}

/**
 * A table with all of its columns, those of where its owners are among them; unless `all`,
 * only one whose file is doubted, and without those.
 */
export async function deepened(
  // deno-lint-ignore no-explicit-any
  table: Table<any>,
  all: boolean,
  // deno-lint-ignore no-explicit-any
): Promise<Table<any>> {
  // deno-lint-ignore no-explicit-any
  const { depth, doubted } = table as Partial<DeepTable<any>>;
  const isDeep = depth !== undefined && (all || doubted);
  const deep = isDeep ? withDepth(table, await depth()) : table;
  if (!all || deep.inode === undefined) return deep;
  const { placed } = await import("./place.ts");
  return placed(deep);
}

/** A table with its depth. */
export function withDepth<Row extends Told>(
  table: Table<Row>,
  deep: Depth<Row>,
): Table<Row> {
  const { columns, identity = table.identity } = deep;
  return { ...table, columns, ...(identity && { identity }), deep } as Deepened<
    Row
  >;
}

/** The depth of a table, if it was loaded. */
// deno-lint-ignore no-explicit-any
export function depthOf(table: Table<any>): Depth<any> | undefined {
  // deno-lint-ignore no-explicit-any
  return (table as Partial<Deepened<any>>).deep;
}

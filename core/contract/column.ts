/**
 * Constructors for column specs, so that a spec looks like the table it prints.
 *
 * @module
 */

import type {
  Cell,
  Column,
  Columns,
  Declared,
  Holder,
  Kind,
  Long,
  Need,
  Printed,
  Title,
  Tone,
  Value,
  View,
} from "./family.ts";

/** What a spec may say of any column besides. */
export type Extra<Row> = Pick<
  Column<Row>,
  | "words"
  | "unit"
  | "counter"
  | "grows"
  | "moves"
  | "short"
  | "rare"
  | "set"
  | "needs"
  | "show"
  | "tone"
  | "each"
  | "put"
  | "span"
>;

/** The optional keys of a column with text. */
export type Optional<Row> =
  & Extra<Row>
  & Partial<Omit<Cell<Row>, "header" | "width">>
  & { readonly kind?: Declared };

/** The kinds that a getter's result can be declared as. */
export type DeclaredOf<V extends Value> = V extends bigint | number
  ? Optionally<"integer" | "ratio" | "duration" | "port">
  : V extends string ? Optionally<"string" | "name" | "address">
  : V extends boolean ? Optionally<"boolean">
  : V extends null ? `${Kind}?`
  : V extends readonly (string | null)[] ? Optionally<"strings">
  : Optionally<"objects">;

/** A kind that may also be nullable. */
export type Optionally<K extends Kind> = K | `${K}?`;

/** The kinds of numbers. */
export function isNumeric(kind: Kind): boolean {
  return NUMERIC.includes(kind);
}

const NUMERIC: readonly Kind[] = ["integer", "ratio", "duration", "port"];

/** What a column needs. */
export function needsOf(
  { needs }: Pick<Column<unknown>, "needs">,
): readonly Need[] {
  return needs === undefined ? [] : typeof needs === "string" ? [needs] : needs;
}

/** What a declared kind stands for. */
function kindOf(
  declared: Declared,
): Pick<Column<unknown>, "kind" | "nullable"> {
  return declared.endsWith("?")
    ? { kind: declared.slice(0, -1) as Kind, nullable: true }
    : { kind: declared as Kind };
}

/** The kind of a column as a spec declares it. */
export function declared<Row>(
  { kind, nullable }: Pick<Column<Row>, "kind" | "nullable">,
): Declared {
  return nullable ? `${kind}?` : kind;
}

/**
 * Columns that are made when they are first asked for: a start takes longer by each column
 * that is made, and needs those of few tables.
 */
export function late<Row>(make: () => Columns<Row>): () => Columns<Row> {
  let made: Columns<Row> | undefined;
  return () => made ??= make();
}

/** What may be given of a cell; all else is the column's. */
const OF_CELL: ReadonlySet<string> = new Set(
  ["gap", "headerWidth", "shown", "write", "names", "tells"],
);

/** A column of net-tools' text; negative widths are left-aligned. */
function printed<Row>(
  { value, about, kind, header, width, ...optional }:
    & Optional<Row>
    & Pick<Column<Row>, "value" | "about">
    & Pick<Cell<Row>, "header" | "width">
    & { readonly kind: Declared },
): Printed<Row> {
  const column: Record<string, unknown> = { ...kindOf(kind), about, value };
  const cell: Record<string, unknown> = { header, width };
  const given: Readonly<Record<string, unknown>> = optional;
  for (const key in given) {
    if (given[key] === undefined) continue;
    (OF_CELL.has(key) ? cell : column)[key] = given[key];
  }
  column["cell"] = cell;
  return column as unknown as Printed<Row>;
}

/** A column that net-tools prints in another way in another place. */
export function reprinted<Row>(
  column: Column<Row>,
  cell: Partial<Cell<Row>>,
): Printed<Row> {
  return { ...column, cell: { ...column.cell!, ...cell } };
}

/** A left-aligned column, of strings unless `kind` says otherwise. */
export function left<Row>(
  header: string,
  width: number,
  value: (row: Row, view: View) => Value,
  about: string,
  { kind = "string", ...rest }: Optional<Row> = {},
): Printed<Row> {
  return printed({ ...rest, header, width: -width, value, about, kind });
}

/** A right-aligned column, of integers unless `kind` says otherwise. */
export function right<Row>(
  header: string,
  width: number,
  value: (row: Row, view: View) => Value,
  about: string,
  { kind = "integer", ...rest }: Optional<Row> = {},
): Printed<Row> {
  return printed({ ...rest, header, width, value, about, kind });
}

/**
 * A left-aligned column of text that a process or a peer controls. In JSON the text
 * `none` is null; `value` is the JSON, if that is something else.
 */
export function foreign<Row>(
  header: string,
  width: number,
  text: (row: Row) => string,
  about: string,
  { none, value, kind = "string?", ...rest }: Optional<Row> & {
    readonly none?: string;
    readonly value?: (row: Row) => string | null;
  } = {},
): Printed<Row> {
  const known = (row: Row) => {
    const found = text(row);
    return none !== undefined && found === none ? null : found;
  };
  return left(header, width, value ?? known, about, {
    write: (out, row) => out.foreign(text(row)),
    ...rest,
    kind,
  });
}

/** A column that only JSON has. */
export function fact<Row, V extends Value>(
  kind: DeclaredOf<V>,
  value: (row: Row, view: View) => V,
  about: string,
  optional: Extra<Row> = {},
): Column<Row> {
  return { ...kindOf(kind), about, value, ...optional };
}

/**
 * What `-a`, `-l` or neither make of a socket: all, only servers, all but servers.
 */
export function kept(server: boolean, view: View): boolean {
  return view.all || view.listening === server;
}

/** The words of a closed list, and what each means if it means anything. */
export type Tones = Readonly<Record<string, Tone | null>>;

/** What a column of states declares: its words, and their tones. */
export function among<Row>(
  word: (row: Row) => string | null,
  tones: Tones,
): Required<Pick<Column<Row>, "words" | "tone">> {
  const found = new Map(Object.entries(tones));
  return {
    words: Object.keys(tones),
    tone: (row) => found.get(word(row) ?? "") ?? undefined,
  };
}

/** The tone of bytes that wait in a queue. */
export function queueTone<Row>(
  queue: (row: Row) => Long,
): (row: Row) => Tone | undefined {
  return (row) => queue(row) > 0 ? "pending" : undefined;
}

/** The words at the end of a title that say which sockets are listed. */
export function listed(view: View): string {
  if (view.all) return "(servers and established)";
  return view.listening ? "(only servers)" : "(w/o servers)";
}

/** The columns that the text has. */
// deno-lint-ignore no-explicit-any
export function shownOf(columns: Columns<any>, view: View): Printed<any>[] {
  return Object.values(columns)
    .filter(isPrinted)
    .filter(({ cell }) => cell.shown?.(view) ?? true);
}

// deno-lint-ignore no-explicit-any
function isPrinted(column: Column<any>): column is Printed<any> {
  return column.cell !== undefined;
}

/** Whether the text has the `-e` columns. */
export function extended(view: View): boolean {
  return view.extend > 0;
}

/**
 * The user's columns, which the text shows only with `-e`. Rows keep the uid as C
 * prints it, signed.
 */
export function userColumns<Row extends { uid: number }>(
  headerWidth?: number,
): Columns<Row> {
  const name = (row: Row, view: View) => userName(row.uid >>> 0, view);
  return {
    user: left(
      "User",
      10,
      (row, view) => name(row, view) ?? null,
      "Name of the user who owns the socket; null without one or with --numeric-users.",
      {
        ...(headerWidth === undefined ? {} : { headerWidth }),
        kind: "string?",
        set: "owner",
        shown: extended,
        write(out, row, view) {
          const user = name(row, view);
          if (user === undefined) out.integer(row.uid);
          else out.foreign(user);
        },
      },
    ),
    uid: fact(
      "integer",
      (row) => row.uid >>> 0,
      "User id of the socket's owner.",
      { set: "owner" },
    ),
  };
}

/** A user's name, if there is one and numbers are not asked for. */
function userName(uid: number, view: View): string | undefined {
  return view.numericUsers ? undefined : view.names.user(uid);
}

/** What JSON says of each process and descriptor that a socket is held by. */
const holderColumns: Columns<Holder> = {
  pid: fact("integer", ({ process }) => process.pid, "Process id."),
  fd: fact("integer", ({ fd }) => fd, "Number of the descriptor."),
  comm: fact(
    "string?",
    ({ process }) => process.comm,
    "Name of the process as the kernel has it, of 15 bytes at most " +
      "(`/proc/PID/comm`); null if it cannot be read.",
  ),
  cmdline: fact(
    "strings?",
    ({ process }) => process.cmdline,
    "Command line, a string for each argument (`/proc/PID/cmdline`, which a " +
      "process can change), of 4096 bytes at most, and of fewer from the 4097th " +
      "socket on that is told of a process; null if it cannot be read.",
  ),
  cmdline_length: fact(
    "integer?",
    ({ process }) => process.cmdlineLength,
    "Bytes of the whole command line, with one behind each argument: more than " +
      "`cmdline` has if that is cut; null if it cannot be read.",
  ),
  uid: fact(
    "integer?",
    ({ process }) => process.uid,
    "Effective user id of the process, which need not be that of the socket " +
      "(`Uid:` of `/proc/PID/status`); null if it cannot be read.",
  ),
  user: fact(
    "string?",
    ({ process: { uid } }, view) =>
      uid === null ? null : userName(uid, view) ?? null,
    "Name of that user; null without one or with --numeric-users.",
  ),
};

/** The owner's columns, for a row with an inode: `-p` and `-Z`. */
export function ownerColumns<Row>(
  inode: (row: Row) => number | bigint,
): Columns<Row> {
  const programs = (view: View) => view.programs;
  const context = (view: View) => view.context;
  return {
    program_name: left(
      "PID/Program name",
      20,
      (row, view) => view.owner(inode(row))?.name ?? null,
      "Name of the process that owns the socket, from its command line; null if " +
        "that cannot be read.",
      {
        kind: "string?",
        shown: programs,
        tells: ["pid", "program_name"],
        set: "owner",
        needs: "owner",
        write(out, row, view) {
          const owner = view.owner(inode(row));
          if (owner === undefined) out.ascii("-");
          else out.foreign(`${owner.pid}/${owner.name ?? ""}`.slice(0, 19));
        },
      },
    ),
    pid: fact(
      "integer?",
      (row, view) => view.owner(inode(row))?.pid ?? null,
      "Process id of the owner: the lowest one if several have the socket.",
      { set: "owner", needs: "owner" },
    ),
    owners: fact(
      "objects",
      (row, view) => view.holders(inode(row)),
      "Every process that has the socket open, once for each of its descriptors, " +
        "by pid and descriptor; empty if none is known.",
      { set: "owner", needs: "holders", each: holderColumns },
    ),
    security_context: left(
      "Security Context",
      50,
      (row, view) => view.owner(inode(row))?.context ?? null,
      "SELinux context of the owner.",
      {
        kind: "string?",
        shown: context,
        set: "owner",
        needs: "context",
        // net-tools: header and cells are one column out of step
        headerWidth: 49,
        write(out, row, view) {
          const text = view.owner(inode(row))?.context ?? "-";
          // net-tools: of a context too long for the cell only the end is left
          out.foreign(text.length < 50 ? text : text.slice(-48));
        },
      },
    ),
  };
}

/** A title that each table has anew. */
export function heading(text: string): Title {
  return { text: () => text, always: false, each: true };
}

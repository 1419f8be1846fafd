/**
 * Constructors for column specs, so that a spec looks like the table it prints.
 *
 * @module
 */

import type {
  Cell,
  CellType,
  Column,
  Columns,
  Holder,
  Long,
  Tone,
  View,
} from "./family.ts";

/** The optional keys of a column with text. */
export type Optional<Row> = Partial<
  Pick<
    Column<Row>,
    | "type"
    | "write"
    | "json"
    | "shown"
    | "tone"
    | "asked"
    | "gap"
    | "headerWidth"
  >
>;

/** The JSON types that a getter's result can be declared as. */
export type TypeOf<V extends Cell> = V extends bigint ? "integer" | "integer?"
  : V extends number ? "integer" | "integer?"
  : V extends string ? "string" | "string?"
  : V extends boolean ? "boolean" | "boolean?"
  : V extends null ? `${string}?` & CellType
  : V extends readonly (string | null)[] ? "strings" | "strings?"
  : "objects" | "objects?";

/** A left-aligned column, of strings unless `type` says otherwise. */
export function left<Row>(
  header: string,
  width: number,
  value: (row: Row, view: View) => Cell,
  about: string,
  optional: Optional<Row> = {},
): Column<Row> {
  return { header, width: -width, value, about, type: "string", ...optional };
}

/** A right-aligned column, of integers unless `type` says otherwise. */
export function right<Row>(
  header: string,
  width: number,
  value: (row: Row, view: View) => Cell,
  about: string,
  optional: Optional<Row> = {},
): Column<Row> {
  return { header, width, value, about, type: "integer", ...optional };
}

/**
 * A left-aligned column of text that a process or a peer controls. `value` is its
 * JSON, if that is not the text.
 */
export function foreign<Row>(
  header: string,
  width: number,
  text: (row: Row) => string,
  about: string,
  optional: Partial<Pick<Column<Row>, "tone" | "gap" | "headerWidth">> & {
    value?: (row: Row) => string | null;
  } = {},
): Column<Row> {
  const { value, ...rest } = optional;
  return left(header, width, value ?? text, about, {
    ...rest,
    type: "string?",
    write: (out, row) => out.foreign(text(row)),
  });
}

/** A column that only JSON has. */
export function fact<Row, V extends Cell>(
  type: TypeOf<V>,
  value: (row: Row, view: View) => V,
  about: string,
  optional: Pick<Column<Row>, "tone" | "asked" | "each"> = {},
): Column<Row> {
  return { width: 0, value, about, type, ...optional };
}

/**
 * What `-a`, `-l` or neither make of a socket: all, only servers, all but servers.
 */
export function kept(server: boolean, view: View): boolean {
  return view.all || view.listening === server;
}

/** What the names of states mean, whichever family has them. */
const STATE_TONES: ReadonlyMap<string, Tone> = new Map([
  ...named("listening", "LISTEN", "LISTENING"),
  ...named("connected", "ESTABLISHED", "ESTAB", "CONNECTED", "ACTIVE"),
  ...named("connected", "REACHABLE"),
  ...named("pending", "SYN_SENT", "SYN_RECV", "CONNECTING", "CONNECT"),
  ...named("pending", "CONNECT2", "CONFIG", "CONN SENT", "SABM SENT"),
  ...named("pending", "SABM_SENT", "RECOVERY", "UNCONFIRMED", "INCOMPLETE"),
  // the other end has closed; this end's process has not, and may never do so
  ...named("pending", "CLOSE_WAIT"),
  ...named("closing", "FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK"),
  ...named("closing", "TIME_WAIT", "CLOSE", "CLOSED", "DISCONNECTING"),
  ...named("closing", "DISCONN", "DISC SENT", "FREE"),
  ...named("trouble", "FAILED", "INACTIVE", "PF"),
]);

function named(tone: Tone, ...states: string[]): [string, Tone][] {
  return states.map((state) => [state, tone]);
}

/** The tone of a column of states, or of others in a row with this state. */
export function stateTone<Row>(
  state: (row: Row) => string | null,
): (row: Row) => Tone | undefined {
  return (row) => STATE_TONES.get(state(row) ?? "");
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
export function shownOf(columns: Columns<any>, view: View): Column<any>[] {
  return Object.values(columns).filter((c) =>
    c.header !== undefined && (c.shown?.(view) ?? true)
  );
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
        type: "string?",
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
      "process can change), of 4096 bytes at most, and of fewer for a process " +
      "with more than 4096 descriptors here; null if it cannot be read.",
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
        type: "string?",
        shown: programs,
        asked: programs,
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
      { asked: programs },
    ),
    owners: fact(
      "objects",
      (row, view) => view.holders(inode(row)),
      "Every process that has the socket open, once for each of its descriptors, " +
        "by pid and descriptor; empty if none is known.",
      { asked: programs, each: holderColumns },
    ),
    security_context: left(
      "Security Context",
      50,
      (row, view) => view.owner(inode(row))?.context ?? null,
      "SELinux context of the owner.",
      {
        type: "string?",
        shown: context,
        asked: context,
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

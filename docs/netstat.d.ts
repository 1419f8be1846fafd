/**
 * The types of netstat's family files, as `netstat --family-types` prints them. A
 * family file can use them by `import type { Family, Kit } from "./netstat.d.ts"`.
 *
 * @module
 */

/** A cursor over the bytes `start` to `end` of a buffer. */
declare class Line {
    #private;
    /** The buffer; bytes outside the line belong to other lines. */
    bytes: Uint8Array;
    /** The same bytes, to be looked at several at a time. */
    words: DataView;
    /** Where the line starts. */
    start: number;
    /** Where it ends: the index of its newline, if it has one. */
    end: number;
    /** Where the next field is looked for. */
    at: number;
    /** How many fields were read. */
    fields: number;
    /** Whether a field did not fit. */
    failed: boolean;
    /** Points the cursor at a line. */
    set(bytes: Uint8Array, start: number, end: number): void;
    /** Starts again at the line's first byte. */
    rewind(): void;
    /** Skips white space. */
    blanks(): void;
    /** Skips the byte that must stand right here, such as the `:` after a slot. */
    skip(byte: number): void;
    /** Reads an unsigned 64-bit field in hexadecimal (`%lX`). */
    hex(): Long;
    /** Reads an unsigned 64-bit field in decimal (`%lu`). */
    decimal(): Long;
    /**
     * Reads a hexadecimal field of at most so many bytes and keeps its low 32 bits,
     * signed (`%8X`).
     */
    hex32(most?: number): number;
    /** Reads a decimal field and keeps its low 32 bits, signed (`%d`). */
    decimal32(): number;
    /**
     * Reads the few decimal digits that stand right here, and the byte `ender` behind them.
     * Negative if anything else stands here.
     */
    until(ender: number): number;
    /**
     * Reads 1 to `most` hexadecimal digits without sign or prefix
     * (`%64[0-9A-Fa-f]`) and returns how many there were; they end at `at`.
     */
    digits(most: number): number;
    /**
     * Reads 1 to `most` bytes that are no white space (`%15s`) and returns how many
     * there were; they end at `at`. As in C nothing is read beyond a NUL.
     */
    word(most: number): number;
    /** The bytes `from` to `to` of the line, as far as it has them. */
    place(from: number, to: number): string;
    /** The bytes from `from` to `to`, or all of the line, as a byte string. */
    text(from?: number, to?: number): string;
}

/** Lines, one after the other. */
export interface LineFeed {
    /** The number of the line that `next` came to, from 1. */
    readonly number: number;
    /** Points `line` at the next line; false at the end. */
    next(line: Line): boolean;
}

/** Takes a line that is no row, `number` counted from 1. Returns whether to go on. */
export type Malformed = (line: Line, number: number) => boolean;

/** Look-ups of names that may take long. */
export interface Waiting {
    /** Whether an answer that is worth waiting for was not there since the last call. */
    missed(): boolean;
    /** Waits for one more answer. */
    answer(): Promise<void>;
}

/** What is read of rows, for those who must know it before. */
export interface Reads {
    /** The view. */
    readonly view: View;
    /** What net-tools' text is made of. */
    readonly cells: boolean;
    /** What its cells mean. */
    readonly tones: boolean;
    /** Values, by the keys of their columns. */
    readonly values: readonly string[];
    /** Names, which are asked for and not yet waited for. */
    readonly names: boolean;
    /** Whether a line with a newline in it is one, if the table can tell. */
    readonly joins: boolean;
}

/** The rows of a file: one row, which is filled anew for each of them. */
export interface Relation {
    /** Whether the first line is a header. */
    readonly header: boolean;
    /** Where the lines come from. */
    readonly lines: LineFeed;
    /** The line that the row was made of, if that is known. */
    readonly line?: Line;
    /** Fills the row from the next line that is one; false at the end. */
    next(): boolean;
    /** Waits for the names that were asked for; `flush` writes out what there is. */
    settle?(lookups: Waiting, flush: () => void): Promise<void>;
}

/**
 * A kernel `unsigned long`: a number while a double holds it exactly, else a
 * bigint.
 */
export type Long = number | bigint;

/** What a column's value may be; objects are told by columns of their own. */
export type Value = string | Long | boolean | null | readonly (string | null)[] | readonly object[];

/**
 * What a value is, and so how it is compared and written: a whole number; a number with
 * a fraction, mostly a part of something; a span of time; a truth; bytes that a process,
 * a peer or the kernel chose; a word of a closed list (states, types, protocols); an
 * address in the spelling of its family, names of hosts not among them; a port or what
 * takes its place; a list of texts; a list of objects.
 */
export type Kind = "integer" | "ratio" | "duration" | "boolean" | "string" | "name" | "address" | "port" | "strings" | "objects";

/** A kind as a spec declares it: a trailing `?` says that the value can be null. */
export type Declared = Kind | `${Kind}?`;

/** What a number counts; a span of time has one of the units of time. */
export type Unit = "bytes" | "bytes per second" | "microseconds" | "milliseconds" | "packets" | "pages" | "seconds" | "segments";

/**
 * Columns that belong together, so that a question can have all of them by one name:
 * who has the socket open, TCP's inner state, memory, queues of connections, who is at
 * the other end, where on the machine it is, and what is told of a route, or of an
 * interface, over netlink.
 */
export type ColumnSet = "owner" | "tcp" | "memory" | "backlog" | "peer" | "place" | "route" | "link";

/** A stretch of bytes, to be compared where it stands. */
export interface Span {
    /** The bytes around it. */
    bytes: Uint8Array;
    /** Where it starts in them. */
    from: number;
    /** Where it ends. */
    to: number;
}

/**
 * What a cell tells somebody who looks for something, so that a terminal can show it
 * by a colour: a socket that waits to be asked, a connection that stands, one that
 * waits for somebody (or data that does), one that is over; the default route; what
 * is switched off; what went wrong.
 */
export type Tone = "listening" | "connected" | "pending" | "closing" | "default" | "off" | "trouble";

/**
 * Where bytes are written. Text is made of bytes, never of strings for each cell:
 * `bytes[at++] = …` is the fast way, and {@linkcode Out.room} must be asked first
 * only by cells that can be longer than 1 KiB. `at` may also be moved back.
 */
export interface Out {
    /** The buffer; it may be another one after `room`. */
    readonly bytes: Uint8Array;
    /** Where the next byte goes. */
    at: number;
    /** Makes sure that `length` more bytes fit. */
    room(length: number): void;
    /** Writes one byte. */
    byte(value: number): void;
    /** Writes the program's own text, of printable ASCII. */
    ascii(text: string): void;
    /** Writes a number in decimal. */
    integer(value: Long): void;
    /**
     * Writes bytes that a process or a peer controls (a byte string, one character
     * a byte), with each control byte made a `.`.
     */
    foreign(text: string): void;
    /** {@linkcode Out.foreign} for a stretch of a byte array. */
    foreignBytes(bytes: Uint8Array, from: number, to: number): void;
    /** Writes blanks until `width` bytes stand since `start`. */
    pad(start: number, width: number): void;
}

/**
 * Names for numbers: from libc when live, from `etc/` under `--root`. A host's or a
 * network's name is undefined also while it is looked up; the row is then written
 * once more, so that writing one must leave it as it was.
 */
export interface Names {
    /** The host name of 4 or 16 address bytes, as a byte string. */
    host(address: Uint8Array): string | undefined;
    /** The name of the network that has exactly these 4 address bytes. */
    network(address: Uint8Array): string | undefined;
    /** The service with this port; the last one if several have it. */
    service(port: number, protocol: "tcp" | "udp" | "raw"): string | undefined;
    /** The user's name. */
    user(uid: number): string | undefined;
    /** The name of the network interface with this index. */
    interface(index: number): string | undefined;
    /**
     * The name of a routing table, or of who makes routes, in iproute2's file of it; only
     * where netlink is asked for such numbers.
     */
    numbered?: ((file: "rt_tables" | "rt_protos", number: number) => string | undefined) | undefined;
}

/** The process that is named as a socket's owner. */
export interface Owner {
    /** Process id. */
    readonly pid: number;
    /** The name made from its command line, as a byte string; null if there is none. */
    readonly name: string | null;
    /** Its SELinux context, as a byte string; only with `-Z`. */
    readonly context: string | undefined;
}

/** A process that holds a socket, as JSON tells it; null is what cannot be read. */
export interface Process {
    /** Process id. */
    readonly pid: number;
    /** Its `comm`, as a byte string. */
    readonly comm: string | null;
    /** The words that its command line starts with, as byte strings. */
    readonly cmdline: readonly string[] | null;
    /** The length of the whole command line, in bytes. */
    readonly cmdlineLength: number | null;
    /** Its effective user id. */
    readonly uid: number | null;
}

/** One descriptor by which a process holds a socket. */
export interface Holder {
    /** The process. */
    readonly process: Process;
    /** The descriptor's number. */
    readonly fd: number;
}

/**
 * Where on the machine something is, by its cgroup; strings are byte strings, and null is
 * what there is not, or what is not known.
 */
export interface Place {
    /** The path of the cgroup, as the kernel tells it. */
    readonly cgroup: string;
    /** The unit of systemd. */
    readonly unit: string | null;
    /** The unit of a user's own service manager, if that is the unit. */
    readonly userUnit: string | null;
    /** The slice of the unit. */
    readonly slice: string | null;
    /** The login session. */
    readonly session: string | null;
    /** The container: its name, or the beginning of its id. */
    readonly container: string | null;
    /** Its whole id. */
    readonly containerId: string | null;
    /** What runs it. */
    readonly runtime: string | null;
    /** The pod of Kubernetes. */
    readonly pod: string | null;
    /** Its namespace. */
    readonly podNamespace: string | null;
    /** Its UID. */
    readonly podUid: string | null;
}

/** The options that change what is shown and how. */
export interface Flags {
    /** `-a` */
    all: boolean;
    /** `-l` */
    listening: boolean;
    /** How often `-e` was given. */
    extend: number;
    /** `-o` */
    timers: boolean;
    /** `-p`, also implied by `-Z` */
    programs: boolean;
    /** `-Z` */
    context: boolean;
    /** `-W` */
    wide: boolean;
    /** `-v` */
    verbose: boolean;
    /** `-N` */
    symbolic: boolean;
    /** `-n` or `--numeric-hosts` */
    numericHosts: boolean;
    /** `-n` or `--numeric-ports` */
    numericPorts: boolean;
    /** `-n` or `--numeric-users` */
    numericUsers: boolean;
    /** `-C` */
    cache: boolean;
    /** `-F` */
    fib: boolean;
}

/** What was asked for, as columns and tables see it. */
export interface View extends Readonly<Flags> {
    /** Names for numbers; ask only where the options allow it. */
    readonly names: Names;
    /** The owner of a socket, if `-p` found one. */
    owner(inode: Long): Owner | undefined;
    /** All that hold a socket, by pid and descriptor; only JSON has them looked for. */
    holders(inode: Long): readonly Holder[];
    /**
     * Where the process is that has a socket or, where none is known, where the socket was
     * made: in the cgroup of that id, if the kernel tells. Only for columns that need it.
     */
    place(inode: Long, cgroup: Long | null): Place | undefined;
}

/** How net-tools prints a column. */
export interface Cell<Row> {
    /** The column's title. */
    readonly header: string;
    /** Bytes that it takes at least: negative left-aligned, positive right. */
    readonly width: number;
    /** Blanks in front of the cell and its header; 1 unless given. */
    readonly gap?: number;
    /** Bytes the header takes, where net-tools gives it another width. */
    readonly headerWidth?: number;
    /** Whether the text has the column; always, unless given. */
    shown?(view: View): boolean;
    /** Writes the cell without its padding; the value as it is, unless given. */
    write?(out: Out, row: Row, view: View): void;
    /** Asks for the names of hosts and networks that `write` has in it. */
    names?(row: Row, view: View): unknown;
    /** The keys of all that the cell tells, if that is not just its own. */
    readonly tells?: readonly string[];
}

/**
 * What must be looked for before a value is known: names of hosts and networks; one
 * process that has the socket; all that have it; the SELinux context of the one; what
 * the kernel tells over netlink; the other end of a connection on this machine; and
 * where on the machine its process is.
 */
export type Need = "names" | "owner" | "holders" | "context" | "diag" | "peer" | "place";

/** One column: what is known of a row under a key. */
export interface Column<Row> {
    /** What `value` is. */
    readonly kind: Kind;
    /** Whether it can be null. */
    readonly nullable?: boolean;
    /** Of a `name`, the words that it can be, but for those of no use to ask for. */
    readonly words?: readonly string[];
    /** What a number counts. */
    readonly unit?: Unit;
    /** Whether a number only grows, so that its rate means something. */
    readonly counter?: boolean;
    /** Whether it only grows in this row, if that is so in some rows only. */
    grows?(row: Row): boolean;
    /**
     * Whether it differs from one listing to the next without anything having happened, as
     * timers and queues do, or only says in another way what another column tells. A row
     * has not changed if nothing else of it did. Keys of the built-in families that do are
     * listed in `moving.ts`.
     */
    readonly moves?: boolean;
    /** One sentence for the documentation. */
    readonly about: string;
    /** Of objects, the columns of each of them. */
    readonly each?: Columns<any>;
    /** A shorter name for people to type, in place of the key; no other column has it. */
    readonly short?: string;
    /** The set that it belongs to, if there is one. */
    readonly set?: ColumnSet;
    /** Whether few people want to know, so that it is shown only where it is asked for. */
    readonly rare?: boolean;
    /** What must be looked for before `value` can tell. */
    readonly needs?: Need | readonly Need[];
    /** The bits by which it is asked for where rows are told over netlink; none if always. */
    readonly show?: number;
    /** The value; strings are byte strings. */
    value(row: Row, view: View): Value;
    /**
     * Writes the value as it is spelled, in printable ASCII and without quotes, for
     * columns whose values would be a new string for each of a million rows.
     */
    put?(out: Out, row: Row, view: View): void;
    /**
     * Points at the bytes of the value, so that it is compared without a string: of a
     * text its bytes, of an Internet address its 4 or 16 in network order. An address
     * of another family, which is compared as it is spelled, has none. Returns false for
     * null. The bytes are valid until the next row.
     */
    span?(row: Row, into: Span): boolean;
    /**
     * What the value means, for text in colours; nothing, unless given. Of a column
     * without a cell it is the tone of what `lead` writes.
     */
    tone?(row: Row, view: View): Tone | undefined;
    /** How net-tools prints it; without one its text does not have the column. */
    readonly cell?: Cell<Row>;
}

/** A column that net-tools' text has. */
export type Printed<Row> = Column<Row> & {
    readonly cell: Cell<Row>;
};

/** Columns by JSON key, in the order in which they are printed. */
export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

/** What the kernel is asked over netlink in place of a file (sock_diag(7)). */
export interface Diag {
    /** `sdiag_family`: AF_INET or AF_INET6. */
    readonly family: number;
    /** `sdiag_protocol`, such as IPPROTO_TCP. */
    readonly protocol: number;
    /** The file and the line in it that count such sockets. */
    readonly counted: {
        readonly path: string;
        readonly protocol: string;
    };
    /** From so many on netlink is the faster source, of both families; always, if not given. */
    readonly many?: number;
    /** Whether the kernel tells both families at once, if it is asked so. */
    readonly together?: true;
    /**
     * The states that the view lists, a bit each, as `idiag_states` takes them; 0 if
     * the answer would not tell all that the text of the view shows.
     */
    states(view: View): number;
    /** The bits of each word that `state` can be. */
    readonly named: Readonly<Record<string, number>>;
}

/** One file of the kernel's, and what it means for a listing. */
export interface Source {
    /** Where the file is, without `--root`. */
    readonly path: string;
    /** Where older kernels have it: read if there is no file at `path`. */
    readonly formerly?: string;
    /**
     * The most bytes that the kernel writes of one thing. Where a read had room for another
     * and got none, the file is not read again to find its end: the kernel would go through
     * its whole table for that. For files that are made by `seq_read` and nothing else.
     */
    readonly record?: number;
    /** Of sockets, the protocol as the Proto column shows it. */
    readonly proto?: string;
    /** The protocol option that asks for it, such as `tcp`. */
    readonly protocol?: string;
    /** Of sockets: files are read in ascending rank; those of one rank fail together. */
    readonly rank?: number;
    /**
     * What the "no support for" note calls it. Without it a file that cannot be
     * opened is passed over.
     */
    readonly support?: string;
    /** Whether a view reads it at all; always, unless given. */
    when?(view: View): boolean;
    /** How to get the same rows faster, if there are many; see `Table.parseDiag`. */
    readonly diag?: Diag;
}

/** The heading over one or more tables. */
export interface Title {
    /** The line, without its newline. */
    text(view: View): string;
    /**
     * Whether it is printed even if no file under it can be opened: always, never,
     * or if its tables were asked for.
     */
    readonly always: boolean | "asked";
    /** Whether each table has it anew; tables with the same title share one, unless given. */
    readonly each?: boolean;
}

/** Something that the user is told. */
export interface Said {
    /** What is said, if there are words for it. */
    readonly text?: string;
    /** Whether net-tools says it among the rows; on stderr, unless given. */
    readonly listed?: boolean;
    /** The status that it ends the program with. */
    readonly status?: number;
}

/** What is said of a table of routes that the system does not have. */
export interface Missing extends Said {
    /** What stands on stderr before it for each file that cannot be opened. */
    reason?(path: string, reason: string): string;
}

/** How net-tools prints a table, and what it says; no question ever reads this. */
export interface Frozen<Row> {
    /** Tables with the same title object stand under one heading. */
    readonly title?: Title;
    /** The columns whose header line stands over the rows, if not the table's. */
    readonly header?: Columns<any>;
    /** A line that stands under the header line. */
    readonly rule?: string;
    /**
     * The columns, where net-tools has several layouts; without any only the title is
     * printed. Those that have a cell, unless given.
     */
    layout?(view: View, row: Row): readonly Printed<Row>[];
    /**
     * Writes what stands in front of the columns, for sockets that take more than
     * one line. The columns are then all preceded by a blank.
     */
    lead?(out: Out, row: Row, view: View): void;
    /** Asks for the names of hosts that `lead` has in it. */
    names?(row: Row, view: View): unknown;
    /** What stands in place of a good row that net-tools takes for a malformed line. */
    instead?(row: Row): Said | undefined;
    /**
     * What is said of a malformed line, `number` counted from 1; a warning that just
     * names the table, unless given. One with a status ends the program, as it does in
     * net-tools; JSON goes on.
     */
    malformed?(row: Row, number: number): Said | undefined;
    /** What is wrong with a file as a whole, once its first line was looked at. */
    fault?(row: Row): Said | undefined;
    /** What is said if no file can be opened. */
    readonly missing?: Missing;
    /** What is said when the file at `path` is read. */
    opened?(path: string): Said;
    /** What is said of a file without any line. */
    readonly empty?: Said;
}

/** A second file, whose lines are read before the rows that refer to them. */
export interface Reference<Row> {
    /** Where it is, without `--root`. */
    readonly path: string;
    /** Whether the table counts as missing without it. */
    readonly needed: boolean;
    /** Its longest line, in bytes; that of the table, unless given. */
    readonly lineLimit?: number;
    /** Looks at its first line, as the table's. */
    first?(line: Line, row: Row): boolean;
    /** Keeps in the row what a line says. */
    parse(line: Line, row: Row): boolean;
    /** {@linkcode Table.rows} of this file. */
    readonly rows?: RowsOf<Row>;
}

/** Makes rows of lines, elsewhere. */
export type RowsOf<Row> = (lines: LineFeed, row: Row, malformed: Malformed, reads: Reads) => Relation;

/**
 * The keys of the columns by which a row is known again in another listing, so that the
 * two can be compared. Of several keys in one place, the first one that is not null
 * counts. Without an identity all columns tell it that do not move by themselves: such
 * rows come and go, and never change.
 */
export type Identity = readonly (string | readonly string[])[];

/** A table: files of one format, and how their lines become rows. */
export interface Table<Row> {
    /** Its name; messages about malformed lines call it by that. */
    readonly name: string;
    /** Its files. */
    readonly sources: readonly Source[];
    /** The columns, by JSON key. */
    readonly columns: Columns<Row>;
    /** The columns that tell which row it is; see {@linkcode Identity}. */
    readonly identity?: Identity;
    /** How net-tools prints it. */
    readonly frozen: Frozen<Row>;
    /** The longest line, in bytes; the rest of a longer one is another line. */
    readonly lineLimit: number;
    /** A new row, reused for all lines of the file at `path`. */
    row(source: Source, path: string): Row;
    /**
     * Looks at the first line of the file. Returns whether it is a header that is
     * dropped; every first line is, unless this is given.
     */
    first?(line: Line, row: Row): boolean;
    /** Fills the row from a line. Returns false if the line is malformed. */
    parse(line: Line, row: Row): boolean;
    /** Makes the rows of a file, if lines are not parsed here. */
    readonly rows?: RowsOf<Row>;
    /** Fills the row from a `struct inet_diag_msg`, if a source has a `diag`. */
    parseDiag?(message: Line, row: Row): boolean;
    /**
     * Whether `next`, which would be malformed, is the rest of a line with a newline
     * in it, as JSON shows it; the text has net-tools' words for both.
     */
    continues?(line: Line, next: Line): boolean;
    /** Whether the listing has the row; always, unless given. See `kept`. */
    keep?(row: Row, view: View): boolean;
    /** The socket's inode, by which `-p` finds its owner. */
    inode?(row: Row): Long;
    /**
     * A number made of the addresses and ports of both ends. JSON shows a socket once that
     * the kernel's file has twice, with one inode and the same ends.
     */
    ends?(row: Row): number;
    /** Whether the program's own runtime has sockets here, which are left out. */
    readonly ours?: boolean;
    /** Of routes, whether `-F` or `-C` asks for it; it is always shown unless given. */
    readonly part?: "fib" | "cache";
    /** The table that is shown instead if no file can be opened. */
    readonly instead?: Table<any>;
    /** The file that the rows refer to. */
    readonly reference?: Reference<Row>;
}

/** A family's routes. */
export interface Routes {
    /** Whether they are shown if no family is asked for. */
    readonly usual?: boolean;
    /**
     * Loads its tables, in the order in which they are shown; only `-r` asks for it. Other
     * parts than these may be left out; family files of users are always asked for all.
     */
    tables(parts?: Pick<View, "fib" | "cache">): Promise<readonly Table<any>[]>;
}

/** What the text says of a counter. */
export interface Counter {
    /** Its sentence; `N` stands for the value. Without it, the text never shows it. */
    readonly text?: string;
    /** Whether the text shows it even if it is 0. */
    readonly always?: boolean;
    /** The heading of the list in which the text shows it. */
    readonly list?: string;
}

/** Counters that belong together. */
export interface Section {
    /** The protocol option that asks for it, such as `tcp`. */
    readonly protocol: string;
    /** The counters that the text has words for, by the kernel's names. */
    readonly counters: Readonly<Record<string, Counter>>;
}

/** A file of counters: pairs of lines, names and values, or a counter a line. */
export interface CounterFile {
    /** Where the file is, without `--root`. */
    readonly path: string;
    /**
     * `pairs`: a section is a line of names and a line of values, each with the
     * section's name in front. `list`: each line is a name and a value.
     */
    readonly layout: "pairs" | "list";
    /** Whether nothing more is read without it, and the user is told. */
    readonly required?: boolean;
    /**
     * What the text says, on stderr, of a malformed line; nothing unless given. The
     * text shows no more pairs of the file, JSON goes on.
     */
    readonly problem?: string;
    /** Of pairs, whether the section is wanted; all are, unless given. */
    takes?(section: string): boolean;
    /** Of a list, the section that begins with the file, even if that is empty. */
    readonly opens?: string;
    /** Of a list, the section of a counter that follows one of `current`. */
    sectionOf?(counter: string, current: string | undefined): string;
}

/** A family's counters. */
export interface Statistics {
    /** The files, in the order in which they are read. */
    readonly files: readonly CounterFile[];
    /** The sections that are known; others are shown whatever was asked for. */
    readonly sections: Readonly<Record<string, Section>>;
}

/** An address family: the default export of a file in `families/`. */
export interface Family {
    /** Its canonical name, the JSON rows' `family`. */
    readonly name: string;
    /** The words that `-A` takes for it; its name unless given. */
    readonly words?: readonly string[];
    /** One sentence for the documentation. */
    readonly about: string;
    /**
     * Whether missing files pass without a word when the family is asked for
     * without one of its protocols.
     */
    readonly quiet?: boolean;
    /** Whether it is shown only if asked for. */
    readonly hidden?: boolean;
    /**
     * What the "no support for" note calls a family without any table: one that no
     * kernel has a file for.
     */
    readonly support?: string;
    /** Whether nothing more can be had of it, which the user was told. */
    ended?(): boolean;
    /** Its socket tables. */
    readonly tables: readonly Table<any>[];
    /** What `-r` shows; without it there is no routing for the family. */
    readonly routes?: Routes;
    /**
     * Its tables of translated connections; the first one whose file exists is read.
     * They are loaded only for that view.
     */
    masquerade?(): Promise<readonly Table<any>[]>;
    /** Its tables of multicast groups, for `-g`. */
    readonly groups?: readonly Table<any>[];
    /** Loads what its counters mean; only `-s` asks for it. */
    statistics?(): Promise<Statistics>;
}

/** What a spec may say of any column besides. */
export type Extra<Row> = Pick<Column<Row>, "words" | "unit" | "counter" | "grows" | "moves" | "short" | "rare" | "set" | "needs" | "show" | "tone" | "each" | "put" | "span">;

/** The optional keys of a column with text. */
export type Optional<Row> = Extra<Row> & Partial<Omit<Cell<Row>, "header" | "width">> & {
    readonly kind?: Declared;
};

/** The kinds that a getter's result can be declared as. */
export type DeclaredOf<V extends Value> = V extends bigint | number ? Optionally<"integer" | "ratio" | "duration" | "port"> : V extends string ? Optionally<"string" | "name" | "address"> : V extends boolean ? Optionally<"boolean"> : V extends null ? `${Kind}?` : V extends readonly (string | null)[] ? Optionally<"strings"> : Optionally<"objects">;

/** A kind that may also be nullable. */
export type Optionally<K extends Kind> = K | `${K}?`;

/** A left-aligned column, of strings unless `kind` says otherwise. */
declare function left<Row>(header: string, width: number, value: (row: Row, view: View) => Value, about: string, { kind, ...rest }?: Optional<Row>): Printed<Row>;

/** A right-aligned column, of integers unless `kind` says otherwise. */
declare function right<Row>(header: string, width: number, value: (row: Row, view: View) => Value, about: string, { kind, ...rest }?: Optional<Row>): Printed<Row>;

/**
 * A left-aligned column of text that a process or a peer controls. In JSON the text
 * `none` is null; `value` is the JSON, if that is something else.
 */
declare function foreign<Row>(header: string, width: number, text: (row: Row) => string, about: string, { none, value, kind, ...rest }?: Optional<Row> & {
    readonly none?: string;
    readonly value?: (row: Row) => string | null;
}): Printed<Row>;

/** A column that only JSON has. */
declare function fact<Row, V extends Value>(kind: DeclaredOf<V>, value: (row: Row, view: View) => V, about: string, optional?: Extra<Row>): Column<Row>;

/**
 * What `-a`, `-l` or neither make of a socket: all, only servers, all but servers.
 */
declare function kept(server: boolean, view: View): boolean;

/** The words of a closed list, and what each means if it means anything. */
export type Tones = Readonly<Record<string, Tone | null>>;

/** What a column of states declares: its words, and their tones. */
declare function among<Row>(word: (row: Row) => string | null, tones: Tones): Required<Pick<Column<Row>, "words" | "tone">>;

/** The tone of bytes that wait in a queue. */
declare function queueTone<Row>(queue: (row: Row) => Long): (row: Row) => Tone | undefined;

/** The words at the end of a title that say which sockets are listed. */
declare function listed(view: View): string;

/** Whether the text has the `-e` columns. */
declare function extended(view: View): boolean;

/**
 * The user's columns, which the text shows only with `-e`. Rows keep the uid as C
 * prints it, signed.
 */
declare function userColumns<Row extends {
    uid: number;
}>(headerWidth?: number): Columns<Row>;

/** The owner's columns, for a row with an inode: `-p` and `-Z`. */
declare function ownerColumns<Row>(inode: (row: Row) => number | bigint): Columns<Row>;

/** An address of 4 or 16 bytes, in network order; filled anew for each row. */
declare class Address {
    /** The bytes; only the first `length` count. */
    readonly bytes: Uint8Array;
    /** The same bytes, as words in the machine's order. */
    readonly words: Int32Array;
    /** 4 or 16. */
    length: 4 | 16;
    /** Whether all bits are zero. */
    isNull(): boolean;
    /** Whether this is an IPv4-mapped IPv6 address, `::ffff:a.b.c.d`. */
    isMapped(): boolean;
    /** A copy of the bytes. */
    copy(): Uint8Array;
}

/**
 * Reads one 32-bit word of 8 hexadecimal digits, which the kernel prints in the
 * machine's byte order, into four address bytes. Returns a negative number if one
 * of the digits is none.
 */
declare function hexWord(text: Uint8Array, at: number, into: Uint8Array, to: number): number;

/**
 * Writes an address as net-tools does: the longest run of two or more zero groups
 * is `::` (the first one on a tie), IPv4-mapped addresses are dotted quads, and so
 * is the end of an address that starts with exactly six zero groups or with five
 * and `ffff`.
 */
declare function writeAddress(out: Out, address: Address): void;

/** The text of {@linkcode writePlainAddress} as a string. */
declare function spellAddress(address: Address): string;

/**
 * Reads a dotted quad in any form that C's `inet_aton` takes: one to four numbers,
 * decimal, octal (leading 0) or hexadecimal (0x), the last one filling the rest.
 * Returns false if it is none.
 */
declare function parseIpv4(text: string, address: Address): boolean;

/** Reads an IPv6 address, in full or with `::`. Returns false if it is none. */
declare function parseIpv6(text: string, address: Address): boolean;

/**
 * What the function in a family file is called with: the helpers of the families that
 * are built in.
 */
export type Kit = Readonly<{
    left: typeof left;
    right: typeof right;
    fact: typeof fact;
    foreign: typeof foreign;
    kept: typeof kept;
    listed: typeof listed;
    extended: typeof extended;
    among: typeof among;
    queueTone: typeof queueTone;
    userColumns: typeof userColumns;
    ownerColumns: typeof ownerColumns;
    Address: typeof Address;
    hexWord: typeof hexWord;
    parseIpv4: typeof parseIpv4;
    parseIpv6: typeof parseIpv6;
    spellAddress: typeof spellAddress;
    writeAddress: typeof writeAddress;
}>;

/** The helpers. */
declare const kit: Kit;

/** What a family file exports. */
export type FamilyFile = (kit: Kit) => Family;

export type { Line, Address };

/**
 * The option table: net-tools' options in its own order, on which the meaning of
 * abbreviations depends, and then ours. The parser, the help and the tests are made
 * from it. Words that name a family are options like any other here; what a family
 * is, only its plugin knows.
 *
 * @module
 */

import type { Flags } from "../contract/family.ts";
import { getopt, type Switch } from "./getopt.ts";

/** A view: what the program shows instead of sockets. */
export type Mode = "route" | "interfaces" | "masquerade" | "statistics";

/** The languages that a picture is written in. */
export type GraphFormat = "dot" | "mermaid";

/** What the boxes of a picture stand for. */
export type GraphBy = "program" | "unit" | "container" | "address";

/** How rows are written. */
export type Format =
  | "text"
  | "json"
  | "ndjson"
  | "csv"
  | "openmetrics"
  | GraphFormat;

/** Where the kernel's tables can be had. */
export type SourceKind = "procfs" | "netlink";

/** When text is coloured. */
export type Colouring = "auto" | "always" | "never";

const COLOURINGS: readonly Colouring[] = ["auto", "always", "never"];

const CSV_KINDS: readonly string[] = ["safe", "raw"];

const GRAPH_FORMATS: readonly GraphFormat[] = ["dot", "mermaid"];

const GRAPHS_BY: readonly GraphBy[] = [
  "program",
  "unit",
  "container",
  "address",
];

const SOURCE_KINDS: readonly SourceKind[] = ["procfs", "netlink"];

/** What the command line asks for. */
export interface Asked extends Flags {
  /** Modes in the order given, repeats included. */
  modes: Mode[];
  /** Canonical family names in the order given, repeats included. */
  families: string[];
  /** Protocols asked for by an option, by its long name. */
  protocols: Set<string>;
  /** `-g` */
  groups: boolean;
  /** `-n` */
  numeric: boolean;
  /** `-c` */
  continuous: boolean;
  /** `--json`, `--ndjson`, `--csv`, `--openmetrics` */
  format: Format;
  /** `--graph`: a picture in place of rows, in which language. */
  graph: GraphFormat | undefined;
  /** `--graph-by`; programs if it is not given. */
  graphBy: GraphBy | undefined;
  /** `--csv=raw`: texts that a spreadsheet takes for formulas stay as they are. */
  raw: boolean;
  /** Whether there are titles and headers: without `--no-header`. */
  header: boolean;
  /** What is asked of rows, as it was written; see `core/query`. */
  question: Asking;
  /** `--color` */
  color: Colouring;
  /** `--root`; empty for the live system. */
  root: string;
  /** `--netns`: the network namespaces that are looked at, as they were written. */
  netns: string[];
  /** `--resolve-timeout`: how long a listing waits for names, in milliseconds. */
  patience: number;
  /** `--save`: the file that is written in place of a listing. */
  save: string | undefined;
  /** `--force`: a save may take the place of a file. */
  force: boolean;
  /** Whether a save has command lines: without `--no-cmdline`. */
  commands: boolean;
  /**
   * `--for`: the address whose route is looked up or, with `--watch`, how long that goes
   * on; as it was written.
   */
  lookup: string | undefined;
  /** `--diff`: what is compared with. */
  diff: string | undefined;
  /** `--watch`: the seconds between two listings, as they were written. */
  watch: string | undefined;
  /** `--diff-only`: whether nothing is shown of the first listing. */
  changesOnly: boolean;
  /** `--explain`: whether counters are shown with what they mean. */
  explain: boolean;
  /** `--source`: where Internet sockets are taken from; whichever is faster if not given. */
  source: SourceKind | undefined;
  /** `--check`: which checks are asked, as written; all if it is empty. */
  check: string | undefined;
  /** `--interval`: milliseconds from the first look of `--check` to the second one. */
  interval: number;
  /** `--family`: files to load families from. */
  familyFiles: string[];
  /** Words that are no options, which have no effect. */
  operands: string[];
  /** `--check-family`: the file, or the folder, that they are tried on. */
  fixture: string | undefined;
}

/** The options of a question, by their names. */
export interface Asking {
  /** `--label`, each time that it was given. */
  label?: string[];
  /** `--where`, each time that it was given. */
  where?: string[];
  /** `--columns` */
  columns?: string;
  /** `--sort` */
  sort?: string;
  /** `--limit` */
  limit?: string;
  /** `--count` */
  count?: string;
  /** `--sum` */
  sum?: string;
  /** `--until` */
  until?: string;
}

/** What stops the program while options are read. */
export type Stop =
  | {
    readonly stop: "usage";
    /** net-tools' line above the usage text; empty if it has none. */
    readonly error: string;
    /** The word, if no option is called so. */
    readonly unknown?: string;
    /** The views, where there is more than one. */
    readonly modes?: readonly Mode[];
    /** Whether there is a `--root`: the same texts then, however we are called. */
    readonly saved?: boolean;
  }
  | { readonly stop: "help" | "version" | "types" }
  | {
    readonly stop: "error";
    readonly error: string;
    /** Whether it is about the word of a family that nobody knows. */
    readonly unknownFamily?: true;
  };

/** One option. */
export interface Option extends Switch {
  /** What it does, in a few words. */
  readonly help: string;
  /** Where the help lists it. */
  readonly group:
    | "mode"
    | "select"
    | "family"
    | "display"
    | "question"
    | "new";
  /** The only values that it takes. */
  readonly values?: readonly string[];
  /** Whether giving it once more means more. */
  readonly repeats?: boolean;
  /**
   * Whether it only chooses among what net-tools' options show, and how, if need be with
   * which value. One that does not say so is refused where rights are lent (see
   * `privilege.ts`).
   */
  readonly onlyShows?: true | ((value: string) => boolean);
  /** What to do in place of it where rights are lent, if it is refused there. */
  readonly instead?: string;
  /** Records it; a result stops the program. */
  set(asked: Asked, value: string, reading: Reading): Stop | undefined | void;
}

/** The longest family list, and all names together, in bytes. */
const LIST_MOST = 255;

/**
 * How long a listing waits for names, in seconds: as long as the C library asks one
 * name server that does not answer, twice five seconds (resolv.conf(5)).
 */
const RESOLVE_TIMEOUT = 10;

/** Seconds from the first look of `--check` to the second one. */
const INTERVAL = 1;

/** As long as a timer of the runtime goes, in seconds: more than three weeks. */
const TIMEOUT_MOST = 2_147_483;

/**
 * Adds the families of a comma-separated list, as far as net-tools has room for
 * their names.
 */
function addFamilies(
  asked: Asked,
  list: string,
  reading: Reading,
): Stop | void {
  for (const word of list.slice(0, LIST_MOST).split(",")) {
    const name = reading.family(word);
    if (name === undefined) {
      return {
        stop: "error",
        error: `Unknown address family \`${word}'.`,
        unknownFamily: true,
      };
    }
    if ([...asked.families, name].join(",").length > LIST_MOST) {
      reading.warn("Too much address family arguments.");
      return;
    }
    asked.families.push(name);
  }
}

/** An option that names a family. */
function family(long: string, help: string): Option {
  return {
    long,
    help,
    kind: "family",
    group: "family",
    set: (asked, _, reading) => addFamilies(asked, long, reading),
  };
}

/** An option that asks for a protocol. */
function protocol(short: string, long: string, help: string): Option {
  return {
    short,
    long,
    help,
    group: "select",
    set: (asked) => void asked.protocols.add(long),
  };
}

/** An option that chooses a view. */
function mode(short: string, long: Mode, help: string): Option {
  return {
    short,
    long,
    help,
    group: "mode",
    set: (asked) => void asked.modes.push(long),
  };
}

/** The keys of `Asked` that an option just switches on. */
type Switchable = {
  [Key in keyof Asked]: Asked[Key] extends boolean ? Key : never;
}[keyof Asked];

/** An option that switches something on. */
function flag(
  short: string | undefined,
  long: string,
  keys: Switchable | readonly Switchable[],
  help: string,
): Option {
  return {
    ...(short === undefined ? {} : { short }),
    long,
    help,
    group: "display",
    set(asked) {
      for (const key of [keys].flat()) asked[key] = true;
    },
  };
}

/** The option that asks for one more family by a letter. */
function familyLetter(short: string, name: string, help: string): Option {
  return {
    short,
    help,
    group: "select",
    set: (asked, _, reading) => addFamilies(asked, name, reading),
  };
}

/** An option that chooses the format of rows. */
function format(
  long: Exclude<Format, "text" | GraphFormat>,
  help: string,
): Option {
  return {
    long,
    help,
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked) {
      asked.format = long;
    },
  };
}

/** An option of a question. The last one counts. */
function question(
  long: Exclude<keyof Asking, "where" | "label">,
  value: string,
  help: string,
): Option {
  return {
    long,
    value,
    help,
    group: "question",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      asked.question[long] = value;
    },
  };
}

/**
 * The options of net-tools. The order of the long ones, `fib` included, is its own;
 * letters without a long name stand behind them, and then what it once had.
 */
const NET_TOOLS: readonly Option[] = [
  family("ax25", "AX.25"),
  family("x25", "X.25"),
  family("ip", "IPv4, as --inet"),
  family("ipx", "IPX"),
  family("appletalk", "AppleTalk, as --ddp"),
  family("netrom", "NET/ROM"),
  family("inet", "IPv4, as -4"),
  family("inet6", "IPv6, as -6"),
  family("ddp", "AppleTalk DDP"),
  family("rose", "ROSE"),
  family("unix", "UNIX domain, as -x"),
  family("bluetooth", "Bluetooth, as -2f"),
  family("tcpip", "IPv4, as --inet"),
  {
    short: "V",
    long: "version",
    help: "print the version and exit",
    group: "mode",
    set: () => ({ stop: "version" }),
  },
  mode("i", "interfaces", "show network interfaces"),
  {
    short: "h",
    long: "help",
    help: "print this help and exit",
    group: "mode",
    set: () => ({ stop: "help" }),
  },
  mode("r", "route", "show routing tables"),
  mode("M", "masquerade", "show masqueraded connections"),
  {
    short: "A",
    long: "protocol",
    value: "FAMILY,...",
    help: "these address families",
    group: "select",
    repeats: true,
    set: addFamilies,
  },
  protocol("t", "tcp", "TCP"),
  protocol("S", "sctp", "SCTP"),
  protocol("u", "udp", "UDP"),
  protocol("U", "udplite", "UDP-Lite"),
  protocol("w", "raw", "raw IP"),
  {
    short: "x",
    long: "unix",
    kind: "x",
    help: "UNIX domain",
    group: "select",
    set: (asked, _, reading) => addFamilies(asked, "unix", reading),
  },
  protocol("2", "l2cap", "Bluetooth L2CAP"),
  protocol("f", "rfcomm", "Bluetooth RFCOMM"),
  flag("l", "listening", "listening", "only listening sockets"),
  flag("a", "all", "all", "listening sockets and down interfaces too"),
  flag("o", "timers", "timers", "timers"),
  flag("c", "continuous", "continuous", "again every second"),
  {
    short: "e",
    long: "extend",
    help: "more columns; still more if given twice",
    group: "display",
    repeats: true,
    set: (asked) => void asked.extend++,
  },
  flag("p", "programs", "programs", "process id and program of sockets"),
  flag("v", "verbose", "verbose", "say which families the system lacks"),
  mode("s", "statistics", "show counters of each protocol"),
  flag("W", "wide", "wide", "do not cut addresses"),
  flag("n", "numeric", "numeric", "no names (in JSON, those in local files)"),
  flag(undefined, "numeric-hosts", "numericHosts", "no host and network names"),
  flag(undefined, "numeric-ports", "numericPorts", "no service names"),
  flag(undefined, "numeric-users", "numericUsers", "no user names"),
  flag("N", "symbolic", "symbolic", "numeric addresses in routes and SCTP"),
  flag("C", "cache", "cache", "the routing cache"),
  flag("F", "fib", "fib", "the forwarding table (default)"),
  {
    short: "g",
    long: "groups",
    help: "show multicast group memberships",
    group: "mode",
    set(asked) {
      asked.groups = true;
    },
  },
  flag(
    "Z",
    "context",
    ["context", "programs"],
    "SELinux context of sockets' owners",
  ),
  familyLetter("4", "inet", "IPv4"),
  familyLetter("6", "inet6", "IPv6"),
  { short: "d", help: "no effect", group: "display", set: () => {} },
  {
    short: "?",
    help: "print this help on stderr, exit with 3",
    group: "mode",
    set: () => ({ stop: "usage", error: "" }),
  },
  { ...family("econet", "Econet"), exact: true },
  {
    long: "ec",
    help: "Econet, as --econet",
    group: "family",
    exact: true,
    set: (asked, _, reading) => addFamilies(asked, "econet", reading),
  },
  { ...family("ash", "Ash"), exact: true },
];

/** The options that net-tools does not have. */
const NEW: readonly Option[] = [
  format("json", "print one JSON array"),
  format("ndjson", "print one JSON object a line"),
  {
    ...format("csv", "print CSV; raw: texts as they are"),
    value: "HOW",
    values: CSV_KINDS,
    implied: "safe",
    set(asked, value) {
      asked.format = "csv";
      asked.raw = value === "raw";
      return CSV_KINDS.includes(value) ? undefined : {
        stop: "error",
        error: `netstat: --csv is safe (default) or raw, not '${value}'`,
      };
    },
  },
  format("openmetrics", "print --count, -s or -i as OpenMetrics"),
  {
    long: "graph",
    value: "LANGUAGE",
    values: GRAPH_FORMATS,
    help: "draw who talks to whom: dot or mermaid",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      asked.graph = GRAPH_FORMATS.find((one) => one === value);
      return asked.graph !== undefined ? undefined : {
        stop: "error",
        error: `netstat: --graph is dot or mermaid, not '${value}'`,
      };
    },
  },
  {
    long: "graph-by",
    value: "WHAT",
    values: GRAPHS_BY,
    help: "boxes are: program, unit, container, address",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      asked.graphBy = GRAPHS_BY.find((one) => one === value);
      return asked.graphBy !== undefined ? undefined : {
        stop: "error",
        error: "netstat: --graph-by is program (default), unit, container or " +
          `address, not '${value}'`,
      };
    },
  },
  {
    long: "where",
    value: "EXPR",
    help: "only rows that fit, as 'state = LISTEN'",
    group: "question",
    repeats: true,
    exact: true,
    onlyShows: true,
    set: (asked, value) => void (asked.question.where ??= []).push(value),
  },
  question("columns", "LIST", "a table of these; --columns=help lists all"),
  question("sort", "LIST", "in this order; -KEY for largest first"),
  question("limit", "N", "only the first N rows"),
  question("count", "LIST", "how many rows of each, as --count=state"),
  question("sum", "LIST", "sums of these, as --sum=recv_q,send_q"),
  {
    long: "diff",
    value: "BEFORE",
    help: "what differs from this save or tree",
    group: "question",
    exact: true,
    set(asked, value) {
      asked.diff = value;
      return value === ""
        ? { stop: "error", error: "netstat: --diff needs a save or a folder" }
        : undefined;
    },
  },
  {
    long: "watch",
    value: "SECONDS",
    implied: "1",
    help: "again and again, what differs",
    group: "question",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      asked.watch = value;
    },
  },
  {
    long: "diff-only",
    help: "with --watch: nothing of the first listing",
    group: "question",
    exact: true,
    onlyShows: true,
    set(asked) {
      asked.changesOnly = true;
    },
  },
  {
    long: "check",
    value: "CHECK,...",
    implied: "",
    help: "what is wrong here; --check help lists all",
    group: "question",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      asked.check = value;
    },
  },
  {
    long: "interval",
    value: "SECONDS",
    help: "with --check: between its two looks",
    group: "question",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      const seconds = /^(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : NaN;
      asked.interval = 1000 * seconds;
      return seconds <= TIMEOUT_MOST ? undefined : {
        stop: "error",
        error: "netstat: --interval needs a number of seconds, at most " +
          `${TIMEOUT_MOST}: '${value}'`,
      };
    },
  },
  question("until", "EXPR", "watch until a row fits, as 'local_port = 80'"),
  {
    long: "label",
    value: "KEY=VALUE",
    help: "a column of all rows, as --label host=web1",
    group: "question",
    repeats: true,
    exact: true,
    onlyShows: true,
    set: (asked, value) => void (asked.question.label ??= []).push(value),
  },
  {
    long: "explain",
    help: "with -s: what each counter means",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked) {
      asked.explain = true;
    },
  },
  {
    long: "no-header",
    help: "no titles and headers",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked) {
      asked.header = false;
    },
  },
  {
    long: "color",
    value: "WHEN",
    values: COLOURINGS,
    implied: "always",
    help: "colours: auto, always or never (default)",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      const found = COLOURINGS.find((when) => when === value);
      asked.color = found ?? "never";
      return found !== undefined ? undefined : {
        stop: "error",
        error: `netstat: --color is auto, always or never, not '${value}'`,
      };
    },
  },
  {
    long: "family",
    value: "FILE",
    help: "load an address family from a .js or .ts file",
    group: "new",
    repeats: true,
    exact: true,
    set: (asked, value) => void asked.familyFiles.push(value),
  },
  {
    long: "check-family",
    value: "FIXTURE",
    help: "try --family's file on a good table",
    group: "new",
    exact: true,
    set(asked, value) {
      asked.fixture = value;
    },
  },
  {
    long: "family-types",
    help: "print the types for family files",
    group: "new",
    exact: true,
    onlyShows: true,
    set: () => ({ stop: "types" }),
  },
  {
    long: "root",
    value: "DIR",
    help: "read /proc, /sys and /etc under DIR, or a tar",
    group: "new",
    exact: true,
    set(asked, value) {
      asked.root = value;
      return value === ""
        ? { stop: "error", error: "netstat: --root needs a folder" }
        : undefined;
    },
  },
  {
    long: "netns",
    value: "WHICH,...",
    help: "these network namespaces: all, host, NAME",
    group: "new",
    repeats: true,
    exact: true,
    set(asked, value) {
      const words = value.split(",");
      asked.netns.push(...words);
      return words.includes("")
        ? {
          stop: "error",
          error:
            "netstat: --netns needs names of network namespaces, or all: " +
            `'${value}'`,
        }
        : undefined;
    },
  },
  {
    long: "source",
    value: "KIND",
    values: SOURCE_KINDS,
    help: "TCP and UDP from procfs or from netlink",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      asked.source = SOURCE_KINDS.find((kind) => kind === value);
      return asked.source !== undefined ? undefined : {
        stop: "error",
        error: `netstat: --source is procfs or netlink, not '${value}'`,
      };
    },
  },
  {
    long: "save",
    value: "FILE",
    help: "save all that is read in a tar; - is stdout",
    group: "new",
    exact: true,
    // whoever may run the program with more rights may not write files with them
    onlyShows: (value) => value === "-",
    instead: "use --save - > FILE",
    set(asked, value) {
      asked.save = value;
      return value === ""
        ? { stop: "error", error: "netstat: --save needs a file, or -" }
        : undefined;
    },
  },
  {
    long: "force",
    help: "with --save: overwrite the file",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked) {
      asked.force = true;
    },
  },
  {
    long: "no-cmdline",
    help: "with --save: no command lines of processes",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked) {
      asked.commands = false;
    },
  },
  {
    long: "for",
    value: "WHAT",
    help: "-r: the route there; --watch: so long, as 30s",
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      asked.lookup = value;
    },
  },
  {
    long: "resolve-timeout",
    value: "SECONDS",
    help: `wait so long for host names (default ${RESOLVE_TIMEOUT})`,
    group: "new",
    exact: true,
    onlyShows: true,
    set(asked, value) {
      const seconds = /^(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : NaN;
      asked.patience = 1000 * seconds;
      return seconds <= TIMEOUT_MOST ? undefined : {
        stop: "error",
        error: "netstat: --resolve-timeout needs a number of seconds, at " +
          `most ${TIMEOUT_MOST}: '${value}'`,
      };
    },
  },
];

/** All options. */
export const OPTIONS: readonly Option[] = [
  ...NET_TOOLS.map((option): Option => ({ ...option, onlyShows: true })),
  ...NEW,
];

/** The first option that does more than show what net-tools could, if there is one. */
export function firstBeyond(
  words: readonly string[],
  posix: boolean,
): Option | undefined {
  for (const found of getopt(words, OPTIONS, posix)) {
    if (!("option" in found)) continue;
    const { onlyShows = false } = found.option;
    const shows = typeof onlyShows === "function"
      ? onlyShows(found.value)
      : onlyShows;
    if (!shows) return found.option;
  }
  return undefined;
}

/**
 * The values of one of our own options, wherever they stand before the first error:
 * what other options mean can depend on them.
 */
export function valuesOf(
  long: string,
  words: readonly string[],
  posix: boolean,
): string[] {
  return [...getopt(words, OPTIONS, posix)].flatMap((found) =>
    "option" in found && found.option.long === long ? [found.value] : []
  );
}

/** How the command line is read. */
export interface Reading {
  /** Whether the first operand ends the options. */
  readonly posix: boolean;
  /** The canonical name of the family that `-A word` asks for. */
  family(word: string): string | undefined;
  /** Whether SELinux is on, on the live system or under a root. */
  selinux(root: string): boolean;
  /** Tells the user what does not stop the program. */
  warn(message: string): void;
}

/**
 * Works through the command line from left to right, as net-tools does: what stops
 * the program does so where it stands. Words, and texts that quote them, are byte
 * strings.
 */
export function readOptions(
  words: readonly string[],
  reading: Reading,
): Asked | Stop {
  const asked = nothing();
  asked.root = valuesOf("root", words, reading.posix).at(-1) ?? "";
  for (const f of getopt(words, OPTIONS, reading.posix)) {
    if ("error" in f) {
      return { stop: "usage", ...f, saved: asked.root !== "" };
    }
    if ("operand" in f) {
      asked.operands.push(f.operand);
      continue;
    }
    const stop = f.option.set(asked, f.value, reading);
    if (stop) return stop;
    if (f.option.short === "Z" && !reading.selinux(asked.root)) {
      return {
        stop: "error",
        error: "SELinux is not enabled on this machine.",
      };
    }
  }
  numbersOnly(asked);
  const { modes } = asked;
  if (modes.length > 1) return { stop: "usage", error: "", modes };
  if (asked.explain && modes[0] !== "statistics") {
    return {
      stop: "error",
      error:
        "netstat: --explain is about counters: type 'netstat -s --explain'",
    };
  }
  return asked;
}

/**
 * What `-n` means: nobody is asked for a name. In JSON, where the numbers stand beside
 * the names, those of services and users that this machine's own files have are told.
 */
function numbersOnly(asked: Asked): void {
  if (!asked.numeric) return;
  asked.numericHosts = true;
  if (asked.format !== "text") return;
  asked.numericPorts = true;
  asked.numericUsers = true;
}

function nothing(): Asked {
  return {
    modes: [],
    families: [],
    protocols: new Set(),
    groups: false,
    all: false,
    listening: false,
    extend: 0,
    timers: false,
    programs: false,
    context: false,
    wide: false,
    verbose: false,
    symbolic: false,
    numericHosts: false,
    numericPorts: false,
    numericUsers: false,
    numeric: false,
    continuous: false,
    cache: false,
    fib: false,
    format: "text",
    graph: undefined,
    graphBy: undefined,
    raw: false,
    header: true,
    question: {},
    color: "never",
    root: "",
    netns: [],
    patience: 1000 * RESOLVE_TIMEOUT,
    save: undefined,
    force: false,
    commands: true,
    lookup: undefined,
    diff: undefined,
    watch: undefined,
    changesOnly: false,
    explain: false,
    source: undefined,
    check: undefined,
    interval: 1000 * INTERVAL,
    familyFiles: [],
    operands: [],
    fixture: undefined,
  };
}

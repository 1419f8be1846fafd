/**
 * The option table: net-tools' options in its own order, on which the meaning of
 * abbreviations depends, and then ours. The parser, the help and the tests are made
 * from it. Words that name a family are options like any other here; what a family
 * is, only its plugin knows.
 *
 * @module
 */

import type { Flags } from "./family.ts";
import { getopt, type Switch } from "./getopt.ts";

/** A view: what the program shows instead of sockets. */
export type Mode = "route" | "interfaces" | "masquerade" | "statistics";

/** How rows are written. */
export type Format = "text" | "json" | "ndjson";

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
  /** `-c` */
  continuous: boolean;
  /** `--json`, `--ndjson` */
  format: Format;
  /** `--root`; empty for the live system. */
  root: string;
  /** `--family`: files to load families from. */
  familyFiles: string[];
}

/** What stops the program while options are read. */
export type Stop =
  | {
    readonly stop: "usage";
    readonly error: string;
    /** Whether there is a `--root`: the same texts then, however we are called. */
    readonly saved?: boolean;
  }
  | { readonly stop: "help" | "version" }
  | { readonly stop: "error"; readonly error: string };

/** One option. */
export interface Option extends Switch {
  /** What it does, for the help; an option without one is not listed. */
  readonly help?: string;
  /** Where the help lists it. */
  readonly group?: "mode" | "display" | "select" | "family" | "new";
  /** Records it; a result stops the program. */
  set(asked: Asked, value: string, reading: Reading): Stop | undefined | void;
}

/** The longest family list, and all names together, in bytes. */
const LIST_MOST = 255;

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
function family(long: string): Option {
  return {
    long,
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
function format(long: Exclude<Format, "text">, help: string): Option {
  return {
    long,
    help,
    group: "new",
    exact: true,
    set(asked) {
      asked.format = long;
    },
  };
}

/**
 * All options. The order of the long ones, `fib` included, is net-tools'; letters
 * without a long name and new options stand behind them.
 */
export const OPTIONS: readonly Option[] = [
  family("ax25"),
  family("x25"),
  family("ip"),
  family("ipx"),
  family("appletalk"),
  family("netrom"),
  family("inet"),
  family("inet6"),
  family("ddp"),
  family("rose"),
  family("unix"),
  family("bluetooth"),
  family("tcpip"),
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
  flag(
    "a",
    "all",
    "all",
    "listening sockets too; interfaces that are down too",
  ),
  flag("o", "timers", "timers", "timers"),
  flag("c", "continuous", "continuous", "again every second"),
  {
    short: "e",
    long: "extend",
    help: "more columns; still more if given twice",
    group: "display",
    set: (asked) => void asked.extend++,
  },
  flag("p", "programs", "programs", "process id and program of sockets"),
  flag("v", "verbose", "verbose", "say which families the system lacks"),
  mode("s", "statistics", "show counters of each protocol"),
  flag("W", "wide", "wide", "do not cut addresses"),
  flag(
    "n",
    "numeric",
    ["numericHosts", "numericPorts", "numericUsers"],
    "no names at all",
  ),
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
  { short: "d", set: () => {} },
  { short: "?", set: () => ({ stop: "usage", error: "" }) },
  { ...family("econet"), exact: true },
  {
    long: "ec",
    exact: true,
    set: (asked, _, reading) => addFamilies(asked, "econet", reading),
  },
  { ...family("ash"), exact: true },
  format("json", "print one JSON array"),
  format("ndjson", "print one JSON object a line"),
  {
    long: "family",
    value: "FILE",
    help: "load one more address family from a .js or .ts file",
    group: "new",
    exact: true,
    set: (asked, value) => void asked.familyFiles.push(value),
  },
  {
    long: "root",
    value: "DIR",
    help: "read /proc, /sys and /etc under DIR",
    group: "new",
    exact: true,
    set(asked, value) {
      asked.root = value;
      return value === ""
        ? { stop: "error", error: "netstat: --root needs a folder" }
        : undefined;
    },
  },
];

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
      return { stop: "usage", error: f.error, saved: asked.root !== "" };
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
  if (asked.modes.length > 1) return { stop: "usage", error: "" };
  return asked;
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
    continuous: false,
    cache: false,
    fib: false,
    format: "text",
    root: "",
    familyFiles: [],
  };
}

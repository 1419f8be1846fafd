/**
 * What `--graph` and `--graph-by` make of the other options: which sockets are drawn, and
 * what must be known of each.
 *
 * @module
 */

import {
  type Asked,
  type Asking,
  type GraphBy,
  type Mode,
  OPTIONS,
  type Stop,
} from "./options.ts";

/** The protocols of the Internet whose sockets can be drawn. */
const PROTOCOLS: readonly string[] = ["tcp", "udp", "udplite"];

/** The families of those. */
const INTERNET: readonly string[] = ["inet", "inet6"];

/** The family of sockets that are drawn by their paths. */
const UNIX = "unix";

/** What is known of who has a socket, and of who has the one at the other end. */
const OWNERS: Readonly<Record<GraphBy, readonly string[]>> = {
  program: ["program_name", "peer_program"],
  unit: ["pid", "peer_pid", "unit", "peer_unit"],
  container: ["pid", "peer_pid", "container", "peer_container"],
  address: [],
};

/** Which options are about rows, which a picture has none of. */
const OF_ROWS: readonly Exclude<keyof Asking, "where" | "until">[] = [
  "columns",
  "count",
  "sum",
  "sort",
  "limit",
  "label",
];

/** What the picture is drawn of: the connections of sockets, with who has them. */
export function graph(asked: Asked): Asked | Stop {
  const { graph: language, graphBy: by = "program", netns } = asked;
  if (language === undefined) {
    return refusal("-by chooses what --graph draws: add --graph=dot");
  }
  const reason = conflict(asked);
  if (reason !== undefined) return refusal(reason);
  const { families, protocols } = asked;
  const unix = families.includes(UNIX);
  const isDefault = families.length === 0 && protocols.size === 0;
  const whole = isDefault || families.some((name) => INTERNET.includes(name));
  const drawn = protocols.size === 0 && whole
    ? new Set(["tcp", "udp"])
    : protocols;
  const columns = [
    ...["proto", "state", "inode", "peer_inode"],
    ...drawn.size === 0 ? [] : [
      ...["local_address", "local_port", "foreign_address", "foreign_port"],
      ...asked.numericPorts ? [] : ["local_service", "foreign_service"],
      ...asked.numericHosts ? [] : ["foreign_host"],
    ],
    ...unix ? ["type", "path", "peer_path"] : [],
    ...netns.length > 0 ? ["netns", "netns_name"] : [],
    ...OWNERS[by],
  ];
  return {
    ...asked,
    graphBy: by,
    format: language,
    protocols: drawn,
    all: asked.all || !asked.listening,
    question: { ...asked.question, columns: columns.join() },
  };
}

/**
 * The question which sockets others connect to. It is asked of all, whatever is drawn:
 * by them it is known who called whom.
 */
export function serversOf(
  { netns, families, protocols }: Pick<
    Asked,
    "netns" | "families" | "protocols"
  >,
): Asking {
  const internet = protocols.size > 0;
  const unix = families.includes(UNIX);
  const columns = [
    "proto",
    ...internet ? ["local_address", "local_port"] : [],
    ...unix ? ["path"] : [],
    ...netns.length > 0 ? ["netns", "netns_name"] : [],
  ];
  const tests = [
    // those of UDP have no state
    ...internet ? ["foreign_port = 0"] : [],
    ...unix ? ["state = LISTENING"] : [],
  ];
  return { where: [tests.join(" or ")], columns: columns.join() };
}

function refusal(reason: string): Stop {
  return { stop: "error", error: `netstat: --graph${reason}` };
}

/** Why a picture cannot be drawn of that; undefined if it can. */
function conflict(asked: Asked): string | undefined {
  const { modes, groups, format, question, families, protocols } = asked;
  const shown = modes[0] ?? (groups ? "groups" : undefined);
  if (shown !== undefined) {
    return ` draws sockets: leave ${spelled(shown)} out`;
  }
  if (format !== "text") return ` and --${format} are two formats: take one`;
  if (asked.save !== undefined) {
    return " draws, and --save keeps: take one, and draw the save by --root FILE";
  }
  const again = asked.continuous
    ? "-c"
    : asked.watch !== undefined
    ? "--watch"
    : question.until !== undefined
    ? "--until"
    : undefined;
  if (again !== undefined) return ` draws how it is now: leave ${again} out`;
  if (asked.diff !== undefined) {
    return " draws one listing, and --diff compares two: leave --diff out";
  }
  if (asked.changesOnly) return " compares nothing: leave --diff-only out";
  const rows = OF_ROWS.find((option) => question[option] !== undefined);
  if (rows !== undefined) {
    return ` counts what it draws, and has no rows: leave --${rows} out ` +
      "(--where chooses what is drawn)";
  }
  if (asked.lookup !== undefined) {
    return " draws sockets: leave --for out";
  }
  const protocol = [...protocols].find((name) => !PROTOCOLS.includes(name));
  const family = families.find((name) => ![...INTERNET, UNIX].includes(name));
  if (protocol !== undefined || family !== undefined) {
    const other = protocol === undefined ? `-A ${family}` : spelled(protocol);
    return ` draws TCP, UDP, UDP-Lite and UNIX sockets: leave ${other} out`;
  }
  return asked.graphBy === "address" && families.includes(UNIX)
    ? "-by=address cannot draw UNIX sockets, which have none: leave -x out"
    : undefined;
}

/** An option as it is typed. */
function spelled(long: Mode | string): string {
  const option = OPTIONS.find((option) => option.long === long);
  return option?.short === undefined ? `--${long}` : `-${option.short}`;
}

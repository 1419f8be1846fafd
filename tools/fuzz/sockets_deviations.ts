/**
 * Where our listings of sockets differ from the reference's.
 *
 * @module
 */

import { NOTHING } from "./cases.ts";
import { dropping, edited } from "./edit.ts";
import type { Deviation, Input, Tree } from "./format.ts";
import { type Field, scan, valueOf } from "./scanf.ts";

const inetFiles = (...names: string[]) =>
  names.flatMap((name) => [`/proc/net/${name}`, `/proc/net/${name}6`]);

const INET = {
  paths: inetFiles("tcp", "udp", "udplite", "raw"),
  limit: 8191,
  header: 1,
};
const TCP = { ...INET, paths: inetFiles("tcp") };
const DATAGRAMS = { ...INET, paths: inetFiles("udp", "udplite", "raw") };
const UNIX = { paths: ["/proc/net/unix"], limit: 8191, header: 1 };
const IPX = { paths: ["/proc/net/ipx/socket"], limit: 254, header: 1 };
const SHORT = { limit: 255, header: 1 };
const X25_FORMER = "/proc/net/x25";
const X25_PATH = "/proc/net/x25/socket";
const X25 = { ...SHORT, paths: [X25_FORMER, X25_PATH] };
const NETROM = { ...SHORT, paths: ["/proc/net/nr"] };
const ROSE = { ...SHORT, paths: ["/proc/net/rose"] };

/** A line of tcp, udp, udplite or raw; so many fields it has. */
const INET_LINE =
  "%d: %64[0-9A-Fa-f]:%X %64[0-9A-Fa-f]:%X %X %lX:%lX %X:%lX %lX %d %d %lu";
const INET_FIELDS = 14;
const STATE = 5;

function inetLine(line: string): Field[] {
  return scan(INET_LINE, line);
}

/** The value of a field that the reference keeps in 32 bits. */
function int(field: Field, base: 10 | 16): number {
  const value = valueOf(field, base);
  // `%X` is unsigned: beyond either end it is all ones; `%d` stops at the end of 64 bits
  const most = base === 16 ? 2n ** 64n - 1n : 2n ** 63n - 1n;
  const least = base === 16 ? -most : -most - 1n;
  const below = base === 16 ? most : least;
  const held = value > most ? most : value < least ? below : value;
  return Number(BigInt.asIntN(32, held));
}

/** Puts zeros in the place of fields that are not there. */
function zeros(line: string, fields: readonly Field[], all: number): string {
  const end = fields.at(-1)?.end ?? 0;
  return line.slice(0, end) + " 0".repeat(all - fields.length);
}

/** Fills up lines that have at least so many fields, which make a good line. */
function filled(
  edit: typeof INET,
  least: number,
): (input: Input) => Input | undefined {
  return (input) =>
    edited(input, {
      ...edit,
      line(line) {
        const fields = inetLine(line);
        return fields.length < least || fields.length === INET_FIELDS
          ? line
          : zeros(line, fields, INET_FIELDS);
      },
    });
}

/** Whether an address is too long for IPv4 and too short for IPv6. */
function isHalfAddress([, local, , remote]: readonly Field[]): boolean {
  const [here, there] = [local, remote].map((field) => field?.text.length ?? 0);
  return here! > 8 && (here! < 32 || (there! < 32 && there! > 0));
}

const inet: readonly Deviation[] = [
  {
    reason:
      "A state that has no name is told by its number; net-tools shows what lies in memory behind the names, or crashes.",
    without: dropping({
      ...TCP,
      bad(line) {
        const fields = inetLine(line);
        const state = fields[STATE] && int(fields[STATE], 16);
        return fields.length >= 11 && (state! < 0 || state! > 11);
      },
    }),
  },
  {
    reason:
      "An address of 9 to 31 digits is malformed; net-tools mixes in that of the line before.",
    without: dropping({
      ...INET,
      bad: (line) => isHalfAddress(inetLine(line)),
    }),
  },
  {
    reason:
      "Fields that are missing are 0; net-tools shows those of the line before.",
    instead: (input) => {
      const first = filled(TCP, 11)(input);
      return filled(DATAGRAMS, 10)(first ?? input) ?? first;
    },
  },
];

const UNIX_LINE = "%p: %lX %lX %lX %X %X %lu %s";
const UNIX_LEAST = 6;

/** Where the reference's room for a path ends. */
const PATH_ROOM = 4096;

const unix: readonly Deviation[] = [
  {
    reason:
      "Fields that are missing are 0; net-tools shows those of the line before.",
    instead: (input) =>
      edited(input, {
        ...UNIX,
        line(line) {
          const fields = scan(UNIX_LINE, line);
          return fields.length === UNIX_LEAST
            ? zeros(line, fields, UNIX_LEAST + 1)
            : line;
        },
      }),
  },
  {
    reason:
      "Where a header tells of no inodes, a line without a number has its own path; net-tools shows the number of a line before in its place.",
    without: (input) =>
      input.tree.get(UNIX.paths[0]!)?.split("\n")[0]?.includes("Inode")
        ? undefined
        : dropping({
          ...UNIX,
          bad: (line) => scan(UNIX_LINE, line).length === UNIX_LEAST,
        })(input),
  },
  {
    reason:
      "A UNIX path of any length is shown; net-tools has room for 4095 bytes.",
    without: dropping({
      ...UNIX,
      bad: (line) => (scan(UNIX_LINE, line)[7]?.text.length ?? 0) >= PATH_ROOM,
    }),
  },
];

const SCTP = { limit: 8191, header: 1 };
const ENDPOINTS = {
  ...SCTP,
  paths: ["/proc/net/sctp/eps", "/proc/net/sctp6/eps"],
};
const ASSOCIATIONS = {
  ...SCTP,
  paths: ["/proc/net/sctp/assocs", "/proc/net/sctp6/assocs"],
};

/** What follows so many words of a line; undefined if there are fewer. */
function behind(line: string, words: number): string | undefined {
  const text = line.split("\0")[0]!;
  const word = /[ \t]*[^ \t\n]+[ \t\n]?/y;
  for (let i = 0; i < words; i++) if (!word.test(text)) return undefined;
  return text.slice(word.lastIndex);
}

/** The lists of addresses that stand behind so many words. */
function lists(line: string, words: number, between: RegExp): string[] {
  return (behind(line, words) ?? "").split(between)
    .filter((piece) => piece !== "");
}

/** Whether an IPv6 address is not spelled as the kernel spells it. */
function isOddSctp(list: string): boolean {
  return list.split(" ").some((word) =>
    word.includes(":") && !/^\*?[0-9a-f]{4}(:[0-9a-f]{4}){7}$/i.test(word)
  );
}

const endpointLists = (line: string) => lists(line, 8, /[\t\n]+/).slice(0, 1);
const associationLists = (line: string) =>
  lists(line, 13, /[<>\t\n-]+/).slice(0, 2);

const sctp: readonly Deviation[] = [
  {
    reason:
      "SCTP's IPv6 addresses may be shortened; net-tools goes by position and reads what lies behind.",
    without(input) {
      const first = dropping({
        ...ENDPOINTS,
        // a `*` is no part of an endpoint's address
        bad: (line) =>
          endpointLists(line).some((list) =>
            isOddSctp(list.replaceAll("*", "*:"))
          ),
      })(input);
      return dropping({
        ...ASSOCIATIONS,
        bad: (line) => associationLists(line).some(isOddSctp),
      })(first ?? input) ?? first;
    },
  },
  {
    reason:
      "An SCTP association without addresses is malformed; net-tools crashes or makes some up.",
    without: dropping({
      ...ASSOCIATIONS,
      bad: (line) =>
        behind(line, 13) !== undefined && associationLists(line).length < 2,
    }),
  },
];

const IPX_LINE = "%s %s %lX %lX %d %d";
const IPX_FIELDS = 6;

/** Whether a word that has a colon is no address as a kernel could write it. */
function isOddIpx({ text }: Field): boolean {
  return text.includes(":") &&
    !/^[0-9a-f]{1,8}(:[^:]*)?:[0-9a-f]{1,4}$/i.test(text);
}

/** Swaps the two bytes of the socket, the last part of an IPX address. */
function swapped(word: string): string {
  return word.replace(
    /:([0-9a-f]{1,4})$/i,
    (_, socket: string) =>
      `:${socket.padStart(4, "0").replace(/(..)(..)/, "$2$1")}`,
  );
}

const ipx: readonly Deviation[] = [
  {
    reason:
      "A line without addresses is told and left out; net-tools makes something of the line before, or ends.",
    without: dropping({
      ...IPX,
      bad: (line) => scan(IPX_LINE, line).length < 2,
    }),
  },
  {
    reason:
      "IPX networks have 32 bits and sockets 16; of more digits net-tools makes other numbers.",
    without: dropping({
      ...IPX,
      bad: (line) => scan(IPX_LINE, line).slice(0, 2).some(isOddIpx),
    }),
  },
  {
    reason:
      "Fields that are missing are 0; net-tools shows those of the line before.",
    instead: (input) =>
      edited(input, {
        ...IPX,
        line(line) {
          const fields = scan(IPX_LINE, line);
          return fields.length === IPX_FIELDS
            ? line
            : zeros(line, fields, IPX_FIELDS);
        },
      }),
  },
  {
    reason:
      "IPX sockets are numbered as the file says; net-tools swaps the two bytes.",
    instead: (input) =>
      edited(input, {
        ...IPX,
        line: (line) =>
          line.replace(
            /^([ \t\v\f\r]*[^ \t\v\f\r]+)([ \t\v\f\r]+)([^ \t\v\f\r]+)/,
            (_, local, blanks, remote) =>
              swapped(local) + blanks + swapped(remote),
          ),
      }),
  },
];

/** A line of X.25's table that net-tools, which goes by position, reads right. */
const X25_LINE =
  /^(?=.{10} )[!-~]+ +(?<=^.{11})(?=.{10} )[!-~]+ +(?<=^.{22})[!-~]{1,15} +\d{1,9}( +[0-4])( +\d+){10}/;

/** The files with that of X.25 where the reference looks. */
function x25Moved(files: Tree): Tree {
  const moved = new Map(files);
  const file = moved.get(X25_PATH);
  if (file === undefined) return files;
  moved.delete(X25_PATH);
  // a link to itself stays one
  return moved.set(X25_FORMER, file === "socket" ? "x25" : file);
}

const x25: readonly Deviation[] = [
  {
    reason:
      "X.25's table is read by its blanks, and a bad line is told; net-tools goes by position and shows values of the line before.",
    without: dropping({ ...X25, bad: (line) => !X25_LINE.test(line) }),
  },
  {
    reason:
      "X.25 sources of ten digits are whole; net-tools loses the last digit.",
    without: dropping({
      ...X25,
      paths: [X25_PATH],
      bad: (line) => /^.{11}\S{10}/.test(line),
    }),
  },
  {
    reason:
      "The kernel's file is read, /proc/net/x25/socket; net-tools opens the folder that it is in.",
    instead(input) {
      const { tree, links, denied } = input;
      if (!tree.has(X25_PATH) && !links?.has(X25_PATH)) return undefined;
      // then there is the folder alone, which both show as a table without rows
      if (links?.get(X25_PATH) === NOTHING) return undefined;
      return {
        ...input,
        tree: x25Moved(tree),
        links: x25Moved(links ?? new Map()),
        ...(denied === undefined ? {} : {
          denied: denied.map((path) => path === X25_PATH ? X25_FORMER : path),
        }),
      };
    },
    expected: ({ tree, links }, { stderr, ...rest }) =>
      tree.has(X25_PATH) || links?.has(X25_PATH)
        ? {
          ...rest,
          stderr: stderr.replace(`${X25_FORMER}: `, `${X25_PATH}: `),
        }
        : undefined,
  },
];

/** Words for which net-tools has no room: addresses, calls, the device. */
const ROSE_ROOM = [9, 8, 9, 8, 5];
const ROSE_LINE = "%s %s %s %s %s %d %d %d";

/** The longest name of a device. */
const DEVICE_ROOM = 15;

const AX25_NUMBERS = `%d %d %d${" %d".repeat(14)} %d %d`;
const AX25_OLD = `%s %d %d %d %d${" %d/%d".repeat(5)} %d %d %d %d %d`;
const NETROM_LINE = `%s %x/%x %x/%x %d %d %d %d${" %d/%d".repeat(5)} %d %d %d`;

/** Whether a number is none of the states, of which there are so many. */
function isUnknown(state: Field | undefined, states: number): boolean {
  if (state === undefined) return false;
  const value = int(state, 10);
  return value < 0 || value >= states;
}

/** The fields of a line of AX.25's table, from the state on. */
function ax25Fields(line: string, old: boolean): Field[] {
  return old
    ? scan(AX25_OLD, line.slice(20)).slice(1)
    : scan(AX25_NUMBERS, line.split(" ").slice(4).join(" "));
}

/** Whether AX.25's table is that of an old kernel. */
function isOldAx25({ tree }: Input): boolean {
  return tree.get("/proc/net/ax25")?.startsWith("dest_addr") ?? false;
}

const packetRadio: readonly Deviation[] = [
  {
    reason:
      "ROSE's words are whole; those for which net-tools has no room blank others.",
    without: dropping({
      ...ROSE,
      bad: (line) =>
        scan(ROSE_LINE, line).slice(0, 5)
          .some(({ text }, i) => text.length > ROSE_ROOM[i]!),
    }),
  },
  {
    reason:
      "A device's name of any length is shown; for one that no device can have net-tools has no room.",
    without(input) {
      const old = isOldAx25(input);
      const long = (format: string) => (line: string) =>
        (scan(format, line)[0]?.text.length ?? 0) > DEVICE_ROOM;
      const first = dropping({
        ...NETROM,
        bad: (line) => long(NETROM_LINE)(line.slice(30)),
      })(input);
      return !old ? first : dropping({
        ...SHORT,
        paths: ["/proc/net/ax25"],
        bad: (line) => long(AX25_OLD)(line.slice(20)),
      })(first ?? input) ?? first;
    },
  },
  {
    reason:
      "A state that has no name is told by its number; net-tools shows what lies in memory behind the names, or crashes.",
    without(input) {
      const old = isOldAx25(input);
      const edits = [
        {
          ...ROSE,
          bad: (line: string) => isUnknown(scan(ROSE_LINE, line)[7], 4),
        },
        {
          ...NETROM,
          bad(line: string) {
            const fields = scan(NETROM_LINE, line.slice(30));
            return isUnknown(fields[5], 4);
          },
        },
        {
          ...SHORT,
          paths: ["/proc/net/ax25"],
          header: old ? 1 : 0,
          bad: (line: string) => isUnknown(ax25Fields(line, old)[0], 5),
        },
      ];
      let changed: Input | undefined;
      for (const edit of edits) {
        changed = dropping(edit)(changed ?? input) ?? changed;
      }
      return changed;
    },
  },
  {
    reason:
      "A line that ends before its fields begin is a problem; net-tools reads on in the line before.",
    without(input) {
      const old = isOldAx25(input);
      const first = dropping({
        ...NETROM,
        bad: (line) => line.length < 30 || line.includes("\0"),
      })(input);
      return dropping({
        ...SHORT,
        paths: ["/proc/net/ax25"],
        header: old ? 1 : 0,
        bad: (line) =>
          line.includes("\0") ||
          (old ? line.length < 21 : line.split(" ").length < 5),
      })(first ?? input) ?? first;
    },
  },
];

const NO_BLUETOOTH = "netstat: feature `AF BLUETOOTH' not supported.\n";

/** The option, or what is short for it. */
const TCPIP = /^--tcpip?$/;

/** The input without some words of the command line. */
function withoutWords(words: RegExp, input: Input): Input | undefined {
  const args = input.args.filter((word) => !words.test(word));
  return args.length < input.args.length ? { ...input, args } : undefined;
}

const others: readonly Deviation[] = [
  {
    reason:
      "Debian builds net-tools without Bluetooth; we have it, and a system without it is told like any other.",
    without(input) {
      const tree = new Map(
        [...input.tree].filter(([path]) =>
          !path.startsWith("/sys/kernel/debug/bluetooth/")
        ),
      );
      const other = withoutWords(/^(-2|-f|--bluetooth|-Abluetooth)$/, input);
      return tree.size < input.tree.size
        ? { ...(other ?? input), tree }
        : other;
    },
    expected: (_input, { stderr }) =>
      stderr.includes(NO_BLUETOOTH) ? "sane" : undefined,
  },
  {
    reason:
      "`--tcpip` is a fault of 2.10 (an internal error, and no effect); here it is `--inet`, as its manual says.",
    instead: (input) =>
      input.args.some((word) => TCPIP.test(word))
        ? {
          ...input,
          args: input.args.map((word) => TCPIP.test(word) ? "--inet" : word),
        }
        : undefined,
  },
  {
    reason:
      "Control bytes in a program's name never reach a terminal: each is printed as a dot, newlines too.",
    instead(input) {
      const tree = new Map(input.tree);
      for (const [path, text] of tree) {
        if (!path.endsWith("/cmdline")) continue;
        tree.set(path, text.replaceAll("\n", "."));
      }
      const same = [...tree].every(([path, text]) =>
        input.tree.get(path) === text
      );
      return same ? undefined : { ...input, tree };
    },
  },
  {
    reason:
      "Asking for DDP lists its sockets, or says that there is no support, instead of being ignored.",
    without: (input) =>
      withoutWords(/^-A(ddp|appletalk)$|^--(dd?p?|ap.*)$/, input),
    expected: ({ args }) =>
      args.some((word) => /ddp|appletalk/.test(word)) ? "sane" : undefined,
  },
  {
    reason:
      "Asking for a family that has no file says so, instead of listing all families.",
    without: (input) => withoutWords(/^-A(econet|ash)$/, input),
    expected: ({ args }) =>
      args.some((word) => /econet|ash/.test(word)) ? "sane" : undefined,
  },
];

/** All of them, in the order in which they are applied. */
export const DEVIATIONS: readonly Deviation[] = [
  ...inet,
  ...unix,
  ...sctp,
  ...ipx,
  ...x25,
  ...packetRadio,
  ...others,
];

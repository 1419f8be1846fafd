/**
 * `-r` of IPX, AppleTalk and X.25.
 *
 * @module
 */

import { dropping } from "./edit.ts";
import type { Deviation, Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { isBlank } from "./scanf.ts";
import { device, hex, reasonOf, routeFlags } from "./values.ts";

/** `ipx_seq_route_show`, at its two places. */
function ipx(path: string): Format {
  return {
    path,
    header: ["Network    Router_Net   Router_Node"],
    line: (random) =>
      `${hex(random, 8)}   ` +
      (random.once(2)
        ? "Directly     Connected"
        : `${hex(random, 8)}     ${hex(random, 12)}`),
  };
}

/** `atalk_seq_route_show`, where net-tools looks for it. */
const appletalk: Format = {
  path: "/proc/net/atalk_route",
  header: ["Target        Router  Flags Dev"],
  line(random) {
    const address = () => `${random.hex(4)}:${random.hex(2)}`;
    const target = random.once(4) ? "Default" : address();
    return `${target}     ${address()}  ${routeFlags(random) | 0}     ` +
      device(random);
  },
};

/** `x25_seq_route_show`, at its two places. */
function x25(path: string): Format {
  return {
    path,
    header: ["Address          Digits  Device"],
    line(random) {
      const digits = random.between(0, 15);
      const address = Array.from({ length: digits }, () => random.below(10));
      return `${address.join("").padEnd(15)}  ${`${digits}`.padEnd(6)}  ` +
        random.pick(["x25d0", "lapb0", "???"]).padEnd(5);
    },
  };
}

const FAMILIES = [["--ipx"], ["--ddp"], ["--x25"], ["-A", "x25,ipx,ddp"]];

function args(random: Random): string[] {
  const options = ["-n", "-e", "-C", "-v", "-W"];
  const some = random.some(options).filter(() => random.once(2));
  return ["-r", ...random.pick(FAMILIES), ...some];
}

const APPLETALK_HEADER = appletalk.header[0]!;

const deviations: readonly Deviation[] = [
  {
    reason:
      "Words of IPX's routes have any length; net-tools has no room for more than 127 bytes and mixes them up.",
    without: dropping({
      paths: ["/proc/net/ipx/route", "/proc/net/ipx_route"],
      limit: 1022,
      header: 1,
      bad: (line) => /[^ \t\v\f\r]{128}/.test(line),
    }),
  },
  {
    reason:
      "X.25's routes are read by their columns, and a bad line is told; net-tools shows values of the line before.",
    without: dropping({
      paths: ["/proc/net/x25/route", "/proc/net/x25_routes"],
      limit: 255,
      header: 1,
      bad(line) {
        const [digits, device] = [line.slice(17, 24), line.slice(25, 35)];
        return line.slice(0, 35).includes("\0") ||
          !/^[ \t-\r]*[-+]?\d/.test(digits) || isBlank(device);
      },
    }),
  },
  {
    reason:
      "A file that is there, but cannot be opened, has its own reason; net-tools gives that of the other one.",
    expected(input, { stdout, stderr, exit }) {
      const [first, second] = ["/proc/net/ipx/route", "/proc/net/ipx_route"]
        .map((path) => reasonOf(path, input));
      const ours = first === "No such file or directory" ? second : first;
      const told =
        /^(No such file or directory|Permission denied|Too many levels .*)$/m;
      return { stdout, stderr: stderr.replace(told, ours!), exit };
    },
  },
  {
    reason:
      "A route of AppleTalk is a line, and a bad one is told; net-tools takes each four words for a route.",
    without(input) {
      const text = input.tree.get(appletalk.path);
      if (text === undefined) return undefined;
      const [header, ...lines] = text.split("\n");
      const good = lines.filter((line) => {
        const words = wordsOf(line);
        return words.length === 4 && /^[-+]?\d/.test(words[2]!) &&
          !line.includes("\0") && line.length < LINE_MOST;
      });
      const isUsual = wordsOf(header!).length === 4;
      const other = [isUsual ? header : APPLETALK_HEADER, ...good];
      const changed = other.map((line) => `${line}\n`).join("");
      return changed === text || changed === `${text}\n`
        ? undefined
        : { ...input, tree: new Map(input.tree).set(appletalk.path, changed) };
    },
  },
];

/** The program cuts lines of AppleTalk's routes there, and takes the rest for another. */
const LINE_MOST = 256 * 1024;

/** The words of a line as C has them, to which a no-break space is no blank. */
function wordsOf(line: string): string[] {
  return line.split(/[ \t\v\f\r]+/).filter((word) => word !== "");
}

/** Routes of IPX, AppleTalk and X.25. */
const routes: Subject = {
  name: "routes_other",
  inFiles: true,
  formats: [
    ipx("/proc/net/ipx/route"),
    ipx("/proc/net/ipx_route"),
    appletalk,
    x25("/proc/net/x25/route"),
    x25("/proc/net/x25_routes"),
  ],

  args,
  deviations,
};

export default routes;

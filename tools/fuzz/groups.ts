/**
 * `-g`: multicast groups of IPv4 and IPv6.
 *
 * @module
 */

import { edited } from "./edit.ts";
import type { Deviation, Format, Input, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { scan } from "./scanf.ts";
import {
  address6,
  decimal,
  device,
  hex,
  namesAround,
  word4,
} from "./values.ts";

/** `igmp_mc_seq_show`: devices, each with its groups. */
const igmp: Format = {
  path: "/proc/net/igmp",
  header: ["Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter"],
  line(random) {
    if (random.once(3)) {
      return `${decimal(random, 31)}\t${device(random).padEnd(10)}: ` +
        `${decimal(random, 31).padStart(5)}      V${random.between(1, 3)}`;
    }
    const timer = hex(random, 8);
    return `\t\t\t\t${word4(random)} ${
      decimal(random, 32, true).padStart(5)
    } ` +
      `${random.below(2)}:${timer}\t\t${random.below(2)}`;
  },
};

/** `igmp6_mc_seq_show` */
const igmp6: Format = {
  path: "/proc/net/igmp6",
  header: [],
  line(random) {
    return `${decimal(random, 31).padEnd(4)} ${device(random).padEnd(15)} ` +
      `${address6(random)} ${decimal(random, 32, true).padStart(5)} ` +
      `${hex(random, 8)} ${decimal(random, 31)}`;
  },
};

function args(random: Random): string[] {
  const options = ["-4", "-6", "-n", "--numeric-hosts", "-N", "-e", "-v", "-W"];
  return ["-g", ...random.some(options).filter(() => random.once(2))];
}

const IGMP = igmp.path;
const IGMP6 = igmp6.path;
const LIMIT = 8191;

/** Files whose lines are those of igmp6: igmp too, without its header. */
function linesOf6({ tree }: Input): string[] {
  const [header = ""] = (tree.get(IGMP) ?? "").split("\n");
  return header.includes("Device") ? [IGMP6] : [IGMP, IGMP6];
}

/** Whether the address has less than its digits. */
function isCut(line: string): boolean {
  const fields = scan("%d %15s %64[0-9A-Fa-f] %d", line);
  return fields.length === 4 && fields[2]!.text.length < 32;
}

/** Whether a line of a device has fewer bytes than the reference takes for a name. */
function isShort(line: string, indexed: boolean): boolean {
  const [text = ""] = `${line}\n`.split("\0");
  const number = indexed ? /^[ \t-\r]*[-+]?\d+[ \t-\r]*/.exec(text)?.[0] : "";
  if (number === undefined || text.startsWith("\t")) return false;
  const length = text.length - number.length;
  return length > 0 && length <= 15;
}

const deviations: readonly Deviation[] = [
  {
    reason:
      "An IPv6 group of fewer than 32 digits is malformed; net-tools makes another address of it.",
    without: (input) =>
      edited(input, {
        paths: linesOf6(input),
        limit: LIMIT,
        header: 0,
        // malformed too, so that the next lines keep their numbers
        line: (line) => isCut(line) ? "-" : line,
      }),
  },
  {
    reason:
      "The name of an interface ends with its line; net-tools goes on with what the line before left.",
    without(input) {
      if (linesOf6(input).length > 1) return undefined;
      const indexed = input.tree.get(IGMP)?.startsWith("Idx") ?? false;
      return edited(input, {
        paths: [IGMP],
        limit: LIMIT,
        header: 1,
        line: (line) => isShort(line, indexed) ? undefined : line,
      });
    },
  },
];

/** Multicast groups. */
const groups: Subject = {
  name: "groups",
  inFiles: true,
  formats: [igmp, igmp6],
  around: namesAround,
  args,
  deviations,
};

export default groups;

/**
 * `-g`: multicast groups of IPv4 and IPv6.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
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

/** Multicast groups. */
const groups: Subject = {
  name: "groups",
  formats: [igmp, igmp6],
  around: namesAround,
  args,
  deviations: [],
};

export default groups;

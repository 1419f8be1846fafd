/**
 * `-r` of IPv4: its table, and the cache of old kernels.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import {
  decimal,
  device,
  hex,
  hexFlags,
  namesAround,
  word4,
} from "./values.ts";

function number(random: Random): string {
  return random.once(2) ? "0" : decimal(random, 32, true);
}

/** `fib_route_seq_show` */
const route: Format = {
  path: "/proc/net/route",
  header: [
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT" +
    " ".repeat(55),
  ],
  line(random) {
    const numbers = () => [number(random), number(random), number(random)];
    return [
      device(random),
      word4(random),
      word4(random),
      hexFlags(random, 4),
      ...numbers(),
      word4(random),
      ...numbers(),
    ].join("\t").padEnd(127);
  },
};

/** `rt_cache_seq_show` */
const cache: Format = {
  path: "/proc/net/rt_cache",
  header: [
    "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst",
  ],
  line(random) {
    const numbers = () => [number(random), number(random), number(random)];
    return [
      device(random),
      word4(random),
      word4(random),
      hexFlags(random, 8),
      ...numbers(),
      word4(random),
      ...numbers(),
      hex(random, 2),
      number(random),
      number(random),
      word4(random),
    ].join("\t");
  },
};

const FAMILIES = [[], [], ["-4"], ["-A", "inet"], ["-44"]];

function args(random: Random): string[] {
  const options = [
    "-n",
    "-n",
    "-e",
    "-e",
    "-e",
    "-C",
    "-F",
    "-N",
    "--numeric-hosts",
    "--numeric-ports",
    "-v",
    "-W",
    "-a",
    "-t",
  ];
  const some = random.some(options).filter(() => random.once(2));
  return ["-r", ...random.pick(FAMILIES), ...some];
}

/** Routes of IPv4. */
const routes: Subject = {
  name: "routes_inet",
  formats: [route, cache],
  around: namesAround,
  args,
  deviations: [],
};

export default routes;

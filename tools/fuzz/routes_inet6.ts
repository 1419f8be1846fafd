/**
 * `-r` of IPv6: its table, and the neighbours of old kernels.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { address6, device, hex, hexFlags, namesAround } from "./values.ts";

/** `rt6_info_route` */
const route6: Format = {
  path: "/proc/net/ipv6_route",
  header: [],
  line(random) {
    return `${address6(random)} ${hex(random, 2)} ${address6(random)} ` +
      `${hex(random, 2)} ${address6(random)} ${hex(random, 8)} ` +
      `${hex(random, 8)} ${hex(random, 8)} ${hexFlags(random, 8)} ` +
      device(random).padStart(8);
  },
};

/** `ndisc_get_info` of Linux 2.2 */
const ndisc: Format = {
  path: "/proc/net/ndisc",
  header: [],
  line(random) {
    const state = random.pick(["00", "02", "04", "80", hex(random, 2)]);
    return `${address6(random)} ${hex(random, 2)} ${hex(random, 2)} ` +
      `${hex(random, 2)} ${state} ${hex(random, 8)} ${hex(random, 8)} ` +
      `${hex(random, 8)} ${hex(random, 4)} ${random.pick(["0000", "0001"])} ` +
      `${hex(random, 2)} ${device(random).padStart(8)} ` +
      random.hex(12).toLowerCase();
  },
};

const FAMILIES = [["-6"], ["-6"], ["--inet6"], ["-A", "inet6,inet6"]];

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

/** Routes of IPv6. */
const routes: Subject = {
  name: "routes_inet6",
  formats: [route6, ndisc],
  around: namesAround,
  args,
  deviations: [],
};

export default routes;

/**
 * `-r` of IPv6: its table, and the neighbours of old kernels.
 *
 * @module
 */

import { dropping } from "./edit.ts";
import type { Deviation, Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { type Field, scan } from "./scanf.ts";
import {
  address6,
  device,
  hex,
  hexFlags,
  namesAround,
  routeArgs,
} from "./values.ts";

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
  return routeArgs(random, FAMILIES);
}

const ADDRESS = "%4s".repeat(8);
const ROUTE = `${ADDRESS} %2x ${ADDRESS} %2x ${ADDRESS} %8x %8x %8x %8x %15s`;
const ROUTE_ADDRESSES = [0, 9, 18];
const ROUTE_FIELDS = 31;
const NEIGHBOUR = `${ADDRESS} %2x %2x %2x %2x %8x %8x %8x %4x %4x %4x`;
const NEIGHBOUR_FIELDS = 25;

const LINES = { limit: 1022, header: 0 };

/** Whether an address, of eight fields from one of these on, is none. */
function hasBadAddress(fields: readonly Field[], starts: number[]): boolean {
  return starts.some((start) =>
    fields.slice(start, start + 8)
      .some(({ text }) => !/^[0-9a-f]{1,4}$/i.test(text))
  );
}

const deviations: readonly Deviation[] = [
  {
    reason:
      "A bad line is told on stderr; net-tools shows the line before again.",
    without: dropping({
      ...LINES,
      paths: [route6.path],
      bad(line) {
        const fields = scan(ROUTE, line);
        return fields.length < ROUTE_FIELDS ||
          hasBadAddress(fields, ROUTE_ADDRESSES);
      },
    }),
  },
  {
    reason:
      "A bad line is told on stderr; net-tools shows the line before again.",
    without: dropping({
      ...LINES,
      paths: [ndisc.path],
      bad(line) {
        const fields = scan(`${NEIGHBOUR} %8s${"%2s".repeat(6)}`, line);
        return fields.length < NEIGHBOUR_FIELDS || hasBadAddress(fields, [0]);
      },
    }),
  },
  {
    reason:
      "A neighbour's interface has its whole name; net-tools takes what is behind eight bytes for the hardware address.",
    without: dropping({
      ...LINES,
      paths: [ndisc.path],
      bad: (line) => (scan(`${NEIGHBOUR} %s`, line)[18]?.text.length ?? 0) > 8,
    }),
  },
];

/** Routes of IPv6. */
const routes: Subject = {
  name: "routes_inet6",
  inFiles: true,
  formats: [route6, ndisc],
  around: namesAround,
  args,
  deviations,
};

export default routes;

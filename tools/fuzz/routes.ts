/**
 * `-r`: routes of all families.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import {
  address6,
  bits,
  callSign,
  decimal,
  device,
  hex,
  word4,
} from "./values.ts";

/** `RTF_*` of `linux/route.h` and `linux/ipv6_route.h`. */
const FLAGS = [
  0x1,
  0x1,
  0x2,
  0x4,
  0x8,
  0x10,
  0x20,
  0x200,
  0x10000,
  0x40000,
  0x1000000,
  0x2000000,
  0x80000000,
];

function flags(random: Random): number {
  if (random.once(2)) return random.pick([1, 3, 5, 7, 0x201, 0x205]);
  return random.once(4) ? random.below(2 ** 32) : bits(random, FLAGS);
}

function hexFlags(random: Random, digits: number): string {
  return flags(random).toString(16).toUpperCase().padStart(digits, "0");
}

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

/** `ax25_rt_seq_show` */
const ax25: Format = {
  path: "/proc/net/ax25_route",
  header: ["callsign  dev  mode digipeaters"],
  line(random) {
    const call = random.once(3) ? "default" : callSign(random);
    const device = random.pick(["ax0", "ax10", "sm0", "???"]);
    return `${call.padEnd(9)} ${device.padEnd(4)}` +
      random.pick(["   vc", "   dg", "    *", ` ${random.between(0, 9999)}`]) +
      random.pick(["", ` ${callSign(random)}`]);
  },
};

/** The number of a neighbour, of which there are few. */
function neighbour(random: Random): string {
  return String(random.below(6)).padStart(5, "0");
}

/** `nr_node_show` */
const nodes: Format = {
  path: "/proc/net/nr_nodes",
  header: [
    "callsign  mnemonic w n qual obs neigh qual obs neigh qual obs neigh",
  ],
  line(random) {
    const count = random.between(1, 3);
    const routes = Array.from(
      { length: count },
      () =>
        `  ${random.below(256).toString().padStart(3)}` +
        `   ${random.between(1, 6)} ${neighbour(random)}`,
    );
    const mnemonic = random.pick(["*", "BPQNOD", "XYZ", "A B"]);
    return `${callSign(random).padEnd(9)} ${mnemonic.padEnd(7)}  ` +
      `${random.between(1, count)} ${count}${routes.join("")}`;
  },
};

/** `nr_neigh_show` */
const neighbours: Format = {
  path: "/proc/net/nr_neigh",
  header: ["addr  callsign  dev  qual lock count failed digipeaters"],
  line(random) {
    const device = random.pick(["ax0", "ax10", "???"]);
    return `${neighbour(random)} ${callSign(random).padEnd(9)} ` +
      `${device.padEnd(4)}  ${random.below(256).toString().padStart(3)}` +
      `    ${random.below(2)}   ${random.below(1000).toString().padStart(3)}` +
      `    ${random.below(1000).toString().padStart(3)}`;
  },
};

/** `rose_node_show` */
const roseNodes: Format = {
  path: "/proc/net/rose_nodes",
  header: ["address    mask n neigh neigh neigh"],
  line(random) {
    const count = random.below(4);
    const address = Array.from({ length: 10 }, () => random.below(10)).join("");
    const mask = random.between(0, 10).toString().padStart(4, "0");
    const numbers = Array.from(
      { length: count },
      () => ` ${neighbour(random)}`,
    );
    return `${address} ${mask} ${count}${numbers.join("")}`;
  },
};

/** `rose_neigh_show` */
const roseNeighbours: Format = {
  path: "/proc/net/rose_neigh",
  header: ["addr  callsign  dev  count use mode restart  t0  tf digipeaters"],
  line(random) {
    const device = random.pick(["ax0", "ax10", "???"]);
    return `${neighbour(random)} ${callSign(random).padEnd(9)} ` +
      `${device.padEnd(4)}   ${random.below(1000).toString().padStart(3)}` +
      ` ${random.below(1000).toString().padStart(3)}  ` +
      `${random.pick(["DCE", "DTE"])}     ${random.pick(["yes", " no"])}` +
      " 000 000";
  },
};

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
    return `${target}     ${address()}  ${flags(random) | 0}     ` +
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

const FAMILIES = [
  [],
  [],
  ["-4"],
  ["-6"],
  ["-6"],
  ["--ax25"],
  ["--netrom"],
  ["--rose"],
  ["--ipx"],
  ["--ddp"],
  ["--x25"],
  ["-A", "inet,inet6"],
  ["-A", "x25,rose,netrom"],
];

function args(random: Random): string[] {
  const options = ["-n", "-n", "-e", "-e", "-e", "-C", "-F", "-N", "-v", "-W"];
  const some = random.some(options).filter(() => random.once(2));
  return ["-r", ...random.pick(FAMILIES), ...some];
}

/** Routes. */
const routes: Subject = {
  name: "routes",
  formats: [
    route,
    cache,
    route6,
    ndisc,
    ax25,
    nodes,
    neighbours,
    roseNodes,
    roseNeighbours,
    ipx("/proc/net/ipx/route"),
    ipx("/proc/net/ipx_route"),
    appletalk,
    x25("/proc/net/x25/route"),
    x25("/proc/net/x25_routes"),
  ],
  args,
  deviations: [],
};

export default routes;

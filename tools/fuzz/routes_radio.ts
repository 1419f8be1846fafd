/**
 * `-r` of packet radio: AX.25, NET/ROM and ROSE.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { callSign } from "./values.ts";

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

const FAMILIES = [["--ax25"], ["--netrom"], ["--netrom"], ["--rose"], [
  "--rose",
], ["-A", "ax25,netrom,rose"]];

function args(random: Random): string[] {
  const options = ["-n", "-e", "-C", "-v", "-W"];
  const some = random.some(options).filter(() => random.once(2));
  return ["-r", ...random.pick(FAMILIES), ...some];
}

/** Routes of packet radio. */
const routes: Subject = {
  name: "routes_radio",
  formats: [ax25, nodes, neighbours, roseNodes, roseNeighbours],

  args,
  deviations: [],
};

export default routes;

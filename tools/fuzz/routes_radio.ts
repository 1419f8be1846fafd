/**
 * `-r` of packet radio: AX.25, NET/ROM and ROSE.
 *
 * @module
 */

import { dropping } from "./edit.ts";
import type { Deviation, Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { callSign, reasonOf } from "./values.ts";

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

const LINES = { limit: 255, header: 1 };

/** The number at the start of a text, as `atoi` finds it. */
function atoi(text: string | undefined): number {
  return Number(/^[ \t-\r]*[-+]?\d+/.exec(text ?? "")?.[0] ?? 0);
}

/** The words of a line, between what is white space to C. */
function wordsOf(line: string): string[] {
  return line.split(/[ \t\v\f\r]+/).filter((word) => word !== "");
}

/** Whether a line has at its places the words that it has between its blanks. */
function isAligned(
  line: string,
  places: readonly (readonly [from: number, to: number])[],
  room: number,
): boolean {
  const words = wordsOf(line);
  return line.length >= room && !line.includes("\0") &&
    places.every(([from, to], i) =>
      line.slice(from, to).replace(/ +$/, "") === words[i]
    );
}

/** Whether net-tools reads a route of AX.25 right. */
function isAx25(line: string): boolean {
  const third = wordsOf(line)[2];
  return isAligned(line, [[0, 9], [10, 14]], 15) &&
    atoi(line.slice(15)) === atoi(third);
}

/** Whether net-tools reads a neighbour right, with so much room for its device. */
function isNeighbour(line: string, room: number): boolean {
  const [number, ...rest] = wordsOf(line);
  const aligned = " ".repeat(5) + line.slice(5);
  return rest.length > 1 && atoi(line) === atoi(number) &&
    /^[ \t-\r]*[-+]?\d/.test(line) &&
    isAligned(aligned, [[6, 15], [16, 16 + room]], 16 + room) &&
    line.length >= 16 + room;
}

/** The neighbour of NET/ROM's route in use, if net-tools reads it right. */
function neighbourOf(line: string): number | undefined {
  const words = wordsOf(line.slice(19));
  const which = atoi(words[0]);
  const [at, place] = [3 * which - 1, 15 * which + 9];
  const [quality, number] = [words[at], words[at + 2]];
  const right = which >= 1 && number !== undefined &&
    /^[ \t-\r]*[-+]?\d/.test(line.slice(19)) && /^[-+]?\d/.test(words[1]!) &&
    /^[-+]?\d/.test(quality!) && /^[-+]?\d/.test(number) &&
    atoi(line.slice(place)) === atoi(quality) &&
    atoi(line.slice(place + 8)) === atoi(number) && !line.includes("\0");
  return right ? atoi(number) : undefined;
}

/** Whether net-tools reads a node of ROSE right. */
function isRoseNode(line: string): boolean {
  const [address, mask, count, ...numbers] = wordsOf(line);
  return isAligned(line, [[0, 10]], 16) && address !== undefined &&
    /^[-+]?\d/.test(mask ?? "") && /^[0-3](?!\d)/.test(count ?? "") &&
    atoi(line.slice(16, 17)) === atoi(count) &&
    numbers.length >= atoi(count) &&
    numbers.every((number) => /^[-+]?\d/.test(number)) &&
    numbers.slice(0, atoi(count)).every((number, i) =>
      atoi(line.slice(18 + 6 * i, 23 + 6 * i)) === atoi(number)
    );
}

const deviations: readonly Deviation[] = [
  {
    reason:
      "Routes of AX.25 are read by their blanks, and a bad line is told; net-tools goes by position and shows values of the line before.",
    without: dropping({
      ...LINES,
      paths: [ax25.path],
      bad: (line) => !isAx25(line),
    }),
  },
  {
    reason:
      "Neighbours of NET/ROM are read by their blanks, and a bad line is told; net-tools goes by position and shows values of the line before.",
    without: dropping({
      ...LINES,
      paths: [neighbours.path],
      bad: (line) => !isNeighbour(line, 4),
    }),
  },
  {
    reason:
      "Nodes of NET/ROM are read by their blanks, and a bad line is told; net-tools goes by position and shows values of the line before.",
    without: dropping({
      ...LINES,
      paths: [nodes.path],
      bad: (line) => neighbourOf(line) === undefined,
    }),
  },
  {
    reason:
      "A node whose neighbour is unknown has a line of its own; net-tools writes the next node behind it.",
    without(input) {
      const [, ...lines] = (input.tree.get(neighbours.path) ?? "").split("\n");
      const known = new Set(lines.filter((line) => line !== "").map(atoi));
      return dropping({
        ...LINES,
        paths: [nodes.path],
        bad: (line) => !known.has(neighbourOf(line)!),
      })(input);
    },
  },
  {
    reason:
      "Each of the two files has its own reason; net-tools gives that of the second one, and then what came of telling about the first one.",
    expected: (input, { stdout, stderr, exit }) => ({
      stdout,
      stderr: stderr.replace(
        /^(\/proc\/net\/nr_(?:nodes|neigh)): .*$/gm,
        (_, path: string) => `${path}: ${reasonOf(path, input)}`,
      ),
      exit,
    }),
  },
  {
    reason:
      "Neighbours of ROSE are read by their blanks, and a bad line is told; net-tools goes by position and shows values of the line before.",
    without: dropping({
      ...LINES,
      paths: [roseNeighbours.path],
      bad: (line) => !isNeighbour(line, 5),
    }),
  },
  {
    reason:
      "A neighbour of ROSE is shown once; net-tools shows each line with its number.",
    without(input) {
      const seen = new Set<number>();
      return dropping({
        ...LINES,
        paths: [roseNeighbours.path],
        bad: (line) => seen.size === seen.add(atoi(line)).size,
      })(input);
    },
  },
  {
    reason:
      "Nodes of ROSE are read by their blanks, and a bad line is told; net-tools goes by position and shows values of the line before.",
    without: dropping({
      ...LINES,
      paths: [roseNodes.path],
      bad: (line) => !isRoseNode(line),
    }),
  },
];

/** Routes of packet radio. */
const routes: Subject = {
  name: "routes_radio",
  inFiles: true,
  formats: [ax25, nodes, neighbours, roseNodes, roseNeighbours],

  args,
  deviations,
};

export default routes;

/**
 * The option grammar: bundles, abbreviations, values and words in any order, on
 * small tables.
 *
 * @module
 */

import { OPTIONS } from "../../core/args/options.ts";
import type { Subject } from "./format.ts";
import type { Random } from "./random.ts";
import sockets from "./sockets.ts";

/** Those of net-tools; ours are never abbreviated, and unknown to it. */
const KNOWN = OPTIONS.filter((option) => !option.exact);

/** All letters but the one that never ends. */
const LETTERS = KNOWN.flatMap(({ short }) => short ?? [])
  .filter((letter) => letter !== "c");

const LONG = KNOWN.flatMap(({ long }) => long ?? []);

/** What `--conti` and more is short for. */
const ENDLESS = /^--conti/;

const FAMILIES = [
  "inet",
  "inet6",
  "ip",
  "ip6",
  "unix",
  "ipx",
  "ax25",
  "x25",
  "netrom",
  "rose",
  "tcpip",
  "foo",
  "Inet",
  "",
  `${"inet,".repeat(60)}unix`,
];

function families(random: Random): string {
  let list = random.pick(FAMILIES);
  while (random.once(3)) list += `,${random.pick(FAMILIES)}`;
  return list;
}

function word(random: Random): string[] {
  switch (random.below(12)) {
    case 0:
      return [random.pick(["word", "5", "--", "-", "---", "-- ", "--=", "é"])];
    case 1:
      return ["-A", families(random)];
    case 2:
      return [`-A${families(random)}`];
    case 3:
      return random.pick([
        ["--protocol", families(random)],
        [`--protocol=${families(random)}`],
        [`--prot=${families(random)}`],
      ]);
    case 4:
    case 5:
    case 6: {
      const long = random.pick(LONG);
      const name = random.once(2)
        ? long
        : long.slice(0, random.between(1, long.length));
      const value = random.once(12) ? `=${random.pick(FAMILIES)}` : "";
      return [`--${name}${value}${random.once(20) ? "x" : ""}`];
    }
    default: {
      let bundle = "-";
      do bundle += random.once(40) ? random.pick(["k", ":", "=", "Q"]) : letter(
        random,
      ); while (random.once(2));
      return [bundle];
    }
  }
}

/** Letters that end the run, or show something else, are seldom. */
function letter(random: Random): string {
  const found = random.pick(LETTERS);
  return "VhirMsg?ZA2f".includes(found) && !random.once(6)
    ? random.pick(["n", "t", "x", "a", "l"])
    : found;
}

const SMALL = [
  "/proc/net/tcp",
  "/proc/net/tcp6",
  "/proc/net/udp",
  "/proc/net/unix",
];

/** Command lines of all kinds. */
const options: Subject = {
  name: "options",
  formats: sockets.formats.filter(({ path }) => SMALL.includes(path)),
  args(random) {
    const words = Array.from({ length: random.below(5) }, () => word(random));
    return words.flat().filter((word) => !ENDLESS.test(word));
  },
  deviations: [
    ...sockets.deviations,
    {
      reason:
        "Why NET/ROM's neighbours cannot be read is told truly; net-tools tells what its message before came to.",
      expected: (_input, { stderr, ...rest }) => ({
        ...rest,
        stderr: stderr.replace(
          /^(\/proc\/net\/nr_nodes: )(.*)\n(\/proc\/net\/nr_neigh: ).*$/m,
          "$1$2\n$3$2",
        ),
      }),
    },
  ],
};

export default options;

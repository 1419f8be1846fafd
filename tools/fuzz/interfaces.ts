/**
 * `-i`: interfaces. Their counters and IPv6 addresses are in files; everything else
 * the kernel tells, so that there are interfaces of these names where it is run.
 *
 * @module
 */

import { dropping, edited, linesOf } from "./edit.ts";
import type { Deviation, Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { isBlank, scan } from "./scanf.ts";
import { address6, decimal, hex } from "./values.ts";

/** Interfaces that there are; the last name has the most bytes that one can have. */
const NAMES = ["lo", "eth0", "eth1", "eth10", "br0", "wlp2s0f0u1u2u3x"];

function name(random: Random): string {
  return random.once(40) ? random.pick(["eth7", "eth0:1"]) : random.pick(NAMES);
}

/** `dev_seq_show` */
const dev: Format = {
  path: "/proc/net/dev",
  header: [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|" +
    "bytes    packets errs drop fifo colls carrier compressed",
  ],
  line(random) {
    const counters = Array.from({ length: 16 }, () => decimal(random, 64));
    return `${name(random).padStart(6)}: ${counters.join("    ")}`;
  },
};

/** `if6_seq_show` */
const ifInet6: Format = {
  path: "/proc/net/if_inet6",
  header: [],
  line(random) {
    const scope = random.pick(["00", "10", "20", "40", "80", hex(random, 2)]);
    return `${address6(random)} ${hex(random, 2)} ${hex(random, 2)} ${scope} ` +
      `${hex(random, 2)} ${name(random).padStart(8)}`;
  },
};

function args(random: Random): string[] {
  const options = ["-a", "-e", "-e", "-n", "-v", "-W", "-t", "-6", "-N"];
  return ["-i", ...random.some(options).filter(() => random.once(2))];
}

const DEV = { paths: [dev.path], limit: 511, header: 2 };

const deviations: readonly Deviation[] = [
  {
    reason:
      "A blank line in /proc/net/dev is told, and the interfaces are shown; net-tools takes it for an interface without a name and ends.",
    without: dropping({
      ...DEV,
      bad: (line) => /^[ \t-\r]*(:|\0|$)/.test(line),
    }),
  },
  {
    reason:
      "An interface whose name has 15 characters has its counters; net-tools 2.10-1.3 shows zeros.",
    without: (input) =>
      edited(input, {
        ...DEV,
        line: (line) =>
          line.replace(/^([ \t-\r]*[^: \t-\r]{15,}(:\d+)?:).*/, "$1"),
      }),
  },
  {
    reason:
      "Counters that a line lacks are 0; net-tools shows those of an earlier line of the same interface.",
    instead(input) {
      const text = input.tree.get(dev.path) ?? "";
      const lines = linesOf(text, DEV.limit);
      // from the last line on: whether a later one of the name is short
      const short = new Map<string, boolean>();
      const last = lines.toReversed().filter((line, i) => {
        if (i >= lines.length - 2) return true;
        const [, whole, numbers] =
          /^[ \t-\r]*([^: \t-\r]*(?::\d+(?=:))?):?((?:[ \t-\r]*[-+]?\d+(?!\d)){16})?/
            .exec(line)!;
        const name = whole!.slice(0, 15);
        const kept = !short.get(name);
        if (kept) short.set(name, numbers === undefined);
        return kept;
      }).toReversed();
      return last.length === lines.length ? undefined : {
        ...input,
        tree: new Map(input.tree).set(dev.path, last.join("")),
      };
    },
  },
  {
    reason:
      "A malformed line of if_inet6 is told and passed over; net-tools reads no more.",
    without: dropping({
      paths: [ifInet6.path],
      limit: 1 << 30,
      header: 0,
      bad(line) {
        const fields = scan("%4s".repeat(8) + "%8x %2x %2x %2x %20s", line);
        const end = fields.at(-1)?.end ?? 0;
        return fields.length < 13 || !isBlank(line.slice(end)) ||
          fields.slice(0, 8).some(({ text }) => /[^0-9a-f]/i.test(text));
      },
    }),
  },
];

/** Makes the interfaces; some are up, some have an address. */
const SETUP = `
ip link set lo up
ip link add eth0 address 02:00:00:00:00:01 type veth \\
  peer name eth1 address 02:00:00:00:00:02
ip link add eth10 address 02:00:00:00:00:10 type veth \\
  peer name wlp2s0f0u1u2u3x address 02:00:00:00:00:11
ip link add br0 address 02:00:00:00:00:20 type bridge
ip link set eth1 mtu 9000 promisc on
ip addr add 192.0.2.1/24 brd + dev eth0
ip addr add 192.0.2.2/24 brd + dev eth0 label eth0:1
for name in eth0 eth1 wlp2s0f0u1u2u3x; do ip link set $name up; done
sleep 1`;

/** Interfaces. */
const interfaces: Subject = {
  name: "interfaces",
  setup: SETUP,
  formats: [dev, ifInet6],
  args,
  deviations,
};

export default interfaces;

/**
 * `-i`: interfaces. Their counters and IPv6 addresses are in files; everything else
 * the kernel tells, so that there are interfaces of these names where it is run.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
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

/** Interfaces. */
const interfaces: Subject = {
  name: "interfaces",
  formats: [dev, ifInet6],
  args,
  deviations: [],
};

export default interfaces;

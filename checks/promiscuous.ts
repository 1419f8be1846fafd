/**
 * Interfaces that take packets for others.
 *
 * @module
 */

import { andMore, type Check, spelt, worstOf } from "../core/contract/check.ts";

/** Ports of a bridge do so rightly; so it is a note. */
export default {
  name: "promiscuous",
  about: "Interfaces that take all packets, also those for other machines.",
  view: "interfaces",
  where: () => "promiscuity > 0",
  columns: "iface,promiscuity",
  when: () => ({ note: "promiscuity > 0" }),
  say(found) {
    const more = andMore(found, "interface");
    return `${spelt(worstOf(found).iface)} takes packets for other machines, ` +
      `too${more}`;
  },
  advice: () =>
    "netstat --check sniffers tells who listens; ports of a bridge are always so",
} satisfies Check;

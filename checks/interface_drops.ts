/**
 * Interfaces that drop packets.
 *
 * @module
 */

import {
  type Check,
  spelt,
  sumOf,
  within,
  worstOf,
} from "../core/contract/check.ts";

/** Packets came faster than they were taken, or are for nobody. */
export default {
  name: "interface-drops",
  about: "Interfaces that drop packets.",
  view: "interfaces",
  columns: "iface,rx_drp,rx_ovr,tx_drp,tx_ovr",
  growth: ["rx_drp", "rx_ovr", "tx_drp", "tx_ovr"],
  limits: {
    packets: { value: 1, unit: "packets", about: "that were dropped" },
  },
  when: ({ limits: { packets } }) => ({
    warning: ["rx_drp", "rx_ovr", "tx_drp", "tx_ovr"]
      .map((key) => `${key}_growth >= ${packets}`).join(" or "),
  }),
  say(found) {
    const { rows } = found;
    const received = sumOf(rows, "rx_drp_growth") +
      sumOf(rows, "rx_ovr_growth");
    const sent = sumOf(rows, "tx_drp_growth") + sumOf(rows, "tx_ovr_growth");
    return `${
      spelt(worstOf(found).iface)
    } dropped ${received} received packets ` +
      `and ${sent} to be sent${within(found)}`;
  },
  advice: (found) =>
    `netstat -i --where 'iface = ${spelt(worstOf(found).iface)}' --columns ` +
    "+@link tells where; netstat --check softnet looks at the processors",
} satisfies Check;

/**
 * Interfaces that receive or send broken packets.
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

/** A bad cable, a bad port, or a setting that does not fit the other end. */
export default {
  name: "interface-errors",
  about: "Interfaces with new errors.",
  view: "interfaces",
  columns: "iface,rx_err,rx_frame,tx_err,tx_carrier",
  growth: ["rx_err", "tx_err"],
  when: () => ({ warning: "rx_err_growth > 0 or tx_err_growth > 0" }),
  say(found) {
    const { iface } = worstOf(found);
    return `${spelt(iface)} has ${
      sumOf(found.rows, "rx_err_growth")
    } new errors ` +
      `in receiving and ${sumOf(found.rows, "tx_err_growth")} in sending` +
      within(found);
  },
  advice: (found) =>
    `netstat -i --where 'iface = ${spelt(worstOf(found).iface)}' --columns ` +
    "+@link tells which errors; look at cable, port and duplex",
} satisfies Check;

/**
 * The table of connections that the firewall tracks.
 *
 * @module
 */

import {
  againstMost,
  type Check,
  counted,
  numberIn,
  shares,
  worstOf,
} from "../core/contract/check.ts";

/** When it is full, packets of new connections are dropped. */
export default {
  name: "conntrack",
  about: "Tracked connections, against nf_conntrack_max.",
  view: "sockets",
  families: ["sysctl"],
  where: () => "setting = net.netfilter.nf_conntrack_count",
  columns: "setting,setting_value",
  settings: {
    nf_conntrack_max: "/proc/sys/net/netfilter/nf_conntrack_max",
  },
  limits: shares("nf_conntrack_max"),
  when: ({ limits, settings }) =>
    againstMost("setting_value", settings.nf_conntrack_max![0]!, limits),
  say: (found) =>
    `${counted(numberIn(worstOf(found), "setting_value"), "connection")} are ` +
    `tracked; ${found.settings.nf_conntrack_max![0]} is the limit, at which ` +
    "packets are dropped",
  advice: () =>
    "netstat -M --count source_address --limit 10 tells whose they are; " +
    "net.netfilter.nf_conntrack_max is the limit",
} satisfies Check;

/**
 * Sockets that only one of two sources tells of.
 *
 * @module
 */

import { andMore, type Check, endOf, worstOf } from "../core/contract/check.ts";

/** A rootkit that filters files forgets netlink, or the other way round. */
export default {
  name: "hidden",
  about: "TCP sockets of which /proc/net/tcp and netlink do not agree, twice.",
  view: "sockets",
  where: () => "proto in (tcp, tcp6)",
  // another socket between the same ends is not the one that was missing
  columns: "proto,local_address,local_port,foreign_address,foreign_port,inode",
  bySource: true,
  twice: true,
  when: () => ({ critical: "change in (added, removed) and inode > 0" }),
  say(found) {
    const worst = worstOf(found);
    const from = worst.change === "added" ? "/proc/net" : "netlink";
    const more = andMore(found, "socket");
    return `${worst.proto} ${endOf(worst, "local")} - ` +
      `${endOf(worst, "foreign")} is hidden from ${from}${more}`;
  },
  advice: () =>
    "somebody changes what the kernel tells: trust no program of this machine; " +
    "compare netstat -tan --source procfs with --source netlink",
} satisfies Check;

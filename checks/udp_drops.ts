/**
 * UDP sockets whose queue overflows.
 *
 * @module
 */

import {
  type Check,
  counted,
  endOf,
  numberIn,
  processOf,
  sumOf,
  within,
  worstOf,
} from "../core/contract/check.ts";

/** A datagram for which there is no room is gone. */
export default {
  name: "udp-drops",
  about:
    "UDP sockets that drop datagrams, since their program reads too slowly.",
  view: "sockets",
  where: () => "proto in (udp, udp6, udpl, udpl6) and drops > 0",
  columns: "proto,local_address,local_port,recv_q,drops,program_name,pid",
  sort: "-drops",
  growth: ["drops"],
  owners: true,
  when: () => ({ warning: "drops_growth > 0" }),
  say(found) {
    const worst = worstOf(found);
    const all = sumOf(found.rows, "drops_growth");
    const some = found.count > 1
      ? `, ${numberIn(worst, "drops_growth")} of them`
      : "";
    return `${counted(all, "datagram was", "datagrams were")} dropped` +
      `${within(found)}${some} by ` +
      `${endOf(worst, "local")} of ${processOf(worst)}`;
  },
  advice: () =>
    "the program reads too slowly for its buffer (SO_RCVBUF, net.core.rmem_max); " +
    "netstat -uanp --where 'drops > 0' --columns +@memory has the buffers",
} satisfies Check;

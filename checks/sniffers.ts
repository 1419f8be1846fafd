/**
 * Programs that see the packets of others.
 *
 * @module
 */

import {
  andMore,
  type Check,
  processOf,
  spelt,
  worstOf,
} from "../core/contract/check.ts";

/** DHCP clients, LLDP and monitors do so rightly; so it is a note. */
export default {
  name: "sniffers",
  about: "Packet sockets that receive, as those of tcpdump.",
  view: "sockets",
  families: ["packet"],
  where: () => "proto = packet and running",
  columns: "protocol,type,iface,running,program_name,pid",
  owners: true,
  when: () => ({ note: "running" }),
  say(found) {
    const first = worstOf(found);
    const more = andMore(found, "packet socket", "; there are ");
    return `${processOf(first)} receives packets of protocol ` +
      `${spelt(first.protocol)} on ${
        spelt(first.iface, "every interface")
      }${more}`;
  },
  advice: () => "netstat -A packet -p lists them",
} satisfies Check;

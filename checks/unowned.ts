/**
 * Sockets that belong to no process.
 *
 * @module
 */

import { andMore, type Check, endOf, worstOf } from "../core/contract/check.ts";

/** The kernel's own, as those of NFS; or a process that hides. */
export default {
  name: "unowned",
  about: "Sockets that no process has open, as far as root can see.",
  view: "sockets",
  where: () =>
    "proto in (tcp, tcp6, udp, udp6) and inode > 0 and pid is null and " +
    "(proto in (udp, udp6) or state in (LISTEN, ESTABLISHED, CLOSE_WAIT))",
  columns:
    "proto,local_address,local_port,foreign_address,foreign_port,state," +
    "inode,pid",
  root: true,
  // one that is closed while its owner is looked for has none
  twice: true,
  when: () => ({ note: "inode > 0" }),
  say(found) {
    const first = worstOf(found);
    const more = andMore(found, "socket");
    return `no process has ${first.proto} ${endOf(first, "local")} open${more}`;
  },
  advice: () =>
    "the kernel has sockets of its own (NFS, tunnels), and processes of other " +
    "PID namespaces are not seen; if it is neither, find out who hides",
} satisfies Check;

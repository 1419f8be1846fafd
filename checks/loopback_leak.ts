/**
 * Servers for this machine only that the network can reach.
 *
 * @module
 */

import {
  andMore,
  type Check,
  endOf,
  type FoundRow,
  processOf,
  spelt,
  worstOf,
} from "../core/contract/check.ts";

/** Whether only this machine reaches it. */
function isLoopback({ local_address: address }: FoundRow): boolean {
  const text = spelt(address);
  return text === "::1" || /^(::ffff:)?127\./.test(text);
}

/** One process that listens to one port on loopback and elsewhere. */
export default {
  name: "loopback-leak",
  about: "A server on loopback that listens to the same port elsewhere, too.",
  view: "sockets",
  where: () => "proto in (tcp, tcp6) and state = LISTEN and local_port > 0",
  columns: "proto,local_address,local_port,program_name,pid",
  owners: true,
  when: () => ({ warning: "local_port > 0 and pid is not null" }),
  pick: (rows) =>
    [...Map.groupBy(rows, ({ pid, local_port }) => `${pid} ${local_port}`)]
      .flatMap(([, group]) =>
        group.some(isLoopback) ? group.filter((row) => !isLoopback(row)) : []
      ),
  say(found) {
    const worst = worstOf(found);
    const more = andMore(found, "listener");
    return `${processOf(worst)} listens on loopback, and on ` +
      `${endOf(worst, "local")} as well${more}`;
  },
  advice: () =>
    "if only this machine should reach it, bind it to 127.0.0.1 and ::1 alone",
} satisfies Check;

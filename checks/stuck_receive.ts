/**
 * Connections whose program does not read.
 *
 * @module
 */

import {
  andMore,
  type Check,
  counted,
  endOf,
  numberIn,
  processOf,
  worstOf,
} from "../core/contract/check.ts";

/** As many bytes as before are there to be read. */
export default {
  name: "stuck-receive",
  about: "Data that has arrived and that no program reads.",
  view: "sockets",
  where: ({ limits: { bytes } }) =>
    `proto in (tcp, tcp6) and recv_q >= ${bytes} and ` +
    "state in (ESTABLISHED, CLOSE_WAIT, FIN_WAIT1, FIN_WAIT2)",
  columns:
    "proto,local_address,local_port,foreign_address,foreign_port,state," +
    "recv_q,program_name,pid",
  sort: "-recv_q",
  growth: ["recv_q"],
  limits: {
    bytes: { value: 4096, unit: "bytes", about: "that are not read" },
  },
  owners: true,
  when: () => ({ warning: "recv_q_growth = 0" }),
  say(found) {
    const worst = worstOf(found);
    const more = andMore(found, "connection");
    return `${processOf(worst)} does not read ` +
      `${counted(numberIn(worst, "recv_q"), "byte")} from ` +
      `${endOf(worst, "foreign")}${more}`;
  },
  advice: (found) =>
    worstOf(found).pid == null
      ? "a process hangs, or is too slow: as root, netstat -tnp tells which"
      : `see what ${processOf(worstOf(found))} does: it hangs, or is too slow`,
} satisfies Check;

/**
 * Connections whose data does not reach the other end.
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
  spelt,
  worstOf,
} from "../core/contract/check.ts";

/** Nothing was acknowledged from one look to the next. */
export default {
  name: "stuck-send",
  about: "Data that waits to be sent while the other end acknowledges nothing.",
  view: "sockets",
  where: () =>
    "proto in (tcp, tcp6) and send_q > 0 and state in " +
    "(ESTABLISHED, CLOSE_WAIT, FIN_WAIT1, LAST_ACK, CLOSING)",
  columns:
    "proto,local_address,local_port,foreign_address,foreign_port,state," +
    "send_q,stuck_ms,tcp_snd_wnd,tcp_bytes_acked,program_name,pid",
  sort: "-send_q",
  growth: ["send_q", "tcp_bytes_acked"],
  decides: "tcp_bytes_acked",
  limits: {
    seconds: {
      value: 2,
      unit: "seconds",
      about: "without an answer of the other end",
    },
  },
  owners: true,
  when: ({ limits: { seconds } }) => ({
    warning: "tcp_bytes_acked_growth = 0 and send_q_growth >= 0 and " +
      `(stuck_ms >= ${Math.round(1000 * seconds!)}ms or tcp_snd_wnd = 0)`,
  }),
  say(found) {
    const worst = worstOf(found);
    const more = andMore(found, "connection");
    const why = worst.tcp_snd_wnd === 0
      ? "which takes nothing (its window is 0)"
      : `which has not answered for ${spelt(worst.stuck_ms)} ms`;
    return `${counted(numberIn(worst, "send_q"), "byte")} of ` +
      `${processOf(worst)} wait for ${endOf(worst, "foreign")}, ${why}${more}`;
  },
  advice: (found) =>
    worstOf(found).tcp_snd_wnd === 0
      ? "the program at the other end does not read"
      : "packets are lost on the way, or the other end is gone: netstat -tn " +
        "--where 'send_q > 0' --columns +@tcp has the connection's inner state",
} satisfies Check;

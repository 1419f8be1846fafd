/**
 * Connections that lose packets.
 *
 * @module
 */

import {
  andMore,
  type Check,
  counted,
  endOf,
  numberIn,
  spelt,
  worstOf,
} from "../core/contract/check.ts";

/** A path that loses packets makes connections slow long before they break. */
export default {
  name: "retransmits",
  about: "Connections that send much again, and did so just now.",
  view: "sockets",
  where: ({ limits: { segments } }) =>
    `proto in (tcp, tcp6) and (tcp_retrans_total >= ${segments} or ` +
    "state = ESTABLISHED and tcp_retrans_total is null)",
  columns:
    "proto,local_address,local_port,foreign_address,foreign_port,state," +
    "tcp_retrans_total,retrans_ratio,tcp_rtt_us",
  sort: "-tcp_retrans_total",
  growth: ["tcp_retrans_total"],
  decides: "tcp_retrans_total",
  limits: {
    percent: {
      value: 5,
      unit: "percent",
      about: "of what was sent was sent again",
    },
    segments: { value: 5, about: "were sent again at least" },
  },
  when: ({ limits: { percent } }) => ({
    warning: `tcp_retrans_total_growth > 0 and retrans_ratio >= ${percent}%`,
  }),
  say(found) {
    const worst = worstOf(found);
    const percent = (100 * numberIn(worst, "retrans_ratio")).toFixed(1);
    const lost = counted(numberIn(worst, "tcp_retrans_total"), "segment");
    const more = andMore(found, "connection", "; so do ");
    return `the connection to ${
      endOf(worst, "foreign")
    } loses packets: ${lost} ` +
      `(${percent} %) were sent again, ${
        spelt(worst.tcp_retrans_total_growth)
      } ` +
      `just now${more}`;
  },
  advice: () =>
    "netstat -tn --where 'retrans > 0' --columns +@tcp --sort -retrans tells " +
    "which paths lose packets; netstat --check interface-errors looks at this end",
} satisfies Check;

/**
 * Listeners with very many half-open connections.
 *
 * @module
 */

import {
  andMore,
  type Check,
  counted,
  endOf,
  type FoundRow,
  numberIn,
  spelt,
  worstOf,
} from "../core/contract/check.ts";

/** The longest backlog of those who listen to a port; undefined if nobody tells. */
function backlogOf(
  rows: readonly FoundRow[],
  port: FoundRow[string] | undefined,
): number | undefined {
  const all = rows.filter((row) =>
    row.state === "LISTEN" && row.local_port === port &&
    row.accept_queue_max !== null
  ).map((row) => numberIn(row, "accept_queue_max"));
  return all.length === 0 ? undefined : Math.max(...all);
}

/**
 * A flood of SYNs, or clients whose last packet of the handshake does not arrive. With
 * SYN cookies a listener never has more of them than its own queue may have, however
 * large tcp_max_syn_backlog is.
 */
export default {
  name: "syn-backlog",
  about: "Many half-open connections of a listener, against its backlog.",
  view: "sockets",
  where: () => "proto in (tcp, tcp6) and state in (LISTEN, SYN_RECV)",
  count: "state,local_address,local_port,accept_queue_max",
  settings: { tcp_max_syn_backlog: "/proc/sys/net/ipv4/tcp_max_syn_backlog" },
  limits: {
    percent: {
      value: 50,
      unit: "percent",
      about: "of the backlog, or of tcp_max_syn_backlog if that is less",
    },
    count: { value: 16, about: "half-open connections at least" },
  },
  when({ settings }) {
    const [most] = settings.tcp_max_syn_backlog!;
    return {
      critical: `state = SYN_RECV and count >= ${most}`,
      warning: "count > 0",
    };
  },
  pick(rows, { limits, settings }) {
    const [most] = settings.tcp_max_syn_backlog!;
    return rows.filter(({ state }) => state === "SYN_RECV")
      .map((row): FoundRow => ({
        ...row,
        accept_queue_max: backlogOf(rows, row.local_port) ?? null,
      }))
      .filter((row) => {
        const count = numberIn(row, "count");
        const room = Math.min(most!, Number(row.accept_queue_max ?? most));
        const isMuch = count >= Math.ceil(room * limits.percent! / 100);
        return count >= most! || count >= limits.count! && isMuch;
      })
      .sort((a, b) => numberIn(b, "count") - numberIn(a, "count"));
  },
  say(found) {
    const worst = worstOf(found);
    const half = counted(numberIn(worst, "count"), "half-open connection");
    const more = andMore(found, "listener");
    return `${endOf(worst, "local")} has ${half}; its backlog is ` +
      `${spelt(worst.accept_queue_max)}, tcp_max_syn_backlog ` +
      `${spelt(found.settings.tcp_max_syn_backlog![0])}${more}`;
  },
  advice: () =>
    "a flood of SYNs, or a way back that is broken: netstat -tan --where " +
    "'state = SYN_RECV' --count foreign_address tells whose they are; " +
    "net.ipv4.tcp_syncookies must be 1",
} satisfies Check;

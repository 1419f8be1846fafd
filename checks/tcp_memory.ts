/**
 * The memory that all TCP sockets share.
 *
 * @module
 */

import { type Check, numberIn, worstOf } from "../core/contract/check.ts";
import { grouped } from "../core/contract/grouped.ts";

/** Above the pressure mark buffers shrink; at the limit packets are dropped. */
export default {
  name: "tcp-memory",
  about: "Memory of all TCP sockets, against tcp_mem.",
  view: "sockets",
  families: ["sockstat"],
  where: () => "transport = TCP",
  columns: "transport,memory_pages",
  settings: { tcp_mem: "/proc/sys/net/ipv4/tcp_mem" },
  limits: {
    percent: { value: 95, unit: "percent", about: "of the limit: critical" },
  },
  when({ limits, settings }) {
    const [, pressure, most] = settings.tcp_mem!;
    return {
      critical: `memory_pages >= ${Math.ceil(most! * limits.percent! / 100)}`,
      warning: `memory_pages >= ${pressure}`,
    };
  },
  say(found) {
    const [, pressure, most] = found.settings.tcp_mem!;
    return `TCP has ${
      grouped(numberIn(worstOf(found), "memory_pages"))
    } pages of ` +
      `memory; buffers shrink from ${grouped(pressure!)} on, and ` +
      `${grouped(most!)} is the limit`;
  },
  advice: () =>
    "netstat -tanp --columns +@memory --sort -wmem_queued --limit 10 tells which " +
    "sockets have it; net.ipv4.tcp_mem is the limit",
} satisfies Check;

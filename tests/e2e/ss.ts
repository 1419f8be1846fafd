/**
 * What iproute2's `ss` prints of sockets, and what it would print of our rows.
 *
 * @module
 */

import assert from "node:assert/strict";
import { look, type World } from "./world.ts";

/** So often `ss` is asked until it says the same before and after. */
const ATTEMPTS = 10;

/** A socket, by the keys of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** The lines that `ss` prints. */
export async function ss(world: World, ...args: string[]): Promise<string[]> {
  const { stdout, exit } = await look(world, "/usr/bin/ss", ["-H", ...args]);
  assert.equal(exit, 0);
  return stdout.split("\n").map((line) => line.trimEnd()).filter(Boolean);
}

/** What the kernel tells of a socket's memory, as `ss` prints it. */
export function memory(row: Row): string {
  const {
    rmem_alloc,
    rcvbuf,
    wmem_alloc,
    sndbuf,
    fwd_alloc,
    wmem_queued,
    optmem,
    backlog_bytes,
    drops,
  } = row;
  return `skmem:(r${rmem_alloc},rb${rcvbuf},t${wmem_alloc},tb${sndbuf},` +
    `f${fwd_alloc},w${wmem_queued},o${optmem},bl${backlog_bytes},d${drops})`;
}

/** A number of milliseconds, of which the kernel has microseconds. */
function ms(us: unknown): string {
  return `${Number((us as number / 1000).toPrecision(6))}`;
}

/** What `ss` prints of a TCP socket and does not change while nothing happens. */
export function tcpTokens(row: Row): string[] {
  const number = (name: string, key: string) =>
    row[key] ? `${name}:${row[key]}` : [];
  return [
    row.uid === 0 ? [] : `uid:${row.uid}`,
    `ino:${row.inode}`,
    `sk:${(row.cookie as number).toString(16)}`,
    row.mark ? `fwmark:0x${(row.mark as number).toString(16)}` : [],
    row.v6only === null ? [] : `v6only:${Number(row.v6only)}`,
    row.rmem_alloc === null ? [] : memory(row),
    (row.congestion as string | null) ?? [],
    row.tcp_rtt_us === null
      ? []
      : `rtt:${ms(row.tcp_rtt_us)}/${ms(row.tcp_rttvar_us)}`,
    row.tcp_rto_us === null ? [] : `rto:${ms(row.tcp_rto_us)}`,
    number("mss", "tcp_snd_mss"),
    number("pmtu", "tcp_pmtu"),
    number("rcvmss", "tcp_rcv_mss"),
    number("advmss", "tcp_advmss"),
    number("cwnd", "tcp_snd_cwnd"),
    number("bytes_sent", "tcp_bytes_sent"),
    number("bytes_acked", "tcp_bytes_acked"),
    number("bytes_received", "tcp_bytes_received"),
    number("segs_out", "tcp_segs_out"),
    number("segs_in", "tcp_segs_in"),
    number("delivered", "tcp_delivered"),
    number("rcv_space", "tcp_rcv_space"),
    number("rcv_ssthresh", "tcp_rcv_ssthresh"),
    number("snd_wnd", "tcp_snd_wnd"),
    number("rcv_wnd", "tcp_rcv_wnd"),
    row.tcp_min_rtt_us === null ? [] : `minrtt:${ms(row.tcp_min_rtt_us)}`,
  ].flat();
}

/** What names a token: all in front of its colon. */
export function nameOf(token: string): string {
  return token.replace(/:.*/, "");
}

/** The state's name as `ss` has it. */
export function stateOf({ state }: Row): string {
  return (state as string).replace("ESTABLISHED", "ESTAB")
    .replace("CLOSE", "UNCONN").replaceAll("_", "-")
    .replace(/^UNCONN-/, "CLOSE-").replace(/WAIT(\d)/, "WAIT-$1");
}

/** Our sockets, once `ss` says the same before and after. */
export async function still(
  world: World,
  options: readonly string[],
  look: () => Promise<Row[]>,
): Promise<{ lines: string[]; rows: Row[] }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await ss(world, ...options);
    const rows = await look();
    const lines = await ss(world, ...options);
    const plain = (all: readonly string[]) =>
      all.join("\n").replace(/\b(lastsnd|lastrcv|lastack|last_\w+):\d+/g, "")
        .replace(/timer:\(.*?\)/g, "").replace(/ +/g, " ");
    if (plain(before) === plain(lines)) return { lines, rows };
  }
  return assert.fail("ss does not agree with itself");
}

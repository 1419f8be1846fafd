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

/** A row of JSON; numbers that a double does not hold are bigints. */
export function parseRow(line: string): Row {
  return JSON.parse(
    line,
    (_key: string, value: unknown, { source }: { source?: string } = {}) =>
      Number.isInteger(value) && !Number.isSafeInteger(value)
        ? BigInt(source!)
        : value,
  );
}

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
): Promise<{ lines: string[]; rows: Row[]; before: string[] }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await ss(world, ...options);
    const rows = await look();
    const lines = await ss(world, ...options);
    const plain = (all: readonly string[]) =>
      all.join("\n").replace(/\b(lastsnd|lastrcv|lastack|last_\w+):\d+/g, "")
        .replace(/\b(busy|rwnd_limited|sndbuf_limited):\S+/g, "")
        .replace(/timer:\(.*?\)/g, "").replace(/ +/g, " ");
    if (plain(before) === plain(lines)) return { lines, rows, before };
  }
  return assert.fail("ss does not agree with itself");
}

/** What `ss` prints of a socket behind its two ends. */
export interface Printed {
  /** What stays while nothing happens. */
  readonly tokens: readonly string[];
  /** What passes by itself, in milliseconds; of timers, what is left. */
  readonly passing: ReadonlyMap<string, number>;
  /** The path of its cgroup, or how that is called without one. */
  readonly cgroup: string | undefined;
}

/** What passes, and so is not the same twice. */
const PASSING = /^(lastsnd|lastrcv|lastack|busy|rwnd_limited|sndbuf_limited):/;

/** Tokens of a line of `ss`, behind both ends; those of two words are one, as `pacing_rate:80bps`. */
export function printed(line: string): Printed {
  // of a connection that does not stand yet `ss` prints since when the machine runs
  const isOpening = line.startsWith("SYN-SENT ");
  const tokens: string[] = [];
  const passing = new Map<string, number>();
  let cgroup: string | undefined;
  const words = line
    // BBR has measured no round trip yet
    .replace("mrtt:4.29497e+06", "mrtt:0")
    .replace(/ (send|pacing_rate|delivery_rate) (?=\d)/g, " $1:")
    .replace(
      /inet-sockopt: \((.*?)\)/,
      (_, names) => `inet-sockopt:${names.trim().split(/ +/).join()}`,
    )
    .replace(/ peers: (?=\d)/, " peers:")
    .trim().split(/ +/).slice(5);
  for (const word of words) {
    const timer = /^timer:\((\w+),((?:\w+(?:\.\w+)?)?),(\d+)\)$/.exec(word);
    if (timer !== null) {
      tokens.push(`timer:(${timer[1]},${timer[3]})`);
      passing.set("timer", milliseconds(timer[2]!));
    } else if (word === "bbr:(bw:0bps,mrtt:0)") {
      // nothing is measured yet, which is no speed of 0
    } else if (PASSING.test(word)) {
      const [, name, number] = /^(\w+):(\d+)/.exec(word)!;
      if (!isOpening || !name!.startsWith("last")) {
        passing.set(name!, Number(number));
      }
    } else if (word.startsWith("cgroup:")) {
      cgroup = word.slice("cgroup:".length);
    } else if (word.startsWith("md5keys:")) {
      // the keys are secrets, which we do not tell
      const peers = word.slice("md5keys:".length).split(",")
        .map((key) => key.replace(/=.*/, ""));
      tokens.push(`md5keys:${peers}`);
    } else tokens.push(word);
  }
  return { tokens, passing, cgroup };
}

/** A time as `ss` has it, such as `1min2sec`, `58sec`, `4.123sec`, `072ms` or nothing. */
function milliseconds(text: string): number {
  const [, min = 0, sec = 0, ms = 0] =
    /^(?:(\d+)min)?(?:([\d.]+)sec)?(?:(\d+)ms)?$/.exec(text)!;
  return Number(min) * 60_000 + Number(sec) * 1000 + Number(ms);
}

const ARROWS = ["<->", "-->", "<--", "---"];
const TIMER_NAMES: Readonly<Record<string, string>> = { probe: "persist" };
const OPTION_NAMES: Readonly<Record<string, string>> = {
  timestamps: "ts",
  ecn_seen: "ecnseen",
  syn_data: "fastopen",
};
const FLOW_FLAGS: Readonly<Record<string, string>> = {
  remote_capable: "M",
  local_capable: "m",
  remote_join: "J",
  local_join: "j",
  remote_backup: "B",
  local_backup: "b",
  established: "e",
  connected: "c",
  mapped: "v",
};

const hex = (value: unknown, digits = 0) =>
  (value as number).toString(16).padStart(digits, "0");

/** Keys whose numbers `ss` prints under these names, unless they are 0. */
const NUMBERS: Readonly<Record<string, string>> = {
  backoff: "tcp_backoff",
  mss: "tcp_snd_mss",
  pmtu: "tcp_pmtu",
  rcvmss: "tcp_rcv_mss",
  advmss: "tcp_advmss",
  cwnd: "tcp_snd_cwnd",
  bytes_sent: "tcp_bytes_sent",
  bytes_retrans: "tcp_bytes_retrans",
  bytes_acked: "tcp_bytes_acked",
  bytes_received: "tcp_bytes_received",
  segs_out: "tcp_segs_out",
  segs_in: "tcp_segs_in",
  data_segs_out: "tcp_data_segs_out",
  data_segs_in: "tcp_data_segs_in",
  delivered: "tcp_delivered",
  delivered_ce: "tcp_delivered_ce",
  lost: "tcp_lost",
  sacked: "tcp_sacked",
  dsack_dups: "tcp_dsack_dups",
  fackets: "tcp_fackets",
  reord_seen: "tcp_reord_seen",
  rcv_space: "tcp_rcv_space",
  rcv_ssthresh: "tcp_rcv_ssthresh",
  notsent: "tcp_notsent_bytes",
  rcv_ooopack: "tcp_rcv_ooopack",
  snd_wnd: "tcp_snd_wnd",
  rcv_wnd: "tcp_rcv_wnd",
  rehash: "tcp_rehash",
};

/** Likewise, of times in microseconds that are printed in milliseconds. */
const TIMES: Readonly<Record<string, string>> = {
  ato: "tcp_ato_us",
  rcv_rtt: "tcp_rcv_rtt_us",
  minrtt: "tcp_min_rtt_us",
};

/** What `ss -tiemop --tos --inet-sockopt` would print of a row that has all columns. */
export function expected(row: Row): Omit<Printed, "cgroup"> {
  const tokens: string[] = [];
  const passing = new Map<string, number>();
  const say = (is: unknown, token: () => string | string[]) => {
    if (is) tokens.push(...[token()].flat());
  };
  const known = (key: string) => (row[key] ?? null) !== null;
  const owners = row.owners as Row[];
  say(owners.length, () => {
    const users = owners.map(({ comm, pid, fd }) =>
      `("${comm}",pid=${pid},fd=${fd})`
    );
    return `users:(${users})`;
  });
  say(row.timer !== "off" && known("timer"), () => {
    const timer = row.timer as string;
    passing.set("timer", row.timer_ms as number);
    // of a half-open connection the file counts timeouts, with TCP_DEFER_ACCEPT more
    const count = timer === "on"
      ? row.syn_retransmits ?? row.retransmits
      : row.timeout;
    return `timer:(${TIMER_NAMES[timer] ?? timer},${count})`;
  });
  // who owns what no process has is what we know besides
  say(row.uid && row.inode !== 0, () => `uid:${row.uid}`);
  say(true, () => [`ino:${row.inode}`, `sk:${hex(row.cookie)}`]);
  say(row.mark, () => `fwmark:0x${hex(row.mark)}`);
  say(known("v6only"), () => `v6only:${Number(row.v6only)}`);
  say(known("shutdown_num"), () => ARROWS[row.shutdown_num as number]!);
  for (const key of ["tos", "tclass", "class_id"]) {
    say(known(key), () => `${key}:${row[key] ? "0x" : ""}${hex(row[key])}`);
  }
  say(known("socket_options"), () => {
    const names = (row.socket_options as string[])
      .map((name) => name.replace("bind_address", "bind_addr"));
    return `inet-sockopt:${names}`;
  });
  say(known("rmem_alloc"), () => memory(row));
  for (const option of (row.tcp_options ?? []) as string[]) {
    if (option !== "wscale") tokens.push(OPTION_NAMES[option] ?? option);
    else tokens.push(`wscale:${row.tcp_snd_wscale},${row.tcp_rcv_wscale}`);
  }
  say(row.congestion, () => row.congestion as string);
  for (const [name, key] of Object.entries(NUMBERS)) {
    say(row[key], () => `${name}:${row[key]}`);
  }
  for (const [name, key] of Object.entries(TIMES)) {
    say(row[key], () => `${name}:${ms(row[key])}`);
  }
  const rto = row.tcp_rto_us;
  say(rto && rto !== 3_000_000, () => `rto:${ms(rto)}`);
  const rtt = row.tcp_rtt_us as number;
  say(rtt, () => `rtt:${ms(rtt)}/${ms(row.tcp_rttvar_us)}`);
  const ssthresh = row.tcp_snd_ssthresh as number;
  say(ssthresh > 0 && ssthresh < 65535, () => `ssthresh:${ssthresh}`);
  const bbr = ["bytes_per_s", "min_rtt_us", "pacing_gain", "cwnd_gain"]
    .map((key) => row[`bbr_${key}`] as number | null ?? 0);
  say(bbr.some(Boolean), () => {
    const [speed, least, pacing, cwnd] = bbr as [
      number,
      number,
      number,
      number,
    ];
    const gains = [["pacing_gain", pacing], ["cwnd_gain", cwnd]] as const;
    return `bbr:(bw:${8 * speed}bps,mrtt:${ms(least)}${
      gains.map(([name, gain]) =>
        gain ? `,${name}:${Number(gain.toPrecision(6))}` : ""
      ).join("")
    })`;
  });
  const bits = row.tcp_snd_cwnd as number * (row.tcp_snd_mss as number) * 8e6;
  say(rtt && bits, () => `send:${(bits / rtt).toFixed(0)}bps`);
  const pace = row.tcp_pacing_bytes_per_s as number;
  const most = row.tcp_max_pacing_bytes_per_s as number | null;
  say(
    pace,
    () => `pacing_rate:${8 * pace}bps${most === null ? "" : `/${8 * most}bps`}`,
  );
  const delivery = row.tcp_delivery_bytes_per_s as number;
  say(delivery, () => `delivery_rate:${8 * delivery}bps`);
  say(row.tcp_app_limited, () => "app_limited");
  const unacked = row.accept_queue ?? row.tcp_unacked;
  say(unacked, () => `unacked:${unacked}`);
  const [now, total] = [row.tcp_retrans_now, row.tcp_retrans_total];
  say(now || total, () => `retrans:${now}/${total}`);
  const reordering = row.tcp_reordering;
  say(reordering && reordering !== 3, () => `reordering:${reordering}`);
  say(row.ulp, () => `tcp-ulp-${row.ulp}`);
  say(known("mptcp_subflow_flags"), () => {
    const flags = row.mptcp_subflow_flags as string[];
    const [far, near] = ["remote", "local"].map((end) =>
      `${hex(row[`mptcp_token_${end}`], 4)}(id:${row[`mptcp_id_${end}`]})`
    );
    return [
      `flags:${flags.map((name) => FLOW_FLAGS[name]).join("")}`,
      `token:${far}/${near}`,
    ];
  });
  for (
    const [name, key] of [
      ["seq", "seq"],
      ["sfseq", "subflow_seq"],
      ["ssnoff", "offset"],
      ["maplen", "bytes"],
    ]
  ) {
    const column = `mptcp_map_${key}`;
    say(known(column), () => `${name}:${row[column]}`);
  }
  say(known("md5_peers"), () => `md5keys:${row.md5_peers}`);
  for (
    const [name, key, scale] of [
      ["lastsnd", "tcp_last_data_sent_ms", 1],
      ["lastrcv", "tcp_last_data_recv_ms", 1],
      ["lastack", "tcp_last_ack_recv_ms", 1],
      ["busy", "tcp_busy_us", 1000],
      ["rwnd_limited", "tcp_rwnd_limited_us", 1000],
      ["sndbuf_limited", "tcp_sndbuf_limited_us", 1000],
    ] as const
  ) {
    const value = row[key] as number;
    if (value) passing.set(name, Math.floor(value / scale));
  }
  return { tokens, passing };
}

/**
 * The checks of sockets, in a network where all is well and in one where each of them has
 * something to find. Needs root, `nftables`, `strace`, `prometheus`,
 * `python3-prometheus-client` and `monitoring-plugins-basic`.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { attempt } from "./child.ts";
import { NETSTAT } from "./namespace.ts";

const WORLD = new URL("checks_world.py", import.meta.url).pathname;

type Row = Record<string, unknown>;

/** A finding, as JSON has it. */
interface Finding {
  readonly check: string;
  readonly severity: string;
  readonly text: string;
  readonly advice: string;
  readonly count: number;
  readonly values: readonly { readonly name: string; readonly value: number }[];
  readonly rows: readonly Row[];
}

/** The text of a byte string, as JSON and CSV have it. */
function utf8(bytes: string): string {
  return new TextDecoder().decode(
    Uint8Array.from(bytes, (char) => char.charCodeAt(0)),
  );
}

function findingsOf({ stdout }: Result): Finding[] {
  return JSON.parse(utf8(stdout));
}

/** What is found, by check. */
function byCheck(result: Result): Record<string, Finding> {
  return Object.fromEntries(findingsOf(result).map((one) => [one.check, one]));
}

/** What text says of each check. */
function sentencesOf({ stdout }: Result): string[] {
  return stdout.split("\n").filter((line) => /^\S/.test(line));
}

/** The program's name, and the path, as text shows them. */
const SHOWN = "evil.[2J.OK       99 checks...31m";
const SHOWN_PATH = ".]0;title..OK       99 checks";
/** As JSON has them: the byte that is no UTF-8 by itself. */
const NAME = "evil\x1b[2J\nOK       99 checks\r\udc9b31m";
const PATH = "/\x1b]0;title\x07\nOK       99 checks";

/** Prints all samples, if the text is OpenMetrics to the letter. */
const PARSE = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(json.dumps([[s.name, s.labels, s.value]
    for m in text_string_to_metric_families(sys.stdin.read()) for s in m.samples]))
`;

async function samplesOf(
  text: string,
): Promise<[name: string, labels: Record<string, string>, value: number][]> {
  const { stdout, stderr } = await attempt(["python3", "-c", PARSE], {
    input: new TextEncoder().encode(text),
  });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const LO = "127.0.0.1";

function ends(local: number, foreign = 0): Row {
  const other = foreign === 0 ? "0.0.0.0" : LO;
  return {
    proto: "tcp",
    local_address: LO,
    local_port: local,
    foreign_address: other,
    foreign_port: foreign,
  };
}

Deno.test("checks: sockets", async (t) => {
  const words = ["unshare", "--net", "--mount", "python3", WORLD, NETSTAT];
  const { stdout, stderr, exit } = await attempt(words, { seconds: 300 });
  assert.equal(stderr, "");
  assert.equal(exit, 0);
  const found = JSON.parse(stdout);
  const step = (name: string, test: () => void | Promise<void>) =>
    t.step(name, test);
  const { pid, program, inode } = found;
  const me = { program_name: "python3", pid };
  const python = `python3 \\(pid ${pid}\\)`;

  await step("all is well", () => {
    assert.deepEqual(found.well, {
      stdout: "OK (16 checks)\n",
      stderr: "",
      exit: 0,
    });
    assert.deepEqual(found.well_json, { stdout: "[]\n", stderr: "", exit: 0 });
    for (const name of ["status", "rows"]) {
      const line = `\nnetstat_check_${name}{check="close-wait"} 0\n`;
      assert.ok(found.well_measured.stdout.includes(line));
    }
    assert.equal(found.well_measured.exit, 0);
  });

  await step("sentences, the worst first", () => {
    const { ill } = found;
    assert.equal(ill.stderr, "");
    assert.equal(ill.exit, 2);
    const want = [
      `CRITICAL full-backlog: 127\\.0\\.0\\.1:1101 of ${python} has a full accept queue \\(2 of 1\\); [1-9]\\d* packets? w\\w+ dropped within [\\d.]+ s`,
      "CRITICAL ephemeral-ports: 19 ports of 20 are in use from 127\\.0\\.0\\.1 to 127\\.0\\.0\\.1:1106",
      "WARNING  syn-backlog: 127\\.0\\.0\\.1:1102 has 12 half-open connections; its backlog is 64, tcp_max_syn_backlog 16",
      `WARNING  close-wait: ${
        RegExp.escape(SHOWN)
      } \\(pid ${program}\\) has not closed 3 connections that the other end closed`,
      "WARNING  fin-wait: 3 connections in FIN_WAIT2: .*",
      "WARNING  time-wait: 10 sockets in TIME_WAIT of 20 ephemeral ports",
      `WARNING  stuck-send: [1-9][\\d,]+ bytes of ${python} wait for 127\\.0\\.0\\.1:1109, which takes nothing \\(its window is 0\\), and 1 more connection`,
      `WARNING  stuck-receive: ${python} does not read [1-9][\\d,]+ bytes from 127\\.0\\.0\\.1:31009`,
      "WARNING  retransmits: the connection to 127\\.0\\.0\\.1:1107 loses packets: \\d+ segments \\(\\d+\\.\\d %\\) were sent again, [1-9]\\d* just now",
      `WARNING  udp-drops: [1-9]\\d* datagrams? w\\w+ dropped within [\\d.]+ s by 127\\.0\\.0\\.1:2101 of ${python}`,
      `WARNING  loopback-leak: ${python} listens on loopback, and on \\[::\\]:1112 as well`,
      `WARNING  unix-backlog: \\S+/${
        RegExp.escape(SHOWN_PATH)
      } of ${python} has a full accept queue \\(2 of 1\\)`,
      "NOTE     exposed: 4 sockets listen on every address",
      "NOTE     unowned: no process has tcp 127\\.0\\.0\\.1:1108 open",
      `NOTE     sniffers: ${python} receives packets of protocol all on lo`,
      "OK \\(1 check\\)",
    ];
    const sentences = sentencesOf(ill);
    for (const [i, one] of want.entries()) {
      assert.match(sentences[i] ?? "", new RegExp(`^${one}$`));
    }
    assert.equal(sentences.length, want.length);
    const lines = ill.stdout.split("\n");
    assert.equal(
      lines.filter((line: string) => /^ {9}Next: \S/.test(line)).length,
      want.length - 1,
    );
    assert.ok(lines.includes("         state=FIN_WAIT2 count=3"));
  });

  await step("rows and values", () => {
    const all = byCheck(found.json);
    assert.equal(found.json.exit, 2);
    assert.equal(Object.keys(all).length, 15);
    const rowsOf = (name: string) => all[name]!.rows;
    const valuesOf = (name: string) =>
      all[name]!.values.map(({ name, value }) => `${name}=${value}`).join(" ");

    const [full] = rowsOf("full-backlog");
    const { accept_queue_drops: drops, accept_queue_drops_growth: grown } =
      full as Record<string, number>;
    assert.ok(grown! >= 1 && grown! <= drops!, `${grown} of ${drops}`);
    const { foreign_address: _, foreign_port: __, ...listener } = ends(1101);
    assert.deepEqual(full, {
      ...listener,
      accept_queue: 2,
      accept_queue_max: 1,
      accept_queue_drops: drops,
      ...me,
      accept_queue_drops_growth: grown,
    });
    assert.deepEqual(rowsOf("syn-backlog"), [{
      state: "SYN_RECV",
      local_address: LO,
      local_port: 1102,
      accept_queue_max: 64,
      count: 12,
    }]);
    assert.equal(
      valuesOf("syn-backlog"),
      "percent=50 count=10 tcp_max_syn_backlog=16",
    );
    assert.deepEqual(rowsOf("close-wait"), [
      { program_name: NAME, pid: program, count: 3 },
    ]);
    assert.equal(valuesOf("close-wait"), "count=3");
    assert.ok(all["close-wait"]!.text.startsWith(`${NAME} (pid ${program}) `));
    assert.deepEqual(rowsOf("fin-wait"), [{ state: "FIN_WAIT2", count: 3 }]);
    assert.deepEqual(rowsOf("time-wait"), [{ state: "TIME_WAIT", count: 10 }]);
    assert.match(
      valuesOf("time-wait"),
      /^percent=50 buckets=90 ip_local_port_range=40000 ip_local_port_range=40019 tcp_max_tw_buckets=\d+$/,
    );
    assert.deepEqual(rowsOf("ephemeral-ports"), [{
      local_address: LO,
      foreign_address: LO,
      foreign_port: 1106,
      count: 19,
    }]);

    const [full0, gone] = rowsOf("stuck-send");
    assert.equal(all["stuck-send"]!.count, 2);
    for (
      const [row, ports] of [[full0, [31009, 1109]], [gone, [31010, 1110]]]
    ) {
      const [local, foreign] = ports as [number, number];
      const { stuck_ms, ...rest } = row as Row;
      assert.ok(stuck_ms as number > 0);
      const { send_q, tcp_snd_wnd, tcp_bytes_acked } = rest;
      assert.deepEqual(rest, {
        ...ends(local, foreign),
        state: "ESTABLISHED",
        send_q,
        tcp_snd_wnd,
        tcp_bytes_acked,
        ...me,
        send_q_growth: 0,
        tcp_bytes_acked_growth: 0,
      });
    }
    assert.equal(full0!.tcp_snd_wnd, 0);
    assert.ok(gone!.tcp_snd_wnd as number > 0);
    assert.equal(gone!.send_q, 500);
    assert.ok(gone!.stuck_ms as number >= 300);
    assert.equal(valuesOf("stuck-send"), "seconds=0.3");

    const [unread] = rowsOf("stuck-receive");
    assert.ok(unread!.recv_q as number >= 4096);
    assert.deepEqual(unread, {
      ...ends(1109, 31009),
      state: "ESTABLISHED",
      recv_q: unread!.recv_q,
      ...me,
      recv_q_growth: 0,
    });
    for (const row of rowsOf("retransmits")) {
      assert.ok(row.tcp_retrans_total as number >= 5);
      assert.ok(row.tcp_retrans_total_growth as number >= 1);
      assert.ok(row.retrans_ratio as number >= 0.01);
    }
    const [lossy] = rowsOf("retransmits");
    assert.deepEqual([lossy!.local_port, lossy!.foreign_port], [31007, 1107]);

    const [dropping] = rowsOf("udp-drops");
    const { drops_growth, recv_q } = dropping as Record<string, number>;
    assert.ok(drops_growth! >= 1 && drops_growth! <= Number(dropping!.drops));
    assert.deepEqual(dropping, {
      proto: "udp",
      local_address: LO,
      local_port: 2101,
      recv_q,
      drops: dropping!.drops,
      ...me,
      drops_growth,
    });
    assert.deepEqual(
      rowsOf("exposed").map(({ proto, local_address, local_port, ...row }) => {
        assert.equal(row.pid, pid);
        return `${proto} ${local_address} ${local_port}`;
      }),
      ["tcp 0.0.0.0 1111", "tcp6 :: 1111", "tcp6 :: 1112", "udp 0.0.0.0 2111"],
    );
    assert.deepEqual(rowsOf("loopback-leak"), [{
      proto: "tcp6",
      local_address: "::",
      local_port: 1112,
      ...me,
    }]);
    assert.deepEqual(rowsOf("unowned"), [
      { ...ends(1108), state: "LISTEN", inode, pid: null },
    ]);
    const [local] = rowsOf("unix-backlog");
    assert.ok(String(local!.path).endsWith(PATH), `${local!.path}`);
    assert.deepEqual(
      local,
      { path: local!.path, accept_queue: 2, accept_queue_max: 1, ...me },
    );
    assert.deepEqual(rowsOf("sniffers"), [
      { protocol: "all", type: "RAW", iface: "lo", running: true, ...me },
    ]);
    for (const { count, rows, advice, text } of Object.values(all)) {
      assert.equal(count, rows.length);
      assert.ok(advice !== "" && text !== "");
    }
  });

  await step("no control byte reaches a terminal, nor text", () => {
    const { ill, terminal } = found;
    assert.equal(terminal.exit, 2);
    const lines = terminal.stdout.replaceAll("\r\n", "\n");
    for (const text of [ill.stdout, lines]) {
      assert.match(text, /^[\x20-\x7e\n]*$/);
      assert.ok(text.includes(SHOWN) && text.includes(SHOWN_PATH));
      assert.equal(text.match(/^OK /gm)?.length, 1);
    }
  });

  await step("NDJSON and CSV tell the same", () => {
    const lines = utf8(found.ndjson.stdout).trimEnd().split("\n");
    const all: Finding[] = lines.map((line) => JSON.parse(line));
    const names = findingsOf(found.json).map(({ check }) => check);
    assert.deepEqual(all.map(({ check }) => check), names);
    assert.equal(found.ndjson.exit, 2);
    assert.equal(found.csv.exit, 2);
    const csv = utf8(found.csv.stdout);
    assert.ok(
      csv.startsWith("check,severity,text,advice,count\nfull-backlog,"),
    );
    assert.deepEqual(
      [...csv.matchAll(/^([a-z-]+),(?:critical|warning|note),/gm)]
        .map(([, name]) => name),
      names,
    );
  });

  await step("OpenMetrics", async () => {
    const { stdout, exit } = found.measured;
    assert.equal(exit, 2);
    const samples = await samplesOf(stdout);
    const of = (name: string, check: string) =>
      samples.find((one) => one[0] === name && one[1].check === check)?.[2];
    const status = { critical: 2, warning: 1, note: 0 } as Record<
      string,
      number
    >;
    for (const { check, severity, count } of findingsOf(found.json)) {
      assert.equal(of("netstat_check_status", check), status[severity], check);
      // how many connections lose packets is chance
      if (check === "retransmits") continue;
      assert.equal(of("netstat_check_rows", check), count, check);
    }
    assert.equal(of("netstat_check_status", "hidden"), 0);
    assert.equal(of("netstat_check_rows", "hidden"), 0);
    assert.equal(samples.length, 2 * 16);
    const read = await attempt(["promtool", "check", "metrics"], {
      input: new TextEncoder().encode(stdout),
    });
    assert.deepEqual([read.stdout, read.stderr, read.exit], ["", "", 0]);
  });

  await step("limits", () => {
    const { usual, limit, limit_word } = found;
    assert.deepEqual([usual.stdout, usual.exit], ["OK (2 checks)\n", 0]);
    assert.deepEqual(sentencesOf(limit), [
      `WARNING  close-wait: ${SHOWN} (pid ${program}) has not closed ` +
      "3 connections that the other end closed",
      "OK (0 checks)",
    ]);
    assert.equal(limit.exit, 1);
    assert.deepEqual(Object.keys(byCheck(limit_word)), ["fin-wait"]);
    assert.equal(limit_word.exit, 1);
    const [ports] = findingsOf(found.ports_limit);
    assert.deepEqual([ports!.severity, ports!.rows[0]!.count], [
      "critical",
      16,
    ]);
    assert.deepEqual(
      ports!.values.slice(0, 2),
      [{ name: "percent", value: 80 }, { name: "critical", value: 80 }],
    );
  });

  await step("warning and critical", () => {
    const all = byCheck(found.worse);
    assert.equal(found.worse.exit, 2);
    const { "syn-backlog": half, "ephemeral-ports": ports } = all;
    assert.deepEqual([half!.severity, half!.rows[0]!.count], ["critical", 20]);
    assert.deepEqual([ports!.severity, ports!.rows[0]!.count], ["warning", 16]);
  });

  await step("a flood that is as long as the listener's queue", () => {
    assert.deepEqual(
      [found.less.stdout, found.less.exit],
      ["OK (1 check)\n", 0],
    );
    const [flood] = findingsOf(found.flood);
    assert.equal(found.flood.exit, 1);
    assert.deepEqual(flood!.rows, [{
      state: "SYN_RECV",
      local_address: "::ffff:127.0.0.1",
      local_port: 1115,
      accept_queue_max: 32,
      count: 33,
    }]);
  });

  await step("the other end is gone", () => {
    const [sentence, ...others] = sentencesOf(found.gone);
    assert.match(
      sentence!,
      new RegExp(
        `^WARNING  stuck-send: 500 bytes of ${python} wait for ` +
          "127\\.0\\.0\\.1:1110, which has not answered for [\\d,]+ ms$",
      ),
    );
    assert.deepEqual(others, ["OK (0 checks)"]);
    assert.match(found.gone.stdout, /Next: packets are lost on the way, or/);
  });

  await step("files that somebody changes", () => {
    const { hidden, forged } = found;
    const { proto: _, ...real } = ends(1113);
    const [away, ...others] = findingsOf(hidden);
    assert.equal(others.length, 0);
    assert.equal(hidden.exit, 2);
    assert.equal(away!.severity, "critical");
    assert.equal(
      away!.text,
      "tcp 127.0.0.1:1113 - 0.0.0.0:0 is hidden from /proc/net",
    );
    const rowsOf = ({ rows }: Finding) =>
      rows.map(({ inode, ...row }) => {
        assert.ok(Number(inode) > 0);
        return row;
      });
    assert.deepEqual(rowsOf(away!), [
      { change: "added", proto: "tcp", ...real },
    ]);
    const [made] = findingsOf(forged);
    assert.equal(forged.exit, 2);
    assert.equal(
      made!.text,
      "tcp 127.0.0.1:1114 - 0.0.0.0:0 is hidden from netlink",
    );
    assert.deepEqual(rowsOf(made!), [
      { change: "removed", ...ends(1114) },
    ]);
  });

  await step("a table that cannot be read costs no other check", () => {
    const { no_unix, no_packet, no_tcp, no_diag } = found;
    assert.deepEqual(sentencesOf(no_unix), [
      `WARNING  close-wait: ${SHOWN} (pid ${program}) has not closed ` +
      "3 connections that the other end closed",
      "UNKNOWN  unix-backlog: cannot read /proc/net/unix: Permission denied",
      `NOTE     sniffers: python3 (pid ${pid}) receives packets of protocol all on lo`,
      "OK (0 checks)",
    ]);
    assert.deepEqual([no_unix.stderr, no_unix.exit], ["", 1]);
    const [unix, packet, last] = sentencesOf(no_packet);
    assert.match(unix!, /^WARNING {2}unix-backlog: .* has a full accept queue/);
    assert.match(
      packet!,
      /^UNKNOWN {2}sniffers: .*\/proc\/net\/packet: Permission/,
    );
    assert.equal(last, "OK (0 checks)");
    assert.equal(no_packet.exit, 1);
    const [still, ...others] = sentencesOf(no_tcp);
    assert.match(still!, /^WARNING {2}unix-backlog: /);
    assert.deepEqual(others, [
      "UNKNOWN  hidden: cannot read /proc/net/tcp: Permission denied",
      "UNKNOWN  close-wait: cannot read /proc/net/tcp: Permission denied",
      "OK (0 checks)",
    ]);
    const [closing, udp, ...unknown] = sentencesOf(no_diag);
    assert.match(closing!, /^WARNING {2}close-wait: /);
    assert.match(udp!, /^WARNING {2}udp-drops: /);
    assert.deepEqual(unknown, [
      "UNKNOWN  hidden: cannot read sock_diag: No such file or directory",
      "UNKNOWN  full-backlog: the kernel does not tell of accept_queue_drops",
      "UNKNOWN  stuck-send: the kernel does not tell of tcp_bytes_acked",
      "UNKNOWN  retransmits: the kernel does not tell of tcp_retrans_total",
      "UNKNOWN  unix-backlog: the kernel does not tell of accept_queue",
      "OK (0 checks)",
    ]);
  });

  await step("whom the processes of others are hidden from", () => {
    const { nobody } = found;
    assert.equal(
      nobody.stderr,
      "netstat: --check: without root, processes of other users are unknown to " +
        "full-backlog, close-wait, stuck-send, stuck-receive, udp-drops, " +
        "exposed, loopback-leak, unix-backlog, sniffers\n",
    );
    const sentences = sentencesOf(nobody);
    const named = sentences.map((line) => line.split(/[ :]+/, 2).join(" "));
    assert.deepEqual(named, [
      "CRITICAL full-backlog",
      "CRITICAL ephemeral-ports",
      "WARNING syn-backlog",
      "WARNING close-wait",
      "WARNING fin-wait",
      "WARNING time-wait",
      "WARNING stuck-send",
      "WARNING stuck-receive",
      "WARNING retransmits",
      "WARNING udp-drops",
      "WARNING unix-backlog",
      "UNKNOWN unowned",
      "NOTE exposed",
      "NOTE sniffers",
      "OK (2",
    ]);
    assert.ok(sentences.includes(
      "UNKNOWN  unowned: only root sees the processes of all users",
    ));
    assert.ok(sentences.includes(
      "WARNING  close-wait: unknown processes have not closed 3 connections " +
        "that the other end closed",
    ));
    assert.ok(!/python3|it is an unknown/.test(nobody.stdout));
    assert.equal(nobody.exit, 2);
  });

  await step("a queue that is long, and one that is not", () => {
    const [one] = findingsOf(found.long);
    assert.deepEqual([one!.severity, found.long.exit], ["warning", 1]);
    const [row] = one!.rows;
    assert.deepEqual(
      [row!.local_port, row!.accept_queue, row!.accept_queue_max],
      [1114, 1, 2],
    );
    assert.ok(row!.accept_queue_drops_growth as number >= 1);
    assert.match(
      one!.text,
      new RegExp(
        `^127\\.0\\.0\\.1:1114 of ${python} has a long accept queue ` +
          "\\(1 of 2\\); [1-9]\\d* packets? w\\w+ dropped within [\\d.]+ s$",
      ),
    );
    // the other one dropped as much, and is not slow
    const idle = JSON.parse(found.dropped.stdout);
    assert.equal(idle.accept_queue, 0);
    assert.ok(idle.accept_queue_drops > 0);
    assert.equal(one!.count, 1);
  });

  await step("exit statuses are those of plugins for monitoring", () => {
    const { well, note, warning, critical, unknown } = found.negated;
    // what is OK is CRITICAL, and the other way round; anything else stays
    const exits = [well, note, warning, critical, unknown].map((one) =>
      one.exit
    );
    assert.deepEqual(exits, [2, 2, 1, 0, 3]);
    assert.equal(well.stdout, "OK (1 check)\n");
    assert.match(unknown.stdout, /^UNKNOWN {2}unowned: /);
  });
});

const LONG = "9".repeat(30);

/** Command lines, and what is said of them. */
const WRONG: readonly [words: string[], said: string][] = [
  [["nonsense"], "no such check: --check help lists them"],
  [["close-wiat"], "no such check; did you mean 'close-wait'?"],
  [["close-wait,nonsense"], "no such check: --check help lists them"],
  [["close-wait,"], "no such check: --check help lists them"],
  [["\x1b[2J"], "no such check: --check help lists them"],
  [["close-wait:cuont=2"], "close-wait has these limits: count"],
  [["close-wait:"], "close-wait has these limits: count"],
  [["exposed:count=2"], "exposed has no limits"],
  [["close-wait:count=x"], "write a whole number, as count=100"],
  [["close-wait:count"], "write a whole number, as count=100"],
  [["close-wait:count=-1"], "write a whole number, as count=100"],
  [["close-wait:count=0.5"], "write a whole number, as count=100"],
  [["close-wait:count=1=2"], "write a whole number, as count=100"],
  [[`close-wait:count=${LONG}`], "write a whole number, as count=100"],
  [["stuck-send:seconds=.5"], "write a number, as seconds=2"],
  [["-t"], "--check asks its own questions: take --tcp out"],
  [["-x"], "--check asks its own questions: take -A unix out"],
  [["-r"], "--check asks its own questions: take --route out"],
  [["-c"], "--check asks its own questions: take --continuous out"],
  [["--where", "recv_q > 0"], "take --where out"],
  [["--columns=pid"], "take --columns out"],
  [["--watch"], "take --watch out"],
  [["--save=/nowhere"], "take --save out"],
  [["--netns=all"], "take --netns out"],
  [["--interval=x"], "--interval needs a number of seconds"],
  [["--interval=1s"], "--interval needs a number of seconds"],
  [["--root=/nowhere"], "--root /nowhere: No such file or directory"],
  [["--no-such-option"], "unrecognized option '--no-such-option'"],
  [["help", "--openmetrics"], "--openmetrics: "],
];

for (const [words, said] of WRONG) {
  Deno.test(`checks: ${JSON.stringify(words)} is refused`, async () => {
    const all = [NETSTAT, "--check", ...words];
    const { stdout, stderr, exit } = await attempt(all);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(said), stderr);
    assert.match(stderr, /^[\x20-\x7e\n]*$/);
    // nothing could be asked
    assert.equal(exit, 3);
  });
}

Deno.test("checks: an error stands below what is wrong", async () => {
  const words = [NETSTAT, "--check", "exposed", "close-wait:count=x"];
  assert.deepEqual(await attempt(words), {
    stdout: "",
    stderr: "netstat: --check: exposed,close-wait:count=x\n" +
      "                                     ^ write a whole number, as count=100\n",
    exit: 3,
    late: false,
  });
});

Deno.test("checks: limits that are no whole numbers", async () => {
  const words = ["stuck-send:seconds=0.5", "retransmits:percent=0.5"];
  const { stdout, stderr, exit } = await attempt([
    ...["unshare", "--net", NETSTAT, "--check", ...words],
    "--interval=0.2",
  ]);
  assert.deepEqual([stdout, stderr, exit], ["OK (2 checks)\n", "", 0]);
});

Deno.test("checks: help lists all, with their limits", async () => {
  const text = await attempt([NETSTAT, "--check", "help"]);
  assert.deepEqual([text.stderr, text.exit], ["", 0]);
  assert.match(text.stdout, /^check +limits +about\n/);
  assert.match(text.stdout, /^close-wait +count=100 +Connections that /m);
  const json = await attempt([NETSTAT, "--check=help", "--json"]);
  const all: { check: string; limits: string | null; about: string }[] = JSON
    .parse(json.stdout);
  assert.equal(all.length, text.stdout.trimEnd().split("\n").length - 1);
  const { limits } = all.find(({ check }) => check === "time-wait")!;
  assert.equal(limits, "percent=50 buckets=90");
  // each can be asked by itself, with the limits that it has
  for (const { check, limits } of all) {
    const word = [check, ...limits?.split(" ") ?? []].join(":");
    const words = [
      "unshare",
      "--net",
      NETSTAT,
      "--check",
      word,
      "--interval=0",
    ];
    const { stdout, stderr } = await attempt(words);
    assert.equal(stderr, "");
    assert.match(stdout, /^(OK|WARNING|NOTE|UNKNOWN) /);
  }
});

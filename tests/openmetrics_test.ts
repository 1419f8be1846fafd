/** OpenMetrics: names, units, labels, and what is no metric. */

import assert from "node:assert/strict";
import { loadFamilies } from "../core/views/registry.ts";
import {
  NotCountedError,
  type OpenMetricsOptions,
  openMetricsSink,
} from "../render/openmetrics.ts";
import { collector } from "./program.ts";
import { column, give, type Relation, VIEW, written } from "./relations.ts";

/** What OpenMetrics of these relations is, and what the user is told. */
function metrics(
  relations: readonly Relation[],
  options: Partial<OpenMetricsOptions> = {},
): { text: string; told: string[] } {
  const told: string[] = [];
  const warn = (message: string) => void told.push(message);
  const text = written(
    (out) => openMetricsSink(out, { view: VIEW, warn, ...options }),
    relations,
  );
  return { text, told };
}

const STATE = column("state", "name");
const COUNT = column("count", "integer", { about: "How many there are." });
const RECV_Q = column("recv_q", "integer", {
  unit: "bytes",
  about: 'Bytes that are "unread".\nAnd \\ more.',
});

/** Rows that were counted by state. */
const COUNTED = {
  labels: ["state"],
  gauges: ["count", "recv_q"],
  subject: "sockets",
};

Deno.test("openmetrics: counts and sums are gauges, whose samples stand together", () => {
  const { text, told } = metrics([{
    shown: [STATE, COUNT, RECV_Q],
    rows: [
      { state: "LISTEN", count: 12, recv_q: 0 },
      { state: "ESTABLISHED", count: 3, recv_q: 2n ** 64n - 1n },
      { state: null, count: 1, recv_q: null },
    ],
  }], COUNTED);
  assert.equal(
    text,
    `# TYPE netstat_sockets gauge
# HELP netstat_sockets How many there are.
netstat_sockets{state="LISTEN"} 12
netstat_sockets{state="ESTABLISHED"} 3
netstat_sockets 1
# TYPE netstat_sockets_recv_q_bytes gauge
# UNIT netstat_sockets_recv_q_bytes bytes
# HELP netstat_sockets_recv_q_bytes Bytes that are 'unread'.\\nAnd \\\\ more.
netstat_sockets_recv_q_bytes{state="LISTEN"} 0
netstat_sockets_recv_q_bytes{state="ESTABLISHED"} 18446744073709551615
# EOF
`,
  );
  assert.deepEqual(told, []);
});

Deno.test("openmetrics: sums alone have no labels", () => {
  const { text } = metrics([{ shown: [RECV_Q], rows: [{ recv_q: 7 }] }], {
    gauges: ["recv_q"],
  });
  assert.match(text, /^netstat_rows_recv_q_bytes 7$/m);
});

Deno.test("openmetrics: nothing is an exposition, too", () => {
  assert.equal(metrics([]).text, "# EOF\n");
  const none = { shown: [STATE, COUNT], rows: [] };
  assert.equal(metrics([none], COUNTED).text, "# EOF\n");
});

Deno.test("openmetrics: each round is one of its own", () => {
  const { out, text } = collector();
  const sink = openMetricsSink(out, {
    view: VIEW,
    warn: assert.fail,
    ...COUNTED,
  });
  for (let round = 0; round < 2; round++) {
    give(sink, [{
      shown: [STATE, COUNT],
      rows: [{ state: "A", count: round }],
    }]);
    sink.end();
  }
  const samples = text().split("\n").filter((line) => !/^# [^E]/.test(line));
  assert.deepEqual(samples, [
    'netstat_sockets{state="A"} 0',
    "# EOF",
    'netstat_sockets{state="A"} 1',
    "# EOF",
    "",
  ]);
});

/** Columns of numbers that are summed up, and what becomes of them. */
const NAMES: [key: string, unit: string, value: number, want: string][] = [
  ["timer_ms", "milliseconds", 1500, "timer_seconds 1.5"],
  ["tcp_rtt_us", "microseconds", 1240, "tcp_rtt_seconds 0.00124"],
  ["delete_s", "seconds", 3, "delete_seconds 3"],
  ["irtt", "milliseconds", 0, "irtt_seconds 0"],
  ["rx_bytes", "bytes", 5, "rx_bytes 5"],
  ["bytes", "bytes", 5, "bytes 5"],
  ["memory_pages", "pages", 5, "memory_pages 5"],
  ["rx_ok", "packets", 5, "rx_ok_packets 5"],
  [
    "tcp_delivery_bytes_per_s",
    "bytes per second",
    5,
    "tcp_delivery_bytes_per_second 5",
  ],
  ["tcp_retrans_total", "", 5, "tcp_retrans 5"],
  ["refcnt", "", -5, "refcnt -5"],
  ["a.b", "", 1, "a_b 1"],
];

for (const [key, unit, value, want] of NAMES) {
  Deno.test(`openmetrics: the name of a sum: ${key}`, () => {
    const shown = column(
      key,
      "integer",
      unit === "" ? {} : { unit: unit as "bytes" },
    );
    const { text } = metrics([{ shown: [shown], rows: [{ [key]: value }] }], {
      gauges: [key],
      subject: "sockets",
    });
    const [name] = want.split(" ");
    assert.ok(text.includes(`\n# HELP netstat_sockets_${name} `), text);
    assert.ok(text.includes(`\nnetstat_sockets_${want}\n`), text);
    const told = /^# UNIT (\S+) (\S+)$/m.exec(text);
    assert.equal(told === null, unit === "");
    if (told !== null) assert.ok(told[1]!.endsWith(`_${told[2]}`));
  });
}

Deno.test("openmetrics: -i has counters, by interface", () => {
  const shown = [
    column("iface", "string"),
    column("mtu", "integer", { unit: "bytes" }),
    column("rx_ok", "integer", {
      unit: "packets",
      counter: true,
      about: "Received.",
    }),
    column("rx_bytes", "integer", {
      unit: "bytes",
      counter: true,
      about: "Received.",
    }),
    column("tx_carrier", "integer", { counter: true, about: "Lost." }),
  ];
  const rows = [
    { iface: "lo", mtu: 65536, rx_ok: 5, rx_bytes: 400, tx_carrier: 0 },
    { iface: "eth0", mtu: 1500, rx_ok: 7, rx_bytes: 800, tx_carrier: null },
  ];
  const { text } = metrics([{ shown, rows }], {
    labels: ["iface"],
    subject: "interface",
  });
  assert.equal(
    text,
    `# TYPE netstat_interface_rx_ok_packets counter
# UNIT netstat_interface_rx_ok_packets packets
# HELP netstat_interface_rx_ok_packets Received.
netstat_interface_rx_ok_packets_total{interface="lo"} 5
netstat_interface_rx_ok_packets_total{interface="eth0"} 7
# TYPE netstat_interface_rx_bytes counter
# UNIT netstat_interface_rx_bytes bytes
# HELP netstat_interface_rx_bytes Received.
netstat_interface_rx_bytes_total{interface="lo"} 400
netstat_interface_rx_bytes_total{interface="eth0"} 800
# TYPE netstat_interface_tx_carrier counter
# HELP netstat_interface_tx_carrier Lost.
netstat_interface_tx_carrier_total{interface="lo"} 0
# EOF
`,
  );
});

const COUNTERS = [
  column("counter", "string"),
  column("value", "integer"),
  column("text", "string"),
];

/** A section of `-s`. */
function section(
  section: string,
  counts: Readonly<Record<string, readonly [number | null, string | null]>>,
): Relation {
  return {
    head: { family: "inet", section },
    shown: COUNTERS,
    rows: Object.entries(counts)
      .map(([counter, [value, text]]) => ({ counter, value, text })),
  };
}

Deno.test("openmetrics: -s has counters by their names, with their sections", () => {
  const { text, told } = metrics([
    section("Tcp", {
      RtoMin: [200, null],
      MaxConn: [-1, null],
      ActiveOpens: [10, "10 active connection openings"],
      CurrEstab: [3, "3 connections established"],
      InErrs: [0, "0 bad segments received"],
      Unknown: [null, null],
    }),
    section("Udp", { InErrs: [1, "1 packet receive errors"] }),
  ]);
  assert.equal(
    text,
    `# TYPE netstat_rto_min gauge
# HELP netstat_rto_min RtoMin of the kernel
netstat_rto_min{section="Tcp"} 200
# TYPE netstat_max_conn gauge
# HELP netstat_max_conn MaxConn of the kernel
netstat_max_conn{section="Tcp"} -1
# TYPE netstat_active_opens counter
# HELP netstat_active_opens ActiveOpens: N active connection openings
netstat_active_opens_total{section="Tcp"} 10
# TYPE netstat_curr_estab gauge
# HELP netstat_curr_estab CurrEstab: N connections established
netstat_curr_estab{section="Tcp"} 3
# TYPE netstat_in_errs counter
# HELP netstat_in_errs InErrs: N bad segments received
netstat_in_errs_total{section="Tcp"} 0
netstat_in_errs_total{section="Udp"} 1
# EOF
`,
  );
  assert.deepEqual(told, []);
});

Deno.test("openmetrics: what is told of a section can be a column", () => {
  const shown = [
    column("section", "string"),
    column("netns", "string"),
    ...COUNTERS,
  ];
  const rows = [{
    section: "Tcp",
    netns: "blue",
    counter: "InSegs",
    value: 1,
    text: null,
  }];
  const { text } = metrics([{ shown, rows }], { labels: ["netns"] });
  assert.match(
    text,
    /^netstat_in_segs_total\{section="Tcp",netns="blue"\} 1$/m,
  );
});

Deno.test("openmetrics: the kernel's names in small letters", () => {
  const names = {
    TCPPureAcks: "tcp_pure_acks",
    TCPSACKReneging: "tcp_sack_reneging",
    TcpTimeoutRehash: "tcp_timeout_rehash",
    DelayedACKs: "delayed_acks",
    FragOKs: "frag_oks",
    InECT1Pkts: "in_ect1_pkts",
    TCPMD5NotFound: "tcp_md5_not_found",
    Ip6InReceives: "ip6_in_receives",
    Icmp6InType135: "icmp6_in_type135",
    MPJoinAckHMacFailure: "mp_join_ack_hmac_failure",
    TWRecycled: "tw_recycled",
    in_total: "in",
    "a-b": "a_b",
  };
  for (const [counter, want] of Object.entries(names)) {
    const { text } = metrics([section("X", { [counter]: [1, null] })]);
    assert.match(text, new RegExp(`^netstat_${want}_total\\{`, "m"));
  }
});

Deno.test("openmetrics: every counter that is known has a name of its own", async () => {
  const families = await loadFamilies();
  let seen = 0;
  for (const { statistics } of families) {
    if (statistics === undefined) continue;
    for (
      const [name, { counters }] of Object.entries(
        (await statistics()).sections,
      )
    ) {
      const counts = Object.fromEntries(
        Object.keys(counters).map((counter) => [counter, [1, null] as const]),
      );
      const { text, told } = metrics([section(name, counts)]);
      assert.deepEqual(told, []);
      for (const [, metric] of text.matchAll(/^(\w+)\{/gm)) {
        assert.match(metric!, /^netstat(_[a-z][a-z0-9]*)+$/);
        seen++;
      }
    }
  }
  assert.ok(seen > 200, `${seen}`);
});

const LABELS: { name: string; text: string; want: string }[] = [
  { name: "quotes and backslashes", text: 'a"\\b', want: 'a\\"\\\\b' },
  { name: "a line end", text: "a\nb", want: "a\\nb" },
  {
    name: "controls",
    text: "\0\x1b\t\r\x7f",
    want: "\\\\u0000\\\\u001b\\\\t\\\\r\\\\u007f",
  },
  { name: "C1", text: "\xc2\x9b", want: "\\\\u009b" },
  { name: "UTF-8", text: "caf\xc3\xa9", want: "caf\xc3\xa9" },
  { name: "no UTF-8", text: "\xff", want: "\\\\udcff" },
  {
    name: "long",
    text: "\xff".repeat(50_000),
    want: "\\\\udcff".repeat(50_000),
  },
];

for (const { name, text, want } of LABELS) {
  Deno.test(`openmetrics: a label: ${name}`, () => {
    const got = metrics([{
      shown: [STATE, COUNT],
      rows: [{ state: text, count: 1 }],
    }], COUNTED);
    assert.ok(got.text.includes(`\nnetstat_sockets{state="${want}"} 1\n`));
  });
}

Deno.test("openmetrics: labels are numbers, truths and lists as well", () => {
  const shown = [
    column("uid", "integer"),
    column("direct", "boolean"),
    column("flags", "strings"),
    column("owners.comm", "strings"),
    COUNT,
  ];
  const row = {
    uid: 0,
    direct: false,
    flags: ["UP", "RUNNING"],
    "owners.comm": [],
    count: 1,
  };
  const { text } = metrics([{ shown, rows: [row] }], {
    labels: ["uid", "direct", "flags", "owners.comm", "unknown"],
    gauges: ["count"],
  });
  assert.ok(
    text.includes(
      '\nnetstat_rows{uid="0",direct="false",flags="UP,RUNNING"} 1\n',
    ),
  );
  const [named] = metrics([{
    shown,
    rows: [{ ...row, "owners.comm": ["sshd"] }],
  }], {
    labels: ["owners.comm"],
    gauges: ["count"],
  }).text.match(/\{.*\}/)!;
  assert.equal(named, '{owners_comm="sshd"}');
});

Deno.test("openmetrics: groups with the same labels are one sample of both", () => {
  const { text, told } = metrics([{
    shown: [STATE, COUNT, RECV_Q],
    rows: [
      { state: null, count: 1, recv_q: null },
      { state: "A", count: 1, recv_q: 1 },
      { state: "", count: 2, recv_q: 2n ** 63n },
      { state: null, count: 2, recv_q: 1 },
    ],
  }], COUNTED);
  assert.deepEqual(text.match(/^netstat.*$/gm), [
    "netstat_sockets 5",
    'netstat_sockets{state="A"} 1',
    'netstat_sockets_recv_q_bytes{state="A"} 1',
    "netstat_sockets_recv_q_bytes 9223372036854775809",
  ]);
  assert.deepEqual(told, []);
});

Deno.test("openmetrics: a sample that would spoil all others is left out, and told", () => {
  const twice = metrics([
    section("Tcp", { InSegs: [1, null], "In Segs": [5, null] }),
  ]);
  assert.deepEqual(twice.text.match(/^netstat.*$/gm), [
    'netstat_in_segs_total{section="Tcp"} 1',
  ]);
  const below = metrics([
    section("Tcp", { InSegs: [-1, null], "In Segs": [5, null] }),
  ]);
  assert.deepEqual(below.text.match(/^netstat.*$/gm), [
    'netstat_in_segs_total{section="Tcp"} 5',
  ]);
  const only = metrics([section("Tcp", { InSegs: [-1, null] })]);
  assert.equal(only.text, "# EOF\n");
  for (const { told } of [twice, below, only]) {
    assert.equal(told.length, 1);
    assert.match(told[0]!, /^netstat: samples left out: 1,/);
  }
});

Deno.test("openmetrics: names of counters that say nothing are still names", () => {
  const { text } = metrics([
    section("T\xff", { "\xff\n": [1, '1\n"x'], "{}": [2, null] }),
  ]);
  assert.match(text, /^netstat_unnamed_total\{section="T\\\\udcff"\} 1$/m);
  assert.match(text, /^# HELP netstat_unnamed \\\\udcff\\n: N\\n'x$/m);
});

Deno.test("openmetrics: rows that are neither counted nor counters are refused", () => {
  const drops = column("drops", "integer", { counter: true });
  for (const shown of [[STATE, RECV_Q], [STATE, drops], []]) {
    const { out, text } = collector();
    const sink = openMetricsSink(out, { view: VIEW, warn: assert.fail });
    assert.throws(() => give(sink, [{ shown, rows: [] }]), NotCountedError);
    assert.equal(text(), "");
  }
  assert.throws(
    () =>
      metrics([{ shown: [STATE, RECV_Q], rows: [] }], { labels: ["state"] }),
    /--count state/,
  );
});

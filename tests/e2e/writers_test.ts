/**
 * What others read of CSV and OpenMetrics: Python and SQLite, Prometheus and its client
 * library. Needs `python3-prometheus-client`, `prometheus` and `sqlite3`.
 */

import assert from "node:assert/strict";
import { fact } from "../../core/contract/column.ts";
import type { Value } from "../../core/contract/family.ts";
import { csvSink } from "../../render/csv.ts";
import { openMetricsSink } from "../../render/openmetrics.ts";
import {
  column,
  type Relation,
  type Row,
  VIEW,
  written,
} from "../relations.ts";

/** Runs a program on a file with these bytes, named by its last argument or stdin. */
async function read(
  bytes: string,
  [program, ...args]: readonly string[],
): Promise<string> {
  const file = await Deno.makeTempFile({ prefix: "netstat-test-" });
  try {
    await Deno.writeFile(
      file,
      Uint8Array.from(bytes, (char) => char.charCodeAt(0)),
    );
    const { code, stdout, stderr } = await new Deno.Command(program!, {
      args: args.map((arg) => arg.replace("FILE", file)),
      env: { LC_ALL: "C.UTF-8" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(code, 0, `${program}: ${text(stderr)}${text(stdout)}`);
    return text(stdout);
  } finally {
    await Deno.remove(file);
  }
}

/** Debian's own, for which Debian's packages are. */
const PYTHON = "/usr/bin/python3";

/** A value, and what readers of CSV get. */
const CELLS: { name: string; value: Value; want: string; raw?: string }[] = [
  { name: "null", value: null, want: "" },
  { name: "an empty text", value: "", want: "" },
  { name: "blanks", value: "  a  ", want: "  a  " },
  { name: "commas and semicolons", value: ",a;,", want: ",a;," },
  { name: "quotes", value: '"', want: '"' },
  { name: "quotes around", value: '"a","b"', want: '"a","b"' },
  { name: "a newline", value: "a\n", want: "a\n" },
  {
    name: "newlines and quotes",
    value: '\n"\n,"\n',
    want: '\'\n"\n,"\n',
    raw: '\n"\n,"\n',
  },
  { name: "CR", value: "a\rb\r", want: "a\rb\r" },
  { name: "CRLF", value: "a\r\nb\r\n", want: "a\r\nb\r\n" },
  { name: "a tab", value: "a\tb", want: "a\tb" },
  { name: "NUL", value: "a\0b", want: "a\\u0000b" },
  { name: "escapes", value: "\x1b[2J", want: "\\u001b[2J" },
  { name: "UTF-8", value: "caf\xc3\xa9 \xf0\x9f\x98\x80", want: "café 😀" },
  { name: "no UTF-8", value: "\xff\xfe", want: "\\udcff\\udcfe" },
  { name: "a byte order mark", value: "\xef\xbb\xbfa", want: "\ufeffa" },
  { name: "a formula", value: "=1+1", want: "'=1+1", raw: "=1+1" },
  { name: "a formula in a tab", value: "\t=1", want: "'\t=1", raw: "\t=1" },
  {
    name: "an abstract name",
    value: "@/run/x",
    want: "'@/run/x",
    raw: "@/run/x",
  },
  { name: "NULL", value: "NULL", want: "NULL" },
  { name: "long", value: 'a"\n'.repeat(10_000), want: 'a"\n'.repeat(10_000) },
];

/** How a file is read, and the rows that come out. */
const READERS: {
  name: string;
  command: readonly string[];
  rows(told: string): string[][];
}[] = [
  {
    name: "Python",
    command: [
      PYTHON,
      "-c",
      "import csv, json, sys\n" +
      "csv.field_size_limit(sys.maxsize)\n" +
      "with open(sys.argv[1], newline='', encoding='utf-8') as file:\n" +
      "    print(json.dumps(list(csv.reader(file, strict=True))))",
      "FILE",
    ],
    rows: (told) => JSON.parse(told),
  },
  {
    name: "SQLite",
    command: [
      "sqlite3",
      "-cmd",
      ".import --csv 'FILE' t",
      ":memory:",
      ".mode json",
      "select * from t",
    ],
    rows(told) {
      const rows: Record<string, string>[] = JSON.parse(told);
      return [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))];
    },
  },
];

for (const { name, command, rows } of READERS) {
  for (const raw of [false, true]) {
    Deno.test(`${name} reads every cell of CSV${raw ? ", raw" : ""}`, async () => {
      const shown = [
        column("before", "integer"),
        column("text", "string"),
        column("after", "boolean"),
      ];
      const relation: Relation = {
        shown,
        rows: CELLS.map(({ value }, i) => ({
          before: i,
          text: value,
          after: true,
        })),
      };
      const csv = written((out) => csvSink(out, { view: VIEW, raw }), [
        relation,
      ]);
      const [header, ...got] = rows(await read(csv, command));
      assert.deepEqual(header, ["before", "text", "after"]);
      assert.equal(got.length, CELLS.length);
      for (const [i, cell] of CELLS.entries()) {
        const want = raw ? cell.raw ?? cell.want : cell.want;
        assert.deepEqual(got[i], [`${i}`, want, "true"], cell.name);
      }
    });
  }

  Deno.test(`${name} reads every row of one column of CSV`, async () => {
    const relation: Relation = {
      shown: [column("text", "string")],
      rows: CELLS.map(({ value }) => ({ text: value })),
    };
    const csv = written((out) => csvSink(out, { view: VIEW, raw: true }), [
      relation,
    ]);
    const [, ...got] = rows(await read(csv, command));
    assert.deepEqual(got, CELLS.map(({ want, raw = want }) => [raw]));
  });

  Deno.test(`${name} reads JSON out of a cell of CSV`, async () => {
    const owners = column("owners", "objects", {
      each: {
        pid: fact<Row, number>("integer", (row) => row.pid as number, ""),
        comm: fact<Row, string | null>(
          "string?",
          (row) => row.comm as string,
          "",
        ),
      },
    });
    const shown = [
      owners,
      column("flags", "strings"),
      column("last", "string"),
    ];
    const csv = written((out) => csvSink(out, { view: VIEW }), [{
      shown,
      rows: [{
        owners: [{ pid: 1, comm: 'a",\n\xff' }, { pid: 2, comm: null }],
        flags: ["UP", '"', "=1"],
        last: "x",
      }],
    }]);
    const [, row] = rows(await read(csv, command));
    assert.deepEqual(JSON.parse(row![0]!), [
      { pid: 1, comm: 'a",\n\udcff' },
      { pid: 2, comm: null },
    ]);
    assert.deepEqual(JSON.parse(row![1]!), ["UP", '"', "=1"]);
    assert.equal(row![2], "x");
  });
}

/** Texts that labels have, and what Prometheus gets. */
const LABELS: { text: string; want: string }[] = [
  { text: "LISTEN", want: "LISTEN" },
  { text: 'a"b\\c\nd{}=,', want: 'a"b\\c\nd{}=,' },
  { text: "\x1b\0\r", want: "\\u001b\\u0000\\r" },
  { text: "caf\xc3\xa9\xff", want: "café\\udcff" },
  { text: "# EOF", want: "# EOF" },
  { text: "x".repeat(10_000), want: "x".repeat(10_000) },
];

function metrics(
  relations: readonly Relation[],
  options: Pick<
    Parameters<typeof openMetricsSink>[1],
    "labels" | "gauges" | "subject"
  >,
): string {
  const warn = (message: string) => assert.fail(message);
  return written(
    (out) => openMetricsSink(out, { view: VIEW, warn, ...options }),
    relations,
  );
}

/** Counted rows. */
const COUNTED = metrics([{
  shown: [
    column("state", "name"),
    column("count", "integer", { about: "How many there are." }),
    column("recv_q", "integer", {
      unit: "bytes",
      about: 'Bytes "unread" \\ here.',
    }),
    column("timer_ms", "duration", {
      unit: "milliseconds",
      about: "The timer.",
    }),
    column("tcp_retrans_total", "integer", { about: "Retransmitted." }),
  ],
  rows: LABELS.map(({ text }, i) => ({
    state: text,
    count: i,
    recv_q: 2n ** 63n,
    timer_ms: 1,
    tcp_retrans_total: -1,
  })),
}], {
  labels: ["state"],
  gauges: ["count", "recv_q", "timer_ms", "tcp_retrans_total"],
  subject: "sockets",
});

/** Interfaces. */
const INTERFACES = metrics([{
  shown: [
    column("iface", "string"),
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
  ],
  rows: ["lo", "eth0"].map((iface) => ({
    iface,
    rx_ok: 1,
    rx_bytes: 2,
    tx_carrier: 3,
  })),
}], { labels: ["iface"], subject: "interface" });

/** What this machine counts, by section. */
function sections(): Relation[] {
  const lines = ["/proc/net/snmp", "/proc/net/netstat"]
    .flatMap((path) => Deno.readTextFileSync(path).trim().split("\n"));
  const shown = [
    column("counter", "string"),
    column("value", "integer"),
    column("text", "string"),
  ];
  return lines.flatMap((line, i) => {
    if (i % 2 === 1) return [];
    const [section, ...names] = line.split(/:? /);
    const [, ...values] = lines[i + 1]!.split(/:? /);
    const rows = names.map((counter, i) => {
      const value = BigInt(values[i]!);
      return { counter, value, text: `${value} of "them"` };
    });
    return [{ head: { section: section! }, shown, rows }];
  });
}

const EXPOSITIONS: { name: string; text: string; least: number }[] = [
  { name: "counted rows", text: COUNTED, least: 4 * LABELS.length },
  { name: "interfaces", text: INTERFACES, least: 6 },
  { name: "the kernel's counters", text: metrics(sections(), {}), least: 100 },
  { name: "nothing", text: metrics([], {}), least: 0 },
];

/** Prints all samples, if the text is OpenMetrics to the letter. */
const PARSE = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = open(sys.argv[1], newline='', encoding='utf-8').read()
print(json.dumps([[m.name, m.type, m.unit, m.documentation, s.name, s.labels, s.value]
    for m in text_string_to_metric_families(text) for s in m.samples]))
`;

type Sample = [
  metric: string,
  type: string,
  unit: string,
  help: string,
  name: string,
  labels: Record<string, string>,
  value: number,
];

async function samplesOf(text: string): Promise<Sample[]> {
  return JSON.parse(
    await read(text, [PYTHON, "-c", PARSE, "FILE"]),
  );
}

for (const { name, text, least } of EXPOSITIONS) {
  Deno.test(`OpenMetrics of ${name} is read to the letter`, async () => {
    const samples = await samplesOf(text);
    assert.ok(samples.length >= least, `${samples.length}`);
  });

  Deno.test(`promtool has no complaint about ${name}`, async () => {
    // it reads the older text, in which a counter is told of under its whole name
    const older = text.replaceAll(
      /^# TYPE (\S+) counter\n(# UNIT.*\n)?# HELP \S+/gm,
      (_, metric) => `# TYPE ${metric}_total counter\n# HELP ${metric}_total`,
    );
    const command = [
      "sh",
      "-c",
      'exec promtool check metrics < "$0" 2>&1',
      "FILE",
    ];
    assert.equal(await read(older, command), "");
  });
}

Deno.test("promtool does complain", async () => {
  const bad = COUNTED.replaceAll("_seconds", "_milliseconds");
  const command = ["sh", "-c", '! promtool check metrics < "$0" 2>&1', "FILE"];
  assert.match(await read(bad, command), /base unit "seconds"/);
});

Deno.test("OpenMetrics: names, units and labels arrive as they were", async () => {
  const samples = await samplesOf(COUNTED);
  assert.deepEqual(
    samples.filter(([metric]) => metric === "netstat_sockets").map((s) =>
      s.slice(3)
    ),
    LABELS.map(({ want }, i) => [
      "How many there are.",
      "netstat_sockets",
      { state: want },
      i,
    ]),
  );
  assert.deepEqual(samples.at(LABELS.length), [
    "netstat_sockets_recv_q_bytes",
    "gauge",
    "bytes",
    "Bytes 'unread' \\ here.",
    "netstat_sockets_recv_q_bytes",
    { state: "LISTEN" },
    2 ** 63,
  ]);
  const [first] = await samplesOf(INTERFACES);
  assert.deepEqual(first, [
    "netstat_interface_rx_ok_packets",
    "counter",
    "packets",
    "Received.",
    "netstat_interface_rx_ok_packets_total",
    { interface: "lo" },
    1,
  ]);
});

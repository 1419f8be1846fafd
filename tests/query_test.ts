/** Questions: what an expression says of a row. */

import assert from "node:assert/strict";
import type { Value } from "../core/contract/family.ts";
import { toUtf8 } from "../core/contract/line.ts";
import type { Shown } from "../core/contract/sink.ts";
import { type Bound, check } from "../core/query/check.ts";
import { compile, type Compiled } from "../core/query/compile.ts";
import { parseExpression } from "../core/query/expression.ts";
import { type Schema, Schemas } from "../core/query/schema.ts";
import {
  COLUMNS,
  OTHER,
  type Plain,
  SCHEMA,
  services,
  VIEW,
} from "./query_relations.ts";

const schemas = new Schemas([SCHEMA, OTHER]);

function bound(text: string, among = schemas): Bound {
  const written = { option: "--where", text: toUtf8(text) };
  return check(parseExpression(written), { written, schemas: among, services });
}

function compiled(text: string, schema = SCHEMA): Compiled {
  return compile(bound(text), schema);
}

/** Whether an expression keeps a row. */
function keeps(text: string, row: Plain): boolean {
  const { keep } = compiled(text);
  return typeof keep === "boolean" ? keep : keep(row, VIEW);
}

interface Case {
  /** The expression. */
  text: string;
  /** Values of its key that it keeps. */
  good: Value[];
  /** Values that it does not keep. */
  bad: Value[];
}

const MAPPED = "::ffff:10.1.2.3";
const BIG = 2n ** 63n;

/** For each column, what each operator says of some values. */
const CASES: Record<string, Case[]> = {
  inode: [
    { text: "inode = 42", good: [42], bad: [41, 43, 0, null] },
    { text: "inode != 42", good: [41, BIG], bad: [42, null] },
    { text: "inode < 42", good: [41, -1], bad: [42, BIG, null] },
    { text: "inode <= 42", good: [42], bad: [43, null] },
    { text: "inode > -1", good: [0, BIG], bad: [-1, null] },
    { text: "inode >= 0x2a", good: [42, 43], bad: [41, null] },
    {
      text: "inode = 9223372036854775808",
      good: [BIG],
      bad: [BIG - 1n, 2 ** 53],
    },
    { text: "inode > 9223372036854775807", good: [BIG], bad: [BIG - 1n, 1] },
    { text: "inode in (1, 3)", good: [1, 3], bad: [2, null] },
    { text: "inode not in (1, 3)", good: [2], bad: [1, 3, null] },
    { text: "inode in (1, 3)", good: [1n], bad: [2n] },
    { text: "inode not in (1, 3)", good: [2n], bad: [1n, 3n] },
    { text: "inode in 1..3", good: [1, 2, 3], bad: [0, 4, null] },
    { text: "inode = 1..3", good: [1, 3], bad: [4, null] },
    { text: "inode != 1..3", good: [0, 4], bad: [1, 3, null] },
    { text: "inode in (1, 5 .. 7, 9)", good: [1, 5, 7, 9], bad: [2, 8, null] },
    {
      text: "inode not in (1, 5..7)",
      good: [2, 8, BIG],
      bad: [1, 5, 6, 7, null],
    },
    { text: "inode is null", good: [null], bad: [0] },
    { text: "inode is not null", good: [0], bad: [null] },
  ],
  recv_q: [
    { text: "recv_q = 64K", good: [65536], bad: [64, 64000] },
    { text: "recv_q = 64KiB", good: [65536], bad: [64, 64000] },
    { text: "recv_q = 1.5MiB", good: [1572864], bad: [1500000] },
    { text: "recv_q = 2TiB", good: [2 ** 41], bad: [2] },
    { text: "recv_q = 512B", good: [512], bad: [512 * 1024] },
    { text: "recv_q > 1.5M", good: [1_572_865], bad: [1_572_864] },
    { text: "recv_q >= 2G", good: [2 ** 31], bad: [2 ** 31 - 1] },
    { text: "recv_q in 1K..2K", good: [1024, 2048], bad: [1023, 2049] },
  ],
  tcp_rtt_us: [
    { text: "rtt > 100ms", good: [100_001], bad: [100_000, null] },
    { text: "rtt = 0", good: [0], bad: [1] },
    { text: "tcp_rtt_us = 100", good: [100], bad: [1] },
    { text: "rtt in 1ms..2ms", good: [1000, 2000], bad: [999, 2001, null] },
    { text: "rtt < 200us", good: [199], bad: [200] },
  ],
  expire_ms: [
    { text: "expire_ms = 2s", good: [2000], bad: [2] },
    { text: "expire_ms = 5m", good: [300_000], bad: [5] },
    { text: "expire_ms = 1h", good: [3_600_000], bad: [1] },
    { text: "expire_ms = 1.5s", good: [1500], bad: [1] },
    { text: "expire_ms > 200us", good: [1], bad: [0] },
    { text: "expire_ms = 40", good: [40], bad: [41] },
  ],
  delete_s: [
    { text: "delete_s = 2s", good: [2], bad: [2000] },
    { text: "delete_s < 1500ms", good: [1], bad: [2] },
  ],
  retrans_ratio: [
    { text: "retrans_ratio > 0.05", good: [0.051, 1], bad: [0.05, 0, null] },
    { text: "retrans_ratio >= 5%", good: [0.05], bad: [0.0499, null] },
    { text: "retrans_ratio = 12.5%", good: [0.125], bad: [0.13, null] },
    { text: "retrans_ratio in 1%..2%", good: [0.01, 0.02], bad: [0.021] },
    { text: "retrans_ratio < 1", good: [0, 0.99], bad: [1, null] },
    { text: "retrans_ratio > -1", good: [0], bad: [-1, null] },
    // as JSON spells them
    { text: "retrans_ratio = 2.5e-8", good: [2.5e-8], bad: [2.5, 0] },
    {
      text: "retrans_ratio = 0.00017461148943600488",
      good: [0.00017461148943600488],
      bad: [0.000174611489436],
    },
  ],
  local_port: [
    { text: "local_port = 443", good: [443], bad: [80] },
    { text: "local_port = https", good: [443], bad: [80, null] },
    { text: "local_port = 'https'", good: [443], bad: [80] },
    { text: "local_port != ssh", good: [443], bad: [22, null] },
    { text: "local_port in 1..1023", good: [1, 1023], bad: [0, 1024] },
    { text: "local_port in ssh..https", good: [22, 443], bad: [21, 444] },
    { text: "local_port in (ssh, https)", good: [22, 443], bad: [23, null] },
  ],
  running: [
    { text: "running", good: [true], bad: [false, null] },
    { text: "not running", good: [false, null], bad: [true] },
    { text: "running = true", good: [true], bad: [false, null] },
    { text: "running = false", good: [false], bad: [true, null] },
    { text: "running != true", good: [false], bad: [true, null] },
    { text: "running in (true, false)", good: [true, false], bad: [null] },
    { text: "running is null", good: [null], bad: [false] },
  ],
  state: [
    { text: "state = LISTEN", good: ["LISTEN"], bad: ["ESTABLISHED", null] },
    { text: "state = listen", good: ["LISTEN"], bad: ["LISTENING"] },
    { text: "state = 'disc sent'", good: ["DISC SENT"], bad: ["LISTEN"] },
    { text: "state != Listen", good: ["TIME_WAIT"], bad: ["LISTEN", null] },
    {
      text: "state in (LISTEN, time_wait)",
      good: ["LISTEN", "TIME_WAIT"],
      bad: ["ESTABLISHED", null],
    },
    {
      text: "state not in (LISTEN, time_wait)",
      good: ["ESTABLISHED"],
      bad: ["LISTEN", "TIME_WAIT", null],
    },
    {
      text: "state ~ ^(LISTEN|TIME)",
      good: ["LISTEN", "TIME_WAIT"],
      bad: ["DISC SENT", null],
    },
    // another table's word
    { text: "state = CONNECTED", good: [], bad: ["LISTEN", null] },
  ],
  mode: [
    { text: "mode = vc", good: ["vc", "VC"], bad: ["dg", "v", null] },
    // only letters have a case
    { text: "mode = '[a'", good: ["[a"], bad: ["{a", "[b"] },
  ],
  path: [
    { text: "path = /run/x", good: ["/run/x"], bad: ["/run/X", "/run", null] },
    { text: "path != /run/x", good: ["/run/y"], bad: ["/run/x", null] },
    { text: "path = 'it''s'", good: ["it's"], bad: ["its"] },
    { text: `path = "it's"`, good: ["it's"], bad: ["its"] },
    { text: `path = "a""b"`, good: ['a"b'], bad: ["ab"] },
    { text: "path = ''", good: [""], bad: ["x", null] },
    { text: "path = '/a b'", good: ["/a b"], bad: ["/a"] },
    { text: "path = 'and'", good: ["and"], bad: ["or"] },
    { text: "path = '1..2'", good: ["1..2"], bad: ["1"] },
    { text: "path = größe", good: [toUtf8("größe")], bad: ["größe"] },
    { text: "path < b", good: ["a", "B", ""], bad: ["b", "c", null] },
    { text: "path >= b", good: ["b", "c"], bad: ["a", null] },
    { text: "path in (a, 'b c')", good: ["a", "b c"], bad: ["b", null] },
    { text: "path not in (a, 'b c')", good: ["b"], bad: ["a", "b c", null] },
    { text: "path ~ ^/run/", good: ["/run/x"], bad: ["x/run/", null] },
    { text: "path !~ ^/run/", good: ["x/run/"], bad: ["/run/x", null] },
    { text: "path ~ '^a b$'", good: ["a b"], bad: ["ab"] },
    { text: "path ~ ^.$", good: [toUtf8("ö"), toUtf8("😀"), "x"], bad: ["xy"] },
    { text: "path ~ ö", good: [toUtf8("größe")], bad: ["o"] },
    { text: "path ~ [)(]$", good: ["a)", "("], bad: ["a"] },
    { text: "path ~ \\)$", good: ["a)"], bad: ["a"] },
    { text: "path ~ a{1,2}b", good: ["aab"], bad: ["b"] },
    { text: "(path ~ ^a)", good: ["ab"], bad: ["ba"] },
    { text: "path~^a..b", good: ["a12b"], bad: ["ab"] },
    { text: "path is null", good: [null], bad: [""] },
    { text: "path is not null", good: ["", "x"], bad: [null] },
  ],
  foreign_address: [
    {
      text: "foreign_address = 10.1.2.3",
      good: ["10.1.2.3", MAPPED],
      bad: ["10.1.2.4", "::10.1.2.3", "::", null],
    },
    {
      text: "foreign_address != 10.1.2.3",
      good: ["10.1.2.4", "fe80::1"],
      bad: ["10.1.2.3", MAPPED, null],
    },
    {
      text: "foreign_address in 10.0.0.0/8",
      good: ["10.0.0.0", "10.255.255.255", MAPPED],
      bad: ["9.255.255.255", "11.0.0.0", "a00::", "::ffff:11.0.0.0", null],
    },
    {
      text: "foreign_address not in 10.0.0.0/8",
      good: ["11.0.0.0", "fe80::1", "::ffff:11.0.0.0"],
      bad: ["10.0.0.0", MAPPED, null],
    },
    {
      text: "foreign_address = 10.1.0.0/16",
      good: [MAPPED],
      bad: ["10.0.0.1"],
    },
    // bits of the address beyond the length do not matter
    {
      text: "foreign_address in 10.9.9.9/8",
      good: [MAPPED],
      bad: ["11.0.0.0"],
    },
    {
      text: "foreign_address in 0.0.0.0/0",
      good: ["0.0.0.0", MAPPED],
      bad: ["::"],
    },
    {
      text: "foreign_address in 128.0.0.0/1",
      good: ["200.0.0.0"],
      bad: ["1.0.0.0"],
    },
    {
      text: "foreign_address in fe80::/10",
      good: ["fe80::1", "febf::"],
      bad: ["fec0::", "ff02::1", "254.128.0.1", null],
    },
    // an IPv6 network has no IPv4 addresses, but those that are mapped
    {
      text: "foreign_address in ::ffff:0:0/96",
      good: [MAPPED],
      bad: ["10.1.2.3", "::1"],
    },
    {
      text: "foreign_address in ::/0",
      good: ["::1", MAPPED],
      bad: ["10.1.2.3"],
    },
    {
      text: "foreign_address in (10.0.0.1, 192.168.0.0/16, ::1)",
      good: ["10.0.0.1", "192.168.9.9", "::1", "::ffff:192.168.0.1"],
      bad: ["10.0.0.2", "::2", null],
    },
    {
      text: "foreign_address in 10.0.0.3..10.0.0.9",
      good: ["10.0.0.3", "10.0.0.9", "::ffff:10.0.0.5"],
      bad: ["10.0.0.2", "10.0.0.10", "::1", null],
    },
    {
      text: "foreign_address in fe80::1..fe80::9",
      good: ["fe80::1", "fe80::9"],
      bad: ["fe80::a", "fe80::", "10.0.0.1"],
    },
    {
      text: "foreign_address < 10.0.0.5",
      good: ["10.0.0.4", "::ffff:10.0.0.4"],
      bad: ["10.0.0.5", "::1", null],
    },
    {
      text: "foreign_address >= fe80::",
      good: ["fe80::", "ff02::1"],
      bad: ["fe7f::", "255.255.255.255", null],
    },
    { text: "foreign_address ~ \\.3$", good: ["10.1.2.3"], bad: ["10.1.2.4"] },
    { text: "foreign_address is null", good: [null], bad: ["0.0.0.0"] },
    { text: "foreign_address is not null", good: ["::"], bad: [null] },
  ],
  // a column that does not tell its bytes, and can have any spelling
  gateway: [
    {
      text: "gateway in 10.0.0.0/8",
      good: ["10.1.2.3", MAPPED],
      bad: ["11.0.0.0", "default", "0A000001", null],
    },
    {
      text: "gateway not in 10.0.0.0/8",
      good: ["11.0.0.0", "default"],
      bad: ["10.1.2.3", null],
    },
    { text: "gateway = fe80::1", good: ["fe80::1"], bad: ["fe80::2"] },
    {
      text: "gateway = 00000001:00AA.fF",
      good: ["00000001:00aa.FF", "00000001:00AA.fF"],
      bad: ["00000001:00ab.FF"],
    },
    {
      text: "gateway = aa:bb:cc:dd:ee:ff",
      good: ["AA:BB:CC:DD:EE:FF"],
      bad: [],
    },
    // call signs are no hexadecimal digits
    { text: "gateway = N0CALL-5", good: ["N0CALL-5"], bad: ["n0call-5"] },
    {
      text: "gateway in (10.0.0.1, N0CALL)",
      good: ["10.0.0.1", "N0CALL"],
      bad: ["10.0.0.2", null],
    },
    {
      text: "gateway < 10.0.0.5",
      good: ["9.0.0.0", "10.0.0.4"],
      bad: ["10.0.0.10", "::1", "0", null],
    },
    { text: "gateway > N0", good: ["N1"], bad: ["N0", "255.0.0.0", "::1"] },
  ],
  flag_names: [
    {
      text: "flag_names = UP",
      good: [["UP"], ["A", "UP"]],
      bad: [[], ["A"], null],
    },
    { text: "flag_names != UP", good: [["A", "UP"]], bad: [["UP"], [], null] },
    {
      text: "not flag_names = UP",
      good: [["A"], [], null],
      bad: [["A", "UP"]],
    },
    { text: "flag_names ~ ^U", good: [["A", "UP"]], bad: [["A"], null] },
    { text: "flag_names > B", good: [["A", "C"]], bad: [["A"], null] },
    { text: "flag_names is null", good: [null, [], [null]], bad: [["A"]] },
    { text: "flag_names is not null", good: [[null, "A"]], bad: [null, []] },
  ],
  foreign_addresses: [
    {
      text: "foreign_addresses in 10.0.0.0/8",
      good: [["1.1.1.1", "10.1.2.3"], [MAPPED], ["10.0.0.1/24"]],
      bad: [["1.1.1.1"], [], ["x"], null],
    },
    {
      text: "foreign_addresses = 10.0.0.1",
      good: [["10.0.0.1"], ["10.0.0.1/24"]],
      bad: [["10.0.0.2"]],
    },
    {
      text: "foreign_addresses >= fe80::",
      good: [["10.0.0.1", "fe80::1"]],
      bad: [["::1"]],
    },
  ],
};

for (const [key, cases] of Object.entries(CASES)) {
  for (const { text, good, bad } of cases) {
    Deno.test(`query: ${text}`, () => {
      for (const value of good) {
        assert.equal(keeps(text, { [key]: value }), true, `${value}`);
      }
      for (const value of bad) {
        assert.equal(keeps(text, { [key]: value }), false, `${value}`);
      }
    });
  }
}

const ROW: Plain = {
  state: "LISTEN",
  local_port: 80,
  foreign_port: 80,
  local_address: MAPPED,
  foreign_address: "10.1.2.3",
  gateway: "10.1.2.9",
  recv_q: 10,
  send_q: 5,
  expire_ms: 2000,
  delete_s: 2,
  running: true,
  path: "eth0",
  iface: "eth0",
  inode: BIG,
  flag_names: ["eth0", "x"],
  owners: [
    {
      pid: 7,
      comm: "nginx",
      user: "www",
      cmdline: ["nginx", "-g"],
      local: true,
    },
    { pid: 9, comm: null, user: "root", cmdline: null, local: false },
  ],
};

/** What is true of this row, and what is not. */
const ROW_CASES: Record<string, boolean> = {
  // precedence: not, and, or
  "recv_q = 10 or recv_q = 1 and send_q = 1": true,
  "(recv_q = 10 or recv_q = 1) and send_q = 1": false,
  "not recv_q = 1 and send_q = 1": false,
  "not (recv_q = 1 and send_q = 1)": true,
  "not not recv_q = 10": true,
  "recv_q = 1 or recv_q = 2 or recv_q = 3 or recv_q = 10": true,
  "recv_q = 10 and send_q = 5 and inode > 1 and running": true,
  "recv_q = 10 and send_q = 5 and inode > 1 and not running": false,
  "recv_q = 10 and send_q = 5 and inode = 1": false,
  "recv_q = 1 or send_q = 1 or running": true,
  "\trecv_q=10\n and(running)": true,
  // two columns
  "local_port = foreign_port": true,
  "local_port != foreign_port": false,
  "recv_q > send_q": true,
  "recv_q <= send_q": false,
  "recv_q < inode": true,
  "expire_ms = delete_s": true,
  "expire_ms > delete_s": false,
  "local_address = foreign_address": true,
  "local_address < gateway": true,
  "gateway > foreign_address": true,
  "path = `iface`": true,
  "`path` = `iface`": true,
  "path != `iface`": false,
  "path = 'iface'": false,
  "mode = `path`": false,
  "not mode = `path`": true,
  "recv_q = rx_ok": false,
  "recv_q != rx_ok": false,
  "flag_names = `path`": true,
  "flag_names > `path`": true,
  "running = running": true,
  "tcp_rtt_us = expire_ms": false,
  // objects
  "owners.comm = nginx": true,
  "owners.comm = apache": false,
  "owners.comm != nginx": false,
  "owners.user != www": true,
  "owners.pid > 8": true,
  "owners.pid in 1..6": false,
  "owners.local": true,
  "owners.comm is null": false,
  "owners.comm is not null": true,
  "owners.cmdline = -g": true,
  "owners.cmdline ~ ^ng": true,
  "owners.pid < recv_q": true,
  "owners.pid > recv_q": false,
  "owners is null": false,
  // the head
  "proto = tcp": true,
  "proto = TCP": true,
  "proto != unix": true,
  "proto ~ ^t": true,
  "family in (inet, unix)": true,
  "netns = 4026531840": true,
  "proto is null": false,
  // columns of another relation
  "type = STREAM": false,
  "type != STREAM": false,
  "not type = STREAM": true,
  "type is null": true,
  "type is not null": false,
  "type = `state`": false,
};

for (const [text, want] of Object.entries(ROW_CASES)) {
  Deno.test(`query: ${text}: ${want}`, () => {
    assert.equal(keeps(text, ROW), want);
    assert.equal(keeps(`not (${text})`, ROW), !want);
  });
}

Deno.test("query: a row without owners", () => {
  for (const owners of [null, []]) {
    assert.equal(keeps("owners.comm = nginx", { owners }), false);
    assert.equal(keeps("owners.comm != nginx", { owners }), false);
    assert.equal(keeps("owners.comm is null", { owners }), true);
    assert.equal(keeps("owners is null", { owners }), true);
    assert.equal(keeps("owners.comm is not null", { owners }), false);
  }
});

/** What is decided without any row. */
const FOLDED: [
  text: string,
  tcp: boolean | string[],
  unix: boolean | string[],
][] = [
  ["proto = tcp", true, false],
  ["not proto = tcp", false, true],
  ["proto = tcp and state = LISTEN", ["state"], false],
  ["proto = tcp or state = CONNECTED", true, ["state"]],
  ["local_port = 80", ["local_port"], false],
  ["local_port = 80 or inode = 1", ["local_port", "inode"], ["inode"]],
  ["not local_port = 80", ["local_port"], true],
  ["local_port is null", ["local_port"], true],
  ["local_port = foreign_port", ["local_port", "foreign_port"], false],
  ["owners.comm = nginx", ["owners"], false],
  ["proto = unix and owners.comm = nginx", false, false],
  ["family = `proto`", false, true],
  ["netns > 1 and netns in (4026531840)", true, true],
];

for (const [text, ...wants] of FOLDED) {
  Deno.test(`query: without a row: ${text}`, () => {
    for (const [i, schema] of [SCHEMA, OTHER].entries()) {
      const { keep, used } = compiled(text, schema);
      const want = wants[i]!;
      const keys = used.map(({ key }) => key);
      assert.deepEqual(typeof keep === "boolean" ? keep : keys, want);
      if (typeof keep === "boolean") assert.deepEqual(keys, []);
    }
  });
}

Deno.test("query: tests that the kernel could be asked", () => {
  const { tests } = compiled(
    "local_port = ssh and (state in (LISTEN, TIME_WAIT) or not running) and " +
      "foreign_address != 10.0.0.0/8 and not recv_q > 1K and " +
      "(type = STREAM or path ~ x) and owners.pid = 1",
  );
  assert.deepEqual(tests, {
    is: "all",
    terms: [
      {
        is: "in",
        key: "local_port",
        values: [{ is: "numbers", from: 22, to: 22 }],
      },
      {
        is: "any",
        terms: [
          {
            is: "in",
            key: "state",
            values: [
              { is: "text", text: "LISTEN", folded: true },
              { is: "text", text: "TIME_WAIT", folded: true },
            ],
          },
          { is: "not", term: { is: "unknown" } },
        ],
      },
      {
        is: "not in",
        key: "foreign_address",
        values: [{
          is: "addresses",
          from: Uint8Array.of(10, 0, 0, 0),
          to: Uint8Array.of(10, 255, 255, 255),
          length: 8,
          text: "10.0.0.0/8",
        }],
      },
      {
        is: "not",
        term: {
          is: ">",
          key: "recv_q",
          values: [{ is: "numbers", from: 1024, to: 1024 }],
        },
      },
      { is: "any", terms: [{ is: "unknown" }] },
      { is: "unknown" },
    ],
  });
});

Deno.test("query: a text is compared by its bytes where they are told", () => {
  const path: Schema = {
    head: {},
    columns: {
      path: {
        ...COLUMNS.path!,
        value: () => assert.fail("no string is needed"),
        span(row: Plain, into) {
          if (row.path === null) return false;
          const bytes = new TextEncoder().encode(`<${row.path}>`);
          into.bytes = bytes;
          into.from = 1;
          into.to = bytes.length - 1;
          return true;
        },
      },
    },
  };
  const test = (text: string, row: Plain) => {
    const { keep } = compile(bound(text, new Schemas([path])), path);
    assert.ok(typeof keep === "function");
    return keep(row, VIEW);
  };
  assert.ok(test("path = abc", { path: "abc" }));
  assert.ok(!test("path = abc", { path: "abd" }));
  assert.ok(!test("path = abc", { path: "ab" }));
  assert.ok(!test("path = abc", { path: null }));
  assert.ok(test("path != abc", { path: "" }));
  assert.ok(!test("path != abc", { path: null }));
  assert.ok(test("path is null", { path: null }));
  assert.ok(test("path = ''", { path: "" }));
});

Deno.test("query: addresses, numbers and names need no string of a row", () => {
  const columns = {
    ...COLUMNS,
    foreign_address: {
      ...COLUMNS.foreign_address!,
      value: () => assert.fail("no string is needed"),
    },
  };
  const schema: Schema = { head: {}, columns };
  const among = new Schemas([schema]);
  for (
    const text of [
      "foreign_address = 10.1.2.3",
      "foreign_address in (10.0.0.0/8, ::1)",
      "foreign_address < 11.0.0.0",
      "foreign_address is not null",
      "foreign_address = local_address",
    ]
  ) {
    const { keep } = compile(bound(text, among), schema);
    assert.ok(typeof keep === "function");
    assert.equal(keep(ROW, VIEW), true, text);
  }
});

Deno.test("query: a key of another kind in one relation", () => {
  // a family file can do that
  const odd: Schema = { head: {}, columns: { inode: COLUMNS.path! } };
  const among = new Schemas([SCHEMA, odd]);
  const test = (text: string) => {
    const { keep } = compile(bound(text, among), odd);
    return typeof keep === "boolean" ? keep : keep({ path: "7" }, VIEW);
  };
  assert.equal(test("inode = 7"), true);
  assert.equal(test("inode != 7"), false);
  const numeric = new Schemas([odd, SCHEMA]);
  const { keep } = compile(bound("inode = x", numeric), SCHEMA);
  assert.ok(typeof keep === "function");
  assert.equal(keep({ inode: 7 }, VIEW), false);
  const { keep: not } = compile(bound("inode != x", numeric), SCHEMA);
  assert.ok(typeof not === "function");
  assert.equal(not({ inode: 7 }, VIEW), true);
  assert.equal(not({ inode: null }, VIEW), false);
});

Deno.test("query: heads without a value", () => {
  const named: Schema = { head: { netns_name: "web" }, columns: {} };
  const unnamed: Schema = { head: { netns_name: null }, columns: {} };
  const among = new Schemas([unnamed, named]);
  const keep = (text: string, schema: Schema) =>
    compile(bound(text, among), schema).keep;
  assert.equal(keep("netns_name = web", named), true);
  assert.equal(keep("netns_name = web", unnamed), false);
  assert.equal(keep("netns_name != web", unnamed), false);
  assert.equal(keep("netns_name is null", unnamed), true);
  const none = new Schemas([unnamed]);
  assert.equal(
    compile(bound("netns_name = web", none), unnamed).keep,
    false,
  );
});

Deno.test("query: what an expression looks at, with what that needs", () => {
  const { used } = compiled(
    "program_name = x and owners.pid > 1 and recv_q > 0",
  );
  assert.deepEqual(
    used.map(({ key, column }: Shown) => [key, column.needs]),
    [["program_name", "owner"], ["owners", "holders"], ["recv_q", undefined]],
  );
});

Deno.test("query: long expressions are no deep ones", () => {
  const many = Array(20_000).fill("recv_q = 1").join(" or ");
  assert.equal(keeps(`${many} or recv_q = 10`, ROW), true);
  const values = Array.from({ length: 20_000 }, (_, i) => i + 100).join();
  assert.equal(keeps(`recv_q in (${values}, 10)`, ROW), true);
  const deep = 90;
  assert.equal(
    keeps("(".repeat(deep) + "running" + ")".repeat(deep), ROW),
    true,
  );
});

/** What the kernel tells of TCP over netlink: numbers, what follows from them, attributes. */

import assert from "node:assert/strict";
import type { Answer } from "../core/contract/diag.ts";
import type { Value } from "../core/contract/family.ts";
import {
  answerOf,
  type Attribute,
  bytes,
  inet,
  nest,
  packed,
  text,
  told,
  toldByAttributes,
} from "./diag_answers.ts";
import { PROTOCOLS, valuesOf, VIEW } from "./diag_samples.ts";
import "./program.ts";

const INFO = 2;
const ESTABLISHED = 1;
const LISTEN = 10;

/** `struct tcp_info` of that state and length, with a number in each word. */
function tcpInfo(state: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 8; at < length; at++) bytes[at] = at % 4 === 0 ? at : 1;
  const head = [state, 3, 1, 2, 3, 0b1000101, 0x75, 0b101];
  bytes.set(head.slice(0, length));
  return bytes;
}

Deno.test("diag: a tcp_info is read as far as it goes", () => {
  const { fields } = PROTOCOLS.tcp!;
  const structure = inet(ESTABLISHED);
  const of = (info: Uint8Array) =>
    told(fields, answerOf(structure, [[INFO, info]]));
  const bare = told(fields, answerOf(structure, []));
  const whole = of(tcpInfo(ESTABLISHED, 280));
  const own = (values: Record<string, Value>) =>
    Object.keys(values).filter((key) => !(key in bare));
  let before = 0;
  const lengths = [
    104,
    120,
    136,
    144,
    160,
    168,
    192,
    200,
    224,
    232,
    240,
    248,
    280,
  ];
  for (const length of lengths) {
    const values = of(tcpInfo(ESTABLISHED, length));
    const keys = own(values).filter((key) => key.startsWith("tcp_"));
    assert.ok(keys.length > before, `${length} tells no more`);
    before = keys.length;
    for (const key of keys) assert.deepEqual(values[key], whole[key], key);
  }
  // all that there is
  const all = Object.keys(fields).filter((key) => key.startsWith("tcp_"));
  assert.deepEqual(
    own(whole).filter((key) => key.startsWith("tcp_")).sort(),
    all.sort(),
  );
  // a newer kernel has more at the end
  assert.deepEqual(of(tcpInfo(ESTABLISHED, 300)), whole);
  // other lengths, and another state, are those of other structures
  for (let length = 0; length < 280; length++) {
    if (lengths.includes(length)) continue;
    assert.deepEqual(own(of(tcpInfo(ESTABLISHED, length))), [], `${length}`);
  }
  assert.deepEqual(own(of(tcpInfo(2, 280))), []);
});

Deno.test("diag: numbers of a tcp_info", () => {
  const values = valuesOf(
    PROTOCOLS.tcp!.fields,
    answerOf(inet(ESTABLISHED), [[INFO, tcpInfo(ESTABLISHED, 280)]]),
  );
  const at = (place: number) => place | 0x01010100;
  assert.deepEqual(
    [values.tcp_ca_state, values.tcp_snd_wscale, values.tcp_rcv_wscale],
    ["recovery", 5, 7],
  );
  assert.deepEqual(values.tcp_options, ["timestamps", "wscale", "usec_ts"]);
  assert.equal(values.tcp_app_limited, true);
  assert.equal(values.tcp_fastopen_client_fail_num, 2);
  assert.equal(values.tcp_rto_us, at(8));
  assert.equal(values.tcp_snd_cwnd, at(80));
  assert.equal(
    values.tcp_bytes_acked,
    BigInt(at(124)) << 32n | BigInt(at(120)),
  );
  assert.equal(values.tcp_total_rto, 0x01f0);
  assert.equal(values.tcp_total_rto_recoveries, 0x0101);
  assert.equal(values.tcp_accecn_opt_seen, 0x0101);
});

/** A `tcp_info` with these words of 32 bits and 64 bits. */
function words(
  halves: Readonly<Record<number, number>>,
  wholes: Readonly<Record<number, number>> = {},
): Answer {
  const info = new Uint8Array(280);
  const view = new DataView(info.buffer);
  info[0] = ESTABLISHED;
  for (const [at, value] of Object.entries(halves)) {
    view.setUint32(Number(at), value, true);
  }
  for (const [at, value] of Object.entries(wholes)) {
    view.setBigUint64(Number(at), BigInt(value), true);
  }
  return answerOf(inet(ESTABLISHED), [[INFO, info]]);
}

const DERIVED: {
  readonly key: string;
  readonly answer: Answer;
  readonly want: Value;
}[] = [
  { key: "idle_ms", answer: words({ 44: 700, 52: 300 }), want: 300 },
  {
    key: "age_at_least_ms",
    answer: words({ 44: 700, 52: 300, 56: 900 }),
    want: 900,
  },
  {
    key: "send_estimate_bytes_per_s",
    answer: words({ 16: 1448, 68: 20_000, 80: 10 }),
    want: 724_000,
  },
  {
    key: "send_estimate_bytes_per_s",
    answer: words({ 16: 1448, 80: 10 }),
    want: null,
  },
  {
    key: "retrans_ratio",
    answer: words({}, { 200: 1000, 208: 250 }),
    want: 0.25,
  },
  { key: "retrans_ratio", answer: words({}), want: null },
  { key: "queueing_us", answer: words({ 68: 900, 148: 400 }), want: 500 },
  { key: "queueing_us", answer: words({ 68: 300, 148: 400 }), want: 0 },
  {
    key: "queueing_us",
    answer: words({ 68: 900, 148: 0xffff_ffff }),
    want: null,
  },
  { key: "busy_ratio", answer: words({ 44: 10 }, { 168: 5000 }), want: 0.5 },
  {
    key: "peer_limited_ratio",
    answer: words({}, { 168: 4000, 176: 1000 }),
    want: 0.25,
  },
  {
    key: "buffer_limited_ratio",
    answer: words({}, { 168: 4000, 184: 3000 }),
    want: 0.75,
  },
  {
    key: "limited_by",
    answer: words({ 228: 1 }, { 168: 4000, 176: 3000 }),
    want: "peer",
  },
  { key: "limited_by", answer: words({ 144: 5 }), want: "peer" },
  {
    key: "limited_by",
    answer: words({ 228: 1 }, { 168: 4000, 184: 3000 }),
    want: "buffer",
  },
  {
    key: "limited_by",
    answer: words({ 228: 1 }, { 200: 1000, 208: 20 }),
    want: "network",
  },
  { key: "limited_by", answer: words({ 228: 1 }), want: null },
  {
    key: "in_flight_bytes",
    answer: words({ 16: 1000, 24: 10, 28: 2, 32: 3, 36: 1 }),
    want: 6000,
  },
  { key: "in_flight_bytes", answer: words({ 16: 1000, 28: 2 }), want: 0 },
  {
    key: "bdp_bytes",
    answer: words({ 148: 2000 }, { 160: 1_000_000 }),
    want: 2000,
  },
  { key: "ce_ratio", answer: words({ 192: 100, 196: 5 }), want: 0.05 },
  {
    key: "out_of_order_ratio",
    answer: words({ 152: 100, 224: 95 }),
    want: 0.95,
  },
];

for (const [i, { key, answer, want }] of DERIVED.entries()) {
  Deno.test(`diag: ${key} follows (${i})`, () => {
    const field = PROTOCOLS.tcp!.fields[key]!;
    assert.deepEqual(field.value(answer, VIEW), want);
  });
}

Deno.test("diag: an older kernel counts segments that were sent again", () => {
  const info = tcpInfo(ESTABLISHED, 160);
  const view = new DataView(info.buffer);
  view.setUint32(100, 5, true);
  view.setUint32(156, 100, true);
  const answer = answerOf(inet(ESTABLISHED), [[INFO, info]]);
  const { retrans_ratio } = PROTOCOLS.tcp!.fields;
  assert.equal(retrans_ratio!.value(answer, VIEW), 0.05);
});

Deno.test("diag: a connection whose other end does not answer", () => {
  const { stuck_ms } = PROTOCOLS.tcp!.fields;
  const info = tcpInfo(ESTABLISHED, 280);
  new DataView(info.buffer).setUint32(56, 31_000, true);
  const of = (timer: number, count: number) =>
    stuck_ms!.value(
      answerOf(inet(ESTABLISHED, { timer, count }), [[INFO, info]]),
      VIEW,
    );
  assert.deepEqual(
    [of(0, 0), of(1, 0), of(1, 3), of(2, 4), of(4, 0)],
    [null, null, 31_000, null, 31_000],
  );
});

Deno.test("diag: a listening socket, and one that nobody holds", () => {
  const memory = packed(
    ...Array.from({ length: 9 }, (_, i) => [32, i] as const),
  );
  const listening = toldByAttributes("tcp", inet(LISTEN, { queue: 6 }), [
    [INFO, tcpInfo(LISTEN, 280)],
    [7, memory],
  ]);
  assert.equal(listening.tcp_unacked, undefined);
  assert.equal(listening.tcp_snd_cwnd, 80 | 0x01010100);
  assert.equal(listening.accept_queue_drops, 8);
  assert.equal(listening.backlog_bytes, 7);
  assert.equal(listening.drops, 8);
  const { orphan, accept_queue, accept_queue_max, send_q, syn_retransmits } =
    valuesOf(PROTOCOLS.tcp!.fields, answerOf(inet(LISTEN, { queue: 6 }), []));
  assert.deepEqual(
    [orphan, accept_queue, accept_queue_max, send_q, syn_retransmits],
    [false, 6, 5, 0, null],
  );
  const ending = inet(4, { inode: 0, count: 3 });
  assert.equal(told(PROTOCOLS.tcp!.fields, answerOf(ending, [])).orphan, true);
  const begun = inet(3, { inode: 0, timer: 1, count: 3 });
  const beginning = told(PROTOCOLS.tcp!.fields, answerOf(begun, []));
  assert.equal(beginning.syn_retransmits, 3);
  assert.equal(beginning.orphan, false);
  // kernels before 4.7 have no number of drops
  const old = toldByAttributes("tcp", inet(1), [[7, memory.subarray(0, 32)]]);
  assert.deepEqual([old.backlog_bytes, old.drops], [7, undefined]);
});

const TCP_ATTRIBUTES: {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly want: Record<string, Value>;
}[] = [
  {
    name: "TLS in the kernel",
    attributes: [[
      19,
      nest(
        [1, text("tls", 4)],
        [
          2 | 0x8000,
          nest(
            [1, packed([16, 0x0304])],
            [2, packed([16, 52])],
            [3, packed([16, 2])],
            [4, packed([16, 3])],
          ),
        ],
      ),
    ]],
    want: {
      ulp: "tls",
      tls_version: "1.3",
      tls_cipher: "AES-GCM-256",
      tls_tx: "software",
      tls_rx: "device",
    },
  },
  {
    name: "a cipher of a newer kernel",
    attributes: [[19, nest([2, nest([2, packed([16, 99])])])]],
    want: { tls_cipher: "99" },
  },
  {
    name: "a subflow of Multipath TCP",
    attributes: [[
      19,
      nest(
        [1, text("mptcp", 6)],
        [
          3,
          nest(
            [1, packed([32, 11])],
            [2, packed([32, 12])],
            [3, packed([32, 99])],
            [4, packed([64, 2 ** 40])],
            [5, packed([32, 15])],
            [6, packed([32, 16])],
            [7, packed([16, 17])],
            [8, packed([32, 0b1_1000_0001])],
            [9, packed([8, 19])],
            [10, packed([8, 20])],
          ),
        ],
      ),
    ]],
    want: {
      ulp: "mptcp",
      mptcp_token_remote: 11,
      mptcp_token_local: 12,
      mptcp_map_seq: 2 ** 40,
      mptcp_map_subflow_seq: 15,
      mptcp_map_offset: 16,
      mptcp_map_bytes: 17,
      mptcp_subflow_flags: ["remote_capable", "connected", "mapped"],
      mptcp_subflow_flags_num: 0b1_1000_0001,
      mptcp_id_remote: 19,
      mptcp_id_local: 20,
    },
  },
  {
    name: "DCTCP",
    attributes: [
      [4, text("dctcp", 6)],
      [9, packed([16, 1], [16, 1], [32, 512], [32, 3000], [32, 9000])],
    ],
    want: {
      congestion: "dctcp",
      dctcp_enabled: true,
      dctcp_ce_state: 1,
      dctcp_alpha: 512,
      dctcp_ab_ecn: 3000,
      dctcp_ab_tot: 9000,
    },
  },
  {
    name: "Vegas",
    attributes: [[3, packed([32, 1], [32, 12], [32, 500], [32, 0x7fff_ffff])]],
    want: { vegas_enabled: true, vegas_rtt_count: 12, vegas_rtt_us: 500 },
  },
  {
    name: "BBR",
    attributes: [[
      16,
      packed([32, 7], [32, 1], [32, 90], [32, 739], [32, 512]),
    ]],
    want: {
      bbr_bytes_per_s: 2 ** 32 + 7,
      bbr_min_rtt_us: 90,
      bbr_pacing_gain: 739 / 256,
      bbr_cwnd_gain: 2,
    },
  },
  {
    name: "BBR that has measured nothing",
    attributes: [[16, packed([64, 0], [32, 0xffff_ffff], [32, 0], [32, 0])]],
    want: {},
  },
  {
    name: "signatures, one of which is cut",
    attributes: [[
      18,
      new Uint8Array([
        ...md5(2, 24, bytes(192, 0, 2, 0)),
        ...md5(10, 128, bytes(...new Array(15).fill(0), 1)),
        ...md5(2, 32, bytes(192, 0, 2, 1)).subarray(0, 99),
      ]),
    ]],
    want: { md5_peers: ["192.0.2.0/24", "::1/128"] },
  },
  {
    name: "a mark and a class of which bytes are missing",
    attributes: [[15, bytes(1, 2, 3)], [17, bytes()], [22, bytes(1)]],
    want: {},
  },
  {
    name: "an attribute that comes twice, and flags of its type",
    attributes: [[15 | 0x4000, packed([32, 1])], [15, packed([32, 2])]],
    want: { mark: 1 },
  },
  {
    name: "attributes that nobody knows",
    attributes: [[23, bytes(1)], [63, bytes(9)], [64, bytes(9)], [
      0x3fff,
      bytes(1),
    ]],
    want: {},
  },
];

/** `struct tcp_diag_md5sig` */
function md5(family: number, prefix: number, address: Uint8Array): Uint8Array {
  const entry = new Uint8Array(100).fill(115);
  entry.set([family, prefix, 80, 0]);
  entry.fill(0, 4, 20);
  entry.set(address, 4);
  return entry;
}

for (const { name, attributes, want } of TCP_ATTRIBUTES) {
  Deno.test(`diag: tcp: ${name}`, () => {
    const got = toldByAttributes("tcp", inet(ESTABLISHED), attributes);
    assert.deepEqual(got, want);
  });
}

Deno.test("diag: no field tells a byte of a key", () => {
  const values = toldByAttributes("tcp", inet(ESTABLISHED), [
    [18, md5(2, 32, bytes(192, 0, 2, 1))],
  ]);
  assert.deepEqual(values, { md5_peers: ["192.0.2.1/32"] });
});

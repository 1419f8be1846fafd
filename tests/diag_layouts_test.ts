/** What the kernel tells over netlink where no sample reaches: each number at its place. */

import assert from "node:assert/strict";
import type { Answer } from "../core/contract/diag.ts";
import type { Value } from "../core/contract/family.ts";
import type { Fields } from "../families/_diag_fields.ts";
import { Once } from "../families/_diag_netlink.ts";
import {
  answerOf,
  dialoguesOf,
  eachAnswer,
  joined,
  packed,
  PROTOCOLS,
  type Sized,
  valuesOf,
  VIEW,
} from "./diag_samples.ts";
import "./program.ts";

/** An attribute. */
type Attribute = readonly [number, Uint8Array];

const INFO = 2;
const ESTABLISHED = 1;
const LISTEN = 10;

/** The values that are not null. */
function told(fields: Fields, answer: Answer): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(valuesOf(fields, answer)).filter(([, value]) =>
      value !== null
    ),
  );
}

/** What is told of an answer beside what its structure has. */
function toldByAttributes(
  name: string,
  structure: Uint8Array,
  attributes: readonly Attribute[],
): Record<string, Value> {
  const { fields } = PROTOCOLS[name]!;
  const without = told(fields, answerOf(structure, []));
  const all = told(fields, answerOf(structure, attributes));
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) =>
      JSON.stringify(without[key] ?? null) !== JSON.stringify(value)
    ),
  );
}

/** `struct inet_diag_msg` of a socket in a state. */
function inet(
  state: number,
  { family = 2, timer = 0, count = 0, queue = 0, inode = 7, port = 80 } = {},
): Uint8Array {
  const bytes = new Uint8Array(72);
  bytes.set([family, state, timer, count, 0, 22, port >> 8, port & 255]);
  const words = new DataView(bytes.buffer);
  words.setUint32(56, queue, true);
  words.setUint32(60, 5, true);
  words.setUint32(68, inode, true);
  return bytes;
}

/** `struct tcp_info` of that state and length, with a number in each word. */
function tcpInfo(state: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 8; at < length; at++) bytes[at] = at % 4 === 0 ? at : 1;
  const head = [state, 3, 1, 2, 3, 0b1000101, 0x75, 0b101];
  bytes.set(head.slice(0, length));
  return bytes;
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (value: string, length = value.length) => {
  const data = new Uint8Array(length);
  data.set(new TextEncoder().encode(value));
  return data;
};

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

/** Attributes inside an attribute. */
const nest = (...attributes: Attribute[]) =>
  joined(new Uint8Array(0), attributes);

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

/** `struct sockaddr_storage` */
function sockaddr(family: number, address: Uint8Array): Uint8Array {
  const entry = new Uint8Array(128);
  entry.set([family, 0, 0x1f, 0x90]);
  entry.set(address, family === 10 ? 8 : 4);
  return entry;
}

Deno.test("diag: sctp: each number at its place", () => {
  const info = new Uint8Array(368);
  const view = new DataView(info.buffer);
  for (let at = 0; at < 368; at += 4) view.setUint32(at, at, true);
  view.setUint32(4, 4, true);
  for (let at = 56; at < 168; at += 8) view.setBigUint64(at, BigInt(at), true);
  info.set(sockaddr(10, bytes(0xfe, 0x80, ...new Array(13).fill(0), 1)), 168);
  view.setUint32(296, 2, true);
  const values = toldByAttributes("sctp", inet(3), [
    [
      12,
      new Uint8Array([
        ...sockaddr(2, bytes(127, 0, 0, 1)),
        ...sockaddr(10, bytes(...new Array(15).fill(0), 1)),
        ...sockaddr(1, bytes(47)),
        ...sockaddr(2, bytes(10, 0, 0, 1)).subarray(0, 127),
      ]),
    ],
    [13, sockaddr(2, bytes(192, 0, 2, 1))],
    [INFO, info],
  ]);
  assert.deepEqual(values.local_addresses, ["127.0.0.1", "::1"]);
  assert.deepEqual(values.foreign_addresses, ["192.0.2.1"]);
  assert.equal(values.state, "ESTABLISHED");
  assert.equal(values.sctp_rwnd, 8);
  assert.equal(values.sctp_pending, 0);
  assert.equal(values.sctp_unacked, 12);
  assert.equal(values.sctp_peer_tag, 48);
  assert.equal(values.sctp_sacks_in, 56);
  assert.equal(values.sctp_control_in, 160);
  assert.equal(values.sctp_primary, "fe80::1");
  assert.equal(values.sctp_primary_state, "active");
  assert.equal(values.sctp_rto_ms, 308 & 0xffff);
  assert.equal(values.sctp_flight_bytes, 336);
  assert.equal(values.sctp_autoclose_s, 344);
  assert.equal(values.sctp_nodelay, true);
  assert.equal(values.sctp_type_num, 360);
  const endpoint = told(
    PROTOCOLS.sctp!.fields,
    answerOf(inet(LISTEN, { port: 0 }), []),
  );
  assert.equal(endpoint.state, "LISTEN");
});

Deno.test("diag: vsock: each number at its place", () => {
  const of = (...numbers: Sized[]) =>
    told(PROTOCOLS.vsock!.fields, answerOf(packed(...numbers), []));
  assert.deepEqual(
    of(
      [8, 40],
      [8, 1],
      [8, 1],
      [8, 2],
      [32, 3],
      [32, 70_000],
      [32, 2],
      [32, 1024],
      [32, 99],
      [64, 5],
    ),
    {
      type: "STREAM",
      type_num: 1,
      local_cid: 3,
      local_port: 70_000,
      foreign_cid: 2,
      foreign_port: 1024,
      state: "ESTABLISHED",
      state_num: 1,
      shutdown: "send",
      shutdown_num: 2,
      inode: 99,
      cookie: 5,
    },
  );
  const any = [32, 0xffff_ffff] as const;
  const listening = of(
    [8, 40],
    [8, 1],
    [8, 10],
    [8, 0],
    any,
    [32, 22],
    any,
    any,
    [32, 99],
    [64, 5],
  );
  assert.deepEqual(
    [listening.state, listening.local_cid, listening.foreign_port],
    ["LISTEN", undefined, undefined],
  );
});

Deno.test("diag: smc: each number at its place", () => {
  const structure = new Uint8Array(64);
  structure.set([43, 1, 2, 3, 0, 22, 0, 80, 192, 0, 2, 1]);
  structure.set([192, 0, 2, 2], 24);
  structure.set(packed([32, 4], [64, 9], [32, 1000], [64, 2 ** 40]), 40);
  const connection = new Uint8Array(76);
  const view = new DataView(connection.buffer);
  for (let at = 0; at < 76; at += 4) view.setUint32(at, at, true);
  const link = new Uint8Array(147);
  link[0] = 1;
  link.set(text("mlx5_0"), 1);
  link[65] = 2;
  link.set(text("fe80::1"), 66);
  link.set(text("f".repeat(40)), 106);
  link[146] = 1;
  const values = told(
    PROTOCOLS.smc!.fields,
    answerOf(structure, [
      [1, connection],
      [2, link],
      [
        4,
        packed(
          [32, 1],
          [32, 0],
          ...[2, 3, 4, 5, 6, 7].map((n) => [64, n] as const),
        ),
      ],
      [5, packed([32, 0x0301_0000], [32, 5])],
    ]),
  );
  assert.deepEqual(values, {
    local_address: "192.0.2.1",
    local_port: 22,
    foreign_address: "192.0.2.2",
    foreign_port: 80,
    iface: "if4",
    ifindex: 4,
    state: "ACTIVE",
    state_num: 1,
    smc_mode: "smc-d",
    shutdown: "both",
    shutdown_num: 3,
    uid: 1000,
    inode: 2 ** 40,
    cookie: 9,
    smc_token: 0,
    smc_sndbuf: 4,
    smc_rcvbuf: 8,
    smc_peer_rcvbuf: 12,
    smc_rx_produced: 20,
    smc_rx_consumed: 28,
    smc_tx_produced: 36,
    smc_tx_consumed: 44,
    smc_tx_prepared: 56,
    smc_tx_sent: 64,
    smc_tx_confirmed: 72,
    smc_link: 1,
    smc_device: "mlx5_0",
    smc_device_port: 2,
    smc_gid: "fe80::1",
    smc_peer_gid: "f".repeat(40),
    smc_role: "server",
    smc_d_link: 1,
    smc_d_peer_gid: 2,
    smc_d_gid: 3,
    smc_d_token: 4,
    smc_d_peer_token: 5,
    smc_d_peer_gid_ext: 6,
    smc_d_gid_ext: 7,
    smc_fallback_num: 0x0301_0000,
    smc_peer_diagnosis_num: 5,
  });
});

Deno.test("diag: tipc: each number at its place", () => {
  const word = (value: number) => packed([32, value]);
  const answer = answerOf(new Uint8Array(0), [[
    2 | 0x8000,
    nest(
      [1, word(0x0100_1001)],
      [2, word(3_000_000_000)],
      [
        3,
        nest([1, bytes()], [2, word(7)], [3, word(8)], [4, word(18)], [
          5,
          word(1),
        ]),
      ],
      [4, bytes()],
      [5, nest([0, word(2)], [1, word(3)], [2, bytes()], [4, word(6)])],
      [6, word(5)],
      [7, word(1234)],
      [8, word(1000)],
      [9, word(1)],
      [10, packed([64, 2n ** 60n])],
    ),
  ]]);
  assert.deepEqual(told(PROTOCOLS.tipc!.fields, answer), {
    type: "SEQPACKET",
    type_num: 5,
    local_node_num: 0x0100_1001,
    local_port: 3_000_000_000,
    foreign_node_num: 7,
    foreign_port: 8,
    tipc_service: 18,
    tipc_instance: 1,
    tipc_published: true,
    state: "ESTABLISHED",
    state_num: 1,
    tipc_receive_queue: 2,
    tipc_send_queue: 3,
    tipc_link_congested: true,
    tipc_connection_congested: false,
    drops: 6,
    uid: 1000,
    inode: 1234,
    cookie: 2n ** 60n,
  });
  assert.deepEqual(
    told(PROTOCOLS.tipc!.fields, answerOf(new Uint8Array(0), [])),
    {},
  );
});

Deno.test("diag: xdp: each number at its place", () => {
  const numbers = (...from: number[]) =>
    packed(...from.map((n) => [32, n] as const));
  const answer = answerOf(packed([8, 44], [8, 3], [16, 0], [32, 77], [64, 6]), [
    [1, numbers(2, 5)],
    [2, numbers(1000)],
    [3, numbers(64)],
    [4, numbers(128)],
    [
      5,
      new Uint8Array([
        ...packed([64, 2 ** 33]),
        ...numbers(1, 2, 3, 4, 5, 6, 1, 8),
      ]),
    ],
    [6, numbers(256)],
    [7, numbers(512)],
    [9, packed(...[1, 2, 3, 4, 5, 6].map((n) => [64, n] as const))],
  ]);
  assert.deepEqual(told(PROTOCOLS.xdp!.fields, answer), {
    type: "RAW",
    type_num: 3,
    inode: 77,
    cookie: 6,
    iface: "if2",
    ifindex: 2,
    xdp_queue: 5,
    uid: 1000,
    xdp_rx_ring: 64,
    xdp_tx_ring: 128,
    umem_fill_ring: 256,
    umem_completion_ring: 512,
    umem_size: 2 ** 33,
    umem_id: 1,
    umem_num_pages: 2,
    umem_chunk_size: 3,
    umem_headroom: 4,
    umem_ifindex: 5,
    umem_queue: 6,
    umem_zero_copy: true,
    umem_refcnt: 8,
    xdp_rx_dropped: 1,
    xdp_rx_invalid: 2,
    xdp_rx_full: 3,
    xdp_fill_ring_empty: 4,
    xdp_tx_invalid: 5,
    xdp_tx_ring_empty: 6,
  });
});

Deno.test("diag: packet: memberships", () => {
  const one = (index: number, type: number, address: number[]) => {
    const entry = new Uint8Array(44);
    entry.set(packed([32, index], [32, 1], [16, type], [16, address.length]));
    entry.set(address.slice(0, 32), 12);
    return entry;
  };
  const values = told(
    PROTOCOLS.packet!.fields,
    answerOf(packed([8, 17], [8, 3], [16, 3], [32, 9], [64, 1]), [[
      1,
      new Uint8Array([
        ...one(2, 1, []),
        ...one(3, 0, [1, 0, 0x5e, 0, 0, 1]),
        ...one(3, 9, new Array(40).fill(7)),
        ...one(2, 1, []).subarray(0, 43),
      ]),
    ]]),
  );
  const each = PROTOCOLS.packet!.fields.memberships!.each!;
  const got = (values.memberships as object[]).map((row) =>
    Object.values(each).map((column) => column.value(row, VIEW))
  );
  assert.deepEqual(got, [
    ["promiscuous", "if2", 2, 1, null],
    ["multicast", "if3", 3, 1, "01:00:5e:00:00:01"],
    ["9", "if3", 3, 1, new Array(32).fill("07").join(":")],
  ]);
});

Deno.test("diag: netlink sockets in groups come twice", () => {
  const { pieces } = dialoguesOf("netlink_all")[0]!;
  const once = new Once();
  const { made } = eachAnswer(
    PROTOCOLS.netlink!,
    pieces,
    (answer) => once.isFirst(answer),
  );
  assert.deepEqual(
    [made.length, made.filter(Boolean).length],
    [15, 13],
  );
});

Deno.test("diag: unix: names", () => {
  const { fields } = PROTOCOLS.unix!;
  const structure = packed([8, 1], [8, 1], [8, 7], [8, 0], [32, 9], [64, 1]);
  const of = (...name: number[]) => {
    const answer = answerOf(structure, [[0, Uint8Array.from(name)]]);
    return ["socket_name", "path", "abstract"].map((key) =>
      fields[key]!.value(answer, VIEW)
    );
  };
  assert.deepEqual(of(47, 97, 0), ["/a", "/a", false]);
  // a path that fills the address has a NUL that is not its own
  const long = new Array(108).fill(97);
  assert.deepEqual(of(...long, 0), ["a".repeat(108), "a".repeat(108), false]);
  assert.deepEqual(of(0, 97, 0, 10, 0), ["\0a\0\n\0", "@a@\n@", true]);
  assert.deepEqual(of(0), ["\0", "@", true]);
  assert.deepEqual(of(0xff, 0x1b, 0), ["\xff\x1b", "\xff\x1b", false]);
  assert.deepEqual(of(), ["", "", false]);
});

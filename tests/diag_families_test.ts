/** What the kernel tells over netlink where no sample reaches: each number at its place. */

import assert from "node:assert/strict";
import { Once } from "../families/_diag_netlink.ts";
import { endsOf, keysOf } from "../families/_diag_sctp.ts";
import {
  answerOf,
  type Attribute,
  bytes,
  inet,
  nest,
  packed,
  type Sized,
  text,
  told,
  toldByAttributes,
} from "./diag_answers.ts";
import { dialoguesOf, eachAnswer, PROTOCOLS, VIEW } from "./diag_samples.ts";
import "./program.ts";

const INFO = 2;
const LISTEN = 10;

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
    [13, sockaddr(2, bytes(192, 0, 2, 1))],
    [INFO, info],
  ]);
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
});

Deno.test("diag: sctp: the queue of an endpoint that listens", () => {
  const { fields } = PROTOCOLS.sctp!;
  const queueOf = (state: number, ...attributes: Attribute[]) => {
    const structure = inet(state, { port: 0, queue: 3 });
    const values = told(fields, answerOf(structure, attributes));
    return [values.accept_queue, values.accept_queue_max];
  };
  assert.deepEqual(queueOf(LISTEN), [3, 5]);
  const none = [undefined, undefined];
  assert.deepEqual(queueOf(1), none);
  assert.deepEqual(
    queueOf(LISTEN, [13, sockaddr(2, bytes(192, 0, 2, 1))]),
    none,
  );
});

Deno.test("diag: sctp: the keys of an answer", () => {
  const of = (structure: Uint8Array, ...attributes: Attribute[]) =>
    keysOf(endsOf(answerOf(structure, attributes)));
  const peers = new Uint8Array([
    ...sockaddr(2, bytes(127, 0, 0, 1)),
    ...sockaddr(10, bytes(...new Array(15).fill(0), 1)),
    ...sockaddr(1, bytes(47)),
    ...sockaddr(2, bytes(10, 0, 0, 1)).subarray(0, 127),
  ]);
  // an endpoint of one connection has the other end's port, too
  assert.deepEqual(of(inet(1)), ["7"]);
  assert.deepEqual(
    of(inet(3), [13, peers]),
    ["7 22 80 127.0.0.1", "7 22 80 ::1"],
  );
  assert.deepEqual(of(inet(3), [13, bytes()]), []);
  assert.deepEqual(of(inet(3, { inode: 0 }), [13, peers]), []);
  assert.deepEqual(of(inet(10, { inode: 0 })), []);
  assert.deepEqual(of(inet(3).subarray(0, 4), [13, peers]), []);
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

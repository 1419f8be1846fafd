/** What the kernel tells of sockets over netlink: as recorded, and whatever comes. */

import assert from "node:assert/strict";
import { byteString } from "../core/contract/line.ts";
import { diagRequest } from "../core/system/sock_diag.ts";
import type { Value } from "../core/contract/family.ts";
import { tcpDerivedFields } from "../families/_diag_tcp_derived.ts";
import {
  dialoguesOf,
  eachAnswer,
  eventsOf,
  PROTOCOLS,
  recorded,
  SAMPLES,
  valuesOf,
} from "./diag_samples.ts";
import { Answer } from "../core/contract/diag.ts";
import "./program.ts";

type Recorded = Record<string, unknown>;

const LISTEN = 10;

/** Keys that the recording has under other names, or that it has no need of. */
const RENAMED: Readonly<Record<string, string>> = {
  mptcp_flags: "mptcp_flags_num",
  mptcp_subflow_flags: "mptcp_subflow_flags_num",
  packet_flags: "packet_flags_num",
  netlink_flags: "netlink_flags_num",
  fanout_flags: "fanout_flags_num",
  protocol: "protocol_num",
  port_id: "portid",
  foreign_port_id: "foreign_portid",
  groups: "multicast_groups",
  name: "socket_name",
  reserve: "packet_reserve",
  tstamp: "packet_timestamps_num",
};

/** What follows from other fields, or tells them in words. */
const FOLLOWING: ReadonlySet<string> = new Set([
  ...Object.keys(tcpDerivedFields),
  "accept_queue",
  "accept_queue_drops",
  "accept_queue_max",
  "buffer_ratio",
  "dump",
  "fanout_type",
  "groups",
  "iface",
  "memberships",
  "mptcp_flags",
  "mptcp_subflow_flags",
  "netlink_flags",
  "orphan",
  "packet_flags",
  "path",
  "pending_accept",
  "running",
  "shutdown",
  "syn_retransmits",
  "tcp_ca_state",
  "tcp_options",
  "timeout",
  "type",
]);

/** What a listening socket has of its `tcp_info`. */
const OF_LISTENERS = ["tcp_snd_cwnd", "tcp_reordering"];

/** Numbers that say that there is none. */
const NOTHING: Readonly<Record<string, readonly unknown[]>> = {
  tcp_ato_us: [0],
  tcp_rtt_us: [0],
  tcp_rcv_rtt_us: [0],
  tcp_snd_ssthresh: [0x7fff_ffff],
  tcp_min_rtt_us: [0xffff_ffff],
  tcp_pacing_bytes_per_s: [2n ** 64n - 1n],
  tcp_max_pacing_bytes_per_s: [2n ** 64n - 1n],
  tcp_delivery_bytes_per_s: [0],
  mptcp_token: [0],
  bbr_bytes_per_s: [0],
  bbr_min_rtt_us: [0, 0xffff_ffff],
  bbr_pacing_gain: [0],
  bbr_cwnd_gain: [0],
};

/** A string of the recording as a byte string; it has other bytes as surrogates. */
function bytesOf(text: string): string {
  return Array.from(text, (char) => {
    const code = char.codePointAt(0)!;
    return code >= 0xdc80 && code <= 0xdcff
      ? String.fromCharCode(code - 0xdc00)
      : byteString(new TextEncoder().encode(char));
  }).join("");
}

/** What a field must tell where the recording has this. */
function expected(key: string, value: unknown, row: Recorded): unknown {
  const listens = row.state_num === LISTEN;
  if (key.startsWith("tcp_") && listens && !OF_LISTENERS.includes(key)) {
    return null;
  }
  if (NOTHING[key]?.includes(value)) return null;
  switch (key) {
    case "state":
      return row.protocol_name === "udp" && value === "CLOSE" ? null : value;
    case "state_num":
      if (row.family !== "unix") return value;
      // as procfs numbers them
      if (row.inode === 0) return value === 1 ? 2 : 4;
      return value === 1 ? 3 : 1;
    case "send_q":
      return listens ? 0 : value === 0xffff_ffff ? null : value;
    case "timer":
      return value === "persist" ? "probe" : value;
    case "retransmits":
      return row.timer_num === 2 || row.timer_num === 4 ? null : value;
    case "tcp_last_data_sent_ms":
    case "tcp_last_data_recv_ms":
    case "tcp_last_ack_recv_ms":
      return row.state_num === 2 ? null : value;
    case "tcp_app_limited":
    case "mptcp_csum_enabled":
      return value === 1;
    case "packet_version":
      return Number(value) + 1;
    case "filter_instructions":
      return value === 0 ? null : value;
    case "name":
      return bytesOf(value as string);
    case "groups":
    case "pending_inodes":
      return (value as number[]).map(String);
    case "rx_ring":
    case "tx_ring": {
      const ring = value as Record<string, number>;
      return [{
        blockSize: ring.block_size,
        blocks: ring.block_count,
        frameSize: ring.frame_size,
        frames: ring.frame_count,
        retireMs: ring.retire_ms,
        privateSize: ring.private_size,
        features: ring.features,
      }];
    }
    default:
      return value;
  }
}

/** What the fields tell where the recording has nothing. */
const WITHOUT: Readonly<Record<string, unknown>> = {
  rx_ring: [],
  tx_ring: [],
  multicast_groups: [],
  filter_instructions: 0,
};

/** Compares all values with what was recorded of the answer. */
function compare(values: Record<string, Value>, row: Recorded): void {
  const left = new Set(Object.keys(values));
  for (const [key, value] of Object.entries(row)) {
    if (key === "family" || key === "protocol_name") continue;
    const mine = RENAMED[key] ?? key;
    assert.ok(left.delete(mine), `no field for ${key}`);
    assert.deepEqual(values[mine], expected(key, value, row), mine);
  }
  for (const key of left) {
    if (FOLLOWING.has(key)) continue;
    if (key === "recv_q" || key === "send_q") {
      // of netlink they are two of the memory's numbers
      const twin = key === "recv_q" ? "rmem_alloc" : "wmem_alloc";
      assert.equal(values[key], values[twin]);
    } else if (key === "state") {
      const words = [null, "LISTENING", "CONNECTED", "CONNECTING"];
      assert.ok(words.includes(values[key] as string | null));
    } else assert.deepEqual(values[key], WITHOUT[key] ?? null, key);
  }
}

/** Compares what is told of queues with what was recorded. */
function compareQueues(values: Record<string, Value>, row: Recorded): void {
  if (values.accept_queue === undefined) return;
  const listens = row.state_num === LISTEN;
  assert.equal(values.accept_queue, listens ? row.recv_q : null);
  assert.equal(values.accept_queue_max, listens ? row.send_q : null);
  if (listens && row.tcp_unacked !== undefined) {
    assert.equal(values.accept_queue, row.tcp_unacked);
    assert.equal(values.accept_queue_max, row.tcp_sacked);
  }
  const probes = row.timer_num === 2 || row.timer_num === 4;
  if ("timeout" in values) {
    assert.equal(values.timeout, probes ? row.retransmits : null);
  }
  if ("shutdown" in values) {
    const words = ["none", "receive", "send", "both"];
    const want = row.shutdown_num === undefined
      ? null
      : words[row.shutdown_num as number];
    assert.equal(values.shutdown, want);
  }
}

for (const [name, protocol] of Object.entries(SAMPLES)) {
  Deno.test(`diag: ${name} is what was recorded`, () => {
    const { asking, fields } = PROTOCOLS[protocol]!;
    const rows = recorded(name);
    assert.ok(rows.length > 0);
    const found: Record<string, Value>[] = [];
    for (const { pieces } of dialoguesOf(name)) {
      const { made, failure } = eachAnswer(
        { asking, fields },
        pieces,
        (answer) => valuesOf(fields, answer),
      );
      assert.equal(failure, undefined);
      found.push(...made);
    }
    assert.equal(found.length, rows.length);
    for (const [i, values] of found.entries()) {
      const row = { ...rows[i]!, protocol_name: protocol };
      compare(values, row);
      compareQueues(values, row);
    }
  });

  Deno.test(`diag: ${name} is asked for as it was`, () => {
    const { asking } = PROTOCOLS[protocol]!;
    for (const { request } of dialoguesOf(name)) {
      const words = new DataView(request.buffer, 16);
      const program = programOf(request);
      const made = diagRequest({ ...asking, family: request[16]! }, {
        states: asking.states === undefined
          ? -1
          : words.getUint32(asking.states, true),
        show: asking.show === undefined
          ? 0
          : asking.show.bytes === 1
          ? words.getUint8(asking.show.at)
          : words.getUint32(asking.show.at, true),
        ...(program === undefined ? {} : { program }),
      });
      // a sequence number, and of MPTCP the low byte of its number
      const plain = request.slice();
      plain.fill(0, 8, 12);
      if (protocol === "mptcp") plain[17] = 0;
      assert.equal(made.toHex(), plain.toHex());
    }
  });
}

/** The program that a request for Internet sockets has. */
function programOf(request: Uint8Array): Uint8Array | undefined {
  const answer = new Answer();
  answer.set(request, 16, request.length, 56);
  return answer.has(1) && request[16] !== 1 && request[16] !== 16 &&
      request[16] !== 17
    ? request.slice(answer.from(1), answer.to(1))
    : undefined;
}

Deno.test("diag: what is told of a socket that has ended", () => {
  const rows = recorded("destroy_events");
  const events = eventsOf("destroy_events");
  assert.equal(events.length, rows.length);
  for (const [i, bytes] of events.entries()) {
    const row = rows[i]!;
    const udp = row.tcp_rto_us === undefined;
    const answer = new Answer();
    answer.set(bytes, 16, bytes.length, 72);
    const { fields } = PROTOCOLS[udp ? "udp" : "tcp"]!;
    compare(valuesOf(fields, answer), {
      ...row,
      protocol_name: udp ? "udp" : "tcp",
    });
  }
});

/**
 * The tables of sockets that only netlink tells of: how each is asked for, and what the
 * text shows of it.
 *
 * @module
 */

import type { Table } from "../core/contract/family.ts";
import { inetAsking } from "./_diag_inet.ts";
import { mptcpFields } from "./_diag_mptcp.ts";
import { SMC_ASKING, smcFields } from "./_diag_smc.ts";
import { TIPC_ASKING, tipcFields } from "./_diag_tipc.ts";
import { VSOCK_ASKING, vsockFields } from "./_diag_vsock.ts";
import { XDP_ASKING, xdpFields } from "./_diag_xdp.ts";
import { listedTable } from "./_listed.ts";
import { STATE_BITS } from "./_tcp_states.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_MPTCP = 262;

/** Cells that several of them have. */
const TYPE = { type: ["Type", -9] } as const;
const QUEUES = { recv_q: ["Recv-Q", 6], send_q: ["Send-Q", 6] } as const;
const STATE = { state: ["State", -11] } as const;
const ENDS = {
  local_address: ["Local Address", -23],
  local_port: ["Port", 5],
  foreign_address: ["Foreign Address", -23],
  foreign_port: ["Port", 5],
} as const;

/** Multipath TCP. */
// deno-lint-ignore no-explicit-any
export const mptcp: Table<any> = listedTable({
  name: "mptcp",
  identity: [
    "proto",
    "local_address",
    "local_port",
    "foreign_address",
    "foreign_port",
  ],
  about: "Multipath TCP",
  rank: 230,
  askings: {
    MPTCP: inetAsking(AF_INET, IPPROTO_MPTCP),
    MPTCPv6: inetAsking(AF_INET6, IPPROTO_MPTCP),
  },
  fields: mptcpFields,
  cells: { ...QUEUES, ...ENDS, ...STATE },
  named: STATE_BITS,
});

/** VM sockets. */
// deno-lint-ignore no-explicit-any
export const vsock: Table<any> = listedTable({
  name: "vsock",
  identity: [
    "proto",
    "type",
    "local_cid",
    "local_port",
    "foreign_cid",
    "foreign_port",
  ],
  about: "VM",
  rank: 220,
  askings: { AF_VSOCK: VSOCK_ASKING },
  fields: vsockFields,
  cells: {
    ...TYPE,
    local_cid: ["Local CID", 10],
    local_port: ["Port", 10],
    foreign_cid: ["Foreign CID", 11],
    foreign_port: ["Port", 10],
    ...STATE,
  },
});

/** TIPC. */
// deno-lint-ignore no-explicit-any
export const tipc: Table<any> = listedTable({
  name: "tipc",
  identity: [
    "proto",
    "type",
    "local_node_num",
    "local_port",
    "foreign_node_num",
    "foreign_port",
  ],
  about: "TIPC",
  rank: 240,
  askings: { TIPC: TIPC_ASKING },
  fields: tipcFields,
  cells: {
    ...TYPE,
    local_node_num: ["Local Node", 10],
    local_port: ["Port", 10],
    foreign_node_num: ["Foreign Node", 12],
    foreign_port: ["Port", 10],
    ...STATE,
  },
});

/** Shared memory communications: TCP's sockets over RDMA, or within a machine. */
// deno-lint-ignore no-explicit-any
export const smc: Table<any> = listedTable({
  name: "smc",
  identity: [
    "proto",
    "local_address",
    "local_port",
    "foreign_address",
    "foreign_port",
  ],
  about: "SMC",
  rank: 250,
  askings: { SMC: SMC_ASKING },
  fields: smcFields,
  cells: { smc_mode: ["Mode", -5], ...ENDS, ...STATE },
});

/** Sockets that take packets from a network interface past the kernel. */
// deno-lint-ignore no-explicit-any
export const xdp: Table<any> = listedTable({
  name: "xdp",
  identity: ["proto", "type", "iface", "xdp_queue"],
  about: "XDP",
  rank: 260,
  askings: { XDP: XDP_ASKING },
  fields: xdpFields,
  cells: {
    ...TYPE,
    iface: ["Iface", -16],
    xdp_queue: ["Queue", 5],
  },
});

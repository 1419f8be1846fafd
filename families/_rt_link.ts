/**
 * What the kernel tells of a network interface over netlink (`RTM_GETLINK`,
 * linux/if_link.h), and at which speed it is.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import type { Depth, Told } from "../core/contract/depth.ts";
import { MEDIUM, type Medium } from "../core/contract/device.ts";
import type { Asking } from "../core/contract/diag.ts";
import type { Columns } from "../core/contract/family.ts";
import { deepColumns } from "./_diag_columns.ts";
import {
  all,
  bytes,
  count,
  type Fields,
  flag,
  type Read,
  told,
  total,
  u16,
  u32,
  u64,
  u8,
  word,
} from "./_diag_fields.ts";
import { hardware, interfaceOf, rtAsking, within } from "./_rt_fields.ts";

/** `struct ifinfomsg` */
const IFINFOMSG = 16;

/** `IFLA_…` */
const LINK = 5;
const QDISC = 6;
const MASTER = 10;
const OPERSTATE = 16;
const LINKINFO = 18;
const IFALIAS = 20;
const STATS64 = 23;
const GROUP = 27;
const PROMISCUITY = 30;
const NUM_TX_QUEUES = 31;
const NUM_RX_QUEUES = 32;
const CARRIER = 33;
const CARRIER_CHANGES = 35;
const LINK_NETNSID = 37;
const PROTO_DOWN = 39;
const GSO_MAX_SEGS = 40;
const GSO_MAX_SIZE = 41;
const XDP = 43;
const CARRIER_UP_COUNT = 47;
const CARRIER_DOWN_COUNT = 48;
const MIN_MTU = 50;
const MAX_MTU = 51;
const PROP_LIST = 52;
const ALT_IFNAME = 53;
const PERM_ADDRESS = 54;
const PARENT_DEV_NAME = 56;
const PARENT_DEV_BUS_NAME = 57;
const GRO_MAX_SIZE = 58;
const TSO_MAX_SIZE = 59;
const TSO_MAX_SEGS = 60;
const ALLMULTI = 61;

/** `IFLA_INFO_…`, in `LINKINFO` */
const KIND = 1;
const DATA = 2;
const SLAVE_KIND = 4;
const SLAVE_DATA = 5;

/** `IFLA_VLAN_ID`, `IFLA_VRF_TABLE` and `IFLA_VRF_PORT_TABLE`, in data of these kinds. */
const FIRST = 1;

/** `IF_OPER_…` (RFC 2863) */
const STATES: Readonly<Record<number, string>> = {
  0: "unknown",
  1: "notpresent",
  2: "down",
  3: "lowerlayerdown",
  4: "testing",
  5: "dormant",
  6: "up",
};

/** `XDP_ATTACHED_…` */
const ATTACHED: Readonly<Record<number, string>> = {
  0: "none",
  1: "driver",
  2: "generic",
  3: "hardware",
  4: "multi",
};

const DUPLEXES: Readonly<Record<number, string>> = { 0: "half", 1: "full" };

const kindOf: Read<string> = within(LINKINFO, (info) => info.text(KIND));
const slaveKindOf: Read<string> = within(
  LINKINFO,
  (info) => info.text(SLAVE_KIND),
);
const vlanOf: Read<number> = within(LINKINFO, within(DATA, u16(FIRST)));
const vrfOf: Read<number> = within(LINKINFO, within(DATA, u32(FIRST)));
const vrfPortOf: Read<number> = within(
  LINKINFO,
  within(SLAVE_DATA, u32(FIRST)),
);

/** A number of `struct rtnl_link_stats64`; older kernels have fewer. */
function packets(at: number, about: string) {
  return total(u64(STATS64, at), about, { unit: "packets" });
}

/** All that netlink tells of an interface besides. */
export const linkFields: Fields = all({ set: "link" }, {
  kind: told(
    "string?",
    kindOf,
    "Kind of the interface: `veth`, `bridge`, `bond`, `vlan`, `vrf`, `wireguard`, …; " +
      "null for hardware and `lo`.",
  ),
  master: told(
    "string?",
    (answer, view) => {
      const index = answer.u32(MASTER);
      return index === null ? null : interfaceOf(index, view);
    },
    "The bridge, bond or VRF that it belongs to; null without one.",
  ),
  slave_kind: told(
    "string?",
    slaveKindOf,
    "Kind of that one; null without one.",
  ),
  link_iface: told(
    "string?",
    (answer, view) => {
      const index = answer.u32(LINK);
      const isHere = index !== null && index !== 0 && !answer.has(LINK_NETNSID);
      return isHere ? interfaceOf(index, view) : null;
    },
    "The interface below it, or the other end of a pair; null without one in this " +
      "network namespace.",
  ),
  link_ifindex: count(
    u32(LINK),
    "Index of that interface, in its own network namespace.",
  ),
  link_netns_id: told(
    "integer?",
    (answer) => answer.i32(LINK_NETNSID),
    "The network namespace that it is in, by the id that it has in this one; null for " +
      "this one.",
  ),
  alternative_names: told(
    "strings?",
    (answer, view) =>
      within(PROP_LIST, (list) => list.texts(ALT_IFNAME))(answer, view) ?? [],
    "Other names that it has.",
  ),
  alias: told(
    "string?",
    (answer) => answer.text(IFALIAS),
    "What the administrator calls it; null without a word.",
  ),
  operstate: told(
    "name?",
    word(STATES, u8(OPERSTATE)),
    "Whether it can be used: `up`, `down`, `lowerlayerdown`, `dormant`, …; `unknown` " +
      "if it does not say so, as `lo`.",
    { words: Object.values(STATES) },
  ),
  carrier: told(
    "boolean?",
    flag(-1, u8(CARRIER)),
    "Whether there is a carrier.",
  ),
  carrier_changes: total(
    u32(CARRIER_CHANGES),
    "How often it came or went.",
  ),
  carrier_up_count: total(u32(CARRIER_UP_COUNT), "How often it came."),
  carrier_down_count: total(u32(CARRIER_DOWN_COUNT), "How often it went."),
  qdisc: told(
    "string?",
    (answer) => answer.text(QDISC),
    "Queueing discipline: how packets wait to be sent.",
  ),
  vlan_id: count(
    (answer, view) =>
      kindOf(answer, view) === "vlan" ? vlanOf(answer, view) : null,
    "Number of the VLAN; null for other kinds.",
  ),
  vrf_table: count(
    (answer, view) => {
      if (kindOf(answer, view) === "vrf") return vrfOf(answer, view);
      return slaveKindOf(answer, view) === "vrf"
        ? vrfPortOf(answer, view)
        : null;
    },
    "Routing table of the VRF that it is or belongs to, as a number; null without one.",
  ),
  min_mtu: bytes(u32(MIN_MTU), "The least MTU that can be set; 0 for any."),
  max_mtu: bytes(u32(MAX_MTU), "The largest one; 0 for any."),
  permanent_address: told(
    "string?",
    hardware(PERM_ADDRESS),
    "Hardware address that it was made with; null without one.",
  ),
  parent_device: told(
    "string?",
    (answer) => answer.text(PARENT_DEV_NAME),
    "The device that it is on, as `0000:00:04.0`; null without one.",
  ),
  parent_bus: told(
    "string?",
    (answer) => answer.text(PARENT_DEV_BUS_NAME),
    "The bus that this is on, as `pci`; null without one.",
  ),
  link_group: count(u32(GROUP), "Group of interfaces that it is in."),
  promiscuity: count(
    u32(PROMISCUITY),
    "How many want all packets from it.",
  ),
  allmulti: count(
    u32(ALLMULTI),
    "How many want all multicast packets from it; null before Linux 6.0.",
  ),
  tx_queues: count(u32(NUM_TX_QUEUES), "Queues to send from."),
  rx_queues: count(u32(NUM_RX_QUEUES), "Queues to receive into."),
  proto_down: told(
    "boolean?",
    flag(-1, u8(PROTO_DOWN)),
    "Whether a protocol holds it down.",
  ),
  xdp: told(
    "name?",
    word(ATTACHED, within(XDP, u8(2))),
    "Where an XDP program sees its packets: `driver`, `generic`, `hardware`, several " +
      "(`multi`), or `none`.",
    { words: Object.values(ATTACHED) },
  ),
  xdp_program: count(
    within(XDP, u32(4)),
    "Id of that program; null without one.",
  ),
  gso_max_size: bytes(
    u32(GSO_MAX_SIZE),
    "The longest packet that is cut into segments only when it is sent.",
  ),
  gso_max_segs: count(u32(GSO_MAX_SEGS), "Into so many of them at most."),
  gro_max_size: bytes(
    u32(GRO_MAX_SIZE),
    "The longest packet that received ones are put together to.",
  ),
  tso_max_size: bytes(
    u32(TSO_MAX_SIZE),
    "The longest packet that the hardware can cut.",
  ),
  tso_max_segs: count(u32(TSO_MAX_SEGS), "Into so many segments at most."),
  rx_dropped: packets(
    48,
    "Received packets dropped by the kernel; `rx_drp` has `rx_missed_errors` in it, too.",
  ),
  rx_missed_errors: packets(
    120,
    "Packets lost because the hardware had no room for them.",
  ),
  rx_length_errors: packets(80, "Packets of a wrong length."),
  rx_over_errors: packets(88, "Packets that were too large for the receiver."),
  rx_crc_errors: packets(96, "Packets with a wrong checksum."),
  rx_frame_errors: packets(104, "Packets that do not end at a byte."),
  rx_nohandler: packets(
    184,
    "Packets that came by a port that is not in use; null before Linux 4.6.",
  ),
  rx_otherhost_dropped: packets(
    192,
    "Packets for other machines; null before Linux 5.19.",
  ),
  tx_aborted_errors: packets(128, "Packets given up, as by collisions."),
  tx_carrier_errors: packets(136, "Packets lost with the carrier."),
  tx_heartbeat_errors: packets(152, "Packets without a heartbeat."),
  tx_window_errors: packets(160, "Packets that collided too late."),
});

/** An interface of which the kernel may have told. */
export interface LinkRow extends Told {
  /** What is known of its medium, if that was asked for. */
  medium?: Medium | undefined;
}

/** What the medium tells, which takes a question for each interface. */
function mediumColumns<R extends LinkRow>(): Columns<R> {
  const more = { set: "link", needs: "diag", show: MEDIUM } as const;
  const duplexOf = ({ medium }: R) => DUPLEXES[medium?.duplex ?? -1] ?? null;
  return {
    speed_mbit: fact<R, number | null>(
      "integer?",
      ({ medium }) => medium?.speed ?? null,
      "Speed, in millions of bits per second; null if it is not known.",
      more,
    ),
    duplex: fact<R, string | null>(
      "name?",
      duplexOf,
      "`full` if it sends and receives at the same time, else `half`; null if it is " +
        "not known.",
      { ...more, words: Object.values(DUPLEXES) },
    ),
  };
}

/** How all interfaces are asked for. */
export const LINK_ASKING: Asking = rtAsking(0, IFINFOMSG, {
  get: 18,
  subject: "interfaces",
});

/** The depth of the table of interfaces, whose columns are given. */
export function linkDepth<R extends LinkRow>(columns: Columns<R>): Depth<R> {
  return {
    columns: { ...deepColumns(columns, linkFields), ...mediumColumns<R>() },
    asking: () => LINK_ASKING,
  };
}

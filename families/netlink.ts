/**
 * Netlink sockets, over which processes talk to the kernel.
 *
 * @module
 */

import {
  extended,
  fact,
  left,
  ownerColumns,
  right,
} from "../core/contract/column.ts";
import type { DeepTable, Told } from "../core/contract/depth.ts";
import type { Columns, Family, Long } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";
import { hex } from "./_words.ts";

/** `NETLINK_ROUTE` and so on, `linux/netlink.h` */
const PROTOCOLS: readonly (string | undefined)[] = [
  "route",
  "unused",
  "usersock",
  "firewall",
  "sock_diag",
  "nflog",
  "xfrm",
  "selinux",
  "iscsi",
  "audit",
  "fib_lookup",
  "connector",
  "netfilter",
  "ip6_fw",
  "dnrtmsg",
  "kobject_uevent",
  "generic",
  undefined,
  "scsitransport",
  "ecryptfs",
  "rdma",
  "crypto",
  "smc",
];

/** A line of `/proc/net/netlink`. */
interface Row extends Told {
  protocol: number;
  portid: number;
  groups: Long;
  rmem: number;
  wmem: number;
  dump: number;
  locks: number;
  drops: number;
  inode: Long;
}

/**
 * Parses a line of `netlink_seq_show`:
 *
 * ```text
 * sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
 * 000000000cc38890 0   396        000001ff 1920     0        0     2        0        1016
 * ```
 */
function parse(line: Line, row: Row): boolean {
  line.hex();
  row.protocol = line.decimal32();
  row.portid = line.decimal32() >>> 0;
  row.groups = line.hex();
  row.rmem = line.decimal32();
  row.wmem = line.decimal32();
  row.dump = line.decimal32();
  row.locks = line.decimal32();
  row.drops = line.decimal32();
  row.inode = line.decimal();
  return !line.failed;
}

function protocolName({ protocol }: Row): string {
  return PROTOCOLS[protocol] ?? protocol.toString();
}

const columns: Columns<Row> = {
  proto: left("Proto", 7, () => "netlink", "Protocol.", { kind: "name" }),
  recv_q: right("Recv-Q", 6, (row) => row.rmem, "Bytes not yet read.", {
    unit: "bytes",
  }),
  send_q: right("Send-Q", 6, (row) => row.wmem, "Bytes not yet sent.", {
    unit: "bytes",
  }),
  protocol: left("Protocol", 14, protocolName, "Netlink protocol.", {
    kind: "name",
    words: PROTOCOLS.filter((name) => name !== undefined),
  }),
  protocol_num: fact("integer", (row) => row.protocol, "Protocol as a number."),
  portid: left(
    "Port",
    10,
    (row) => row.portid,
    "Port id: 0 for the kernel, often the pid of a process.",
    {
      kind: "integer",
      write: (out, { portid }) =>
        portid === 0 ? out.ascii("kernel") : out.integer(portid),
    },
  ),
  groups: left(
    "Groups",
    8,
    (row) => row.groups,
    "Multicast groups that the socket is a member of, as a bit mask.",
    {
      kind: "integer",
      write: (out, { groups }) => out.ascii(hex(groups, 8)),
    },
  ),
  dump: fact(
    "boolean",
    (row) => row.dump !== 0,
    "Whether a dump is under way.",
  ),
  refcnt: fact("integer", (row) => row.locks, "Reference count."),
  drops: left("Drops", 8, (row) => row.drops, "Messages dropped.", {
    unit: "packets",
    counter: true,
    kind: "integer",
  }),
  inode: left("Inode", 10, (row) => row.inode, "Inode of the socket.", {
    kind: "integer",
    shown: extended,
  }),
  ...ownerColumns<Row>((row) => row.inode),
};

const table: DeepTable<Row> = {
  name: "netlink",
  identity: ["proto", "protocol_num", "portid"],
  sources: [{
    path: "/proc/net/netlink",
    proto: "netlink",
    rank: 210,
    support: "AF NETLINK",
  }],
  columns,
  frozen: {
    title: { text: () => "Active netlink sockets", always: false },
  },
  lineLimit: 8191,
  row: () => ({
    protocol: 0,
    portid: 0,
    groups: 0,
    rmem: 0,
    wmem: 0,
    dump: 0,
    locks: 0,
    drops: 0,
    inode: 0,
    answer: undefined,
    peer: undefined,
  }),
  parse,
  inode: (row) => row.inode,
  async depth() {
    const { NETLINK_ASKING, netlinkFields } = await import(
      "./_diag_netlink.ts"
    );
    const { joinedDepth } = await import("./_diag_columns.ts");
    return joinedDepth(columns, netlinkFields, NETLINK_ASKING);
  },
};

/** The kernel's `AF_NETLINK`. */
export default {
  name: "netlink",
  about: "Netlink sockets",
  hidden: true,
  tables: [table],
} satisfies Family;

/**
 * Packet sockets, which see what network interfaces send and receive.
 *
 * @module
 */

import {
  extended,
  fact,
  left,
  ownerColumns,
  right,
  userColumns,
} from "../core/contract/column.ts";
import type { DeepTable, Told } from "../core/contract/depth.ts";
import type { Columns, Family, Long, View } from "../core/contract/family.ts";
import type { Line } from "../core/contract/line.ts";
import { hex } from "./_words.ts";

/** `SOCK_RAW` and so on. */
const TYPES: Readonly<Record<number, string>> = {
  2: "DGRAM",
  3: "RAW",
  10: "PACKET",
};

/** `ETH_P_ALL` and so on, `linux/if_ether.h` */
const ETHER_TYPES: Readonly<Record<number, string>> = {
  0x0003: "all",
  0x0800: "ip",
  0x0806: "arp",
  0x8100: "vlan",
  0x86dd: "ipv6",
  0x888e: "pae",
  0x88cc: "lldp",
};

/** A line of `/proc/net/packet`. */
interface Row extends Told {
  refCount: number;
  type: number;
  protocol: number;
  ifindex: number;
  running: boolean;
  rmem: number;
  uid: number;
  inode: Long;
}

/**
 * Parses a line of `packet_seq_show`:
 *
 * ```text
 * sk               RefCnt Type Proto  Iface R Rmem   User   Inode
 * 000000008ab51cb2 3      3    0003   47    1 4800   0      1151
 * ```
 */
function parse(line: Line, row: Row): boolean {
  line.hex();
  row.refCount = line.decimal32();
  row.type = line.decimal32();
  row.protocol = line.hex32() & 0xffff;
  row.ifindex = line.decimal32();
  row.running = line.decimal32() !== 0;
  row.rmem = line.decimal32();
  row.uid = line.decimal32();
  row.inode = line.decimal();
  return !line.failed;
}

function protocolName({ protocol }: Row): string {
  return ETHER_TYPES[protocol] ??
    `0x${hex(protocol, 4)}`;
}

function interfaceName(row: Row, view: View): string | null {
  return row.ifindex === 0 ? null : view.names.interface(row.ifindex) ?? null;
}

const columns: Columns<Row> = {
  proto: left("Proto", 6, () => "packet", "Protocol.", { kind: "name" }),
  recv_q: right("Recv-Q", 6, (row) => row.rmem, "Bytes not yet read.", {
    unit: "bytes",
  }),
  type: left(
    "Type",
    6,
    (row) => TYPES[row.type] ?? "UNKNOWN",
    "Type of the socket: RAW with link-layer headers, DGRAM without.",
    { kind: "name", words: Object.values(TYPES) },
  ),
  type_num: fact("integer", (row) => row.type, "Type as a number."),
  protocol: left(
    "Protocol",
    8,
    protocolName,
    "Ethernet protocol that the socket receives.",
    { kind: "name" },
  ),
  protocol_num: fact(
    "integer",
    (row) => row.protocol,
    "Ethernet protocol as a number; 0 for none.",
  ),
  iface: left(
    "Iface",
    16,
    interfaceName,
    "Network interface that the socket is bound to; null for any.",
    {
      kind: "string?",
      write(out, row, view) {
        const name = interfaceName(row, view);
        if (name !== null) out.foreign(name);
        else if (row.ifindex === 0) out.ascii("*");
        else out.integer(row.ifindex);
      },
    },
  ),
  ifindex: fact(
    "integer",
    (row) => row.ifindex,
    "Index of that interface; 0 for any.",
  ),
  running: fact(
    "boolean",
    (row) => row.running,
    "Whether the socket receives packets.",
  ),
  refcnt: fact("integer", (row) => row.refCount, "Reference count."),
  ...userColumns<Row>(),
  inode: left("Inode", 10, (row) => row.inode, "Inode of the socket.", {
    kind: "integer",
    shown: extended,
  }),
  ...ownerColumns<Row>((row) => row.inode),
};

const table: DeepTable<Row> = {
  name: "packet",
  identity: ["proto", "type", "protocol_num", "iface"],
  sources: [{
    path: "/proc/net/packet",
    proto: "packet",
    rank: 200,
    support: "AF PACKET",
  }],
  columns,
  frozen: {
    title: { text: () => "Active packet sockets", always: false },
  },
  lineLimit: 8191,
  row: () => ({
    refCount: 0,
    type: 0,
    protocol: 0,
    ifindex: 0,
    running: false,
    rmem: 0,
    uid: 0,
    inode: 0,
    answer: undefined,
    peer: undefined,
  }),
  parse,
  inode: (row) => row.inode,
  async depth() {
    const { PACKET_ASKING, packetFields } = await import("./_diag_packet.ts");
    const { joinedDepth } = await import("./_diag_columns.ts");
    return joinedDepth(columns, packetFields, PACKET_ASKING);
  },
};

/** The kernel's `AF_PACKET`. */
export default {
  name: "packet",
  about: "Packet sockets",
  hidden: true,
  tables: [table],
} satisfies Family;

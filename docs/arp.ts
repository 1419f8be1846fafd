/**
 * The neighbours of IPv4, as an example of a family file.
 *
 * @module
 */

import type { Columns, Family, Kit, Line, Table } from "./netstat.d.ts";

/** A line of `/proc/net/arp`, kept and filled anew for each line. */
interface Row {
  address: string;
  flags: number;
  hardware: string;
  device: string;
}

/** `ATF_COM`, `linux/if_arp.h` */
const COMPLETE = 2;

/**
 * Parses a line of `arp_seq_show`:
 *
 * ```text
 * IP address       HW type     Flags       HW address            Mask     Device
 * 192.0.2.1        0x1         0x2         00:00:5e:00:53:01     *        eth0
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const words = line.text(line.start, line.end).trim().split(/ +/);
  if (words.length < 6) return false;
  row.address = words[0]!;
  row.flags = Number(words[2]);
  row.hardware = words[3]!;
  row.device = words[5]!;
  return Number.isInteger(row.flags);
}

/** What the program calls. */
export default function arp({ fact, foreign, left }: Kit): Family {
  const columns: Columns<Row> = {
    address: foreign("Address", 15, (row) => row.address, "IPv4 address."),
    hardware_address: foreign(
      "HWaddress",
      17,
      (row) => row.hardware,
      "Hardware address; null while it is being asked for.",
      {
        kind: "address?",
        value: (row) => row.flags & COMPLETE ? row.hardware : null,
      },
    ),
    state: left(
      "State",
      10,
      (row) => row.flags & COMPLETE ? "COMPLETE" : "INCOMPLETE",
      "Whether the hardware address is known.",
      { kind: "name" },
    ),
    flags_num: fact("integer", (row) => row.flags, "Flags of the entry."),
    iface: foreign("Iface", 0, (row) => row.device, "Network interface."),
  };

  const table: Table<Row> = {
    name: "arp",
    sources: [
      { path: "/proc/net/arp", proto: "arp", rank: 1, support: "ARP" },
    ],
    frozen: { title: { text: () => "IPv4 neighbours", always: false } },
    columns,
    // so that --diff and --watch know a row again
    identity: ["address", "iface"],
    lineLimit: 8191,
    row: () => ({ address: "", flags: 0, hardware: "", device: "" }),
    parse,
    keep: (row, view) => view.all || (row.flags & COMPLETE) !== 0,
  };

  return { name: "arp", about: "Neighbours", hidden: true, tables: [table] };
}

/**
 * What IPv4 and IPv6 share: the socket tables of TCP, UDP, UDP-Lite, raw IP and
 * SCTP, which differ only in the files that they are read from.
 *
 * @module
 */

import { kept, listed } from "../core/contract/column.ts";
import type { DeepTable } from "../core/contract/depth.ts";
import type {
  Columns,
  Family,
  Source,
  Table,
  Title,
  View,
} from "../core/contract/family.ts";
import type { Address } from "../core/contract/ip.ts";
import { groups } from "./_groups.ts";
import {
  type Protocol,
  RAW,
  rawColumns,
  TCP,
  tcpColumns,
  UDP,
  udpColumns,
} from "./_inet_columns.ts";
import type { InetProtocol } from "./_inet_depth.ts";
import { parseDiag, tcpDiag, udpDiag } from "./_inet_diag.ts";
import { parse, Row } from "./_inet_line.ts";
import { sctpTable } from "./_sctp.ts";

/** The title that all Internet sockets share. */
const TITLE: Title = {
  text: (view) => `Active Internet connections ${listed(view)}`,
  always: true,
};

function table(
  protocol: Protocol,
  columns: () => Columns<Row>,
  source: Source,
  depth: DeepTable<Row>["depth"],
): DeepTable<Row> {
  return {
    name: protocol.name,
    identity: [
      "proto",
      "local_address",
      "local_port",
      "foreign_address",
      "foreign_port",
    ],
    sources: [source],
    get columns() {
      return columns();
    },
    frozen: {
      title: TITLE,
      get header() {
        return tcpColumns();
      },
    },
    lineLimit: 8191,
    row: (source) => new Row(source),
    parse: (line, row) => parse(line, row, protocol.least),
    parseDiag,
    keep: (row, view) => kept(protocol.server(row), view),
    inode: (row) => row.inode,
    ends: (row) =>
      mixed(mixed(0, row.local, row.localPort), row.remote, row.remotePort),
    depth,
  };
}

/** Mixes an address and a port into a number of 32 bits, as FNV-1a does. */
function mixed(hash: number, { bytes, length }: Address, port: number): number {
  hash = Math.imul(hash ^ port, 16777619);
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 16777619);
  }
  return hash;
}

/** The tables of one of the two families, whose files' names end in `suffix`. */
export function sockets(
  suffix: "" | "6",
): Pick<Family, "tables" | "groups"> {
  return {
    tables: tables(suffix),
    groups: [groups(suffix === "" ? "igmp" : "igmp6")],
  };
}

/** A line takes no more, with numbers of 64 bits that have all their digits. */
const RECORD = 512;

/** Only IPv4's files count when the system is asked whether it has a protocol. */
// deno-lint-ignore no-explicit-any
function tables(suffix: "" | "6"): Table<any>[] {
  const source = (
    rank: number,
    protocol: string,
    path: string,
    proto: string,
    when?: (view: View) => boolean,
  ): Source => ({
    path,
    record: RECORD,
    proto,
    protocol,
    rank,
    ...(suffix === "" ? { support: `AF INET (${protocol})` } : {}),
    ...(when ? { when } : {}),
  });
  const plain = (rank: number, protocol: string, proto: string) =>
    source(rank, protocol, `/proc/net/${protocol}${suffix}`, proto + suffix);
  const depth = (protocol: InetProtocol) => async () =>
    (await import("./_inet_depth.ts")).inetDepth(protocol, suffix);
  const sctp = `/proc/net/sctp${suffix}`;
  return [
    table(
      TCP,
      tcpColumns,
      { ...plain(10, "tcp", "tcp"), diag: tcpDiag(suffix) },
      depth("tcp"),
    ),
    sctpTable(
      source(20, "sctp", `${sctp}/eps`, "sctp", (v) => v.all || v.listening),
      { endpoint: true, title: TITLE, header: tcpColumns },
    ),
    sctpTable(
      source(
        21,
        "sctp",
        `${sctp}/assocs`,
        "sctp",
        (v) => v.all || !v.listening,
      ),
      { endpoint: false, title: TITLE, header: tcpColumns },
    ),
    table(
      UDP,
      udpColumns,
      { ...plain(30, "udp", "udp"), diag: udpDiag(suffix) },
      depth("udp"),
    ),
    table(UDP, udpColumns, plain(40, "udplite", "udpl"), depth("udplite")),
    table(RAW, rawColumns, plain(50, "raw", "raw"), depth("raw")),
  ];
}

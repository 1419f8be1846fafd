/**
 * The counters of IPv6, and those of TCP, which counts for both.
 *
 * @module
 */

import type { Statistics } from "../core/contract/family.ts";
import { always, type Counters, nonzero } from "./_statistics.ts";
import { received, sent } from "./_statistics.ts";
import { TCP, TCP_EXT } from "./_statistics_inet.ts";

const IP: Counters = {
  Ip6FragCreates: nonzero("N fragments created"),
  Ip6FragFails: nonzero("N outgoing packets failed fragmentation"),
  Ip6FragOKs: nonzero("N outgoing packets fragmented ok"),
  Ip6InAddrErrors: nonzero("N with invalid addresses"),
  Ip6InDelivers: always("N incoming packets delivered"),
  Ip6InDiscards: always("N incoming packets discarded"),
  Ip6InHdrErrors: nonzero("N with invalid headers"),
  Ip6InMcastPkts: nonzero("N incoming multicast packets"),
  Ip6InNoRoutes: nonzero("N incoming packets with no route"),
  Ip6InReceives: always("N total packets received"),
  Ip6InTooBigErrors: nonzero("N with packets too big"),
  Ip6InTruncatedPkts: nonzero("N with truncated packets"),
  Ip6InUnknownProtos: nonzero("N with unknown protocol"),
  Ip6OutDiscards: nonzero("N outgoing packets dropped"),
  Ip6OutForwDatagrams: always("N forwarded"),
  Ip6OutMcastPkts: nonzero("N outgoing multicast packets"),
  Ip6OutNoRoutes: nonzero("N dropped because of missing route"),
  Ip6OutRequests: always("N requests sent out"),
  Ip6ReasmFails: nonzero("N packet reassemblies failed"),
  Ip6ReasmOKs: nonzero("N packets reassembled ok"),
  Ip6ReasmReqds: nonzero("N reassemblies required"),
  Ip6ReasmTimeout: nonzero("N fragments dropped after timeout"),
};

const ICMP: Counters = {
  Icmp6InDestUnreachs: received("destination unreachable: N"),
  Icmp6InEchoReplies: received("echo replies: N"),
  Icmp6InEchos: received("echo requests: N"),
  Icmp6InErrors: always("N input ICMP message failed"),
  Icmp6InGroupMembQueries: received("group member queries: N"),
  Icmp6InGroupMembReductions: received("group member reductions: N"),
  Icmp6InGroupMembResponses: received("group member responses: N"),
  Icmp6InMsgs: always("N ICMP messages received"),
  Icmp6InNeighborAdvertisements: received("neighbour advertisement: N"),
  Icmp6InNeighborSolicits: received("neighbour solicits: N"),
  Icmp6InParmProblems: received("parameter problem: N"),
  Icmp6InPktTooBigs: received("packets too big: N"),
  Icmp6InRedirects: received("redirects: N"),
  Icmp6InRouterAdvertisements: received("router advertisement: N"),
  Icmp6InRouterSolicits: received("router solicits: N"),
  Icmp6InTimeExcds: received("received ICMPv6 time exceeded: N"),
  Icmp6OutDestUnreachs: sent("destination unreachable: N"),
  Icmp6OutEchoReplies: sent("echo replies: N"),
  Icmp6OutEchos: sent("echo requests: N"),
  Icmp6OutGroupMembQueries: sent("group member queries: N"),
  Icmp6OutGroupMembReductions: sent("group member reductions: N"),
  Icmp6OutGroupMembResponses: sent("group member responses: N"),
  Icmp6OutMsgs: always("N ICMP messages sent"),
  Icmp6OutNeighborAdvertisements: sent("neighbor advertisements: N"),
  Icmp6OutNeighborSolicits: sent("neighbor solicits: N"),
  Icmp6OutParmProblems: sent("parameter problem: N"),
  Icmp6OutPktTooBigs: sent("packets too big: N"),
  Icmp6OutRedirects: sent("redirects: N"),
  Icmp6OutRouterSolicits: sent("router solicits: N"),
  Icmp6OutTimeExcds: sent("sent ICMPv6 time exceeded: N"),
};

const UDP: Counters = {
  Udp6InDatagrams: always("N packets received"),
  Udp6InErrors: always("N packet receive errors"),
  Udp6NoPorts: always("N packets to unknown port received"),
  Udp6OutDatagrams: always("N packets sent"),
};

/** The name of a counter's section: all up to its first 6, as in `Icmp6`. */
function sectionOf(counter: string, current: string | undefined): string {
  if (current !== undefined && counter.includes(current)) return current;
  return counter.slice(0, counter.indexOf("6") + 1) || counter;
}

/** What `-s` shows of IPv6. */
export const statistics: Statistics = {
  files: [
    {
      path: "/proc/net/snmp6",
      layout: "list",
      required: true,
      // net-tools shows the counter of the line before once more
      problem: "warning, got bogus snmp6 line.",
      sectionOf,
    },
    {
      path: "/proc/net/snmp",
      layout: "pairs",
      required: true,
      takes: (section) => section.startsWith("Tcp"),
    },
  ],
  sections: {
    Ip6: { protocol: "raw", counters: IP },
    Icmp6: { protocol: "raw", counters: ICMP },
    Udp6: { protocol: "udp", counters: UDP },
    // no kernel has this one, and none of the names fits
    Tcp6: { protocol: "tcp", counters: TCP },
    Tcp: { protocol: "tcp", counters: TCP },
    TcpExt: { protocol: "tcp", counters: TCP_EXT },
  },
};

/**
 * The counters of IPv4, and of the protocols above it.
 *
 * The texts are net-tools', which have no singular forms. Counters that are not
 * here, many of them of `TcpExt`, it shows under their kernel names.
 *
 * @module
 */

import type { Statistics } from "../core/contract/family.ts";
import { always, type Counters, NEVER, nonzero } from "./_statistics.ts";
import { received, sent } from "./_statistics.ts";

const IP: Counters = {
  DefaultTTL: NEVER,
  ForwDatagrams: always("N forwarded"),
  FragCreates: nonzero("N fragments created"),
  FragFails: nonzero("N outgoing packets failed fragmentation"),
  FragOKs: nonzero("N outgoing packets fragmented ok"),
  InAddrErrors: nonzero("N with invalid addresses"),
  InDelivers: always("N incoming packets delivered"),
  InDiscards: always("N incoming packets discarded"),
  InHdrErrors: nonzero("N with invalid headers"),
  InReceives: always("N total packets received"),
  InUnknownProtos: nonzero("N with unknown protocol"),
  OutDiscards: nonzero("N outgoing packets dropped"),
  OutNoRoutes: nonzero("N dropped because of missing route"),
  OutRequests: always("N requests sent out"),
  ReasmFails: nonzero("N packet reassemblies failed"),
  ReasmOKs: nonzero("N packets reassembled ok"),
  ReasmReqds: nonzero("N reassemblies required"),
  ReasmTimeout: nonzero("N fragments dropped after timeout"),
};

const ICMP: Counters = {
  InAddrMaskReps: received("address mask replies: N"),
  InAddrMasks: received("address mask request: N"),
  InDestUnreachs: received("destination unreachable: N"),
  InEchoReps: received("echo replies: N"),
  InEchos: received("echo requests: N"),
  InErrors: always("N input ICMP message failed"),
  InMsgs: always("N ICMP messages received"),
  InParmProbs: received("wrong parameters: N"),
  InRedirects: received("redirects: N"),
  InSrcQuenchs: received("source quenches: N"),
  InTimeExcds: received("timeout in transit: N"),
  InTimestampReps: received("timestamp reply: N"),
  InTimestamps: received("timestamp request: N"),
  OutAddrMaskReps: sent("address mask replies: N"),
  OutAddrMasks: sent("address mask requests: N"),
  OutDestUnreachs: sent("destination unreachable: N"),
  OutEchoReps: sent("echo replies: N"),
  OutEchos: sent("echo requests: N"),
  OutErrors: always("N ICMP messages failed"),
  OutMsgs: always("N ICMP messages sent"),
  OutParmProbs: sent("wrong parameters: N"),
  OutRedirects: sent("redirect: N"),
  OutSrcQuenchs: sent("source quench: N"),
  OutTimeExcds: sent("time exceeded: N"),
  OutTimestampReps: sent("timestamp replies: N"),
  OutTimestamps: sent("timestamp requests: N"),
};

/** The counters of TCP; TCP over IPv6 has no others. */
export const TCP: Counters = {
  ActiveOpens: always("N active connection openings"),
  AttemptFails: always("N failed connection attempts"),
  CurrEstab: always("N connections established"),
  EstabResets: always("N connection resets received"),
  InErrs: always("N bad segments received"),
  InSegs: always("N segments received"),
  MaxConn: NEVER,
  OutRsts: always("N resets sent"),
  OutSegs: always("N segments sent out"),
  PassiveOpens: always("N passive connection openings"),
  RetransSegs: always("N segments retransmitted"),
  RtoAlgorithm: NEVER,
  RtoMax: NEVER,
  RtoMin: NEVER,
};

const UDP: Counters = {
  InDatagrams: always("N packets received"),
  InErrors: always("N packet receive errors"),
  NoPorts: always("N packets to unknown port received"),
  OutDatagrams: always("N packets sent"),
  RcvbufErrors: always("N receive buffer errors"),
  SndbufErrors: always("N send buffer errors"),
};

/** Linux's own counters of TCP. */
export const TCP_EXT: Counters = {
  DelayedACKLocked: nonzero(
    "N delayed acks further delayed because of locked socket",
  ),
  DelayedACKLost: nonzero("Quick ack mode was activated N times"),
  DelayedACKs: nonzero("N delayed acks sent"),
  EmbryonicRsts: nonzero("N resets received for embryonic SYN_RECV sockets"),
  ListenDrops: nonzero("N SYNs to LISTEN sockets dropped"),
  ListenOverflows: nonzero("N times the listen queue of a socket overflowed"),
  LockDroppedIcmps: nonzero("N ICMP packets dropped because socket was locked"),
  OfoPruned: nonzero(
    "N packets dropped from out-of-order queue because of socket buffer overrun",
  ),
  OutOfWindowIcmps: nonzero(
    "N ICMP packets dropped because they were out-of-window",
  ),
  PAWSActive: nonzero("N active connections rejected because of time stamp"),
  PAWSEstab: nonzero(
    "N packets rejected in established connections because of timestamp",
  ),
  PAWSPassive: nonzero("N passive connections rejected because of time stamp"),
  PruneCalled: nonzero(
    "N packets pruned from receive queue because of socket buffer overrun",
  ),
  RcvPruned: nonzero("N packets pruned from receive queue"),
  SockMallocOOM: nonzero(
    "Ran N times out of system memory during packet sending",
  ),
  SyncookiesFailed: nonzero("N invalid SYN cookies received"),
  SyncookiesRecv: nonzero("N SYN cookies received"),
  SyncookiesSent: nonzero("N SYN cookies sent"),
  TCPAbortFailed: nonzero("N times unable to send RST due to no memory"),
  TCPAbortOnClose: nonzero("N connections reset due to early user close"),
  TCPAbortOnData: nonzero("N connections reset due to unexpected data"),
  TCPAbortOnLinger: nonzero(
    "N connections aborted after user close in linger timeout",
  ),
  TCPAbortOnMemory: nonzero("N connections aborted due to memory pressure"),
  TCPAbortOnSyn: nonzero("N connections reset due to unexpected SYN"),
  TCPAbortOnTimeout: nonzero("N connections aborted due to timeout"),
  TCPDirectCopyFromBacklog: nonzero(
    "N bytes directly in process context from backlog",
  ),
  TCPFACKReorder: nonzero("Detected reordering N times using FACK"),
  TCPFastRetrans: nonzero("N fast retransmits"),
  TCPForwardRetrans: nonzero("N forward retransmits"),
  TCPFullUndo: nonzero(
    "N congestion windows fully recovered without slow start",
  ),
  TCPHPAcks: nonzero("N predicted acknowledgments"),
  TCPHPHits: always("N packet headers predicted"),
  TCPHPHitsToUser: nonzero(
    "N packet headers predicted and directly queued to user",
  ),
  TCPLossFailures: nonzero("N timeouts in loss state"),
  TCPLossUndo: nonzero(
    "N congestion windows recovered without slow start after partial ack",
  ),
  TCPLostRetransmits: nonzero("N retransmits lost"),
  TCPMemoryPressures: nonzero("TCP ran low on memory N times"),
  TCPPartialUndo: nonzero(
    "N congestion windows partially recovered using Hoe heuristic",
  ),
  TCPPrequeued: nonzero("N packets directly queued to recvmsg prequeue"),
  TCPPureAcks: nonzero(
    "N acknowledgments not containing data payload received",
  ),
  TCPRcvCollapsed: nonzero(
    "N packets collapsed in receive queue due to low socket buffer",
  ),
  TCPRenoFailures: nonzero("N timeouts after reno fast retransmit"),
  TCPRenoRecovery: nonzero(
    "N times recovered from packet loss due to fast retransmit",
  ),
  TCPRenoReorder: nonzero(
    "Detected reordering N times using reno fast retransmit",
  ),
  TCPSACKReorder: nonzero("Detected reordering N times using SACK"),
  TCPSchedulerFailed: nonzero(
    "N times receiver scheduled too late for direct processing",
  ),
  TCPSlowStartRetrans: nonzero("N retransmits in slow start"),
  TCPTSReorder: nonzero("Detected reordering N times using time stamp"),
  TW: nonzero("N TCP sockets finished time wait in fast timer"),
  TWRecycled: nonzero("N time wait sockets recycled by time stamp"),
};

const SCTP: Counters = {
  SctpAborteds: always("N Number of Aborteds "),
  SctpActiveEstabs: always("N Active Associations"),
  SctpChecksumErrors: always("N Number of Packets with invalid Checksum"),
  SctpCurrEstab: always("N Current Associations"),
  SctpFragUsrMsgs: always("N Number of messages fragmented"),
  SctpInCtrlChunks: always("N Number of control chunks received"),
  SctpInOrderChunks: always("N Number of ordered chunks received"),
  SctpInSCTPPacks: always("N Number of SCTP packets received"),
  SctpInUnorderChunks: always("N Number of Unordered chunks received"),
  SctpOutCtrlChunks: always("N Number of control chunks sent"),
  SctpOutOfBlues: always("N Number of Out of Blue packets"),
  SctpOutOrderChunks: always("N Number of ordered chunks sent"),
  SctpOutSCTPPacks: always("N Number of SCTP packets sent"),
  SctpOutUnorderChunks: always("N Number of Unordered chunks sent"),
  SctpPassiveEstabs: always("N Passive Associations"),
  SctpReasmUsrMsgs: always("N Number of messages reassembled "),
  SctpShutdowns: always("N Number of Graceful Terminations"),
};

/** What `-s` shows of IPv4. */
export const statistics: Statistics = {
  files: [
    {
      path: "/proc/net/snmp",
      layout: "pairs",
      required: true,
      problem: "Problem while parsing /proc/net/snmp",
    },
    {
      path: "/proc/net/netstat",
      layout: "pairs",
      problem: "Problem while parsing /proc/net/netstat",
    },
    {
      path: "/proc/net/sctp/snmp",
      layout: "list",
      opens: "Sctp",
      sectionOf: () => "Sctp",
    },
  ],
  sections: {
    Ip: { protocol: "raw", counters: IP },
    Icmp: { protocol: "raw", counters: ICMP },
    Tcp: { protocol: "tcp", counters: TCP },
    Udp: { protocol: "udp", counters: UDP },
    TcpExt: { protocol: "tcp", counters: TCP_EXT },
    Sctp: { protocol: "sctp", counters: SCTP },
  },
};

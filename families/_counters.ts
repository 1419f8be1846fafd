/**
 * What the kernel's counters count, and what it means if they grow. Only `--explain`,
 * and questions about what a counter means, load it.
 *
 * @module
 */

import type { Explanation, Signal } from "../core/contract/explained.ts";
import { isGauge } from "../core/contract/gauge.ts";

/**
 * The counters, by their sections. Of each there are: its name, its signal, what it
 * counts, what may be the cause if it grows (if there is one to be named), and who says
 * so. A section that is `like` another one counts the same of something else.
 *
 * `.rst` files are in `Documentation/networking/` of the kernel; names in capital
 * letters are its symbols, most of them in `linux/snmp.h`. What a symbol alone stands
 * for, no document explains: its sentence says no more than is certain.
 */
const TABLE = `
[Ip]
Forwarding | normal | Whether IPv4 packets are forwarded, 1 if so and 2 if not | - | RFC 1213 ipForwarding
DefaultTTL | normal | Routers that an IPv4 packet may pass unless its sender says otherwise | - | RFC 1213 ipDefaultTTL
InReceives | normal | IPv4 packets that came in, those with errors too | - | snmp_counter.rst
InHdrErrors | watch | IPv4 packets that were dropped because their header was wrong or their TTL was over | a broken sender, or a routing loop | snmp_counter.rst
InAddrErrors | watch | IPv4 packets that were dropped because their address is invalid, or not ours and nothing is forwarded | others take this host for a router | snmp_counter.rst
ForwDatagrams | normal | IPv4 packets that were for other hosts and were forwarded | - | RFC 1213 ipForwDatagrams
InUnknownProtos | watch | IPv4 packets that were dropped because nothing here speaks their protocol | - | snmp_counter.rst
InDiscards | trouble | Good IPv4 packets that came in and were dropped | the kernel may lack memory | snmp_counter.rst
InDelivers | normal | IPv4 packets that were handed to TCP, UDP, ICMP and other protocols | - | snmp_counter.rst
OutRequests | normal | IPv4 packets that programs and protocols of this host gave out to be sent | - | snmp_counter.rst
OutDiscards | watch | Good IPv4 packets that were dropped before they were sent | a full queue, or the kernel lacks memory | snmp_counter.rst
OutNoRoutes | watch | IPv4 packets that were not sent because no route leads to their destination | see netstat -r | snmp_counter.rst
ReasmTimeout | watch | Reassemblies of IPv4 packets that were given up because fragments were missing for too long | fragments are lost | IPSTATS_MIB_REASMTIMEOUT
ReasmReqds | normal | IPv4 fragments that came in to be put together | - | RFC 1213 ipReasmReqds
ReasmOKs | normal | IPv4 packets that were put together from fragments | - | RFC 1213 ipReasmOKs
ReasmFails | watch | Reassemblies of IPv4 packets that failed | fragments are lost, or there are too many for ipfrag_high_thresh | RFC 1213 ipReasmFails
FragOKs | normal | IPv4 packets that were cut into fragments | - | RFC 1213 ipFragOKs
FragFails | watch | IPv4 packets that were too large and were not allowed to be cut | path MTU discovery does this a few times for each path | RFC 1213 ipFragFails
FragCreates | normal | IPv4 fragments that were made of packets | - | RFC 1213 ipFragCreates
OutTransmits | normal | IPv4 packets that were handed to a network interface, forwarded ones and fragments too | - | RFC 4293 ipSystemStatsOutTransmits

[IpExt]
InNoRoutes | watch | IPv4 packets that came in and were dropped because no route leads to their destination | - | snmp_counter.rst
InTruncatedPkts | trouble | IPv4 packets that were dropped because they were shorter than their header says | broken hardware or a broken sender | snmp_counter.rst
InMcastPkts | normal | IPv4 multicast packets that came in | - | RFC 4293 ipSystemStatsInMcastPkts
OutMcastPkts | normal | IPv4 multicast packets that were sent | - | RFC 4293 ipSystemStatsOutMcastPkts
InBcastPkts | normal | IPv4 broadcast packets that came in | - | RFC 4293 ipSystemStatsInBcastPkts
OutBcastPkts | normal | IPv4 broadcast packets that were sent | - | RFC 4293 ipSystemStatsOutBcastPkts
InOctets | normal | Bytes of IPv4 packets that came in, IP headers included | - | snmp_counter.rst
OutOctets | normal | Bytes of IPv4 packets that were sent, IP headers included | - | snmp_counter.rst
InMcastOctets | normal | Bytes of IPv4 multicast packets that came in | - | RFC 4293 ipSystemStatsInMcastOctets
OutMcastOctets | normal | Bytes of IPv4 multicast packets that were sent | - | RFC 4293 ipSystemStatsOutMcastOctets
InBcastOctets | normal | Bytes of IPv4 broadcast packets that came in | - | IPSTATS_MIB_INBCASTOCTETS
OutBcastOctets | normal | Bytes of IPv4 broadcast packets that were sent | - | IPSTATS_MIB_OUTBCASTOCTETS
InCsumErrors | trouble | IPv4 packets that were dropped because the checksum of their header was wrong | broken hardware on the way | IPSTATS_MIB_CSUMERRORS
InNoECTPkts | normal | Packets that came in from senders without congestion notification (ECN) | - | snmp_counter.rst
InECT1Pkts | normal | Packets that came in with the mark ECT(1) of congestion notification (ECN) | - | snmp_counter.rst
InECT0Pkts | normal | Packets that came in with the mark ECT(0) of congestion notification (ECN) | - | snmp_counter.rst
InCEPkts | watch | Packets that a congested router marked on their way here (ECN) | - | snmp_counter.rst
ReasmOverlaps | trouble | IPv4 fragments that overlapped others | an attack, or a broken sender | IPSTATS_MIB_REASM_OVERLAPS

[Icmp]
InMsgs | normal | ICMP messages that came in, those with errors too | - | snmp_counter.rst
InErrors | watch | ICMP messages that came in with errors | - | snmp_counter.rst
InCsumErrors | trouble | ICMP messages that were dropped because their checksum was wrong | broken hardware on the way | snmp_counter.rst
InDestUnreachs | watch | Messages that came in and say that a destination cannot be reached | see what this host sends to | RFC 1213 icmpInDestUnreachs
InTimeExcds | watch | Messages that came in and say that a packet of ours took too many hops or too long | a routing loop, or a traceroute from here | RFC 1213 icmpInTimeExcds
InParmProbs | watch | Messages that came in and say that the header of a packet of ours was wrong | - | RFC 1213 icmpInParmProbs
InSrcQuenchs | watch | Messages that came in and ask to send more slowly, which are obsolete and ignored | a very old router, or a forged message | RFC 1213 icmpInSrcQuenchs
InRedirects | watch | Messages that came in and name a better gateway | a route here is not the best one, or the message is forged | RFC 1213 icmpInRedirects
InEchos | normal | Echo requests that came in: somebody pings this host | - | RFC 1213 icmpInEchos
InEchoReps | normal | Echo replies that came in: answers to a ping from here | - | RFC 1213 icmpInEchoReps
InTimestamps | normal | Requests that came in for the time of this host | - | RFC 1213 icmpInTimestamps
InTimestampReps | normal | Replies that came in with the time of another host | - | RFC 1213 icmpInTimestampReps
InAddrMasks | normal | Requests that came in for the netmask of this host, which are obsolete | - | RFC 1213 icmpInAddrMasks
InAddrMaskReps | normal | Replies that came in with a netmask, which are obsolete | - | RFC 1213 icmpInAddrMaskReps
OutMsgs | normal | ICMP messages that were sent, those with errors too | - | snmp_counter.rst
OutErrors | watch | ICMP messages that were not sent because of an error here | - | snmp_counter.rst
OutRateLimitGlobal | watch | ICMP messages that were not sent because this host had sent too many (icmp_msgs_per_sec) | a scan or a flood makes this host answer | ICMP_MIB_RATELIMITGLOBAL
OutRateLimitHost | watch | ICMP messages that were not sent because the same host had got too many (icmp_ratelimit) | that host scans or floods this one | ICMP_MIB_RATELIMITHOST
OutDestUnreachs | watch | Messages that were sent to say that a destination cannot be reached | a port scan, or clients of a service that does not run | RFC 1213 icmpOutDestUnreachs
OutTimeExcds | watch | Messages that were sent to say that a packet took too many hops or too long | a traceroute, a routing loop, or lost fragments | RFC 1213 icmpOutTimeExcds
OutParmProbs | watch | Messages that were sent to say that the header of a packet was wrong | - | RFC 1213 icmpOutParmProbs
OutSrcQuenchs | normal | Messages that were sent to ask for slower sending, which are obsolete | - | RFC 1213 icmpOutSrcQuenchs
OutRedirects | watch | Messages that were sent to name a better gateway | other hosts have routes that are not the best | RFC 1213 icmpOutRedirects
OutEchos | normal | Echo requests that were sent: somebody here pings | - | RFC 1213 icmpOutEchos
OutEchoReps | normal | Echo replies that were sent: answers to a ping of this host | - | RFC 1213 icmpOutEchoReps
OutTimestamps | normal | Requests that were sent for the time of another host | - | RFC 1213 icmpOutTimestamps
OutTimestampReps | normal | Replies that were sent with the time of this host | - | RFC 1213 icmpOutTimestampReps
OutAddrMasks | normal | Requests that were sent for a netmask, which are obsolete | - | RFC 1213 icmpOutAddrMasks
OutAddrMaskReps | normal | Replies that were sent with a netmask, which are obsolete | - | RFC 1213 icmpOutAddrMaskReps

[Tcp]
RtoAlgorithm | normal | How the retransmission timeout is worked out, 1 for a way that RFC 1213 does not name | - | RFC 1213 tcpRtoAlgorithm
RtoMin | normal | The shortest retransmission timeout, in milliseconds | - | RFC 1213 tcpRtoMin
RtoMax | normal | The longest retransmission timeout, in milliseconds | - | RFC 1213 tcpRtoMax
MaxConn | normal | The most TCP connections that there can be, -1 without a limit | - | RFC 1213 tcpMaxConn
ActiveOpens | normal | Connections that programs of this host began | - | snmp_counter.rst
PassiveOpens | normal | Connections that other hosts began | - | snmp_counter.rst
AttemptFails | watch | Connections that failed before they were established | refused, or given up while half open | RFC 1213 tcpAttemptFails
EstabResets | watch | Established connections that were reset | - | snmp_counter.rst
CurrEstab | normal | TCP connections that are in ESTABLISHED or CLOSE_WAIT now | - | RFC 1213 tcpCurrEstab
InSegs | normal | TCP segments that came in, those with errors too | - | snmp_counter.rst
OutSegs | normal | TCP segments that were sent, but for those that were sent again | - | snmp_counter.rst
RetransSegs | watch | TCP segments that were sent again | more than 1 % of OutSegs is a lossy path | RFC 1213 tcpRetransSegs
InErrs | watch | TCP segments that came in with errors | - | RFC 1213 tcpInErrs
OutRsts | watch | Resets that this host sent, or tried to | clients of a service that does not run, a port scan, or programs that close early | snmp_counter.rst
InCsumErrors | trouble | TCP segments that were dropped because their checksum was wrong | broken hardware on the way | TCP_MIB_CSUMERRORS

[Udp]
InDatagrams | normal | Datagrams that programs received | - | RFC 1213 udpInDatagrams
NoPorts | watch | Datagrams that came in for a port that no program has | a scan, or a service that does not run | RFC 1213 udpNoPorts
InErrors | watch | Datagrams that came in and could not be delivered, those of RcvbufErrors too | - | RFC 1213 udpInErrors
OutDatagrams | normal | Datagrams that were sent | - | RFC 1213 udpOutDatagrams
RcvbufErrors | trouble | Datagrams that were dropped because the receive buffer of a socket was full | its program reads too slowly (see netstat -uan --columns +drops) | UDP_MIB_RCVBUFERRORS
SndbufErrors | watch | Datagrams that were not sent because a send buffer or the queue of a device was full | - | UDP_MIB_SNDBUFERRORS
InCsumErrors | watch | Datagrams that were dropped because their checksum was wrong | - | UDP_MIB_CSUMERRORS
IgnoredMulti | normal | Multicast datagrams that came in and no program wanted | - | UDP_MIB_IGNOREDMULTI
MemErrors | trouble | Datagrams that were dropped because UDP has used up its memory (udp_mem) | programs read too slowly, or udp_mem is too small | UDP_MIB_MEMERRORS

[UdpLite] like Udp
[Udp6] like Udp
[UdpLite6] like Udp

[TcpExt]
SyncookiesSent | watch | SYN cookies that were sent because the queue of half-open connections of a listener was full | a SYN flood or a burst of clients | snmp_counter.rst
SyncookiesRecv | watch | SYN cookies that came back and were valid: clients that got through in spite of the full queue | - | snmp_counter.rst
SyncookiesFailed | watch | SYN cookies that came back and were not valid | a flood, or segments of connections that are not known | snmp_counter.rst
EmbryonicRsts | watch | Resets that came in for half-open connections | a scan, or clients that give up | LINUX_MIB_EMBRYONICRSTS
PruneCalled | watch | Times that a socket had too much received data and the kernel made room | its program reads too slowly | snmp_counter.rst
RcvPruned | trouble | Times that making room in a socket did not help, so that received data was dropped | its program reads too slowly | snmp_counter.rst
OfoPruned | watch | Times that data received out of order was thrown away to make room in a socket | its program reads too slowly | snmp_counter.rst
OutOfWindowIcmps | watch | ICMP errors that were ignored because they are about data that no connection has sent | late messages, or forged ones | LINUX_MIB_OUTOFWINDOWICMPS
LockDroppedIcmps | normal | ICMP errors that were ignored because a program was just using the socket | - | LINUX_MIB_LOCKDROPPEDICMPS
ArpFilter | normal | ARP requests that were not answered because of the setting arp_filter | - | ip-sysctl.rst arp_filter
TW | normal | Connections that ended in TIME_WAIT after the usual time | - | LINUX_MIB_TIMEWAITED
TWRecycled | normal | Connections in TIME_WAIT whose ports a new connection took over | - | LINUX_MIB_TIMEWAITRECYCLED
TWKilled | watch | Connections that ended in TIME_WAIT after less than the usual time | - | LINUX_MIB_TIMEWAITKILLED
PAWSPassive | watch | Connections to this host that were refused because of an old timestamp | several clients behind one address (NAT) | LINUX_MIB_PAWSPASSIVEREJECTED
PAWSActive | watch | Segments that were dropped because of an old timestamp while a connection from here was opened | - | snmp_counter.rst
PAWSEstab | watch | Segments that were dropped because of an old timestamp | duplicates, or several hosts behind one address (NAT) | snmp_counter.rst
BeyondWindow | watch | Segments that were dropped because they lie beyond the receive window | - | LINUX_MIB_BEYOND_WINDOW
TSEcrRejected | watch | Segments that were dropped because they echo a timestamp that was not sent | - | LINUX_MIB_TSECRREJECTED
PAWSOldAck | normal | Late acknowledgments with an old timestamp, which do no harm | - | LINUX_MIB_PAWS_OLD_ACK
PAWSTimewait | watch | Segments for connections in TIME_WAIT that were dropped because of an old timestamp | clients behind one address (NAT), or ports that are used again too soon | LINUX_MIB_PAWS_TW_REJECTED
DelayedACKs | normal | Acknowledgments that were sent when their delay was over | - | snmp_counter.rst
DelayedACKLocked | normal | Delayed acknowledgments that had to wait still longer because a program was using the socket | - | snmp_counter.rst
DelayedACKLost | watch | Segments that came in again although they had been acknowledged | acknowledgments are late or lost | snmp_counter.rst
ListenOverflows | trouble | Attempts to connect that were dropped because the accept queue of a listener was full | its program accepts too slowly, or its backlog is too small | snmp_counter.rst
ListenDrops | trouble | Attempts to connect that listeners dropped, because of a full accept queue or for any other reason | a listener is overloaded (see netstat -ltn --columns +accept_queue_drops) | snmp_counter.rst
TCPHPHits | normal | Data segments that took the fast path through the kernel | - | snmp_counter.rst
TCPPureAcks | normal | Acknowledgments without data that took the slow path through the kernel | - | snmp_counter.rst
TCPHPAcks | normal | Acknowledgments without data that took the fast path through the kernel | - | snmp_counter.rst
TCPRenoRecovery | watch | Times that a connection without SACK began to send lost segments again | packets are lost | snmp_counter.rst
TCPSackRecovery | watch | Times that a connection with SACK began to send lost segments again | packets are lost | snmp_counter.rst
TCPSACKReneging | watch | Times that the other end dropped data after it had confirmed it by SACK | the other end lacks memory | snmp_counter.rst
TCPSACKReorder | normal | Times that SACK showed that segments arrived in another order | - | snmp_counter.rst
TCPRenoReorder | normal | Times that duplicate acknowledgments showed that segments arrived in another order | - | snmp_counter.rst
TCPTSReorder | normal | Times that a filled hole showed that segments arrived in another order | - | snmp_counter.rst
TCPFullUndo | normal | Times that a connection went back to its full speed because nothing had been lost | - | LINUX_MIB_TCPFULLUNDO
TCPPartialUndo | normal | Times that a connection went back to its speed because less had been lost than it seemed | - | LINUX_MIB_TCPPARTIALUNDO
TCPDSACKUndo | normal | Times that a connection went back to its speed because the other end had got everything twice (DSACK) | - | LINUX_MIB_TCPDSACKUNDO
TCPLossUndo | normal | Times that a connection went back to its speed because a timeout had been needless | - | LINUX_MIB_TCPLOSSUNDO
TCPLostRetransmit | watch | Segments that were sent again and were lost again | packets are lost | snmp_counter.rst
TCPRenoFailures | watch | Timeouts of connections without SACK while they were sending lost segments again | packets are lost | LINUX_MIB_TCPRENOFAILURES
TCPSackFailures | watch | Timeouts of connections with SACK while they were sending lost segments again | packets are lost | LINUX_MIB_TCPSACKFAILURES
TCPLossFailures | watch | Timeouts of connections that had not yet recovered from another timeout | packets are lost | LINUX_MIB_TCPLOSSFAILURES
TCPFastRetrans | watch | Segments that were sent again before a timeout | packets are lost | snmp_counter.rst
TCPSlowStartRetrans | watch | Segments that were sent again after a timeout | packets are lost | snmp_counter.rst
TCPTimeouts | watch | Times that a connection waited in vain for an acknowledgment | the other end is gone, or packets are lost | RFC 6298
TCPLossProbes | normal | Probes that were sent to learn whether the last segment was lost (TLP) | - | snmp_counter.rst
TCPLossProbeRecovery | normal | Losses of the last segment that a probe found and made good (TLP) | - | snmp_counter.rst
TCPRenoRecoveryFail | watch | Recoveries of connections without SACK that ended in a timeout | packets are lost | LINUX_MIB_TCPRENORECOVERYFAIL
TCPSackRecoveryFail | watch | Recoveries of connections with SACK that ended in a timeout | packets are lost | LINUX_MIB_TCPSACKRECOVERYFAIL
TCPRcvCollapsed | watch | Buffers of received data that were joined with others to save memory | a program reads too slowly | snmp_counter.rst
TCPBacklogCoalesce | normal | Segments that were joined with others while a program was using the socket | - | LINUX_MIB_TCPBACKLOGCOALESCE
TCPDSACKOldSent | normal | Times that this host told the other end that acknowledged data came again (DSACK) | - | snmp_counter.rst
TCPDSACKOfoSent | normal | Times that this host told the other end that data out of order came again (DSACK) | - | snmp_counter.rst
TCPDSACKRecv | watch | Times that the other end said that acknowledged data came again (DSACK) | this host sends again too soon, or the network makes copies | snmp_counter.rst
TCPDSACKOfoRecv | watch | Times that the other end said that data out of order came again (DSACK) | this host sends again too soon, or the network makes copies | snmp_counter.rst
TCPAbortOnData | watch | Connections that this host reset although data was still on its way | programs close early or with SO_LINGER 0 | snmp_counter.rst
TCPAbortOnClose | watch | Connections that this host reset because a program closed them before it had read everything | - | snmp_counter.rst
TCPAbortOnMemory | trouble | Connections that this host reset because TCP lacks memory (tcp_mem) or has too many orphans (tcp_max_orphans) | - | snmp_counter.rst
TCPAbortOnTimeout | watch | Connections that were given up because the other end did not answer | - | snmp_counter.rst
TCPAbortOnLinger | watch | Connections that this host reset in FIN_WAIT2 instead of waiting (TCP_LINGER2) | - | snmp_counter.rst
TCPAbortFailed | trouble | Resets that could not be sent because of an error here | the kernel may lack memory | snmp_counter.rst
TCPMemoryPressures | trouble | Times that TCP ran low on memory (tcp_mem) | too many sockets with full buffers, or tcp_mem is too small | ip-sysctl.rst tcp_mem
TCPMemoryPressuresChrono | trouble | Milliseconds during which TCP was low on memory (tcp_mem) | too many sockets with full buffers, or tcp_mem is too small | LINUX_MIB_TCPMEMORYPRESSURESCHRONO
TCPSACKDiscard | watch | Blocks of SACK that were not valid | a broken device on the way, or a broken other end | snmp_counter.rst
TCPDSACKIgnoredOld | normal | Reports of data that came twice (DSACK) that were not valid and may be old | - | snmp_counter.rst
TCPDSACKIgnoredNoUndo | normal | Reports of data that came twice (DSACK) that were not valid while nothing had been sent again | - | snmp_counter.rst
TCPSpuriousRTOs | normal | Timeouts that turned out to be needless (F-RTO) | - | snmp_counter.rst
TCPMD5NotFound | trouble | Segments that were dropped because they should have an MD5 signature and have none | the other end has no key, or somebody forges segments | LINUX_MIB_TCPMD5NOTFOUND
TCPMD5Unexpected | trouble | Segments that were dropped because they have an MD5 signature and should have none | no key is set here for the other end | LINUX_MIB_TCPMD5UNEXPECTED
TCPMD5Failure | trouble | Segments that were dropped because their MD5 signature is wrong | the keys of both ends differ, or somebody forges segments | LINUX_MIB_TCPMD5FAILURE
TCPSackShifted | normal | Buffers of which SACK moved a part to the one before | - | snmp_counter.rst
TCPSackMerged | normal | Buffers that SACK joined with the one before | - | snmp_counter.rst
TCPSackShiftFallback | normal | Buffers that SACK should have moved or joined, but left as they were | - | snmp_counter.rst
TCPBacklogDrop | trouble | Segments that were dropped because a program was using the socket and too many waited already | - | LINUX_MIB_TCPBACKLOGDROP
PFMemallocDrop | trouble | Segments that were dropped because only the memory for emergencies was left | the machine lacks memory | LINUX_MIB_PFMEMALLOCDROP
TCPMinTTLDrop | watch | Segments that were dropped because they came from too far away (IP_MINTTL) | - | RFC 5082
TCPDeferAcceptDrop | normal | Acknowledgments that were ignored because a listener waits for data (TCP_DEFER_ACCEPT) | - | LINUX_MIB_TCPDEFERACCEPTDROP
IPReversePathFilter | watch | Packets that were dropped because the way back would take another interface (rp_filter) | asymmetric routes, or forged addresses | ip-sysctl.rst rp_filter
TCPTimeWaitOverflow | trouble | Connections that skipped TIME_WAIT because there are too many in it (tcp_max_tw_buckets) | - | ip-sysctl.rst tcp_max_tw_buckets
TCPReqQFullDoCookies | watch | Times that the queue of half-open connections of a listener was full and a SYN cookie took its place | a SYN flood or a burst of clients | ip-sysctl.rst tcp_syncookies
TCPReqQFullDrop | trouble | Attempts to connect that were dropped because the queue of half-open connections was full | a SYN flood, or the backlog is too small | ip-sysctl.rst tcp_max_syn_backlog
TCPRetransFail | watch | Segments that could not be sent again because of an error below TCP | a full queue, no route, or no memory | snmp_counter.rst
TCPRcvCoalesce | normal | Segments that were joined with others while they waited for their program | - | snmp_counter.rst
TCPOFOQueue | normal | Segments that came in out of order and were kept | - | snmp_counter.rst
TCPOFODrop | watch | Segments that came in out of order and were dropped for lack of memory | a program reads too slowly | snmp_counter.rst
TCPOFOMerge | normal | Segments that came in out of order and overlapped what was there | - | snmp_counter.rst
TCPChallengeACK | watch | Acknowledgments that were sent to ask whether a reset or a SYN was meant so (RFC 5961) | stray segments, or forged ones | snmp_counter.rst
TCPSYNChallenge | watch | Acknowledgments that were sent to ask whether a SYN into an established connection was meant so (RFC 5961) | stray segments, or forged ones | snmp_counter.rst
TCPFastOpenActive | normal | Connections from here that sent data with their SYN (Fast Open), and it was taken | - | snmp_counter.rst
TCPFastOpenActiveFail | watch | Connections from here that sent data with their SYN (Fast Open), and it was not taken | - | snmp_counter.rst
TCPFastOpenPassive | normal | Connections to this host that sent data with their SYN (Fast Open), and it was taken | - | snmp_counter.rst
TCPFastOpenPassiveFail | watch | Connections to this host that sent data with their SYN (Fast Open), and it was not taken | - | snmp_counter.rst
TCPFastOpenListenOverflow | watch | Connections to this host whose data with the SYN was not taken because too many wait already (Fast Open) | - | snmp_counter.rst
TCPFastOpenCookieReqd | normal | Clients that asked for a cookie of Fast Open | - | snmp_counter.rst
TCPFastOpenBlackhole | watch | Times that Fast Open was switched off for a while because something on the way swallows it | - | ip-sysctl.rst tcp_fastopen_blackhole_timeout_sec
TCPSpuriousRtxHostQueues | watch | Segments that were not sent again because the first one has not left this host yet | a queue of this host is too long | snmp_counter.rst
BusyPollRxPackets | normal | Packets that programs received by busy polling | - | LINUX_MIB_BUSYPOLLRXPACKETS
TCPAutoCorking | normal | Small writes of programs that were sent together with others | - | snmp_counter.rst
TCPFromZeroWindowAdv | watch | Times that this host let the other end send again after it had told it to stop (zero window) | - | snmp_counter.rst
TCPToZeroWindowAdv | watch | Times that this host told the other end to stop sending (zero window) | a program reads too slowly | snmp_counter.rst
TCPWantZeroWindowAdv | watch | Times that this host would have told the other end to stop sending, had it not promised room before | a program reads too slowly | snmp_counter.rst
TCPSynRetrans | watch | Attempts to connect, and answers to them, that were sent again | the other end cannot be reached, is filtered or overloaded | snmp_counter.rst
TCPOrigDataSent | normal | Data segments that were sent for the first time, which the rate of retransmissions is best worked out from | - | snmp_counter.rst
TCPHystartTrainDetect | normal | Times that slow start ended because acknowledgments came in a long train (Hybrid Slow Start) | - | snmp_counter.rst
TCPHystartTrainCwnd | normal | Congestion windows at which a long train of acknowledgments ended slow start, summed up in segments | - | snmp_counter.rst
TCPHystartDelayDetect | normal | Times that slow start ended because the delay grew (Hybrid Slow Start) | - | snmp_counter.rst
TCPHystartDelayCwnd | normal | Congestion windows at which a growing delay ended slow start, summed up in segments | - | snmp_counter.rst
TCPACKSkippedSynRecv | watch | Acknowledgments that a half-open connection did not send, so as not to send too many | - | snmp_counter.rst
TCPACKSkippedPAWS | watch | Acknowledgments of segments with an old timestamp that were not sent, so as not to send too many | - | snmp_counter.rst
TCPACKSkippedSeq | watch | Acknowledgments of segments out of the window that were not sent, so as not to send too many | - | snmp_counter.rst
TCPACKSkippedFinWait2 | watch | Acknowledgments that a connection in FIN_WAIT2 did not send, so as not to send too many | - | snmp_counter.rst
TCPACKSkippedTimeWait | watch | Acknowledgments that a connection in TIME_WAIT did not send, so as not to send too many | - | snmp_counter.rst
TCPACKSkippedChallenge | watch | Challenges (RFC 5961) that were not sent, so as not to send too many | - | snmp_counter.rst
TCPWinProbe | watch | Probes that were sent to learn whether the other end takes data again (zero window) | its program reads too slowly | LINUX_MIB_TCPWINPROBE
TCPKeepAlive | normal | Probes that were sent to learn whether the other end is still there (SO_KEEPALIVE) | - | snmp_counter.rst
TCPMTUPFail | watch | Probes for a larger packet size that did not arrive (MTU probing) | - | RFC 4821
TCPMTUPSuccess | normal | Probes for a larger packet size that arrived (MTU probing) | - | RFC 4821
TCPDelivered | normal | Data segments that arrived at the other end | - | LINUX_MIB_TCPDELIVERED
TCPDeliveredCE | watch | Data segments that arrived at the other end and were marked by a congested router (ECN) | - | LINUX_MIB_TCPDELIVEREDCE
TCPAckCompressed | normal | Acknowledgments that were saved because one later stood for them | - | ip-sysctl.rst tcp_comp_sack_delay_ns
TCPZeroWindowDrop | watch | Segments that were dropped because they came after this host had told to stop (zero window) | - | LINUX_MIB_TCPZEROWINDOWDROP
TCPRcvQDrop | watch | Segments that were dropped because a receive queue was full | a program reads too slowly | LINUX_MIB_TCPRCVQDROP
TCPWqueueTooBig | watch | Times that a segment was not split because the send queue is too large | an attack by SACK, or a small send buffer | LINUX_MIB_TCPWQUEUETOOBIG
TCPFastOpenPassiveAltKey | normal | Cookies of Fast Open that were made with the second key | - | ip-sysctl.rst tcp_fastopen_key
TcpTimeoutRehash | watch | Connections that tried another path after a timeout | packets are lost on a path | LINUX_MIB_TCPTIMEOUTREHASH
TcpDuplicateDataRehash | watch | Connections that tried another path because the same data came again | acknowledgments are lost on a path | LINUX_MIB_TCPDUPLICATEDATAREHASH
TCPDSACKRecvSegs | watch | Segments of which the other end said that they came twice (DSACK) | this host sends again too soon, or the network makes copies | LINUX_MIB_TCPDSACKRECVSEGS
TCPDSACKIgnoredDubious | watch | Reports of data that came twice (DSACK) that were ignored because they cannot be true | - | LINUX_MIB_TCPDSACKIGNOREDDUBIOUS
TCPMigrateReqSuccess | normal | Half-open connections that another listener of the same port took over (tcp_migrate_req) | - | ip-sysctl.rst tcp_migrate_req
TCPMigrateReqFailure | watch | Half-open connections that no other listener of the same port could take over (tcp_migrate_req) | - | ip-sysctl.rst tcp_migrate_req
TCPPLBRehash | normal | Connections that took another path to get around congestion (PLB) | - | ip-sysctl.rst tcp_plb_enabled
TCPAORequired | trouble | Segments that were dropped because they should have a TCP-AO signature and have none | the other end has no key, or somebody forges segments | tcp_ao.rst
TCPAOBad | trouble | Segments that were dropped because their TCP-AO signature is wrong | the keys of both ends differ, or somebody forges segments | tcp_ao.rst
TCPAOKeyNotFound | trouble | Segments that were dropped because their TCP-AO key is not known here | - | tcp_ao.rst
TCPAOGood | normal | Segments whose TCP-AO signature is right | - | tcp_ao.rst
TCPAODroppedIcmps | normal | ICMP errors that were ignored because their connections have TCP-AO | - | tcp_ao.rst
SockMallocOOM | trouble | Times that there was no memory to send a packet | the machine lacks memory | Linux 2.4
TCPAbortOnSyn | watch | Connections that this host reset because a SYN came in the middle of them | stray segments, or forged ones | LINUX_MIB_TCPABORTONSYN
TCPDirectCopyFromBacklog | normal | Bytes that programs were given from what had waited for them to let go of the socket | - | LINUX_MIB_TCPDIRECTCOPYFROMBACKLOG
TCPDirectCopyFromPrequeue | normal | Bytes that programs were given as they came in, while they waited for them | - | LINUX_MIB_TCPDIRECTCOPYFROMPREQUEUE
TCPFACKReorder | normal | Times that SACK (FACK) showed that segments arrived in another order | - | LINUX_MIB_TCPFACKREORDER
TCPForwardRetrans | watch | Segments that were sent again before it was sure that they were lost | - | LINUX_MIB_TCPFORWARDRETRANS
TCPHPHitsToUser | normal | Data segments that took the fast path and were given to a program at once | - | LINUX_MIB_TCPHPHITSTOUSER
TCPLoss | watch | Segments that were lost | packets are lost | LINUX_MIB_TCPLOSS
TCPPrequeued | normal | Segments that were kept for a program that waits for data | - | LINUX_MIB_TCPPREQUEUED
TCPPrequeueDropped | watch | Segments that were kept for a program that waits for data, and were taken away from it for lack of room | - | LINUX_MIB_TCPPREQUEUEDROPPED
TCPSchedulerFailed | watch | Times that a program woke up too late for the segments that were kept for it | the machine is overloaded | LINUX_MIB_TCPSCHEDULERFAILED

[Ip6]
Ip6InReceives | normal | IPv6 packets that came in, those with errors too | - | RFC 4293 ipSystemStatsInReceives
Ip6InHdrErrors | watch | IPv6 packets that were dropped because their header was wrong or their hop limit was over | a broken sender, or a routing loop | RFC 4293 ipSystemStatsInHdrErrors
Ip6InTooBigErrors | watch | IPv6 packets that were not forwarded because they are too large for the next link | senders do not see the messages about it | RFC 2465 ipv6IfStatsInTooBigErrors
Ip6InNoRoutes | watch | IPv6 packets that came in and were dropped because no route leads to their destination | - | RFC 4293 ipSystemStatsInNoRoutes
Ip6InAddrErrors | watch | IPv6 packets that were dropped because their address is invalid, or not ours and nothing is forwarded | others take this host for a router | RFC 4293 ipSystemStatsInAddrErrors
Ip6InUnknownProtos | watch | IPv6 packets that were dropped because nothing here speaks their protocol | - | RFC 4293 ipSystemStatsInUnknownProtos
Ip6InTruncatedPkts | trouble | IPv6 packets that were dropped because they were shorter than their header says | broken hardware or a broken sender | RFC 4293 ipSystemStatsInTruncatedPkts
Ip6InDiscards | watch | Good IPv6 packets that came in and were dropped | IPv6 is switched off on an interface, or the kernel lacks memory | RFC 4293 ipSystemStatsInDiscards
Ip6InDelivers | normal | IPv6 packets that were handed to TCP, UDP, ICMPv6 and other protocols | - | RFC 4293 ipSystemStatsInDelivers
Ip6OutForwDatagrams | normal | IPv6 packets that were for other hosts and were forwarded | - | RFC 4293 ipSystemStatsOutForwDatagrams
Ip6OutRequests | normal | IPv6 packets that programs and protocols of this host gave out to be sent | - | RFC 4293 ipSystemStatsOutRequests
Ip6OutDiscards | watch | Good IPv6 packets that were dropped before they were sent | a full queue, or the kernel lacks memory | RFC 4293 ipSystemStatsOutDiscards
Ip6OutNoRoutes | watch | IPv6 packets that were not sent because no route leads to their destination | see netstat -6r | RFC 4293 ipSystemStatsOutNoRoutes
Ip6ReasmTimeout | watch | Reassemblies of IPv6 packets that were given up because fragments were missing for too long | fragments are lost | IPSTATS_MIB_REASMTIMEOUT
Ip6ReasmReqds | normal | IPv6 fragments that came in to be put together | - | RFC 4293 ipSystemStatsReasmReqds
Ip6ReasmOKs | normal | IPv6 packets that were put together from fragments | - | RFC 4293 ipSystemStatsReasmOKs
Ip6ReasmFails | watch | Reassemblies of IPv6 packets that failed | fragments are lost, or there are too many for ip6frag_high_thresh | RFC 4293 ipSystemStatsReasmFails
Ip6FragOKs | normal | IPv6 packets that were cut into fragments | - | RFC 4293 ipSystemStatsOutFragOKs
Ip6FragFails | watch | IPv6 packets that should have been cut into fragments and could not be | - | RFC 4293 ipSystemStatsOutFragFails
Ip6FragCreates | normal | IPv6 fragments that were made of packets | - | RFC 4293 ipSystemStatsOutFragCreates
Ip6InMcastPkts | normal | IPv6 multicast packets that came in | - | RFC 4293 ipSystemStatsInMcastPkts
Ip6OutMcastPkts | normal | IPv6 multicast packets that were sent | - | RFC 4293 ipSystemStatsOutMcastPkts
Ip6InOctets | normal | Bytes of IPv6 packets that came in, IP headers included | - | RFC 4293 ipSystemStatsInOctets
Ip6OutOctets | normal | Bytes of IPv6 packets that were sent, IP headers included | - | RFC 4293 ipSystemStatsOutOctets
Ip6InMcastOctets | normal | Bytes of IPv6 multicast packets that came in | - | RFC 4293 ipSystemStatsInMcastOctets
Ip6OutMcastOctets | normal | Bytes of IPv6 multicast packets that were sent | - | RFC 4293 ipSystemStatsOutMcastOctets
Ip6InBcastOctets | normal | Bytes of broadcast packets that came in, which IPv6 does not have | - | IPSTATS_MIB_INBCASTOCTETS
Ip6OutBcastOctets | normal | Bytes of broadcast packets that were sent, which IPv6 does not have | - | IPSTATS_MIB_OUTBCASTOCTETS
Ip6InNoECTPkts | normal | IPv6 packets that came in from senders without congestion notification (ECN) | - | RFC 3168
Ip6InECT1Pkts | normal | IPv6 packets that came in with the mark ECT(1) of congestion notification (ECN) | - | RFC 3168
Ip6InECT0Pkts | normal | IPv6 packets that came in with the mark ECT(0) of congestion notification (ECN) | - | RFC 3168
Ip6InCEPkts | watch | IPv6 packets that a congested router marked on their way here (ECN) | - | RFC 3168
Ip6OutTransmits | normal | IPv6 packets that were handed to a network interface, forwarded ones and fragments too | - | RFC 4293 ipSystemStatsOutTransmits

[Icmp6]
Icmp6InMsgs | normal | ICMPv6 messages that came in, those with errors too | - | RFC 2466 ipv6IfIcmpInMsgs
Icmp6InErrors | watch | ICMPv6 messages that came in with errors | - | RFC 2466 ipv6IfIcmpInErrors
Icmp6OutMsgs | normal | ICMPv6 messages that were sent, those with errors too | - | RFC 2466 ipv6IfIcmpOutMsgs
Icmp6OutErrors | watch | ICMPv6 messages that were not sent because of an error here | - | RFC 2466 ipv6IfIcmpOutErrors
Icmp6InCsumErrors | trouble | ICMPv6 messages that were dropped because their checksum was wrong | broken hardware on the way | ICMP6_MIB_CSUMERRORS
Icmp6OutRateLimitHost | watch | ICMPv6 messages that were not sent because the same host had got too many (icmp/ratelimit) | that host scans or floods this one | ICMP6_MIB_RATELIMITHOST
Icmp6InDestUnreachs | watch | Messages that came in and say that a destination cannot be reached | see what this host sends to | RFC 2466 ipv6IfIcmpInDestUnreachs
Icmp6InPktTooBigs | normal | Messages that came in and say that a packet of ours is too large for a link, and how large one may be | - | RFC 2466 ipv6IfIcmpInPktTooBigs
Icmp6InTimeExcds | watch | Messages that came in and say that a packet of ours took too many hops or too long | a routing loop, or a traceroute from here | RFC 2466 ipv6IfIcmpInTimeExcds
Icmp6InParmProblems | watch | Messages that came in and say that the header of a packet of ours was wrong | - | RFC 2466 ipv6IfIcmpInParmProblems
Icmp6InEchos | normal | Echo requests that came in: somebody pings this host | - | RFC 2466 ipv6IfIcmpInEchos
Icmp6InEchoReplies | normal | Echo replies that came in: answers to a ping from here | - | RFC 2466 ipv6IfIcmpInEchoReplies
Icmp6InGroupMembQueries | normal | Queries that came in for the multicast groups of this host | - | RFC 2466 ipv6IfIcmpInGroupMembQueries
Icmp6InGroupMembResponses | normal | Reports that came in of the multicast groups of other hosts | - | RFC 2466 ipv6IfIcmpInGroupMembResponses
Icmp6InGroupMembReductions | normal | Messages that came in from hosts that leave a multicast group | - | RFC 2466 ipv6IfIcmpInGroupMembReductions
Icmp6InRouterSolicits | normal | Messages that came in from hosts that look for routers | - | RFC 2466 ipv6IfIcmpInRouterSolicits
Icmp6InRouterAdvertisements | normal | Messages that came in from routers that say that they are there | - | RFC 2466 ipv6IfIcmpInRouterAdvertisements
Icmp6InNeighborSolicits | normal | Messages that came in to ask for the hardware address of this host, or whether an address is in use | - | RFC 2466 ipv6IfIcmpInNeighborSolicits
Icmp6InNeighborAdvertisements | normal | Messages that came in with the hardware address of another host | - | RFC 2466 ipv6IfIcmpInNeighborAdvertisements
Icmp6InRedirects | watch | Messages that came in and name a better gateway | a route here is not the best one, or the message is forged | RFC 2466 ipv6IfIcmpInRedirects
Icmp6InMLDv2Reports | normal | Reports that came in of the multicast groups of other hosts, by version 2 of MLD | - | RFC 3810
Icmp6OutDestUnreachs | watch | Messages that were sent to say that a destination cannot be reached | a port scan, or clients of a service that does not run | RFC 2466 ipv6IfIcmpOutDestUnreachs
Icmp6OutPktTooBigs | normal | Messages that were sent to say that a packet is too large for a link, and how large one may be | - | RFC 2466 ipv6IfIcmpOutPktTooBigs
Icmp6OutTimeExcds | watch | Messages that were sent to say that a packet took too many hops or too long | a traceroute, a routing loop, or lost fragments | RFC 2466 ipv6IfIcmpOutTimeExcds
Icmp6OutParmProblems | watch | Messages that were sent to say that the header of a packet was wrong | - | RFC 2466 ipv6IfIcmpOutParmProblems
Icmp6OutEchos | normal | Echo requests that were sent: somebody here pings | - | RFC 2466 ipv6IfIcmpOutEchos
Icmp6OutEchoReplies | normal | Echo replies that were sent: answers to a ping of this host | - | RFC 2466 ipv6IfIcmpOutEchoReplies
Icmp6OutGroupMembQueries | normal | Queries that were sent for the multicast groups of other hosts | - | RFC 2466 ipv6IfIcmpOutGroupMembQueries
Icmp6OutGroupMembResponses | normal | Reports that were sent of the multicast groups of this host | - | RFC 2466 ipv6IfIcmpOutGroupMembResponses
Icmp6OutGroupMembReductions | normal | Messages that were sent to leave a multicast group | - | RFC 2466 ipv6IfIcmpOutGroupMembReductions
Icmp6OutRouterSolicits | normal | Messages that were sent to look for routers | - | RFC 2466 ipv6IfIcmpOutRouterSolicits
Icmp6OutRouterAdvertisements | normal | Messages that were sent to say that this router is there | - | RFC 2466 ipv6IfIcmpOutRouterAdvertisements
Icmp6OutNeighborSolicits | normal | Messages that were sent to ask for the hardware address of another host, or whether an address is in use | - | RFC 2466 ipv6IfIcmpOutNeighborSolicits
Icmp6OutNeighborAdvertisements | normal | Messages that were sent with the hardware address of this host | - | RFC 2466 ipv6IfIcmpOutNeighborAdvertisements
Icmp6OutRedirects | watch | Messages that were sent to name a better gateway | other hosts have routes that are not the best | RFC 2466 ipv6IfIcmpOutRedirects
Icmp6OutMLDv2Reports | normal | Reports that were sent of the multicast groups of this host, by version 2 of MLD | - | RFC 3810

[Sctp]
SctpCurrEstab | normal | SCTP associations that are established now | - | RFC 3873 sctpCurrEstab
SctpActiveEstabs | normal | Associations that programs of this host began | - | RFC 3873 sctpActiveEstabs
SctpPassiveEstabs | normal | Associations that other hosts began | - | RFC 3873 sctpPassiveEstabs
SctpAborteds | watch | Associations that one end broke off | - | RFC 3873 sctpAborteds
SctpShutdowns | normal | Associations that were ended in the regular way | - | RFC 3873 sctpShutdowns
SctpOutOfBlues | watch | Packets that came in and belong to no association | a scan, or an end that was restarted | RFC 3873 sctpOutOfBlues
SctpChecksumErrors | trouble | Packets that were dropped because their checksum was wrong | broken hardware on the way | RFC 3873 sctpChecksumErrors
SctpOutCtrlChunks | normal | Control chunks that were sent | - | RFC 3873 sctpOutCtrlChunks
SctpOutOrderChunks | normal | Chunks of data in order that were sent | - | RFC 3873 sctpOutOrderChunks
SctpOutUnorderChunks | normal | Chunks of data without order that were sent | - | RFC 3873 sctpOutUnorderChunks
SctpInCtrlChunks | normal | Control chunks that came in | - | RFC 3873 sctpInCtrlChunks
SctpInOrderChunks | normal | Chunks of data in order that came in | - | RFC 3873 sctpInOrderChunks
SctpInUnorderChunks | normal | Chunks of data without order that came in | - | RFC 3873 sctpInUnorderChunks
SctpFragUsrMsgs | normal | Messages that were cut because they were too large for a packet | - | RFC 3873 sctpFragUsrMsgs
SctpReasmUsrMsgs | normal | Messages that were put together from several chunks | - | RFC 3873 sctpReasmUsrMsgs
SctpOutSCTPPacks | normal | Packets that were sent | - | RFC 3873 sctpOutSCTPPacks
SctpInSCTPPacks | normal | Packets that came in | - | RFC 3873 sctpInSCTPPacks
SctpT1InitExpireds | watch | Times that an association was begun and nobody answered in time (INIT) | the other end cannot be reached, or does not run | SCTP_MIB_T1_INIT_EXPIREDS
SctpT1CookieExpireds | watch | Times that nobody answered a COOKIE ECHO in time | packets are lost | SCTP_MIB_T1_COOKIE_EXPIREDS
SctpT2ShutdownExpireds | watch | Times that nobody answered the end of an association in time (SHUTDOWN) | packets are lost, or the other end is gone | SCTP_MIB_T2_SHUTDOWN_EXPIREDS
SctpT3RtxExpireds | watch | Times that data was not acknowledged in time | packets are lost, or the other end is gone | SCTP_MIB_T3_RTX_EXPIREDS
SctpT4RtoExpireds | watch | Times that nobody answered a change of addresses in time (ASCONF) | packets are lost, or the other end is gone | SCTP_MIB_T4_RTO_EXPIREDS
SctpT5ShutdownGuardExpireds | watch | Times that the end of an association took so long that it was broken off | the other end is gone | SCTP_MIB_T5_SHUTDOWN_GUARD_EXPIREDS
SctpDelaySackExpireds | normal | Acknowledgments that were sent when their delay was over | - | SCTP_MIB_DELAY_SACK_EXPIREDS
SctpAutocloseExpireds | normal | Associations that were ended because nothing happened on them for long enough (SCTP_AUTOCLOSE) | - | SCTP_MIB_AUTOCLOSE_EXPIREDS
SctpT3Retransmits | watch | Times that data was sent again after a timeout | packets are lost | SCTP_MIB_T3_RETRANSMITS
SctpPmtudRetransmits | normal | Times that data was sent again because it was too large for the path | - | SCTP_MIB_PMTUD_RETRANSMITS
SctpFastRetransmits | watch | Times that data was sent again before a timeout | packets are lost | SCTP_MIB_FAST_RETRANSMITS
SctpInPktSoftirq | normal | Packets that were dealt with as soon as they came in | - | SCTP_MIB_IN_PKT_SOFTIRQ
SctpInPktBacklog | normal | Packets that had to wait because a program was using the socket | - | SCTP_MIB_IN_PKT_BACKLOG
SctpInPktDiscards | watch | Packets that came in and were dropped | - | SCTP_MIB_IN_PKT_DISCARDS
SctpInDataChunkDiscards | watch | Chunks of data that came in and were dropped | - | SCTP_MIB_IN_DATA_CHUNK_DISCARDS

[MPTcpExt]
MPCapableSYNRX | normal | Clients that asked to use Multipath TCP | - | RFC 8684 MP_CAPABLE
MPCapableSYNTX | normal | Connections from here that asked to use Multipath TCP | - | RFC 8684 MP_CAPABLE
MPCapableSYNACKRX | normal | Servers that agreed to use Multipath TCP | - | RFC 8684 MP_CAPABLE
MPCapableACKRX | normal | Connections of clients that were established with Multipath TCP | - | RFC 8684 MP_CAPABLE
MPCapableFallbackACK | watch | Connections of clients that fell back to plain TCP while they were established | something on the way removes options | RFC 8684 MP_CAPABLE
MPCapableFallbackSYNACK | watch | Connections from here that fell back to plain TCP while they were established | the server has no Multipath TCP, or something on the way removes options | RFC 8684 MP_CAPABLE
MPCapableSYNTXDrop | watch | Connections from here that fell back to plain TCP because nobody answered a SYN with Multipath TCP | something on the way drops it | mptcp-sysctl.rst syn_retrans_before_tcp_fallback
MPCapableSYNTXDisabled | watch | Connections from here that did not ask for Multipath TCP because earlier ones had been dropped | something on the way drops it | mptcp-sysctl.rst blackhole_timeout
MPCapableEndpAttempt | watch | Clients that tried to begin a connection at an address and port that is only for joining one | - | MPTCP_MIB_MPCAPABLEENDPATTEMPT
MPFallbackTokenInit | watch | Connections that fell back to plain TCP because no token could be made for them | - | RFC 8684
MPTCPRetrans | watch | Segments that Multipath TCP sent again, on the same path or on another one | packets are lost on a path | MPTCP_MIB_RETRANSSEGS
MPJoinNoTokenFound | watch | Requests to join a connection that is not known here | late requests, or forged ones | RFC 8684 MP_JOIN
MPJoinSynRx | normal | Requests that came in to join a connection | - | RFC 8684 MP_JOIN
MPJoinSynBackupRx | normal | Requests that came in to join a connection as a backup | - | RFC 8684 MP_JOIN
MPJoinSynAckRx | normal | Answers that came in to requests to join a connection | - | RFC 8684 MP_JOIN
MPJoinSynAckBackupRx | normal | Answers that came in to requests to join a connection and make the path a backup | - | RFC 8684 MP_JOIN
MPJoinSynAckHMacFailure | trouble | Answers to requests to join a connection whose signature was wrong | something on the way changes them, or somebody forges them | RFC 8684 MP_JOIN
MPJoinAckRx | normal | Paths that joined a connection | - | RFC 8684 MP_JOIN
MPJoinAckHMacFailure | trouble | Requests to join a connection whose signature was wrong | something on the way changes them, or somebody forges them | RFC 8684 MP_JOIN
MPJoinRejected | watch | Requests to join a connection that this host refused | - | MPTCP_MIB_JOINREJECTED
MPJoinSynTx | normal | Requests that were sent to join a connection | - | RFC 8684 MP_JOIN
MPJoinSynTxCreatSkErr | watch | Requests to join a connection that failed because no socket could be made | - | MPTCP_MIB_JOINSYNTXCREATSKERR
MPJoinSynTxBindErr | watch | Requests to join a connection that failed because the local address could not be used | - | MPTCP_MIB_JOINSYNTXBINDERR
MPJoinSynTxConnectErr | watch | Requests to join a connection that failed at once | no route leads there, or the like | MPTCP_MIB_JOINSYNTXCONNECTERR
DSSNotMatching | watch | Mappings of data that do not fit those before | something on the way changes data | RFC 8684 DSS
DSSCorruptionFallback | watch | Connections that fell back to plain TCP because a mapping was corrupt | something on the way changes data | RFC 8684 DSS
DSSCorruptionReset | watch | Paths that were reset because a mapping was corrupt | something on the way changes data | RFC 8684 DSS
InfiniteMapTx | watch | Times that this host told the other end to go on as plain TCP | - | RFC 8684 infinite mapping
InfiniteMapRx | watch | Times that the other end told this host to go on as plain TCP | - | RFC 8684 infinite mapping
DSSNoMatchTCP | watch | Mappings of data that do not fit the sequence numbers of TCP | something on the way changes data | RFC 8684 DSS
DataCsumErr | trouble | Data whose checksum of Multipath TCP was wrong | something on the way changes data | RFC 8684 DSS
OFOQueueTail | normal | Segments that came in out of order across paths and were kept at the end of the queue | - | MPTCP_MIB_OFOQUEUETAIL
OFOQueue | normal | Segments that came in out of order across paths and were kept | - | MPTCP_MIB_OFOQUEUE
OFOMerge | normal | Segments that came in out of order across paths and were joined with others | - | MPTCP_MIB_OFOMERGE
NoDSSInWindow | watch | Segments that came in and lie outside of the window of the connection | - | MPTCP_MIB_NODSSWINDOW
DuplicateData | normal | Segments that came in again, mostly on another path, and were dropped | - | MPTCP_MIB_DUPDATA
AddAddr | normal | Addresses that the other end offered | - | RFC 8684 ADD_ADDR
AddAddrTx | normal | Addresses that this host offered | - | RFC 8684 ADD_ADDR
AddAddrTxDrop | watch | Addresses that this host could not offer | - | RFC 8684 ADD_ADDR
EchoAdd | normal | Confirmations that the other end got an offered address | - | RFC 8684 ADD_ADDR
EchoAddTx | normal | Confirmations that this host got an offered address | - | RFC 8684 ADD_ADDR
EchoAddTxDrop | watch | Confirmations of an offered address that this host could not send | - | RFC 8684 ADD_ADDR
PortAdd | normal | Addresses that the other end offered with a port | - | RFC 8684 ADD_ADDR
AddAddrDrop | watch | Addresses that the other end offered and this host passed over | - | RFC 8684 ADD_ADDR
MPJoinPortSynRx | normal | Requests that came in to join a connection at another port | - | RFC 8684 MP_JOIN
MPJoinPortSynAckRx | normal | Answers that came in to requests to join a connection at another port | - | RFC 8684 MP_JOIN
MPJoinPortAckRx | normal | Paths that joined a connection at another port | - | RFC 8684 MP_JOIN
MismatchPortSynRx | watch | Requests that came in to join a connection at a port that was not offered | - | MPTCP_MIB_MISMATCHPORTSYNRX
MismatchPortAckRx | watch | Last steps of requests to join a connection at a port that was not offered | - | MPTCP_MIB_MISMATCHPORTACKRX
RmAddr | normal | Addresses that the other end took back | - | RFC 8684 REMOVE_ADDR
RmAddrDrop | watch | Addresses that the other end took back and this host passed over | - | RFC 8684 REMOVE_ADDR
RmAddrTx | normal | Addresses that this host took back | - | RFC 8684 REMOVE_ADDR
RmAddrTxDrop | watch | Addresses that this host could not take back | - | RFC 8684 REMOVE_ADDR
RmSubflow | normal | Paths that were removed from a connection | - | MPTCP_MIB_RMSUBFLOW
MPPrioTx | normal | Times that this host made a path a backup, or no backup any more | - | RFC 8684 MP_PRIO
MPPrioRx | normal | Times that the other end made a path a backup, or no backup any more | - | RFC 8684 MP_PRIO
MPFailTx | watch | Times that this host told that a checksum was wrong | something on the way changes data | RFC 8684 MP_FAIL
MPFailRx | watch | Times that the other end told that a checksum was wrong | something on the way changes data | RFC 8684 MP_FAIL
MPFastcloseTx | watch | Connections that this host ended at once | programs close early | RFC 8684 MP_FASTCLOSE
MPFastcloseRx | watch | Connections that the other end ended at once | - | RFC 8684 MP_FASTCLOSE
MPRstTx | watch | Paths that this host reset | - | RFC 8684 MP_TCPRST
MPRstRx | watch | Paths that the other end reset | - | RFC 8684 MP_TCPRST
SubflowStale | watch | Paths that were left alone because data was not acknowledged for too long | a path is broken | mptcp-sysctl.rst stale_loss_cnt
SubflowRecover | normal | Paths that were used again after they had been left alone | - | mptcp-sysctl.rst stale_loss_cnt
SndWndShared | normal | Times that a path took over the send window of its connection | - | MPTCP_MIB_SNDWNDSHARED
RcvWndShared | normal | Times that a path took over the receive window of its connection | - | MPTCP_MIB_RCVWNDSHARED
RcvWndConflictUpdate | normal | Times that a path took over the receive window that another one had just changed | - | MPTCP_MIB_RCVWNDCONFLICTUPDATE
RcvWndConflict | normal | Times that two paths changed the receive window of their connection at once | - | MPTCP_MIB_RCVWNDCONFLICT
MPCurrEstab | normal | Multipath TCP connections that are established now | - | MPTCP_MIB_CURRESTAB
Blackhole | watch | Times that this host found that something on the way drops Multipath TCP | - | mptcp-sysctl.rst blackhole_timeout
MPCapableDataFallback | watch | Connections that fell back to plain TCP because their first data had no mapping | something on the way removes options | RFC 8684 MP_CAPABLE
MD5SigFallback | watch | Connections that used plain TCP because they have MD5 signatures | - | MPTCP_MIB_MD5SIGFALLBACK
DssFallback | watch | Connections that fell back to plain TCP because a mapping was wrong or missing | something on the way removes options | RFC 8684 DSS
SimultConnectFallback | watch | Connections that fell back to plain TCP because both ends began them at once | - | MPTCP_MIB_SIMULTCONNFALLBACK
FallbackFailed | watch | Connections that should have fallen back to plain TCP and could not any more | - | MPTCP_MIB_FALLBACKFAILED
WinProbe | watch | Probes that were sent to learn whether the other end takes data again (zero window) | its program reads too slowly | MPTCP_MIB_WINPROBE
RcvPruned | watch | Times that received data was dropped for lack of memory | a program reads too slowly | MPTCP_MIB_RCVPRUNED
`;

/** What a message is called, by its number. */
type Types = Readonly<Record<number, string>>;

/** Of ICMP (https://www.iana.org/assignments/icmp-parameters). */
const ICMP_TYPES: Types = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  9: "router advertisement",
  10: "router solicitation",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp request",
  14: "timestamp reply",
  17: "address mask request",
  18: "address mask reply",
  42: "extended echo request",
  43: "extended echo reply",
};

/** Of ICMPv6 (https://www.iana.org/assignments/icmpv6-parameters). */
const ICMPV6_TYPES: Types = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbour solicitation",
  136: "neighbour advertisement",
  137: "redirect",
  143: "multicast listener report, version 2",
  160: "extended echo request",
  161: "extended echo reply",
};

/** Types that say that a packet did not get where it should, or not by the best way. */
const WATCHED = /unreachable|quench|redirect$|exceeded|problem|too big/;

const TYPE = /^(Icmp6)?(In|Out)Type(\d{1,3})$/;

/** Explains a counter of messages of one type, of which there can be 512. */
function messagesOfType(counter: string): Explanation | undefined {
  const [, six, way, number] = TYPE.exec(counter) ?? [];
  if (number === undefined) return undefined;
  const name = (six ? ICMPV6_TYPES : ICMP_TYPES)[Number(number)];
  const what = `${six ? "ICMPv6" : "ICMP"} messages of type ${number}` +
    `${name === undefined ? "" : ` (${name})`} that ` +
    (way === "In" ? "came in" : "were sent");
  return made({
    counter,
    signal: name !== undefined && WATCHED.test(name) ? "watch" : "normal",
    what,
    cause: NONE,
    source: six ? "RFC 4443" : "snmp_counter.rst",
  });
}

/** What stands in the table in place of a cause. */
const NONE = "-";

/** A line of the table. */
interface Entry {
  readonly counter: string;
  readonly signal: Signal;
  readonly what: string;
  /** What may have made it grow; {@linkcode NONE} if that need not be said. */
  readonly cause: string;
  readonly source: string;
}

/** How a sentence says what it means if the counter grows. */
const GROWTH: Readonly<Record<Signal, string>> = {
  normal: "growth is normal",
  watch: "growth is to be watched",
  trouble: "growth is trouble",
};

/** Makes a sentence of a line. What does not only grow is a number of now, or a setting. */
function made({ counter, signal, what, cause, source }: Entry): Explanation {
  const growth = isGauge(counter) ? "" : `; ${GROWTH[signal]}`;
  return {
    sentence: `${what}${growth}${cause === NONE ? "" : `: ${cause}`}`,
    signal,
    source: /^\S+\.rst/.test(source)
      ? `Documentation/networking/${source}`
      : source,
  };
}

/** The explanations of each section, by counter. */
export type Explanations = ReadonlyMap<
  string,
  ReadonlyMap<string, Explanation>
>;

/** All explanations, by section. */
export const EXPLAINED: Explanations = read(TABLE);

function read(table: string): Explanations {
  const sections = new Map<string, Map<string, Explanation>>();
  let section = new Map<string, Explanation>();
  for (const line of table.split("\n")) {
    const [, name, other] = /^\[(\w+)\](?: like (\w+))?$/.exec(line) ?? [];
    if (name !== undefined) {
      section = new Map();
      sections.set(name, section);
      // in a file with a counter a line, counters have their section's name in front
      const prefix = name.endsWith("6") ? name : "";
      for (const [counter, explanation] of sections.get(other ?? "") ?? []) {
        section.set(`${prefix}${counter}`, explanation);
      }
    } else if (line !== "") {
      const [counter, signal, what, cause, source] = line.split(" | ");
      section.set(
        counter!,
        made({ counter, signal, what, cause, source } as Entry),
      );
    }
  }
  return sections;
}

/** Explains a counter; undefined if nobody here knows it. */
export function explain(
  section: string,
  counter: string,
): Explanation | undefined {
  return EXPLAINED.get(section)?.get(counter) ?? messagesOfType(counter);
}

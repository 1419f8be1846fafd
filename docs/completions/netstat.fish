# fish completion for netstat(8)
# Made from the option table by `./denow task docs`.

# the value of an option, as far as it is typed
function __netstat_value
    commandline -ct | string replace -r '^(--[^=]*=|-[^-A]*[A])' ''
end

function __netstat_families
    set -l before (__netstat_value | string replace -r '[^,]*$' '')
    for family in \
        'ash	Ash, which no kernel has a file for' \
        'ax25	AMPR AX.25' \
        'bluetooth	Bluetooth L2CAP and RFCOMM' \
        'ddp	Appletalk DDP' \
        'appletalk	Appletalk DDP' \
        'econet	Econet, which no kernel has a file for' \
        'inet	IPv4: TCP, UDP, UDP-Lite, raw IP and SCTP' \
        'ip	IPv4: TCP, UDP, UDP-Lite, raw IP and SCTP' \
        'tcpip	IPv4: TCP, UDP, UDP-Lite, raw IP and SCTP' \
        'inet6	IPv6: TCP, UDP, UDP-Lite, raw IP and SCTP' \
        'ip6	IPv6: TCP, UDP, UDP-Lite, raw IP and SCTP' \
        'ipx	Novell IPX' \
        'mptcp	Multipath TCP' \
        'neigh	machines on the same link, of IPv4 and IPv6' \
        'netlink	Netlink sockets' \
        'netrom	AMPR NET/ROM' \
        'packet	Packet sockets' \
        'rose	AMPR ROSE' \
        'rule	rules that choose a routing table, of IPv4 and IPv6' \
        'sctp-remaddr	Remote addresses of SCTP associations' \
        'smc	SMC' \
        'sockstat	how many sockets of each protocol there are' \
        'softnet	packets that each processor received' \
        'sysctl	settings of the kernel that limit sockets' \
        'tipc	TIPC' \
        'unix	UNIX domain sockets' \
        'vsock	VM sockets' \
        'x25	CCITT X.25' \
        'xdp	XDP sockets'
        contains -- (string split -f 1 \t -- $family) (string split , -- $before)
        or echo -- $before$family
    end
end

# the files and folders whose names end like this
function __netstat_paths -a end
    complete -C "'' $(__netstat_value)" | string match -r ".*$end\$"
end

# the keys that an option takes
function __netstat_keys -a option
    printf '%s\n' \
        'ifindex	Index of that interface' \
        'state_num	State as the kernel numbers it (NUD_*)' \
        'flags_num	Flags as a number (NTF_* of the kernel)' \
        'confirmed_s	Seconds since it was last known to be there' \
        'used_s	Seconds since a packet was sent to it' \
        'updated_s	Seconds since the entry changed' \
        'refcnt	References to the entry' \
        'probes	How often it was asked without an answer' \
        'protocol_num	Who made it, as a number' \
        'netns	Network namespace, by its number as in /proc/PID/ns/net; null if it cannot be known' \
        'priority	Its place' \
        'mark	Mark that packets have' \
        'source_prefix_length	Bits of the source that count' \
        'prefix_length	Bits of the destination that count' \
        'mark_mask	Bits of the mark that count' \
        'tos	Type of service that packets have' \
        'dscp	DSCP that packets have' \
        'ip_protocol	IP protocol that packets have, as a number' \
        'source_port_first	Lowest source port' \
        'source_port_last	Highest source port' \
        'destination_port_first	Lowest destination port' \
        'destination_port_last	Highest destination port' \
        'uid_first	Lowest user id of who sends' \
        'uid_last	Highest user id of who sends' \
        'tunnel_id	Tunnel that packets come from' \
        'action_num	That as a number (FR_ACT_*)' \
        'table_num	Routing table, as a number' \
        'goto_priority	The rule that is asked next' \
        'suppress_prefix_length	Routes of the table with as many bits or fewer do not count' \
        'suppress_group	Routes of the table over interfaces of this group do not count' \
        'realm	Realm of the destination' \
        'source_realm	Realm of the source' \
        'recv_q	Bytes that the process has not read' \
        'send_q	Bytes that the other side has not acknowledged' \
        'uid	User id of the socket\'s owner' \
        'inode	Inode of the socket' \
        'pid	Process id of the owner' \
        'timer_num	Timer as the kernel numbers it' \
        'timer_ms	Milliseconds until the timer expires' \
        'retransmits	Retransmissions of the oldest unacknowledged segment' \
        'timeout	Zero-window probes that were not answered' \
        'tcp_rto_us	Timeout of a segment now' \
        'rto	Timeout of a segment now' \
        'tcp_ato_us	Timeout of a delayed acknowledgement' \
        'tcp_quick_acks	Acknowledgements that are still sent at once' \
        'tcp_snd_cwnd	Congestion window' \
        'cwnd	Congestion window' \
        'tcp_snd_ssthresh	Window at which slow start ends' \
        'ssthresh	Window at which slow start ends' \
        'fastopen_queue_max	Most connections of TCP Fast Open that may wait for a listening socket to accept them' \
        'entry	Number of the entry in the kernel\'s table' \
        'cookie	Number of the socket, which no other one has until the next boot' \
        'shutdown_num	Directions that are shut down, as a number' \
        'tclass	Traffic class (IPV6_TCLASS)' \
        'class_id	Class of the socket\'s net_cls cgroup or, without one, its priority (SO_PRIORITY)' \
        'cgroup_id	Number of the cgroup in which the socket was made, or its listener' \
        'rmem_alloc	Memory of packets that were received and not read, with what they cost to keep' \
        'rcvbuf	Most memory of that kind (SO_RCVBUF, doubled)' \
        'wmem_alloc	Memory of packets that were handed on and not yet sent' \
        'sndbuf	Most memory of what is to be sent (SO_SNDBUF, doubled)' \
        'fwd_alloc	Memory that is reserved and not used yet' \
        'wmem_queued	Memory of TCP\'s data that is not sent, or not acknowledged' \
        'optmem	Memory of options, filters, memberships and keys' \
        'backlog_bytes	Memory of packets that wait because a process uses the socket' \
        'drops	Packets that this socket dropped' \
        'accept_queue	Connections of a listening socket that are not yet accepted' \
        'accept_queue_max	Most there can be' \
        'accept_queue_drops	Connections that a listening socket dropped, because its queue was full or for another reason' \
        'syn_retransmits	How often a connection\'s beginning was sent again' \
        'tcp_ca_state_num	State of congestion control as the kernel numbers it (enum tcp_ca_state)' \
        'tcp_retransmits	Timeouts in a row of the oldest segment' \
        'tcp_probes	Probes without an answer' \
        'tcp_backoff	How often the timer was doubled' \
        'tcp_options_num	Those options as a number (TCPI_OPT_*)' \
        'tcp_snd_wscale	By how many bits the other end\'s window is shifted' \
        'tcp_rcv_wscale	By how many bits this end\'s window is shifted' \
        'tcp_fastopen_client_fail_num	Why TCP Fast Open failed' \
        'tcp_snd_mss	Size of a segment that is sent' \
        'snd_mss	Size of a segment that is sent' \
        'tcp_rcv_mss	Size of a received segment, as it is guessed' \
        'tcp_unacked	Segments that are not acknowledged' \
        'unacked	Segments that are not acknowledged' \
        'tcp_sacked	Unacknowledged segments that the other end has, out of order' \
        'tcp_lost	Unacknowledged segments that are thought lost' \
        'lost	Unacknowledged segments that are thought lost' \
        'tcp_retrans_now	Unacknowledged segments that were sent again' \
        'tcp_fackets	Segments up to the last one that came' \
        'tcp_last_data_sent_ms	Time since data was sent or, if none was, since the connection stands' \
        'tcp_last_data_recv_ms	Time since data was received or, if none was, since the connection stands' \
        'tcp_last_ack_recv_ms	Time since an acknowledgement was received' \
        'tcp_pmtu	Longest packet of the path' \
        'tcp_rcv_ssthresh	Most that this end\'s window can be now' \
        'tcp_rtt_us	Time of a round trip, smoothed' \
        'rtt	Time of a round trip, smoothed' \
        'tcp_rttvar_us	By how much that time varies' \
        'rttvar	By how much that time varies' \
        'tcp_advmss	Size of a segment that this end told to send' \
        'tcp_reordering	By how many segments the order may be wrong without one being lost' \
        'tcp_rcv_rtt_us	Time of a round trip as the receiver guesses it' \
        'tcp_rcv_space	What the program reads in one round trip' \
        'tcp_retrans_total	Segments that were sent again' \
        'retrans	Segments that were sent again' \
        'tcp_pacing_bytes_per_s	Speed to which sending is slowed down' \
        'pacing_rate	Speed to which sending is slowed down' \
        'tcp_max_pacing_bytes_per_s	Most that speed can be (SO_MAX_PACING_RATE)' \
        'tcp_bytes_acked	Bytes that the other end acknowledged, with one for a SYN and one for a FIN' \
        'bytes_acked	Bytes that the other end acknowledged, with one for a SYN and one for a FIN' \
        'tcp_bytes_received	Bytes that were received in order, with one for a FIN' \
        'bytes_received	Bytes that were received in order, with one for a FIN' \
        'tcp_segs_out	Segments sent, of every kind' \
        'tcp_segs_in	Segments received, of every kind' \
        'tcp_notsent_bytes	Bytes that the program has written and that are not sent at all' \
        'tcp_min_rtt_us	Shortest time of a round trip of late' \
        'min_rtt	Shortest time of a round trip of late' \
        'tcp_data_segs_in	Segments received with data' \
        'tcp_data_segs_out	Segments sent with data, those sent again among them' \
        'tcp_delivery_bytes_per_s	Speed at which data last reached the other end' \
        'delivery_rate	Speed at which data last reached the other end' \
        'tcp_busy_us	Time with data to send' \
        'tcp_rwnd_limited_us	Time with data to send in which the other end\'s window was full' \
        'tcp_sndbuf_limited_us	Time with data to send in which this end\'s buffer was full' \
        'tcp_delivered	Segments that reached the other end, a SYN among them' \
        'tcp_delivered_ce	Segments that reached the other end marked by a congested router' \
        'tcp_bytes_sent	Bytes sent, those sent again among them' \
        'bytes_sent	Bytes sent, those sent again among them' \
        'tcp_bytes_retrans	Bytes sent again' \
        'bytes_retrans	Bytes sent again' \
        'tcp_dsack_dups	Segments that the other end says it had already' \
        'tcp_reord_seen	How often the order was wrong' \
        'tcp_rcv_ooopack	Segments received out of order' \
        'tcp_snd_wnd	The other end\'s window' \
        'tcp_rcv_wnd	This end\'s window' \
        'tcp_rehash	How often another path was tried' \
        'tcp_total_rto	Timeouts, those of a SYN among them' \
        'tcp_total_rto_recoveries	How often the connection recovered from timeouts' \
        'tcp_total_rto_time_ms	Time that was lost in timeouts' \
        'tcp_received_ce	Packets received that a congested router marked (AccECN)' \
        'tcp_delivered_e1_bytes	Bytes that reached the other end as ECT(1) (AccECN)' \
        'tcp_delivered_e0_bytes	Bytes that reached the other end as ECT(0) (AccECN)' \
        'tcp_delivered_ce_bytes	Bytes that reached the other end marked by a congested router (AccECN)' \
        'tcp_received_e1_bytes	Bytes received as ECT(1) (AccECN)' \
        'tcp_received_e0_bytes	Bytes received as ECT(0) (AccECN)' \
        'tcp_received_ce_bytes	Bytes received that a congested router marked (AccECN)' \
        'tcp_accecn_fail_mode	Why AccECN is off, as a number' \
        'tcp_accecn_opt_seen	Whether AccECN\'s option was seen' \
        'idle_ms	Time since data was sent or received' \
        'idle	Time since data was sent or received' \
        'age_at_least_ms	How long the connection stands at least' \
        'send_estimate_bytes_per_s	Speed that the congestion window allows' \
        'queueing_us	By how much a round trip takes longer than the shortest one' \
        'in_flight_bytes	Bytes on the way, counted in whole segments' \
        'bdp_bytes	Bytes that the path holds at the speed of now' \
        'stuck_ms	Time since the other end last answered' \
        'bbr_bytes_per_s	Speed of the path as BBR sees it' \
        'bbr_min_rtt_us	Shortest round trip as BBR sees it' \
        'dctcp_ce_state	Whether DCTCP last received a marked packet' \
        'dctcp_alpha	DCTCP\'s estimate of how many packets are marked, in 1024ths' \
        'dctcp_ab_ecn	Marked bytes that were acknowledged in DCTCP\'s last round' \
        'dctcp_ab_tot	Bytes that were acknowledged in DCTCP\'s last round' \
        'vegas_rtt_count	Round trips that Vegas measured of late' \
        'vegas_rtt_us	Round trip as Vegas sees it' \
        'vegas_min_rtt_us	Shortest round trip as Vegas sees it' \
        'mptcp_token_local	Token of the Multipath TCP connection that this is a subflow of, its mptcp_token' \
        'mptcp_token_remote	The other end\'s token' \
        'mptcp_id_local	Id of the subflow\'s local address' \
        'mptcp_id_remote	Id of the subflow\'s remote address' \
        'mptcp_map_seq	Where in the connection\'s data the piece starts that the subflow received last' \
        'mptcp_map_subflow_seq	Where that piece starts in the subflow\'s data' \
        'mptcp_map_offset	By how much the subflow\'s data are behind the numbers of its segments' \
        'mptcp_map_bytes	Length of that piece' \
        'mptcp_subflow_flags_num	Flags of the subflow as a number' \
        'listener_inode	Inode of the socket that listens where the connection came in, or would come in again' \
        'peer_inode	Inode of the socket at the other end, if that is on this machine' \
        'peer_pid	Process id of the owner of that socket or, until the connection is accepted, of the one that listens' \
        'association	Association id' \
        'association_state_num	State of the association as the kernel numbers it (enum sctp_state)' \
        'sctp_type_num	Kind of socket, as the kernel numbers it' \
        'hash_bucket	Place in the kernel\'s hash table' \
        'heartbeat_jiffies	Time between heartbeats in ticks of the kernel, of which each has its own number a second' \
        'sctp_in_streams	Streams that come in' \
        'sctp_out_streams	Streams that go out' \
        'max_retransmits	Retransmissions after which the association counts as failed' \
        'init_retries	How often the association\'s beginning was sent again' \
        'shutdown_retries	How often its end was sent again' \
        'rtx_data_chunks	Data chunks that were sent again' \
        'sctp_tag	Tag of the association' \
        'sctp_rwnd	This end\'s window' \
        'sctp_unacked	Chunks that are not acknowledged' \
        'sctp_pending	Chunks that wait to be received' \
        'sctp_fragmentation_point	Longest message that is sent in one piece' \
        'sctp_in_queue	Chunks received and not taken' \
        'sctp_out_queue	Chunks to be sent' \
        'sctp_overall_error	Errors in a row, of all paths' \
        'sctp_max_burst	Most packets sent at once' \
        'sctp_maxseg	Longest piece of a message' \
        'sctp_peer_rwnd	The other end\'s window' \
        'sctp_peer_tag	The other end\'s tag' \
        'sctp_peer_capable_num	Extensions that the other end knows, as a number' \
        'sctp_sacks_in	Acknowledgements received' \
        'sctp_sacks_out	Acknowledgements sent' \
        'sctp_packets_out	Packets sent' \
        'sctp_packets_in	Packets received' \
        'sctp_retrans_chunks	Chunks sent again' \
        'sctp_out_of_sequence	Chunks received that were out of the window' \
        'sctp_duplicates	Chunks received twice' \
        'sctp_gaps	Gaps that were acknowledged' \
        'sctp_unordered_out	Unordered chunks sent' \
        'sctp_unordered_in	Unordered chunks received' \
        'sctp_ordered_out	Ordered chunks sent' \
        'sctp_ordered_in	Ordered chunks received' \
        'sctp_control_out	Control chunks sent' \
        'sctp_control_in	Control chunks received' \
        'sctp_primary_cwnd	Its congestion window' \
        'sctp_srtt_ms	Its round trip, smoothed' \
        'sctp_rto_ms	Timeout of a chunk there' \
        'sctp_heartbeat_ms	Time between heartbeats' \
        'sctp_path_max_retrans	Retransmissions after which the path counts as failed' \
        'sctp_sack_delay_ms	How long an acknowledgement may wait' \
        'sctp_sack_freq	After how many packets one is sent at once' \
        'sctp_ssthresh	Window at which slow start ends' \
        'sctp_partial_bytes_acked	Bytes acknowledged since the window last grew' \
        'sctp_flight_bytes	Bytes on the way' \
        'sctp_primary_errors	Errors in a row, of that path' \
        'sctp_autoclose_s	Time without data after which the association is closed' \
        'sctp_adaptation	Indication of the adaptation layer' \
        'sctp_partial_delivery	From how many bytes on a part of a message is delivered' \
        'sctp_interleave	How pieces of several messages may be mixed' \
        'group_count	How many groups the interface has' \
        'type_num	Type as a number' \
        'vfs_inode	Inode of the path when the socket was bound, its low 32 bits' \
        'vfs_major	Major number of the path\'s device' \
        'vfs_minor	Minor number of the path\'s device' \
        'local_network	Local network number' \
        'foreign_network	Remote network number' \
        'vr	Receive state variable' \
        'vs	Send state variable' \
        'va	Acknowledge state variable' \
        't1_left_s	Timer T1' \
        't1_s	Timer T1' \
        't2_left_s	Timer T2' \
        't2_s	Timer T2' \
        't3_left_s	Timer T3' \
        't3_s	Timer T3' \
        'idle_left_s	Timer of a silent connection, in whole minutes' \
        'idle_s	Timer of a silent connection, in whole minutes' \
        'n2_count	Tries of a frame so far' \
        'n2	Most tries of a frame' \
        'rtt_s	Time of a round trip, in whole seconds' \
        'window_frames	Most frames on the way' \
        'paclen	Longest packet' \
        'lci	Logical channel identifier' \
        't21_s	Timer T21' \
        't22_s	Timer T22' \
        't23_s	Timer T23' \
        't4_left_s	Timer T4' \
        't4_s	Timer T4' \
        'neighbour_num	Number of the neighbour' \
        'holdback_s	Timer of held-back data' \
        'psm	Protocol/service multiplexer' \
        'dcid	Destination channel identifier' \
        'scid	Source channel identifier' \
        'imtu	Incoming MTU, in bytes' \
        'omtu	Outgoing MTU, in bytes' \
        'security_num	Security level as a number' \
        'channel_mode_num	How the channel keeps packets in order, as a number' \
        'channel	RFCOMM channel' \
        'local_node_num	Local node' \
        'foreign_node_num	Remote node' \
        'packet_version	Version of the frames in a ring' \
        'packet_reserve	Bytes that are kept free in front of a packet' \
        'copy_thresh	Whether packets too long for a frame are kept in the queue' \
        'packet_timestamps_num	Which clock stamps packets, as a number' \
        'packet_flags_num	Those options as a number' \
        'fanout_id	Group of sockets that share packets' \
        'fanout_type_num	How that group shares them, as a number' \
        'fanout_flags_num	Flags of that group, as a number' \
        'filter_instructions	Instructions of its filter' \
        'portid	Port id' \
        'groups	Multicast groups that the socket is a member of, as a bit mask' \
        'foreign_portid	Port id of the other end' \
        'foreign_group	Multicast group that it sends to' \
        'netlink_flags_num	Those options as a number' \
        'sockets	How many sockets there are' \
        'memory_pages	Pages of memory that they take' \
        'socket_size	Bytes of one socket' \
        'max_hdr	Bytes that its headers take at most' \
        'local_cid	Context id of this end' \
        'foreign_cid	Context id of the other end' \
        'mptcp_subflows	Subflows besides the first' \
        'mptcp_add_addr_signal	Addresses told to the other end' \
        'mptcp_add_addr_accepted	Addresses of the other end that were accepted' \
        'mptcp_subflows_max	Most such subflows there can be' \
        'mptcp_add_addr_signal_max	Most addresses that are told' \
        'mptcp_add_addr_accepted_max	Most addresses that are accepted' \
        'mptcp_flags_num	Those flags as a number' \
        'mptcp_token	Token of the connection' \
        'mptcp_write_seq	Number of the next byte written' \
        'mptcp_snd_una	Number of the first byte not acknowledged' \
        'mptcp_rcv_nxt	Number of the next byte expected' \
        'mptcp_local_addr_used	Local addresses in use' \
        'mptcp_local_addr_max	Most local addresses' \
        'mptcp_retransmits	How often data was sent again' \
        'mptcp_bytes_retrans	Bytes sent again' \
        'mptcp_bytes_sent	Bytes sent' \
        'mptcp_bytes_received	Bytes received' \
        'mptcp_bytes_acked	Bytes that the other end acknowledged' \
        'mptcp_subflows_total	Subflows, the first among them' \
        'mptcp_endp_laminar_max	Most laminar endpoints' \
        'mptcp_last_data_sent_ms	Time since data was sent' \
        'mptcp_last_data_recv_ms	Time since data was received' \
        'mptcp_last_ack_recv_ms	Time since an acknowledgement was received' \
        'tipc_service	Type of the service that it was connected by' \
        'tipc_instance	Instance of that service' \
        'tipc_receive_queue	Messages that the process has not read' \
        'tipc_send_queue	Messages that are not yet sent' \
        'rto_ms	Retransmission timeout, in milliseconds' \
        'smc_token	Number of the connection' \
        'smc_sndbuf	Size of the buffer to send' \
        'smc_rcvbuf	Size of the buffer to receive' \
        'smc_peer_rcvbuf	Size of the other end\'s buffer to receive' \
        'smc_rx_produced	Where the other end writes into this one\'s' \
        'smc_rx_consumed	Where this end reads there' \
        'smc_tx_produced	Where this end writes into the other one\'s' \
        'smc_tx_consumed	Where the other end reads there' \
        'smc_tx_prepared	Up to where there is something to be sent' \
        'smc_tx_sent	Up to where it was sent' \
        'smc_tx_confirmed	Up to where that was confirmed' \
        'smc_link	Id of the RDMA link' \
        'smc_device_port	Port of the RDMA device' \
        'smc_d_link	Id of the SMC-D link' \
        'smc_d_peer_gid	GID of the other end in SMC-D' \
        'smc_d_gid	GID of this end in SMC-D' \
        'smc_d_token	Token of this end\'s buffer' \
        'smc_d_peer_token	Token of the other end\'s buffer' \
        'smc_d_peer_gid_ext	Second half of the other end\'s GID in SMC-D' \
        'smc_d_gid_ext	Second half of this end\'s GID in SMC-D' \
        'smc_fallback_num	Why it is TCP after all, as a number (SMC_CLC_DECL_*)' \
        'smc_peer_diagnosis_num	What the other end says of that, as a number' \
        'xdp_queue	Queue of the interface' \
        'xdp_rx_ring	Entries of the ring to receive' \
        'xdp_tx_ring	Entries of the ring to send' \
        'umem_fill_ring	Entries of the ring by which memory is given to the kernel' \
        'umem_completion_ring	Entries of the ring by which it is given back' \
        'umem_size	Memory that the program and kernel share' \
        'umem_id	Number of that memory' \
        'umem_num_pages	Its pages' \
        'umem_chunk_size	Size of a piece of it' \
        'umem_headroom	Bytes kept free in each piece' \
        'umem_ifindex	Index of its network interface' \
        'umem_queue	Its queue of the interface' \
        'umem_refcnt	How many sockets share it' \
        'xdp_rx_dropped	Packets dropped for other reasons' \
        'xdp_rx_invalid	Packets dropped because what the program gave was wrong' \
        'xdp_rx_full	Packets dropped because the ring to receive was full' \
        'xdp_fill_ring_empty	How often there was no memory to receive into' \
        'xdp_tx_invalid	Packets not sent because what the program gave was wrong' \
        'xdp_tx_ring_empty	How often there was nothing to send' \
        'cpu	Number of the processor' \
        'packets_processed	Packets that it took' \
        'packets_dropped	Packets that it dropped, since its queue was full (net.core.netdev_max_backlog)' \
        'time_squeeze	How often it had to stop although packets were left (net.core.netdev_budget)' \
        'in_use	Sockets in use in this network namespace' \
        'orphans	Connections on the whole machine that no process holds any more' \
        'time_waits	Sockets in TIME_WAIT' \
        'allocated	Sockets on the whole machine, closed ones too' \
        'setting_value	What it is set to' \
        'use	Uses of the route' \
        'metric	Metric' \
        'mss	Segment size and 40, or an MTU, as the kernel gives it' \
        'window	Largest TCP window' \
        'irtt	First guess of the round-trip time, in milliseconds' \
        'nexthop_id	Id of the nexthop object, or group of them, that the route goes by' \
        'expires_s	Seconds until the route is deleted' \
        'route_mtu	Longest packet on this way' \
        'route_advmss	Largest segment that TCP asks the other end for' \
        'route_window	Largest window that TCP tells' \
        'route_rtt_ms	First guess of TCP\'s round trips' \
        'route_rttvar_ms	First guess of how they vary' \
        'route_rto_min_ms	TCP waits at least so long before it sends again' \
        'route_ssthresh	TCP\'s first slow start threshold, in segments' \
        'route_cwnd	TCP\'s largest congestion window, in segments' \
        'route_initcwnd	TCP\'s first congestion window, in segments' \
        'route_initrwnd	TCP\'s first window for what it receives, in segments' \
        'route_reordering	How many segments TCP takes for reordered, and not yet lost' \
        'route_hoplimit	Hops that packets may take' \
        'hh_refcnt	References to the hardware header' \
        'hh_up_to_date	Whether the hardware header is valid' \
        'hh	Whether there is a hardware header' \
        'arp	Whether the hardware header is valid' \
        'stale_s	Seconds until a reachable neighbour is stale' \
        'delete_s	Seconds until the entry is deleted' \
        'location	Location' \
        'address_type	Type of the address' \
        'destination_num	Network number' \
        'router_network_num	Network number of the router' \
        'quality	Quality of the route in use' \
        'obsolescence	Broadcasts that the route survives' \
        'which	Which of the node\'s routes is in use, from 1' \
        'routes	How many routes the kernel says that it has' \
        'digits	Digits of the address that count' \
        'neighbours	How many neighbours lead there' \
        'neighbour1_num	Number of the first neighbour' \
        'neighbour2_num	Number of the second neighbour' \
        'neighbour3_num	Number of the third neighbour' \
        'mtu	Longest packet, in bytes' \
        'rx_ok	Packets received' \
        'rx_err	Packets received with errors' \
        'rx_drp	Received packets dropped' \
        'rx_ovr	Packets lost because they came too fast' \
        'tx_ok	Packets sent' \
        'tx_err	Errors while sending' \
        'tx_drp	Packets dropped before sending' \
        'tx_ovr	Buffer errors while sending' \
        'rx_bytes	Bytes received' \
        'rx_frame	Frame errors' \
        'rx_compressed	Compressed packets received' \
        'rx_multicast	Multicast packets received' \
        'tx_bytes	Bytes sent' \
        'tx_collisions	Collisions' \
        'tx_carrier	Losses of the carrier' \
        'tx_compressed	Compressed packets sent' \
        'hardware_type	Kind of hardware as the kernel numbers it (linux/if_arp.h)' \
        'tx_queue_len	Length of the transmit queue, in packets' \
        'interrupt	Interrupt number' \
        'base_address	I/O address' \
        'memory_start	Start of the shared memory' \
        'memory_end	End of the shared memory' \
        'dma	DMA channel' \
        'link_ifindex	Index of that interface, in its own network namespace' \
        'link_netns_id	The network namespace that it is in, by the id that it has in this one' \
        'carrier_changes	How often it came or went' \
        'carrier_up_count	How often it came' \
        'carrier_down_count	How often it went' \
        'vlan_id	Number of the VLAN' \
        'vrf_table	Routing table of the VRF that it is or belongs to, as a number' \
        'min_mtu	The least MTU that can be set' \
        'max_mtu	The largest one' \
        'link_group	Group of interfaces that it is in' \
        'promiscuity	How many want all packets from it' \
        'allmulti	How many want all multicast packets from it' \
        'tx_queues	Queues to send from' \
        'rx_queues	Queues to receive into' \
        'xdp_program	Id of that program' \
        'gso_max_size	The longest packet that is cut into segments only when it is sent' \
        'gso_max_segs	Into so many of them at most' \
        'gro_max_size	The longest packet that received ones are put together to' \
        'tso_max_size	The longest packet that the hardware can cut' \
        'tso_max_segs	Into so many segments at most' \
        'rx_dropped	Received packets dropped by the kernel' \
        'rx_missed_errors	Packets lost because the hardware had no room for them' \
        'rx_length_errors	Packets of a wrong length' \
        'rx_over_errors	Packets that were too large for the receiver' \
        'rx_crc_errors	Packets with a wrong checksum' \
        'rx_frame_errors	Packets that do not end at a byte' \
        'rx_nohandler	Packets that came by a port that is not in use' \
        'rx_otherhost_dropped	Packets for other machines' \
        'tx_aborted_errors	Packets given up, as by collisions' \
        'tx_carrier_errors	Packets lost with the carrier' \
        'tx_heartbeat_errors	Packets without a heartbeat' \
        'tx_window_errors	Packets that collided too late' \
        'speed_mbit	Speed, in millions of bits per second' \
        'expire_ms	Milliseconds until the entry is forgotten' \
        'expire	Milliseconds until the entry is forgotten' \
        'initial_sequence	TCP sequence number from which on others are changed' \
        'delta	By how much sequence numbers are changed' \
        'previous_delta	By how much they were changed before' \
        'proto_num	Protocol as a number (IPPROTO_*)' \
        'packets	Packets sent' \
        'bytes	Bytes sent' \
        'reply_packets	Packets of the answers' \
        'reply_bytes	Bytes of the answers' \
        'age_s	Seconds since the connection began' \
        'age	Seconds since the connection began' \
        'zone	Zone of the connection' \
        'original_zone	Zone of the way there, if only that is in one' \
        'reply_zone	Zone of the way back, if only that is in one' \
        'gre_timeout_s	Of GRE, how long it is kept until packets went both ways' \
        'gre_stream_timeout_s	Of GRE, how long it is kept after that' \
        'value	The kernel\'s number, negative ones too'
    test $option = sum; and return
    printf '%s\n' \
        'family	Address family, by the name that -A takes' \
        'proto	ip, or ip6 for IPv6' \
        'neighbour	The neighbour\'s address, numeric' \
        'hardware_address	Hardware address' \
        'state	State' \
        'iface	Network interface that leads to it' \
        'protocol	Who made the entry, as of a route' \
        'netns_name	Name of the network namespace' \
        'source	Source that the rule is for, numeric' \
        'destination	Destination that the rule is for, numeric' \
        'incoming_iface	Network interface that packets come from' \
        'action	What is done' \
        'table	Routing table that is asked' \
        'inverted	Whether the rule is for all packets but these' \
        'outgoing_iface	Network interface that the socket is bound to' \
        'l3mdev	Whether the table is that of the packet\'s VRF' \
        'local_address	Local address, numeric' \
        'local_host	Name of the local address' \
        'local_port	Local port' \
        'local_service	Name of the local port' \
        'foreign_address	Remote address, numeric' \
        'foreign_host	Name of the remote address' \
        'foreign_port	Remote port' \
        'foreign_service	Name of the remote port' \
        'user	Name of the user who owns the socket' \
        'program_name	Name of the process that owns the socket, from its command line' \
        'security_context	SELinux context of the owner' \
        'timer	Timer that runs' \
        'tcp_pingpong	Whether both ends talk in turn, so that acknowledgements wait for data' \
        'shutdown	Which directions are shut down' \
        'v6only	Whether a socket of IPv6 takes no IPv4 (IPV6_V6ONLY)' \
        'buffer_ratio	Memory of what was received, of the most there can be' \
        'pending_accept	Whether the connection stands and is not yet accepted' \
        'orphan	Whether the process has closed the socket and the kernel ends the connection' \
        'tcp_ca_state	State of congestion control' \
        'tcp_app_limited	Whether the program had nothing to send while the rate was measured' \
        'retrans_ratio	What was sent again, of what was sent' \
        'busy_ratio	Time with data to send, of the time that the connection stands at least' \
        'peer_limited_ratio	Time in which the other end\'s window was full, of the time with data to send' \
        'buffer_limited_ratio	Time in which this end\'s buffer was full, of the time with data to send' \
        'limited_by	What holds the connection up' \
        'ce_ratio	Segments that a congested router marked, of those that reached the other end' \
        'out_of_order_ratio	Segments received out of order, of those received with data' \
        'congestion	Algorithm of congestion control' \
        'bbr_pacing_gain	What BBR multiplies that speed by to send' \
        'bbr_cwnd_gain	What BBR multiplies the path\'s bytes by for its window' \
        'dctcp_enabled	Whether DCTCP is in use' \
        'vegas_enabled	Whether Vegas, or an algorithm that tells the same, is in use' \
        'ulp	What runs on top of TCP in the kernel, such as tls or mptcp' \
        'tls_version	Version of TLS' \
        'tls_cipher	Cipher of TLS' \
        'tls_tx	Where what is sent is encrypted' \
        'tls_rx	Where what is received is decrypted, likewise' \
        'peer_program	Name of that process, from its command line' \
        'peer_unit	Unit of systemd that the other end is in, as unit has it' \
        'peer_container	Container that the other end is in, as container has it' \
        'unit	Unit of systemd that the owner runs in' \
        'user_unit	Unit of the user\'s own service manager, if unit is that' \
        'slice	Slice that the unit is in' \
        'session	Login session that the owner is in, as loginctl has it' \
        'container	Container or virtual machine that the owner is in' \
        'container_id	The whole id' \
        'runtime	What runs the container' \
        'pod	Name of the Kubernetes pod that the container belongs to' \
        'pod_namespace	Kubernetes namespace of the pod' \
        'pod_uid	UID of the pod, which needs no right to be known' \
        'cgroup	Path of the cgroup that all this is told by' \
        'local_primary	Primary local address' \
        'foreign_primary	Primary remote address' \
        'sctp_state	State of the association' \
        'sctp_peer_sack	Whether the other end wants an acknowledgement now' \
        'sctp_primary	Remote address of the primary path, numeric' \
        'sctp_primary_state	State of the primary path' \
        'sctp_nodelay	Whether small messages are sent at once' \
        'sctp_no_fragments	Whether messages are never sent in pieces' \
        'sctp_v4mapped	Whether IPv4 addresses are told as IPv6 ones' \
        'group_address	Address of the group, numeric' \
        'group_host	Name of that address' \
        'reporter	Whether this machine was the last one to report the group' \
        'querier	Version of IGMP that the network\'s querier talks' \
        'flags	ACC if the socket listens (older kernels' \
        'type	Type of the socket' \
        'path	Path or, after a @, abstract name, in which newer kernels write each NUL as a @ too' \
        'socket_name	Name of the socket, byte for byte' \
        'abstract	Whether the name is no path' \
        'peer_path	Path or, after a @, abstract name of the socket at the other end, as path has it' \
        'peer_name	Name of the socket at the other end, byte for byte, as socket_name has it' \
        'local_node	Local node' \
        'foreign_node	Remote node' \
        'user_call	Call sign of the user' \
        'my_circuit	Index and id of this end\'s circuit, hexadecimal' \
        'your_circuit	Index and id of the other end\'s circuit, hexadecimal' \
        'destination_call	Call sign of the other end' \
        'source_call	Call sign of this end' \
        'destination_type	Type of the other end\'s address' \
        'source_type	Type of this end\'s address' \
        'security	Security level' \
        'channel_mode	How the channel keeps packets in order' \
        'running	Whether the socket receives packets' \
        'fanout_type	How that group shares them' \
        'dump	Whether a dump is under way' \
        'pressure	Whether memory is short' \
        'module	Kernel module' \
        'slab	Whether its sockets have a memory cache of their own' \
        'mptcp_csum_enabled	Whether data has checksums' \
        'tipc_published	Whether the socket has names, by which others find it' \
        'tipc_link_congested	Whether it waits for a link' \
        'tipc_connection_congested	Whether it waits for the other end' \
        'heartbeat	Whether heartbeats are sent' \
        'smc_mode	smc-r, smc-d, or tcp if the other end, or the way, knows neither' \
        'smc_device	Name of the RDMA device' \
        'smc_gid	GID of this end' \
        'smc_peer_gid	GID of the other end' \
        'smc_role	client or server of the link' \
        'umem_zero_copy	Whether the interface uses it without copying' \
        'transport	What is counted, as the kernel calls it' \
        'setting	The setting, as sysctl(8) calls it' \
        'mode	vc or dg; null if the interface decides' \
        'gateway	Network:node of the router, hexadecimal' \
        'destination_host	Name of the destination, or default; null without one or with -n' \
        'gateway_host	Name of the gateway' \
        'genmask	Mask of the destination' \
        'scope	How far the destination is' \
        'preferred_source	Source address of packets that have none yet' \
        'preference	How a router ranks itself' \
        'encapsulation	What packets are put into on their way' \
        'route_quickack	Whether TCP acknowledges at once' \
        'route_fastopen_no_cookie	Whether TCP Fast Open needs no cookie' \
        'route_congestion	TCP\'s congestion control' \
        'source_host	Source' \
        'specific_destination	Specific destination, null before Linux 2.2, numeric' \
        'specific_destination_host	Specific destination, null before Linux 2.2' \
        'neighbour_host	The neighbour\'s name' \
        'router_network	Network of the router, hexadecimal' \
        'router_node	Node of the router' \
        'direct	Whether it is connected directly' \
        'mnemonic	Its mnemonic' \
        'neighbour1	Call sign of the first neighbour' \
        'iface1	Network interface of the first neighbour' \
        'neighbour2	Call sign of the second neighbour' \
        'iface2	Network interface of the second neighbour' \
        'neighbour3	Call sign of the third neighbour' \
        'iface3	Network interface of the third neighbour' \
        'flg	Flags as letters' \
        'inet	IPv4 address' \
        'inet_netmask	Its network mask' \
        'inet_broadcast	Its broadcast address' \
        'inet_destination	The other end\'s IPv4 address' \
        'hardware	Kind of hardware' \
        'kind	Kind of the interface' \
        'master	The bridge, bond or VRF that it belongs to' \
        'slave_kind	Kind of that one' \
        'link_iface	The interface below it, or the other end of a pair' \
        'alias	What the administrator calls it' \
        'operstate	Whether it can be used' \
        'carrier	Whether there is a carrier' \
        'qdisc	Queueing discipline' \
        'permanent_address	Hardware address that it was made with' \
        'parent_device	The device that it is on, as 0000:00:04.0; null without one' \
        'parent_bus	The bus that this is on, as pci; null without one' \
        'proto_down	Whether a protocol holds it down' \
        'xdp	Where an XDP program sees its packets' \
        'duplex	full if it sends and receives at the same time, else half; null if it is not known' \
        'source_port	Port of the source' \
        'destination_port	Port of the destination' \
        'masqueraded_port	Port that the connection has on this machine' \
        'reply_source	Address that answers come from, numeric' \
        'reply_source_port	Port that answers come from' \
        'reply_destination	Address that answers go to, numeric' \
        'reply_destination_port	Port that answers go to' \
        'unreplied	Whether no answer was seen' \
        'assured	Whether it stays when the table is full' \
        'offload	What forwards its packets past the rules' \
        'secctx	Security context of its packets' \
        'section	The kernel\'s name of the counters that belong together' \
        'counter	The kernel\'s name of the counter' \
        'text	The sentence of the text, with the number as the text shows it' \
        'signal	What it means if the counter grows' \
        'explanation	What the counter counts, and what it means if it grows, in a sentence'
    test $option = sort; and return
    printf '%s\n' \
        'flag_names	Names of the flags that are set' \
        'socket_options	Options of the socket that are set' \
        'tcp_options	What both ends agreed on' \
        'mptcp_subflow_flags	Flags of the subflow' \
        'md5_peers	Addresses, with their length, whose segments have an MD5 signature' \
        'local_addresses	Local addresses, numeric' \
        'foreign_addresses	Remote addresses, numeric' \
        'pending_inodes	Inodes of the sockets that wait for a listening one to accept them' \
        'digipeaters	Call signs of the digipeaters in between, those passed already with a *. Call signs of the digipeaters in between' \
        'packet_flags	Options that are set, and running' \
        'multicast_groups	Multicast groups that the socket is a member of, as numbers' \
        'netlink_flags	Options that are set, and dump' \
        'methods	What the protocol does itself, as the kernel names it' \
        'mptcp_flags	fallback if the connection goes on as plain TCP' \
        'route_features	What TCP uses on this way' \
        'route_locked	Of these values, those that the kernel must not change' \
        'inet6	IPv6 addresses, each with the length of its prefix' \
        'inet6_scopes	The scope of each IPv6 address' \
        'inet6_flags	The flags of each IPv6 address' \
        'alternative_names	Other names that it has'
    test $option = count; and return
    printf '%s\n' \
        'owners	Every process that has the socket open, once for each of its descriptors, by pid and descriptor' \
        'peer_owners	Every process that has a socket at the other end open, as in owners; null if there is no other end on this machine' \
        'memberships	What the socket has network interfaces take for it' \
        'rx_ring	Ring for received packets' \
        'tx_ring	Ring for packets to be sent' \
        'nexthops	The ways to go on, one for each gateway or interface' \
        'via	The ways to the node, each by a neighbour'
    test $option = columns; and return
    printf '%s\n' \
        'owners.pid	Process id' \
        'owners.fd	Number of the descriptor' \
        'owners.comm	Name of the process as the kernel has it, of 15 bytes at most (/proc/PID/comm)' \
        'owners.cmdline	Command line, a string for each argument (/proc/PID/cmdline, which a process can change), of 4096 bytes at most, and of fewer from the 4097th socket on that is told of a process' \
        'owners.cmdline_length	Bytes of the whole command line, with one behind each argument' \
        'owners.uid	Effective user id of the process, which need not be that of the socket (Uid: of /proc/PID/status)' \
        'owners.user	Name of that user' \
        'peer_owners.pid	Process id' \
        'peer_owners.fd	Number of the descriptor' \
        'peer_owners.comm	Name of the process as the kernel has it, of 15 bytes at most (/proc/PID/comm)' \
        'peer_owners.cmdline	Command line, a string for each argument (/proc/PID/cmdline, which a process can change), of 4096 bytes at most, and of fewer from the 4097th socket on that is told of a process' \
        'peer_owners.cmdline_length	Bytes of the whole command line, with one behind each argument' \
        'peer_owners.uid	Effective user id of the process, which need not be that of the socket (Uid: of /proc/PID/status)' \
        'peer_owners.user	Name of that user' \
        'memberships.membership	multicast, unicast, allmulti (all groups) or promiscuous (all packets)' \
        'memberships.iface	Network interface' \
        'memberships.ifindex	Index of the interface' \
        'memberships.refcnt	How often it was joined' \
        'memberships.hardware_address	Hardware address of the group' \
        'rx_ring.block_size	Size of a block' \
        'rx_ring.blocks	How many blocks it has' \
        'rx_ring.frame_size	Size of a frame' \
        'rx_ring.frames	How many frames it has' \
        'rx_ring.retire_ms	After what time a block that is not full is handed over' \
        'rx_ring.private_size	Bytes of each block that belong to the program' \
        'rx_ring.features	Features, as a number' \
        'tx_ring.block_size	Size of a block' \
        'tx_ring.blocks	How many blocks it has' \
        'tx_ring.frame_size	Size of a frame' \
        'tx_ring.frames	How many frames it has' \
        'tx_ring.retire_ms	After what time a block that is not full is handed over' \
        'tx_ring.private_size	Bytes of each block that belong to the program' \
        'tx_ring.features	Features, as a number' \
        'nexthops.weight	How many packets go this way, beside the other weights' \
        'nexthops.gateway	Gateway, numeric' \
        'nexthops.iface	Network interface' \
        'nexthops.ifindex	Index of that interface' \
        'nexthops.flag_names	Names of the flags that are set' \
        'via.quality	Quality of the route' \
        'via.obsolescence	Broadcasts that the route survives' \
        'via.neighbour_num	Number of the neighbour' \
        'via.neighbour	Call sign of the neighbour' \
        'via.iface	Network interface that leads to it' \
        'via.neighbour_quality	Quality of the link to the neighbour' \
        'via.locked	Whether somebody has set that quality' \
        'via.refcnt	Nodes that it leads to' \
        'via.failed	Times that the link failed' \
        'via.digipeaters	Call signs of the digipeaters in between' \
        'via.use	Circuits over it' \
        'via.dce	Whether this end is the network\'s (DCE), not the user\'s (DTE)' \
        'via.restarted	Whether the link was started' \
        'via.t0_left_s	Timer T0' \
        'via.tf_left_s	Timer of a link that failed'
    test $option = where; and return
end

# completes what an option has not in its list yet
function __netstat_list -a option
    set -l value (__netstat_value)
    set -l before (string replace -r '[^,]*$' '' -- $value)
    set -l taken (string split , -- $before | string replace -r '^[-+]' '')
    set -l sign ''
    switch $option,(string replace -r '^.*,' '' -- $value)
        case 'columns,+*'
            set sign +
        case 'sort,-*'
            set sign -
    end
    begin
        switch $option
            case columns
                printf '%s\n' \
                    '@default	what JSON has' \
                    '@text	what the text shows' \
                    '@all	all columns' \
                    '@owner	who has the socket open' \
                    '@tcp	TCP\'s inner state' \
                    '@memory	memory' \
                    '@backlog	queues of connections' \
                    '@peer	who is at the other end' \
                    '@place	where on the machine it is' \
                    '@route	all that is told of a route' \
                    '@link	all that is told of an interface'
                test -z "$before"; and echo help\t'list all columns'
            case sort
                echo count\t'how many rows were counted'
        end
        __netstat_keys $option
    end | while read -l word
        contains -- (string split -f 1 \t -- $word) $taken
        or echo -- $before$sign$word
    end
end

# the words that can stand behind this in an expression
function __netstat_next -a before
    if set -l found (string match -rg -- '( is +$)' $before)
        printf '%s\n' \
            'null	not known' \
            'not	known'
    else if set -l found (string match -rg -- '( is +not +$)' $before)
        printf '%s\n' \
            'null	known'
    else if set -l found (string match -rg -- '([A-Za-z0-9_.]+)( *!?=| +(not +)?in *\\(([^)]*,)?) *$' $before)
        switch $found[1]
            case family
                printf '%s\t'$found[1]'\n' \
                    neigh rule inet inet6 unix ipx ax25 x25 netrom rose \
                    bluetooth ddp packet netlink vsock mptcp tipc sctp-remaddr \
                    smc xdp softnet sockstat sysctl
            case proto
                printf '%s\t'$found[1]'\n' \
                    ip ip6 tcp tcp6 sctp udp udp6 udpl udpl6 raw raw6 igmp \
                    igmp6 unix ipx ax25 x25 netrom rose l2cap rfcomm ddp \
                    packet netlink AF_VSOCK MPTCP MPTCPv6 TIPC SMC XDP
            case state
                printf '%s\t'$found[1]'\n' \
                    NONE INCOMPLETE REACHABLE STALE DELAY PROBE FAILED NOARP \
                    PERMANENT ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 \
                    FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN \
                    CLOSING LISTENING FREE CONNECTING CONNECTED DISCONNECTING \
                    ESTAB RECOVERY SABM_SENT DISC_SENT UNKNOWN OPEN BOUND \
                    CONNECT CONNECT2 CONFIG DISCONN CLOSED INACTIVE PF ACTIVE \
                    UNCONFIRMED INIT PEERCLOSEWAIT1 PEERCLOSEWAIT2 \
                    APPCLOSEWAIT1 APPCLOSEWAIT2 APPFINCLOSEWAIT \
                    PEERFINCLOSEWAIT PEERABORTWAIT PROCESSABORT PERM FIN_WAIT \
                    SYN_SENT2 COOKIE_WAIT COOKIE_ECHOED SHUTDOWN_SENT \
                    SHUTDOWN_RECD SHUTDOWN_ACK_SENT HEARTBEAT_SENT \
                    HEARTBEAT_ACKED REQUEST RESPOND PARTOPEN CLOSEREQ TIMEWAIT \
                    IGNORE INVALID
            case protocol
                printf '%s\t'$found[1]'\n' \
                    route unused usersock firewall sock_diag nflog xfrm \
                    selinux iscsi audit fib_lookup connector netfilter ip6_fw \
                    dnrtmsg kobject_uevent generic scsitransport ecryptfs rdma \
                    crypto smc
            case action
                printf '%s\t'$found[1]'\n' \
                    unspec lookup goto nop blackhole unreachable prohibit
            case timer
                printf '%s\t'$found[1]'\n' \
                    off on keepalive timewait probe on1 on2
            case shutdown
                printf '%s\t'$found[1]'\n' \
                    none receive send both
            case tcp_ca_state
                printf '%s\t'$found[1]'\n' \
                    open disorder cwr recovery loss
            case limited_by
                printf '%s\t'$found[1]'\n' \
                    peer buffer network program
            case tls_version
                printf '%s\t'$found[1]'\n' \
                    1.2 1.3
            case tls_cipher
                printf '%s\t'$found[1]'\n' \
                    AES-GCM-128 AES-GCM-256 AES-CCM-128 CHACHA20-POLY1305 \
                    SM4-GCM SM4-CCM ARIA-GCM-128 ARIA-GCM-256
            case tls_tx
                printf '%s\t'$found[1]'\n' \
                    base software device device_record
            case tls_rx
                printf '%s\t'$found[1]'\n' \
                    base software device device_record
            case runtime
                printf '%s\t'$found[1]'\n' \
                    docker containerd crio podman lxc nspawn libvirt \
                    libvirt-lxc ecs garden buildkit
            case sctp_state
                printf '%s\t'$found[1]'\n' \
                    CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED \
                    SHUTDOWN_PENDING SHUTDOWN_SENT SHUTDOWN_RECEIVED \
                    SHUTDOWN_ACK_SENT
            case sctp_primary_state
                printf '%s\t'$found[1]'\n' \
                    inactive potentially_failed active unconfirmed unknown
            case querier
                printf '%s\t'$found[1]'\n' \
                    V1 V2 V3
            case type
                printf '%s\t'$found[1]'\n' \
                    STREAM DGRAM RAW RDM SEQPACKET PACKET unspec unicast local \
                    broadcast anycast multicast blackhole unreachable prohibit \
                    throw nat xresolve
            case destination_type
                printf '%s\t'$found[1]'\n' \
                    BR/EDR
            case source_type
                printf '%s\t'$found[1]'\n' \
                    BR/EDR
            case security
                printf '%s\t'$found[1]'\n' \
                    SDP LOW MEDIUM HIGH FIPS UNKNOWN
            case channel_mode
                printf '%s\t'$found[1]'\n' \
                    basic retransmission flow_control ertm streaming \
                    le_flow_control extended_flow_control
            case fanout_type
                printf '%s\t'$found[1]'\n' \
                    hash lb cpu rollover rnd qm cbpf ebpf
            case smc_mode
                printf '%s\t'$found[1]'\n' \
                    smc-r tcp smc-d
            case smc_role
                printf '%s\t'$found[1]'\n' \
                    client server
            case mode
                printf '%s\t'$found[1]'\n' \
                    vc dg
            case scope
                printf '%s\t'$found[1]'\n' \
                    global site link host nowhere
            case preference
                printf '%s\t'$found[1]'\n' \
                    medium high low
            case encapsulation
                printf '%s\t'$found[1]'\n' \
                    mpls ip ila ip6 seg6 bpf seg6local rpl ioam6 xfrm
            case hardware
                printf '%s\t'$found[1]'\n' \
                    netrom ether ax25 arcnet dlci eui64 slip cslip slip6 \
                    cslip6 adaptive rose x25 ppp hdlc lapb tunnel frad loop \
                    fddi sit hippi ash ec irda unspec
            case operstate
                printf '%s\t'$found[1]'\n' \
                    unknown notpresent down lowerlayerdown testing dormant up
            case xdp
                printf '%s\t'$found[1]'\n' \
                    none driver generic hardware multi
            case duplex
                printf '%s\t'$found[1]'\n' \
                    half full
            case offload
                printf '%s\t'$found[1]'\n' \
                    software hardware
            case signal
                printf '%s\t'$found[1]'\n' \
                    normal watch trouble
        end
    else if set -l found (string match -rg -- ' in *\\([^)]*$' $before)
        printf '%s\n' \
            ',	one more' \
            ')	the end'
    else if set -l found (string match -rg -- '(^|\\(|(^|[ (])(and|or|not) ) *[A-Za-z0-9_.]+ +not +$' $before)
        printf '%s\n' \
            'in	none of them'
    else if set -l found (string match -rg -- '(^|\\(|(^|[ (])(and|or|not) ) *$' $before)
        echo 'not	the opposite'
        __netstat_keys where
    else if set -l found (string match -rg -- '(^|\\(|(^|[ (])(and|or|not) ) *[A-Za-z0-9_.]+ +$' $before)
        printf '%s\n' \
            '=	equal' \
            '!=	not equal' \
            '<	less' \
            '<=	less or equal' \
            '>	greater' \
            '>=	greater or equal' \
            '~	a regular expression fits' \
            '!~	no regular expression fits' \
            'in	one of (22, 80), 1..1023, 10.0.0.0/8' \
            'is	null: not known' \
            'not	none of those behind in'
    else if set -l found (string match -rg -- '[^=<>~!,( ] +$' $before)
        printf '%s\n' \
            'and	both' \
            'or	one of both'
    end
end

function __netstat_where
    set -l typed (__netstat_value | string replace -r '^[\'"]' '' |
        string replace -ra '\\\\(.)' '$1')
    set -l before (string replace -r '[A-Za-z0-9_.]*$' '' -- $typed)
    set -l fragment (string sub -s (math 1 + (string length -- "$before")) -- $typed)
    set -l words (__netstat_next "$before" | string match -- "$fragment*")
    if test (count $words) = 1
        set -l only (string split -f 1 \t -- $words)
        set -l next (__netstat_next "$before$only ")
        test (count $next) -gt 1; and set words "$only "$next
    end
    for word in $words
        echo -- $before$word
    end
end

complete -c netstat -f
complete -c netstat -l ax25 -d 'AX.25'
complete -c netstat -l x25 -d 'X.25'
complete -c netstat -l ip -d 'IPv4, as --inet'
complete -c netstat -l ipx -d 'IPX'
complete -c netstat -l appletalk -d 'AppleTalk, as --ddp'
complete -c netstat -l netrom -d 'NET/ROM'
complete -c netstat -l inet -d 'IPv4, as -4'
complete -c netstat -l inet6 -d 'IPv6, as -6'
complete -c netstat -l ddp -d 'AppleTalk DDP'
complete -c netstat -l rose -d 'ROSE'
complete -c netstat -l bluetooth -d 'Bluetooth, as -2f'
complete -c netstat -l tcpip -d 'IPv4, as --inet'
complete -c netstat -s 'V' -l version -d 'print the version and exit'
complete -c netstat -s 'i' -l interfaces -d 'show network interfaces'
complete -c netstat -s 'h' -l help -d 'print this help and exit'
complete -c netstat -s 'r' -l route -d 'show routing tables'
complete -c netstat -s 'M' -l masquerade -d 'show masqueraded connections'
complete -c netstat -s 'A' -l protocol -x -a '(__netstat_families)' -d 'these address families'
complete -c netstat -s 't' -l tcp -d 'TCP'
complete -c netstat -s 'S' -l sctp -d 'SCTP'
complete -c netstat -s 'u' -l udp -d 'UDP'
complete -c netstat -s 'U' -l udplite -d 'UDP-Lite'
complete -c netstat -s 'w' -l raw -d 'raw IP'
complete -c netstat -s 'x' -l unix -d 'UNIX domain'
complete -c netstat -s '2' -l l2cap -d 'Bluetooth L2CAP'
complete -c netstat -s 'f' -l rfcomm -d 'Bluetooth RFCOMM'
complete -c netstat -s 'l' -l listening -d 'only listening sockets'
complete -c netstat -s 'a' -l all -d 'listening sockets and down interfaces too'
complete -c netstat -s 'o' -l timers -d 'timers'
complete -c netstat -s 'c' -l continuous -d 'again every second'
complete -c netstat -s 'e' -l extend -d 'more columns; still more if given twice'
complete -c netstat -s 'p' -l programs -d 'process id and program of sockets'
complete -c netstat -s 'v' -l verbose -d 'say which families the system lacks'
complete -c netstat -s 's' -l statistics -d 'show counters of each protocol'
complete -c netstat -s 'W' -l wide -d 'do not cut addresses'
complete -c netstat -s 'n' -l numeric -d 'no names (in JSON, those in local files)'
complete -c netstat -l numeric-hosts -d 'no host and network names'
complete -c netstat -l numeric-ports -d 'no service names'
complete -c netstat -l numeric-users -d 'no user names'
complete -c netstat -s 'N' -l symbolic -d 'numeric addresses in routes and SCTP'
complete -c netstat -s 'C' -l cache -d 'the routing cache'
complete -c netstat -s 'F' -l fib -d 'the forwarding table (default)'
complete -c netstat -s 'g' -l groups -d 'show multicast group memberships'
complete -c netstat -s 'Z' -l context -d 'SELinux context of sockets\' owners'
complete -c netstat -s '4' -d 'IPv4'
complete -c netstat -s '6' -d 'IPv6'
complete -c netstat -s 'd' -d 'no effect'
complete -c netstat -s '?' -d 'print this help on stderr, exit with 3'
complete -c netstat -l econet -d 'Econet'
complete -c netstat -l ec -d 'Econet, as --econet'
complete -c netstat -l ash -d 'Ash'
complete -c netstat -l json -d 'print one JSON array'
complete -c netstat -l ndjson -d 'print one JSON object a line'
complete -c netstat -l csv -f -a 'safe raw' -d 'print CSV; raw: texts as they are'
complete -c netstat -l openmetrics -d 'print --count, -s or -i as OpenMetrics'
complete -c netstat -l graph -x -a 'dot mermaid' -d 'draw who talks to whom: dot or mermaid'
complete -c netstat -l graph-by -x -a 'program unit container address' -d 'boxes are: program, unit, container, address'
complete -c netstat -l where -x -a '(__netstat_where)' -d 'only rows that fit, as \'state = LISTEN\''
complete -c netstat -l columns -x -a '(__netstat_list columns)' -d 'a table of these; --columns=help lists all'
complete -c netstat -l sort -x -a '(__netstat_list sort)' -d 'in this order; -KEY for largest first'
complete -c netstat -l limit -x -d 'only the first N rows'
complete -c netstat -l count -x -a '(__netstat_list count)' -d 'how many rows of each, as --count=state'
complete -c netstat -l sum -x -a '(__netstat_list sum)' -d 'sums of these, as --sum=recv_q,send_q'
complete -c netstat -l diff -r -d 'what differs from this save or tree'
complete -c netstat -l watch -x -d 'again and again, what differs'
complete -c netstat -l diff-only -d 'with --watch: nothing of the first listing'
complete -c netstat -l check -f -a 'help close-wait conntrack counter-growth ephemeral-ports exposed fin-wait full-backlog hidden interface-drops interface-errors loopback-leak no-default-route orphans promiscuous retransmit-rate retransmits sniffers softnet stuck-receive stuck-send syn-backlog tcp-memory time-wait udp-drops unix-backlog unowned' -d 'what is wrong here; --check help lists all'
complete -c netstat -l interval -x -d 'with --check: between its two looks'
complete -c netstat -l until -x -a '(__netstat_where)' -d 'watch until a row fits, as \'local_port = 80\''
complete -c netstat -l label -x -d 'a column of all rows, as --label host=web1'
complete -c netstat -l explain -d 'with -s: what each counter means'
complete -c netstat -l no-header -d 'no titles and headers'
complete -c netstat -l color -f -a 'auto always never' -d 'colours: auto, always or never (default)'
complete -c netstat -l family -x -a '(__netstat_paths "(?:\.[jt]s|/)")' -d 'load an address family from a .js or .ts file'
complete -c netstat -l check-family -r -d 'try --family\'s file on a good table'
complete -c netstat -l family-types -d 'print the types for family files'
complete -c netstat -l root -r -d 'read /proc, /sys and /etc under DIR, or a tar'
complete -c netstat -l netns -x -d 'these network namespaces: all, host, NAME'
complete -c netstat -l source -x -a 'procfs netlink' -d 'TCP and UDP from procfs or from netlink'
complete -c netstat -l save -r -d 'save all that is read in a tar; - is stdout'
complete -c netstat -l force -d 'with --save: overwrite the file'
complete -c netstat -l no-cmdline -d 'with --save: no command lines of processes'
complete -c netstat -l for -x -d '-r: the route there; --watch: so long, as 30s'
complete -c netstat -l resolve-timeout -x -d 'wait so long for host names (default 10)'

# values that can stand behind their option as words of their own
complete -c netstat -n '__fish_contains_opt check' -f -a 'help close-wait conntrack counter-growth ephemeral-ports exposed fin-wait full-backlog hidden interface-drops interface-errors loopback-leak no-default-route orphans promiscuous retransmit-rate retransmits sniffers softnet stuck-receive stuck-send syn-backlog tcp-memory time-wait udp-drops unix-backlog unowned'

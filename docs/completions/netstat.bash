# bash completion for netstat(8)
# Made from the option table by `./denow task docs`.
#
# bash-completion has one of its own for netstat, which runs `netstat --help` at
# each Tab and keeps it from looking for another: where this package is used, the
# file belongs into /etc/bash_completion.d.

# adds to `list` the keys that an option takes
_netstat_keys() {
  case $1 in
  where) list+=' 
    owners.pid owners.fd owners.comm owners.cmdline owners.cmdline_length
    owners.uid owners.user peer_owners.pid peer_owners.fd peer_owners.comm
    peer_owners.cmdline peer_owners.cmdline_length peer_owners.uid
    peer_owners.user memberships.membership memberships.iface
    memberships.ifindex memberships.refcnt memberships.hardware_address
    rx_ring.block_size rx_ring.blocks rx_ring.frame_size rx_ring.frames
    rx_ring.retire_ms rx_ring.private_size rx_ring.features tx_ring.block_size
    tx_ring.blocks tx_ring.frame_size tx_ring.frames tx_ring.retire_ms
    tx_ring.private_size tx_ring.features nexthops.weight nexthops.gateway
    nexthops.iface nexthops.ifindex nexthops.flag_names via.quality
    via.obsolescence via.neighbour_num via.neighbour via.iface
    via.neighbour_quality via.locked via.refcnt via.failed via.digipeaters
    via.use via.dce via.restarted via.t0_left_s via.tf_left_s
  ' ;&
  columns) list+=' 
    owners peer_owners memberships rx_ring tx_ring nexthops via
  ' ;&
  count) list+=' 
    flag_names socket_options tcp_options mptcp_subflow_flags md5_peers
    local_addresses foreign_addresses pending_inodes digipeaters packet_flags
    multicast_groups netlink_flags methods mptcp_flags route_features
    route_locked inet6 inet6_scopes inet6_flags alternative_names
  ' ;&
  sort) list+=' 
    family proto neighbour hardware_address state iface protocol netns_name
    source destination incoming_iface action table inverted outgoing_iface
    l3mdev local_address local_host local_port local_service foreign_address
    foreign_host foreign_port foreign_service user program_name security_context
    timer tcp_pingpong shutdown v6only buffer_ratio pending_accept orphan
    tcp_ca_state tcp_app_limited retrans_ratio busy_ratio peer_limited_ratio
    buffer_limited_ratio limited_by ce_ratio out_of_order_ratio congestion
    bbr_pacing_gain bbr_cwnd_gain dctcp_enabled vegas_enabled ulp tls_version
    tls_cipher tls_tx tls_rx peer_program peer_unit peer_container unit
    user_unit slice session container container_id runtime pod pod_namespace
    pod_uid cgroup local_primary foreign_primary sctp_state sctp_peer_sack
    sctp_primary sctp_primary_state sctp_nodelay sctp_no_fragments sctp_v4mapped
    group_address group_host reporter querier flags type path socket_name
    abstract peer_path peer_name local_node foreign_node user_call my_circuit
    your_circuit destination_call source_call destination_type source_type
    security channel_mode running fanout_type dump pressure module slab
    mptcp_csum_enabled tipc_published tipc_link_congested
    tipc_connection_congested heartbeat smc_mode smc_device smc_gid smc_peer_gid
    smc_role umem_zero_copy transport setting mode gateway destination_host
    gateway_host genmask scope preferred_source preference encapsulation
    route_quickack route_fastopen_no_cookie route_congestion source_host
    specific_destination specific_destination_host neighbour_host router_network
    router_node direct mnemonic neighbour1 iface1 neighbour2 iface2 neighbour3
    iface3 flg inet inet_netmask inet_broadcast inet_destination hardware kind
    master slave_kind link_iface alias operstate carrier qdisc permanent_address
    parent_device parent_bus proto_down xdp duplex source_port destination_port
    masqueraded_port reply_source reply_source_port reply_destination
    reply_destination_port unreplied assured offload secctx section counter text
    signal explanation
  ' ;&
  sum) list+=' 
    ifindex state_num flags_num confirmed_s used_s updated_s refcnt probes
    protocol_num netns priority mark source_prefix_length prefix_length
    mark_mask tos dscp ip_protocol source_port_first source_port_last
    destination_port_first destination_port_last uid_first uid_last tunnel_id
    action_num table_num goto_priority suppress_prefix_length suppress_group
    realm source_realm recv_q send_q uid inode pid timer_num timer_ms
    retransmits timeout tcp_rto_us rto tcp_ato_us tcp_quick_acks tcp_snd_cwnd
    cwnd tcp_snd_ssthresh ssthresh fastopen_queue_max entry cookie shutdown_num
    tclass class_id cgroup_id rmem_alloc rcvbuf wmem_alloc sndbuf fwd_alloc
    wmem_queued optmem backlog_bytes drops accept_queue accept_queue_max
    accept_queue_drops syn_retransmits tcp_ca_state_num tcp_retransmits
    tcp_probes tcp_backoff tcp_options_num tcp_snd_wscale tcp_rcv_wscale
    tcp_fastopen_client_fail_num tcp_snd_mss snd_mss tcp_rcv_mss tcp_unacked
    unacked tcp_sacked tcp_lost lost tcp_retrans_now tcp_fackets
    tcp_last_data_sent_ms tcp_last_data_recv_ms tcp_last_ack_recv_ms tcp_pmtu
    tcp_rcv_ssthresh tcp_rtt_us rtt tcp_rttvar_us rttvar tcp_advmss
    tcp_reordering tcp_rcv_rtt_us tcp_rcv_space tcp_retrans_total retrans
    tcp_pacing_bytes_per_s pacing_rate tcp_max_pacing_bytes_per_s
    tcp_bytes_acked bytes_acked tcp_bytes_received bytes_received tcp_segs_out
    tcp_segs_in tcp_notsent_bytes tcp_min_rtt_us min_rtt tcp_data_segs_in
    tcp_data_segs_out tcp_delivery_bytes_per_s delivery_rate tcp_busy_us
    tcp_rwnd_limited_us tcp_sndbuf_limited_us tcp_delivered tcp_delivered_ce
    tcp_bytes_sent bytes_sent tcp_bytes_retrans bytes_retrans tcp_dsack_dups
    tcp_reord_seen tcp_rcv_ooopack tcp_snd_wnd tcp_rcv_wnd tcp_rehash
    tcp_total_rto tcp_total_rto_recoveries tcp_total_rto_time_ms tcp_received_ce
    tcp_delivered_e1_bytes tcp_delivered_e0_bytes tcp_delivered_ce_bytes
    tcp_received_e1_bytes tcp_received_e0_bytes tcp_received_ce_bytes
    tcp_accecn_fail_mode tcp_accecn_opt_seen idle_ms idle age_at_least_ms
    send_estimate_bytes_per_s queueing_us in_flight_bytes bdp_bytes stuck_ms
    bbr_bytes_per_s bbr_min_rtt_us dctcp_ce_state dctcp_alpha dctcp_ab_ecn
    dctcp_ab_tot vegas_rtt_count vegas_rtt_us vegas_min_rtt_us mptcp_token_local
    mptcp_token_remote mptcp_id_local mptcp_id_remote mptcp_map_seq
    mptcp_map_subflow_seq mptcp_map_offset mptcp_map_bytes
    mptcp_subflow_flags_num listener_inode peer_inode peer_pid association
    association_state_num sctp_type_num hash_bucket heartbeat_jiffies
    sctp_in_streams sctp_out_streams max_retransmits init_retries
    shutdown_retries rtx_data_chunks sctp_tag sctp_rwnd sctp_unacked
    sctp_pending sctp_fragmentation_point sctp_in_queue sctp_out_queue
    sctp_overall_error sctp_max_burst sctp_maxseg sctp_peer_rwnd sctp_peer_tag
    sctp_peer_capable_num sctp_sacks_in sctp_sacks_out sctp_packets_out
    sctp_packets_in sctp_retrans_chunks sctp_out_of_sequence sctp_duplicates
    sctp_gaps sctp_unordered_out sctp_unordered_in sctp_ordered_out
    sctp_ordered_in sctp_control_out sctp_control_in sctp_primary_cwnd
    sctp_srtt_ms sctp_rto_ms sctp_heartbeat_ms sctp_path_max_retrans
    sctp_sack_delay_ms sctp_sack_freq sctp_ssthresh sctp_partial_bytes_acked
    sctp_flight_bytes sctp_primary_errors sctp_autoclose_s sctp_adaptation
    sctp_partial_delivery sctp_interleave group_count type_num vfs_inode
    vfs_major vfs_minor local_network foreign_network vr vs va t1_left_s t1_s
    t2_left_s t2_s t3_left_s t3_s idle_left_s idle_s n2_count n2 rtt_s
    window_frames paclen lci t21_s t22_s t23_s t4_left_s t4_s neighbour_num
    holdback_s psm dcid scid imtu omtu security_num channel_mode_num channel
    local_node_num foreign_node_num packet_version packet_reserve copy_thresh
    packet_timestamps_num packet_flags_num fanout_id fanout_type_num
    fanout_flags_num filter_instructions portid groups foreign_portid
    foreign_group netlink_flags_num sockets memory_pages socket_size max_hdr
    local_cid foreign_cid mptcp_subflows mptcp_add_addr_signal
    mptcp_add_addr_accepted mptcp_subflows_max mptcp_add_addr_signal_max
    mptcp_add_addr_accepted_max mptcp_flags_num mptcp_token mptcp_write_seq
    mptcp_snd_una mptcp_rcv_nxt mptcp_local_addr_used mptcp_local_addr_max
    mptcp_retransmits mptcp_bytes_retrans mptcp_bytes_sent mptcp_bytes_received
    mptcp_bytes_acked mptcp_subflows_total mptcp_endp_laminar_max
    mptcp_last_data_sent_ms mptcp_last_data_recv_ms mptcp_last_ack_recv_ms
    tipc_service tipc_instance tipc_receive_queue tipc_send_queue rto_ms
    smc_token smc_sndbuf smc_rcvbuf smc_peer_rcvbuf smc_rx_produced
    smc_rx_consumed smc_tx_produced smc_tx_consumed smc_tx_prepared smc_tx_sent
    smc_tx_confirmed smc_link smc_device_port smc_d_link smc_d_peer_gid
    smc_d_gid smc_d_token smc_d_peer_token smc_d_peer_gid_ext smc_d_gid_ext
    smc_fallback_num smc_peer_diagnosis_num xdp_queue xdp_rx_ring xdp_tx_ring
    umem_fill_ring umem_completion_ring umem_size umem_id umem_num_pages
    umem_chunk_size umem_headroom umem_ifindex umem_queue umem_refcnt
    xdp_rx_dropped xdp_rx_invalid xdp_rx_full xdp_fill_ring_empty xdp_tx_invalid
    xdp_tx_ring_empty cpu packets_processed packets_dropped time_squeeze in_use
    orphans time_waits allocated setting_value use metric mss window irtt
    nexthop_id expires_s route_mtu route_advmss route_window route_rtt_ms
    route_rttvar_ms route_rto_min_ms route_ssthresh route_cwnd route_initcwnd
    route_initrwnd route_reordering route_hoplimit hh_refcnt hh_up_to_date hh
    arp stale_s delete_s location address_type destination_num
    router_network_num quality obsolescence which routes digits neighbours
    neighbour1_num neighbour2_num neighbour3_num mtu rx_ok rx_err rx_drp rx_ovr
    tx_ok tx_err tx_drp tx_ovr rx_bytes rx_frame rx_compressed rx_multicast
    tx_bytes tx_collisions tx_carrier tx_compressed hardware_type tx_queue_len
    interrupt base_address memory_start memory_end dma link_ifindex
    link_netns_id carrier_changes carrier_up_count carrier_down_count vlan_id
    vrf_table min_mtu max_mtu link_group promiscuity allmulti tx_queues
    rx_queues xdp_program gso_max_size gso_max_segs gro_max_size tso_max_size
    tso_max_segs rx_dropped rx_missed_errors rx_length_errors rx_over_errors
    rx_crc_errors rx_frame_errors rx_nohandler rx_otherhost_dropped
    tx_aborted_errors tx_carrier_errors tx_heartbeat_errors tx_window_errors
    speed_mbit expire_ms expire initial_sequence delta previous_delta proto_num
    packets bytes reply_packets reply_bytes age_s age zone original_zone
    reply_zone gre_timeout_s gre_stream_timeout_s value
  ' ;;
  esac
}

# the argument as far as it is typed, without the option in front of it
_netstat_typed() {
  typed=${COMP_LINE:0:COMP_POINT}
  typed=${typed##*[[:space:]]}
  [[ $typed == --*=* ]] && typed=${typed#*=}
}

# completes what an option has not in its list yet
_netstat_list() {
  local typed word list='' before sign=''
  _netstat_typed
  before=${typed%"${typed##*,}"}
  case $1 in
  columns)
    list='@default @text @all @owner @tcp @memory @backlog @peer @place @route @link'
    [[ ! $before ]] && list+=' help'
    [[ ${typed##*,} == +* ]] && sign=+
    ;;
  sort)
    list=count
    [[ ${typed##*,} == -* ]] && sign=-
    ;;
  esac
  _netstat_keys "$1"
  COMPREPLY=()
  for word in $list; do
    [[ ,$before == *,"$word",* || ,$before == *,[-+]"$word",* ]] && continue
    word=$before$sign$word
    [[ $word == "$typed"* ]] && COMPREPLY+=("${word#"${typed%"$2"}"}")
  done
  compopt -o nospace 2>/dev/null
}

# what can stand at the end of an expression: words, and what is before them
_netstat_next() {
  local place='[A-Za-z0-9_.]*$' fragment list=''
  [[ $1 =~ $place ]]
  fragment=${BASH_REMATCH[0]} before=${1%"${BASH_REMATCH[0]}"}
  if place=' is +$'; [[ $before =~ $place ]]; then
    list='null not'
  elif place=' is +not +$'; [[ $before =~ $place ]]; then
    list='null'
  elif place='([A-Za-z0-9_.]+)( *!?=| +(not +)?in *\(([^)]*,)?) *$'; [[ $before =~ $place ]]; then
    case ${BASH_REMATCH[1]} in
    family) list='
      neigh rule inet inet6 unix ipx ax25 x25 netrom rose bluetooth ddp packet
      netlink vsock mptcp tipc sctp-remaddr smc xdp softnet sockstat sysctl
    ' ;;
    proto) list='
      ip ip6 tcp tcp6 sctp udp udp6 udpl udpl6 raw raw6 igmp igmp6 unix ipx ax25
      x25 netrom rose l2cap rfcomm ddp packet netlink AF_VSOCK MPTCP MPTCPv6
      TIPC SMC XDP
    ' ;;
    state) list='
      NONE INCOMPLETE REACHABLE STALE DELAY PROBE FAILED NOARP PERMANENT
      ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE
      CLOSE_WAIT LAST_ACK LISTEN CLOSING LISTENING FREE CONNECTING CONNECTED
      DISCONNECTING ESTAB RECOVERY SABM_SENT DISC_SENT UNKNOWN OPEN BOUND
      CONNECT CONNECT2 CONFIG DISCONN CLOSED INACTIVE PF ACTIVE UNCONFIRMED INIT
      PEERCLOSEWAIT1 PEERCLOSEWAIT2 APPCLOSEWAIT1 APPCLOSEWAIT2 APPFINCLOSEWAIT
      PEERFINCLOSEWAIT PEERABORTWAIT PROCESSABORT PERM FIN_WAIT SYN_SENT2
      COOKIE_WAIT COOKIE_ECHOED SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT
      HEARTBEAT_SENT HEARTBEAT_ACKED REQUEST RESPOND PARTOPEN CLOSEREQ TIMEWAIT
      IGNORE INVALID
    ' ;;
    protocol) list='
      route unused usersock firewall sock_diag nflog xfrm selinux iscsi audit
      fib_lookup connector netfilter ip6_fw dnrtmsg kobject_uevent generic
      scsitransport ecryptfs rdma crypto smc
    ' ;;
    action) list='
      unspec lookup goto nop blackhole unreachable prohibit
    ' ;;
    timer) list='
      off on keepalive timewait probe on1 on2
    ' ;;
    shutdown) list='
      none receive send both
    ' ;;
    tcp_ca_state) list='
      open disorder cwr recovery loss
    ' ;;
    limited_by) list='
      peer buffer network program
    ' ;;
    tls_version) list='
      1.2 1.3
    ' ;;
    tls_cipher) list='
      AES-GCM-128 AES-GCM-256 AES-CCM-128 CHACHA20-POLY1305 SM4-GCM SM4-CCM
      ARIA-GCM-128 ARIA-GCM-256
    ' ;;
    tls_tx) list='
      base software device device_record
    ' ;;
    tls_rx) list='
      base software device device_record
    ' ;;
    runtime) list='
      docker containerd crio podman lxc nspawn libvirt libvirt-lxc ecs garden
      buildkit
    ' ;;
    sctp_state) list='
      CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_PENDING
      SHUTDOWN_SENT SHUTDOWN_RECEIVED SHUTDOWN_ACK_SENT
    ' ;;
    sctp_primary_state) list='
      inactive potentially_failed active unconfirmed unknown
    ' ;;
    querier) list='
      V1 V2 V3
    ' ;;
    type) list='
      STREAM DGRAM RAW RDM SEQPACKET PACKET unspec unicast local broadcast
      anycast multicast blackhole unreachable prohibit throw nat xresolve
    ' ;;
    destination_type) list='
      BR/EDR
    ' ;;
    source_type) list='
      BR/EDR
    ' ;;
    security) list='
      SDP LOW MEDIUM HIGH FIPS UNKNOWN
    ' ;;
    channel_mode) list='
      basic retransmission flow_control ertm streaming le_flow_control
      extended_flow_control
    ' ;;
    fanout_type) list='
      hash lb cpu rollover rnd qm cbpf ebpf
    ' ;;
    smc_mode) list='
      smc-r tcp smc-d
    ' ;;
    smc_role) list='
      client server
    ' ;;
    mode) list='
      vc dg
    ' ;;
    scope) list='
      global site link host nowhere
    ' ;;
    preference) list='
      medium high low
    ' ;;
    encapsulation) list='
      mpls ip ila ip6 seg6 bpf seg6local rpl ioam6 xfrm
    ' ;;
    hardware) list='
      netrom ether ax25 arcnet dlci eui64 slip cslip slip6 cslip6 adaptive rose
      x25 ppp hdlc lapb tunnel frad loop fddi sit hippi ash ec irda unspec
    ' ;;
    operstate) list='
      unknown notpresent down lowerlayerdown testing dormant up
    ' ;;
    xdp) list='
      none driver generic hardware multi
    ' ;;
    duplex) list='
      half full
    ' ;;
    offload) list='
      software hardware
    ' ;;
    signal) list='
      normal watch trouble
    ' ;;
    esac
  elif place=' in *\([^)]*$'; [[ $before =~ $place ]]; then
    list=', )'
  elif place='(^|\(|(^|[ (])(and|or|not) ) *[A-Za-z0-9_.]+ +not +$'; [[ $before =~ $place ]]; then
    list='in'
  elif place='(^|\(|(^|[ (])(and|or|not) ) *$'; [[ $before =~ $place ]]; then
    list=not
    _netstat_keys where
  elif place='(^|\(|(^|[ (])(and|or|not) ) *[A-Za-z0-9_.]+ +$'; [[ $before =~ $place ]]; then
    list='= != < <= > >= \~ !\~ in is not'
  elif place='[^=<>~!,( ] +$'; [[ $before =~ $place ]]; then
    list='and or'
  fi
  mapfile -t words < <(compgen -W "$list" -- "$fragment")
}

_netstat_where() {
  local typed=$2 front='' before word only quoted=''
  local -a words
  [[ $1 == *[\'\"]* ]] && quoted=yes
  if [[ ! $quoted ]]; then
    _netstat_typed
    front=${typed%"$2"}
  fi
  _netstat_next "$typed"
  if [[ $quoted ]] && ((${#words[@]} == 1)); then
    only=$before${words[0]}
    _netstat_next "$only "
    ((${#words[@]} > 1)) || before=$only words=('')
  fi
  # where they are only shown, what is before them is left out
  ((COMP_TYPE == 63)) && before='' front=''
  COMPREPLY=()
  for word in "${words[@]}"; do
    word=$before$word
    COMPREPLY+=("${word#"$front"}")
  done
  compopt -o nospace 2>/dev/null
}

_netstat() {
  local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
  local before='' list word words
  COMPREPLY=()
  [[ " ${COMP_WORDS[*]:1:COMP_CWORD-1} " == *' -- '* ]] && return

  # equals and at signs are words, unless they were taken out of COMP_WORDBREAKS
  if [[ $cur == --*=* ]]; then
    option=${cur%%=*} before=$option= cur=${cur#*=}
  elif [[ $cur == *[\'\"]* ]]; then
    [[ $option == '=' ]] && option=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $2 == @* || $cur == '=' || $option == '=' ]]; then
    word=${COMP_LINE:0:COMP_POINT}
    [[ $word =~ (--[a-z-]+)(=|[[:space:]]+)[^[:space:]]*$ ]] &&
      option=${BASH_REMATCH[1]}
    [[ $cur == '=' ]] && cur=''
  elif [[ $cur =~ ^-[^-A]*[A] ]]; then
    before=${BASH_REMATCH[0]} option=$before cur=${cur#"$before"}
  else
    case $option in
    # what stands behind these is their value only with an equals sign
    --csv | --watch | --color) option='' ;;
    --check) [[ $cur == -* ]] && option='' ;;
    esac
  fi

  case $option in
    -*A | --protocol | --prot | --proto | --protoc | --protoco)
      list=${cur%"${cur##*,}"} words=''
      for word in \
        ash ax25 bluetooth ddp appletalk econet inet ip tcpip inet6 ip6 ipx \
        mptcp neigh netlink netrom packet rose rule sctp-remaddr smc sockstat \
        softnet sysctl tipc unix vsock x25 xdp; do
        [[ ,$list == *,$word,* ]] || words+=" $list$word"
      done
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "$cur")
      compopt -o nospace 2>/dev/null
      return
      ;;
    --csv)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'safe raw' -- "$cur"
      )
      return
      ;;
    --graph)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'dot mermaid' -- "$cur"
      )
      return
      ;;
    --graph-by)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'program unit container address' -- "$cur"
      )
      return
      ;;
    --where)
      _netstat_where "$cur" "$2"
      return
      ;;
    --columns)
      _netstat_list columns "$2"
      return
      ;;
    --sort)
      _netstat_list sort "$2"
      return
      ;;
    --limit)
      return
      ;;
    --count)
      _netstat_list count "$2"
      return
      ;;
    --sum)
      _netstat_list sum "$2"
      return
      ;;
    --diff)
      mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$cur")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --watch)
      return
      ;;
    --check)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'help close-wait conntrack counter-growth ephemeral-ports exposed fin-wait full-backlog hidden interface-drops interface-errors loopback-leak no-default-route orphans promiscuous retransmit-rate retransmits sniffers softnet stuck-receive stuck-send syn-backlog tcp-memory time-wait udp-drops unix-backlog unowned' -- "$cur"
      )
      return
      ;;
    --interval)
      return
      ;;
    --until)
      _netstat_where "$cur" "$2"
      return
      ;;
    --label)
      return
      ;;
    --color)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'auto always never' -- "$cur"
      )
      return
      ;;
    --family)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -f -X '!*.[jt]s' -- "$cur"
        compgen -P "$before" -d -- "$cur"
      )
      compopt -o filenames 2>/dev/null
      return
      ;;
    --check-family)
      mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$cur")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --root)
      mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$cur")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --netns)
      return
      ;;
    --source)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'procfs netlink' -- "$cur"
      )
      return
      ;;
    --save)
      mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$cur")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --for)
      return
      ;;
    --resolve-timeout)
      return
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W '
    --ax25 --x25 --ip --ipx --appletalk --netrom --inet --inet6 --ddp --rose
    --bluetooth --tcpip -V --version -i --interfaces -h --help -r --route -M
    --masquerade -A --protocol= -t --tcp -S --sctp -u --udp -U --udplite -w
    --raw -x --unix -2 --l2cap -f --rfcomm -l --listening -a --all -o --timers
    -c --continuous -e --extend -p --programs -v --verbose -s --statistics -W
    --wide -n --numeric --numeric-hosts --numeric-ports --numeric-users -N
    --symbolic -C --cache -F --fib -g --groups -Z --context -4 -6 -d -? --econet
    --ec --ash --json --ndjson --csv --csv= --openmetrics --graph= --graph-by=
    --where= --columns= --sort= --limit= --count= --sum= --diff= --watch
    --watch= --diff-only --check --check= --interval= --until= --label=
    --explain --no-header --color --color= --family= --check-family=
    --family-types --root= --netns= --source= --save= --force --no-cmdline
    --for= --resolve-timeout=
  ' -- "$cur")
  [[ ${COMPREPLY-} == *= ]] && compopt -o nospace 2>/dev/null
} && complete -F _netstat netstat

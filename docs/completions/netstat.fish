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
        'netlink	Netlink sockets' \
        'netrom	AMPR NET/ROM' \
        'packet	Packet sockets' \
        'rose	AMPR ROSE' \
        'sctp-remaddr	Remote addresses of SCTP associations' \
        'tipc	TIPC' \
        'unix	UNIX domain sockets' \
        'vsock	VM sockets' \
        'x25	CCITT X.25'
        contains -- (string split -f 1 \t -- $family) (string split , -- $before)
        or echo -- $before$family
    end
end

# the files and folders whose names end like this
function __netstat_paths -a end
    complete -C "'' $(__netstat_value)" | string match -r ".*$end\$"
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
complete -c netstat -l where -x -d 'only rows that fit, as \'state = LISTEN\''
complete -c netstat -l columns -x -d 'a table of these; --columns=help lists all'
complete -c netstat -l sort -x -d 'in this order; -KEY for largest first'
complete -c netstat -l limit -x -d 'only the first N rows'
complete -c netstat -l count -x -d 'how many rows of each, as --count=state'
complete -c netstat -l sum -x -d 'sums of these, as --sum=recv_q,send_q'
complete -c netstat -l no-header -d 'no titles and headers'
complete -c netstat -l color -f -a 'auto always never' -d 'colours: auto, always or never (default)'
complete -c netstat -l family -x -a '(__netstat_paths "(?:\.[jt]s|/)")' -d 'load an address family from a .js or .ts file'
complete -c netstat -l check-family -r -d 'try --family\'s file on a good table'
complete -c netstat -l family-types -d 'print the types for family files'
complete -c netstat -l root -x -a '(__netstat_paths /)' -d 'read /proc, /sys and /etc under DIR'
complete -c netstat -l source -x -a 'procfs netlink' -d 'take TCP sockets from procfs or netlink'
complete -c netstat -l resolve-timeout -x -d 'wait so long for host names (default 10)'

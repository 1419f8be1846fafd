# Routes of every kind, rules, neighbours and interfaces. What the kernel does not have is
# said behind "ready".
set -eu
export PATH=/usr/sbin:/sbin:$PATH
lacks=

try() {
  name=$1
  shift
  "$@" 2>/dev/null || lacks="$lacks $name"
}

ip link set lo up
ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip address add 192.0.2.1/24 dev v0
ip address add 2001:db8::1/64 dev v0 nodad
ip address add 198.51.100.1/24 dev v1
ip address add 2001:db8:1::1/64 dev v1 nodad

ip route add default via 192.0.2.254 proto dhcp src 192.0.2.1 metric 100
ip route add 10.1.0.0/16 via 192.0.2.3 table 100 mtu lock 1400 window 5000 rtt 20ms \
  rttvar 5ms ssthresh 30 cwnd 9 advmss 1300 reordering 4 hoplimit 33 initcwnd 20 \
  features ecn rto_min 50ms initrwnd 30 quickack 1 congctl cubic
ip route add throw 10.69.0.0/16 table 100
ip route add 10.2.0.0/16 via 192.0.2.3 dev v0 onlink table 5000 proto bird
ip route add 203.0.113.0/24 nexthop via 192.0.2.2 weight 1 \
  nexthop via 198.51.100.2 weight 3
ip route add blackhole 10.66.0.0/16
ip route add unreachable 10.67.0.0/16 metric 5
ip route add prohibit 10.68.0.0/16
ip route add 10.11.0.0/16 via inet6 2001:db8::5 dev v0
ip route add 10.12.0.0/16 via 192.0.2.7 tos 0x10 advmss 1000
ip route add 10.13.0.0/16 dev v0 realms 3/4 proto 77
try nexthop ip nexthop add id 1 via 192.0.2.9 dev v0
try nexthop ip nexthop add id 2 via 198.51.100.9 dev v1
try nexthop ip nexthop add id 3 blackhole
try nexthop ip nexthop add id 10 group 1,3/2
try nexthop ip route add 10.7.0.0/16 nhid 10
try nexthop ip route add 10.8.0.0/16 nhid 1
try nexthop ip route add 10.9.0.0/16 nhid 3
try encap ip route add 10.10.0.0/16 encap ip id 100 dst 9.9.9.9 dev v0
ip -6 route add 2001:db8:5::/48 nexthop via 2001:db8::2 dev v0 \
  nexthop via 2001:db8:1::2 dev v1 weight 2
ip -6 route add unreachable 2001:db8:7::/48
ip -6 route add blackhole 2001:db8:8::/48
ip -6 route add prohibit 2001:db8:9::/48
ip -6 route add 2001:db8:a::/48 via 2001:db8::3 dev v0 mtu 1300 table 100
ip -6 route add default via 2001:db8::ff dev v0 expires 300 pref high

ip rule add pref 100 from 10.0.0.0/8 lookup 100
ip rule add pref 200 fwmark 0x10/0xf0 iif v0 lookup 5000
ip rule add pref 300 to 10.3.0.0/16 blackhole
ip rule add pref 400 uidrange 1000-2000 ipproto tcp sport 1000 dport 80-90 \
  lookup main suppress_prefixlength 0
ip rule add pref 500 not from 1.2.3.4 goto 32766
ip rule add pref 600 tos 0x10 lookup 100
ip rule add pref 700 oif v9 unreachable
ip -6 rule add pref 10 from 2001:db8:77::/48 prohibit

ip neigh add 192.0.2.50 lladdr 02:00:00:00:00:01 dev v0 nud permanent
ip neigh add 192.0.2.51 lladdr 02:00:00:00:00:02 dev v0 nud reachable
ip neigh add 2001:db8::50 lladdr 02:00:00:00:00:03 dev v0 nud stale router \
  extern_learn
ip neigh add 192.0.2.52 lladdr 02:00:00:00:00:04 dev v0 nud noarp

try bridge ip link add br0 type bridge
ip link add p0 type veth peer name p1
try bridge ip link set p0 master br0
ip link set p0 up
ip link set p0 alias 'uplink of rack 7'
ip link property add dev p0 altname averylongalternativename0 altname second
try macvlan ip link add m0 link v0 type macvlan
try vlan ip link add link v0 name v0.5 type vlan id 5
try dummy ip link add dummy0 type dummy
try vrf ip link add vrf0 type vrf table 300
try vrf ip link set p1 master vrf0
ip address add 192.0.2.77/24 dev v0 label v0:1

echo "ready$lacks"
cat >/dev/null

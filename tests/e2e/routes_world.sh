# Sets up routes of every kind. Runs in mount and network namespaces of its own,
# whose names come from files in the folder $1; then waits for the end of stdin.
set -eu
folder=$1
for database in hosts networks passwd services protocols; do
  echo "$database: files"
done >"$folder/nsswitch.conf"
cat >"$folder/hosts" <<END
127.0.0.1 localhost
10.1.0.2 router.example.net router
10.1.0.77 a-station-with-a-very-long-name.example.net
2001:db8:1::2 router6.example.net
2001:db8:77::77 a-station-with-a-very-long-name-that-does-not-fit.example.net
END
cat >"$folder/networks" <<END
loopback 127.0.0.0
lab 10.1
remote-network-with-a-long-name 10.20.0.0
END
for file in nsswitch.conf hosts networks; do
  [ -e "/etc/$file" ] || touch "/etc/$file"
  mount --bind "$folder/$file" "/etc/$file"
done

ip link set lo up
ip link add name left type veth peer name right
ip link add name wlx00c0ca123456 type veth peer name other
for name in left right wlx00c0ca123456 other; do ip link set "$name" up; done

ip address add 10.1.0.1/24 dev left
ip address add 192.0.2.1/32 dev left
ip address add 172.16.5.1/20 dev wlx00c0ca123456
ip route add default via 10.1.0.2 metric 100
ip route add 10.20.0.0/16 via 10.1.0.2 advmss 1360 window 32767 rtt 250ms
ip route add 10.21.0.0/16 via 10.1.0.2 mtu 1400 metric 4278198272
ip route add 10.22.0.0/16 dev left scope link metric 20
ip route add 10.1.0.77/32 dev left
ip route add 198.51.100.0/24 via 10.1.0.77 onlink dev left
ip route add 10.23.1.0/24 nexthop via 10.1.0.2 dev left weight 1 \
  nexthop via 10.1.0.77 dev left weight 3
ip route add blackhole 10.30.0.0/16
ip route add unreachable 10.31.0.0/16 metric 7
ip route add prohibit 10.32.0.1/32
ip route add throw 10.33.0.0/16
ip route add 0.0.0.0/1 via 10.1.0.2
ip route add 128.0.0.0/1 dev wlx00c0ca123456

ip -6 address add 2001:db8:1::1/64 dev left nodad
ip -6 address add 2001:db8:5::1/48 dev wlx00c0ca123456 nodad
ip -6 route add default via 2001:db8:1::2 metric 1024
ip -6 route add 2001:db8:20::/48 via 2001:db8:1::2 advmss 1220 mtu 1300
ip -6 route add 2001:db8:21::/48 dev left metric 20
ip -6 route add 2001:db8:77::77/128 dev left
ip -6 route add ::ffff:192.0.2.0/120 via 2001:db8:1::2
ip -6 route add 2001:db8:23::/64 nexthop via 2001:db8:1::2 dev left \
  nexthop via 2001:db8:1::3 dev left
ip -6 route add blackhole 2001:db8:30::/48
ip -6 route add unreachable 2001:db8:31::/48 metric 7
ip -6 route add prohibit 2001:db8:32::1/128
ip -6 route add throw 2001:db8:33::/48

# link-local addresses are ready after a moment
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -n "$(ip -6 address show tentative)" ] || break
  sleep 0.2
done
echo ready
cat >/dev/null

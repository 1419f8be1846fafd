# Two interfaces, some routes, one server, and names as a machine has them that runs
# no service for them: files, then DNS, whose server (127.0.0.1) does not answer. Runs
# in mount and network namespaces of its own; files are made in the folder $1; waits
# for the end of stdin.
set -eu
folder=$1
{
  for database in passwd group networks services protocols; do
    echo "$database: files"
  done
  echo "hosts: files dns"
} >"$folder/nsswitch.conf"
echo "127.0.0.1 localhost" >"$folder/hosts"
echo "nameserver 127.0.0.1" >"$folder/resolv.conf"
for file in nsswitch.conf hosts resolv.conf; do
  [ -e "/etc/$file" ] || touch "/etc/$file"
  mount --bind "$folder/$file" "/etc/$file"
done

ip link set lo up
ip link add name left type veth peer name right
for name in left right; do ip link set "$name" up; done
ip address add 192.0.2.5/24 dev left
ip route add default via 192.0.2.1
ip route add 198.51.100.0/24 via 192.0.2.9
ip -6 address add 2001:db8::5/64 dev left nodad
ip -6 route add 2001:db8:1::/48 via 2001:db8::1

# another network namespace
unshare --net sleep 1000 &

exec python3 -c '
import socket, sys
server = socket.create_server(("127.0.0.1", 8080))
print("ready", flush=True)
sys.stdin.read()
'

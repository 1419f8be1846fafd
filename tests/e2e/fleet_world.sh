#!/bin/bash
# Three hosts on one bridge, web1, web2 and db1: each is a network namespace with an
# sshd and with programs that listen. fleet_world.sh FOLDER NETSTAT, in namespaces of
# its own; keys and what ssh and Ansible must know are below FOLDER. Ends, and all of
# it with it, when its standard input does.
set -euo pipefail
folder=$1
mkdir "$folder/bin"
ln -s "$2" "$folder/bin/netstat"
mount -t tmpfs none /run
mkdir -p /run/sshd /run/netns
ip link set lo up
ip link add lan type bridge
ip address add 192.0.2.1/24 dev lan
ip link set lan up
ssh-keygen -q -t ed25519 -N '' -f "$folder/host"
ssh-keygen -q -t ed25519 -N '' -f "$folder/user"
cat >"$folder/sshd_config" <<END
HostKey $folder/host
AddressFamily inet
AuthorizedKeysFile $folder/user.pub
StrictModes no
UsePAM no
PidFile none
SetEnv PATH=$folder/bin:/usr/bin:/bin
Subsystem sftp /usr/lib/openssh/sftp-server
END
cat >"$folder/ssh_config" <<END
Host *
  User root
  IdentityFile $folder/user
  UserKnownHostsFile $folder/known
END
echo '[fleet]' >"$folder/hosts.ini"

# host NAME ADDRESS PROGRAM:PORT...
host() {
  local name=$1 address=$2
  shift 2
  ip netns add "$name"
  ip link add "$name" type veth peer name eth0 netns "$name"
  ip link set "$name" master lan up
  ip -n "$name" address add "$address/24" dev eth0
  ip -n "$name" link set eth0 up
  ip -n "$name" link set lo up
  ip netns exec "$name" /usr/sbin/sshd -D -f "$folder/sshd_config" &
  for one; do
    ip netns exec "$name" bash -c 'exec -a "$0" /usr/bin/python3 -c "$2" "$1"' \
      "${one%:*}" "${one#*:}" '
import socket, sys, time
held = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=16)
time.sleep(1e6)' &
  done
  echo "$name ansible_host=$address" >>"$folder/hosts.ini"
  echo "$address $(cut -d ' ' -f 1,2 "$folder/host.pub")" >>"$folder/known"
}
host web1 192.0.2.11 nginx:80 nginx:443
host web2 192.0.2.12 nginx:80 nginx:443 python:8000
host db1 192.0.2.21 postgres:5432
trap 'kill $(jobs -p); wait' EXIT

for name in web1 web2 db1; do
  until [ "$(ip netns exec "$name" "$2" -tln --no-header | wc -l)" -ge 2 ]; do
    sleep 0.1
  done
done
sleep 0.2
echo ready
cat

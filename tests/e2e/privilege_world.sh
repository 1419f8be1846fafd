# A machine whose root lets the user `lent` run /mnt/ours/netstat and
# /mnt/theirs/netstat, by rules of sudo, doas and polkit, and the user `full` run all
# by sudo. Runs in mount, network and PID namespaces of its own. $1 is our executable,
# $2 the reference; waits for the end of stdin.
set -eu
mount -t tmpfs -o mode=755 none /mnt
mkdir /mnt/ours /mnt/theirs
cp "$1" /mnt/ours/netstat
cp "$2" /mnt/theirs/netstat
chmod 755 /mnt/*/netstat

cp -a /etc /mnt/etc
cd /mnt/etc
for user in lent:4711 full:4712; do
  name=${user%:*} id=${user#*:}
  echo "$name:x:$id:$id::/:/bin/sh" >>passwd
  echo "$name:x:$id:" >>group
  echo "$name:*:19000:0:99999:7:::" >>shadow
done
rm -rf sudoers.d polkit-1/rules.d netstat
mkdir -p polkit-1/rules.d netstat/families
cat >sudoers <<'RULES'
lent ALL = NOPASSWD: /mnt/ours/netstat, /mnt/theirs/netstat
root, full ALL = NOPASSWD: ALL
RULES
cat >doas.conf <<'RULES'
permit nopass keepenv lent as root cmd /mnt/ours/netstat
permit nopass keepenv lent as root cmd /mnt/theirs/netstat
RULES
cat >polkit-1/rules.d/1.rules <<'RULES'
polkit.addRule(function (action, subject) {
  return action.id == "org.freedesktop.policykit.exec" &&
      /^\/mnt\/\w+\/netstat$/.test(action.lookup("program")) &&
      subject.user == "lent" ? polkit.Result.YES : undefined;
});
RULES
chmod 440 sudoers
chmod 400 doas.conf
cd /
mount --bind /mnt/etc /etc

mount -t tmpfs -o mode=755 none /run
mkdir /run/dbus
ip link set lo up
ip link add name left type veth peer name right
ip address add 192.0.2.5/24 dev left
ip link set left up
ip route add default via 192.0.2.1

dbus-daemon --system --fork
/usr/lib/polkit-1/polkitd --no-debug >/dev/null 2>&1 &
exec python3 -c '
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", 8080))
unix = socket.socket(socket.AF_UNIX)
unix.bind("\0of root")
unix.listen()
# the authority has no other sign of being there
while os.system("dbus-send --system --print-reply --dest=org.freedesktop.PolicyKit1 "
                "/ org.freedesktop.DBus.Peer.Ping >/dev/null 2>&1") != 0:
    time.sleep(0.1)
print("ready", flush=True)
sys.stdin.read()
'

"""A machine whose sockets, routes and counters are known, until stdin closes.

Wants mount, network and PID namespaces of its own, and a folder as its argument. With
`past` behind that there are connections that are over, too, for a minute. Says `ready`
and, as JSON, the process ids of `nginx`, `curl` and `named`.
"""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time

FOLDER, *MORE = sys.argv[1:]

NAMES = {
    "nsswitch.conf": "hosts: files\npasswd: files\nservices: files\nnetworks: files\n",
    "hosts": "127.0.0.1 localhost\n10.9.0.1 server.example\n10.9.0.7 client.example\n",
    "services": "https 443/tcp\nhttp 80/tcp\ndomain 53/udp\n",
    "passwd": "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
    "networks": "",
}

for name, text in NAMES.items():
    with open(f"{FOLDER}/{name}", "w") as file:
        file.write(text)
    subprocess.run(["mount", "--bind", f"{FOLDER}/{name}", f"/etc/{name}"], check=True)


def ip(words):
    subprocess.run(["ip", *words.split()], check=True)


ip("link set lo up")
ip("link add wg0 type veth peer name wg1")
for device in "wg0", "wg1":
    # no frames but ours
    with open(f"/proc/sys/net/ipv6/conf/{device}/disable_ipv6", "w") as file:
        file.write("1")
    ip(f"link set {device} up")
ip("address add 10.9.0.1/24 dev wg0")
ip("address add 10.9.0.7/24 dev wg0")
ip("route add 10.20.0.0/16 via 10.9.0.254")
ip("route add 192.0.2.0/24 dev wg1")

for last in 253, 254:
    ip(f"neighbour add 10.9.0.{last} lladdr 00:00:5e:00:53:{last - 252:02x} dev wg0")

# nobody takes such frames: wg0 drops them
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
raw.bind(("wg1", 0))
for _ in range(3):
    raw.send(b"\xff" * 6 + bytes(6) + struct.pack("!H", 0x88B5) + bytes(50))
raw.close()

# a queue that is too short for those who come
short = socket.create_server(("127.0.0.1", 9000), backlog=0)
many = []
for _ in range(4):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(("127.0.0.1", 9000))
    many.append(one)
while True:
    with open("/proc/net/netstat") as file:
        names, values = [line.split() for line in file][:2]
    if int(values[names.index("ListenOverflows")]) > 0:
        break
    time.sleep(0.01)
for one in [short, *many]:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


def server(address, family=socket.AF_INET, **more):
    return socket.create_server(address, family=family, **more)


def connection(listener, near, far, family=socket.AF_INET):
    """Both ends of a connection from one address to another."""
    one = socket.socket(family)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(near)
    one.connect(far)
    return one, listener.accept()[0]


def unread(s, length):
    """Waits until so many bytes have come."""
    while len(s.recv(length, socket.MSG_PEEK)) < length:
        pass


https = server(("0.0.0.0", 443))
dual = server(("::", 80), socket.AF_INET6, dualstack_ipv6=True)
near, far = [], []
for client, host in [
    (("10.9.0.7", 40001), "10.9.0.1"),
    (("10.9.0.7", 40002), "10.9.0.1"),
    (("127.0.0.1", 40003), "127.0.0.1"),
]:
    one, other = connection(https, client, (host, 443))
    near.append(one)
    far.append(other)
# through the door of both
mapped, mapped_far = connection(dual, ("10.9.0.7", 40004), ("10.9.0.1", 80))
six, six_far = connection(dual, ("::1", 40005), ("::1", 80), socket.AF_INET6)
near += [mapped, six]
far += [mapped_far, six_far]
near[0].send(b"12345")
unread(far[0], 5)
far[1].send(bytes(100))
unread(near[1], 100)
# one that the other side has left
far[2].shutdown(socket.SHUT_WR)

dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
dns.bind(("127.0.0.1", 53))

listening = socket.socket(socket.AF_UNIX)
listening.bind(f"{FOLDER}/listening")
listening.listen()
datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
datagram.bind("\0datagram")

if "past" in MORE:
    for port in 41001, 41002, 41003:
        one, other = connection(https, ("10.9.0.7", port), ("10.9.0.1", 443))
        one.close()
        unread_end = other.recv(1)
        other.close()
    while open("/proc/net/tcp").read().count(" 06 ") < 3:
        time.sleep(0.01)


def program(name, sockets):
    """A process of this name that holds these sockets and nothing else does."""
    path = f"{FOLDER}/{name}"
    shutil.copy("/bin/sleep", path)
    ready, started = os.pipe()
    pid = os.fork()
    if pid == 0:
        for s in sockets:
            os.set_inheritable(s.fileno(), True)
        os.execv(path, [path, "100000"])
    os.close(started)
    os.read(ready, 1)  # it is closed by exec
    os.close(ready)
    for s in sockets:
        s.close()
    return pid


pids = {
    "nginx": program("nginx", [https, dual, *far, listening]),
    "curl": program("curl", near),
    "named": program("named", [dns, datagram]),
}


def references():
    """How many there are to each socket, but those of connections that are over."""
    lines = [line.split() for line in open("/proc/net/tcp")]
    return [line[10] for line in lines if line[3] != "06"]


# a timer that runs out lets go of its socket
before = None
while before != (before := references()):
    time.sleep(0.3)

print("ready", json.dumps(pids), flush=True)
sys.stdin.read()

"""Sockets, addresses and groups of each kind, few of each, until stdin closes.

Wants network, PID and mount namespaces of its own. What stands here is still: two
listings of it are the same.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys

# the other end is down, so that nothing is sent and no counter moves
IP = """link set lo up
link add name left mtu 1400 type veth peer name right
address add 192.0.2.1/24 dev left
address add 2001:db8::1/64 dev left nodad
link set left up
route add 198.51.100.0/24 via 192.0.2.254
route add 2001:db8:1::/48 via 2001:db8::ff
"""

subprocess.run(["ip", "-batch", "-"], input=IP.encode(), check=True)

kept = []


def make(family, kind, address=None, protocol=0, listen=False):
    made = socket.socket(family, kind, protocol)
    kept.append(made)
    if address is not None:
        made.bind(address)
    if listen:
        made.listen()
    return made


STREAM, DGRAM, RAW = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW

for number in range(3):
    make(socket.AF_INET, STREAM, ("127.0.0.1", 7000 + number), listen=True)
    make(socket.AF_INET6, STREAM, ("::1", 7100 + number), listen=True)
make(socket.AF_INET, STREAM, ("0.0.0.0", 22), listen=True)
make(socket.AF_INET6, STREAM, ("::", 80), listen=True)
make(socket.AF_INET, DGRAM, ("127.0.0.1", 53))
make(socket.AF_INET6, DGRAM, ("::1", 123))
make(socket.AF_INET, RAW, protocol=socket.IPPROTO_ICMP)
make(socket.AF_INET6, RAW, protocol=socket.IPPROTO_ICMPV6)
make(socket.AF_UNIX, STREAM, "\0faults-stream", listen=True)
make(socket.AF_UNIX, DGRAM, "\0faults-dgram")
make(socket.AF_UNIX, socket.SOCK_SEQPACKET, "\0faults-packets", listen=True)

group = make(socket.AF_INET, DGRAM)
group.setsockopt(
    socket.IPPROTO_IP,
    socket.IP_ADD_MEMBERSHIP,
    socket.inet_aton("239.1.2.3") + socket.inet_aton("192.0.2.1"),
)
group6 = make(socket.AF_INET6, DGRAM)
group6.setsockopt(
    socket.IPPROTO_IPV6,
    socket.IPV6_JOIN_GROUP,
    socket.inet_pton(socket.AF_INET6, "ff05::1:3") +
    struct.pack("@I", socket.if_nametoindex("left")),
)

# two other network namespaces: nobody is in the first one, a process in the second one
libc = ctypes.CDLL(None)


def elsewhere():
    assert libc.unshare(0x40000000) == 0
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    make(socket.AF_INET, STREAM, ("127.0.0.1", 7300), listen=True)


os.makedirs("/run/netns", exist_ok=True)
assert libc.mount(b"none", b"/run/netns", b"tmpfs", 0, None) == 0
subprocess.run(["ip", "netns", "add", "alone"], check=True)
made, tell = os.pipe()
if os.fork() == 0:
    elsewhere()
    os.write(tell, b".")
    os.close(tell)
    sys.stdin.read()
    os._exit(0)
os.close(tell)
assert os.read(made, 1) == b"."
os.close(made)

# a second process, which holds the same and one of its own
if os.fork() == 0:
    make(socket.AF_INET, STREAM, ("127.0.0.1", 7200), listen=True)
    os.write(1, b"ready\n")
    sys.stdin.read()
    os._exit(0)
sys.stdin.read()

"""Makes TCP, UDP and UNIX sockets in every state, of which `ss` prints all that it can print
here, says "ready" and what this kernel lacks, and keeps them until stdin ends. Wants a
network namespace of its own.

Packets to 10.9.0.2 go through a TUN device and come back as if from there: this program
hands them back late, in another order, or not at all.
"""

import fcntl
import heapq
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

LO = "127.0.0.1"
OWN = "10.9.0.1"
FAR = "10.9.0.2"
TCP = socket.IPPROTO_TCP
SO_BINDTODEVICE = 25
SO_MARK = 36
SO_MAX_PACING_RATE = 47
IP_TOS = 1
IP_FREEBIND = 15
IP_TRANSPARENT = 19
IPV6_TCLASS = 67
TCP_DEFER_ACCEPT = 9
TCP_CONGESTION = 13
TCP_MD5SIG = 14
TCP_FASTOPEN = 23
MSG_FASTOPEN = 0x20000000
IPPROTO_MPTCP = 262
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001

# ports through the TUN device whose packets are in another order, or stuck
REORDERED = 4001
STUCK = 4002
LATE = 4003
DELAY = 0.02

held = []
lacks = []


def run(*words):
    subprocess.run(words, check=True)


def made(family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0, options=()):
    one = socket.socket(family, kind, protocol)
    held.append(one)
    for option in options:
        one.setsockopt(*option)
    return one


def listener(address, backlog=16, family=socket.AF_INET, protocol=0, options=()):
    one = made(family, protocol=protocol, options=options)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(address)
    one.listen(backlog)
    return one


def pair(server, target=None, options=(), protocol=0, keep=True):
    """Both ends of a connection."""
    near = socket.socket(server.family, socket.SOCK_STREAM, protocol)
    for option in options:
        near.setsockopt(*option)
    near.connect(target or server.getsockname())
    far = server.accept()[0]
    if keep:
        held.extend([near, far])
    return near, far


def move(near, far, size):
    """Sends so many bytes, all of which are read."""
    def read():
        left = size
        while left > 0:
            left -= len(far.recv(65536))
    reader = threading.Thread(target=read)
    reader.start()
    near.sendall(bytes(size))
    reader.join()


def stuff(near):
    near.setblocking(False)
    try:
        while True:
            near.send(bytes(65536))
    except BlockingIOError:
        pass


def knock(address):
    one = made()
    one.setblocking(False)
    one.connect_ex(address)


def drop(rule):
    run("nft", *f"add rule inet world out tcp {rule} drop".split())


class Wire(threading.Thread):
    """The TUN device, and what comes back from it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.fd = os.open("/dev/net/tun", os.O_RDWR)
        name = struct.pack("16sH22x", b"wire", IFF_TUN_NO_PI)
        fcntl.ioctl(self.fd, TUNSETIFF, name)
        run("ip", "addr", "add", f"{OWN}/24", "dev", "wire")
        run("ip", "link", "set", "wire", "up", "mtu", "1500")
        self.waiting = []
        self.count = 0
        self.stuck = None

    def run(self):
        while True:
            left = self.waiting[0][0] - time.monotonic() if self.waiting else 1
            if select.select([self.fd], [], [], max(left, 0))[0]:
                self.take(os.read(self.fd, 65536))
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                os.write(self.fd, heapq.heappop(self.waiting)[2])

    def take(self, packet):
        # of IPv4 without options, as TCP sends it
        if packet[0] != 0x45 or packet[9] != TCP:
            return
        source, target, seq = struct.unpack(">HHI", packet[20:28])
        size = len(packet) - 20 - (packet[32] >> 4) * 4
        self.count += 1
        delay = DELAY
        if target == REORDERED and self.count % 17 == 0:
            delay *= 2
        if target == STUCK and size > 0:
            self.stuck = self.stuck or seq
            if seq == self.stuck:
                return
        # the other end is this one
        back = packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
        heapq.heappush(self.waiting, (time.monotonic() + delay, self.count, back))


def states():
    """Listeners of all kinds, and sockets in every state."""
    queue = listener((LO, 1000), 7)
    for _ in range(3):
        made().connect(queue.getsockname())
    listener(("::1", 1001), family=socket.AF_INET6,
             options=[(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)])
    dual = listener(("::", 1002), family=socket.AF_INET6)
    pair(dual, ("::1", 1002), [(socket.IPPROTO_IPV6, IPV6_TCLASS, 0x48)])
    held.append(socket.create_connection((LO, 1002)))
    held.append(dual.accept()[0])
    listener(("0.0.0.0", 1003), options=[
        (socket.SOL_SOCKET, SO_MARK, 42), (socket.IPPROTO_IP, IP_TOS, 0x28)])
    listener((LO, 1004), options=[
        (socket.IPPROTO_IP, IP_TRANSPARENT, 1), (socket.IPPROTO_IP, IP_FREEBIND, 1)])
    listener((LO, 1005), options=[(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo")])
    os.fchown(listener((LO, 1006)).fileno(), 1000, -1)
    # its connections are half open until they send something
    deferring = listener((LO, 1007), options=[(TCP, TCP_DEFER_ACCEPT, 600)])
    made().connect(deferring.getsockname())
    made().bind((LO, 1008))

    server = listener((LO, 1010))
    pair(server)[0].shutdown(socket.SHUT_WR)
    near, far = pair(server, keep=False)
    near.close()
    held.append(far)
    near, far = pair(server, keep=False)
    near.close()
    far.close()
    stuff(pair(server)[0])
    pair(server, options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)])

    server = listener((LO, 1011))
    near, far = pair(server, keep=False)
    held.append(far)
    drop("dport 1011")
    near.close()
    server = listener((LO, 1012))
    near, far = pair(server, keep=False)
    drop("dport 1012")
    near.close()
    time.sleep(0.05)
    far.close()
    server = listener((LO, 1013))
    near, far = pair(server, keep=False)
    near.close()
    time.sleep(0.05)
    drop("sport 1013")
    far.close()
    server = listener((LO, 1014))
    near, far = pair(server)
    move(near, far, 1000)
    drop("dport 1014")
    near.sendall(bytes(30000))
    drop("dport 1015")
    knock((LO, 1015))
    listener((LO, 1016))
    drop("sport 1016 tcp flags & (syn | ack) == syn | ack")
    knock((LO, 1016))


def traffic():
    """What moved data, with each algorithm of congestion control."""
    server = listener((LO, 2000))
    for name in (b"bbr", b"cubic", b"reno"):
        try:
            near, far = pair(server, options=[(TCP, TCP_CONGESTION, name)])
        except OSError:
            lacks.append(name.decode())
            continue
        move(near, far, 300_000)
        move(far, near, 20_000)
    rate = [(socket.SOL_SOCKET, SO_MAX_PACING_RATE, 10_000_000)]
    move(*pair(server, options=rate), 50_000)
    with open("/proc/sys/net/ipv4/tcp_ecn", "w") as file:
        file.write("1")
    run("nft", *("add rule inet world out tcp dport 2001 "
                 "tcp flags & syn == 0 ip ecn set ce").split())
    move(*pair(listener((LO, 2001))), 200_000)
    with open("/proc/sys/net/ipv4/tcp_ecn", "w") as file:
        file.write("2")
    run("nft", *("add rule inet world out tcp dport 2002 "
                 "numgen random mod 100 < 8 drop").split())
    move(*pair(listener((LO, 2002)), options=[(TCP, TCP_CONGESTION, b"cubic")]),
         20_000_000)
    with open("/proc/sys/net/ipv4/tcp_fastopen", "w") as file:
        file.write("0x607")
    opening = listener((LO, 2003), options=[(TCP, TCP_FASTOPEN, 5)])
    near = made()
    near.sendto(b"in the SYN", MSG_FASTOPEN, opening.getsockname())
    held.append(opening.accept()[0])
    unread = pair(server)[0]
    unread.send(b"unread")


def wires():
    """What is late, in another order, or does not arrive."""
    Wire().start()
    cubic = [(TCP, TCP_CONGESTION, b"cubic")]
    move(*pair(listener((OWN, REORDERED)), (FAR, REORDERED), cubic), 2_000_000)
    small = [*cubic, (socket.SOL_SOCKET, socket.SO_SNDBUF, 30_000)]
    move(*pair(listener((OWN, LATE)), (FAR, LATE), small), 1_000_000)
    server = listener((OWN, LATE + 1),
                      options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 6000)])
    move(*pair(server, (FAR, LATE + 1), cubic), 100_000)
    near, _ = pair(listener((OWN, STUCK)), (FAR, STUCK), cubic)
    near.sendall(bytes(12_000))


def mptcp():
    server = listener((LO, 3000), protocol=IPPROTO_MPTCP)
    near, far = pair(server, protocol=IPPROTO_MPTCP)
    near.send(b"many ways")
    far.recv(4)
    # one that is no more than TCP
    pair(server)


def signed():
    server = listener((LO, 179))
    near = made()
    for one in (server, near):
        address = struct.pack("=H2x4s120x", socket.AF_INET, socket.inet_aton(LO))
        key = b"a secret key"
        option = address + struct.pack("=BBHI80s", 0, 0, len(key), 0, key)
        one.setsockopt(TCP, TCP_MD5SIG, option)
    near.connect(server.getsockname())
    held.append(server.accept()[0])


def datagrams():
    kind = socket.SOCK_DGRAM
    server = made(kind=kind)
    server.bind((LO, 5000))
    near = made(kind=kind)
    near.connect((LO, 5000))
    near.send(b"a datagram")
    full = made(kind=kind, options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)])
    full.bind((LO, 5001))
    for _ in range(20):
        near.sendto(bytes(500), (LO, 5001))
    made(socket.AF_INET6, kind).bind(("::1", 5002))
    made(socket.AF_INET6, kind, options=[
        (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)]).bind(("::", 5003))
    other = made(kind=kind, options=[
        (socket.SOL_SOCKET, SO_MARK, 7), (socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo")])
    os.fchown(other.fileno(), 1000, -1)
    other.bind((LO, 5004))


def unix(folder):
    stream = listener(f"{folder}/stream", 4, socket.AF_UNIX)
    near, far = pair(stream)
    near.send(b"123")
    for _ in range(2):
        made(socket.AF_UNIX).connect(f"{folder}/stream")
    listener(b"\0abstract", 4, socket.AF_UNIX)
    log = made(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(f"{folder}/dgram")
    sender = made(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(f"{folder}/dgram")
    sender.send(b"a datagram")
    for shut in (socket.SHUT_WR, socket.SHUT_RD):
        one, other = socket.socketpair()
        one.shutdown(shut)
        held.extend([one, other])
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    other.close()
    held.append(one)


def perhaps(make):
    try:
        make()
    except OSError:
        lacks.append(make.__name__)


run("ip", "link", "set", "lo", "up")
run("nft", "add table inet world")
run("nft", "add chain inet world out { type filter hook output priority 0; }")
with tempfile.TemporaryDirectory() as folder:
    states()
    traffic()
    wires()
    datagrams()
    unix(folder)
    perhaps(mptcp)
    perhaps(signed)
    # what is sent again and again is so ever more rarely
    time.sleep(3)
    print("ready", *lacks, flush=True)
    sys.stdin.read()

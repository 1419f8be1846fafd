"""Makes sockets of the families that sock_diag tells of, says "ready" and what the kernel
does not have, and keeps them until stdin ends. Wants a network namespace of its own.
"""

import socket
import struct
import subprocess
import sys
import tempfile

LO = "127.0.0.1"
SO_MARK = 36
SO_BINDTODEVICE = 25
IPPROTO_MPTCP = 262
TCP_MD5SIG = 14
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_MR_PROMISC = 1
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1

held = []
lacks = []


def made(family, kind, protocol=0):
    one = socket.socket(family, kind, protocol)
    held.append(one)
    return one


def listener(family, address, backlog=16, protocol=0):
    one = made(family, socket.SOCK_STREAM, protocol)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(address)
    one.listen(backlog)
    return one


def client(family, address, protocol=0, mark=0):
    one = made(family, socket.SOCK_STREAM, protocol)
    if mark:
        one.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
    one.connect(address)
    return one


def accepted(one):
    held.append(one.accept()[0])
    return held[-1]


def tcp():
    queue = listener(socket.AF_INET, (LO, 22), backlog=5)
    for _ in range(3):
        client(socket.AF_INET, queue.getsockname()).send(b"hello")

    server = listener(socket.AF_INET, (LO, 8080))
    for size in (0, 1000, 50000):
        near = client(socket.AF_INET, server.getsockname(), mark=42)
        far = accepted(server)
        far.setblocking(False)
        near.setblocking(False)
        if size:
            near.send(bytes(size))
            far.send(b"answer")
    half = client(socket.AF_INET, server.getsockname())
    accepted(server)
    half.shutdown(socket.SHUT_WR)
    past = client(socket.AF_INET, server.getsockname())
    end = accepted(server)
    past.close()
    end.close()

    dual = listener(socket.AF_INET6, ("::", 80))
    client(socket.AF_INET6, ("::1", 80))
    client(socket.AF_INET, (LO, 80))
    accepted(dual)
    accepted(dual)
    device = made(socket.AF_INET, socket.SOCK_STREAM)
    device.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo")
    device.bind((LO, 443))
    device.listen(1)
    made(socket.AF_INET, socket.SOCK_STREAM).bind((LO, 65535))


def signed():
    """Connections whose segments are signed by a key, which is a secret."""
    server = listener(socket.AF_INET, (LO, 179))
    near = made(socket.AF_INET, socket.SOCK_STREAM)
    for one in (server, near):
        address = struct.pack("=H2x4s120x", socket.AF_INET, socket.inet_aton(LO))
        key = b"a secret key"
        option = address + struct.pack("=BBHI80s", 0, 0, len(key), 0, key)
        one.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, option)
    near.connect(server.getsockname())
    accepted(server)


def mptcp():
    server = listener(socket.AF_INET, (LO, 7000), protocol=IPPROTO_MPTCP)
    client(socket.AF_INET, server.getsockname(), IPPROTO_MPTCP).send(b"many ways")
    accepted(server).recv(4)


def udp():
    server = made(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((LO, 5000))
    near = made(socket.AF_INET, socket.SOCK_DGRAM)
    near.connect((LO, 5000))
    near.send(b"a datagram")
    made(socket.AF_INET6, socket.SOCK_DGRAM).bind(("::1", 5001))


def unix(folder):
    path = f"{folder}/stream"
    server = listener(socket.AF_UNIX, path, backlog=4)
    client(socket.AF_UNIX, path)
    accepted(server)
    client(socket.AF_UNIX, path).send(b"not accepted")
    listener(socket.AF_UNIX, b"\0a\0name\0")
    log = made(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(f"{folder}/dgram")
    sender = made(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(f"{folder}/dgram")
    sender.send(b"a datagram")


def packet():
    all_packets = 3
    one = made(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(all_packets))
    one.bind(("lo", all_packets))
    index = socket.if_nametoindex("lo")
    promiscuous = struct.pack("IHH8s", index, PACKET_MR_PROMISC, 0, b"")
    one.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous)
    made(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x88CC))


def netlink():
    one = made(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    one.bind((0, 0))
    for group in (1, 33):
        one.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)


def perhaps(make):
    try:
        make()
    except OSError:
        lacks.append(make.__name__)


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with tempfile.TemporaryDirectory() as folder:
    tcp()
    udp()
    unix(folder)
    packet()
    netlink()
    perhaps(mptcp)
    perhaps(signed)
    print("ready", *lacks, flush=True)
    sys.stdin.read()

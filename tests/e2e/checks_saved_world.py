"""A network in which checks that look around sockets have something to find. What it is
told to do it does when a line of its standard input says so.
"""

import os
import socket
import subprocess
import sys
import threading
import time

UNKNOWN_PROTOCOL = 0x88B5


def ip(line):
    subprocess.run(["ip", *line.split()], check=True)


for line in """
    link set lo up
    link add v0 type veth peer name v1
    link set v0 up
    link set v1 up
    addr add 192.0.2.1/24 dev v0
    route add default via 192.0.2.9
""".strip().split("\n"):
    ip(line)

held = []


def drop():
    """Datagrams for a socket that nobody reads, and frames of no known protocol."""
    deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.bind(("127.0.0.1", 1201))
    held.append(deaf)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    raw.bind(("v0", 0))
    frame = b"\xff" * 6 + b"\2" + b"\0" * 5 + UNKNOWN_PROTOCOL.to_bytes(2, "big")

    def go():
        while True:
            sender.sendto(b"x" * 512, ("127.0.0.1", 1201))
            raw.send(frame + b"\0" * 46)
            time.sleep(0.01)

    threading.Thread(target=go, daemon=True).start()
    # until the socket is full
    time.sleep(0.3)


def ill():
    """One of each that one look tells."""
    full = socket.create_server(("0.0.0.0", 1202), backlog=1)
    held.append(full)
    for _ in range(3):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", 1202))
        held.append(one)
    closing = socket.create_server(("127.0.0.1", 1203))
    client = socket.create_connection(("127.0.0.1", 1203))
    held.extend([closing, closing.accept()[0]])
    # the other end waits in FIN_WAIT2, and this one in CLOSE_WAIT
    client.shutdown(socket.SHUT_WR)
    held.append(client)
    path = socket.socket(socket.AF_UNIX)
    path.bind("\0full")
    path.listen(0)
    one = socket.socket(socket.AF_UNIX)
    one.connect("\0full")
    held.extend([path, one])
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sniffer.bind(("v0", 3))
    held.append(sniffer)
    ip("link set v0 promisc on")
    ip("route del default")
    time.sleep(0.3)


print("ready", flush=True)
for line in sys.stdin:
    word = line.strip()
    if word in ("drop", "ill"):
        {"drop": drop, "ill": ill}[word]()
    else:
        ip(word)
    print("done", flush=True)
os._exit(0)

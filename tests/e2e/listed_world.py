"""Makes sockets of the families that files only count, says "ready" and what the kernel
does not have, as JSON, and keeps them until stdin ends. Wants a network namespace of its
own.
"""

import json
import os
import socket
import subprocess
import sys
import time

LO = "127.0.0.1"
OTHER = "127.0.0.9"
IPPROTO_MPTCP = 262
AF_TIPC = 30
AF_VSOCK = 40
AF_SMC = 43
AF_XDP = 44
VMADDR_CID_ANY = 0xFFFFFFFF

held = []
lacks = []


def made(family, kind, protocol=0):
    one = socket.socket(family, kind, protocol)
    held.append(one)
    return one


def way(family, host):
    """A listener, a connection to it with data on the way, and one not accepted."""
    server = made(family, socket.SOCK_STREAM, IPPROTO_MPTCP)
    server.bind((host, 7000))
    server.listen(5)
    near = made(family, socket.SOCK_STREAM, IPPROTO_MPTCP)
    near.connect((host, 7000))
    far = server.accept()[0]
    held.append(far)
    near.send(b"many ways")
    far.recv(4)
    made(family, socket.SOCK_STREAM, IPPROTO_MPTCP).connect((host, 7000))


def mptcp():
    for command in (
        "limits set subflow 2 add_addr_accepted 2",
        f"endpoint add {OTHER} dev lo subflow",
    ):
        subprocess.run(["ip", "mptcp", *command.split()], check=True)
    way(socket.AF_INET, LO)
    way(socket.AF_INET6, "::1")


def vsock():
    made(AF_VSOCK, socket.SOCK_STREAM).bind((VMADDR_CID_ANY, 7000))
    held[-1].listen(1)


def tipc():
    made(AF_TIPC, socket.SOCK_SEQPACKET)


def smc():
    made(AF_SMC, socket.SOCK_STREAM)


def xdp():
    made(AF_XDP, socket.SOCK_RAW)


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for make in (mptcp, vsock, tipc, smc, xdp):
    try:
        make()
    except OSError:
        lacks.append(make.__name__)
# subflows join a moment later
time.sleep(0.5)
print("ready", json.dumps({"pid": os.getpid(), "lacks": lacks}), flush=True)
sys.stdin.read()

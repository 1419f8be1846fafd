"""Processes and sockets that come and go until stdin closes.

Wants network and PID namespaces of its own, in which `lo` is up and it is the first
process. Its argument is a file: each descriptor of a socket that any process ever had
is a line there, `PID DESCRIPTOR INODE`.
"""

import os
import random
import select
import socket
import struct
import sys
import time

WORKERS = 2

log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def tell(sockets):
    lines = (f"{os.getpid()} {s.fileno()} {os.fstat(s.fileno()).st_ino}\n" for s in sockets)
    os.write(log, "".join(lines).encode())


def make():
    """Sockets of several kinds. Those of the Internet are told before they are listed."""
    listener = socket.socket()
    tell([listener])
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.socket()
    tell([client])
    client.connect(listener.getsockname())
    peer, _ = listener.accept()
    tell([peer])
    for end in client, peer:
        # nothing is left of the connection when it is closed
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    tell([datagrams])
    datagrams.bind(("::1", 0))

    local = socket.socket(socket.AF_UNIX)
    local.bind("")
    local.listen()
    ends = socket.socketpair()
    tell([local, *ends])
    return [listener, client, peer, datagrams, local, *ends]


def live(depth, inherited=()):
    """The life of a process: makes sockets, closes some, has a child, and ends."""
    random.seed(os.getpid())
    tell(inherited)
    sockets = make()
    for s in random.sample(sockets, 3):
        sockets.remove(s)
        s.close()
    sockets += make()
    if depth > 0 and random.random() < 0.6:
        if os.fork() == 0:
            live(depth - 1, [*inherited, *sockets])
    if random.random() < 0.2:
        for s in sockets:
            s.set_inheritable(True)
        os.execv("/bin/sleep", ["sleep", "0.02"])
    time.sleep(random.random() / 50)
    os._exit(0)


def work(stop):
    while not select.select([stop], [], [], 0)[0]:
        pid = os.fork()
        if pid == 0:
            live(2)
        # some are not waited for at once
        time.sleep(random.random() / 100)
        os.waitpid(pid, 0)
    os._exit(0)


os.nice(10)
stop, still = os.pipe()
for _ in range(WORKERS):
    if os.fork() == 0:
        os.close(still)
        work(stop)
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0.01)[0]:
    # children of children are left to the first process
    while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG) is not None:
        pass
os.close(still)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass

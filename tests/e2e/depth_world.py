"""Makes sockets whose ends are on this machine, UNIX sockets whose names look like rows of
the kernel's, and one of a protocol that the kernel may not tell of over netlink. Says
"ready" and facts about them as JSON, and keeps them until stdin ends. Wants a network
namespace of its own; the first argument is a folder, the second a user.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys

LO = "127.0.0.1"
OSPF = 89
PR_SET_DUMPABLE = 4

held = []
folder, user = sys.argv[1], int(sys.argv[2])


def made(family, kind, protocol=0):
    one = socket.socket(family, kind, protocol)
    held.append(one)
    return one


def inode(one):
    return os.fstat(one.fileno()).st_ino


def bound(name, kind=socket.SOCK_STREAM):
    one = made(socket.AF_UNIX, kind)
    one.bind(name)
    return one


def row(number, name, state="01", references=2, flags=0):
    return f"0000000000000000: {references:08X} 00000000 {flags:08X} 0001 {state} {number} {name}"


def short(number, name):
    """A row of a few bytes, which net-tools takes, too."""
    return f"0:2 0 0 1 1 {number} {name}"


def forged(facts):
    real = bound(f"{folder}/real")
    real.listen(5)
    facts["real"] = inode(real)
    client = made(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(f"{folder}/real")
    facts["waiting"] = inode(client)
    names = [
        # a socket that there is not, one that there is, one that waits
        "\0x\n" + row(4711, "/forged"),
        "\0y\n" + row(inode(real), "/forged", references=77),
        "\0z\n" + row(0, "/forged", state="02"),
        "\0" + "\n".join(["w", short(4712, "/forged"), short(0, "/forged"), ""]),
        "\0\n\n" + short(inode(real), "/forged") + "\n",
        "\0" + "\n" * 107,
    ]
    facts["names"] = {inode(bound(name)): name for name in names}
    os.chdir(folder)
    path = "p\n" + row(4713, "forged")
    facts["path"] = path
    listening = bound(path)
    listening.listen(5)
    # whose other end has the name of the one that listens
    client = made(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(path)
    facts["names"][inode(listening)] = path
    facts["clients"] = [facts["waiting"], inode(client)]


def ends(facts):
    tcp = made(socket.AF_INET6, socket.SOCK_STREAM)
    tcp.bind(("::", 8080))
    tcp.listen(9)
    near = made(socket.AF_INET, socket.SOCK_STREAM)
    near.connect((LO, 8080))
    far = tcp.accept()[0]
    held.append(far)
    late = made(socket.AF_INET, socket.SOCK_STREAM)
    late.connect((LO, 8080))
    facts["tcp"] = {
        inode(near): [inode(far), os.getpid()],
        inode(far): [inode(near), os.getpid()],
        inode(late): [0, os.getpid()],
    }
    facts["tcp_listener"] = inode(tcp)
    server = made(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((LO, 5353))
    client = made(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((LO, 5353))
    facts["udp"] = {inode(client): [inode(server), os.getpid()]}
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    held.extend([one, other])
    log = bound("\0log\0", socket.SOCK_DGRAM)
    facts["unix"] = {
        inode(one): [inode(other), None],
        inode(other): [inode(one), None],
    }
    senders = [made(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
    for sender in senders:
        sender.connect("\0log\0")
        facts["unix"][inode(sender)] = [inode(log), "\0log\0"]
    facts["log"] = inode(log)


def drops(facts):
    """A socket that drops what comes: its buffer is full."""
    server = made(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    server.bind((LO, 9999))
    client = made(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((LO, 9999))
    for _ in range(100):
        client.send(bytes(1000))
    facts["drops"] = inode(server)


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
facts = {"pid": os.getpid()}
made(socket.AF_INET, socket.SOCK_RAW, OSPF)
os.setgid(user)
os.setuid(user)
# so that the user sees what its own process has
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1)
forged(facts)
ends(facts)
drops(facts)
print("ready", json.dumps(facts), flush=True)
sys.stdin.read()

"""Network namespaces of every kind, until stdin closes.

Wants network, mount and PID namespaces of its own, in which it is the first process. It
says `ready` and what there is, as JSON: the number and the sockets of each namespace, each
with its port and the process that has it. With `churn` as its argument, others come and go
besides.
"""

import ctypes
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

NAMED = 20
NEWNET = 0x40000000
NEWNS = 0x20000
BIND = 0x1000
DETACH = 2
# a namespace that comes and goes has its own port
CHURN = 300
CHURN_PORT = 20000
WORKERS = 10

libc = ctypes.CDLL(None, use_errno=True)


def must(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def number(path):
    return os.stat(path).st_ino


def enter(path):
    fd = os.open(path, os.O_RDONLY)
    must(libc.setns(fd, NEWNET))
    os.close(fd)


def up():
    """Switches `lo` on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        request = struct.pack("16sh", b"lo", 1)
        fcntl.ioctl(asking, 0x8914, request.ljust(40, b"\0"))


def listen(port, address="127.0.0.1"):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen()
    return listener


def mount(source, target):
    open(target, "w").close()
    must(libc.mount(source.encode(), target.encode(), b"", BIND, None))


def child(work):
    """Starts a process that does this, and lives until it is ended. Returns its pid."""
    done, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(done)
        kept = work()
        os.write(say, b".")
        os.close(say)
        time.sleep(3600)
        os._exit(len(kept or ()))
    os.close(say)
    assert os.read(done, 1) == b"."
    os.close(done)
    return pid


def within(name, ports, peer=None):
    def work():
        enter(f"/run/netns/{name}")
        kept = [listen(port, address) for port, address in ports]
        if peer is not None:
            kept.append(socket.create_connection(peer))
        return kept
    return child(work)


def ip(*lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)


world = {"namespaces": {}, "sockets": []}


def tell(name, port, pid):
    world["sockets"].append({"name": name, "port": port, "pid": pid})


def known(name, inode, processes):
    world["namespaces"][name] = {"inode": inode, "processes": processes}


os.makedirs("/run/netns", exist_ok=True)
must(libc.mount(b"tmpfs", b"/run/netns", b"tmpfs", 0, None))
names = [f"w{i}" for i in range(NAMED)]
ip(*[f"netns add {name}" for name in [*names, "alone"]])
ip(
    "link add near netns w0 type veth peer name far netns w1",
    "link add lost netns alone type veth peer name found netns w2",
)
for name in names:
    subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
for name, device, address in ("w0", "near", "10.9.0.1/24"), ("w1", "far", "10.9.0.2/24"):
    subprocess.run(["ip", "-n", name, "addr", "add", address, "dev", device], check=True)
    subprocess.run(["ip", "-n", name, "link", "set", device, "up"], check=True)

for i, name in enumerate(names):
    address = "10.9.0.1" if i == 0 else "127.0.0.1"
    one = within(name, [(8000 + i, "127.0.0.1"), (9000 + i, address)])
    peer = ("10.9.0.1", 9000) if i == 1 else (address, 9000 + i)
    two = within(name, [(8100 + i, "127.0.0.1")], peer)
    tell(name, 8000 + i, one)
    tell(name, 9000 + i, one)
    tell(name, 8100 + i, two)
    known(name, number(f"/run/netns/{name}"), 2)

# one that is mounted, and nobody is in it
known("alone", number("/run/netns/alone"), 0)


# one that only a descriptor holds
def hold():
    must(libc.unshare(NEWNET))
    up()


holder_of = child(hold)
held = os.open(f"/proc/{holder_of}/ns/net", os.O_RDONLY)
os.kill(holder_of, 9)
os.waitpid(holder_of, 0)
known("held", os.fstat(held).st_ino, 0)


# one that has no name
def unnamed():
    must(libc.unshare(NEWNET))
    up()
    return [listen(7001)]


pid = child(unnamed)
known("unnamed", number(f"/proc/{pid}/ns/net"), 1)
tell("unnamed", 7001, pid)


# one that only a thread is in
def threaded():
    ready = threading.Event()

    def elsewhere():
        must(libc.unshare(NEWNET))
        up()
        kept.append(listen(7002))
        with open("/mnt/thread", "w") as told:
            told.write(str(number("/proc/thread-self/ns/net")))
        ready.set()
        time.sleep(3600)

    kept = []
    threading.Thread(target=elsewhere, daemon=True).start()
    ready.wait()
    return kept


must(libc.mount(b"tmpfs", b"/mnt", b"tmpfs", 0, None))
pid = child(threaded)
known("thread", int(open("/mnt/thread").read()), 1)
tell("thread", 7002, pid)


# one that is mounted only in another mount namespace
def hidden():
    must(libc.unshare(NEWNS))
    must(libc.mount(b"none", b"/", None, 0x44000, None))
    subprocess.run(["ip", "netns", "add", "hidden"], check=True)
    with open("/mnt/hidden", "w") as told:
        told.write(str(number("/run/netns/hidden")))


child(hidden)
known("hidden", int(open("/mnt/hidden").read()), 0)

host = listen(7000, "0.0.0.0")
tell("host", 7000, os.getpid())
known("host", number("/proc/self/ns/net"), None)


def churn(first, step):
    """Namespaces that come and go, each with its name, two processes and a socket."""
    i = first
    while True:
        name, path = f"c{i}", f"/run/netns/c{i}"
        done, say = os.pipe()
        pid = os.fork()
        if pid == 0:
            must(libc.unshare(NEWNET))
            up()
            kept = listen(CHURN_PORT + i)
            if os.fork() == 0:
                time.sleep(0.15)
                os._exit(kept.fileno() * 0)
            os.write(say, b".")
            time.sleep(0.1)
            os._exit(0)
        os.close(say)
        os.read(done, 1)
        os.close(done)
        try:
            mount(f"/proc/{pid}/ns/net", path)
            time.sleep(0.05)
        except OSError:
            pass
        if i % 3 != 0:
            os.waitpid(pid, 0)
        libc.umount2(path.encode(), DETACH)
        os.unlink(path)
        if i % 3 == 0:
            os.waitpid(pid, 0)
        i = (i + step) % CHURN


if "churn" in sys.argv:
    for first in range(WORKERS):
        if os.fork() == 0:
            churn(first, WORKERS)

print("ready " + json.dumps(world), flush=True)
while not select.select([sys.stdin], [], [], 0.01)[0]:
    # children of children are left to the first process
    while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG) is not None:
        pass

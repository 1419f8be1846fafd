"""Sockets that are held in many ways, until stdin closes.

Wants network and PID namespaces of its own, in which `lo` is up and it is the first
process, so that all others end with it. Says `ready` and, as
JSON, for each local port of a listener who holds it: process, descriptor, inode, comm,
command line and effective user id.
"""

import array
import ctypes
import json
import os
import signal
import socket
import sys
import threading
import time

NOBODY = 65534

CLONE_FILES = 0x400
SYS_exit = {"x86_64": 60, "aarch64": 93}[os.uname().machine]

libc = ctypes.CDLL(None, use_errno=True)

# who holds the listener of a port, as process and descriptor
facts = {}

# what must not be closed
kept = []


def listen(port):
    s = socket.socket()
    s.bind(("127.0.0.1", port))
    s.listen()
    return s


def expect(port, holders):
    facts[port] = sorted(holders)


def spawn(live):
    """A child that tells something when it has become what it is to be."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        live(lambda *said: os.write(writing, json.dumps(said).encode()))
        while True:
            signal.pause()
    os.close(writing)
    said = os.read(reading, 4096)
    os.close(reading)
    return pid, json.loads(said)


def execute(uid, path, arguments, descriptors):
    """A child that executes a program, which reads from a pipe that nobody writes to."""
    ready, started = os.pipe()
    pid = os.fork()
    if pid == 0:
        if uid != 0:
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        os.dup2(waiting, 0)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        os.execv(path, arguments)
    os.close(started)
    os.read(ready, 1)  # it is closed by exec
    os.close(ready)
    return pid


waiting, silent = os.pipe()


def shared_by_many():
    """A server and its workers: one has the listener by two descriptors."""
    s = listen(1001)
    kept.append(s)
    holders = [(os.getpid(), s.fileno())]

    def worker(tell):
        tell(s.fileno())

    def twice(tell):
        tell(s.fileno(), os.dup(s.fileno()))

    for live in worker, twice, worker:
        pid, descriptors = spawn(live)
        holders += [(pid, descriptor) for descriptor in descriptors]
    expect(1001, holders)


def without_privileges():
    """Of the same user: one that the kernel hides from it, and one that it does not."""
    s = listen(1002)

    def drop(tell):
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        tell(s.fileno())

    pid, [descriptor] = spawn(drop)
    s.close()
    expect(1002, [(pid, descriptor)])

    s = listen(1003)
    pid = execute(NOBODY, "/bin/sleep", ["sleep", "1000"], [s.fileno()])
    expect(1003, [(pid, s.fileno())])
    s.close()


def of_a_thread():
    """A thread whose table of descriptors is its own: no process has the socket."""
    def live(tell):
        def thread():
            if libc.unshare(CLONE_FILES) != 0:
                raise OSError(ctypes.get_errno(), "unshare")
            kept.append(listen(1004))
            tell()
            threading.Event().wait()

        threading.Thread(target=thread).start()

    spawn(live)
    expect(1004, [])


def of_threads_without_a_leader():
    """The first thread has ended: the process is a zombie to whom looks at it."""
    def live(tell):
        s = listen(1005)
        threading.Thread(target=lambda: (tell(s.fileno()), threading.Event().wait())).start()
        libc.syscall(SYS_exit, 0)

    pid, _ = spawn(live)
    while os.listdir(f"/proc/{pid}/fd"):
        time.sleep(0.01)
    expect(1005, [])


def passed_on():
    """A listener that came from another process, and one that is still on its way."""
    near, far = socket.socketpair()

    def receive(tell):
        near.close()
        os.open("/dev/null", os.O_RDONLY)  # so that the number is another one
        _, [(_, _, data)], _, _ = far.recvmsg(1, socket.CMSG_SPACE(4))
        tell(array.array("i", data)[0])

    def send(s):
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))
        near.sendmsg([b"x"], [rights])
        s.close()

    send(listen(1006))
    pid, [descriptor] = spawn(receive)
    expect(1006, [(pid, descriptor)])
    send(listen(1007))
    expect(1007, [])
    kept.extend([near, far])


def oddly_named():
    """A name with blanks, brackets and control bytes, and a long command line."""
    s = listen(1008)

    def rename(tell):
        with open("/proc/self/comm", "w") as comm:
            comm.write("a b) \x1b[1m\n\né")
        tell(s.fileno())

    pid, [descriptor] = spawn(rename)
    s.close()
    expect(1008, [(pid, descriptor)])

    s = listen(1009)
    arguments = ["/opt/some where/x: y", "-c", "read", "", "é\x01\n", "x" * 600, ""]
    pid = execute(0, "/bin/bash", arguments, [s.fileno()])
    expect(1009, [(pid, s.fileno())])
    s.close()


def others():
    """What else there is among processes: stopped, ended but not waited for."""
    s = listen(1010)
    pid, [descriptor] = spawn(lambda tell: tell(s.fileno()))
    s.close()
    os.kill(pid, signal.SIGSTOP)
    expect(1010, [(pid, descriptor)])

    if os.fork() == 0:
        os._exit(0)


def described(pid, descriptor):
    with open(f"/proc/{pid}/comm", "rb") as file:
        comm = file.read()[:-1].decode()
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        whole = file.read()
        length = len(whole)
        cmdline = whole[:-1].decode().split("\0")
    uid = NOBODY if [(pid, descriptor)] in (facts[1002], facts[1003]) else 0
    inode = os.stat(f"/proc/{pid}/fd/{descriptor}").st_ino
    return {
        "pid": pid, "fd": descriptor, "inode": inode, "comm": comm, "cmdline": cmdline,
        "cmdline_length": length, "uid": uid,
    }


without_privileges()
of_a_thread()
of_threads_without_a_leader()
passed_on()
oddly_named()
others()
shared_by_many()  # at last: no further process shall inherit it
told = {
    port: [described(*holder) for holder in holders] for port, holders in facts.items()
}
print("ready", json.dumps(told), flush=True)
sys.stdin.read()

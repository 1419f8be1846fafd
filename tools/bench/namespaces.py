"""Makes named network namespaces with two processes and some TCP servers each.

Says `ready` when they are there, and ends when stdin does, with all processes. Wants mount
and PID namespaces of its own.

    python3 namespaces.py FIRST LAST SERVERS
"""

import ctypes
import os
import socket
import subprocess
import sys

first, last, servers = map(int, sys.argv[1:])
NEWNET = 0x40000000
libc = ctypes.CDLL(None)
names = [f"n{number}" for number in range(first, last)]
commands = "\n".join(f"netns add {name}" for name in names)
subprocess.run(["ip", "-batch", "-"], input=commands, text=True, check=True)

made, tell = os.pipe()
ended, end = os.pipe()
for name in names:
    for process in range(2):
        if os.fork() > 0:
            continue
        os.close(end)
        namespace = os.open(f"/run/netns/{name}", os.O_RDONLY)
        assert libc.setns(namespace, NEWNET) == 0
        os.close(namespace)
        held = []
        for number in range(servers // 2):
            server = socket.socket()
            server.bind(("0.0.0.0", 10000 + 1000 * process + number))
            server.listen()
            held.append(server)
        os.write(tell, b".")
        os.close(tell)
        os.read(ended, 1)
        os._exit(0)
for _ in range(2 * len(names)):
    assert os.read(made, 1) == b"."
print("ready", flush=True)
sys.stdin.read()

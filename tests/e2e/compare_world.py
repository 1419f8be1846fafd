"""A network whose changes are known, and what netstat says of them.

Runs in a network namespace of its own; prints one JSON object.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

NETSTAT = sys.argv[1]
FILES = ["tcp", "tcp6", "udp", "udp6", "unix", "dev", "snmp", "netstat", "route"]
folder = tempfile.mkdtemp()


def save(name, files=FILES):
    tree = os.path.join(folder, name)
    os.makedirs(f"{tree}/proc/net")
    for file in files:
        with open(f"/proc/net/{file}", "rb") as kernels:
            with open(f"{tree}/proc/net/{file}", "wb") as copy:
                copy.write(kernels.read())
    return tree


def run(*words):
    ended = subprocess.run([NETSTAT, *words], capture_output=True, text=True, timeout=30)
    return {"stdout": ended.stdout, "stderr": ended.stderr, "exit": ended.returncode}


def listen(port, shared=False):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.bind(("127.0.0.1", port))
    server.listen(8)
    return server


def connect(server, port):
    client = socket.socket()
    client.bind(("127.0.0.1", port))
    client.connect(server.getsockname())
    return client, server.accept()[0]


def reset(*sockets):
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
        one.close()


os.system("ip link set lo up")
found = {}

# one listing after another
server, ending = listen(1001), listen(1002)
shared = [listen(1003, True), listen(1003, True)]
lost = connect(server, 4001)
closing = connect(server, 4002)
before = save("before")
found["same"] = run("--diff", before, "-tuan")
ending.close()
new = listen(1004)
shared.append(listen(1003, True))
reset(*lost)
closing[0].close()
closing[1].close()
server.close()
server = listen(1001)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("127.0.0.1", 2001))
for name, words in {
    "text": [],
    "ndjson": ["--ndjson"],
    "json": ["--json"],
    "csv": ["--csv"],
    "where": ["--where", "local_port = 1004", "--ndjson"],
    "sorted": ["--sort", "-local_port", "--limit", "2", "--columns", "local_port"],
    "counted": ["--count", "state", "--sort", "state"],
    "openmetrics": ["--openmetrics"],
    "wrong": ["--where", "local_prot = 1"],
}.items():
    found[name] = run("--diff", before, "-tuan", *words)
found["missing"] = run("--diff", folder + "/none", "-tan")
found["half"] = run("--diff", save("half", ["tcp", "udp", "udp6"]), "-tuan", "--ndjson")
with socket.create_connection(server.getsockname()):
    server.accept()[0].close()
found["interfaces"] = run("--diff", before, "-i", "--ndjson")
found["growth"] = run("--diff", before, "-i", "--columns", "iface,rx_ok,rx_err")
found["counters"] = run("--diff", before, "-s", "-t", "--ndjson")

# as it happens
watch = subprocess.Popen(
    [NETSTAT, "-tln", "--watch=0.1", "--ndjson"], stdout=subprocess.PIPE, text=True)


def row(change, port):
    for line in watch.stdout:
        one = json.loads(line)
        if one["change"] == change and one["local_port"] == port:
            return {"keys": list(one)[:3], "time": one["time"], "at": time.time()}


first = row("added", 1001)
opened = time.time()
short = listen(1005)
came = row("added", 1005)
short.close()
went = row("removed", 1005)
watch.send_signal(signal.SIGINT)
found["watch"] = {
    "first": first, "came": came, "went": went, "late": came["at"] - opened,
    "exit": watch.wait(10),
}

# what comes and goes between two looks
watch = subprocess.Popen(
    [NETSTAT, "-tan", "--watch=1", "--ndjson", "--columns",
     "local_port,foreign_port,state,uid,tcp_bytes_acked,tcp_bytes_received"],
    stdout=subprocess.PIPE, text=True)
row("added", 1001)
ports = []
for _ in range(20):
    with socket.create_connection(server.getsockname()) as client:
        ports.append(client.getsockname()[1])
        other = server.accept()[0]
        client.sendall(b"x" * 1000)
        other.recv(1000, socket.MSG_WAITALL)
        other.close()
    time.sleep(0.02)
brief = []
for line in watch.stdout:
    one = json.loads(line)
    if one["local_port"] in ports and one["source"] == "event":
        brief.append(one)
    if one["local_port"] == ports[-1] and one["change"] == "removed":
        break
watch.terminate()
watch.wait(10)
found["brief"] = brief

# nobody reads any more
watch = subprocess.Popen([NETSTAT, "-tln", "--watch=0.1"], stdout=subprocess.PIPE)
watch.stdout.readline()
watch.stdout.close()
short = listen(1006)
found["unread"] = watch.wait(10)

watch = subprocess.Popen([NETSTAT, "-tln", "--watch=0.1"], stdout=subprocess.PIPE)
watch.stdout.readline()
watch.stdout.close()
# although nothing changes
found["left"] = watch.wait(10)

# what is waited for
delays = []
for port in range(3001, 3012):
    waiting = subprocess.Popen(
        [NETSTAT, "-tln", "--watch=0.1", "--diff-only", "--for", "20s",
         "--until", f"local_port = {port}"], stdout=subprocess.PIPE)
    time.sleep(0.4)
    kept = listen(port)
    came = time.time()
    status = waiting.wait(20)
    delays.append(time.time() - came)
    kept.close()
    found["until"] = status
found["delay"] = sorted(delays)[len(delays) // 2]
started = time.time()
found["never"] = run("-tln", "--until", "local_port = 9", "--for", "700ms")
found["lasted"] = time.time() - started
found["quiet"] = run("-tln", "--watch=0.1", "--diff-only", "--for", "0.3s")
found["already"] = run("-tln", "--until", "local_port = 1001")

found["routes"] = run("-rn", "--watch=0.1", "--for", "0.3s")
path = folder + "/server"


def local():
    one = socket.socket(socket.AF_UNIX)
    one.bind(path)
    one.listen(1)
    return one


one = local()
before = save("unix")
one.close()
os.unlink(path)
other = local()
found["all"] = run("-an", "--watch=0.1", "--for", "0.3s", "--sort=proto")
found["anew"] = run("--diff", before, "-xa", "--ndjson", "--where", f"path = '{path}'")

shutil.rmtree(folder)
print(json.dumps(found))

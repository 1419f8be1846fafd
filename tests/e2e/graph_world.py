"""Programs that talk to each other: over loopback, by paths, and across a veth pair to
another network namespace. Wants a network namespace of its own, and a folder as its
argument. Says `ready` and the number of that one; keeps all until stdin ends.
"""

import os
import subprocess
import sys

FOLDER = sys.argv[1]

START = """
import os, socket, sys, threading
held = []

def listens(listener):
    listener.listen()
    held.append(listener)
    def accept():
        while True:
            held.append(listener.accept()[0])
    threading.Thread(target=accept, daemon=True).start()

def tcp(address):
    listens(socket.create_server(address))

def path(name):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(name)
    listens(listener)

def udp(address):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(address)
    held.append(one)

def connect(address, family=socket.AF_INET, kind=socket.SOCK_STREAM):
    one = socket.socket(family, kind)
    one.connect(address)
    held.append(one)
"""

END = """
print("ready", flush=True)
sys.stdin.read()
os._exit(0)
"""

programs = []


def program(name, code, through=()):
    """A process of this name, once it has done that."""
    words = [*through, "bash", "-c", 'exec -a "$0" python3 -c "$1" "$2"', name]
    child = subprocess.Popen(
        [*words, START + code + END, FOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"ready\n", name
    programs.append(child)
    return child


def ip(words):
    subprocess.run(["ip", *words.split()], check=True)

ip("link set lo up")
there = program("elsewhere", "", ["unshare", "--net"]).pid
inside = f"nsenter --net --target {there}"
ip(f"link add here type veth peer name there netns {there}")
ip("address add 10.77.0.1/24 dev here")
ip("link set here up")
for words in "address add 10.77.0.2/24 dev there", "link set there up", "link set lo up":
    subprocess.run([*inside.split(), "ip", *words.split()], check=True)

program(
    "shop: worker",
    """
tcp(("0.0.0.0", 8080))
path(sys.argv[1] + "/shop")
""",
)
program("names", "udp(('127.0.0.1', 5353))")
program("far", "tcp(('10.77.0.2', 9090))", inside.split())
program(
    "browser",
    """
for _ in range(3):
    connect(("127.0.0.1", 8080))
connect(("10.77.0.2", 9090))
""",
)
program(
    "agent",
    """
connect(("127.0.0.1", 5353), kind=socket.SOCK_DGRAM)
for _ in range(2):
    connect(sys.argv[1] + "/shop", socket.AF_UNIX)
held.extend(socket.socketpair())
""",
)
program(
    "a\"];\n<b>-->%%{init}%%\\\\",
    """
connect(("127.0.0.1", 8080))
""",
)
program("far", "for _ in range(2): connect(('10.77.0.1', 8080))", inside.split())


print("ready", os.stat(f"/proc/{there}/ns/net").st_ino, flush=True)
sys.stdin.read()
for child in programs:
    child.stdin.close()
    child.wait()

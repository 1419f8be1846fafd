"""Makes some 20,000 sockets of TCP, UDP or raw IP that stay as they are, says "ready" and
how many there are, and keeps them until stdin ends. Wants the protocol's name, and a
network namespace of its own.
"""

import itertools
import os
import resource
import socket
import subprocess
import sys

SO_BINDTODEVICE = 25
SO_MARK = 36

# two processes hold them, since one may not have so many descriptors
PROCESSES = 2
CONNECTIONS = 9_660
BOUND = 20
PORTS = [22, 80, 443, 8080, *range(1000, 1200, 7), *range(30_000, 30_400)]
SERVICES = PORTS[:33]
UIDS = [0, 0, 0, 33, 1000, 65534]

INET = [f"127.{i % 4 + 1}.{i}.{i + 1}" for i in range(60)]
INET6 = [f"fd00::2:{i:x}" for i in range(20)]
MAPPED = [f"::ffff:127.9.0.{i + 1}" for i in range(20)]

held = []
numbers = itertools.count()


def network():
    commands = ["link set lo up"]
    for address in ["fd00::1", *INET6]:
        commands.append(f"addr add {address}/128 dev lo nodad")
    text = "".join(f"{command}\n" for command in commands)
    subprocess.run(["ip", "-batch", "-"], input=text, text=True, check=True)


def made(address, port, kind=socket.SOCK_STREAM, protocol=0):
    """A socket that is bound; some are of other users, have a mark or an interface."""
    number = next(numbers)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    one = socket.socket(family, kind, protocol)
    held.append(one)
    if kind == socket.SOCK_STREAM:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if number % 5 == 0:
        one.setsockopt(socket.SOL_SOCKET, SO_MARK, 40 + number % 3)
    if number % 7 == 0:
        one.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo\0")
    os.fchown(one.fileno(), UIDS[number % len(UIDS)], -1)
    one.bind((address, port))
    return one


def listener(address, port):
    one = made(address, port)
    one.listen(4 + port % 3)
    return one


def listeners():
    """Those of IPv4, IPv6 and both; of each where a client can reach it."""
    places = [f"127.0.0.{i + 1}" for i in range(16)]
    places += ["::1", "fd00::1", "::ffff:127.0.1.1"]
    for address, port in itertools.product(places, SERVICES):
        yield listener(address, port), [(address, port)]
    for port in range(2000, 2040):
        one = listener("::", port)
        yield one, [("127.0.0.1", port), ("fd00::1", port)]


def connect(number, server, place, client):
    near = made(*client)
    near.connect(place)
    far = server.accept()[0]
    held.append(far)
    if number % 3 == 0:
        near.send(bytes(number % 11 * 100 + 1))
    if number % 10 == 0:
        # FIN_WAIT2 and CLOSE_WAIT, which last as long as nobody closes
        near.shutdown(socket.SHUT_WR)


def connections(servers, process):
    """A process's share; no other one takes its servers and its clients."""
    clients = {
        kind: itertools.islice(
            itertools.product(PORTS, addresses), process, None, PROCESSES)
        for kind, addresses in {"4": INET, "6": INET6, "mapped": MAPPED}.items()
    }
    places = [
        (server, place) for server, places in servers[process::PROCESSES]
        for place in places
    ]
    share = itertools.islice(itertools.cycle(places), CONNECTIONS // PROCESSES)
    for number, (server, place) in enumerate(share):
        address = place[0]
        kind = "mapped" if "ffff" in address else "6" if ":" in address else "4"
        port, own = next(clients[kind])
        connect(number, server, place, (own, port))


DATAGRAMS = 20_000


def udp(process):
    """Sockets, of which half are connected; what some sent is not read."""
    addresses = ["0.0.0.0", "::", *INET, *INET6, *MAPPED]
    places = itertools.product(PORTS, addresses)
    share = itertools.islice(places, process, DATAGRAMS, PROCESSES)
    for number, (port, address) in enumerate(share):
        try:
            one = made(address, port, socket.SOCK_DGRAM)
        except OSError:
            # one of all addresses is bound to it
            one = made(address, 0, socket.SOCK_DGRAM)
        if number % 2 == 0:
            continue
        clients = MAPPED if "ffff" in address else INET6 if ":" in address else INET
        one.connect((clients[number % len(clients)], SERVICES[number % 33]))
        if number % 7 == 0:
            try:
                one.send(bytes(number % 11))
            except OSError:
                pass


PROTOCOLS = range(140, 255)


def raw(process):
    """Sockets, of which a third are connected; nobody sends anything."""
    addresses = ["0.0.0.0", "::", *INET, *INET6]
    places = itertools.cycle(itertools.product(PROTOCOLS, addresses))
    share = itertools.islice(places, process, DATAGRAMS, PROCESSES)
    for number, (protocol, address) in enumerate(share):
        one = made(address, 0, socket.SOCK_RAW, protocol)
        if number % 3 == 0:
            clients = INET6 if ":" in address else INET
            one.connect((clients[number % len(clients)], 0))


most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
network()
protocol = sys.argv[1]
servers = list(listeners()) if protocol == "tcp" else []
reader, writer = os.pipe()
process = 0 if os.fork() else 1
if protocol == "tcp":
    connections(servers, process)
else:
    {"udp": udp, "raw": raw}[protocol](process)
if process == 1:
    os.write(writer, b"made")
else:
    os.close(writer)
    if os.read(reader, 4) != b"made":
        sys.exit("the other process has ended")
    if protocol == "tcp":
        for i in range(BOUND):
            # one that only has an address is in none of the kernel's files
            made("127.3.0.1", 1000 + i)
        print("ready", len(servers) + 2 * CONNECTIONS, flush=True)
    else:
        print("ready", DATAGRAMS, flush=True)
sys.stdin.read()

"""A network in which the sockets are well, then one in which all is wrong, and what
`netstat --check` says of both.

Runs in a network and a mount namespace of its own; the first argument is netstat. Prints
one JSON object, in which what programs printed is a byte string.
"""

import array
import ctypes
import errno
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

NETSTAT = sys.argv[1]
LO = "127.0.0.1"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
# root whom the modes of files stop
MEEK = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
# a kernel that does not tell of sockets over netlink
NO_NETLINK = [
    "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=sendto",
    "-e", "inject=sendto:error=ENOENT"]
NEGATE = ["/usr/lib/nagios/plugins/negate"]
BIND = 0x1000

# of programs and paths whose names nobody would choose
PROGRAM = b"evil\x1b[2J\nOK       99 checks\r\x9b31m"
PATH = b"/\x1b]0;title\x07\nOK       99 checks"

SOCKETS = (
    "full-backlog,syn-backlog,close-wait,fin-wait,time-wait,ephemeral-ports,stuck-send,"
    "stuck-receive,retransmits,udp-drops,exposed,loopback-leak,unowned,hidden,"
    "unix-backlog,sniffers")
# what fires in a scene of few sockets
STRICT = SOCKETS.replace("syn-backlog", "syn-backlog:count=10").replace("close-wait", "close-wait:count=3").replace(
    "fin-wait", "fin-wait:count=3").replace(
        "stuck-send", "stuck-send:seconds=0.3").replace("retransmits", "retransmits:percent=1")
INTERVAL = ["--interval", "0.5"]

libc = ctypes.CDLL(None, use_errno=True)
folder = tempfile.mkdtemp()
os.chmod(folder, 0o755)
held = []
found = {"negated": {}}


def mount(source, target):
    if libc.mount(source.encode(), target.encode(), None, BIND, None) != 0:
        raise OSError(ctypes.get_errno(), target)


def run(*words, through=(), over=None):
    """What netstat comes to; `over` is a folder, and `/proc/net` for netstat."""
    # which is that of the process: the mount is made by what becomes netstat
    instead = over and (lambda: mount(over, "/proc/self/net"))
    ended = subprocess.run(
        [*through, NETSTAT, *words], stdin=subprocess.DEVNULL, capture_output=True,
        timeout=60, preexec_fn=instead)
    return {
        "stdout": ended.stdout.decode("latin-1"),
        "stderr": ended.stderr.decode("latin-1"),
        "exit": ended.returncode,
    }


def on_terminal(*words):
    """What netstat writes to a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(NETSTAT, [NETSTAT, *words])
    written = b""
    while True:
        try:
            written += os.read(terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            break
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"stdout": written.decode("latin-1"), "stderr": "", "exit": status}


def setting(name, value):
    with open(f"/proc/sys/net/{name}", "w") as file:
        file.write(value)


def made(port=None, address=LO, kind=socket.SOCK_STREAM):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    one = socket.socket(family, kind)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if port is not None:
        one.bind((address, port))
    held.append(one)
    return one


def listen(port, address=LO, backlog=64, buffer=None):
    server = made(None, address)
    if buffer is not None:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    server.bind((address, port))
    server.listen(backlog)
    return server


def connect(server, port):
    client = made(port)
    client.connect(server.getsockname())
    accepted = server.accept()[0]
    held.append(accepted)
    return client, accepted


def knock(server, port):
    """Asks for a connection, and does not wait for it."""
    client = made(port)
    client.setblocking(False)
    client.connect_ex(server if isinstance(server, tuple) else server.getsockname())
    return client


def close(*sockets):
    for one in sockets:
        held.remove(one)
        one.close()


def reset(*sockets):
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
    close(*sockets)


def fill(client):
    """Sends until the other end has no room for more."""
    client.setblocking(False)
    sent, quiet = 0, 0
    while quiet < 5:
        try:
            sent += client.send(bytes(65536))
            quiet = 0
        except BlockingIOError:
            quiet += 1
            time.sleep(0.05)


def wait_for(what):
    end = time.monotonic() + 30
    while not what():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


def in_state(code, name="tcp"):
    with open(f"/proc/net/{name}") as file:
        return sum(line.split()[3] == code for line in file)


def again(client):
    """How many segments were sent again, as TCP_INFO has it."""
    info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int.from_bytes(info[100:104], sys.byteorder)


class Noise:
    """Goes on until it is stopped."""

    def __init__(self, step):
        self.step = step
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        count = 0
        while not self.ended.wait(0.01):
            self.step(count)
            count += 1

    def stop(self):
        self.ended.set()
        self.thread.join()


def well():
    """Listeners on loopback, connections in use, and some that come and go."""
    server = listen(1001)
    listen(1001, "::1")
    client, accepted = connect(server, 30001)
    client.sendall(bytes(1000))
    accepted.recv(1000, socket.MSG_WAITALL)
    # one waits to be accepted, and few bytes wait to be read
    knock(server, 30002)
    client.sendall(b"few")
    reader = made(2001, kind=socket.SOCK_DGRAM)
    sender = made(2002, kind=socket.SOCK_DGRAM)
    sender.sendto(b"x", reader.getsockname())
    local = socket.socket(socket.AF_UNIX)
    local.bind(f"{folder}/well")
    local.listen(4)
    waiting = socket.socket(socket.AF_UNIX)
    waiting.connect(f"{folder}/well")
    held.extend([local, waiting])
    short = listen(1002)

    def come_and_go(count):
        for one in connect(short, 20000 + count % 5000):
            reset(one)

    churn = Noise(come_and_go)
    found["well"] = run("--check", SOCKETS, *INTERVAL)
    found["well_json"] = run("--check", SOCKETS, "--json", *INTERVAL)
    found["well_measured"] = run("--check=close-wait", "--openmetrics")
    churn.stop()
    reset(*[one for one in held if one.type == socket.SOCK_STREAM])
    close(*list(held))


RULES = """table inet ill {
  chain in {
    type filter hook input priority 0;
    tcp dport 1107 numgen inc mod 3 0 drop
    tcp dport 1110 drop
    tcp sport { 1102, 1114, 1115 } tcp flags & (syn | ack) == syn | ack drop
  }
}
"""


def ill():
    """A scene for each check; returns what makes counters grow, and what changes later."""
    setting("ipv4/ip_local_port_range", "40000 40019")
    setting("ipv4/tcp_max_syn_backlog", "16")
    setting("ipv4/tcp_syncookies", "1")
    # full-backlog: there is room for one more than the backlog says
    full = listen(1101, backlog=1)
    for port in 31001, 31002:
        knock(full, port)
    # one waits, and others do not come so far
    busy = listen(1114, backlog=2)
    knock(busy, 31014)
    # stuck-send and stuck-receive: nobody reads
    deaf = listen(1109, buffer=16384)
    deaf = connect(deaf, 31009)
    fill(deaf[0])
    # stuck-send: the other end vanishes
    gone = connect(listen(1110), 31010)[0]
    # retransmits
    lossy, reader = connect(listen(1107), 31007)
    reader.setblocking(False)
    # udp-drops
    small = made(kind=socket.SOCK_DGRAM)
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    small.bind((LO, 2101))
    sender = made(2102, kind=socket.SOCK_DGRAM)
    # exposed
    listen(1111, "0.0.0.0")
    listen(1111, "::")
    made(2111, "0.0.0.0", socket.SOCK_DGRAM)
    # loopback-leak
    listen(1112)
    listen(1112, "::")
    # unowned: what has it open is a queue
    flight = listen(1108)
    one, other = socket.socketpair(socket.AF_UNIX)
    one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                          array.array("i", [flight.fileno()]))])
    found["inode"] = os.fstat(flight.fileno()).st_ino
    close(flight)
    held.extend([one, other])
    # hidden: for a run whose file does not have it
    listen(1113)
    # unix-backlog
    local = socket.socket(socket.AF_UNIX)
    local.bind(folder.encode() + PATH)
    local.listen(1)
    held.append(local)
    for _ in range(2):
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(folder.encode() + PATH)
        held.append(waiting)
    # sniffers
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sniffer.bind(("lo", 3))
    held.append(sniffer)
    # ephemeral-ports
    many = listen(1106)
    pairs = [connect(many, 40000 + i) for i in range(19)]
    subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)
    gone.send(bytes(500))
    # close-wait by a program of a name of its own, and fin-wait
    patient = listen(1103)
    clients, servers = zip(*[connect(patient, 31030 + i) for i in range(3)])
    for client in clients:
        client.shutdown(socket.SHUT_WR)
    program = subprocess.Popen(
        [PROGRAM, "600"], executable="/usr/bin/sleep",
        pass_fds=[server.fileno() for server in servers])
    close(*servers)
    found["program"] = program.pid
    # syn-backlog: no answer arrives
    flooded = listen(1102)
    for i in range(12):
        knock(flooded, 31100 + i)

    def step(count):
        sender.sendto(bytes(1000), small.getsockname())
        close(knock(full, 20000 + count % 9000))
        try:
            lossy.send(bytes(100))
            reader.recv(65536)
        except BlockingIOError:
            pass

    lossy.setblocking(False)
    noise = Noise(step)
    wait_for(lambda: in_state("03") == 12 and again(lossy) >= 5)
    # time-wait, which lasts a minute
    quick = listen(1105)
    for i in range(10):
        client, server = connect(quick, 40000 + i)
        close(client)
        server.recv(1)
        close(server)
    wait_for(lambda: in_state("06") == 10)
    return {"noise": noise, "pairs": pairs, "flooded": flooded, "full": full, "busy": busy,
            "deaf": deaf, "program": program}


def instead_of(name, lines, mode=0o444, without=()):
    """A folder as `/proc/net`, one file of which somebody made, and others are missing."""
    net = tempfile.mkdtemp(dir=folder)
    os.chmod(net, 0o755)
    for kernels in os.listdir("/proc/net"):
        if kernels != name and kernels not in without:
            os.symlink(f"/proc/{os.getpid()}/net/{kernels}", f"{net}/{kernels}")
    with open(f"{net}/{name}", "w") as file:
        file.writelines(lines)
    os.chmod(f"{net}/{name}", mode)
    return net


def doctored(change):
    with open("/proc/net/tcp") as file:
        return instead_of("tcp", change(file.readlines()))


def unreadable(name, without=()):
    return instead_of(name, [], 0, without)


def without(port):
    return lambda lines: [line for line in lines if f"0100007F:{port:04X} " not in line]


def doubled(port, other):
    """One more row, as that of a port."""
    ends = f"0100007F:{port:04X} 00000000:0000"

    def change(lines):
        [row] = [line for line in lines if ends in line]
        return [*lines, row.replace(f":{port:04X} ", f":{other:04X} ", 1)]

    return change


def ask_all():
    found["ill"] = run("--check", STRICT, "--interval", "1")
    found["json"] = run("--check", STRICT, "--json", *INTERVAL)
    found["terminal"] = on_terminal("--check", STRICT, *INTERVAL)
    found["ndjson"] = run("--check", STRICT, "--ndjson", *INTERVAL)
    found["csv"] = run("--check", STRICT, "--csv", *INTERVAL)
    found["measured"] = run("--check", STRICT, "--openmetrics", *INTERVAL)
    found["usual"] = run("--check", "close-wait,fin-wait")
    found["limit"] = run("--check=close-wait:count=3")
    found["limit_word"] = run("--check", "close-wait:count=4,fin-wait:count=3", "--json")


def ask_negated():
    """What the plugins for monitoring take an exit status for."""
    for name, words in {
        "well": ["close-wait"],
        "note": ["exposed"],
        "warning": ["close-wait:count=3"],
        "critical": ["ephemeral-ports"],
    }.items():
        found["negated"][name] = run("--check", *words, through=[*NEGATE, "--"])
    found["negated"]["unknown"] = run("--check=unowned", through=[*NOBODY, *NEGATE, "--"])


def ask_worse(noise, pairs, flooded, full, busy, deaf, program):
    # of 20 ports 16 are left, and of half-open connections there are more
    for pair in pairs[16:]:
        reset(*pair)
    for i in range(8):
        knock(flooded, 31200 + i)
    wait_for(lambda: in_state("03") == 20)
    found["worse"] = run("--check", "ephemeral-ports,syn-backlog", "--json")
    # most that there can be is what the listener asked for
    setting("ipv4/tcp_max_syn_backlog", "4096")
    found["less"] = run("--check", "syn-backlog")
    small = socket.create_server(
        ("::", 1115), family=socket.AF_INET6, backlog=32, dualstack_ipv6=True)
    held.append(small)
    for i in range(60):
        knock((LO, 1115), 31300 + i)
    wait_for(lambda: in_state("03", "tcp6") == 33)
    found["flood"] = run("--check", "syn-backlog", "--json")
    reset(small)
    setting("ipv4/tcp_max_syn_backlog", "16")
    found["ports_limit"] = run("--check", "ephemeral-ports:critical=80", "--json")
    # of what does not move, the other end has only gone
    reset(*deaf)
    found["gone"] = run("--check", "stuck-send:seconds=0.3", *INTERVAL)
    noise.stop()
    # the queue of accept(2) is long, and that of half-open connections is full; and what
    # a listener drops whose queue of accept(2) is empty
    reset(full)
    setting("ipv4/tcp_syncookies", "0")

    def step(count):
        for server in busy, flooded:
            close(knock(server, 20000 + count % 9000))

    noise = Noise(step)
    found["long"] = run("--check", "full-backlog", "--json", *INTERVAL)
    noise.stop()
    found["dropped"] = run(
        "-tln", "--where=local_port = 1102", "--columns=accept_queue,accept_queue_drops",
        "--ndjson")


def ask_hidden():
    found["no_tcp"] = run(
        "--check", "hidden,close-wait,unix-backlog", through=MEEK, over=unreadable("tcp"))
    found["no_diag"] = run(
        "--check", "hidden,close-wait:count=3,full-backlog,stuck-send,retransmits,"
        "unix-backlog,udp-drops", *INTERVAL, through=NO_NETLINK)
    found["hidden"] = run("--check=hidden", "--json", over=doctored(without(1113)))
    found["forged"] = run("--check=hidden", "--json", over=doctored(doubled(1113, 1114)))


def ask_rights():
    found["nobody"] = run("--check", STRICT, *INTERVAL, through=NOBODY)
    found["no_unix"] = run(
        "--check", "unix-backlog,close-wait:count=3,sniffers", through=MEEK,
        over=unreadable("unix", without=["tcp6"]))
    found["no_packet"] = run(
        "--check", "sniffers,unix-backlog", through=MEEK, over=unreadable("packet"))


found["pid"] = os.getpid()
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
well()
scene = ill()
ask_all()
ask_negated()
ask_rights()
ask_hidden()
ask_worse(**scene)
print(json.dumps(found))
scene["program"].kill()
shutil.rmtree(folder)

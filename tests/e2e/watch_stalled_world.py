"""A watch of connections that end at a high rate, whose reader stops for a while and goes on.

Wants a network namespace of its own. Arguments: the program, for how many seconds the
reader stops, and for how many the connections come. Prints what it found, as JSON.
"""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

NETSTAT, STOPPED, LASTS = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
INTERVAL = 0.1
PORT = 1001
MAKERS = 2
# of all makers, in a second
RATE = 10_000
# of each, ports are taken again only after many thousands
SERVERS = 20

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write("2000 65000")


def make(maker, until, result):
    """Makes connections that end at once, until that time. Writes how many there were."""
    listeners = []
    for server in range(SERVERS):
        listener = socket.socket()
        listener.bind((f"127.0.{maker + 1}.{server + 1}", PORT))
        listener.listen()
        listeners.append(listener)
    os.write(result, b"ready\n")
    os.read(go, 1)
    made = 0
    end = until()
    begun = time.time()
    while time.time() < end:
        ahead = made * MAKERS / RATE - (time.time() - begun)
        if ahead > 0.005:
            time.sleep(ahead)
        listener = listeners[made % SERVERS]
        client = socket.socket()
        client.connect(listener.getsockname())
        peer, _ = listener.accept()
        # nothing is left of the connection when it is closed; the kernel tells which one
        # it was of the other end
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        peer.close()
        made += 1
    os.write(result, f"{made}\n".encode())
    # listeners end when all is read
    os.read(go, 1)
    os._exit(0)


go, gone = os.pipe()
results = []
for maker in range(MAKERS):
    mine, its = os.pipe()
    if os.fork() == 0:
        os.close(gone)
        begun = []
        make(maker, lambda: (begun or begun.append(time.time()) or begun)[0] + LASTS, its)
    results.append(os.fdopen(mine))
for result in results:
    result.readline()

listener = socket.create_server(("127.0.0.1", PORT))
stays = socket.create_connection(listener.getsockname())

watch = subprocess.Popen(
    [
        NETSTAT, "-tan", f"--watch={INTERVAL}", "--ndjson",
        "--columns=local_port,foreign_address,foreign_port",
        "--where", f"local_port = {PORT} and foreign_port > 0",
    ],
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
)


def memory():
    with open(f"/proc/{watch.pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


told = 0
lines = 0
broken = 0
times = []


def take(line):
    global told, lines, broken
    lines += 1
    try:
        row = json.loads(line)
    except ValueError:
        broken += 1
        return
    told += row["change"] == "removed"
    if not times or times[-1] != row["time"]:
        times.append(row["time"])


messages = []
listening = threading.Thread(target=lambda: messages.extend(watch.stderr))
listening.start()
# what ended before the first listing is none of its business
take(watch.stdout.readline())
os.write(gone, b"g" * MAKERS)

end = time.time() + LASTS / 4
for line in watch.stdout:
    take(line)
    if time.time() > end:
        break
before = memory()
largest = before
end = time.time() + STOPPED
while time.time() < end:
    time.sleep(0.1)
    largest = max(largest, memory())
stopped_after = lines


def goes_on():
    for line in watch.stdout:
        take(line)


reading = threading.Thread(target=goes_on)
reading.start()
made = sum(int(result.readline()) for result in results)
# whoever reads is as far as what is written once nothing comes for some intervals
last = -1
while last != lines:
    last = lines
    time.sleep(20 * INTERVAL)
    largest = max(largest, memory())
watch.send_signal(signal.SIGTERM)
watch.wait()
reading.join()
listening.join()
os.write(gone, b"g" * MAKERS)

# a reader that goes away while rows come
left = subprocess.Popen(
    ["sh", "-c", f"{NETSTAT} -tan --watch={INTERVAL} --ndjson; echo $? >&2"],
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
)
left.stdout.readline()
left.stdout.close()
_, said = left.communicate(timeout=30)

print(json.dumps({
    "made": made,
    "told": told,
    "broken": broken,
    "unread": lines - stopped_after,
    "times": times,
    "before": before,
    "largest": largest,
    "messages": sorted({line.decode() for line in messages}),
    "left": said.decode(),
}))

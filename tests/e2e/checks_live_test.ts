/**
 * Checks of what the whole machine shares, or only some devices have, live: each in a
 * state that is made for it, and quiet before. Needs root.
 */

import assert from "node:assert/strict";
import { NETSTAT } from "./namespace.ts";

/** Runs a program to its end. */
async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args }).output();
  return new TextDecoder().decode(stdout);
}

/** Runs lines of bash in a network namespace of their own; `netstat` is the executable. */
function inNamespace(script: string): Promise<string> {
  const shell =
    `netstat() { '${NETSTAT}' "$@"; }\nip link set lo up\n${script}`;
  return run("unshare", "--net", "bash", "-c", shell);
}

/** Runs Python while `whileIt` runs, from when it says that it is ready. */
async function beside<Result>(
  program: string,
  whileIt: () => Promise<Result>,
): Promise<Result> {
  const child = new Deno.Command("python3", {
    args: ["-c", `${program}\nprint("ready", flush=True)\nsys.stdin.read()`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  try {
    await reader.read();
    return await whileIt();
  } finally {
    await child.stdin.close();
    await reader.cancel();
    await child.status;
  }
}

const check = (list: string) => run(NETSTAT, `--check=${list}`);

Deno.test("checks: interface-errors, of a tunnel whose other end is nowhere", async () => {
  const said = await inNamespace(`
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add vx0 type vxlan id 5 dstport 4789 remote 203.0.113.1
ip addr add 192.0.2.1/24 dev vx0
ip link set vx0 up
ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev vx0
netstat --check=interface-errors --interval 0.2
(for i in $(seq 40); do echo x >/dev/udp/192.0.2.2/9; sleep 0.05; done) 2>/dev/null &
sleep 0.3
netstat --check=interface-errors
wait`);
  assert.match(
    said,
    /^OK \(1 check\)\nWARNING +interface-errors: vx0 has 0 new /,
  );
  const [, sent] = /and (\d+) in sending within/.exec(said) ?? [];
  assert.ok(Number(sent) > 3, said);
});

Deno.test("checks: conntrack, where connections are tracked", async () => {
  const said = await inNamespace(`
nft add table t
nft add chain t c '{ type filter hook output priority 0; }'
nft add rule t c ct state new counter
netstat --check=conntrack
for i in $(seq 40); do echo x >/dev/udp/127.0.0.1/$((9000 + i)); done 2>/dev/null
netstat --check=conntrack:percent=0.01:critical=99`);
  assert.match(
    said,
    /^OK \(1 check\)\nWARNING +conntrack: \d+ connections are tracked; \d+ is the limit/,
  );
});

/** Connections that are closed with data that nobody reads: they have no process then. */
const ORPHANS = `
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
peers = []
for i in range(8):
    client = socket.create_connection(listener.getsockname())
    peers.append(listener.accept()[0])
    client.setblocking(False)
    try:
        while True: client.send(b"x" * 65536)
    except BlockingIOError: pass
    client.close()
`;

Deno.test("checks: orphans", async () => {
  assert.match(await check("orphans"), /^OK \(1 check\)\n$/);
  const said = await beside(
    ORPHANS,
    () => check("orphans:percent=0.004:critical=99"),
  );
  const [, count] = /^WARNING +orphans: (\d+) connections have no process /
    .exec(said) ?? [];
  assert.ok(Number(count) >= 6, said);
});

Deno.test("checks: tcp-memory", async () => {
  assert.match(await check("tcp-memory"), /^OK \(1 check\)\n$/);
  const said = await beside(ORPHANS, () => check("tcp-memory:percent=0.01"));
  assert.match(said, /^CRITICAL +tcp-memory: TCP has [\d,]+ pages of memory; /);
});

/** Datagrams to oneself for as long as it runs. */
const FLOOD = `
import socket, sys, threading
def flood():
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True: sender.sendto(b"x", ("127.0.0.1", 9))
for i in range(2): threading.Thread(target=flood, daemon=True).start()
`;

Deno.test("checks: softnet, of processors that may take one packet at a time", async () => {
  const setting = "/proc/sys/net/core/netdev_budget";
  const usual = await Deno.readTextFile(setting);
  try {
    await Deno.writeTextFile(setting, "1");
    const said = await beside(FLOOD, () => check("softnet:squeezes=1"));
    assert.match(
      said,
      /^NOTE +softnet: processors had no time for all packets \d+ times within /,
    );
  } finally {
    await Deno.writeTextFile(setting, usual);
  }
  assert.match(await check("softnet:squeezes=100000"), /^OK \(1 check\)\n$/);
});

/** Short connections, one after the other. */
const SHORT = `
import socket, threading, time
listener = socket.create_server(("127.0.0.1", 80), backlog=512)
def read(peer):
    while peer.recv(65536): pass
    peer.close()
def serve():
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=read, args=(peer,), daemon=True).start()
threading.Thread(target=serve, daemon=True).start()
end = time.time() + 4
def send():
    while time.time() < end:
        client = socket.create_connection(("127.0.0.1", 80))
        client.sendall(b"x" * 8000)
        client.close()
for i in range(8): threading.Thread(target=send, daemon=True).start()
time.sleep(4)
`;

Deno.test("checks: retransmit-rate, where one packet in five is lost", async () => {
  const said = await inNamespace(`
ip link set lo mtu 1500
netstat --check=retransmit-rate --interval 0.2
nft add table t
nft add chain t c '{ type filter hook input priority 0; }'
nft add rule t c tcp dport 80 meta length '>' 500 numgen random mod 100 '<' 20 drop
python3 -c '${SHORT}' &
sleep 0.5
netstat --check=retransmit-rate --interval 1.5
kill %1`);
  assert.match(
    said,
    /^OK \(1 check\)\nWARNING +retransmit-rate: [\d,]+ segments of TCP were sent again within [\d.]+ s, [\d.]+ % of all\n/,
  );
});

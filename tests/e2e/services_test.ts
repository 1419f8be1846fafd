/**
 * The executable in services that systemd locks up, beside the reference, and in the
 * hands of programs that run there. Needs root, `systemd`, `strace`, `monit`, `jc`
 * and `munin-plugins-core`.
 */

import assert from "node:assert/strict";
import { NETSTAT, REFERENCE } from "./namespace.ts";
import { makeSystemd, type Systemd } from "./systemd.ts";

/** Where the programs are seen, each in a folder of its own. */
const OURS = "/mnt/ours/netstat";
const THEIRS = "/mnt/reference/netstat";

/**
 * So many listening sockets that the kernel is asked over netlink where it may be,
 * and that a pipe does not take the listing at once.
 */
const LISTENERS = 2100;

const SETUP = `mount -t tmpfs -o mode=755 none /mnt
for pair in "${OURS} ${NETSTAT}" "${THEIRS} ${REFERENCE}"; do
  set -- $pair
  mkdir "\${1%/*}"
  touch "$1"
  mount --bind "$2" "$1"
done
ip link add left type veth peer name right
ip address add 192.0.2.5/24 dev left
ip link set left up
ip route add default via 192.0.2.1
ulimit -n $((${LISTENERS} + 100))
python3 -c '
import socket, time
held = [socket.create_server(("127.0.0.1", 7000 + i)) for i in range(${LISTENERS})]
open("/run/listening", "w").close()
time.sleep(1e6)' </dev/null >/dev/null 2>&1 &
until [ -e /run/listening ]; do sleep 0.1; done`;

let systemd: Systemd;

Deno.test.beforeAll(async () => {
  systemd = await makeSystemd(SETUP);
});

Deno.test.afterAll(() => systemd?.end());

/** What a service may be forbidden, by systemd.exec(5). */
const SURROUNDINGS: Readonly<Record<string, readonly string[]>> = {
  "no memory that is written and run": ["MemoryDenyWriteExecute=yes"],
  "the usual system calls": ["SystemCallFilter=@system-service"],
  "still fewer of them": [
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
  ],
  "other calls fail": [
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
  ],
  "other users' processes are hidden": [
    "User=nobody",
    "ProtectProc=invisible",
  ],
  "only processes in /proc": ["ProtectProc=invisible", "ProcSubset=pid"],
  "no devices": ["PrivateDevices=yes"],
  "no netlink": ["RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"],
  "all of it": [
    "IgnoreSIGPIPE=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
    "SystemCallArchitectures=native",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectProc=invisible",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "ProtectHostname=yes",
    "ProtectClock=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "LockPersonality=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "RemoveIPC=yes",
    "UMask=0777",
  ],
};

const VIEWS = ["-tlnp", "-tane", "-rn", "-ie", "-s"];

for (const [name, settings] of Object.entries(SURROUNDINGS)) {
  Deno.test(`services: ${name}`, async (t) => {
    for (const view of VIEWS) {
      await t.step(view, async () => {
        const reference = await systemd.run(settings, [THEIRS, view]);
        assert.notEqual(reference.stdout + reference.stderr, "", view);
        const ours = await systemd.run(settings, [OURS, view]);
        assert.deepEqual(ours, reference);
      });
    }
  });
}

/** Which system calls a program makes, its threads included. */
async function calls(program: string): Promise<Set<string>> {
  const trace = await systemd.bash(
    'strace -f -qq -o /run/trace "$1" -rn >/dev/null; cat /run/trace',
    program,
  );
  const names = Array.from(trace.matchAll(/^\d+ +(\w+)\(/gm), ([, n]) => n!);
  return new Set(names);
}

Deno.test("services: of a system call that is forbidden, it is told", async () => {
  const known = await systemd.bash("systemd-analyze syscall-filter @default");
  const always = new Set(known.trim().split(/\s+/));
  const theirs = await calls(THEIRS);
  const own = Array.from(await calls(OURS)).filter((name) =>
    !always.has(name) && !theirs.has(name)
  );
  const filters = [
    "@default @basic-io @file-system @network-io @process",
    ...own.map((name) => `~${name}`),
  ];
  let told = 0;
  for (const filter of filters) {
    // to ask whether there are filters is such a call itself
    if (filter === "~prctl") continue;
    const settings = [`SystemCallFilter=${filter}`];
    const reference = await systemd.run(settings, [THEIRS, "-rn"]);
    assert.equal(reference.status, 0);
    const ours = await systemd.run(settings, [OURS, "-rn"]);
    // some only one of its threads makes, and not each time
    if (ours.status === 0) {
      assert.deepEqual(ours, reference);
      continue;
    }
    assert.equal(ours.status, 126, filter);
    assert.equal(ours.stdout, "");
    assert.match(
      ours.stderr,
      /^netstat: Cannot start: system call \d+ is forbidden here \(.*@system-service allows.*\)\n$/,
    );
    told++;
  }
  assert.ok(told > 12, `${told} of ${filters}`);
});

/** Runs a program where memory cannot be made code, as systemd before 253 denies it. */
const DENIED = `
import ctypes, os, struct, sys
LOAD, EQUAL, SET, AND, RETURN = 0x20, 0x15, 0x45, 0x54, 0x06
ALLOW, EPERM = 0x7FFF0000, 0x00050001
mmap, mprotect = {"x86_64": (9, 10), "aarch64": (222, 226)}[os.uname().machine]
code = [
    (LOAD, 0, 0, 0),
    (EQUAL, 0, 2, mprotect), (LOAD, 0, 0, 32), (SET, 4, 5, 4),
    (EQUAL, 0, 4, mmap), (LOAD, 0, 0, 32), (AND, 0, 0, 6), (EQUAL, 0, 1, 6),
    (RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW),
]
filters = ctypes.create_string_buffer(
    b"".join(struct.pack("HBBI", *one) for one in code))
program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
`;

Deno.test("services: where a filter denies to turn memory into code", async () => {
  for (const view of VIEWS) {
    const [reference, ours] = await Promise.all(
      [THEIRS, OURS].map((program) =>
        systemd.bash('exec python3 -c "$@"', DENIED, program, view)
      ),
    );
    assert.equal(ours, reference);
  }
});

Deno.test("services: JSON is the same in all of it", async () => {
  for (const view of ["-tln", "-rn", "-s"]) {
    const [free, lockedUp] = await Promise.all(
      [[], SURROUNDINGS["all of it"]!].map((settings) =>
        systemd.run(settings, [OURS, "--json", view])
      ),
    );
    assert.match(free!.stdout, /^[[{].+\n$/);
    assert.deepEqual(lockedUp, free);
  }
});

/** Programs that run netstat, in bash, and what they must find by net-tools'. */
const CLIENTS: Readonly<Record<string, { script: string; found: RegExp }>> = {
  "a shell with pipefail": {
    script: `set -o pipefail
if netstat -tln | grep -q LISTEN; then echo yes; else echo no; fi`,
    found: /^yes$/m,
  },
  "a shell that asks for one port": {
    script: "netstat -tln | grep -q ':7001 ' && echo yes",
    found: /^yes$/m,
  },
  "Python": {
    script: `python3 -c '
import subprocess
p = subprocess.Popen(["netstat", "-tln"], stdout=subprocess.PIPE)
print(p.stdout.readline())
p.stdout.close()
print(p.wait())'`,
    found: /^-13$/m,
  },
  jc: {
    script: "jc netstat -tunap",
    found: /"state":"LISTEN",.*"local_port":"7001"/,
  },
  munin: {
    script: "MUNIN_LIBDIR=/usr/share/munin sh /usr/share/munin/plugins/netstat",
    found: /^established\.value \d/m,
  },
};

for (const [name, { script, found }] of Object.entries(CLIENTS)) {
  Deno.test(`services: ${name}`, async () => {
    const ended = async (program: string) =>
      await systemd.run([
        ...SURROUNDINGS["all of it"]!,
        `Environment=PATH=${program.replace("/netstat", "")}:/usr/bin:/bin`,
      ], ["/usr/bin/bash", "-c", script.replaceAll("$", "$$")]);
    const reference = await ended(THEIRS);
    assert.match(reference.stdout, found, reference.stderr);
    assert.deepEqual(await ended(OURS), reference);
  });
}

/**
 * Debian's monit.service with all that it is locked up by, and a check of ports: of
 * one that somebody listens to, and of one that nobody does. The alarm is a file.
 */
Deno.test("services: monit finds a port, and misses one that is not there", async () => {
  for (const program of [THEIRS, OURS]) {
    const said = await systemd.bash(
      `mkdir -p /run/systemd/system/monit.service.d /var/lib/monit
cat >/run/systemd/system/monit.service.d/test.conf <<END
[Unit]
DefaultDependencies=no
[Service]
Environment=PATH=$1:/usr/bin:/bin
ExecStart=
ExecStart=/usr/bin/monit -I -c /run/monitrc
ExecStop=
TimeoutStopSec=2
END
cat >/run/monitrc <<'END'
set daemon 1
set log /run/monit.log
set pidfile /run/monit.pid
set statefile /run/monit.state
check program open with path "/usr/bin/env bash -c 'netstat -tln | grep -q :7001'"
  if status != 0 then alert
check program closed with path "/usr/bin/env bash -c 'netstat -tln | grep -q :6999'"
  if status != 0 then alert
END
chmod 600 /run/monitrc
rm -f /run/monit.log
systemctl daemon-reload
systemctl start monit.service
for i in $(seq 100); do
  ! grep -q "'closed' status failed" /run/monit.log || break
  sleep 0.2
done
# the other check is of the same second
sleep 2
systemctl stop monit.service
cat /run/monit.log`,
      program.replace("/netstat", ""),
    );
    assert.match(said, /'closed' status failed/, program);
    assert.doesNotMatch(said, /'open' status failed/, program);
  }
});

/**
 * Whose sockets are on a running system: of units that a real systemd starts, of
 * containers of Podman and nspawn, and in hierarchies of both versions. Needs root,
 * `systemd`, `systemd-container`, `podman`, `busybox` and `python3`.
 */

import assert from "node:assert/strict";
import { NETSTAT } from "./namespace.ts";
import { makeSystemd, type Systemd } from "./systemd.ts";
import { look, makeWorld } from "./world.ts";

/** What a service does: it listens, talks to others, and leaves what it has sent behind. */
const SERVER = `import os, socket, time
own = socket.create_server(("127.0.0.1", 8002))
to = socket.create_connection(("127.0.0.1", 8001))
# accepted, and read by nobody
late = socket.create_connection(("127.0.0.1", 8002))
got = own.accept()[0]
orphan = socket.create_connection(("127.0.0.1", 8002))
rest = own.accept()[0]
orphan.setblocking(False)
try:
  while True: orphan.send(b"x" * 65536)
except BlockingIOError:
  orphan.close()
# nobody accepts it
unaccepted = socket.create_connection(("127.0.0.1", 8002))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 8003))
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
packet = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
netlink.bind((0, 1))
unix = socket.socket(socket.AF_UNIX)
unix.bind("\\0place-unix")
unix.listen()
open("/run/ready-" + os.environ["READY"], "w").close()
time.sleep(1e6)
`;

const UNITS: Readonly<Record<string, string>> = {
  "web.socket": `[Unit]
DefaultDependencies=no
[Socket]
ListenStream=127.0.0.1:8001
ListenStream=/run/web.sock
`,
  "web.service": `[Unit]
DefaultDependencies=no
[Service]
ExecStart=sleep infinity
`,
  "idle.socket": `[Unit]
DefaultDependencies=no
[Socket]
ListenStream=127.0.0.1:8009
ListenStream=/run/idle.sock
`,
  "idle.service": `[Unit]
DefaultDependencies=no
[Service]
ExecStart=sleep infinity
`,
  "server@.service": `[Unit]
DefaultDependencies=no
[Service]
Environment=READY=server
ExecStart=python3 /run/server.py
`,
  "systemd-nspawn@.service": `[Unit]
DefaultDependencies=no
[Service]
Slice=machine.slice
Delegate=yes
ExecStart=systemd-nspawn --register=no --keep-unit --as-pid2 -D /run/machine /usr/bin/nc -l -p 7020 127.0.0.1
`,
};

/** A machine of one program, and of the libraries that it needs. */
const MACHINE = `busybox=$(command -v busybox)
for folder in /run/machine /run/image; do
  mkdir -p $folder/usr/bin $folder/etc
  for link in bin lib lib64; do
    mkdir -p $folder/usr/$link
    ln -s usr/$link $folder/$link
  done
  cp "$busybox" $folder/usr/bin/nc
  for library in $(ldd "$busybox" | grep -o '/[^ ]*' || true); do
    mkdir -p "$folder\${library%/*}"
    cp -L "$library" "$folder$library"
  done
done
touch /run/machine/etc/os-release
tar cf /run/image.tar -C /run/image .
mkdir -p /var/lib/containers
mount -t tmpfs none /var/lib/containers`;

let systemd: Systemd;

Deno.test.beforeAll(async () => {
  systemd = await makeSystemd(MACHINE);
  await systemd.bash(`echo "$1" >/run/server.py`, SERVER);
  for (const [name, text] of Object.entries(UNITS)) {
    await systemd.bash(`echo "$2" >"/run/systemd/system/$1"`, name, text);
  }
  await systemd.bash(`systemctl start web.socket idle.socket
systemctl start 'server@a\\x2db-c.service'
timeout 30 sh -c 'until [ -e /run/ready-server ]; do sleep 0.1; done'`);
});

Deno.test.afterAll(() => systemd?.end());

type Row = Record<string, unknown>;

/** Asks for columns as JSON, as root or as nobody. */
async function ask(
  args: readonly string[],
  columns: string,
  user: "root" | "nobody" = "root",
): Promise<Row[]> {
  const text = await systemd.bash(
    `user=$1; shift
if [ "$user" = nobody ]; then set -- setpriv --reuid=65534 --clear-groups "$@"; fi
exec "$@" 2>/dev/null`,
    user,
    NETSTAT,
    ...args,
    "--json",
    `--columns=${columns}`,
  );
  return JSON.parse(text);
}

const SERVER_UNIT = {
  unit: "server@a-b-c.service",
  slice: "system-server.slice",
};

for (const user of ["root", "nobody"] as const) {
  Deno.test(`place: connections of a service, to ${user}`, async () => {
    const rows = await ask(
      ["-tan", "--where=local_port=8002 or foreign_port=8002"],
      "state,inode,pid,unit,slice,container,cgroup",
      user,
    );
    const [states, orphans, unaccepted] = [
      new Set(rows.map(({ state }) => state)),
      rows.filter(({ state }) => state === "FIN_WAIT1"),
      rows.filter(({ state, inode }) => state === "ESTABLISHED" && inode === 0),
    ];
    assert.deepEqual(states, new Set(["LISTEN", "ESTABLISHED", "FIN_WAIT1"]));
    assert.equal(orphans.length, 1);
    assert.equal(orphans[0]!.inode, 0);
    assert.equal(unaccepted.length, 1);
    for (const { unit, slice, container, cgroup, pid, inode } of rows) {
      assert.deepEqual({ unit, slice }, SERVER_UNIT);
      assert.equal(container, null);
      assert.equal(
        cgroup,
        "/system.slice/system-server.slice/server@a\\x2db-c.service",
      );
      assert.equal(pid !== null, user === "root" && inode !== 0);
    }
  });
}

Deno.test("place: sockets of each family have owners, and so units", async () => {
  const families = [
    ["-uan", "--where=local_port=8003"],
    ["-wan"],
    ["-xan", "--where=path = @place-unix"],
    ["-A", "packet", "-an"],
    ["-A", "netlink", "-an", "--where=groups=1"],
  ];
  for (const args of families) {
    const rows = await ask(args, "pid,unit,slice");
    const own = rows.filter(({ unit }) => unit === SERVER_UNIT.unit);
    assert.equal(own.length, 1, args.join(" "));
    assert.equal(own[0]!.slice, SERVER_UNIT.slice);
  }
  // netlink tells where Internet sockets were made, and not where others were
  const [udp] = await ask(families[0]!, "pid,unit", "nobody");
  assert.deepEqual(udp, { pid: null, unit: SERVER_UNIT.unit });
  const [unix] = await ask(families[2]!, "pid,unit,cgroup", "nobody");
  assert.deepEqual(unix, { pid: null, unit: null, cgroup: null });
});

Deno.test("place: what a service manager listens for", async () => {
  const at = (port: number) => ["-tln", `--where=local_port=${port}`];
  // the kernel tells the socket's unit, where systemd made it in its cgroup
  assert.deepEqual(await ask(at(8009), "pid,unit,cgroup"), [
    { pid: 1, unit: "idle.socket", cgroup: "/system.slice/idle.socket" },
  ]);
  assert.deepEqual(await ask(at(8009), "pid,unit", "nobody"), [
    { pid: null, unit: "idle.socket" },
  ]);
  // of another one nobody tells, until its service has it
  const idle = ["-xln", "--where=path = /run/idle.sock"];
  assert.deepEqual(await ask(idle, "pid,unit,cgroup"), [
    { pid: 1, unit: null, cgroup: "/init.scope" },
  ]);
  const web = ["-xln", "--where=path = /run/web.sock"];
  // somebody has connected
  assert.deepEqual(await ask(web, "pid,unit"), [
    { pid: 1, unit: "web.service" },
  ]);
  assert.deepEqual(await ask(at(8001), "pid,program_name,unit"), [
    { pid: 1, program_name: "systemd", unit: "web.service" },
  ]);
});

Deno.test("place: the other end", async () => {
  const rows = await ask(
    ["-tn", "--where=foreign_port=8001 or local_port=8001"],
    "local_port,unit,peer_unit,peer_pid",
  );
  assert.equal(rows.length, 2);
  for (const { local_port, unit, peer_unit } of rows) {
    assert.deepEqual(
      [unit, peer_unit],
      local_port === 8001
        ? ["web.socket", SERVER_UNIT.unit]
        : [SERVER_UNIT.unit, "web.service"],
    );
  }
  const others = await ask(
    ["-tn", "--where=foreign_port=8001"],
    "unit,peer_unit,peer_container",
    "nobody",
  );
  assert.deepEqual(others, [{
    unit: SERVER_UNIT.unit,
    peer_unit: "web.socket",
    peer_container: null,
  }]);
});

Deno.test("place: a family file's sockets", async () => {
  await systemd.bash(`cat >/run/mine.js <<'END'
export default ({ right, ownerColumns }) => ({
  name: "mine",
  about: "Sockets",
  tables: [{
    name: "mine",
    sources: [{ path: "/proc/net/netlink", proto: "mine", rank: 1 }],
    columns: {
      inode: right("Inode", 10, (row) => row.inode, "Inode."),
      ...ownerColumns((row) => row.inode),
    },
    frozen: { title: { text: () => "Mine", always: false } },
    lineLimit: 8191,
    row: () => ({ inode: 0 }),
    parse(line, row) {
      const found = /(\\d+)\\s*$/.exec(line.text());
      row.inode = Number(found?.[1]);
      return found !== null;
    },
    inode: (row) => row.inode,
  }],
});
END`);
  const rows = await ask(
    ["--family=/run/mine.js", "-A", "mine"],
    "pid,unit,slice",
  );
  const own = rows.filter(({ unit }) => unit === SERVER_UNIT.unit);
  assert.equal(own.length, 1);
  assert.equal(own[0]!.slice, SERVER_UNIT.slice);
});

Deno.test("place: containers of Podman and nspawn", async () => {
  const podman = "podman --cgroup-manager=cgroupfs --events-backend=file";
  await systemd.bash(`${podman} import -q /run/image.tar place:1
for name in web-1 tmp-1; do
  rm=; port=7010
  if [ $name = tmp-1 ]; then rm=--rm; port=7011; fi
  ${podman} run $rm --detach --network=host --pids-limit=0 --name=$name \\
    place:1 /bin/nc -l -p $port 127.0.0.1
done
systemctl start 'systemd-nspawn@my\\x2dweb.service'
for port in 1B62 1B63 1B6C; do
  timeout 30 sh -c "until grep -q ' 0100007F:$port ' /proc/net/tcp; do sleep 0.1; done"
done`);
  const args = ["-tln", "--where=local_port in 7010..7020"];
  const columns = "local_port,unit,container,container_id,runtime";
  const rows = await ask([...args, "--sort=local_port"], columns);
  const [web, tmp] = await Promise.all(["web-1", "tmp-1"].map(async (name) => {
    const id = await systemd.bash(
      `${podman} inspect --format '{{.Id}}' "$1"`,
      name,
    );
    return id.trim();
  })) as [string, string];
  const common = { unit: null, runtime: "podman" };
  assert.deepEqual(rows, [
    { local_port: 7010, container: "web-1", container_id: web, ...common },
    { local_port: 7011, container: "tmp-1", container_id: tmp, ...common },
    {
      local_port: 7020,
      unit: "systemd-nspawn@my-web.service",
      container: "my-web",
      container_id: null,
      runtime: "nspawn",
    },
  ]);
  const said = await systemd.bash(
    `setpriv --reuid=65534 --clear-groups "$@" 2>&1 >/run/out; cat /run/out`,
    NETSTAT,
    ...args,
    "--no-header",
    "--sort=local_port",
    "--columns=container",
  );
  assert.equal(
    said,
    `(No info could be read for "-p": geteuid()=65534 but you should be root.)
(Not all names of containers could be read; ids are shown in their place,
 you would have to be root to see them all.)
${web.slice(0, 12)}
${tmp.slice(0, 12)}
my-web
`,
  );
  const found = await ask(["-tln", "--where=container = web-1"], "local_port");
  assert.deepEqual(found, [{ local_port: 7010 }]);
});

Deno.test("place: a container's network namespace is called by it", async () => {
  const podman = "podman --cgroup-manager=cgroupfs --events-backend=file";
  await systemd.bash(`${podman} run --detach --network=none --pids-limit=0 \\
  --name=alone-1 place:1 /bin/nc -l -p 7012 127.0.0.1
timeout 30 sh -c "until ${podman} top alone-1 pid | grep -q 1; do sleep 0.1; done"`);
  const id = await systemd.bash(`${podman} inspect --format '{{.Id}}' alone-1`);
  const row = { local_port: 7012, container: "alone-1", netns_name: "alone-1" };
  for (const which of ["alone-1", id.slice(0, 8), "all"]) {
    const rows = await ask(
      ["-tln", `--netns=${which}`, "--where=local_port = 7012"],
      "local_port,container,netns_name",
    );
    assert.deepEqual(rows, [row], which);
  }
});

const ID = "9ec39b91a3cd4b6a8ce5a6ba8b0e5ee4b0b8d4e2a5e0a7c0b1f7d4e9c2a35f60";

/** Both versions, as container runtimes use them; one cgroup goes, its socket stays. */
const HYBRID = `unified=$(mktemp -d)
named=$(mktemp -d)
mount -t cgroup2 none "$unified"
mount -t cgroup -o none,name=systemd none "$named"
ip link set lo up
top=netstat-place-$$
service=$top.slice/some.service
mkdir -p "$unified/$service" "$unified/$top.slice/gone.service"
mkdir -p "$named/$top.slice/docker/${ID}"
run() {
  python3 -c '
import os, socket, sys, time
port, *folders = sys.argv[1:]
for folder in folders[:2]:
  open(folder + "/cgroup.procs", "w").write("0")
held = socket.create_server(("127.0.0.1", int(port)))
if len(folders) > 2:
  open(folders[2] + "/cgroup.procs", "w").write("0")
print(flush=True)
time.sleep(1e6)' "$@" </dev/null &
}
exec 3>&1
coproc one { run 8101 "$unified/$service" "$named/$top.slice/docker/${ID}"; wait; }
read -r <&"\${one[0]}"
coproc two { run 8102 "$unified/$top.slice/gone.service" "$named" "$unified/$service"; wait; } 2>/dev/null
read -r <&"\${two[0]}"
rmdir "$unified/$top.slice/gone.service"
echo "ready $top" >&3
cat >/dev/null
echo 1 >"$unified/$service/cgroup.kill"
wait || true
until rmdir "$unified/$service" "$unified/$top.slice" 2>/dev/null; do sleep 0.1; done
find "$named/$top.slice" -depth -type d -exec rmdir {} +
umount "$unified" "$named"
rmdir "$unified" "$named"`;

Deno.test("place: hierarchies of both versions, and a cgroup that is gone", async () => {
  const world = await makeWorld(
    ...["--net", "--mount", "--propagation", "private"],
    ...["bash", "-euc", HYBRID],
  );
  try {
    const top = /^ready (\S+)/.exec(world.said)![1]!;
    const columns = "local_port,unit,container,cgroup";
    const ask = async (uid: number) => {
      const { stdout } = await look(world, NETSTAT, [
        ...["-tln", "--sort=local_port", "--json", `--columns=${columns}`],
      ], { uid, mounts: true });
      return JSON.parse(stdout) as Row[];
    };
    const service = {
      unit: "some.service",
      container: null,
      cgroup: `/${top}.slice/some.service`,
    };
    // the process's, of which version 1 names the container
    assert.deepEqual(await ask(0), [
      {
        local_port: 8101,
        unit: `${top}.slice`,
        container: ID.slice(0, 12),
        cgroup: `/${top}.slice/docker/${ID}`,
      },
      { local_port: 8102, ...service },
    ]);
    // where each was made, of which only version 2 is told
    assert.deepEqual(await ask(65534), [
      { local_port: 8101, ...service },
      { local_port: 8102, unit: null, container: null, cgroup: null },
    ]);
  } finally {
    await world.end();
  }
});

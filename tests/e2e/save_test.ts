/**
 * `--save`: what a listing tells live it tells from its save, and nothing else is left
 * behind, whatever comes between. Needs root, `python3`, `tar`, `strace`, `script` and
 * iproute2.
 */

import assert from "node:assert/strict";
import { differences, type Result } from "../cases.ts";
import { run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";
import { look, type Looking, makeWorld, still, type World } from "./world.ts";
import { namesIn, withFolder } from "../trees.ts";

/** Keys of what moves by itself: ages, and what is left of times. */
const MOVING =
  /"(age_at_least_ms|busy_ratio|idle_ms|tcp_last_(ack_recv|data_recv|data_sent)_ms|timer_ms|(confirmed|used|updated)_s)":[^,}]+/g;

/** Interfaces of many kinds: a kernel may lack some. */
const INTERFACES = `
echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitations
ip link set lo up
ip addr add 127.0.0.2/8 dev lo label lo:1
ip link add v0 address 02:00:00:00:00:10 type veth peer name v1
ip addr add 192.0.2.1/24 broadcast 192.0.2.255 dev v0
ip addr add 192.0.2.2/24 dev v0 label v0:1
ip -6 addr add 2001:db8::1/64 dev v0 nodad
ip link set v0 mtu 9000
ip link set v0 up
ip link set v1 up promisc on
ip link add br0 type bridge
ip link set br0 up
ip link add v2 type veth peer name v10
ip link set v2 master br0
ip link set v2 up
ip tuntap add dev tun0 mode tun
ip addr add 10.8.0.1 peer 10.8.0.2 dev tun0
ip link set tun0 up
ip link add gre1 type gre remote 192.0.2.77 local 192.0.2.1
ip link add dummy1 type dummy
ip route add 198.51.100.0/24 via 192.0.2.9 metric 7
ip route add 203.0.113.0/24 dev v0 table 77 proto static
ip rule add from 192.0.2.0/24 table 77
ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:99 dev v0 nud permanent
`;

/** All kinds of listings. */
const LISTINGS: readonly string[] = [
  ...["-tan", "-tanp", "-tanpe", "-tano", "-ta", "-tul", "-uan", "-wan"],
  ...["-xa", "-xap", "-anp", "-a", "-an --json", "-tanp --json", "-xa --json"],
  ...["-rn", "-r", "-ren", "-r -6 -n", "-rn --json", "-r6 --json"],
  ...["-i", "-ia", "-ie", "-iae", "-i --json", "-ia --json"],
  ...["-g", "-gn", "-g --json", "-s", "-s6", "-st", "-s --json", "-M"],
  ...["-A packet -an", "-A netlink -an --json", "-A neigh -n", "-A rule -n"],
  "-tan --columns=@default,@tcp,@memory,@backlog,@peer --json",
  "-tanp --columns=local_port,@owner,@peer --csv",
  "-xan --columns=@default,@memory,@backlog,@peer --json",
  "-uan --columns=@default,@memory,@peer",
  "-tan --where=state=LISTEN --sort=-local_port",
  "-tan --where=local_port<50000 --count=state,unit",
  "-tan --columns=local_port,netns,netns_name",
  "-rn --columns=@default,@route --json",
  "-rn6 --columns=@default,@route --json",
  "-ia --columns=@default,@link",
  "-A neigh -n --json",
  "-A rule -n --json",
];

/** Those that are saved by themselves. */
const OWN: readonly string[] = [
  ...["-tanp", "-xap", "-xa --json", "-tn --columns=@tcp,@peer,pid --json"],
  ...["-ie", "-r", "-rn6 --columns=@default,@route", "-g", "-s", "-M"],
  ...["-A neigh -n", "-tuln --count=local_port,user"],
];

/** What differs between two results, but for what moves by itself. */
function different(
  live: Result,
  saved: Result,
  args: readonly string[],
): string {
  const frozen = (result: Result) => {
    const { stdout, ...others } = still(result);
    return { ...others, stderr: "", stdout: stdout.replace(MOVING, "") };
  };
  return differences(frozen(live), frozen(saved), [...args]);
}

/** How a world is saved. */
interface Saving {
  readonly save: string;
  /** What the save is asked for. */
  readonly saveArgs?: readonly string[];
  readonly looking?: Looking;
}

/** Makes a save of a world. */
async function makeSave(
  world: World,
  { save, saveArgs = [], looking }: Saving,
): Promise<void> {
  const words = ["--force", "--save", save, ...saveArgs];
  const { stdout, stderr, exit } = await look(world, NETSTAT, words, looking);
  assert.deepEqual([stdout, exit], ["", 0], stderr);
}

/** What the program says of a save, outside of the world that it is of. */
function ask(save: string, args: readonly string[]): Promise<Result> {
  return look({ pid: Deno.pid } as World, NETSTAT, [...args, "--root", save]);
}

/** A listing is made so often until nothing moves meanwhile, after so many milliseconds. */
const ATTEMPTS = 10;
const PAUSE = 300;

/** Compares a listing with that from a save, which is made anew if it is too old. */
async function assertSame(
  world: World,
  args: readonly string[],
  saving: Saving,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    const live = await look(world, NETSTAT, args, saving.looking);
    const saved = await ask(saving.save, args);
    const what = different(live, saved, args);
    if (what === "") {
      assert.ok(live.stdout !== "" || args.includes("-M"), args.join(" "));
      return;
    }
    if (attempt === ATTEMPTS) assert.fail(what);
    await new Promise((done) => setTimeout(done, PAUSE));
    await makeSave(world, saving);
  }
}

const WORLDS: readonly (readonly string[])[] = [
  ["diag_world.py"],
  ["depth_world.py", "65534"],
];

for (const [name, ...more] of WORLDS) {
  Deno.test(`save: a listing live and from its save is the same: ${name}`, async (t) => {
    await withFolder(async (folder) => {
      await Deno.chmod(folder, 0o777);
      const script = new URL(name!, import.meta.url).pathname;
      const world = await makeWorld(
        ...["--net", "sh", "-c", `{ ${INTERFACES}\n} 2>/dev/null; exec "$@"`],
        ...["sh", "python3", script, folder, ...more],
      );
      try {
        const save = `${folder}/all.tar.gz`;
        await makeSave(world, { save });
        for (const words of LISTINGS) {
          const args = words.split(" ");
          await t.step(words, () => assertSame(world, args, { save }));
        }
        for (const words of OWN) {
          const args = words.split(" ");
          const save = `${folder}/own.tar`;
          await t.step(`${words}, of its own save`, async () => {
            await makeSave(world, { save, saveArgs: args });
            await assertSame(world, args, { save, saveArgs: args });
          });
        }
      } finally {
        await world.end();
      }
    });
  });
}

Deno.test("save: all network namespaces", async () => {
  await withFolder(async (folder) => {
    const world = await makeWorld(
      ...["--net", "--mount", "--pid", "--fork", "--mount-proc"],
      ...["python3", new URL("netns_world.py", import.meta.url).pathname],
    );
    try {
      const save = `${folder}/all.tar`;
      const saving: Saving = {
        save,
        saveArgs: ["--netns", "all"],
        looking: { pids: true },
      };
      await makeSave(world, saving);
      for (
        const words of [
          ...["-tanp", "-an --json", "-i", "-rn", "-s", "-g", "-ie --json"],
          ...["-tln --columns=netns,netns_name,local_port,pid"],
          ...["-tln --columns=@tcp,netns_name --json"],
        ]
      ) {
        const args = [...words.split(" "), "--netns", "all"];
        await assertSame(world, args, saving);
      }
    } finally {
      await world.end();
    }
  });
});

Deno.test("save: any tool can look inside", async () => {
  await withFolder(async (folder) => {
    for (const name of ["a.tar", "a.tar.gz", "a.tgz"]) {
      const path = `${folder}/${name}`;
      const { stdout, stderr, exit } = await run(
        [NETSTAT, "-tanp", "--save", path],
      );
      assert.deepEqual([stdout, exit], ["", 0], stderr);
      assert.match(
        stderr,
        /^netstat: \S+ has (the|no) command lines of .*process.*\n$/,
      );
      assert.equal((await Deno.stat(path)).mode! & 0o7777, 0o600);
      const magic = (await Deno.readFile(path)).subarray(0, 2);
      assert.equal(magic[0] === 0x1f, name !== "a.tar");
      const listed = await run(["tar", "tf", path]);
      assert.equal(listed.exit, 0, listed.stderr);
      const members = listed.stdout.trim().split("\n");
      for (const path of ["proc/net/tcp", "netlink/sock_diag/tcp"]) {
        assert.ok(members.includes(path), path);
      }
      assert.equal(members.at(-1), "netstat.json");
      assert.ok(members.every((member) => !member.startsWith("/")));
      const read = await run(["python3", "-c", PYTHON, path]);
      assert.deepEqual(
        [read.stdout, read.stderr],
        [`${members.length}\n`, ""],
      );
    }
    const told = JSON.parse(
      (await run(["tar", "xOf", `${folder}/a.tar`, "netstat.json"])).stdout,
    );
    assert.deepEqual(
      Object.keys(told),
      [
        ...["format", "version", "time", "hostname", "kernel", "euid"],
        ...["command", "unread"],
      ],
    );
    assert.match(told.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    assert.ok(Math.abs(Date.parse(told.time) - Date.now()) < 60_000);
    assert.deepEqual(
      [told.format, told.euid, told.hostname, told.unread],
      [1, 0, Deno.hostname(), []],
    );
    assert.deepEqual(
      told.command,
      ["netstat", "-tanp", "--save", `${folder}/a.tar`],
    );
    assert.deepEqual(namesIn(folder), ["a.tar", "a.tar.gz", "a.tgz"]);
  });
});

/** Reads each member to its end. */
const PYTHON = `
import sys, tarfile
count = 0
with tarfile.open(sys.argv[1]) as tar:
    for member in tar:
        count += 1
        if member.isfile():
            assert len(tar.extractfile(member).read()) == member.size
print(count)
`;

Deno.test("save: what was not asked for is not in it", async () => {
  const members = async (...args: string[]) => {
    const command = `"$0" "$@" --save - | tar tf -`;
    const { stdout } = await run(["sh", "-c", command, NETSTAT, ...args]);
    return stdout.trim().split("\n");
  };
  const tcp = await members("-tan");
  assert.ok(tcp.includes("proc/net/tcp6"));
  assert.deepEqual(
    tcp.filter((name) => /^etc|^proc\/\d|net\/(udp|route|dev|snmp)/.test(name)),
    [],
  );
  const named = await members("-u");
  for (const name of ["services", "protocols", "hosts", "networks", "passwd"]) {
    const path = `etc/${name}`;
    const isThere = await Deno.stat(`/${path}`).then(() => true, () => false);
    assert.equal(named.includes(path), isThere, path);
  }
  const routes = await members("-rn6");
  assert.ok(routes.includes("proc/net/ipv6_route"));
  assert.ok(!routes.some((name) => /proc\/net\/(tcp|route$)/.test(name)));
});

Deno.test("save: --no-cmdline leaves command lines out, and names stay", async () => {
  await withFolder(async (folder) => {
    await using server = await listening();
    for (const more of [[], ["--no-cmdline"]]) {
      const save = `${folder}/${more.length}.tar`;
      const { stderr, exit } = await run(
        [NETSTAT, "-tlnp", "--save", save, ...more],
      );
      assert.equal(exit, 0, stderr);
      const isIn = more.length === 0;
      assert.match(
        stderr,
        isIn
          ? /has the command lines of \d+ process(es)?, which may tell secrets/
          : /: \S+ has no command lines of processes\n$/,
      );
      const text = await Deno.readTextFile(save);
      assert.equal(text.includes("s3cret"), isIn);
      const { stdout } = await run([NETSTAT, "-tlnp", "--root", save]);
      assert.match(
        stdout,
        new RegExp(`:${server.port} .* ${server.pid}/python`),
      );
    }
  });
});

/** A program that listens, with a secret among its arguments. */
async function listening() {
  const script =
    "import socket, sys; s = socket.create_server(('127.0.0.1', 0));" +
    "print(s.getsockname()[1], flush=True); sys.stdin.read()";
  const child = new Deno.Command("python3", {
    args: ["-c", script, "s3cret"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  return {
    pid: child.pid,
    port: Number(new TextDecoder().decode(value)),
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

Deno.test("save: nothing is overwritten, followed or written through", async () => {
  await withFolder(async (folder) => {
    const save = async (path: string, ...more: string[]) => {
      const words = [NETSTAT, "-rn", "--save", path, ...more];
      const { stdout, stderr, exit } = await run(words, { cwd: folder });
      assert.equal(stdout, "");
      return `${exit} ${stderr}`;
    };
    const saved = "0 netstat: a has no command lines of processes\n";
    assert.equal(await save("a"), saved);
    const before = await Deno.readFile(`${folder}/a`);
    const exists = "1 netstat: --save: a: File exists; --force overwrites it\n";
    assert.equal(await save("a"), exists);
    assert.deepEqual(await Deno.readFile(`${folder}/a`), before);
    await Deno.writeTextFile(`${folder}/a`, "theirs");
    assert.equal(await save("a", "--force"), saved);
    assert.equal((await Deno.readFile(`${folder}/a`)).length, before.length);

    await Deno.writeTextFile(`${folder}/target`, "theirs");
    await Deno.symlink("target", `${folder}/link`);
    assert.match(await save("link"), /^1 .* File exists/);
    assert.match(await save("link", "--force"), /^0 /);
    assert.equal(await Deno.readTextFile(`${folder}/target`), "theirs");
    assert.ok((await Deno.lstat(`${folder}/link`)).isFile);

    await Deno.symlink("nowhere", `${folder}/dangling`);
    assert.match(await save("dangling"), /^1 .* File exists/);
    await run(["mkfifo", `${folder}/fifo`]);
    for (const path of ["fifo", "/dev/null", "/dev/stdout"]) {
      assert.match(
        await save(path, ...path === "/dev/stdout" ? [] : ["--force"]),
        /^1 netstat: --save: \S+: (Neither a file nor a new name; - is standard output|File exists; --force overwrites it)\n$/,
      );
    }
    assert.equal(
      await save("/tmp", "--force"),
      "1 netstat: --save: /tmp: Is a folder; name a file in it\n",
    );
    assert.equal(
      await save("no/where"),
      "1 netstat: --save: no/where: No such file or directory\n",
    );
    assert.equal(
      await save("b", "--root", folder),
      "1 netstat: --save: the running system is saved; pack --root's folder by tar\n",
    );
    assert.equal(
      await save("b", "--where", "nonsense = 1"),
      await run([NETSTAT, "-rn", "--where", "nonsense = 1"])
        .then(({ stderr, exit }) => `${exit} ${stderr}`),
    );
    assert.equal(await save(""), "1 netstat: --save needs a file, or -\n");
    assert.deepEqual(
      namesIn(folder),
      ["a", "dangling", "fifo", "link", "target"],
    );
  });
});

Deno.test("save: standard output may be no terminal", async () => {
  const command = `${NETSTAT} -rn --save -`;
  const shown = await run(["script", "-qefc", command, "/dev/null"]);
  assert.deepEqual([shown.stdout, shown.exit], [
    "netstat: --save: standard output is a terminal: use --save FILE, or " +
    "--save - > FILE\r\n",
    1,
  ]);
});

Deno.test("save: a save that nobody reads to its end fails", async () => {
  const script = `trap "" PIPE
    { "$0" --save -; echo "$?" >&2; } 2>&1 >&3 3>&- | grep . >&2`;
  const { stderr } = await run([
    ...["bash", "-c", `{ ${script}; } 3>&1 | true`, NETSTAT],
  ]);
  assert.equal(stderr, "netstat: write error: Broken pipe\n1\n");
});

Deno.test("save: where rights are lent, no file is written", async () => {
  await withFolder(async (folder) => {
    const env = { SUDO_UID: "4711" };
    const file = await run(
      [NETSTAT, "-rn", "--save", `${folder}/a`, "--force"],
      { env },
    );
    assert.deepEqual([file.stdout, file.stderr, file.exit], [
      "",
      "netstat: --save is refused, since sudo started it for another user " +
      "(SUDO_UID): use --save - > FILE\n",
      1,
    ]);
    assert.deepEqual(namesIn(folder), []);
    const command = `"$0" -rn --save - >"$1/a" && tar tf "$1/a"`;
    const piped = await run(["sh", "-c", command, NETSTAT, folder], { env });
    assert.match(piped.stdout, /^proc\/net\/route$/m);
    assert.equal(piped.exit, 0, piped.stderr);
  });
});

Deno.test("save: a signal leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    for (
      const [i, signal] of (["SIGINT", "SIGTERM", "SIGHUP"] as const).entries()
    ) {
      // each write to the file takes a while
      const slow = ["-e", "inject=fsync:delay_enter=3000000"];
      const child = new Deno.Command("strace", {
        args: [
          ...["-f", "-o", "/dev/null", "-e", "trace=fsync", ...slow],
          ...[NETSTAT, "-tan", "--save", `${folder}/a`],
        ],
        stdout: "null",
        stderr: "null",
      }).spawn();
      let own: string[] = [];
      for (let wait = 0; wait < 500 && own.length === 0; wait++) {
        await new Promise((done) => setTimeout(done, 10));
        own = namesIn(folder);
      }
      assert.match(own.join(), /^\.netstat-save-[0-9a-f]{8}$/);
      const pid = await netstatBelow(child.pid);
      Deno.kill(pid, signal);
      const { signal: died } = await child.status;
      assert.equal(died, signal, `${i}`);
      assert.deepEqual(namesIn(folder), []);
    }
  });
});

Deno.test("save: a signal that is ignored, as by nohup, ends nothing", async () => {
  await withFolder(async (folder) => {
    const script = `trap "" HUP INT; "$0" -tan --save "$1/a" & own=$!
      for try in $(seq 500); do [ -n "$(ls -A "$1")" ] && break; sleep 0.01; done
      kill -HUP $own; kill -INT $own; wait $own`;
    const slow = ["-e", "inject=fsync:delay_enter=1000000"];
    const { exit, stderr } = await run([
      ...["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync", ...slow],
      ...["bash", "-c", script, NETSTAT, folder],
    ]);
    assert.equal(exit, 0, stderr);
    assert.deepEqual(namesIn(folder), ["a"]);
  });
});

/** The program that strace runs. */
async function netstatBelow(pid: number): Promise<number> {
  const path = `/proc/${pid}/task/${pid}/children`;
  const [child] = (await Deno.readTextFile(path)).split(" ");
  return Number(child);
}

Deno.test("save: a full disk leaves nothing behind, and is told", async () => {
  await withFolder(async (folder) => {
    const script = `
      mount -t tmpfs -o size=16k none "$1"
      "$0" --save "$1/a.tar"; echo "$?"; ls -A "$1"
      "$0" --save "$1/a.tar" --force; echo "$?"; ls -A "$1"
      ulimit -f 1
      "$0" --save "$2/b.tar"; echo "$?"; ls -A "$2"
    `;
    await Deno.mkdir(`${folder}/full`);
    await Deno.mkdir(`${folder}/limit`);
    const { stdout, stderr } = await run([
      ...["unshare", "--mount", "sh", "-c", script, NETSTAT],
      ...[`${folder}/full`, `${folder}/limit`],
    ]);
    assert.equal(stdout, "1\n1\n1\n");
    const said = (path: string, why: string) =>
      `netstat: --save: cannot write ${folder}/${path}: ${why}\n`;
    assert.equal(
      stderr,
      said("full/a.tar", "No space left on device").repeat(2) +
        said("limit/b.tar", "File too large"),
    );
  });
});

Deno.test("save: nothing else is opened for writing", async () => {
  await withFolder(async (folder) => {
    const trace = `${folder}/trace`;
    await Deno.mkdir(`${folder}/out`);
    const { exit, stderr } = await run([
      ...["strace", "-f", "-o", trace, "-e", "trace=%file,%network,ftruncate"],
      ...[NETSTAT, "--save", `${folder}/out/a.tar.gz`],
    ], { seconds: 60 });
    assert.equal(exit, 0, stderr);
    const calls = (await Deno.readTextFile(trace)).split("\n");
    const writing = calls.filter((call) =>
      /O_(WRONLY|RDWR|CREAT|TRUNC)/.test(call) ||
      /^\d+ +(link|rename|unlink|mk|chmod|chown|truncate|symlink)/.test(call)
    ).filter((call) => !call.includes("ENOENT"));
    assert.ok(writing.length > 1);
    for (const call of writing) {
      const [own] = /"[^"]*"/.exec(call)!;
      assert.match(own, /\/out\/\.netstat-save-[0-9a-f]{8}"$/, call);
    }
    const [made] = writing;
    assert.match(made!, /O_WRONLY\|O_CREAT\|O_EXCL\|O_NOFOLLOW.*, 0600\)/);
    assert.ok(!calls.some((call) => / connect\(/.test(call)), "connects");
    assert.deepEqual(namesIn(`${folder}/out`), ["a.tar.gz"]);
  });
});

Deno.test("save: keys of TCP are not in it", async () => {
  await withFolder(async (folder) => {
    const world = await makeWorld(
      ...["--net", "python3"],
      ...[new URL("diag_world.py", import.meta.url).pathname, folder],
    );
    try {
      const save = `${folder}/a.tar`;
      await makeSave(world, { save });
      const text = await Deno.readTextFile(save);
      assert.ok(!text.includes("a secret key"));
      const { stdout } = await ask(
        save,
        ["-tan", "--columns=md5_peers", "--ndjson"],
      );
      assert.match(stdout, /"md5_peers":\["/);
    } finally {
      await world.end();
    }
  });
});

Deno.test("save: a user saves what a user may see", async () => {
  await withFolder(async (folder) => {
    await Deno.chmod(folder, 0o777);
    const user = ["setpriv", "--reuid=4711", "--regid=4711", "--clear-groups"];
    const save = `${folder}/a.tar`;
    const { stdout, stderr, exit } = await run(
      [...user, NETSTAT, "--save", save],
    );
    assert.deepEqual([stdout, exit], ["", 0], stderr);
    assert.match(stderr, /^netstat: not saved: \/proc\/.*: Permission denied/m);
    const { stdout: json } = await run(["tar", "xOf", save, "netstat.json"]);
    const { unread, euid } = JSON.parse(json);
    assert.equal(euid, 4711);
    assert.ok(
      unread.some(({ path, error }: Record<string, string>) =>
        path === "/proc/1/fd" && error === "Permission denied"
      ),
    );
  });
});

/** Trees as other programs make them, below a folder of their own. */
Deno.test("save: the tar of a report is read as a save", async () => {
  await withFolder(async (folder) => {
    const server = new URL("../../docs/server", import.meta.url).pathname;
    const script = `
      cd "$1"
      top=sosreport-host-2026-11-26-abcdefg
      mkdir -p "$top/sos_commands/networking" "$top/sos_logs" "$top/var/log"
      cp -R "$2/proc" "$2/sys" "$2/etc" "$top"
      echo "tcp LISTEN" >"$top/sos_commands/networking/ss_-peaonmi"
      ln -s sos_commands/networking/ss_-peaonmi "$top/ss"
      echo log >"$top/var/log/messages"
      echo 4.5 >"$top/version.txt"
      tar cf report.tar "$top"
      tar czf report.tar.gz "$top"
    `;
    const made = await run(["sh", "-euc", script, "sh", folder, server]);
    assert.equal(made.exit, 0, made.stderr);
    for (const name of ["report.tar", "report.tar.gz"]) {
      for (
        const words of [
          ...["-tulpn", "-an", "-a", "-xp", "-rn", "-ra", "-i", "-ie", "-g"],
          ...["-s", "-M", "-tanp --json", "-an --csv", "-i --json"],
          ...[
            "-s --json",
            "-tan --where=state=LISTEN --columns=local_port,pid",
          ],
        ]
      ) {
        const look = async (root: string) => {
          const args = [NETSTAT, ...words.split(" "), "--root", root];
          const { stdout, stderr, exit } = await run(args);
          return { stdout, exit, stderr: stderr.replaceAll(root, "ROOT") };
        };
        const want = await look(server);
        assert.deepEqual(await look(`${folder}/${name}`), want, words);
        assert.ok(want.stdout !== "" || words === "-M", words);
      }
    }
  });
});

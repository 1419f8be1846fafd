/**
 * The executable where files, folders and limits are not what they are elsewhere,
 * beside the reference. Needs root.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";
import { compare, look, makeWorld, type World } from "./world.ts";

const NOBODY = 65534;

/** What the reference can do as well, and what it opens first. */
const VIEWS = [
  "-an",
  "-a",
  "-anep",
  "-tlnp",
  "-x",
  "-rn",
  "-r -6 -n",
  "-i",
  "-ie",
  "-s",
  "-gn",
];

/** Where the executable is seen in them, wherever it was built. */
const PROGRAM = "/mnt/netstat";

/** Lends namespaces in which `setup`, a part of a shell script, has run. */
async function withWorld(
  setup: string,
  use: (world: World, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "surroundings-" });
  await Deno.chmod(folder, 0o755);
  let world: World | undefined;
  try {
    world = await makeWorld(
      "--net",
      "--mount",
      "--propagation",
      "private",
      "bash",
      "-euc",
      `ip link set lo up
ip link add name left type veth peer name right
ip address add 192.0.2.5/24 dev left
ip link set left up
ip route add default via 192.0.2.1
ip -6 address add 2001:db8::5/64 dev left nodad
folder=$1 netstat=${PROGRAM}
mount -t tmpfs -o mode=755 none "$(dirname "$netstat")"
touch "$netstat"
mount --bind "$2" "$netstat"
${setup}
echo ready
cat >&2`,
      "bash",
      folder,
      NETSTAT,
    );
    await use(world, folder);
  } finally {
    await world?.end();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Mounts that take something away. */
const WORLDS: readonly { name: string; setup: string; uid?: number }[] = [
  { name: "an unprivileged user", setup: "", uid: NOBODY },
  { name: "no /sys", setup: "umount -l /sys" },
  { name: "an empty /sys", setup: "mount -t tmpfs none /sys" },
  { name: "an empty /etc", setup: "mount -t tmpfs none /etc" },
  { name: "an empty /dev", setup: "mount -t tmpfs none /dev", uid: NOBODY },
  {
    name: "no /tmp to look into",
    setup: "mount -t tmpfs -o mode=0 none /tmp",
    uid: NOBODY,
  },
  {
    name: "nothing that can be written to",
    setup: "for mount in / /tmp /run /dev; do " +
      'mountpoint -q "$mount" || mount --bind "$mount" "$mount"; ' +
      'mount -o remount,bind,ro "$mount"; done',
  },
];

Deno.test("places that are empty, missing or read-only", async (t) => {
  for (const { name, setup, uid = 0 } of WORLDS) {
    await t.step(name, async () => {
      await withWorld(setup, async (world) => {
        for (const args of VIEWS) {
          const { ours } = await compare(world, args.split(" "), {
            mounts: true,
            uid,
            ours: PROGRAM,
          });
          assert.notEqual(ours.stdout, "", args);
        }
      });
    });
  }
});

/** A root folder with `/usr` and `/proc`, the executable, and nothing else. */
const CONTAINER = `root=$folder/root
mkdir "$root"
mount -t tmpfs -o mode=755 none "$root"
mkdir "$root/usr" "$root/proc" "$root/opt"
for link in lib lib64 bin sbin; do ln -s "usr/$link" "$root/$link"; done
mount --bind /usr "$root/usr"
mount --rbind /proc "$root/proc"
touch "$root/opt/netstat"
mount --bind "$netstat" "$root/opt/netstat"
mount -o remount,bind,ro "$root"`;

Deno.test("a container without /etc, /sys, /dev and /tmp", async () => {
  await withWorld(CONTAINER, async (world, folder) => {
    for (const args of VIEWS) {
      const { ours } = await compare(world, args.split(" "), {
        mounts: true,
        through: ["chroot", `${folder}/root`],
        ours: "/opt/netstat",
      });
      assert.notEqual(ours.stdout, "", args);
    }
  });
});

/** A `/proc` that is a folder of files. */
const TREE = `mkdir "$folder/proc" "$folder/proc/self"
cp -r /proc/self/net "$folder/proc/net" 2>/dev/null || true
ln -s "$netstat" "$folder/proc/self/exe"
mount --bind "$folder/proc" /proc`;

/** Files of `/proc/net`, and what reads them. */
const FILES: readonly { file: string; views: readonly string[] }[] = [
  { file: "tcp", views: ["-an", "-ant"] },
  { file: "tcp6", views: ["-an", "-ant6", "-ant"] },
  { file: "udp", views: ["-an", "-anu"] },
  { file: "udplite", views: ["-an", "-anU"] },
  { file: "raw6", views: ["-an", "-anw"] },
  { file: "unix", views: ["-an", "-xa"] },
  { file: "route", views: ["-rn", "-rn4 -ee"] },
  { file: "ipv6_route", views: ["-rn6"] },
  { file: "dev", views: ["-i", "-ie"] },
  { file: "if_inet6", views: ["-ie"] },
  { file: "igmp", views: ["-gn"] },
  { file: "igmp6", views: ["-gn", "-gn6"] },
  { file: "snmp", views: ["-s", "-st"] },
  { file: "netstat", views: ["-s"] },
  { file: "snmp6", views: ["-s6"] },
];

/** What becomes of a file. */
const FATES: readonly {
  name: string;
  befall(path: string): Promise<void>;
  uid?: number;
}[] = [
  { name: "missing", befall: (path) => Deno.remove(path) },
  {
    name: "unreadable",
    befall: (path) => Deno.chmod(path, 0),
    uid: NOBODY,
  },
  { name: "empty", befall: (path) => Deno.writeTextFile(path, "") },
];

/**
 * A result without what ours says where the reference shows less without a word, and
 * without the exit status that goes with it.
 */
function withoutUnread(result: Result): Result {
  const stderr = result.stderr.replaceAll(
    /^netstat: cannot read \/proc\/net\/\w+: Permission denied\n/gm,
    "",
  );
  return stderr === result.stderr ? result : { ...result, stderr, exit: 0 };
}

Deno.test("files of /proc/net that cannot be read", async (t) => {
  await withWorld(TREE, async (world, folder) => {
    const net = `${folder}/proc/net`;
    for (const { file, views } of FILES) {
      const path = `${net}/${file}`;
      const bytes = await Deno.readFile(path);
      for (const { name, befall, uid = 0 } of FATES) {
        await t.step(`${file} is ${name}`, async () => {
          await befall(path);
          for (const args of views) {
            await compare(world, args.split(" "), {
              mounts: true,
              uid,
              ours: PROGRAM,
              still: withoutUnread,
            });
          }
        });
        await Deno.writeFile(path, bytes, { mode: 0o644 });
        await Deno.chmod(path, 0o644);
      }
    }
    await t.step("there is no /proc/net at all", async () => {
      await Deno.rename(net, `${net}-gone`);
      for (const args of VIEWS) {
        await compare(world, args.split(" "), {
          mounts: true,
          ours: PROGRAM,
        });
      }
    });
  });
});

Deno.test("ulimit -n 32, and 16", async (t) => {
  await withWorld("", async (world) => {
    for (const count of [32, 16]) {
      for (const args of [...VIEWS, "-anp"]) {
        await t.step(`${count}: ${args}`, async () => {
          const { ours } = await compare(world, args.split(" "), {
            through: ["prlimit", `--nofile=${count}`],
          });
          assert.notEqual(ours.stdout, "", args);
          const json = await look(world, NETSTAT, [
            ...args.split(" "),
            "--json",
          ], { through: ["prlimit", `--nofile=${count}`] });
          assert.equal(json.stderr, "");
          JSON.parse(json.stdout);
        });
      }
    }
  });
});

/** Runs a script in which `$0` is the executable. */
function bash(script: string): Promise<Result> {
  return run(["bash", "-c", script, NETSTAT], { seconds: 60 });
}

Deno.test("a reader that takes 1 KiB, or one byte, at a time", async () => {
  await withWorld(TREE, async (_world, folder) => {
    const root = `--root=${folder}`;
    for (const args of [`-an ${root}`, `-s ${root}`, `--json -s ${root}`]) {
      const whole = await bash(
        `"$0" ${args} >"${folder}/out"; wc -c <"${folder}/out"`,
      );
      assert.ok(Number(whole.stdout) > 200, args);
      for (const size of [1024, 1]) {
        const { stdout } = await bash(
          `"$0" ${args} | { sleep 0.2; dd bs=${size} 2>/dev/null; } |
            cmp - "${folder}/out" && echo "same \${PIPESTATUS[0]}"`,
        );
        assert.equal(stdout, "same 0\n", `${args}, ${size}`);
      }
    }
  });
});

/** What a view begins with, if the program starts. */
const STARTED = /^Kernel IP routing table\n/;

/** Runs what follows in a mount namespace with other mounts. */
const MOUNTS = "unshare --mount --propagation private bash -c";

/** Surroundings that the program is started in, and where it works all the same. */
const MENDED: readonly { name: string; script: string }[] = [
  {
    name: "a working directory that was removed",
    script: 'cd "$(mktemp -d)"; rmdir "$PWD"; exec "$0" -rn',
  },
  {
    name: "a working directory that is not UTF-8",
    script: `d=$(mktemp -d); mkdir "$d/"$'\\xff'; cd "$d/"$'\\xff'
"$0" -rn; rm -r "$d"`,
  },
  {
    name: "no /dev, and no standard input",
    script: `${MOUNTS} 'mount -t tmpfs none /dev; exec "$0" -rn <&-' "$0"`,
  },
  {
    name: "no /dev, and standard output alone",
    script: `${MOUNTS} 'mount -t tmpfs none /dev; exec "$0" -rn <&- 2>&-' "$0"`,
  },
  { name: "limits that may be raised", script: 'ulimit -Sn 8; exec "$0" -rn' },
  {
    name: "a soft limit of the stack",
    script: 'ulimit -Ss 64; exec "$0" -rn',
  },
  {
    name: "no files that are written, no locked memory, no signals that wait",
    script: 'ulimit -f 0; ulimit -l 0; ulimit -i 0; exec "$0" -rn',
  },
  // each line of docs/security.md: as much as is needed is enough
  { name: "16 descriptors", script: 'ulimit -n 16; exec "$0" -rn' },
  {
    name: "50 GiB of address space",
    script: 'ulimit -v $((50 << 20)); exec "$0" -rn',
  },
  {
    name: "640 MiB for data",
    script: 'ulimit -d $((640 << 10)); exec "$0" -rn',
  },
  { name: "a stack of 256 KiB", script: 'ulimit -s 256; exec "$0" -rn' },
  { name: "threads", script: asNobody("ulimit -u $(($(nproc) + 2))") },
];

/**
 * A seccomp filter by which one system call fails with "Operation not permitted", as
 * `SystemCallErrorNumber=EPERM` of systemd has it.
 */
const FILTER = `
import ctypes, os, struct, sys
LOAD, EQUAL, RETURN, ALLOW, EPERM = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050001
number = int(sys.argv[1])
code = [(LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]
filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[2], sys.argv[2:])`;

/** What the engine cannot do without, by its number on AMD64 and on ARMv8. */
const DENIED: Readonly<Record<string, readonly [number, number]>> = {
  poll: [7, 73],
  madvise: [28, 233],
  getpid: [39, 172],
  socketpair: [53, 199],
  gettid: [186, 178],
  futex: [202, 98],
  sched_getaffinity: [204, 123],
  epoll_wait: [232, 22],
  epoll_ctl: [233, 21],
  eventfd2: [290, 19],
  epoll_create1: [291, 20],
  clone3: [435, 435],
};

/** Where it cannot start, and what it says. */
const REFUSED: readonly { name: string; script: string; says: string }[] = [
  {
    name: "no /proc",
    script: `${MOUNTS} 'umount -l /proc; exec "$0" -rn' "$0"`,
    says: "/proc/self/exe cannot be read; is /proc mounted?",
  },
  ...[
    "-\\xff",
    "\\xc3",
    "\\xed\\xa0\\x80",
    "\\xc0\\xaf",
    "\\xf4\\x90\\x80\\x80",
  ].map(
    (word) => ({
      name: `an argument that is not UTF-8: ${word}`,
      script: `exec "$0" -rn $'${word}'`,
      says: "an argument is not UTF-8",
    }),
  ),
  {
    name: "a name that is not UTF-8",
    script: `exec -a $'\\xff' "$0" -rn`,
    says: "an argument is not UTF-8",
  },
  {
    name: "an executable whose path is not UTF-8",
    script: `d=$(mktemp -d); cp "$0" "$d/"$'\\xff'
(exec -a netstat "$d/"$'\\xff' -rn); code=$?; rm -r "$d"; exit $code`,
    says: "the path of the executable is not UTF-8",
  },
  ...[5, 8, 10, 12, 14, 15].map((count) => ({
    name: `${count} descriptors`,
    script: `ulimit -n ${count}; exec "$0" -rn`,
    says: "it takes 16 descriptors (ulimit -n), 12 of them free",
  })),
  {
    name: "16 descriptors, of which some are taken",
    script: 'exec 5</ 6</ 7</ 8</; ulimit -n 16; exec "$0" -rn',
    says: "it takes 16 descriptors (ulimit -n), 12 of them free",
  },
  ...[1, 24, 49].map((gib) => ({
    name: `${gib} GiB of address space`,
    script: `ulimit -v $((${gib} << 20)); exec "$0" -rn`,
    says:
      "it takes 50 GiB of address space (ulimit -v), of which little is used",
  })),
  ...[50, 400, 639].map((mib) => ({
    name: `${mib} MiB for data`,
    script: `ulimit -d $((${mib} << 10)); exec "$0" -rn`,
    says: "it takes 640 MiB for data (ulimit -d), of which little is used",
  })),
  {
    name: "a stack of 128 KiB",
    script: 'ulimit -s 128; exec "$0" -rn',
    says: "it takes a stack of 256 KiB (ulimit -s)",
  },
  {
    name: "no threads",
    script: asNobody("ulimit -u 1"),
    says: "it takes a thread for each processor, and one (ulimit -u)",
  },
  ...Object.entries(DENIED).map(([name, numbers]) => {
    const number = numbers[Deno.build.arch === "x86_64" ? 0 : 1];
    return {
      name: `${name} is denied`,
      script: `exec python3 -c '${FILTER}' ${number} "$0" -rn`,
      says: `system call ${number} is forbidden here (of systemd's filters, ` +
        "@system-service allows all that are needed)",
    };
  }),
];

/** Has a user who runs nothing else start it, since nothing limits root's processes. */
function asNobody(limit: string): string {
  return `p=$(mktemp); cp "$0" "$p"; chmod 755 "$p"
setpriv --reuid=64123 --clear-groups bash -c '${limit}; exec "$0" -rn' "$p"
code=$?; rm "$p"; exit $code`;
}

Deno.test("what can be mended of its surroundings is mended", async (t) => {
  for (const { name, script } of MENDED) {
    await t.step(name, async () => {
      const { stdout, stderr, exit } = await bash(script);
      assert.equal(stderr, "");
      assert.match(stdout, STARTED);
      assert.equal(exit, 0);
    });
  }
});

Deno.test("where it cannot start, it says why in one line", async (t) => {
  for (const { name, script, says } of REFUSED) {
    await t.step(name, async () => {
      const { stdout, stderr, exit } = await bash(script);
      assert.equal(stderr, `netstat: Cannot start: ${says}\n`);
      assert.equal(stdout, "");
      assert.equal(exit, 126);
    });
  }
});

Deno.test("too few descriptors for a family file are told, and cost it only", async (t) => {
  const file = new URL("../../docs/arp.ts", import.meta.url).pathname;
  // how many the engine itself has open differs by a few from machine to machine
  for (const count of [16, 17, 18, 19, 20, 21, 22]) {
    await t.step(`${count}`, async () => {
      const { stdout, stderr, exit } = await bash(
        `ulimit -n ${count}; exec "$0" --family ${file} -rn`,
      );
      assert.match(stdout, STARTED);
      if (count > 18 && exit === 0) return assert.equal(stderr, "");
      assert.equal(
        stderr,
        `netstat: family file ${file}: takes 8 free descriptors (ulimit -n)\n`,
      );
      assert.equal(exit, 1);
    });
  }
  await t.step("32", async () => {
    const { stdout, stderr } = await bash(
      `ulimit -n 32; exec "$0" --family ${file} -A arp -a`,
    );
    assert.equal(stderr, "");
    assert.match(stdout, /^IPv4 neighbours\n/);
  });
});

Deno.test("out of memory: a message and no stack trace", async (t) => {
  await t.step("a table that is larger", async () => {
    // of 600 MiB, which there is no memory to keep, some is read
    const { stdout, stderr, exit } = await bash(
      `r=$(mktemp -d); mkdir -p "$r/proc/net"; truncate -s 600M "$r/proc/net/tcp"
(ulimit -d $((640 << 10)); "$0" -tanp --root="$r" 2>&1 | grep -v ' bogus tcp line')
echo "\${PIPESTATUS[0]}"; rm -r "$r"`,
    );
    assert.doesNotMatch(stdout, / at |stack trace/);
    assert.match(stdout, /out of memory|Cannot allocate memory/);
    assert.equal(stderr, "");
    assert.equal(exit, 0);
  });
  await t.step("all of a sudden", async () => {
    // what -p keeps of a table of 8 MiB is memory that each round needs anew
    const { stdout } = await bash(
      `r=$(mktemp -d); mkdir -p "$r/proc/net"
{ echo sl; yes "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10"; } |
head -c 8M >"$r/proc/net/tcp"
"$0" -c -tanp --root="$r" >"$r/out" 2>&1 &
until [ -s "$r/out" ]; do sleep 0.1; done
prlimit --pid $! --data=1000000 --as=1000000
wait $!; tail -n 20 "$r/out"; rm -r "$r"`,
    );
    assert.match(stdout, /out of memory|allocat/i);
    assert.doesNotMatch(stdout, /stack trace|Stack backtrace|\(\+0x/);
  });
});

/**
 * The executable where files, folders and limits are not what they are elsewhere,
 * beside the reference. Needs root.
 */

import assert from "node:assert/strict";
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
async function bash(script: string) {
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["60", "bash", "-c", script, NETSTAT],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { stdout: text(stdout), stderr: text(stderr), code };
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

Deno.test("where it cannot start, it says why", async (t) => {
  const cases = [
    {
      name: "no /proc",
      script: "unshare --mount --propagation private " +
        `bash -c 'umount -l /proc; "$0" -rn' "$0"`,
      says: /no \/proc\/self\/exe available. Is \/proc mounted\?/,
    },
    {
      name: "a working directory that was removed",
      script: 'cd "$(mktemp -d)"; rmdir "$PWD"; exec "$0" -rn',
      says: /No such file or directory/,
    },
    {
      name: "too little address space",
      script: 'ulimit -v $((24 << 20)); exec "$0" -rn',
      says: /Fatal process out of memory/,
    },
    {
      name: "too little data",
      script: 'ulimit -d $((128 << 10)); exec "$0" -rn',
      says: /[Oo]ut of memory|Cannot allocate memory/,
    },
    {
      name: "an executable that can be run, and not read",
      script: `folder=$(mktemp -d); trap 'rm -r "$folder"' EXIT
        chmod 755 "$folder"
        nobody="setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups"
        install -m 711 /usr/bin/netstat "$folder/theirs"
        $nobody "$folder/theirs" -rn >/dev/null || exit 0
        install -m 711 "$0" "$folder/ours"
        $nobody "$folder/ours" -rn`,
      says: /Permission denied/,
    },
    {
      name: "arguments that are not UTF-8",
      script: `exec "$0" $'-\\xff'`,
      says: /called `Result::unwrap\(\)` on an `Err` value: .*xFF/,
    },
  ];
  for (const { name, script, says } of cases) {
    await t.step(name, async () => {
      const { stdout, stderr, code } = await bash(script);
      assert.equal(stdout, "");
      assert.match(stderr, says);
      assert.notEqual(code, 0);
    });
  }
  const limits = [
    { name: "50 GiB of address space", limit: "ulimit -v $((50 << 20))" },
    { name: "1 GiB of data", limit: "ulimit -d $((1 << 20))" },
  ];
  for (const { name, limit } of limits) {
    await t.step(`enough: ${name}`, async () => {
      const { stdout, stderr, code } = await bash(`${limit}; exec "$0" -rn`);
      assert.match(stdout, /^Kernel IP routing table\n/);
      assert.equal(stderr, "");
      assert.equal(code, 0);
    });
  }
});

/**
 * Interfaces and translated connections of a network namespace of their own, shown
 * by the reference and by the executable. `/sys` stays that of another namespace:
 * only the kernel knows better. Needs root.
 */

import assert from "node:assert/strict";
import { byteString, fromUtf8 } from "../../core/contract/line.ts";
import { neutralise } from "../../core/contract/out.ts";
import { NETSTAT, REFERENCE } from "./namespace.ts";
import { compare, look, makeWorld, type World } from "./world.ts";

const COMMANDS = [
  "-i",
  "-ia",
  "-in",
  "-ie",
  "-iae",
  "-iee",
  "-iaW",
  "-i -4",
  "--interfaces --all --numeric --extend",
];

/** What every kernel has, and what some lack: a line that fails is no matter. */
const WORLD = `
echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitations
ip link set lo up
ip addr add 127.0.0.2/8 dev lo label lo:1
ip link add v0 address 02:00:00:00:00:10 type veth peer name v1
ip addr add 192.0.2.1/24 broadcast 192.0.2.255 dev v0
ip addr add 192.0.2.2/24 dev v0 label v0:1
ip addr add 192.0.2.10/24 dev v0 label v0:10
ip addr add 192.0.2.9/24 dev v0 label v0:9
ip addr add 198.51.100.1/32 dev v0
ip -6 addr add 2001:db8::1/64 dev v0 nodad
ip -6 addr add ::ffff:192.0.2.7/128 dev v0 nodad
ip link set v0 mtu 9000
ip link set v0 up
ip link set v1 up
ip link set v1 promisc on
ip link set v1 allmulticast on
ip link add br0 type bridge
ip link set br0 up
ip link add v2 type veth peer name v10
ip link set v2 master br0
ip link set v2 up
ip link set v10 arp off
ip tuntap add dev tun0 mode tun
ip addr add 10.8.0.1 peer 10.8.0.2 dev tun0
ip link set tun0 up
ip tuntap add dev tap0 mode tap
ip link set tap0 multicast off
ip link set tap0 txqueuelen 7
ip link add ifb7 type ifb
ip link add link v0 name v0.5 type vlan id 5
ip link add gre1 type gre remote 192.0.2.77 local 192.0.2.1
ip link add sit1 type sit remote 192.0.2.77 local 192.0.2.1
ip link add dummy1 type dummy
`;

/** Makes a namespace by the lines of a script; what the kernel lacks is passed over. */
function makeNetwork(script: string): Promise<World> {
  const lines = `{ ${script}\n} 2>/dev/null; echo ready; exec cat`;
  return makeWorld("--net", "sh", "-c", lines);
}

Deno.test("live interfaces", async (t) => {
  const world = await makeNetwork(WORLD);
  try {
    const { stdout } = await look(world, REFERENCE, ["-ia"]);
    for (const name of ["lo:1", "v0", "v0:10", "br0", "tun0", "tap0"]) {
      assert.ok(stdout.includes(`\n${name} `), `no ${name}:\n${stdout}`);
    }
    for (const command of COMMANDS) {
      await t.step(command, async () => {
        await compare(world, command.split(" "));
      });
    }
    await t.step("--json", () => checkJson(world));
  } finally {
    await world.end();
  }
});

async function checkJson(world: World): Promise<void> {
  const { stdout, stderr, exit } = await look(world, NETSTAT, [
    "-ia",
    "--json",
  ]);
  assert.deepEqual([stderr, exit], ["", 0]);
  const rows: Record<string, unknown>[] = JSON.parse(stdout);
  const text = await look(world, REFERENCE, ["-ia"]);
  assert.deepEqual(
    rows.map((row) => row["iface"]),
    text.stdout.trim().split("\n").slice(2).map((line) => line.split(" ")[0]),
  );
  const v0 = rows.find((row) => row["iface"] === "v0")!;
  assert.equal(v0["inet"], "192.0.2.1");
  assert.equal(v0["inet_netmask"], "255.255.255.0");
  assert.equal(v0["mtu"], 9000);
  assert.equal(v0["hardware_address"], "02:00:00:00:00:10");
  assert.ok((v0["inet6"] as string[]).includes("2001:db8::1/64"));
  const alias = rows.find((row) => row["iface"] === "v0:10")!;
  assert.equal(alias["inet"], "192.0.2.10");
  assert.equal(alias["rx_ok"], null);
}

/** Names that the kernel takes, as byte strings: a terminal must not see them. */
const HOSTILE = ["\x1b[31mx", "\x9b2J\x07", "\xe9\xa9\x7f", "\xc2\x9b\xc3\xa9"];

Deno.test("live interfaces with control bytes in their names", async (t) => {
  const lines = HOSTILE.map((name, i) => {
    const escapes = Array.from(
      name,
      (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`,
    );
    return `
      name=$(printf '${escapes.join("")}')
      ip link add "$name" address 02:00:00:00:00:1${i} type veth peer name p${i}
      ip addr add 192.0.2.${i}/30 dev "$name" label "$name:${i}"
      ip link set "$name" up
      ip link set p${i} up`;
  });
  const world = await makeNetwork(lines.join("\n"));
  try {
    for (const command of ["-i", "-iae", "-rn", "-rnee", "-rn6", "-gn"]) {
      await t.step(command, async () => {
        const { ours } = await compare(world, [command], {
          expected: (reference) => ({
            ...reference,
            stdout: reference.stdout.split("\n").map(harmless).join("\n"),
          }),
        });
        assert.match(ours.stdout, /\.\[31mx/);
      });
    }
    await t.step("--json", async () => {
      const { stdout } = await look(world, NETSTAT, ["-ia", "--json"]);
      const names = JSON.parse(fromUtf8(stdout)).map((
        { iface }: { iface: string },
      ) => iface);
      for (
        const name of [
          "\x1b[31mx",
          "\udc9b2J\x07",
          "\udce9\udca9\x7f",
          "\x9b\xe9",
        ]
      ) {
        assert.ok(names.includes(name), JSON.stringify(name));
      }
    });
  } finally {
    await world.end();
  }
});

/** A line as it is printed: with a dot for each control byte. */
function harmless(line: string): string {
  const bytes = Uint8Array.from(line, (byte) => byte.charCodeAt(0));
  neutralise(bytes, 0, bytes.length);
  return byteString(bytes);
}

// net-tools 2.10-1.3 shows zeros, so it cannot judge this
Deno.test("live interface with a name of 15 characters", async () => {
  const world = await makeNetwork(`
    ip link set lo up
    ip tuntap add dev abcdefghijklmno mode tap
    ip link add v0 type veth peer name abcdefghijklmn2
    ip link set v0 up
    ip link set abcdefghijklmn2 up
    sleep 0.2
  `);
  try {
    const { stdout } = await look(world, NETSTAT, ["-iae"]);
    assert.match(stdout, /^abcdefghijklmno: flags=.*\n.*\n +RX packets 0 /m);
    const json = await look(world, NETSTAT, ["-ia", "--json"]);
    const rows: { iface: string; tx_ok: number }[] = JSON.parse(json.stdout);
    const row = rows.find(({ iface }) => iface === "abcdefghijklmn2")!;
    // it asked for its IPv6 neighbours when it came up
    assert.ok(row.tx_ok > 0);
  } finally {
    await world.end();
  }
});

Deno.test("-c follows interfaces that come and go, round by round", async () => {
  const world = await makeNetwork("ip link add v0 type veth peer name v1");
  const inside = ["--net", `--target=${world.pid}`];
  const child = new Deno.Command("nsenter", {
    args: [...inside, NETSTAT, "-iac"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // many vanish while they are asked about
  const churn = new Deno.Command("nsenter", {
    args: [
      ...inside,
      "sh",
      "-c",
      "while :; do ip link add c0 type veth peer name c1; ip link del c0; done",
    ],
    stdin: "null",
  }).spawn();
  try {
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    let text = "";
    const rounds = async (count: number) => {
      while ((text.match(/^Iface /gm) ?? []).length < count) {
        const { done, value } = await reader.read();
        assert.ok(!done, "the listing goes on");
        text += value;
      }
    };
    await rounds(2);
    assert.match(text, /^v0 .*\n(.*\n)*v1 /m);
    const { success } = await new Deno.Command("nsenter", {
      args: [...inside, "ip", "link", "del", "v0"],
    }).output();
    assert.ok(success);
    text = "";
    await rounds(3);
    const last = text.slice(text.lastIndexOf("\nIface "));
    assert.match(text, /^lo /m);
    assert.doesNotMatch(last, /^v[01] /m);
    child.kill("SIGTERM");
    await reader.cancel();
    assert.equal(await new Response(child.stderr).text(), "");
  } finally {
    churn.kill("SIGKILL");
    await churn.status;
    await child.status;
    await world.end();
  }
});

const NFT = ["/usr/sbin/nft", "/sbin/nft"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

Deno.test({
  name: "live translated connections",
  // without a tool that makes rules there is nothing to see
  ignore: NFT === undefined,
  fn: async () => {
    const world = await makeNetwork(`
      ip link set lo up
      ${NFT} -f - <<'RULES'
      table ip nat {
        chain output {
          type nat hook output priority -100
          ip daddr 127.0.0.5 udp dport 53 dnat to 127.0.0.6:5353
        }
      }
RULES
      echo x | timeout 1 bash -c 'cat >/dev/udp/127.0.0.5/53'
      echo x | timeout 1 bash -c 'cat >/dev/udp/127.0.0.7/53'
    `);
    try {
      const { stdout, stderr, exit } = await look(world, NETSTAT, ["-Mnv"]);
      assert.equal(exit, 0, stderr);
      assert.match(stderr, /^netstat: no \/proc\/net\/ip_masquerade: .*\n$/);
      const rows = stdout.trim().split("\n").slice(2);
      assert.equal(rows.length, 1, stdout);
      assert.match(rows[0]!, /^udp .* 127\.0\.0\.5 .* 127\.0\.0\.6:5353 /);
    } finally {
      await world.end();
    }
  },
});

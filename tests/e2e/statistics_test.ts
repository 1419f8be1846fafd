/**
 * Counters and multicast groups of a network namespace with traffic of its own,
 * shown by the reference and by the executable. Needs root.
 */

import assert from "node:assert/strict";
import { type Case, differences } from "../cases.ts";
import { NETSTAT, REFERENCE, runCase } from "./namespace.ts";
import { compare, look, makeWorld } from "./world.ts";

const COMMANDS: readonly string[] = [
  "-g",
  "-gn",
  "-gn4",
  "-gn6",
  "-gnt",
  "-gnlx4",
  "-gnup",
  "-s",
  "-st",
  "-su",
  "-sw",
  "-sU",
  "-sS",
  "-stu",
  "-s4",
  "-s6",
  "-s6t",
  "-s6u",
  "-s6w",
  "-sv",
  "-sx",
  "-s46",
];

/**
 * Makes a pair of interfaces, joins groups on them and sends, then says `ready`
 * and holds the groups until stdin is closed.
 */
const SETUP = `
set -e
ip link set lo up
ip link add v0 type veth peer name v123456789abcde
ip link set v0 up
ip link set v123456789abcde up
ip address add 192.0.2.1/24 dev v0
ip address add 192.0.2.2/24 dev v123456789abcde
ip address add 2001:db8::1/64 dev v0 nodad
exec "$0" run -A "$1"
`;

const WORLD = `
import dgram from "node:dgram";
import net from "node:net";
const joined = dgram.createSocket("udp4");
await new Promise((done) => joined.bind(5000, done));
joined.addMembership("239.1.2.3", "192.0.2.1");
joined.addMembership("224.0.0.251", "192.0.2.2");
joined.addMembership("239.255.255.250", "127.0.0.1");
const joined6 = dgram.createSocket("udp6");
await new Promise((done) => joined6.bind(5001, done));
joined6.addMembership("ff02::fb", "::%v0");
joined6.addMembership("ff05::1:3", "::%lo");
for (const [kind, port, host] of [
  ["udp4", 5000, "127.0.0.1"], ["udp4", 9, "127.0.0.1"],
  ["udp6", 5001, "::1"], ["udp6", 9, "::1"],
]) {
  const sender = dgram.createSocket(kind);
  sender.on("error", () => {});
  for (let i = 0; i < 5; i++) {
    await new Promise((done) => sender.send("x", port, host, done));
  }
  sender.close();
}
for (const host of ["127.0.0.1", "::1"]) {
  const server = net.createServer((peer) => { peer.on("error", () => {}); peer.end("hello"); });
  await new Promise((done) => server.listen(0, host, done));
  const { port } = server.address();
  await new Promise((done) => net.connect(port, host).resume().on("close", done));
  await new Promise((done) => server.close(done));
  await new Promise((done) => net.connect(port, host).on("error", done));
}
console.log("ready");
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
`;

/** Where the kernel's counters are. */
const COUNTERS = ["snmp", "netstat", "snmp6"];

Deno.test("live counters and groups", async (t) => {
  const script = await Deno.makeTempFile({ suffix: ".mjs" });
  await Deno.writeTextFile(script, WORLD);
  const world = await makeWorld(
    "--net",
    "sh",
    "-c",
    SETUP,
    Deno.execPath(),
    script,
  );
  try {
    for (const args of COMMANDS) {
      await t.step(args, async () => {
        await compare(world, [args]);
      });
    }

    await t.step("there is something to be seen", async () => {
      const { ours: groups } = await compare(world, ["-gn"]);
      for (
        const row of [
          /^v0 +1 +239\.1\.2\.3$/m,
          /^v123456789abcde +1 +224\.0\.0\.251$/m,
          /^lo +1 +239\.255\.255\.250$/m,
          /^v0 +\d+ +ff02::fb$/m,
          /^lo +1 +ff05::1:3$/m,
        ]
      ) assert.match(groups.stdout, row);
      const { ours: counters } = await compare(world, ["-s"]);
      for (
        const row of [
          /^ {4}4 active connection openings$/m,
          /^ {4}5 packets to unknown port received$/m,
          /^ {8}destination unreachable: 5$/m,
        ]
      ) assert.match(counters.stdout, row);
    });

    await t.step("a frozen copy of the counters, as a whole", async () => {
      const path = await Deno.makeTempDir({ prefix: "counters-" });
      await Deno.mkdir(`${path}/proc/net`, { recursive: true });
      for (const file of COUNTERS) {
        const text = await Deno.readTextFile(`/proc/${world.pid}/net/${file}`);
        await Deno.writeTextFile(`${path}/proc/net/${file}`, text);
      }
      for (const args of ["-s", "-s6", "-st", "-su", "-sw", "-sU", "-sS"]) {
        const frozen: Case = {
          name: "frozen",
          path,
          args: [args],
          uid: 0,
          timeout: undefined,
          env: {},
          reference: { stdout: "", stderr: "", exit: 0 },
          ours: undefined,
          needsKernel: true,
        };
        const reference = await runCase(frozen, REFERENCE);
        assert.notEqual(reference.stdout, "");
        const ours = await runCase(frozen, NETSTAT);
        assert.equal(differences(reference, ours, frozen.args), "", args);
      }
      await Deno.remove(path, { recursive: true });
    });

    await t.step("--json -gn has the rows of the text", async () => {
      const { ours: { stdout } } = await compare(world, ["-gn"]);
      const json = await look(world, NETSTAT, ["--json", "-gn"]);
      const rows: Record<string, unknown>[] = JSON.parse(json.stdout);
      assert.deepEqual(
        rows.map((r) => [r.iface, String(r.refcnt), r.group_address]),
        stdout.trimEnd().split("\n").slice(3).map((row) => row.split(/ +/)),
      );
    });

    await t.step("--json -s has every number of the kernel's", async () => {
      for (const args of [["-s", "--json"], ["-s6", "--ndjson"]]) {
        const json = await look(world, NETSTAT, args);
        assert.equal(json.exit, 0);
        for (const line of json.stdout.trimEnd().split("\n")) {
          const all = JSON.parse(line);
          for (const { counter, value } of Array.isArray(all) ? all : [all]) {
            assert.ok(Number.isInteger(value), counter);
          }
        }
      }
    });
  } finally {
    await world.end();
    await Deno.remove(script);
  }
});

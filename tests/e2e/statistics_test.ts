/**
 * Counters and multicast groups of a network namespace with traffic of its own,
 * shown by the reference and by the executable. Needs root.
 */

import assert from "node:assert/strict";
import { byteString } from "../../core/line.ts";
import { differences, type Result } from "../cases.ts";
import { NETSTAT, REFERENCE } from "./namespace.ts";

/** A comparison is made so often until the reference agrees with itself. */
const ATTEMPTS = 10;

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

/** The process that holds the groups. */
interface World {
  readonly pid: number;
  end(): Promise<void>;
}

async function makeWorld(): Promise<World> {
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  await Deno.writeTextFile(file, WORLD);
  const child = new Deno.Command("unshare", {
    args: ["--net", "sh", "-c", SETUP, Deno.execPath(), file],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const end = async () => {
    await child.stdin.close().catch(() => {});
    await reader.cancel();
    await child.status;
    await Deno.remove(file);
  };
  if (value?.startsWith("ready")) return { pid: child.pid, end };
  await end();
  throw new Error("Cannot make groups in a network namespace");
}

/** Runs a program in the namespace, under the name `netstat`. */
async function look(
  world: World,
  program: string,
  args: string[],
): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command("nsenter", {
    args: [
      "--net",
      `--target=${world.pid}`,
      "bash",
      "-c",
      'exec -a netstat "$0" "$@"',
      program,
      ...args,
    ],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return {
    stdout: byteString(stdout),
    stderr: byteString(stderr),
    exit: code,
  };
}

/** Compares, as soon as the reference prints the same before and after us. */
async function compare(world: World, args: string[]): Promise<Result> {
  let problem = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await look(world, REFERENCE, args);
    const ours = await look(world, NETSTAT, args);
    const after = await look(world, REFERENCE, args);
    if (before.stdout !== after.stdout) {
      problem = "the reference does not agree with itself:\n" +
        differences(before, after, args);
      continue;
    }
    problem = differences(before, ours, args);
    if (problem === "") return ours;
  }
  return assert.fail(problem);
}

Deno.test("live counters and groups", async (t) => {
  const world = await makeWorld();
  try {
    for (const args of COMMANDS) {
      await t.step(args, async () => {
        await compare(world, [args]);
      });
    }

    await t.step("there is something to be seen", async () => {
      const groups = await compare(world, ["-gn"]);
      for (
        const row of [
          /^v0 +1 +239\.1\.2\.3$/m,
          /^v123456789abcde +1 +224\.0\.0\.251$/m,
          /^lo +1 +239\.255\.255\.250$/m,
          /^v0 +\d+ +ff02::fb$/m,
          /^lo +1 +ff05::1:3$/m,
        ]
      ) assert.match(groups.stdout, row);
      const counters = await compare(world, ["-s"]);
      for (
        const row of [
          /^ {4}4 active connection openings$/m,
          /^ {4}5 packets to unknown port received$/m,
          /^ {8}destination unreachable: 5$/m,
        ]
      ) assert.match(counters.stdout, row);
    });

    await t.step("--json -gn has the rows of the text", async () => {
      const { stdout } = await compare(world, ["-gn"]);
      const json = await look(world, NETSTAT, ["--json", "-gn"]);
      const rows: Record<string, unknown>[] = JSON.parse(json.stdout);
      assert.deepEqual(
        rows.map((r) => [r.interface, String(r.refcnt), r.group_address]),
        stdout.trimEnd().split("\n").slice(3).map((row) => row.split(/ +/)),
      );
    });

    await t.step("--json -s has every number of the kernel's", async () => {
      for (const args of [["-s", "--json"], ["-s6", "--ndjson"]]) {
        const json = await look(world, NETSTAT, args);
        assert.equal(json.exit, 0);
        for (const line of json.stdout.trimEnd().split("\n")) {
          const all = JSON.parse(line);
          for (
            const counter of Object.values(
              (all.counters ?? all.Tcp) as Record<string, unknown>,
            )
          ) {
            const { value } = counter as { value: unknown };
            assert.ok(Number.isInteger(value), JSON.stringify(counter));
          }
        }
      }
    });
  } finally {
    await world.end();
  }
});

/**
 * docs/coming_from.md: both commands of a row, on the same live sockets, find the same
 * ports. Needs root.
 */

import assert from "node:assert/strict";
import { NETSTAT } from "./namespace.ts";
import { makeWorld, type World } from "./world.ts";

const PAGE = new URL("../../docs/coming_from.md", import.meta.url);

/** A listener, a connection to it, a UDP socket, a UNIX socket, a neighbour. */
const SCENE = `
import os, socket, subprocess, sys
subprocess.run("ip link set lo up", shell=True, check=True)
subprocess.run("ip link add a0 type veth peer name b0", shell=True, check=True)
subprocess.run("ip addr add 192.0.2.1/24 dev a0", shell=True, check=True)
subprocess.run("ip link set a0 up; ip link set b0 up", shell=True, check=True)
subprocess.run("ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev a0",
               shell=True, check=True)
listener = socket.create_server(("127.0.0.1", 8080))
client = socket.create_connection(("127.0.0.1", 8080))
served, _ = listener.accept()
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagram.bind(("127.0.0.1", 5353))
local = socket.socket(socket.AF_UNIX)
local.bind("\\0coming-from")
local.listen(1)
print("ready", flush=True)
sys.stdin.read()
`;

/** Commands that are not compared, and why. */
const ALONE: readonly (readonly [there: string, reason: string])[] = [
  ["ss -E", "neither ends; watch_screen_test.ts and compare_test.ts watch"],
  ["ss -N web -tlnp", "netns_test.ts has namespaces with names"],
  ["conntrack -L", "this kernel may track nothing"],
];

/** The pairs of the page. */
async function pairs(): Promise<[string, string][]> {
  const text = await Deno.readTextFile(PAGE);
  return [...text.matchAll(/^\| `(.*?)` *\| `(.*?)` *\|$/gm)]
    .map(([, there, here]) => [
      there!.replaceAll("\\|", "|"),
      here!.replaceAll("\\|", "|"),
    ]);
}

/** Runs a command line in the world. */
async function run({ pid }: World, line: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("nsenter", {
    args: ["--net", "-t", `${pid}`, "bash", "-c", line],
    env: { LC_ALL: "C" },
    stdin: "null",
  }).output();
  assert.equal(code, 0, `${line}: ${new TextDecoder().decode(stderr)}`);
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", line);
  return text;
}

/** Those ports of the scene that a text has. */
function portsIn(text: string): string[] {
  return ["8080", "5353"].filter((port) =>
    new RegExp(`(?<![\\d.])${port}(?!\\d)`).test(text)
  );
}

Deno.test("docs/coming_from.md: both commands of a row find the same", async (t) => {
  const all = await pairs();
  assert.ok(all.length > 35, `${all.length}`);
  for (const [there, reason] of ALONE) {
    assert.ok(reason !== "" && all.some(([one]) => one === there), there);
  }
  const world = await makeWorld("--net", "python3", "-c", SCENE);
  let found = 0;
  try {
    for (const [there, here] of all) {
      if (ALONE.some(([one]) => one === there)) continue;
      await t.step(`${there} | ${here}`, async () => {
        const ours = await run(world, here.replace("netstat", NETSTAT));
        const theirs = await run(world, there);
        // who lists no sockets, or only counts them, has no ports
        if (/count|pid|^ip|^nstat|^lsof -U/.test(there + here)) return;
        assert.deepEqual(portsIn(ours), portsIn(theirs));
        found += portsIn(ours).length;
      });
    }
  } finally {
    await world.end();
  }
  assert.ok(found > 20, `${found}`);
});

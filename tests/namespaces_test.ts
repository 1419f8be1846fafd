/** Network namespaces of saved trees, what names mean, and which name one has. */

import assert from "node:assert/strict";
import { closeDescriptor, ENOENT, openNamespace } from "../core/system/libc.ts";
import { nameOf } from "../core/system/netns.ts";
import { Tree } from "../core/system/scan.ts";
import { findScopes } from "../core/system/scopes.ts";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

const HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr " +
  "tm->when retrnsmt   uid  timeout inode\n";

/** A table of listeners. */
function tcp(...ports: number[]): string {
  return HEADING + ports.map((port, i) => {
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    return `   ${i}: 0100007F:${hex} 00000000:0000 0A 00000000:00000000 ` +
      `00:00000000 00000000     0        0 ${100 + port} 1 0 100 0 0 10 0\n`;
  }).join("");
}

const DEV =
  "Inter-|   Receive                                                " +
  "|  Transmit\n face |bytes    packets errs drop fifo frame compressed " +
  "multicast|bytes    packets errs drop fifo colls carrier compressed\n";

function dev(name: string): string {
  return `${DEV}${name}: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n`;
}

const TREE: Readonly<Record<string, string>> = {
  "netns.json": '{"inode": 4026531833, "name": "host", "processes": 9}',
  "proc/net/tcp": tcp(22),
  "proc/net/dev": dev("eth0"),
  "sys/class/net/eth0/mtu": "1400\n",
  "sys/class/net/eth0/flags": "0x1003\n",
  "sys/class/net/eth0/operstate": "up\n",
  "netns/4026532000/netns.json": '{"name": "web", "processes": 1}',
  "netns/4026532000/proc/net/tcp": tcp(80, 443),
  "netns/4026532000/proc/net/dev": dev("wan"),
  "netns/4026532000/sys/class/net/wan/mtu": "9000\n",
  "netns/4026532000/sys/class/net/wan/flags": "0x1003\n",
  "netns/4026532000/sys/class/net/wan/operstate": "up\n",
  "netns/4026532001/proc/net/tcp": tcp(53),
  // none of these is one
  "netns/readme/proc/net/tcp": tcp(1),
  "netns/0/proc/net/tcp": tcp(1),
  "netns/4026531833/proc/net/tcp": tcp(1),
};

async function rowsOf(root: string, ...args: string[]): Promise<unknown[]> {
  const { stdout, stderr, exit } = await netstat("--root", root, ...args);
  assert.deepEqual([stderr, exit], ["", 0]);
  return JSON.parse(stdout);
}

const PLACE = "--columns=netns,netns_name,local_port";

Deno.test("--netns: a saved tree has a folder for each", () =>
  withTree(TREE, async (root) => {
    assert.deepEqual(
      await rowsOf(root, "-tan", "--json", "--netns=all", PLACE),
      [
        { netns: 4026531833, netns_name: "host", local_port: 22 },
        { netns: 4026532000, netns_name: "web", local_port: 80 },
        { netns: 4026532000, netns_name: "web", local_port: 443 },
        { netns: 4026532001, netns_name: null, local_port: 53 },
      ],
    );
    // without --netns it is the first one's
    assert.deepEqual(await rowsOf(root, "-tan", "--json", PLACE), [
      { netns: 4026531833, netns_name: "host", local_port: 22 },
    ]);
  }));

Deno.test("--netns: rows have its number and name only if it is given", () =>
  withTree(TREE, async (root) => {
    const [plain] = await rowsOf(root, "-tan", "--json") as object[];
    assert.ok(!("netns" in plain!));
    const [given] = await rowsOf(root, "-tan", "--json", "--netns=web") as {
      netns: number;
      netns_name: string;
    }[];
    assert.equal(given!.netns, 4026532000);
    assert.equal(given!.netns_name, "web");
  }));

Deno.test("--netns: each listing stands behind its line", () =>
  withTree(TREE, async (root) => {
    const { stdout, stderr, exit } = await netstat(
      ...["--root", root, "-i", "--netns", "4026532000", "--netns", "host"],
    );
    assert.deepEqual([stderr, exit], ["", 0]);
    const header =
      "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR " +
      "TX-DRP TX-OVR Flg\n";
    assert.equal(
      stdout,
      "Network namespace host (4026531833), 9 processes\n" +
        "Kernel Interface table\n" + header +
        "eth0             1400        2      0      0 0             4      0" +
        "      0      0 BMRU\n" +
        "Network namespace web (4026532000), 1 process\n" +
        "Kernel Interface table\n" + header +
        "wan              9000        2      0      0 0             4      0" +
        "      0      0 BMRU\n",
    );
    const bare = await netstat(
      ...["--root", root, "-tan", "--netns=4026532001,web", "--no-header"],
    );
    assert.equal(bare.stdout.match(/^tcp /gm)!.length, 3);
    assert.ok(!bare.stdout.includes("Network"));
  }));

Deno.test("--netns: --limit is about all of them", () =>
  withTree(TREE, async (root) => {
    const { stdout } = await netstat(
      ...["--root", root, "-tan", "--netns=all", "--limit=2"],
    );
    assert.equal(stdout.match(/^tcp /gm)!.length, 2);
    assert.equal(stdout.match(/^Network namespace/gm)!.length, 2);
  }));

Deno.test("--netns: counters have labels in OpenMetrics", () =>
  withTree(TREE, async (root) => {
    const { stdout } = await netstat(
      ...["--root", root, "-i", "--netns=web,host", "--openmetrics"],
    );
    const samples = stdout.split("\n")
      .filter((line) =>
        line.startsWith("netstat_interface_rx_ok_packets_total")
      );
    assert.deepEqual(samples, [
      'netstat_interface_rx_ok_packets_total{interface="eth0",' +
      'netns="4026531833",netns_name="host"} 2',
      'netstat_interface_rx_ok_packets_total{interface="wan",' +
      'netns="4026532000",netns_name="web"} 2',
    ]);
  }));

Deno.test("--netns: what nobody knows is told, and the others are shown", () =>
  withTree(TREE, async (root) => {
    const { stdout, stderr, exit } = await netstat(
      ...["--root", root, "-tan", "--json", "--netns=wbe,web", PLACE],
    );
    assert.equal(
      stderr,
      'netstat: --netns: no network namespace "wbe", but host, web, 4026532001\n',
    );
    assert.equal(exit, 1);
    assert.equal(JSON.parse(stdout).length, 2);
    for (const value of ["", "web,,host"]) {
      const { stderr, exit } = await netstat(`--netns=${value}`);
      assert.match(stderr, /^netstat: --netns needs names/);
      assert.equal(exit, 1);
    }
  }));

Deno.test("--netns: a tree that tells nothing of its own, or nonsense", async (t) => {
  const said: readonly { readonly json: string; readonly told: boolean }[] = [
    { json: "", told: true },
    { json: "[", told: true },
    { json: "null", told: false },
    { json: '{"inode": "x", "name": 7, "processes": -1}', told: false },
    { json: '{"inode": 1e99, "name": ""}', told: false },
  ];
  for (const { json, told } of said) {
    await t.step(
      json,
      () =>
        withTree({ ...TREE, "netns.json": json }, async (root) => {
          const { stdout, stderr, exit } = await netstat(
            ...["--root", root, "-tan", "--netns=all"],
          );
          assert.match(stdout, /^Network namespace of the tree\nActive/);
          assert.equal(exit, told ? 1 : 0);
          assert.equal(
            /^netstat: cannot read \/netns\.json: No JSON/.test(stderr),
            told,
          );
        }),
    );
  }
  await t.step("a name with control bytes", () =>
    withTree(
      { ...TREE, "netns.json": '{"inode": 5, "name": "\\u001b[2J\\n"}' },
      async (root) => {
        const { stdout } = await netstat(
          ...["--root", root, "-tan", "--netns=5"],
        );
        assert.match(stdout, /^Network namespace \.\[2J\. \(5\)\n/);
      },
    ));
});

Deno.test("namespaces: which of its names one has", () => {
  const mount = (path: string) => ({ path, through: undefined });
  const containerOf = (pid: number) =>
    pid === 7 || pid === 8
      ? { name: "shop", container: `web-${pid}`, id: "77" }
      : undefined;
  const made = "/run/netns/cni-0a1b2c3d-1111-2222-3333-444455556666";
  const cases = [
    { mounts: [], members: [], want: null },
    { mounts: ["/run/netns/web"], members: ["7"], want: "web" },
    { mounts: ["/x/y"], members: [], want: "y" },
    { mounts: ["/x/y"], members: ["7"], want: "shop" },
    { mounts: ["/x/y", "/run/netns/web"], members: ["7"], want: "web" },
    { mounts: [made], members: ["7", "8"], want: "shop" },
    { mounts: [made, "/x/y"], members: ["6"], want: made.slice(11) },
    { mounts: [], members: ["7/task/9", "8"], want: "shop" },
    { mounts: [], members: ["6", "7"], want: null },
    { mounts: [], members: ["6"], want: null },
  ];
  for (const { mounts, members, want } of cases) {
    const place = { mounts: mounts.map(mount), members };
    assert.equal(nameOf(place, containerOf), want);
  }
});

// the C library stays open: it is opened before a test is asked what it left open
const FOUND = findScopes(new Tree(), { descriptors: true });
openNamespace("/");

Deno.test("namespaces: the program's own one is found here, too", () => {
  const own = FOUND.filter(({ own }) => own);
  assert.equal(own.length, 1);
  const [{ inode, processes }] = own as [typeof own[number]];
  assert.equal(`net:[${inode}]`, Deno.readLinkSync("/proc/self/ns/net"));
  assert.ok(processes! > 0);
});

Deno.test("openNamespace: a namespace, and nothing that stands in its place", async () => {
  const folder = await Deno.makeTempDir({ prefix: "netns-" });
  try {
    const fifo = `${folder}/fifo`;
    const { success } = await new Deno.Command("mkfifo", { args: [fifo] })
      .output();
    assert.ok(success);
    await Deno.writeTextFile(`${folder}/file`, "");
    await Deno.symlink("/proc/self/ns/net", `${folder}/link`);
    for (const path of [fifo, `${folder}/file`, folder, `${folder}/none`]) {
      // a FIFO that is opened would be waited for
      assert.equal(openNamespace(path), -ENOENT, path);
    }
    for (const path of ["/proc/self/ns/net", `${folder}/link`]) {
      const descriptor = openNamespace(path);
      assert.ok(descriptor >= 0, path);
      const own = await Deno.readLink("/proc/self/ns/net");
      assert.equal(await Deno.readLink(`/proc/self/fd/${descriptor}`), own);
      closeDescriptor(descriptor);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The interfaces view on saved trees: order, counters, what is not known. */

import assert from "node:assert/strict";
import { compareNames } from "../core/views/interfaces.ts";
import { human } from "../families/interfaces.ts";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

const HEADING =
  `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

const ETH0 = "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";

const SHORT =
  "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

const DEV = "proc/net/dev";

/** Files of `sys/class/net` for an interface, but those that are undefined. */
function device(
  name: string,
  facts: Record<string, string | undefined> = {},
): Record<string, string> {
  const all = {
    flags: "0x1003",
    mtu: "1500",
    type: "1",
    address: "02:00:00:00:00:01",
    tx_queue_len: "1000",
    operstate: "up",
    ...facts,
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, text]) => text !== undefined).map((
      [file, text],
    ) => [`sys/class/net/${name}/${file}`, `${text}\n`] as const),
  );
}

Deno.test("names are ordered by text, number and alias", () => {
  const names = [
    "A1",
    "_x",
    "a0",
    "a00",
    "a1",
    "a1b",
    "br0",
    "br-lan",
    "eth0",
    "eth1",
    "eth1:09",
    "eth1:9",
    "eth1:10",
    "eth2",
    "eth10",
    "eth1:lan",
    "lo",
  ];
  for (let shift = 0; shift < names.length; shift++) {
    const mixed = [...names.slice(shift), ...names.slice(0, shift).reverse()];
    assert.deepEqual(mixed.sort(compareNames), names);
  }
});

Deno.test("byte counts are cut to one decimal", () => {
  const cases: [number | bigint, string][] = [
    [0, "0.0 B"],
    [1024, "1024.0 B"],
    [1025, "1.0 KiB"],
    [1048575, "1023.9 KiB"],
    [1048577, "1.0 MiB"],
    // as net-tools prints them
    [3715469692580659n, "3.2 PiB"],
    [1268213655067531671n, "1.1 EiB"],
    [(1n << 63n) - 1n, "8.0 EiB"],
    [(1n << 64n) - 1n, "16.0 EiB"],
  ];
  for (const [bytes, want] of cases) assert.equal(human(bytes), want);
});

Deno.test("-i: RUNNING comes from operstate, and a port's PROMISC is dropped", () =>
  withTree({
    [DEV]: HEADING + ETH0 + ETH0.replace("eth0", "eth1") +
      ETH0.replace("eth0", "eth2"),
    ...device("eth0", { operstate: "down" }),
    ...device("eth1", { flags: "0x1303" }),
    ...device("eth2", { flags: "0x1303" }),
    "sys/class/net/eth2/brport/state": "3\n",
  }, async (root) => {
    const { stdout } = await netstat("--root", root, "-i");
    assert.deepEqual(
      stdout.trim().split("\n").slice(2).map((line) => line.split(" ").at(-1)),
      ["BMU", "ABMPRU", "BMRU"],
    );
  }));

Deno.test("-i: a tree without sysfs shows counters, and says so", () =>
  withTree({ [DEV]: HEADING + ETH0 }, async (root) => {
    const { stdout, stderr, exit } = await netstat("--root", root, "-i");
    assert.equal(exit, 0);
    assert.equal(
      stdout,
      `Kernel Interface table\n${SHORT}` +
        "eth0                0        2      3      4 5            10     11     12     13 -\n",
    );
    assert.match(stderr, /^netstat: --root has no \/sys\/class\/net: .*\n$/);
    const json = await netstat("--root", root, "-i", "--json");
    const [row] = JSON.parse(json.stdout);
    assert.equal(row.mtu, null);
    assert.equal(row.flags_num, null);
    assert.equal(row.rx_bytes, 1);
  }));

const MISSING: {
  name: string;
  /** What `sys/class/net` has, beside an interface that is whole. */
  files: Record<string, string>;
  args: string[];
  want: RegExp;
  says: string;
}[] = [
  {
    name: "only speed",
    files: { "sys/class/net/eth0/speed": "1000\n" },
    args: ["-i"],
    want: /^eth0 +0 +2 +3 +4 5 .* -$/m,
    says: "flags, operstate, mtu in /sys/class/net/eth0",
  },
  {
    name: "flags without an MTU",
    files: device("eth0", { mtu: undefined }),
    args: ["-i"],
    want: /^eth0 +0 +2 +3 +4 5 .* BMRU$/m,
    says: "mtu in /sys/class/net/eth0",
  },
  {
    name: "an MTU without flags",
    files: device("eth0", { flags: undefined }),
    args: ["-i"],
    want: /^eth0 +1500 +2 +3 +4 5 .* -$/m,
    says: "flags in /sys/class/net/eth0",
  },
  {
    name: "flags that are none",
    files: device("eth0", { flags: "up" }),
    args: ["-i"],
    want: /^eth0 +1500 +2 +3 +4 5 .* -$/m,
    says: "flags in /sys/class/net/eth0",
  },
  {
    name: "no state of operation",
    files: device("eth0", { operstate: undefined }),
    args: ["-i"],
    want: /^eth0 +1500 +2 +3 +4 5 .* BMU$/m,
    says: "operstate in /sys/class/net/eth0",
  },
  {
    name: "no folder",
    files: {},
    args: ["-i"],
    want: /^eth0 +0 +2 +3 +4 5 .* -$/m,
    says: "flags, operstate, mtu in /sys/class/net/eth0",
  },
  {
    name: "more is told of than is shown shortly",
    files: device("eth0", { address: undefined, type: undefined }),
    args: ["-ie"],
    want: /^eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST> +mtu 1500$/m,
    says: "type, address in /sys/class/net/eth0",
  },
  {
    name: "JSON has null for what is not known",
    files: device("eth0", { address: "02:00:zz", mtu: undefined }),
    args: ["-i", "--ndjson"],
    want: /"iface":"eth0","mtu":null,.*"hardware_address":null,/,
    says: "mtu, address in /sys/class/net/eth0",
  },
];

for (const { name, files, args, want, says } of MISSING) {
  Deno.test(`-i: a file that is missing costs its own value: ${name}`, () =>
    withTree({
      [DEV]: HEADING + ETH0 + ETH0.replace("eth0", "zzz0"),
      ...files,
      ...device("zzz0"),
    }, async (root) => {
      const { stdout, stderr, exit } = await netstat("--root", root, ...args);
      assert.match(stdout, want);
      assert.match(stdout, /zzz0/);
      assert.equal(
        stderr,
        `netstat: --root has no legible ${says}, so they are not known\n`,
      );
      assert.equal(exit, 0);
    }));
}

Deno.test("-i: what several interfaces lack is told once", () =>
  withTree({
    [DEV]: HEADING + ETH0 + ETH0.replace("eth0", "eth1"),
    ...device("eth0", { mtu: undefined }),
    ...device("eth1", { mtu: undefined }),
  }, async (root) => {
    const { stderr } = await netstat("--root", root, "-i");
    assert.equal(
      stderr,
      "netstat: --root has no legible mtu in /sys/class/net/{eth0,eth1}, " +
        "so they are not known\n",
    );
  }));

Deno.test("-i: a blank line costs nothing, and is told", () =>
  withTree({
    [DEV]: `${HEADING}\n${ETH0}   : 1 2 3\n`,
    ...device("eth0"),
  }, async (root) => {
    const { stdout, stderr, exit } = await netstat("--root", root, "-i");
    assert.equal(exit, 0);
    assert.match(stdout, /^eth0 /m);
    assert.equal(
      stderr,
      'Cannot parse /proc/net/dev: line 3: ""\n' +
        'Cannot parse /proc/net/dev: line 5: "   : 1 2 3"\n',
    );
  }));

Deno.test("-i: a name does not lead out of sys/class/net", () =>
  withTree({
    [DEV]: HEADING + ETH0.replace("eth0", "../../x") +
      ETH0.replace("eth0", ".."),
    ...device("eth0"),
    "sys/x/mtu": "4242\n",
    "sys/class/mtu": "4242\n",
  }, async (root) => {
    const { stdout } = await netstat("--root", root, "-i");
    assert.match(stdout, /^\.\. +0 /m);
    assert.match(stdout, /^\.\.\/\.\.\/x +0 /m);
  }));

Deno.test("-i: control bytes of a name are printed as dots", () =>
  withTree({
    [DEV]: HEADING + ETH0.replace("eth0", "a\x1b[2Jb"),
    ...device("a\x1b[2Jb"),
  }, async (root) => {
    for (const option of ["-i", "-ie"]) {
      const { stdout } = await netstat("--root", root, option);
      assert.match(stdout, /^a\.\[2Jb[: ]/m);
    }
    const { stdout } = await netstat("--root", root, "-i", "--json");
    assert.equal(JSON.parse(stdout)[0].iface, "a\x1b[2Jb");
  }));

Deno.test("-i --json: counters are exact, what is not there is null", () =>
  withTree({
    [DEV]: HEADING +
      "eth0: 18446744073709551615 9007199254740993 99999999999999999999 -1 x\n",
    "proc/net/if_inet6": "garbage\n" +
      "20010db8000000000000000000000001 02 40 00 80     eth0\n" +
      "fe800000000000000000 02 40 20 80     eth0\n",
    ...device("eth0"),
  }, async (root) => {
    const { stdout, stderr } = await netstat("--root", root, "-i", "--ndjson");
    assert.match(stderr, /^Cannot parse \/proc\/net\/if_inet6: line 1: /);
    assert.match(stderr, /\nCannot parse \/proc\/net\/if_inet6: line 3: .*\n$/);
    assert.match(stdout, /"rx_bytes":18446744073709551615,/);
    assert.match(stdout, /"rx_ok":9007199254740993,/);
    assert.match(stdout, /"rx_err":18446744073709551615,/);
    const row = JSON.parse(stdout);
    assert.equal(row.rx_ovr, null);
    assert.equal(row.tx_ok, null);
    assert.deepEqual(row.inet6, ["2001:db8::1/64"]);
    assert.deepEqual(row.inet6_scopes, ["global"]);
    assert.deepEqual(row.flag_names, [
      "UP",
      "BROADCAST",
      "RUNNING",
      "MULTICAST",
    ]);
    assert.equal(row.hardware_address, "02:00:00:00:00:01");
  }));

Deno.test("-i: any part of a file is borne, and noise", () =>
  withTree({
    [DEV]: "",
    "proc/net/if_inet6": "",
    ...device("eth0"),
  }, async (root) => {
    const dev = HEADING + ETH0 + ETH0.replace("eth0", "eth0:1");
    const inet6 = "20010db8000000000000000000000001 02 40 00 80     eth0\n";
    const holds = async () => {
      for (const options of [["-ia"], ["-iae"], ["-ia", "--json"]]) {
        const got = await netstat("--root", root, ...options);
        assert.ok(got.exit === 0 || got.exit === 1);
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(got.stdout + got.stderr, /[\x00-\x09\x0b-\x1f]/);
        if (options.length > 1) JSON.parse(got.stdout);
      }
    };
    for (let length = 0; length <= dev.length; length++) {
      await Deno.writeTextFile(`${root}/${DEV}`, dev.slice(0, length));
      const part = inet6.slice(0, length % inet6.length);
      await Deno.writeTextFile(`${root}/proc/net/if_inet6`, inet6 + part);
      await holds();
    }
    let seed = 1;
    for (let round = 0; round < 200; round++) {
      const noise = Uint8Array.from(dev, (c, i) => {
        seed = Math.imul(seed, 1103515245) + 12345 | 0;
        return (seed >>> 16) % 20 === 0 && i > 150
          ? seed >>> 8 & 255
          : c.charCodeAt(0);
      });
      await Deno.writeFile(`${root}/${DEV}`, noise);
      await Deno.writeFile(`${root}/proc/net/if_inet6`, noise);
      await holds();
    }
  }));

/** Counters and groups that no golden case has: JSON, and what is malformed. */

import assert from "node:assert/strict";
import type { Result } from "./cases.ts";
import { netstat } from "./program.ts";
import { withoutLacks } from "./trees.ts";

/** Runs the program on files below `/proc/net`. */
async function withFiles(
  files: Record<string, string>,
  ...args: string[]
): Promise<Result> {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    await Deno.mkdir(`${root}/proc/net/sctp`, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${root}/proc/net/${name}`, text);
    }
    return await netstat("--root", root, ...args);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const CASES: readonly {
  name: string;
  files: Record<string, string>;
  args: string[];
  want: unknown;
  stderr?: string;
}[] = [
  {
    name: "numbers are exact, and the text has its own",
    files: {
      snmp: "Tcp: MaxConn InSegs Odd\nTcp: -1 18446744073709551615 -2\n",
    },
    args: ["-s"],
    want:
      '[{"family":"inet","section":"Tcp","counter":"MaxConn","value":-1,"text":null},{"family":"inet","section":"Tcp","counter":"InSegs","value":18446744073709551615,"text":"18446744073709551615 segments received"},{"family":"inet","section":"Tcp","counter":"Odd","value":-2,"text":null}]\n',
  },
  {
    name: "what the text hides is there, and what is no number is null",
    files: { snmp: "Ip: InHdrErrors InReceives Forwarding\nIp: 0 x 2\n" },
    args: ["-s"],
    want:
      '[{"family":"inet","section":"Ip","counter":"InHdrErrors","value":0,"text":"0 with invalid headers"},{"family":"inet","section":"Ip","counter":"InReceives","value":null,"text":"0 total packets received"},{"family":"inet","section":"Ip","counter":"Forwarding","value":2,"text":null}]\n',
  },
  {
    name: "sections are chosen as in the text",
    files: { snmp: "Ip: A\nIp: 1\nTcp: B\nTcp: 2\nNew: C\nNew: 3\n" },
    args: ["-st"],
    want:
      '[{"family":"inet","section":"Tcp","counter":"B","value":2,"text":null},{"family":"inet","section":"New","counter":"C","value":3,"text":null}]\n',
  },
  {
    name: "a section in two parts is one",
    files: { snmp: "IcmpMsg: A\nIcmpMsg: 1\nIcmpMsg: B\nIcmpMsg: 2\n" },
    args: ["-s"],
    want:
      '[{"family":"inet","section":"IcmpMsg","counter":"A","value":1,"text":null},{"family":"inet","section":"IcmpMsg","counter":"B","value":2,"text":null}]\n',
  },
  {
    name: "a malformed line costs no other",
    files: { snmp: "Ip: A\n\nIp: 1\nTcp: B\nTcp: 2\n", netstat: "junk\n" },
    args: ["-s"],
    want:
      '[{"family":"inet","section":"Tcp","counter":"B","value":2,"text":null}]\n',
    stderr: 'Cannot parse /proc/net/snmp: line 2: ""\n' +
      'Cannot parse /proc/net/snmp: line 3: "Ip: 1"\n' +
      'Cannot parse /proc/net/netstat: line 1: "junk"\n',
  },
  {
    name: "a counter without a value costs no other",
    files: { snmp6: "Ip6A 1\nIp6B\nUdp6C 3\n", snmp: "Ip: A\nIp: 1\n" },
    args: ["-s6", "--ndjson"],
    want:
      '{"family":"inet6","section":"Ip6","counter":"Ip6A","value":1,"text":null}\n{"family":"inet6","section":"Udp6","counter":"Udp6C","value":3,"text":null}\n',
    stderr: 'Cannot parse /proc/net/snmp6: line 2: "Ip6B"\n',
  },
  {
    name: "names are strings like any other",
    files: { snmp: '__proto__: "a\x1b toString\n__proto__: 1 2\n' },
    args: ["-s"],
    want:
      '[{"family":"inet","section":"__proto__","counter":"\\"a\\u001b","value":1,"text":null},{"family":"inet","section":"__proto__","counter":"toString","value":2,"text":null}]\n',
  },
  {
    name: "without files there is an empty array",
    files: {},
    args: ["-s"],
    want: "[]\n",
    stderr: "cannot open /proc/net/snmp: No such file or directory\n",
  },
];

for (const { name, files, args, want, stderr = "" } of CASES) {
  Deno.test(`-s --json: ${name}`, async () => {
    const got = await withFiles(files, "--json", ...args);
    assert.equal(got.stdout, want);
    assert.equal(withoutLacks(got.stderr), stderr);
    assert.equal(got.exit, 0);
  });
}

Deno.test("-s --json: a family without counters", async () => {
  assert.deepEqual(await withFiles({}, "--json", "-sx"), {
    stdout: "[]\n",
    stderr:
      "netstat: No statistics support for specified address family: unix\n",
    exit: 1,
  });
});

Deno.test("-s: control bytes of a file are dots", async () => {
  const files = { snmp: "\x1b[31m: A\x07\n\x1b[31m: 1\n" };
  const { stdout } = await withFiles(files, "-s");
  assert.equal(stdout, ".[31m:\n    A.: 1\n");
});

Deno.test("-s: a line of many thousand counters is not cut", async () => {
  const names = Array.from({ length: 3000 }, (_, i) => `Counter${i}`);
  const snmp = `New: ${names.join(" ")}\nNew: ${
    names.map(() => 7).join(" ")
  }\n`;
  const text = await withFiles({ snmp }, "-s");
  assert.equal(text.stdout.split("\n").length, 3002);
  const json = await withFiles({ snmp }, "-s", "--json");
  assert.equal(JSON.parse(json.stdout).length, 3000);
});

const IGMP =
  "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n" +
  "7\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n";

Deno.test("-g: owners of sockets cost no group", async () => {
  const files = { igmp: IGMP, tcp: "", udp: "", unix: "" };
  const { stdout } = await withFiles(files, "-gnp", "-x");
  assert.match(stdout, /\nlo {14}1 {6}224\.0\.0\.1\nActive UNIX/);
});

Deno.test("-g --json: addresses that are too short are malformed", async () => {
  const igmp6 = "2 eth0 ff02 1\n2 eth0 ff020000000000000000000000000001 1\n";
  const got = await withFiles({ igmp: IGMP, igmp6 }, "-gn", "--ndjson");
  assert.deepEqual(got, {
    stdout:
      '{"family":"inet","proto":"igmp","iface":"lo","ifindex":7,"refcnt":1,"group_address":"224.0.0.1","group_host":null,"timer_ms":null,"reporter":false,"group_count":1,"querier":"V3","flags_num":null}\n' +
      '{"family":"inet6","proto":"igmp6","iface":"eth0","ifindex":2,"refcnt":1,"group_address":"ff02::1","group_host":null,"timer_ms":null,"reporter":null,"group_count":null,"querier":null,"flags_num":null}\n',
    stderr: 'Cannot parse /proc/net/igmp6: line 1: "2 eth0 ff02 1"\n',
    exit: 0,
  });
});

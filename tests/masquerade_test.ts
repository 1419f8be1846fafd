/** The masquerade view on saved trees. */

import assert from "node:assert/strict";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

const OLD = "proc/net/ip_masquerade";
const NEW = "proc/net/nf_conntrack";

const HEADING =
  "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires\n";
const OLD_ROW =
  "TCP C0A80002:0401 CC3D1A0B:0050 EA60 0000000A     -5      7  85999\n";
const NEW_ROW = "ipv4     2 tcp      6 431999 ESTABLISHED src=192.168.0.2 " +
  "dst=203.0.113.80 sport=1025 dport=80 src=203.0.113.80 dst=198.51.100.1 " +
  "sport=80 dport=60000 [ASSURED] mark=0 zone=0 use=2\n";

Deno.test("-M --json: ip_masquerade", () =>
  withTree({
    [OLD]: HEADING + OLD_ROW,
    "etc/hosts": "192.168.0.2 client.lan\n",
  }, async (root) => {
    const { stdout, stderr } = await netstat("--root", root, "-M", "--json");
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), [{
      family: "inet",
      proto: "tcp",
      expire_ms: 859990,
      initial_sequence: 10,
      delta: -5,
      previous_delta: 7,
      source: "192.168.0.2",
      source_host: "client.lan",
      destination: "204.61.26.11",
      destination_host: null,
      source_port: 1025,
      destination_port: 80,
      masqueraded_port: 60000,
    }]);
  }));

Deno.test("-M --json: a bad row costs nothing but itself", () =>
  withTree({
    [OLD]: `${HEADING}${OLD_ROW}TCP garbage\n${OLD_ROW}`,
  }, async (root) => {
    const { stdout, stderr, exit } = await netstat(
      "--root",
      root,
      "-Mn",
      "--json",
    );
    assert.equal(exit, 0);
    assert.equal(JSON.parse(stdout).length, 2);
    assert.match(stderr, /^Cannot parse .*ip_masquerade: line 3: /);
  }));

Deno.test("-M --json: nf_conntrack, if there is nothing else", () =>
  withTree({ [NEW]: NEW_ROW }, async (root) => {
    const json = await netstat("--root", root, "-Mn", "--json");
    assert.match(json.stderr, /^netstat: no \/proc\/net\/ip_masquerade: .*\n$/);
    assert.deepEqual(JSON.parse(json.stdout), [{
      family: "inet",
      proto: "tcp",
      expire_ms: 431999000,
      source: "192.168.0.2",
      source_host: null,
      destination: "203.0.113.80",
      destination_host: null,
      reply_source: "203.0.113.80",
      reply_source_port: 80,
      reply_destination: "198.51.100.1",
      reply_destination_port: 60000,
      state: "ESTABLISHED",
      source_port: 1025,
      destination_port: 80,
      masqueraded_port: 60000,
      proto_num: 6,
      packets: null,
      bytes: null,
      reply_packets: null,
      reply_bytes: null,
      age_s: null,
      unreplied: false,
      assured: true,
      offload: null,
      mark: 0,
      secctx: null,
      zone: 0,
      original_zone: null,
      reply_zone: null,
      gre_timeout_s: null,
      gre_stream_timeout_s: null,
      refcnt: 2,
    }]);
    await Deno.writeTextFile(`${root}/${OLD}`, HEADING);
    const text = await netstat("--root", root, "-Mn");
    assert.deepEqual(text, { stdout: "", stderr: "", exit: 0 });
  }));

Deno.test("-M: without any table the array is closed all the same", () =>
  withTree({ "proc/x": "" }, async (root) => {
    const { stdout, stderr, exit } = await netstat(
      "--root",
      root,
      "-M",
      "--json",
    );
    assert.deepEqual([stdout.trim(), exit], ["[]", 1]);
    assert.match(stderr, /no support for `ip_masquerade' on this system\.$/m);
  }));

Deno.test("-M: any part of a file is borne, and noise", async () => {
  const tables: [string, string][] = [
    [OLD, HEADING + OLD_ROW + OLD_ROW],
    [NEW, NEW_ROW + NEW_ROW.replace("tcp      6", "icmp     1")],
  ];
  for (const [path, whole] of tables) {
    await withTree({ [path]: "" }, async (root) => {
      const holds = async (bytes: Uint8Array) => {
        await Deno.writeFile(`${root}/${path}`, bytes);
        for (const options of [["-Mnev"], ["-Mn", "--json"]]) {
          const got = await netstat("--root", root, ...options);
          assert.ok([0, 1, 255].includes(got.exit));
          // deno-lint-ignore no-control-regex
          assert.doesNotMatch(got.stdout + got.stderr, /[\x00-\x09\x0b-\x1f]/);
          if (options.length > 1) JSON.parse(got.stdout);
        }
      };
      const bytes = new TextEncoder().encode(whole);
      for (let length = 0; length <= bytes.length; length++) {
        await holds(bytes.subarray(0, length));
      }
      let seed = 7;
      for (let round = 0; round < 300; round++) {
        await holds(bytes.map((byte) => {
          seed = Math.imul(seed, 1103515245) + 12345 | 0;
          return (seed >>> 16) % 40 === 0 ? seed >>> 8 & 255 : byte;
        }));
      }
    });
  }
});

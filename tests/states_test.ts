/** The states of sockets, by the kernel's numbers: the text's words and JSON's. */

import assert from "node:assert/strict";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

const TCP_HEADER = "  sl  local_address rem_address   st tx_queue rx_queue " +
  "tr tm->when retrnsmt   uid  timeout inode\n";
const UNIX_HEADER = "Num       RefCount Protocol Flags    Type St Inode Path\n";

interface State {
  /** As the kernel writes it. */
  hex: string;
  /** As the text has it. */
  text: string;
  /** As JSON has it. */
  json: string | null;
}

const TCP: State[] = [
  { hex: "00", text: "", json: null },
  { hex: "01", text: "ESTABLISHED", json: "ESTABLISHED" },
  { hex: "02", text: "SYN_SENT", json: "SYN_SENT" },
  { hex: "03", text: "SYN_RECV", json: "SYN_RECV" },
  { hex: "04", text: "FIN_WAIT1", json: "FIN_WAIT1" },
  { hex: "05", text: "FIN_WAIT2", json: "FIN_WAIT2" },
  { hex: "06", text: "TIME_WAIT", json: "TIME_WAIT" },
  { hex: "07", text: "CLOSE", json: "CLOSE" },
  { hex: "08", text: "CLOSE_WAIT", json: "CLOSE_WAIT" },
  { hex: "09", text: "LAST_ACK", json: "LAST_ACK" },
  { hex: "0A", text: "LISTEN", json: "LISTEN" },
  { hex: "0B", text: "CLOSING", json: "CLOSING" },
  { hex: "0C", text: "UNKNOWN(12)", json: "UNKNOWN(12)" },
  { hex: "FFFFFFFF", text: "UNKNOWN(-1)", json: "UNKNOWN(-1)" },
];

const UDP: State[] = [
  { hex: "01", text: "ESTABLISHED", json: "ESTABLISHED" },
  { hex: "07", text: "", json: null },
  { hex: "02", text: "UNKNOWN", json: "UNKNOWN" },
  { hex: "00", text: "UNKNOWN", json: "UNKNOWN" },
];

const RAW: State[] = [
  { hex: "01", text: "1", json: "ESTABLISHED" },
  { hex: "07", text: "7", json: null },
  { hex: "0A", text: "10", json: null },
];

const INTERNET = [
  { protocol: "tcp", states: TCP },
  { protocol: "udp", states: UDP },
  { protocol: "udplite", states: UDP },
  { protocol: "raw", states: RAW },
];

for (const { protocol, states } of INTERNET) {
  for (const { hex, text, json } of states) {
    Deno.test(`states: ${protocol} ${hex}`, async () => {
      const line =
        `   0: 0100007F:0016 0200007F:0017 ${hex} 00000000:00000000 ` +
        "00:00000000 00000000     0        0 1\n";
      await withTree(
        { [`proc/net/${protocol}`]: TCP_HEADER + line },
        async (root) => {
          const args = ["--root", root, "-an", `--${protocol}`];
          const printed = await netstat(...args);
          const row = printed.stdout.split("\n")[2]!;
          assert.equal(row.slice(68), text.padEnd(11));
          const [object] = JSON.parse(
            (await netstat(...args, "--json")).stdout,
          );
          assert.equal(object.state, json);
          assert.equal(object.state_num, parseInt(hex, 16) | 0);
        },
      );
    });
  }
}

const UNIX = [
  { flags: "00000000", hex: "00", text: "FREE", json: "FREE" },
  { flags: "00000000", hex: "01", text: "", json: null },
  { flags: "00010000", hex: "01", text: "LISTENING", json: "LISTENING" },
  { flags: "00000000", hex: "02", text: "CONNECTING", json: "CONNECTING" },
  { flags: "00000000", hex: "03", text: "CONNECTED", json: "CONNECTED" },
  { flags: "00010000", hex: "03", text: "CONNECTED", json: "CONNECTED" },
  {
    flags: "00000000",
    hex: "04",
    text: "DISCONNECTING",
    json: "DISCONNECTING",
  },
  { flags: "00000000", hex: "05", text: "UNKNOWN", json: "UNKNOWN" },
];

for (const { flags, hex, text, json } of UNIX) {
  Deno.test(`states: unix ${hex} with flags ${flags}`, async () => {
    const line = `0: 00000002 00000000 ${flags} 0001 ${hex} 12345 /x\n`;
    await withTree({ "proc/net/unix": UNIX_HEADER + line }, async (root) => {
      const printed = await netstat("--root", root, "-ax");
      const row = printed.stdout.split("\n")[2]!;
      assert.equal(row.slice(36, 49), text.padEnd(13));
      const args = ["--root", root, "-ax", "--json"];
      const [object] = JSON.parse((await netstat(...args)).stdout);
      assert.equal(object.state, json);
      assert.equal(object.state_num, parseInt(hex, 16));
    });
  });
}

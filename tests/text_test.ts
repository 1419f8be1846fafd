/** The functions that are made for the columns of a listing write every row alike. */

import assert from "node:assert/strict";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

const TCP =
  "   0: 0100000A:0016 0200000A:07D0 01 0000000A:0000000B 02:000005DC 00000003  1000        0 4711 1 0000000000000000 100 0 0 10 0";

const UNIX =
  "0000000000000003: 00000003 00000000 00010000 0001 01  1010 /run/socket";

const ROUTE = "eth0\t0001000A\t0100000A\t0003\t0\t0\t100\t00FFFFFF\t0\t0\t0";

const COUNT = 2500;

/** A file of many equal rows. */
function rows(header: string, row: string): string {
  return `${header}\n${`${row}\n`.repeat(COUNT)}`;
}

const FILES = {
  "proc/net/tcp": rows("  sl  local_address …", TCP),
  "proc/net/unix": rows("Num … Inode Path", UNIX),
  "proc/net/route": rows(
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
    ROUTE,
  ),
  "proc/77/cmdline": "/sbin/prog\0",
};

for (
  const args of [
    ["-4tan"],
    ["-4tanpeo"],
    ["-4taeW"],
    ["-xa"],
    ["-xanp"],
    ["-rn"],
    ["-rnee"],
    ["-4tan", "--color=always"],
    ["-xa", "--color=always"],
    ["-4tan", "--ndjson"],
  ]
) {
  Deno.test(`all rows of ${args.join(" ")} look like the first`, () =>
    withTree(FILES, async (root) => {
      const { stdout, stderr } = await netstat("--root", root, ...args);
      assert.equal(stderr, "");
      const lines = stdout.replace(/\n$/, "").split("\n").slice(-COUNT);
      assert.match(lines[0]!, /10\.0\.0\.1|10\.0\.1\.0|\/run\/socket/);
      assert.deepEqual([...new Set(lines)], [lines[0]]);
    }));
}

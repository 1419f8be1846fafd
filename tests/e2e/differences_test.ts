/**
 * Differences from net-tools that no golden case can show, since they are about where
 * output goes. The head of docs/deviations.md lists them. Needs net-tools.
 */

import assert from "node:assert/strict";
import { NETSTAT, REFERENCE } from "./namespace.ts";

const DOCUMENT = new URL("../../docs/deviations.md", import.meta.url);

/** What a line of bash shows of each program, which is its `$0`. */
const CASES: readonly {
  /** How the document begins to tell of it. */
  readonly told: string;
  readonly line: string;
  readonly ours: string;
  readonly theirs: string;
}[] = [
  ...["-rn", "-tan", "-s", "-i"].map((args) => ({
    told: "Output that cannot be written",
    line: `"$0" ${args} 2>&1 >/dev/full; echo $?`,
    ours: "netstat: write error: No space left on device\n1\n",
    theirs: "0\n",
  })),
  {
    told: "`-A netrom -r` tells of each",
    line: '"$0" -A netrom -r 2>&1 >/dev/null | cat; exit ${PIPESTATUS[0]}',
    ours: "/proc/net/nr_nodes: No such file or directory\n" +
      "/proc/net/nr_neigh: No such file or directory\n",
    theirs: "/proc/net/nr_nodes: No such file or directory\n" +
      "/proc/net/nr_neigh: Invalid argument\n",
  },
];

async function run(line: string, program: string): Promise<string> {
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", line, program],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("docs/deviations.md tells what no golden case can show", async (t) => {
  const document = await Deno.readTextFile(DOCUMENT);
  for (const { told, line, ours, theirs } of CASES) {
    await t.step(line, async () => {
      assert.ok(document.includes(`\n- ${told}`), told);
      assert.equal(await run(line, NETSTAT), ours);
      assert.equal(await run(line, REFERENCE), theirs);
    });
  }
});

Deno.test("-A netrom -r: the same where stderr can be read as well", async () => {
  const file = await Deno.makeTempFile({ prefix: "netstat-" });
  try {
    const line = `"$0" -A netrom -r 2<>${file}; cat ${file}`;
    const theirs = await run(line, REFERENCE);
    assert.match(theirs, /nr_neigh: No such file or directory\n$/);
    await Deno.truncate(file);
    assert.equal(await run(line, NETSTAT), theirs);
  } finally {
    await Deno.remove(file);
  }
});

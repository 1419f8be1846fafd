/** The fuzzer, for a while: both programs on the same made-up files. */

import assert from "node:assert/strict";
import { fuzz } from "../../tools/fuzz/main.ts";
import { loadSubjects } from "../../tools/fuzz/subjects.ts";
import { NETSTAT } from "./namespace.ts";

const SEED = 1;

/** Command lines, over all subjects. */
const CASES = 1000;

Deno.test("fuzz: no difference that is not explained", async () => {
  const { wrong, subjects } = await fuzz({
    seed: SEED,
    cases: CASES,
    netstat: NETSTAT,
  });
  assert.deepEqual(
    wrong.map(({ subject, tree, line, args, difference }) =>
      `${subject}-${tree.toString(16)}-${line}: ${
        args.join(" ")
      }\n${difference}`
    ),
    [],
  );
  for (const name of (await loadSubjects()).keys()) {
    const { equal, deviation } = subjects[name]!;
    assert.ok(equal > 0 && deviation >= 0, `${name}: nothing was compared`);
  }
});

/** The reference, but for one state that it gets wrong. */
const PLANTED = `#!/bin/bash
set -o pipefail
if [ "$1" = --root ]; then shift 2; fi
/usr/bin/netstat "$@" | sed s/SYN_SENT/SENT/
`;

Deno.test("fuzz: a planted bug is found and cut down", async () => {
  const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    const netstat = `${folder}/netstat`;
    await Deno.writeTextFile(netstat, PLANTED, { mode: 0o755 });
    const { wrong, kinds } = await fuzz({
      seed: SEED,
      cases: 40,
      subjects: ["sockets"],
      netstat,
      save: folder,
    });
    assert.ok(kinds.equal > 0);
    const found = wrong.find(({ folder, difference }) =>
      folder !== undefined && /SYN_SENT.*\n.* SENT/.test(difference)
    );
    assert.ok(found, "not found");
    assert.match(await Deno.readTextFile(`${found.folder}/stdout`), /SYN_SENT/);
    const left = [];
    for await (const entry of Deno.readDir(`${found.folder}/proc/net`)) {
      left.push(entry.name);
    }
    assert.equal(left.length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

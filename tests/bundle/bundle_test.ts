/**
 * What the executable contains, run by the Deno that runs these tests and without a base
 * program: every golden case as the executable is tested, and what is loaded only where
 * it is needed. Needs root.
 */

import assert from "node:assert/strict";
import { runnableBundle } from "../../tools/build.ts";
import { loadCases } from "../cases.ts";
import { run } from "../e2e/child.ts";
import { checkCase } from "../e2e/golden.ts";
import { netstat } from "../program.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Cases whose text is the code's that runs in the executable before the engine does. */
const OF_THE_EXECUTABLE = new Set(["inet/prog-proc-unreadable-tree"]);

let folder: string;
/** The words that run the bundle; the last one is its module. */
let command: string[];

/** The text of a shell script that runs words under net-tools' name. */
function scriptOf(words: readonly string[]): string {
  return `#!/bin/bash
export DENO_DIR='${folder}/deno' DENO_NO_UPDATE_CHECK=1
exec -a netstat ${words.map((word) => `'${word}'`).join(" ")} "$@"
`;
}

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "netstat-bundle-" });
  await Deno.chmod(folder, 0o755);
  command = await runnableBundle(`${folder}/bundle`);
  // other users run it, too
  await Deno.mkdir(`${folder}/deno`);
  await Deno.chmod(`${folder}/deno`, 0o1777);
  await Deno.writeTextFile(`${folder}/netstat`, scriptOf(command), {
    mode: 0o755,
  });
  const modules = [...command.slice(0, -1), `${folder}/bundle/main.js`];
  await Deno.writeTextFile(`${folder}/modules`, scriptOf(modules), {
    mode: 0o755,
  });
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

Deno.test("bundle: V8 takes what it had compiled", async () => {
  const probe = `${folder}/bundle/probe.js`;
  const start = await Deno.readTextFile(`${folder}/bundle/start.js`);
  const looks = `for (let i = 0;; i++) {
  let text;
  try {
    text = Deno.readTextFileSync(at(i + ".js"));
  } catch {
    break;
  }
  const cachedData = cacheOf(i + ".js.cache");
  const { cachedDataRejected } = new Script(text, { cachedData });
  console.log((i + ".js.cache") in BEHIND, cachedDataRejected);
}
`;
  await Deno.writeTextFile(probe, start.replace(/^await run.*$/m, () => looks));
  const { stdout } = await run([...command.slice(0, -1), probe]);
  assert.match(stdout, /^(false false\n)+(true false\n)+$/);
});

for (
  const args of [
    // only small things
    ["--root", "docs/server", "-tulpn"],
    ["--root", "docs/server", "-rn", "--json"],
    ["--help"],
    // a part for each of these is compressed
    ["--root", "docs/incident.tgz", "-tan"],
    ["--family", "docs/arp.ts", "--root", "docs/arp", "-A", "arp", "-a"],
    ["--family-types"],
    // all checks, and all families
    ["--root", "docs/incident.tgz", "--check"],
    ["--root", "docs/server", "-a", "--columns", "help"],
    ["--root", "docs/server", "--graph", "dot", "-tan"],
    ["--root", "docs/server", "--diff", "docs/yesterday", "-tan"],
  ]
) {
  Deno.test(`bundle: ${args.join(" ")}`, async () => {
    const want = await netstat(...args);
    assert.notEqual(want.stdout, "");
    for (const program of ["netstat", "modules"]) {
      const got = await run([`${folder}/${program}`, ...args], { cwd: ROOT });
      const { stdout, stderr, exit } = got;
      assert.deepEqual({ stdout, stderr, exit }, want, program);
    }
  });
}

for (const golden of loadCases()) {
  if (OF_THE_EXECUTABLE.has(golden.name)) continue;
  Deno.test(
    `bundle: ${golden.name}`,
    () => checkCase(golden, `${folder}/netstat`),
  );
}

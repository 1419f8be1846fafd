/** The bench measures, and leaves nothing behind. Needs root. */

import assert from "node:assert/strict";

const BENCH = new URL("../../tools/bench/main.ts", import.meta.url).pathname;

/** The command lines of the processes that the bench starts. */
function parts(): string[] {
  const found: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (/bench\/(inside|sockets)\.ts/.test(line)) found.push(line);
    } catch {
      // it has ended meanwhile
    }
  }
  return found;
}

function bench(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", BENCH, "--quick", "--rounds", "1", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("a case in a file, and one among sockets", async () => {
  for (const name of ["tcp-file", "time-wait"]) {
    const { code, stdout, stderr } = await bench("--only", name).output();
    const [text, said] = [stdout, stderr].map((b) =>
      new TextDecoder().decode(b)
    );
    assert.equal(code, 0, said! + text);
    assert.match(
      text!,
      /^\| `-tan`, .* ms.* \| 1 \| reference `-tan` \|/m,
    );
  }
  assert.deepEqual(parts(), []);
});

Deno.test("an interrupt ends everything", async () => {
  const child = bench("--only", "owners");
  const deadline = Date.now() + 20_000;
  while (!parts().some((line) => line.includes("sockets.ts"))) {
    assert.ok(Date.now() < deadline, "nothing was started");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGINT");
  const { code } = await child.output();
  assert.equal(code, 1);
  while (parts().length > 0) {
    assert.ok(Date.now() < deadline, parts().join("\n"));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

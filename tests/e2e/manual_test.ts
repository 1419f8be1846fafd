/** The manual page: what checks roff finds nothing, and its examples run. */

import assert from "node:assert/strict";
import { NETSTAT } from "./namespace.ts";

const PAGE = new URL("../../docs/netstat.8", import.meta.url).pathname;
const SAVED = new URL("../../testdata/inet/route-n", import.meta.url).pathname;

for (
  const command of [
    ["mandoc", "-T", "lint", PAGE],
    ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", PAGE],
  ]
) {
  const [program, ...args] = command;
  Deno.test(`manual: ${program} has nothing to say about it`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(program!, {
      args,
      env: { LC_ALL: "C.UTF-8" },
    }).output();
    const said = new TextDecoder().decode(
      program === "man" ? stderr : new Uint8Array([...stdout, ...stderr]),
    );
    assert.equal(said, "");
    assert.equal(code, 0);
  });
}

Deno.test("manual: the examples run", async (t) => {
  const page = await Deno.readTextFile(PAGE);
  const [examples] = /^\.SH EXAMPLES$.*?(?=^\.SH )/ms.exec(page)!;
  const commands = [...examples.matchAll(/^\.B netstat (.*)$/gm)]
    .map(([, words]) => words!.replaceAll("\\-", "-"));
  assert.ok(commands.length > 9);
  for (const words of commands) {
    await t.step(words, async () => {
      const child = new Deno.Command(NETSTAT, {
        args: words.replace("/srv/saved", SAVED).split(" "),
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      const continuous = /^-\w*c/.test(words);
      if (continuous) child.kill("SIGTERM");
      while (!(await reader.read()).done);
      const { code } = await child.status;
      assert.equal(code, continuous ? 143 : 0);
    });
  }
});

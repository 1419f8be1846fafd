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
  // where one writes a file
  const cwd = await Deno.makeTempDir();
  const page = await Deno.readTextFile(PAGE);
  const sections = ["QUESTIONS", "EXAMPLES"].map((title) =>
    page.split(`.SH ${title}\n`)[1]!.split("\n.SH ")[0]!
  );
  for (const section of sections) {
    const commands = [...section.matchAll(/^(?:\.B )?(netstat .*)$/gm)]
      .map(([, line]) => asTyped(line!));
    assert.ok(commands.length > 9);
    for (const line of commands) {
      await t.step(line, async () => {
        const child = new Deno.Command("sh", {
          args: [
            "-c",
            line.replace("/srv/saved", SAVED)
              .replace("netstat", `exec ${NETSTAT}`),
          ],
          cwd,
          stdout: "piped",
          stderr: "null",
        }).spawn();
        const reader = child.stdout.getReader();
        await reader.read();
        const continuous = /^netstat -\w*c| --until /.test(line);
        if (continuous) child.kill("SIGTERM");
        while (!(await reader.read()).done);
        const { code } = await child.status;
        // what differs and what is wrong is up to the machine
        const statuses = continuous
          ? [143]
          : / --diff /.test(line)
          ? [0, 1]
          : / --check\b/.test(line)
          ? [0, 1, 2, 3]
          : [0];
        assert.ok(statuses.includes(code), `status ${code}`);
      });
    }
  }
  await Deno.remove(cwd, { recursive: true });
});

/** A line of the page as it is typed. */
function asTyped(line: string): string {
  const signs: Record<string, string> = { aq: "'", ti: "~", ha: "^" };
  return line.replaceAll("\\-", "-")
    .replaceAll(/\\\((..)/g, (_, name: string) => signs[name]!);
}

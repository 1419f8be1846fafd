/**
 * Text that other people's processes control, live: paths of UNIX sockets, names of
 * programs and of users. Needs root.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import {
  decoded,
  FIRST_PORT,
  FIRST_USER,
  neutral,
  PATHS,
  PROGRAMS,
  USERS,
} from "./hostile.ts";
import { NETSTAT } from "./namespace.ts";
import { compare, look, makeWorld, type World } from "./world.ts";

const HOSTILE = new URL("hostile.ts", import.meta.url).pathname;

async function withHostile(use: (world: World) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "hostile-" });
  let world: World | undefined;
  try {
    world = await makeWorld(
      "--net",
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-ec",
      'ip link set lo up; exec "$0" run -A "$@"',
      Deno.execPath(),
      HOSTILE,
      folder,
    );
    await use(world);
  } finally {
    await world?.end();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The reference's text as we would print it: no control byte but the line's end. */
function harmless(result: Result): Result {
  let { stdout } = result;
  for (const name of PROGRAMS.filter((name) => name.includes("\n"))) {
    stdout = stdout.replaceAll(`/${name} `, `/${name.replaceAll("\n", ".")} `);
  }
  return { ...result, stdout: stdout.split("\n").map(neutral).join("\n") };
}

/** Rows of `--json`, which must be UTF-8 without control characters. */
async function json(world: World, ...args: string[]) {
  const { stdout, stderr } = await look(world, NETSTAT, [...args, "--json"], {
    mounts: true,
  });
  assert.equal(stderr, "");
  const bytes = Uint8Array.from(stdout, (c) => c.charCodeAt(0));
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  const rows: Record<string, unknown>[] = JSON.parse(text);
  return rows;
}

Deno.test("hostile text", async (t) => {
  await withHostile(async (world) => {
    for (
      const args of [
        ["-xan"],
        ["-xanp"],
        ["-xl"],
        ["-tanp"],
        ["-tlnpW"],
        ["-tle"],
        ["-tanepo"],
        ["-anpe"],
      ]
    ) {
      await t.step(
        `${args}: net-tools' text without control bytes`,
        async () => {
          const { ours, reference } = await compare(world, args, {
            mounts: true,
            expected: harmless,
          });
          // deno-lint-ignore no-control-regex
          const control = /[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/;
          assert.doesNotMatch(ours.stdout, control);
          assert.match(reference.stdout, control, "there is something to see");
        },
      );
    }

    for (const args of ["-xa", "-xap"]) {
      await t.step(`JSON, ${args}: paths, to the byte`, async () => {
        const paths = (await json(world, args)).map(({ path }) => path);
        for (const path of PATHS) {
          const want = decoded(path.replaceAll("\0", "@"));
          assert.ok(paths.includes(want), JSON.stringify(want));
        }
      });
    }

    await t.step("JSON: programs, to the byte", async () => {
      const rows = await json(world, "-tanp");
      for (const [i, name] of PROGRAMS.entries()) {
        const row = rows.find((row) => row.local_port === FIRST_PORT + i)!;
        const last = name.startsWith("/") ? name.replace(/.*\//s, "") : name;
        // net-tools, too, reads no more of a command line
        assert.equal(row.program_name, decoded(last).slice(0, 511));
      }
    });

    await t.step("JSON: users, to the byte", async () => {
      const rows = await json(world, "-tane");
      const named = await json(world, "-tae");
      for (const [i, name] of USERS.entries()) {
        const port = FIRST_PORT + PROGRAMS.length + i;
        const at = (rows: Record<string, unknown>[]) =>
          rows.find((row) => row.local_port === port)!;
        assert.equal(at(named).user, decoded(name));
        assert.equal(at(named).uid, FIRST_USER + i);
        assert.equal(at(rows).uid, FIRST_USER + i);
      }
    });
  });
});

/**
 * Text that other people's processes control, live: paths of UNIX sockets, names of
 * programs, of users and of interfaces. Needs root and `python3-prometheus-client`.
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

/** A character that is not printed as it is: what JSON has for it. */
function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return JSON.stringify(character).slice(1, -1);
  const isControl = code >= 0x7f && code < 0xa0;
  const isByte = code >= 0xdc80 && code <= 0xdcff;
  return isControl || isByte
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : character;
}

/** A byte string as CSV and OpenMetrics have it, where some characters are kept. */
function spelled(text: string, kept: string): string {
  return Array.from(
    decoded(text),
    (char) => kept.includes(char) ? char : escaped(char),
  ).join("");
}

/** What Python reads of a file, as JSON. */
async function python(code: string, bytes: string): Promise<unknown> {
  const file = await Deno.makeTempFile({ prefix: "hostile-" });
  try {
    await Deno.writeFile(file, Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
    const { stdout, stderr, code: status } = await new Deno.Command(
      "/usr/bin/python3",
      { args: ["-c", code, file], env: { LC_ALL: "C.UTF-8" } },
    ).output();
    assert.equal(status, 0, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(file);
  }
}

const READ_CSV = `
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    print(json.dumps(list(csv.reader(file, strict=True))))
`;

const READ_METRICS = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = open(sys.argv[1], newline='', encoding='utf-8').read()
print(json.dumps([[s.name, s.labels, s.value]
    for m in text_string_to_metric_families(text) for s in m.samples]))
`;

/** Names of interfaces: all that the kernel takes. */
const DEVICES: readonly string[] = [
  "=1+1",
  "@SUM(1)",
  '"a,b"',
  "\x1b[2J\x07",
  "\xff\xfe\x9b31m",
  "-x",
  "'",
  "\\n{}#",
];

/** Makes interfaces in the world. */
async function makeDevices({ pid }: World): Promise<void> {
  const make = "import subprocess, sys\n" +
    "for i, name in enumerate(sys.argv[1:]):\n" +
    "    subprocess.run([b'ip', b'link', b'add', b'name', bytes.fromhex(name),\n" +
    "        b'type', b'veth', b'peer', b'name', b'peer%d' % i], check=True)\n";
  const hex = DEVICES.map((name) =>
    Array.from(name, (c) => c.charCodeAt(0).toString(16).padStart(2, "0"))
      .join("")
  );
  const { success } = await new Deno.Command("nsenter", {
    args: ["--net", `--target=${pid}`, "python3", "-c", make, ...hex],
  }).output();
  assert.ok(success);
}

/** Columns of texts that others control, what they are called, and the view. */
const TEXTS: readonly {
  readonly key: string;
  readonly view: string;
  readonly texts: readonly string[];
}[] = [
  {
    key: "path",
    view: "-xa",
    texts: PATHS.map((path) => path.replaceAll("\0", "@")),
  },
  {
    key: "program_name",
    view: "-tanp",
    // net-tools, too, reads no more of a command line, and no folder
    texts: PROGRAMS.map((name) =>
      (name.startsWith("/") ? name.replace(/.*\//s, "") : name).slice(0, 511)
    ),
  },
  { key: "user", view: "-ta", texts: USERS },
  { key: "iface", view: "-ia", texts: DEVICES },
];

async function isHarmlessEverywhere(
  world: World,
  { key, view, texts }: typeof TEXTS[number],
): Promise<void> {
  const ask = async (...args: string[]) => {
    const { stdout, stderr, exit } = await look(
      world,
      NETSTAT,
      [view, ...args],
      { mounts: true },
    );
    assert.deepEqual([stderr, exit], ["", 0], args.join(" "));
    return stdout;
  };
  const table = await ask("--columns", key);
  const coloured = await ask("--columns", key, "--color=always");
  // deno-lint-ignore no-control-regex
  assert.equal(coloured.replaceAll(/\x1b\[[\d;]*m/g, ""), table);
  const lines = table.split("\n").slice(1, -1);
  const sorted = await ask("--columns", key, "--sort", key);
  assert.deepEqual(
    sorted.split("\n").slice(1, -1).sort(),
    lines.toSorted(),
  );
  const values = (await json(world, view, "--columns", key))
    .map((row) => row[key]);
  assert.equal(lines.length, values.length);
  for (const text of texts) {
    assert.ok(lines.includes(neutral(text)), JSON.stringify(text));
    assert.ok(values.includes(decoded(text)), JSON.stringify(text));
  }
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(table, /[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/);

  for (const raw of [false, true]) {
    const csv = await ask(
      "--columns",
      `${key},${key}`,
      raw ? "--csv=raw" : "--csv",
    );
    const rows = await python(READ_CSV, csv) as string[][];
    assert.equal(rows.length, values.length + 1);
    for (const text of texts) {
      const isFormula = !raw && /^[=+@\t\r\n-]/.test(text);
      const want = (isFormula ? "'" : "") + spelled(text, "\t\r\n");
      assert.ok(rows.some(([cell]) => cell === want), JSON.stringify(want));
    }
  }

  const metrics = await ask("--count", key, "--openmetrics");
  const samples = await python(READ_METRICS, metrics) as [
    string,
    Record<string, string>,
    number,
  ][];
  const label = key === "iface" ? "interface" : key;
  for (const text of texts) {
    const want = spelled(text, "\n");
    // an empty label is none
    const found = samples
      .filter(([, labels]) => (labels[label] ?? "") === want);
    assert.equal(found.length, 1, JSON.stringify(want));
    const wanted = values.filter((value) => value === decoded(text)).length;
    assert.equal(found[0]![2], wanted);
  }
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

    await makeDevices(world);
    for (const texts of TEXTS) {
      await t.step(
        `${texts.key}: table, CSV, JSON and OpenMetrics`,
        () => isHarmlessEverywhere(world, texts),
      );
    }

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

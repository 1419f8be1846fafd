/**
 * The families that are built in, loaded as family files: they print the same in every
 * view, so a family file reaches what a built-in family reaches. `TREES=all` tries them
 * on all test data, which takes half an hour.
 */

import assert from "node:assert/strict";
import { byteString } from "../../core/contract/line.ts";
import { NETSTAT } from "./namespace.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TESTDATA = `${ROOT}testdata/`;

/** A family, and what it has; the test data whose trees it is tried on. */
const FAMILIES: Readonly<
  Record<string, { readonly data: readonly string[]; readonly entry?: string }>
> = {
  ax25: { data: ["ax25"] },
  bluetooth: { data: ["bluetooth"] },
  ddp: { data: ["ddp"] },
  ipx: { data: ["ipx"] },
  netlink: { data: ["netlink"] },
  netrom: { data: ["netrom"] },
  packet: { data: ["packet"] },
  rose: { data: ["rose"] },
  unix: { data: ["unix"] },
  x25: { data: ["x25"] },
  // those that load their parts when they need them
  inet: {
    data: ["inet", "masquerade"],
    entry: `import { sockets } from "./_inet.ts";
      import { routes } from "./_routes_inet.ts";
      import { cache } from "./_routes_cache.ts";
      import { masquerade } from "./_masquerade_inet.ts";
      import { statistics } from "./_statistics_inet.ts";
      const family = { about: "IPv4.", quiet: true, ...await sockets(""),
        routes: { usual: true, tables: async () => without([routes, cache]) },
        masquerade: async () => without(masquerade),
        statistics: async () => statistics };`,
  },
  inet6: {
    data: ["inet6"],
    entry: `import { sockets } from "./_inet.ts";
      import { ROUTES as ROUTES6 } from "./_routes_inet6.ts";
      import { statistics as statistics6 } from "./_statistics_inet6.ts";
      const family = { about: "IPv6.", ...await sockets("6"),
        routes: { usual: true, tables: async () => without(ROUTES6) },
        statistics: async () => statistics6 };`,
  },
};

/** What a family file may not have, since it is faster and says nothing else. */
const STRIP = `const FASTER = ["put", "span", "short", "diag", "parseDiag",
    "depth", "doubted", "show"];
  const known = new Map();
  const isPlain = (value) => Array.isArray(value) ||
    (typeof value === "object" && value !== null &&
      Object.getPrototypeOf(value) === Object.prototype);
  const without = (value) => {
    if (!isPlain(value)) return value;
    if (known.has(value)) return known.get(value);
    const copy = Array.isArray(value) ? [] : {};
    known.set(value, copy);
    for (const [key, item] of Object.entries(value)) {
      if (FASTER.includes(key)) continue;
      copy[key] = without(item);
    }
    return copy;
  };`;

const VIEWS: readonly (readonly string[])[] = [
  ["-an"],
  ["-aenop", "--color=always"],
  ["-a"],
  ["-an", "--ndjson"],
  ["-anp", "--ndjson"],
  ["-r", "-n"],
  ["-r", "-ee", "--ndjson"],
  ["-rC", "-n"],
  ["-M", "-n"],
  ["-M", "-n", "--ndjson"],
  ["-s"],
  ["-s", "--ndjson"],
  ["-g", "-n"],
];

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

async function run(program: string, args: readonly string[]): Promise<Ran> {
  const { stdout, stderr, code } = await new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    env: { LC_ALL: "C", NO_COLOR: "1" },
  }).output();
  return { stdout: byteString(stdout), stderr: byteString(stderr), code };
}

/** Makes a family file of a family. */
async function makeFile(family: string, folder: string): Promise<string> {
  const { entry = `import family from "./${family}.ts";` } = FAMILIES[family]!;
  const source = `${ROOT}families/_test_${family}.ts`;
  const file = `${folder}/${family}.js`;
  await Deno.writeTextFile(
    source,
    `${entry}\n${STRIP}\nexport default () => ({ ...without(family),
      name: "x-${family}", words: ["x-${family}"] });`,
  );
  try {
    const bundle = ["bundle", "--quiet", "-o", file, source];
    const { code, stderr } = await run(`${ROOT}denow`, bundle);
    assert.equal(code, 0, stderr);
  } finally {
    await Deno.remove(source);
  }
  return file;
}

/** So many trees of each family are tried, unless `TREES=all`. */
const TREES_MOST = 4;

/** Saved trees of the test data, spread over all of it. */
function trees(data: readonly string[]): string[] {
  const all = data.flatMap((folder) =>
    Array.from(Deno.readDirSync(TESTDATA + folder), ({ name }) => name)
      .sort()
      .map((name) => `${TESTDATA}${folder}/${name}`)
      .filter((path) => exists(`${path}/proc`))
  );
  if (Deno.env.get("TREES") === "all") return all;
  const step = Math.max(1, Math.floor(all.length / TREES_MOST));
  return all.filter((_, i) => i % step === 0);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

for (const [family, { data }] of Object.entries(FAMILIES)) {
  Deno.test(`as a family file: ${family}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
    try {
      const file = await makeFile(family, folder);
      const said = (text: string) => text.replaceAll(`x-${family}`, family);
      let rows = 0;
      for (const tree of trees(data)) {
        for (const view of VIEWS) {
          const args = ["--root", tree, ...view];
          const own = ["-A", family];
          const [built, loaded] = await Promise.all([
            run(NETSTAT, [...args, ...own]),
            run(NETSTAT, [
              ...["--family", file],
              ...args,
              ...own.map((word) => word === family ? `x-${family}` : word),
            ]),
          ]);
          const what = `${tree} ${view.join(" ")}`;
          assert.equal(said(loaded.stdout), built.stdout, what);
          assert.equal(said(loaded.stderr), built.stderr, what);
          assert.equal(loaded.code, built.code, what);
          rows += built.stdout.length;
        }
      }
      assert.ok(rows > 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Sockets of a process in a network of its own, with names for its addresses. */
const SCENE = `ip link set lo up
rm -f "$1/ready"
python3 -c '
import socket, time
servers = [socket.create_server(("127.0.0.1", 7100 + i)) for i in range(3)]
client = socket.create_connection(("127.0.0.1", 7100))
print("ready", flush=True)
time.sleep(600)' > "$1/ready" &
until [ -s "$1/ready" ]; do sleep 0.05; done
shift
code=0
"$@" || code=$?
kill %1
exit "$code"`;

Deno.test("as a family file: inet, live, with names and owners", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    const file = await makeFile("inet", folder);
    const live = (...args: string[]) =>
      run("unshare", ["--net", "bash", "-c", SCENE, "bash", folder, ...args]);
    for (
      const view of [
        ["-atp"],
        ["-tan", "-o", "-e"],
        ["-atp", "--columns", "proto,local_host,local_port,program_name"],
        ["-at", "--where", "foreign_host = localhost or local_port = 7101"],
        ["-tan", "--count", "state"],
        ["-g"],
      ]
    ) {
      await t.step(view.join(" "), async () => {
        // one scene for both, so that ports and inodes are the same
        const both = '"$0" -A inet "$@"; echo; ' +
          '"$0" --family "$FILE" -A x-inet "$@"';
        const ran = await live(
          ...["env", `FILE=${file}`, "bash", "-c", both, NETSTAT, ...view],
        );
        const [built, loaded] = ran.stdout.split("\n\n");
        assert.ok(built!.split("\n").length > 1, ran.stdout);
        assert.equal(loaded, `${built}\n`);
        assert.equal(ran.stderr, "");
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

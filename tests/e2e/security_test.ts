/**
 * Least authority: what the executable opens, writes, runs and believes. Needs root,
 * `strace`, and net-tools' netstat.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { byteString } from "../../core/contract/line.ts";
import type { Result } from "../cases.ts";
import { run } from "./child.ts";
import { NETSTAT, REFERENCE } from "./namespace.ts";
import { type Trace, trace } from "./trace.ts";
import { makeWorld, type World } from "./world.ts";

const SETUP = new URL("security_world.sh", import.meta.url).pathname;
const DOCUMENT = new URL("../../docs/security.md", import.meta.url);

/** Lends a world; see security_world.sh. */
async function inWorld(use: (inside: string[]) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "security-" });
  let world: World | undefined;
  try {
    world = await makeWorld(
      "--net",
      "--pid",
      "--fork",
      "--mount-proc",
      "--propagation",
      "private",
      "sh",
      SETUP,
      folder,
    );
    const { pid } = world;
    await use([
      "nsenter",
      "--mount",
      "--net",
      `--pid=/proc/${pid}/ns/pid_for_children`,
      `--target=${pid}`,
    ]);
  } finally {
    await world?.end();
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the document says of a view. */
interface Documented {
  readonly args: string;
  readonly terms: ReadonlySet<string>;
}

/** Reads the tables of the document: of the start, and of each view. */
function documented(text: string): { start: Set<string>; views: Documented[] } {
  const spans = (cell: string) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ([, span]) => span!);
  const start = new Set<string>();
  const views: Documented[] = [];
  for (const section of text.split(/^### /m).slice(1)) {
    const title = section.slice(0, section.indexOf("\n"));
    const rows = section.split(/^#/m)[0]!.split("\n")
      .filter((line) => line.startsWith("| `") || /^\| *`/.test(line))
      .map((line) => line.split("|").slice(1));
    if (title === "At each start") {
      rows.flatMap(([cell]) => spans(cell!)).forEach((span) => start.add(span));
    } else if (title === "The other views") {
      for (const [args, files] of rows) {
        for (const span of spans(args!)) {
          views.push({ args: span, terms: new Set(spans(files!)) });
        }
      }
    } else if (title.startsWith("`")) {
      const terms = new Set(rows.flatMap(([cell]) => spans(cell!)));
      views.push({ args: spans(title)[0]!, terms });
    }
  }
  return { start, views };
}

function asked({ files, network }: Trace): string[] {
  return [...files, ...network].sort();
}

Deno.test("docs/security.md says what each view opens", async (t) => {
  const { start, views } = documented(await Deno.readTextFile(DOCUMENT));
  assert.ok(start.size > 10);
  for (const args of ["-tan", "-tanp", "-r", "-s"]) {
    assert.ok(views.some((view) => view.args === args), args);
  }
  await inWorld(async (inside) => {
    for (const { args, terms } of views) {
      await t.step(args, async () => {
        const traced = await trace(NETSTAT, args.split(" "), { inside });
        const got = asked(traced);
        assert.deepEqual(traced.offences, []);
        assert.deepEqual(
          got.filter((term) => !start.has(term) && !terms.has(term)),
          [],
          "not documented",
        );
        assert.deepEqual(
          [...terms].filter((term) => !got.includes(term)),
          [],
          "documented, and not opened",
        );
      });
    }
  });
});

/** Every view, by what it opens first of its own. */
const VIEWS: readonly {
  readonly args: string;
  readonly opens: string;
  /** What net-tools is asked for as much, if not for the same. */
  readonly plain?: string;
}[] = [
  { args: "-tan", opens: "/proc/net/tcp" },
  { args: "-tanp", opens: "/proc/PID/fd" },
  { args: "-tulpn", opens: "/proc/net/udp6" },
  { args: "-an", opens: "/proc/net/unix" },
  { args: "-anepoW", opens: "/proc/PID/cmdline" },
  { args: "-x", opens: "/proc/net/unix" },
  { args: "-r", opens: "/proc/net/route" },
  { args: "-r -6", opens: "/proc/net/ipv6_route" },
  { args: "-i", opens: "/proc/net/dev" },
  { args: "-ie", opens: "/proc/net/dev" },
  { args: "-g", opens: "/proc/net/igmp" },
  { args: "-M", opens: "/proc/net/ip_masquerade" },
  { args: "-s", opens: "/proc/net/snmp" },
  { args: "-a --json", opens: "/proc/net/tcp" },
  { args: "-r --ndjson", opens: "/proc/net/route" },
  { args: "-s --json", opens: "/proc/net/netstat" },
  { args: "-an --where=proto=udp", plain: "-an", opens: "/proc/net/udp" },
  { args: "-tan --sort=-recv_q", plain: "-tan", opens: "/proc/net/tcp" },
  { args: "-tan --count=state", plain: "-tan", opens: "/proc/net/tcp6" },
  { args: "-x --where=path~^/ --csv", plain: "-x", opens: "/proc/net/unix" },
  {
    args: "-tan --where=program_name=x",
    plain: "-tanp",
    opens: "/proc/PID/cmdline",
  },
  { args: "-tan --columns=user,pid", plain: "-tanpe", opens: "/proc/PID/fd" },
  { args: "-i --openmetrics", plain: "-ie", opens: "/proc/net/dev" },
  { args: "-s --limit=1 --no-header", plain: "-s", opens: "/proc/net/snmp" },
  { args: "-tan --columns=help", plain: "-tan", opens: "EXECUTABLE" },
  { args: "-tan --where=no", plain: "-tan", opens: "EXECUTABLE" },
  { args: "-V", opens: "EXECUTABLE" },
  { args: "-h", opens: "EXECUTABLE" },
  { args: "--no-such-option", opens: "EXECUTABLE" },
];

/** What only the program itself or its runtime looks at. */
const OWN =
  /^(\/proc\/self\/(fd(\/N)?|fdinfo\/N)|\/proc\/net\/(x25\/socket|nf_conntrack|sockstat6?)|\/sys\/kernel\/debug\/bluetooth\/\w+)$/;

/** How netlink is asked. */
const TOLD = ["socket AF_NETLINK", "sendto"];

Deno.test("each view opens what net-tools opens, or less", async (t) => {
  const { start } = documented(await Deno.readTextFile(DOCUMENT));
  await inWorld(async (inside) => {
    for (const { args, opens, plain = args } of VIEWS) {
      await t.step(args, async () => {
        const words = args.split(" ");
        const traced = await trace(NETSTAT, words, { inside });
        assert.deepEqual(traced.offences, []);
        const got = asked(traced);
        assert.ok(got.includes(opens), `${opens} is not opened`);
        // JSON has all columns
        const known = plain.split(" ")
          .map((word) => /json$/.test(word) ? "-e" : word);
        const reference = asked(await trace(REFERENCE, known, { inside }));
        // and, as CSV, believes lines of UNIX sockets only with what netlink tells, which
        // tells of TCP faster than files
        const isTold = (term: string) =>
          /json|csv|^-(t|an)/.test(args) && TOLD.includes(term);
        const more = got.filter((term) =>
          !start.has(term) && !reference.includes(term) && !OWN.test(term) &&
          !isTold(term)
        );
        assert.deepEqual(more, []);
      });
    }
  });
});

Deno.test("--root: nothing of the running system but what a start takes", async () => {
  const root = await Deno.makeTempDir({ dir: "/var/lib", prefix: "netstat-" });
  try {
    await new Deno.Command("cp", {
      args: ["-r", "/proc/self/net", `${root}/net`],
      stderr: "null",
    }).output();
    await Deno.mkdir(`${root}/proc/self`, { recursive: true });
    await Deno.rename(`${root}/net`, `${root}/proc/net`);
    const { start } = documented(await Deno.readTextFile(DOCUMENT));
    for (const args of ["-anp", "-a", "-r", "-r -6", "-ie", "-g", "-s", "-x"]) {
      const words = [...args.split(" "), `--root=${root}`];
      const traced = await trace(NETSTAT, words);
      assert.deepEqual(traced.offences, []);
      const others = asked(traced).filter((term) =>
        !start.has(term) && !term.startsWith(root)
      );
      assert.deepEqual(others, [], args);
      assert.ok(asked(traced).some((term) => term.startsWith(`${root}/proc`)));
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("a family file: it, and what it reads", async () => {
  const { start } = documented(await Deno.readTextFile(DOCUMENT));
  const file = new URL("../../docs/arp.ts", import.meta.url).pathname;
  const words = ["--family", file, "-A", "arp", "-a"];
  const traced = await trace(NETSTAT, words);
  assert.match(traced.stdout, /^IPv4 neighbours\n/);
  // whether only root can write to them
  const folders = ["/"];
  for (let at = file; (at = at.replace(/\/[^/]*$/, "")) !== "";) {
    folders.push(at);
  }
  // wherever the checkout is
  const own = [file, ...folders].map((path) => JSON.stringify(path));
  const offences = traced.offences.filter((line) =>
    !own.some((path) => line.includes(path))
  );
  assert.deepEqual(offences, []);
  assert.deepEqual(
    asked(traced).filter((term) => !start.has(term)).sort(),
    ["/proc/net/arp", file, ...folders].sort(),
  );
});

Deno.test("-c opens nothing more in later rounds", async () => {
  // the runtime opens some of its files late
  const { start } = documented(await Deno.readTextFile(DOCUMENT));
  const once = [...start, ...asked(await trace(NETSTAT, ["-rn"]))];
  const traced = await trace(NETSTAT, ["-c", "-rn"], { seconds: 2.5 });
  assert.ok(traced.stdout.split("Kernel IP").length > 2, "several rounds");
  assert.deepEqual(traced.offences, []);
  assert.deepEqual(asked(traced).filter((term) => !once.includes(term)), []);
});

/** Modules that leave a mark if they are run, in a folder of their own. */
interface Trap {
  /** The folder; nothing but marks appears in it. */
  readonly folder: string;
  /** Puts a module there. */
  set(path: string): Promise<void>;
  /** How many were run since the last time. */
  sprung(): Promise<number>;
}

async function withTrap(use: (trap: Trap) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "trap-" });
  const marks = `${folder}/marks`;
  await Deno.mkdir(marks);
  const module = `Deno.writeTextFileSync(${
    JSON.stringify(`${marks}/`)
  } + Math.random(), "");
export default { name: "evil", tables: [] };
`;
  try {
    await use({
      folder,
      async set(path) {
        await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(path, module);
      },
      async sprung() {
        const found = await Array.fromAsync(Deno.readDir(marks));
        for (const { name } of found) await Deno.remove(`${marks}/${name}`);
        return found.length;
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What `deno compile` notes in an executable for its start, as JSON. */
async function settings(program: string): Promise<string> {
  const text = byteString((await Deno.readFile(program)).subarray(-8_000_000));
  const start = text.indexOf('{"argv":');
  const settings = /^.*?"otel_config":\{[^}]*\}/s.exec(text.slice(start));
  assert.ok(start > 0 && settings !== null, "the settings are there");
  return settings[0];
}

/** The folder of `start.js` among the embedded modules: empty, or with a slash. */
async function entryFolder(): Promise<string> {
  const entry = /"entrypoint_key":"([^"]*)start\.js"/.exec(
    await settings(NETSTAT),
  );
  assert.ok(entry !== null, "the entry is known");
  return entry[1]!;
}

Deno.test("the environment of the build is not built in", async () => {
  const folder = await Deno.makeTempDir({ prefix: "build-" });
  try {
    const output = `${folder}/netstat`;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "build", "--output", output],
      cwd: new URL("../..", import.meta.url),
      env: {
        OTEL_DENO: "true",
        OTEL_DENO_CONSOLE: "capture",
        DENO_COMPAT: "1",
        DENO_UNSTABLE_SLOPPY_IMPORTS: "1",
        TMPDIR: folder,
      },
      stdout: "null",
      stderr: "null",
    }).output();
    assert.ok(success);
    const got = await settings(output);
    // ways of loading; none of them is on
    const unstable = /"unstable_config":(\{.*?\})/.exec(got)?.[1] ?? "";
    assert.match(unstable, /"sloppy_imports":false/);
    // the one that the build itself asks for
    assert.ok(unstable.includes('"features":["worker-options"]'), unstable);
    assert.doesNotMatch(unstable, /true/);
    for (
      const part of [
        '"code_cache_key":null',
        '"env_vars_from_env_file":{}',
        '"preload_modules":[]',
        '"require_modules":[]',
        '"tracing_enabled":false,"metrics_enabled":false,"console":"Ignore"',
      ]
    ) {
      assert.ok(got.includes(part), part);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Modules that a program could look for: the embedded ones, and the source's. */
const MODULES = [
  ...await embeddedModules(),
  "main.ts",
  "families/evil.ts",
  "families/inet.ts",
  "families/zz.ts",
  "core/views/registry.ts",
  "core/plugins/strip_types.ts",
  "render/frozen.ts",
  "core/plugins/worker.ts",
];

/** The modules in the executable, by the folder that the build made it of. */
async function embeddedModules(): Promise<string[]> {
  const bundle = new URL("../../.deno/bundle", import.meta.url).pathname;
  const program = Buffer.from(await Deno.readFile(NETSTAT));
  const modules: string[] = [];
  for (const folder of ["", "core/plugins/", "script/", "script/others/"]) {
    for await (const { name, isFile } of Deno.readDir(`${bundle}/${folder}`)) {
      if (!isFile) continue;
      assert.ok(program.includes(`"${name}"`), `${name} is embedded`);
      modules.push(folder + name);
    }
  }
  assert.ok(modules.includes("main.js"));
  return modules;
}

/** Where a compiled program could look for its cache and for its modules. */
const CACHE = "/tmp/deno-compile-netstat.cache";
const FILES = "/tmp/deno-compile-netstat";

Deno.test("what stands in /tmp is never run", async () => {
  // left behind by a run of this test that was killed
  const clean = async () => {
    for (const path of [CACHE, FILES]) {
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
  };
  await clean();
  try {
    await withTrap(async (trap) => {
      const folders = new Set([FILES, `${FILES}/${await entryFolder()}`]);
      for (const folder of folders) {
        for (const module of MODULES) await trap.set(`${folder}/${module}`);
      }
      await trap.set(CACHE);
      // the trap has to work, or its silence would say nothing
      const evil = `${FILES}/families/evil.ts`;
      await run([Deno.execPath(), "run", "-A", "--no-config", evil]);
      assert.equal(await trap.sprung(), 1);

      const planted = await Deno.readFile(CACHE);
      for (
        const args of [
          "-an",
          "-anp",
          "-a",
          "-x",
          "-V",
          "-h",
          "-l",
          "-i",
          "-r",
          "-s",
          "--json -anp",
          "-A evil",
          "--evil",
          "-A zz,inet",
          "--no-such-option",
          "--family evil.ts",
        ]
      ) {
        for (const cwd of ["/", "/tmp", FILES]) {
          const { stderr } = await run([NETSTAT, ...args.split(" ")], { cwd });
          assert.doesNotMatch(stderr, /panick|Uncaught/);
          // a family file that is named is meant to be run; there is none here
          assert.equal(await trap.sprung(), 0, `${args} in ${cwd}`);
        }
      }
      assert.deepEqual(await Deno.readFile(CACHE), planted);
    });
  } finally {
    await clean();
  }
});

Deno.test("what stands in the working directory is never read", async () => {
  await withTrap(async (trap) => {
    const cwd = `${trap.folder}/project`;
    for (const module of MODULES) await trap.set(`${cwd}/${module}`);
    for (const name of ["amaro", "node:process", "process"]) {
      await trap.set(`${cwd}/node_modules/${name}/index.js`);
    }
    const config = JSON.stringify({
      imports: { "node:process": "./main.ts", "amaro": "./main.ts" },
      nodeModulesDir: "auto",
      dependencies: { amaro: "*" },
    });
    for (const name of ["deno.json", "deno.jsonc", "package.json"]) {
      await Deno.writeTextFile(`${cwd}/${name}`, config);
    }
    await Deno.writeTextFile(`${cwd}/.env`, `TMPDIR=${cwd}/..\n`);
    for (const args of ["-an", "-r", "-a --json", "--no-such-option"]) {
      const traced = await trace(NETSTAT, args.split(" "), { cwd });
      assert.deepEqual(traced.offences, []);
      assert.deepEqual(
        [...traced.files].filter((path) => path.startsWith(trap.folder)),
        [],
      );
      assert.equal(await trap.sprung(), 0, args);
    }
  });
});

Deno.test("TMPDIR does not say where modules are", async (t) => {
  await withTrap(async (trap) => {
    const folder = await entryFolder();
    const program = `${trap.folder}/netstat`;
    for (const name of ["netstat", "heard"]) {
      const base = `${trap.folder}/b/deno-compile-${name}/${folder}`;
      for (const module of MODULES) await trap.set(base + module);
    }
    await t.step("the trap works if variables are heard", async () => {
      const bytes = await Deno.readFile(NETSTAT);
      const image = Buffer.from(bytes.buffer);
      const at = image.indexOf("\0atol\0\0\0", 0, "latin1");
      image.write("getenv", at + 1, "latin1");
      const heard = `${trap.folder}/heard`;
      await Deno.writeFile(heard, bytes, { mode: 0o755 });
      await run([heard, "-V"], {
        env: { TMPDIR: `${trap.folder}/a/../b` },
      });
      assert.equal(await trap.sprung(), 1);
    });
    await Deno.copyFile(NETSTAT, program);
    const want = await run([program, "-rn"]);
    assert.match(want.stdout, /^Kernel IP routing table\n/);
    for (
      const value of [
        "",
        "b",
        "./b",
        `${trap.folder}/b`,
        `${trap.folder}/b/`,
        `${trap.folder}/a/../b`,
        `${trap.folder}/./b`,
        "/",
        "/nowhere",
        "/tmp/\n",
        "/tmp/%2e%2e",
        "x".repeat(5000),
      ]
    ) {
      await t.step(JSON.stringify(value.slice(0, 60)), async () => {
        const env = { TMPDIR: value };
        assert.deepEqual(
          await run([program, "-rn"], { env, cwd: trap.folder }),
          want,
        );
        assert.equal(await trap.sprung(), 0);
      });
    }
    const made = await Array.fromAsync(Deno.readDir(trap.folder));
    assert.deepEqual(
      made.map(({ name }) => name).sort(),
      ["b", "heard", "marks", "netstat"],
    );
  });
});

/** How the names of variables begin that the runtime and its libraries may read. */
const PREFIXES =
  "DENO|NODE|OTEL|RUST|TOKIO|RAYON|SSL|ICU|V8|UV|NPM|XDG|OPENSSL|SIMDUTF|SQLITE";

/** Names of variables that the executable contains, and others of long standing. */
async function variables(): Promise<string[]> {
  const { stdout } = await new Deno.Command("grep", {
    args: ["-aoE", `(${PREFIXES})_?[A-Z0-9_]+[a-z]?`, NETSTAT],
    env: { LC_ALL: "C" },
  }).output();
  // names stand without anything between them and what follows, as in NAMEFailed
  const starts = new RegExp(`(?<!_)(?=(?:${PREFIXES})_)`);
  const names = new TextDecoder().decode(stdout).split("\n")
    .flatMap((run) => run.split(starts))
    .flatMap((name) =>
      /[a-z]$/.test(name) ? [name.slice(0, -1), name.slice(0, -2)] : [name]
    )
    .filter((name) => name.length < 60);
  return [
    ...new Set([
      ...names,
      // in other libraries, in older versions, or not in one piece
      ...["TMPDIR", "ICU_DATA", "DENO_V8_FLAGS", "OPENSSL_ia32cap", "TZ"],
      ...["TMP", "TEMP", "HOME", "DENO_DIR", "NODE_PATH", "CI"],
      ...["TERM", "COLORTERM", "TMUX", "CLICOLOR_FORCE"],
      ...["NO_COLOR", "FORCE_COLOR", "POSIXLY_CORRECT"],
      ...["LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"],
      ...["DENO_COVERAGE_DIR", "OTEL_DENO", "HTTP_PROXY"],
      ...["DENO_AUTH_TOKENS", "DENO_INSPECT", "DENO_UNSTABLE", "DENO_COMPAT"],
    ]),
  ];
}

/** Values at which one reader or another stops; bytes that `printf` knows. */
const ODD_VALUES = [
  "",
  "0",
  "1",
  "-1",
  "99999999999",
  "18446744073709551616",
  "0.5",
  "abc",
  "a".repeat(200),
  "\\xff",
  "\\xc3\\x28\\x01\\x1b[2J",
  "/",
  "--help",
];

/** Runs the executable with all these variables set to one value. */
async function runWith(
  names: readonly string[],
  value: string,
  args: readonly string[],
): Promise<Result> {
  const script = `value=$(printf '%b' "$1"); shift
words=(); for name in ${names.join(" ")}; do words+=("$name=$value"); done
exec timeout 5 env -i "\${words[@]}" "$@"`;
  return await run(["bash", "-c", script, "bash", value, NETSTAT, ...args]);
}

/** Which of the names, each by itself, make a difference; all are tried at once. */
async function culpritsAmong(
  names: readonly string[],
  differs: (names: readonly string[]) => Promise<boolean>,
): Promise<string[]> {
  if (names.length === 0 || !await differs(names)) return [];
  if (names.length === 1) return [...names];
  const middle = names.length >> 1;
  const found = [
    ...await culpritsAmong(names.slice(0, middle), differs),
    ...await culpritsAmong(names.slice(middle), differs),
  ];
  return found.length > 0 ? found : [`only together: ${names.join(" ")}`];
}

Deno.test("variables change nothing that is opened or printed", async (t) => {
  const names = await variables();
  for (
    const name of [
      "DENO_LOG_STYLE",
      "DENO_TRACE_PERMISSIONS",
      "DENO_TOKIO_EVENT_INTERVAL",
      "DENO_TOKIO_GLOBAL_QUEUE_INTERVAL",
      "DENO_TOKIO_MAX_IO_EVENTS_PER_TICK",
      "NODE_OPTIONS",
      "NODE_CHANNEL_FD",
      "RUST_BACKTRACE",
    ]
  ) {
    assert.ok(names.includes(name), name);
  }
  const folder = await Deno.makeTempDir({ prefix: "variables-" });
  try {
    const evil = `${folder}/evil.cjs`;
    const mark = `${folder}/mark`;
    await Deno.writeTextFile(
      evil,
      `require("fs").writeFileSync("${mark}", "")`,
    );
    const values = {
      "a file": `${folder}/made`,
      "a script": `--require ${evil} --import ${evil}`,
      "a socket": `unix:${folder}/socket`,
      "an address": "http://127.0.0.1:9/",
      "yes": "1",
      "verbose": "trace",
    };
    for (const args of ["-tanp", "-r", "-a --json", "--no-such-option"]) {
      const words = args.split(" ");
      const want = await trace(NETSTAT, words);
      for (const [name, value] of Object.entries(values)) {
        await t.step(
          `${args}, ${names.length} variables: ${name}`,
          async () => {
            const env = Object.fromEntries(names.map((name) => [name, value]));
            const got = await trace(NETSTAT, words, { env });
            assert.deepEqual(got.offences, []);
            // read by threads, if they come to it
            const start = /cpu0\/tsc_freq_khz|vm\/overcommit_memory/;
            const steady = (trace: Trace) =>
              asked(trace).filter((term) => !start.test(term));
            assert.deepEqual(steady(got), steady(want));
            assert.equal(got.stderr, want.stderr);
            assert.equal(got.exit, want.exit);
          },
        );
      }
    }
    await t.step("-c, of several rounds", async () => {
      const env = Object.fromEntries(names.map((name) => [name, "1"]));
      env.DENO_UNSTABLE_CRON_SOCK = `unix:${folder}/socket`;
      env.DENO_TOKIO_METRICS_INTERVAL = "100";
      const got = await trace(NETSTAT, ["-c", "-rn"], { env, seconds: 2.5 });
      assert.equal(got.stderr, "");
      assert.deepEqual([...got.network], ["socketpair AF_UNIX"]);
      assert.deepEqual(got.offences, []);
    });
    await t.step(
      "numbers, letters, FIFOs and bytes of no meaning",
      async () => {
        const fifo = `${folder}/fifo`;
        await run(["mkfifo", fifo]);
        const want = await runWith([], "", ["-rn"]);
        assert.match(want.stdout, /^Kernel IP routing table\n/);
        for (const value of [...ODD_VALUES, fifo, `:${fifo}`]) {
          const differs = async (names: readonly string[]) => {
            const got = await runWith(names, value, ["-rn"]);
            return JSON.stringify(got) !== JSON.stringify(want);
          };
          const culprits = await culpritsAmong(names, differs);
          assert.deepEqual(culprits, [], JSON.stringify(value.slice(0, 60)));
        }
        await Deno.remove(fifo);
      },
    );
    const made = await Array.fromAsync(Deno.readDir(folder));
    assert.deepEqual(made.map(({ name }) => name), ["evil.cjs"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

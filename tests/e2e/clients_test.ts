/**
 * Programs that read netstat's output find the same in ours as in the reference's:
 * they run in a network namespace full of sockets, each time with another `netstat`
 * on their PATH. Needs root.
 */

import assert from "node:assert/strict";
import { NETSTAT, REFERENCE } from "./namespace.ts";
import { makeSockets, type Sockets } from "./sockets_world.ts";

/** Packages from npm, of which one version is tested. */
const PACKAGES = ["node-netstat@1.9.0", "systeminformation@5.33.23"];

/** A comparison is made so often until the reference agrees with itself. */
const ATTEMPTS = 5;

/** A program that reads what netstat prints. */
interface Client {
  readonly name: string;
  /** Runs it, by bash; prints what it found. */
  readonly script: string;
  /** What the reference's text must have had in it. */
  readonly found: RegExp;
  /** Makes of the reference's what is to be found in ours, for a reason. */
  expected?(reference: string): string;
}

/** Control bytes of a process' name: the reference prints them, we print dots. */
function harmless(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]|\\u00[01][\da-f]/g, ".");
}

const CLIENTS: readonly Client[] = [
  ...["-tunap", "-tulpn", "-tanee", "-tuno"].map((options) => ({
    name: `jc netstat ${options}`,
    script: `jc netstat ${options}`,
    found: options === "-tuno" ? /"state":"CLOSE_WAIT"/ : /"state":"LISTEN"/,
    expected: harmless,
  })),
  ...["-an", "-xlnp"].map((options) => ({
    name: `jc --netstat, of ${options}`,
    // it cannot read the reference's with control bytes; see below
    script: `netstat ${options} | grep -av control- | jc --netstat`,
    found: /"state":"LISTENING".*"path":"@abstract"/,
    expected: harmless,
  })),
  {
    name: "jc netstat -rn",
    script: "jc netstat -rn",
    found: /"destination":"198\.51\.100\.0"/,
  },
  {
    name: "jc netstat -i",
    script: "jc netstat -i",
    found: /"iface":"lo"/,
  },
  {
    name: "jc --route",
    script: "netstat -rn | jc --route",
    found: /"destination":"198\.51\.100\.0"/,
  },
  {
    name: "jc --ifconfig",
    script: "netstat -ie | tail -n +2 | jc --ifconfig",
    found: /"ipv4_addr":"127\.0\.0\.1"/,
  },
  {
    name: "node-netstat",
    script: `node -e '
      const rows = [];
      require("node-netstat")({
        sync: true,
        done(error) { if (error) throw error; },
      }, (row) => { rows.push(row); });
      console.log(JSON.stringify(rows));'`,
    found: /"port":22,.*"state":"LISTEN"/,
  },
  {
    name: "systeminformation",
    script: `node -e '
      require("systeminformation").networkConnections((found) => {
        console.log(JSON.stringify(found));
      });'`,
    found: /"localPort":"22".*"state":"LISTEN"/,
    expected: harmless,
  },
  {
    name: "munin, autoconf",
    script: "sh /usr/share/munin/plugins/netstat autoconf",
    found: /^yes$/m,
  },
  {
    name: "munin",
    script: "sh /usr/share/munin/plugins/netstat",
    found: /^active\.value [1-9](.*\n)*established\.value [1-9]/m,
  },
  {
    name: "unhide-tcp",
    script: "cd /tmp && unhide-tcp -n",
    found: /^(?![^]*Found Hidden)[^]*Starting UDP checking/,
  },
];

let sockets: Sockets;
let packages: string;

Deno.test.beforeAll(async () => {
  packages = await Deno.makeTempDir({ prefix: "clients-" });
  const [world, npm] = await Promise.all([
    makeSockets(),
    new Deno.Command("npm", {
      args: [
        "install",
        "--ignore-scripts",
        "--no-save",
        "--no-audit",
        "--no-fund",
        ...PACKAGES,
      ],
      cwd: packages,
    }).output(),
  ]);
  sockets = world;
  assert.ok(npm.success, new TextDecoder().decode(npm.stderr));
  for (const [folder, program] of Object.entries(PROGRAMS)) {
    await Deno.mkdir(`${packages}/${folder}`);
    await Deno.symlink(program, `${packages}/${folder}/netstat`);
  }
  for (const route of ["198.51.100.0/24", "default"]) {
    const { printed } = await run("ours", `ip route add ${route} dev lo`);
    assert.equal(printed, "");
  }
});

Deno.test.afterAll(async () => {
  await sockets.end();
  await Deno.remove(packages, { recursive: true });
});

/** The programs, by the folders in which each is called `netstat`. */
const PROGRAMS = { ours: NETSTAT, reference: REFERENCE };

/** Runs a script by bash, in the namespace. Returns what it printed, and its status. */
async function run(
  program: keyof typeof PROGRAMS,
  script: string,
  env: Record<string, string> = {},
): Promise<{ printed: string; code: number }> {
  const { code, stdout, stderr } = await new Deno.Command("nsenter", {
    args: [`--net=/proc/${sockets.pid}/ns/net`, "bash", "-c", script],
    clearEnv: true,
    env: {
      PATH: `${packages}/${program}:${Deno.env.get("PATH")}`,
      NODE_PATH: `${packages}/node_modules`,
      MUNIN_LIBDIR: "/usr/share/munin",
      LC_ALL: "C.UTF-8",
      ...env,
    },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const printed = text(stdout) + text(stderr);
  // how long timers still run is another time each time
  return { printed: printed.replaceAll(/\(\d+\.\d\d\//g, "(#/"), code };
}

/** Runs a client with both; the reference can judge if it agrees with itself. */
async function compare(
  { script, found, expected = (text) => text }: Omit<Client, "name">,
  env: Record<string, string> = {},
): Promise<void> {
  let problem: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reference = await run("reference", script, env);
    const ours = await run("ours", script, env);
    const again = await run("reference", script, env);
    try {
      assert.deepEqual(again, reference, "the reference with itself");
      assert.match(reference.printed, found);
      const want = { ...reference, printed: expected(reference.printed) };
      assert.deepEqual(ours, want);
      return;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

for (const client of CLIENTS) {
  Deno.test(`clients: ${client.name}`, () => compare(client));
}

Deno.test("clients: jc reads paths with control bytes only where they are dots", async () => {
  const script = "netstat -xln | jc --netstat";
  const reference = await run("reference", script);
  assert.match(reference.printed, /could not parse the input data/);
  const ours = await run("ours", script);
  assert.equal(ours.code, 0);
  const paths = JSON.parse(ours.printed).map(({ path }: { path: string }) =>
    path
  );
  assert.ok(paths.some((path: string) => path.includes("control-.")));
});

/** A program of shell, and what its lines with netstat need to be run alone. */
interface Script {
  readonly path: string;
  /** Finds those lines; the first group is the command. */
  readonly lines: RegExp;
  readonly env: Record<string, string>;
  /** How many lines print something. */
  readonly telling: number;
}

const SCRIPTS: Readonly<Record<string, Script>> = {
  lynis: {
    path: "/usr/share/lynis/include/tests_networking",
    lines: /=\$\((\$\{NETSTATBINARY\}.*)\)$/gm,
    env: {
      NETSTATBINARY: "netstat",
      AWKBINARY: "awk",
      CUTBINARY: "cut",
      GREPBINARY: "grep",
      SEDBINARY: "sed",
      TRBINARY: "tr",
      WCBINARY: "wc",
    },
    telling: 6,
  },
  rkhunter: {
    path: "/usr/bin/rkhunter",
    lines: /=`(\$\{NETSTAT_CMD\}.*)`$/gm,
    env: { NETSTAT_CMD: "netstat", AWK_CMD: "awk", PROTO: "TCP", PORT: "5432" },
    telling: 2,
  },
};

for (const [name, { path, lines, env, telling }] of Object.entries(SCRIPTS)) {
  Deno.test(`clients: the command lines of ${name}`, async (t) => {
    const text = await Deno.readTextFile(path);
    const scripts = [...text.matchAll(lines)].map((match) => match[1]!);
    let told = 0;
    for (const script of scripts) {
      await t.step(script, async () => {
        // what is said of an option that neither knows is each program's own
        const quiet = `{ ${script}; } 2>/dev/null`;
        await compare({ script: quiet, found: /^/, expected: harmless }, env);
        const { printed } = await run("ours", quiet, env);
        if (printed.trim() !== "") told++;
      });
    }
    assert.equal(told, telling);
  });
}

Deno.test("clients: bash-completion finds in --help what it finds in net-tools', and more", async () => {
  const script =
    ". /usr/share/bash-completion/bash_completion; _parse_help netstat";
  const options = async (program: keyof typeof PROGRAMS) => {
    const { printed } = await run(program, script);
    return printed.split("\n").map((option) => option.replace(/=$/, ""));
  };
  const [ours, reference] = [await options("ours"), await options("reference")];
  assert.ok(reference.includes("--numeric-hosts"));
  const missing = reference.filter((option) => !ours.includes(option));
  assert.deepEqual(missing, []);
  assert.ok(ours.includes("--json"));
});

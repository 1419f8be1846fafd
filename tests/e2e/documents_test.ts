/**
 * What documents say is so: every command in them runs and prints what they show,
 * links lead somewhere, and what is said of other programs is seen in them. Needs
 * root.
 */

import assert from "node:assert/strict";
import { getopt } from "../../core/args/getopt.ts";
import { OPTIONS } from "../../core/args/options.ts";
import { shellWords } from "../cases.ts";
import { brokenLinks, commandsOf, NOT_RUN, statusOf } from "../documents.ts";
import { NETSTAT } from "./namespace.ts";
import { makeWorld, type World } from "./world.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Documents, and the text of each. */
const DOCUMENTS: readonly { readonly name: string; readonly text: string }[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...Array.from(Deno.readDirSync(`${ROOT}docs`), ({ name }) => `docs/${name}`)
    .filter((name) => name.endsWith(".md")).sort(),
].map((name) => ({ name, text: Deno.readTextFileSync(ROOT + name) }));

/** No command takes longer, in seconds. */
const PATIENCE = 60;

/** Runs a line by bash in the project's folder, with `netstat` on PATH. */
async function run(
  line: string,
  through: readonly string[] = [],
): Promise<{ stdout: string; stderr: string; code: number }> {
  const folder = await Deno.makeTempDir({ prefix: "documents-" });
  try {
    await Deno.symlink(NETSTAT, `${folder}/netstat`);
    const words = [...through, "timeout", `${PATIENCE}`, "bash", "-c", line];
    const { code, stdout, stderr } = await new Deno.Command(words[0]!, {
      args: words.slice(1),
      cwd: ROOT,
      clearEnv: true,
      env: { PATH: `${folder}:${Deno.env.get("PATH")}`, LC_ALL: "C.UTF-8" },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { name, text } of DOCUMENTS) {
  const commands = commandsOf(text);
  if (commands.length === 0) continue;
  Deno.test(`${name}: its commands`, async (t) => {
    for (const command of commands) {
      const { line, output } = command;
      if (NOT_RUN.some((one) => one.command.test(line))) continue;
      await t.step(line, async () => {
        const ours = line.replaceAll(/(\.\/)?dist\/netstat\b/g, NETSTAT);
        const { stdout, stderr, code } = await run(ours);
        assert.equal(code, statusOf(command), stderr);
        if (output !== undefined) assert.equal(stdout, output);
        else assert.notEqual(stdout, "");
      });
    }
  });
}

Deno.test("docs/questions.md: pipes, and what is asked in their place", async (t) => {
  const text = await Deno.readTextFile(`${ROOT}docs/questions.md`);
  const rows = [...text.matchAll(/^\| `(.*?)` +\| `(.*?)` +\|$/gm)];
  assert.ok(rows.length > 5);
  for (const line of rows.flatMap(([, pipes, question]) => [pipes, question])) {
    const shown = line!.replaceAll("\\|", "|");
    await t.step(shown, async () => {
      const { code, stdout, stderr } = await run(
        shown.replace("netstat", `${NETSTAT} --root docs/server`),
      );
      assert.equal(stderr, "");
      assert.equal(code, 0);
      assert.notEqual(stdout, "");
    });
  }
});

Deno.test("documents: there are commands in them, with and without output", () => {
  const all = DOCUMENTS.flatMap(({ text }) => commandsOf(text));
  assert.ok(all.some(({ output }) => output === undefined));
  assert.ok(all.filter(({ output }) => output !== undefined).length > 5);
  for (const { command, reason } of NOT_RUN) {
    assert.ok(reason !== "" && command.source.startsWith("^"));
  }
});

Deno.test("documents: tasks that they name are there", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  for (const { name, text } of DOCUMENTS) {
    for (const [, task] of text.matchAll(/\.\/denow task ([a-z0-9]+)/g)) {
      assert.ok(task! in tasks, `${name}: ${task}`);
    }
  }
});

Deno.test("documents: options that they name are there", () => {
  for (const { name, text } of DOCUMENTS) {
    const prose = text.replaceAll(/^```.*?^```$/gms, "");
    for (const [, code] of prose.matchAll(/`netstat (-[^`…]*)`/g)) {
      const [ours] = code!.split(" \\| ");
      for (const found of getopt(shellWords(ours!), OPTIONS)) {
        assert.ok(!("error" in found), `${name}: netstat ${code}`);
      }
    }
    // an option by itself, with its value or values; of tasks, they are others
    if (name === "CONTRIBUTING.md") continue;
    for (const [, option] of prose.matchAll(/`(--[a-z-]+)[ `|=]/g)) {
      if (OTHERS.has(option!)) continue;
      const known = OPTIONS.some(({ long }) => `--${long}` === option);
      assert.ok(known, `${name}: ${option}`);
    }
  }
});

/** Options of other programs that documents name. */
const OTHERS: ReadonlySet<string> = new Set([
  "--target",
  "--prefix",
  "--uninstall",
  "--verify",
]);

Deno.test("documents: links lead to files and headings", () => {
  for (const { name } of DOCUMENTS) {
    assert.deepEqual(brokenLinks(ROOT + name), []);
  }
});

/** The programs of the README's table whose sizes it tells, in its order. */
const PROGRAMS = [
  NETSTAT,
  "/usr/bin/netstat",
  "/usr/bin/ss",
  "/usr/bin/lsof",
];

Deno.test("README.md: how large programs are, and what glibc ours needs", async () => {
  const readme = DOCUMENTS[0]!.text;
  const [, row] = /^\| size of the program (.*)$/m.exec(readme)!;
  const told = [...row!.matchAll(/([\d.]+) MB/g)].map(([, size]) =>
    Number(size)
  );
  const { stdout: files } = await run(
    "dpkg -L jc | xargs -d '\\n' stat -c '%F %s' | sed -n 's/^regular file //p'",
  );
  const jc = files.trim().split("\n").reduce((sum, size) => sum + +size, 0);
  const sizes = [...PROGRAMS.map((path) => Deno.statSync(path).size), jc];
  assert.equal(told.length, sizes.length);
  for (const [i, bytes] of sizes.entries()) {
    const size = bytes / 1e6;
    assert.ok(Math.abs(told[i]! - size) < 0.05 * size + 0.05, `${size}`);
  }
  assert.match(readme, new RegExp(`The file is of ${told[0]} MB`));
  const { stdout } = await run(
    `grep -aoE 'GLIBC_2\\.[0-9]+' "${NETSTAT}" | sort -Vu | tail -n 1`,
  );
  const glibc = /glibc (2\.\d+) or later/.exec(readme)![1];
  assert.equal(stdout, `GLIBC_${glibc}\n`);
});

/** Sockets for what is said of other programs: a name with an escape sequence. */
const SOCKETS = `
import os, socket, subprocess, sys
name = socket.socket(socket.AF_UNIX)
name.bind("\\0ctl-\\x1b[31m")
name.listen()
shared = socket.socket()
shared.bind(("127.0.0.1", 7777))
shared.listen()
shared.set_inheritable(True)
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x300)
print("ready", flush=True)
sys.stdin.read()
child.stdin.close()
child.wait()
`;

/** Programs that are asked for what they lack, as the table calls them. */
const OTHER_PROGRAMS = {
  "net-tools": "/usr/bin/netstat",
  ss: "ss",
  lsof: "lsof",
};

/** Options of ours that no other program has. */
const OURS_ALONE = [
  "--csv",
  "--ndjson",
  "--openmetrics",
  "--check",
  "--diff=docs/yesterday",
  "--root=docs/server",
];

/** Runs a command as nobody. */
const NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups";

const LACKS = /(unrecognized|illegal|invalid) option/;

/** What the README's table says: a command, and what it must print or must not. */
const CLAIMS: readonly {
  readonly name: string;
  readonly line: string;
  readonly want?: RegExp;
  readonly never?: RegExp;
}[] = [
  {
    name: "text: ss has another one",
    line: "ss -tln",
    want: /^State +Recv-Q/,
    never: /^Proto/m,
  },
  {
    name: "text: jc reads it",
    line: "netstat -tln | jc --netstat",
    want: /"local_port_num":7777/,
  },
  ...Object.entries(OTHER_PROGRAMS).map(([program, path]) => ({
    name: `JSON: ${program} has none`,
    line: `${path} --json`,
    want: LACKS,
  })),
  { name: "JSON: lsof -F", line: "lsof -nP -i -F pn", want: /^n.*:7777$/m },
  {
    name: "filters: ours",
    line: "netstat -tln --where 'local_port = 7777' --no-header",
    want: /^tcp .*:7777 .*\n$/,
  },
  {
    name: "filters: ss",
    line: "ss -tlnH sport = :7777",
    want: /^.*:7777 .*\n$/,
  },
  { name: "filters: lsof -i", line: "lsof -nP -i tcp:1", never: /7777/ },
  {
    name: "filters: lsof, by process and state",
    line: "lsof -nP -a -c cat -iTCP -sTCP:LISTEN",
    want: /^cat .*:7777 /m,
    never: /^python3/m,
  },
  {
    name: "filters: none in net-tools",
    line: "/usr/bin/netstat --where=x",
    want: LACKS,
  },
  {
    name: "counting: ours",
    line: "netstat -tln --count=local_port --no-header",
    want: /^ *7777 +1$/m,
  },
  {
    name: "views: jc reads interfaces",
    line: "/usr/bin/netstat -i | jc --netstat",
    want: /"iface":"lo"/,
  },
  ...["-gn", "-s"].map((option) => ({
    name: `views: jc does not read ${option}`,
    line: `/usr/bin/netstat ${option} | jc --netstat`,
    want: /^\[\]\n$/,
  })),
  {
    name: "families: ss has packet and netlink sockets",
    line: "ss -a -f link; ss -a -f netlink",
    want: /p_raw[^]*nl/,
  },
  {
    name: "families: lsof has packet sockets",
    line: "lsof -nP",
    want: /\bpack\b.*SOCK_RAW/,
  },
  {
    name: "families: net-tools has no packet sockets",
    line: "/usr/bin/netstat -A packet",
    want: /Unknown address family/,
  },
  {
    name: "families: ours has packet sockets if asked",
    line: "netstat -a -A packet",
    want: /^packet +\d+ RAW/m,
  },
  {
    name: "families: ss has vsock, MPTCP, TIPC and XDP",
    line: "ss --help",
    want: /mptcp[^]*tipc[^]*vsock[^]*xdp/,
    never: /ax25|netrom|x25|ipx/,
  },
  {
    name: "units: ss has the path of the cgroup",
    line: "ss -tln --cgroup",
    want: /7777 .* cgroup:/,
  },
  {
    name: "TCP: ours has congestion windows",
    line: "netstat -tln --columns cwnd",
    want: /^cwnd\n +10$/m,
  },
  {
    name:
      "ss: TCP's inner state, ends of sockets, one namespace, closes sockets",
    line: "ss --help",
    want: /--info[^]*--events[^]*destroyed[^]*--net[^]*--kill/,
  },
  {
    name: "live: net-tools repeats",
    line: "/usr/bin/netstat -tlnc | head -n 4",
    want: /Active[^]*Active/,
  },
  {
    name: "live: lsof repeats",
    line: "lsof -r 1c2 -a -p 1 -d cwd",
    want: /=====[^]*=====/,
  },
  {
    name: "saves: ss has one of TCP",
    line: "ss -tan -D /dev/stdout | grep -c .",
    want: /^[1-9]/,
  },
  {
    name: "saves: jc reads text that was saved",
    line: "jc --netstat < <(netstat -tln)",
    want: /"local_port_num":7777/,
  },
  ...["netstat", "/usr/bin/netstat"].map((program) => ({
    name: `owners: ${program} has one in the text`,
    line: `${program} -tlnp`,
    want: /7777 .*\d+\/python3 *$/m,
    never: /\/cat/,
  })),
  {
    name: "owners: ours has all in JSON",
    line: "netstat -tlnp --json | jq -r '.[].owners[].comm'",
    want: /^python3\ncat\n$/,
  },
  {
    name: "owners: ss has all",
    line: "ss -tlnp",
    want: /7777 .*"cat".*"python3"/,
  },
  {
    name: "owners: lsof has all",
    line: "lsof -nP -i tcp:7777",
    want: /^python3 [^]*^cat /m,
  },
  ...["/usr/bin/netstat -tln", "ss -tln"].map((line) => ({
    name: `without root: ${line} has the sockets of others`,
    line: `${NOBODY} ${line}`,
    want: /:7777 /,
  })),
  {
    name: "without root: lsof has one's own sockets only",
    line: `${NOBODY} lsof -nP -iTCP`,
    never: /7777/,
  },
  { name: "control bytes: ours", line: "netstat -xl", want: /@ctl-\.\[31m/ },
  ...["/usr/bin/netstat -xl", "ss -xl"].map((line) => ({
    name: `control bytes: ${line}`,
    line,
    // deno-lint-ignore no-control-regex
    want: /@ctl-\x1b\[31m/,
  })),
  {
    name: "control bytes: lsof -U",
    line: "lsof -U",
    want: /@ctl-\^\[\[31m/,
  },
  {
    name: "control bytes: jc escapes them",
    line: "/usr/bin/netstat -xl | jc --netstat",
    want: /@ctl-\\u001b/,
  },
  ...Object.entries(OTHER_PROGRAMS).flatMap(([program, path]) =>
    OURS_ALONE.map((option) => ({
      name: `${program} has no ${option}`,
      line: `${path} ${option}`,
      want: LACKS,
    }))
  ),
];

Deno.test("README.md: what it says of other programs", async (t) => {
  const world: World = await makeWorld(
    "--net",
    "sh",
    "-ec",
    'ip link set lo up; exec python3 -c "$0"',
    SOCKETS,
  );
  try {
    const inside = ["nsenter", `--net=/proc/${world.pid}/ns/net`];
    for (const { name, line, want, never } of CLAIMS) {
      await t.step(name, async () => {
        const { stdout, stderr } = await run(line, inside);
        const text = stdout + stderr;
        if (want !== undefined) assert.match(text, want);
        if (never !== undefined) assert.doesNotMatch(text, never);
      });
    }
  } finally {
    await world.end();
  }
});

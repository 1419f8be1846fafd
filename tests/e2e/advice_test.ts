/** What the compiled executable says beyond net-tools' lines, where, and to whom. */

import assert from "node:assert/strict";
import { differences, type Result } from "../cases.ts";
import { run } from "./child.ts";
import { NETSTAT, REFERENCE } from "./namespace.ts";

const FAMILY = new URL("../../docs/arp.ts", import.meta.url).pathname;

/** Runs a program with stdout and stderr in pipes. */
function inPipes(
  program: string,
  args: readonly string[],
): Promise<Result> {
  return run(["bash", "-c", 'exec -a netstat "$0" "$@"', program, ...args]);
}

/** What the executable says on stderr if only that is a terminal. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const quoted = args.map((arg) => `'${arg}'`).join(" ");
  // of -c, so long that there is a second round
  const command = `timeout 2 ${NETSTAT} ${quoted} >/dev/null`;
  const { stdout } = await run(["script", "-qec", command, "/dev/null"]);
  return stdout.replaceAll("\r\n", "\n");
}

/** The last line that is not empty. */
function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)!;
}

/** The line under a usage text. */
const REASONS: readonly [args: string[], reason: string][] = [
  [["-y"], "invalid option -- 'y'"],
  [["-tlnp8080"], "invalid option -- '8'"],
  [["-json"], "invalid option -- 'j'; did you mean '--json'?"],
  [["--filter=x"], "unrecognized option '--filter=x'; did you mean '--where'?"],
  [
    ["--group-by", "state"],
    "unrecognized option '--group-by'; did you mean '--count'?",
  ],
  [["--jsno"], "unrecognized option '--jsno'; did you mean '--json'?"],
  [["--colour"], "unrecognized option '--colour'; did you mean '--color'?"],
  [
    ["--lisening"],
    "unrecognized option '--lisening'; did you mean '--listening'?",
  ],
  [["--nothing-like-it"], "unrecognized option '--nothing-like-it'"],
  [
    ["--num"],
    "option '--num' is ambiguous; possibilities: '--numeric' " +
    "'--numeric-hosts' '--numeric-ports' '--numeric-users'",
  ],
  [["--json=1"], "option '--json' doesn't allow an argument"],
  [["-A"], "option requires an argument -- 'A'"],
  [["-r", "-i"], "-r and -i exclude each other: give one of them"],
  [["-rsM"], "-r, -s and -M exclude each other: give one of them"],
  [["-ss"], "-s is given more than once"],
];

for (const [args, reason] of REASONS) {
  Deno.test(`the reason stands under the usage text: ${args.join(" ")}`, async () => {
    const ours = await inPipes(NETSTAT, args);
    assert.equal(lastLine(ours.stderr), `netstat: ${reason}`);
    if (args[0]!.includes("j")) return;
    const reference = await inPipes(REFERENCE, args);
    assert.equal(differences(reference, ours, args), "");
  });
}

Deno.test("a usage text that was asked for needs no reason", async () => {
  const { stderr } = await inPipes(NETSTAT, ["-?"]);
  assert.match(lastLine(stderr), /^ {4}ddp \(Appletalk DDP\)/);
});

/** The last line on a terminal; in a pipe it is not there. */
const ADVICE: readonly [args: string[], advice: RegExp][] = [
  [
    ["-c", "5"],
    /^'5' is ignored: -c .* 'watch -n 5 netstat' does every 5 seconds$/,
  ],
  [
    ["-tlnp", "8080"],
    /^'8080' is ignored: .* --where 'local_port = 8080 or foreign_port = 8080'$/m,
  ],
  [
    ["-t", "80"],
    /^'80' is ignored: .* --where 'local_port = 80 or foreign_port = 80'$/m,
  ],
  [["-tn", "--json", "80"], /^'80' is ignored: .* --where 'local_port = 80 or/],
  [
    ["-rn", "192.0.2.9"],
    /^'192\.0\.2\.9' is ignored: .* 'ip route get 192\.0\.2\.9'/,
  ],
  [["-rn", "2001:db8::1"], /^'2001:db8::1' is ignored: .* 'ip route get /],
  [
    ["-tn", "192.0.2.9"],
    /^'192\.0\.2\.9' is ignored: .* --where 'local_address = 192\.0\.2\.9 or/,
  ],
  [["-i", "eth0"], /^'eth0' is ignored: .* --where 'iface = "eth0"'$/m],
  [["tcp"], /^'tcp' is ignored: type '--tcp' for the option$/],
  [["-tn", "a", "b", "c"], /^'a' and 2 more are ignored: /],
  [["-tn", "rm *"], /^'rm \*' is ignored: there are only options$/],
  [["-tn", "\x1b[2J"], /^'\.\[2J' is ignored: there are only options$/],
  [["-A", "foo"], /^the families are appletalk, .*\binet6\b.* and xdp$/],
  [["-r", "-A", "unix"], /^-r knows the families .*\binet6\b/],
  [["-s", "-A", "unix"], /^-s knows the families inet and inet6$/],
  [["-s", "-46"], /^-s shows one family at a time$/],
];

for (const [args, advice] of ADVICE) {
  Deno.test(`advice on a terminal alone: ${args.join(" ")}`, async () => {
    const told = await onTerminal(args);
    const line = lastLine(told);
    assert.ok(line.startsWith("netstat: "), told);
    assert.match(line.slice("netstat: ".length), advice);
    assert.equal(told.split(line).length, 2, "once");
    // net-tools goes on with -c for ever, and has no JSON
    if (args.includes("-c") || args.includes("--json")) return;
    const reference = await inPipes(REFERENCE, args);
    const { stderr, exit } = await inPipes(NETSTAT, args);
    assert.equal(stderr, reference.stderr);
    assert.equal(exit, reference.exit);
  });
}

Deno.test("a listing with nothing to say says nothing on a terminal", async () => {
  for (const args of [["-tan"], ["-rn"], ["-i"], ["-tn", "--color"]]) {
    assert.equal(await onTerminal(args), "");
  }
});

Deno.test("-A lists those of family files, too, wherever they are given", async () => {
  const { stdout, stderr, exit } = await inPipes(
    NETSTAT,
    ["--family", FAMILY, "-A", "foo"],
  );
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^Unknown address family `foo'\.\nnetstat: the families are .*\barp, .*\n$/,
  );
  assert.equal(exit, 1);
});

Deno.test("--color alone is always, and takes no word", async () => {
  const always = await inPipes(NETSTAT, ["-gn", "--color=always"]);
  assert.ok(always.stdout.includes("\x1b["));
  assert.deepEqual(await inPipes(NETSTAT, ["-gn", "--color"]), always);
  assert.deepEqual(await inPipes(NETSTAT, ["--color", "-gn"]), always);
  assert.deepEqual(await inPipes(NETSTAT, ["-gn", "--color", "never"]), always);
  assert.match(
    await onTerminal(["-gn", "--color", "never"]),
    /'never' is ignored: type '--color=never' to say so\n$/,
  );
});

/** What is said of a saved tree that lacks something; net-tools' lines come first. */
const LACKS: readonly {
  tree: string;
  args: string[];
  lack: string;
  before: RegExp;
}[] = [
  {
    tree: "proc/net",
    args: ["-t"],
    lack: " has no /proc/net/tcp",
    before: /^netstat: no support for `AF INET \(tcp\)' on this system\.\n$/,
  },
  {
    tree: "proc/net",
    args: ["-r"],
    lack: " has no /proc/net/route",
    before: /^\/proc\/net\/route: No such/,
  },
  {
    tree: "proc/net",
    args: ["-M"],
    lack: " has no /proc/net/nf_conntrack",
    before: /^netstat: no support for/,
  },
  {
    tree: "proc/net",
    args: ["-g"],
    lack: " has no /proc/net/igmp",
    before: /^netstat: no support for/,
  },
  {
    tree: "proc/net",
    args: ["-i"],
    lack: " has no /proc/net/dev",
    before: /^Warning: cannot open/,
  },
  {
    tree: "proc/net",
    args: ["-s"],
    lack: " has no /proc/net/snmp",
    before: /^cannot open/,
  },
  {
    tree: "net",
    args: ["-t"],
    lack: " has no /proc",
    before: /^netstat: no support for/,
  },
  { tree: "proc", args: [], lack: " has no /proc/net", before: /^$/ },
];

for (const { tree, args, lack, before } of LACKS) {
  Deno.test(`--root names what is missing: /${tree}, ${args.join(" ")}`, async () => {
    const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
    try {
      await Deno.mkdir(`${root}/${tree}`, { recursive: true });
      for (const format of [[], ["--json"]]) {
        const { stderr } = await inPipes(
          NETSTAT,
          ["--root", root, ...args, ...format],
        );
        const line = `netstat: --root ${root}${lack}\n`;
        assert.ok(stderr.includes(line), stderr);
        assert.match(stderr.slice(0, stderr.indexOf(line)), before);
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

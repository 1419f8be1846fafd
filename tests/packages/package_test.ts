/**
 * What `./denow task package` made in `dist/`, installed into a clean Debian of its
 * own. Needs root, and `mmdebstrap lintian chkrootkit qemu-user-static busybox`,
 * and what makes packages.
 *
 * @module
 */

import assert from "node:assert/strict";
import { VERSION } from "../../render/help.ts";
import { launcher } from "../../tools/package/launcher.ts";
import { brokenLinks, commandsOf, NOT_RUN, statusOf } from "../documents.ts";
import { NETSTAT } from "../e2e/namespace.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const DIST = `${ROOT}/dist`;
const EXECUTABLE = "/usr/lib/netstat/netstat";

/** The path of a package. */
function dist(architecture: string, kind: "deb" | "tar.gz"): string {
  return `${DIST}/netstat_${VERSION}_${architecture}.${kind}`;
}

/** How a program ended, and what it wrote. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
interface Running {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Runs a program, however it ends; one that takes minutes is ended. */
async function run(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env = {} }: Running = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command("/usr/bin/timeout", {
    args: ["--kill-after=5", "300", program, ...args],
    ...(cwd === undefined ? {} : { cwd }),
    clearEnv: true,
    env: {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: Deno.env.get("HOME") ?? "/",
      LC_ALL: "C",
      DEBIAN_FRONTEND: "noninteractive",
      ...env,
    },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs a program that must succeed; returns its output. */
async function ok(
  command: readonly [string, ...string[]],
  how?: Running,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, how);
  assert.equal(code, 0, `${command.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs a program on a system of files as its root, alone in all its namespaces. */
function within(
  tree: string,
  ...command: readonly string[]
): readonly [string, ...string[]] {
  return [
    "unshare",
    "--mount",
    "--pid",
    "--net",
    "--fork",
    `--root=${tree}`,
    "--mount-proc",
    ...command,
  ];
}

/** A folder that is there while a function runs. */
async function withFolder(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "netstat-package-" });
  try {
    await Deno.chmod(folder, 0o755);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function sha256(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Every file of a system but what dpkg keeps for itself: path, kind, mode, size. */
async function files(tree: string): Promise<string[]> {
  const listed = await ok([
    "find",
    tree,
    ...["-path", `${tree}/var/lib/dpkg`, "-prune", "-o"],
    ...["-path", `${tree}/var/log`, "-prune", "-o"],
    ...["-path", `${tree}/root`, "-prune", "-o"],
    ...["-type", "d", "-printf", "%P %y %m\n", "-o"],
    ...["-printf", "%P %y %m %s\n"],
  ]);
  return listed.trimEnd().split("\n").sort();
}

/** Takes a package apart, changes it and puts it together again. */
async function repack(
  from: string,
  to: string,
  change: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = `${to}.d`;
  await ok(["dpkg-deb", "-R", from, folder]);
  await change(folder);
  await ok(["dpkg-deb", "--root-owner-group", "-Znone", "-b", folder, to]);
  await Deno.remove(folder, { recursive: true });
}

/** Replaces text in a file. */
async function edit(path: string, from: RegExp, to: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  assert.match(text, from);
  await Deno.writeTextFile(path, text.replace(from, to));
}

Deno.test("packages: SHA256SUMS is of all of them", async () => {
  await ok(["sha256sum", "--check", "--strict", "SHA256SUMS"], { cwd: DIST });
  const listed = await Deno.readTextFile(`${DIST}/SHA256SUMS`);
  assert.deepEqual(listed.match(/\S+$/gm), [
    `netstat_${VERSION}_amd64.deb`,
    `netstat_${VERSION}_amd64.tar.gz`,
    `netstat_${VERSION}_arm64.deb`,
    `netstat_${VERSION}_arm64.tar.gz`,
  ]);
});

Deno.test("packages: made anew elsewhere, they are the same bytes", async () => {
  await withFolder(async (folder) => {
    // another path, other times, another umask, and no more than the source
    const copy = `${folder}/the copy`;
    await Deno.mkdir(`${copy}/.deno`, { recursive: true });
    for await (const { name } of Deno.readDir(ROOT)) {
      if ([".git", ".deno", "dist", "node_modules"].includes(name)) continue;
      await ok(["cp", "-R", `${ROOT}/${name}`, copy]);
    }
    // neither Deno nor its base program is to be fetched again
    for await (const { name } of Deno.readDir(`${ROOT}/.deno`)) {
      if (!/^(denort-|\d)/.test(name)) continue;
      await Deno.symlink(`${ROOT}/.deno/${name}`, `${copy}/.deno/${name}`);
    }
    const { DENO_DIR, DENO_TLS_CA_STORE } = Deno.env.toObject();
    await ok([
      "sh",
      "-c",
      'umask 077 && exec "$@"',
      "sh",
      Deno.execPath(),
      ...["run", "-A", "tools/package/main.ts"],
      ...["--arch", "amd64", "--output", `${folder}/out`],
    ], {
      cwd: copy,
      env: {
        TZ: "Asia/Tokyo",
        ...(DENO_DIR === undefined ? {} : { DENO_DIR }),
        ...(DENO_TLS_CA_STORE === undefined ? {} : { DENO_TLS_CA_STORE }),
      },
    });
    for (const kind of ["deb", "tar.gz"] as const) {
      const path = dist("amd64", kind);
      assert.equal(
        await sha256(`${folder}/out/${path.slice(DIST.length)}`),
        await sha256(path),
        kind,
      );
    }
  });
});

for (const architecture of ["amd64", "arm64"]) {
  Deno.test(`netstat_${architecture}.deb: lintian has nothing to say`, async () => {
    const { code, stdout } = await run([
      "lintian",
      "--fail-on=error,warning",
      dist(architecture, "deb"),
    ]);
    assert.deepEqual([code, stdout], [0, ""]);
  });
}

Deno.test("packages on a clean Debian", async (t) => {
  await withFolder(async (folder) => {
    const tree = `${folder}/tree`;
    const release = /^VERSION_CODENAME=(\S+)/m.exec(
      await Deno.readTextFile("/etc/os-release"),
    )![1]!;
    await ok([
      "mmdebstrap",
      "--quiet",
      "--variant=apt",
      // jq is in commands of documents
      "--include=libgcc-s1,bash-completion,jq",
      release,
      tree,
    ]);
    await Deno.chmod(folder, 0o777);
    await ok(["apt-get", "download", "-qq", "net-tools"], { cwd: folder });
    await Deno.chmod(folder, 0o755);
    for await (const { name } of Deno.readDir(folder)) {
      if (!/^net-tools_.*\.deb$/.test(name)) continue;
      await Deno.rename(`${folder}/${name}`, `${tree}/root/theirs.deb`);
    }
    const clean = await files(tree);
    const theirs = await orders(t, tree);
    assert.deepEqual(await files(tree), clean);
    await installed(t, tree, theirs);
    await t.step("nothing is left of it", async () => {
      // as `systemctl enable` makes it
      const wants = `${tree}/etc/systemd/system/timers.target.wants`;
      await ok(["mkdir", "-p", wants]);
      await Deno.symlink(
        "/usr/lib/systemd/system/netstat-metrics.timer",
        `${wants}/netstat-metrics.timer`,
      );
      await ok(["chroot", tree, "dpkg", "--purge", "netstat", "net-tools"]);
      assert.deepEqual(await files(tree), clean);
    });
    await installer(t, tree, clean);
    await readme(t, tree, clean);
  });
});

/** What the two packages do to each other; returns net-tools' own files by hash. */
async function orders(
  t: Deno.TestContext,
  tree: string,
): Promise<string> {
  const root = `${tree}/root`;
  // what dpkg does is the same with a small file as with a large one
  const lighter = (version: string, more?: (d: string) => Promise<void>) => {
    return async (d: string) => {
      await Deno.writeTextFile(`${d}${EXECUTABLE}`, "");
      await edit(`${d}/DEBIAN/control`, /^Version:.*/m, `Version: ${version}`);
      await more?.(d);
    };
  };
  const ours = dist("amd64", "deb");
  await repack(ours, `${root}/ours.deb`, lighter("0.1"));
  await repack(ours, `${root}/newer.deb`, lighter("0.2"));
  const stumbling = lighter("0.3", async (d) => {
    await Deno.writeTextFile(`${d}/usr/lib/netstat/taken`, "");
  });
  await repack(ours, `${root}/stumbling.deb`, stumbling);
  await repack(`${root}/theirs.deb`, `${root}/blocker.deb`, async (d) => {
    await Deno.remove(`${d}/usr`, { recursive: true });
    await Deno.mkdir(`${d}/usr/lib/netstat`, { recursive: true });
    await Deno.writeTextFile(`${d}/usr/lib/netstat/taken`, "");
    await edit(`${d}/DEBIAN/control`, /^Package:.*/m, "Package: blocker");
  });
  // as Debian had it before all moved from /bin to /usr/bin
  await repack(`${root}/theirs.deb`, `${root}/older.deb`, async (d) => {
    await Deno.mkdir(`${d}/bin`);
    await Deno.rename(`${d}/usr/bin/netstat`, `${d}/bin/netstat`);
    await edit(`${d}/DEBIAN/control`, /^Version:.*/m, "Version: 1.60");
  });

  const hashes = new Map<string, string>();
  const hash = async (path: string) =>
    await exists(`${tree}${path}`) ? await sha256(`${tree}${path}`) : "";
  /** Whose a file is. */
  const whose = async (path: string) =>
    hashes.get(await hash(path)) ?? assert.fail(`whose is ${path}?`);
  hashes.set("", "none");

  const BIN = "/usr/bin/netstat";
  const MAN = "/usr/share/man/man8/netstat.8.gz";
  for (const name of ["ours", "theirs"]) {
    await ok(["chroot", tree, "dpkg", "--install", `/root/${name}.deb`]);
    for (const path of [BIN, MAN]) hashes.set(await hash(path), name);
    await ok(["chroot", tree, "dpkg", "--purge", "netstat", "net-tools"]);
  }
  assert.equal(hashes.size, 5);

  const install = "--install";
  const remove = "--remove";
  const purge = "--purge";
  /** What dpkg does, whose netstat is there then, and whose has stepped aside. */
  type Step = readonly [string, readonly string[], string, string];
  const cases: readonly { name: string; steps: readonly Step[] }[] = [
    {
      name: "alone",
      steps: [
        [install, ["ours"], "ours", "none"],
        [install, ["ours"], "ours", "none"],
        [install, ["newer"], "ours", "none"],
        [install, ["ours"], "ours", "none"],
        [remove, ["netstat"], "none", "none"],
        [install, ["ours"], "ours", "none"],
        [purge, ["netstat"], "none", "none"],
      ],
    },
    {
      name: "net-tools first",
      steps: [
        [install, ["theirs"], "theirs", "none"],
        [install, ["ours"], "ours", "theirs"],
        [install, ["newer"], "ours", "theirs"],
        [install, ["theirs"], "ours", "theirs"],
        [remove, ["netstat"], "theirs", "none"],
        [install, ["ours"], "ours", "theirs"],
        [purge, ["netstat"], "theirs", "none"],
        [purge, ["net-tools"], "none", "none"],
      ],
    },
    {
      name: "net-tools second",
      steps: [
        [install, ["ours"], "ours", "none"],
        [install, ["theirs"], "ours", "theirs"],
        [remove, ["net-tools"], "ours", "none"],
        [install, ["theirs"], "ours", "theirs"],
        [remove, ["netstat"], "theirs", "none"],
      ],
    },
    {
      name: "both at once",
      steps: [
        [install, ["ours", "theirs"], "ours", "theirs"],
        [purge, ["netstat", "net-tools"], "none", "none"],
        [install, ["theirs", "ours"], "ours", "theirs"],
        [purge, ["net-tools", "netstat"], "none", "none"],
      ],
    },
    {
      name: "an older net-tools, first",
      steps: [
        [install, ["older"], "theirs", "none"],
        [install, ["ours"], "ours", "theirs"],
        [install, ["theirs"], "ours", "theirs"],
        [remove, ["netstat"], "theirs", "none"],
      ],
    },
    {
      name: "an older net-tools, second",
      steps: [
        [install, ["ours"], "ours", "none"],
        [install, ["older"], "ours", "theirs"],
        [install, ["newer"], "ours", "theirs"],
        [remove, ["netstat"], "theirs", "none"],
        [install, ["ours"], "ours", "theirs"],
        [install, ["theirs"], "ours", "theirs"],
        [purge, ["net-tools"], "ours", "none"],
      ],
    },
    {
      name: "an installation that fails",
      steps: [
        [install, ["theirs", "blocker"], "theirs", "none"],
        [install, ["stumbling"], "theirs", "none"],
        [install, ["ours"], "ours", "theirs"],
        [install, ["stumbling"], "ours", "theirs"],
        [remove, ["netstat"], "theirs", "none"],
      ],
    },
  ];
  const known = ["netstat", "net-tools", "blocker"];
  const before = await files(tree);
  for (const { name, steps } of cases) {
    await t.step(`beside net-tools: ${name}`, async () => {
      await ok(["chroot", tree, "dpkg", purge, ...known]);
      for (const [action, words, there, aside] of steps) {
        const what = action === install
          ? words.map((word) => `/root/${word}.deb`)
          : words;
        const { code, stderr } = await run(
          ["chroot", tree, "dpkg", action, ...what],
        );
        const step = `${action} ${words.join(" ")}\n${stderr}`;
        assert.equal(code === 0, !words.includes("stumbling"), step);
        const now = {
          netstat: await whose(BIN),
          manual: await whose(MAN),
          aside: await whose(
            await exists(`${tree}/usr/sbin/netstat.net-tools`)
              ? "/usr/sbin/netstat.net-tools"
              : `${BIN}.net-tools`,
          ),
          manualAside: await whose(MAN.replace("stat.", "stat.net-tools.")),
          diverted: /by netstat$/m.test(
            await ok(["chroot", tree, "dpkg-divert", "--list"]),
          ),
        };
        assert.deepEqual(now, {
          netstat: there,
          manual: there,
          aside,
          manualAside: aside,
          diverted: there === "ours",
        }, step);
      }
      await ok(["chroot", tree, "dpkg", purge, ...known]);
      assert.deepEqual(await files(tree), before);
    });
  }
  return `${root}/theirs.deb`;
}

/** What the real package is like once installed, beside net-tools. */
async function installed(
  t: Deno.TestContext,
  tree: string,
  theirs: string,
): Promise<void> {
  await t.step("netstat_amd64.deb: installed with what it needs", async () => {
    await Deno.copyFile(dist("amd64", "deb"), `${tree}/root/netstat.deb`);
    const install = ["--install", "/root/netstat.deb", "/root/theirs.deb"];
    assert.ok(await exists(theirs));
    await ok(["chroot", tree, "dpkg", ...install]);
    await ok(["chroot", tree, "dpkg", "--verify", "netstat"]);
    assert.deepEqual(
      await Deno.readFile(`${tree}/usr/bin/netstat`),
      await launcher("x86_64", EXECUTABLE),
    );
    assert.equal(await sha256(`${tree}${EXECUTABLE}`), await sha256(NETSTAT));
    const depends = /^libc6 \(>= 2\.(\d+)\)/.exec(
      await ok(["dpkg-deb", "-f", dist("amd64", "deb"), "Depends"]),
    );
    const wanted = new TextDecoder("latin1")
      .decode(await Deno.readFile(NETSTAT))
      .matchAll(/\0GLIBC_2\.(\d+)\0/g);
    const most = Math.max(...Array.from(wanted, ([, minor]) => Number(minor)));
    assert.ok(most > 0 && Number(depends![1]) >= most, `glibc 2.${most}`);
  });

  await t.step("netstat_amd64.deb: the same as net-tools' there", async () => {
    for (const args of [["-an"], ["-rn"], ["-i", "-a"], ["-gn"], ["-s"]]) {
      const [ours, theirs] = await Promise.all(
        ["netstat", "netstat.net-tools"].map((name) =>
          run(within(tree, name, ...args))
        ),
      );
      assert.deepEqual(ours, theirs, args.join(" "));
      assert.notEqual(ours!.stdout, "");
    }
  });

  await t.step(
    "messages begin with the name that it was called by",
    async () => {
      for (const name of ["netstat", "/usr/bin/netstat", "/bin/netstat"]) {
        const { code, stderr } = await run(within(tree, name, "--bogus"));
        const [line] = stderr.split("\n");
        assert.equal(line, `${name}: unrecognized option '--bogus'`);
        assert.equal(code, 3);
      }
    },
  );

  await t.step("bash completes by it", () => completes(tree));

  await t.step("its timer is there, and off", async () => {
    const units = `${tree}/usr/lib/systemd/system`;
    for (const name of ["service", "timer"]) {
      const { mode } = await Deno.stat(`${units}/netstat-metrics.${name}`);
      assert.equal(mode! & 0o777, 0o644);
    }
    const { mode } = await Deno.stat(`${tree}/usr/lib/netstat/textfile`);
    assert.equal(mode! & 0o777, 0o755);
    const found = await ok(
      ["find", `${tree}/etc/systemd`, "-name", "netstat-metrics*"],
    );
    assert.equal(found, "");
    // where the node exporter reads, it has what it needs
    const folder = "/var/lib/prometheus/node-exporter";
    await ok(["mkdir", "-p", tree + folder]);
    await ok(within(tree, "/usr/lib/netstat/textfile", "counters", "-s"));
    const names = await ok(["ls", "-A", tree + folder]);
    assert.equal(names, "netstat-counters.prom\n");
    await Deno.remove(`${tree}/var/lib/prometheus`, { recursive: true });
  });

  await documented(t, tree, "/usr");

  await t.step("setuid, what starts it lends no more", async () => {
    const file = `${tree}/root/evil.js`;
    await Deno.writeTextFile(file, "console.log('evil')");
    await ok(["chmod", "4755", `${tree}/usr/bin/netstat`]);
    const as = ["setpriv", "--reuid=4711", "--regid=4711", "--clear-groups"];
    const evil = await run(
      within(tree, ...as, "netstat", "--family", "/root/evil.js"),
    );
    const good = await run(within(tree, ...as, "netstat", "-rn"));
    await ok(["chmod", "755", `${tree}/usr/bin/netstat`]);
    await Deno.remove(file);
    assert.match(evil.stderr, /^netstat: --family is refused, since the exec/);
    assert.deepEqual([evil.stdout, evil.code], ["", 1]);
    assert.match(good.stdout, /^Kernel IP routing table\n/);
  });

  await t.step("without the executable it says so", async () => {
    await Deno.rename(`${tree}${EXECUTABLE}`, `${tree}/elsewhere`);
    const { code, stdout, stderr } = await run(within(tree, "netstat", "-rn"));
    await Deno.rename(`${tree}/elsewhere`, `${tree}${EXECUTABLE}`);
    assert.deepEqual({ code, stdout, stderr }, {
      code: 127,
      stdout: "",
      stderr: `netstat: Cannot run ${EXECUTABLE}\n`,
    });
  });

  await t.step("chkrootkit: not infected, which it would be", async () => {
    const check = ["chkrootkit", "-r", tree, "netstat"] as const;
    assert.match(await ok(check), /Checking `netstat'\.\.\. +not infected\n/);
    await Deno.rename(`${tree}/usr/bin/netstat`, `${tree}/launcher`);
    await Deno.link(`${tree}${EXECUTABLE}`, `${tree}/usr/bin/netstat`);
    const plain = (await run(check)).stdout;
    await Deno.remove(`${tree}/usr/bin/netstat`);
    await Deno.rename(`${tree}/launcher`, `${tree}/usr/bin/netstat`);
    assert.match(plain, /Checking `netstat'\.\.\. +INFECTED\n/);
  });
}

/** The documents that are installed below a prefix need nothing but what is there. */
async function documented(
  t: Deno.TestContext,
  tree: string,
  prefix: string,
): Promise<void> {
  const folder = `${prefix}/share/doc/netstat`;
  const all = (await ok(["find", tree + folder, "-name", "*.md"])).trimEnd()
    .split("\n").filter((path) => !path.endsWith("/CHANGELOG.md"));
  assert.ok(all.includes(`${tree}${folder}/docs/families.md`), `${all}`);

  await t.step(`${folder}: links lead to what is there`, () => {
    for (const path of all) assert.deepEqual(brokenLinks(path), []);
  });

  await t.step(`${folder}: the manual names what is there`, async () => {
    const manual = `${tree}${prefix}/share/man/man8/netstat.8`;
    const page = await ok(["zcat", "-f", manual]);
    const names = page.match(/[\w/]+\.md\b/g)!;
    assert.ok(names.length > 1);
    for (const name of names) {
      assert.ok(all.includes(`${tree}${folder}/${name}`), name);
    }
  });

  const env = { PATH: `${prefix}/bin:/usr/bin:/bin`, LC_ALL: "C.UTF-8" };
  for (const path of all) {
    for (const command of commandsOf(await Deno.readTextFile(path))) {
      const { line, output } = command;
      if (NOT_RUN.some((one) => one.command.test(line))) continue;
      // of programs that are not there; graph_test.ts and fleet_test.ts run them
      if (line.includes(" | dot ")) continue;
      if (path.endsWith("/fleet.md") && !/^netstat --root /.test(line)) {
        continue;
      }
      await t.step(`${path.slice(tree.length)}: ${line}`, async () => {
        const { code, stdout, stderr } = await run(
          within(tree, "bash", "-c", `cd ${folder} && ${line}`),
          { env },
        );
        assert.equal(code, statusOf(command), stderr);
        if (output !== undefined) assert.equal(stdout, output);
        else assert.notEqual(stdout, "");
      });
    }
  }
}

/** Whether bash finds our completion, although bash-completion has one as well. */
async function completes(tree: string): Promise<void> {
  const script = `source /usr/share/bash-completion/bash_completion
    complete -p netstat 2>/dev/null || { _comp_load netstat; complete -p netstat; }`;
  const { stdout } = await run(
    within(tree, "bash", "--norc", "-ic", script),
  );
  assert.equal(stdout, "complete -F _netstat netstat\n");
}

/** `install.sh`, as it is in the archive. */
async function installer(
  t: Deno.TestContext,
  tree: string,
  clean: readonly string[],
): Promise<void> {
  const root = `${tree}/root`;
  const archive = dist("amd64", "tar.gz");
  await ok(["tar", "-xzf", archive, "-C", root, "--no-same-owner"]);
  const here = `/root/netstat-${VERSION}`;
  const names = (list: readonly string[]) =>
    list.map((line) => line.replace(/ .*/, ""));
  /** What is there that was not, but for folders. */
  const added = async () => {
    const now = await files(tree);
    const known = new Set(clean);
    return names(now.filter((line) => !known.has(line) && !/ d /.test(line)));
  };
  const share = [
    "bin/netstat",
    "lib/netstat/netstat",
    "share/bash-completion/completions/netstat",
    "share/doc/netstat/CHANGELOG.md",
    "share/doc/netstat/README.md",
    "share/doc/netstat/copyright",
    "share/fish/vendor_completions.d/netstat.fish",
    "share/man/man8/netstat.8",
    "share/netstat/netstat.d.ts",
    "share/zsh/site-functions/_netstat",
  ];

  await t.step("install.sh: below /usr/local, and gone again", async (t) => {
    const said = await ok(within(tree, "sh", `${here}/install.sh`));
    assert.match(said, /^netstat \d/);
    const found = (await added()).filter((path) => !path.includes("/docs/"));
    assert.deepEqual(found, [
      "etc/bash_completion.d/netstat-local",
      ...share.map((path) => `usr/local/${path}`),
    ]);
    await completes(tree);
    await documented(t, tree, "/usr/local");
    const env = { PATH: "/usr/local/bin:/usr/bin" };
    const { stderr } = await run(within(tree, "netstat", "--bogus"), { env });
    assert.match(stderr, /^netstat: unrecognized option/);
    // once more, over what is there
    await ok(within(tree, "sh", `${here}/install.sh`));
    await ok(within(tree, "sh", `${here}/install.sh`, "--uninstall"));
    assert.deepEqual(await added(), []);
  });

  await t.step("install.sh: with busybox alone, below DESTDIR", async () => {
    await withFolder(async (tools) => {
      await ok(["busybox", "--install", "-s", tools]);
      const prefix = "/opt/net stat";
      const how = { env: { PATH: tools, DESTDIR: tree } };
      const script = `${tree}${here}/install.sh`;
      await ok([`${tools}/sh`, script, "--prefix", prefix], how);
      const size = (await added()).length;
      assert.ok(size > share.length, `${size} files`);
      const { stdout } = await run(
        within(tree, `${prefix}/bin/netstat`, "-rn"),
      );
      assert.match(stdout, /^Kernel IP routing table\n/);
      await ok(
        [`${tools}/sh`, script, `--prefix=${prefix}`, "--uninstall"],
        how,
      );
      assert.deepEqual(await added(), []);
    });
  });

  await t.step("install.sh: what it refuses", async () => {
    await Deno.writeTextFile(`${root}/netstat-${VERSION}/machine`, "m68k\n");
    const cases = [
      { args: [], code: 1, want: /these files are for m68k/ },
      { args: ["--prefix", "opt"], code: 1, want: /begins with \// },
      { args: ["--prefix"], code: 1, want: /needs a folder/ },
      { args: ["--what"], code: 2, want: /^usage: / },
    ];
    for (const { args, code, want } of cases) {
      const { code: got, stderr } = await run(
        within(tree, "sh", `${here}/install.sh`, ...args),
      );
      assert.equal(got, code, stderr);
      assert.match(stderr, want);
    }
    assert.deepEqual(await added(), []);
  });
}

/** What root has after logging in. */
const LOGIN = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

/** What the README says about installing, word for word. */
async function readme(
  t: Deno.TestContext,
  tree: string,
  clean: readonly string[],
): Promise<void> {
  const text = await Deno.readTextFile(`${ROOT}/README.md`);
  const section = /^## Installing\n(.*?)^## /ms.exec(text)![1]!;
  const commands = Array.from(
    section.matchAll(/^```sh\n(.*?)\n```$/gms),
    ([, command]) => command!,
  );
  const undo = [
    "dpkg --purge netstat",
    `netstat-${VERSION}/install.sh --uninstall`,
  ];
  assert.equal(commands.length, undo.length);
  const known = new Set(clean);
  for (const [i, command] of commands.entries()) {
    await t.step(`README: ${command}`, async () => {
      for (const kind of ["deb", "tar.gz"] as const) {
        const path = dist("amd64", kind);
        await Deno.copyFile(path, `${tree}/root/${path.slice(DIST.length)}`);
      }
      const shell = (line: string) =>
        ok(within(tree, "sh", "-ec", `cd /root; ${line}`), { env: LOGIN });
      await shell(command);
      assert.match(await shell("netstat -tuln"), /^Active Internet/);
      await shell(undo[i]!);
      const left = (await files(tree)).filter((line) =>
        !known.has(line) && !/^var\/cache\/| d /.test(line)
      );
      assert.deepEqual(left, []);
    });
  }
}

Deno.test("chkrootkit: finds by our netstat what it finds by net-tools'", async () => {
  await withFolder(async (folder) => {
    const found: string[] = [];
    // chkrootkit prefers ss where there is one
    for (const netstat of [NETSTAT, "/usr/bin/netstat"]) {
      const tools = `${folder}/${found.length}`;
      await Deno.mkdir(tools);
      await ok(["sh", "-c", 'ln -s /usr/bin/* "$0" 2>/dev/null', tools]);
      for (const name of ["ss", "netstat"]) {
        await Deno.remove(`${tools}/${name}`).catch(() => {});
      }
      await Deno.symlink(netstat, `${tools}/netstat`);
      const script = `ip link set lo up
        chkrootkit -p "$0" bindshell slapper scalper
        python3 -c '
import socket, subprocess, sys
for port in 2001, 2002:
    socket.create_server(("0.0.0.0", port)).detach()
udp = socket.socket(type=socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", 31337))
subprocess.run(sys.argv[1:])' chkrootkit -p "$0" bindshell slapper scalper`;
      const said = await ok(["unshare", "--net", "sh", "-c", script, tools]);
      found.push(said.replace(/\d+(?=\/python3)/, "PID"));
    }
    const [ours, theirs] = found;
    assert.equal(ours, theirs);
    assert.equal(
      ours!.match(/^Checking .* (WARNING|not found)$/gm)?.length,
      6,
      ours,
    );
    assert.match(ours!, /infected ports: 31337\b/);
    assert.match(ours!, /PID\/python3/);
  });
});

Deno.test("netstat_arm64.deb: runs, by emulation", async () => {
  await withFolder(async (folder) => {
    const tree = `${folder}/tree`;
    const release = /^VERSION_CODENAME=(\S+)/m.exec(
      await Deno.readTextFile("/etc/os-release"),
    )![1]!;
    await ok([
      "mmdebstrap",
      "--quiet",
      "--architectures=arm64",
      "--variant=extract",
      "--include=base-files,libc6,libgcc-s1",
      release,
      tree,
    ]);
    await ok(["dpkg-deb", "-x", dist("arm64", "deb"), tree]);
    const arm = (program: string, ...args: string[]) =>
      ok(["qemu-aarch64-static", "-L", tree, program, ...args]);

    assert.match(await arm(`${tree}${EXECUTABLE}`, "-V"), /^netstat \d/);
    const root = `${ROOT}/testdata/inet/captured-route-n`;
    for (const args of [["-rn"], ["-r", "--json"]]) {
      const all = [...args, `--root=${root}`];
      assert.equal(
        await arm(`${tree}${EXECUTABLE}`, ...all),
        await ok([NETSTAT, ...all]),
      );
    }

    // the emulator looks for files below the tree first
    await Deno.remove(`${tree}/proc`);
    const serving = `import socket, subprocess, sys
server = socket.create_server(("127.0.0.1", 7000))
many = [socket.socket() for _ in range(100)]
subprocess.run(sys.argv[1:])`;
    const emulated = ["qemu-aarch64-static", "-L", tree, tree + EXECUTABLE];
    assert.match(
      await ok([
        ...["unshare", "--net", "python3", "-c", serving] as const,
        ...emulated,
        "-tlnp",
      ]),
      / 127\.0\.0\.1:7000 .* LISTEN {6}\d+\/python3 /,
    );

    // the emulator has programs run by this machine
    assert.deepEqual(
      await Deno.readFile(`${tree}/usr/bin/netstat`),
      await launcher("aarch64", EXECUTABLE),
    );
    const write = async (path: string) => {
      const bytes = await launcher("aarch64", path);
      await Deno.writeFile(`${folder}/launcher`, bytes, { mode: 0o755 });
    };
    await write("/usr/bin/cat");
    assert.equal(
      await arm(
        "-0",
        "called",
        `${folder}/launcher`,
        "/proc/self/cmdline",
        "/dev/null",
      ),
      "called\0/proc/self/cmdline\0/dev/null\0",
    );
    await write("/nowhere/netstat");
    const { code, stderr } = await run(
      ["qemu-aarch64-static", `${folder}/launcher`],
    );
    assert.equal(stderr, "netstat: Cannot run /nowhere/netstat\n");
    assert.equal(code, 127);
  });
});

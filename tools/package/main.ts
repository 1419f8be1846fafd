/**
 * Makes what is given to others: `dist/netstat_VERSION_ARCH.deb` and `.tar.gz` for
 * each architecture, and `dist/SHA256SUMS`.
 *
 * ```sh
 * ./denow task package [--arch amd64] [--output FOLDER]
 * ```
 *
 * The same source gives the same bytes by the same Deno and the same gcc: all times
 * are `SOURCE_DATE_EPOCH`, or the day of the release; owners, modes and the order of
 * files are fixed. Needs
 * dpkg-deb, tar and gzip, and for the launcher gcc-14 for both machines (Debian's
 * gcc-14 and gcc-14-aarch64-linux-gnu, or the other way round).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path/posix";
import { parseArgs } from "node:util";
import { VERSION } from "../../render/help.ts";
import { build, tryOut } from "../build.ts";
import { BuildError } from "../sh.ts";
import { CompileError, type Machine } from "../engine/compile.ts";
import { debianChangelog, releases, seconds } from "./changelog.ts";
import { type Installed, installedDocuments } from "./documents.ts";
import { launcher } from "./launcher.ts";

const NAME = "netstat";

/** Nobody can be written to. */
const MAINTAINER = "The netstat authors <netstat@packages.invalid>";

/** Debian's names of the architectures, and the machines'. */
const MACHINES: Readonly<Record<string, Machine>> = {
  amd64: "x86_64",
  arm64: "aarch64",
};

/** Where the executable is, below the prefix. */
const EXECUTABLE = "lib/netstat/netstat";

/** What writes numbers for Prometheus, if the timer is enabled; it is not. */
const METRICS: readonly (readonly [folder: string, name: string])[] = [
  ["usr/lib/netstat", "textfile"],
  ["usr/lib/systemd/system", "netstat-metrics.service"],
  ["usr/lib/systemd/system", "netstat-metrics.timer"],
];

/**
 * What is to be packed: a file by what it contains, or by the file whose contents it
 * has, or a symbolic link.
 */
type Content = Uint8Array | Installed;

/** Files by path; those in `bin` and `lib` can be run, and scripts. */
type Tree = Map<string, Content>;

function isLink(content: Content): content is { readonly link: string } {
  return typeof content === "object" && "link" in content;
}

/** Runs a program; throws a {@linkcode BuildError} with what it said if it fails. */
async function sh(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { LC_ALL: "C", ...env },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  throw new BuildError(
    `${program} failed: ${new TextDecoder().decode(stderr).trim()}`,
  );
}

/** What all packages have, relative to the prefix, for that machine. */
async function common(
  machine: Machine,
  { prefix, zsh, executable }: {
    prefix: string;
    zsh: string;
    executable: string;
  },
): Promise<Tree> {
  const tree: Tree = new Map<string, Content>([
    ["bin/netstat", await launcher(machine, `${prefix}/${EXECUTABLE}`)],
    [EXECUTABLE, { from: executable }],
    ["share/man/man8/netstat.8", { from: "docs/netstat.8" }],
    ["share/bash-completion/completions/netstat", {
      from: "docs/completions/netstat.bash",
    }],
    [`share/zsh/${zsh}/_netstat`, { from: "docs/completions/_netstat" }],
    ["share/fish/vendor_completions.d/netstat.fish", {
      from: "docs/completions/netstat.fish",
    }],
    ["share/doc/netstat/copyright", { from: "tools/package/copyright" }],
    ["share/netstat/netstat.d.ts", { from: "docs/netstat.d.ts" }],
  ]);
  for (const [place, document] of await installedDocuments()) {
    tree.set(`share/doc/netstat/${place}`, document);
  }
  return tree;
}

/** Writes files below a folder, all as of that time. */
async function write(folder: string, tree: Tree, time: number): Promise<void> {
  const folders = new Set(["."]);
  for (const [path, content] of tree) {
    const file = `${folder}/${path}`;
    await Deno.mkdir(dirname(file), { recursive: true });
    for (let at = dirname(path); at !== "."; at = dirname(at)) folders.add(at);
    if (isLink(content)) {
      await Deno.symlink(content.link, file);
      await sh("touch", ["--no-dereference", `--date=@${time}`, file]);
      continue;
    }
    if (typeof content === "string") await Deno.writeTextFile(file, content);
    else if (content instanceof Uint8Array) await Deno.writeFile(file, content);
    else await Deno.copyFile(content.from, file);
    const runs = /\.sh$|DEBIAN\/(pre|post)/.test(path) ||
      /(^|\/)(bin|lib)\//.test(path) &&
        !/(^|\/)(share|systemd)\//.test(path);
    await Deno.chmod(file, runs ? 0o755 : 0o644);
    if (/\.gz$/.test(path)) {
      await Deno.rename(file, file.slice(0, -3));
      await sh("gzip", ["-9n", file.slice(0, -3)]);
    }
    await Deno.utime(file, time, time);
  }
  for (const path of folders) {
    await Deno.chmod(`${folder}/${path}`, 0o755);
    await Deno.utime(`${folder}/${path}`, time, time);
  }
}

/** What dpkg is told of a package with these files. */
async function control(
  architecture: string,
  folder: string,
  tree: Tree,
): Promise<Tree> {
  let size = 0;
  const sums: string[] = [];
  for (const path of [...tree.keys()].sort()) {
    if (isLink(tree.get(path)!)) continue;
    const bytes = await Deno.readFile(`${folder}/${path}`);
    size += Math.ceil(bytes.length / 1024);
    if (path.startsWith("etc/")) continue; // a configuration file
    sums.push(`${createHash("md5").update(bytes).digest("hex")}  ${path}\n`);
  }
  const fields = (await Deno.readTextFile("tools/package/control"))
    .replaceAll("@VERSION@", VERSION)
    .replaceAll("@ARCHITECTURE@", architecture)
    .replaceAll("@MAINTAINER@", MAINTAINER)
    .replaceAll("@SIZE@", `${size}`);
  return new Map<string, Content>([
    ["DEBIAN/control", fields],
    ["DEBIAN/md5sums", sums.join("")],
    ["DEBIAN/conffiles", "/etc/bash_completion.d/netstat\n"],
    ["DEBIAN/preinst", { from: "tools/package/preinst" }],
    ["DEBIAN/prerm", { from: "tools/package/prerm" }],
    ["DEBIAN/postrm", { from: "tools/package/postrm" }],
  ]);
}

/** What is to be made. */
interface Job {
  readonly architecture: string;
  readonly executable: string;
  readonly output: string;
  readonly time: number;
}

/** Makes the package for Debian; returns its name. */
async function debian(job: Job): Promise<string> {
  const { architecture, executable, output, time } = job;
  const usr = await common(MACHINES[architecture]!, {
    prefix: "/usr",
    zsh: "vendor-completions",
    executable,
  });
  const list = releases(await Deno.readTextFile("CHANGELOG.md"));
  const tree: Tree = new Map([
    ...Array.from(usr, ([path, content]): [string, Content] => [
      `usr/${path}${path.endsWith(".8") ? ".gz" : ""}`,
      content,
    ]),
    [
      "usr/share/doc/netstat/changelog.gz",
      debianChangelog(list, { name: NAME, maintainer: MAINTAINER }),
    ],
    ["usr/share/lintian/overrides/netstat", {
      from: "tools/package/lintian-overrides",
    }],
    ["etc/bash_completion.d/netstat", {
      from: "tools/package/bash_completion",
    }],
    ...METRICS.map(([path, name]): [string, Content] => [
      `${path}/${name}`,
      { from: `tools/package/metrics/${name}` },
    ]),
  ]);
  const folder = await emptied(architecture);
  await write(folder, tree, time);
  await write(folder, await control(architecture, folder, tree), time);
  const name = `${NAME}_${VERSION}_${architecture}.deb`;
  await sh(
    "dpkg-deb",
    [
      "--root-owner-group",
      "-Zxz",
      "-z6",
      "--build",
      folder,
      `${output}/${name}`,
    ],
    { SOURCE_DATE_EPOCH: `${time}` },
  );
  return name;
}

/** Makes the archive with an installer; returns its name. */
async function archive(job: Job): Promise<string> {
  const { architecture, executable, output, time } = job;
  const machine = MACHINES[architecture]!;
  const tree: Tree = new Map([
    ...await common(machine, {
      prefix: "/usr/local",
      zsh: "site-functions",
      executable,
    }),
    ["share/doc/netstat/CHANGELOG.md", { from: "CHANGELOG.md" }],
    ["machine", `${machine}\n`],
    ["install.sh", { from: "tools/package/install.sh" }],
  ]);
  const top = `${NAME}-${VERSION}`;
  const folder = await emptied(architecture);
  await write(`${folder}/${top}`, tree, time);
  const name = `${NAME}_${VERSION}_${architecture}.tar`;
  const path = `${output}/${name}`;
  await sh("tar", [
    "--format=ustar",
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    `--mtime=@${time}`,
    "-cf",
    path,
    "-C",
    folder,
    top,
  ]);
  await sh("gzip", ["-nf", path]);
  return `${name}.gz`;
}

/** A folder to lay files out in, which is empty. */
async function emptied(architecture: string): Promise<string> {
  const folder = resolve(`.deno/package/${architecture}`);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
  await Deno.chmod(folder, 0o755);
  return folder;
}

/** Makes all of these architectures; returns the names of the files. */
async function packages(
  architectures: readonly string[],
  output: string,
): Promise<string[]> {
  const [newest] = releases(await Deno.readTextFile("CHANGELOG.md"));
  if (newest!.version !== VERSION) {
    throw new BuildError(
      `CHANGELOG.md is about ${newest!.version}, and this is ${VERSION}`,
    );
  }
  const time = Number(Deno.env.get("SOURCE_DATE_EPOCH") ?? seconds(newest!));
  await Deno.mkdir(output, { recursive: true });
  const names: string[] = [];
  for (const architecture of architectures) {
    const machine = MACHINES[architecture];
    if (machine === undefined) {
      throw new BuildError(`Unknown architecture ${architecture}`);
    }
    const executable = `.deno/package/${NAME}-${machine}`;
    await Deno.mkdir(".deno/package", { recursive: true });
    await build({
      target: `${machine}-unknown-linux-gnu`,
      output: executable,
    });
    if (machine === Deno.build.arch) await tryOut(executable);
    const job = { architecture, executable, output, time };
    names.push(await debian(job), await archive(job));
  }
  await Deno.remove(".deno/package", { recursive: true });
  return names.sort();
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      arch: {
        type: "string",
        multiple: true,
        default: Object.keys(MACHINES),
      },
      output: { type: "string", default: "dist" },
    },
  });
  const output = resolve(values.output);
  Deno.chdir(new URL("../..", import.meta.url));
  const say = (text: string) =>
    Deno.stderr.writeSync(new TextEncoder().encode(`package: ${text}\n`));
  try {
    const names = await packages(values.arch, output);
    const sums: string[] = [];
    for (const name of names) {
      const bytes = await Deno.readFile(`${output}/${name}`);
      const sum = createHash("sha256").update(bytes).digest("hex");
      sums.push(`${sum}  ${name}\n`);
      say(`${output}/${name}, ${(bytes.length / 1e6).toFixed(1)} MB`);
    }
    await Deno.writeTextFile(`${output}/SHA256SUMS`, sums.join(""));
  } catch (error) {
    const told = error instanceof BuildError || error instanceof CompileError;
    if (!told) throw error;
    say(error.message);
    Deno.exitCode = 1;
  }
}

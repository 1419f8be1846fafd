/**
 * Completions in the shells themselves, typed at a terminal. In place of netstat
 * there is a program that shows its arguments, so that a Tab that started it would
 * be seen.
 */

import assert from "node:assert/strict";
import { OPTIONS } from "../../core/args/options.ts";
import { loadFamilies } from "../../core/views/registry.ts";
import { NETSTAT } from "./namespace.ts";

const COMPLETIONS =
  new URL("../../docs/completions/", import.meta.url).pathname;
const TABS = new URL("tabs.py", import.meta.url).pathname;

const LONGS = [
  ...new Set(OPTIONS.flatMap(({ long }) => long ?? []).map((o) => `--${o}`)),
];
const SHORTS = OPTIONS.flatMap(({ short }) => short ?? []).map((o) => `-${o}`);
const WORDS = (await loadFamilies()).flatMap(({ name, words = [name] }) =>
  words
);

/** Runs a command in the folder, where our program is not netstat. */
async function run(
  folder: string,
  command: readonly string[],
  stdin = "",
): Promise<string> {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, {
    args,
    cwd: folder,
    clearEnv: true,
    env: {
      PATH: `${folder}/bin:/usr/bin:/bin`,
      HOME: folder,
      LC_ALL: "C.UTF-8",
      TERM: "dumb",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(code, 0, text(stderr));
  assert.equal(text(stderr), "");
  return text(stdout);
}

/** A folder with a file for each kind, and the program that shows its arguments. */
async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    await Deno.mkdir(`${folder}/bin`);
    await Deno.mkdir(`${folder}/saved tree`);
    for (const file of ["family.ts", "readme.md", "saved tree/my file.js"]) {
      await Deno.writeTextFile(`${folder}/${file}`, "");
    }
    const netstat = "#!/bin/sh\necho >>~/calls\n" +
      `printf ran; printf ' [%s]' "$@"; echo\n`;
    await Deno.writeTextFile(`${folder}/bin/netstat`, netstat, { mode: 0o755 });
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What netstat was called with. */
function argumentsOf(screen: string): string {
  const [, args] = /^ran (.*)/m.exec(screen) ?? [];
  assert.ok(args !== undefined, screen);
  return args.replaceAll(/\[(.*?)\]/g, "$1");
}

/** What is typed, and what netstat gets. */
const TYPED: readonly [keys: string, args: string][] = [
  ["netstat --jso\t", "--json"],
  ["netstat --reso\t5", "--resolve-timeout=5"],
  ["netstat --sou\tpro\t", "--source=procfs"],
  ["netstat --source net\t", "--source netlink"],
  ["netstat --colo\t", "--color"],
  ["netstat --color=alw\t", "--color=always"],
  ["netstat --color alw\t", "--color alw"],
  ["netstat -A uni\t", "-A unix"],
  ["netstat -tA uni\t", "-tA unix"],
  ["netstat -tnAuni\t", "-tnAunix"],
  ["netstat -A inet,uni\t", "-A inet,unix"],
  ["netstat -A unix,uni\t", "-A unix,uni"],
  ["netstat --prot\tuni\t", "--protocol=unix"],
  ["netstat --protocol inet,inet6,uni\t", "--protocol inet,inet6,unix"],
  ["netstat --prot=inet,uni\t", "--prot=inet,unix"],
  ["netstat --proto uni\t", "--proto unix"],
  ["netstat --family=fam\t", "--family=family.ts"],
  ["netstat --family sav\tmy\t", "--family saved tree/my file.js"],
  ["netstat --roo\tsav\t", "--root=saved tree"],
  ["netstat --resolve-timeout fam\t", "--resolve-timeout fam"],
  ["netstat fam\t", "fam"],
  ["netstat -- --jso\t", "-- --jso"],
  ["netstat --csv=r\t", "--csv=raw"],
  ["netstat --check=close\t", "--check=close-wait"],
  ["netstat --check close\t", "--check close-wait"],
  ["netstat --check --ndj\t", "--check --ndjson"],
  ["netstat --colum\tinod\t", "--columns=inode"],
  ["netstat --columns pid,inod\t", "--columns pid,inode"],
  ["netstat --columns=pid,inod\t", "--columns=pid,inode"],
  ["netstat --columns hel\t", "--columns help"],
  ["netstat --columns pid,hel\t", "--columns pid,hel"],
  ["netstat --columns +inod\t", "--columns +inode"],
  ["netstat --columns @def\t", "--columns @default"],
  ["netstat --columns=pid,@own\t", "--columns=pid,@owner"],
  ["netstat --columns inode,inod\t", "--columns inode,inod"],
  ["netstat --sort -inod\t", "--sort -inode"],
  ["netstat --sort=-pid,-inod\t", "--sort=-pid,-inode"],
  ["netstat --sort cou\t", "--sort count"],
  ["netstat --count proto,sta\tt\t", "--count proto,state"],
  ["netstat --sum program_n\t", "--sum program_n"],
  ["netstat --sum=recv_q,rx_fram\t", "--sum=recv_q,rx_frame"],
  // in quotes, each Tab goes on with what can follow
  ["netstat --where 'inod\t= 0'", "--where inode = 0"],
  [
    "netstat --where 'inod\t= 0 and no\t(owners.com\t~ x)'",
    "--where inode = 0 and not (owners.comm ~ x)",
  ],
  [
    "netstat --where 'state = SYN_R\tor state in (TIME_WAIT,LIS\t)'",
    "--where state = SYN_RECV or state in (TIME_WAIT,LISTEN)",
  ],
  ["netstat --where 'inode is nu\t'", "--where inode is null "],
  ["netstat --where 'pid = 1 a\tinod\t> 3'", "--where pid = 1 and inode > 3"],
  [
    `netstat --where "path = 'a b' o\tinod\t= 1"`,
    "--where path = 'a b' or inode = 1",
  ],
];

/**
 * zsh offers other files where none of the kind fits, quotes blanks by itself, and
 * writes backslashes in place of quotes that do not begin a word.
 */
const TYPED_IN_BASH: typeof TYPED = [
  ["netstat --where inod\t", "--where inode"],
  ["netstat --where=inod\t", "--where=inode"],
  ["netstat --where state=CLOSE_W\t", "--where state=CLOSE_WAIT"],
  ["netstat --where='inod\t= 0'", "--where=inode = 0"],
  ["netstat --family read\t", "--family read"],
  ["netstat --root fam\t", "--root family.ts"],
];

interface Shell {
  readonly name: string;
  readonly command: readonly string[];
  /** Takes the completions from the folder `at`, and sets the prompt. */
  setup(at: string): string;
}

const PROMPT = `PS1='<REA''DY>'`;

/** Shows lists without asking whether they should be, however long they are. */
const LISTS = "bind 'set completion-query-items 0'";

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    command: ["bash", "--norc", "--noprofile", "-i"],
    setup: (at) => `. ${at}/netstat.bash; ${LISTS}; ${PROMPT}`,
  },
  {
    name: "bash with bash-completion, from its folder of those that are first",
    command: ["bash", "--norc", "--noprofile", "-i"],
    setup: (at) =>
      `mkdir d; cp ${at}/netstat.bash d/netstat; BASH_COMPLETION_COMPAT_DIR=$PWD/d; ` +
      `. /usr/share/bash-completion/bash_completion; ${LISTS}; ${PROMPT}`,
  },
  {
    name: "bash with bash-completion, loaded at the first Tab",
    command: ["bash", "--norc", "--noprofile", "-i"],
    setup: (at) =>
      `mkdir completions; cp ${at}/netstat.bash completions/netstat; ` +
      `BASH_COMPLETION_USER_DIR=$PWD; ` +
      `. /usr/share/bash-completion/bash_completion; complete -r netstat; ${LISTS}; ${PROMPT}`,
  },
  {
    name: "zsh",
    command: ["zsh", "-f", "-i"],
    setup: (at) =>
      `fpath=(${at} $fpath); autoload -Uz compinit; compinit -D -u; LISTMAX=9999; ${PROMPT}`,
  },
];

for (const { name, command, setup } of SHELLS) {
  Deno.test(`completions: ${name}`, async (t) => {
    await inFolder(async (folder) => {
      const lists = ["netstat -\t\t", "netstat -A \t\t"];
      const cases = name === "zsh" ? TYPED : [...TYPED, ...TYPED_IN_BASH];
      const output = await run(
        folder,
        ["python3", TABS, setup(COMPLETIONS.slice(0, -1)), ...command],
        JSON.stringify([...lists, ...cases.map(([keys]) => keys)]),
      );
      const [options, families, ...screens] = JSON.parse(output);
      await t.step("no Tab starts netstat", async () => {
        const calls = await Deno.readTextFile(`${folder}/calls`);
        assert.equal(calls.length, lists.length + cases.length);
      });
      await t.step("all options", () => {
        const offered = new Set(options.match(/(?<=\s)-\S+/g));
        for (const option of [...LONGS, ...SHORTS]) {
          assert.ok(offered.has(option) || offered.has(`${option}=`), option);
        }
      });
      await t.step("all families", () => {
        const offered = new Set(families.split(/\s+/));
        for (const word of WORDS) assert.ok(offered.has(word), word);
      });
      for (const [i, [keys, args]] of cases.entries()) {
        await t.step(keys.replaceAll("\t", "<Tab>"), () => {
          // zsh takes the slash off a folder at the end
          assert.equal(argumentsOf(screens[i]!).replace(/\/?$/, ""), args);
        });
      }
    });
  });
}

Deno.test("completions: fish", async (t) => {
  await inFolder(async (folder) => {
    const offers = async (line: string): Promise<Map<string, string>> => {
      const script = `source ${COMPLETIONS}netstat.fish; complete -C "$argv"`;
      const command = ["fish", "--no-config", "-c", script, line];
      const lines = (await run(folder, command)).trimEnd().split("\n");
      return new Map(
        lines.map((line) => line.split("\t") as [string, string]),
      );
    };
    await t.step("all options, with what they do", async () => {
      const shorts = await offers("netstat -");
      for (const option of SHORTS) assert.ok(shorts.has(option), option);
      const longs = await offers("netstat --");
      for (const option of LONGS) {
        assert.ok(longs.has(option) || longs.has(`${option}=`), option);
      }
      const { help } = OPTIONS.find(({ long }) => long === "route")!;
      assert.equal(longs.get("--route"), help);
    });
    await t.step("all families", async () => {
      const offered = await offers("netstat -A ");
      assert.deepEqual([...offered.keys()].sort(), [...WORDS].sort());
    });
    const cases: [line: string, offered: string[]][] = [
      ["netstat ", [""]],
      ["netstat --source ", ["netlink", "procfs"]],
      ["netstat --source=", ["--source=netlink", "--source=procfs"]],
      ["netstat --color ", [""]],
      ["netstat --color=a", ["--color=always", "--color=auto"]],
      ["netstat -A inet,u", ["inet,unix"]],
      ["netstat -A unix,uni", [""]],
      ["netstat -tAinet,u", ["-tAinet,unix"]],
      ["netstat --protocol=inet,u", ["--protocol=inet,unix"]],
      ["netstat --family ", ["bin/", "family.ts", "saved tree/"]],
      ["netstat --family=fam", ["--family=family.ts"]],
      ["netstat --family saved\\ tree/", ["saved tree/my file.js"]],
      ["netstat --root ", ["bin/", "family.ts", "readme.md", "saved tree/"]],
      ["netstat --root=sav", ["--root=saved tree/"]],
      ["netstat --resolve-timeout ", [""]],
      ["netstat --csv=r", ["--csv=raw"]],
      ["netstat --check=close", ["--check=close-wait"]],
      ["netstat --check close", ["close-wait"]],
      ["netstat close", [""]],
      ["netstat --columns pid,inod", ["pid,inode"]],
      ["netstat --columns=+inod", ["--columns=+inode"]],
      ["netstat --columns pid,@own", ["pid,@owner"]],
      ["netstat --columns hel", ["help"]],
      ["netstat --sort=-pid,-inod", ["--sort=-pid,-inode"]],
      ["netstat --sort cou", ["count", "counter"]],
      ["netstat --sum program_n", [""]],
      ["netstat --where 'inode is n", ["inode is not", "inode is null"]],
      [
        "netstat --where='not (state = CLOSE_W",
        [
          "--where=not (state = CLOSE_WAIT and",
          "--where=not (state = CLOSE_WAIT or",
        ],
      ],
      [
        "netstat --where 'state in (CLOSING,LISTENI",
        ["state in (CLOSING,LISTENING )", "state in (CLOSING,LISTENING ,"],
      ],
      ["netstat --where state=LISTE", ["state=LISTEN", "state=LISTENING"]],
    ];
    for (const [line, want] of cases) {
      await t.step(line, async () => {
        assert.deepEqual([...(await offers(line)).keys()].sort(), want);
      });
    }
    await t.step("what a list has already, or cannot have", async () => {
      const list = await offers("netstat --columns inode,");
      assert.ok(list.has("inode,pid"));
      assert.ok(!list.has("inode,inode"));
      // all columns, and nothing besides
      assert.ok(!list.has("inode,help"));
      assert.ok((await offers("netstat --columns ")).has("help"));
    });
    await t.step("what stands next in an expression", async () => {
      const next = async (line: string) => [...(await offers(line)).keys()];
      const operators = await next("netstat --where 'owners.com");
      for (const operator of ["=", "!=", "<", ">=", "~", "!~", "in", "is"]) {
        assert.ok(operators.includes(`owners.comm ${operator}`), operator);
      }
      assert.ok(operators.every((line) => line.startsWith("owners.comm ")));
      const keys = await next("netstat --where 'inode = 0 a");
      assert.ok(keys.includes("inode = 0 and local_port"));
      assert.ok(keys.includes("inode = 0 and not"));
    });
    await t.step("columns, with what they mean", async () => {
      const offered = await offers("netstat --sum recv");
      assert.match(offered.get("recv_q") ?? "", /^Bytes that the process/);
    });
    await t.step("no Tab starts netstat", async () => {
      await assert.rejects(Deno.stat(`${folder}/calls`), Deno.errors.NotFound);
    });
  });
});

Deno.test("completions: bash-completion finds all options in --help", async () => {
  await inFolder(async (folder) => {
    const script = `. /usr/share/bash-completion/bash_completion
      _parse_help "$1"
      echo
      COMP_WORDS=("$1" --) COMP_CWORD=1 COMP_LINE="$1 --" COMP_POINT=\${#COMP_LINE}
      _longopt "$1" -- "$1"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = await run(folder, ["bash", "-c", script, "bash", NETSTAT]);
    for (const part of output.split("\n\n")) {
      // one that is in an example, too, is found twice, and offered once
      const found = new Set(
        part.trim().split("\n").map((o) => o.replace(/=$/, "")),
      );
      assert.deepEqual(
        [...found].filter((option) => option.startsWith("--")).sort(),
        [...LONGS].sort(),
      );
    }
  });
});

/**
 * Rights that people lent to net-tools' `netstat` reach no further with ours: by
 * sudo, doas, pkexec, setuid copies and the like. And root runs no code but root's.
 * Needs root, and `sudo opendoas pkexec polkitd dbus-bin dbus-daemon libcap2-bin`.
 */

import assert from "node:assert/strict";
import { NETSTAT, REFERENCE } from "./namespace.ts";
import { makeWorld, type World } from "./world.ts";

const SETUP = new URL("privilege_world.sh", import.meta.url).pathname;

/** Users of the world. */
const ROOT = 0;
const LENT = 4711;
const FULL = 4712;

const OURS = "/mnt/ours/netstat";
const THEIRS = "/mnt/theirs/netstat";

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs a program in the world as that user. */
type Run = (uid: number, ...words: string[]) => Promise<Ran>;

async function inWorld(use: (run: Run) => Promise<void>): Promise<void> {
  const world: World = await makeWorld(
    ...["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"],
    ...["--propagation", "private", "sh", SETUP, NETSTAT, REFERENCE],
  );
  const { pid } = world;
  try {
    await use(async (uid, ...words) => {
      const { code, stdout, stderr } = await new Deno.Command("nsenter", {
        args: [
          "--mount",
          "--net",
          `--pid=/proc/${pid}/ns/pid_for_children`,
          `--target=${pid}`,
          ...["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"],
          // pkexec does nothing for one whose parent is of another namespace
          ...["sh", "-c", '"$@"; exit $?', "sh", ...words],
        ],
        clearEnv: true,
        cwd: "/",
        env: {
          PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
          LC_ALL: "C",
          // what a caller says of himself
          SUDO_UID: "0",
          DOAS_USER: "root",
          PKEXEC_UID: "0",
        },
        stdin: "null",
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, stdout: text(stdout), stderr: text(stderr) };
    });
  } finally {
    await world.end();
  }
}

/** Runs a shell script as root; it must succeed. */
async function sh(run: Run, script: string): Promise<void> {
  const { code, stderr } = await run(ROOT, "sh", "-euc", script);
  assert.equal(code, 0, stderr);
}

/** A way to lend rights. */
interface Way {
  readonly name: string;
  /** What root does to an executable. */
  readonly change: string;
  /** What the borrower writes before its path. */
  readonly words: readonly string[];
  /** What the program says of it. */
  readonly says: RegExp;
}

const IN_FILE = /is refused, since the executable is setuid or setgid, or has/;

const WAYS: readonly Way[] = [
  {
    name: "sudo",
    change: "",
    words: ["sudo", "-n"],
    says: /is refused, since sudo started it for another user \(SUDO_UID\)/,
  },
  {
    name: "doas",
    change: "",
    words: ["doas", "-n"],
    says: /is refused, since doas started it for another user \(DOAS_USER\)/,
  },
  {
    name: "pkexec",
    change: "",
    words: ["pkexec"],
    says: /is refused, since pkexec started it for another user \(PKEXEC_UID\)/,
  },
  { name: "setuid", change: "chmod u+s", words: [], says: IN_FILE },
  {
    name: "setgid",
    change: "chgrp 0 F; chmod g+s",
    words: [],
    says: IN_FILE,
  },
  {
    name: "capabilities",
    change: "setcap cap_dac_read_search,cap_sys_ptrace=ep",
    words: [],
    says: IN_FILE,
  },
];

/** Lends the rights to run both programs by this way. */
async function lend(run: Run, { change }: Way): Promise<void> {
  for (const path of [OURS, THEIRS]) {
    const changes = change.replace(" F;", ` ${path};`);
    await sh(
      run,
      `setcap -r ${path} 2>/dev/null || true
       chmod 755 ${path}
       ${change === "" ? "" : `${changes} ${path}`}`,
    );
  }
}

/** What only root can read. */
const SECRET = "root:the-hash-of-a-password:1:2:3:4:5:6:7";

/** What a family file says when it is run. */
const RUN = "evil is run";

/** A family file that tells when it is run. */
const EVIL = `console.log("${RUN}");
export default () => ({ name: "evil", about: "Evil", tables: [] });
`;

/** What the borrower has: a family file, and a tree with a link to the secret. */
const BORROWERS = `
mkdir -m 700 /mnt/secret
printf '%s\\n' 'first line' '${SECRET}' >/mnt/secret/file
mkdir -p /mnt/lent/proc/net
for table in tcp route unix snmp dev; do
  ln -s /mnt/secret/file /mnt/lent/proc/net/$table
done
cat >/mnt/lent/evil.js <<'END'
${EVIL}
END
chown -Rh ${LENT}:${LENT} /mnt/lent
chmod 777 /mnt/lent`;

/** Command lines that net-tools knows, and what shows that they were obeyed. */
const NET_TOOLS: readonly { args: string; shows: RegExp }[] = [
  { args: "-tan", shows: /127\.0\.0\.1:8080/ },
  { args: "-tulpn", shows: /:8080 .* LISTEN / },
  { args: "-xlp", shows: /@of/ },
  { args: "-rn", shows: /192\.0\.2\.1 / },
  { args: "-r --inet6 -n", shows: /::1\/128/ },
  { args: "-ie", shows: /left: flags/ },
  { args: "-gn", shows: /224\.0\.0\.1/ },
  { args: "-su", shows: /^Udp:/m },
  { args: "-A ipx", shows: /no support for/ },
  { args: "-A what", shows: /Unknown address family `what'/ },
];

Deno.test("rights that are lent: net-tools' options do what they do", async (t) => {
  await inWorld(async (run) => {
    for (const way of WAYS) {
      await t.step(way.name, async () => {
        await lend(run, way);
        for (const { args, shows } of NET_TOOLS) {
          const words = args.split(" ");
          const ours = await run(LENT, ...way.words, OURS, ...words);
          const theirs = await run(LENT, ...way.words, THEIRS, ...words);
          assert.deepEqual(ours, theirs, args);
          assert.match(ours.stdout + ours.stderr, shows, args);
        }
      });
    }
  });
});

/** New options that only choose, and what they print. */
const CHOOSING: readonly { args: string; shows: RegExp }[] = [
  { args: "-rn --json", shows: /^\[\{"family":"inet"/ },
  { args: "-tan --ndjson", shows: /"local_port":8080/ },
  // deno-lint-ignore no-control-regex
  { args: "-tan --color=always", shows: /\x1b\[/ },
  { args: "-tan --source netlink", shows: /:8080/ },
  { args: "-tl --resolve-timeout 1", shows: /:http-alt|:8080/ },
  { args: "-tan --where state=LISTEN", shows: /:8080 .* LISTEN / },
  { args: "-xl --where path~^@of", shows: /@of/ },
  { args: "-tan --columns local_port,inode", shows: /^ +8080 +\d+$/m },
  { args: "-tan --columns help", shows: /^local_port +port /m },
  { args: "-tan --sort -local_port", shows: /:?8080/ },
  { args: "-tan --limit 1", shows: /8080/ },
  { args: "-tan --count state", shows: /^LISTEN +\d+$/m },
  { args: "-tan --sum recv_q", shows: /^recv_q$/m },
  { args: "-tan --csv", shows: /^inet,tcp,.*,8080,/m },
  { args: "-tan --csv=raw --no-header", shows: /^inet,tcp,/ },
  { args: "-tan --count state --openmetrics", shows: /{state="LISTEN"} / },
  { args: "-i --openmetrics", shows: /{interface="left"} / },
  // root has put it there
  { args: "-A own", shows: /^Root's own table\n/ },
];

/** A family file for /etc/netstat/families. */
const OWN = `export default () => ({ name: "own", about: "Own", tables: [{
  name: "own", lineLimit: 200, columns: {},
  frozen: { title: { text: () => "Root's own table", always: true } },
  sources: [{ path: "/proc/net/dev", proto: "own", rank: 1 }],
  row: () => ({}), parse: () => true, keep: () => false,
}] });
`;

Deno.test("rights that are lent: new options that only choose are allowed", async (t) => {
  await inWorld(async (run) => {
    const own = "/etc/netstat/families/own.js";
    await sh(run, `cat >${own} <<'END'\n${OWN}END`);
    for (const way of WAYS) {
      await t.step(way.name, async () => {
        await lend(run, way);
        for (const { args, shows } of CHOOSING) {
          const words = [...way.words, OURS, ...args.split(" ")];
          const { stdout, stderr, code } = await run(LENT, ...words);
          assert.match(stdout, shows, `${args}: ${stderr}`);
          assert.equal(code, 0, args);
        }
      });
    }
  });
});

/** Options with which one who may run `netstat` could do more, or see more. */
const REACHING: readonly string[] = [
  "--family /mnt/lent/evil.js",
  "--family=/mnt/lent/evil.js -A evil",
  "-h --family /mnt/lent/evil.js",
  "--family /mnt/secret/file",
  "--family /mnt/secret/nothing.js",
  "--root /mnt/lent -tan",
  "--root /mnt/lent -tan --json",
  "--root /mnt/lent -rn",
  "--root /mnt/lent -x",
  "--root /mnt/lent -s",
  "--root /mnt/lent -i",
  "--root=/mnt/secret",
  "--root=/mnt/secret/nothing",
  "--root=/",
  "--netns all -tanp",
  "--netns=host -tan --json",
  "--save /mnt/lent/save -tan",
  "--save=/mnt/lent/evil.js --force",
  "--save=/dev/stdout",
];

Deno.test("rights that are lent: nobody gets more than by net-tools' options", async (t) => {
  await inWorld(async (run) => {
    await sh(run, BORROWERS);
    for (const way of WAYS) {
      await t.step(way.name, async () => {
        await lend(run, way);
        for (const args of REACHING) {
          const words = [...way.words, OURS, ...args.split(" ")];
          const { stdout, stderr, code } = await run(LENT, ...words);
          const option = /--\w+/.exec(args)![0];
          assert.equal(stdout, "", args);
          assert.match(stderr, way.says, args);
          // one line, which says nothing of any file
          assert.ok(stderr.startsWith(`netstat: ${option} is refused, `), args);
          assert.match(stderr, /^[^\n]*: (run|use) [^\n]*\n$/);
          assert.doesNotMatch(stderr, /\/mnt/);
          assert.equal(code, 1);
        }
        await sh(run, "test ! -e /mnt/lent/save");
        // what is written goes where the borrower may write himself
        const words = [...way.words, OURS, "-rn", "--save", "-"];
        const { stdout, code } = await run(LENT, ...words);
        assert.match(stdout, /^netns\.json\0/);
        assert.equal(code, 0);
      });
    }
    await t.step("variables of any bytes", async () => {
      for (const variable of ["SUDO_UID", "DOAS_USER", "PKEXEC_UID"]) {
        const script =
          `${variable}=$(printf '\\377') exec ${OURS} --root=/mnt/lent`;
        const { stdout, stderr, code } = await run(ROOT, "sh", "-c", script);
        assert.equal(stdout, "");
        assert.match(stderr, /^netstat: --root is refused, [^\n]*\n$/);
        assert.ok(stderr.includes(variable));
        assert.equal(code, 1);
      }
    });
    await t.step("the traps would work", async () => {
      const root = await run(ROOT, OURS, "--root=/mnt/lent", "-tan", "--json");
      assert.ok(root.stderr.includes(SECRET), root.stderr);
      await sh(run, "cp /mnt/lent/evil.js /mnt/evil.js");
      const words = ["--family", "/mnt/evil.js", "-A", "evil"];
      const evil = await run(ROOT, OURS, ...words);
      assert.ok(evil.stderr.includes(RUN), evil.stderr);
    });
  });
});

/** Options of questions, with what might do harm. */
const QUESTIONS: readonly string[][] = [
  ["--where", "path ~ ^/mnt/secret", "-x"],
  ["--where", "path = '/mnt/secret/file'"],
  ["--where", "/mnt/secret/file"],
  ["--where", "@/mnt/secret/file"],
  ["--columns", "/mnt/secret/file"],
  ["--columns", "@/mnt/secret/file"],
  ["--count", "/mnt/secret/file"],
  ["--sort", "/mnt/secret/file"],
  ["--limit", "/mnt/secret/file"],
  ["--csv=/mnt/secret/file"],
];

Deno.test("rights that are lent: questions read no file and write none", async (t) => {
  await inWorld(async (run) => {
    await sh(run, BORROWERS);
    const files = "find /mnt /etc -newer /mnt/secret/file -type f | sort";
    const { stdout: before } = await run(ROOT, "sh", "-c", files);
    for (const way of WAYS) {
      await t.step(way.name, async () => {
        await lend(run, way);
        for (const words of QUESTIONS) {
          const asked = await run(LENT, ...way.words, OURS, ...words);
          const text = asked.stdout + asked.stderr;
          assert.doesNotMatch(text, /the-hash-of-a-password|first line/);
        }
      });
    }
    const { stdout: after } = await run(ROOT, "sh", "-c", files);
    const left = after.split("\n").filter((file) =>
      !before.split("\n").includes(file) && !/netstat$/.test(file)
    );
    assert.deepEqual(left, []);
  });
});

Deno.test("rights that are lent: root gets what the message says, and nobody else", async () => {
  await inWorld(async (run) => {
    await sh(
      run,
      "mkdir -p /mnt/saved/proc/net; cp /proc/net/route /mnt/saved/proc/net",
    );
    const words = ["-rn", "--root", "/mnt/saved"];
    const { stderr } = await run(FULL, "sudo", "-n", OURS, ...words);
    const remedy = /env -u SUDO_UID netstat/.exec(stderr);
    assert.ok(remedy !== null, stderr);
    const shell = remedy[0].replace("netstat", [OURS, ...words].join(" "));
    const full = await run(FULL, "sudo", "-n", "sh", "-c", shell);
    assert.match(full.stdout, /192\.0\.2\.1 /);
    assert.equal(full.code, 0);
    for (const way of ["sudo", "doas"]) {
      const lent = await run(LENT, way, "-n", ...shell.split(" "));
      assert.equal(lent.stdout, "");
      assert.equal(lent.code, 1);
    }
    // whoever is root has what root has
    const root = await run(ROOT, "sudo", "-n", OURS, ...words);
    assert.match(root.stdout, /192\.0\.2\.1 /);
  });
});

/** Family files that root names: as it finds them, and whether it runs them. */
const NAMED: readonly {
  readonly name: string;
  /** Makes the file, whose path is the argument, from `$evil`. */
  readonly setup: string;
  readonly path: string;
  /** Why it is not run; undefined if it is. */
  readonly refused?: RegExp;
}[] = [
  { name: "root's", setup: "cp $evil a.js", path: "/mnt/named/a.js" },
  { name: "root's, from there", setup: "cp $evil a.js", path: "./a.js" },
  {
    name: "root's, by a link of root's",
    setup: "cp $evil a.js; ln -s a.js b.js; ln -s $PWD up",
    path: "up/../named/./b.js",
  },
  {
    name: "root's, in a sticky folder",
    setup: "mkdir -m 1777 tmp; cp $evil tmp/a.js",
    path: "tmp/a.js",
  },
  {
    name: "a user's",
    setup: "cp $evil a.js; chown lent a.js",
    path: "a.js",
    refused: /\/mnt\/named\/a\.js: does not belong to root/,
  },
  {
    name: "one that a group can write to",
    setup: "cp $evil a.js; chmod 664 a.js",
    path: "a.js",
    refused: /\/mnt\/named\/a\.js: others than root can write to it/,
  },
  {
    name: "one that all can write to",
    setup: "cp $evil a.js; chmod 666 a.js",
    path: "a.js",
    refused: /a\.js: others than root can write to it/,
  },
  {
    name: "in a user's folder",
    setup: "mkdir d; cp $evil d/a.js; chown lent d",
    path: "d/a.js",
    refused: /\/mnt\/named\/d: does not belong to root/,
  },
  {
    name: "below a folder that all can write to",
    setup: "mkdir -p d/e; cp $evil d/e/a.js; chmod 777 d",
    path: "d/e/a.js",
    refused: /\/mnt\/named\/d: others than root can write to it/,
  },
  {
    name: "by a user's link",
    setup: "mkdir -m 1777 tmp; cp $evil a.js; ln -s ../a.js tmp/b.js; " +
      "chown -h lent tmp/b.js",
    path: "tmp/b.js",
    refused: /\/mnt\/named\/tmp\/b\.js: does not belong to root/,
  },
  {
    name: "by a link in a user's folder",
    setup: "cp $evil a.js; mkdir d; ln -s $PWD/a.js d/b.js; chown lent d",
    path: "d/b.js",
    refused: /\/mnt\/named\/d: does not belong to root/,
  },
  {
    name: "by a user's folder and back",
    setup: "cp $evil a.js; mkdir d; chown lent d",
    path: "d/../a.js",
    refused: /\/mnt\/named\/d: does not belong to root/,
  },
  {
    name: "by root's link to a user's folder",
    setup: "mkdir d; cp $evil d/a.js; chown lent d; ln -s d e",
    path: "e/a.js",
    refused: /\/mnt\/named\/d: does not belong to root/,
  },
  {
    name: "by links that lead to each other",
    setup: "ln -s b.js a.js; ln -s a.js b.js",
    path: "a.js",
    refused: /too many symbolic links/,
  },
  { name: "none", setup: "", path: "a.js", refused: /No such file/ },
];

Deno.test("--family as root: files that nobody else can change", async (t) => {
  await inWorld(async (run) => {
    await sh(run, `${BORROWERS}\ncp /mnt/lent/evil.js /mnt/evil.js`);
    for (const { name, setup, path, refused } of NAMED) {
      await t.step(name, async () => {
        await sh(
          run,
          `rm -rf /mnt/named; mkdir /mnt/named; cd /mnt/named
           evil=/mnt/evil.js; ${setup}`,
        );
        const { stderr } = await run(
          ROOT,
          "sh",
          "-c",
          'cd /mnt/named; "$0" --family "$1" -A evil',
          OURS,
          path,
        );
        assert.equal(stderr.includes(RUN), refused === undefined, stderr);
        if (refused === undefined) return;
        const [line] = stderr.split("\n");
        assert.ok(line!.startsWith(`netstat: family file ${path}: `), line);
        assert.match(line!, refused);
      });
    }
    await t.step("a user runs what he likes, with his own rights", async () => {
      const own = "/mnt/lent/own.js";
      await sh(run, `cat >${own} <<'END'\n${OWN}END\nchown lent ${own}`);
      const words = [OURS, "--family", own, "-A", "own"];
      const { stdout } = await run(LENT, ...words);
      assert.equal(stdout, "Root's own table\n");
    });
  });
});

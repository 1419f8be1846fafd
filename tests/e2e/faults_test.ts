/**
 * The executable where the kernel fails: each of a listing's system calls fails in
 * turn. What is printed then is what a whole run prints, or stderr and the exit status
 * say that it is not. Needs root, `gcc` and `python3`.
 *
 * `FAULTS=all` lets each call fail with each error, for some minutes, and prints
 * figures; else a part of that is done.
 */

import assert from "node:assert/strict";
import { attempt, type Ended, run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";
import { makeWorld, type World } from "./world.ts";

const FOLDER = new URL(".", import.meta.url).pathname;
const PROJECT = new URL("../../", import.meta.url).pathname;

/** What a call fails with, by number (`asm-generic/errno-base.h`). */
const ERRORS = { EPERM: 1, EIO: 5, ENOMEM: 12, EMFILE: 24 } as const;

type ErrorName = keyof typeof ERRORS;
const NAMES = Object.keys(ERRORS) as ErrorName[];

/** What is listed. */
const VIEWS = [
  "-tan",
  "-tanp",
  "-uan",
  "-wan",
  "-xa",
  "-xap",
  "-rn",
  "-rn6",
  "-gn",
  "-i",
  "-ie",
  "-s",
  "-s6",
  "-Mn",
  "-an",
  "-anpee",
  "-tl",
  "-tlpe --numeric-hosts",
  "-tan --source netlink",
  "-tanp --source netlink",
  "-tan --columns local_port,rcvbuf,tcp_snd_mss",
  "-tan --columns local_port,foreign_port,peer_inode,peer_pid",
  "-xan --columns path,sndbuf,peer_path,peer_owners",
  "-tan --where rcvbuf>0",
  "-rn --columns destination,table,iface",
  "-rn6 --columns destination,table,refcnt",
  "-i --columns iface,kind,speed_mbit,rx_crc_errors",
  "-A neigh",
  "-A rule",
  "-r --for 127.0.0.1",
  "-tan --columns local_port,unit,container,cgroup",
  "--json -tanp",
  "--json -xap",
  "--json -rn6",
  "--json -gn",
  "--json -i",
  "--json -s",
  "--json -an",
  "-tanp --netns all",
  "-i --netns all",
  "--json -an --netns all",
  `--root ${PROJECT}docs/server -anp`,
  `--root ${PROJECT}docs/server -tan --columns unit,container`,
  `--root ${PROJECT}docs/server -i`,
  `--root ${PROJECT}docs/server -tle`,
];

/**
 * With this path the program itself starts, behind the runtime: it looks whether there
 * are families of users.
 */
const FIRST = "/etc/netstat/families";

/** As many runs are under way at the same time as there are processors. */
const AT_ONCE = navigator.hardwareConcurrency;

/** So many calls of a view fail, spread evenly, if not all do. */
const SOME = 24;

const NSSWITCH = ["hosts", "networks", "passwd", "protocols", "services"]
  .map((database) => `${database}: files\n`).join("");

const ALL = Deno.env.get("FAULTS") === "all";

/** A world in which system calls fail. */
class Laboratory {
  readonly #world: World;
  readonly #folder: string;
  static #logs = 0;

  constructor(world: World, folder: string) {
    this.#world = world;
    this.#folder = folder;
  }

  /** Runs `netstat`. Call `number` fails; if it is 0, none does. */
  async run(
    view: string,
    number: number,
    errno: number,
  ): Promise<{ outcome: Ended; calls: string[] }> {
    const { pid } = this.#world;
    const log = `${this.#folder}/log-${Laboratory.#logs++}`;
    const outcome = await attempt([
      ...["nsenter", "--net", "--mount", `--target=${pid}`],
      ...[`--pid=/proc/${pid}/ns/pid_for_children`],
      ...[`${this.#folder}/fail_call`, log, FIRST],
      ...[`${number}`, `${errno}`, NETSTAT, ...view.split(" ")],
    ]);
    const text = outcome.late ? "" : await Deno.readTextFile(log);
    await Deno.remove(log);
    return { outcome, calls: text.trim().split("\n") };
  }

  async end(): Promise<void> {
    await this.#world.end();
  }
}

/** What is said, at once, if there is no way back from another network namespace. */
const LOST = "netstat: cannot go back to the own network namespace: ";

/** What is wrong with a run, beside one in which no call failed. */
function problem(
  whole: Ended,
  { stdout, stderr, exit, late }: Ended,
  view: string,
): string | undefined {
  if (late) return "hangs";
  if (exit >= 128 && exit !== 255) return "crashes";
  if (/\bpanicked\b|backtrace|\bUncaught\b|^ +at /im.test(stderr)) {
    return "shows the runtime's trace";
  }
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(stdout + stderr)) {
    return "prints control bytes";
  }
  if (stderr.startsWith(LOST) && exit === 1) return undefined;
  if (view.includes("--json")) {
    try {
      JSON.parse(stdout);
    } catch {
      return "prints what is no JSON";
    }
  }
  if (stdout === whole.stdout) return undefined;
  if (stderr === whole.stderr) return "is silent";
  // net-tools has words for some files, and a status of 0 behind them
  const words = /^(cannot open|Warning: cannot (open|read)) /m.test(stderr);
  return exit === 0 && !words ? "is silent" : undefined;
}

/** What is silent on purpose, as net-tools is. */
const SILENT: readonly {
  readonly view: RegExp;
  readonly call: RegExp;
  readonly why: string;
}[] = [
  {
    view: /^-tl$/,
    call: /^(?!\w+ (\/proc\/|\/etc\/(services|protocols)))/,
    why:
      "a host whose name is not found is shown by its number, whyever it is " +
      "not found: the C library, which reads files and asks servers, does not tell",
  },
];

function isMeant(view: string, call: string, wrong: string): boolean {
  return wrong === "is silent" &&
    SILENT.some((silent) => silent.view.test(view) && silent.call.test(call));
}

/** Evenly spread numbers from 1 to `last`, at most so many. */
function spread(last: number, most: number): number[] {
  const count = Math.min(last, most);
  return Array.from(
    { length: count },
    (_, i) => 1 + Math.floor(i * last / count),
  );
}

/** What came of the runs, by what was wrong with them. */
type Tally = Map<string, number>;

/** Lets the calls of a view fail. Returns what is wrong with that. */
async function tryView(
  view: string,
  laboratories: readonly Laboratory[],
  tally: Tally,
): Promise<string[]> {
  const problems: string[] = [];
  const count = (what: string) => tally.set(what, 1 + (tally.get(what) ?? 0));
  await Promise.all(laboratories.map(async (laboratory, mine) => {
    const { outcome: whole, calls } = await laboratory.run(view, 0, 0);
    const again = await laboratory.run(view, 0, 0);
    assert.deepEqual(again.outcome, whole, `${view} is not still`);
    assert.ok(calls.length > 1, `${view} makes no calls`);

    for (const [i, { number, error }] of faultsOf(calls.length).entries()) {
      if (i % laboratories.length !== mine) continue;
      const ran = await laboratory.run(view, number, ERRORS[error]);
      const { stderr, exit } = ran.outcome;
      const call = ran.calls[number - 1] ?? calls[number - 1]!;
      const wrong = problem(whole, ran.outcome, view);
      count("runs");
      if (wrong === undefined) continue;
      if (isMeant(view, call, wrong)) {
        count(`${wrong}, on purpose`);
        continue;
      }
      count(wrong);
      problems.push(
        `${view}: ${wrong} when ${error} fails call ${number}, ${call} ` +
          `(status ${exit}, ${JSON.stringify(stderr)})`,
      );
    }
  }));
  return problems;
}

function faultsOf(calls: number): { number: number; error: ErrorName }[] {
  if (!ALL) {
    return spread(calls, SOME).map((number, i) => ({
      number,
      error: NAMES[i % NAMES.length]!,
    }));
  }
  return spread(calls, calls).flatMap((number) =>
    NAMES.map((error) => ({ number, error }))
  );
}

/** Makes a laboratory. Nothing else may run in its world: a listing would show it. */
async function makeLaboratory(folder: string): Promise<Laboratory> {
  const world = await makeWorld(
    ...["--net", "--pid", "--fork", "--mount", "--mount-proc"],
    ...["sh", "-ec", 'mount --bind "$0" /etc/nsswitch.conf; exec python3 "$1"'],
    `${folder}/nsswitch.conf`,
    `${FOLDER}faults_world.py`,
  );
  return new Laboratory(world, folder);
}

Deno.test("each system call fails in turn", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "faults-" });
  const laboratories: Laboratory[] = [];
  try {
    const compiled = await run([
      ...["gcc", "-O2", "-Wall", "-Wextra", "-Werror"],
      ...["-o", `${folder}/fail_call`, `${FOLDER}fail_call.c`],
    ]);
    assert.equal(compiled.exit, 0, compiled.stderr);
    // no server is asked, which would take its time
    await Deno.writeTextFile(`${folder}/nsswitch.conf`, NSSWITCH);
    while (laboratories.length < AT_ONCE) {
      laboratories.push(await makeLaboratory(folder));
    }
    const tally: Tally = new Map();
    for (const view of VIEWS) {
      await t.step(view, async () => {
        const problems = await tryView(view, laboratories, tally);
        if (problems.length > 0) assert.fail(problems.join("\n"));
      });
    }
    await t.step(
      "without a way back from another namespace it ends",
      () => loseTheWay(laboratories[0]!),
    );
    if (ALL) {
      const figures = Array.from(tally, ([what, count]) => `${what}: ${count}`);
      await t.step(figures.join(", "), () => {});
    }
  } finally {
    for (const laboratory of laboratories) await laboratory.end();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Lets calls fail by which the program comes back from another network namespace. */
async function loseTheWay(laboratory: Laboratory): Promise<void> {
  const view = "-tan --netns all";
  const isSetns = (call: string) => call.startsWith("setns ");
  let { calls } = await laboratory.run(view, 0, 0);
  for (const nth of [0, 1, 2]) {
    for (let attempt = 1;; attempt++) {
      assert.ok(attempt < 20, "the calls are never the same");
      // there, and back again
      const back = calls.filter(isSetns)[1]!;
      const numbers = calls.flatMap((call, i) => call === back ? i + 1 : []);
      const number = numbers[nth]!;
      const ran = await laboratory.run(view, number, ERRORS.EPERM);
      if (ran.calls[number - 1] === back) {
        const { stderr, exit, late } = ran.outcome;
        assert.equal(stderr, `${LOST}Operation not permitted\n`);
        assert.deepEqual([exit, late], [1, false]);
        assert.ok(ran.calls.slice(number).every((call) => !isSetns(call)));
        break;
      }
      // a run may make a call more or less than another one
      ({ calls } = await laboratory.run(view, 0, 0));
    }
  }
}

/** A `/proc` whose table of TCP is made while it is read, as the kernel's is. */
const MADE = `mount -t tmpfs none /proc
mkdir /proc/net /proc/self
ln -s "$0" /proc/self/exe
mkfifo /proc/net/tcp
printf '%s' "$1" >/proc/net/tcp &
shift
exec "$0" "$@"
`;

Deno.test("JSON shows a socket once that the kernel's file has twice", async () => {
  const line = (port: string, inode: number, queue = 0) =>
    `   0: 0100007F:${port} 00000000:0000 0A 00000000:0000000${queue} ` +
    `00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;
  const tcp = "header\n" + line("0016", 7) + line("0017", 8) +
    line("0016", 7, 9) + // the same, a moment later
    line("0018", 7) + // another one
    line("0019", 0) + line("0019", 0); // nobody can tell
  const look = async (...args: string[]) => {
    const { stdout, stderr, exit } = await run([
      ...["unshare", "--mount", "sh", "-ec", MADE, NETSTAT, tcp],
      ...["-tan", "--source=procfs", ...args],
    ]);
    assert.equal(stderr, "");
    assert.equal(exit, 0);
    return stdout;
  };
  const rows: { local_port: number }[] = JSON.parse(await look("--json"));
  const ports = rows.map((row) => row.local_port);
  assert.deepEqual(ports, [22, 23, 24, 25, 25]);
  assert.equal((await look()).match(/^tcp /gm)?.length, 6, "as net-tools");
});

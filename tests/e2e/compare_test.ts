/** `--diff` and `--watch` of the executable, in a network whose changes are known. */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { attempt } from "./child.ts";
import { NETSTAT } from "./namespace.ts";

const WORLD = new URL("compare_world.py", import.meta.url).pathname;
const SERVER = new URL("../../docs/server", import.meta.url).pathname;

type Row = Record<string, unknown> & { before?: Record<string, unknown> };

function rowsOf({ stdout }: Pick<Result, "stdout">): Row[] {
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Each row as its change, its protocol and its ports. */
function brief(rows: readonly Row[]): string[] {
  return rows.map(({ change, proto, local_port, foreign_port, before }) => {
    const was = before === undefined ? "" : ` was ${before.state}`;
    return `${change} ${proto} ${local_port} ${foreign_port}${was}`;
  }).sort();
}

const CHANGES = [
  "added tcp 1003 0",
  "added tcp 1004 0",
  "added udp 2001 0",
  "changed tcp 4002 1001 was ESTABLISHED",
  "removed tcp 1001 4001",
  "removed tcp 1001 4002",
  "removed tcp 1002 0",
  "removed tcp 4001 1001",
];

Deno.test("compare: a network whose changes are known", async (t) => {
  const words = ["unshare", "--net", "python3", WORLD, NETSTAT];
  const { stdout, stderr, exit } = await attempt(words, { seconds: 120 });
  assert.equal(stderr, "");
  assert.equal(exit, 0);
  const found = JSON.parse(stdout);
  const step = (name: string, test: () => void) => t.step(name, test);

  await step("nothing differs", () => {
    assert.equal(found.same.exit, 0);
    assert.equal(found.same.stdout, "");
    assert.match(
      found.same.stderr,
      /^0 added, 0 removed, 0 changed between \S+ and \d{4}-\d\d-\d\dT[\d:]+Z\n$/,
    );
  });
  await step("NDJSON, JSON and CSV tell the same", () => {
    const rows = rowsOf(found.ndjson);
    assert.deepEqual(brief(rows), CHANGES);
    assert.equal(found.ndjson.exit, 1);
    assert.match(
      found.ndjson.stderr,
      /^3 added, 4 removed, 1 changed between /,
    );
    const still = (all: readonly Row[]) =>
      all.map(({ timer_ms: _, ...row }) => row);
    assert.deepEqual(still(JSON.parse(found.json.stdout)), still(rows));
    assert.equal(Object.keys(rows[0]!)[0], "change");
    const closed = rows.find(({ change }) => change === "changed")!;
    assert.equal(closed.state, "TIME_WAIT");
    const [header, ...lines] = found.csv.stdout.trimEnd().split("\n");
    assert.match(header!, /^change,family,proto,.*,before$/);
    assert.equal(lines.length, rows.length);
    const [changed] = lines.filter((line: string) => /^changed/.test(line));
    assert.match(
      changed!,
      /"\{""state"":""ESTABLISHED"",""state_num"":1.*\}"$/,
    );
  });
  await step("text", () => {
    const lines: string[] = found.text.stdout.trimEnd().split("\n");
    assert.match(lines[0]!, /^ {3}proto +recv_q/);
    assert.equal(lines.length, 1 + CHANGES.length);
    const signs = lines.slice(1).map((line) => line[0]).sort();
    assert.deepEqual(signs, ["+", "+", "+", "-", "-", "-", "-", "~"]);
    assert.match(found.text.stdout, /^~ .*ESTABLISHED → TIME_WAIT$/m);
  });
  await step("questions", () => {
    assert.deepEqual(brief(rowsOf(found.where)), ["added tcp 1004 0"]);
    // only what is shown is compared
    const sorted = "   local_port\n-        4001\n+        2001\n";
    assert.equal(found.sorted.stdout, sorted);
    assert.match(
      found.counted.stdout,
      /^~ +ESTABLISHED +4 → \d|^- +ESTABLISHED/m,
    );
    assert.match(found.counted.stdout, /^\+ +TIME_WAIT +1$/m);
  });
  await step("what cannot be compared", () => {
    for (const name of ["openmetrics", "wrong", "missing", "half"]) {
      assert.equal(found[name].exit, 2, name);
    }
    assert.match(found.openmetrics.stderr, /has no OpenMetrics/);
    assert.match(found.wrong.stderr, /local_prot/);
    assert.match(found.missing.stderr, /^netstat: --diff .*none: No such file/);
    assert.match(
      found.half.stderr,
      /left out, since only one of the two sides could be read: tcp6 of inet6\n/,
    );
    assert.deepEqual(rowsOf(found.half), []);
  });
  await step("counters grow", () => {
    const [lo] = rowsOf(found.interfaces);
    assert.equal(lo!.iface, "lo");
    assert.ok((lo!.rx_ok as number) > (lo!.before!.rx_ok as number));
    assert.match(found.growth.stdout, /^~ +lo +\+\d+ +0$/m);
    const opened = rowsOf(found.counters)
      .find(({ counter }) => counter === "ActiveOpens")!;
    assert.equal(
      (opened.value as number) - (opened.before!.value as number),
      1,
    );
  });
  await step("rows as they come and go", () => {
    const { first, came, went, late, exit } = found.watch;
    assert.deepEqual(first.keys, ["time", "change", "source"]);
    assert.match(came.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(first.time < came.time && came.time < went.time);
    assert.ok(late < 5, `${late} s`);
    // by SIGINT, as Python tells it
    assert.equal(exit, -2);
    // by SIGPIPE, as soon as there is something to write
    assert.equal(found.unread, -13);
    assert.equal(found.left, -13);
  });
  await step("what comes and goes between two looks", () => {
    const { brief } = found;
    // one that a listing has while it stands is not among them
    assert.ok(brief.length >= 10, `${brief.length}`);
    const unseen = brief.filter(({ state }: Row) => state === null);
    assert.ok(unseen.length >= 10, `${unseen.length}`);
    for (const row of unseen) {
      assert.equal(row.change, "removed");
      assert.equal(row.foreign_port, 1001);
      // the event has a 0, which is nobody's
      assert.equal(row.uid, null);
      assert.ok(row.tcp_bytes_acked >= 1000, `${row.tcp_bytes_acked}`);
    }
  });
  await step("what is waited for", () => {
    assert.equal(found.until, 0);
    assert.ok(found.delay < 2, `${found.delay} s`);
    assert.equal(found.never.exit, 1);
    assert.ok(found.lasted >= 0.7 && found.lasted < 5, `${found.lasted} s`);
    assert.equal(found.quiet.stdout, "");
    assert.equal(found.quiet.exit, 0);
    assert.equal(found.already.exit, 0);
  });
  await step("tables of all kinds, in one order", () => {
    assert.deepEqual([found.all.stderr, found.all.exit], ["", 0]);
    assert.match(found.all.stdout, / unix .*\n/);
    assert.deepEqual([found.routes.stderr, found.routes.exit], ["", 0]);
  });
  await step("a server that was started anew is the same", () => {
    assert.equal(found.anew.stdout, "");
    assert.equal(found.anew.exit, 0);
  });
});

Deno.test("compare: two saved trees, of two times", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, time] of [["one", "03:00:00"], ["other", "04:00:10"]]) {
      const tree = `${folder}/${name}`;
      await attempt(["cp", "-r", SERVER, tree]);
      const about = { time: `2026-11-25T${time}.123456789Z` };
      await Deno.writeTextFile(`${tree}/netstat.json`, JSON.stringify(about));
    }
    const dev = `${folder}/other/proc/net/dev`;
    const text = await Deno.readTextFile(dev);
    const [line] = /^ *eth0:.*$/m.exec(text) ?? [];
    const grown = line!.replace(
      /(eth0: *\d+ +)(\d+)/,
      (_, a, b) => `${a}${+b + 7220}`,
    );
    await Deno.writeTextFile(dev, text.replace(line!, grown));
    const { stdout, stderr, exit } = await attempt([
      NETSTAT,
      `--diff=${folder}/one`,
      `--root=${folder}/other`,
      "-i",
      "--columns=iface,rx_ok",
    ]);
    assert.equal(
      stderr,
      "0 added, 0 removed, 1 changed " +
        "between 2026-11-25T03:00:00Z and 2026-11-25T04:00:10Z (60 min)\n",
    );
    assert.equal(stdout, "   iface      rx_ok\n~  eth0   +7220 2/s\n");
    assert.equal(exit, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const REFUSED: [string[], string][] = [
  [["--watch=0.01"], "netstat: --watch needs seconds, 0.1 at least: '0.01'"],
  [["--watch=x"], "netstat: --watch needs seconds, 0.1 at least: 'x'"],
  [
    ["--watch", "--json"],
    "netstat: --watch never ends, and so does a JSON array: use --ndjson",
  ],
  [
    ["--watch", "-c"],
    "netstat: --watch and -c cannot go together: --watch takes its place",
  ],
  [
    ["--watch", "--openmetrics", "--count=state"],
    "netstat: --watch has no OpenMetrics, which tells how it is now",
  ],
  [
    ["--watch", "--for=10"],
    "netstat: --for needs a time with --watch, such as 30s, 5m or 1.5h: '10'",
  ],
  [
    ["-r", "--for=192.0.2.1", "--diff=/"],
    "netstat: --diff compares listings: --for ADDRESS looks up one route",
  ],
  [["--diff=/", "--diff-only"], "netstat: --diff-only needs --watch"],
  [["--diff="], "netstat: --diff needs a save or a folder"],
];

for (const [words, said] of REFUSED) {
  Deno.test(`compare: ${words.join(" ")} is refused`, async () => {
    const { stdout, stderr, exit } = await attempt([NETSTAT, ...words]);
    assert.equal(stdout, "");
    assert.equal(stderr, `${said}\n`);
    // as diff(1), which has 1 for what differs
    assert.equal(exit, words.some((word) => /^--diff=/.test(word)) ? 2 : 1);
  });
}

Deno.test("compare: a group that went is told, though neither side has all tables", async () => {
  const yesterday = new URL("../../docs/yesterday", import.meta.url).pathname;
  const sides = ["--diff", SERVER, "--root", yesterday];
  const question = ["--where", "state = CLOSE_WAIT", "--count", "state"];
  const views = [["-an"], ["-tan"], ["-46an"], [], ["-an", "-A", "inet6,unix"]];
  for (const words of views) {
    const { stdout, exit } = await attempt([
      ...[NETSTAT, ...sides],
      ...[...words, ...question],
    ]);
    assert.match(stdout, /^- +CLOSE_WAIT +1$/m, `${words}`);
    assert.equal(exit, 1, `${words}`);
  }
});

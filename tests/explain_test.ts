/** What counters mean: the table, and what `-s --explain` and questions make of it. */

import assert from "node:assert/strict";
import { SIGNALS } from "../core/contract/explained.ts";
import { isGauge } from "../core/contract/gauge.ts";
import { explain, EXPLAINED } from "../families/_counters.ts";
import { findFamilies } from "../core/views/registry.ts";
import { netstat, netstatWith } from "./program.ts";
import { withTree } from "./trees.ts";

const TESTDATA = new URL("../testdata/", import.meta.url).pathname;
const SERVER = new URL("../docs/server", import.meta.url).pathname;

const ENTRIES = [...EXPLAINED].flatMap(([section, counters]) =>
  Array.from(counters, ([counter, explanation]) => ({
    section,
    counter,
    ...explanation,
  }))
);

/** Who can say what a counter counts: a document, an object of a MIB, a symbol. */
const SOURCE =
  /^(Documentation\/networking\/[a-z_-]+\.rst( \w+)?|RFC \d{4}( [\w ]+)?|[A-Z][A-Z0-9]*_MIB_\w+|Linux 2\.4)$/;

/** What a sentence ends in if the counter only grows, and what may follow. */
const GROWTH: Readonly<Record<string, RegExp>> = {
  normal: /; growth is normal$/,
  watch: /; growth is to be watched(: [^:;]+)?$/,
  trouble: /; growth is trouble(: [^:;]+)?$/,
};

Deno.test("the table of counters: each has a signal, a sentence and a source", () => {
  assert.ok(ENTRIES.length > 400, `${ENTRIES.length}`);
  for (const { section, counter, signal, sentence, source } of ENTRIES) {
    const at = `${section} ${counter}`;
    assert.ok(SIGNALS.includes(signal), at);
    assert.match(sentence, /^[A-Z][ -~]+[^. ]$/, at);
    // the counter before it may not be shown
    assert.doesNotMatch(sentence, / {2}|undefined|\bsuch\b/i, at);
    assert.ok(sentence.length <= 230, `${at}: ${sentence.length}`);
    assert.match(source, SOURCE, at);
    if (isGauge(counter)) assert.doesNotMatch(sentence, /growth/, at);
    else assert.match(sentence, GROWTH[signal]!, at);
  }
});

Deno.test("the table of counters: each signal is used, and trouble is rare", () => {
  const count = (signal: string) =>
    ENTRIES.filter((entry) => entry.signal === signal).length;
  for (const signal of SIGNALS) assert.ok(count(signal) > 0, signal);
  assert.ok(count("trouble") < ENTRIES.length / 5);
});

Deno.test("the table of counters: no two of a section say the same", () => {
  const said = new Map<string, string>();
  for (const { section, counter, sentence } of ENTRIES) {
    const before = said.get(`${section} ${sentence}`);
    assert.equal(before, undefined, `${section} ${counter}`);
    said.set(`${section} ${sentence}`, counter);
  }
});

Deno.test("messages are explained by their type", () => {
  const cases = [
    ["IcmpMsg", "InType3", "ICMP messages of type 3", "watch"],
    ["IcmpMsg", "OutType8", "(echo request) that were sent", "normal"],
    ["IcmpMsg", "InType200", "type 200 that came in", "normal"],
    ["Icmp6", "Icmp6InType2", "ICMPv6 messages of type 2", "watch"],
    ["Icmp6", "Icmp6OutType135", "(neighbour solicitation)", "normal"],
  ] as const;
  for (const [section, counter, part, signal] of cases) {
    const found = explain(section, counter);
    assert.ok(found?.sentence.includes(part), found?.sentence);
    assert.equal(found?.signal, signal, counter);
  }
  assert.equal(explain("IcmpMsg", "InType"), undefined);
  assert.equal(explain("IcmpMsg", "InType1000"), undefined);
});

Deno.test("nothing is explained that is not in the table", () => {
  for (const name of ["", "__proto__", "constructor", "toString", "InMsgs "]) {
    assert.equal(explain("Icmp", name), undefined, name);
    assert.equal(explain(name, "InMsgs"), undefined, name);
  }
});

/** Trees with counters. */
const TREES = [SERVER, ...treesIn(TESTDATA)];

function treesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder))
    .filter(({ isDirectory }) => isDirectory)
    .flatMap(({ name }) => {
      const path = `${folder}${name}`;
      return hasCounters(path) ? [path] : treesIn(`${path}/`);
    }).sort();
}

function hasCounters(path: string): boolean {
  return ["snmp", "snmp6", "netstat", "sctp/snmp"].some((file) => {
    try {
      return Deno.statSync(`${path}/proc/net/${file}`).isFile;
    } catch {
      return false;
    }
  });
}

/** Counters of cases that were made up, and of no kernel. */
const MADE_UP = new Set([
  "Bar b",
  "Foo a",
  "Icmp DefaultTTL",
  "Icmp Strange",
  "Icmp Weird",
  "Ip InRec",
  "Ip Odd",
  "Ip eives",
  "Sctp SctpBaz",
  "Sctp SctpFoo",
  "Sctp SctpNeg",
  "Tcp6 Tcp6Foo",
  "Tcp6 Tcp6InSegs",
  "TcpExt TCPDSackUndo",
  "TcpExt TCPLostRetransmits",
  "TcpExt TCPRenoRecoveryFailed",
]);

/** The counters of a tree that are not explained, by their sections. */
async function lacking(...root: string[]): Promise<Set<string>> {
  const lacks = new Set<string>();
  for (const family of ["-4", "-6"]) {
    const { stdout } = await netstat(
      ...[...root, "-s", family, "--json", "--explain"],
    );
    for (const row of JSON.parse(stdout)) {
      assert.equal(row.signal === null, row.explanation === null);
      if (row.signal === null) lacks.add(`${row.section} ${row.counter}`);
    }
  }
  return lacks;
}

Deno.test("every counter of the cases is explained", async () => {
  assert.ok(TREES.length > 30, `${TREES.length}`);
  const lacks = new Set<string>();
  for (const tree of TREES) {
    const found = await lacking("--root", tree);
    found.forEach((name) => lacks.add(name));
  }
  const names = [...lacks.difference(MADE_UP)]
    // names without a section, and with control bytes: what a case is about
    .filter((name) => /^(Ip|Icmp|Tcp|Udp|Sctp|MPTcp)\w* \w+$/.test(name));
  assert.deepEqual(names, [], "families/_counters.ts lacks them");
});

Deno.test("every counter of this kernel is explained", async () => {
  const lacks = await lacking();
  assert.deepEqual([...lacks], [], "families/_counters.ts lacks them");
});

/** How many blanks a line begins with. */
function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

Deno.test("--explain adds a sentence below each counter, and nothing else", async (t) => {
  for (const tree of TREES) {
    for (const view of ["-s", "-s6", "-st"]) {
      const name = `${view} ${tree.slice(tree.indexOf("/", 1))}`;
      await t.step(name, async () => {
        const plain = await netstat("--root", tree, view);
        const explained = await netstat("--root", tree, view, "--explain");
        assert.equal(explained.exit, plain.exit);
        assert.equal(explained.stderr, plain.stderr);
        const lines = explained.stdout.split("\n");
        const left: string[] = [];
        for (let at = 0; at < lines.length; at++) {
          const line = lines[at]!;
          left.push(line);
          if (!line.startsWith(" ") || / histogram:$/.test(line)) continue;
          const sentence = lines[++at]!;
          assert.equal(indentOf(sentence), indentOf(line) + 4, sentence);
          assert.match(sentence, /^ +[A-Zn]/);
        }
        assert.equal(left.join("\n"), plain.stdout);
      });
    }
  }
});

/** A machine on which two things went wrong, and with a counter that nobody knows. */
const TROUBLED = {
  "proc/net/snmp": "Ip: InReceives InDiscards\nIp: 9 0\n" +
    "Icmp: InMsgs InDestUnreachs InEchos\nIcmp: 5 2 3\n" +
    "Udp: InDatagrams RcvbufErrors\nUdp: 5 7\n",
  "proc/net/netstat":
    "TcpExt: ListenOverflows ListenDrops TCPHPHits TCPNever\n" +
    "TcpExt: 3 0 8 1\n",
};

Deno.test("-s: what went wrong is a question", async () => {
  await withTree(TROUBLED, async (root) => {
    const ask = (...words: string[]) => netstat("--root", root, "-s", ...words);
    const short = ["--where", "signal = trouble and value > 0"];

    const text = await ask(...short);
    assert.equal(
      text.stdout,
      "Udp:\n    7 receive buffer errors\n" +
        "TcpExt:\n    3 times the listen queue of a socket overflowed\n",
    );
    const explained = await ask(...short, "--explain");
    assert.match(
      explained.stdout,
      /\n {4}3 times the listen .*\n {8}Attempts to connect .*; growth is trouble: .*\n$/,
    );
    const rows = JSON.parse((await ask(...short, "--json")).stdout);
    assert.deepEqual(
      rows.map((row: object) => Object.keys(row).join()),
      Array(2).fill("family,section,counter,value,text"),
    );
    const columns = ["--columns", "counter,value,signal"];
    const table = await ask(...columns, "--sort", "-value", ...short);
    assert.equal(
      table.stdout,
      "counter          value  signal\n" +
        "RcvbufErrors         7  trouble\n" +
        "ListenOverflows      3  trouble\n",
    );
    const csv = await ask(...columns, "--csv", "--where", "section = TcpExt");
    assert.equal(
      csv.stdout,
      "counter,value,signal\nListenOverflows,3,trouble\n" +
        "ListenDrops,0,trouble\nTCPHPHits,8,normal\nTCPNever,1,\n",
    );
    const counted = await ask("--count", "signal", "--csv");
    assert.equal(
      counted.stdout,
      "signal,count\nnormal,5\ntrouble,4\nwatch,1\n,1\n",
    );
  });
});

Deno.test("-s --explain: a counter that nobody knows is shown as such", async () => {
  await withTree(TROUBLED, async (root) => {
    const args = ["--root", root, "-s", "--explain"];
    const { stdout } = await netstat(...args);
    assert.match(
      stdout,
      /\n {4}TCPNever: 1\n {8}netstat does not know what this counts\n/,
    );
    // a list stands further in, and so do its sentences
    assert.match(
      stdout,
      /\n {4}ICMP input histogram:\n {8}destination unreachable: 2\n {12}Messages /,
    );
    const json = await netstat(...args, "--json");
    const never = JSON.parse(json.stdout).at(-1);
    assert.deepEqual(never, {
      family: "inet",
      section: "TcpExt",
      counter: "TCPNever",
      value: 1,
      text: null,
      signal: null,
      explanation: null,
    });
  });
});

Deno.test("-s: a name of a counter cannot write to a terminal, explained or not", async () => {
  const files = { "proc/net/snmp": "Ip: \x1b[2J\nIp: 1\n" };
  await withTree(files, async (root) => {
    const { stdout } = await netstat("--root", root, "-s", "--explain");
    assert.equal(
      stdout,
      "Ip:\n    .[2J: 1\n        netstat does not know what this counts\n",
    );
  });
});

Deno.test("--explain: what is asked for besides, and what is wrong", async () => {
  const tried = [
    [
      ["--explain"],
      "netstat: --explain is about counters: type 'netstat -s --explain'\n",
    ],
    [
      ["-r", "--explain"],
      "netstat: --explain is about counters: type 'netstat -s --explain'\n",
    ],
    [
      ["-s", "--where", "signal = troubel"],
      "netstat: --where: signal = troubel\n" +
      "                           ^ no such signal; did you mean 'trouble'? All: normal watch trouble\n",
    ],
    [
      ["-s", "--where", "signal > watch"],
      undefined,
    ],
  ] as const;
  for (const [words, stderr] of tried) {
    const result = await netstat("--root", SERVER, ...words);
    assert.equal(result.stdout, "", words.join(" "));
    assert.equal(result.exit, 1, words.join(" "));
    if (stderr !== undefined) assert.equal(result.stderr, stderr);
    else assert.match(result.stderr, /signal/);
  }
  // a family without counters is told as ever
  const unix = await netstat("-s", "-x", "--explain");
  assert.equal(unix.exit, 1);
  assert.match(unix.stdout, /^netstat: No statistics support .*: unix\n$/);
});

Deno.test("the table of counters is loaded only if somebody asks", async () => {
  let loaded = 0;
  const families = async () => {
    const registry = await findFamilies();
    return {
      ...registry,
      load: async (...asked: Parameters<typeof registry.load>) =>
        (await registry.load(...asked)).map((family) => ({
          ...family,
          explaining() {
            loaded++;
            return Promise.resolve(explain);
          },
        })),
    };
  };
  const view = ["--root", SERVER, "-s"];
  const cases: readonly (readonly [string[], number])[] = [
    [[], 0],
    [["--json"], 0],
    [["--where", "value > 0 and counter ~ In"], 0],
    [["--columns", "@default"], 0],
    [["--columns", "help"], 0],
    [["--count", "section"], 0],
    [["--explain"], 1],
    [["--explain", "--json"], 1],
    [["--where", "signal = trouble"], 1],
    [["--columns", "counter,explanation"], 1],
    [["--columns", "@all"], 1],
    [["--sort", "signal"], 1],
    [["--count", "signal"], 1],
  ];
  for (const [words, want] of cases) {
    loaded = 0;
    const { exit, stderr } = await netstatWith(families, [...view, ...words]);
    assert.equal(exit, 0, stderr);
    assert.equal(loaded, want, words.join(" "));
  }
});

/**
 * The command line: the grammar of glibc's `getopt_long`, and what the options mean
 * to net-tools.
 */

import assert from "node:assert/strict";
import { type Found, getopt } from "../core/args/getopt.ts";
import {
  type Asked,
  firstBeyond,
  type Option,
  OPTIONS,
  readOptions,
  type Stop,
} from "../core/args/options.ts";
import {
  findFamilies,
  findFamily,
  loadFamilies,
} from "../core/views/registry.ts";
import { netstat, netstatWith } from "./program.ts";

const families = await loadFamilies();

interface Read {
  readonly result: Asked | Stop;
  readonly warnings: string[];
}

function read(
  words: readonly string[],
  { posix = false, selinux = false } = {},
): Read {
  const warnings: string[] = [];
  const result = readOptions(words, {
    posix,
    family: (word) => findFamily(families, word)?.name,
    selinux: () => selinux,
    warn: (message) => warnings.push(message),
  });
  return { result, warnings };
}

/** What was asked for beyond nothing at all. */
function asked(words: readonly string[], posix = false): Partial<Asked> {
  const { result, warnings } = read(words, { posix, selinux: true });
  assert.ok(!("stop" in result), JSON.stringify(result));
  assert.deepEqual(warnings, []);
  const nothing = read([]).result as Asked;
  const differing = Object.entries(result).filter(([key, value]) =>
    !equal(value, nothing[key as keyof Asked])
  );
  return Object.fromEntries(differing);
}

function equal(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

const ALL_NUMERIC = {
  numeric: true,
  numericHosts: true,
  numericPorts: true,
  numericUsers: true,
};
const ROUTES = { modes: ["route"] };

const GOOD: {
  name: string;
  words: string;
  want: Record<string, unknown>;
  posix?: boolean;
}[] = [
  { name: "nothing", words: "", want: {} },
  { name: "bundle", words: "-rn", want: { ...ROUTES, ...ALL_NUMERIC } },
  {
    name: "a bundle that ends in a value",
    words: "-nrAinet6",
    want: { ...ROUTES, ...ALL_NUMERIC, families: ["inet6"] },
  },
  {
    name: "a bundle whose value is the next word",
    words: "-nrA inet6",
    want: { ...ROUTES, ...ALL_NUMERIC, families: ["inet6"] },
  },
  {
    name: "operands are kept",
    words: "foo -rn bar",
    want: { ...ROUTES, ...ALL_NUMERIC, operands: ["foo", "bar"] },
  },
  {
    name: "an interval is an operand",
    words: "-s 5",
    want: { modes: ["statistics"], operands: ["5"] },
  },
  {
    name: "-- ends the options",
    words: "-r -- -n -y",
    want: { ...ROUTES, operands: ["-n", "-y"] },
  },
  {
    name: "- is an operand",
    words: "- -r -",
    want: { ...ROUTES, operands: ["-", "-"] },
  },
  {
    name: "an operand ends the options",
    words: "foo -rn",
    want: { operands: ["foo", "-rn"] },
    posix: true,
  },
  {
    name: "- ends the options",
    words: "-r - -n",
    want: { ...ROUTES, operands: ["-", "-n"] },
    posix: true,
  },
  {
    name: "a value is no operand",
    words: "-A inet -r foo -y",
    want: { ...ROUTES, families: ["inet"], operands: ["foo", "-y"] },
    posix: true,
  },
  {
    name: "long with =",
    words: "--protocol=inet6",
    want: { families: ["inet6"] },
  },
  {
    name: "long with a word",
    words: "--protocol inet6",
    want: { families: ["inet6"] },
  },
  {
    name: "shortened, with =",
    words: "--prot=inet6",
    want: { families: ["inet6"] },
  },
  { name: "-e is counted", words: "-ee --extend", want: { extend: 3 } },
  { name: "-g is not", words: "-gg", want: { groups: true } },
  { name: "-g beside a mode", words: "-gr", want: { ...ROUTES, groups: true } },
  { name: "-d does nothing", words: "-d", want: {} },
  { name: "-4 and -6", words: "-46", want: { families: ["inet", "inet6"] } },
  {
    name: "repeats are kept",
    words: "-44",
    want: { families: ["inet", "inet"] },
  },
  {
    name: "all families are one list",
    words: "-A inet -6 --unix -x",
    want: { families: ["inet", "inet6", "unix", "unix"] },
  },
  {
    name: "a list",
    words: "-A unix,inet6,inet",
    want: { families: ["unix", "inet6", "inet"] },
  },
  {
    name: "aliases in a list",
    words: "-A ip,tcpip,ip6,appletalk,econet",
    want: { families: ["inet", "inet", "inet6", "ddp", "ec"] },
  },
  { name: "--ec", words: "--ec", want: { families: ["ec"] } },
  { name: "--ip", words: "--ip", want: { families: ["inet"] } },
  { name: "--inet", words: "--inet", want: { families: ["inet"] } },
  { name: "--ine", words: "--ine", want: { families: ["inet"] } },
  { name: "--ap", words: "--ap", want: { families: ["ddp"] } },
  { name: "--d", words: "--d", want: { families: ["ddp"] } },
  { name: "--x", words: "--x", want: { families: ["x25"] } },
  {
    name: "protocols",
    words: "-tuUSw",
    want: { protocols: new Set(["tcp", "udp", "udplite", "sctp", "raw"]) },
  },
  {
    name: "bluetooth's letters",
    words: "-2f",
    want: { protocols: new Set(["l2cap", "rfcomm"]) },
  },
  {
    name: "flags",
    words: "-aloepvWNcCF",
    want: {
      all: true,
      listening: true,
      timers: true,
      extend: 1,
      programs: true,
      verbose: true,
      wide: true,
      symbolic: true,
      continuous: true,
      cache: true,
      fib: true,
    },
  },
  { name: "-n", words: "-n", want: ALL_NUMERIC },
  ...["-n --json", "--json -n"].map((words) => ({
    name: "-n leaves JSON the names that no server is asked for",
    words,
    want: { format: "json", numeric: true, numericHosts: true },
  })),
  {
    name: "what is asked for by its own option is numeric in JSON, too",
    words: "--ndjson -n --numeric-users",
    want: {
      format: "ndjson",
      numeric: true,
      numericHosts: true,
      numericUsers: true,
    },
  },
  {
    name: "--numeric-hosts",
    words: "--numeric-hosts",
    want: { numericHosts: true },
  },
  {
    name: "--numeric-ports",
    words: "--numeric-p",
    want: { numericPorts: true },
  },
  {
    name: "--numeric-users",
    words: "--numeric-u",
    want: { numericUsers: true },
  },
  {
    name: "-Z implies -p",
    words: "-Z",
    want: { context: true, programs: true },
  },
  { name: "-M", words: "-M", want: { modes: ["masquerade"] } },
  { name: "-i", words: "--interface", want: { modes: ["interfaces"] } },
  { name: "--json", words: "--json", want: { format: "json" } },
  { name: "--ndjson", words: "--ndjson", want: { format: "ndjson" } },
  {
    name: "the last format counts",
    words: "--ndjson --json",
    want: { format: "json" },
  },
  { name: "--root", words: "--root /saved", want: { root: "/saved" } },
  { name: "--root=", words: "--root=/saved", want: { root: "/saved" } },
  { name: "--color is always", words: "--color", want: { color: "always" } },
  { name: "--color=", words: "--color=auto", want: { color: "auto" } },
  {
    name: "the next word is no value of --color",
    words: "--color never",
    want: { color: "always", operands: ["never"] },
  },
  { name: "--csv", words: "--csv", want: { format: "csv" } },
  { name: "--csv=", words: "--csv=safe", want: { format: "csv" } },
  {
    name: "texts as they are",
    words: "--csv=raw",
    want: { format: "csv", raw: true },
  },
  {
    name: "the last --csv counts",
    words: "--csv=raw --csv",
    want: { format: "csv" },
  },
  {
    name: "-n leaves CSV the names that no server is asked for",
    words: "-n --csv",
    want: { format: "csv", numeric: true, numericHosts: true },
  },
  {
    name: "--openmetrics",
    words: "--openmetrics",
    want: { format: "openmetrics" },
  },
  { name: "--graph", words: "--graph dot", want: { graph: "dot" } },
  {
    name: "--graph-by",
    words: "--graph=mermaid --graph-by unit",
    want: { graph: "mermaid", graphBy: "unit" },
  },
  { name: "--no-header", words: "--no-header", want: { header: false } },
  {
    name: "--where is collected",
    words: "--where a=1 --where=b=2",
    want: { question: { where: ["a=1", "b=2"] } },
  },
  {
    name: "--label is collected",
    words: "--label a=1 --label=b=2=3",
    want: { question: { label: ["a=1", "b=2=3"] } },
  },
  {
    name: "the last list counts",
    words: "--count state --count proto",
    want: { question: { count: "proto" } },
  },
  {
    name: "a value that begins with a dash",
    words: "--sort -recv_q",
    want: { question: { sort: "-recv_q" } },
  },
  {
    name: "a question",
    words: "--columns pid --sum send_q --limit 5 --sort=pid,-inode",
    want: {
      question: {
        columns: "pid",
        sum: "send_q",
        limit: "5",
        sort: "pid,-inode",
      },
    },
  },
];

for (const { name, words, want, posix } of GOOD) {
  Deno.test(`options: ${name}: ${words}`, () => {
    assert.deepEqual(asked(split(words), posix), want);
  });
}

const NUMERIC =
  "'--numeric' '--numeric-hosts' '--numeric-ports' '--numeric-users'";

/** What stops the program, and where. */
const STOPS: { words: string[]; want: Stop }[] = [
  { words: ["-y"], want: usage("invalid option -- 'y'") },
  { words: ["-ny"], want: usage("invalid option -- 'y'") },
  { words: ["-y", "-z"], want: usage("invalid option -- 'y'") },
  { words: ["-3"], want: usage("invalid option -- '3'") },
  { words: ["-:"], want: usage("invalid option -- ':'") },
  { words: ["-r-"], want: usage("invalid option -- '-'") },
  { words: ["-T"], want: usage("invalid option -- 'T'") },
  { words: ["-I"], want: usage("invalid option -- 'I'") },
  { words: ["-L"], want: usage("invalid option -- 'L'") },
  { words: ["-m"], want: usage("invalid option -- 'm'") },
  { words: ["-b"], want: usage("invalid option -- 'b'") },
  { words: ["-\xc3\xa9"], want: usage("invalid option -- '\xc3'") },
  { words: ["-A"], want: usage("option requires an argument -- 'A'") },
  { words: ["-rA"], want: usage("option requires an argument -- 'A'") },
  {
    words: ["--protocol"],
    want: usage("option '--protocol' requires an argument"),
  },
  {
    words: ["--prot"],
    want: usage("option '--protocol' requires an argument"),
  },
  { words: ["--root"], want: usage("option '--root' requires an argument") },
  { words: ["--bogus"], want: usage("unrecognized option '--bogus'") },
  { words: ["--bogus=1"], want: usage("unrecognized option '--bogus=1'") },
  { words: ["--bogus="], want: usage("unrecognized option '--bogus='") },
  ...["ip6", "inet4", "extended", "notrim", "Tcp"].map(
    (name) => ({
      words: [`--${name}`],
      want: usage(`unrecognized option '--${name}'`),
    }),
  ),
  {
    words: ["--num"],
    want: usage(`option '--num' is ambiguous; possibilities: ${NUMERIC}`),
  },
  {
    words: ["--num=1"],
    want: usage(`option '--num=1' is ambiguous; possibilities: ${NUMERIC}`),
  },
  {
    words: ["--a"],
    want: usage(
      "option '--a' is ambiguous; possibilities: '--ax25' '--all'",
    ),
  },
  {
    words: ["--un"],
    want: usage(
      "option '--un' is ambiguous; possibilities: '--unix' '--unix'",
    ),
  },
  {
    words: ["--numeric=1"],
    want: usage("option '--numeric' doesn't allow an argument"),
  },
  {
    words: ["--all="],
    want: usage("option '--all' doesn't allow an argument"),
  },
  {
    words: ["--listen=x"],
    want: usage("option '--listening' doesn't allow an argument"),
  },
  {
    words: ["--json=1"],
    want: usage("option '--json' doesn't allow an argument"),
  },
  {
    words: ["--help=1"],
    want: usage("option '--help' doesn't allow an argument"),
  },

  // in the order in which they are written
  { words: ["-?"], want: usage("") },
  { words: ["-V", "-y"], want: { stop: "version" } },
  { words: ["-y", "-V"], want: usage("invalid option -- 'y'") },
  { words: ["-Vy"], want: { stop: "version" } },
  { words: ["-V", "-h"], want: { stop: "version" } },
  { words: ["-h", "-V"], want: { stop: "help" } },
  { words: ["-h", "-?"], want: { stop: "help" } },
  { words: ["-?", "-h"], want: usage("") },
  { words: ["-r", "-i", "-h"], want: { stop: "help" } },
  { words: ["--hel"], want: { stop: "help" } },
  { words: ["--vers"], want: { stop: "version" } },
  { words: ["-A", "foo", "-h"], want: unknown("foo") },
  { words: ["-h", "-A", "foo"], want: { stop: "help" } },
  { words: ["-A", "foo", "-y"], want: unknown("foo") },
  { words: ["-y", "-A", "foo"], want: usage("invalid option -- 'y'") },
  { words: ["-rr", "-A", "foo"], want: unknown("foo") },
  {
    words: ["-Z", "-h"],
    want: { stop: "error", error: "SELinux is not enabled on this machine." },
  },
  { words: ["-h", "-Z"], want: { stop: "help" } },
  {
    words: ["-rrZ"],
    want: { stop: "error", error: "SELinux is not enabled on this machine." },
  },

  // families
  { words: ["-rAinet6n"], want: unknown("inet6n") },
  { words: ["--protocol", "-rn"], want: unknown("-rn") },
  { words: ["-A", "--"], want: unknown("--") },
  { words: ["-A", "inet,"], want: unknown("") },
  { words: ["-A", ",inet"], want: unknown("") },
  { words: ["-A", ""], want: unknown("") },
  { words: ["--protocol="], want: unknown("") },
  { words: ["-A", "INET"], want: unknown("INET") },
  { words: ["-A", "ine"], want: unknown("ine") },
  { words: ["-A", "inet,foo,bar"], want: unknown("foo") },
  { words: ["-A", "inet inet6"], want: unknown("inet inet6") },
  { words: ["-A", "toString"], want: unknown("toString") },
  { words: ["-A", "\xc3\xa9"], want: unknown("\xc3\xa9") },

  // modes are counted
  ...["-rr", "-ii", "-ss", "-MM", "-ri", "-rs", "-sM", "-iM"].map((word) => ({
    words: [word],
    want: usage(""),
  })),
  { words: ["-r", "--route"], want: usage("") },
  { words: ["-r", "-n", "-A", "inet", "--stat"], want: usage("") },

  // ours
  {
    words: ["--root="],
    want: { stop: "error", error: "netstat: --root needs a folder" },
  },
  ...["", "Always", "-tan", "yes"].map((value) => ({
    words: [`--color=${value}`],
    want: {
      stop: "error" as const,
      error: `netstat: --color is auto, always or never, not '${value}'`,
    },
  })),
  ...["", "Raw", "pid"].map((value) => ({
    words: [`--csv=${value}`],
    want: {
      stop: "error" as const,
      error: `netstat: --csv is safe (default) or raw, not '${value}'`,
    },
  })),
];

for (const { words, want } of STOPS) {
  Deno.test(`options: stops at ${JSON.stringify(words)}`, () => {
    const { result, warnings } = read(words);
    assert.deepEqual(warnings, []);
    const { stop, error } = result as Stop & { error?: string };
    assert.deepEqual(error === undefined ? { stop } : { stop, error }, want);
  });
}

Deno.test("options: --root is looked for before anything stops", () => {
  const saved = (words: string[]) => read(words).result as { saved?: boolean };
  assert.equal(saved(["--root", "/saved", "-y"]).saved, true);
  assert.equal(saved(["-y", "--root", "/saved"]).saved, false);
});

Deno.test("options: who borrows rights gets those that only show", () => {
  const beyond = OPTIONS.filter((option) => {
    const word = option.long === undefined
      ? `-${option.short}`
      : `--${option.long}`;
    const first = firstBeyond(["-tan", word, "inet", "-y"], false);
    // one that does not say that it only shows is refused
    assert.equal(first === undefined, option.onlyShows === true, word);
    return first !== undefined;
  });
  // net-tools has none of them
  assert.ok(beyond.every(({ exact }) => exact));
  assert.deepEqual(
    OPTIONS.filter(({ exact, group }) =>
      exact && group !== "new" && group !== "question"
    ).map(({ long }) => long),
    ["econet", "ec", "ash"],
  );
  const names = beyond.map(({ long }) => long);
  for (const name of ["family", "root"]) assert.ok(names.includes(name));
  for (
    const name of ["json", "csv", "openmetrics", "where", "color", "source"]
  ) {
    assert.ok(!names.includes(name), name);
  }
  // where getopt does not come to, nothing can be asked for
  assert.equal(firstBeyond(["-y", "--root", "/saved"], false), undefined);
  assert.equal(firstBeyond(["--", "--root", "/saved"], false), undefined);
  assert.equal(firstBeyond(["a", "--root", "/saved"], true), undefined);
  assert.equal(firstBeyond(["-A", "--root"], false), undefined);
});

Deno.test("program: rights that are lent", async (t) => {
  const lender = () =>
    Promise.resolve({ because: "of that", remedy: "do this" });
  const cases = [
    { args: ["-V", "--root", "/nowhere"], refused: "--root" },
    { args: ["--family=/nowhere.js", "--root=/"], refused: "--family" },
  ];
  for (const { args, refused } of cases) {
    await t.step(args.join(" "), async () => {
      assert.deepEqual(await netstatWith(findFamilies, args, { lender }), {
        stdout: "",
        stderr: `netstat: ${refused} is refused, since of that: do this\n`,
        exit: 1,
      });
    });
  }
  await t.step("nobody is asked about options that only show", async () => {
    const asking = () => Promise.reject(new Error("asked"));
    const { exit } = await netstatWith(findFamilies, ["-V", "--json"], {
      lender: asking,
    });
    assert.equal(exit, 0);
  });
});

Deno.test("options: an empty name is ambiguous with everything", () => {
  const longs = OPTIONS.filter((o) => o.long !== undefined && !o.exact);
  const from = longs.findIndex((o) => o.long === "version");
  const possible = [longs[0]!, ...longs.slice(from)];
  assert.equal(possible.length, 1 + 32);
  const { result } = read(["--=x"]);
  const list = possible.map((o) => `'--${o.long}'`).join(" ");
  assert.deepEqual(result, {
    ...usage(`option '--=x' is ambiguous; possibilities: ${list}`),
    saved: false,
  });
});

Deno.test("options: a family list is read up to 255 bytes", async (t) => {
  const cases = [
    { name: "a word across the limit", list: "x".repeat(300), word: 255 },
    { name: "a word of 255 bytes", list: "x".repeat(255), word: 255 },
    { name: "254 bytes", list: "x".repeat(254), word: 254 },
  ];
  for (const { name, list, word } of cases) {
    await t.step(name, () => {
      const { result } = read(["-A", list]);
      assert.deepEqual(result, {
        ...unknown("x".repeat(word)),
        unknownFamily: true,
      });
    });
  }
  await t.step("what stands behind is never seen", () => {
    // 50 times "inet," and then "inet6", of 255 bytes in all
    const list = "inet,".repeat(50) + "inet6";
    const want = [...Array(50).fill("inet"), "inet6"];
    assert.deepEqual(asked(["-A", list]), { families: want });
    assert.deepEqual(asked(["-A", `${list},foo`]), { families: want });
  });
});

Deno.test("options: all families together have 255 bytes", async (t) => {
  const message = "Too much address family arguments.";
  const inets = (count: number) => Array(count).fill("inet") as string[];
  const cases = [
    { words: Array(51).fill("-4"), want: inets(51), messages: 0 },
    { words: Array(52).fill("-4"), want: inets(51), messages: 1 },
    { words: Array(60).fill("-4"), want: inets(51), messages: 9 },
    {
      words: [...Array(50).fill("-4"), "-6"],
      want: [...inets(50), "inet6"],
      messages: 0,
    },
    {
      words: [...Array(50).fill("-4"), "-6", "-6", "-x"],
      want: [...inets(50), "inet6"],
      messages: 2,
    },
    {
      words: ["-A", Array(85).fill("ip").join(",")],
      want: inets(51),
      messages: 1,
    },
  ];
  for (const { words, want, messages } of cases) {
    const name = words.join(" ").slice(-40);
    await t.step(`${words.length} words: ${name}`, () => {
      const { result, warnings } = read(words);
      assert.deepEqual((result as Asked).families, want);
      assert.deepEqual(warnings, Array(messages).fill(message));
    });
  }
});

const ABBREVIATIONS = Deno.readTextFileSync(
  new URL("../testdata/abbreviations.tsv", import.meta.url),
).trimEnd().split("\n").map((line) => line.split("\t") as [string, string]);

Deno.test("abbreviations: the table is whole", () => {
  assert.equal(ABBREVIATIONS.length, 213);
});

for (const [word, result] of ABBREVIATIONS) {
  Deno.test(`abbreviations: ${word} is ${result}`, () => {
    const found = firstOf([word, "inet"]);
    const ambiguous = /^ambiguous: (.*)$/.exec(result);
    if (ambiguous) {
      const list = ambiguous[1]!.split(" ").map((name) => `'${name}'`);
      assert.deepEqual(found, {
        error: `option '${word}' is ambiguous; possibilities: ${
          list.join(" ")
        }`,
      });
    } else {
      assert.ok("option" in found, JSON.stringify(found));
      assert.equal(`--${found.option.long}`, result);
      assert.equal(found.value, result === "--protocol" ? "inet" : "");
    }
  });
}

Deno.test("abbreviations: ours are matched by their full names only", async (t) => {
  for (
    const name of [
      "json",
      "ndjson",
      "csv",
      "openmetrics",
      "graph",
      "where",
      "columns",
      "sort",
      "limit",
      "count",
      "sum",
      "label",
      "no-header",
      "root",
    ]
  ) {
    for (let length = 1; length <= name.length; length++) {
      const word = `--${name.slice(0, length)}`;
      if (ABBREVIATIONS.some(([known]) => known === word)) continue;
      await t.step(word, () => {
        const found = firstOf([word, "/saved"]);
        if (length < name.length) {
          const error = `unrecognized option '${word}'`;
          assert.deepEqual(found, { error, unknown: word });
        } else {
          assert.equal("option" in found && found.option.long, name);
        }
      });
    }
  }
  await t.step("--r stays as ambiguous as it was", () => {
    const possible = "'--rose' '--route' '--raw' '--rfcomm'";
    assert.deepEqual(firstOf(["--r"]), {
      error: `option '--r' is ambiguous; possibilities: ${possible}`,
    });
  });
});

Deno.test("getopt: values as they are written", () => {
  const values = (...words: string[]) =>
    [...getopt(words, OPTIONS)].map((found) =>
      "option" in found
        ? `${found.option.long ?? found.option.short}=${found.value}`
        : "operand" in found
        ? found.operand
        : found.error
    );
  assert.deepEqual(values("-A=inet"), ["protocol==inet"]);
  assert.deepEqual(values("--protocol=a=b"), ["protocol=a=b"]);
  assert.deepEqual(values("--protocol="), ["protocol="]);
  assert.deepEqual(values("-A", ""), ["protocol="]);
  assert.deepEqual(values("-A", "-r", "-n"), ["protocol=-r", "numeric="]);
  assert.deepEqual(values("a", "--", "-r"), ["a", "-r"]);
  assert.deepEqual(values("--color", "never"), ["color=always", "never"]);
  assert.deepEqual(values("--color=", "-n"), ["color=", "numeric="]);
  assert.deepEqual(values("-r", "-y", "-n"), [
    "route=",
    "invalid option -- 'y'",
  ]);
});

Deno.test("program: where messages go, and the exit status", async (t) => {
  const families =
    "    inet (DARPA Internet) inet6 (IPv6) ax25 (AMPR AX.25) \n" +
    "    netrom (AMPR NET/ROM) rose (AMPR ROSE) ipx (Novell IPX) \n" +
    "    ddp (Appletalk DDP) x25 (CCITT X.25) \n";

  await t.step("-y", async () => {
    const { stdout, stderr, exit } = await netstat("-y");
    assert.equal(exit, 3);
    assert.equal(stdout, "");
    assert.match(stderr, /^netstat: invalid option -- 'y'\nusage: netstat /);
    assert.ok(
      stderr.endsWith(`${families}netstat: invalid option -- 'y'\n`),
    );
  });
  await t.step("-é", async () => {
    const { stderr, exit } = await netstat("-é");
    assert.equal(exit, 3);
    assert.match(stderr, /^netstat: invalid option -- '\xc3'\nusage: /);
  });
  const reasons: [args: string[], reason: string][] = [
    [["-?"], ""],
    [["-rr"], "netstat: -r is given more than once\n"],
    [["-r", "--route"], "netstat: -r is given more than once\n"],
    [
      ["-r", "-i"],
      "netstat: -r and -i exclude each other: give one of them\n",
    ],
    [
      ["-rsir"],
      "netstat: -r, -s and -i exclude each other: give one of them\n",
    ],
  ];
  for (const [args, reason] of reasons) {
    await t.step(args.join(" "), async () => {
      const { stdout, stderr, exit } = await netstat(...args);
      assert.equal(exit, 3);
      assert.equal(stdout, "");
      assert.ok(stderr.startsWith("usage: netstat "));
      assert.ok(stderr.endsWith(families + reason));
    });
  }
  await t.step("-h", async () => {
    const { stdout, stderr, exit } = await netstat("-h", "-A", "foo");
    assert.equal(exit, 0);
    assert.ok(stdout.startsWith("usage: netstat "));
    assert.equal(stderr, families);
  });
  await t.step("-V", async () => {
    const { stdout, stderr, exit } = await netstat("-V", "-y");
    assert.equal(exit, 0);
    assert.match(stdout, /^netstat .*net-tools 2\.10\n$/);
    assert.equal(stderr, "");
  });
  await t.step("-A foo -h", async () => {
    const got = await netstat("-A", "foo", "-h");
    assert.deepEqual(got, {
      stdout: "",
      stderr: "Unknown address family `foo'.\n",
      exit: 1,
    });
  });
  await t.step("a word of control bytes", async () => {
    const { stderr } = await netstat("-A", "a\x1b[2J\x9b");
    assert.equal(stderr, "Unknown address family `a.[2J..'.\n");
  });
});

function split(words: string): string[] {
  return words === "" ? [] : words.split(" ");
}

function usage(error: string): Stop {
  return { stop: "usage", error };
}

function unknown(word: string): Stop {
  return { stop: "error", error: `Unknown address family \`${word}'.` };
}

function firstOf(words: readonly string[]): Found<Option> {
  return getopt(words, OPTIONS).next().value as Found<Option>;
}

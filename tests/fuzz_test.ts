/** The fuzzer's parts, without a program to fuzz. */

import assert from "node:assert/strict";
import { inputs, treeSeed } from "../tools/fuzz/cases.ts";
import { COMMON } from "../tools/fuzz/deviations.ts";
import { dropping, edited, linesOf } from "../tools/fuzz/edit.ts";
import type { Deviation, Input } from "../tools/fuzz/format.ts";
import {
  disorder,
  judge,
  type Runner,
  type Verdict,
} from "../tools/fuzz/judge.ts";
import { Random } from "../tools/fuzz/random.ts";
import { reduce } from "../tools/fuzz/reduce.ts";
import { save } from "../tools/fuzz/save.ts";
import { scan } from "../tools/fuzz/scanf.ts";
import { loadSubjects } from "../tools/fuzz/subjects.ts";
import type { Run } from "../tools/fuzz/world.ts";
import { loadDeviations, shellWords } from "./cases.ts";

const subjects = await loadSubjects();

Deno.test("fuzz: a seed repeats its inputs, another one makes others", () => {
  assert.ok(subjects.size > 0);
  for (const subject of subjects.values()) {
    const seed = treeSeed(1, 5);
    assert.deepEqual(inputs(subject, seed), inputs(subject, seed));
    assert.notDeepEqual(inputs(subject, seed), inputs(subject, seed + 1));
  }
  assert.notEqual(treeSeed(1, 5), treeSeed(2, 5));
  assert.notEqual(treeSeed(1, 5), treeSeed(1, 6));
});

/** Reasons that no case can show, and why. */
const WITHOUT_CASE: Readonly<Record<string, string>> = {
  "A UNIX path of any length is shown; net-tools has room for 4095 bytes.":
    "what it overwrites need not show",
  "A counter of IPv6 can have a name of any length; from 50 bytes on net-tools writes beyond its memory.":
    "what it overwrites need not show",
  "Lines of pairs are cut after 65,535 bytes, of which the kernel's have less than a tenth.":
    "a case would have as many bytes",
  "X.25 sources of ten digits are whole; net-tools loses the last digit.":
    "net-tools does not read the file in which they are",
  "Each of the two files has its own reason; net-tools gives that of the second one, and then what came of telling about the first one.":
    "it depends on what standard error is",
  "Why NET/ROM's neighbours cannot be read is told truly; net-tools tells what its message before came to.":
    "it depends on what standard error is",
};

Deno.test("fuzz: every reason is listed, with a case", () => {
  const listed = new Set(loadDeviations().values());
  const reasons = [...subjects.values()].flatMap((s) => s.deviations)
    .concat(COMMON).map(({ reason }) => reason);
  const missing = reasons.filter((reason) =>
    !listed.has(reason) && WITHOUT_CASE[reason] === undefined
  );
  assert.deepEqual(missing, []);
});

Deno.test("fuzz: each format is in some tree, and many a file is whole", () => {
  for (const subject of subjects.values()) {
    const { formats } = subject;
    const missing = new Set(formats.map(({ path }) => path));
    let whole = 0;
    for (let number = 0; number < 200; number++) {
      const { tree } = inputs(subject, treeSeed(1, number))[0]!;
      tree.forEach((_, path) => missing.delete(path));
      const { path, header } = formats[0]!;
      const start = header.map((line) => `${line}\n`).join("");
      if (
        /\n$/.test(tree.get(path) ?? "") && tree.get(path)!.startsWith(start)
      ) {
        whole++;
      }
    }
    assert.deepEqual([...missing], [], subject.name);
    assert.ok(whole > 20, `${subject.name}: ${whole}`);
  }
});

Deno.test("fuzz: a line of a format is bytes, and whole", () => {
  for (const subject of subjects.values()) {
    for (const { path, line } of subject.formats) {
      const random = new Random(3);
      for (let i = 0; i < 50; i++) {
        assert.match(line(random), /^([\x20-\xff\t]+\n)*[\x20-\xff\t]*$/, path);
      }
    }
  }
});

const TREE = new Map([["/proc/net/x", "head\n1\n2\n3\n"]]);
const INPUT: Input = { args: ["-a"], tree: TREE };

function printed(stdout: string, more: Partial<Run> = {}): Run {
  return { stdout, stderr: "", exit: 0, ...more };
}

/** Programs that print a file, but for what `change` does to ours. */
function cat(change: (text: string) => Run): Runner {
  return (program, { tree }) => {
    const text = tree.get("/proc/net/x") ?? "";
    return Promise.resolve(program === "ours" ? change(text) : printed(text));
  };
}

const without2: Deviation = {
  reason: "2 is garbage.",
  without: dropping({
    paths: ["/proc/net/x"],
    limit: 99,
    header: 1,
    bad: (line) => line === "2",
  }),
};

const instead2: Deviation = {
  reason: "2 is 4.",
  instead: (input) =>
    edited(input, {
      paths: ["/proc/net/x"],
      limit: 99,
      header: 1,
      line: (line) => line === "2" ? "4" : line,
    }),
};

const expected2: Deviation = {
  reason: "2 is 4.",
  expected: (_, { stdout, ...rest }) => ({
    ...rest,
    stdout: stdout.replace("2", "4"),
  }),
};

const swap = (text: string) => printed(text.replace("2", "4"));

for (
  const { name, ours, deviations, want } of [
    { name: "equal", ours: printed, deviations: [without2], want: "equal" },
    { name: "a planted bug", ours: swap, deviations: [], want: "wrong" },
    {
      name: "a planted bug beside a deviation",
      ours: (text: string) => printed(text.replace("3", "5")),
      deviations: [expected2],
      want: "wrong",
    },
    {
      name: "expected",
      ours: swap,
      deviations: [expected2],
      want: "deviation",
    },
    { name: "instead", ours: swap, deviations: [instead2], want: "deviation" },
    { name: "without", ours: swap, deviations: [without2], want: "deviation" },
    {
      name: "a control byte",
      ours: () => printed("a\x1b[0m\n"),
      deviations: COMMON,
      want: "wrong",
    },
    {
      name: "another status",
      ours: (text: string) => printed(text, { exit: 1 }),
      deviations: [expected2],
      want: "wrong",
    },
    {
      name: "stderr",
      ours: (text: string) => printed(text, { stderr: "oh\n" }),
      deviations: [],
      want: "wrong",
    },
    {
      name: "a hang",
      ours: (text: string) => printed(text, { stopped: "hang" }),
      deviations: [],
      want: "wrong",
    },
  ] satisfies {
    name: string;
    ours: (text: string) => Run;
    deviations: readonly Deviation[];
    want: Verdict["kind"];
  }[]
) {
  Deno.test(`fuzz: judged: ${name}`, async () => {
    const verdict = await judge(INPUT, deviations, cat(ours));
    assert.equal(verdict.kind, want);
    assert.equal(verdict.difference === "", want !== "wrong");
    if (want === "deviation") assert.equal(verdict.reasons.length, 1);
  });
}

Deno.test("fuzz: judged: the reference hangs or crashes", async () => {
  for (
    const fault of [{ stopped: "hang" }, { exit: 139 }] satisfies Partial<Run>[]
  ) {
    const verdict = await judge(INPUT, [], (program) =>
      Promise.resolve(
        program === "ours" ? printed("a\n") : printed("", fault),
      ));
    assert.equal(verdict.kind, "sane");
    assert.equal(verdict.reasons.length, 1);
  }
});

Deno.test("fuzz: what is disorderly", () => {
  assert.equal(disorder(printed("a b\n\xe2\x82\xac\n")), "");
  for (
    const bad of [
      printed("a\tb\n"),
      printed("", { stderr: "error: Uncaught (in promise) TypeError\n" }),
      printed("", { stderr: "thread 'main' panicked at src/main.rs\n" }),
      printed("", { stopped: "flood" }),
      printed("", { exit: 134 }),
      printed("", { exit: 2 }),
    ]
  ) assert.notEqual(disorder(bad), "");
});

Deno.test("fuzz: a mismatch is cut down", async () => {
  const tree = new Map([
    ["/proc/net/x", `head\n${"1 2 3\n".repeat(300)}a needle, b\n4\n`],
    ["/proc/net/y", "5\n"],
  ]);
  const links = new Map([["/proc/1/fd/3", "socket:[5]"]]);
  const args = ["-n", "-taep", "--wide"];
  const small = await reduce(
    { args, tree, links },
    ({ args, tree, links }) =>
      Promise.resolve(
        args.some((word) => /^-[a-z]*e/.test(word)) && links!.size > 0 &&
          /needle/.test(tree.get("/proc/net/x") ?? ""),
      ),
  );
  assert.deepEqual(small, {
    args: ["-e"],
    tree: new Map([["/proc/net/x", "needle"]]),
    links,
  });
});

Deno.test("fuzz: a mismatch becomes a golden case", async () => {
  const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    const input = {
      args: ["-A", "it's", ""],
      tree: new Map([["/proc/net/x", "\xff\n"]]),
      links: new Map([["/proc/1/fd/3", "socket:[5]"]]),
    };
    save(folder, input, { stdout: "out\n", stderr: "", exit: 3 });
    const text = (name: string) => Deno.readTextFile(`${folder}/${name}`);
    assert.deepEqual(shellWords((await text("cmd")).trimEnd()), input.args);
    assert.equal(await text("links"), "proc/1/fd/3 -> socket:[5]\n");
    assert.equal(await text("stdout"), "out\n");
    assert.equal(await text("exit"), "3\n");
    assert.deepEqual(
      await Deno.readFile(`${folder}/proc/net/x`),
      Uint8Array.of(0xff, 10),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("fuzz: the start of a line keeps its last word when the rest of it is dropped", () => {
  const drop = dropping({
    paths: ["/x"],
    limit: 8,
    header: 0,
    // without its last word it is malformed
    bad: (line) => line === "z" || line.endsWith(" "),
  });
  for (
    const [text, want] of [
      ["a    b cz\nd\n", "a b c\nd\n"],
      // without blanks to spare there is no room for the newline
      ["abcdefghz\nd\n", "abcdefg\nd\n"],
    ] as const
  ) {
    const input = { args: [], tree: new Map([["/x", text]]), links: new Map() };
    assert.equal(drop(input)?.tree.get("/x"), want);
  }
});

Deno.test("fuzz: lines are cut as fgets cuts them", () => {
  assert.deepEqual(linesOf("ab\ncdef\ng", 3), ["ab\n", "cde", "f\n", "g"]);
  assert.deepEqual(linesOf("abc\n", 3), ["abc", "\n"]);
  assert.deepEqual(linesOf("", 3), []);
});

Deno.test("fuzz: an edit changes no other line", () => {
  const edit = { paths: ["/x"], limit: 4, header: 1 };
  const tree = (text: string) => ({ args: [], tree: new Map([["/x", text]]) });
  const drop = dropping({ ...edit, bad: (line) => line.startsWith("b") });
  for (
    const [text, want] of [
      ["b\na\nb\nc\n", "b\na\nc\n"],
      ["b\na\nb", "b\na\n"],
      ["a\nccccb\nd\n", "a\nccc\nd\n"],
      ["a\nc\n", undefined],
    ] as const
  ) assert.equal(drop(tree(text))?.tree.get("/x"), want);
});

Deno.test("fuzz: states of TCP that have no name, as sscanf reads them", () => {
  const all = [...subjects.values()].flatMap(({ deviations }) => deviations);
  const nameless = all.find(({ reason }) =>
    reason.startsWith("A state that has no name")
  )!;
  const path = "/proc/net/tcp";
  for (
    const [state, isNameless] of [
      ["FFFFFFFF", true],
      ["-1", true],
      ["-23372036854775809", true],
      ["23372036854775809", true],
      ["0C", true],
      ["0A", false],
      ["-FFFFFFFFFFFFFFFF", false],
    ] as const
  ) {
    const tree = new Map([[path, `\n5: 5:6 0:F ${state} 0:0 4:0 0\n`]]);
    const without = nameless.without!({ args: ["-t"], tree });
    assert.equal(without?.tree.get(path), isNameless ? "\n" : undefined, state);
  }
});

for (
  const [format, line, want] of [
    ["%d: %x %lX", "  12: ff 0x1F", ["12", "ff", "0x1F"]],
    ["%d: %x", "12 : ff", ["12"]],
    ["%d/%d", "-1/+2x", ["-1", "+2"]],
    ["%64[0-9A-Fa-f]:%X", "12g:1", ["12"]],
    ["%s %*s %s", "a b c", ["a", "c"]],
    ["%3s%s", "abcdef", ["abc", "def"]],
    ["%2x %s", " 0x84", ["0x", "84"]],
    ["%[^:]:%x", "a b:0x", ["a b", "0x"]],
    ["%p:", "(nil):", ["(nil)"]],
    ["%d %d", "1\x002", ["1"]],
    ["%d %d", "1\xa02", ["1"]],
    ["%d", "x", []],
  ] as const
) {
  Deno.test(`fuzz: sscanf(${JSON.stringify(line)}, "${format}")`, () => {
    assert.deepEqual(scan(format, line).map(({ text }) => text), [...want]);
  });
}

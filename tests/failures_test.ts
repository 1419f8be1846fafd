/** What cannot be read is told once, and the exit status is not 0. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import { Failure, Failures, tell } from "../core/system/failures.ts";
import { namesInFolder } from "../core/system/libc.ts";

// the C library stays open: it is opened before a test is asked what it left open
Failure.ofErrno("/", Number(namesInFolder("/dev/null")));

const EIO = "Input/output error";
const ENOENT: [string, string] = ["ENOENT", "No such file or directory"];
const EISDIR: [string, string] = ["EISDIR", "Is a directory"];

/** Collects messages. */
function messages(): { lines: string[]; warn(message: string): void } {
  const lines: string[] = [];
  return { lines, warn: (message) => lines.push(message) };
}

const CASES: {
  readonly name: string;
  readonly failures: readonly Failure[];
  /** What the round came to. */
  readonly status?: number;
  readonly want: number;
  readonly lines: readonly string[];
}[] = [
  { name: "nothing failed", failures: [], want: 0, lines: [] },
  {
    name: "a file that is there",
    failures: [new Failure("/proc/net/tcp6", "EIO", EIO)],
    want: 1,
    lines: [`netstat: cannot read /proc/net/tcp6: ${EIO}`],
  },
  {
    name: "files that are not there, or not any more",
    failures: ["ENOENT", "ENOTDIR", "ESRCH", "EISDIR"].map((code) =>
      new Failure("/proc/net/tcp6", code, code)
    ),
    want: 0,
    lines: [],
  },
  {
    name: "many of one kind",
    failures: [1, 22, 333].map((pid) =>
      new Failure(`/proc/${pid}/fd`, "EIO", EIO)
    ),
    want: 1,
    lines: [`netstat: cannot read /proc/1/fd: ${EIO} (and 2 more)`],
  },
  {
    name: "a greater status stays",
    failures: [new Failure("/proc/net/tcp6", "EIO", EIO)],
    status: 255,
    want: 255,
    lines: [`netstat: cannot read /proc/net/tcp6: ${EIO}`],
  },
  {
    name: "what is denied while nothing else fails",
    failures: [new Failure("/proc/net/tcp6", "EACCES", "Permission denied")],
    want: 1,
    lines: ["netstat: cannot read /proc/net/tcp6: Permission denied"],
  },
  {
    name: "what is denied, of which net-tools has spoken",
    failures: [new Failure("/proc/net/tcp6", "EACCES", "Permission denied")],
    status: 1,
    want: 1,
    lines: [],
  },
];

for (const { name, failures, status = 0, want, lines } of CASES) {
  Deno.test(`failures: ${name}`, () => {
    const all = new Failures();
    const said = messages();
    failures.forEach((failure) => all.add(failure));
    assert.equal(all.end(status, said), want);
    assert.deepEqual(said.lines, lines);
    assert.equal(all.end(0, said), 0, "the next round begins anew");
  });
}

Deno.test("failures: one that was told in net-tools' words has its status", () => {
  const all = new Failures();
  const said = messages();
  tell(all.add(new Failure("/proc/net/snmp", "EIO", EIO)), said, "told");
  assert.equal(all.end(0, said), 0);
  assert.deepEqual(said.lines, ["told"]);
});

Deno.test("failures: one that is forgotten does not count", () => {
  const all = new Failures();
  const said = messages();
  all.forget(all.add(new Failure("/proc/net/sockstat", "EIO", EIO)));
  assert.equal(all.end(0, said), 0);
  assert.deepEqual(said.lines, []);
});

Deno.test("Failure.of: C's words, whatever Deno and Node's API have for them", () => {
  const folder = Deno.makeTempDirSync({ prefix: "netstat-failures-" });
  const at = (name: string) => `${folder}/${name}`;
  Deno.writeTextFileSync(at("file"), "");
  Deno.symlinkSync("loop", at("loop"));
  const cases: readonly { does: () => unknown; want: [string, string] }[] = [
    { does: () => Deno.openSync(at("no")), want: ENOENT },
    { does: () => fs.openSync(at("no"), "r"), want: ENOENT },
    { does: () => Deno.readFileSync(folder), want: EISDIR },
    { does: () => fs.readFileSync(folder), want: EISDIR },
    {
      does: () => fs.openSync(at("file"), "wx"),
      want: ["EEXIST", "File exists"],
    },
    {
      does: () => fs.openSync(at("loop"), "r"),
      want: ["ELOOP", "Too many levels of symbolic links"],
    },
    { does: () => fs.readFileSync("/proc/self/mem"), want: ["EIO", EIO] },
  ];
  try {
    for (const { does, want } of cases) {
      assert.throws(does, (error) => {
        const { path, code, reason } = Failure.of("/a", error);
        assert.deepEqual([path, code, reason], ["/a", ...want], `${does}`);
        return true;
      });
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("Failure.of: what is no failure of a file is thrown on", () => {
  const faults = [
    new TypeError("a bug"),
    "a text",
    Object.assign(new Error("not what gzip writes"), {
      code: "Z_DATA_ERROR",
      errno: -3,
    }),
  ];
  for (const fault of faults) {
    assert.throws(
      () => Failure.of("/a", fault),
      (error) => error === fault,
    );
  }
});

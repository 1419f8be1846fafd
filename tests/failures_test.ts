/** What cannot be read is told once, and the exit status is not 0. */

import assert from "node:assert/strict";
import { Failure, Failures, tell } from "../core/system/failures.ts";

const EIO = "Input/output error";

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

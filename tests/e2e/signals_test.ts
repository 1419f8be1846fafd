/**
 * How the executable ends by signals, as its parent sees it, beside the reference:
 * SIGPIPE that is ignored or not, and what ends `-c`. Needs `python3`.
 */

import assert from "node:assert/strict";
import { NETSTAT, REFERENCE } from "./namespace.ts";

/**
 * Runs a program as `netstat`, with SIGPIPE and another signal ignored or not, and
 * its output going to a pipe that nobody reads, or that is read to the first line.
 * Then it is sent that signal. Prints the status as Python has it, which is negative
 * for a signal, and stderr.
 */
const PARENT = `
import json, os, signal, subprocess, sys

def run(program, pipe, ignored, reader, number, args):
    def child():
        signal.signal(signal.SIGPIPE, signal.SIG_IGN if pipe else signal.SIG_DFL)
        if number:
            signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)
    out, into = os.pipe()
    if not reader:
        os.close(out)
    process = subprocess.Popen(
        ["netstat", *args], executable=program, preexec_fn=child,
        restore_signals=False, stdout=into, stderr=subprocess.PIPE)
    os.close(into)
    if reader:
        os.read(out, 1)
    if number:
        process.send_signal(number)
    late = False
    try:
        _, said = process.communicate(timeout=1.5 if number else 20)
    except subprocess.TimeoutExpired:
        late = True
        process.kill()
        _, said = process.communicate()
    return {"late": late, "status": process.returncode, "stderr": said.decode()}

print(json.dumps([run(*case) for case in json.loads(sys.argv[1])]))
`;

/** How a program is run: see {@linkcode PARENT}. */
interface Case {
  readonly args: string;
  /** Whether SIGPIPE is ignored. */
  readonly pipe: boolean;
  /** Whether the first line is read. */
  readonly reader?: boolean;
  /** The signal that is sent then, and whether it is ignored. */
  readonly sent?: { readonly number: number; readonly ignored: boolean };
}

/** How a program ended. */
interface Ended {
  /** Whether it went on. */
  readonly late: boolean;
  readonly status: number;
  readonly stderr: string;
}

async function endings(
  program: string,
  cases: readonly Case[],
): Promise<Ended[]> {
  const words = cases.map(({ args, pipe, reader = false, sent }) => [
    program,
    pipe,
    sent?.ignored ?? false,
    reader,
    sent?.number ?? 0,
    args.split(" "),
  ]);
  const { success, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", PARENT, JSON.stringify(words)],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, text(stderr));
  return JSON.parse(text(stdout));
}

/** Compares the programs; `want` is what the reference's status must be. */
async function compare(cases: readonly (Case & { want: number })[]) {
  const [ours, reference] = await Promise.all([
    endings(NETSTAT, cases),
    endings(REFERENCE, cases),
  ]);
  for (const [i, { want, ...how }] of cases.entries()) {
    const name = JSON.stringify(how);
    assert.equal(reference[i]!.status, want, name);
    assert.deepEqual(ours[i], reference[i], name);
  }
}

const SIGPIPE = 13;
const SIGKILL = 9;

Deno.test("nobody reads: SIGPIPE ends it, and where it is ignored nothing does", async () => {
  const cases = ["-tan", "-an", "-rn", "-s", "-i", "-ie", "-gn", "-V"]
    .flatMap((args) => [
      { args, pipe: false, want: -SIGPIPE },
      { args, pipe: true, want: 0 },
    ]);
  await compare([
    ...cases,
    // a status of its own stays
    { args: "-A ipx", pipe: true, want: 1 },
  ]);
});

Deno.test("-c: signals end it, and those that are ignored do not", async () => {
  const signals = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 };
  await compare(
    Object.values(signals).flatMap((number) =>
      [false, true].map((ignored) => ({
        args: "-c -rn",
        pipe: false,
        reader: true,
        sent: { number, ignored },
        want: ignored ? -SIGKILL : -number,
      }))
    ),
  );
});

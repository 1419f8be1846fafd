/** Rows for which there is no memory: the user is told, and the exit status is 1. */

import assert from "node:assert/strict";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

/** So many sockets, each with an inode and an address of its own. */
const SOCKETS = 40_000;

const HEADING =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " +
  "retrnsmt   uid  timeout inode\n";

function table(): string {
  const rows = Array.from({ length: SOCKETS }, (_, i) => {
    const address = i.toString(16).toUpperCase().padStart(8, "0");
    return `${i}: 0100007F:0050 ${address}:1F90 01 00000000:00000000 ` +
      `00:00000000 00000000  1000        0 ${i + 1} 1 0000000000000000\n`;
  });
  return HEADING + rows.join("");
}

/** Runs something while there is no memory for more than so many large arrays. */
async function withMemoryFor<T>(
  arrays: number,
  run: () => Promise<T>,
): Promise<T> {
  const { Float64Array: floats } = globalThis;
  let left = arrays;
  globalThis.Float64Array = new Proxy(floats, {
    construct(target, args, newTarget) {
      if (args[0] >= 1 << 12 && left-- <= 0) throw new RangeError("No memory");
      return Reflect.construct(target, args, newTarget);
    },
  });
  try {
    return await run();
  } finally {
    globalThis.Float64Array = floats;
  }
}

/** Questions that keep what there may be no memory for. */
const QUESTIONS: readonly {
  readonly args: readonly string[];
  readonly arrays: number;
  readonly says: RegExp;
}[] = [
  {
    args: ["--sort", "inode", "--columns", "inode"],
    arrays: 2,
    says: /^netstat: --sort: there is memory for \d+ rows only; /,
  },
  {
    args: ["--count", "inode", "--csv"],
    arrays: 2,
    says: /^netstat: --count: there is memory for \d+ groups only; /,
  },
  {
    args: ["--sort", "inode", "--json"],
    arrays: 5,
    says: /^netstat: --sort: there is memory for \d+ rows only; /,
  },
  {
    args: ["--count", "inode", "--sum", "recv_q", "--openmetrics"],
    arrays: 5,
    says: /^netstat: --count: there is memory for \d+ groups only; /,
  },
];

Deno.test("questions: rows that are lost are told, and are no success", () =>
  withTree({ "proc/net/tcp": table() }, async (root) => {
    for (const { args, arrays, says } of QUESTIONS) {
      const words = ["--root", root, "-tn4", ...args];
      const whole = await netstat(...words);
      assert.deepEqual([whole.stderr, whole.exit], ["", 0]);
      const part = await withMemoryFor(arrays, () => netstat(...words));
      assert.equal(part.exit, 1, args.join(" "));
      assert.match(part.stderr, says);
      assert.equal(part.stderr.split("\n").length, 2, "it is told once");
      // what was kept is there
      const { length } = part.stdout;
      assert.ok(length > whole.stdout.length / 100, `${args}: ${length}`);
      assert.ok(length < whole.stdout.length);
    }
  }));

/** Thousands of made-up expressions about saved trees, of every family. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ask } from "./answers.ts";
import { loadCases } from "./cases.ts";

const SERVER = fileURLToPath(new URL("../docs/server", import.meta.url));

/** Views of the server that the documents look at. */
const VIEWS: readonly string[][] = [
  ["-tan"],
  ["-tunap"],
  ["-a"],
  ["-rn", "-A", "inet,inet6"],
  ["-i"],
  ["-s"],
  ["-gn"],
  ["-xap"],
];

const CASES = loadCases().filter(({ json, needsKernel, args }) =>
  json !== undefined && !needsKernel && !args.includes("-c")
);

const EACH = 100;

let seed = 0;
for (
  const [name, view] of [
    ...VIEWS.map((view) => [view.join(" "), ["--root", SERVER, ...view]]),
    ...CASES.map(({ name, path, args }) => [name, ["--root", path, ...args]]),
  ] as [string, string[]][]
) {
  Deno.test(`answers: ${EACH} expressions about ${name}`, async () => {
    const { rows, kept } = await ask(view, { seed: ++seed, count: EACH });
    if (rows > 10 * EACH) assert.ok(kept > rows / 50 && kept < rows, `${kept}`);
  });
}

/**
 * Golden cases for JSON, and that none is missing: whoever adds a column adds a case
 * that shows it, and whoever adds an option adds a test that gives it.
 */

import assert from "node:assert/strict";
import { getopt } from "../core/args/getopt.ts";
import { OPTIONS } from "../core/args/options.ts";
import { loadFamilies } from "../core/views/registry.ts";
import { loadCases } from "./cases.ts";
import { factsIn, factsOf, jsonOf } from "./json_cases.ts";

const families = await loadFamilies();
const CASES = loadCases();

for (const golden of CASES.filter(({ json }) => json !== undefined)) {
  Deno.test(`--json: ${golden.name}`, async () => {
    const again = `if it has to differ: ./denow task json ${golden.name}`;
    assert.equal(await jsonOf(golden), golden.json, again);
  });
}

Deno.test("--json: cases show every column of every table, with a value", async () => {
  const missing = await factsOf(families);
  for (const golden of CASES) {
    if (golden.json === undefined) continue;
    const shown = await factsIn(golden.json, golden, families);
    shown.forEach((fact) => missing.delete(fact));
  }
  assert.deepEqual(
    [...missing],
    [],
    "make `json` of a case that shows it: ./denow task json FOLDER/CASE",
  );
});

Deno.test("--json: what few people want to know has values in a case", async () => {
  const tables = families.flatMap((
    { tables, groups = [] },
  ) => [...tables, ...groups]);
  const rare = tables.flatMap(({ columns }) => Object.entries(columns))
    .flatMap(([key, column]) => column.rare ? key : []);
  const golden = CASES.find(({ name }) => name === "inet/inner-state")!;
  const args = ["--columns", [...new Set(rare)].join(), ...golden.args];
  const rows: Record<string, unknown>[] = JSON.parse(
    await jsonOf({ ...golden, args }),
  );
  for (const key of rare) {
    assert.ok(rows.some((row) => row[key] != null), key);
  }
});

Deno.test("every option is given in a case or a test", async () => {
  const given = new Set(
    CASES.flatMap(({ args }) =>
      [...getopt(args, OPTIONS)].flatMap((found) =>
        "option" in found ? found.option : []
      )
    ),
  );
  const tests = await textOf(new URL(".", import.meta.url));
  for (const option of OPTIONS) {
    const name = option.long === undefined
      ? `-${option.short}`
      : `--${option.long}`;
    // as an argument: a string that begins with it, or a word of a command
    const word = new RegExp(`["'\`\\s]${RegExp.escape(name)}["'\`\\s=]`);
    assert.ok(
      given.has(option) || word.test(tests),
      `${name}: no case in testdata and no test in tests gives it`,
    );
  }
});

/** The text of all tests but this one. */
async function textOf(folder: URL): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const at = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) text += await textOf(at);
    else if (at.href !== import.meta.url) text += await Deno.readTextFile(at);
  }
  return text;
}

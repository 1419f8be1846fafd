/** docs/checks.md lists the checks as they are. */

import assert from "node:assert/strict";
import type { Check } from "../core/contract/check.ts";
import { importChecks } from "../core/views/embedded.ts";

Deno.test("docs/checks.md has every check, with its limits", async () => {
  const page = await Deno.readTextFile(
    new URL("../docs/checks.md", import.meta.url),
  );
  const listed = page.split("\n").filter((line) => /^\| `[a-z]/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()).slice(1, -1));
  const checks: readonly Check[] = await importChecks();
  const told = checks.map(({ name, about, limits = {} }) => [
    `\`${name}\``,
    about.replace(/\.$/, ""),
    Object.entries(limits).map(([key, { value }]) => `\`${key}=${value}\``)
      .join(" "),
  ]);
  assert.deepEqual(listed, told);
});

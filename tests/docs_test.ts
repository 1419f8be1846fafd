/** Documents say what the program does. */

import assert from "node:assert/strict";
import { loadFamilies } from "../core/registry.ts";
import { JSON_DOCS, jsonDocs } from "../tools/json_docs.ts";

Deno.test("docs/json.md is what the column specs say", async () => {
  const written = await Deno.readTextFile(JSON_DOCS);
  assert.equal(written, await jsonDocs(await loadFamilies()));
});

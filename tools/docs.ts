/**
 * Writes the documents that are made from the program:
 *
 * ```sh
 * ./denow task docs
 * ```
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";
import { loadFamilies } from "../core/views/registry.ts";
import { columnsDocs } from "./columns_docs.ts";
import { bash } from "./completions/bash.ts";
import { fish } from "./completions/fish.ts";
import { zsh } from "./completions/zsh.ts";
import { countersDocs } from "./counters_docs.ts";
import { deviationsDocs } from "./deviations_docs.ts";
import { familyTypes } from "./family_types.ts";
import { jsonDocs } from "./json_docs.ts";
import { manual } from "./manual.ts";

/** Documents by their places in `docs/`. */
export const DOCUMENTS: Readonly<
  Record<string, (families: readonly Family[]) => string | Promise<string>>
> = {
  "columns.md": columnsDocs,
  "counters.md": countersDocs,
  "deviations.md": deviationsDocs,
  "json.md": jsonDocs,
  "netstat.8": manual,
  "netstat.d.ts": familyTypes,
  "completions/netstat.bash": bash,
  "completions/_netstat": zsh,
  "completions/netstat.fish": fish,
};

/** Where a document is. */
export function placeOf(document: string): URL {
  return new URL(`../docs/${document}`, import.meta.url);
}

if (import.meta.main) {
  const families = await loadFamilies();
  for (const [document, make] of Object.entries(DOCUMENTS)) {
    await Deno.writeTextFile(placeOf(document), await make(families));
  }
}

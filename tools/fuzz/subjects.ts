/**
 * Finds the subjects: the modules of this folder whose default export is one.
 *
 * @module
 */

import type { Subject } from "./format.ts";

/** All subjects, by name. */
export async function loadSubjects(): Promise<Map<string, Subject>> {
  const found = new Map<string, Subject>();
  const folder = new URL(".", import.meta.url);
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = entries.map((entry) => entry.name)
    .filter((name) => name.endsWith(".ts")).sort();
  for (const name of names) {
    const module: { default?: Subject } = await import(
      new URL(name, folder).href
    );
    if (module.default !== undefined) {
      found.set(module.default.name, module.default);
    }
  }
  return found;
}

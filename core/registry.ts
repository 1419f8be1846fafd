/**
 * Finds the address families: every file of `families/` whose name starts with a
 * letter. Nobody keeps a list.
 *
 * @module
 */

import type { Family } from "./family.ts";

/**
 * Imports all families of the project, in the order of their file names. Only what
 * the folder lists is imported: in a compiled program a name that is not embedded
 * would be looked for below `/tmp`.
 */
export async function loadFamilies(): Promise<Family[]> {
  const folder = new URL("../families/", import.meta.url);
  const modules = await Promise.all(
    pluginsIn(folder).map((name) => import(new URL(name, folder).href)),
  );
  return await Promise.all(modules.map(({ default: exported }) => {
    return typeof exported === "function" ? called(exported) : exported;
  }));
}

/** What a file exports that could as well be loaded at run time. */
async function called(exported: unknown): Promise<Family> {
  const { familyOf } = await import("./plugin.ts");
  return familyOf(exported);
}

function pluginsIn(folder: URL): string[] {
  return Array.from(Deno.readDirSync(folder), (entry) => entry.name)
    .filter((name) => /^[a-z]\w*\.ts$/.test(name))
    .sort();
}

/** The family that `-A word` asks for. */
export function findFamily<Known extends Pick<Family, "name" | "words">>(
  families: readonly Known[],
  word: string,
): Known | undefined {
  return families.find((f) => (f.words ?? [f.name]).includes(word));
}

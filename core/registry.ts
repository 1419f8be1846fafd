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
  return modules.map((module) => module.default as Family);
}

function pluginsIn(folder: URL): string[] {
  return Array.from(Deno.readDirSync(folder), (entry) => entry.name)
    .filter((name) => /^[a-z]\w*\.ts$/.test(name))
    .sort();
}

/** The family that `-A word` asks for. */
export function findFamily(
  families: readonly Family[],
  word: string,
): Family | undefined {
  return families.find((f) => f.name === word || f.aliases?.includes(word));
}

/** Families that net-tools knows and that have no plugin yet, by `-A`'s words. */
const PLANNED: Readonly<Record<string, string>> = {
  ax25: "ax25",
  netrom: "netrom",
  rose: "rose",
  ipx: "ipx",
  ddp: "ddp",
  appletalk: "ddp",
  x25: "x25",
  econet: "ec",
  ash: "ash",
  bluetooth: "bluetooth",
};

/** The canonical name of the family that `-A word` asks for, if there is one. */
export function familyName(
  families: readonly Family[],
  word: string,
): string | undefined {
  return findFamily(families, word)?.name ??
    (Object.hasOwn(PLANNED, word) ? PLANNED[word] : undefined);
}

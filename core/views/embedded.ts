/**
 * Where the program finds its own parts. This is so in the source; in the executable
 * another module stands in this one's place, which `tools/build.ts` makes.
 *
 * @module
 */

import type { Check } from "../contract/check.ts";
import type { Card } from "./registry.ts";

/**
 * A card for each family, in the order of their files. The source has none: all
 * families are loaded, where the executable loads those that a view needs.
 */
export const CARDS: readonly Card[] | undefined = undefined;

/** Imports a file of `families/`. */
export function importFamily(file: string): Promise<{ default: unknown }> {
  return import(new URL(`../../families/${file}`, import.meta.url).href);
}

/** Imports all files of `checks/`, by their names. */
export async function importChecks(): Promise<readonly Check[]> {
  const folder = new URL("../../checks/", import.meta.url);
  const found = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const files = found.filter((name) => /^[a-z]\w*\.ts$/.test(name)).sort();
  const modules = files.map((file) => import(new URL(file, folder).href));
  return (await Promise.all(modules)).map((module) => module.default);
}

/** The module of a plugin's thread. */
export function pluginWorker(): string {
  return new URL("../plugins/worker.ts", import.meta.url).href;
}

/**
 * The function of the engine in whose place is the machine code that reads links. The
 * source has none.
 */
export const LINK_READER: string | undefined = undefined;

/** What `--family-types` prints. */
export function familyTypes(): Promise<string> {
  return Deno.readTextFile(new URL("../../docs/netstat.d.ts", import.meta.url));
}

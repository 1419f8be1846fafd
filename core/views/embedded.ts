/**
 * Where the program finds its own parts. This is so in the source; in the executable
 * another module stands in this one's place, which `tools/build.ts` makes.
 *
 * @module
 */

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

/** The module of a plugin's thread. */
export function pluginWorker(): string {
  return new URL("../plugins/worker.ts", import.meta.url).href;
}

/**
 * Whether each module holds what it needs of the runtime by itself, so that it can be
 * taken out of the global scope of a plugin's thread. The source's modules do not.
 */
export const OWN_SCOPES: boolean = false;

/** What `--family-types` prints. */
export function familyTypes(): Promise<string> {
  return Deno.readTextFile(new URL("../../docs/netstat.d.ts", import.meta.url));
}

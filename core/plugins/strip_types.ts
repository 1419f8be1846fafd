/**
 * Takes the types out of TypeScript. Loaded only for a family file that has some.
 *
 * @module
 */

import { transformSync } from "amaro";

/** The JavaScript in a TypeScript source. Throws what is wrong with it. */
export function stripTypes(source: string): string {
  return transformSync(source, { mode: "strip-only" }).code;
}

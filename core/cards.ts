/**
 * What the build knows of the families: nothing, since this is the source. In the
 * executable another module stands in this one's place, which `tools/build.ts`
 * makes, so that only the families that a view needs are loaded.
 *
 * @module
 */

import type { Card } from "./registry.ts";

/** A card for each family, in the order of their files; undefined in the source. */
export const CARDS: readonly Card[] | undefined = undefined;

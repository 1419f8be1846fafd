/**
 * What only the executable's modules do. There, another module stands in this one's
 * place, which `tools/build.ts` makes.
 *
 * @module
 */

/**
 * Whether each module holds what it needs of the runtime by itself, so that it can be
 * taken out of the global scope of a plugin's thread. The source's modules do not.
 */
export const OWN_SCOPES: boolean = false;

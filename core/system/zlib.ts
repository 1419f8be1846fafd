/**
 * What packs and unpacks: part of the runtime, loaded when it is needed.
 *
 * @module
 */

/** zlib, as Node has it. */
export function zlib(): typeof import("node:zlib") {
  // deno-lint-ignore no-process-global
  return process.getBuiltinModule("node:zlib");
}

/**
 * Takes the types out of TypeScript. Loaded only for a family file that has some.
 *
 * @module
 */

/** The JavaScript in a TypeScript source. Throws what is wrong with it. */
export async function stripTypes(source: string): Promise<string> {
  // V8 has none where it has to do without compilers
  if (!("WebAssembly" in globalThis)) {
    throw new Error(
      "TypeScript needs memory that may be written and run, which is denied here " +
        "(MemoryDenyWriteExecute, SELinux): write it in JavaScript",
    );
  }
  const { transformSync } = await import("amaro");
  return transformSync(source, { mode: "strip-only" }).code;
}

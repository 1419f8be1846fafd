/**
 * Runs programs for the build.
 *
 * @module
 */

/** The build cannot go on; the message says why. */
export class BuildError extends Error {}

/** Variables that `deno compile` would build in: telemetry, other ways of loading. */
const BUILT_IN = /^(OTEL_|DENO_(COMPAT|UNSTABLE))/;

/**
 * Runs a program; returns its output. Throws {@linkcode BuildError} with what it said if
 * it fails, and what the runtime throws if there is none.
 */
export async function sh(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = ".",
): Promise<string> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !BUILT_IN.test(name));
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new BuildError(text(stderr).trim());
  return text(stdout);
}

/**
 * Saved trees that a test makes up.
 *
 * @module
 */

/** Gives the test a folder, for `--root`, in which these files are. */
export async function withTree(
  files: Readonly<Record<string, string>>,
  test: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = `${root}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(file, text);
    }
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/**
 * Messages without those about what a saved tree lacks, which stand behind net-tools'
 * own.
 */
export function withoutLacks(stderr: string): string {
  return stderr.replaceAll(/^netstat: --root \S+(:| has no) .*\n/gm, "");
}

/**
 * Saved trees that a test makes up.
 *
 * @module
 */

/** Lends a test a folder that is removed behind it. */
export async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The names of all that is in a folder. */
export function namesIn(folder: string | URL): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

/** Gives the test a folder, for `--root`, in which these files are. */
export async function withTree(
  files: Readonly<Record<string, string>>,
  test: (root: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (root) => {
    for (const [path, text] of Object.entries(files)) {
      const file = `${root}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(file, text);
    }
    await test(root);
  });
}

/**
 * Messages without those about what a saved tree lacks, which stand behind net-tools'
 * own.
 */
export function withoutLacks(stderr: string): string {
  return stderr.replaceAll(/^netstat: --root \S+(:| has no) .*\n/gm, "");
}

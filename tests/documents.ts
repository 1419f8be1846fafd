/**
 * What is read in documents to be tested: commands, and where links lead.
 *
 * @module
 */

import { pathToFileURL } from "node:url";

/** A command of a document. */
export interface Command {
  readonly line: string;
  /** What it prints; undefined if the document does not say. */
  readonly output: string | undefined;
}

/** The commands of the blocks of `sh` and `console`. */
export function commandsOf(text: string): Command[] {
  const blocks = text.matchAll(/^```(sh|console)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, language, block]): Command[] => {
    const whole = block!.replaceAll("\\\n", "");
    if (language === "sh") {
      return whole.split("\n").filter((line) => /^[^#]/.test(line))
        .map((line) => ({ line, output: undefined }));
    }
    return whole.split(/^\$ /m).slice(1).map((part) => {
      const [line, ...output] = part.split("\n");
      return { line: line!, output: output.join("\n") };
    });
  });
}

/** Commands that a test of documents does not run by itself, and why. */
export const NOT_RUN: readonly {
  readonly command: RegExp;
  readonly reason: string;
}[] = [
  {
    command: /^\.\/denow task [a-z0-9]+\b/,
    reason: "a task of the project, which is run by itself",
  },
  {
    command: /^(apt-get install|tar -xzf)\b/,
    reason: "changes the machine; tests/packages runs README's on another",
  },
  {
    command: /^netstat --family-types > netstat\.d\.ts$/,
    reason: "writes a file here; plugins_test.ts checks what it prints",
  },
  {
    command: /^netstat .* > graph\.svg$/,
    reason: "writes a file here; graph_test.ts draws",
  },
  {
    command: /^netstat .*\bnow\.tar\.gz\b/,
    reason: "writes a file here, or reads it; save_test.ts does both",
  },
  {
    command: /^(set -o pipefail$|ansible |systemctl enable )/,
    reason: "asks other machines, or changes this one; fleet_test.ts does so",
  },
  {
    command: /^netstat .*--(watch|until)\b/,
    reason: "waits; compare_test.ts watches",
  },
];

/**
 * The status that a command must end with: with `--diff` that of diff(1), since what
 * documents compare differs; with `--check` that of monitoring plugins.
 */
export function statusOf({ line, output = "" }: Command): number {
  const last = line.split(" | ").at(-1)!;
  if (/ --check[= ]/.test(last)) {
    if (/^CRITICAL /m.test(output)) return 2;
    return /^WARNING /m.test(output) ? 1 : 0;
  }
  return / --diff /.test(last) ? 1 : 0;
}

/** The links of the document in a file that lead to no file, folder or heading. */
export function brokenLinks(file: string): string[] {
  const base = pathToFileURL(file);
  const links = Deno.readTextFileSync(file)
    .matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g);
  const broken: string[] = [];
  for (const [link, path, anchor] of links) {
    const target = path === "" ? base : new URL(path!, base);
    try {
      if (!Deno.statSync(target).isFile || anchor === undefined) continue;
      if (anchors(Deno.readTextFileSync(target)).has(anchor)) continue;
    } catch {
      // there is no such file
    }
    broken.push(`${file}: ${link}`);
  }
  return broken;
}

/** The headings of a document, as links name them. */
function anchors(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!.toLowerCase().replaceAll(/[^\w\s-]/g, "").replaceAll(" ", "-")
    ),
  );
}

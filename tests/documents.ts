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

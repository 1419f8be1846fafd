/**
 * Documents as packages install them. There is no source then: what is about it
 * stands between `<!-- source -->` and `<!-- /source -->` and is left out, links to
 * its files become plain text, and the program is called by its name.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path/posix";

/** Documents that are installed, and what they show, by their places in the source. */
const INSTALLED =
  /^(README\.md|docs\/(checks|columns|coming_from|counters|deviations|families|fleet|graph|json|namespaces|performance|questions|security|time)\.md|docs\/arp\.ts|docs\/graph\.svg|docs\/incident\.tgz|docs\/(arp|fleet|server|yesterday)\/.*)$/;

/** A document: its text, or the file or the symbolic link that it is. */
export type Installed =
  | string
  | { readonly from: string }
  | { readonly link: string };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** All that is installed, by place. */
export async function installedDocuments(): Promise<Map<string, Installed>> {
  const places: string[] = ["README.md"];
  const walk = async (folder: string) => {
    for await (const entry of Deno.readDir(ROOT + folder)) {
      const place = `${folder}/${entry.name}`;
      if (entry.isDirectory) await walk(place);
      else places.push(place);
    }
  };
  await walk("docs");
  const there = new Set(
    places.filter((place) => INSTALLED.test(place)).sort(),
  );
  const found = new Map<string, Installed>();
  for (const place of there) {
    const file = ROOT + place;
    if ((await Deno.lstat(file)).isSymlink) {
      found.set(place, { link: await Deno.readLink(file) });
    } else if (place.endsWith(".md")) {
      const text = await Deno.readTextFile(file);
      found.set(place, withoutSource(text, place, there));
    } else {
      found.set(place, { from: file });
    }
  }
  return found;
}

/** A document without what is about the source, among these that are installed. */
export function withoutSource(
  text: string,
  place: string,
  there: ReadonlySet<string>,
): string {
  const isThere = (path: string) =>
    [...there].some((other) => other === path || other.startsWith(`${path}/`));
  return text
    .replaceAll(/^<!-- source -->$.*?^<!-- \/source -->$/gms, "")
    .replaceAll(/^<!-- .*? -->$/gms, "")
    .replaceAll(
      /^```.*?^```$/gms,
      (block) => block.replaceAll(/(\.\/)?dist\/netstat\b/g, "netstat"),
    )
    .replaceAll(
      /\[([^\][]*)\]\((?!https?:)([^)#\s]+)(#[^)\s]+)?\)/g,
      (link, words, path) => isThere(join(dirname(place), path)) ? link : words,
    )
    .replaceAll(/\n{3,}/g, "\n\n");
}

/**
 * What `CHANGELOG.md` says, and the same as Debian writes it (deb-changelog(5)).
 *
 * @module
 */

/** A release. */
export interface Release {
  readonly version: string;
  /** The day, as `2026-11-24`. */
  readonly date: string;
  /** What changed, each in one line of plain text. */
  readonly changes: readonly string[];
}

/**
 * The releases, newest first. Each has a heading `## VERSION (DATE)` and under it a
 * list; other paragraphs are left out, and so is `## Unreleased`. Throws if there are
 * none, or one is empty.
 */
export function releases(markdown: string): Release[] {
  const [, ...parts] = markdown.split(/^## /m);
  const released = parts.filter((part) => !part.startsWith("Unreleased\n"));
  const found = released.map((part) => {
    const [, version, date, body] =
      /^(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)\n(.*)/s.exec(part) ?? [];
    const changes = (body ?? "").split(/\n+(?=- |\n)/)
      .filter((item) => item.startsWith("- "))
      .map((item) =>
        item.slice(2).replace(/\s+/g, " ").trim()
          .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
          .replaceAll("`", "")
      );
    if (version === undefined || date === undefined || changes.length === 0) {
      throw new Error(`Cannot read the changelog at "## ${part.slice(0, 40)}"`);
    }
    return { version, date, changes };
  });
  if (found.length === 0) throw new Error("The changelog has no release");
  return found;
}

/** The seconds since 1970 at the start of a release's day, UTC. */
export function seconds({ date }: Release): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000;
}

/** A Debian changelog of these releases. */
export function debianChangelog(
  list: readonly Release[],
  { name, maintainer }: { name: string; maintainer: string },
): string {
  return list.map((release) => {
    const day = new Date(seconds(release) * 1000).toUTCString()
      .replace("GMT", "+0000");
    const changes = release.changes.map((change) => `${wrap(change)}\n`);
    return `${name} (${release.version}) unstable; urgency=medium

${changes.join("")}
 -- ${maintainer}  ${day}
`;
  }).join("\n");
}

/** A change as an item of at most 76 columns. */
function wrap(change: string): string {
  const lines: string[] = [];
  let line = "  *";
  for (const word of change.split(" ")) {
    if (line.length + 1 + word.length > 76) {
      lines.push(line);
      line = "   ";
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}

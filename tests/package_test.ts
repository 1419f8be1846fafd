/** What packages are made of. */

import assert from "node:assert/strict";
import { VERSION } from "../render/help.ts";
import {
  debianChangelog,
  releases,
  seconds,
} from "../tools/package/changelog.ts";
import {
  installedDocuments,
  withoutSource,
} from "../tools/package/documents.ts";
import { brokenLinks, commandsOf } from "./documents.ts";

Deno.test("releases: version, day and list, as plain text", () => {
  const found = releases(`# Changelog

## Unreleased

- To come.

## 1.2.0 (2026-12-31)

Said of it.

- One \`--option\`,
  [with a link](docs/a.md).
- Two.

## 1.1.0 (2026-01-02)

- Old.
`);
  assert.deepEqual(found, [
    {
      version: "1.2.0",
      date: "2026-12-31",
      changes: ["One --option, with a link.", "Two."],
    },
    { version: "1.1.0", date: "2026-01-02", changes: ["Old."] },
  ]);
  const about = { name: "thing", maintainer: "Me <me@there>" };
  assert.equal(
    debianChangelog(found, about),
    `thing (1.2.0) unstable; urgency=medium

  * One --option, with a link.
  * Two.

 -- Me <me@there>  Thu, 31 Dec 2026 00:00:00 +0000

thing (1.1.0) unstable; urgency=medium

  * Old.

 -- Me <me@there>  Fri, 02 Jan 2026 00:00:00 +0000
`,
  );
  assert.equal(seconds(found[1]!), 1767312000);
});

Deno.test("releases: what cannot be read is told", () => {
  const cases = [
    { name: "none", text: "# Changelog\n" },
    { name: "no day", text: "## 1.0.0\n\n- It.\n" },
    { name: "no list", text: "## 1.0.0 (2026-01-01)\n\nIt.\n" },
  ];
  for (const { name, text } of cases) {
    assert.throws(() => releases(text), /changelog/, name);
  }
});

Deno.test("CHANGELOG.md begins with this version, the manual with its day", async () => {
  const text = async (path: string) =>
    await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
  const [newest] = releases(await text("CHANGELOG.md"));
  assert.equal(newest!.version, VERSION);
  const [, day] = /^\.TH NETSTAT 8 (\S+)/m.exec(await text("docs/netstat.8"))!;
  assert.ok(day! >= newest!.date, `the manual is of ${day}`);
});

Deno.test("documents: what is about the source is left out", () => {
  const there = new Set(["README.md", "docs/a.md", "docs/server/proc/x"]);
  const text = `# A

<!-- source -->

Build it.

<!-- /source -->

[here](b.md), [there](a.md#x), [a tree](server), [up](../README.md), [web](https://a)

<!-- Made by hand. -->

\`\`\`console
$ ./dist/netstat -V && dist/netstat -h
\`\`\`

\`dist/netstat\`
`;
  assert.equal(
    withoutSource(text, "docs/a.md", there),
    `# A

here, [there](a.md#x), [a tree](server), [up](../README.md), [web](https://a)

\`\`\`console
$ netstat -V && netstat -h
\`\`\`

\`dist/netstat\`
`,
  );
});

Deno.test("documents: those that are installed need nothing of the source", async () => {
  const folder = await Deno.makeTempDir({ prefix: "netstat-documents-" });
  try {
    let commands = 0;
    const documents = await installedDocuments();
    for (const [place, document] of documents) {
      const path = `${folder}/${place}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      if (typeof document === "string") {
        await Deno.writeTextFile(path, document);
        assert.doesNotMatch(document, /<!--|\.\/denow|^\$ .*dist\//m, place);
        commands += commandsOf(document).length;
      } else if ("link" in document) await Deno.symlink(document.link, path);
      else await Deno.copyFile(document.from, path);
    }
    assert.ok(commands > 5);
    const texts = [...documents.keys()].filter((path) => path.endsWith(".md"));
    assert.ok(texts.length > 5);
    for (const place of texts) {
      assert.deepEqual(brokenLinks(`${folder}/${place}`), []);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

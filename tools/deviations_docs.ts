/**
 * `docs/deviations.md`, from `testdata/deviations.txt` and the cases that it names.
 *
 * @module
 */

import { fromUtf8 } from "../core/contract/line.ts";
import type { Family } from "../core/contract/family.ts";
import { type Case, loadCases, loadDeviations } from "../tests/cases.ts";

const HEAD = `# Differences from net-tools 2.10

<!-- Made from testdata/deviations.txt by \`./denow task docs\`; a test compares them. -->

\`netstat\` prints what net-tools' \`netstat\` 2.10 (Debian 2.10-1.3) prints: the same
bytes on standard output and standard error, and the same exit status. It does not
where that would be garbage: memory left over, wrong data, crashes, control bytes
sent to a terminal. Each such difference is a golden case with a reason; one that is
not listed fails a test, and so does one that no longer differs.

Some is the program's own:

- Three texts, since they are about it: the usage text (\`--help\`, and after every
  error in the options), the version, and messages about what net-tools does not
  have.
- Sockets that the runtime of the program makes for itself are not shown.
- Host names that do not come within \`--resolve-timeout\`, ten seconds for a whole
  listing unless given, are shown as numbers; net-tools waits for each one.
- Rounds of \`-c\` start at whole seconds; net-tools waits a second between them.
- Output that cannot be written, to a full disk or to \`/dev/full\`, is told, and the
  status is 1; net-tools does not notice.
- \`-A netrom -r\` tells of each of its two files why it cannot be read. Where standard
  error can only be written to, as a pipe or a file of \`2>\`, net-tools tells of the
  second one "Invalid argument", which its first message has left behind.

Below each reason stand the lines by which its first case differs: \`-\` is what
net-tools prints, \`+\` what is printed here. A control byte is shown as \`^[\` and the
like.
`;

/** Folders of cases that are not a family's. */
const TITLES: Readonly<Record<string, string>> = {
  cli: "The command line",
  listing: "Listings of several families",
  interfaces: "Interfaces",
  masquerade: "Translated connections",
};

/** At most so many lines of each program are shown. */
const LINES_MOST = 3;

/** The document. */
export function deviationsDocs(families: readonly Family[]): string {
  const cases = new Map(loadCases().map((golden) => [golden.name, golden]));
  const reasons = new Map<string, Case[]>();
  for (const [name, reason] of loadDeviations()) {
    const others = reasons.get(reason) ?? [];
    reasons.set(reason, [...others, cases.get(name)!]);
  }
  // a reason of several folders is told in the first one
  let document = HEAD;
  let before = "";
  for (const [reason, cases] of reasons) {
    const [folder] = cases[0]!.name.split("/") as [string];
    if (folder !== before) {
      const family = families.find(({ name, words }) =>
        name === folder || words?.includes(folder)
      );
      document += `\n## ${TITLES[folder] ?? family!.about}\n`;
    }
    before = folder;
    document += `\n${item(reason, cases)}`;
  }
  return document;
}

function item(reason: string, cases: readonly Case[]): string {
  const links = cases.map(({ name }) => `[${name}](../testdata/${name})`);
  const [first] = cases;
  return `${reason}\n\n\`\`\`diff\n$ ${command(first!)}\n${
    changed(first!).join("\n")
  }\n\`\`\`\n\n${cases.length > 1 ? "Cases" : "Case"}: ${links.join(", ")}\n`;
}

function command({ path }: Case): string {
  const [words] = Deno.readTextFileSync(`${path}/cmd`).split("\n");
  return `netstat ${words}`.trimEnd();
}

/** The lines by which a case differs, and its status if that does. */
function changed({ reference, ours }: Case): string[] {
  const want = { ...reference, ...ours };
  const [theirs, here] = [linesOf(reference), linesOf(want)];
  const status = reference.exit === want.exit
    ? []
    : [`-exit status ${reference.exit}`, `+exit status ${want.exit}`];
  return [
    ...only(theirs, here).map((line) => `-${line}`),
    ...only(here, theirs).map((line) => `+${line}`),
    ...status,
  ];
}

function linesOf({ stdout, stderr }: Case["reference"]): string[] {
  const text = stdout + stderr;
  const usage = text.search(/^usage: /im);
  const lines = (usage < 0 ? text : text.slice(0, usage)).split("\n");
  return lines.map(visible).filter((line) => line !== "");
}

/** The first lines that the others do not have, as often as they have them. */
function only(lines: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  const found = lines.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return found.length <= LINES_MOST
    ? found
    : [...found.slice(0, LINES_MOST), `… ${found.length - LINES_MOST} more`];
}

/** A byte string as text, what no text has in caret notation or hexadecimal. */
function visible(line: string): string {
  const text = fromUtf8(line);
  const shown = text.includes("\ufffd")
    ? line.replaceAll(
      /[\x80-\xff]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16)}`,
    )
    : text;
  return shown.replaceAll(
    // deno-lint-ignore no-control-regex
    /[\x00-\x1f\x7f]/g,
    (c) => `^${String.fromCharCode(c.charCodeAt(0) ^ 64)}`,
  ).trimEnd();
}

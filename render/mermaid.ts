/**
 * Writes a picture as a flowchart of Mermaid, which pages of GitHub and GitLab show. All
 * names are quoted texts, in which whatever could mean something to Mermaid, to HTML or
 * to Markdown is a number.
 *
 * @module
 */

import { toUtf8 } from "../core/contract/line.ts";
import type { Bytes } from "../core/contract/out.ts";
import type { Arrow, Box, Kind, Picture } from "./picture.ts";

/** Mermaid draws no more than this unless its page says otherwise. */
const ARROWS_MOST = 500;
const CHARACTERS_MOST = 50_000;

const HEAD = `flowchart LR
  classDef serves fill:#dcebf7,stroke:#2f6690,stroke-width:2px,color:#1f2933
  classDef own fill:#f4f7fa,stroke:#6b8299,color:#1f2933
  classDef none fill:#f4f7fa,stroke:#6b8299,stroke-dasharray:4 3,color:#1f2933
  classDef unknown fill:#fdf6e3,stroke:#b7791f,stroke-dasharray:4 3,color:#1f2933
  classDef nobody fill:#f7f7f7,stroke:#9aa5b1,stroke-dasharray:4 3,color:#1f2933
  classDef address fill:#ffffff,stroke:#9aa5b1,color:#1f2933
  classDef more fill:#ffffff,stroke:#9aa5b1,stroke-dasharray:4 3,color:#1f2933
`;

/** Writes it. Returns whether Mermaid draws as much as that. */
export function writeMermaid(
  out: Bytes & { endRow(): void },
  { clusters, boxes, arrows }: Picture,
): boolean {
  let characters = HEAD.length;
  const line = (text: string) => {
    characters += text.length + 1;
    out.ascii(toUtf8(text));
    out.endRow();
  };
  out.ascii(HEAD);
  for (const { id, name, boxes } of clusters) {
    line(`  subgraph ${id}[${quoted([name])}]`);
    for (const box of boxes) line(`    ${boxOf(box)}`);
    line("  end");
  }
  for (const box of boxes) line(`  ${boxOf(box)}`);
  for (const arrow of arrows) line(`  ${arrowOf(arrow)}`);
  return arrows.length <= ARROWS_MOST && characters <= CHARACTERS_MOST;
}

/** Kinds of boxes that are round: they are elsewhere. */
const ROUND: ReadonlySet<Kind> = new Set(["address", "more"]);

function boxOf({ id, kind, serves, lines }: Box): string {
  const text = quoted(lines);
  const shape = ROUND.has(kind) ? `([${text}])` : `(${text})`;
  const isOwn = kind === "own" || kind === "none";
  return `${id}${shape}:::${serves && isOwn ? "serves" : kind}`;
}

function arrowOf({ from, to, directed, lines }: Arrow): string {
  return `${from.id} ${directed ? "-->" : "---"}|${quoted(lines)}| ${to.id}`;
}

function quoted(lines: readonly string[]): string {
  return `"${lines.map(escaped).join("<br/>")}"`;
}

/**
 * A line in which only letters, digits, blanks and what means nothing anywhere stay as
 * they are. A colon or a dot in front of a letter can be a part of an icon's name or of a
 * link; a line that begins as one of a list would be one.
 */
function escaped(line: string): string {
  const [list] = /^(?:\d+[.)]|-)(?=\s)/.exec(line) ?? [""];
  return numbers(list) +
    line.slice(list.length)
      .replace(/[.:](?!\d)|[^\p{L}\p{M}\p{N} .,:/()×…-]/gu, numbers);
}

/**
 * Characters as Mermaid spells those of HTML. It reads some labels once more when the
 * numbers are characters again: what has no width keeps a backslash from being an escape,
 * `fa:fa-car` from being a car, and `$$x$$` from being a formula.
 */
function numbers(text: string): string {
  return Array.from(text, (character) => {
    const number = `#${character.codePointAt(0)};`;
    return /[\\:$]/.test(character) ? `${number}#8203;` : number;
  }).join("");
}

/**
 * Writes a picture in the DOT language, for Graphviz. All names are quoted texts: the
 * only escape in them that is not their own is that of a new line.
 *
 * @module
 */

import { toUtf8 } from "../core/contract/line.ts";
import type { Bytes } from "../core/contract/out.ts";
import type { Arrow, Box, Kind, Picture } from "./picture.ts";

const HEAD = `digraph netstat {
  graph [rankdir=LR, fontname="Helvetica", fontsize=11, nodesep=0.25, ranksep=1.1];
  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, \
margin="0.16,0.09", color="#6b8299", fillcolor="#f4f7fa", fontcolor="#1f2933"];
  edge [fontname="Helvetica", fontsize=9, color="#7b8794", fontcolor="#52606d", \
arrowsize=0.7];
`;

/** What others can connect to stands out, the more so if it is known who that is. */
const SERVES = "penwidth=2";
const OWN_SERVES = `color="#2f6690", fillcolor="#dcebf7"`;

/** How kinds of boxes differ from others. */
const LOOKS: Readonly<Record<Kind, string>> = {
  own: "",
  none: `style="rounded,filled,dashed"`,
  unknown:
    `style="rounded,filled,dashed", color="#b7791f", fillcolor="#fdf6e3"`,
  nobody: `style="rounded,filled,dashed", color="#9aa5b1", fillcolor="#f7f7f7"`,
  address: `shape=ellipse, style=filled, color="#9aa5b1", fillcolor="#ffffff"`,
  more: `shape=ellipse, style="filled,dashed", color="#9aa5b1", ` +
    `fillcolor="#ffffff"`,
};

/** Writes it. */
export function writeDot(
  out: Bytes & { endRow(): void },
  { clusters, boxes, arrows }: Picture,
): void {
  const line = (text: string) => {
    out.ascii(toUtf8(text));
    out.endRow();
  };
  out.ascii(HEAD);
  for (const { id, name, boxes } of clusters) {
    line(`  subgraph cluster_${id} {`);
    line(`    label=${quoted([name])};`);
    line(`    style="rounded,dashed"; color="#9aa5b1"; fontcolor="#52606d";`);
    for (const box of boxes) line(`    ${boxOf(box)}`);
    line("  }");
  }
  for (const box of boxes) line(`  ${boxOf(box)}`);
  for (const arrow of arrows) line(`  ${arrowOf(arrow)}`);
  line("}");
}

function boxOf({ id, kind, serves, lines }: Box): string {
  const attributes = [
    `label=${quoted(lines)}`,
    LOOKS[kind],
    serves && (kind === "own" || kind === "none") ? OWN_SERVES : "",
    serves ? SERVES : "",
  ];
  return `${id} [${attributes.filter(Boolean).join(", ")}];`;
}

function arrowOf({ from, to, directed, count, lines }: Arrow): string {
  // ten times as many are a line that is wider by half
  const width = (1 + Math.log10(count) / 2).toFixed(1);
  const more = directed ? "" : ", dir=none";
  return `${from.id} -> ${to.id} ` +
    `[label=${quoted(lines)}, penwidth=${width}${more}];`;
}

/**
 * Lines as a quoted text. In a label Graphviz takes a backslash for an escape, and an
 * ampersand for the beginning of a character of HTML.
 */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    line.replaceAll("&", "&amp;").replace(/["\\]/g, "\\$&")
  );
  return `"${escaped.join("\\n")}"`;
}

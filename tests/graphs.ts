/**
 * What is in a picture, read from the language that it is written in, and from what
 * Graphviz and Mermaid make of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { toUtf8 } from "../core/contract/line.ts";

/** An element of jsdom, which has no types. */
// deno-lint-ignore no-explicit-any
type Element = any;

/** What is in a picture. */
export interface Seen {
  /** The lines of each box, by what arrows call it. */
  readonly boxes: ReadonlyMap<string, readonly string[]>;
  /** Arrows as `FROM > TO: LINES`, or `FROM - TO: LINES`, by the first lines of boxes. */
  readonly arrows: readonly string[];
  /** Frames, by their names. */
  readonly clusters: readonly string[];
}

/** An arrow as it is read. */
interface Read {
  readonly from: string;
  readonly to: string;
  readonly directed: boolean;
  readonly lines: readonly string[];
}

function seen(
  boxes: ReadonlyMap<string, readonly string[]>,
  arrows: readonly Read[],
  clusters: readonly string[],
): Seen {
  const called = (id: string) => boxes.get(id)![0]!;
  return {
    boxes,
    arrows: arrows.map(({ from, to, directed, lines }) =>
      `${called(from)} ${directed ? ">" : "-"} ${called(to)}: ` +
      lines.join(", ")
    ).sort(),
    clusters: clusters.toSorted(),
  };
}

/** The first lines of all boxes, and what follows them. */
export function boxesOf({ boxes }: Seen): string[] {
  return [...boxes.values()].map((lines) => lines.join(" | ")).sort();
}

const TEXT = String.raw`"((?:[^"\\]|\\[n"\\])*)"`;
const MORE = String.raw`(?:, [a-z]+=(?:[a-z\d.]+|"[^"\\]*"))*`;

/** Lines of a label of DOT. */
function unquoted(label: string): string[] {
  const lines = label.replaceAll(/\\(.)/g, (_, c) => c === "n" ? "\n" : c)
    .split("\n");
  for (const line of lines) assert.doesNotMatch(line, /&(?!amp;)/);
  return lines.map((line) => line.replaceAll("&amp;", "&"));
}

/** What is in a picture in DOT, of which each line must be one of those that we write. */
export function seenInDot(text: string): Seen {
  assert.match(text, /^digraph netstat \{\n[^]*\n\}\n$/);
  const boxes = new Map<string, string[]>();
  const arrows: Read[] = [];
  const clusters: string[] = [];
  for (const line of text.split("\n").slice(1, -2)) {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
    const found = new RegExp(
      `^ +(?:([pma]\\d+[io]?)(?: -> ([pma]\\d+[io]?))? \\[label=${TEXT}(${MORE})\\];` +
        `|label=${TEXT};|(?:graph|node|edge) \\[[^\\]]*\\];` +
        `|subgraph cluster_n\\d+ \\{|style=[^\\\\]*;|\\})$`,
    ).exec(line);
    assert.ok(found !== null, line);
    const [, id, to, label, more, cluster] = found;
    if (cluster !== undefined) clusters.push(...unquoted(cluster));
    if (id === undefined) continue;
    const lines = unquoted(label!);
    if (to === undefined) boxes.set(id, lines);
    else {
      const directed = !more!.includes("dir=none");
      arrows.push({ from: id, to, directed, lines });
    }
  }
  return seen(boxes, arrows, clusters);
}

/** What is in the SVG that Graphviz makes. */
export function seenInSvg(svg: string): Seen {
  const { document } = new JSDOM(svg, { contentType: "image/svg+xml" }).window;
  const names = new Set(
    [...document.querySelectorAll("*")].map(({ localName }): string =>
      localName
    ),
  );
  // nothing that does anything
  assert.deepEqual(
    [...names].filter((name) => !SHAPES.has(name)),
    [],
  );
  const linesIn = (element: Element) =>
    [...element.querySelectorAll("text")].map((line): string =>
      line.textContent.replaceAll("\u00a0", " ")
    );
  const all = (kind: string) =>
    [...document.querySelectorAll(`g.${kind}`)].map((element) => ({
      title: element.querySelector("title").textContent as string,
      lines: linesIn(element),
      directed: element.querySelector("polygon") !== null,
    }));
  return seen(
    new Map(all("node").map(({ title, lines }) => [title, lines])),
    all("edge").map(({ title, ...edge }) => {
      const [from, to] = title.split("->");
      return { from: from!, to: to!, ...edge };
    }),
    all("cluster").flatMap(({ lines }) => lines),
  );
}

const SHAPES: ReadonlySet<string> = new Set([
  ..."svg g title polygon polyline path ellipse text".split(" "),
]);

/** What is in a picture of Mermaid's, as Mermaid itself reads and draws it. */
export async function seenInMermaid(text: string): Promise<Seen> {
  const mermaid = await theMermaid();
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { svg } = await mermaid.render("picture", text);
  const { document } = new JSDOM(svg).window;
  assert.equal(document.querySelectorAll("a, script, img, iframe").length, 0);
  const boxes = new Map<string, string[]>();
  for (const node of document.querySelectorAll(".node")) {
    const [, id] = /^flowchart-(.+)-\d+$/.exec(node.id)!;
    boxes.set(id!, linesOf(node));
  }
  const labels = [...document.querySelectorAll(".edgeLabel > .label")]
    // an arrow from a box to itself is made of three
    .map(linesOf).filter((lines) => lines.join("") !== "");
  // deno-lint-ignore no-explicit-any
  const edges: any[] = (db as any).getEdges();
  assert.equal(labels.length, edges.length);
  const arrows = edges.map(({ start, end, type }, i): Read => ({
    from: start,
    to: end,
    directed: type === "arrow_point",
    lines: labels[i]!,
  }));
  const clusters = [...document.querySelectorAll(".cluster-label")]
    .flatMap(linesOf);
  return seen(boxes, arrows, clusters);
}

/** The lines of a label of HTML. */
function linesOf(label: Element): string[] {
  for (const br of label.querySelectorAll("br")) br.replaceWith("\n");
  // what has no width is not seen
  const text: string = label.textContent.replaceAll("\u200b", "");
  return text.split("\n").map((line) => line.trim());
}

// deno-lint-ignore no-explicit-any
let found: Promise<any> | undefined;

/** Mermaid, which wants a browser: one that knows no sizes will do. */
// deno-lint-ignore no-explicit-any
function theMermaid(): Promise<any> {
  return found ??= (async () => {
    const { window } = new JSDOM("<body></body>");
    const { document, Element, SVGElement, XMLSerializer, DOMParser } = window;
    Object.assign(globalThis, {
      ...{ window, document, Element, SVGElement, XMLSerializer, DOMParser },
    });
    Object.assign(Element.prototype, {
      getBBox: () => ({ x: 0, y: 0, width: 100, height: 20 }),
      getComputedTextLength: () => 50,
    });
    const { btoa } = globalThis;
    // without sizes, what it takes for points can have names in it
    globalThis.btoa = (text) => btoa(toUtf8(text));
    const { default: mermaid } = await import("mermaid");
    mermaid.initialize({ startOnLoad: false });
    return mermaid;
  })();
}

/**
 * What a picture is drawn of: who is on this machine, which addresses are elsewhere, and
 * how many connections there are between them. Names are byte strings of somebody
 * else's, as they came; only the finished picture has them legible.
 *
 * @module
 */

import type { Long } from "../core/contract/family.ts";
import { grouped } from "../core/contract/grouped.ts";
import {
  type Arrow,
  type Box,
  type Kind,
  legible,
  type Picture,
} from "./picture.ts";

/** So many addresses elsewhere that one box talks to have boxes of their own. */
const ADDRESSES_MOST = 8;

/** So many ports, and so many paths, stand in a box. */
const PORTS_MOST = 10;
const PATHS_MOST = 4;

/** So many uses stand on an arrow. */
const USES_MOST = 4;

/** Ports go on in the next line behind so many characters. */
const LINE_MOST = 28;

/** How often something was used, by what that is called. */
export type Uses = Map<string, number>;

/** An address elsewhere, as one box sees it. */
export interface Remote {
  /** The network namespace that it means something in; empty if it is any. */
  readonly netns: string;
  /** The address. */
  readonly address: string;
  /** Its name. */
  readonly host: string | null;
  /** By what they are connected. */
  readonly uses: Uses;
  /** How often. */
  count: number;
}

/** What a box of this machine has for others. */
export interface Served {
  /** The protocol. */
  readonly proto: string;
  /** Its port, with an address if it is that one's only, or its path. */
  readonly text: string;
  /** Where it stands among others: its port. */
  readonly rank: Long;
}

/** A connection to somewhere else. */
export interface Elsewhere extends Pick<Remote, "netns" | "address" | "host"> {
  /** Whether that side called this one. */
  readonly calls: boolean;
  /** By what. */
  readonly use: string;
}

/** A box of this machine. */
export class Node {
  /** What others can connect to, by protocol. */
  readonly served = new Map<string, Map<string, Long>>();
  /** Addresses elsewhere that call it. */
  readonly callers = new Map<string, Remote>();
  /** Addresses elsewhere that it calls. */
  readonly called = new Map<string, Remote>();

  /** The name is empty if the kind says all. */
  constructor(
    readonly key: string,
    readonly netns: string,
    readonly kind: Kind,
    readonly name: string,
  ) {}

  /** Others can connect to this. */
  serve({ proto, text, rank }: Served): void {
    const texts = this.served.get(proto);
    if (texts === undefined) this.served.set(proto, new Map([[text, rank]]));
    else texts.set(text, rank);
  }
}

/** A connection between two boxes of this machine. */
export interface Talk {
  /** The client, or one end. */
  readonly from: Node;
  /** The server, or the other end. */
  readonly to: Node;
  /** Whether it is known which is which. */
  readonly directed: boolean;
  /** By what. */
  readonly use: string;
}

/** All of those between the same two. */
interface Edge extends Omit<Talk, "use"> {
  readonly uses: Uses;
}

/** How it is drawn. */
export interface Drawing {
  /** What the kinds of boxes without a name are called. */
  readonly names: Partial<Record<Kind, string>>;
  /** Whether boxes of this machine are addresses. */
  readonly addresses: boolean;
  /** Whether each network namespace has a frame. */
  readonly several: boolean;
}

/** Gathers it. */
export class Gathered {
  readonly #nodes = new Map<string, Node>();
  readonly #edges = new Map<string, Edge>();

  /** The box of this kind and name. */
  node(netns: string, kind: Kind, name = ""): Node {
    const key = `${netns}\0${kind}\0${name}`;
    let node = this.#nodes.get(key);
    if (node === undefined) {
      this.#nodes.set(key, node = new Node(key, netns, kind, name));
    }
    return node;
  }

  /** Two of this machine are connected. */
  between({ use, ...talk }: Talk): void {
    // where nobody knows who called, one way round is as good as the other
    const isTurned = !talk.directed && talk.to.key < talk.from.key;
    const { from, to, directed } = isTurned
      ? { from: talk.to, to: talk.from, directed: false }
      : talk;
    const key = `${from.key}\0${to.key}\0${directed}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      this.#edges.set(key, edge = { from, to, directed, uses: new Map() });
    }
    add(edge.uses, use, 1);
  }

  /** Somebody of this machine is connected with an address elsewhere. */
  elsewhere(
    node: Node,
    { netns, address, host, calls, use }: Elsewhere,
  ): void {
    const remotes = calls ? node.callers : node.called;
    // each namespace has such addresses of its own
    const place = isLoopback(address) ? netns : "";
    const key = `${place}\0${address}`;
    let remote = remotes.get(key);
    if (remote === undefined) {
      remote = { netns: place, address, host, uses: new Map(), count: 0 };
      remotes.set(key, remote);
    }
    remote.count++;
    add(remote.uses, use, 1);
  }

  /** The picture of it, the same for the same connections in whatever order. */
  picture(drawing: Drawing): Picture {
    const edges = [...this.#edges.values()];
    const talking = new Set(edges.flatMap(({ from, to }) => [from, to]));
    const nodes = [...this.#nodes.values()].filter((node) =>
      talking.has(node) || node.served.size > 0 || node.callers.size > 0 ||
      node.called.size > 0
    );
    return new Painter(nodes, drawing).paint(edges);
  }
}

/** An arrow whose uses are still to be spelled. */
interface Draft extends Pick<Arrow, "from" | "to" | "directed"> {
  readonly uses: Uses;
}

/** Makes a picture. */
class Painter {
  readonly #drawing: Drawing;
  readonly #nodes: readonly Node[];
  readonly #boxes = new Map<Node, Box>();
  /** Boxes of addresses elsewhere, by the keys of those. */
  readonly #addresses = new Map<string, Box>();
  /** All boxes, with the namespaces that they are drawn in. */
  readonly #all: { readonly box: Box; readonly netns: string | undefined }[] =
    [];

  constructor(nodes: readonly Node[], drawing: Drawing) {
    this.#drawing = drawing;
    this.#nodes = nodes.toSorted((a, b) =>
      compare(a.netns, b.netns) || KINDS.indexOf(a.kind) -
        KINDS.indexOf(b.kind) ||
      compare(orderOf(a.name), orderOf(b.name)) || compare(a.name, b.name)
    );
  }

  paint(edges: readonly Edge[]): Picture {
    for (const [i, node] of this.#nodes.entries()) {
      const { kind, name, netns, served } = node;
      const called = this.#drawing.names[kind] ?? legible(name);
      const lines = [called, ...servedLines(served)];
      const serves = served.size > 0;
      const box = { id: `p${i + 1}`, kind, serves, lines };
      this.#boxes.set(node, box);
      this.#all.push({ box, netns });
    }
    this.#paintAddresses();
    const drafts: Draft[] = edges.map(({ from, to, ...edge }) => ({
      from: this.#boxes.get(from)!,
      to: this.#boxes.get(to)!,
      ...edge,
    }));
    for (const node of this.#nodes) {
      drafts.push(
        ...this.#elsewhere(node, node.callers, true),
        ...this.#elsewhere(node, node.called, false),
      );
    }
    return { ...this.#framed(), arrows: this.#arrows(drafts) };
  }

  /** Makes boxes of the addresses that any box talks to most. */
  #paintAddresses(): void {
    const chosen = new Map<string, Remote>();
    for (const { callers, called } of this.#nodes) {
      for (const remotes of [callers, called]) {
        for (const [key, remote] of busiest(remotes)) chosen.set(key, remote);
      }
    }
    const sorted = [...chosen].sort(([, a], [, b]) =>
      compare(orderOf(a.address), orderOf(b.address)) ||
      compare(a.netns, b.netns)
    );
    let count = 0;
    for (const [key, { netns, address, host }] of sorted) {
      const own = this.#own(netns, address);
      if (own !== undefined) {
        this.#addresses.set(key, own);
        continue;
      }
      const text = legible(address);
      const lines = host === null ? [text] : [legible(host), text];
      const box: Box = {
        id: `a${++count}`,
        kind: "address",
        serves: false,
        lines,
      };
      this.#addresses.set(key, box);
      this.#all.push({ box, netns: isLoopback(address) ? netns : undefined });
    }
  }

  /** The box of an address that is one of this machine's own, if those have boxes. */
  #own(netns: string, address: string): Box | undefined {
    if (!this.#drawing.addresses) return undefined;
    const node = this.#nodes.find((node) =>
      node.kind === "own" && node.name === address &&
      (netns === "" || node.netns === netns)
    );
    return node && this.#boxes.get(node);
  }

  #elsewhere(
    node: Node,
    remotes: ReadonlyMap<string, Remote>,
    calls: boolean,
  ): Draft[] {
    const own = this.#boxes.get(node)!;
    const toward = (box: Box, uses: Uses): Draft => ({
      from: calls ? box : own,
      to: calls ? own : box,
      directed: true,
      uses,
    });
    const drafts: Draft[] = [];
    const rest: Uses = new Map();
    let more = 0;
    for (const [key, { uses }] of remotes) {
      const box = this.#addresses.get(key);
      if (box !== undefined) {
        drafts.push(toward(box, uses));
        continue;
      }
      more++;
      for (const [use, count] of uses) add(rest, use, count);
    }
    if (more > 0) {
      const box: Box = {
        id: `m${own.id.slice(1)}${calls ? "i" : "o"}`,
        kind: "more",
        serves: false,
        lines: [`${grouped(more)} more address${more === 1 ? "" : "es"}`],
      };
      this.#all.push({ box, netns: undefined });
      drafts.push(toward(box, rest));
    }
    return drafts;
  }

  #arrows(drafts: readonly Draft[]): Arrow[] {
    const rank = new Map(this.#all.map(({ box }, i) => [box, i]));
    // where boxes are addresses, one can be at both kinds of ends
    const merged = new Map<string, Draft>();
    for (const draft of drafts) {
      const key = `${draft.from.id} ${draft.to.id} ${draft.directed}`;
      const known = merged.get(key);
      if (known === undefined) merged.set(key, draft);
      else for (const [use, count] of draft.uses) add(known.uses, use, count);
    }
    return [...merged.values()]
      .sort((a, b) =>
        rank.get(a.from)! - rank.get(b.from)! ||
        rank.get(a.to)! - rank.get(b.to)! ||
        Number(b.directed) - Number(a.directed)
      )
      .map(({ uses, ...arrow }) => ({ ...arrow, ...usesOf(uses) }));
  }

  /** Boxes in their frames, and those that are in none. */
  #framed(): Pick<Picture, "clusters" | "boxes"> {
    const { several } = this.#drawing;
    const groups = Map.groupBy(
      this.#all,
      ({ netns }) => several ? netns : undefined,
    );
    const boxesOf = (netns: string | undefined) =>
      groups.get(netns)?.map(({ box }) => box) ?? [];
    const clusters = [...groups.keys()]
      .filter((netns) => netns !== undefined).sort(compare)
      .map((netns, i) => ({
        id: `n${i + 1}`,
        name: netns === "" ? "unknown namespace" : legible(netns),
        boxes: boxesOf(netns),
      }));
    return { clusters, boxes: boxesOf(undefined) };
  }
}

/** An address elsewhere, under its key. */
type Keyed = readonly [string, Remote];

/** The addresses with the most connections, of which there can be very many. */
function busiest(remotes: ReadonlyMap<string, Remote>): Iterable<Keyed> {
  // a box for the last one is no larger than one that says `1 more`
  if (remotes.size <= ADDRESSES_MOST + 1) return remotes;
  const order = ([, a]: Keyed, [, b]: Keyed) =>
    b.count - a.count || compare(orderOf(a.address), orderOf(b.address));
  const found: Keyed[] = [];
  for (const one of remotes) {
    const last = found[ADDRESSES_MOST - 1];
    if (last !== undefined && order(one, last) > 0) continue;
    if (last !== undefined) found.pop();
    found.push(one);
    found.sort(order);
  }
  return found;
}

/** Kinds in the order of their boxes. */
const KINDS: readonly Kind[] = ["own", "none", "unknown", "nobody"];

function add(uses: Uses, use: string, count: number): void {
  uses.set(use, (uses.get(use) ?? 0) + count);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** What puts addresses of IPv4 in the order of their numbers, and others behind. */
function orderOf(address: string): string {
  return /^\d+(\.\d+){3}$/.test(address)
    ? address.split(".").map((part) => part.padStart(3, "0")).join(".")
    : `~${address}`;
}

/** 127.0.0.0/8 or ::1. */
function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** What stands in a box of what others can connect to. */
function servedLines(served: Node["served"]): string[] {
  return [...served].sort(([a], [b]) => compare(a, b))
    .flatMap(([proto, texts]) => {
      const sorted = [...texts].sort(([a, i], [b, j]) =>
        i < j ? -1 : i > j ? 1 : compare(a, b)
      ).map(([text]) => legible(text));
      return proto === "unix" ? pathLines(sorted) : portLines(proto, sorted);
    });
}

function pathLines(paths: readonly string[]): string[] {
  const shown = shownOf(paths, PATHS_MOST);
  const more = paths.length - shown.length;
  return [
    ...shown.map((path) => `unix ${path}`),
    ...more > 0 ? [`and ${grouped(more)} more paths`] : [],
  ];
}

function portLines(proto: string, ports: readonly string[]): string[] {
  const shown = shownOf(ports, PORTS_MOST);
  const more = ports.length - shown.length;
  const words = [...shown, ...more > 0 ? [`+${grouped(more)} ports`] : []];
  const lines: string[] = [];
  let line = proto;
  for (const word of words) {
    if (line !== proto && line.length + word.length >= LINE_MOST) {
      lines.push(line);
      line = word;
    } else line += ` ${word}`;
  }
  return [...lines, line];
}

/** The first ones, or all if only one would be left out. */
function shownOf<T>(all: readonly T[], most: number): readonly T[] {
  return all.length <= most + 1 ? all : all.slice(0, most);
}

/** What stands on an arrow: the commonest uses, and how many there are in all. */
function usesOf(uses: Uses): Pick<Arrow, "count" | "lines"> {
  const sorted = [...uses].sort(([a, i], [b, j]) => j - i || compare(a, b));
  const shown = shownOf(sorted, USES_MOST);
  const sum = (some: typeof sorted) =>
    some.reduce((sum, [, count]) => sum + count, 0);
  const rest = sorted.slice(shown.length);
  return {
    count: sum(sorted),
    lines: [
      ...shown.map(([use, count]) => `${legible(use)} ×${grouped(count)}`),
      ...rest.length > 0
        ? [`${grouped(rest.length)} more ×${grouped(sum(rest))}`]
        : [],
    ],
  };
}

/**
 * A view of several network namespaces (`--netns`): which ones, and one after the other.
 * The views themselves know of none.
 *
 * @module
 */

import type { Title } from "../contract/family.ts";
import type { Head, Layout, Shown, Sink } from "../contract/sink.ts";
import { Failure } from "../system/failures.ts";
import { findScopes, type Place } from "../system/scopes.ts";
import type { Tree } from "../system/scan.ts";
import { KEPT_MOST } from "../system/arena.ts";
import type {
  Around,
  Begun,
  Common,
  Round,
  Taking,
  Viewing,
} from "./around.ts";
import { lookForOwners, tellPlaces } from "./sockets.ts";

/** What `--netns` takes for every namespace. */
const ALL = "all";

/** A round of a view over the namespaces that `words` ask for. */
export function namespacesRound(
  viewing: Viewing,
  around: Around,
  words: readonly string[],
): Round {
  const { tree, messages } = around;
  const sink = new Joined(around.sink);
  const taking: Taking = { ...around, sink };
  const round = viewing.round(taking);
  return async (isFirst) => {
    let status = 0;
    sink.full = false;
    const common: Common = { room: KEPT_MOST };
    const { places, unknown } = choose(words, tree);
    for (const line of unknown) {
      messages.warn(line);
      status = 1;
    }
    try {
      const all = round.begin === undefined
        ? places.map((place) => ({ place, show: () => round(isFirst) }))
        : await beginAll(places, { round, around, common });
      for (const { place, show } of all) {
        if (sink.full) break;
        tree.scope = place;
        if (round.begin === undefined && !isOpen(place, tree)) continue;
        if (messages.frozen) sink.begin({}, [], announcing(place));
        status = Math.max(status, await show());
      }
    } finally {
      tree.scope = undefined;
    }
    tellPlaces(common, around);
    around.sink.end();
    return status;
  };
}

/** A namespace, and what shows it. */
interface Showing extends Pick<Begun, "show"> {
  readonly place: Place;
}

/** Begins the listings of all of them, and looks for owners once. */
async function beginAll(
  places: readonly Place[],
  { round: { begin }, around, common }: {
    readonly round: Round;
    readonly around: Around;
    readonly common: Common;
  },
): Promise<Showing[]> {
  const { tree } = around;
  const all: (Showing & Begun)[] = [];
  for (const place of places) {
    tree.scope = place;
    if (!isOpen(place, tree)) continue;
    all.push({ place, ...await begin!(common) });
  }
  lookForOwners(all, around);
  return all;
}

/** Whether a namespace can be read; if not, that is told unless it has ended. */
function isOpen(place: Place, { failures }: Tree): boolean {
  const closed = place.closed();
  if (closed === undefined) return !place.gone;
  const { code, reason } = closed;
  failures.add(
    new Failure(`network namespace ${place.called}`, code, reason),
  );
  return false;
}

/** The rows of all namespaces, of which each ends only for itself. */
class Joined implements Sink {
  /** Whether there are enough rows. */
  full = false;
  readonly #next: Sink;

  constructor(next: Sink) {
    this.#next = next;
  }

  begin(head: Head, shown: readonly Shown[], layout: Layout): void {
    this.#next.begin(head, shown, layout);
  }

  row(row: unknown): boolean {
    this.full = !this.#next.row(row);
    return !this.full;
  }

  end(): void {}
}

/** The line over a namespace in net-tools' text; behind it its headings come anew. */
function announcing(place: Place): Layout {
  const { inode, processes, called } = place;
  const number = inode === null ? "" : ` (${inode})`;
  const count = processes === null
    ? ""
    : `, ${processes} process${processes === 1 ? "" : "es"}`;
  const name = called === "" ? "" : ` ${called}`;
  const text = `Network namespace${name}${number}${count}`;
  const title: Title = { text: () => text, always: true, each: true };
  return { title, header: [], headed: place, cells: [] };
}

/** The namespaces that the words ask for, in their order, and what is said of the others. */
function choose(
  words: readonly string[],
  tree: Tree,
): { readonly places: readonly Place[]; readonly unknown: readonly string[] } {
  // whoever names one knows a process in it, or its name
  const descriptors = words.some((word) =>
    word === ALL || /^\d+$/.test(word) || word.includes("/")
  );
  const all = findScopes(tree, { descriptors });
  const chosen = new Set<Place>();
  const unknown: string[] = [];
  for (const word of words) {
    const found = word === ALL ? all : answering(word, all);
    found.forEach((place) => chosen.add(place));
    if (found.length === 0) unknown.push(noneCalled(word, all));
  }
  return { places: all.filter((place) => chosen.has(place)), unknown };
}

/** Those that a word means: a name comes before a number, and so on. */
function answering(word: string, all: readonly Place[]): Place[] {
  const ranks = all.map((place) => place.answers(word) ?? Infinity);
  const best = Math.min(...ranks);
  return all.filter((_, i) => ranks[i] === best && best < Infinity);
}

/** So many namespaces are named where one is not known. */
const NAMED_MOST = 20;

function noneCalled(word: string, all: readonly Place[]): string {
  const named = all.slice(0, NAMED_MOST).map(({ name, inode, called }) =>
    name ?? (inode === null ? `one ${called}` : `${inode}`)
  );
  const more = all.length - named.length;
  const rest = more > 0 ? ` and ${more} more` : "";
  return `netstat: --netns: no network namespace ${JSON.stringify(word)}, ` +
    `but ${named.join(", ")}${rest}`;
}

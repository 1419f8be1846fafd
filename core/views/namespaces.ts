/**
 * A view of several network namespaces (`--netns`): which ones, and one after the other.
 * The views themselves know of none.
 *
 * @module
 */

import type { Title } from "../contract/family.ts";
import type { Head, Layout, Lost, Shown, Sink } from "../contract/sink.ts";
import { Failure } from "../system/failures.ts";
import { findScopes, type NamedScope } from "../system/scopes.ts";
import type { Tree } from "../system/scan.ts";
import type { Container } from "../system/netns.ts";
import { Places, type Spot } from "../joins/place.ts";
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
    const closed = new Closed();
    const { scopes, unknown } = choose(words, tree, common);
    for (const line of unknown) {
      messages.warn(line);
      status = 1;
    }
    try {
      const all = round.begin === undefined
        ? scopes.map((scope) => ({ scope, show: () => round(isFirst) }))
        : await beginAll(scopes, closed, {
          begin: round.begin,
          around,
          common,
        });
      for (const { scope, show } of all) {
        if (sink.full) break;
        tree.scope = scope;
        if (round.begin === undefined && !closed.isOpen(scope)) continue;
        if (messages.frozen) sink.begin({}, [], announcing(scope));
        status = Math.max(status, await show());
      }
    } finally {
      tree.scope = undefined;
      common.sockets?.end();
      closed.tell(tree);
    }
    tellPlaces(common, around);
    around.sink.end();
    return status;
  };
}

/** A namespace, and what shows it. */
interface Showing extends Pick<Begun, "show"> {
  readonly scope: NamedScope;
}

/** Begins the listings of all of them, and looks for owners once. */
async function beginAll(
  scopes: readonly NamedScope[],
  closed: Closed,
  { begin, around, common }: {
    readonly begin: NonNullable<Round["begin"]>;
    readonly around: Around;
    readonly common: Common;
  },
): Promise<Showing[]> {
  const { tree } = around;
  const all: (Showing & Begun)[] = [];
  for (const scope of scopes) {
    tree.scope = scope;
    if (!closed.isOpen(scope)) continue;
    all.push({ scope, ...await begin(common) });
  }
  lookForOwners(all, around);
  return all;
}

/** Namespaces that cannot be read, by the reason. */
class Closed {
  readonly #failures = new Map<string, [Failure, NamedScope[]]>();

  /** Whether a namespace can be read, and has not ended. */
  isOpen(scope: NamedScope): boolean {
    const failure = scope.closed();
    if (failure === undefined) return !scope.gone;
    const known = this.#failures.get(failure.reason);
    if (known === undefined) {
      this.#failures.set(failure.reason, [failure, [scope]]);
    } else known[1].push(scope);
    return false;
  }

  /** Tells, at the end of the round, which they are. */
  tell({ failures }: Tree): void {
    for (const [{ code, reason }, scopes] of this.#failures.values()) {
      const what = `network namespace${scopes.length === 1 ? "" : "s"}`;
      failures.add(new Failure(`${what} ${listOf(scopes)}`, code, reason));
    }
  }
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

  unread(reason?: Lost): void {
    this.#next.unread?.(reason);
  }

  end(): void {}
}

/** The line over a namespace in net-tools' text; behind it its headings come anew. */
function announcing(scope: NamedScope): Layout {
  const { inode, processes, called } = scope;
  const number = inode === null ? "" : ` (${inode})`;
  const count = processes === null
    ? ""
    : `, ${processes} process${processes === 1 ? "" : "es"}`;
  const name = called === "" ? "" : ` ${called}`;
  const text = `Network namespace${name}${number}${count}`;
  const title: Title = { text: () => text, always: true, each: true };
  return { title, header: [], headed: scope, cells: [] };
}

/** The namespaces that the words ask for, in their order, and what is said of the others. */
export function choose(
  words: readonly string[],
  tree: Tree,
  common: Common,
): {
  readonly scopes: readonly NamedScope[];
  readonly unknown: readonly string[];
} {
  // whoever names one knows a process in it, or its name
  const descriptors = words.some((word) =>
    word === ALL || /^\d+$/.test(word) || word.includes("/")
  );
  const places = common.places ??= new Places(tree);
  const containerOf = (pid: number) => containerIn(places.ofProcess(pid));
  const all = findScopes(tree, { descriptors, containerOf });
  const chosen = new Set<NamedScope>();
  const unknown: string[] = [];
  for (const word of words) {
    const found = word === ALL ? all : answering(word, all);
    found.forEach((scope) => chosen.add(scope));
    if (found.length === 0) unknown.push(noneCalled(word, all));
  }
  return { scopes: all.filter((scope) => chosen.has(scope)), unknown };
}

/** A container by which a namespace can be called. */
function containerIn(spot: Spot | undefined): Container | undefined {
  const container = spot?.container ?? null;
  if (spot === undefined || container === null) return undefined;
  return { name: spot.pod ?? container, container, id: spot.containerId };
}

/** How well a word means the namespace whose name it is. */
const NAMED = 0;

/** Those that a word means: a name comes before a number, and so on. */
function answering(word: string, all: readonly NamedScope[]): NamedScope[] {
  const ranks = all.map((scope) => scope.answers(word) ?? Infinity);
  const best = Math.min(...ranks);
  const found = all.filter((_, i) => ranks[i] === best && best < Infinity);
  if (best === NAMED) found.forEach((scope) => scope.insist());
  return found;
}

function noneCalled(word: string, all: readonly NamedScope[]): string {
  return `netstat: --netns: no network namespace ${JSON.stringify(word)}, ` +
    `but ${listOf(all)}`;
}

/** So many namespaces are named in a message. */
const NAMED_MOST = 20;

function listOf(scopes: readonly NamedScope[]): string {
  const named = scopes.slice(0, NAMED_MOST)
    .map(({ name, inode, called }) =>
      name ?? (inode === null ? `one ${called}` : `${inode}`)
    );
  const more = scopes.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/**
 * The network namespaces that can be looked at: those of this machine, or of a saved tree.
 *
 * A saved tree has, beside `proc/net`, which is that of whoever saved it, for each other
 * namespace a folder `netns/NUMBER` with a `proc/net` of its own, and `netlink` and
 * `sys/class/net` where they were saved. What it is called stands in `netns.json` beside
 * them, and at the top of the tree for the first one:
 *
 * ```json
 * {"inode": 4026532313, "name": "web", "processes": 2}
 * ```
 *
 * One without a name can have `called` in its place: what it is told by.
 *
 * @module
 */

import { byteString, toUtf8 } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import { findNamespaces, HOST, type Namespace, ownNamespace } from "./netns.ts";
import type { Search } from "./netns.ts";
import type { Scope, Tree } from "./scan.ts";

/** A network namespace, as it is chosen and announced. */
export type NamedScope =
  & Scope
  & Pick<Namespace, "own" | "called" | "closed" | "answers" | "insist">
  & {
    /** How many processes are in it; null if nobody has counted. */
    readonly processes: number | null;
  };

/** The namespace that a tree is of by itself. */
export function ownScope(tree: Tree): Scope {
  return tree.live ? ownNamespace(tree) : SavedNamespace.own(tree);
}

/** All namespaces that there are: the host's, then by their names. */
export function findScopes(tree: Tree, search: Search): readonly NamedScope[] {
  return tree.live ? findNamespaces(tree, search) : savedNamespaces(tree);
}

const FOLDER = "/netns";

/** Namespaces are looked for where the program runs, or in what was saved. */
const RUNNING = () =>
  new Failure(
    "other network namespaces",
    "",
    "--root has the /proc of a running system",
  );

/** Where each namespace of a saved tree has files of its own. */
const OWN = /^\/(proc\/net|netlink|sys\/class\/net)(\/|$)/;

function savedNamespaces(tree: Tree): SavedNamespace[] {
  const names = tree.list(FOLDER);
  const own = SavedNamespace.own(tree);
  if (tree.isRunning) tree.failures.add(RUNNING());
  const others = (names instanceof Failure ? [] : names)
    .filter((name) => NUMBER.test(name) && Number(name) !== own.inode)
    .map((name) => SavedNamespace.other(tree, Number(name)));
  const rank = ({ name, own }: SavedNamespace) =>
    name === HOST ? 0 : own ? 1 : name !== null ? 2 : 3;
  return [own, ...others].sort((a, b) =>
    rank(a) - rank(b) || compare(a.name ?? "", b.name ?? "") ||
    compare(a.inode ?? 0, b.inode ?? 0)
  );
}

/** The number of a namespace, as its folder is called. */
const NUMBER = /^[1-9][0-9]{0,14}$/;

function compare<Value>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A namespace of a saved tree. */
class SavedNamespace implements NamedScope {
  readonly inode: number | null;
  readonly name: string | null;
  readonly processes: number | null;
  readonly own: boolean;
  readonly gone = false;
  readonly #folder: string;
  readonly #called: string | null;

  private constructor(
    { root }: Tree,
    told: Told,
    folder: string | undefined,
  ) {
    this.inode = told.inode;
    this.name = told.name;
    this.processes = told.processes;
    this.#called = told.called;
    this.own = folder === undefined;
    this.#folder = root + (folder ?? "");
  }

  static own(tree: Tree): SavedNamespace {
    return new SavedNamespace(tree, toldIn(tree, "/netns.json"), undefined);
  }

  static other(tree: Tree, inode: number): SavedNamespace {
    const folder = `${FOLDER}/${inode}`;
    const told = toldIn(tree, `${folder}/netns.json`);
    return new SavedNamespace(tree, { ...told, inode }, folder);
  }

  get called(): string {
    return this.name ?? this.#called ??
      (this.inode === null ? "of the tree" : "");
  }

  answers(word: string): number | undefined {
    if (word === this.name) return 0;
    return word === String(this.inode) ? 1 : undefined;
  }

  insist(): void {}

  has(path: string): boolean {
    return !this.own && OWN.test(path);
  }

  reach<Result>(path: string, use: (at: string) => Result): Result {
    return use(this.#folder + path);
  }

  inside<Result>(make: () => Result): Result {
    return make();
  }

  closed(): undefined {
    return undefined;
  }
}

/** What a tree tells of a namespace; null is what it does not. */
interface Told extends Pick<SavedNamespace, "inode" | "name" | "processes"> {
  /** What one without a name is told by, such as `of process 4711`. */
  readonly called: string | null;
}

/** The longest description. */
const TOLD_MOST = 4096;

/** Reads a description; what is not as it should be is not known. */
function toldIn(tree: Tree, path: string): Told {
  const bytes = tree.read(path, TOLD_MOST);
  let said: Record<string, unknown> = {};
  if (!(bytes instanceof Failure)) {
    try {
      said = Object(JSON.parse(new TextDecoder().decode(bytes)));
    } catch {
      tree.failures.add(
        new Failure(path, "EINVAL", `No JSON: ${byteString(bytes, 0, 60)}`),
      );
    }
  }
  const { inode, name, processes, called } = said;
  const count = (value: unknown) =>
    Number.isSafeInteger(value) && value as number >= 0
      ? value as number
      : null;
  const text = (value: unknown) =>
    typeof value === "string" && value !== "" ? toUtf8(value) : null;
  return {
    inode: count(inode),
    name: text(name),
    processes: count(processes),
    called: text(called),
  };
}

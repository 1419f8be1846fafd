/**
 * The network namespaces of this machine: where they are found, and how their files and
 * sockets are reached.
 *
 * Found are those that a process or a thread is in, that are mounted somewhere
 * (`ip netns`, Docker, Kubernetes), and that a process holds by a descriptor. One that is
 * held by nothing but a socket is not: the kernel has no list of those.
 *
 * A namespace is told by the number in `/proc/PID/ns/net`, which is used again once it
 * has ended. So whatever was opened of it is believed only if the number is still the
 * same behind that.
 *
 * @module
 */

import { byteString, fromUtf8 } from "../contract/line.ts";
import { Failure, type Failures } from "./failures.ts";
import * as libc from "./libc.ts";
import { eachProcess, Links } from "./links.ts";
import { mountsOf } from "./mounts.ts";
import type { Scope, Tree } from "./scan.ts";

/** Where each namespace has files of its own. */
const NET = "/proc/net";

/** A file that each namespace has one of, with an inode that no other one has. */
const MARK = "net/dev";

/** What messages call the entering of namespaces. */
const ENTERING = "network namespaces (setns)";

/** A folder where `ip netns` and others mount namespaces; names in it come first. */
const NAMES = "/run/netns/";

/** Where a namespace is mounted. */
export interface Mount {
  /** Its path in its own mount namespace, as a byte string. */
  readonly path: string;
  /** The process whose mount namespace that is; undefined if it is the program's own. */
  readonly through: string | undefined;
}

/** The number of the namespace that a link such as `/proc/PID/ns/net` leads to. */
function numberAt(path: string): number | undefined {
  try {
    return numberIn(Deno.readLinkSync(path));
  } catch {
    return undefined;
  }
}

function linkAt(path: string): string | Failure {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    return Failure.of(path, error);
  }
}

function numberIn(link: string): number | undefined {
  const digits = /^net:\[(\d+)\]$/.exec(link)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The inode of a file; undefined if there is none, or it cannot be seen. */
function inodeAt(path: string): number | undefined {
  try {
    return Deno.statSync(path).ino ?? undefined;
  } catch {
    return undefined;
  }
}

/** A container, as far as its namespace is called by it; byte strings. */
export interface Container {
  /** What the namespace is called: its pod, whose containers share it, or its own name. */
  readonly name: string;
  /** Its own name. */
  readonly container: string;
  /** Its whole id; null if it has none. */
  readonly id: string | null;
}

/** Says which container a process is in, by its pid; undefined if in none. */
export type ContainerOf = (pid: number) => Container | undefined;

/** A network namespace of this machine. */
export class Namespace implements Scope {
  /** Its number; null for users who may not know it. */
  readonly inode: number | null;
  /** What it is called, as a byte string; null if it has no name. */
  name: string | null = null;
  /** How many processes are in it, at least by a thread. */
  processes = 0;
  /** Whether it is that of the program. */
  readonly own: boolean;
  /** Processes and threads in it, as `PID` or `PID/task/TID`, as far as they are known. */
  readonly members: string[] = [];
  /** Where it is mounted. */
  readonly mounts: Mount[] = [];
  /** Descriptors that hold it, as `/proc/PID/fd/N`. */
  readonly held: string[] = [];
  /** The inode of its {@linkcode MARK}; undefined unless a number is not known. */
  mark: number | undefined;
  readonly #containerOf: ContainerOf | undefined;
  readonly #failures: Failures;
  #insists = false;
  #rescanned = false;
  #gone = false;

  /** Nothing is known of it yet but its number, if that is known. */
  constructor(
    inode: number | null,
    { own, containerOf, failures }: {
      readonly own: boolean;
      readonly containerOf: ContainerOf | undefined;
      readonly failures: Failures;
    },
  ) {
    this.inode = inode;
    this.own = own;
    this.#containerOf = containerOf;
    this.#failures = failures;
  }

  /** Whether it has ended. */
  get gone(): boolean {
    return this.#gone;
  }

  /** The first process in it. */
  get pid(): number | undefined {
    const [first] = this.members;
    return first === undefined ? undefined : Number.parseInt(first);
  }

  /** As people tell it from others, as a byte string; its number stands beside that. */
  get called(): string {
    if (this.name !== null) return this.name;
    if (this.pid !== undefined) return `of process ${this.pid}`;
    const [descriptor] = this.held;
    return descriptor === undefined ? "" : `of ${descriptor}`;
  }

  /**
   * How well a word of `--netns` means it, 0 best; undefined if it does not. Names come
   * before numbers, and numbers of namespaces before those of processes.
   */
  answers(word: string): number | undefined {
    const names = this.mounts.map(({ path }) => baseName(path));
    if (word === this.name || names.includes(word)) return 0;
    if (word === String(this.inode)) return 1;
    if (this.members.includes(word)) return 2;
    if (word.includes("/")) {
      return numberOfPath(fromUtf8(word)) === this.inode ? 3 : undefined;
    }
    return this.members.some((member) => this.#isContainer(member, word))
      ? 4
      : undefined;
  }

  #isContainer(member: string, word: string): boolean {
    const found = this.#containerOf?.(Number.parseInt(member));
    if (found === undefined) return false;
    const { name, container, id } = found;
    return name === word || container === word ||
      SHORTEST_ID.test(word) && (id?.startsWith(word) ?? false);
  }

  /** Only others are reached in another way than without any namespace. */
  has(path: string): boolean {
    return !this.own && (path === NET || path.startsWith(`${NET}/`));
  }

  /**
   * By a process in it, which everybody may; else, where the namespace can be entered, by
   * its own `/proc/thread-self/net`.
   */
  reach<Result>(
    path: string,
    use: (at: string) => Result,
    undo?: (result: Result) => void,
  ): Result {
    const rest = path.slice(NET.length);
    for (;;) {
      const member = this.#member();
      if (member === undefined) break;
      let made: { readonly result: Result } | undefined;
      let thrown: unknown;
      try {
        made = { result: use(`/proc/${member}/net${rest}`) };
      } catch (error) {
        thrown = error;
      }
      if (this.#isIn(member) && this.#isCalledSo()) {
        if (made === undefined) throw thrown;
        return made.result;
      }
      if (made !== undefined) undo?.(made.result);
      this.members.shift();
    }
    const result = this.#enter(() => use(`/proc/thread-self/net${rest}`));
    if (!(result instanceof Failure)) return result.result;
    // as whoever opens files says it
    throw result.gone
      ? new Deno.errors.NotFound(`${result.reason} (os error 2)`)
      : new Deno.errors.PermissionDenied(`${result.reason} (os error 1)`);
  }

  /** Enters it for the moment in which `make` runs. */
  inside<Result>(make: () => Result): Result | Failure {
    if (this.own) return make();
    const entered = this.#enter(make);
    return entered instanceof Failure ? entered : entered.result;
  }

  /** Why nothing can be read of it; undefined if that can be, or if it has ended. */
  closed(): Failure | undefined {
    if (this.own) return undefined;
    for (;;) {
      const member = this.#member();
      if (member === undefined) break;
      if (this.#isIn(member)) return undefined;
      this.members.shift();
    }
    const entered = this.#enter(() => undefined);
    return entered instanceof Failure && !this.#gone ? entered : undefined;
  }

  /** A process that is in it, or was a moment ago. */
  #member(): string | undefined {
    if (this.members.length === 0 && !this.#rescanned) {
      // others may have come since they were looked for
      this.#rescanned = true;
      const names = libc.namesInFolder("/proc");
      if (typeof names !== "number") {
        this.members.push(
          ...names.filter((name) => /^[0-9]+$/.test(name) && this.#isIn(name)),
        );
      }
    }
    return this.members[0];
  }

  #isIn(member: string): boolean {
    const number = numberAt(`/proc/${member}/ns/net`);
    if (number !== undefined) return number === this.inode;
    return this.mark !== undefined &&
      inodeAt(`/proc/${member}/${MARK}`) === this.mark;
  }

  /** It was asked for by its name, so that it is no other one that has its number. */
  insist(): void {
    this.#insists = true;
  }

  /**
   * Whether it still has the name that it was found by. Without it, it may be another
   * one, to which the number was given when the first one had ended: it has no name then.
   */
  #isCalledSo(): boolean {
    const [mount] = this.mounts;
    if (mount === undefined || this.name === HOST) return true;
    const path = pathOf(mount);
    try {
      if (Deno.statSync(path).ino === this.inode) return true;
    } catch (error) {
      const failure = Failure.of(path, error);
      if (!failure.gone && failure.code !== "EACCES") {
        this.#failures.add(failure);
      }
    }
    this.name = null;
    return !this.#insists;
  }

  #enter<Result>(
    make: () => Result,
  ): { readonly result: Result } | Failure {
    for (const path of this.#doors()) {
      const opened = libc.openNamespace(path);
      if (opened === -libc.ENOENT || opened === -libc.ESRCH) continue;
      if (opened < 0) return Failure.ofErrno(ENTERING, -opened);
      const entered = libc.inNamespace(opened, () => {
        const link = linkAt("/proc/thread-self/ns/net");
        if (link instanceof Failure) return link;
        // its number is no other one's as long as this thread is in it
        return numberIn(link) === this.inode && this.#isCalledSo()
          ? { result: make() }
          : undefined;
      });
      libc.closeDescriptor(opened);
      // it was mounted there a moment ago
      if (entered === libc.EINVAL) continue;
      if (typeof entered === "number") {
        return Failure.ofErrno(ENTERING, entered);
      }
      if (entered.result !== undefined) return entered.result;
    }
    this.#gone = true;
    return Failure.ofErrno(ENTERING, libc.ENOENT);
  }

  /** Files by which it can be entered; the next one, if it is not there any more. */
  *#doors(): Generator<string> {
    for (;;) {
      const member = this.#member();
      if (member === undefined) break;
      yield `/proc/${member}/ns/net`;
      this.members.shift();
    }
    for (const mount of this.mounts) yield pathOf(mount);
    yield* this.held;
  }
}

/** The path of a mount, as a text. */
function pathOf({ path, through }: Mount): string {
  const text = fromUtf8(path);
  return through === undefined ? text : `/proc/${through}/root${text}`;
}

/** The name of the namespace that the machine's first process is in. */
export const HOST = "host";

/** How much of a container's id tells it. */
const SHORTEST_ID = /^[0-9a-f]{4,}$/;

/** What container runtimes call a namespace below `/run/netns`, which tells nobody anything. */
const MADE_UP = /^(cni|netns)-[0-9a-f]{8}-[0-9a-f-]{27}$/;

/**
 * What a namespace is called: by its name below `/run/netns`, as the container of all its
 * processes, or by what another mount of it is called.
 */
export function nameOf(
  { mounts, members }: Pick<Namespace, "mounts" | "members">,
  containerOf?: ContainerOf,
): string | null {
  const names = mounts.map(({ path }) => baseName(path));
  const usual = mounts.findIndex(({ path }) => path.startsWith(NAMES));
  if (usual >= 0 && !MADE_UP.test(names[usual]!)) return names[usual]!;
  return containerName(members, containerOf) ?? names[usual] ?? names[0] ??
    null;
}

/** The name that the containers of all processes have; null if they have several, or none. */
function containerName(
  members: readonly string[],
  containerOf: ContainerOf | undefined,
): string | null {
  if (containerOf === undefined) return null;
  const names = new Set<string | undefined>();
  for (const member of members) {
    names.add(containerOf(Number.parseInt(member))?.name);
    if (names.size > 1) return null;
  }
  const [name] = names;
  return name ?? null;
}

/** The last part of a path. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** How far namespaces are looked for. */
export interface Search {
  /** Whether descriptors of all processes are looked at, which takes as long as `-p`. */
  readonly descriptors: boolean;
  /** Tells the container of a process, whose name its namespace then has. */
  readonly containerOf?: ContainerOf;
}

/** Finds the network namespaces of this machine: the host's, then by their names. */
export function findNamespaces(tree: Tree, search: Search): Namespace[] {
  const finding = new Finding(tree.failures, search.containerOf);
  finding.ownMounts(tree);
  finding.processes(tree);
  finding.otherMounts(tree);
  if (search.descriptors) finding.descriptors(tree);
  return finding.named();
}

/** The program's own namespace, whose processes are not looked for. */
export function ownNamespace(tree: Tree): Namespace {
  const finding = new Finding(tree.failures);
  finding.ownMounts(tree);
  return finding.nameOwn();
}

class Finding {
  readonly #failures: Failures;
  readonly #containerOf: ContainerOf | undefined;
  readonly #byInode = new Map<number, Namespace>();
  /** Those whose number is not known. */
  readonly #byMark = new Map<number, Namespace>();
  readonly #own = numberAt("/proc/thread-self/ns/net") ?? null;
  /** A process of each other mount namespace whose mounts are to be looked at. */
  readonly #mounting: string[] = [];

  constructor(failures: Failures, containerOf?: ContainerOf) {
    this.#failures = failures;
    this.#containerOf = containerOf;
  }

  /** That of the program. */
  own(): Namespace {
    return this.#own === null
      ? this.#new(null, true)
      : this.#numbered(this.#own);
  }

  /** Gives it its name. */
  nameOwn(): Namespace {
    const own = this.own();
    own.name = this.#hostTeller()(own) ? HOST : nameOf(own);
    return own;
  }

  /** Tells the namespace of the first process, which everybody may know. */
  #hostTeller(): (namespace: Namespace) => boolean {
    const number = numberAt("/proc/1/ns/net");
    if (number !== undefined) return ({ inode }) => inode === number;
    const first = inodeAt(`/proc/1/${MARK}`);
    return ({ mark, own }) =>
      first !== undefined &&
      first === (mark ?? (own ? inodeAt(`/proc/self/${MARK}`) : undefined));
  }

  #new(inode: number | null, own: boolean): Namespace {
    return new Namespace(inode, {
      own,
      containerOf: this.#containerOf,
      failures: this.#failures,
    });
  }

  #numbered(inode: number): Namespace {
    let found = this.#byInode.get(inode);
    if (found === undefined) {
      found = this.#new(inode, inode === this.#own);
      this.#byInode.set(inode, found);
    }
    return found;
  }

  /**
   * Those of processes whose number is a secret. One of the others may have been seen by
   * a process that tells it.
   */
  #marked(secrets: readonly string[]): void {
    if (secrets.length === 0) return;
    const known = new Map<number, Namespace>();
    for (const namespace of [this.own(), ...this.#byInode.values()]) {
      const member = namespace.own ? "self" : namespace.members[0];
      const mark = member && inodeAt(`/proc/${member}/${MARK}`);
      if (typeof mark !== "number") continue;
      namespace.mark = mark;
      known.set(mark, namespace);
    }
    for (const pid of secrets) {
      const mark = inodeAt(`/proc/${pid}/${MARK}`);
      if (mark === undefined) continue;
      let namespace = known.get(mark);
      if (namespace === undefined) {
        namespace = this.#new(null, false);
        namespace.mark = mark;
        known.set(mark, namespace);
        this.#byMark.set(mark, namespace);
      }
      namespace.members.push(pid);
      namespace.processes++;
    }
  }

  /** Those that are mounted where the program is. */
  ownMounts(tree: Tree): void {
    this.#mounts(tree, "/proc/self/mountinfo", undefined);
  }

  #mounts(tree: Tree, file: string, through: string | undefined): void {
    const text = tree.read(file, MOUNTS_MOST);
    if (text instanceof Failure) {
      // a process that has ended, or is somebody else's
      const isOthers = through !== undefined && OTHERS.includes(text.code);
      if (isOthers) tree.failures.forget(text);
      return;
    }
    for (const { number, path } of namespacesIn(text)) {
      this.#numbered(number).mounts.push({ path, through });
    }
  }

  /** Those that processes and threads are in. */
  processes(tree: Tree): void {
    const links = new Links(tree);
    const spaceOf = (member: string): Namespace | undefined => {
      const number = numberIn(links.read(`${member}/ns/net`) ?? "");
      return number === undefined ? undefined : this.#numbered(number);
    };
    const mountNamespaces = new Set([links.read("self/ns/mnt")]);
    const ours = folderOf("/run/netns");
    const secrets: string[] = [];
    eachProcess(tree, (pid) => {
      const main = spaceOf(pid);
      if (main === undefined) {
        secrets.push(pid);
        return;
      }
      main.members.push(pid);
      main.processes++;
      const spaces = new Set([main]);
      for (const thread of threadsOf(pid, tree)) {
        const member = `${pid}/task/${thread}`;
        const space = spaceOf(member);
        if (space === undefined || spaces.has(space)) continue;
        spaces.add(space);
        space.members.push(member);
        space.processes++;
      }
      const mounts = links.read(`${pid}/ns/mnt`);
      if (mounts === undefined || mountNamespaces.has(mounts)) return;
      mountNamespaces.add(mounts);
      const folder = folderOf(`/proc/${pid}/root/run/netns`);
      const isOther = folder !== undefined && folder !== ours;
      if (main.own || isOther) this.#mounting.push(pid);
    });
    links.close();
    this.#marked(secrets);
  }

  /**
   * Those that are mounted elsewhere: where programs of the own network namespace have
   * mounts of their own, and where `/run/netns` is another folder, as in a machine within
   * this one. Other mount namespaces, such as those of `ip netns exec`, have the mounts
   * that are known already, and there can be as many of them as processes.
   */
  otherMounts(tree: Tree): void {
    for (const pid of this.#mounting) {
      this.#mounts(tree, `/proc/${pid}/mountinfo`, pid);
    }
  }

  /** Those that a process has open. */
  descriptors(tree: Tree): void {
    const links = new Links(tree);
    eachProcess(tree, (pid) => {
      links.each(`/proc/${pid}/fd`, "net:[", (link, descriptor) => {
        const number = numberIn(link);
        if (number === undefined) return;
        const { held } = this.#numbered(number);
        if (held.length < HELD_MOST) held.push(`/proc/${pid}/fd/${descriptor}`);
      });
    });
    links.close();
  }

  /** All of them in order, with their names. */
  named(): Namespace[] {
    const all = [...this.#byInode.values(), ...this.#byMark.values()];
    const isHost = this.#hostTeller();
    for (const namespace of all) {
      namespace.mounts.sort((a, b) => rankOf(a) - rankOf(b));
      namespace.name = isHost(namespace)
        ? HOST
        : nameOf(namespace, this.#containerOf);
    }
    return all.sort(inOrder);
  }
}

/** Why a process's mounts cannot be read that is somebody else's, or has ended. */
const OTHERS = ["EACCES", "EINVAL"];

/** Files of mounts are read so far; a mount has some hundred bytes. */
const MOUNTS_MOST = 1 << 24;

/** So many descriptors are known of a namespace, each of which leads there. */
const HELD_MOST = 4;

function rankOf({ path, through }: Mount): number {
  return Number(!path.startsWith(NAMES)) + 2 * Number(through !== undefined);
}

/** The host's is the first one; those without a name are the last ones. */
function inOrder(a: Namespace, b: Namespace): number {
  const rank = ({ name }: Namespace) => name === HOST ? 0 : name ? 1 : 2;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a.name !== b.name) return a.name! < b.name! ? -1 : 1;
  return (a.inode ?? Infinity) - (b.inode ?? Infinity) || (a.pid ?? 0) -
      (b.pid ?? 0);
}

/** Which folder a path is, in the whole machine. */
function folderOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** The threads of a process but the first one, if there are any. */
function threadsOf(pid: string, tree: Tree): readonly string[] {
  const folder = `/proc/${pid}/task`;
  try {
    // a folder has a link for each folder in it, and two more
    if (Deno.statSync(folder).nlink === 3) return [];
  } catch {
    // the list tells why
  }
  const names = tree.list(folder);
  return names instanceof Failure ? [] : names.filter((name) => name !== pid);
}

/** The network namespaces that are mounted. */
function* namespacesIn(
  text: Uint8Array,
): Generator<{ readonly number: number; readonly path: string }> {
  for (const { root, at } of mountsOf("nsfs", byteString(text))) {
    const number = numberIn(root);
    // nobody can come there any more
    if (number === undefined || at.endsWith("//deleted")) continue;
    yield { number, path: at };
  }
}

/** The number of the network namespace that a path leads to; undefined if to none. */
function numberOfPath(path: string): number | undefined {
  try {
    // where it is mounted, the link of a descriptor is the path
    const { dev, ino } = Deno.statSync(path);
    return dev === Deno.statSync("/proc/thread-self/ns/net").dev
      ? ino ?? undefined
      : undefined;
  } catch {
    return undefined;
  }
}
